/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper functions (ws2emu/ws2help.h): APCs, and SOCKETs without kernel
 * handles, as libraries beside ws2_32 use them.
 *
 * No page of Microsoft's is about them.  They are the upcalls of the SPI by
 * other names, so they do what the pages of those say; the header tells the
 * rest.
 */
#include "support/catalog.h"
#include "support/helper_functions.h"
#include "support/memory.h"
#include "support/overlapped.h"
#include "support/ports.h"

#include <errno.h>

static WSADATA data;

static void startup(void)
{
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

/* --- Helpers -------------------------------------------------------------- */

typedef DWORD(WINAPI *open_function)(LPHANDLE);
typedef DWORD(WINAPI *close_function)(HANDLE);

static void expect_helpers(const char *name, open_function open,
                           close_function close)
{
    HANDLE first = NULL, second = NULL;
    void *read_only = memory_new(MEMORY_READ_ONLY, 1);
    CHECK(read_only != NULL);
    EXPECT_THAT(open(&first) == 0 && first != NULL, "%s", name);
    EXPECT_THAT(open(&second) == 0 && second != first, "%s", name);
    EXPECT_EQ(close(first), 0);
    EXPECT_EQ(close(first), WSA_INVALID_PARAMETER);
    EXPECT_EQ(close(second), 0);
    EXPECT_EQ(close(NULL), WSA_INVALID_PARAMETER);
    EXPECT_EQ(close(INVALID_HANDLE_VALUE), WSA_INVALID_PARAMETER);
    EXPECT_EQ(close((HANDLE)&first), WSA_INVALID_PARAMETER);
    EXPECT_EQ(open(NULL), WSA_INVALID_PARAMETER);
    EXPECT_EQ(open((LPHANDLE)16), WSAEFAULT);
    EXPECT_EQ(open(read_only), WSAEFAULT);
    memory_delete(read_only, 1);
}

static void helpers(void)
{
    load();
    expect_helpers("APC", wah.WahOpenApcHelper, wah.WahCloseApcHelper);
    expect_helpers("handle", wah.WahOpenHandleHelper, wah.WahCloseHandleHelper);
    expect_helpers("notification", wah.WahOpenNotificationHandleHelper,
                   wah.WahCloseNotificationHandleHelper);
}

static void helpers_without_startup(void)
{
    catalog_private();
    helpers();
}

/* One kind is no other. */
static void helpers_of_other_kinds(void)
{
    HANDLE apc, sockets, notices;
    WSATHREADID thread;
    SOCKET s = 77;
    load();
    CHECK_EQ(wah.WahOpenApcHelper(&apc), 0);
    CHECK_EQ(wah.WahOpenHandleHelper(&sockets), 0);
    CHECK_EQ(wah.WahOpenNotificationHandleHelper(&notices), 0);
    CHECK_EQ(wah.WahCloseApcHelper(sockets), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseHandleHelper(notices), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseNotificationHandleHelper(apc), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahOpenCurrentThread(sockets, &thread), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCreateSocketHandle(apc, &s), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahNotifyAllProcesses(sockets), WSA_INVALID_PARAMETER);
    CHECK_EQ(s, 77);
    CHECK_EQ(wah.WahCloseApcHelper(apc), 0);
    CHECK_EQ(wah.WahOpenCurrentThread(apc, &thread), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseHandleHelper(sockets), 0);
    CHECK_EQ(wah.WahCreateSocketHandle(sockets, &s), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseNotificationHandleHelper(notices), 0);
    CHECK_EQ(wah.WahNotifyAllProcesses(notices), WSA_INVALID_PARAMETER);
}

static void too_many_helpers(void)
{
    enum { ROOM = 8192 };
    static HANDLE handles[ROOM];
    DWORD error = 0;
    int n = 0;
    load();
    for (; n < ROOM && !error; n++) error = wah.WahOpenApcHelper(&handles[n]);
    CHECK_EQ(error, WSA_NOT_ENOUGH_MEMORY);
    CHECK(--n >= 4000 && handles[n] == NULL);
    while (n > 0) CHECK_EQ(wah.WahCloseApcHelper(handles[--n]), 0);
}

/* --- APCs ----------------------------------------------------------------- */

static HANDLE apc_helper;
static WSATHREADID apc_thread;
static int ran; /* how often, in which thread */
static ULONG_PTR ran_in;

static VOID CALLBACK count_run(DWORD_PTR context)
{
    ran += (int)context;
    ran_in = (ULONG_PTR)&errno;
}

static void queue_from_there(void *argument)
{
    (void)argument;
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, &apc_thread, count_run, 3), 0);
}

