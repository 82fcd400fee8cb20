/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of name spaces in other programs: what is asked and answered.
 *
 * Microsoft's pages: WSAAdvertiseProvider, WSAProviderCompleteAsyncCall,
 * NSPV2_ROUTINE and its functions, GetAddrInfoEx, SetAddrInfoEx, WSASetService;
 * and its sample "namingapi", which installs its provider without a library and
 * ends its calls by WSAProviderCompleteAsyncCall.  The provider is
 * tests/support/hosted.c.
 */
#include "support/hosted.h"
#include "support/memory.h"

static struct peer *the_host;

static void begin_without_host(void)
{
    static WSADATA data;
    hosted_install();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static void begin(void)
{
    begin_without_host();
    the_host = host_start();
}

/* The provider ends this process's session in an orderly way. */
static void end(void)
{
    CHECK_OK(WSACleanup());
    struct hosted_counts counts = HOST_WAIT(the_host, cleanups, 1);
    CHECK_EQ(counts.mistakes, 0);
    CHECK_EQ(counts.startups, counts.cleanups);
    CHECK_EQ(counts.begins, counts.ends);
    CHECK_EQ(counts.rundowns, 0);
    host_end(the_host);
}

/* --- GetAddrInfoEx -------------------------------------------------------- */

static int ask(const char *name, const char *service, int family,
               DWORD name_space, GUID *provider, ADDRINFOEXW **list)
{
    ADDRINFOEXW hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
    WCHAR wide[WIDE_TEXT], wide_service[WIDE_TEXT];
    *list = NULL;
    return GetAddrInfoExW(widen(name, wide),
                          service ? widen(service, wide_service) : NULL,
                          name_space, provider, &hints, list, NULL, NULL, NULL,
                          NULL);
}

/* An entry is this text. */
static void check_address(const ADDRINFOEXW *entry, const char *expected)
{
    char text[100];
    DWORD length = sizeof(text);
    CHECK(entry != NULL);
    CHECK_EQ(entry->ai_socktype, SOCK_STREAM);
    CHECK_OK(WSAAddressToStringA(entry->ai_addr, (DWORD)entry->ai_addrlen,
                                 NULL, text, &length));
    CHECK_THAT(!strcmp(text, expected), "it is %s, not %s", text, expected);
}

static void check_one(const char *name, const char *service, int family,
                      DWORD name_space, GUID *provider, const char *expected)
{
    ADDRINFOEXW *list;
    CHECK_EQ(ask(name, service, family, name_space, provider, &list), 0);
    check_address(list, expected);
    CHECK(list->ai_next == NULL);
    FreeAddrInfoExW(list);
}

static void addresses(void)
{
    ADDRINFOEXW *list;
    begin();
    check_one("one", NULL, AF_INET, NS_HOSTED, NULL, "10.1.2.3:7");
    check_one("one", "80", AF_UNSPEC, NS_HOSTED, NULL, "10.1.2.3:7");
    check_one("one", NULL, AF_INET, NS_ALL, &hosted_ids[0], "10.1.2.3:7");
    check_one("one", NULL, AF_INET, NS_HOSTED, &hosted_ids[0], "10.1.2.3:7");
    check_one("later", NULL, AF_INET, NS_HOSTED, NULL, "10.1.2.3:7");
    check_one("both", NULL, AF_INET6, NS_HOSTED, NULL, "[fd00::1]:7");
    CHECK_EQ(ask("both", NULL, AF_UNSPEC, NS_HOSTED, NULL, &list), 0);
    check_address(list, "10.1.2.3:7");
    check_address(list->ai_next, "[fd00::1]:7");
    FreeAddrInfoExW(list);
    end();
}

static void addresses_that_are_not_there(void)
{
    ADDRINFOEXW *list;
    begin();
    CHECK_EQ(ask("nothing", NULL, AF_INET, NS_HOSTED, NULL, &list),
             WSAHOST_NOT_FOUND);
    CHECK_EQ(ask("refused", NULL, AF_INET, NS_HOSTED, NULL, &list),
             WSAHOST_NOT_FOUND);
    CHECK_EQ(ask("wild", NULL, AF_INET, NS_HOSTED, NULL, &list),
             WSAHOST_NOT_FOUND);
    CHECK_EQ(ask("one", NULL, AF_INET6, NS_HOSTED, NULL, &list),
             WSAHOST_NOT_FOUND);
    CHECK_EQ(ask("one", NULL, AF_INET, NS_HOSTED + 3, NULL, &list),
             WSASERVICE_NOT_FOUND);
    CHECK_EQ(ask("one", NULL, AF_INET, NS_DNS, &hosted_ids[0], &list),
             WSASERVICE_NOT_FOUND);
    CHECK(list == NULL);
    /* Installed, and nobody hosts it. */
    CHECK_EQ(ask("one", NULL, AF_INET, NS_HOSTED + 1, NULL, &list),
             WSAHOST_NOT_FOUND);
    end();
}

static void an_overlapped_question(void)
{
    ADDRINFOEXW hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
    ADDRINFOEXW *list = NULL;
    OVERLAPPED overlapped = { .Internal = 0 };
    WCHAR name[WIDE_TEXT];
    begin();
    overlapped.hEvent = event_create();
    CHECK_EQ(GetAddrInfoExW(widen("later", name), NULL, NS_HOSTED,
                            &hosted_ids[0], &hints, &list, NULL, &overlapped,
                            NULL, NULL),
             WSA_IO_PENDING);
    event_wait(overlapped.hEvent);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&overlapped), 0);
    check_address(list, "10.1.2.3:7");
    FreeAddrInfoExW(list);
    WSACloseEvent(overlapped.hEvent);
    end();
}

