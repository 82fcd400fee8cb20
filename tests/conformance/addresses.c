/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses as text: inet_addr, inet_ntoa, inet_pton, inet_ntop,
 * WSAStringToAddress, WSAAddressToString, and their wide forms.
 */
#include "support/sockets.h"

#include <stdio.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* For tables: a last error that no call sets. */
enum { UNTOUCHED = 0x1234 };

/* --- inet_addr, inet_ntoa ------------------------------------------------- */

static void inet_addr_reads_c_numbers(void)
{
    static const struct {
        const char *text;
        ULONG address; /* host order */
    } table[] = {
        {"1.2.3.4", 0x01020304},    {"1.2", 0x01000002},
        {"1.2.3", 0x01020003},      {"203569230", 0x0c22384e},
        {"1.65536", 0x01010000},    {"1.16777215", 0x01ffffff},
        {"1.2.65535", 0x0102ffff},  {"0x1.0X2", 0x01000002},
        {"1.2.3.0xaA", 0x010203aa}, {"1.2.3.010", 0x01020308},
        {"00", 0},                  {"1 2 3 4", 0x00000001},
        {"1.2.3 .4", 0x01020003},   {"3.4.5.6 ", 0x03040506},
        {"1.2.3.4\t", 0x01020304},  {" ", 0},
    };
    size_t i;

    for (i = 0; i < N_ELEMENTS(table); i++) {
        ULONG address;

        WSASetLastError(UNTOUCHED);
        address = ntohl(inet_addr(table[i].text));
        EXPECT_THAT(address == table[i].address, "\"%s\" gives %08lx",
                    table[i].text, (unsigned long)address);
        EXPECT_EQ(WSAGetLastError(), UNTOUCHED);
    }
}

static void inet_addr_refuses_the_rest(void)
{
    static const char *const table[] = {
        "",          "  ",         " 1",        "1.2.3. 4",  "1.2.3.0x",
        "1.2.3.0a",  "1.2.3.4:80", "1.2.3.",    "1.",        ".1",
        "1..2",      "256.2.3.4",  "1.2.3.256", "1.2.65536", "1.16777216",
        "1.2.3.4.5", "4294967296", "08",        "0x",        "0x123456789",
        "-1",        "+1",         "1,2",       "1.2.3.4x",
    };
    size_t i;

    for (i = 0; i < N_ELEMENTS(table); i++) {
        WSASetLastError(UNTOUCHED);
        EXPECT_THAT(inet_addr(table[i]) == INADDR_NONE, "\"%s\" is accepted",
                    table[i]);
        EXPECT_EQ(WSAGetLastError(), UNTOUCHED);
    }
}

