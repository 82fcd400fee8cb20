/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hand-off of a shared socket at the level of the service provider
 * interface: this program is the DLL that loads the base provider, with an
 * upcall table of its own.
 *
 * It loads what the catalog has first: with a catalog of layers
 * (tests/providers/chain.test) the top one, which loads the rest, and which may
 * be one without kernel handles and with duplicates of its own making.
 *
 * Specification 05, sections 1, 2, 4, 6 and 7, and 01, section 10.  The
 * source and the target of the hand-off are two processes, each with its
 * WSPStartup.  Wine's builtin ws2_32 has no provider, so all is skipped there.
 */
#include "support/catalog.h"

/* --- The DLL's side: upcalls ------------------------------------------------------------ */

enum { MAX_POSTED = 16 };

static struct {
    int n_handles;
    DWORD last_entry;
    SOCKET last_handle;
    int n_events_set; /* natively the server signals events itself */
    struct posted {
        HWND window;
        UINT message;
        WPARAM wparam;
        LPARAM lparam;
    } posted[MAX_POSTED];
    int n_posted;
} upcalls;

static WSAEVENT posted_event; /* set at each posted message */

static BOOL WSPAPI upcall_close_event(WSAEVENT event, LPINT error)
{
    if (WSACloseEvent(event)) return TRUE;
    *error = WSAGetLastError();
    return FALSE;
}

/* SOCKETs of providers without kernel handles. */
enum { MAX_HANDLES = 64 };
#define FIRST_HANDLE ((SOCKET)0x50000000)
static struct {
    int used;
    DWORD_PTR context;
} handles[MAX_HANDLES];

static int handle_index(SOCKET s, LPINT error)
{
    SOCKET i = (s - FIRST_HANDLE) / 4;
    if (s >= FIRST_HANDLE && i < MAX_HANDLES && handles[i].used) return (int)i;
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
        upcalls.n_handles++;
        upcalls.last_entry = entry;
        upcalls.last_handle = FIRST_HANDLE + 4 * (SOCKET)i;
        return upcalls.last_handle;
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
    upcalls.n_handles++;
    upcalls.last_entry = entry;
    upcalls.last_handle = proposed;
    return proposed;
}