static void a_question_that_takes_too_long(void)
{
    ADDRINFOEXW hints = { .ai_family = AF_INET }, *list = NULL;
    struct timeval time = { 0, 50000 };
    WCHAR name[WIDE_TEXT];
    begin();
    CHECK_EQ(GetAddrInfoExW(widen("never", name), NULL, NS_HOSTED, NULL, &hints,
                            &list, &time, NULL, NULL, NULL),
             WSATRY_AGAIN);
    CHECK(list == NULL);
    end();
}

/* The name is cancelled; nobody waits for the provider. */
static void a_question_that_is_cancelled(void)
{
    ADDRINFOEXW hints = { .ai_family = AF_INET }, *list = NULL;
    OVERLAPPED overlapped = { .Internal = 0 };
    WCHAR name[WIDE_TEXT];
    HANDLE handle = NULL;
    begin();
    overlapped.hEvent = event_create();
    CHECK_EQ(GetAddrInfoExW(widen("never", name), NULL, NS_HOSTED, NULL, &hints,
                            &list, NULL, &overlapped, NULL, &handle),
             WSA_IO_PENDING);
    HOST_WAIT(the_host, pending, 1);
    CHECK_EQ(GetAddrInfoExCancel(&handle), 0);
    event_wait(overlapped.hEvent);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&overlapped), WSA_E_CANCELLED);
    WSACloseEvent(overlapped.hEvent);
    end();
}

/* --- Look-ups ------------------------------------------------------------- */

static union {
    char bytes[65536];
    WSAQUERYSETW set;
    WSAQUERYSETA narrow;
} result;

static HANDLE look_up(const char *name)
{
    WCHAR wide[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen(name, wide),
        .dwNameSpace = NS_HOSTED,
    };
    HANDLE handle = NULL;
    CHECK_OK(WSALookupServiceBeginW(&set, LUP_RETURN_ALL, &handle));
    return handle;
}

static int next_result(HANDLE handle)
{
    DWORD length = sizeof(result);
    memset(&result, 0, sizeof(result.set));
    return WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length, &result.set);
}

