/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of e-mail addresses in other programs: the domains that they are
 * asked for.
 *
 * Microsoft's pages: NAPI_PROVIDER_INSTALLATION_BLOB,
 * NAPI_DOMAIN_DESCRIPTION_BLOB, NAPI_PROVIDER_LEVEL, WSCInstallNameSpaceEx.
 * The provider is tests/support/hosted.c.
 */
#include "support/hosted.h"

static struct peer *the_host;

static void end(void)
{
    CHECK_OK(WSACleanup());
    struct hosted_counts counts = HOST_WAIT(the_host, cleanups, 1);
    CHECK_EQ(counts.mistakes, 0);
    host_end(the_host);
}

/* nsemail.h's structures with two domains, owl.example and cat.example; of the
   second it is no provider at present. */
static struct {
    DWORD version, type, is_wildcard, n_domains, first;
    struct {
        DWORD level, length, next, name;
    } domains[2];
    WCHAR names[2][11];
} installation = {
    1, 1, 0, 2, 20,
    { { 2, 11, 36, 52 }, { 0, 11, 0, 52 + 22 } },
    { { 'o', 'w', 'l', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e' },
      { 'c', 'a', 't', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e' } },
};

static void install_email(GUID *id, void *data, ULONG size)
{
    WCHAR name[WIDE_TEXT], path[WIDE_TEXT];
    BLOB blob = { size, data };
    CHECK_OK(WS2_FUNCTION(WSCInstallNameSpaceEx)(widen("Mail", name),
                                                 widen("", path), NS_EMAIL, 1,
                                                 id, data ? &blob : NULL));
}

/* Registers it with the providers of e-mail; 0 or the error. */
static int register_address(const char *address)
{
    struct sockaddr_in where = loopback(97);
    CSADDR_INFO info = { { (void *)&where, 16 }, { (void *)&where, 16 },
                         SOCK_STREAM, IPPROTO_TCP };
    WCHAR name[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen(address, name),
        .dwNameSpace = NS_EMAIL,
        .dwNumberOfCsAddrs = 1,
        .lpcsaBuffer = &info,
    };
    return WSASetServiceW(&set, RNRSERVICE_REGISTER, 0) ? WSAGetLastError()
                                                        : 0;
}

/* The address has one of these; 0 or the error. */
static int ask(const char *address, DWORD name_space, GUID *provider)
{
    ADDRINFOEXW hints = { .ai_family = AF_INET }, *list = NULL;
    WCHAR name[WIDE_TEXT];
    int error = GetAddrInfoExW(widen(address, name), NULL, name_space, provider,
                               &hints, &list, NULL, NULL, NULL, NULL);
    if (error) return error;
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_port, htons(97));
    CHECK(list->ai_next == NULL);
    FreeAddrInfoExW(list);
    return 0;
}

static void use_email(void *data, ULONG size)
{
    static WSADATA started;
    catalog_private();
    install_email(&hosted_ids[0], data, size);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &started), 0);
    the_host = host_start();
}

static void domains(void)
{
    use_email(&installation, sizeof(installation));
    CHECK_EQ(register_address("joe@OWL.example"), 0);
    CHECK_EQ(ask("joe@OWL.example", NS_EMAIL, NULL), 0);
    CHECK_EQ(ask("joe@OWL.example", NS_ALL, &hosted_ids[0]), 0);
    CHECK_EQ(register_address("joe@cat.example"), WSASERVICE_NOT_FOUND);
    CHECK_EQ(register_address("joe@owl.example.org"), WSASERVICE_NOT_FOUND);
    CHECK_EQ(register_address("owl.example"), WSASERVICE_NOT_FOUND);
    CHECK_EQ(ask("one", NS_EMAIL, NULL), WSAHOST_NOT_FOUND);
    CHECK_EQ(ask("one@cat.example", NS_EMAIL, NULL), WSAHOST_NOT_FOUND);
    struct hosted_counts counts = HOST_WAIT(the_host, sets, 1);
    CHECK_EQ(counts.sets, 1);
    CHECK_EQ(counts.begins, 2);
    end();
}

static void any_domain(void)
{
    installation.is_wildcard = 1;
    use_email(&installation, sizeof(installation));
    CHECK_EQ(register_address("joe@dog.example"), 0);
    CHECK_EQ(register_address("joe"), WSASERVICE_NOT_FOUND);
    end();
}

static void no_domains_told(void)
{
    use_email(NULL, 0);
    CHECK_EQ(register_address("joe@dog.example"), 0);
    end();
}

/* What is no such structure is for nobody; the host is not even asked. */
static void domains_that_are_none(void)
{
    installation.n_domains = 0xffffffff;
    installation.domains[1].next = 20;
    use_email(&installation, sizeof(installation));
    CHECK_EQ(register_address("joe@owl.example"), 0);
    CHECK_EQ(register_address("joe@dog.example"), WSASERVICE_NOT_FOUND);
    end();
}

static void domains_that_lie_outside(void)
{
    installation.domains[0].length = 0x7fffffff;
    use_email(&installation, sizeof(installation));
    CHECK_EQ(register_address("joe@owl.example"), WSASERVICE_NOT_FOUND);
    CHECK_OK(WSACleanup());
    host_end(the_host);
}

#define BARE_CASE(function, statement)                                         \
    TEST_CASE_WITH(function, statement, .flags = TEST_BARE)

static const struct test_role roles[] = { TEST_ROLE(host), TEST_ROLES_END };

static const struct test_case cases[] = {
    BARE_CASE(domains, "NAPI_DOMAIN_DESCRIPTION_BLOB"),
    BARE_CASE(any_domain, "NAPI_PROVIDER_INSTALLATION_BLOB: fSupportsWildCard"),
    BARE_CASE(no_domains_told, "NS_EMAIL without a blob"),
    BARE_CASE(domains_that_are_none, "NAPI_PROVIDER_INSTALLATION_BLOB: bad"),
    BARE_CASE(domains_that_lie_outside, "NAPI_DOMAIN_DESCRIPTION_BLOB: bad"),
    TEST_END
};

TEST_MAIN("hosted_email", cases, roles)