static BOOL WSPAPI upcall_post_message(HWND window, UINT message, WPARAM wparam,
                                       LPARAM lparam)
{
    int n = __atomic_load_n(&upcalls.n_posted, __ATOMIC_ACQUIRE);
    if (n == MAX_POSTED) return FALSE;
    upcalls.posted[n] = (struct posted){ window, message, wparam, lparam };
    __atomic_store_n(&upcalls.n_posted, n + 1, __ATOMIC_RELEASE);
    WSASetEvent(posted_event);
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
    __atomic_add_fetch(&upcalls.n_events_set, 1, __ATOMIC_RELAXED);
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

static const WSPUPCALLTABLE upcall_table = {
    upcall_close_event,    upcall_close_handle,      upcall_create_event,
    upcall_create_handle,  upcall_fd_is_set,         upcall_provider_path,
    upcall_modify_handle,  upcall_post_message,      upcall_blocking_callback,
    upcall_handle_context, upcall_queue_apc,         upcall_reset_event,
    upcall_set_event,      upcall_thread,            upcall_thread,
};

/* --- The DLL's side: loading ------------------------------------------------------------------ */

static WSPPROC_TABLE provider;
static WSAPROTOCOL_INFOW tcp; /* the catalog entry */

static void find_entry(int type, WSAPROTOCOL_INFOW *ret)
{
    static WSAPROTOCOL_INFOW entries[64];
    DWORD size = sizeof(entries);
    int error = 0, n = WSCEnumProtocols(NULL, entries, &size, &error);
    CHECK_THAT(n > 0, "WSCEnumProtocols failed with %s", error_name(error));
    for (int i = 0; i < n; i++) {
        *ret = entries[i];
        if (ret->iAddressFamily == AF_INET && ret->iSocketType == type) return;
    }
    FAIL("no catalog entry for TCP");
}

static LPWSPSTARTUP find_startup(void)
{
    WCHAR path[MAX_PATH];
    int length = MAX_PATH, error = 0;
    if (test_target() == TARGET_BUILTIN) SKIP("no provider");
    find_entry(SOCK_STREAM, &tcp);
    int result = WSCGetProviderPath(&tcp.ProviderId, path, &length, &error);
    CHECK_THAT(result == 0, "WSCGetProviderPath failed with %s",
               error_name(error));
    LPWSPSTARTUP startup =
        (LPWSPSTARTUP)library_symbol((const uint16_t *)path, "WSPStartup");
    CHECK_THAT(startup, "no WSPStartup in the provider's library");
    return startup;
}

static void load_provider(void)
{
    WSPDATA data;
    LPWSPSTARTUP startup = find_startup();
    if (!posted_event) posted_event = WSACreateEvent();
    int error = startup(MAKEWORD(2, 2), &data, &tcp, upcall_table, &provider);
    CHECK_THAT(error == 0, "WSPStartup failed with %s", error_name(error));
}

static void unload_provider(void)
{
    int error = 0;
    CHECK_THAT(provider.lpWSPCleanup(&error) == 0, "WSPCleanup failed with %s",
               error_name(error));
    CHECK(WSACloseEvent(posted_event));
    posted_event = NULL;
}

/* --- Calls through the table ---------------------------------------------------------------------- */

static int error; /* lpErrno of each call: their errors are not the last error */

#define SPI_OK(call)                                                           \
    CHECK_THAT((call) == 0, "%s failed with %s", #call, error_name(error))
#define SPI_ERROR(call, expected)                                              \
    do {                                                                       \
        error = 0;                                                             \
        CHECK_THAT((long long)(call) == -1, "%s did not fail", #call);         \
        CHECK_THAT(error == (expected), "%s failed with %s, not %s", #call,    \
                   error_name(error), error_name(expected));                   \
    } while (0)

static SOCKET spi_socket(WSAPROTOCOL_INFOW *info)
{
    SOCKET s = provider.lpWSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                    FROM_PROTOCOL_INFO, info, 0,
                                    WSA_FLAG_OVERLAPPED, &error);
    CHECK_THAT(s != INVALID_SOCKET, "WSPSocket failed with %s",
               error_name(error));
    return s;
}

static void spi_close(SOCKET s)
{
    SPI_OK(provider.lpWSPCloseSocket(s, &error));
}

static void spi_send(SOCKET s, const char *text)
{
    WSABUF buffer = { (u_long)strlen(text), (char *)text };
    DWORD n = 0;
    SPI_OK(provider.lpWSPSend(s, &buffer, 1, &n, 0, NULL, NULL, NULL, &error));
    CHECK_EQ(n, buffer.len);
}

static void spi_expect(SOCKET s, const char *text)
{
    char data[64];
    for (size_t done = 0; done < strlen(text);) {
        struct timeval timeout = { 10, 0 };
        WSABUF buffer = { (u_long)(strlen(text) - done), data + done };
        DWORD n = 0, flags = 0;
        fd_set set;
        FD_ZERO(&set);
        FD_SET(s, &set);
        CHECK_EQ(provider.lpWSPSelect(0, &set, NULL, NULL, &timeout, &error),
                 1);
        SPI_OK(provider.lpWSPRecv(s, &buffer, 1, &n, &flags, NULL, NULL, NULL,
                                  &error));
        CHECK(n > 0);
        done += n;
    }
    CHECK_MEMORY(data, text, strlen(text));
}

/* The source's socket, connected to one of this process: the base provider's,
   so that ws2_32 does not use the provider that is loaded here. */
static SOCKET connected_socket(SOCKET *ret_other)
{
    struct sockaddr_in name = loopback(0);
    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    int length = sizeof(name);
    SOCKET listener = CHECK_SOCKET(WSASocketW(-1, -1, -1, &base, 0, 0));
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    CHECK_OK(getsockname(listener, (struct sockaddr *)&name, &length));
    SOCKET s = spi_socket(&tcp);
    SPI_OK(provider.lpWSPConnect(s, (struct sockaddr *)&name, sizeof(name),
                                 NULL, NULL, NULL, NULL, &error));
    *ret_other = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(listener);
    return s;
}

/* --- The target process ------------------------------------------------------------------------------ */

enum step {
    STEP_OPEN, STEP_SEND, STEP_EXPECT, STEP_GET_OPTION, STEP_SET_OPTION,
    STEP_ASYNC_SELECT, STEP_NEXT_MESSAGE, STEP_CLOSE, STEP_END,
};

struct order {
    enum step step;
    SOCKET s;
    int level, name, value;
    char text[16];
    WSAPROTOCOL_INFOW info;
};

struct answer {
    SOCKET s;
    int value, error;
    int n_handles; /* upcalls so far */
    struct posted posted;
};

static struct window *target_window;

static void next_message(int ms, struct answer *answer)
{
    static int taken;
    int64_t end = test_clock() + ms;
    for (;;) {
        WSAResetEvent(posted_event);
        if (__atomic_load_n(&upcalls.n_posted, __ATOMIC_ACQUIRE) > taken) {
            answer->posted = upcalls.posted[taken++];
            answer->value = 1;
            return;
        }
        int64_t left = end - test_clock();
        if (left <= 0 || !event_is_signalled(posted_event, (int)left)) return;
    }
}

static void obey(const struct order *order, struct answer *answer)
{
    WSAPROTOCOL_INFOW info = order->info;
    int value = order->value, length = sizeof(value);

    switch (order->step) {
    case STEP_OPEN:
        answer->s = provider.lpWSPSocket(-1, -1, -1, &info, 0,
                                         WSA_FLAG_OVERLAPPED, &answer->error);
        break;
    case STEP_SEND: spi_send(order->s, order->text); break;
    case STEP_EXPECT: spi_expect(order->s, order->text); break;
    case STEP_GET_OPTION:
        SPI_OK(provider.lpWSPGetSockOpt(order->s, order->level, order->name,
                                        (char *)&value, &length, &error));
        answer->value = value;
        break;
    case STEP_SET_OPTION:
        SPI_OK(provider.lpWSPSetSockOpt(order->s, order->level, order->name,
                                        (char *)&value, sizeof(value),
                                        &error));
        break;
    case STEP_ASYNC_SELECT:
        if (!target_window) target_window = window_create();
        SPI_OK(provider.lpWSPAsyncSelect(
            order->s, (HWND)(ULONG_PTR)window_handle(target_window), WM_USER,
            order->value, &error));
        break;
    case STEP_NEXT_MESSAGE: next_message(order->value, answer); break;
    case STEP_CLOSE: spi_close(order->s); break;
    case STEP_END: break;
    }
    answer->n_handles = upcalls.n_handles;
}

static void spi_target(struct peer *parent, int n_arguments, char **arguments)
{
    struct order order;
    (void)n_arguments;
    (void)arguments;
    load_provider();
    do {
        struct answer answer;
        memset(&answer, 0, sizeof(answer));
        peer_receive(parent, &order, sizeof(order));
        obey(&order, &answer);
        peer_send(parent, &answer, sizeof(answer));
    } while (order.step != STEP_END);
    if (target_window) window_destroy(target_window);
    unload_provider();
}

static struct answer tell(struct peer *target, struct order order)
{
    struct answer answer;
    peer_send(target, &order, sizeof(order));
    peer_receive(target, &answer, sizeof(answer));
    return answer;
}

#define TELL(target, what, ...)                                                \
    tell(target, (struct order){ .step = what, __VA_ARGS__ })

static SOCKET hand_over(struct peer *target, SOCKET s)
{
    struct order order = { .step = STEP_OPEN };
    SPI_OK(provider.lpWSPDuplicateSocket(s, peer_pid(target), &order.info,
                                         &error));
    CHECK(order.info.dwProviderReserved != 0);
    struct answer answer = tell(target, order);
    CHECK_THAT(answer.s != INVALID_SOCKET, "WSPSocket there failed with %s",
               error_name(answer.error));
    CHECK(answer.n_handles >= 1); /* WPUModifyIFSHandle there, too */
    return answer.s;
}

static void end_target(struct peer *target)
{
    TELL(target, STEP_END);
    CHECK_EQ(peer_wait(target), 0);
}

/* --- Cases --------------------------------------------------------------------------------------------- */

static void startup_fills_the_table(void)
{
    WSPDATA data;
    LPWSPSTARTUP startup = find_startup();
    memset(&provider, 0, sizeof(provider));
    error = startup(MAKEWORD(2, 2), &data, &tcp, upcall_table, &provider);
    CHECK_EQ(error, 0);
    CHECK_EQ(data.wHighVersion, MAKEWORD(2, 2));
    CHECK_EQ(data.wVersion, MAKEWORD(2, 2));
    CHECK(data.szDescription[0]);
    void *const *entries = (void *const *)&provider;
    for (size_t i = 0; i < sizeof(provider) / sizeof(void *); i++)
        EXPECT_THAT(entries[i], "entry %d is NULL", (int)i + 1);
    SPI_OK(provider.lpWSPCleanup(&error));

    EXPECT_EQ(startup(MAKEWORD(1, 1), &data, &tcp, upcall_table, &provider),
              WSAVERNOTSUPPORTED);
    EXPECT_EQ(startup(MAKEWORD(2, 2), NULL, &tcp, upcall_table, &provider),
              WSAEFAULT);
    EXPECT_EQ(startup(MAKEWORD(2, 2), &data, &tcp, upcall_table, NULL),
              WSAEFAULT);
}

static void handles_are_shown_to_the_dll(void)
{
    load_provider();
    SOCKET s = spi_socket(&tcp);
    /* Each layer shows it, the top one last. */
    CHECK(upcalls.n_handles >= 1);
    CHECK_EQ(upcalls.last_entry, tcp.dwCatalogEntryId);
    CHECK_EQ(upcalls.last_handle, s);
    CHECK_EQ(!(tcp.dwServiceFlags1 & XP1_IFS_HANDLES), s >= FIRST_HANDLE);
    spi_close(s);
    unload_provider();
}

static void errors_are_not_the_last_error(void)
{
    char byte;
    int length = 1;
    load_provider();
    WSASetLastError(4711);
    SPI_ERROR(provider.lpWSPCloseSocket(0xdeadbeec, &error), WSAENOTSOCK);
    SPI_ERROR(provider.lpWSPGetSockOpt(0xdeadbeec, SOL_SOCKET, SO_TYPE, &byte,
                                       &length, &error), WSAENOTSOCK);
    SPI_ERROR(provider.lpWSPDuplicateSocket(0xdeadbeec, 0, NULL, &error),
              WSAENOTSOCK);
    CHECK_EQ(WSAGetLastError(), 4711);
    unload_provider();
}

/* The table of the documentation, row by row. */
static void hand_off_table(void)
{
    SOCKET other;
    load_provider();
    SOCKET s = connected_socket(&other);                     /* 1 */
    struct peer *target = peer_start("spi_target", NULL);    /* 2 to 4 */
    SOCKET there = hand_over(target, s);                     /* 5 to 8 */
    TELL(target, STEP_SEND, there, .text = "request");       /* 9 */
    char buffer[8];
    receive_all(other, buffer, 7);
    CHECK_MEMORY(buffer, "request", 7);
    send_all(other, "reply", 5);
    TELL(target, STEP_EXPECT, there, .text = "reply");
    spi_send(s, "own"); /* the source's descriptor still works */
    receive_all(other, buffer, 3);
    CHECK_MEMORY(buffer, "own", 3);
    spi_close(s);                                            /* 10 */
    check_quiet(other);
    TELL(target, STEP_SEND, there, .text = "alone");
    receive_all(other, buffer, 5);
    TELL(target, STEP_CLOSE, there);
    check_end(other);
    close_socket(other);
    end_target(target);
    unload_provider();
}

static void options_set_here_read_there(void)
{
    SOCKET other;
    int value = 1, length = sizeof(value);
    load_provider();
    SOCKET s = connected_socket(&other);
    struct peer *target = peer_start("spi_target", NULL);
    SOCKET there = hand_over(target, s);
    SPI_OK(provider.lpWSPSetSockOpt(s, SOL_SOCKET, SO_KEEPALIVE,
                                    (char *)&value, sizeof(value), &error));
    CHECK_EQ(TELL(target, STEP_GET_OPTION, there, SOL_SOCKET, SO_KEEPALIVE)
                 .value, 1);
    value = 3456;
    SPI_OK(provider.lpWSPSetSockOpt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&value,
                                    sizeof(value), &error));
    CHECK_EQ(TELL(target, STEP_GET_OPTION, there, SOL_SOCKET, SO_RCVTIMEO)
                 .value, 3456);
    TELL(target, STEP_SET_OPTION, there, IPPROTO_TCP, TCP_NODELAY, 1);
    value = 0;
    SPI_OK(provider.lpWSPGetSockOpt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&value,
                                    &length, &error));
    CHECK_EQ(value & 0xff, 1);
    spi_close(s);
    end_target(target);
    close_socket(other);
    unload_provider();
}

