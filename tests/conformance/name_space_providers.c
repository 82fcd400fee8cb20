/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of name spaces that programs install: getaddrinfo and GetAddrInfoEx
 * ask them, SetAddrInfoEx and WSASetService register with them.
 *
 * Microsoft's pages: GetAddrInfoEx ("a specific namespace provider to query"),
 * SetAddrInfoEx, WSASetService.  The provider is tests/support/name_space.c,
 * names that end in .zoo.
 */
#include "support/catalog.h"
#include "support/memory.h"

#define NS_ZOO 777
#define SOME_MS 10000

typedef INT(WINAPI *set_narrow)(const char *, const char *, SOCKET_ADDRESS *,
                                DWORD, BLOB *, DWORD, DWORD, GUID *,
                                struct timeval *, OVERLAPPED *, void *,
                                HANDLE *);
typedef INT(WINAPI *set_wide)(const WCHAR *, const WCHAR *, SOCKET_ADDRESS *,
                              DWORD, BLOB *, DWORD, DWORD, GUID *,
                              struct timeval *, OVERLAPPED *, void *, HANDLE *);

static void *function(const char *name)
{
    void *symbol =
        library_symbol((const uint16_t *)(const void *)L"ws2_32.dll", name);

    CHECK_THAT(symbol != NULL, "there is no %s", name);
    return symbol;
}

static GUID zoo = {0x200, 1, 1, {1, 2, 3, 4, 5, 6, 7, 8}};
static GUID nobody = {0x201, 1, 1, {1, 2, 3, 4, 5, 6, 7, 8}};
static GUID some_class = {0x202, 1, 1, {1, 2, 3, 4, 5, 6, 7, 8}};

static void install(void)
{
    static WCHAR name[] = L"Zoo";

    catalog_private();
    CHECK_OK(WSCInstallNameSpace(name, provider_library("name_space"), NS_ZOO,
                                 1, &zoo));
}

static void begin(void)
{
    static WSADATA data;

    install();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static void end(void)
{
    CHECK_OK(WSACleanup());
}

/* --- Asking --------------------------------------------------------------- */

/* The first address, as text; the error when there is none. */
static int ask(const char *name, int family, DWORD name_space, GUID *provider,
               char text[100])
{
    ADDRINFOEXW hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
    ADDRINFOEXW *list = NULL;
    WCHAR wide[WIDE_TEXT], port[WIDE_TEXT];
    DWORD length = 100;
    int error = GetAddrInfoExW(widen(name, wide), widen("80", port),
                               name_space, provider, &hints, &list, NULL, NULL,
                               NULL, NULL);

    strcpy(text, "");
    if (error)
        return error;
    CHECK(list != NULL);
    CHECK_EQ(list->ai_socktype, SOCK_STREAM);
    CHECK_OK(WSAAddressToStringA(list->ai_addr, (DWORD)list->ai_addrlen, NULL,
                                 text, &length));
    FreeAddrInfoExW(list);
    return 0;
}

static void check_asked(const char *name, int family, DWORD name_space,
                        GUID *provider, const char *expected)
{
    char text[100];
    int error = ask(name, family, name_space, provider, text);

    CHECK_THAT(!error, "%s: %s", name, error_name(error));
    CHECK_THAT(!strcmp(text, expected), "%s is %s", name, text);
}

static void check_not_asked(const char *name, DWORD name_space, GUID *provider,
                            int expected)
{
    char text[100];
    int error = ask(name, AF_INET, name_space, provider, text);

    CHECK_THAT(error == expected || (error && !expected), "%s: %s, %s", name,
               error_name(error), text);
}

static void getaddrinfo_asks_providers(void)
{
    struct addrinfo hints = {.ai_family = AF_INET}, *list = NULL;

    begin();
    CHECK_EQ(getaddrinfo("owl.zoo", "80", &hints, &list), 0);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr,
             htonl(0x0a010203));
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_port, htons(80));
    CHECK(list->ai_next == NULL);
    freeaddrinfo(list);
    hints.ai_flags = AI_NUMERICHOST;
    CHECK_EQ(getaddrinfo("owl.zoo", "80", &hints, &list), WSAHOST_NOT_FOUND);
    hints.ai_flags = 0;
    CHECK(getaddrinfo("cat.zoo", "80", &hints, &list) != 0);
    CHECK_EQ(getaddrinfo("owl.zoo", "no-such-service", &hints, &list),
             WSATYPE_NOT_FOUND);
    /* The DNS is asked as before. */
    CHECK_EQ(getaddrinfo("localhost", "80", &hints, &list), 0);
    CHECK(list->ai_next == NULL);
    freeaddrinfo(list);
    end();
}

