/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options and control codes whose effect shows in a network of one's own, where
 * the system has few ports to choose from and allows TCP Fast Open, or in the
 * kernel alone.  Native only.
 */
#include "support/extensions.h"
#include "support/platform.h"
#include "support/privileges.h"

#include <sys/syscall.h>
#include <unistd.h>

enum {
    PORT_SCALABILITY = 0x3006, REUSE_UNICASTPORT = 0x3007, FASTOPEN = 15,
    NOSYNRETRIES = 9,
};

static void enter(const char *name, const char *value)
{
    if (!privileges_enter_network() || !privileges_set_network(name, value))
        SKIP("there can be no network of our own here");
    winsock_startup();
}

static int bind_port_0(SOCKET s, unsigned address)
{
    struct sockaddr_in name = loopback(0);

    name.sin_addr.s_addr = htonl(address);
    return bind(s, (struct sockaddr *)&name, sizeof(name)) == 0
               ? 0
               : WSAGetLastError();
}

static SOCKET listener_at(unsigned port)
{
    struct sockaddr_in name = loopback(port);
    SOCKET s = tcp_socket();

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(s, 5));
    return s;
}

/* "allow ephemeral port reuse for Winsock API connection functions which
   require an explicit bind, such as ConnectEx" */
static void connections_reuse_a_port(void)
{
    static const GUID id = WSAID_CONNECTEX;
    enum { COUNT = 8 };
    SOCKET listener[COUNT], s[COUNT], plain[2];
    LPFN_CONNECTEX ConnectEx;
    OVERLAPPED overlapped;
    struct sockaddr_in name;
    DWORD sent;
    int i;

    enter("ip_local_port_range", "40000 40001");
    ConnectEx = (LPFN_CONNECTEX)extension(id);
    for (i = 0; i < COUNT; i++) {
        listener[i] = listener_at(2000 + (unsigned)i);
        s[i] = tcp_socket();
        set_int_option(s[i], SOL_SOCKET, REUSE_UNICASTPORT, 1);
        CHECK_EQ(bind_port_0(s[i], INADDR_LOOPBACK), 0);
    }
    overlapped_init(&overlapped);
    for (i = 0; i < COUNT; i++) {
        name = loopback(2000 + (unsigned)i);
        CHECK_PENDS(ConnectEx(s[i], (struct sockaddr *)&name, sizeof(name),
                              NULL, 0, &sent, &overlapped));
        CHECK_EQ(overlapped_bytes(s[i], &overlapped), 0);
        CHECK_OK(setsockopt(s[i], SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL,
                            0));
        CHECK_EQ(ntohs(local_name(s[i]).sin_port) & ~1u, 40000);
        close_socket(CHECK_SOCKET(accept(listener[i], NULL, NULL)));
    }
    overlapped_free(&overlapped);
    for (i = 0; i < COUNT; i++) {
        close_socket(s[i]);
        close_socket(listener[i]);
    }
    /* Without it each socket has a port of its own. */
    for (i = 0; i < 2; i++) {
        plain[i] = tcp_socket();
        EXPECT_EQ(bind_port_0(plain[i], INADDR_LOOPBACK), 0);
    }
    s[0] = tcp_socket();
    EXPECT(bind_port_0(s[0], INADDR_LOOPBACK) != 0);
    close_socket(s[0]);
    close_socket(plain[0]);
    close_socket(plain[1]);
    CHECK_OK(WSACleanup());
}

/* "Even when all ports have been previously allocated, this call succeeds
   because there are multiple IP addresses available" */
static void each_address_has_all_ports(void)
{
    SOCKET s[5];
    int i;

    enter("ip_local_port_range", "40000 40001");
    for (i = 0; i < 5; i++) {
        s[i] = tcp_socket();
        set_int_option(s[i], SOL_SOCKET, PORT_SCALABILITY, 1);
    }
    for (i = 0; i < 4; i++)
        CHECK_EQ(bind_port_0(s[i], INADDR_LOOPBACK + (unsigned)i / 2), 0);
    CHECK(bind_port_0(s[4], INADDR_LOOPBACK) != 0);
    for (i = 0; i < 5; i++)
        close_socket(s[i]);
    CHECK_OK(WSACleanup());
}

/* A counter of TCP's in /proc/net/netstat. */
static long counter(const char *name)
{
    char names[8192], values[8192], *one, *other, *rest, *rest2;
    FILE *file = fopen("/proc/net/netstat", "re");
    long found = -1;

    CHECK(file != NULL);
    CHECK(fgets(names, sizeof(names), file) != NULL);
    CHECK(fgets(values, sizeof(values), file) != NULL);
    fclose(file);
    one = strtok_r(names, " \n", &rest);
    other = strtok_r(values, " \n", &rest2);
    for (; one != NULL && other != NULL; one = strtok_r(NULL, " \n", &rest),
                                         other = strtok_r(NULL, " \n", &rest2))
        if (strcmp(one, name) == 0)
            found = strtol(other, NULL, 10);
    return found;
}