static void async_select_there_cancels_event_select_here(void)
{
    SOCKET other;
    load_provider();
    SOCKET s = connected_socket(&other);
    struct peer *target = peer_start("spi_target", NULL);
    SOCKET there = hand_over(target, s);
    WSAEVENT event = WSACreateEvent();
    SPI_OK(provider.lpWSPEventSelect(s, event, FD_READ, &error));
    TELL(target, STEP_ASYNC_SELECT, there, .value = FD_READ);
    send_all(other, "x", 1);

    struct answer answer = TELL(target, STEP_NEXT_MESSAGE,
                                .value = test_timeout(10000));
    CHECK_EQ(answer.value, 1);
    CHECK_EQ(answer.posted.message, WM_USER);
    CHECK_EQ(answer.posted.wparam, there); /* the target's descriptor */
    CHECK_EQ(WSAGETSELECTEVENT(answer.posted.lparam), FD_READ);
    CHECK_EQ(WSAGETSELECTERROR(answer.posted.lparam), 0);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));

    spi_close(s);
    end_target(target);
    close_socket(other);
    CHECK(WSACloseEvent(event));
    unload_provider();
}

static void event_select_here_cancels_async_select_there(void)
{
    SOCKET other;
    WSANETWORKEVENTS found;
    load_provider();
    SOCKET s = connected_socket(&other);
    struct peer *target = peer_start("spi_target", NULL);
    SOCKET there = hand_over(target, s);
    WSAEVENT event = WSACreateEvent();
    TELL(target, STEP_ASYNC_SELECT, there, .value = FD_READ);
    SPI_OK(provider.lpWSPEventSelect(s, event, FD_READ, &error));
    send_all(other, "x", 1);

    event_wait(event);
    SPI_OK(provider.lpWSPEnumNetworkEvents(s, event, &found, &error));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    CHECK_EQ(TELL(target, STEP_NEXT_MESSAGE, .value = TEST_QUIET_MS).value, 0);

    spi_close(s);
    end_target(target);
    close_socket(other);
    CHECK(WSACloseEvent(event));
    unload_provider();
}