static void apcs_begin(void)
{
    load();
    CHECK_EQ(wah.WahOpenApcHelper(&apc_helper), 0);
    memset(&apc_thread, 0, sizeof(apc_thread));
    CHECK_EQ(wah.WahOpenCurrentThread(apc_helper, &apc_thread), 0);
    CHECK(apc_thread.ThreadHandle != NULL);
}

static void apcs_end(void)
{
    CHECK_EQ(wah.WahCloseThread(apc_helper, &apc_thread), 0);
    CHECK(apc_thread.ThreadHandle == NULL);
    CHECK_EQ(apc_thread.Reserved, 0);
    CHECK_EQ(wah.WahCloseApcHelper(apc_helper), 0);
}

static void apcs_run_in_their_thread(void)
{
    apcs_begin();
    thread_join(thread_start(queue_from_there, NULL));
    CHECK_EQ(ran, 0);
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(ran, 3);
    CHECK_EQ(ran_in, (ULONG_PTR)&errno);
    CHECK(!wait_alertably(0));
    apcs_end();
}

static LPWPUQUEUEAPC wpu_queue_apc;
static LPWPUOPENCURRENTTHREAD wpu_open;
static LPWPUCLOSETHREAD wpu_close;

/* A provider queues to a thread that a helper's user opened, and back. */
static void threads_of_the_upcalls(void)
{
    enum { LAYER_UPCALLS = (int)0x98aa0002 };
    WSPUPCALLTABLE upcalls;
    WSATHREADID other;
    DWORD returned;
    int error;
    catalog_private();
    provider_install("handle_layer", 9, 0);
    startup();
    SOCKET s = tcp_socket();
    CHECK_OK(WSAIoctl(s, (DWORD)LAYER_UPCALLS, NULL, 0, &upcalls,
                      sizeof(upcalls), &returned, NULL, NULL));
    close_socket(s);
    wpu_queue_apc = upcalls.lpWPUQueueApc;
    wpu_open = upcalls.lpWPUOpenCurrentThread;
    wpu_close = upcalls.lpWPUCloseThread;
    apcs_begin();
    CHECK_EQ(wpu_queue_apc(&apc_thread, count_run, 1, &error), 0);
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(ran, 1);
    CHECK_EQ(wpu_open(&other, &error), 0);
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, &other, count_run, 1), 0);
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(ran, 2);
    CHECK_EQ(wah.WahCloseThread(apc_helper, &other), 0);
    CHECK_EQ(wpu_close(&apc_thread, &error), 0);
    CHECK_EQ(wah.WahCloseApcHelper(apc_helper), 0);
    CHECK_OK(WSACleanup());
}

static WSATHREADID ended_thread;

static void open_and_end(void *argument)
{
    (void)argument;
    CHECK_EQ(wah.WahOpenCurrentThread(apc_helper, &ended_thread), 0);
}

static void bad_threads(void)
{
    apcs_begin();
    thread_join(thread_start(open_and_end, NULL));
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, &ended_thread, count_run, 1),
             WSA_INVALID_HANDLE);
    WSATHREADID closed = ended_thread;
    CHECK_EQ(wah.WahCloseThread(apc_helper, &ended_thread), 0);
    CHECK_EQ(wah.WahCloseThread(apc_helper, &closed), WSA_INVALID_HANDLE);
    CHECK_EQ(wah.WahCloseThread(apc_helper, &ended_thread),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, &closed, count_run, 1),
             WSA_INVALID_HANDLE);

    static const ULONG_PTR bad[] = { 16, 0x40000000, (ULONG_PTR)-4,
                                     0xdeadbeec, 0x7fffffff1000 };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        WSATHREADID thread = { .ThreadHandle = (HANDLE)bad[i] };
        EXPECT_EQ(wah.WahQueueUserApc(apc_helper, &thread, count_run, 1),
                  WSA_INVALID_HANDLE);
        EXPECT_EQ(wah.WahCloseThread(apc_helper, &thread), WSA_INVALID_HANDLE);
        EXPECT(thread.ThreadHandle == (HANDLE)bad[i]);
    }
    /* What is open, and no thread, stays open. */
    WSAEVENT event = event_create();
    SOCKET s = tcp_socket();
    WSATHREADID wrong = { .ThreadHandle = event };
    CHECK_EQ(wah.WahCloseThread(apc_helper, &wrong), WSA_INVALID_HANDLE);
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, &wrong, count_run, 1),
             WSA_INVALID_HANDLE);
    wrong.ThreadHandle = (HANDLE)s;
    CHECK_EQ(wah.WahCloseThread(apc_helper, &wrong), WSA_INVALID_HANDLE);
    CHECK(WSACloseEvent(event));
    close_socket(s);
    /* Its own use of it is not a handle of anybody's. */
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, &apc_thread, count_run, 1), 0);
    closed = apc_thread;
    apcs_end();
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(ran, 1);
}

