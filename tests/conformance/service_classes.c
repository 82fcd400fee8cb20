/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Service classes: those of TCP/IP, and those that programs install.
 *
 * The statements are those of Microsoft's pages on WSAInstallServiceClass,
 * WSARemoveServiceClass, WSAGetServiceClassInfo and
 * WSAGetServiceClassNameByClassId.
 */
#include "support/catalog.h"
#include "support/lookups.h"
#include "support/memory.h"

#define NUMBER 4 /* REG_DWORD */
#define BINARY 3 /* REG_BINARY */

static GUID host_name = SERVICE_CLASS(0x0002a800);
static GUID tcp_http = SERVICE_CLASS(0x00090050);
static GUID udp_domain = SERVICE_CLASS(0x000a0035);
static GUID unknown_class = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
static GUID new_class = {0x600d, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
static GUID dns_provider = DNS_PROVIDER;

union class_info {
    char bytes[2048];
    WSASERVICECLASSINFOW wide;
    WSASERVICECLASSINFOA narrow;
};

/* --- Those of TCP/IP ------------------------------------------------------ */

static void class_of_a_port(void)
{
    union {
        char bytes[1024];
        WSASERVICECLASSINFOW wide;
        WSASERVICECLASSINFOA narrow;
    } info;
    DWORD length = 0;

    CHECK_ERROR(WSAGetServiceClassInfoW(&dns_provider, &tcp_http, &length,
                                        &info.wide),
                WSAEFAULT);
    CHECK(length > sizeof(info.wide) && length < sizeof(info));
    CHECK_OK(WSAGetServiceClassInfoW(&dns_provider, &tcp_http, &length,
                                     &info.wide));
    CHECK(!memcmp(info.wide.lpServiceClassId, &tcp_http, sizeof(GUID)));
    CHECK(same_text(info.wide.lpszServiceClassName, "http"));
    CHECK_EQ(info.wide.dwCount, 1);
    CHECK(same_text((void *)info.wide.lpClassInfos[0].lpszName, "TcpPort"));
    CHECK_EQ(*(DWORD *)info.wide.lpClassInfos[0].lpValue, 80);
    CHECK_EQ(info.wide.lpClassInfos[0].dwNameSpace, NS_DNS);
    length = sizeof(info);
    CHECK_OK(WSAGetServiceClassInfoA(&dns_provider, &udp_domain, &length,
                                     &info.narrow));
    CHECK(!strcmp(info.narrow.lpszServiceClassName, "domain"));
    CHECK(!strcmp(info.narrow.lpClassInfos[0].lpszName, "UdpPort"));
    CHECK_ERROR(WSAGetServiceClassInfoW(&dns_provider, &unknown_class, &length,
                                        &info.wide),
                WSATYPE_NOT_FOUND);
    CHECK_ERROR(WSAGetServiceClassInfoW(&unknown_class, &tcp_http, &length,
                                        &info.wide),
                WSAEINVAL);
    CHECK_ERROR(WSAGetServiceClassInfoW(NULL, &tcp_http, &length, &info.wide),
                WSAEINVAL);
}

static void names_of_classes(void)
{
    WCHAR wide[64];
    char narrow[64];
    DWORD length = 2;

    CHECK_ERROR(WSAGetServiceClassNameByClassIdA(&tcp_http, narrow, &length),
                WSAEFAULT);
    CHECK_EQ(length, 5);
    CHECK_OK(WSAGetServiceClassNameByClassIdA(&tcp_http, narrow, &length));
    CHECK(!strcmp(narrow, "http"));
    length = 64;
    CHECK_OK(WSAGetServiceClassNameByClassIdW(&host_name, wide, &length));
    CHECK(same_text(wide, "Hostname"));
    CHECK_ERROR(WSAGetServiceClassNameByClassIdA(&unknown_class, narrow,
                                                 &length),
                WSAEINVAL);
}

/* --- Installed ones ------------------------------------------------------- */

/* The class that the cases install: a port for the DNS, and bytes for all. */
struct new_class {
    WSASERVICECLASSINFOW info;
    WSANSCLASSINFOW values[2];
    WCHAR name[WIDE_TEXT], texts[2][WIDE_TEXT];
    DWORD port;
};

static void new_class_init(struct new_class *class)
{
    static char colour[3] = {1, 0, 2};

    memset(class, 0, sizeof(*class));
    class->port = 4711;
    class->values[0].lpszName = (void *)widen("TcpPort", class->texts[0]);
    class->values[0].dwNameSpace = NS_DNS;
    class->values[0].dwValueType = NUMBER;
    class->values[0].dwValueSize = sizeof(class->port);
    class->values[0].lpValue = &class->port;
    class->values[1].lpszName = (void *)widen("Colour", class->texts[1]);
    class->values[1].dwNameSpace = NS_ALL;
    class->values[1].dwValueType = BINARY;
    class->values[1].dwValueSize = sizeof(colour);
    class->values[1].lpValue = colour;
    class->info.lpServiceClassId = &new_class;
    class->info.lpszServiceClassName = widen("Cuckoo", class->name);
    class->info.dwCount = 2;
    class->info.lpClassInfos = class->values;
}

/* A store of this case's own, and the class in it. */
static void begin(struct new_class *class)
{
    static WSADATA data;

    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    new_class_init(class);
}

static void begin_installed(struct new_class *class)
{
    begin(class);
    CHECK_OK(WSAInstallServiceClassW(&class->info));
}

static void check_wide(void)
{
    const WSANSCLASSINFOW *values;
    union class_info info;
    DWORD length = 0, needed;

    CHECK_ERROR(WSAGetServiceClassInfoW(&dns_provider, &new_class, &length,
                                        &info.wide),
                WSAEFAULT);
    needed = length--;
    CHECK_ERROR(WSAGetServiceClassInfoW(&dns_provider, &new_class, &length,
                                        &info.wide),
                WSAEFAULT);
    CHECK_EQ(length, needed);
    CHECK_OK(WSAGetServiceClassInfoW(&dns_provider, &new_class, &length,
                                     &info.wide));
    CHECK(!memcmp(info.wide.lpServiceClassId, &new_class, sizeof(GUID)));
    CHECK(same_text(info.wide.lpszServiceClassName, "Cuckoo"));
    CHECK_EQ(info.wide.dwCount, 2);
    values = info.wide.lpClassInfos;
    CHECK(same_text((void *)values[0].lpszName, "TcpPort"));
    CHECK_EQ(values[0].dwNameSpace, NS_DNS);
    CHECK_EQ(values[0].dwValueType, NUMBER);
    CHECK_EQ(values[0].dwValueSize, 4);
    CHECK_EQ(*(DWORD *)values[0].lpValue, 4711);
    CHECK(same_text((void *)values[1].lpszName, "Colour"));
    CHECK_EQ(values[1].dwNameSpace, NS_ALL);
    CHECK_EQ(values[1].dwValueSize, 3);
    CHECK(!memcmp(values[1].lpValue, "\1\0\2", 3));
}

static void an_installed_class_is_known(void)
{
    struct new_class class;
    union class_info info;
    DWORD length = sizeof(info);
    WCHAR wide[16];
    char narrow[16];

    begin_installed(&class);
    check_wide();
    CHECK_OK(WSAGetServiceClassInfoA(&dns_provider, &new_class, &length,
                                     &info.narrow));
    CHECK(!strcmp(info.narrow.lpszServiceClassName, "Cuckoo"));
    CHECK(!strcmp(info.narrow.lpClassInfos[1].lpszName, "Colour"));
    length = 16;
    CHECK_OK(WSAGetServiceClassNameByClassIdW(&new_class, wide, &length));
    CHECK(same_text(wide, "Cuckoo"));
    length = 6;
    CHECK_ERROR(WSAGetServiceClassNameByClassIdA(&new_class, narrow, &length),
                WSAEFAULT);
    CHECK_EQ(length, 7);
    CHECK_OK(WSAGetServiceClassNameByClassIdA(&new_class, narrow, &length));
    CHECK(!strcmp(narrow, "Cuckoo"));
    CHECK_OK(WSACleanup());
}

/* The store is that of all processes. */
static void asker(struct peer *parent, int n_arguments, char **arguments)
{
    char go;

    (void)n_arguments, (void)arguments;
    peer_receive(parent, &go, sizeof(go));
    check_wide();
}

static void other_processes_know_it(void)
{
    struct new_class class;
    struct peer *peer;

    begin_installed(&class);
    peer = peer_start("asker", NULL);
    peer_send(peer, "", 1);
    CHECK_EQ(peer_wait(peer), 0);
    CHECK_OK(WSACleanup());
}

/* The DNS answers with the class's port. */
static void its_port_is_looked_up(void)
{
    union {
        char bytes[4096];
        WSAQUERYSETW set;
    } result;
    WCHAR name[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen("127.0.0.1", name),
        .lpServiceClassId = &new_class,
        .dwNameSpace = NS_DNS,
    };
    const struct sockaddr_in *address;
    DWORD length = sizeof(result);
    struct new_class class;
    HANDLE handle;

    begin(&class);
    CHECK_ERROR(WSALookupServiceBeginW(&set, LUP_RETURN_ADDR, &handle),
                WSASERVICE_NOT_FOUND);
    CHECK_OK(WSAInstallServiceClassW(&class.info));
    CHECK_OK(WSALookupServiceBeginW(&set, LUP_RETURN_ADDR, &handle));
    CHECK_OK(WSALookupServiceNextW(handle, LUP_RETURN_ADDR, &length,
                                   &result.set));
    CHECK_EQ(result.set.dwNumberOfCsAddrs, 1);
    CHECK_EQ(result.set.lpcsaBuffer->iProtocol, IPPROTO_TCP);
    address = (void *)result.set.lpcsaBuffer->RemoteAddr.lpSockaddr;
    CHECK_EQ(address->sin_port, htons(4711));
    CHECK_OK(WSALookupServiceEnd(handle));
    CHECK_OK(WSACleanup());
}

static void the_narrow_form(void)
{
    static char port[] = "UdpPort", name[] = "Owl";
    struct new_class unused;
    union class_info info;
    DWORD number = 7, length = sizeof(info);
    WSANSCLASSINFOA value = {
        .lpszName = port,
        .dwNameSpace = NS_DNS,
        .dwValueType = NUMBER,
        .dwValueSize = sizeof(number),
        .lpValue = &number,
    };
    WSASERVICECLASSINFOA class = {&new_class, name, 1, &value};

    begin(&unused);
    CHECK_OK(WSAInstallServiceClassA(&class));
    CHECK_OK(WSAGetServiceClassInfoW(&dns_provider, &new_class, &length,
                                     &info.wide));
    CHECK(same_text(info.wide.lpszServiceClassName, "Owl"));
    CHECK(same_text((void *)info.wide.lpClassInfos[0].lpszName, "UdpPort"));
    CHECK_OK(WSACleanup());
}

static void installed_once_and_removed_once(void)
{
    struct new_class class;
    union class_info info;
    DWORD length = sizeof(info);

    begin_installed(&class);
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEALREADY);
    CHECK_OK(WSARemoveServiceClass(&new_class));
    CHECK_ERROR(WSARemoveServiceClass(&new_class), WSATYPE_NOT_FOUND);
    CHECK_ERROR(WSAGetServiceClassInfoW(&dns_provider, &new_class, &length,
                                        &info.wide),
                WSATYPE_NOT_FOUND);
    class.info.dwCount = 0;
    CHECK_OK(WSAInstallServiceClassW(&class.info));
    length = sizeof(info);
    CHECK_OK(WSAGetServiceClassInfoW(&dns_provider, &new_class, &length,
                                     &info.wide));
    CHECK_EQ(info.wide.dwCount, 0);
    CHECK_OK(WSACleanup());
}

