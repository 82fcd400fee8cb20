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
#include "support/spi.h"

/* --- Data ----------------------------------------------------------------- */

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
        CHECK_EQ(spi_provider.lpWSPSelect(0, &set, NULL, NULL, &timeout,
                                          &spi_error), 1);
        SPI_OK(spi_provider.lpWSPRecv(s, &buffer, 1, &n, &flags, NULL, NULL,
                                      NULL, &spi_error));
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
    SOCKET s = spi_socket(&spi_tcp);
    SPI_OK(spi_provider.lpWSPConnect(s, (struct sockaddr *)&name, sizeof(name),
                                     NULL, NULL, NULL, NULL, &spi_error));
    *ret_other = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(listener);
    return s;
}

/* --- The target process --------------------------------------------------- */

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
    struct spi_message posted;
};

static struct window *target_window;

static void next_message(int ms, struct answer *answer)
{
    static int taken;
    int64_t end = test_clock() + ms;
    for (;;) {
        WSAResetEvent(spi_posted_event);
        if (__atomic_load_n(&spi_upcalls.n_posted, __ATOMIC_ACQUIRE) > taken) {
            answer->posted = spi_upcalls.posted[taken++];
            answer->value = 1;
            return;
        }
        int64_t left = end - test_clock();
        if (left <= 0 || !event_is_signalled(spi_posted_event, (int)left))
            return;
    }
}

static void obey(const struct order *order, struct answer *answer)
{
    WSAPROTOCOL_INFOW info = order->info;
    int value = order->value, length = sizeof(value);

    switch (order->step) {
    case STEP_OPEN:
        answer->s = spi_provider.lpWSPSocket(-1, -1, -1, &info, 0,
                                             WSA_FLAG_OVERLAPPED,
                                             &answer->error);
        break;
    case STEP_SEND: spi_send(order->s, order->text); break;
    case STEP_EXPECT: spi_expect(order->s, order->text); break;
    case STEP_GET_OPTION:
        SPI_OK(spi_provider.lpWSPGetSockOpt(order->s, order->level, order->name,
                                            (char *)&value, &length,
                                            &spi_error));
        answer->value = value;
        break;
    case STEP_SET_OPTION:
        SPI_OK(spi_provider.lpWSPSetSockOpt(order->s, order->level, order->name,
                                            (char *)&value, sizeof(value),
                                            &spi_error));
        break;
    case STEP_ASYNC_SELECT:
        if (!target_window) target_window = window_create();
        SPI_OK(spi_provider.lpWSPAsyncSelect(
            order->s, (HWND)(ULONG_PTR)window_handle(target_window), WM_USER,
            order->value, &spi_error));
        break;
    case STEP_NEXT_MESSAGE: next_message(order->value, answer); break;
    case STEP_CLOSE: spi_close(order->s); break;
    case STEP_END: break;
    }
    answer->n_handles = spi_upcalls.n_handles;
}

