/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program as the DLL that loads a service provider: upcalls, loading, and
 * what calls through the table have in common.
 */
#include "support/spi.h"

WSPPROC_TABLE spi_provider;
WSAPROTOCOL_INFOW spi_tcp;
int spi_error;
struct spi_upcalls spi_upcalls;
WSAEVENT spi_posted_event;

/* --- Upcalls -------------------------------------------------------------- */

static BOOL WSPAPI upcall_close_event(WSAEVENT event, LPINT error)
{
    if (WSACloseEvent(event)) return TRUE;
    *error = WSAGetLastError();
    return FALSE;
}

/* SOCKETs of providers without kernel handles. */
enum { MAX_HANDLES = 64 };
static struct {
    int used;
    DWORD_PTR context;
} handles[MAX_HANDLES];

static int handle_index(SOCKET s, LPINT error)
{
    SOCKET i = (s - SPI_FIRST_HANDLE) / 4;
    if (s >= SPI_FIRST_HANDLE && i < MAX_HANDLES && handles[i].used)
        return (int)i;
    *error = WSAENOTSOCK;
    return -1;
}

static int WSPAPI upcall_close_handle(SOCKET s, LPINT error)
{
    int i = handle_index(s, error);
    if (i < 0) return SOCKET_ERROR;
    handles[i].used = 0;
    return 0;
}

static WSAEVENT WSPAPI upcall_create_event(LPINT error)
{
    WSAEVENT event = WSACreateEvent();
    if (event == WSA_INVALID_EVENT) *error = WSAGetLastError();
    return event;
}

static SOCKET WSPAPI upcall_create_handle(DWORD entry, DWORD_PTR context,
                                          LPINT error)
{
    for (int i = 0; i < MAX_HANDLES; i++) {
        if (handles[i].used) continue;
        handles[i].used = 1;
        handles[i].context = context;
        spi_upcalls.n_handles++;
        spi_upcalls.last_entry = entry;
        spi_upcalls.last_handle = SPI_FIRST_HANDLE + 4 * (SOCKET)i;
        return spi_upcalls.last_handle;
    }
    *error = WSAENOBUFS;
    return INVALID_SOCKET;
}

static int WSPAPI upcall_fd_is_set(SOCKET s, fd_set *set)
{
    return FD_ISSET(s, set);
}

static int WSPAPI upcall_provider_path(LPGUID id, WCHAR *path, LPINT length,
                                       LPINT error)
{
    return WSCGetProviderPath(id, path, length, error);
}

static SOCKET WSPAPI upcall_modify_handle(DWORD entry, SOCKET proposed,
                                          LPINT error)
{
    (void)error;
    spi_upcalls.n_handles++;
    spi_upcalls.last_entry = entry;
    spi_upcalls.last_handle = proposed;
    return proposed;
}

static BOOL WSPAPI upcall_post_message(HWND window, UINT message, WPARAM wparam,
                                       LPARAM lparam)
{
    int n = __atomic_load_n(&spi_upcalls.n_posted, __ATOMIC_ACQUIRE);
    if (n == SPI_MAX_POSTED) return FALSE;
    spi_upcalls.posted[n] =
        (struct spi_message){ window, message, wparam, lparam };
    __atomic_store_n(&spi_upcalls.n_posted, n + 1, __ATOMIC_RELEASE);
    WSASetEvent(spi_posted_event);
    return TRUE;
}

static int WSPAPI upcall_blocking_callback(DWORD entry,
                                           LPBLOCKINGCALLBACK *callback,
                                           PDWORD_PTR context, LPINT error)
{
    (void)entry;
    (void)error;
    *callback = NULL;
    *context = 0;
    return 0;
}

static int WSPAPI upcall_handle_context(SOCKET s, PDWORD_PTR context,
                                        LPINT error)
{
    int i = handle_index(s, error);
    if (i < 0) return SOCKET_ERROR;
    *context = handles[i].context;
    return 0;
}

static int WSPAPI upcall_queue_apc(LPWSATHREADID thread, LPWSAUSERAPC apc,
                                   DWORD_PTR context, LPINT error)
{
    (void)thread;
    (void)apc;
    (void)context;
    *error = WSAEFAULT;
    return SOCKET_ERROR;
}

static BOOL WSPAPI upcall_reset_event(WSAEVENT event, LPINT error)
{
    if (WSAResetEvent(event)) return TRUE;
    *error = WSAGetLastError();
    return FALSE;
}

static BOOL WSPAPI upcall_set_event(WSAEVENT event, LPINT error)
{
    __atomic_add_fetch(&spi_upcalls.n_events_set, 1, __ATOMIC_RELAXED);
    if (WSASetEvent(event)) return TRUE;
    *error = WSAGetLastError();
    return FALSE;
}

static int WSPAPI upcall_thread(LPWSATHREADID thread, LPINT error)
{
    (void)thread;
    *error = WSANOTINITIALISED;
    return SOCKET_ERROR;
}

const WSPUPCALLTABLE spi_upcall_table = {
    upcall_close_event,    upcall_close_handle,      upcall_create_event,
    upcall_create_handle,  upcall_fd_is_set,         upcall_provider_path,
    upcall_modify_handle,  upcall_post_message,      upcall_blocking_callback,
    upcall_handle_context, upcall_queue_apc,         upcall_reset_event,
    upcall_set_event,      upcall_thread,            upcall_thread,
};

