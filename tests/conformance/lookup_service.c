/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSALookupServiceBegin, Next and End, WSASetService and WSANSPIoctl.  All of
 * what is asked here is answered without a network.
 *
 * The statements are those of Microsoft's pages on these functions.
 */
#include "support/lookups.h"

#include <stdlib.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* What Wine's headers lack. */
enum {
    LUP_CONTAINERS_ = 0x0002,
    LUP_FLUSHPREVIOUS_ = 0x2000,
    LUP_RES_SERVICE_ = 0x8000,
};

static GUID host_name = SERVICE_CLASS(0x0002a800);
static GUID host_by_address = SERVICE_CLASS(0x0002a801);
static GUID service_by_name = SERVICE_CLASS(0x0002a802);
static GUID host_by_name = SERVICE_CLASS(0x0002a803);
static GUID tcp_http = SERVICE_CLASS(0x00090050);
static GUID udp_domain = SERVICE_CLASS(0x000a0035);
static GUID unknown_class = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
static GUID dns_provider = DNS_PROVIDER;

static HANDLE begin(const char *name, GUID *class, DWORD flags)
{
    WCHAR text[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = name ? widen(name, text) : NULL,
        .lpServiceClassId = class,
        .dwNameSpace = NS_DNS,
    };
    HANDLE handle = NULL;

    CHECK_OK(WSALookupServiceBeginW(&set, flags, &handle));
    CHECK(handle != NULL);
    /* The question is the caller's again. */
    memset(text, 0xff, sizeof(text));
    return handle;
}

static void next(HANDLE handle, union result *ret)
{
    DWORD length = sizeof(*ret);

    memset(ret, 0, sizeof(*ret));
    CHECK_OK(WSALookupServiceNextW(handle, 0xffff & ~LUP_FLUSHPREVIOUS_,
                                   &length, &ret->wide));
    CHECK_EQ(ret->wide.dwSize, sizeof(ret->wide));
}

