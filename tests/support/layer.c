/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A layered provider that passes everything through: an IFS provider for the
 * tests of chains.  It is built several times, with LAYER 1, 2, ..., which is
 * in its GUID, so that a chain can have more than one.
 *
 * Its control code LAYER_COUNT tells how many such layers are below a socket
 * and with it.
 */
#include "relay.h"

#define LAYER_COUNT 0x98aa0001

static const GUID own_id = {
    0x4c415945, 0x5200, LAYER, {0x9d, 0x51, 0x77, 0x73, 0x32, 0x65, 0x6d, 0x75}};

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

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE table, LPWSPPROC_TABLE procedures)
{
    int error = relay_start(&own_id, L"pass-through test layer", version, data,
                            info, table, procedures);

    if (error)
        return error;
    procedures->lpWSPSend = layer_send;
    procedures->lpWSPRecv = layer_recv;
    procedures->lpWSPIoctl = layer_ioctl;
    return 0;
}