static void bad_arguments_of_apcs(void)
{
    void *read_only = memory_new(MEMORY_READ_ONLY, 1);
    CHECK(read_only != NULL);
    apcs_begin();
    CHECK_EQ(wah.WahOpenCurrentThread(NULL, &apc_thread),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahOpenCurrentThread(apc_helper, NULL), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahOpenCurrentThread(apc_helper, (LPWSATHREADID)16),
             WSAEFAULT);
    CHECK_EQ(wah.WahOpenCurrentThread(apc_helper, read_only), WSAEFAULT);
    CHECK_EQ(wah.WahQueueUserApc(NULL, &apc_thread, count_run, 1),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, NULL, count_run, 1),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, (LPWSATHREADID)16, count_run, 1),
             WSAEFAULT);
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, &apc_thread, NULL, 1),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, &apc_thread,
                                 (LPWSAUSERAPC)(ULONG_PTR)16, 1), WSAEFAULT);
    CHECK_EQ(wah.WahCloseThread(NULL, &apc_thread), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseThread(apc_helper, NULL), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseThread(apc_helper, (LPWSATHREADID)16), WSAEFAULT);
    /* Nothing to clear: nothing is closed. */
    memory_change(read_only, 1, MEMORY_PLAIN);
    memcpy(read_only, &apc_thread, sizeof(apc_thread));
    memory_change(read_only, 1, MEMORY_READ_ONLY);
    CHECK_EQ(wah.WahCloseThread(apc_helper, read_only), WSAEFAULT);
    CHECK_EQ(wah.WahQueueUserApc(apc_helper, read_only, count_run, 1), 0);
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(ran, 1);
    apcs_end();
    memory_delete(read_only, 1);
}

/* --- SOCKETs without kernel handles --------------------------------------- */

static HANDLE sockets_helper;

static SOCKET make_socket(void)
{
    SOCKET s = INVALID_SOCKET;
    if (!sockets_helper) {
        load();
        CHECK_EQ(wah.WahOpenHandleHelper(&sockets_helper), 0);
    }
    CHECK_EQ(wah.WahCreateSocketHandle(sockets_helper, &s), 0);
    CHECK(s != INVALID_SOCKET && s != 0);
    return s;
}

static void close_it(SOCKET s)
{
    CHECK_EQ(wah.WahCloseSocketHandle(sockets_helper, s), 0);
}

static void sockets_end(void)
{
    CHECK_EQ(wah.WahCloseHandleHelper(sockets_helper), 0);
}

static void sockets_of_no_provider(void)
{
    char byte;
    SOCKET a = make_socket(), b = make_socket();
    CHECK(a != b);
    CHECK_ERROR(recv(a, &byte, 1, 0), WSAENOTSOCK);
    CHECK_ERROR(closesocket(a), WSAENOTSOCK);
    close_it(a);
    CHECK_EQ(wah.WahCloseSocketHandle(sockets_helper, a), WSA_INVALID_HANDLE);
    /* It outlives the helper that made it, and any helper ends it. */
    sockets_end();
    CHECK_EQ(wah.WahOpenHandleHelper(&sockets_helper), 0);
    close_it(b);
    sockets_end();
}