static void of_one_name_space(void)
{
    begin();
    check_asked("owl.zoo", AF_INET, NS_ZOO, NULL, "10.1.2.3:80");
    check_asked("owl.zoo", AF_INET6, NS_ZOO, NULL, "[fd00::1]:80");
    check_asked("owl.zoo", AF_INET, NS_ZOO, &zoo, "10.1.2.3:80");
    check_asked("owl.zoo", AF_INET, NS_ALL, &zoo, "10.1.2.3:80");
    check_asked("owl.zoo", AF_INET, NS_ALL, NULL, "10.1.2.3:80");
    check_not_asked("cat.zoo", NS_ZOO, NULL, WSAHOST_NOT_FOUND);
    check_not_asked("localhost", NS_ZOO, NULL, WSAHOST_NOT_FOUND);
    check_not_asked("owl.zoo", NS_DNS, NULL, 0);
    check_not_asked("owl.zoo", NS_ZOO + 1, NULL, WSASERVICE_NOT_FOUND);
    check_not_asked("owl.zoo", NS_ZOO, &nobody, WSASERVICE_NOT_FOUND);
    check_not_asked("owl.zoo", NS_DNS, &zoo, WSASERVICE_NOT_FOUND);
    end();
}

static void overlapped(void)
{
    ADDRINFOEXW hints = {.ai_family = AF_INET}, *list = NULL;
    OVERLAPPED overlapped = {.Internal = 0};
    WCHAR name[WIDE_TEXT];

    begin();
    overlapped.hEvent = event_create();
    CHECK_EQ(GetAddrInfoExW(widen("owl.zoo", name), NULL, NS_ZOO, NULL, &hints,
                            &list, NULL, &overlapped, NULL, NULL),
             WSA_IO_PENDING);
    event_wait(overlapped.hEvent);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&overlapped), 0);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr,
             htonl(0x0a010203));
    FreeAddrInfoExW(list);
    WSACloseEvent(overlapped.hEvent);
    end();
}

static void a_disabled_provider_is_not_asked(void)
{
    static WSADATA data;

    install();
    CHECK_OK(WSCEnableNSProvider(&zoo, FALSE));
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    check_not_asked("owl.zoo", NS_ZOO, NULL, WSASERVICE_NOT_FOUND);
    check_not_asked("owl.zoo", NS_ALL, NULL, 0);
    end();
}

static void a_library_that_is_none(void)
{
    static WCHAR name[] = L"Gone", path[] = L"/nowhere/provider.so";
    static WSADATA data;

    catalog_private();
    CHECK_OK(WSCInstallNameSpace(name, path, NS_ZOO, 1, &zoo));
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    check_not_asked("owl.zoo", NS_ZOO, NULL, 0);
    check_asked("127.0.0.1", AF_INET, NS_ALL, NULL, "127.0.0.1:80");
    end();
}

/* --- Registering ---------------------------------------------------------- */

static struct sockaddr_in address = {.sin_family = AF_INET};
static SOCKET_ADDRESS addresses[] = {
    {(struct sockaddr *)&address, sizeof(address)}};