static void info_is_good_once(void)
{
    SOCKET other;
    WSAPROTOCOL_INFOW info;
    load_provider();
    SOCKET s = connected_socket(&other);
    struct peer *target = peer_start("spi_target", NULL);
    SPI_OK(provider.lpWSPDuplicateSocket(s, test_process_id(), &info, &error));
    CHECK_EQ(TELL(target, STEP_OPEN, .info = info).error, WSAEINVAL);
    SOCKET second = spi_socket(&info);
    SPI_ERROR(provider.lpWSPSocket(-1, -1, -1, &info, 0, 0, &error), WSAEINVAL);
    SPI_ERROR(provider.lpWSPDuplicateSocket(s, 0, &info, &error), WSAEINVAL);
    SPI_ERROR(provider.lpWSPDuplicateSocket(s, test_process_id(), NULL, &error),
              WSAEFAULT);
    spi_close(s);
    spi_send(second, "x");
    char byte;
    receive_all(other, &byte, 1);
    spi_close(second);
    check_end(other);
    close_socket(other);
    end_target(target);
    unload_provider();
}

static void last_cleanup_closes_all(void)
{
    SOCKET other;
    struct sockaddr_in name;
    load_provider();
    LPWSPCLEANUP cleanup = provider.lpWSPCleanup;
    SOCKET listener = spi_socket(&tcp), s = spi_socket(&tcp);
    int length = sizeof(name);
    name = loopback(0);
    SPI_OK(provider.lpWSPBind(listener, (struct sockaddr *)&name, sizeof(name),
                              &error));
    SPI_OK(provider.lpWSPListen(listener, 1, &error));
    SPI_OK(provider.lpWSPGetSockName(listener, (struct sockaddr *)&name,
                                     &length, &error));
    SPI_OK(provider.lpWSPConnect(s, (struct sockaddr *)&name, sizeof(name),
                                 NULL, NULL, NULL, NULL, &error));
    other = provider.lpWSPAccept(listener, NULL, NULL, NULL, 0, &error);
    CHECK(other != INVALID_SOCKET);
    load_provider(); /* counted */
    CHECK_EQ(cleanup(&error), 0);
    spi_send(s, "x");
    spi_expect(other, "x");
    CHECK_EQ(cleanup(&error), 0);
    CHECK_EQ(provider.lpWSPCloseSocket(s, &error), SOCKET_ERROR);
    SPI_ERROR(cleanup(&error), WSANOTINITIALISED);
    CHECK(WSACloseEvent(posted_event));
}

