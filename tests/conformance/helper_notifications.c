/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper functions (ws2emu/ws2help.h): notifications; and
 * WSApSetPostRoutine.
 *
 * No page of Microsoft's is about them.  Notifications are
 * WSAProviderConfigChange by another name, so they do what the page of that
 * says; the header tells the rest.
 */
#include "support/catalog.h"
#include "support/helper_functions.h"
#include "support/memory.h"
#include "support/overlapped.h"

static WSADATA data;

static void startup(void)
{
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

/* --- Notifications -------------------------------------------------------- */

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

/* --- Messages ------------------------------------------------------------- */

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
    TEST_ROLE_BARE(notifier),
    TEST_ROLES_END
};

TEST_MAIN("helper_notifications", cases, roles)
