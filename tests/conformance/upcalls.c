/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The upcalls, as a provider gets them from ws2_32 at WSPStartup: here from
 * tests/support/handle_layer.c, which hands its table out.
 *
 * Specification 05, section 4.
 */
#include "support/catalog.h"
#include "support/events.h"

#include <errno.h>

#define LAYER_UPCALLS 0x98aa0002

static WSADATA data;
static WSPUPCALLTABLE upcalls;
static DWORD entry; /* the provider's own */
static int error;

static void begin(void)
{
    DWORD returned;
    catalog_private();
    provider_install("handle_layer", 9, 0);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    entry = catalog_offered(AF_INET, SOCK_STREAM, IPPROTO_TCP).dwCatalogEntryId;
    SOCKET s = tcp_socket();
    CHECK_OK(WSAIoctl(s, LAYER_UPCALLS, NULL, 0, &upcalls, sizeof(upcalls),
                      &returned, NULL, NULL));
    close_socket(s);
    error = 0;
}

static void end(void)
{
    CHECK_OK(WSACleanup());
}

static void every_upcall_is_there(void)
{
    begin();
    void *const *functions = (void *const *)(void *)&upcalls;
    for (size_t i = 0; i < sizeof(upcalls) / sizeof(*functions); i++)
        CHECK_THAT(functions[i] != NULL, "upcall %d is NULL", (int)i + 1);
    end();
}

static void events(void)
{
    begin();
    WSAEVENT event = upcalls.lpWPUCreateEvent(&error);
    CHECK(event != WSA_INVALID_EVENT);
    CHECK(!event_is_signalled(event, 0));
    CHECK(upcalls.lpWPUSetEvent(event, &error));
    CHECK(event_is_signalled(event, 0));
    CHECK(event_is_signalled(event, 0)); /* manual-reset */
    CHECK(upcalls.lpWPUResetEvent(event, &error));
    CHECK(!event_is_signalled(event, 0));
    CHECK(upcalls.lpWPUCloseEvent(event, &error));
    CHECK_EQ(error, 0);
    CHECK(!upcalls.lpWPUSetEvent(event, &error));
    CHECK_EQ(error, WSA_INVALID_HANDLE);
    CHECK(!upcalls.lpWPUResetEvent(event, NULL));
    error = 0;
    CHECK(!upcalls.lpWPUCloseEvent(event, &error));
    CHECK_EQ(error, WSA_INVALID_HANDLE);
    end();
}