static unsigned port_of_result(void)
{
    struct sockaddr_in *name;
    CHECK_EQ(result.set.dwNumberOfCsAddrs, 1);
    name = (void *)result.set.lpcsaBuffer[0].RemoteAddr.lpSockaddr;
    return ntohs(name->sin_port);
}

static void all_parts_of_a_set(void)
{
    WCHAR texts[4][WIDE_TEXT];
    struct sockaddr_in names[2] = { loopback(1), loopback(2) };
    CSADDR_INFO info = { { (void *)&names[0], 16 }, { (void *)&names[1], 16 },
                         SOCK_DGRAM, IPPROTO_UDP };
    AFPROTOCOLS protocols[2] = { { AF_INET, 6 }, { AF_INET6, 17 } };
    WSAVERSION version = { 5, COMP_NOTLESS };
    BYTE bytes[300] = { 9, 8, 7 };
    BLOB blob = { sizeof(bytes), bytes };
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen("echo", texts[0]),
        .lpszComment = widen("a comment", texts[1]),
        .lpszContext = widen("here", texts[2]),
        .lpszQueryString = widen("what", texts[3]),
        .lpVersion = &version,
        .lpNSProviderId = &hosted_ids[0],
        .dwNameSpace = NS_HOSTED,
        .dwNumberOfProtocols = 2,
        .lpafpProtocols = protocols,
        .dwNumberOfCsAddrs = 1,
        .lpcsaBuffer = &info,
        .dwOutputFlags = 1,
        .lpBlob = &blob,
    };
    WSAQUERYSETW *got = &result.set;
    HANDLE handle;
    begin();
    CHECK_OK(WSALookupServiceBeginW(&set, LUP_RETURN_ALL, &handle));
    CHECK_OK(next_result(handle));
    CHECK_EQ(got->dwSize, sizeof(*got));
    CHECK(same_text(got->lpszServiceInstanceName, "echo"));
    CHECK(same_text(got->lpszComment, "a comment"));
    CHECK(same_text(got->lpszContext, "here"));
    CHECK(same_text(got->lpszQueryString, "what"));
    CHECK_EQ(got->lpVersion->dwVersion, 5);
    CHECK_EQ(got->lpVersion->ecHow, COMP_NOTLESS);
    CHECK_MEMORY(got->lpNSProviderId, &hosted_ids[0], sizeof(GUID));
    CHECK_EQ(got->dwNameSpace, NS_HOSTED);
    CHECK_EQ(got->dwNumberOfProtocols, 2);
    CHECK_MEMORY(got->lpafpProtocols, protocols, sizeof(protocols));
    CHECK_EQ(got->dwNumberOfCsAddrs, 1);
    CHECK_EQ(got->lpcsaBuffer->iSocketType, SOCK_DGRAM);
    CHECK_MEMORY(got->lpcsaBuffer->LocalAddr.lpSockaddr, &names[0], 16);
    CHECK_MEMORY(got->lpcsaBuffer->RemoteAddr.lpSockaddr, &names[1], 16);
    CHECK_EQ(got->dwOutputFlags, 1);
    CHECK_EQ(got->lpBlob->cbSize, sizeof(bytes));
    CHECK_MEMORY(got->lpBlob->pBlobData, bytes, sizeof(bytes));
    CHECK_ERROR(next_result(handle), WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
    end();
}

static void results_one_after_the_other(void)
{
    HANDLE handle, other;
    begin();
    handle = look_up("many");
    other = look_up("many");
    for (unsigned i = 1; i <= 5; i++) {
        CHECK_OK(next_result(handle));
        CHECK_EQ(port_of_result(), i);
    }
    CHECK_OK(next_result(other));
    CHECK_EQ(port_of_result(), 1);
    CHECK_ERROR(next_result(handle), WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
    CHECK_ERROR(next_result(handle), WSA_INVALID_HANDLE);
    CHECK_OK(WSALookupServiceEnd(other));
    end();
}

static void the_narrow_form(void)
{
    char name[] = "one";
    WSAQUERYSETA set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = name,
        .dwNameSpace = NS_HOSTED,
    };
    DWORD length = sizeof(result);
    HANDLE handle;
    begin();
    CHECK_OK(WSALookupServiceBeginA(&set, LUP_RETURN_ALL, &handle));
    CHECK_OK(WSALookupServiceNextA(handle, LUP_RETURN_ALL, &length,
                                   &result.narrow));
    CHECK(!strcmp(result.narrow.lpszServiceInstanceName, "one"));
    CHECK_OK(WSALookupServiceEnd(handle));
    end();
}

