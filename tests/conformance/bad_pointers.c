/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pointers that cannot be used: every function of the table of exports is
 * called with such ones in the place of all its pointers, and those that write
 * what a call without error does not ask for with one of them alone.
 *
 * What each function says then is in the suites of its kind.  Here nothing may
 * be harmed: the process goes on, and an innocent connection works.  What frees
 * memory, and so has no error, gets none of these.
 */
#include "support/catalog.h"
#include "support/exports.h"
#include "support/memory.h"

#include <mswsock.h>

/* In the first pages, and of a value that no handle has: some of the functions
   close one. */
#define UNMAPPED ((void *)0xfff8)
/* -1 would be all windows, too. */
#define END_OF_MEMORY ((void *)-8)

/* --- All of them ---------------------------------------------------------- */

struct export {
    const char *name, *state;
    const char *arguments; /* l: a number; p, s, w: a pointer, or a handle */
};

static const struct export exports[] = {
#define EXPORT(ordinal, name, state, arguments) {#name, #state, arguments},
#include "exports_list.h"
};
#define N_EXPORTS (sizeof(exports) / sizeof(exports[0]))

/* They end the use of Winsock, free memory, or keep a routine. */
static const char *const others[] = {
    "WSACleanup",     "freeaddrinfo",    "FreeAddrInfoW",
    "FreeAddrInfoEx", "FreeAddrInfoExW", "WSApSetPostRoutine",
};

enum { MAX_ARGUMENTS = 12 };

typedef ULONG_PTR(WINAPI *any_function)(
    ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR,
    ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR);

static int is_asked(const struct export *export)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (!strcmp(export->name, others[i])) return 0;
    return export->arguments[strspn(export->arguments, "l")] != '\0';
}

/* with_socket: in place of the first pointer. */
static void call(const struct export *export, void *pointer, ULONG_PTR number,
                 int with_socket)
{
    any_function function = (any_function)export_named(export->name);
    ULONG_PTR a[MAX_ARGUMENTS] = { 0 };
    SOCKET s, t;
    if (function == NULL) return; /* libc's names are others with sanitizers */
    CHECK(strlen(export->arguments) <= MAX_ARGUMENTS);
    for (int i = 0; export->arguments[i]; i++)
        a[i] = export->arguments[i] == 'l' ? number : (ULONG_PTR)pointer;
    s = with_socket ? tcp_socket() : INVALID_SOCKET;
    t = with_socket ? tcp_socket() : INVALID_SOCKET;
    /* Not all of them take it for a SOCKET: it is aligned as any pointer is. */
    if (with_socket) a[0] = s % 8 ? t : s;
    function(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10],
             a[11]);
    if (with_socket) closesocket(s), closesocket(t);
}

static void call_all(void *pointer)
{
    static const ULONG_PTR numbers[] = { 0, 2, 64 };
    SOCKET client, server;
    tcp_pair(&client, &server);
    for (size_t i = 0; i < N_EXPORTS; i++) {
        if (!is_asked(&exports[i])) continue;
        for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++) {
            call(&exports[i], pointer, numbers[n], 0);
            if (exports[i].arguments[0] == 'p')
                call(&exports[i], pointer, numbers[n], 1);
        }
    }
    check_passes(client, server, "still works");
    close_socket(client);
    close_socket(server);
}

static WSADATA data;

/* Before WSAStartup, and after WSACleanup: the same without sockets. */
static void without_startup(void)
{
    void *const pointers[] = { NULL, UNMAPPED, END_OF_MEMORY };
    catalog_private();
    for (int after = 0; after < 2; after++) {
        for (size_t p = 0; p < sizeof(pointers) / sizeof(pointers[0]); p++)
            for (size_t i = 0; i < N_EXPORTS; i++)
                if (is_asked(&exports[i]))
                    call(&exports[i], pointers[p], 2, /* with_socket= */ 0);
        if (after) break;
        CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
        SOCKET s = tcp_socket();
        CHECK_OK(WSACleanup());
        CHECK_ERROR(closesocket(s), WSANOTINITIALISED);
    }
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    close_socket(tcp_socket());
    CHECK_OK(WSACleanup());
}

static void with_null(void)
{
    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    call_all(NULL);
    while (WSACleanup() == 0) continue;
}

static void with_unmapped(void)
{
    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    call_all(UNMAPPED);
    while (WSACleanup() == 0) continue;
}

static void with_end_of_memory(void)
{
    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    call_all(END_OF_MEMORY);
    while (WSACleanup() == 0) continue;
}

static void with_page_of(enum memory_kind kind)
{
    void *page = memory_new(kind, 1);
    CHECK(page != NULL);
    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    call_all(page);
    while (WSACleanup() == 0) continue;
    memory_delete(page, 1);
}

static void with_unreadable(void)
{
    with_page_of(MEMORY_UNREADABLE);
}

static void with_read_only(void)
{
    with_page_of(MEMORY_READ_ONLY);
}

/* --- One of them ---------------------------------------------------------- */

static void *bad[5];