static void those_of_tcp_ip_stay(void)
{
    struct new_class class;

    begin(&class);
    class.info.lpServiceClassId = &tcp_http;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEALREADY);
    CHECK_ERROR(WSARemoveServiceClass(&tcp_http), WSAEACCES);
    CHECK_OK(WSACleanup());
}

static void a_store_that_cannot_be_written(void)
{
    struct new_class class;

    begin(&class);
    environment_set("WS2EMU_CATALOG", "/proc/no-such-folder/catalog");
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEACCES);
    CHECK_OK(WSACleanup());
}

static void bad_classes(void)
{
    void *bad = memory_new(MEMORY_UNREADABLE, 1);
    static WCHAR long_name[1000];
    struct new_class class;
    size_t i;

    begin(&class);
    for (i = 0; i + 1 < sizeof(long_name) / sizeof(long_name[0]); i++)
        long_name[i] = 'x';
    CHECK_ERROR(WSAInstallServiceClassW(NULL), WSAEINVAL);
    CHECK_ERROR(WSAInstallServiceClassA(NULL), WSAEINVAL);
    CHECK_ERROR(WSAInstallServiceClassW(bad), WSAEFAULT);
    class.info.lpServiceClassId = NULL;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEINVAL);
    class.info.lpServiceClassId = bad;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEFAULT);
    new_class_init(&class);
    class.info.lpszServiceClassName = NULL;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEINVAL);
    class.info.lpszServiceClassName = long_name;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEINVAL);
    class.info.lpszServiceClassName = bad;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEFAULT);
    new_class_init(&class);
    class.info.lpClassInfos = NULL;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEINVAL);
    class.info.lpClassInfos = bad;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEFAULT);
    new_class_init(&class);
    class.info.dwCount = 100000;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEINVAL);
    new_class_init(&class);
    class.values[1].lpszName = NULL;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEINVAL);
    new_class_init(&class);
    class.values[0].lpValue = bad;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEFAULT);
    class.values[0].lpValue = NULL;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEINVAL);
    new_class_init(&class);
    class.values[0].dwValueSize = 1u << 30;
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSAEINVAL);
    CHECK_ERROR(WSARemoveServiceClass(NULL), WSAEINVAL);
    CHECK_ERROR(WSARemoveServiceClass(bad), WSAEFAULT);
    CHECK_ERROR(WSARemoveServiceClass(&new_class), WSATYPE_NOT_FOUND);
    memory_delete(bad, 1);
    CHECK_OK(WSACleanup());
}

