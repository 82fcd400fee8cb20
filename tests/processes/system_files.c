/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine without /etc/services, /etc/protocols, /etc/hosts and a resolver,
 * as a container may be: services and protocols of the built-in tables, and the
 * names that are answered without a network.
 */
#include "support/sockets.h"
#include "support/system_files.h"

static void begin(void)
{
    static WSADATA data;

    if (!system_files_hide())
        SKIP("this user may not hide /etc");
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static void end(void)
{
    CHECK_OK(WSACleanup());
}

static void services(void)
{
    const struct servent *service;

    begin();
    service = getservbyname("http", "tcp");
    CHECK(service != NULL);
    CHECK_EQ(service->s_port, (short)htons(80));
    CHECK(!strcmp(service->s_proto, "tcp"));
    service = getservbyname("domain", NULL);
    CHECK(service != NULL);
    CHECK_EQ(service->s_port, (short)htons(53));
    service = getservbyport(htons(53), "udp");
    CHECK(service != NULL);
    CHECK(!strcmp(service->s_name, "domain"));
    CHECK(getservbyname("no-such-service", "tcp") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
    CHECK(getservbyport(htons(4711), "tcp") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
    end();
}

static void protocols(void)
{
    const struct protoent *protocol;

    begin();
    protocol = getprotobyname("TCP");
    CHECK(protocol != NULL);
    CHECK_EQ(protocol->p_proto, 6);
    protocol = getprotobynumber(17);
    CHECK(protocol != NULL);
    CHECK(!strcmp(protocol->p_name, "udp"));
    CHECK(getprotobynumber(255) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
    end();
}

static void check_resolves(const char *node, const char *service, int family)
{
    struct addrinfo hints = {.ai_family = family}, *list = NULL;
    int error = getaddrinfo(node, service, &hints, &list);

    CHECK_THAT(!error, "%s, %s: %s", node, service, error_name(error));
    CHECK(list != NULL);
    freeaddrinfo(list);
}

static void names(void)
{
    struct addrinfo *list = NULL;
    char name[256];

    begin();
    CHECK_OK(gethostname(name, sizeof(name)));
    check_resolves("localhost", "http", AF_INET);
    check_resolves(name, "80", AF_UNSPEC);
    check_resolves("127.0.0.1", "ftp", AF_INET);
    check_resolves("::1", "80", AF_INET6);
    CHECK(gethostbyname("localhost") != NULL);
    CHECK(gethostbyname(name) != NULL);
    CHECK(getaddrinfo("no-such-host.invalid", "80", NULL, &list) != 0);
    CHECK(list == NULL);
    CHECK_EQ(getaddrinfo("localhost", "no-such-service", NULL, &list),
             WSATYPE_NOT_FOUND);
    end();
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(services, "06 5: services, without a file",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(protocols, "06 5: protocols, without a file",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(names, "names that need no network", .flags = TEST_BARE),
    TEST_END
};

TEST_MAIN("system_files", cases, NULL)
