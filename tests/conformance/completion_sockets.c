/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs on completion ports, and SOCKETs as handles that one waits for and
 * cancels on.  For Wine: the calls are Windows' own.
 */
#include "support/sockets.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

/* --- Helpers -------------------------------------------------------------- */

struct receive {
    WSAOVERLAPPED overlapped;
    WSABUF buffer;
    DWORD flags;
    char bytes[16];
};

/* WSARecv's error, 0: it has ended. */
static int receive(struct receive *receive, SOCKET s, WSAEVENT event)
{
    DWORD n;

    memset(receive, 0, sizeof(*receive));
    receive->overlapped.hEvent = event;
    receive->buffer.len = sizeof(receive->bytes);
    receive->buffer.buf = receive->bytes;
    return WSARecv(s, &receive->buffer, 1, &n, &receive->flags,
                   &receive->overlapped, NULL)
               ? WSAGetLastError()
               : 0;
}

static HANDLE port_create(SOCKET s, ULONG_PTR key)
{
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, key, 0);

    CHECK(port != NULL);
    return port;
}

static void close_handle(HANDLE handle)
{
    CHECK(CloseHandle(handle));
}

/* The next packet is this receive's. error 0: of a success. */
static void check_packet(HANDLE port, ULONG_PTR key, struct receive *receive,
                         DWORD n, DWORD error)
{
    OVERLAPPED *overlapped = NULL;
    ULONG_PTR got_key = 0;
    DWORD bytes = 77;
    BOOL good = GetQueuedCompletionStatus(port, &bytes, &got_key, &overlapped,
                                          (DWORD)test_timeout(5000));

    if (good)
        CHECK_EQ(error, 0);
    else
        CHECK_EQ(GetLastError(), error);
    CHECK((void *)overlapped == &receive->overlapped);
    CHECK_EQ(got_key, key);
    CHECK_EQ(bytes, n);
}

static void check_no_packet(HANDLE port, int ms)
{
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD bytes;

    CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped,
                                     (DWORD)ms));
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
}

static void put(SOCKET s, const char *text)
{
    send_all(s, text, (int)strlen(text));
}

/* --- Packets -------------------------------------------------------------- */

