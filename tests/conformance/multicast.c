/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAJoinLeaf: multicast groups as multipoint sessions; and which memberships
 * exclude each other.
 */
#include "support/sockets.h"

#include "support/events.h"
#include "support/memory.h"

#include <stdio.h>

#define LEAF \
    (WSA_FLAG_OVERLAPPED | WSA_FLAG_MULTIPOINT_C_LEAF | \
     WSA_FLAG_MULTIPOINT_D_LEAF)

static SOCKET leaf_socket(int family)
{
    return CHECK_SOCKET(WSASocketW(family, SOCK_DGRAM, IPPROTO_UDP, NULL, 0,
                                   LEAF));
}

static struct sockaddr_in group_name(unsigned port)
{
    struct sockaddr_in name = loopback(port);

    name.sin_addr.s_addr = htonl(0xefff0777);
    return name;
}

static SOCKET join(SOCKET s, const struct sockaddr_in *group, DWORD flags)
{
    return WSAJoinLeaf(s, (const struct sockaddr *)group, sizeof(*group), NULL,
                       NULL, NULL, NULL, flags);
}

/* A member that is bound to the wildcard, and whose sends go to all. */
static SOCKET member(struct sockaddr_in *ret_group)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    SOCKET s = leaf_socket(AF_INET);

    CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
    *ret_group = group_name(ntohs(local_name(s).sin_port));
    return s;
}

static void a_member_receives(void)
{
    struct sockaddr_in group;
    SOCKET s = member(&group), sender = udp_socket();

    CHECK_RESULT(join(s, &group, JL_BOTH), s); /* a leaf is itself */
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK_RESULT(sendto(sender, "to all", 6, 0, (struct sockaddr *)&group,
                        sizeof(group)),
                 6);
    check_receives(s, "to all");
    close_socket(s);
    close_socket(sender);
}

static void who_only_sends_is_no_member(void)
{
    struct sockaddr_in group;
    SOCKET s = member(&group), sender = leaf_socket(AF_INET);

    CHECK_RESULT(join(s, &group, JL_SENDER_ONLY), s);
    CHECK_RESULT(join(sender, &group, JL_SENDER_ONLY), sender);
    CHECK(local_name(sender).sin_port != 0); /* it was bound */
    CHECK_RESULT(sendto(sender, "x", 1, 0, (struct sockaddr *)&group,
                        sizeof(group)),
                 1);
    check_quiet(s);
    CHECK_RESULT(join(s, &group, JL_RECEIVER_ONLY), s);
    CHECK_RESULT(sendto(sender, "x", 1, 0, (struct sockaddr *)&group,
                        sizeof(group)),
                 1);
    check_receives(s, "x");
    close_socket(s);
    close_socket(sender);
}

static void joining_twice_is_refused(void)
{
    struct sockaddr_in group;
    SOCKET s = member(&group);

    CHECK_RESULT(join(s, &group, JL_RECEIVER_ONLY), s);
    CHECK_ERROR(join(s, &group, JL_RECEIVER_ONLY), WSAEISCONN);
    close_socket(s);
}

/* WSAEventSelect's and WSAAsyncSelect's pages: FD_CONNECT when WSAJoinLeaf is
   done. */
static void check_joining_occurs(enum watch_kind kind)
{
    struct sockaddr_in group;
    SOCKET s = member(&group);
    struct watch watch;
    struct marker marker;

    watch_open(&watch, kind);
    marker_open(&marker, kind);
    watch_select(&watch, s, FD_CONNECT);
    check_nothing(&watch, s, &marker);
    CHECK_RESULT(join(s, &group, JL_RECEIVER_ONLY), s);
    check_reports(&watch, s, FD_CONNECT, 0);
    CHECK_ERROR(join(s, &group, JL_RECEIVER_ONLY), WSAEISCONN);
    check_nothing(&watch, s, &marker);
    marker_close(&marker);
    watch_close(&watch);
    close_socket(s);
}

static void joining_is_an_event(void)
{
    check_joining_occurs(WATCH_EVENT);
}

static void joining_is_a_message(void)
{
    check_joining_occurs(WATCH_MESSAGES);
}

static void version_six_joins_too(void)
{
    struct sockaddr_in6 group = {.sin6_family = AF_INET6};
    SOCKET s = leaf_socket(AF_INET6);

    group.sin6_addr.s6_addr[0] = 0xff;
    group.sin6_addr.s6_addr[1] = 0x12;
    group.sin6_addr.s6_addr[15] = 0x77;
    group.sin6_scope_id = 1;
    CHECK_RESULT(WSAJoinLeaf(s, (struct sockaddr *)&group, sizeof(group), NULL,
                             NULL, NULL, NULL, JL_BOTH),
                 s);
    close_socket(s);
}