/* --- Loading -------------------------------------------------------------- */

static void find_tcp(WSAPROTOCOL_INFOW *ret)
{
    static WSAPROTOCOL_INFOW entries[64];
    DWORD size = sizeof(entries);
    int error = 0, n = WSCEnumProtocols(NULL, entries, &size, &error);
    CHECK_THAT(n > 0, "WSCEnumProtocols failed with %s", error_name(error));
    for (int i = 0; i < n; i++) {
        *ret = entries[i];
        if (ret->iAddressFamily == AF_INET && ret->iSocketType == SOCK_STREAM)
            return;
    }
    FAIL("no catalog entry for TCP");
}

LPWSPSTARTUP spi_find_startup(void)
{
    WCHAR path[MAX_PATH];
    int length = MAX_PATH, error = 0;
    if (test_target() == TARGET_BUILTIN) SKIP("no provider");
    find_tcp(&spi_tcp);
    int result = WSCGetProviderPath(&spi_tcp.ProviderId, path, &length, &error);
    CHECK_THAT(result == 0, "WSCGetProviderPath failed with %s",
               error_name(error));
    LPWSPSTARTUP startup =
        (LPWSPSTARTUP)library_symbol((const uint16_t *)path, "WSPStartup");
    CHECK_THAT(startup, "no WSPStartup in the provider's library");
    return startup;
}

void spi_load(void)
{
    WSPDATA data;
    LPWSPSTARTUP startup = spi_find_startup();
    if (!spi_posted_event) spi_posted_event = WSACreateEvent();
    int error = startup(MAKEWORD(2, 2), &data, &spi_tcp, spi_upcall_table,
                        &spi_provider);
    CHECK_THAT(error == 0, "WSPStartup failed with %s", error_name(error));
}

void spi_unload(void)
{
    int error = 0;
    CHECK_THAT(spi_provider.lpWSPCleanup(&error) == 0,
               "WSPCleanup failed with %s", error_name(error));
    CHECK(WSACloseEvent(spi_posted_event));
    spi_posted_event = NULL;
}

/* --- Calls ---------------------------------------------------------------- */

SOCKET spi_socket(WSAPROTOCOL_INFOW *info)
{
    SOCKET s = spi_provider.lpWSPSocket(
        FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info, 0,
        WSA_FLAG_OVERLAPPED, &spi_error);
    CHECK_THAT(s != INVALID_SOCKET, "WSPSocket failed with %s",
               error_name(spi_error));
    return s;
}

void spi_close(SOCKET s)
{
    SPI_OK(spi_provider.lpWSPCloseSocket(s, &spi_error));
}

SOCKET spi_new_socket(int type, DWORD flags)
{
    SOCKET s = SPI(Socket)(AF_INET, type, 0, NULL, 0,
                           flags | WSA_FLAG_OVERLAPPED, &spi_error);
    CHECK_THAT(s != INVALID_SOCKET, "WSPSocket failed with %s",
               error_name(spi_error));
    return s;
}

SOCKET spi_bound_socket(int type, struct sockaddr_in *ret)
{
    int length = sizeof(*ret);
    SOCKET s = spi_new_socket(type, 0);
    *ret = loopback(0);
    DONE(SPI(Bind)(s, (struct sockaddr *)ret, sizeof(*ret), &spi_error));
    DONE(SPI(GetSockName)(s, (struct sockaddr *)ret, &length, &spi_error));
    return s;
}

void spi_connect(SOCKET s, const struct sockaddr_in *name)
{
    DONE(SPI(Connect)(s, (const struct sockaddr *)name, sizeof(*name), NULL,
                      NULL, NULL, NULL, &spi_error));
}

void spi_pair(SOCKET *ret_client, SOCKET *ret_server)
{
    struct sockaddr_in name;
    SOCKET listener = spi_bound_socket(SOCK_STREAM, &name);
    DONE(SPI(Listen)(listener, 1, &spi_error));
    *ret_client = spi_new_socket(SOCK_STREAM, 0);
    spi_connect(*ret_client, &name);
    *ret_server = SPI(Accept)(listener, NULL, NULL, NULL, 0, &spi_error);
    CHECK(*ret_server != INVALID_SOCKET);
    spi_close(listener);
}

void spi_send(SOCKET s, const char *text)
{
    WSABUF buffer = { (u_long)strlen(text), (char *)text };
    DWORD n = 0;
    SPI_OK(SPI(Send)(s, &buffer, 1, &n, 0, NULL, NULL, NULL, &spi_error));
    CHECK_EQ(n, buffer.len);
}

int spi_try_receive(SOCKET s, char *data, DWORD size, DWORD *received)
{
    WSABUF buffer = { size, data };
    DWORD flags = 0;
    return SPI(Recv)(s, &buffer, 1, received, &flags, NULL, NULL, NULL,
                     &spi_error);
}

void spi_receives(SOCKET s, const char *text)
{
    char data[64];
    DWORD n = 0;
    DONE(spi_try_receive(s, data, sizeof(data), &n));
    CHECK_EQ(n, strlen(text));
    CHECK_MEMORY(data, text, n);
}
