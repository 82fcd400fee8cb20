/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAProviderConfigChange: programs hear of changes of the catalogs.
 *
 * Microsoft's page of the function: the first call gives a handle, later ones
 * end when a provider, of transport or of a name space, is installed or
 * removed; this call and then an enumeration is always the present state.
 */
#include "support/catalog.h"
#include "support/overlapped.h"
#include "support/ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static WSADATA data;
static GUID id_a = { 0x11111111, 1, 1, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static WCHAR path_a[] = L"/nowhere/a.so";

static void install(void)
{
    WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
    WSC_OK(WSCInstallProvider(&id_a, path_a, &entry, 1, &wsc_error));
}

/* In another process, which ends. */
static void installer(struct peer *parent, int n_arguments, char **arguments)
{
    (void)parent, (void)n_arguments, (void)arguments;
    install();
}

static void install_elsewhere(void)
{
    CHECK_EQ(peer_wait(peer_start("installer", NULL)), 0);
}

static int count_offered(void)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    DWORD size = sizeof(entries);
    int n = WSAEnumProtocolsW(NULL, entries, &size);
    CHECK(n > 0);
    return n;
}

static HANDLE open_handle(void)
{
    HANDLE handle = NULL;
    CHECK_OK(WSAProviderConfigChange(&handle, NULL, NULL));
    CHECK(handle != NULL);
    return handle;
}

static HANDLE begin(void)
{
    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    return open_handle();
}

static void end(HANDLE handle)
{
    CHECK(WSACloseEvent(handle));
    CHECK_OK(WSACleanup());
}

/* An overlapped wait by event. */
struct change {
    WSAOVERLAPPED overlapped;
};

static void change_wait(struct change *change, HANDLE handle)
{
    memset(change, 0, sizeof(*change));
    change->overlapped.hEvent = event_create();
    CHECK_ERROR(WSAProviderConfigChange(&handle, &change->overlapped, NULL),
                WSA_IO_PENDING);
    CHECK_EQ(STATUS_OF(&change->overlapped), NT_PENDING);
    CHECK(!event_is_signalled(change->overlapped.hEvent, 0));
}

static void change_ends(struct change *change, uint32_t status)
{
    event_wait(change->overlapped.hEvent);
    CHECK_EQ(STATUS_OF(&change->overlapped), status);
    CHECK_EQ(change->overlapped.InternalHigh, 0);
    CHECK(WSACloseEvent(change->overlapped.hEvent));
}

/* --- Cases ---------------------------------------------------------------- */

