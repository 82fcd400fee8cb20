/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The export table: each name of Windows' ws2_32, by name and by ordinal, and
 * those that refuse, which fail and write nothing.
 */
#include "support/exports.h"
#include "support/memory.h"
#include "support/sockets.h"

#include <stdio.h>

/* --- The list ------------------------------------------------------------- */

enum state { implemented, partly, retired, undocumented, refused };

struct export {
    unsigned ordinal; /* 0: any */
    const char *name;
    enum state state;
};

static const struct export exports[] = {
#define EXPORT(ordinal, name, state, arguments) {ordinal, #name, state},
#include "exports_list.h"
};
#define N_EXPORTS (sizeof(exports) / sizeof(exports[0]))

/* See dlls/ws2_32/sanitizer_names.h. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKIP_IN_SANITIZER_BUILDS() SKIP("names of libc's are others here")
#else
#define SKIP_IN_SANITIZER_BUILDS() ((void)0)
#endif

/* Those of Winsock 1.1, by which programs import: they never change. */
static const struct export fixed[] = {
    {1, "accept", implemented},
    {2, "bind", implemented},
    {3, "closesocket", implemented},
    {4, "connect", implemented},
    {5, "getpeername", implemented},
    {6, "getsockname", implemented},
    {7, "getsockopt", implemented},
    {8, "htonl", implemented},
    {9, "htons", implemented},
    {10, "ioctlsocket", implemented},
    {11, "inet_addr", implemented},
    {12, "inet_ntoa", implemented},
    {13, "listen", implemented},
    {14, "ntohl", implemented},
    {15, "ntohs", implemented},
    {16, "recv", implemented},
    {17, "recvfrom", implemented},
    {18, "select", implemented},
    {19, "send", implemented},
    {20, "sendto", implemented},
    {21, "setsockopt", implemented},
    {22, "shutdown", implemented},
    {23, "socket", implemented},
    {51, "gethostbyaddr", implemented},
    {52, "gethostbyname", implemented},
    {53, "getprotobyname", implemented},
    {54, "getprotobynumber", implemented},
    {55, "getservbyname", implemented},
    {56, "getservbyport", implemented},
    {57, "gethostname", implemented},
    {101, "WSAAsyncSelect", implemented},
    {102, "WSAAsyncGetHostByAddr", implemented},
    {103, "WSAAsyncGetHostByName", implemented},
    {104, "WSAAsyncGetProtoByNumber", implemented},
    {105, "WSAAsyncGetProtoByName", implemented},
    {106, "WSAAsyncGetServByPort", implemented},
    {107, "WSAAsyncGetServByName", implemented},
    {108, "WSACancelAsyncRequest", implemented},
    {109, "WSASetBlockingHook", retired},
    {110, "WSAUnhookBlockingHook", retired},
    {111, "WSAGetLastError", implemented},
    {112, "WSASetLastError", implemented},
    {113, "WSACancelBlockingCall", retired},
    {114, "WSAIsBlocking", implemented},
    {115, "WSAStartup", implemented},
    {116, "WSACleanup", implemented},
    {151, "__WSAFDIsSet", implemented},
    {500, "WEP", implemented},
};

/* --- Finding them --------------------------------------------------------- */

static void every_name_is_there(void)
{
    size_t i;

    CHECK(N_EXPORTS == 197);
    SKIP_IN_SANITIZER_BUILDS();
    for (i = 0; i < N_EXPORTS; i++)
        EXPECT_THAT(export_named(exports[i].name) != NULL, "there is no %s",
                    exports[i].name);
    CHECK(export_named("ws2emu_no_such_export") == NULL);
}

static void by_ordinal_as_by_name(void)
{
    size_t i;

    for (i = 0; i < N_EXPORTS; i++)
        if (exports[i].ordinal)
            EXPECT_THAT(export_numbered(exports[i].ordinal) ==
                            export_named(exports[i].name),
                        "%u is not %s", exports[i].ordinal, exports[i].name);
    CHECK(export_numbered(499) == NULL);
    CHECK(export_numbered(501) == NULL);
}

static void ordinals_of_winsock_1(void)
{
    size_t i;

    for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        void *function = export_numbered(fixed[i].ordinal);

        EXPECT_THAT(function && function == export_named(fixed[i].name),
                    "%u is not %s", fixed[i].ordinal, fixed[i].name);
    }
}

/* --- Those that refuse ---------------------------------------------------- */

typedef ULONG_PTR(WINAPI *any_function)(void *, void *, void *, void *, void *,
                                        void *, void *, void *);

static any_function function_of(const char *name)
{
    any_function function = (any_function)export_named(name);

    CHECK_THAT(function != NULL, "there is no %s", name);
    return function;
}

