/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The catalog of name spaces: the configuration calls, and what programs see.
 *
 * Specification 05, section 9; errors as Microsoft documents them for each call
 * (these report by the last error, but for WSCWriteNameSpaceOrder, which
 * returns it).
 */
#include "support/catalog.h"

static WSADATA data;
static GUID id_a = { 0x11111111, 1, 1, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static GUID id_b = { 0x22222222, 2, 2, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static WCHAR name_a[] = L"A", name_b[] = L"B", path[] = L"/nowhere/names.so";

enum { MANY = 32, ROOM = 4096, NUMBER_A = 4711, NUMBER_B = 4712 };

/* WSANAMESPACE_INFOEXW, which Wine's headers lack. */
struct extended_info {
    WSANAMESPACE_INFOW plain;
    BLOB own;
};
typedef INT(WINAPI *enumerate_extended)(LPDWORD, struct extended_info *);

static union {
    char bytes[ROOM];
    WSANAMESPACE_INFOW wide[MANY];
    WSANAMESPACE_INFOA narrow[MANY];
    struct extended_info extended[MANY];
} buffer;

static int entries_extended(const char *function)
{
    DWORD length = ROOM;
    enumerate_extended call = (enumerate_extended)library_symbol(
        (const uint16_t *)(const void *)L"ws2_32.dll", function);
    CHECK(call != NULL);
    return call(&length, buffer.extended);
}

/* In the 64-bit catalog as the process sees it. */
static int entries(void)
{
    DWORD length = ROOM;
    int n = WSAEnumNameSpaceProvidersW(&length, buffer.wide);
    CHECK(n >= 0);
    return n;
}

/* In the other one. */
static int entries_32(void)
{
    DWORD length = ROOM;
    int n = WS2_FUNCTION(WSCEnumNameSpaceProviders32)(&length, buffer.wide);
    CHECK(n >= 0);
    return n;
}

static int index_of(int n, const GUID *id)
{
    for (int i = 0; i < n; i++)
        if (!memcmp(&buffer.wide[i].NSProviderId, id, sizeof(*id))) return i;
    return -1;
}

static void restart(void)
{
    CHECK_OK(WSACleanup());
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static void begin(void)
{
    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

/* --- Cases ---------------------------------------------------------------- */

static void install_and_remove(void)
{
    begin();
    int before = entries();
    CHECK_OK(WSCInstallNameSpace(name_a, path, NUMBER_A, 3, &id_a));
    CHECK_EQ(entries(), before); /* seen after the next start */
    restart();
    int n = entries(), i = index_of(n, &id_a);
    CHECK_EQ(n, before + 1);
    CHECK_EQ(i, before); /* the last one */
    CHECK_EQ(buffer.wide[i].dwNameSpace, NUMBER_A);
    CHECK_EQ(buffer.wide[i].dwVersion, 3);
    CHECK_EQ(buffer.wide[i].fActive, TRUE);
    CHECK(wide_equals(buffer.wide[i].lpszIdentifier, "A"));
    DWORD length = ROOM;
    CHECK_EQ(WSAEnumNameSpaceProvidersA(&length, buffer.narrow), n);
    CHECK_EQ(buffer.narrow[i].dwNameSpace, NUMBER_A);
    CHECK_MEMORY(buffer.narrow[i].lpszIdentifier, "A", 2);
    CHECK_EQ(index_of(entries_32(), &id_a), -1);
    CHECK_OK(WSCUnInstallNameSpace(&id_a));
    restart();
    CHECK_EQ(entries(), before);
    CHECK_ERROR(WSCUnInstallNameSpace(&id_a), WSAEINVAL);
    CHECK_OK(WSACleanup());
}

static void data_of_the_provider(void)
{
    BYTE bytes[] = { 1, 2, 3, 4, 5 };
    BLOB blob = { sizeof(bytes), bytes };
    begin();
    CHECK_OK(WS2_FUNCTION(WSCInstallNameSpaceEx)(name_a, path, NUMBER_A, 1,
                                                 &id_a, &blob));
    CHECK_OK(WS2_FUNCTION(WSCInstallNameSpaceEx)(name_b, path, NUMBER_B, 1,
                                                 &id_b, NULL));
    restart();
    int n = entries_extended("WSAEnumNameSpaceProvidersExW");
    CHECK(n >= 2);
    const struct extended_info *with = &buffer.extended[n - 2];
    CHECK(!memcmp(&with->plain.NSProviderId, &id_a, sizeof(id_a)));
    CHECK_EQ(with->own.cbSize, sizeof(bytes));
    CHECK_MEMORY(with->own.pBlobData, bytes, sizeof(bytes));
    CHECK_EQ(buffer.extended[n - 1].own.cbSize, 0);
    CHECK_EQ(entries_extended("WSAEnumNameSpaceProvidersExA"), n);
    CHECK_OK(WSACleanup());
}

static void enabling(void)
{
    begin();
    CHECK_OK(WSCInstallNameSpace(name_a, path, NUMBER_A, 1, &id_a));
    CHECK_OK(WSCEnableNSProvider(&id_a, FALSE));
    restart();
    int n = entries(), i = index_of(n, &id_a);
    CHECK(i >= 0);
    CHECK_EQ(buffer.wide[i].fActive, FALSE);
    CHECK_OK(WSCEnableNSProvider(&id_a, 77));
    restart();
    CHECK_EQ(entries(), n);
    CHECK_EQ(buffer.wide[i].fActive, TRUE);
    CHECK_ERROR(WSCEnableNSProvider(&id_b, TRUE), WSAEINVAL);
    CHECK_ERROR(WSCEnableNSProvider(NULL, TRUE), WSAEFAULT);
    CHECK_ERROR(WSCEnableNSProvider((GUID *)16, TRUE), WSAEFAULT);
    CHECK_OK(WSACleanup());
}

static void order(void)
{
    GUID ids[16];
    begin();
    CHECK_OK(WSCInstallNameSpace(name_a, path, NUMBER_A, 1, &id_a));
    CHECK_OK(WSCInstallNameSpace(name_b, path, NUMBER_B, 1, &id_b));
    restart();
    int n = entries();
    CHECK(n >= 3 && n <= 16);
    for (int i = 0; i < n; i++) ids[i] = buffer.wide[n - 1 - i].NSProviderId;
    CHECK_EQ(WS2_FUNCTION(WSCWriteNameSpaceOrder)(ids, (DWORD)n), 0);
    restart();
    CHECK_EQ(entries(), n);
    CHECK_EQ(index_of(n, &id_b), 0);
    CHECK_EQ(index_of(n, &id_a), 1);
    for (int i = 0; i < n; i++)
        CHECK_MEMORY(&buffer.wide[i].NSProviderId, &ids[i], sizeof(GUID));

    CHECK_EQ(WS2_FUNCTION(WSCWriteNameSpaceOrder)(ids, (DWORD)n - 1),
             WSAEINVAL);
    CHECK_EQ(WS2_FUNCTION(WSCWriteNameSpaceOrder)(NULL, (DWORD)n), WSAEFAULT);
    CHECK_EQ(WS2_FUNCTION(WSCWriteNameSpaceOrder)((GUID *)16, (DWORD)n),
             WSAEFAULT);
    ids[1] = ids[0];
    CHECK_EQ(WS2_FUNCTION(WSCWriteNameSpaceOrder)(ids, (DWORD)n), WSAEINVAL);
    ids[1].Data1 = 0x33333333;
    CHECK_EQ(WS2_FUNCTION(WSCWriteNameSpaceOrder)(ids, (DWORD)n), WSAEINVAL);
    restart();
    CHECK_EQ(entries(), n);
    CHECK_EQ(index_of(n, &id_b), 0); /* as it was */
    CHECK_OK(WSACleanup());
}

static void the_32_bit_catalog_is_another(void)
{
    BLOB blob = { 1, (BYTE *)"x" };
    GUID ids[16];
    begin();
    int before = entries_32(), before_64 = entries();
    CHECK_OK(WS2_FUNCTION(WSCInstallNameSpace32)(name_a, path, NUMBER_A, 1,
                                                 &id_a));
    CHECK_OK(WS2_FUNCTION(WSCInstallNameSpaceEx32)(name_b, path, NUMBER_B, 1,
                                                   &id_b, &blob));
    restart();
    CHECK_EQ(entries(), before_64);
    int n = entries_32();
    CHECK_EQ(n, before + 2);
    CHECK_EQ(index_of(n, &id_a), n - 2);
    CHECK_EQ(entries_extended("WSCEnumNameSpaceProvidersEx32"), n);
    CHECK_EQ(buffer.extended[n - 1].own.cbSize, 1);
    CHECK_OK(WS2_FUNCTION(WSCEnableNSProvider32)(&id_a, FALSE));
    CHECK_ERROR(WSCEnableNSProvider(&id_a, FALSE), WSAEINVAL);
    restart();
    entries_32();
    CHECK_EQ(buffer.wide[n - 2].fActive, FALSE);
    for (int i = 0; i < n; i++) ids[i] = buffer.wide[n - 1 - i].NSProviderId;
    CHECK_EQ(WS2_FUNCTION(WSCWriteNameSpaceOrder32)(ids, (DWORD)n), 0);
    restart();
    CHECK_EQ(index_of(entries_32(), &id_b), 0);
    CHECK_OK(WS2_FUNCTION(WSCUnInstallNameSpace32)(&id_a));
    CHECK_OK(WS2_FUNCTION(WSCUnInstallNameSpace32)(&id_b));
    CHECK_ERROR(WS2_FUNCTION(WSCUnInstallNameSpace32)(&id_b), WSAEINVAL);
    restart();
    CHECK_EQ(entries_32(), before);
    CHECK_OK(WSACleanup());
}

static void bad_arguments(void)
{
    WCHAR empty[] = L"", long_path[MAX_PATH + 1];
    BLOB bad = { 8, (BYTE *)16 };
    for (int i = 0; i < MAX_PATH; i++) long_path[i] = 'x';
    long_path[MAX_PATH] = 0;
    begin();
    int before = entries();
    CHECK_ERROR(WSCInstallNameSpace(NULL, path, 1, 1, &id_a), WSAEFAULT);
    CHECK_ERROR(WSCInstallNameSpace(name_a, NULL, 1, 1, &id_a), WSAEFAULT);
    CHECK_ERROR(WSCInstallNameSpace(name_a, path, 1, 1, NULL), WSAEFAULT);
    CHECK_ERROR(WSCInstallNameSpace((WCHAR *)16, path, 1, 1, &id_a),
                WSAEFAULT);
    CHECK_ERROR(WSCInstallNameSpace(name_a, path, 1, 1, (GUID *)16),
                WSAEFAULT);
    CHECK_ERROR(WSCInstallNameSpace(empty, path, 1, 1, &id_a), WSAEINVAL);
    CHECK_ERROR(WSCInstallNameSpace(name_a, long_path, 1, 1, &id_a),
                WSAEINVAL);
    CHECK_ERROR(WS2_FUNCTION(WSCInstallNameSpaceEx)(name_a, path, 1, 1, &id_a,
                                                    &bad), WSAEFAULT);
    CHECK_ERROR(WSCUnInstallNameSpace(NULL), WSAEFAULT);
    CHECK_ERROR(WSCUnInstallNameSpace((GUID *)16), WSAEFAULT);
    /* Those of the library stay. */
    GUID own = buffer.wide[0].NSProviderId;
    CHECK_ERROR(WSCUnInstallNameSpace(&own), WSAEACCES);
    CHECK_OK(WSCInstallNameSpace(name_a, path, NUMBER_A, 1, &id_a));
    CHECK_ERROR(WSCInstallNameSpace(name_a, path, NUMBER_A, 1, &id_a),
                WSANO_RECOVERY);
    restart();
    CHECK_EQ(entries(), before + 1);
    CHECK_OK(WSACleanup());
}

/* A provider that is not there: the others answer. */
static void missing_on_disk(void)
{
    begin();
    CHECK_OK(WSCInstallNameSpace(name_a, path, NUMBER_A, 1, &id_a));
    restart();
    WSAQUERYSETW set = { .dwSize = sizeof(set), .dwNameSpace = NUMBER_A };
    GUID class = { 0x11111111, 9, 9, { 0 } };
    HANDLE lookup;
    set.lpServiceClassId = &class;
    WSASetLastError(0);
    CHECK_EQ(WSALookupServiceBeginW(&set, 0, &lookup), SOCKET_ERROR);
    CHECK_THAT(WSAGetLastError() == WSAEPROVIDERFAILEDINIT ||
                   WSAGetLastError() == WSASERVICE_NOT_FOUND,
               "WSALookupServiceBegin failed with %s",
               error_name(WSAGetLastError()));
    struct addrinfo *list;
    CHECK_EQ(getaddrinfo("127.0.0.1", NULL, NULL, &list), 0);
    freeaddrinfo(list);
    CHECK_OK(WSACleanup());
}

#define BARE .flags = TEST_BARE

static const struct test_case cases[] = {
    TEST_CASE_WITH(install_and_remove,
                   "05 9: WSCInstallNameSpace, WSCUnInstallNameSpace", BARE),
    TEST_CASE_WITH(data_of_the_provider, "WSCInstallNameSpaceEx", BARE),
    TEST_CASE_WITH(enabling, "05 9: WSCEnableNSProvider", BARE),
    TEST_CASE_WITH(order, "05 9: WSCWriteNameSpaceOrder", BARE),
    TEST_CASE_WITH(the_32_bit_catalog_is_another, "05 9: the *32 forms", BARE),
    TEST_CASE_WITH(bad_arguments, "WSAEFAULT, WSAEINVAL, WSAEACCES", BARE),
    TEST_CASE_WITH(missing_on_disk, "a provider that cannot be loaded", BARE),
    TEST_END
};

TEST_MAIN("name_space_catalog", cases, NULL)