static void bad_arguments(void)
{
    HANDLE none = NULL, handle;
    catalog_private();
    CHECK_ERROR(WSAProviderConfigChange(&none, NULL, NULL), WSANOTINITIALISED);
    CHECK(none == NULL);
    handle = begin();
    CHECK_ERROR(WSAProviderConfigChange(NULL, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAProviderConfigChange((HANDLE *)16, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAProviderConfigChange(&handle, (WSAOVERLAPPED *)16, NULL),
                WSAEFAULT);
    HANDLE bad = INVALID_HANDLE_VALUE;
    CHECK_ERROR(WSAProviderConfigChange(&bad, NULL, NULL), WSA_INVALID_HANDLE);
    CHECK(bad == INVALID_HANDLE_VALUE);
    bad = event_create();
    CHECK_ERROR(WSAProviderConfigChange(&bad, NULL, NULL), WSA_INVALID_HANDLE);
    CHECK(WSACloseEvent(bad));
    bad = (HANDLE)(ULONG_PTR)tcp_socket();
    CHECK_ERROR(WSAProviderConfigChange(&bad, NULL, NULL), WSA_INVALID_HANDLE);
    close_socket((SOCKET)(ULONG_PTR)bad);
    WSAOVERLAPPED overlapped = { .hEvent = (HANDLE)0xdeadbeec };
    CHECK_ERROR(WSAProviderConfigChange(&handle, &overlapped, NULL),
                WSA_INVALID_HANDLE);
    bad = handle;
    end(handle);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_ERROR(WSAProviderConfigChange(&bad, NULL, NULL), WSA_INVALID_HANDLE);
    CHECK_OK(WSACleanup());
}

static void told_by_event(void)
{
    struct change change;
    HANDLE handle = begin();
    int before = count_offered();
    change_wait(&change, handle);
    CHECK(!event_is_signalled(change.overlapped.hEvent, TEST_QUIET_MS));
    install();
    change_ends(&change, 0);
    /* As soon as it is told, the enumeration has it. */
    CHECK_EQ(count_offered(), before + 1);

    change_wait(&change, handle);
    CHECK(!event_is_signalled(change.overlapped.hEvent, TEST_QUIET_MS));
    int error;
    CHECK_OK(WSCDeinstallProvider(&id_a, &error));
    change_ends(&change, 0);
    CHECK_EQ(count_offered(), before);
    end(handle);
}

static void told_of_other_processes(void)
{
    struct change change;
    HANDLE handle = begin();
    int before = count_offered();
    change_wait(&change, handle);
    install_elsewhere();
    change_ends(&change, 0);
    CHECK_EQ(count_offered(), before + 1);
    end(handle);
}

/* The documented sequence: what changes between two calls is seen by the
   enumeration after the second, which waits for what comes then. */
static void the_call_is_the_present_state(void)
{
    struct change change;
    HANDLE handle = begin();
    int before = count_offered();
    install();
    CHECK_EQ(count_offered(), before); /* nobody asked */
    change_wait(&change, handle);
    CHECK_EQ(count_offered(), before + 1);
    CHECK(!event_is_signalled(change.overlapped.hEvent, TEST_QUIET_MS));
    int error;
    CHECK_OK(WSCDeinstallProvider(&id_a, &error));
    HANDLE second = open_handle(); /* so is the first call */
    CHECK_EQ(count_offered(), before);
    change_ends(&change, 0);
    CHECK(WSACloseEvent(second));
    end(handle);
}

static int n_routines;
static DWORD routine_error;
static LPWSAOVERLAPPED routine_overlapped;

static void CALLBACK routine(DWORD error, DWORD count,
                             LPWSAOVERLAPPED overlapped, DWORD flags)
{
    CHECK_EQ(count, 0);
    CHECK_EQ(flags, 0);
    n_routines++;
    routine_error = error;
    routine_overlapped = overlapped;
}

static void told_by_routine(void)
{
    WSAOVERLAPPED overlapped = { .hEvent = NULL };
    HANDLE handle = begin();
    CHECK_ERROR(WSAProviderConfigChange(&handle, &overlapped, routine),
                WSA_IO_PENDING);
    CHECK(!wait_alertably(TEST_QUIET_MS));
    install();
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(n_routines, 1);
    CHECK_EQ(routine_error, 0);
    CHECK(routine_overlapped == &overlapped);
    CHECK_EQ(STATUS_OF(&overlapped), 0);
    end(handle);
}

static void told_on_port(void)
{
    WSAOVERLAPPED overlapped = { .hEvent = NULL };
    struct packet packet;
    HANDLE handle = begin();
    uint64_t port = port_create();
    CHECK_EQ(port_associate(port, (ULONG_PTR)handle, 4711), 0);
    CHECK(port_associate(port, (ULONG_PTR)handle, 4712) != 0);
    CHECK_ERROR(WSAProviderConfigChange(&handle, &overlapped, NULL),
                WSA_IO_PENDING);
    CHECK(!port_get(port, TEST_QUIET_MS, &packet));
    install();
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, 4711);
    CHECK(packet.overlapped == &overlapped);
    CHECK_EQ(packet.status, 0);
    CHECK_EQ(packet.bytes, 0);

    /* The low bit of hEvent asks for none. */
    WSAEVENT event = event_create();
    overlapped.hEvent = (HANDLE)((ULONG_PTR)event | 1);
    CHECK_ERROR(WSAProviderConfigChange(&handle, &overlapped, NULL),
                WSA_IO_PENDING);
    int error;
    CHECK_OK(WSCDeinstallProvider(&id_a, &error));
    event_wait(event);
    CHECK(!port_get(port, TEST_QUIET_MS, &packet));
    CHECK(WSACloseEvent(event));
    end(handle);
    port_close(port);
}

static HANDLE blocked_handle;
static int blocked_error;

static void block(void *argument)
{
    (void)argument;
    WSASetLastError(0);
    blocked_error = WSAProviderConfigChange(&blocked_handle, NULL, NULL)
                        ? WSAGetLastError()
                        : 0;
}

static void told_by_returning(void)
{
    blocked_handle = begin();
    struct thread *thread = thread_start(block, NULL);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    install_elsewhere();
    thread_join(thread);
    CHECK_EQ(blocked_error, 0);
    end(blocked_handle);
}

/* Each call that changes one of the catalogs. */
static void every_change_is_told(void)
{
    struct change change;
    HANDLE handle = begin();
    GUID id = { 0x33333333, 1, 1, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    WCHAR name[] = L"Names", path[] = L"/nowhere/names.so";
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    DWORD ids[CATALOG_ROOM];
    install();
    WSAPROTOCOL_INFOW entry = catalog_offered(AF_INET, SOCK_STREAM, 6);

    change_wait(&change, handle);
    int n = catalog_entries(entries);
    for (int i = 0; i < n; i++) ids[i] = entries[n - 1 - i].dwCatalogEntryId;
    CHECK_EQ(WS2_FUNCTION(WSCWriteProviderOrder)(ids, (DWORD)n), 0);
    change_ends(&change, 0);

    change_wait(&change, handle);
    n = catalog_entries(entries);
    for (int i = 0; i < n; i++)
        if (!memcmp(&entries[i].ProviderId, &id_a, sizeof(id_a)))
            entry = entries[i];
    entry.iMaxSockAddr++;
    WSC_OK(WS2_FUNCTION(WSCUpdateProvider)(&id_a, path_a, &entry, 1,
                                           &wsc_error));
    change_ends(&change, 0);

    change_wait(&change, handle);
    CHECK_OK(WSCInstallNameSpace(name, path, 4711, 1, &id));
    change_ends(&change, 0);

    change_wait(&change, handle);
    CHECK_OK(WSCEnableNSProvider(&id, FALSE));
    change_ends(&change, 0);

    change_wait(&change, handle);
    CHECK_OK(WSCUnInstallNameSpace(&id));
    change_ends(&change, 0);
    end(handle);
}

static void no_change_is_not_told(void)
{
    struct change change;
    HANDLE handle = begin();
    change_wait(&change, handle);
    WSC_ERROR(WSCDeinstallProvider(&id_a, &wsc_error), WSAEINVAL);
    count_offered();
    close_socket(tcp_socket());
    CHECK(!event_is_signalled(change.overlapped.hEvent, TEST_QUIET_MS));
    CHECK_EQ(STATUS_OF(&change.overlapped), NT_PENDING);
    install();
    change_ends(&change, 0);
    end(handle);
}

static void all_who_wait_are_told(void)
{
    struct change first, second, third;
    HANDLE handle = begin(), other = open_handle();
    CHECK(other != handle);
    change_wait(&first, handle);
    change_wait(&second, handle);
    change_wait(&third, other);
    install_elsewhere();
    change_ends(&first, 0);
    change_ends(&second, 0);
    change_ends(&third, 0);
    CHECK(WSACloseEvent(other));
    end(handle);
}

static void closing_the_handle_ends_it(void)
{
    struct change change, other;
    HANDLE handle = begin(), stays = open_handle();
    change_wait(&change, handle);
    change_wait(&other, stays);
    CHECK(WSACloseEvent(handle));
    change_ends(&change, NT_CANCELLED);
    CHECK(!event_is_signalled(other.overlapped.hEvent, TEST_QUIET_MS));

    blocked_handle = open_handle();
    struct thread *thread = thread_start(block, NULL);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    CHECK(WSACloseEvent(blocked_handle));
    thread_join(thread);
    CHECK_EQ(blocked_error, WSA_OPERATION_ABORTED);
    CHECK_ERROR(WSAProviderConfigChange(&blocked_handle, NULL, NULL),
                WSA_INVALID_HANDLE);
    install();
    change_ends(&other, 0);
    end(stays);
}

static void cleanup_ends_it(void)
{
    struct change change;
    WSAOVERLAPPED overlapped = { .hEvent = NULL };
    HANDLE handle = begin();
    change_wait(&change, handle);
    CHECK_ERROR(WSAProviderConfigChange(&handle, &overlapped, routine),
                WSA_IO_PENDING);
    CHECK_OK(WSACleanup());
    CHECK_EQ(STATUS_OF(&change.overlapped), NT_CANCELLED);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    change_ends(&change, NT_CANCELLED);
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(routine_error, WSA_OPERATION_ABORTED);
    /* The handle is the program's still. */
    change_wait(&change, handle);
    install();
    change_ends(&change, 0);
    end(handle);
}

/* More than can be waited for fails, and leaves the others alone. */
static void waits_have_an_end(void)
{
    enum { MANY = 200 };
    static struct change changes[MANY];
    HANDLE handle = begin();
    int n = 0;
    for (; n < MANY; n++) {
        changes[n].overlapped.hEvent = event_create();
        WSASetLastError(0);
        CHECK_EQ(WSAProviderConfigChange(&handle, &changes[n].overlapped,
                                         NULL), SOCKET_ERROR);
        if (WSAGetLastError() != WSA_IO_PENDING) break;
    }
    CHECK(n > 0 && n < MANY);
    CHECK_EQ(WSAGetLastError(), WSA_NOT_ENOUGH_MEMORY);
    CHECK(WSACloseEvent(changes[n].overlapped.hEvent));
    install();
    while (n-- > 0) change_ends(&changes[n], 0);
    end(handle);
}

/* A provider that is removed: what it has goes on, and new sockets are not its
   own any more. */
static void sockets_of_a_removed_provider(void)
{
    struct sockaddr_in name;
    catalog_private();
    GUID id = provider_install("layer1", 1, XP1_IFS_HANDLES);
    HANDLE handle = begin();
    SOCKET listener = tcp_listener(&name);
    SOCKET client = tcp_connect(&name);
    CHECK_EQ(provider_layers(listener), 1);
    provider_remove(id);
    HANDLE second = open_handle();
    SOCKET other = tcp_socket();
    CHECK_EQ(provider_layers(other), 0);
    close_socket(other);
    SOCKET server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_EQ(provider_layers(server), 1);
    check_passes(client, server, "goes on");
    close_socket(server);
    close_socket(client);
    close_socket(listener);
    CHECK(WSACloseEvent(second));
    end(handle);
}

/* The store's folder is made by the first change. */
static void folder_that_is_not_there(void)
{
    static char path[600];
    struct change change;
    catalog_private();
    snprintf(path, sizeof(path), "%s.d/one/two/catalog", catalog_path());
    environment_set("WS2EMU_CATALOG", path);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    HANDLE handle = open_handle();
    change_wait(&change, handle);
    install_elsewhere();
    change_ends(&change, 0);
    end(handle);
}

static void told_of_the_registry(void)
{
    struct change change;
    catalog_private();
    setenv("WS2EMU_CATALOG", "", 1);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    int error;
    HANDLE handle = open_handle();
    change_wait(&change, handle);
    install();
    WSCDeinstallProvider(&id_a, &error); /* before anything can fail */
    change_ends(&change, 0);
    change_wait(&change, handle);
    install_elsewhere();
    WSCDeinstallProvider(&id_a, &error);
    change_ends(&change, 0);
    /* All of one change is told once. */
    change_wait(&change, handle);
    CHECK(!event_is_signalled(change.overlapped.hEvent, TEST_QUIET_MS));
    CHECK(WSACloseEvent(handle));
    change_ends(&change, NT_CANCELLED);
    CHECK_OK(WSACleanup());
}

/* Without a warm-up the first wait makes what it keeps. */
#define BARE .flags = TEST_BARE, .waiting_threads = 1

static const struct test_case cases[] = {
    TEST_CASE_WITH(bad_arguments, "WSAEFAULT, WSA_INVALID_HANDLE", BARE),
    TEST_CASE_WITH(told_by_event, "an event, and the enumeration after it",
                   BARE),
    TEST_CASE_WITH(told_of_other_processes, "whoever changes the catalog",
                   BARE),
    TEST_CASE_WITH(the_call_is_the_present_state,
                   "the call, then the enumeration, is the present state",
                   BARE),
    TEST_CASE_WITH(told_by_routine, "a completion routine", BARE),
    TEST_CASE_WITH(told_on_port, "a completion port", BARE),
    TEST_CASE_WITH(told_by_returning, "without OVERLAPPED it blocks", BARE),
    TEST_CASE_WITH(every_change_is_told,
                   "order, update, name spaces are changes, too", BARE),
    TEST_CASE_WITH(no_change_is_not_told, "what fails changes nothing", BARE),
    TEST_CASE_WITH(all_who_wait_are_told, "several waits, several handles",
                   BARE),
    TEST_CASE_WITH(closing_the_handle_ends_it, "WSA_OPERATION_ABORTED", BARE),
    TEST_CASE_WITH(cleanup_ends_it, "WSACleanup ends what pends", BARE),
    TEST_CASE_WITH(waits_have_an_end, "WSA_NOT_ENOUGH_MEMORY", BARE),
    TEST_CASE_WITH(sockets_of_a_removed_provider,
                   "05 9: running processes keep it loaded", BARE),
    TEST_CASE_WITH(folder_that_is_not_there, "the store's folder comes later",
                   BARE),
    TEST_CASE_WITH(told_of_the_registry, "the store under Wine",
                   .flags = TEST_BARE | TEST_WINE_ONLY, .waiting_threads = 1),
    TEST_END
};

static const struct test_role roles[] = { TEST_ROLE_BARE(installer),
                                          TEST_ROLES_END };

TEST_MAIN("provider_config", cases, roles)