/* The result comes again until there is room, or it is flushed. */
static void too_little_room(void)
{
    DWORD length = 10, needed;
    HANDLE handle;
    begin();
    handle = look_up("big");
    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length,
                                      &result.set),
                WSAEFAULT);
    CHECK(length > 20000 && length < sizeof(result));
    needed = length--;
    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length,
                                      &result.set),
                WSAEFAULT);
    CHECK_EQ(length, needed);
    CHECK_OK(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length,
                                   &result.set));
    CHECK_EQ(result.set.lpBlob->cbSize, 20000);
    CHECK_EQ(result.set.lpBlob->pBlobData[19999], 'b');
    CHECK_OK(WSALookupServiceEnd(handle));
    handle = look_up("many");
    length = 10;
    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length,
                                      &result.set),
                WSAEFAULT);
    length = sizeof(result);
    CHECK_OK(WSALookupServiceNextW(handle, LUP_RETURN_ALL | 0x2000, &length,
                                   &result.set)); /* LUP_FLUSHPREVIOUS */
    CHECK_EQ(port_of_result(), 2);
    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ALL, NULL,
                                      &result.set),
                WSAEFAULT);
    CHECK_OK(WSALookupServiceEnd(handle));
    end();
}

static void errors_of_the_provider(void)
{
    static const struct {
        const char *name;
        int error;
    } tries[] = {
        { "nothing", WSANO_DATA },     { "failing", WSASERVICE_NOT_FOUND },
        { "empty", WSANO_DATA },       { "short", WSANO_DATA },
        { "wild", WSANO_DATA },        { "lost", WSANO_DATA },
    };
    WCHAR wide[WIDE_TEXT];
    WSAQUERYSETW set = { .dwSize = sizeof(set), .dwNameSpace = NS_HOSTED };
    HANDLE handle;
    begin();
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        handle = look_up(tries[i].name);
        EXPECT_ERROR(next_result(handle), tries[i].error);
        CHECK_OK(WSALookupServiceEnd(handle));
    }
    set.lpszServiceInstanceName = widen("refused", wide);
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle), WSAEACCES);
    set.dwNameSpace = NS_HOSTED + 1;
    set.lpszServiceInstanceName = widen("one", wide);
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle),
                WSASERVICE_NOT_FOUND);
    end();
}

/* --- Registering ---------------------------------------------------------- */

typedef INT(WINAPI *set_wide)(const WCHAR *, const WCHAR *, SOCKET_ADDRESS *,
                              DWORD, BLOB *, DWORD, DWORD, GUID *,
                              struct timeval *, OVERLAPPED *, void *, HANDLE *);