static int set(const char *name, SOCKET_ADDRESS *list, DWORD n,
               DWORD name_space)
{
    set_wide wide = (set_wide)function("SetAddrInfoExW");
    WCHAR text[WIDE_TEXT];

    return wide(name ? widen(name, text) : NULL, NULL, list, n, NULL, 0,
                name_space, NULL, NULL, NULL, NULL, NULL);
}

static void names_are_registered(void)
{
    set_narrow narrow;

    begin();
    narrow = (set_narrow)function("SetAddrInfoExA");
    address.sin_addr.s_addr = htonl(0x0a000001);
    CHECK_EQ(set("cat.zoo", addresses, 1, NS_ZOO), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    check_asked("cat.zoo", AF_INET, NS_ZOO, NULL, "10.0.0.1:80");
    address.sin_addr.s_addr = htonl(0x0a000002);
    CHECK_EQ(narrow("dog.zoo", NULL, addresses, 1, NULL, 0, NS_ALL, NULL, NULL,
                    NULL, NULL, NULL),
             0);
    check_asked("dog.zoo", AF_INET, NS_ZOO, NULL, "10.0.0.2:80");
    CHECK_EQ(set("cat.zoo", NULL, 0, NS_ZOO), 0);
    check_not_asked("cat.zoo", NS_ZOO, NULL, WSAHOST_NOT_FOUND);
    CHECK_EQ(set("cat.zoo", NULL, 0, NS_ZOO), WSANO_RECOVERY);
    end();
}

/* The DNS takes none, nor does a name space that is not there. */
static void names_that_nobody_takes(void)
{
    begin();
    CHECK_EQ(set("cat.zoo", addresses, 1, NS_DNS), WSANO_RECOVERY);
    CHECK_EQ(set("cat.zoo", addresses, 1, NS_ZOO + 1), WSANO_RECOVERY);
    CHECK_EQ(set("cat.example", addresses, 1, NS_ZOO), WSAEINVAL);
    end();
}

static void bad_registrations(void)
{
    void *bad = memory_new(MEMORY_UNREADABLE, 1);
    SOCKET_ADDRESS no_address = {bad, sizeof(address)};
    struct timeval time = {1, 0};
    OVERLAPPED overlapped;
    WCHAR name[WIDE_TEXT];
    HANDLE handle;
    set_wide wide;

    begin();
    wide = (set_wide)function("SetAddrInfoExW");
    widen("cat.zoo", name);
    CHECK_EQ(set(NULL, addresses, 1, NS_ZOO), WSAEINVAL);
    CHECK_EQ(set("cat.zoo", NULL, 1, NS_ZOO), WSAEINVAL);
    CHECK_EQ(set("cat.zoo", bad, 1, NS_ZOO), WSAEFAULT);
    CHECK_EQ(set("cat.zoo", &no_address, 1, NS_ZOO), WSAEFAULT);
    CHECK_EQ(set("cat.zoo", addresses, 1u << 30, NS_ZOO), WSAENOBUFS);
    CHECK_EQ(wide(bad, NULL, NULL, 0, NULL, 0, NS_ZOO, NULL, NULL, NULL, NULL,
                  NULL),
             WSAEFAULT);
    CHECK_EQ(wide(name, NULL, NULL, 0, bad, 0, NS_ZOO, NULL, NULL, NULL, NULL,
                  NULL),
             WSAEFAULT);
    CHECK_EQ(wide(name, NULL, NULL, 0, NULL, 0, NS_ZOO, bad, NULL, NULL, NULL,
                  NULL),
             WSAEFAULT);
    CHECK_EQ(wide(name, NULL, NULL, 0, NULL, 0, NS_ZOO, NULL, &time, NULL,
                  NULL, NULL),
             WSAEINVAL);
    CHECK_EQ(wide(name, NULL, NULL, 0, NULL, 0, NS_ZOO, NULL, NULL,
                  &overlapped, NULL, NULL),
             WSAEINVAL);
    CHECK_EQ(wide(name, NULL, NULL, 0, NULL, 0, NS_ZOO, NULL, NULL, NULL, bad,
                  NULL),
             WSAEINVAL);
    CHECK_EQ(wide(name, NULL, NULL, 0, NULL, 0, NS_ZOO, NULL, NULL, NULL, NULL,
                  &handle),
             WSAEINVAL);
    memory_delete(bad, 1);
    end();
    CHECK_EQ(set("cat.zoo", addresses, 1, NS_ZOO), WSANOTINITIALISED);
}

static void services_are_registered(void)
{
    WCHAR name[WIDE_TEXT];
    CSADDR_INFO info = {.LocalAddr = {(struct sockaddr *)&address,
                                      sizeof(address)}};
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen("fox.zoo", name),
        .lpServiceClassId = &some_class,
        .dwNameSpace = NS_ZOO,
        .dwNumberOfCsAddrs = 1,
        .lpcsaBuffer = &info,
    };
    union {
        char bytes[1024];
        WSAQUERYSETW set;
    } result;
    DWORD length = sizeof(result);
    HANDLE handle;

    begin();
    address.sin_addr.s_addr = htonl(0x0a000003);
    CHECK_OK(WSASetServiceW(&set, RNRSERVICE_REGISTER, 0));
    check_asked("fox.zoo", AF_INET, NS_ZOO, NULL, "10.0.0.3:80");
    CHECK_OK(WSALookupServiceBeginW(&set, LUP_RETURN_ADDR, &handle));
    CHECK_OK(WSALookupServiceNextW(handle, LUP_RETURN_ADDR, &length,
                                   &result.set));
    CHECK(same_text(result.set.lpszServiceInstanceName, "fox.zoo"));
    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ADDR, &length,
                                      &result.set),
                WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
    CHECK_OK(WSASetServiceW(&set, RNRSERVICE_DEREGISTER, 0));
    CHECK_ERROR(WSASetServiceW(&set, RNRSERVICE_DEREGISTER, 0),
                WSASERVICE_NOT_FOUND);
    CHECK_ERROR(WSALookupServiceBeginW(&set, LUP_RETURN_ADDR, &handle),
                WSASERVICE_NOT_FOUND);
    end();
}

