/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names and addresses: getaddrinfo and its forms, getnameinfo.  All of what is
 * asked here is answered without a network.
 */
#include "support/sockets.h"

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* --- getaddrinfo ---------------------------------------------------------- */

struct question {
    const char *node, *service;
    int flags, family, type, protocol;
};

/* Returns the code, which is also the last error. */
static int ask(struct question q, struct addrinfo **ret)
{
    struct addrinfo hints = {.ai_flags = q.flags,
                             .ai_family = q.family,
                             .ai_socktype = q.type,
                             .ai_protocol = q.protocol};
    int error;

    WSASetLastError(0x1234);
    error = getaddrinfo(q.node, q.service, &hints, ret);
    EXPECT_EQ(WSAGetLastError(), error);
    if (error)
        EXPECT(*ret == NULL);
    return error;
}

static void check_refused(struct question q, int expected)
{
    struct addrinfo *list = (struct addrinfo *)&q;
    int error = ask(q, &list);

    EXPECT_THAT(error == expected, "%s, %s, %x, %d, %d: %s",
                q.node ? q.node : "NULL", q.service ? q.service : "NULL",
                (unsigned)q.flags, q.family, q.type, error_name(error));
    if (!error)
        freeaddrinfo(list);
}

/* Whether the list is the addresses, in the forms of WSAAddressToString,
   divided by blanks. */
static int list_is(const struct addrinfo *list, const char *expected)
{
    char text[512] = "", one[80];

    for (; list; list = list->ai_next) {
        DWORD length = sizeof(one);

        CHECK_EQ(list->ai_addrlen, list->ai_family == AF_INET ? 16 : 28);
        CHECK_EQ(list->ai_addr->sa_family, list->ai_family);
        CHECK_OK(WSAAddressToStringA(list->ai_addr, (DWORD)list->ai_addrlen,
                                     NULL, one, &length));
        CHECK(strlen(text) + length + 1 < sizeof(text));
        if (*text)
            strcat(text, " ");
        strcat(text, one);
    }
    if (strcmp(text, expected))
        test_note("got %s for %s", text, expected);
    return !strcmp(text, expected);
}

static void check_answer(struct question q, const char *expected)
{
    struct addrinfo *list = NULL, *entry;
    int error = ask(q, &list);

    CHECK_THAT(!error, "%s: %s", expected, error_name(error));
    EXPECT_THAT(list_is(list, expected), "%s, %s", q.node ? q.node : "NULL",
                q.service ? q.service : "NULL");
    for (entry = list; entry; entry = entry->ai_next) {
        EXPECT_EQ(entry->ai_socktype, q.type);
        EXPECT_EQ(entry->ai_protocol, q.protocol);
    }
    freeaddrinfo(list);
}

static void nothing_is_not_found(void)
{
    struct addrinfo *list = (struct addrinfo *)&list;
    ADDRINFOW *wide = (ADDRINFOW *)list;

    CHECK_EQ(getaddrinfo(NULL, NULL, NULL, &list), WSAHOST_NOT_FOUND);
    CHECK_EQ(WSAGetLastError(), WSAHOST_NOT_FOUND);
    CHECK(list == NULL);
    CHECK_EQ(GetAddrInfoW(NULL, NULL, NULL, &wide), WSAHOST_NOT_FOUND);
    CHECK(wide == NULL);
    freeaddrinfo(NULL);
    FreeAddrInfoW(NULL);
}

static int same_lists(const struct addrinfo *a, const struct addrinfo *b)
{
    for (; a && b; a = a->ai_next, b = b->ai_next)
        if (a->ai_addrlen != b->ai_addrlen ||
            memcmp(a->ai_addr, b->ai_addr, a->ai_addrlen))
            return 0;
    return !a && !b;
}

static void empty_node_is_the_own_name(void)
{
    static const char *const services[] = {NULL, "", "0"};
    struct addrinfo *named = NULL, *list;
    char name[300];
    size_t i;

    CHECK_OK(gethostname(name, sizeof(name)));
    CHECK_EQ(ask((struct question){.node = name}, &named), 0);
    CHECK(named != NULL);
    for (i = 0; i < N_ELEMENTS(services); i++) {
        list = NULL;
        CHECK_EQ(ask((struct question){"", services[i], 0, 0, 0, 0}, &list),
                 0);
        EXPECT(same_lists(list, named));
        freeaddrinfo(list);
    }
    freeaddrinfo(named);
}

