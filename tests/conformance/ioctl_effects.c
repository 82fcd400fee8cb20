/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Control codes with an effect on what a socket sends and receives, and codes
 * that are refused.  Sources: Microsoft's "Winsock IOCTLs" and the pages of the
 * codes.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <mswsock.h>

enum {
    CPU_AFFINITY = (int)0x98000015, RSS_PROCESSOR_INFO = 0x48000025,
    SET_PRIORITY_HINT = (int)0x98000018, COMPATIBILITY_MODE = (int)0x9800012c,
    TCP_INFO_CODE = (int)0xd8000027, REUSE_MULTICASTPORT = 0x3008,
};

static int control_error(SOCKET s, int code, const void *in, DWORD in_size,
                         void *out, DWORD out_size, DWORD *ret_size)
{
    *ret_size = 99;
    return WSAIoctl(s, (DWORD)code, (void *)in, in_size, out, out_size,
                    ret_size, NULL, NULL) == 0
               ? 0
               : WSAGetLastError();
}

/* The same without an answer. */
static int set(SOCKET s, int code, const void *in, DWORD in_size)
{
    DWORD size;
    int error = control_error(s, code, in, in_size, NULL, 0, &size);

    if (!error)
        CHECK_EQ(size, 0);
    return error;
}

/* --- SIO_CPU_AFFINITY ----------------------------------------------------- */

static int give_processor(SOCKET s, unsigned number)
{
    const USHORT processor = (USHORT)number;

    return set(s, CPU_AFFINITY, &processor, sizeof(processor));
}

static SOCKET of_processor(unsigned number)
{
    SOCKET s = udp_socket();

    CHECK_EQ(give_processor(s, number), 0);
    return s;
}

static int bind_to(SOCKET s, const struct sockaddr_in *name)
{
    return bind(s, (const struct sockaddr *)name, sizeof(*name)) == 0
               ? 0
               : WSAGetLastError();
}

/* Which of the two got the datagram; -1: neither. */
static int receiver(const SOCKET s[2])
{
    char byte;
    fd_set set;
    struct timeval time = {test_timeout(5000) / 1000, 0};
    int i;

    FD_ZERO(&set);
    FD_SET(s[0], &set);
    FD_SET(s[1], &set);
    if (select(0, &set, NULL, NULL, &time) != 1)
        return -1;
    i = FD_ISSET(s[1], &set) != 0;
    CHECK_RESULT(recv(s[i], &byte, 1, 0), 1);
    return i;
}

/* "all packets belonging to a given flow will be indicated to the same
   socket" */
static void flows_keep_to_a_socket(void)
{
    enum { FLOWS = 32 };
    struct sockaddr_in name = loopback(0);
    SOCKET s[2] = {of_processor(0), of_processor(0)}, sender;
    int i, j, first, used[2] = {0};

    CHECK_EQ(bind_to(s[0], &name), 0);
    name = local_name(s[0]);
    CHECK_EQ(bind_to(s[1], &name), 0);
    for (i = 0; i < FLOWS; i++) {
        sender = udp_socket();
        CHECK_OK(connect(sender, (struct sockaddr *)&name, sizeof(name)));
        for (j = 0; j < 3; j++) {
            CHECK_RESULT(send(sender, "x", 1, 0), 1);
            if (j == 0)
                first = receiver(s);
            else
                EXPECT_EQ(receiver(s), first);
        }
        CHECK(first >= 0);
        used[first]++;
        close_socket(sender);
    }
    EXPECT(used[0] > 0 && used[1] > 0);
    close_socket(s[0]);
    close_socket(s[1]);
}

static void only_its_like_shares(void)
{
    struct sockaddr_in name = loopback(0);
    struct peer *peer = remote_start();
    SOCKET s = of_processor(0), other = udp_socket(), there;

    CHECK_EQ(bind_to(s, &name), 0);
    name = local_name(s);
    EXPECT_EQ(bind_to(other, &name), WSAEADDRINUSE);
    there = remote_socket(peer, AF_INET, SOCK_DGRAM, 0);
    EXPECT_ERROR(remote_bind(peer, there, &name), WSAEADDRINUSE);
    CHECK_OK(remote_close(peer, there));
    close_socket(s);
    CHECK_EQ(bind_to(other, &name), 0);
    s = of_processor(0);
    EXPECT_EQ(bind_to(s, &name), WSAEADDRINUSE);
    close_socket(s);
    close_socket(other);
    remote_end(peer);
}

/* "must be called prior to bind, otherwise WSAEINVAL"; "incompatible with
   SO_REUSEADDR and SO_REUSE_MULTICASTPORT"; "only supported for UDP sockets" */
