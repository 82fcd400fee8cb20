/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A layered provider that passes everything through: an IFS provider for the
 * tests of chains.  It is built several times, with LAYER 1, 2, ..., which is
 * in its GUID, so that a chain can have more than one.
 *
 * Its control code LAYER_COUNT tells how many such layers are below a socket
 * and with it.
 */
#include "chain.h"

#include <string.h>

#define LAYER_COUNT 0x98aa0001

static const GUID own_id = {
    0x4c415945, 0x5200, LAYER, {0x9d, 0x51, 0x77, 0x73, 0x32, 0x65, 0x6d, 0x75}};

static WSPUPCALLTABLE upcalls; /* the newest */

/* A handle of the layer below becomes one of this layer. */
static SOCKET show(SOCKET s, struct chain *chain, LPINT error)
{
    SOCKET shown = upcalls.lpWPUModifyIFSHandle(chain->entry.dwCatalogEntryId,
                                                s, error);
    INT ignored;

    if (shown != INVALID_SOCKET && chain_remember_socket(shown, chain))
        return shown;
    if (shown != INVALID_SOCKET)
        *error = WSAENOBUFS;
    chain->lower.lpWSPCloseSocket(s, &ignored);
    return INVALID_SOCKET;
}

static SOCKET WSPAPI layer_socket(int af, int type, int protocol,
                                  LPWSAPROTOCOL_INFOW info, GROUP g,
                                  DWORD flags, LPINT error)
{
    struct chain *chain = chain_of_info(info);
    WSAPROTOCOL_INFOW below = chain_info_below(chain, info);
    SOCKET s = chain->lower.lpWSPSocket(af, type, protocol, &below, g, flags,
                                        error);

    return s == INVALID_SOCKET ? s : show(s, chain, error);
}

static SOCKET WSPAPI layer_accept(SOCKET s, struct sockaddr *name,
                                  LPINT length, LPCONDITIONPROC condition,
                                  DWORD_PTR context, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    SOCKET accepted = chain->lower.lpWSPAccept(s, name, length, condition,
                                               context, error);

    return accepted == INVALID_SOCKET ? accepted : show(accepted, chain, error);
}

static int WSPAPI layer_close(SOCKET s, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    int result;

    /* Before its value can be another socket's. */
    chain_forget_socket(s);
    result = chain->lower.lpWSPCloseSocket(s, error);
    if (result && *error != WSAENOTSOCK)
        chain_remember_socket(s, chain);
    return result;
}

static int WSPAPI layer_duplicate(SOCKET s, DWORD process,
                                  LPWSAPROTOCOL_INFOW info, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    int result = chain->lower.lpWSPDuplicateSocket(s, process, info, error);

    if (result == 0)
        chain_restore_info(chain, info);
    return result;
}

static int WSPAPI layer_send(SOCKET s, LPWSABUF buffers, DWORD n, LPDWORD sent,
                             DWORD flags, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    return chain_of_socket(s)->lower.lpWSPSend(
        s, buffers, n, sent, flags, overlapped, routine, thread, error);
}

static int WSPAPI layer_recv(SOCKET s, LPWSABUF buffers, DWORD n,
                             LPDWORD received, LPDWORD flags,
                             LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    return chain_of_socket(s)->lower.lpWSPRecv(s, buffers, n, received, flags,
                                               overlapped, routine, thread,
                                               error);
}

static int WSPAPI layer_ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size,
                              LPVOID out, DWORD out_size, LPDWORD returned,
                              LPWSAOVERLAPPED overlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                              LPWSATHREADID thread, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    int result = chain->lower.lpWSPIoctl(s, code, in, in_size, out, out_size,
                                         returned, overlapped, routine, thread,
                                         error);
    DWORD *count = out;

    if (code != LAYER_COUNT || out_size < sizeof(*count))
        return result;
    *count = result ? 1 : *count + 1;
    *returned = sizeof(*count);
    return 0;
}

static int WSPAPI layer_cleanup(LPINT error)
{
    if (chain_cleanup())
        return 0;
    *error = WSANOTINITIALISED;
    return SOCKET_ERROR;
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE table, LPWSPPROC_TABLE procedures)
{
    static const WCHAR description[] = L"pass-through test layer";
    struct chain *chain;
    int error;

    if (data == NULL || procedures == NULL)
        return WSAEFAULT;
    if (LOBYTE(version) < 2)
        return WSAVERNOTSUPPORTED;
    upcalls = table;
    error = chain_start(&own_id, info, table, &chain);
    if (error)
        return error;
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    memcpy(data->szDescription, description, sizeof(description));
    *procedures = chain->lower;
    procedures->lpWSPSocket = layer_socket;
    procedures->lpWSPAccept = layer_accept;
    procedures->lpWSPCloseSocket = layer_close;
    procedures->lpWSPDuplicateSocket = layer_duplicate;
    procedures->lpWSPSend = layer_send;
    procedures->lpWSPRecv = layer_recv;
    procedures->lpWSPIoctl = layer_ioctl;
    procedures->lpWSPCleanup = layer_cleanup;
    return 0;
}
