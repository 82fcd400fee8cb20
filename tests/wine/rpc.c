/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's own rpcrt4.dll on our ws2_32: remote procedure calls by ncacn_ip_tcp
 * between two processes.  The stubs that a compiler of IDL would make are
 * written by hand: the server answers each call with its argument, reversed.
 *
 * Prints a TAP line for each case and exits with the number of failed ones.
 *
 *     rpc.exe                  the server, which starts the clients
 *     rpc.exe ENDPOINT SIZE    a client: a call with so many bytes
 */
#include <winsock2.h>
#include <windows.h>
#include <rpc.h>
#include <rpcdcep.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define DEADLINE 30000 /* ms */
#define PROTOCOL "ncacn_ip_tcp"

/* --- The interface -------------------------------------------------------- */

#define INTERFACE_ID                                                       \
    {{0x6f2d5d5a, 0x3a44, 0x4c57, {0x9a, 1, 2, 3, 4, 5, 6, 7}}, {1, 0}}
/* NDR. */
#define SYNTAX                                                            \
    {{0x8a885d04, 0x1ceb, 0x11c9,                                          \
      {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, {2, 0}}

static void __RPC_STUB reverse(PRPC_MESSAGE message)
{
    const unsigned length = message->BufferLength;
    const char *from = message->Buffer;
    char *to;
    RPC_MESSAGE reply = *message;
    unsigned i;

    reply.Buffer = NULL;
    if (I_RpcGetBuffer(&reply))
        return;
    to = reply.Buffer;
    for (i = 0; i < length; i++)
        to[i] = from[length - 1 - i];
    *message = reply;
}

static RPC_DISPATCH_FUNCTION functions[] = {reverse, NULL};
static RPC_DISPATCH_TABLE table = {1, functions, 0};

static RPC_SERVER_INTERFACE server_interface = {
    .Length = sizeof(server_interface),
    .InterfaceId = INTERFACE_ID,
    .TransferSyntax = SYNTAX,
    .DispatchTable = &table,
};

static RPC_CLIENT_INTERFACE client_interface = {
    .Length = sizeof(client_interface),
    .InterfaceId = INTERFACE_ID,
    .TransferSyntax = SYNTAX,
};

/* --- The client ----------------------------------------------------------- */

/* 1: the answer is right. */
static int call(RPC_BINDING_HANDLE binding, unsigned length)
{
    RPC_MESSAGE message = {
        .Handle = binding,
        .DataRepresentation = 0x10, /* little-endian */
        .BufferLength = length,
        .RpcInterfaceInformation = &client_interface,
    };
    const char *reply;
    int is_right;
    unsigned i;

    if (I_RpcGetBuffer(&message))
        return 0;
    for (i = 0; i < length; i++)
        ((char *)message.Buffer)[i] = (char)(i * 7);
    if (I_RpcSendReceive(&message))
        return 0;
    reply = message.Buffer;
    is_right = message.BufferLength == length;
    for (i = 0; is_right && i < length; i++)
        is_right = reply[length - 1 - i] == (char)(i * 7);
    I_RpcFreeBuffer(&message);
    return is_right;
}

static int client(const char *endpoint, unsigned length)
{
    unsigned char *text = NULL;
    RPC_BINDING_HANDLE binding = NULL;
    int i, done = 0;

    if (RpcStringBindingComposeA(NULL, (unsigned char *)PROTOCOL,
                                 (unsigned char *)"127.0.0.1",
                                 (unsigned char *)endpoint, NULL, &text) ||
        RpcBindingFromStringBindingA(text, &binding))
        return 2;
    for (i = 0; i < 3; i++)
        done += call(binding, length);
    RpcBindingFree(&binding);
    RpcStringFreeA(&text);
    return done == 3 && GetModuleHandleA("ws2emu.dll") ? 0 : 1;
}

/* --- The server ----------------------------------------------------------- */

/* Of the one binding that the server has. */
static void find_endpoint(char *endpoint, size_t size)
{
    RPC_BINDING_VECTOR *bindings = NULL;
    unsigned char *text = NULL, *part = NULL;

    *endpoint = '\0';
    EXPECT(!RpcServerInqBindings(&bindings));
    if (failures || !bindings->Count)
        return;
    EXPECT(!RpcBindingToStringBindingA(bindings->BindingH[0], &text));
    EXPECT(!RpcStringBindingParseA(text, NULL, NULL, NULL, &part, NULL));
    if (part)
        snprintf(endpoint, size, "%s", part);
    RpcStringFreeA(&part);
    RpcStringFreeA(&text);
    RpcBindingVectorFree(&bindings);
}

/* Its exit status; 99: it did not come to an end. */
static DWORD run_client(const char *endpoint, unsigned length)
{
    char path[MAX_PATH], command[MAX_PATH + 64];
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    DWORD status = 99;

    GetModuleFileNameA(NULL, path, sizeof(path));
    snprintf(command, sizeof(command), "\"%s\" %s %u", path, endpoint, length);
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL,
                        &startup, &process))
        return status;
    if (WaitForSingleObject(process.hProcess, DEADLINE) == WAIT_OBJECT_0)
        GetExitCodeProcess(process.hProcess, &status);
    else
        TerminateProcess(process.hProcess, 99);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return status;
}

static char endpoint[32];

static void the_server_listens(void)
{
    EXPECT(!RpcServerUseProtseqA((unsigned char *)PROTOCOL, 5, NULL));
    EXPECT(!RpcServerRegisterIf(&server_interface, NULL, NULL));
    EXPECT(!RpcServerListen(1, 5, TRUE));
    EXPECT(!RpcMgmtIsServerListening(NULL));
    find_endpoint(endpoint, sizeof(endpoint));
    EXPECT(atoi(endpoint) > 0);
}

static void another_process_calls(void)
{
    EXPECT(run_client(endpoint, 16) == 0);
}

/* In many fragments. */
static void large_arguments(void)
{
    EXPECT(run_client(endpoint, 200000) == 0);
}

static void the_server_stops(void)
{
    EXPECT(!RpcMgmtStopServerListening(NULL));
    EXPECT(!RpcMgmtWaitServerListen());
    EXPECT(!RpcServerUnregisterIf(NULL, NULL, FALSE));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        CASE(the_server_listens),
        CASE(another_process_calls),
        CASE(large_arguments),
        CASE(the_server_stops),
    };

    if (argc == 3)
        return client(argv[1], (unsigned)atoi(argv[2]));
    return RUN_CASES(cases, NULL);
}