/* What the provider says of classes is what the program hears. */
static void its_classes(void)
{
    union {
        char bytes[1024];
        WSASERVICECLASSINFOW wide;
        WSASERVICECLASSINFOA narrow;
    } info;
    DWORD length = sizeof(info);

    begin();
    CHECK_ERROR(WSAGetServiceClassInfoW(&zoo, &some_class, &length,
                                        &info.wide),
                WSAEOPNOTSUPP);
    CHECK_ERROR(WSAGetServiceClassInfoA(&zoo, &some_class, &length,
                                        &info.narrow),
                WSAEOPNOTSUPP);
    end();
}

#define BARE_CASE(function, statement)                                         \
    TEST_CASE_WITH(function, statement, .flags = TEST_BARE)

static const struct test_case cases[] = {
    BARE_CASE(getaddrinfo_asks_providers, "getaddrinfo: all name spaces"),
    BARE_CASE(of_one_name_space, "GetAddrInfoEx: dwNameSpace, lpNspId"),
    BARE_CASE(overlapped, "GetAddrInfoEx: lpOverlapped"),
    BARE_CASE(a_disabled_provider_is_not_asked, "active name spaces"),
    BARE_CASE(a_library_that_is_none, "a provider that cannot be started"),
    BARE_CASE(names_are_registered, "SetAddrInfoEx"),
    BARE_CASE(names_that_nobody_takes, "SetAddrInfoEx: WSANO_RECOVERY"),
    BARE_CASE(bad_registrations, "SetAddrInfoEx: bad input"),
    BARE_CASE(services_are_registered, "WSASetService"),
    BARE_CASE(its_classes, "WSAGetServiceClassInfo"),
    TEST_END
};

TEST_MAIN("name_space_providers", cases, NULL)