static void make_bad(void)
{
    bad[0] = UNMAPPED;
    bad[1] = END_OF_MEMORY;
    bad[2] = (void *)-4; /* behind which nothing larger than a number is */
    bad[3] = memory_new(MEMORY_UNREADABLE, 1);
    bad[4] = memory_new(MEMORY_READ_ONLY, 1);
    CHECK(bad[3] != NULL && bad[4] != NULL);
}

static void delete_bad(void)
{
    memory_delete(bad[3], 1);
    memory_delete(bad[4], 1);
}

#define FOR_EACH_BAD(i) for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)

static void results_of_data_calls(void)
{
    SOCKET client, server;
    char byte = 'x';
    WSABUF buffer = { 1, &byte };
    DWORD count = 0, flags = 0;
    WSAOVERLAPPED overlapped = { .hEvent = NULL };
    make_bad();
    tcp_pair(&client, &server);
    send_all(client, "kept", 4); /* what is refused takes nothing of it */
    CHECK(wait_readable(server, test_timeout(10000)));
    FOR_EACH_BAD(i) {
        EXPECT_ERROR(WSARecv(server, &buffer, 1, &count, bad[i], NULL, NULL),
                     WSAEFAULT);
        EXPECT_ERROR(WSARecv(server, &buffer, 1, bad[i], &flags, NULL, NULL),
                     WSAEFAULT);
        EXPECT_ERROR(WSARecv(server, &buffer, 1, NULL, &flags, bad[i], NULL),
                     WSAEFAULT);
        EXPECT_ERROR(WSARecvFrom(server, &buffer, 1, &count, bad[i], NULL, NULL,
                                 NULL, NULL),
                     WSAEFAULT);
        EXPECT_ERROR(WSASend(client, &buffer, 1, bad[i], 0, NULL, NULL),
                     WSAEFAULT);
        EXPECT_ERROR(WSASend(client, &buffer, 1, NULL, 0, bad[i], NULL),
                     WSAEFAULT);
        EXPECT_ERROR(WSASendTo(client, &buffer, 1, bad[i], 0, NULL, 0, NULL,
                               NULL),
                     WSAEFAULT);
        WSASetLastError(0);
        EXPECT(!WSAGetOverlappedResult(server, &overlapped, &count, FALSE,
                                       bad[i]));
        EXPECT_EQ(WSAGetLastError(), WSAEFAULT);
        WSASetLastError(0);
        EXPECT(!WSAGetOverlappedResult(server, &overlapped, bad[i], FALSE,
                                       &flags));
        EXPECT_EQ(WSAGetLastError(), WSAEFAULT);
    }
    check_receives(server, "kept");
    check_passes(client, server, "still works");
    close_socket(client);
    close_socket(server);
    delete_bad();
}

/* "WSAEFAULT: the lpWSAData parameter is not a valid pointer." */
static void data_of_startup(void)
{
    make_bad();
    FOR_EACH_BAD(i) {
        EXPECT_EQ(WSAStartup(MAKEWORD(2, 2), bad[i]), WSAEFAULT);
        EXPECT_EQ(WSAStartup(0, bad[i]), WSAVERNOTSUPPORTED);
    }
    EXPECT_ERROR(WSACleanup(), WSANOTINITIALISED);
    delete_bad();
}

static void waits(void)
{
    make_bad();
    FOR_EACH_BAD(i) {
        if (i == 4) continue; /* what is only read may be there */
        WSASetLastError(0);
        EXPECT_EQ(WSAWaitForMultipleEvents(2, bad[i], FALSE, 0, FALSE),
                  WSA_WAIT_FAILED);
        EXPECT_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    }
    delete_bad();
}

/* FD_ISSET of a set that is none finds nothing. */
static void sets(void)
{
    make_bad();
    FOR_EACH_BAD(i) EXPECT(!FD_ISSET((SOCKET)4, (fd_set *)bad[i]));
    EXPECT(!__WSAFDIsSet((SOCKET)4, NULL));
    /* Nor does one whose members are not all there. */
    fd_set *set = memory_new(MEMORY_PLAIN, 1);
    CHECK(set != NULL);
    set->fd_count = 0x7fffffff;
    EXPECT(!__WSAFDIsSet((SOCKET)4, set));
    memory_delete(set, 1);
    delete_bad();
}