/* The sample's client registers without a class. */
static void services(void)
{
    WCHAR name[WIDE_TEXT], context[WIDE_TEXT];
    struct sockaddr_in address = loopback(99);
    CSADDR_INFO info = { { (void *)&address, 16 }, { (void *)&address, 16 },
                         SOCK_STREAM, IPPROTO_TCP };
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen("joe@example", name),
        .lpszContext = widen("chat", context),
        .dwNameSpace = NS_HOSTED,
        .dwNumberOfCsAddrs = 1,
        .lpcsaBuffer = &info,
    };
    ADDRINFOEXW *list;
    begin();
    CHECK_OK(WSASetServiceW(&set, RNRSERVICE_REGISTER, 0));
    check_one("joe@example", "chat", AF_INET, NS_HOSTED, NULL, "127.0.0.1:99");
    CHECK_EQ(ask("joe@example", NULL, AF_INET, NS_HOSTED, NULL, &list),
             WSAHOST_NOT_FOUND);
    CHECK_OK(WSASetServiceW(&set, RNRSERVICE_DELETE, 0));
    CHECK_ERROR(WSASetServiceW(&set, RNRSERVICE_DELETE, 0),
                WSASERVICE_NOT_FOUND);
    CHECK_ERROR(WSASetServiceW(&set, (WSAESETSERVICEOP)7, 0), WSAEINVAL);
    set.dwNameSpace = NS_HOSTED + 1;
    CHECK_ERROR(WSASetServiceW(&set, RNRSERVICE_REGISTER, 0),
                WSASERVICE_NOT_FOUND);
    end();
}

static void names(void)
{
    set_wide set = (set_wide)library_symbol(
        (const uint16_t *)(const void *)L"ws2_32.dll", "SetAddrInfoExW");
    struct sockaddr_in address = loopback(98);
    SOCKET_ADDRESS list[] = { { (void *)&address, sizeof(address) } };
    WCHAR name[WIDE_TEXT], service[WIDE_TEXT];
    ADDRINFOEXW *found;
    begin();
    widen("sue@example", name);
    widen("talk", service);
    CHECK_EQ(set(name, service, list, 1, NULL, 0, NS_HOSTED, NULL, NULL, NULL,
                 NULL, NULL),
             0);
    check_one("sue@example", "talk", AF_INET, NS_HOSTED, NULL, "127.0.0.1:98");
    CHECK_EQ(set(name, NULL, list, 1, NULL, 0, NS_HOSTED, &hosted_ids[0], NULL,
                 NULL, NULL, NULL),
             0);
    check_one("sue@example", NULL, AF_INET, NS_HOSTED, NULL, "127.0.0.1:98");
    CHECK_EQ(set(name, service, NULL, 0, NULL, 0, NS_HOSTED, NULL, NULL, NULL,
                 NULL, NULL),
             0);
    CHECK_EQ(ask("sue@example", "talk", AF_INET, NS_HOSTED, NULL, &found),
             WSAHOST_NOT_FOUND);
    CHECK_EQ(set(name, service, list, 1, NULL, 0, NS_HOSTED + 1, NULL, NULL,
                 NULL, NULL, NULL),
             WSANO_RECOVERY);
    end();
}

/* --- Arguments ------------------------------------------------------------ */

static void a_function(void)
{
}

