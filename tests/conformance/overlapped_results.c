/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAGetOverlappedResult, which reads an OVERLAPPED and maps what it finds, and
 * completion routines.
 */
#include "support/overlapped.h"

#include "support/memory.h"

/* --- WSAGetOverlappedResult ----------------------------------------------- */

static const struct {
    uint32_t status;
    int error;
} map[] = {
    {0x00000103, WSA_IO_INCOMPLETE}, /* PENDING */
    {0x80000005, WSAEMSGSIZE},       /* BUFFER_OVERFLOW */
    {0xC0000206, WSAEMSGSIZE},       /* INVALID_BUFFER_SIZE */
    {0xC0000002, WSAEOPNOTSUPP},     /* NOT_IMPLEMENTED */
    {0xC00000BB, WSAEOPNOTSUPP},     /* NOT_SUPPORTED */
    {0xC0000005, WSAEFAULT},         /* ACCESS_VIOLATION */
    {0xC0000023, WSAEFAULT},         /* BUFFER_TOO_SMALL */
    {0xC00002C5, WSAEFAULT},         /* DATATYPE_MISALIGNMENT_ERROR */
    {0xC0000007, WSAENOBUFS},        /* PAGEFILE_QUOTA */
    {0xC0000017, WSAENOBUFS},        /* NO_MEMORY */
    {0xC0000018, WSAENOBUFS},        /* CONFLICTING_ADDRESSES */
    {0xC0000044, WSAENOBUFS},        /* QUOTA_EXCEEDED */
    {0xC0000097, WSAENOBUFS},        /* TOO_MANY_PAGING_FILES */
    {0xC000009A, WSAENOBUFS},        /* INSUFFICIENT_RESOURCES */
    {0xC00000A1, WSAENOBUFS},        /* WORKING_SET_QUOTA */
    {0xC000012D, WSAENOBUFS},        /* COMMITMENT_LIMIT */
    {0xC000013D, WSAENOBUFS},        /* REMOTE_RESOURCES */
    {0xC0000209, WSAENOBUFS},        /* TOO_MANY_ADDRESSES */
    {0xC0000008, WSAENOTSOCK},       /* INVALID_HANDLE */
    {0xC0000024, WSAENOTSOCK},       /* OBJECT_TYPE_MISMATCH */
    {0xC000000E, WSAENETDOWN},       /* NO_SUCH_DEVICE */
    {0xC000000F, WSAENETDOWN},       /* NO_SUCH_FILE */
    {0xC0000034, WSAENETDOWN},       /* OBJECT_NAME_NOT_FOUND */
    {0xC000003A, WSAENETDOWN},       /* OBJECT_PATH_NOT_FOUND */
    {0xC00000BF, WSAENETDOWN},       /* NETWORK_BUSY */
    {0xC00000C3, WSAENETDOWN},       /* INVALID_NETWORK_RESPONSE */
    {0xC00000C4, WSAENETDOWN},       /* UNEXPECTED_NETWORK_ERROR */
    {0xC0000022, WSAEACCES},         /* ACCESS_DENIED */
    {0xC0000043, WSAEADDRINUSE},     /* SHARING_VIOLATION */
    {0xC000020A, WSAEADDRINUSE},     /* ADDRESS_ALREADY_EXISTS */
    {0xC00000A3, WSAEWOULDBLOCK},    /* DEVICE_NOT_READY */
    {0xC00000D0, WSAEWOULDBLOCK},    /* REQUEST_NOT_ACCEPTED */
    {0xC00000B0, WSAESHUTDOWN},      /* PIPE_DISCONNECTED */
    {0xC00000B5, WSAETIMEDOUT},      /* IO_TIMEOUT */
    {0xC000013F, WSAETIMEDOUT},      /* LINK_TIMEOUT */
    {0xC00000BC, WSAECONNREFUSED},   /* REMOTE_NOT_LISTENING */
    {0xC0000236, WSAECONNREFUSED},   /* CONNECTION_REFUSED */
    {0xC00000BE, WSAENETUNREACH},    /* BAD_NETWORK_PATH */
    {0xC000023C, WSAENETUNREACH},    /* NETWORK_UNREACHABLE */
    {0xC000023E, WSAENETUNREACH},    /* PROTOCOL_UNREACHABLE */
    {0xC000023D, WSAEHOSTUNREACH},   /* HOST_UNREACHABLE */
    {0xC0000350, WSAEHOSTDOWN},      /* HOST_DOWN */
    {0xC0000120, WSA_OPERATION_ABORTED}, /* CANCELLED */
    {0xC000013B, WSAECONNABORTED},   /* LOCAL_DISCONNECT */
    {0xC000020F, WSAECONNABORTED},   /* TRANSACTION_ABORTED */
    {0xC0000241, WSAECONNABORTED},   /* CONNECTION_ABORTED */
    {0xC000013C, WSAECONNRESET},     /* REMOTE_DISCONNECT */
    {0xC000013E, WSAECONNRESET},     /* LINK_FAILED */
    {0xC000020C, WSAECONNRESET},     /* CONNECTION_DISCONNECTED */
    {0xC000020D, WSAECONNRESET},     /* CONNECTION_RESET */
    {0xC000023F, WSAECONNRESET},     /* PORT_UNREACHABLE */
    {0xC0000140, WSAENOTCONN},       /* INVALID_CONNECTION */
    {0xC0000141, WSAEADDRNOTAVAIL},  /* INVALID_ADDRESS */
    {0xC0000207, WSAEADDRNOTAVAIL},  /* INVALID_ADDRESS_COMPONENT */
    {0xC0000237, WSAEDISCON},        /* GRACEFUL_DISCONNECT */
    {0xC000023B, WSAEISCONN},        /* CONNECTION_ACTIVE */
    {0xC0000240, WSAEINTR},          /* REQUEST_ABORTED */
    {0xC0000001, WSAEINVAL},         /* UNSUCCESSFUL: any other */
    {0xDEADBEEF, WSAEINVAL},
};