static void check_no_more(HANDLE handle)
{
    union result result;
    DWORD length = sizeof(result);

    CHECK_ERROR(WSALookupServiceNextW(handle, 0, &length, &result.wide),
                WSA_E_NO_MORE);
    CHECK_ERROR(WSALookupServiceNextW(handle, 0, &length, &result.wide),
                WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
}

/* One address is there, with a port, for a protocol. */
static void check_address(const union result *result, const char *expected,
                          int protocol)
{
    char text[100];
    DWORD length = sizeof(text);

    CHECK_EQ(result->wide.dwNumberOfCsAddrs, 1);
    CHECK_OK(WSAAddressToStringA(
        result->wide.lpcsaBuffer[0].RemoteAddr.lpSockaddr,
        (DWORD)result->wide.lpcsaBuffer[0].RemoteAddr.iSockaddrLength, NULL,
        text, &length));
    CHECK_THAT(!strcmp(text, expected), "%s, not %s", text, expected);
    CHECK_EQ(result->wide.lpcsaBuffer[0].iProtocol, protocol);
    CHECK_EQ(result->wide.lpcsaBuffer[0].iSocketType,
             protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM);
}

/* --- Hosts ---------------------------------------------------------------- */

static void host_addresses(void)
{
    union result result;
    HANDLE handle = begin("127.0.0.1", &host_by_name, LUP_RETURN_ALL);

    next(handle, &result);
    check_address(&result, "127.0.0.1", IPPROTO_TCP);
    CHECK(same_text(result.wide.lpszServiceInstanceName, "127.0.0.1"));
    CHECK(same_text(result.wide.lpszQueryString, "127.0.0.1"));
    CHECK(!memcmp(result.wide.lpServiceClassId, &host_by_name, sizeof(GUID)));
    CHECK_EQ(result.wide.dwNameSpace, NS_DNS);
    CHECK(!memcmp(result.wide.lpNSProviderId, &dns_provider, sizeof(GUID)));
    check_no_more(handle);

    handle = begin("localhost", &host_name, LUP_RETURN_ADDR);
    next(handle, &result);
    check_address(&result, "127.0.0.1", IPPROTO_TCP);
    check_no_more(handle);
}

/* The hostent's pointers are offsets. */
static void host_blob(void)
{
    union result result;
    struct hostent *host;
    HANDLE handle = begin("1.2.3.4", &host_by_name, LUP_RETURN_BLOB);
    char *base, **list;

    next(handle, &result);
    CHECK(result.wide.lpBlob != NULL);
    CHECK(result.wide.lpBlob->cbSize > sizeof(*host));
    base = (char *)result.wide.lpBlob->pBlobData;
    host = (struct hostent *)base;
    CHECK_EQ(host->h_addrtype, AF_INET);
    CHECK_EQ(host->h_length, 4);
    CHECK((ULONG_PTR)host->h_addr_list < result.wide.lpBlob->cbSize);
    list = (char **)(base + (ULONG_PTR)host->h_addr_list);
    CHECK((ULONG_PTR)list[0] < result.wide.lpBlob->cbSize);
    CHECK(!memcmp(base + (ULONG_PTR)list[0], "\1\2\3\4", 4));
    CHECK(list[1] == NULL);
    CHECK(!strcmp(base + (ULONG_PTR)host->h_name, "1.2.3.4"));
    check_no_more(handle);
}

static void only_what_was_asked_for(void)
{
    union result result;
    HANDLE handle = begin("127.0.0.1", &host_by_name, LUP_RETURN_NAME);

    next(handle, &result);
    CHECK(result.wide.lpszServiceInstanceName != NULL);
    CHECK(result.wide.lpBlob == NULL && result.wide.lpcsaBuffer == NULL);
    CHECK_EQ(result.wide.dwNumberOfCsAddrs, 0);
    CHECK(result.wide.lpServiceClassId == NULL);
    CHECK(result.wide.lpszQueryString == NULL);
    check_no_more(handle);
}

/* The flags of Next restrict those of Begin. */
static void flags_restrict_each_other(void)
{
    union result result;
    DWORD length = sizeof(result);
    HANDLE handle = begin("127.0.0.1", &host_by_name,
                          LUP_RETURN_NAME | LUP_RETURN_ADDR);

    CHECK_OK(WSALookupServiceNextW(handle, LUP_RETURN_ADDR | LUP_RETURN_BLOB,
                                   &length, &result.wide));
    CHECK(result.wide.lpszServiceInstanceName == NULL);
    CHECK(result.wide.lpBlob == NULL);
    CHECK_EQ(result.wide.dwNumberOfCsAddrs, 1);
    check_no_more(handle);
}

static void own_name(void)
{
    union result result;
    HANDLE handle = begin(NULL, &host_name, LUP_RETURN_NAME);
    struct hostent *host;
    char name[300];
    DWORD i;

    CHECK_OK(gethostname(name, sizeof(name)));
    next(handle, &result);
    CHECK(same_text(result.wide.lpszServiceInstanceName, name));
    check_no_more(handle);

    host = gethostbyname(name);
    CHECK(host != NULL);
    handle = begin(name, &host_by_name, LUP_RETURN_ADDR);
    next(handle, &result);
    for (i = 0; i < result.wide.dwNumberOfCsAddrs; i++) {
        SOCKET_ADDRESS *address = &result.wide.lpcsaBuffer[i].RemoteAddr;

        CHECK(host->h_addr_list[i] != NULL);
        EXPECT(!memcmp(&((SOCKADDR_IN *)address->lpSockaddr)->sin_addr,
                       host->h_addr_list[i], 4));
    }
    CHECK(i > 0 && host->h_addr_list[i] == NULL);
    check_no_more(handle);
}

static void restricted_to_protocols(void)
{
    AFPROTOCOLS protocols[] = {{AF_INET6, IPPROTO_UDP}};
    WCHAR text[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen("::1", text),
        .lpServiceClassId = &host_by_name,
        .dwNumberOfProtocols = 1,
        .lpafpProtocols = protocols,
    };
    union result result;
    HANDLE handle;

    CHECK_OK(WSALookupServiceBeginW(&set, LUP_RETURN_ADDR, &handle));
    next(handle, &result);
    check_address(&result, "::1", IPPROTO_UDP);
    check_no_more(handle);

    protocols[0].iAddressFamily = 99;
    CHECK_ERROR(WSALookupServiceBeginW(&set, LUP_RETURN_ADDR, &handle),
                WSASERVICE_NOT_FOUND);
}

static void the_local_part(void)
{
    union result result;
    HANDLE handle = begin("127.0.0.1", &tcp_http,
                          LUP_RETURN_ADDR | LUP_RES_SERVICE_);
    SOCKADDR_IN *local, *remote;

    next(handle, &result);
    CHECK_EQ(result.wide.dwNumberOfCsAddrs, 1);
    local = (SOCKADDR_IN *)result.wide.lpcsaBuffer[0].LocalAddr.lpSockaddr;
    remote = (SOCKADDR_IN *)result.wide.lpcsaBuffer[0].RemoteAddr.lpSockaddr;
    CHECK_EQ(local->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(local->sin_port, htons(80));
    CHECK_EQ(remote->sin_family, AF_INET);
    CHECK_EQ(remote->sin_addr.s_addr, 0);
    check_no_more(handle);
}

static void name_of_an_address(void)
{
    union result result;
    HANDLE handle = begin("no address", &host_by_address, LUP_RETURN_NAME);
    DWORD length = sizeof(result);

    CHECK_ERROR(WSALookupServiceNextW(handle, 0, &length, &result.wide),
                WSASERVICE_NOT_FOUND);
    CHECK_OK(WSALookupServiceEnd(handle));
}

static void what_is_not_found(void)
{
    union result result;
    HANDLE handle = begin("no-such-host.invalid", &host_by_name,
                          LUP_RETURN_ADDR);
    DWORD length = sizeof(result);

    CHECK_ERROR(WSALookupServiceNextW(handle, 0, &length, &result.wide),
                WSASERVICE_NOT_FOUND);
    check_no_more(handle);
}

/* --- Services ------------------------------------------------------------- */

static void ports_of_classes(void)
{
    union result result;
    HANDLE handle = begin("127.0.0.1", &tcp_http, LUP_RETURN_ADDR);

    next(handle, &result);
    check_address(&result, "127.0.0.1:80", IPPROTO_TCP);
    check_no_more(handle);
    handle = begin("127.0.0.1", &udp_domain, LUP_RETURN_ADDR);
    next(handle, &result);
    check_address(&result, "127.0.0.1:53", IPPROTO_UDP);
    check_no_more(handle);
}

static void services_by_name(void)
{
    static const char *const names[] = {"http", "http/tcp", "80/tcp"};
    union result result;
    struct servent *service;
    char *base;
    size_t i;

    for (i = 0; i < N_ELEMENTS(names); i++) {
        HANDLE handle = begin(names[i], &service_by_name, LUP_RETURN_ALL);

        next(handle, &result);
        CHECK(same_text(result.wide.lpszServiceInstanceName, "http"));
        check_address(&result, "0.0.0.0:80", IPPROTO_TCP);
        CHECK(result.wide.lpBlob != NULL);
        base = (char *)result.wide.lpBlob->pBlobData;
        service = (struct servent *)base;
        CHECK_EQ(service->s_port, (short)htons(80));
        CHECK(!strcmp(base + (ULONG_PTR)service->s_name, "http"));
        CHECK(!strcmp(base + (ULONG_PTR)service->s_proto, "tcp"));
        check_no_more(handle);
    }
}

/* --- Buffers -------------------------------------------------------------- */

static void too_little_room(void)
{
    union result result;
    DWORD length = 0, needed;
    HANDLE handle = begin("127.0.0.1", &host_by_name, LUP_RETURN_ALL);

    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length, NULL),
                WSAEFAULT);
    needed = length;
    CHECK(needed > sizeof(WSAQUERYSETW) && needed < sizeof(result));
    length = needed - 1;
    memset(&result, '#', sizeof(result));
    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length,
                                      &result.wide),
                WSAEFAULT);
    CHECK_EQ(length, needed);
    CHECK_EQ(result.bytes[0], '#');
    CHECK_OK(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length,
                                   &result.wide));
    CHECK_EQ(result.bytes[needed], '#');
    check_no_more(handle);
}