static void bad_arguments(void)
{
    __typeof__(&WSAAdvertiseProvider) advertise =
        WS2_FUNCTION(WSAAdvertiseProvider);
    __typeof__(&WSAUnadvertiseProvider) unadvertise =
        WS2_FUNCTION(WSAUnadvertiseProvider);
    __typeof__(&WSAProviderCompleteAsyncCall) complete =
        WS2_FUNCTION(WSAProviderCompleteAsyncCall);
    WCHAR name[WIDE_TEXT], path[WIDE_TEXT];
    GUID nobody = { 0x400, 1, 1, { 0 } }, library = { 0x401, 1, 1, { 0 } };
    NSPV2_ROUTINE routines = { .cbSize = sizeof(routines) };
    void *bad = memory_new(MEMORY_UNREADABLE, 1);
    static WSADATA data;
    hosted_install();
    CHECK_OK(WSCInstallNameSpace(widen("L", name), widen("/no/lib.so", path),
                                 NS_HOSTED, 1, &library));
    CHECK_OK(WSCEnableNSProvider(&hosted_ids[2], FALSE));
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_ERROR(advertise(NULL, &routines), WSAEINVAL);
    CHECK_ERROR(advertise(&hosted_ids[0], NULL), WSAEINVAL);
    CHECK_ERROR(advertise(&hosted_ids[0], bad), WSAEFAULT);
    CHECK_ERROR(advertise(bad, &routines), WSAEFAULT);
    CHECK_ERROR(advertise(&hosted_ids[0], &routines), WSAEINVAL);
    routines.NSPv2LookupServiceBegin = (LPNSPV2LOOKUPSERVICEBEGIN)a_function;
    CHECK_ERROR(advertise(&hosted_ids[0], &routines), WSAEINVAL);
    routines.NSPv2LookupServiceNextEx = (LPNSPV2LOOKUPSERVICENEXTEX)a_function;
    CHECK_ERROR(advertise(&hosted_ids[0], &routines), WSAEINVAL);
    routines.NSPv2LookupServiceEnd = (LPNSPV2LOOKUPSERVICEEND)a_function;
    CHECK_ERROR(advertise(&nobody, &routines), WSAEINVALIDPROVIDER);
    CHECK_ERROR(advertise(&library, &routines), WSAEINVALIDPROVIDER);
    CHECK_ERROR(advertise(&hosted_ids[2], &routines), WSAEINVALIDPROVIDER);
    CHECK_ERROR(unadvertise(NULL), WSAEINVAL);
    CHECK_ERROR(unadvertise(bad), WSAEFAULT);
    CHECK_ERROR(unadvertise(&hosted_ids[0]), WSAEINVAL);
    CHECK_ERROR(unadvertise(&nobody), WSAEINVAL);
    CHECK_ERROR(complete(NULL, 0), WSAEINVAL);
    CHECK_ERROR(complete((HANDLE)4, 0), WSAEINVAL);
    CHECK_ERROR(complete(INVALID_HANDLE_VALUE, 0), WSAEINVAL);
    CHECK_OK(advertise(&hosted_ids[0], &routines));
    CHECK_ERROR(advertise(&hosted_ids[0], &routines), WSAEINVAL);
    CHECK_OK(unadvertise(&hosted_ids[0]));
    CHECK_ERROR(unadvertise(&hosted_ids[0]), WSAEINVAL);
    memory_delete(bad, 1);
    CHECK_OK(WSACleanup());
    CHECK_ERROR(advertise(&hosted_ids[0], &routines), WSANOTINITIALISED);
    CHECK_ERROR(unadvertise(&hosted_ids[0]), WSANOTINITIALISED);
    CHECK_ERROR(complete((HANDLE)4, 0), WSANOTINITIALISED);
}

#define BARE_CASE(function, statement)                                         \
    TEST_CASE_WITH(function, statement, .flags = TEST_BARE)

static const struct test_role roles[] = { TEST_ROLE(host), TEST_ROLES_END };

static const struct test_case cases[] = {
    BARE_CASE(addresses, "GetAddrInfoEx: dwNameSpace, lpNspId"),
    BARE_CASE(addresses_that_are_not_there, "GetAddrInfoEx: errors"),
    BARE_CASE(an_overlapped_question, "GetAddrInfoEx: lpOverlapped"),
    BARE_CASE(a_question_that_takes_too_long, "GetAddrInfoEx: timeout"),
    BARE_CASE(a_question_that_is_cancelled, "GetAddrInfoExCancel"),
    BARE_CASE(all_parts_of_a_set, "NSPv2LookupServiceBegin, NextEx: the set"),
    BARE_CASE(results_one_after_the_other, "NSPv2LookupServiceNextEx"),
    BARE_CASE(the_narrow_form, "WSALookupServiceNextA"),
    BARE_CASE(too_little_room, "NSPv2LookupServiceNextEx: WSAEFAULT"),
    BARE_CASE(errors_of_the_provider, "WSAProviderCompleteAsyncCall: errors"),
    BARE_CASE(services, "NSPv2SetServiceEx by WSASetService"),
    BARE_CASE(names, "NSPv2SetServiceEx by SetAddrInfoEx"),
    BARE_CASE(bad_arguments, "WSAAdvertiseProvider and its kin: bad input"),
    TEST_END
};

TEST_MAIN("hosted_providers", cases, roles)