static void joins_are_checked(void)
{
    struct sockaddr_in group, wrong;
    SOCKET s = member(&group), u = udp_socket(), t = tcp_socket();
    WSABUF data = {4, (char *)"data"}, callee = {7, NULL};
    char *bad = memory_new(MEMORY_UNREADABLE, 1);

    EXPECT_ERROR(join(INVALID_SOCKET, &group, JL_BOTH), WSAENOTSOCK);
    EXPECT_ERROR(join(u, &group, JL_BOTH), WSAEINVAL); /* no multipoint flags */
    EXPECT_ERROR(join(t, &group, JL_BOTH), WSAEINVAL);
    EXPECT_ERROR(join(s, &group, 0), WSAEINVAL);
    EXPECT_ERROR(join(s, &group, 3), WSAEINVAL);
    EXPECT_ERROR(join(s, &group, 8), WSAEINVAL);
    EXPECT_ERROR(join(s, NULL, JL_BOTH), WSAEFAULT);
    EXPECT_ERROR(join(s, (struct sockaddr_in *)bad, JL_BOTH), WSAEFAULT);
    EXPECT_ERROR(WSAJoinLeaf(s, (struct sockaddr *)&group, 8, NULL, NULL, NULL,
                             NULL, JL_BOTH),
                 WSAEFAULT);
    EXPECT_ERROR(WSAJoinLeaf(s, (struct sockaddr *)&group, sizeof(group), &data,
                             NULL, NULL, NULL, JL_BOTH),
                 WSAEPROTONOSUPPORT);
    wrong = group;
    wrong.sin_family = AF_INET6;
    EXPECT_ERROR(join(s, &wrong, JL_BOTH), WSAEAFNOSUPPORT);
    wrong = loopback(9);
    EXPECT_ERROR(join(s, &wrong, JL_BOTH), WSAEADDRNOTAVAIL);
    CHECK_RESULT(WSAJoinLeaf(s, (struct sockaddr *)&group, sizeof(group), NULL,
                             &callee, NULL, NULL, JL_BOTH),
                 s);
    CHECK_EQ(callee.len, 0);
    close_socket(s);
    close_socket(u);
    close_socket(t);
    memory_delete(bad, 1);
}

/* --- Memberships ---------------------------------------------------------- */

static int set_error(SOCKET s, int name, const void *value, int length)
{
    return setsockopt(s, IPPROTO_IP, name, (const char *)value, length) == 0
               ? 0
               : WSAGetLastError();
}

/* The table of Multicast Socket Option Behavior. */
static void memberships_exclude_others(void)
{
    static const struct {
        int name, error;
    } steps[] = {
        {IP_ADD_MEMBERSHIP, 0},
        {IP_ADD_MEMBERSHIP, WSAEADDRNOTAVAIL},
        {IP_ADD_SOURCE_MEMBERSHIP, WSAEADDRNOTAVAIL},
        {IP_DROP_SOURCE_MEMBERSHIP, WSAEINVAL},
        {IP_UNBLOCK_SOURCE, WSAEINVAL},
        {IP_DROP_MEMBERSHIP, 0},
        {IP_DROP_MEMBERSHIP, WSAEINVAL},
        {IP_BLOCK_SOURCE, WSAEINVAL},
        {IP_ADD_SOURCE_MEMBERSHIP, 0},
        {IP_ADD_MEMBERSHIP, WSAEADDRNOTAVAIL},
        {IP_ADD_SOURCE_MEMBERSHIP, WSAEADDRNOTAVAIL},
        {IP_UNBLOCK_SOURCE, WSAEINVAL},
        {IP_BLOCK_SOURCE, WSAEINVAL},
    };
    struct sockaddr_in group;
    SOCKET s = member(&group);
    struct ip_mreq any = {group.sin_addr, {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct ip_mreq_source source;
    int i, error;

    source.imr_multiaddr = group.sin_addr;
    source.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    source.imr_sourceaddr.s_addr = htonl(INADDR_LOOPBACK);
    for (i = 0; i < (int)(sizeof(steps) / sizeof(steps[0])); i++) {
        error = steps[i].name == IP_ADD_MEMBERSHIP ||
                        steps[i].name == IP_DROP_MEMBERSHIP
                    ? set_error(s, steps[i].name, &any, sizeof(any))
                    : set_error(s, steps[i].name, &source, sizeof(source));
        EXPECT_THAT(error == steps[i].error, "step %d: %s, not %s", i,
                    error_name(error), error_name(steps[i].error));
    }
    source.imr_multiaddr.s_addr = htonl(INADDR_LOOPBACK); /* no group */
    EXPECT_EQ(set_error(s, IP_ADD_SOURCE_MEMBERSHIP, &source, sizeof(source)),
              WSAEINVAL);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(a_member_receives, "WSAJoinLeaf"),
    TEST_CASE(who_only_sends_is_no_member, "WSAJoinLeaf: JL_SENDER_ONLY"),
    TEST_CASE(joining_twice_is_refused, "WSAJoinLeaf: WSAEISCONN"),
    TEST_CASE(joining_is_an_event, "WSAJoinLeaf: FD_CONNECT"),
    TEST_CASE_WITH(joining_is_a_message, "WSAJoinLeaf: FD_CONNECT",
                   .flags = TEST_WINDOWS),
    TEST_CASE(version_six_joins_too, "WSAJoinLeaf"),
    TEST_CASE(joins_are_checked, "WSAJoinLeaf: errors"),
    TEST_CASE(memberships_exclude_others, "Multicast Socket Option Behavior"),
    TEST_END
};
TEST_MAIN("multicast", cases, NULL)