static void each_status_has_its_error(void)
{
    SOCKET s = tcp_socket();
    WSAOVERLAPPED overlapped;
    DWORD count, flags;
    size_t i;

    for (i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
        memset(&overlapped, 0, sizeof(overlapped));
        overlapped.Internal = map[i].status;
        overlapped.InternalHigh = 7;
        count = 99;
        WSASetLastError(0);
        EXPECT_THAT(!WSAGetOverlappedResult(s, &overlapped, &count, FALSE,
                                            &flags) &&
                        WSAGetLastError() == map[i].error,
                    "status %08x is %s, not %s", map[i].status,
                    error_name(WSAGetLastError()), error_name(map[i].error));
        EXPECT_EQ(count, map[i].error == WSA_IO_INCOMPLETE ? 99 : 7);
    }
    close_socket(s);
}

static void success_tells_count_and_flags(void)
{
    WSAOVERLAPPED overlapped = {.InternalHigh = 1234};
    SOCKET s = tcp_socket();
    DWORD count = 0, flags = 99;

    CHECK(WSAGetOverlappedResult(s, &overlapped, &count, TRUE, &flags));
    CHECK_EQ(count, 1234);
    CHECK_EQ(flags, 0);
    close_socket(s);
}

static void bad_arguments_are_refused(void)
{
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    WSAOVERLAPPED overlapped = {.Internal = 0};
    SOCKET s = tcp_socket();
    DWORD count, flags;

    CHECK(bad != NULL);
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(s, NULL, &count, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(!WSAGetOverlappedResult(s, &overlapped, NULL, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    close_socket(s);
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    memory_delete(bad, 1);
}

struct waiting {
    SOCKET s;
    struct call *call;
    BOOL success;
    DWORD count;
};

static void wait_for_result(void *argument)
{
    struct waiting *waiting = argument;
    DWORD flags;

    waiting->success = WSAGetOverlappedResult(
        waiting->s, &waiting->call->overlapped, &waiting->count, TRUE, &flags);
}

static void check_waiting(int with_event)
{
    SOCKET client, server;
    struct thread *thread;
    struct call call;
    struct waiting waiting = {.call = &call};

    tcp_pair(&client, &server);
    call_init(&call, 16, with_event);
    call_pends(&call, server);
    waiting.s = server;
    thread = thread_start(wait_for_result, &waiting);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    send_all(client, "data", 4);
    thread_join(thread);
    CHECK(waiting.success);
    CHECK_EQ(waiting.count, 4);
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

static void waiting_ends_with_the_operation(void)
{
    check_waiting(1);
}

static void waiting_needs_no_event(void)
{
    check_waiting(0);
}

static void an_event_may_be_closed_meanwhile(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 1);
    call_pends(&call, server);
    CHECK(WSACloseEvent(call.overlapped.hEvent));
    call.overlapped.hEvent = NULL;
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    close_socket(client);
    close_socket(server);
}

static void the_low_bit_of_an_event_is_no_part_of_it(void)
{
    WSAEVENT event = event_create();
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    call.overlapped.hEvent = (WSAEVENT)((ULONG_PTR)event | 1);
    CHECK_ERROR(call_receive(&call, server), WSA_IO_PENDING);
    send_all(client, "data", 4);
    event_wait(event);
    CHECK_EQ(call.overlapped.InternalHigh, 4);
    CHECK(WSACloseEvent(event));
    close_socket(client);
    close_socket(server);
}

/* --- Completion routines -------------------------------------------------- */

static void a_routine_runs_in_an_alertable_wait(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    CHECK_ERROR(call_receive_with_routine(&call, server), WSA_IO_PENDING);
    send_all(client, "data", 4);
    CHECK_EQ(wait_alertably(test_timeout(10000)), 1);
    CHECK_EQ(call.n_routines, 1);
    CHECK_EQ(call.routine_error, 0);
    CHECK_EQ(call.routine_count, 4);
    CHECK_EQ(call.routine_flags, 0);
    CHECK_MEMORY(call.data, "data", 4);
    CHECK_EQ(wait_alertably(0), 0);
    close_socket(client);
    close_socket(server);
}

static void a_routine_waits_for_an_alertable_wait(void)
{
    WSAEVENT event = event_create();
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    send_all(client, "data", 4);
    CHECK(wait_readable(server, 10000));
    CHECK_OK(call_receive_with_routine(&call, server)); /* at once */
    CHECK_EQ(call.count, 4);
    CHECK_EQ(call.n_routines, 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE),
             WSA_WAIT_TIMEOUT);
    CHECK_EQ(call.n_routines, 0);
    CHECK_EQ(wait_alertably(0), 1);
    CHECK_EQ(call.n_routines, 1);
    CHECK(WSACloseEvent(event));
    close_socket(client);
    close_socket(server);
}

static void a_routine_leaves_hevent_alone(void)
{
    WSAEVENT event = event_create();
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    call.overlapped.hEvent = event;
    CHECK_ERROR(call_receive_with_routine(&call, server), WSA_IO_PENDING);
    send_all(client, "data", 4);
    CHECK_EQ(wait_alertably(test_timeout(10000)), 1);
    CHECK(!event_is_signalled(event, 0));
    call.overlapped.hEvent = (WSAEVENT)(ULONG_PTR)0x12345; /* no event at all */
    CHECK_ERROR(call_receive_with_routine(&call, server), WSA_IO_PENDING);
    send_all(client, "data", 4);
    CHECK_EQ(wait_alertably(test_timeout(10000)), 1);
    CHECK_EQ(call.n_routines, 2);
    CHECK(WSACloseEvent(event));
    close_socket(client);
    close_socket(server);
}

static void a_routine_gets_the_error(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    CHECK_ERROR(call_receive_with_routine(&call, server), WSA_IO_PENDING);
    reset_connection(client);
    CHECK_EQ(wait_alertably(test_timeout(10000)), 1);
    CHECK_EQ(call.routine_error, WSAECONNRESET);
    CHECK_EQ(call.routine_count, 0);
    close_socket(server);
}

static void a_failing_call_queues_no_routine(void)
{
    SOCKET s = tcp_socket();
    struct call call;

    call_init(&call, 16, 0);
    CHECK_ERROR(call_receive_with_routine(&call, s), WSAENOTCONN);
    CHECK_EQ(wait_alertably(0), 0);
    CHECK_EQ(call.n_routines, 0);
    close_socket(s);
}

static void a_routine_without_overlapped_is_ignored(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    send_all(client, "data", 4);
    CHECK_OK(WSARecv(server, &call.buffer, 1, &call.count, &call.flags, NULL,
                     call_routine));
    CHECK_EQ(call.count, 4);
    CHECK_EQ(wait_alertably(0), 0);
    CHECK_EQ(call.n_routines, 0);
    close_socket(client);
    close_socket(server);
}

/* Two whose routines show whether one ran within the other. */
static struct call nested[2];
static int depth, deepest;

static void CALLBACK note_depth(DWORD error, DWORD count,
                                LPWSAOVERLAPPED overlapped, DWORD flags)
{
    WSAEVENT event;

    call_routine(error, count, overlapped, flags);
    depth++;
    if (depth > deepest)
        deepest = depth;
    event = event_create();
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE),
             WSA_WAIT_TIMEOUT);
    CHECK(WSACloseEvent(event));
    depth--;
}