static void where_there_is_no_affinity(void)
{
    static const int options[] = {SO_REUSEADDR, REUSE_MULTICASTPORT};
    struct sockaddr_in name = loopback(0);
    SOCKET s = udp_socket(), t = tcp_socket();
    const USHORT processor = 0;
    int i, on = 1;

    EXPECT_EQ(give_processor(s, 65535), WSAEINVAL);
    EXPECT_EQ(set(s, CPU_AFFINITY, &processor, 1), WSAEFAULT);
    EXPECT_EQ(set(s, CPU_AFFINITY, NULL, 2), WSAEFAULT);
    EXPECT_EQ(set(s, CPU_AFFINITY, (void *)16, 2), WSAEFAULT);
    CHECK_EQ(bind_to(s, &name), 0);
    EXPECT_EQ(give_processor(s, 0), WSAEINVAL);
    close_socket(s);
    for (i = 0; i < 2; i++) {
        s = udp_socket();
        set_int_option(s, SOL_SOCKET, options[i], 1);
        EXPECT_EQ(give_processor(s, 0), WSAEINVAL);
        close_socket(s);
        s = of_processor(0);
        EXPECT_ERROR(setsockopt(s, SOL_SOCKET, options[i], (char *)&on,
                                sizeof(on)), WSAEINVAL);
        EXPECT_EQ(give_processor(s, 0), 0); /* again */
        close_socket(s);
    }
    EXPECT_EQ(give_processor(t, 0), WSAEOPNOTSUPP);
    close_socket(t);
    EXPECT_EQ(give_processor(t, 0), WSAENOTSOCK);
}

/* --- SIO_QUERY_RSS_PROCESSOR_INFO ----------------------------------------- */

struct processor_affinity {
    USHORT group;
    BYTE number, reserved;
    USHORT node, reserved2;
};

static void the_processor_of_a_connection(void)
{
    struct processor_affinity affinity;
    SOCKET client, server, s = tcp_socket(), u = udp_socket(), v;
    struct sockaddr_in name;
    DWORD size;

    tcp_pair(&client, &server);
    check_passes(client, server, "there");
    memset(&affinity, 0xee, sizeof(affinity));
    CHECK_EQ(control_error(server, RSS_PROCESSOR_INFO, NULL, 0, &affinity,
                           sizeof(affinity), &size), 0);
    EXPECT_EQ(size, sizeof(affinity));
    EXPECT(affinity.number < 64);
    EXPECT_EQ(affinity.reserved, 0);
    EXPECT(affinity.node < 64);
    EXPECT_EQ(control_error(server, RSS_PROCESSOR_INFO, NULL, 0, &affinity,
                            sizeof(affinity) - 1, &size), WSAEINVAL);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(control_error(server, RSS_PROCESSOR_INFO, NULL, 0, NULL,
                            sizeof(affinity), &size), WSAEINVAL);
    EXPECT_EQ(control_error(server, RSS_PROCESSOR_INFO, NULL, 0, (void *)16,
                            sizeof(affinity), &size), WSAEFAULT);
    EXPECT_EQ(control_error(s, RSS_PROCESSOR_INFO, NULL, 0, &affinity,
                            sizeof(affinity), &size), WSAENOTCONN);
    EXPECT_EQ(control_error(u, RSS_PROCESSOR_INFO, NULL, 0, &affinity,
                            sizeof(affinity), &size), WSAENOTCONN);
    v = udp_bound(&name);
    CHECK_OK(connect(u, (struct sockaddr *)&name, sizeof(name)));
    EXPECT_EQ(control_error(u, RSS_PROCESSOR_INFO, NULL, 0, &affinity,
                            sizeof(affinity), &size), 0);
    close_socket(u);
    close_socket(v);
    close_socket(s);
    close_socket(client);
    close_socket(server);
}

/* --- SIO_SET_PRIORITY_HINT, SIO_SET_COMPATIBILITY_MODE -------------------- */

static void priorities(void)
{
    SOCKET client, server, u = udp_socket();
    DWORD hint;

    tcp_pair(&client, &server);
    for (hint = 0; hint < 3; hint++) {
        EXPECT_EQ(set(client, SET_PRIORITY_HINT, &hint, sizeof(hint)), 0);
        check_passes(client, server, "whatever the priority");
    }
    EXPECT_EQ(set(client, SET_PRIORITY_HINT, &hint, sizeof(hint)), WSAEINVAL);
    hint = 0;
    EXPECT_EQ(set(client, SET_PRIORITY_HINT, &hint, 3), WSAEFAULT);
    EXPECT_EQ(set(client, SET_PRIORITY_HINT, NULL, 4), WSAEFAULT);
    EXPECT_EQ(set(u, SET_PRIORITY_HINT, &hint, sizeof(hint)), WSAEOPNOTSUPP);
    close_socket(u);
    close_socket(client);
    close_socket(server);
}