static void socket_handles(void)
{
    DWORD_PTR context = 0;
    begin();
    SOCKET a = upcalls.lpWPUCreateSocketHandle(entry, 4711, &error);
    SOCKET b = upcalls.lpWPUCreateSocketHandle(entry, 4712, &error);
    CHECK(a != INVALID_SOCKET && b != INVALID_SOCKET && a != b);
    CHECK_EQ(a % 4, 0);
    CHECK_EQ(upcalls.lpWPUQuerySocketHandleContext(a, &context, &error), 0);
    CHECK_EQ(context, 4711);
    CHECK_EQ(upcalls.lpWPUQuerySocketHandleContext(b, &context, &error), 0);
    CHECK_EQ(context, 4712);
    CHECK_EQ(upcalls.lpWPUCloseSocketHandle(a, &error), 0);
    CHECK_EQ(upcalls.lpWPUCloseSocketHandle(b, &error), 0);
    CHECK_EQ(error, 0);
    CHECK_EQ(upcalls.lpWPUCloseSocketHandle(a, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAENOTSOCK);
    error = 0;
    CHECK_EQ(upcalls.lpWPUQuerySocketHandleContext(a, &context, &error),
             SOCKET_ERROR);
    CHECK_EQ(error, WSAENOTSOCK);

    /* A kernel handle has no context. */
    SOCKET kernel = CHECK_SOCKET(socket(AF_INET6, SOCK_STREAM, 0));
    error = 0;
    CHECK_EQ(upcalls.lpWPUQuerySocketHandleContext(kernel, &context, &error),
             SOCKET_ERROR);
    CHECK_EQ(error, WSAENOTSOCK);
    error = 0;
    CHECK_EQ(upcalls.lpWPUCloseSocketHandle(kernel, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAENOTSOCK);
    close_socket(kernel);
    CHECK_EQ(upcalls.lpWPUCreateSocketHandle(999999, 1, &error),
             INVALID_SOCKET);
    CHECK_EQ(error, WSAEINVAL);
    end();
}

static void kernel_handles(void)
{
    begin();
    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    SOCKET s = CHECK_SOCKET(WSASocketW(-1, -1, -1, &base, 0, 0));
    CHECK_EQ(upcalls.lpWPUModifyIFSHandle(base.dwCatalogEntryId, s, &error), s);
    CHECK_EQ(error, 0);
    CHECK_EQ(upcalls.lpWPUModifyIFSHandle(999999, s, &error), INVALID_SOCKET);
    CHECK_EQ(error, WSAEINVAL);
    error = 0;
    CHECK_EQ(upcalls.lpWPUModifyIFSHandle(entry, INVALID_SOCKET, &error),
             INVALID_SOCKET);
    CHECK_EQ(error, WSAEINVAL);

    /* Whose it is said to be, his functions are called: ours knows it not. */
    CHECK_EQ(upcalls.lpWPUModifyIFSHandle(entry, s, &error), s);
    CHECK_ERROR(listen(s, 1), WSAENOTSOCK);
    CHECK_EQ(upcalls.lpWPUModifyIFSHandle(base.dwCatalogEntryId, s, &error), s);
    CHECK_ERROR(listen(s, 1), WSAEINVAL); /* not bound */
    close_socket(s);
    end();
}

static void sets(void)
{
    fd_set set;
    begin();
    FD_ZERO(&set);
    FD_SET(8, &set);
    CHECK(upcalls.lpWPUFDIsSet(8, &set));
    CHECK(!upcalls.lpWPUFDIsSet(12, &set));
    end();
}

static void provider_paths(void)
{
    WCHAR path[MAX_PATH];
    INT length = MAX_PATH;
    begin();
    WSAPROTOCOL_INFOW own = catalog_entry_of(entry);
    CHECK_EQ(upcalls.lpWPUGetProviderPath(&own.ProviderId, path, &length,
                                          &error), 0);
    CHECK_MEMORY(path, provider_library("handle_layer"),
                 (size_t)length * sizeof(WCHAR));
    length = 1;
    CHECK_EQ(upcalls.lpWPUGetProviderPath(&own.ProviderId, path, &length,
                                          &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    own.ProviderId.Data1++;
    length = MAX_PATH;
    CHECK_EQ(upcalls.lpWPUGetProviderPath(&own.ProviderId, path, &length,
                                          &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEINVAL);
    end();
}

static void messages(void)
{
    unsigned message;
    uint64_t wparam;
    int64_t lparam;
    begin();
    struct window *window = window_create();
    CHECK(upcalls.lpWPUPostMessage((HWND)(ULONG_PTR)window_handle(window),
                                   WM_USER + 7, 11, 12));
    CHECK(window_next_message(window, test_timeout(10000), &message, &wparam,
                              &lparam));
    CHECK_EQ(message, WM_USER + 7);
    CHECK_EQ(wparam, 11);
    CHECK_EQ(lparam, 12);
    window_destroy(window);
    end();
}

/* Winsock 2 has no hooks ("Windows Sockets Compatibility Issues" of Microsoft's
   pages), whatever version a program asks for: nothing sets one, so a provider
   is never given one. */
static void no_blocking_hooks(void)
{
    LPBLOCKINGCALLBACK callback = (LPBLOCKINGCALLBACK)1;
    DWORD_PTR context = 1;
    begin();
    WSADATA old;
    CHECK_EQ(WSAStartup(MAKEWORD(1, 1), &old), 0);
    WSASetLastError(0);
    CHECK(WS2_FUNCTION(WSASetBlockingHook)((FARPROC)no_blocking_hooks) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
    CHECK_ERROR(WS2_FUNCTION(WSAUnhookBlockingHook)(), WSAEOPNOTSUPP);
    CHECK(!WS2_FUNCTION(WSAIsBlocking)());
    CHECK_ERROR(WS2_FUNCTION(WSACancelBlockingCall)(), WSAEINVAL);
    CHECK_EQ(upcalls.lpWPUQueryBlockingCallback(entry, &callback, &context,
                                                &error), 0);
    CHECK(callback == NULL);
    CHECK_EQ(context, 0);
    CHECK_OK(WSACleanup());
    end();
}

static void blocking_callbacks(void)
{
    LPBLOCKINGCALLBACK callback = (LPBLOCKINGCALLBACK)1;
    DWORD_PTR context;
    begin();
    CHECK_EQ(upcalls.lpWPUQueryBlockingCallback(entry, &callback, &context,
                                                &error), 0);
    CHECK(callback == NULL); /* no hook: wait natively */
    CHECK_EQ(upcalls.lpWPUQueryBlockingCallback(entry, NULL, &context, &error),
             SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    CHECK_EQ(upcalls.lpWPUQueryBlockingCallback(999999, &callback, &context,
                                                &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEINVAL);
    end();
}

static int ran; /* how often, in which thread */
static unsigned long ran_in;

static VOID CALLBACK count_run(DWORD_PTR context)
{
    ran += (int)context;
    ran_in = (unsigned long)(ULONG_PTR)&errno;
}

static WSATHREADID thread;

static void queue_from_there(void *argument)
{
    int result, own_error = 0;
    (void)argument;
    result = upcalls.lpWPUQueueApc(&thread, count_run, 3, &own_error);
    CHECK_EQ(result, 0);
}

static void apcs(void)
{
    begin();
    CHECK_EQ(upcalls.lpWPUOpenCurrentThread(&thread, &error), 0);
    WSAEVENT event = event_create();
    thread_join(thread_start(queue_from_there, NULL));
    CHECK_EQ(ran, 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE),
             WSA_WAIT_TIMEOUT);
    CHECK_EQ(ran, 0); /* that wait was not alertable */
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE,
                                      (DWORD)test_timeout(10000), TRUE),
             WSA_WAIT_IO_COMPLETION);
    CHECK_EQ(ran, 3);
    CHECK_EQ(ran_in, (unsigned long)(ULONG_PTR)&errno);
    CHECK_EQ(upcalls.lpWPUQueueApc(NULL, count_run, 1, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    CHECK_EQ(upcalls.lpWPUCloseThread(&thread, &error), 0);
    CHECK(WSACloseEvent(event));
    CHECK_EQ(upcalls.lpWPUOpenCurrentThread(NULL, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    end();
    CHECK_EQ(upcalls.lpWPUOpenCurrentThread(&thread, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSANOTINITIALISED);
    CHECK_EQ(upcalls.lpWPUCloseThread(&thread, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSANOTINITIALISED);
}

static WSATHREADID ended_thread;

static void open_and_end(void *argument)
{
    int own_error = 0;
    (void)argument;
    CHECK_EQ(upcalls.lpWPUOpenCurrentThread(&ended_thread, &own_error), 0);
}

static void expect_no_thread(HANDLE handle)
{
    WSATHREADID id = { .ThreadHandle = handle };
    error = 0;
    EXPECT_EQ(upcalls.lpWPUQueueApc(&id, count_run, 1, &error), SOCKET_ERROR);
    EXPECT_EQ(error, WSAEFAULT);
    error = 0;
    EXPECT_EQ(upcalls.lpWPUCloseThread(&id, &error), SOCKET_ERROR);
    EXPECT_EQ(error, WSAEFAULT);
}

/* What is no thread, or not any more, is found out, and left alone. */
static void threads_that_are_none(void)
{
    begin();
    thread_join(thread_start(open_and_end, NULL));
    CHECK_EQ(upcalls.lpWPUQueueApc(&ended_thread, count_run, 1, &error),
             SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    CHECK_EQ(upcalls.lpWPUCloseThread(&ended_thread, &error), 0);
    expect_no_thread(ended_thread.ThreadHandle);
    CHECK_EQ(upcalls.lpWPUOpenCurrentThread(&thread, &error), 0);
    CHECK_EQ(upcalls.lpWPUCloseThread(&thread, &error), 0);
    CHECK_EQ(upcalls.lpWPUCloseThread(&thread, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    expect_no_thread(NULL);
    expect_no_thread((HANDLE)16);
    expect_no_thread((HANDLE)0xdeadbeec);
    expect_no_thread((HANDLE)&ended_thread);
    WSAEVENT event = event_create();
    expect_no_thread(event);
    CHECK(WSACloseEvent(event));
    SOCKET s = tcp_socket();
    expect_no_thread((HANDLE)(ULONG_PTR)s);
    close_socket(s);
    CHECK_EQ(ran, 0);
    end();
}

/* --- lpThreadId of the base provider -------------------------------------- */

static WSPPROC_TABLE base;

static void load_base(void)
{
    WCHAR path[MAX_PATH];
    int length = MAX_PATH;
    WSAPROTOCOL_INFOW entry_of_tcp = catalog_base_tcp();
    WSPDATA version;
    WSC_OK(WSCGetProviderPath(&entry_of_tcp.ProviderId, path, &length,
                              &wsc_error));
    LPWSPSTARTUP startup = (LPWSPSTARTUP)library_symbol(
        (const uint16_t *)(const void *)path, "WSPStartup");
    CHECK(startup != NULL);
    CHECK_EQ(startup(MAKEWORD(2, 2), &version, &entry_of_tcp, upcalls, &base),
             0);
}

static SOCKET base_receiver;
static WSAOVERLAPPED base_overlapped;
static char base_data[16];
static unsigned long routine_ran_in;
static DWORD routine_count;

struct starter {
    WSAEVENT started, done;
};

static void CALLBACK note_thread(DWORD result, DWORD count,
                                 LPWSAOVERLAPPED overlapped, DWORD flags)
{
    CHECK_EQ(result, 0);
    CHECK_EQ(flags, 0);
    CHECK(overlapped == &base_overlapped);
    routine_count = count;
    routine_ran_in = (unsigned long)(ULONG_PTR)&errno;
}

/* A layer's own thread starts what a thread of the program asked for, and lives
   on: what a thread has started ends with it. */
static void receive_for_the_other(void *argument)
{
    WSABUF buffer = { sizeof(base_data), base_data };
    struct starter *starter = argument;
    DWORD flags = 0;
    int own_error = 0;
    CHECK_EQ(base.lpWSPRecv(base_receiver, &buffer, 1, NULL, &flags,
                            &base_overlapped, note_thread, &thread,
                            &own_error) == 0 ||
                 own_error == WSA_IO_PENDING, 1);
    WSASetEvent(starter->started);
    event_wait(starter->done);
}

static void routines_run_in_the_thread_that_is_named(void)
{
    struct sockaddr_in name;
    struct starter starter = { event_create(), event_create() };
    begin();
    load_base();
    WSAPROTOCOL_INFOW tcp = catalog_base_tcp();
    SOCKET listener = tcp_listener(&name);
    SOCKET client = tcp_connect(&name);
    SOCKET server = CHECK_SOCKET(accept(listener, NULL, NULL));
    base_receiver = base.lpWSPSocket(-1, -1, -1, &tcp, 0, WSA_FLAG_OVERLAPPED,
                                     &error);
    CHECK(base_receiver != INVALID_SOCKET);
    CHECK_EQ(base.lpWSPConnect(base_receiver, (struct sockaddr *)&name,
                               sizeof(name), NULL, NULL, NULL, NULL, &error),
             0);
    SOCKET sender = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_EQ(upcalls.lpWPUOpenCurrentThread(&thread, &error), 0);
    WSAEVENT never = event_create();
    for (int at_once = 0; at_once < 2; at_once++) {
        routine_ran_in = 0;
        if (at_once) {
            send_all(sender, "hello", 5);
            CHECK(wait_readable(base_receiver, test_timeout(10000)));
        }
        WSAResetEvent(starter.started);
        WSAResetEvent(starter.done);
        struct thread *other = thread_start(receive_for_the_other, &starter);
        event_wait(starter.started);
        if (!at_once) send_all(sender, "hello", 5);
        CHECK_EQ(WSAWaitForMultipleEvents(1, &never, FALSE,
                                          (DWORD)test_timeout(10000), TRUE),
                 WSA_WAIT_IO_COMPLETION);
        CHECK_EQ(routine_ran_in, (unsigned long)(ULONG_PTR)&errno);
        CHECK_EQ(routine_count, 5);
        WSASetEvent(starter.done);
        thread_join(other);
    }
    CHECK(WSACloseEvent(starter.started));
    CHECK(WSACloseEvent(starter.done));

    /* One that cannot be read. */
    WSABUF buffer = { sizeof(base_data), base_data };
    DWORD flags = 0;
    CHECK_EQ(base.lpWSPRecv(base_receiver, &buffer, 1, NULL, &flags,
                            &base_overlapped, note_thread,
                            (LPWSATHREADID)16, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    CHECK_EQ(upcalls.lpWPUCloseThread(&thread, &error), 0);
    CHECK_EQ(base.lpWSPCloseSocket(base_receiver, &error), 0);
    CHECK(WSACloseEvent(never));
    close_socket(sender);
    close_socket(client);
    close_socket(server);
    close_socket(listener);
    CHECK_EQ(base.lpWSPCleanup(&error), 0);
    end();
}

static void completions(void)
{
    begin();
    SOCKET s = upcalls.lpWPUCreateSocketHandle(entry, 1, &error);
    WSAOVERLAPPED overlapped = { .Internal = WSS_OPERATION_IN_PROGRESS };
    overlapped.hEvent = event_create();
    CHECK_EQ(WPUCompleteOverlappedRequest(s, &overlapped, 0, 42, &error), 0);
    CHECK_EQ(overlapped.InternalHigh, 42);
    CHECK(overlapped.Internal != WSS_OPERATION_IN_PROGRESS);
    CHECK(event_is_signalled(overlapped.hEvent, 0));
    CHECK_EQ(WPUCompleteOverlappedRequest(s, NULL, 0, 0, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEINVAL);
    CHECK_EQ(WPUCompleteOverlappedRequest(s, (WSAOVERLAPPED *)16, 0, 0,
                                          &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    /* Internal is an NTSTATUS, as GetOverlappedResult wants it. */
    CHECK_EQ(WPUCompleteOverlappedRequest(s, &overlapped, WSAECONNRESET, 0,
                                          &error), 0);
    CHECK_EQ(overlapped.Internal, 0xC000020D);
    CHECK_EQ(upcalls.lpWPUCloseSocketHandle(s, &error), 0);
    error = 0;
    CHECK_EQ(WPUCompleteOverlappedRequest(s, &overlapped, 0, 0, &error),
             SOCKET_ERROR);
    CHECK_EQ(error, WSAEINVAL);
    CHECK(WSACloseEvent(overlapped.hEvent));
    end();
}

/* Without a warm-up the first wait makes what it keeps. */
#define BARE .flags = TEST_BARE, .waiting_threads = 1

static const struct test_case cases[] = {
    TEST_CASE_WITH(every_upcall_is_there, "05 4: 15 upcalls", BARE),
    TEST_CASE_WITH(events, "05 4: WPUCreateEvent, Set, Reset, Close", BARE),
    TEST_CASE_WITH(socket_handles, "05 4: WPUCreateSocketHandle, Query, Close",
                   BARE),
    TEST_CASE_WITH(kernel_handles, "05 4: WPUModifyIFSHandle", BARE),
    TEST_CASE_WITH(sets, "05 4: WPUFDIsSet", BARE),
    TEST_CASE_WITH(provider_paths, "05 4: WPUGetProviderPath", BARE),
    TEST_CASE_WITH(messages, "05 4: WPUPostMessage",
                   .flags = TEST_BARE | TEST_WINDOWS, .waiting_threads = 1),
    TEST_CASE_WITH(blocking_callbacks, "05 4: WPUQueryBlockingCallback", BARE),
    TEST_CASE_WITH(no_blocking_hooks, "05 8: Winsock 2 has no hooks", BARE),
    TEST_CASE_WITH(apcs, "05 4: WPUOpenCurrentThread, QueueApc, CloseThread",
                   BARE),
    TEST_CASE_WITH(threads_that_are_none,
                   "05 4: WPUOpenCurrentThread, QueueApc, CloseThread", BARE),
    TEST_CASE_WITH(routines_run_in_the_thread_that_is_named, "05 2: lpThreadId",
                   .flags = TEST_BARE, .waiting_threads = 2),
    TEST_CASE_WITH(completions, "05 4: WPUCompleteOverlappedRequest", BARE),
    TEST_END
};

TEST_MAIN("upcalls", cases, NULL)