/* The list, the length and the entries of WSAEnumProtocols and its kin. */
static void protocols(void)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    DWORD length = sizeof(entries);
    INT list[2] = { IPPROTO_TCP, 0 };
    make_bad();
    CHECK(WSAEnumProtocolsW(list, entries, &length) > 0);
    FOR_EACH_BAD(i) {
        length = sizeof(entries);
        EXPECT_ERROR(WSAEnumProtocolsW(NULL, bad[i], &length), WSAEFAULT);
        EXPECT_ERROR(WSAEnumProtocolsA(NULL, bad[i], &length), WSAEFAULT);
        EXPECT_ERROR(WSAEnumProtocolsW(NULL, entries, bad[i]), WSAEFAULT);
        EXPECT_ERROR(WSAEnumProtocolsA(NULL, (void *)entries, bad[i]),
                     WSAEFAULT);
        WSC_ERROR(WSCEnumProtocols(NULL, bad[i], &length, &wsc_error),
                  WSAEFAULT);
        WSC_ERROR(WSCEnumProtocols(NULL, entries, bad[i], &wsc_error),
                  WSAEFAULT);
        if (i == 4) continue; /* what is only read may be there */
        EXPECT_ERROR(WSAEnumProtocolsW(bad[i], entries, &length), WSAEFAULT);
        EXPECT_ERROR(WSAEnumProtocolsA(bad[i], (void *)entries, &length),
                     WSAEFAULT);
        WSC_ERROR(WSCEnumProtocols(bad[i], entries, &length, &wsc_error),
                  WSAEFAULT);
    }
    EXPECT_EQ(length, sizeof(entries));
    delete_bad();
}

/* Where the error itself goes: the call fails all the same. */
static void errors_of_configuration(void)
{
    static GUID id = { 0x11111111, 1, 1, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    WCHAR path[MAX_PATH];
    INT length = MAX_PATH;
    catalog_private();
    make_bad();
    FOR_EACH_BAD(i) {
        EXPECT_EQ(WSCDeinstallProvider(&id, bad[i]), SOCKET_ERROR);
        EXPECT_EQ(WSCGetProviderPath(&id, path, &length, bad[i]), SOCKET_ERROR);
        EXPECT_EQ(WSCInstallProvider(&id, NULL, NULL, 1, bad[i]), SOCKET_ERROR);
        EXPECT_EQ(WSCEnumProtocols(NULL, NULL, NULL, bad[i]), SOCKET_ERROR);
        EXPECT_EQ(WPUCompleteOverlappedRequest(INVALID_SOCKET, NULL, 0, 0,
                                               bad[i]),
                  SOCKET_ERROR);
    }
    delete_bad();
}

/* What a program permits: no name, and no place for what was before. */
static void categories_of_programs(void)
{
    static WCHAR path[] = L"C:\\program.exe", nothing[MAX_PATH];
    __typeof__(&WSCSetApplicationCategory) set =
        export_named("WSCSetApplicationCategory");
    __typeof__(&WSCGetApplicationCategory) get =
        export_named("WSCGetApplicationCategory");
    DWORD before = 77;
    catalog_private();
    make_bad();
    CHECK(set != NULL && get != NULL);
    WSC_ERROR(set(nothing, 1, NULL, 0, 1, NULL, &wsc_error), WSAEINVAL);
    WSC_ERROR(set(nothing, MAX_PATH - 1, NULL, 0, 1, NULL, &wsc_error),
              WSAEINVAL);
    WSC_ERROR(get(nothing, 1, NULL, 0, &before, &wsc_error), WSAEINVAL);
    FOR_EACH_BAD(i) {
        WSC_ERROR(set(path, 14, NULL, 0, 1, bad[i], &wsc_error), WSAEFAULT);
        WSC_ERROR(get(path, 14, NULL, 0, &before, &wsc_error),
                  WSASERVICE_NOT_FOUND);
    }
    WSC_OK(set(path, 14, NULL, 0, 1, &before, &wsc_error));
    EXPECT_EQ(before, 0);
    FOR_EACH_BAD(i)
        WSC_ERROR(get(path, 14, NULL, 0, bad[i], &wsc_error), WSAEFAULT);
    WSC_OK(get(path, 14, NULL, 0, &before, &wsc_error));
    EXPECT_EQ(before, 1);
    delete_bad();
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(with_null, "NULL", .flags = TEST_BARE, .seconds = 60),
    TEST_CASE_WITH(with_unmapped, "no memory", .flags = TEST_BARE,
                   .seconds = 60),
    TEST_CASE_WITH(with_end_of_memory, "the end of memory", .flags = TEST_BARE,
                   .seconds = 60),
    TEST_CASE_WITH(with_unreadable, "memory that cannot be read",
                   .flags = TEST_BARE, .seconds = 60),
    TEST_CASE_WITH(with_read_only, "memory that cannot be written",
                   .flags = TEST_BARE, .seconds = 60),
    TEST_CASE_WITH(without_startup, "before WSAStartup, after WSACleanup",
                   .flags = TEST_BARE, .seconds = 60),
    TEST_CASE(results_of_data_calls, "03: bad pointers: EFAULT"),
    TEST_CASE_WITH(data_of_startup, "WSAStartup: WSAEFAULT",
                   .flags = TEST_BARE),
    TEST_CASE(waits, "WSAWaitForMultipleEvents: WSA_INVALID_PARAMETER"),
    TEST_CASE(sets, "__WSAFDIsSet"),
    TEST_CASE(protocols, "WSAEnumProtocols: WSAEFAULT"),
    TEST_CASE_WITH(errors_of_configuration, "a bad lpErrno",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(categories_of_programs, "WSCSetApplicationCategory",
                   .flags = TEST_BARE),
    TEST_END
};

TEST_MAIN("bad_pointers", cases, NULL)