static void requests_are_completed(void)
{
    SOCKET s = make_socket();
    WSAOVERLAPPED overlapped = { .Internal = WSS_OPERATION_IN_PROGRESS };
    struct packet packet;
    uint64_t port = port_create();
    overlapped.hEvent = event_create();
    CHECK_EQ(wah.WahCompleteRequest(sockets_helper, s, &overlapped, 0, 42), 0);
    CHECK_EQ(STATUS_OF(&overlapped), 0);
    CHECK_EQ(overlapped.InternalHigh, 42);
    CHECK(event_is_signalled(overlapped.hEvent, 0));
    CHECK_EQ(wah.WahCompleteRequest(sockets_helper, s, &overlapped,
                                    WSAECONNRESET, 0), 0);
    CHECK_EQ(STATUS_OF(&overlapped), NT_CONNECTION_RESET);

    CHECK_EQ(port_associate(port, s, 4711), 0);
    CHECK_EQ(wah.WahCompleteRequest(sockets_helper, s, &overlapped, 0, 7), 0);
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, 4711);
    CHECK(packet.overlapped == &overlapped);
    CHECK_EQ(packet.bytes, 7);
    CHECK(WSACloseEvent(overlapped.hEvent));
    close_it(s);
    sockets_end();
    port_close(port);
}

static void bad_arguments_of_sockets(void)
{
    SOCKET s = make_socket(), kernel = tcp_socket();
    WSAOVERLAPPED overlapped = { .Internal = WSS_OPERATION_IN_PROGRESS };
    WSAOVERLAPPED *read_only = memory_new(MEMORY_READ_ONLY, 1);
    CHECK(read_only != NULL);
    CHECK_EQ(wah.WahCreateSocketHandle(NULL, &s), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCreateSocketHandle(sockets_helper, NULL),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCreateSocketHandle(sockets_helper, (SOCKET *)16),
             WSAEFAULT);
    CHECK_EQ(wah.WahCreateSocketHandle(sockets_helper, (SOCKET *)read_only),
             WSAEFAULT);
    CHECK_EQ(wah.WahCloseSocketHandle(NULL, s), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseSocketHandle(sockets_helper, 0),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseSocketHandle(sockets_helper, INVALID_SOCKET),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCloseSocketHandle(sockets_helper, kernel),
             WSA_INVALID_HANDLE);
    CHECK_EQ(wah.WahCloseSocketHandle(sockets_helper, s + 1),
             WSA_INVALID_HANDLE);
    CHECK_EQ(wah.WahCompleteRequest(NULL, s, &overlapped, 0, 0),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCompleteRequest(sockets_helper, kernel, &overlapped, 0, 0),
             WSA_INVALID_HANDLE);
    CHECK_EQ(wah.WahCompleteRequest(sockets_helper, INVALID_SOCKET,
                                    &overlapped, 0, 0), WSA_INVALID_HANDLE);
    CHECK_EQ(overlapped.Internal, WSS_OPERATION_IN_PROGRESS);
    CHECK_EQ(wah.WahCompleteRequest(sockets_helper, s, NULL, 0, 0),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCompleteRequest(sockets_helper, s, (LPWSAOVERLAPPED)16, 0,
                                    0), WSAEFAULT);
    CHECK_EQ(wah.WahCompleteRequest(sockets_helper, s, read_only, 0, 0),
             WSAEFAULT);
    close_socket(kernel);
    close_it(s);
    sockets_end();
    memory_delete(read_only, 1);
}

static void sockets_without_startup(void)
{
    catalog_private();
    SOCKET s = make_socket(), left = make_socket();
    CHECK_ERROR(closesocket(s), WSANOTINITIALISED);
    startup();
    CHECK_ERROR(closesocket(s), WSAENOTSOCK);
    close_it(s);
    CHECK_OK(WSACleanup());
    /* The last clean-up ends all SOCKETs. */
    CHECK_EQ(wah.WahCloseSocketHandle(sockets_helper, left),
             WSA_INVALID_HANDLE);
    sockets_end();
}

/* The setting is for other processes, too. */
static void asked_elsewhere(struct peer *parent, int n_arguments,
                            char **arguments)
{
    HANDLE helper = NULL;
    DWORD result[3];
    (void)n_arguments, (void)arguments;
    load();
    startup();
    result[0] = wah.WahOpenHandleHelper(&helper);
    if (helper) wah.WahCloseHandleHelper(helper);
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    result[1] = s == INVALID_SOCKET ? (DWORD)WSAGetLastError() : 0;
    if (s != INVALID_SOCKET) close_socket(s);
    s = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
    result[2] = s == INVALID_SOCKET ? (DWORD)WSAGetLastError() : 0;
    if (s != INVALID_SOCKET) close_socket(s);
    CHECK_OK(WSACleanup());
    peer_send(parent, result, sizeof(result));
}