static void spi_target(struct peer *parent, int n_arguments, char **arguments)
{
    struct order order;
    (void)n_arguments;
    (void)arguments;
    spi_load();
    do {
        struct answer answer;
        memset(&answer, 0, sizeof(answer));
        peer_receive(parent, &order, sizeof(order));
        obey(&order, &answer);
        peer_send(parent, &answer, sizeof(answer));
    } while (order.step != STEP_END);
    if (target_window) window_destroy(target_window);
    spi_unload();
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
    SPI_OK(spi_provider.lpWSPDuplicateSocket(s, peer_pid(target), &order.info,
                                             &spi_error));
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

/* --- Cases ---------------------------------------------------------------- */

static void startup_fills_the_table(void)
{
    WSPDATA data;
    LPWSPSTARTUP startup = spi_find_startup();
    memset(&spi_provider, 0, sizeof(spi_provider));
    CHECK_EQ(startup(MAKEWORD(2, 2), &data, &spi_tcp, spi_upcall_table,
                     &spi_provider), 0);
    CHECK_EQ(data.wHighVersion, MAKEWORD(2, 2));
    CHECK_EQ(data.wVersion, MAKEWORD(2, 2));
    CHECK(data.szDescription[0]);
    void *const *entries = (void *const *)&spi_provider;
    for (size_t i = 0; i < sizeof(spi_provider) / sizeof(void *); i++)
        EXPECT_THAT(entries[i], "entry %d is NULL", (int)i + 1);
    SPI_OK(spi_provider.lpWSPCleanup(&spi_error));

    EXPECT_EQ(startup(MAKEWORD(1, 1), &data, &spi_tcp, spi_upcall_table,
                      &spi_provider), WSAVERNOTSUPPORTED);
    EXPECT_EQ(startup(MAKEWORD(2, 2), NULL, &spi_tcp, spi_upcall_table,
                      &spi_provider), WSAEFAULT);
    EXPECT_EQ(startup(MAKEWORD(2, 2), &data, &spi_tcp, spi_upcall_table, NULL),
              WSAEFAULT);
}

static void handles_are_shown_to_the_dll(void)
{
    spi_load();
    SOCKET s = spi_socket(&spi_tcp);
    /* Each layer shows it, the top one last. */
    CHECK(spi_upcalls.n_handles >= 1);
    CHECK_EQ(spi_upcalls.last_entry, spi_tcp.dwCatalogEntryId);
    CHECK_EQ(spi_upcalls.last_handle, s);
    CHECK_EQ(!(spi_tcp.dwServiceFlags1 & XP1_IFS_HANDLES),
             s >= SPI_FIRST_HANDLE);
    spi_close(s);
    spi_unload();
}

static void errors_are_not_the_last_error(void)
{
    char byte;
    int length = 1;
    spi_load();
    WSASetLastError(4711);
    SPI_ERROR(spi_provider.lpWSPCloseSocket(0xdeadbeec, &spi_error),
              WSAENOTSOCK);
    SPI_ERROR(spi_provider.lpWSPGetSockOpt(0xdeadbeec, SOL_SOCKET, SO_TYPE,
                                           &byte, &length, &spi_error),
              WSAENOTSOCK);
    SPI_ERROR(spi_provider.lpWSPDuplicateSocket(0xdeadbeec, 0, NULL,
                                                &spi_error), WSAENOTSOCK);
    CHECK_EQ(WSAGetLastError(), 4711);
    spi_unload();
}

/* The table of the documentation, row by row. */
static void hand_off_table(void)
{
    SOCKET other;
    spi_load();
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
    spi_unload();
}

static void options_set_here_read_there(void)
{
    SOCKET other;
    int value = 1, length = sizeof(value);
    spi_load();
    SOCKET s = connected_socket(&other);
    struct peer *target = peer_start("spi_target", NULL);
    SOCKET there = hand_over(target, s);
    SPI_OK(spi_provider.lpWSPSetSockOpt(s, SOL_SOCKET, SO_KEEPALIVE,
                                        (char *)&value, sizeof(value),
                                        &spi_error));
    CHECK_EQ(TELL(target, STEP_GET_OPTION, there, SOL_SOCKET, SO_KEEPALIVE)
                 .value, 1);
    value = 3456;
    SPI_OK(spi_provider.lpWSPSetSockOpt(s, SOL_SOCKET, SO_RCVTIMEO,
                                        (char *)&value, sizeof(value),
                                        &spi_error));
    CHECK_EQ(TELL(target, STEP_GET_OPTION, there, SOL_SOCKET, SO_RCVTIMEO)
                 .value, 3456);
    TELL(target, STEP_SET_OPTION, there, IPPROTO_TCP, TCP_NODELAY, 1);
    value = 0;
    SPI_OK(spi_provider.lpWSPGetSockOpt(s, IPPROTO_TCP, TCP_NODELAY,
                                        (char *)&value, &length, &spi_error));
    CHECK_EQ(value & 0xff, 1);
    spi_close(s);
    end_target(target);
    close_socket(other);
    spi_unload();
}

static void async_select_there_cancels_event_select_here(void)
{
    SOCKET other;
    spi_load();
    SOCKET s = connected_socket(&other);
    struct peer *target = peer_start("spi_target", NULL);
    SOCKET there = hand_over(target, s);
    WSAEVENT event = WSACreateEvent();
    SPI_OK(spi_provider.lpWSPEventSelect(s, event, FD_READ, &spi_error));
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
    spi_unload();
}

static void event_select_here_cancels_async_select_there(void)
{
    SOCKET other;
    WSANETWORKEVENTS found;
    spi_load();
    SOCKET s = connected_socket(&other);
    struct peer *target = peer_start("spi_target", NULL);
    SOCKET there = hand_over(target, s);
    WSAEVENT event = WSACreateEvent();
    TELL(target, STEP_ASYNC_SELECT, there, .value = FD_READ);
    SPI_OK(spi_provider.lpWSPEventSelect(s, event, FD_READ, &spi_error));
    send_all(other, "x", 1);

    event_wait(event);
    SPI_OK(spi_provider.lpWSPEnumNetworkEvents(s, event, &found, &spi_error));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    CHECK_EQ(TELL(target, STEP_NEXT_MESSAGE, .value = TEST_QUIET_MS).value, 0);

    spi_close(s);
    end_target(target);
    close_socket(other);
    CHECK(WSACloseEvent(event));
    spi_unload();
}

static void info_is_good_once(void)
{
    SOCKET other;
    WSAPROTOCOL_INFOW info;
    spi_load();
    SOCKET s = connected_socket(&other);
    struct peer *target = peer_start("spi_target", NULL);
    SPI_OK(spi_provider.lpWSPDuplicateSocket(s, test_process_id(), &info,
                                             &spi_error));
    CHECK_EQ(TELL(target, STEP_OPEN, .info = info).error, WSAEINVAL);
    SOCKET second = spi_socket(&info);
    SPI_ERROR(spi_provider.lpWSPSocket(-1, -1, -1, &info, 0, 0, &spi_error),
              WSAEINVAL);
    SPI_ERROR(spi_provider.lpWSPDuplicateSocket(s, 0, &info, &spi_error),
              WSAEINVAL);
    SPI_ERROR(spi_provider.lpWSPDuplicateSocket(s, test_process_id(), NULL,
                                                &spi_error), WSAEFAULT);
    spi_close(s);
    spi_send(second, "x");
    char byte;
    receive_all(other, &byte, 1);
    spi_close(second);
    check_end(other);
    close_socket(other);
    end_target(target);
    spi_unload();
}

static void last_cleanup_closes_all(void)
{
    SOCKET other;
    struct sockaddr_in name;
    spi_load();
    LPWSPCLEANUP cleanup = spi_provider.lpWSPCleanup;
    SOCKET listener = spi_socket(&spi_tcp), s = spi_socket(&spi_tcp);
    int length = sizeof(name);
    name = loopback(0);
    SPI_OK(spi_provider.lpWSPBind(listener, (struct sockaddr *)&name,
                                  sizeof(name), &spi_error));
    SPI_OK(spi_provider.lpWSPListen(listener, 1, &spi_error));
    SPI_OK(spi_provider.lpWSPGetSockName(listener, (struct sockaddr *)&name,
                                         &length, &spi_error));
    SPI_OK(spi_provider.lpWSPConnect(s, (struct sockaddr *)&name, sizeof(name),
                                     NULL, NULL, NULL, NULL, &spi_error));
    other = spi_provider.lpWSPAccept(listener, NULL, NULL, NULL, 0, &spi_error);
    CHECK(other != INVALID_SOCKET);
    spi_load(); /* counted */
    CHECK_EQ(cleanup(&spi_error), 0);
    spi_send(s, "x");
    spi_expect(other, "x");
    CHECK_EQ(cleanup(&spi_error), 0);
    CHECK_EQ(spi_provider.lpWSPCloseSocket(s, &spi_error), SOCKET_ERROR);
    SPI_ERROR(cleanup(&spi_error), WSANOTINITIALISED);
    CHECK(WSACloseEvent(spi_posted_event));
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
