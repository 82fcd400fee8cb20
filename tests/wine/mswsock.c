/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's own mswsock.dll on our ws2_32: AcceptEx, GetAcceptExSockaddrs and
 * TransmitFile as a program imports them; and what the handle of a SOCKET that
 * AcceptEx has filled stands for.
 *
 * Prints a TAP line for each case and exits with the number of failed ones.
 */
#include <winsock2.h>
#include <mswsock.h>
#include <windows.h>

#include <stdio.h>
#include <string.h>

#include "cases.h"

#define BLOCK (sizeof(struct sockaddr_in) + 16)
#define DEADLINE 10000 /* ms */

/* A connection whose server end AcceptEx has filled. */
static void accept_pair(SOCKET *ret_client, SOCKET *ret_server)
{
    struct sockaddr *local = NULL, *remote = NULL;
    int local_length = 0, remote_length = 0;
    struct sockaddr_in name;
    SOCKET listener = listen_here(&name);
    SOCKET client = socket(AF_INET, SOCK_STREAM, 0);
    SOCKET server = socket(AF_INET, SOCK_STREAM, 0);
    OVERLAPPED overlapped = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    char buffer[2 * BLOCK];
    DWORD n;

    EXPECT(AcceptEx(listener, server, buffer, 0, BLOCK, BLOCK, &n,
                    &overlapped) ||
           WSAGetLastError() == WSA_IO_PENDING);
    EXPECT(!connect(client, (struct sockaddr *)&name, sizeof(name)));
    EXPECT(WaitForSingleObject(overlapped.hEvent, DEADLINE) == WAIT_OBJECT_0);
    GetAcceptExSockaddrs(buffer, 0, BLOCK, BLOCK, &local, &local_length,
                         &remote, &remote_length);
    EXPECT(local && local_length == sizeof(name) &&
           ((struct sockaddr_in *)local)->sin_port == name.sin_port);
    EXPECT(remote && remote_length == sizeof(name));
    EXPECT(!setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                       (char *)&listener, sizeof(listener)));
    EXPECT(!closesocket(listener));
    CloseHandle(overlapped.hEvent);
    *ret_client = client;
    *ret_server = server;
}

static void accept_ex(void)
{
    SOCKET client, server;

    EXPECT(GetModuleHandleA("ws2emu.dll"));
    accept_pair(&client, &server);
    EXPECT(passes(client, server, "question"));
    EXPECT(passes(server, client, "answer"));
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
}

/* DuplicateHandle copies the connection, not what the SOCKET was before. */
static void duplicated_handle(void)
{
    HANDLE self = GetCurrentProcess(), copy = NULL;
    SOCKET client, server;
    char byte;

    accept_pair(&client, &server);
    EXPECT(DuplicateHandle(self, (HANDLE)server, self, &copy, 0, FALSE,
                           DUPLICATE_SAME_ACCESS));
    EXPECT(passes(client, (SOCKET)copy, "to the copy"));
    EXPECT(!closesocket(server));
    EXPECT(passes((SOCKET)copy, client, "from the copy"));
    EXPECT(DuplicateHandle(self, copy, self, (HANDLE *)&server, 0, FALSE,
                           DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    EXPECT(passes(server, client, "from the copy's copy"));
    EXPECT(CloseHandle((HANDLE)server));
    EXPECT(recv(client, &byte, 1, 0) == 0);
    EXPECT(!closesocket(client));
}

static void read_file_and_write_file(void)
{
    SOCKET client, server;
    char buffer[16];
    DWORD n = 0;

    accept_pair(&client, &server);
    EXPECT(WriteFile((HANDLE)server, "file", 4, &n, NULL) && n == 4);
    EXPECT(recv(client, buffer, sizeof(buffer), 0) == 4);
    EXPECT(send(client, "socket", 6, 0) == 6);
    EXPECT(ReadFile((HANDLE)server, buffer, sizeof(buffer), &n, NULL));
    EXPECT(n == 6 && !memcmp(buffer, "socket", 6));
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
}

static void transmit_file(void)
{
    char folder[MAX_PATH], path[MAX_PATH], buffer[16];
    TRANSMIT_FILE_BUFFERS around = {"<", 1, ">", 1};
    SOCKET client, server;
    HANDLE file;
    DWORD n;

    GetTempPathA(MAX_PATH, folder);
    GetTempFileNameA(folder, "ws2", 0, path);
    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL,
                       CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    EXPECT(file != INVALID_HANDLE_VALUE);
    EXPECT(WriteFile(file, "0123456789", 10, &n, NULL) && n == 10);
    EXPECT(SetFilePointer(file, 2, NULL, FILE_BEGIN) == 2);
    accept_pair(&client, &server);
    EXPECT(TransmitFile(server, file, 5, 0, NULL, &around, TF_DISCONNECT));
    EXPECT(recv(client, buffer, 7, MSG_WAITALL) == 7);
    EXPECT(!memcmp(buffer, "<23456>", 7));
    EXPECT(recv(client, buffer, 1, 0) == 0);
    EXPECT(SetFilePointer(file, 0, NULL, FILE_CURRENT) == 7);
    EXPECT(CloseHandle(file));
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
}

int main(void)
{
    static const struct test_case cases[] = {
        CASE(accept_ex),
        CASE(duplicated_handle),
        CASE(read_file_and_write_file),
        CASE(transmit_file),
    };
    WSADATA data;

    if (WSAStartup(MAKEWORD(2, 2), &data))
        return 99;
    return RUN_CASES(cases, NULL);
}