static void null_node_is_the_loopback(void)
{
    check_answer((struct question){.service = "", .family = AF_INET},
                 "127.0.0.1");
    check_answer((struct question){.service = "0", .family = AF_INET},
                 "127.0.0.1");
    check_answer((struct question){.service = "80", .family = AF_INET6},
                 "[::1]:80");
}

static void passive_is_the_wildcard(void)
{
    check_answer((struct question){.service = "80", .flags = AI_PASSIVE,
                                   .family = AF_INET},
                 "0.0.0.0:80");
    check_answer((struct question){.service = "80", .flags = AI_PASSIVE,
                                   .family = AF_INET6},
                 "[::]:80");
}

static void literals(void)
{
    check_answer((struct question){.node = "1.2.3.4"}, "1.2.3.4");
    check_answer((struct question){.node = "1.2.3.4", .flags = AI_NUMERICHOST,
                                   .service = "90"},
                 "1.2.3.4:90");
    check_answer((struct question){.node = "::1"}, "::1");
    check_answer((struct question){.node = "[::1]"}, "::1");
    check_answer((struct question){.node = "[::1]:80"}, "::1");
    check_answer((struct question){.node = "[::1]:80", .service = "90"},
                 "[::1]:90");
    check_answer((struct question){.node = "fe80::1%1"}, "fe80::1%1");
    check_answer((struct question){.node = "1.2.3.4", .family = AF_INET6,
                                   .flags = AI_V4MAPPED},
                 "::ffff:1.2.3.4");
    check_refused((struct question){.node = "1.2.3.4:80"}, WSAHOST_NOT_FOUND);
    check_refused((struct question){.node = "[::1"}, WSAHOST_NOT_FOUND);
    check_refused((struct question){.node = "x", .flags = AI_NUMERICHOST},
                  WSAHOST_NOT_FOUND);
}

static void literals_of_another_family(void)
{
    check_refused((struct question){.node = "::1", .family = AF_INET},
                  WSAHOST_NOT_FOUND);
    check_refused((struct question){.node = "1.2.3.4", .family = AF_INET6},
                  WSAHOST_NOT_FOUND);
}

static void unknown_name(void)
{
    check_refused((struct question){.node = "no-such-host.invalid"},
                  WSAHOST_NOT_FOUND);
}

static void hints_are_echoed(void)
{
    static const int types[] = {0, SOCK_STREAM, SOCK_DGRAM};
    static const int protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP};
    size_t i, j;

    for (i = 0; i < N_ELEMENTS(types); i++)
        for (j = 0; j < N_ELEMENTS(protocols); j++)
            check_answer((struct question){.node = "127.0.0.1",
                                           .type = types[i],
                                           .protocol = protocols[j]},
                         "127.0.0.1");
}

static void bad_hints(void)
{
    check_refused((struct question){.node = "1.2.3.4", .type = 999},
                  WSAESOCKTNOSUPPORT);
    check_refused((struct question){.node = "1.2.3.4", .family = 99},
                  WSAEAFNOSUPPORT);
    check_refused((struct question){.service = "80", .flags = AI_CANONNAME},
                  WSAEINVAL);
}

static void unknown_flags(void)
{
    check_refused((struct question){.node = "1.2.3.4", .flags = 0x200},
                  WSAEINVAL);
}

static void hints_that_must_be_zero(void)
{
    struct addrinfo hints = {.ai_addrlen = 1}, *list = NULL;

    CHECK_EQ(getaddrinfo("1.2.3.4", NULL, &hints, &list), WSANO_RECOVERY);
    hints.ai_addrlen = 0;
    hints.ai_next = &hints;
    CHECK_EQ(getaddrinfo("1.2.3.4", NULL, &hints, &list), WSANO_RECOVERY);
    hints.ai_next = NULL;
    hints.ai_canonname = (char *)"";
    CHECK_EQ(getaddrinfo("1.2.3.4", NULL, &hints, &list), WSANO_RECOVERY);
}