static void flushing_what_is_too_large(void)
{
    union result result;
    DWORD length = 0;
    HANDLE handle = begin("127.0.0.1", &host_by_name, LUP_RETURN_ALL);

    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length, NULL),
                WSAEFAULT);
    length = sizeof(result);
    CHECK_ERROR(WSALookupServiceNextW(handle,
                                      LUP_RETURN_ALL | LUP_FLUSHPREVIOUS_,
                                      &length, &result.wide),
                WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
}

static void narrow_form(void)
{
    WSAQUERYSETA set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = (char *)"127.0.0.1",
        .lpServiceClassId = &host_by_name,
        .dwNameSpace = NS_ALL,
    };
    union result result;
    DWORD length = 0, needed;
    HANDLE handle;

    CHECK_OK(WSALookupServiceBeginA(&set, LUP_RETURN_ALL, &handle));
    CHECK_ERROR(WSALookupServiceNextA(handle, LUP_RETURN_ALL, &length, NULL),
                WSAEFAULT);
    needed = length;
    CHECK(needed > sizeof(set) && needed < sizeof(result));
    CHECK_OK(WSALookupServiceNextA(handle, LUP_RETURN_ALL, &length,
                                   &result.narrow));
    CHECK(!strcmp(result.narrow.lpszServiceInstanceName, "127.0.0.1"));
    check_address(&result, "127.0.0.1", IPPROTO_TCP);
    length = sizeof(result);
    CHECK_ERROR(WSALookupServiceNextA(handle, LUP_RETURN_ALL, &length,
                                      &result.narrow),
                WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
}