/* The receive window that the connection offers, after much data. */
static DWORD window_of(SOCKET s, SOCKET from)
{
    static char data[65536];
    DWORD info[22] = {0}, version = 0, size;
    int i;

    set_nonblocking(from, 1);
    set_nonblocking(s, 1);
    for (i = 0; i < 300; i++) {
        while (send(from, data, sizeof(data), 0) > 0)
            continue;
        while (recv(s, data, sizeof(data), 0) > 0)
            continue;
    }
    CHECK_EQ(control_error(s, TCP_INFO_CODE, &version, sizeof(version), info,
                           sizeof(info), &size), 0);
    return info[10]; /* RcvWnd */
}

static void windows_of_old_systems(void)
{
    static const struct {
        DWORD behavior, version;
        int limited;
    } modes[] = {
        {2, 0x05010000, 1}, {0, 0x05010000, 1}, {1, 0x05010000, 0},
        {2, 0x06000000, 0},
    };
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s, server, u = udp_socket();
    DWORD mode[2] = {3, 0x06000000}, window;
    size_t i;

    for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        s = tcp_socket();
        mode[0] = modes[i].behavior;
        mode[1] = modes[i].version;
        CHECK_EQ(set(s, COMPATIBILITY_MODE, mode, sizeof(mode)), 0);
        CHECK_OK(connect(s, (struct sockaddr *)&name, sizeof(name)));
        server = CHECK_SOCKET(accept(listener, NULL, NULL));
        window = window_of(s, server);
        if (modes[i].limited)
            EXPECT_THAT(window <= 65535, "mode %u: the window is %u",
                        (unsigned)i, (unsigned)window);
        else
            EXPECT_THAT(window > 65535, "mode %u: the window is %u",
                        (unsigned)i, (unsigned)window);
        close_socket(s);
        close_socket(server);
    }
    s = tcp_socket();
    mode[0] = 3;
    EXPECT_EQ(set(s, COMPATIBILITY_MODE, mode, sizeof(mode)), WSAEINVAL);
    mode[0] = 0;
    EXPECT_EQ(set(s, COMPATIBILITY_MODE, mode, 7), WSAEFAULT);
    EXPECT_EQ(set(s, COMPATIBILITY_MODE, NULL, 8), WSAEFAULT);
    EXPECT_EQ(set(u, COMPATIBILITY_MODE, mode, sizeof(mode)), WSAEOPNOTSUPP);
    close_socket(s);
    close_socket(u);
    close_socket(listener);
}

/* --- Refused -------------------------------------------------------------- */

/*
 * "The specified IOCTL command is not supported by the transport provider":
 * what needs Windows' filtering platform or its IPsec, or the channels of apps
 * from its store, or is in its headers without a page.
 */
static void what_needs_a_component(void)
{
    static const DWORD codes[] = {
        0x98000013 /* SIO_APPLY_TRANSPORT_SETTING */,
        0x98000014 /* SIO_QUERY_TRANSPORT_SETTING */,
        0x980000dc /* SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS */,
        0x980000dd /* SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT */,
        0x980000de /* SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS */,
        0x980000c8 /* SIO_SET_SECURITY */, 0xd80000c9 /* SIO_QUERY_SECURITY */,
        0x980000ca /* SIO_SET_PEER_TARGET_NAME */,
        0x980000cb /* SIO_DELETE_PEER_TARGET_NAME */,
        0x980000cc /* SIO_SOCKET_USAGE_NOTIFICATION */,
        0x98000016 /* SIO_TCP_SET_ICW */,
    };
    SOCKET s = tcp_socket(), u = udp_socket();
    char buffer[256] = "";
    DWORD size;
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        EXPECT_EQ(control_error(s, (int)codes[i], buffer, sizeof(buffer),
                                buffer, sizeof(buffer), &size), WSAEOPNOTSUPP);
        EXPECT_EQ(size, 0);
        EXPECT_EQ(control_error(u, (int)codes[i], buffer, sizeof(buffer),
                                buffer, sizeof(buffer), &size), WSAEOPNOTSUPP);
    }
    close_socket(s);
    close_socket(u);
}

static const struct test_case cases[] = {
    TEST_CASE(flows_keep_to_a_socket, "SIO_CPU_AFFINITY"),
    TEST_CASE(only_its_like_shares, "SIO_CPU_AFFINITY"),
    TEST_CASE(where_there_is_no_affinity, "SIO_CPU_AFFINITY: WSAEINVAL"),
    TEST_CASE(the_processor_of_a_connection, "SIO_QUERY_RSS_PROCESSOR_INFO"),
    TEST_CASE(priorities, "SIO_SET_PRIORITY_HINT"),
    TEST_CASE(windows_of_old_systems, "SIO_SET_COMPATIBILITY_MODE"),
    TEST_CASE(what_needs_a_component, "WSAEOPNOTSUPP"),
    TEST_END
};

TEST_MAIN("ioctl_effects", cases, NULL)