static void localhost(void)
{
    check_answer((struct question){.node = "localhost", .family = AF_INET},
                 "127.0.0.1");
    check_answer((struct question){.node = "LocalHost", .family = AF_INET,
                                   .service = "80"},
                 "127.0.0.1:80");
}

static void services_of_both_protocols(void)
{
    check_answer((struct question){.service = "http", .family = AF_INET,
                                   .type = SOCK_STREAM},
                 "127.0.0.1:80");
    check_answer((struct question){.service = "http", .family = AF_INET},
                 "127.0.0.1:80");
    check_answer((struct question){.service = "domain", .family = AF_INET,
                                   .type = SOCK_DGRAM},
                 "127.0.0.1:53");
    check_refused((struct question){.service = "no-such-service",
                                    .family = AF_INET},
                  WSATYPE_NOT_FOUND);
    check_refused((struct question){.service = "http", .family = AF_INET,
                                    .type = SOCK_RAW},
                  WSATYPE_NOT_FOUND);
    check_refused((struct question){.service = "80x", .family = AF_INET},
                  WSATYPE_NOT_FOUND);
    check_refused((struct question){.service = "http", .family = AF_INET,
                                    .flags = AI_NUMERICSERV},
                  WSAHOST_NOT_FOUND);
}

static void canonical_name(void)
{
    struct addrinfo *list = NULL;
    struct question q = {.node = "1.2.3.4", .flags = AI_CANONNAME};
    char name[300];

    CHECK_EQ(ask(q, &list), 0);
    CHECK(list->ai_canonname && !strcmp(list->ai_canonname, "1.2.3.4"));
    freeaddrinfo(list);
    CHECK_OK(gethostname(name, sizeof(name)));
    q.node = "";
    CHECK_EQ(ask(q, &list), 0);
    CHECK(list->ai_canonname && !strcmp(list->ai_canonname, name));
    freeaddrinfo(list);
    q.flags = 0;
    CHECK_EQ(ask(q, &list), 0);
    CHECK(list->ai_canonname == NULL);
    CHECK_EQ(list->ai_flags, 0);
    freeaddrinfo(list);
}

static void one_entry_of_a_canonical_literal(void)
{
    struct addrinfo *list = NULL;
    struct question q = {.node = "1.2.3.4", .flags = AI_CANONNAME};

    CHECK_EQ(ask(q, &list), 0);
    CHECK(list->ai_next == NULL);
    CHECK_EQ(list->ai_flags, 0);
    freeaddrinfo(list);
}

static void wide_form(void)
{
    ADDRINFOW hints = {.ai_flags = AI_CANONNAME, .ai_family = AF_INET,
                       .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_TCP};
    ADDRINFOW *list = NULL;
    WCHAR node[300], service[300];

    CHECK_EQ(GetAddrInfoW(widen("1.2.3.4", node), widen("80", service), &hints,
                          &list),
             0);
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK(list_is((struct addrinfo *)(void *)list, "1.2.3.4:80"));
    CHECK_EQ(list->ai_socktype, SOCK_DGRAM);
    CHECK_EQ(list->ai_protocol, IPPROTO_TCP);
    CHECK(same_text(list->ai_canonname, "1.2.3.4"));
    FreeAddrInfoW(list);

    CHECK_EQ(GetAddrInfoW(widen("no-such-host.invalid", node), NULL, NULL,
                          &list),
             WSAHOST_NOT_FOUND);
    CHECK(list == NULL);
}

static void wide_names_need_encoding(void)
{
    /* "bucher" with u-umlaut: not found either way, but for other reasons. */
    static const WCHAR name[] = {'b', 0xfc, 'c', 'h', 'e', 'r', '.', 'i', 'n',
                                 'v', 'a',  'l', 'i', 'd', 0};
    ADDRINFOW hints = {.ai_flags = AI_DISABLE_IDN_ENCODING};
    ADDRINFOW *list = NULL;

    CHECK_EQ(GetAddrInfoW(name, NULL, NULL, &list), WSAHOST_NOT_FOUND);
    CHECK_EQ(GetAddrInfoW(name, NULL, &hints, &list), WSAHOST_NOT_FOUND);
}