/* --- Name spaces ---------------------------------------------------------- */

static void name_spaces_and_providers(void)
{
    WCHAR text[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen("127.0.0.1", text),
        .lpServiceClassId = &host_by_name,
    };
    HANDLE handle = NULL;

    CHECK_OK(WSALookupServiceBeginW(&set, 0, &handle)); /* NS_ALL */
    CHECK_OK(WSALookupServiceEnd(handle));
    set.lpNSProviderId = &dns_provider;
    CHECK_OK(WSALookupServiceBeginW(&set, 0, &handle));
    CHECK_OK(WSALookupServiceEnd(handle));
    set.lpNSProviderId = &unknown_class;
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle),
                WSASERVICE_NOT_FOUND);
    set.lpNSProviderId = NULL;
    set.dwNameSpace = NS_BTH; /* no radio */
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle),
                WSASERVICE_NOT_FOUND);
    set.dwNameSpace = NS_DNS;
    set.lpServiceClassId = &unknown_class;
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle),
                WSASERVICE_NOT_FOUND);
    set.lpServiceClassId = &host_by_name;
    CHECK_ERROR(WSALookupServiceBeginW(&set, LUP_CONTAINERS_, &handle),
                WSANO_DATA);
}

/* --- Bad input ------------------------------------------------------------ */

static void begin_bad_input(void)
{
    void *const bad = (void *)16;
    WCHAR text[WIDE_TEXT];
    WSAQUERYSETW set = {
        .lpszServiceInstanceName = widen("127.0.0.1", text),
        .lpServiceClassId = &host_by_name,
    };
    HANDLE handle = NULL;

    CHECK_ERROR(WSALookupServiceBeginW(NULL, 0, &handle), WSAEFAULT);
    CHECK_ERROR(WSALookupServiceBeginW(bad, 0, &handle), WSAEFAULT);
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, NULL), WSAEFAULT);
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle), WSAEINVAL);
    set.dwSize = sizeof(set) + 1;
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle), WSAEINVAL);
    set.dwSize = sizeof(set);
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, bad), WSAEFAULT);
    set.lpServiceClassId = bad;
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle), WSAEFAULT);
    set.lpServiceClassId = NULL;
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle), WSAEINVAL);
    set.lpServiceClassId = &host_by_name;
    set.lpszServiceInstanceName = bad;
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle), WSAEFAULT);
    set.lpszServiceInstanceName = text;
    set.lpafpProtocols = bad;
    set.dwNumberOfProtocols = 1;
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle), WSAEFAULT);
    CHECK(handle == NULL);
}