static void a_receive_puts_a_packet(void)
{
    struct receive first, second;
    SOCKET client, server;
    HANDLE port;

    tcp_pair(&client, &server);
    port = port_create(server, 7);
    CHECK_EQ(receive(&first, server, NULL), WSA_IO_PENDING);
    CHECK_EQ(first.overlapped.Internal, STATUS_PENDING);
    check_no_packet(port, 0);
    put(client, "abc");
    check_packet(port, 7, &first, 3, 0);
    CHECK_MEMORY(first.bytes, "abc", 3);
    CHECK_EQ(first.overlapped.Internal, 0);
    CHECK_EQ(first.overlapped.InternalHigh, 3);
    put(client, "de");
    CHECK(wait_readable(server, test_timeout(5000)));
    (void)receive(&second, server, NULL); /* at once, or nearly */
    check_packet(port, 7, &second, 2, 0);
    check_no_packet(port, 0);
    CHECK_OK(shutdown(client, SD_SEND));
    (void)receive(&first, server, NULL);
    check_packet(port, 7, &first, 0, 0);
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

static void packets_wake_a_sleeper(void)
{
    struct receive one;
    SOCKET client, server;
    HANDLE port;
    int i;

    tcp_pair(&client, &server);
    port = port_create(server, 7);
    for (i = 0; i < 5; i++) {
        CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
        check_no_packet(port, i * 20);
        put(client, "abc");
        check_packet(port, 7, &one, 3, 0);
    }
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

static void the_order_is_that_of_the_receives(void)
{
    enum { N = 8 };
    struct receive receives[N];
    SOCKET client, server;
    char text[2] = "a";
    HANDLE port;
    int i;

    tcp_pair(&client, &server);
    port = port_create(server, 7);
    for (i = 0; i < N; i++) {
        memset(&receives[i], 0, sizeof(receives[i]));
        receives[i].buffer.len = 1;
        receives[i].buffer.buf = receives[i].bytes;
        CHECK_ERROR(WSARecv(server, &receives[i].buffer, 1, NULL,
                            &receives[i].flags, &receives[i].overlapped, NULL),
                    WSA_IO_PENDING);
    }
    put(client, "abcdefgh");
    for (i = 0; i < N; i++) {
        check_packet(port, 7, &receives[i], 1, 0);
        text[0] = (char)('a' + i);
        CHECK_MEMORY(receives[i].bytes, text, 1);
    }
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

static void several_sockets_on_a_port(void)
{
    struct receive one, other;
    SOCKET client, server;
    HANDLE port;

    tcp_pair(&client, &server);
    port = port_create(server, 1);
    CHECK(CreateIoCompletionPort((HANDLE)client, port, 2, 0) == port);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    CHECK_EQ(receive(&other, client, NULL), WSA_IO_PENDING);
    put(server, "x");
    check_packet(port, 2, &other, 1, 0);
    put(client, "x");
    check_packet(port, 1, &one, 1, 0);
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

static void a_socket_has_one_port(void)
{
    SOCKET s = tcp_socket();
    HANDLE port = port_create(s, 1), other;

    other = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    CHECK(!CreateIoCompletionPort((HANDLE)s, other, 2, 0));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(!CreateIoCompletionPort((HANDLE)s, port, 2, 0));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    close_socket(s);
    close_handle(port);
    close_handle(other);
}

static void what_pends_before_the_association(void)
{
    struct receive one;
    SOCKET client, server;
    HANDLE port;

    tcp_pair(&client, &server);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    port = port_create(server, 9);
    put(client, "x");
    check_packet(port, 9, &one, 1, 0);
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

static void copies_have_the_port(void)
{
    struct receive one;
    SOCKET client, server, copy;
    HANDLE port, handle;

    tcp_pair(&client, &server);
    port = port_create(server, 3);
    copy = duplicate_here(server);
    CHECK_EQ(receive(&one, copy, NULL), WSA_IO_PENDING);
    put(client, "x");
    check_packet(port, 3, &one, 1, 0);
    close_socket(server);
    CHECK_EQ(receive(&one, copy, NULL), WSA_IO_PENDING);
    put(client, "xy");
    check_packet(port, 3, &one, 2, 0);
    CHECK(DuplicateHandle(GetCurrentProcess(), (HANDLE)copy,
                          GetCurrentProcess(), &handle, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CHECK(!CreateIoCompletionPort(handle, port, 2, 0));
    close_handle(handle);
    close_socket(copy);
    close_socket(client);
    close_handle(port);
}

/* --- Modes ---------------------------------------------------------------- */

static void success_at_once_can_do_without(void)
{
    struct receive one;
    SOCKET client, server;
    HANDLE port;

    tcp_pair(&client, &server);
    port = port_create(server, 7);
    CHECK(SetFileCompletionNotificationModes(
        (HANDLE)server, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    put(client, "abc");
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_EQ(receive(&one, server, NULL), 0);
    CHECK_EQ(one.overlapped.InternalHigh, 3);
    check_no_packet(port, 0);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    put(client, "abc");
    check_packet(port, 7, &one, 3, 0);
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

static void an_event_s_low_bit(void)
{
    WSAEVENT event = event_create();
    struct receive one;
    SOCKET client, server;
    HANDLE port;

    tcp_pair(&client, &server);
    port = port_create(server, 7);
    CHECK_EQ(receive(&one, server, (WSAEVENT)((uintptr_t)event | 1)),
             WSA_IO_PENDING);
    put(client, "x");
    event_wait(event);
    CHECK_EQ(one.overlapped.InternalHigh, 1);
    check_no_packet(port, 0);
    /* Without it both are told. */
    CHECK(WSAResetEvent(event));
    CHECK_EQ(receive(&one, server, event), WSA_IO_PENDING);
    put(client, "x");
    check_packet(port, 7, &one, 1, 0);
    event_wait(event);
    CHECK(WSACloseEvent(event));
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

static void CALLBACK no_routine(DWORD error, DWORD n, WSAOVERLAPPED *overlapped,
                                DWORD flags)
{
    (void)error, (void)n, (void)overlapped, (void)flags;
}

static void no_routine_beside_a_port(void)
{
    struct receive one = {.buffer = {1, NULL}};
    SOCKET client, server;
    HANDLE port;

    one.buffer.buf = one.bytes;
    tcp_pair(&client, &server);
    port = port_create(server, 7);
    CHECK_ERROR(WSARecv(server, &one.buffer, 1, NULL, &one.flags,
                        &one.overlapped, no_routine), WSAEINVAL);
    check_no_packet(port, 0);
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

/* --- Failures ------------------------------------------------------------- */

static void failures_at_once_have_no_packet(void)
{
    struct receive one;
    SOCKET s = tcp_socket();
    HANDLE port = port_create(s, 7);

    CHECK_EQ(receive(&one, s, NULL), WSAENOTCONN);
    check_no_packet(port, 0);
    close_socket(s);
    close_handle(port);
}

static void a_reset_ends_a_receive(void)
{
    struct receive one;
    SOCKET client, server;
    HANDLE port;

    tcp_pair(&client, &server);
    port = port_create(server, 7);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    set_linger(client, 0);
    close_socket(client);
    check_packet(port, 7, &one, 0, ERROR_NETNAME_DELETED);
    CHECK_EQ((ULONG)one.overlapped.Internal, (ULONG)STATUS_CONNECTION_RESET);
    CHECK_EQ(receive(&one, server, NULL), WSAECONNRESET);
    check_no_packet(port, 0);
    close_socket(server);
    close_handle(port);
}

static void closing_ends_receives(void)
{
    struct sockaddr_in name;
    struct receive one;
    SOCKET client, server, datagram = udp_bound(&name);
    HANDLE port;

    tcp_pair(&client, &server);
    port = port_create(server, 7);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    close_socket(server);
    check_packet(port, 7, &one, 0, ERROR_CONNECTION_ABORTED);
    CHECK(CreateIoCompletionPort((HANDLE)datagram, port, 8, 0) == port);
    CHECK_EQ(receive(&one, datagram, NULL), WSA_IO_PENDING);
    close_socket(datagram);
    check_packet(port, 8, &one, 0, ERROR_OPERATION_ABORTED);
    close_socket(client);
    close_handle(port);
}

/* --- Cancelling ----------------------------------------------------------- */

static void cancelling_one_or_all(void)
{
    struct receive one, two, three;
    SOCKET client, server;
    HANDLE port;

    tcp_pair(&client, &server);
    port = port_create(server, 7);
    CHECK(!CancelIoEx((HANDLE)server, NULL));
    CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    CHECK_EQ(receive(&two, server, NULL), WSA_IO_PENDING);
    CHECK_EQ(receive(&three, server, NULL), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)server, (OVERLAPPED *)(void *)&two.overlapped));
    check_packet(port, 7, &two, 0, ERROR_OPERATION_ABORTED);
    CHECK(!CancelIoEx((HANDLE)server, (OVERLAPPED *)(void *)&two.overlapped));
    CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
    put(client, "x");
    check_packet(port, 7, &one, 1, 0);
    CHECK(CancelIoEx((HANDLE)server, NULL));
    check_packet(port, 7, &three, 0, ERROR_OPERATION_ABORTED);
    check_no_packet(port, 0);
    CHECK(CancelIo((HANDLE)server));
    close_socket(client);
    close_socket(server);
    close_handle(port);
}

struct helper {
    SOCKET s;
    WSAEVENT event, go_on;
    struct receive receive;
};

static void receive_and_wait(void *argument)
{
    struct helper *helper = argument;

    CHECK_EQ(receive(&helper->receive, helper->s, helper->event),
             WSA_IO_PENDING);
    CHECK(WSASetEvent(helper->go_on));
    event_wait(helper->event);
}

static void cancelling_what_one_s_thread_started(void)
{
    struct helper helper = {.event = event_create(), .go_on = event_create()};
    struct thread *thread;
    SOCKET client;

    tcp_pair(&client, &helper.s);
    thread = thread_start(receive_and_wait, &helper);
    event_wait(helper.go_on);
    CHECK(CancelIo((HANDLE)helper.s));
    CHECK(!event_is_signalled(helper.event, TEST_QUIET_MS));
    CHECK(CancelIoEx((HANDLE)helper.s, NULL));
    event_wait(helper.event);
    CHECK_EQ((ULONG)helper.receive.overlapped.Internal,
             (ULONG)STATUS_CANCELLED);
    thread_join(thread);
    close_socket(client);
    close_socket(helper.s);
    CHECK(WSACloseEvent(helper.event));
    CHECK(WSACloseEvent(helper.go_on));
}

static void only_receive(void *argument)
{
    struct helper *helper = argument;

    CHECK_EQ(receive(&helper->receive, helper->s, helper->event),
             WSA_IO_PENDING);
}

static void a_thread_s_end_cancels(void)
{
    struct helper helper = {.event = event_create()};
    SOCKET client;

    tcp_pair(&client, &helper.s);
    thread_join(thread_start(only_receive, &helper));
    event_wait(helper.event);
    CHECK_EQ((ULONG)helper.receive.overlapped.Internal,
             (ULONG)STATUS_CANCELLED);
    close_socket(client);
    close_socket(helper.s);
    CHECK(WSACloseEvent(helper.event));
}

static void a_thread_s_end_spares_what_has_a_port(void)
{
    struct helper helper = {.event = NULL};
    SOCKET client;
    HANDLE port;

    tcp_pair(&client, &helper.s);
    port = port_create(helper.s, 7);
    thread_join(thread_start(only_receive, &helper));
    check_no_packet(port, 50);
    put(client, "x");
    check_packet(port, 7, &helper.receive, 1, 0);
    close_socket(client);
    close_socket(helper.s);
    close_handle(port);
}

/* --- The SOCKET as what one waits for ------------------------------------- */

static void the_socket_is_signalled_at_the_end(void)
{
    SOCKET client, server;
    struct receive one;
    DWORD n, flags;

    tcp_pair(&client, &server);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    CHECK_EQ(WaitForSingleObject((HANDLE)server, 50), WAIT_TIMEOUT);
    put(client, "x");
    CHECK_EQ(WaitForSingleObject((HANDLE)server, (DWORD)test_timeout(5000)),
             WAIT_OBJECT_0);
    CHECK_EQ(one.overlapped.InternalHigh, 1);
    CHECK_EQ(WaitForSingleObject((HANDLE)server, 0), WAIT_OBJECT_0);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    put(client, "xy");
    CHECK(WSAGetOverlappedResult(server, &one.overlapped, &n, TRUE, &flags));
    CHECK_EQ(n, 2);
    close_socket(client);
    close_socket(server);
}

struct sender {
    SOCKET s;
    WSAEVENT go;
};

static void send_later(void *argument)
{
    struct sender *sender = argument;

    CHECK(!event_is_signalled(sender->go, 100));
    put(sender->s, "xyz");
}

static void waiting_for_the_result(void)
{
    struct sender sender = {.go = event_create()};
    HANDLE handles[2] = {sender.go};
    struct thread *thread;
    struct receive one;
    SOCKET server;
    DWORD n = 0;

    tcp_pair(&sender.s, &server);
    handles[1] = (HANDLE)server;
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    thread = thread_start(send_later, &sender);
    CHECK(GetOverlappedResult((HANDLE)server,
                              (OVERLAPPED *)(void *)&one.overlapped, &n, TRUE));
    CHECK_EQ(n, 3);
    thread_join(thread);
    CHECK_EQ(receive(&one, server, NULL), WSA_IO_PENDING);
    thread = thread_start(send_later, &sender);
    CHECK_EQ(WaitForMultipleObjects(2, handles, FALSE,
                                    (DWORD)test_timeout(5000)),
             WAIT_OBJECT_0 + 1);
    CHECK_EQ(one.overlapped.InternalHigh, 3);
    thread_join(thread);
    close_socket(sender.s);
    close_socket(server);
    CHECK(WSACloseEvent(sender.go));
}

static const struct test_case cases[] = {
    TEST_CASE(a_receive_puts_a_packet, "04 2: at once and later"),
    TEST_CASE(packets_wake_a_sleeper, "04 6"),
    TEST_CASE(the_order_is_that_of_the_receives, "04 5: in posting order"),
    TEST_CASE(several_sockets_on_a_port, "04 6"),
    TEST_CASE(a_socket_has_one_port, "04 6: ERROR_INVALID_PARAMETER"),
    TEST_CASE(what_pends_before_the_association, "04 6: delivers to it, too"),
    TEST_CASE(copies_have_the_port, "04 6: the same port and key"),
    TEST_CASE(success_at_once_can_do_without, "04 6: skip on success"),
    TEST_CASE(an_event_s_low_bit, "04 3: suppresses the packet"),
    TEST_CASE(no_routine_beside_a_port, "04 3: WSAEINVAL"),
    TEST_CASE(failures_at_once_have_no_packet, "04 2"),
    TEST_CASE(a_reset_ends_a_receive, "04 7: ERROR_NETNAME_DELETED"),
    TEST_CASE(closing_ends_receives, "04 7: aborted, or cancelled"),
    TEST_CASE(cancelling_one_or_all, "04 7: CancelIoEx"),
    TEST_CASE_WITH(cancelling_what_one_s_thread_started, "04 7: CancelIo",
                   .waiting_threads = 1),
    TEST_CASE(a_thread_s_end_cancels, "04 7: thread exit"),
    TEST_CASE(a_thread_s_end_spares_what_has_a_port, "04 7: thread exit"),
    TEST_CASE(the_socket_is_signalled_at_the_end, "04 3: hEvent NULL"),
    TEST_CASE_WITH(waiting_for_the_result, "04 4: waits on the socket",
                   .waiting_threads = 1),
    TEST_END
};

TEST_MAIN("completion_sockets", cases, NULL)