static void extended_form(void)
{
    ADDRINFOEXW hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    ADDRINFOEXW *list = NULL;
    WCHAR node[300], service[300];

    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", node), widen("80", service),
                            NS_DNS, NULL, &hints, &list, NULL, NULL, NULL,
                            NULL),
             0);
    CHECK(list != NULL);
    CHECK_EQ(list->ai_addrlen, 16);
    CHECK_EQ(list->ai_socktype, SOCK_STREAM);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_port, htons(80));
    CHECK(list->ai_blob == NULL && list->ai_bloblen == 0);
    CHECK(list->ai_provider == NULL && list->ai_next == NULL);
    FreeAddrInfoExW(list);
    FreeAddrInfoExW(NULL);
    CHECK_EQ(GetAddrInfoExW(NULL, NULL, NS_DNS, NULL, NULL, &list, NULL, NULL,
                            NULL, NULL),
             WSAHOST_NOT_FOUND);
    CHECK(list == NULL);
}

/* ADDRINFOEX2, which Wine's headers lack. */
struct extended_info {
    ADDRINFOEXW first;
    int version;
    WCHAR *fqdn;
};

enum { FQDN = 0x20000, EXTENDED = (int)0x80000000 };

static void extended_names(void)
{
    struct extended_info hints = {.first = {.ai_flags = EXTENDED | FQDN |
                                                        AI_CANONNAME},
                                  .version = 2};
    ADDRINFOEXW *list = NULL;
    struct extended_info *info;
    WCHAR node[300];

    widen("1.2.3.4", node);
    CHECK_EQ(GetAddrInfoExW(node, NULL, NS_DNS, NULL, &hints.first, &list,
                            NULL, NULL, NULL, NULL),
             0);
    info = (struct extended_info *)list;
    CHECK_EQ(info->version, 2);
    CHECK(same_text(info->fqdn, "1.2.3.4"));
    CHECK(same_text(list->ai_canonname, "1.2.3.4"));
    FreeAddrInfoExW(list);
    hints.version = 1;
    CHECK_EQ(GetAddrInfoExW(node, NULL, NS_DNS, NULL, &hints.first, &list,
                            NULL, NULL, NULL, NULL),
             WSAEINVAL);
    /* Without AI_EXTENDED there is one place for both. */
    hints.first.ai_flags = FQDN | AI_CANONNAME;
    CHECK_EQ(GetAddrInfoExW(node, NULL, NS_DNS, NULL, &hints.first, &list,
                            NULL, NULL, NULL, NULL),
             WSAEINVAL);
    hints.first.ai_flags = FQDN;
    CHECK_EQ(GetAddrInfoExW(node, NULL, NS_DNS, NULL, &hints.first, &list,
                            NULL, NULL, NULL, NULL),
             0);
    CHECK(same_text(list->ai_canonname, "1.2.3.4"));
    FreeAddrInfoExW(list);
}

static void other_names_of_the_own_host(void)
{
    struct addrinfo *named = NULL, *list = NULL;

    CHECK_EQ(ask((struct question){.node = ""}, &named), 0);
    CHECK_EQ(ask((struct question){.node = "..localmachine"}, &list), 0);
    EXPECT(same_lists(list, named));
    freeaddrinfo(list);
    freeaddrinfo(named);
}

static void unreadable_questions(void)
{
    void *const bad = (void *)16;
    struct addrinfo *list = NULL;
    ADDRINFOW *wide = NULL;

    CHECK_EQ(getaddrinfo(bad, NULL, NULL, &list), WSAEFAULT);
    CHECK_EQ(getaddrinfo(NULL, bad, NULL, &list), WSAEFAULT);
    CHECK_EQ(getaddrinfo("1.2.3.4", NULL, bad, &list), WSAEFAULT);
    CHECK_EQ(getaddrinfo("1.2.3.4", NULL, NULL, NULL), WSAEFAULT);
    CHECK_EQ(getaddrinfo("1.2.3.4", NULL, NULL, bad), WSAEFAULT);
    CHECK_EQ(GetAddrInfoW(bad, NULL, NULL, &wide), WSAEFAULT);
    CHECK_EQ(GetAddrInfoW(NULL, bad, NULL, &wide), WSAEFAULT);
    CHECK(list == NULL && wide == NULL);
}