static void next_bad_input(void)
{
    void *const bad = (void *)16;
    union result result;
    DWORD length = sizeof(result);
    HANDLE handle = begin("127.0.0.1", &host_by_name, LUP_RETURN_NAME);

    CHECK_ERROR(WSALookupServiceNextW(NULL, 0, &length, &result.wide),
                WSA_INVALID_HANDLE);
    CHECK_ERROR(WSALookupServiceNextW((HANDLE)0x7ffffff0, 0, &length,
                                      &result.wide),
                WSA_INVALID_HANDLE);
    CHECK_ERROR(WSALookupServiceNextW(handle, 0, NULL, &result.wide),
                WSAEFAULT);
    CHECK_ERROR(WSALookupServiceNextW(handle, 0, bad, &result.wide),
                WSAEFAULT);
    CHECK_ERROR(WSALookupServiceNextW(handle, 0, &length, bad), WSAEFAULT);
    /* Nothing is lost by it. */
    next(handle, &result);
    CHECK_OK(WSALookupServiceEnd(handle));
    CHECK_ERROR(WSALookupServiceEnd(handle), WSA_INVALID_HANDLE);
    CHECK_ERROR(WSALookupServiceEnd(NULL), WSA_INVALID_HANDLE);
    length = sizeof(result);
    CHECK_ERROR(WSALookupServiceNextW(handle, 0, &length, &result.wide),
                WSA_INVALID_HANDLE);
    CHECK_ERROR(WSANSPIoctl(handle, 0, NULL, 0, NULL, 0, NULL, NULL),
                WSA_INVALID_HANDLE);
}

static void needs_startup(void)
{
    WSAQUERYSETW set = {.dwSize = sizeof(set)};
    union result result;
    DWORD length = sizeof(result);
    HANDLE handle;

    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle), WSANOTINITIALISED);
    CHECK_ERROR(WSALookupServiceNextW(NULL, 0, &length, &result.wide),
                WSANOTINITIALISED);
    CHECK_ERROR(WSALookupServiceEnd(NULL), WSANOTINITIALISED);
    CHECK_ERROR(WSASetServiceW(&set, RNRSERVICE_REGISTER, 0),
                WSANOTINITIALISED);
}

static void cleanup_ends_lookups(void)
{
    HANDLE handle;
    WSADATA data;

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    handle = begin("127.0.0.1", &host_by_name, LUP_RETURN_NAME);
    CHECK_OK(WSACleanup());
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_ERROR(WSALookupServiceEnd(handle), WSA_INVALID_HANDLE);
    CHECK_OK(WSACleanup());
}

/* Ending a look-up while others are at it. */
static void asks_until_the_end(void *argument)
{
    HANDLE handle = *(HANDLE *)argument;
    union result result;
    DWORD length;
    int error;

    do {
        length = sizeof(result);
        error = WSALookupServiceNextW(handle, 0, &length, &result.wide)
                    ? WSAGetLastError()
                    : 0;
    } while (!error || error == WSA_E_NO_MORE);
    EXPECT_THAT(error == WSA_INVALID_HANDLE || error == WSA_E_CANCELLED, "%s",
                error_name(error));
}

static void ending_while_others_ask(void)
{
    struct thread *threads[4];
    HANDLE handle;
    size_t i, round;

    for (round = 0; round < 10; round++) {
        handle = begin("127.0.0.1", &host_by_name, LUP_RETURN_ALL);
        for (i = 0; i < N_ELEMENTS(threads); i++)
            threads[i] = thread_start(asks_until_the_end, &handle);
        CHECK_OK(WSALookupServiceEnd(handle));
        for (i = 0; i < N_ELEMENTS(threads); i++)
            thread_join(threads[i]);
    }
}