static void expect_elsewhere(DWORD helper, DWORD provider)
{
    DWORD result[3];
    struct peer *peer = peer_start("asked_elsewhere", NULL);
    peer_receive(peer, result, sizeof(result));
    CHECK_EQ(peer_wait(peer), 0);
    CHECK_EQ(result[0], helper);
    CHECK_EQ(result[1], provider);
    CHECK_EQ(result[2], 0); /* the base provider has kernel handles */
}

static void support_is_switched(void)
{
    HANDLE helper = NULL;
    catalog_private();
    load();
    provider_install("handle_layer", 9, 0);
    CHECK_EQ(wah.WahEnableNonIFSHandleSupport(), 0);
    expect_elsewhere(0, 0);
    SOCKET s = make_socket();

    CHECK_EQ(wah.WahDisableNonIFSHandleSupport(), 0);
    CHECK_EQ(wah.WahDisableNonIFSHandleSupport(), 0);
    CHECK_EQ(wah.WahOpenHandleHelper(&helper), ERROR_SERVICE_DISABLED);
    CHECK(helper == NULL);
    CHECK_EQ(wah.WahOpenHandleHelper(NULL), WSA_INVALID_PARAMETER);
    expect_elsewhere(ERROR_SERVICE_DISABLED, WSAENOBUFS);
    /* Who has a helper goes on. */
    close_it(s);
    close_it(make_socket());

    CHECK_EQ(wah.WahEnableNonIFSHandleSupport(), 0);
    expect_elsewhere(0, 0);
    sockets_end();
}

/* So under Wine, where the store is the prefix's registry; no other suite asks
   there. */
static void support_is_kept_in_the_registry(void)
{
    HANDLE helper = NULL;
    load();
    CHECK_EQ(wah.WahDisableNonIFSHandleSupport(), 0);
    DWORD disabled = wah.WahOpenHandleHelper(&helper);
    CHECK_EQ(wah.WahEnableNonIFSHandleSupport(), 0);
    CHECK_EQ(disabled, ERROR_SERVICE_DISABLED);
    CHECK_EQ(wah.WahOpenHandleHelper(&helper), 0);
    CHECK_EQ(wah.WahCloseHandleHelper(helper), 0);
}

static const struct test_case cases[] = {
    TEST_CASE(helpers, "opening and closing helpers"),
    TEST_CASE_WITH(helpers_without_startup, "no WSAStartup is needed",
                   .flags = TEST_BARE),
    TEST_CASE(helpers_of_other_kinds, "WSA_INVALID_PARAMETER"),
    TEST_CASE(too_many_helpers, "WSA_NOT_ENOUGH_MEMORY"),
    TEST_CASE(apcs_run_in_their_thread, "as WPUQueueApc"),
    TEST_CASE_WITH(threads_of_the_upcalls, "WSATHREADID is one for both",
                   .flags = TEST_BARE),
    TEST_CASE(bad_threads, "WSA_INVALID_HANDLE"),
    TEST_CASE(bad_arguments_of_apcs, "WSA_INVALID_PARAMETER, WSAEFAULT"),
    TEST_CASE(sockets_of_no_provider, "as WPUCreateSocketHandle"),
    TEST_CASE(requests_are_completed, "as WPUCompleteOverlappedRequest"),
    TEST_CASE(bad_arguments_of_sockets, "WSA_INVALID_PARAMETER, WSAEFAULT"),
    TEST_CASE_WITH(sockets_without_startup, "no WSAStartup is needed",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(support_is_switched, "WahDisableNonIFSHandleSupport",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(support_is_kept_in_the_registry,
                   "WahDisableNonIFSHandleSupport", .flags = TEST_WINE_ONLY),
    TEST_END
};

static const struct test_role roles[] = {
    TEST_ROLE_BARE(asked_elsewhere),
    TEST_ROLES_END
};

TEST_MAIN("helper_calls", cases, roles)