static void names_that_are_too_long(void)
{
    char node[2000];

    memset(node, 'a', sizeof(node) - 1);
    node[sizeof(node) - 1] = '\0';
    check_refused((struct question){.node = node}, WSAHOST_NOT_FOUND);
    check_refused((struct question){.node = "1.2.3.4", .service = node},
                  WSATYPE_NOT_FOUND);
}

/* --- getnameinfo ---------------------------------------------------------- */

enum { NUMERIC = NI_NUMERICHOST | NI_NUMERICSERV };

static void numeric_names(void)
{
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct sockaddr_in6 inet6 = {.sin6_family = AF_INET6,
                                 .sin6_port = htons(8080)};
    char host[100], service[40];
    WCHAR wide[100];

    inet.sin_addr.s_addr = htonl(0x01020304);
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), host, sizeof(host),
                         service, sizeof(service), NUMERIC),
             0);
    CHECK(!strcmp(host, "1.2.3.4") && !strcmp(service, "80"));
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), NULL, 0, service,
                         sizeof(service), 0),
             0);
    CHECK(!strcmp(service, "http"));
    CHECK_EQ(GetNameInfoW((SOCKADDR *)&inet, sizeof(inet), wide, 100, NULL, 0,
                          NI_NUMERICHOST),
             0);
    CHECK(same_text(wide, "1.2.3.4"));

    inet6.sin6_addr.s6_addr[15] = 1;
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet6, sizeof(inet6), host, sizeof(host),
                         service, sizeof(service), NUMERIC),
             0);
    CHECK(!strcmp(host, "::1") && !strcmp(service, "8080"));
}

static void numeric_scope(void)
{
    struct sockaddr_in6 inet6 = {.sin6_family = AF_INET6, .sin6_scope_id = 1};
    char host[100];

    inet6.sin6_addr.s6_addr[0] = 0xfe;
    inet6.sin6_addr.s6_addr[1] = 0x80;
    inet6.sin6_addr.s6_addr[15] = 1;
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet6, sizeof(inet6), host, sizeof(host),
                         NULL, 0, NI_NUMERICHOST),
             0);
    CHECK(!strcmp(host, "fe80::1%1"));
}

/* They choose among sources of names, and there is one. */
static void flags_without_effect_here(void)
{
    static const int flags[] = {
        AI_ALL,
        AI_ALL | AI_DNS_ONLY,
        AI_ADDRCONFIG,
        AI_NON_AUTHORITATIVE,
        AI_SECURE,
        AI_RETURN_PREFERRED_NAMES,
        0x00040000, /* AI_FILESERVER, which Wine's headers lack */
        AI_DISABLE_IDN_ENCODING,
    };
    size_t i;

    for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        check_answer((struct question){.node = "127.0.0.1", .service = "80",
                                       .flags = flags[i], .family = AF_INET},
                     "127.0.0.1:80");
        check_answer((struct question){.node = "localhost", .service = "80",
                                       .flags = flags[i], .family = AF_INET},
                     "127.0.0.1:80");
    }
}

static void getnameinfo_flags(void)
{
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(53)};
    char host[200], service[40];
    int error;

    /* 192.0.2.1 is nobody's (RFC 5737). */
    inet.sin_addr.s_addr = htonl(0xc0000201);
    error = getnameinfo((SOCKADDR *)&inet, sizeof(inet), host, sizeof(host),
                        NULL, 0, NI_NAMEREQD);
    CHECK(error == WSAHOST_NOT_FOUND || error == WSATRY_AGAIN);
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), host, sizeof(host),
                         service, sizeof(service), NI_DGRAM),
             0);
    CHECK(!strcmp(host, "192.0.2.1") && !strcmp(service, "domain"));
    inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), host, sizeof(host),
                         NULL, 0, NI_NOFQDN | NI_NAMEREQD),
             0);
    CHECK(strchr(host, '.') == NULL);
}