static void routines_are_not_nested(void)
{
    SOCKET client, server;
    int i;

    tcp_pair(&client, &server);
    for (i = 0; i < 2; i++) {
        call_init(&nested[i], 4, 0);
        CHECK_ERROR(WSARecv(server, &nested[i].buffer, 1, NULL,
                            &nested[i].flags, &nested[i].overlapped,
                            note_depth),
                    WSA_IO_PENDING);
    }
    send_all(client, "11112222", 8);
    for (i = 0; i < 2 && !nested[1].n_routines; i++)
        CHECK_EQ(wait_alertably(test_timeout(10000)), 1);
    CHECK_EQ(nested[0].n_routines, 1);
    CHECK_EQ(nested[1].n_routines, 1);
    CHECK_EQ(deepest, 1);
    CHECK_MEMORY(nested[0].data, "1111", 4);
    CHECK_MEMORY(nested[1].data, "2222", 4);
    close_socket(client);
    close_socket(server);
}

/* --- WSAIoctl ------------------------------------------------------------- */

static void a_control_call_ends_at_once(void)
{
    const GUID id = {0x25a207b9,
                     0xddf3,
                     0x4660,
                     {0x8e, 0xe9, 0x76, 0xe5, 0x8c, 0x74, 0x06, 0x3e}};
    const GUID no_id = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    SOCKET s = tcp_socket();
    struct call call;
    void *function = NULL;
    DWORD size = 0;

    call_init(&call, 0, 1);
    CHECK_ERROR(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)&no_id,
                         sizeof(no_id), &function, sizeof(function), &size,
                         &call.overlapped, NULL),
                WSAEINVAL);
    CHECK(!event_is_signalled(call.overlapped.hEvent, 0));
    WSASetLastError(0);
    if (WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)&id, sizeof(id),
                 &function, sizeof(function), &size, NULL, NULL) == 0) {
        CHECK_OK(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)&id,
                          sizeof(id), &function, sizeof(function), &size,
                          &call.overlapped, NULL));
        call_ends(&call, s, 0, 0); /* the count is of the call alone */
    }
    call_done(&call);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(each_status_has_its_error, "04 4: the table"),
    TEST_CASE(success_tells_count_and_flags, "04 4: success"),
    TEST_CASE(bad_arguments_are_refused, "04 4: ENOTSOCK, EFAULT"),
    TEST_CASE(waiting_ends_with_the_operation, "04 4: fWait"),
    TEST_CASE(waiting_needs_no_event, "04 4: fWait on the socket"),
    TEST_CASE(an_event_may_be_closed_meanwhile, "04 3: the event is held"),
    TEST_CASE(the_low_bit_of_an_event_is_no_part_of_it, "04 3: low bit"),
    TEST_CASE(a_routine_runs_in_an_alertable_wait, "04 3: completion routine"),
    TEST_CASE(a_routine_waits_for_an_alertable_wait, "04 2, 3: APC at once"),
    TEST_CASE(a_routine_leaves_hevent_alone, "04 3: hEvent is the program's"),
    TEST_CASE(a_routine_gets_the_error, "04 3: a Winsock code"),
    TEST_CASE(a_failing_call_queues_no_routine, "04 2: immediate failure"),
    TEST_CASE(a_routine_without_overlapped_is_ignored, "04 1: synchronous"),
    TEST_CASE(routines_are_not_nested, "04 3: not nested"),
    TEST_CASE(a_control_call_ends_at_once, "04 13: overlapped query"),
    TEST_END
};
TEST_MAIN("overlapped_results", cases, NULL)