/* The first connection learns the cookie, the next ones send data with it. */
static void fast_open_sends_with_the_syn(void)
{
    static const GUID id = WSAID_CONNECTEX;
    struct sockaddr_in name = loopback(2000), any = loopback(0);
    LPFN_CONNECTEX ConnectEx;
    SOCKET listener, s, server;
    OVERLAPPED overlapped;
    DWORD sent;
    int i;

    enter("tcp_fastopen", "3");
    ConnectEx = (LPFN_CONNECTEX)extension(id);
    listener = tcp_socket();
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    set_int_option(listener, IPPROTO_TCP, FASTOPEN, 1);
    CHECK_OK(listen(listener, 5));
    overlapped_init(&overlapped);
    for (i = 0; i < 3; i++) {
        s = tcp_socket();
        set_int_option(s, IPPROTO_TCP, FASTOPEN, i < 2 ? 1 : 0);
        CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
        CHECK_PENDS(ConnectEx(s, (struct sockaddr *)&name, sizeof(name),
                              (void *)"with the SYN", 12, &sent, &overlapped));
        CHECK_EQ(overlapped_bytes(s, &overlapped), 12);
        CHECK_OK(setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL,
                            0));
        server = CHECK_SOCKET(accept(listener, NULL, NULL));
        check_receives(server, "with the SYN");
        check_passes(server, s, "and back");
        EXPECT_EQ(counter("TCPFastOpenActive"), i > 0);
        EXPECT_EQ(counter("TCPFastOpenPassive"), i > 0);
        close_socket(s);
        close_socket(server);
    }
    overlapped_free(&overlapped);
    close_socket(listener);
    CHECK_OK(WSACleanup());
}

/* Nobody answers where a listener's queue is full.  The kernel repeats a SYN
   six times, which takes minutes; once takes three seconds. */
static void a_syn_is_hardly_repeated(void)
{
    enum { COUNT = 4 };
    struct sockaddr_in name = loopback(2000);
    SOCKET listener, s[COUNT], late;
    int64_t start;
    int i;

    enter("tcp_syncookies", "0");
    listener = tcp_socket();
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    for (i = 0; i < COUNT; i++) {
        s[i] = tcp_socket();
        set_nonblocking(s[i], 1);
        CHECK_ERROR(connect(s[i], (struct sockaddr *)&name, sizeof(name)),
                    WSAEWOULDBLOCK);
    }
    CHECK(wait_writable(s[0], test_timeout(5000)));
    CHECK(wait_writable(s[1], test_timeout(5000)));
    late = tcp_socket();
    set_int_option(late, IPPROTO_TCP, NOSYNRETRIES, 1);
    start = test_clock();
    CHECK_ERROR(connect(late, (struct sockaddr *)&name, sizeof(name)),
                WSAETIMEDOUT);
    CHECK(test_clock() - start < test_timeout(15000));
    close_socket(late);
    for (i = 0; i < COUNT; i++)
        close_socket(s[i]);
    close_socket(listener);
    CHECK_OK(WSACleanup());
}

/* What the kernel has, not Winsock: level and name are its own. */
static int kernel_option(SOCKET s, int level, int name, char *value,
                         unsigned length)
{
    memset(value, 0, length);
    return (int)syscall(SYS_getsockopt, (int)(s / 4 - 1), level, name, value,
                        &length);
}

/* SOL_SOCKET's SO_PRIORITY; IPPROTO_TCP's TCP_CONGESTION. */
static void scavengers_give_way(void)
{
    SOCKET s = tcp_socket();
    char normal[16], control[16];
    DWORD hint = 0, size;
    int priority;

    CHECK_EQ(kernel_option(s, 6, 13, normal, sizeof(normal)), 0);
    CHECK_OK(WSAIoctl(s, 0x98000018, &hint, sizeof(hint), NULL, 0, &size, NULL,
                      NULL));
    CHECK_EQ(kernel_option(s, 1, 12, (char *)&priority, sizeof(priority)), 0);
    EXPECT_EQ(priority, 1);
    hint = 2;
    CHECK_OK(WSAIoctl(s, 0x98000018, &hint, sizeof(hint), NULL, 0, &size, NULL,
                      NULL));
    CHECK_EQ(kernel_option(s, 1, 12, (char *)&priority, sizeof(priority)), 0);
    EXPECT_EQ(priority, 0);
    CHECK_EQ(kernel_option(s, 6, 13, control, sizeof(control)), 0);
    EXPECT(strcmp(control, normal) == 0);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(connections_reuse_a_port, "SO_REUSE_UNICASTPORT",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(each_address_has_all_ports, "SO_PORT_SCALABILITY",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(fast_open_sends_with_the_syn, "TCP_FASTOPEN",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(a_syn_is_hardly_repeated, "TCP_NOSYNRETRIES",
                   .flags = TEST_BARE),
    TEST_CASE(scavengers_give_way, "SIO_SET_PRIORITY_HINT"),
    TEST_END
};

TEST_MAIN("few_ports", cases, NULL)
