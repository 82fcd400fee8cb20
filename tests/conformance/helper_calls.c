/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper functions (ws2emu/ws2help.h): APCs, SOCKETs without kernel handles
 * and notifications, as libraries beside ws2_32 use them; and
 * WSApSetPostRoutine.
 *
 * No page of Microsoft's is about them.  They are the upcalls of the SPI and
 * WSAProviderConfigChange by other names, so they do what the pages of those
 * say; the header tells the rest.
 */
#include "support/catalog.h"
#include "support/exports.h"
#include "support/memory.h"
#include "support/overlapped.h"
#include "support/ports.h"

#include <ws2emu/ws2help.h>

#include <errno.h>

#define FUNCTIONS(FUNCTION)                                                    \
    FUNCTION(WahOpenApcHelper)                                                 \
    FUNCTION(WahCloseApcHelper)                                                \
    FUNCTION(WahOpenCurrentThread)                                             \
    FUNCTION(WahCloseThread)                                                   \
    FUNCTION(WahQueueUserApc)                                                  \
    FUNCTION(WahEnableNonIFSHandleSupport)                                     \
    FUNCTION(WahDisableNonIFSHandleSupport)                                    \
    FUNCTION(WahOpenHandleHelper)                                              \
    FUNCTION(WahCloseHandleHelper)                                             \
    FUNCTION(WahCreateSocketHandle)                                            \
    FUNCTION(WahCloseSocketHandle)                                             \
    FUNCTION(WahCompleteRequest)                                               \
    FUNCTION(WahOpenNotificationHandleHelper)                                  \
    FUNCTION(WahCloseNotificationHandleHelper)                                 \
    FUNCTION(WahCreateNotificationHandle)                                      \
    FUNCTION(WahWaitForNotification)                                           \
    FUNCTION(WahNotifyAllProcesses)                                            \
    FUNCTION(WSApSetPostRoutine)

static struct {
#define MEMBER(name) __typeof__(&name) name;
    FUNCTIONS(MEMBER)
} wah;