static void getnameinfo_errors(void)
{
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(80)};
    char host[100], service[40];

    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, 15, host, sizeof(host), NULL, 0,
                         NUMERIC),
             WSAEFAULT);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), host, 3, NULL, 0,
                         NUMERIC),
             WSAEFAULT);
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), NULL, 0, service, 2,
                         NUMERIC),
             WSAEFAULT);
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), NULL, 0, NULL, 0,
                         NUMERIC),
             WSAHOST_NOT_FOUND);
    CHECK_EQ(getnameinfo(NULL, sizeof(inet), host, sizeof(host), NULL, 0,
                         NUMERIC),
             WSAEFAULT);
    inet.sin_family = 99;
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), host, sizeof(host),
                         NULL, 0, NUMERIC),
             WSAEAFNOSUPPORT);
}

static void getnameinfo_bad_pointers(void)
{
    void *const bad = (void *)16;
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(80)};
    char host[100];
    WCHAR wide[100];

    CHECK_EQ(getnameinfo(bad, sizeof(inet), host, sizeof(host), NULL, 0,
                         NUMERIC),
             WSAEFAULT);
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), bad, 100, NULL, 0,
                         NUMERIC),
             WSAEFAULT);
    CHECK_EQ(getnameinfo((SOCKADDR *)&inet, sizeof(inet), host, sizeof(host),
                         bad, 100, NUMERIC),
             WSAEFAULT);
    CHECK_EQ(GetNameInfoW((SOCKADDR *)&inet, sizeof(inet), bad, 100, NULL, 0,
                          NUMERIC),
             WSAEFAULT);
    CHECK_EQ(GetNameInfoW((SOCKADDR *)&inet, sizeof(inet), wide, 2, NULL, 0,
                          NUMERIC),
             WSAEFAULT);
}

static const struct test_case cases[] = {
    TEST_CASE(nothing_is_not_found, "06 1: NULL, NULL"),
    TEST_CASE(empty_node_is_the_own_name, "06 1: \"\" is the own name"),
    TEST_CASE(null_node_is_the_loopback, "06 1: NULL with a service"),
    TEST_CASE(passive_is_the_wildcard, "06 1: AI_PASSIVE"),
    TEST_CASE(literals, "06 1: literals and brackets"),
    TEST_CASE(literals_of_another_family, "06 1: literal, other family"),
    TEST_CASE(unknown_name, "06 1: unknown name"),
    TEST_CASE(hints_are_echoed, "06 1: type and protocol are echoed"),
    TEST_CASE(bad_hints, "06 1: unknown type, family; AI_CANONNAME"),
    TEST_CASE(unknown_flags, "06 1: EAI_BADFLAGS"),
    TEST_CASE(hints_that_must_be_zero, "06 1: EAI_FAIL"),
    TEST_CASE(localhost, "06 1: localhost"),
    TEST_CASE(services_of_both_protocols, "06 1: services"),
    TEST_CASE(canonical_name, "06 1: ai_canonname"),
    TEST_CASE(one_entry_of_a_canonical_literal, "06 1: one entry an address"),
    TEST_CASE(wide_form, "06 1: GetAddrInfoW"),
    TEST_CASE(wide_names_need_encoding, "06 1: IDN"),
    TEST_CASE(extended_form, "06 2: GetAddrInfoExW"),
    TEST_CASE(numeric_names, "06 3: numeric forms"),
    TEST_CASE(numeric_scope, "06 3: scope as a number"),
    TEST_CASE(flags_without_effect_here, "06 1: AI_*"),
    TEST_CASE(getnameinfo_flags, "06 3: NI_*"),
    TEST_CASE(getnameinfo_errors, "06 3: errors"),
    TEST_CASE(getnameinfo_bad_pointers, "06 3: bad input"),
    TEST_CASE(extended_names, "06 1: AI_EXTENDED, AI_FQDN"),
    TEST_CASE(other_names_of_the_own_host, "GetAddrInfo: ..localmachine"),
    TEST_CASE(unreadable_questions, "06 1: bad input"),
    TEST_CASE(names_that_are_too_long, "06 1: bad input"),
    TEST_END
};

TEST_MAIN("names", cases, NULL)
