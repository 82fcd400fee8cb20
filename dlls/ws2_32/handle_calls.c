/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the environment's calls do with handles that are the API's own: those of
 * WSAProviderConfigChange, and SOCKETs without kernel handles.
 *
 * Reading and writing such a SOCKET is WSPRecv and WSPSend of its provider, and
 * closing it closesocket.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "provider_config.h"
#include "providers.h"
#include "unix/boundary.h"

#include <stdlib.h>

static int is_socket(uint64_t handle)
{
    return provider_handle_context((SOCKET)handle, NULL);
}

static int close_handle(uint64_t handle)
{
    if (provider_end_unowned_handle((SOCKET)handle))
        return 0;
    return closesocket((SOCKET)handle) ? (int)host_get_last_error() : 0;
}

static int associate(uint64_t handle, uint64_t port, uint64_t key)
{
    const struct provider_port of_socket = {port, key};
    int error = provider_handle_associate((SOCKET)handle, &of_socket);

    return error == WSAENOTSOCK ? provider_config_associate(handle, port, key)
                                : error;
}

/* --- Reading and writing -------------------------------------------------- */

/* The provider's error, or 0. */
static int call_provider(SOCKET s, const struct host_transfer *transfer,
                         DWORD *count, LPWSAOVERLAPPED overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    WSABUF buffer = {transfer->length, transfer->buffer};
    INT error = WSANOTINITIALISED;
    WSATHREADID thread, *id = api_thread(routine != NULL, &thread);
    DWORD flags = 0;
    int result;

    if (provider == NULL)
        return error;
    result = transfer->writing
                 ? provider->lpWSPSend(s, &buffer, 1, count, 0, overlapped,
                                       routine, id, &error)
                 : provider->lpWSPRecv(s, &buffer, 1, count, &flags, overlapped,
                                       routine, id, &error);
    return result ? error : 0;
}

static void write_block(void *block, int error, DWORD count)
{
    const uint64_t result[2] = {unix_status_of_error(error), count};

    unix_memory_write(block, result, sizeof result);
}

typedef void CALLBACK apc_routine(ULONG_PTR context, void *block,
                                  ULONG reserved);

/* A call whose program wants an APC of another kind than Winsock's. */
struct routed {
    WSAOVERLAPPED overlapped; /* first: the routine finds it by that */
    apc_routine *routine;
    ULONG_PTR context;
    void *block;
};

static void CALLBACK run_routed(DWORD error, DWORD count,
                                LPWSAOVERLAPPED overlapped, DWORD flags)
{
    struct routed routed = *(struct routed *)overlapped;

    (void)flags;
    free(overlapped);
    write_block(routed.block, (int)error, count);
    routed.routine(routed.context, routed.block, 0);
}

static int transfer_routed(SOCKET s, const struct host_transfer *transfer)
{
    struct routed *routed = calloc(1, sizeof *routed);
    int error;

    if (routed == NULL)
        return WSAENOBUFS;
    routed->routine = (apc_routine *)(ULONG_PTR)transfer->routine;
    routed->context = (ULONG_PTR)transfer->context;
    routed->block = transfer->status_block;
    error = call_provider(s, transfer, NULL, &routed->overlapped, run_routed);
    if (error && error != WSA_IO_PENDING)
        free(routed);
    return error;
}

/* ReadFile and WriteFile have the OVERLAPPED itself as the status block.  Who
   has anything else there, cannot be told by a provider. */
static BOOL is_overlapped(const struct host_transfer *transfer)
{
    WSAOVERLAPPED overlapped;

    return (transfer->context == 0 ||
            transfer->context == (ULONG_PTR)transfer->status_block) &&
           !unix_memory_read(&overlapped, transfer->status_block,
                             sizeof overlapped) &&
           (((ULONG_PTR)overlapped.hEvent ^ transfer->event) &
            ~(ULONG_PTR)1) == 0;
}

static int do_transfer(uint64_t handle, const struct host_transfer *transfer)
{
    SOCKET s = (SOCKET)handle;
    DWORD count = 0;
    int error;

    if (transfer->routine != 0) {
        error = transfer_routed(s, transfer);
    } else if (transfer->event == 0 && transfer->context == 0) {
        error = call_provider(s, transfer, &count, NULL, NULL);
        if (!error)
            write_block(transfer->status_block, 0, count);
        return error;
    } else if (is_overlapped(transfer)) {
        error = call_provider(s, transfer, NULL, transfer->status_block, NULL);
    } else {
        error = WSAEOPNOTSUPP;
    }
    return error ? error : WSA_IO_PENDING;
}

const struct host_handle_calls api_handle_calls = {
    .is_socket = is_socket,
    .close = close_handle,
    .transfer = do_transfer,
    .associate = associate,
};