/* --- Registering, control codes ------------------------------------------- */

static void the_dns_takes_no_services(void)
{
    WCHAR text[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen("service", text),
        .lpServiceClassId = &tcp_http,
        .dwNameSpace = NS_DNS,
    };

    CHECK_ERROR(WSASetServiceW(&set, RNRSERVICE_REGISTER, 0), WSAEOPNOTSUPP);
    CHECK_ERROR(WSASetServiceW(&set, (WSAESETSERVICEOP)77, 0), WSAEINVAL);
    set.dwNameSpace = 77;
    CHECK_ERROR(WSASetServiceW(&set, RNRSERVICE_REGISTER, 0),
                WSASERVICE_NOT_FOUND);
    set.dwNameSpace = NS_DNS;
    set.lpServiceClassId = NULL;
    CHECK_ERROR(WSASetServiceW(&set, RNRSERVICE_REGISTER, 0), WSAEINVAL);
    set.dwSize = 1;
    CHECK_ERROR(WSASetServiceW(&set, RNRSERVICE_REGISTER, 0), WSAEINVAL);
    CHECK_ERROR(WSASetServiceW(NULL, RNRSERVICE_REGISTER, 0), WSAEFAULT);
    CHECK_ERROR(WSASetServiceA(NULL, RNRSERVICE_REGISTER, 0), WSAEFAULT);
}

static void the_dns_has_no_control_codes(void)
{
    HANDLE handle = begin("127.0.0.1", &host_by_name, LUP_RETURN_NAME);
    DWORD count = 0;

    CHECK_ERROR(WSANSPIoctl(handle, _WSAIOW(IOC_WS2, 25), NULL, 0, NULL, 0,
                            &count, NULL),
                WSAEOPNOTSUPP);
    CHECK_OK(WSALookupServiceEnd(handle));
}

static const struct test_case cases[] = {
    TEST_CASE(host_addresses, "06 10: SVCID_INET_HOSTADDRBYNAME"),
    TEST_CASE(host_blob, "06 10: LUP_RETURN_BLOB"),
    TEST_CASE(only_what_was_asked_for, "06 10: LUP_RETURN_*"),
    TEST_CASE(flags_restrict_each_other, "06 10: LUP_RETURN_*"),
    TEST_CASE(own_name, "06 10: SVCID_HOSTNAME"),
    TEST_CASE(restricted_to_protocols, "06 10: lpafpProtocols"),
    TEST_CASE(the_local_part, "06 10: LUP_RES_SERVICE"),
    TEST_CASE(name_of_an_address, "06 10: SVCID_INET_HOSTADDRBYINETSTRING"),
    TEST_CASE(what_is_not_found, "06 10: WSASERVICE_NOT_FOUND"),
    TEST_CASE(ports_of_classes, "06 10: SVCID_TCP, SVCID_UDP"),
    TEST_CASE(services_by_name, "06 10: SVCID_INET_SERVICEBYNAME"),
    TEST_CASE(too_little_room, "06 10: WSAEFAULT and the size"),
    TEST_CASE(flushing_what_is_too_large, "06 10: LUP_FLUSHPREVIOUS"),
    TEST_CASE(narrow_form, "06 10: the A forms"),
    TEST_CASE(name_spaces_and_providers, "06 10: dwNameSpace"),
    TEST_CASE(begin_bad_input, "06 10: bad input"),
    TEST_CASE(next_bad_input, "06 10: bad input"),
    TEST_CASE_WITH(needs_startup, "WSANOTINITIALISED", .flags = TEST_BARE),
    TEST_CASE_WITH(cleanup_ends_lookups, "WSACleanup ends look-ups",
                   .flags = TEST_BARE),
    TEST_CASE(ending_while_others_ask, "06 10: WSA_E_CANCELLED"),
    TEST_CASE(the_dns_takes_no_services, "06 10: WSASetService"),
    TEST_CASE(the_dns_has_no_control_codes, "06 10: WSANSPIoctl"),
    TEST_END
};

TEST_MAIN("lookup_service", cases, NULL)