static const struct test_case cases[] = {
    TEST_CASE(startup_fills_the_table,
              "05 1: version 2.2, a table of 30 entries, its errors"),
    TEST_CASE(handles_are_shown_to_the_dll,
              "05 4: WPUModifyIFSHandle at each new descriptor"),
    TEST_CASE(errors_are_not_the_last_error, "05 1: errors through lpErrno"),
    TEST_CASE(hand_off_table, "05 7: shared sockets in the SPI, the table"),
    TEST_CASE(options_set_here_read_there,
              "05 7: WSPSetSockOpt here, WSPGetSockOpt there"),
    TEST_CASE_WITH(async_select_there_cancels_event_select_here,
                   "05 6: override, other process",
                   .flags = TEST_WINDOWS),
    TEST_CASE_WITH(event_select_here_cancels_async_select_there,
                   "05 6: override, other process",
                   .flags = TEST_WINDOWS),
    TEST_CASE(info_is_good_once, "05 7: used twice or incomplete is WSAEINVAL"),
    TEST_CASE_WITH(last_cleanup_closes_all,
                   "05 1: the last WSPCleanup closes all sockets",
                   .flags = TEST_BARE),
    TEST_END
};

static const struct test_role roles[] = { TEST_ROLE(spi_target),
                                          TEST_ROLES_END };

TEST_MAIN("handoff_spi", cases, roles)