/* What it returned, an INT or less; memory it may not write to. */
static ULONG_PTR call(const char *name, void *memory)
{
    char before[256];
    ULONG_PTR result;

    memset(before, 0x5a, sizeof(before));
    if (memory)
        memset(memory, 0x5a, sizeof(before));
    WSASetLastError(0);
    result = function_of(name)(memory, memory, memory, memory, memory, memory,
                               memory, memory);
    if (memory)
        EXPECT_THAT(!memcmp(memory, before, sizeof(before)),
                    "%s has written something", name);
    return result;
}

static int is_helper(const char *name)
{
    return !strncmp(name, "Wah", 3);
}

/* Those of the helper library return their error. */
static void expect_helper_refuses(const char *name, void *memory)
{
    const DWORD result = (DWORD)call(name, memory);

    EXPECT_THAT(result == WSAEOPNOTSUPP, "%s returned %u", name,
                (unsigned)result);
}

static void expect_refuses(const char *name, void *memory, int error)
{
    const int result = (int)call(name, memory), last = WSAGetLastError();

    EXPECT_THAT(result == SOCKET_ERROR && last == error, "%s: %d, %s", name,
                result, error_name(last));
}

static void call_undocumented(int error)
{
    char memory[256];
    size_t i;

    for (i = 0; i < N_EXPORTS; i++) {
        if (exports[i].state != undocumented)
            continue;
        if (is_helper(exports[i].name)) {
            expect_helper_refuses(exports[i].name, memory);
            expect_helper_refuses(exports[i].name, NULL);
        } else {
            expect_refuses(exports[i].name, memory, error);
            expect_refuses(exports[i].name, NULL, error);
        }
    }
}

static void undocumented_ones_refuse(void)
{
    call_undocumented(WSAEOPNOTSUPP);
}

static void undocumented_ones_before_startup(void)
{
    call_undocumented(WSANOTINITIALISED);
}

/* "Removed in compliance with Windows Sockets 2"; no call is ever in a hook. */
static void blocking_hooks(void)
{
    char memory[256];

    CHECK_EQ(call("WSASetBlockingHook", memory), 0);
    CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
    CHECK_EQ(call("WSASetBlockingHook", NULL), 0);
    CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
    expect_refuses("WSAUnhookBlockingHook", memory, WSAEOPNOTSUPP);
    expect_refuses("WSACancelBlockingCall", memory, WSAEINVAL);
    CHECK_EQ((BOOL)call("WSAIsBlocking", memory), FALSE);
}

static void blocking_hooks_before_startup(void)
{
    CHECK_EQ(call("WSASetBlockingHook", NULL), 0);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    expect_refuses("WSAUnhookBlockingHook", NULL, WSANOTINITIALISED);
    expect_refuses("WSACancelBlockingCall", NULL, WSANOTINITIALISED);
    CHECK_EQ((BOOL)call("WSAIsBlocking", NULL), FALSE);
}

/* Quality of service by templates: there are none. */
static void qos_templates(void)
{
    SOCKET s = tcp_socket();
    char name[] = "G711", names[64] = "";
    WSABUF buffer = {sizeof(name), name}, empty = {sizeof(names), names};
    QOS qos;

    CHECK_EQ(WSAGetQOSByName(s, &buffer, &qos), FALSE);
    CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
    CHECK_EQ(WSAGetQOSByName(s, &empty, &qos), FALSE);
    CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
    close_socket(s);
    CHECK_EQ(WSAGetQOSByName(s, &buffer, &qos), FALSE);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
}

/* Whatever is asked for: "always returns with an error". */
static void qos_templates_of_providers(void)
{
    int(WINAPI *get)(LPGUID, LPWSABUF, LPQOS) =
        export_named("WPUGetQOSTemplate");
    char name[] = "G711";
    WSABUF buffer = {sizeof(name), name};
    QOS qos;

    CHECK(get != NULL);
    if (!get)
        return;
    CHECK_EQ(get(NULL, &buffer, &qos), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
    CHECK_EQ(get(NULL, NULL, &qos), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(get(NULL, &buffer, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(get(NULL, &buffer, (QOS *)16), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

static const struct test_case cases[] = {
    TEST_CASE(every_name_is_there, "each name of Windows' table"),
    TEST_CASE_WITH(by_ordinal_as_by_name, "each ordinal of Windows' table",
                   .flags = TEST_WINE_ONLY),
    TEST_CASE_WITH(ordinals_of_winsock_1, "Winsock 1.1's ordinals",
                   .flags = TEST_WINE_ONLY),
    TEST_CASE(undocumented_ones_refuse, "undocumented exports"),
    TEST_CASE_WITH(undocumented_ones_before_startup, "undocumented exports",
                   .flags = TEST_BARE),
    TEST_CASE(blocking_hooks, "WSASetBlockingHook and its kin: removed"),
    TEST_CASE_WITH(blocking_hooks_before_startup, "WSANOTINITIALISED",
                   .flags = TEST_BARE),
    TEST_CASE(qos_templates, "WSAGetQOSByName"),
    TEST_CASE(qos_templates_of_providers, "WPUGetQOSTemplate"),
    TEST_END
};

TEST_MAIN("exports", cases, NULL)