static void load(void)
{
#define LOAD(name)                                                             \
    wah.name = (__typeof__(&name))export_named(#name);                         \
    CHECK_THAT(wah.name != NULL, "there is no %s", #name);
    FUNCTIONS(LOAD)
}

static WSADATA data;

static void startup(void)
{
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

/* --- Helpers ---------------------------------------------------------------------- */

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

/* --- APCs --------------------------------------------------------------------------- */

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

/* --- SOCKETs without kernel handles ---------------------------------------------------- */

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

/* --- Notifications ----------------------------------------------------------------------- */

static HANDLE notice_helper;

static HANDLE notices_begin(void)
{
    HANDLE handle = NULL;
    catalog_private();
    load();
    CHECK_EQ(wah.WahOpenNotificationHandleHelper(&notice_helper), 0);
    CHECK_EQ(wah.WahCreateNotificationHandle(notice_helper, &handle), 0);
    CHECK(handle != NULL);
    return handle;
}

static void notices_end(HANDLE handle)
{
    CHECK(WSACloseEvent(handle));
    CHECK_EQ(wah.WahCloseNotificationHandleHelper(notice_helper), 0);
}

static void notify(void)
{
    CHECK_EQ(wah.WahNotifyAllProcesses(notice_helper), 0);
}

static void notifier(struct peer *parent, int n_arguments, char **arguments)
{
    (void)parent, (void)n_arguments, (void)arguments;
    load();
    CHECK_EQ(wah.WahOpenNotificationHandleHelper(&notice_helper), 0);
    notify();
    CHECK_EQ(wah.WahCloseNotificationHandleHelper(notice_helper), 0);
}

static void notify_from_elsewhere(void)
{
    CHECK_EQ(peer_wait(peer_start("notifier", NULL)), 0);
}

static void wait_pends(HANDLE handle, WSAOVERLAPPED *overlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSASetLastError(4711);
    CHECK_EQ(wah.WahWaitForNotification(notice_helper, handle, overlapped,
                                        routine), WSA_IO_PENDING);
    CHECK_EQ(STATUS_OF(overlapped), NT_PENDING);
}

static void notified_by_event(void)
{
    WSAOVERLAPPED overlapped = { .hEvent = NULL };
    HANDLE handle = notices_begin();
    overlapped.hEvent = event_create();
    for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
        wait_pends(handle, &overlapped, NULL);
        CHECK(!event_is_signalled(overlapped.hEvent, TEST_QUIET_MS));
        elsewhere ? notify_from_elsewhere() : notify();
        event_wait(overlapped.hEvent);
        CHECK_EQ(STATUS_OF(&overlapped), 0);
    }
    /* One that nobody waits for is lost. */
    notify();
    wait_pends(handle, &overlapped, NULL);
    CHECK(!event_is_signalled(overlapped.hEvent, TEST_QUIET_MS));
    notices_end(handle);
    event_wait(overlapped.hEvent);
    CHECK_EQ(STATUS_OF(&overlapped), NT_CANCELLED);
    CHECK(WSACloseEvent(overlapped.hEvent));
}

static int n_routines;

static void CALLBACK notice_routine(DWORD error, DWORD count,
                                    LPWSAOVERLAPPED overlapped, DWORD flags)
{
    CHECK_EQ(error, 0);
    CHECK_EQ(count, 0);
    CHECK_EQ(flags, 0);
    CHECK(overlapped != NULL);
    n_routines++;
}

static void notified_by_routine(void)
{
    WSAOVERLAPPED overlapped = { .hEvent = NULL };
    HANDLE handle = notices_begin();
    wait_pends(handle, &overlapped, notice_routine);
    CHECK(!wait_alertably(TEST_QUIET_MS));
    notify();
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(n_routines, 1);
    notices_end(handle);
}

static HANDLE blocked_handle;

static void block(void *argument)
{
    (void)argument;
    CHECK_EQ(wah.WahWaitForNotification(notice_helper, blocked_handle, NULL,
                                        NULL), 0);
}

static void notified_by_returning(void)
{
    blocked_handle = notices_begin();
    struct thread *thread = thread_start(block, NULL);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    notify_from_elsewhere();
    thread_join(thread);
    notices_end(blocked_handle);
}

/* Both ways: a change of the catalog is one, and who waits by
   WSAProviderConfigChange is told, too. */
static void catalog_changes(void)
{
    static GUID id = { 0x11111111, 1, 1, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    static WCHAR path[] = L"/nowhere/a.so";
    WSAOVERLAPPED of_helper = { .hEvent = NULL }, of_program = of_helper;
    HANDLE handle = notices_begin(), other = NULL;
    startup();
    of_helper.hEvent = event_create();
    of_program.hEvent = event_create();
    CHECK_OK(WSAProviderConfigChange(&other, NULL, NULL));
    for (int installs = 0; installs < 2; installs++) {
        wait_pends(handle, &of_helper, NULL);
        CHECK_ERROR(WSAProviderConfigChange(&other, &of_program, NULL),
                    WSA_IO_PENDING);
        if (installs) {
            WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
            WSC_OK(WSCInstallProvider(&id, path, &entry, 1, &wsc_error));
        } else {
            notify_from_elsewhere();
        }
        event_wait(of_helper.hEvent);
        event_wait(of_program.hEvent);
        CHECK_EQ(STATUS_OF(&of_helper), 0);
        CHECK_EQ(STATUS_OF(&of_program), 0);
    }
    CHECK(WSACloseEvent(other));
    CHECK(WSACloseEvent(of_helper.hEvent));
    CHECK(WSACloseEvent(of_program.hEvent));
    CHECK_OK(WSACleanup());
    notices_end(handle);
}

/* Nothing that was installed is lost. */
static void a_notification_changes_nothing(void)
{
    static WSAPROTOCOL_INFOW before[CATALOG_ROOM], after[CATALOG_ROOM];
    HANDLE handle = notices_begin();
    provider_install("handle_layer", 9, 0);
    int n = catalog_entries(before);
    notify();
    CHECK_EQ(catalog_entries(after), n);
    CHECK_MEMORY(before, after, (size_t)n * sizeof(*before));
    notices_end(handle);
}

static void bad_arguments_of_notifications(void)
{
    WSAOVERLAPPED overlapped = { .hEvent = NULL };
    HANDLE handle = notices_begin(), untouched = (HANDLE)77;
    void *read_only = memory_new(MEMORY_READ_ONLY, 1);
    CHECK(read_only != NULL);
    CHECK_EQ(wah.WahCreateNotificationHandle(NULL, &untouched),
             WSA_INVALID_PARAMETER);
    CHECK(untouched == (HANDLE)77);
    CHECK_EQ(wah.WahCreateNotificationHandle(notice_helper, NULL),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCreateNotificationHandle(notice_helper, (LPHANDLE)16),
             WSAEFAULT);
    CHECK_EQ(wah.WahCreateNotificationHandle(notice_helper, read_only),
             WSAEFAULT);
    CHECK_EQ(wah.WahWaitForNotification(NULL, handle, &overlapped, NULL),
             WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahWaitForNotification(notice_helper, NULL, &overlapped, NULL),
             WSA_INVALID_HANDLE);
    CHECK_EQ(wah.WahWaitForNotification(notice_helper, INVALID_HANDLE_VALUE,
                                        NULL, NULL), WSA_INVALID_HANDLE);
    WSAEVENT event = event_create();
    CHECK_EQ(wah.WahWaitForNotification(notice_helper, event, NULL, NULL),
             WSA_INVALID_HANDLE);
    CHECK(WSACloseEvent(event));
    CHECK_EQ(wah.WahWaitForNotification(notice_helper, handle,
                                        (LPWSAOVERLAPPED)16, NULL), WSAEFAULT);
    overlapped.hEvent = (HANDLE)0xdeadbeec;
    CHECK_EQ(wah.WahWaitForNotification(notice_helper, handle, &overlapped,
                                        NULL), WSA_INVALID_HANDLE);
    CHECK_EQ(wah.WahNotifyAllProcesses(NULL), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahNotifyAllProcesses(handle), WSA_INVALID_PARAMETER);
    notices_end(handle);
    CHECK_EQ(wah.WahWaitForNotification(notice_helper, handle, NULL, NULL),
             WSA_INVALID_PARAMETER);
    memory_delete(read_only, 1);
}

/* --- Messages ------------------------------------------------------------------------------ */

static struct {
    int n; /* atomic, written last */
    HWND window;
    UINT message;
    WPARAM wparam;
    LPARAM lparam;
} posted;
static WSAEVENT posted_event;

static BOOL WINAPI post(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    posted.window = window;
    posted.message = message;
    posted.wparam = wparam;
    posted.lparam = lparam;
    __atomic_add_fetch(&posted.n, 1, __ATOMIC_RELEASE);
    WSASetEvent(posted_event);
    return TRUE;
}

static void next_post(int n)
{
    event_wait(posted_event);
    CHECK(WSAResetEvent(posted_event));
    CHECK_EQ(__atomic_load_n(&posted.n, __ATOMIC_ACQUIRE), n);
}

static void messages_go_by_the_routine(void)
{
    struct window *window = window_create();
    HWND handle = (HWND)(ULONG_PTR)window_handle(window);
    SOCKET client, server;
    char entry[MAXGETHOSTSTRUCT];
    unsigned message;
    uint64_t wparam;
    int64_t lparam;
    load();
    posted_event = event_create();
    tcp_pair(&client, &server);
    CHECK_EQ(wah.WSApSetPostRoutine(post), 0);
    CHECK_OK(WSAAsyncSelect(client, handle, WM_USER + 1, FD_READ));
    send_all(server, "x", 1);
    next_post(1);
    CHECK(posted.window == handle);
    CHECK_EQ(posted.message, WM_USER + 1);
    CHECK_EQ(posted.wparam, client);
    CHECK_EQ(posted.lparam, FD_READ);

    /* The other calls that answer by message. */
    HANDLE task = WSAAsyncGetProtoByName(handle, WM_USER + 2, "tcp", entry,
                                         sizeof(entry));
    CHECK(task != NULL);
    next_post(2);
    CHECK_EQ(posted.message, WM_USER + 2);
    CHECK_EQ(posted.wparam, (ULONG_PTR)task);
    CHECK_EQ(WSAGETASYNCERROR(posted.lparam), 0);
    CHECK(!window_next_message(window, TEST_QUIET_MS, &message, &wparam,
                               &lparam));

    /* And by PostMessage again. */
    CHECK_EQ(wah.WSApSetPostRoutine(NULL), 0);
    check_receives(client, "x");
    send_all(server, "y", 1);
    CHECK(window_next_message(window, test_timeout(10000), &message, &wparam,
                              &lparam));
    CHECK_EQ(message, WM_USER + 1);
    CHECK_EQ(wparam, client);
    CHECK_EQ(lparam, FD_READ);
    CHECK_EQ(posted.n, 2);
    close_socket(client);
    close_socket(server);
    CHECK(WSACloseEvent(posted_event));
    window_destroy(window);
}

static void bad_routines(void)
{
    void *unreadable = memory_new(MEMORY_UNREADABLE, 1);
    CHECK(unreadable != NULL);
    load();
    CHECK_ERROR(wah.WSApSetPostRoutine((LPWPUPOSTMESSAGE)(ULONG_PTR)16),
                WSAEFAULT);
    CHECK_ERROR(wah.WSApSetPostRoutine((LPWPUPOSTMESSAGE)unreadable),
                WSAEFAULT);
    /* It needs no WSAStartup, and a refused one leaves the one before. */
    CHECK_OK(wah.WSApSetPostRoutine(post));
    CHECK_ERROR(wah.WSApSetPostRoutine((LPWPUPOSTMESSAGE)(ULONG_PTR)16),
                WSAEFAULT);
    CHECK_OK(wah.WSApSetPostRoutine(NULL));
    memory_delete(unreadable, 1);
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
    TEST_CASE_WITH(notified_by_event, "as WSAProviderConfigChange",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(notified_by_routine, "as WSAProviderConfigChange",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(notified_by_returning, "as WSAProviderConfigChange",
                   .flags = TEST_BARE, .waiting_threads = 1),
    TEST_CASE_WITH(catalog_changes, "so WSAProviderConfigChange is made",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(a_notification_changes_nothing, "the catalogs stay",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(bad_arguments_of_notifications,
                   "WSA_INVALID_PARAMETER, WSAEFAULT, WSA_INVALID_HANDLE",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(messages_go_by_the_routine, "WSApSetPostRoutine",
                   .flags = TEST_WINDOWS),
    TEST_CASE_WITH(bad_routines, "WSAEFAULT", .flags = TEST_BARE),
    TEST_END
};

static const struct test_role roles[] = {
    TEST_ROLE_BARE(asked_elsewhere),
    TEST_ROLE_BARE(notifier),
    TEST_ROLES_END
};

TEST_MAIN("helper_calls", cases, roles)