static void before_startup(void)
{
    struct new_class class;

    new_class_init(&class);
    CHECK_ERROR(WSAInstallServiceClassW(&class.info), WSANOTINITIALISED);
    CHECK_ERROR(WSAInstallServiceClassA(NULL), WSANOTINITIALISED);
    CHECK_ERROR(WSARemoveServiceClass(&new_class), WSANOTINITIALISED);
}

static const struct test_case cases[] = {
    TEST_CASE(class_of_a_port, "WSAGetServiceClassInfo"),
    TEST_CASE(names_of_classes, "WSAGetServiceClassNameByClassId"),
    TEST_CASE_WITH(an_installed_class_is_known, "WSAInstallServiceClass",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(other_processes_know_it, "WSAInstallServiceClass",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(its_port_is_looked_up, "WSAInstallServiceClass: TcpPort",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(the_narrow_form, "WSAInstallServiceClassA",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(installed_once_and_removed_once,
                   "WSAEALREADY; WSARemoveServiceClass", .flags = TEST_BARE),
    TEST_CASE_WITH(those_of_tcp_ip_stay, "WSAEALREADY, WSAEACCES",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(a_store_that_cannot_be_written, "WSAEACCES",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(bad_classes, "WSAEINVAL, WSAEFAULT", .flags = TEST_BARE),
    TEST_CASE_WITH(before_startup, "WSANOTINITIALISED", .flags = TEST_BARE),
    TEST_END
};

static const struct test_role roles[] = {TEST_ROLE(asker), TEST_ROLES_END};

TEST_MAIN("service_classes", cases, roles)