static void inet_addr_null_is_a_fault(void)
{
    WSASetLastError(0);
    CHECK_EQ(inet_addr(NULL), INADDR_NONE);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

static struct in_addr in_addr_of(ULONG host_order)
{
    struct in_addr address;

    address.s_addr = htonl(host_order);
    return address;
}

static void other_inet_ntoa(void *argument)
{
    *(char **)argument = inet_ntoa(in_addr_of(0x05060708));
    CHECK(!strcmp(*(char **)argument, "5.6.7.8"));
}

static void inet_ntoa_is_per_thread(void)
{
    char *mine = inet_ntoa(in_addr_of(0x01020304)), *other = NULL;

    thread_join(thread_start(other_inet_ntoa, &other));
    CHECK(mine != other);
    CHECK(!strcmp(mine, "1.2.3.4"));
    CHECK(inet_ntoa(in_addr_of(0xffffffff)) == mine);
    CHECK(!strcmp(mine, "255.255.255.255"));
}

/* --- inet_pton ------------------------------------------------------------ */

static void inet_pton_is_strict(void)
{
    static const struct {
        const char *text;
        int result;
        ULONG stored; /* host order; 0xcccccccc: nothing */
    } table[] = {
        {"1.2.3.4", 1, 0x01020304},     {"255.255.255.255", 1, 0xffffffff},
        {"1.1.1.0", 1, 0x01010100},     {"1.1.1.00", 0, 0xcccccccc},
        {"1.1.1.010", 0, 0xcccccccc},   {"0x1.1.1.1", 0, 0xcccccccc},
        {"1.1.1.0x1", 0, 0xcccccccc},   {" 1.2.3.4", 0, 0xcccccccc},
        {"1.2.3", 0, 0xcccccccc},       {"1.2.3.4.5", 0, 0xcccccccc},
        {"1..1.1", 0, 0xcccccccc},      {"", 0, 0xcccccccc},
        {"256.1.1.1", 0, 0xcccccccc},   {"1.1.1.256", 0, 0xcccccccc},
        {"3.4.5.6 ", 0, 0x03040506},    {"1.2.3.4:123", 0, 0x01020304},
        {"1.1.1.0a", 0, 0x01010100},
    };
    WCHAR wide[WIDE_TEXT];
    size_t i;

    for (i = 0; i < N_ELEMENTS(table); i++) {
        ULONG stored = 0xcccccccc;

        WSASetLastError(UNTOUCHED);
        EXPECT_THAT(inet_pton(AF_INET, table[i].text, &stored) ==
                        table[i].result,
                    "\"%s\"", table[i].text);
        EXPECT_THAT(ntohl(stored) == table[i].stored, "\"%s\" stores %08lx",
                    table[i].text, (unsigned long)ntohl(stored));
        EXPECT_EQ(WSAGetLastError(), UNTOUCHED);

        EXPECT_EQ(InetPtonW(AF_INET, widen(table[i].text, wide), &stored),
                  table[i].result);
        EXPECT_EQ(WSAGetLastError(),
                  table[i].result ? UNTOUCHED : WSAEINVAL);
    }
}

struct inet6_case {
    const char *text;
    int result;
    BYTE stored[16];
};

static void check_inet6(const struct inet6_case *c)
{
    BYTE stored[16];
    WCHAR wide[WIDE_TEXT];

    memset(stored, 0xcc, sizeof(stored));
    WSASetLastError(UNTOUCHED);
    EXPECT_THAT(inet_pton(AF_INET6, c->text, stored) == c->result, "\"%s\"",
                c->text);
    EXPECT_EQ(WSAGetLastError(), UNTOUCHED);
    EXPECT_THAT(!memcmp(stored, c->stored, 16), "\"%s\": stored", c->text);
    EXPECT_EQ(InetPtonW(AF_INET6, widen(c->text, wide), stored), c->result);
    EXPECT_EQ(WSAGetLastError(), c->result ? UNTOUCHED : WSAEINVAL);
}

static void inet_pton_reads_ipv6(void)
{
    static const struct inet6_case table[] = {
        {"::", 1, {0}},
        {"::1", 1, {[15] = 1}},
        {"1:2:3:4:5:6:7:8", 1, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
        {"1:2:3:4:5:6:7::", 1, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0}},
        {"1:2:3:4:5:6::8", 1, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0, 0, 8}},
        {"::2:3:4:5:6:7:8", 1, {0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
        {"::1.2.3.4", 1, {[12] = 1, 2, 3, 4}},
        {"::FFFF:1.2.3.4", 1, {[10] = 0xff, 0xff, 1, 2, 3, 4}},
        {"1:2:3:4:5:6:1.2.3.4", 1,
         {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4}},
        {"aBcD:0001::", 1, {0xab, 0xcd, 0, 1}},
    };
    size_t i;

    for (i = 0; i < N_ELEMENTS(table); i++)
        check_inet6(&table[i]);
}

#define CC4 0xcc, 0xcc, 0xcc, 0xcc
#define CC12 CC4, CC4, CC4

static void inet_pton_refuses_ipv6(void)
{
    static const struct inet6_case table[] = {
        {"", 0, {CC4, CC12}},
        {":", 0, {CC4, CC12}},
        {"[::1]", 0, {CC4, CC12}},
        {":1::2", 0, {CC4, CC12}},
        {"12345::", 0, {CC4, CC12}},
        {"1:", 0, {0, 1, 0xcc, 0xcc, CC12}},
        {"1:2:3:g", 0, {0, 1, 0, 2, 0, 3, 0xcc, 0xcc, CC4, CC4}},
        {"1:2:3:12345", 0, {0, 1, 0, 2, 0, 3, 0xcc, 0xcc, CC4, CC4}},
        {"1:2:3:4:5:6:7:8:9", 0,
         {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
        {"1:2:3:4:5:6::7:8", 0,
         {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0, 0, 7}},
        {"1:::2", 0, {0, 1}},
        {"1::2::3", 0, {[1] = 1, [15] = 2}},
        {"::1%1", 0, {[15] = 1}},
        {"::1/64", 0, {[15] = 1}},
        {"::1 ", 0, {[15] = 1}},
    };
    size_t i;

    for (i = 0; i < N_ELEMENTS(table); i++)
        check_inet6(&table[i]);
}

static void inet_pton_errors(void)
{
    BYTE address[16];
    WCHAR wide[WIDE_TEXT];

    CHECK_ERROR(inet_pton(AF_INET, NULL, address), WSAEFAULT);
    CHECK_ERROR(inet_pton(5, NULL, address), WSAEFAULT);
    CHECK_ERROR(inet_pton(5, "1.2.3.4", address), WSAEAFNOSUPPORT);
    CHECK_ERROR(InetPtonW(AF_INET, NULL, address), WSAEFAULT);
    CHECK_ERROR(InetPtonW(5, widen("1.2.3.4", wide), address),
                WSAEAFNOSUPPORT);
}

/* --- inet_ntop ------------------------------------------------------------ */

static void inet_ntop_writes_shortest(void)
{
    static const char *const table[] = {
        "::",
        "::1",
        "::13",
        "::1.2.3.4",
        "::ffff:1.2.3.4",
        "::ffff:0:1.2.3.4",
        "fe80::5efe:1.2.3.4",
        "fe80::200:5efe:1.2.3.4",
        "1:0:2:0:3:0:4:0",
        "1:0:0:2::3",
        "1::2:3:0:0:4",
        "0:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:0",
        "64:ff9b::102:304",
        "abcd:ef::",
        "::ffff:0:5",
        "1:2:3:4:5:6:7:8",
    };
    BYTE address[16];
    char text[64];
    WCHAR wide[64];
    size_t i;

    for (i = 0; i < N_ELEMENTS(table); i++) {
        CHECK_EQ(inet_pton(AF_INET6, table[i], address), 1);
        CHECK(inet_ntop(AF_INET6, address, text, sizeof(text)) == text);
        EXPECT_THAT(!strcmp(text, table[i]), "%s for %s", text, table[i]);
        CHECK(InetNtopW(AF_INET6, address, wide, 64) == wide);
        EXPECT(same_text(wide, table[i]));
        /* Just enough room. */
        CHECK(inet_ntop(AF_INET6, address, text, strlen(table[i]) + 1));
    }
}

static void inet_ntop_errors(void)
{
    BYTE address[16] = {1, 2, 3, 4};
    char text[64];

    CHECK(inet_ntop(AF_INET, address, text, 8) == text);
    CHECK(!strcmp(text, "1.2.3.4"));
    strcpy(text, "#");
    WSASetLastError(0);
    CHECK(inet_ntop(AF_INET, address, text, 7) == NULL);
    CHECK(WSAGetLastError() != 0);
    CHECK(inet_ntop(AF_INET6, address, text, 3) == NULL);
    CHECK(inet_ntop(AF_INET, address, NULL, 8) == NULL);
    WSASetLastError(0);
    CHECK(inet_ntop(5, address, text, sizeof(text)) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
    CHECK(!strcmp(text, "#"));
}

/* --- WSAStringToAddress --------------------------------------------------- */

struct sockaddr_case {
    const char *text;
    const char *address; /* NULL: refused */
    unsigned port, scope;
};

/* Both forms read it, or refuse it with WSAEINVAL and family 0. */
static void check_read(int family, const struct sockaddr_case *c)
{
    int size = family == AF_INET ? sizeof(struct sockaddr_in)
                                 : sizeof(struct sockaddr_in6);
    union {
        struct sockaddr_in inet;
        struct sockaddr_in6 inet6;
    } ret[2], expected;
    int length[2] = {sizeof(ret[0]), sizeof(ret[0])}, i;
    WCHAR wide[WIDE_TEXT];
    char text[128];

    memset(ret, 0xcc, sizeof(ret));
    memset(&expected, 0, sizeof(expected));
    strcpy(text, c->text);
    WSASetLastError(0);
    EXPECT_THAT(WSAStringToAddressA(text, family, NULL,
                                    (struct sockaddr *)&ret[0], &length[0]) ==
                    (c->address ? 0 : SOCKET_ERROR),
                "\"%s\"", c->text);
    EXPECT_EQ(WSAGetLastError(), c->address ? 0 : WSAEINVAL);
    EXPECT_EQ(WSAStringToAddressW(widen(c->text, wide), family, NULL,
                                  (struct sockaddr *)&ret[1], &length[1]),
              c->address ? 0 : SOCKET_ERROR);

    if (c->address) {
        expected.inet.sin_family = (short)family;
        expected.inet.sin_port = htons((u_short)c->port);
        if (family == AF_INET6)
            expected.inet6.sin6_scope_id = c->scope;
        CHECK_EQ(inet_pton(family, c->address,
                           family == AF_INET
                               ? (void *)&expected.inet.sin_addr
                               : (void *)&expected.inet6.sin6_addr),
                 1);
    }
    for (i = 0; i < 2; i++) {
        if (!c->address) {
            EXPECT_EQ(ret[i].inet.sin_family, 0);
            EXPECT_EQ(length[i], (int)sizeof(ret[0]));
        } else {
            EXPECT_THAT(!memcmp(&ret[i], &expected, (size_t)size),
                        "\"%s\" gives another address", c->text);
            EXPECT_EQ(length[i], size);
        }
    }
}

static void string_to_address_reads_ipv4(void)
{
    static const struct sockaddr_case table[] = {
        {"1.2.3.4", "1.2.3.4", 0, 0},
        {"1.2", "1.0.0.2", 0, 0},
        {"1.65536", "1.1.0.0", 0, 0},
        {"9", "0.0.0.9", 0, 0},
        {"010.0x10.1.1", "8.16.1.1", 0, 0},
        {"0x123456789", "35.69.103.137", 0, 0},
        {"1.2.3.4:80", "1.2.3.4", 80, 0},
        {"1.2.3.4:010", "1.2.3.4", 8, 0},
        {"1.2.3.4:0xAbCd", "1.2.3.4", 0xabcd, 0},
        {"1.2.3.4:65535", "1.2.3.4", 65535, 0},
        {"", NULL, 0, 0},
        {" 1.2.3.4", NULL, 0, 0},
        {"1.2.3.4 ", NULL, 0, 0},
        {"1.2.3.4:", NULL, 0, 0},
        {"1.2.3.4:0", NULL, 0, 0},
        {"1.2.3.4:65536", NULL, 0, 0},
        {"1.2.3.4:80 ", NULL, 0, 0},
        {"1.2.3.4:08", NULL, 0, 0},
        {"1.2.3.4:0x", NULL, 0, 0},
        {"1.2.3.4:+5", NULL, 0, 0},
        {"256.1.1.1", NULL, 0, 0},
        {"1.2.3.256", NULL, 0, 0},
        {"1.2.3.4.5", NULL, 0, 0},
        {"1.2.3.", NULL, 0, 0},
        {"08.1.1.1", NULL, 0, 0},
        {"4294967296", NULL, 0, 0},
        {"::1", NULL, 0, 0},
    };
    size_t i;

    for (i = 0; i < N_ELEMENTS(table); i++)
        check_read(AF_INET, &table[i]);
}

static void string_to_address_reads_ipv6(void)
{
    static const struct sockaddr_case table[] = {
        {"::", "::", 0, 0},
        {"::1", "::1", 0, 0},
        {"[::1]", "::1", 0, 0},
        {"[::1]:80", "::1", 80, 0},
        {"[::1]:010", "::1", 8, 0},
        {"[::1]:0x50", "::1", 80, 0},
        {"::1%5", "::1", 0, 5},
        {"[fe80::1%5]:80", "fe80::1", 80, 5},
        {"fe80::1%0", "fe80::1", 0, 0},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304", 0, 0},
        {"", NULL, 0, 0},
        {"[::1", NULL, 0, 0},
        {"::1]", NULL, 0, 0},
        {"[::1]x", NULL, 0, 0},
        {"[::1]:", NULL, 0, 0},
        {"[::1]:0", NULL, 0, 0},
        {"[::1]:80 ", NULL, 0, 0},
        {"::1%", NULL, 0, 0},
        {"::1%x", NULL, 0, 0},
        {"::1%-1", NULL, 0, 0},
        {"::1%4294967296", NULL, 0, 0},
        {"::1/64", NULL, 0, 0},
        {"::g", NULL, 0, 0},
        {"1.2.3.4", NULL, 0, 0},
        {"1:2:3:4:5:6:7:8:9", NULL, 0, 0},
    };
    size_t i;

    for (i = 0; i < N_ELEMENTS(table); i++)
        check_read(AF_INET6, &table[i]);
}

static void string_to_address_errors(void)
{
    struct sockaddr_in6 address;
    struct sockaddr *to = (struct sockaddr *)&address;
    char text[] = "1.2.3.4";
    int length;

    length = 15;
    CHECK_ERROR(WSAStringToAddressA(text, AF_INET, NULL, to, &length),
                WSAEFAULT);
    CHECK_EQ(length, 16);
    length = 27;
    CHECK_ERROR(WSAStringToAddressA(text, AF_INET6, NULL, to, &length),
                WSAEFAULT);
    CHECK_EQ(length, 28);
    CHECK_ERROR(WSAStringToAddressA(text, 1, NULL, to, &length), WSAEINVAL);
    CHECK_ERROR(WSAStringToAddressA(NULL, AF_INET, NULL, to, &length),
                WSAEINVAL);
}

/* --- WSAAddressToString --------------------------------------------------- */

/* Both forms, with just enough room, and with a character less. */
static void check_write(const void *address, DWORD size, const char *expected)
{
    struct sockaddr *from = (struct sockaddr *)(ULONG_PTR)address;
    DWORD needed = (DWORD)strlen(expected) + 1, length = needed;
    char text[80];
    WCHAR wide[80];

    CHECK_OK(WSAAddressToStringA(from, size, NULL, text, &length));
    EXPECT_THAT(!strcmp(text, expected), "%s for %s", text, expected);
    EXPECT_EQ(length, needed);
    length = 80;
    CHECK_OK(WSAAddressToStringW(from, size, NULL, wide, &length));
    EXPECT(same_text(wide, expected));
    EXPECT_EQ(length, needed);

    length = needed - 1;
    EXPECT_ERROR(WSAAddressToStringA(from, size, NULL, text, &length),
                 WSAEFAULT);
    EXPECT_EQ(length, needed);
    length = needed - 1;
    EXPECT_ERROR(WSAAddressToStringW(from, size, NULL, wide, &length),
                 WSAEFAULT);
    EXPECT_EQ(length, needed);
}

static void address_to_string_shows_what_is_set(void)
{
    struct sockaddr_in inet = {.sin_family = AF_INET};
    struct sockaddr_in6 inet6 = {.sin6_family = AF_INET6};

    check_write(&inet, sizeof(inet), "0.0.0.0");
    inet.sin_addr.s_addr = htonl(0x01020304);
    check_write(&inet, sizeof(inet), "1.2.3.4");
    inet.sin_port = htons(65535);
    check_write(&inet, sizeof(inet), "1.2.3.4:65535");

    check_write(&inet6, sizeof(inet6), "::");
    inet6.sin6_addr.s6_addr[15] = 1;
    check_write(&inet6, sizeof(inet6), "::1");
    inet6.sin6_scope_id = 4294967295;
    check_write(&inet6, sizeof(inet6), "::1%4294967295");
    inet6.sin6_port = htons(80);
    check_write(&inet6, sizeof(inet6), "[::1%4294967295]:80");
    inet6.sin6_scope_id = 0;
    check_write(&inet6, sizeof(inet6), "[::1]:80");
}

static void address_to_string_needs_a_family(void)
{
    struct sockaddr_in address = {.sin_family = 1};
    DWORD length = 50;
    char text[50];

    CHECK_ERROR(WSAAddressToStringA((struct sockaddr *)&address,
                                    sizeof(address), NULL, text, &length),
                WSAEINVAL);
}

static void address_to_string_checks_pointers(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct sockaddr *from = (struct sockaddr *)&address;
    DWORD length = 50;
    char text[50];

    CHECK_ERROR(WSAAddressToStringA(NULL, sizeof(address), NULL, text,
                                    &length),
                WSAEFAULT);
    CHECK_ERROR(WSAAddressToStringA(from, 15, NULL, text, &length), WSAEFAULT);
    CHECK_ERROR(WSAAddressToStringA(from, sizeof(address), NULL, text, NULL),
                WSAEFAULT);
    CHECK_ERROR(WSAAddressToStringA(from, sizeof(address), NULL, NULL,
                                    &length),
                WSAEFAULT);
    CHECK_EQ(length, 8);
}

static void strings_obey_the_entry(void)
{
    WSAPROTOCOL_INFOA info;
    struct sockaddr_in address = {.sin_family = AF_INET};
    DWORD length = 50;
    int size = sizeof(address);
    char text[50] = "1.2.3.4";

    memset(&info, 0, sizeof(info));
    info.iAddressFamily = AF_INET6;
    CHECK_ERROR(WSAStringToAddressA(text, AF_INET, &info,
                                    (struct sockaddr *)&address, &size),
                WSAEINVAL);
    CHECK_ERROR(WSAAddressToStringA((struct sockaddr *)&address, size, &info,
                                    text, &length),
                WSAEINVAL);
    info.iAddressFamily = AF_INET;
    CHECK_OK(WSAAddressToStringA((struct sockaddr *)&address, size, &info,
                                 text, &length));
}

static void works_without_startup(void)
{
    char text[16];
    ULONG address = 0;

    CHECK_EQ(inet_addr("1.2.3.4"), htonl(0x01020304));
    CHECK(!strcmp(inet_ntoa(in_addr_of(0x01020304)), "1.2.3.4"));
    CHECK_EQ(inet_pton(AF_INET, "1.2.3.4", &address), 1);
    CHECK(inet_ntop(AF_INET, &address, text, sizeof(text)) != NULL);
}

/* --- Bad pointers --------------------------------------------------------- */

static void unreadable_pointers(void)
{
    void *const bad = (void *)16;
    struct sockaddr_in name = {.sin_family = AF_INET};
    INT name_length = sizeof(name);
    SOCKET s = udp_socket();
    WCHAR wide[100], number[WIDE_TEXT];
    DWORD length = 100;
    BYTE bytes[16];
    ULONG value;
    char text[100];

    WSASetLastError(0);
    CHECK_EQ(inet_addr(bad), INADDR_NONE);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_ERROR(inet_pton(AF_INET, bad, bytes), WSAEFAULT);
    CHECK_ERROR(inet_pton(AF_INET, "1.2.3.4", bad), WSAEFAULT);
    CHECK_ERROR(InetPtonW(AF_INET, bad, bytes), WSAEFAULT);
    CHECK_ERROR(InetPtonW(AF_INET6, widen("::1", number), bad), WSAEFAULT);
    CHECK(inet_ntop(AF_INET, bad, text, sizeof(text)) == NULL);
    CHECK(inet_ntop(AF_INET, bytes, bad, 100) == NULL);
    CHECK(InetNtopW(AF_INET, bytes, bad, 100) == NULL);

    CHECK_ERROR(WSAAddressToStringA(bad, sizeof(name), NULL, text, &length),
                WSAEFAULT);
    CHECK_ERROR(WSAAddressToStringA((SOCKADDR *)&name, sizeof(name), NULL, bad,
                                    &length),
                WSAEFAULT);
    CHECK_ERROR(WSAAddressToStringA((SOCKADDR *)&name, sizeof(name), NULL,
                                    text, bad),
                WSAEFAULT);
    length = 100;
    CHECK_ERROR(WSAAddressToStringW((SOCKADDR *)&name, sizeof(name), bad, wide,
                                    &length),
                WSAEFAULT);
    CHECK_ERROR(WSAStringToAddressA(bad, AF_INET, NULL, (SOCKADDR *)&name,
                                    &name_length),
                WSAEFAULT);
    CHECK_ERROR(WSAStringToAddressA((char *)"1.2.3.4", AF_INET, NULL, bad,
                                    &name_length),
                WSAEFAULT);
    CHECK_ERROR(WSAStringToAddressW(widen("1.2.3.4", number), AF_INET, NULL,
                                    (SOCKADDR *)&name, bad),
                WSAEFAULT);

    CHECK_ERROR(WSAHtonl(s, 1, bad), WSAEFAULT);
    CHECK_ERROR(WSAHtonl(s, 1, NULL), WSAEFAULT);
    CHECK_ERROR(WSANtohs(s, 1, bad), WSAEFAULT);
    CHECK_ERROR(WSAHtonl(INVALID_SOCKET, 1, &value), WSAENOTSOCK);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(inet_addr_reads_c_numbers, "06 6: parts, bases, blanks"),
    TEST_CASE(inet_addr_refuses_the_rest, "06 6: INADDR_NONE"),
    TEST_CASE(inet_addr_null_is_a_fault, "06 6: NULL"),
    TEST_CASE(inet_ntoa_is_per_thread, "06 8: buffer of the thread"),
    TEST_CASE(inet_pton_is_strict, "06 7: IPv4"),
    TEST_CASE(inet_pton_reads_ipv6, "06 7: IPv6"),
    TEST_CASE(inet_pton_refuses_ipv6, "06 7: malformed IPv6"),
    TEST_CASE(inet_pton_errors, "06 7: errors"),
    TEST_CASE(inet_ntop_writes_shortest, "06 8: forms of IPv6"),
    TEST_CASE(inet_ntop_errors, "06 8: errors"),
    TEST_CASE(string_to_address_reads_ipv4, "06 9: IPv4 and port"),
    TEST_CASE(string_to_address_reads_ipv6, "06 9: IPv6, scope, port"),
    TEST_CASE(string_to_address_errors, "06 9: errors"),
    TEST_CASE(address_to_string_shows_what_is_set, "06 9: port and scope"),
    TEST_CASE(address_to_string_needs_a_family, "06 9: WSAEINVAL"),
    TEST_CASE(address_to_string_checks_pointers, "06 9: WSAEFAULT"),
    TEST_CASE(strings_obey_the_entry, "06 9: lpProtocolInfo"),
    TEST_CASE_WITH(works_without_startup, "06 6-8: no WSAStartup needed",
                   .flags = TEST_BARE),
    TEST_CASE(unreadable_pointers, "06 6-12: bad input"),
    TEST_END
};

TEST_MAIN("addresses", cases, NULL)
