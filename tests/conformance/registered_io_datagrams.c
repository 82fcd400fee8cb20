/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registered I/O: RIOSendEx and RIOReceiveEx, with addresses, control data and
 * flags.  Sources: Microsoft's pages of both.
 */
#include "support/registered.h"

#define BAD ((void *)16)

/* Places in a scene's memory. */
enum {
    DATA = 0,
    REMOTE = 1024,
    LOCAL = 1088,
    FLAGS = 1152,
    CONTROL = 2048,
    CONTROL_SIZE = 256,
};

/* The slices of one request. */
struct slices {
    RIO_BUF data, local, remote, control, flags;
};

static struct slices slices_of(const struct rio_scene *scene, ULONG length)
{
    return (struct slices){
        .data = rio_slice(scene, DATA, length),
        .local = rio_slice(scene, LOCAL, sizeof(SOCKADDR_INET)),
        .remote = rio_slice(scene, REMOTE, sizeof(SOCKADDR_INET)),
        .control = rio_slice(scene, CONTROL, CONTROL_SIZE),
        .flags = rio_slice(scene, FLAGS, sizeof(DWORD)),
    };
}

static SOCKADDR_INET *remote_of(struct rio_scene *scene)
{
    return (SOCKADDR_INET *)(void *)(scene->memory + REMOTE);
}

static SOCKADDR_INET *local_of(struct rio_scene *scene)
{
    return (SOCKADDR_INET *)(void *)(scene->memory + LOCAL);
}

static DWORD *flags_of(struct rio_scene *scene)
{
    return (DWORD *)(void *)(scene->memory + FLAGS);
}

static RIO_CMSG_BUFFER *control_of(struct rio_scene *scene)
{
    return (RIO_CMSG_BUFFER *)(void *)(scene->memory + CONTROL);
}

/* The data of the first entry of this kind, NULL: there is none. */
static void *find_control(struct rio_scene *scene, int level, int type)
{
    RIO_CMSG_BUFFER *buffer = control_of(scene);
    WSACMSGHDR *header;

    for (header = RIO_CMSG_FIRSTHDR(buffer); header != NULL;
         header = RIO_CMSG_NEXTHDR(buffer, header))
        if (header->cmsg_level == level && header->cmsg_type == type)
            return header + 1;
    return NULL;
}

static void send_datagram(struct rio_scene *scene, const char *text)
{
    CHECK_RESULT(sendto(scene->peer, text, (int)strlen(text), 0,
                        (struct sockaddr *)&scene->name, sizeof(scene->name)),
                 (int)strlen(text));
}

static void check_name(const SOCKADDR_INET *name,
                       const struct sockaddr_in *expected)
{
    CHECK_EQ(name->si_family, AF_INET);
    CHECK_EQ(name->Ipv4.sin_port, expected->sin_port);
    CHECK_EQ(name->Ipv4.sin_addr.s_addr, expected->sin_addr.s_addr);
}

/* --- Receiving ------------------------------------------------------------ */

static void a_datagram_and_where_it_came_from(void)
{
    struct rio_scene scene;
    struct slices slices;
    const IN_PKTINFO *info;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    set_int_option(scene.s, IPPROTO_IP, IP_PKTINFO, 1);
    slices = slices_of(&scene, 64);
    *flags_of(&scene) = 0x5555;
    CHECK(rio.RIOReceiveEx(scene.queue, &slices.data, 1, &slices.local,
                           &slices.remote, &slices.control, &slices.flags, 0,
                           (PVOID)1));
    rio_is_empty(scene.receives, TEST_QUIET_MS);
    send_datagram(&scene, "a datagram");
    rio_ends(scene.receives, 1, 0, 10);
    CHECK_MEMORY(scene.memory + DATA, "a datagram", 10);
    check_name(remote_of(&scene), &scene.peer_name);
    check_name(local_of(&scene), &scene.name);
    CHECK_EQ(*flags_of(&scene), 0);
    info = find_control(&scene, IPPROTO_IP, IP_PKTINFO);
    CHECK(info != NULL);
    CHECK_EQ(info->ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(control_of(&scene)->TotalLength,
             RIO_CMSG_BASE_SIZE +
                 WSA_CMSGHDR_ALIGN(sizeof(WSACMSGHDR) + sizeof(*info)));
    rio_scene_close(&scene);
}

/* The local address is the datagram's destination, not what the socket is bound
   to. */
static void the_local_address_is_the_destination(void)
{
    struct sockaddr_in any = loopback(0), to;
    struct rio_scene scene;
    struct slices slices;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    close_socket(scene.s);
    scene.s = rio_socket(SOCK_DGRAM);
    any.sin_addr.s_addr = htonl(INADDR_ANY);
    CHECK_OK(bind(scene.s, (struct sockaddr *)&any, sizeof(any)));
    scene.queue = rio.RIOCreateRequestQueue(scene.s, 8, 1, 8, 1, scene.receives,
                                            scene.sends, SCENE_CONTEXT);
    CHECK(scene.queue != RIO_INVALID_RQ);
    slices = slices_of(&scene, 64);
    CHECK(rio.RIOReceiveEx(scene.queue, &slices.data, 1, &slices.local, NULL,
                           NULL, NULL, 0, (PVOID)1));
    to = loopback(ntohs(local_name(scene.s).sin_port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 4);
    CHECK_RESULT(sendto(scene.peer, "x", 1, 0, (struct sockaddr *)&to,
                        sizeof(to)), 1);
    rio_ends(scene.receives, 1, 0, 1);
    check_name(local_of(&scene), &to);
    rio_scene_close(&scene);
}

static void datagrams_keep_their_order(void)
{
    struct rio_scene scene;
    uintptr_t i;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    for (i = 0; i < 4; i++)
        rio_receives(&scene, (ULONG)(8 * i), 8, 0, i);
    send_datagram(&scene, "one");
    send_datagram(&scene, "second");
    send_datagram(&scene, "3");
    send_datagram(&scene, "four");
    rio_ends(scene.receives, 0, 0, 3);
    rio_ends(scene.receives, 1, 0, 6);
    rio_ends(scene.receives, 2, 0, 1);
    rio_ends(scene.receives, 3, 0, 4);
    CHECK_MEMORY(scene.memory + 8, "second", 6);
    CHECK_MEMORY(scene.memory + 24, "four", 4);
    rio_scene_close(&scene);
}

static void a_datagram_that_is_too_long(void)
{
    struct rio_scene scene;
    struct slices slices;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    slices = slices_of(&scene, 4);
    rio_receives(&scene, DATA, 4, 0, 1);
    send_datagram(&scene, "too long");
    rio_ends(scene.receives, 1, WSAEMSGSIZE, 4);
    CHECK_MEMORY(scene.memory + DATA, "too ", 4);
    CHECK(rio.RIOReceiveEx(scene.queue, &slices.data, 1, NULL, &slices.remote,
                           NULL, &slices.flags, 0, (PVOID)2));
    send_datagram(&scene, "too long");
    rio_ends(scene.receives, 2, WSAEMSGSIZE, 4);
    check_name(remote_of(&scene), &scene.peer_name);
    CHECK_EQ(*flags_of(&scene), MSG_TRUNC);
    rio_scene_close(&scene);
}

/* Control data that does not fit is left out, and the flags tell. */
static void control_data_that_is_too_long(void)
{
    struct rio_scene scene;
    struct slices slices;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    set_int_option(scene.s, IPPROTO_IP, IP_PKTINFO, 1);
    slices = slices_of(&scene, 64);
    slices.control.Length = RIO_CMSG_BASE_SIZE;
    CHECK(rio.RIOReceiveEx(scene.queue, &slices.data, 1, NULL, NULL,
                           &slices.control, &slices.flags, 0, (PVOID)1));
    send_datagram(&scene, "x");
    rio_ends(scene.receives, 1, WSAEMSGSIZE, 1);
    CHECK_EQ(*flags_of(&scene), MSG_CTRUNC);
    CHECK_EQ(control_of(&scene)->TotalLength, RIO_CMSG_BASE_SIZE);
    CHECK(RIO_CMSG_FIRSTHDR(control_of(&scene)) == NULL);
    rio_scene_close(&scene);
}

/* Who does not want the payload gives no buffer. */
static void without_data(void)
{
    struct rio_scene scene;
    struct slices slices;
    char byte;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    slices = slices_of(&scene, 0);
    CHECK(rio.RIOReceiveEx(scene.queue, NULL, 0, NULL, &slices.remote, NULL,
                           NULL, 0, (PVOID)1));
    CHECK_RESULT(sendto(scene.peer, "", 0, 0, (struct sockaddr *)&scene.name,
                        sizeof(scene.name)), 0);
    rio_ends(scene.receives, 1, 0, 0);
    check_name(remote_of(&scene), &scene.peer_name);
    remote_of(&scene)->Ipv4 = scene.peer_name;
    CHECK(rio.RIOSendEx(scene.queue, NULL, 0, NULL, &slices.remote, NULL, NULL,
                        0, (PVOID)2));
    rio_ends(scene.sends, 2, 0, 0);
    CHECK_RESULT(recv(scene.peer, &byte, 1, 0), 0);
    rio_scene_close(&scene);
}

/* --- Sending -------------------------------------------------------------- */

static void sending_to_an_address(void)
{
    struct rio_scene scene;
    struct slices slices;
    struct sockaddr_in from;
    char data[16];
    int length = sizeof(from);

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    slices = slices_of(&scene, 5);
    memcpy(scene.memory + DATA, "hello", 5);
    remote_of(&scene)->Ipv4 = scene.peer_name;
    *flags_of(&scene) = 0x5555;
    CHECK(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL, &slices.remote,
                        NULL, &slices.flags, 0, (PVOID)1));
    rio_ends(scene.sends, 1, 0, 5);
    CHECK_EQ(*flags_of(&scene), 0);
    CHECK_RESULT(recvfrom(scene.peer, data, sizeof(data), 0,
                          (struct sockaddr *)&from, &length), 5);
    CHECK_EQ(from.sin_port, scene.name.sin_port);
    /* A connected socket needs none. */
    CHECK_OK(connect(scene.s, (struct sockaddr *)&scene.peer_name,
                     sizeof(scene.peer_name)));
    rio_sends(&scene, DATA, "again", 0, 2);
    rio_ends(scene.sends, 2, 0, 5);
    check_receives(scene.peer, "again");
    rio_scene_close(&scene);
}

/* Deferred datagrams go out together, each to its own address. */
static void deferred_datagrams(void)
{
    struct sockaddr_in other_name;
    struct rio_scene scene;
    struct slices slices;
    SOCKET other;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    other = udp_bound(&other_name);
    slices = slices_of(&scene, 1);
    remote_of(&scene)->Ipv4 = scene.peer_name;
    scene.memory[DATA] = 'a';
    CHECK(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL, &slices.remote,
                        NULL, NULL, RIO_MSG_DEFER, (PVOID)1));
    slices.data.Offset += 1;
    slices.remote.Offset += sizeof(SOCKADDR_INET);
    remote_of(&scene)[1].Ipv4 = other_name;
    scene.memory[DATA + 1] = 'b';
    CHECK(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL, &slices.remote,
                        NULL, NULL, RIO_MSG_DEFER, (PVOID)2));
    CHECK(rio.RIOSendEx(scene.queue, NULL, 0, NULL, NULL, NULL, NULL,
                        RIO_MSG_COMMIT_ONLY, NULL));
    rio_ends(scene.sends, 1, 0, 1);
    rio_ends(scene.sends, 2, 0, 1);
    check_receives(scene.peer, "a");
    check_receives(other, "b");
    close_socket(other);
    rio_scene_close(&scene);
}

/* More than one call of the system's takes, one of them too long. */
static void many_deferred_datagrams(void)
{
    enum { MANY = 80, TOO_LONG = 40 };
    static char memory[70000];
    struct sockaddr_in name, peer_name;
    SOCKET peer = udp_bound(&peer_name), s = rio_socket(SOCK_DGRAM);
    RIO_BUF slice = {.Length = 1};
    RIO_CQ results;
    RIO_RQ queue;
    char byte;
    int i;

    rio_load();
    slice.BufferId = rio.RIORegisterBuffer(memory, sizeof(memory));
    results = rio.RIOCreateCompletionQueue(MANY + 2, NULL);
    CHECK(results != RIO_INVALID_CQ);
    name = loopback(0);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(connect(s, (struct sockaddr *)&peer_name, sizeof(peer_name)));
    queue = rio.RIOCreateRequestQueue(s, 1, 1, MANY, 1, results, results,
                                      SCENE_CONTEXT);
    CHECK(queue != RIO_INVALID_RQ);
    for (i = 0; i < MANY; i++) {
        memory[i] = (char)i;
        slice.Offset = i == TOO_LONG ? 0 : (ULONG)i;
        slice.Length = i == TOO_LONG ? sizeof(memory) : 1;
        CHECK(rio.RIOSend(queue, &slice, 1, RIO_MSG_DEFER,
                          (PVOID)(uintptr_t)(i + 1)));
    }
    rio_is_empty(results, 0);
    CHECK(rio.RIOSend(queue, NULL, 0, RIO_MSG_COMMIT_ONLY, NULL));
    for (i = 0; i < MANY; i++)
        rio_ends(results, (uintptr_t)i + 1, i == TOO_LONG ? WSAEMSGSIZE : 0,
                 i != TOO_LONG);
    for (i = 0; i < MANY; i++) {
        if (i == TOO_LONG)
            continue;
        CHECK_RESULT(recv(peer, &byte, 1, 0), 1);
        CHECK_EQ(byte, i);
    }
    close_socket(s);
    close_socket(peer);
    rio.RIOCloseCompletionQueue(results);
    rio.RIODeregisterBuffer(slice.BufferId);
}

static void control_data_goes_along(void)
{
    struct rio_scene scene;
    struct slices slices;
    WSACMSGHDR *header;
    struct sockaddr_in from;
    int length = sizeof(from);
    IN_PKTINFO info = {.ipi_ifindex = 0};
    char byte;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    close_socket(scene.s);
    scene.s = rio_socket(SOCK_DGRAM);
    scene.queue = rio.RIOCreateRequestQueue(scene.s, 8, 1, 8, 1, scene.receives,
                                            scene.sends, SCENE_CONTEXT);
    CHECK(scene.queue != RIO_INVALID_RQ);
    slices = slices_of(&scene, 1);
    remote_of(&scene)->Ipv4 = scene.peer_name;
    info.ipi_addr.s_addr = htonl(INADDR_LOOPBACK + 6);
    control_of(&scene)->TotalLength =
        (ULONG)(RIO_CMSG_BASE_SIZE +
                WSA_CMSGHDR_ALIGN(sizeof(*header) + sizeof(info)));
    header = RIO_CMSG_FIRSTHDR(control_of(&scene));
    *header = (WSACMSGHDR){sizeof(*header) + sizeof(info), IPPROTO_IP,
                           IP_PKTINFO};
    memcpy(header + 1, &info, sizeof(info));
    CHECK(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL, &slices.remote,
                        &slices.control, NULL, 0, (PVOID)1));
    rio_ends(scene.sends, 1, 0, 1);
    CHECK_RESULT(recvfrom(scene.peer, &byte, 1, 0, (struct sockaddr *)&from,
                          &length), 1);
    CHECK_EQ(from.sin_addr.s_addr, info.ipi_addr.s_addr);
    /* Less than its own length, and more than the slice. */
    control_of(&scene)->TotalLength = 4;
    CHECK_REFUSED(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL,
                                &slices.remote, &slices.control, NULL, 0,
                                NULL), WSAEINVAL);
    control_of(&scene)->TotalLength = CONTROL_SIZE + 1;
    CHECK_REFUSED(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL,
                                &slices.remote, &slices.control, NULL, 0,
                                NULL), WSAEINVAL);
    /* Of no known kind. */
    control_of(&scene)->TotalLength = CONTROL_SIZE;
    header->cmsg_type = 4711;
    CHECK_REFUSED(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL,
                                &slices.remote, &slices.control, NULL, 0,
                                NULL), WSAEINVAL);
    rio_scene_close(&scene);
}

static void version_six(void)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6}, peer_name;
    struct rio_scene scene;
    struct slices slices;
    int length = sizeof(name);
    SOCKET peer;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    close_socket(scene.s);
    scene.s = WSASocketW(AF_INET6, SOCK_DGRAM, 0, NULL, 0,
                         WSA_FLAG_REGISTERED_IO);
    peer = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, 0));
    name.sin6_addr.s6_addr[15] = 1;
    CHECK_OK(bind(scene.s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(bind(peer, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(getsockname(peer, (struct sockaddr *)&peer_name, &length));
    CHECK_OK(getsockname(scene.s, (struct sockaddr *)&name, &length));
    scene.queue = rio.RIOCreateRequestQueue(scene.s, 8, 1, 8, 1, scene.receives,
                                            scene.sends, SCENE_CONTEXT);
    CHECK(scene.queue != RIO_INVALID_RQ);
    slices = slices_of(&scene, 8);
    CHECK(rio.RIOReceiveEx(scene.queue, &slices.data, 1, &slices.local,
                           &slices.remote, NULL, NULL, 0, (PVOID)1));
    CHECK_RESULT(sendto(peer, "six", 3, 0, (struct sockaddr *)&name,
                        sizeof(name)), 3);
    rio_ends(scene.receives, 1, 0, 3);
    CHECK_EQ(remote_of(&scene)->si_family, AF_INET6);
    CHECK_EQ(remote_of(&scene)->Ipv6.sin6_port, peer_name.sin6_port);
    CHECK_EQ(local_of(&scene)->Ipv6.sin6_port, name.sin6_port);
    CHECK_MEMORY(&local_of(&scene)->Ipv6.sin6_addr, &name.sin6_addr, 16);
    CHECK(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL, &slices.remote,
                        NULL, NULL, 0, (PVOID)2));
    rio_ends(scene.sends, 2, 0, 8);
    CHECK(wait_readable(peer, test_timeout(IN_TIME)));
    close_socket(peer);
    rio_scene_close(&scene);
}

/* --- Results that are errors ---------------------------------------------- */

static void addresses_that_are_none(void)
{
    struct rio_scene scene;
    struct slices slices;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    slices = slices_of(&scene, 1);
    /* Nobody's address. */
    remote_of(&scene)->Ipv4 = loopback(0);
    CHECK(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL, &slices.remote,
                        NULL, NULL, 0, (PVOID)1));
    rio_ends(scene.sends, 1, WSAEADDRNOTAVAIL, 0);
    remote_of(&scene)->si_family = 99;
    CHECK(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL, &slices.remote,
                        NULL, NULL, 0, (PVOID)2));
    rio_ends(scene.sends, 2, WSAEAFNOSUPPORT, 0);
    /* None, and no connection. */
    rio_sends(&scene, DATA, "x", 0, 3);
    rio_ends(scene.sends, 3, WSAENOTCONN, 0);
    rio_scene_close(&scene);
}

static void closing_ends_datagram_requests(void)
{
    struct rio_scene scene;
    struct slices slices;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    slices = slices_of(&scene, 64);
    rio_receives(&scene, DATA, 8, 0, 1);
    CHECK(rio.RIOReceiveEx(scene.queue, &slices.data, 1, &slices.local,
                           &slices.remote, &slices.control, &slices.flags, 0,
                           (PVOID)2));
    close_socket(scene.s);
    scene.s = INVALID_SOCKET;
    rio_ends(scene.receives, 1, WSA_OPERATION_ABORTED, 0);
    rio_ends(scene.receives, 2, WSA_OPERATION_ABORTED, 0);
    rio_scene_close(&scene);
}

/* --- Streams -------------------------------------------------------------- */

/* The addresses of a connection are its ends'. */
static void addresses_of_a_stream(void)
{
    struct rio_scene scene;
    struct slices slices;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    slices = slices_of(&scene, 8);
    CHECK(rio.RIOReceiveEx(scene.queue, &slices.data, 1, &slices.local,
                           &slices.remote, NULL, &slices.flags, 0, (PVOID)1));
    send_all(scene.peer, "data", 4);
    rio_ends(scene.receives, 1, 0, 4);
    check_name(local_of(&scene), &scene.name);
    check_name(remote_of(&scene), &scene.peer_name);
    CHECK_EQ(*flags_of(&scene), 0);
    CHECK(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL, NULL, NULL,
                        &slices.flags, 0, (PVOID)2));
    rio_ends(scene.sends, 2, 0, 8);
    CHECK_REFUSED(rio.RIOReceiveEx(scene.queue, &slices.data, 1, NULL, NULL,
                                   &slices.control, NULL, 0, NULL), WSAEINVAL);
    rio_scene_close(&scene);
}

/* --- Bad requests --------------------------------------------------------- */

static void requests_that_are_none(void)
{
    struct rio_scene scene;
    struct slices slices;
    RIO_BUF *optional[4], saved;
    int i;

    rio_scene_open(&scene, SOCK_DGRAM, NULL);
    slices = slices_of(&scene, 8);
    remote_of(&scene)->Ipv4 = scene.peer_name;
    control_of(&scene)->TotalLength = RIO_CMSG_BASE_SIZE;
    CHECK_REFUSED(rio.RIOReceive(scene.queue, &slices.data, 1, RIO_MSG_WAITALL,
                                 NULL), WSAEINVAL);
    /* The local address of a send is reserved. */
    CHECK_REFUSED(rio.RIOSendEx(scene.queue, &slices.data, 1, &slices.local,
                                &slices.remote, NULL, NULL, 0, NULL),
                  WSAEINVAL);
    CHECK_REFUSED(rio.RIOSendEx(scene.queue, NULL, 0, NULL, &slices.remote,
                                NULL, NULL, RIO_MSG_COMMIT_ONLY, NULL),
                  WSAEINVAL);
    optional[0] = &slices.local;
    optional[1] = &slices.remote;
    optional[2] = &slices.control;
    optional[3] = &slices.flags;
    for (i = 0; i < 4; i++) {
        saved = *optional[i];
        /* Too short, beyond the end, of no buffer, no memory. */
        optional[i]->Length = 3;
        CHECK_REFUSED(rio.RIOReceiveEx(scene.queue, &slices.data, 1,
                                       &slices.local, &slices.remote,
                                       &slices.control, &slices.flags, 0, NULL),
                      WSAEINVAL);
        optional[i]->Length = SCENE_MEMORY;
        CHECK_REFUSED(rio.RIOReceiveEx(scene.queue, &slices.data, 1,
                                       &slices.local, &slices.remote,
                                       &slices.control, &slices.flags, 0, NULL),
                      WSAEINVAL);
        *optional[i] = saved;
        optional[i]->BufferId = RIO_INVALID_BUFFERID;
        CHECK_REFUSED(rio.RIOReceiveEx(scene.queue, &slices.data, 1,
                                       &slices.local, &slices.remote,
                                       &slices.control, &slices.flags, 0, NULL),
                      WSAEFAULT);
        if (i > 0)
            CHECK_REFUSED(rio.RIOSendEx(scene.queue, &slices.data, 1, NULL,
                                        &slices.remote, &slices.control,
                                        &slices.flags, 0, NULL),
                          i == 0 ? WSAEINVAL : WSAEFAULT);
        *optional[i] = saved;
    }
    CHECK_REFUSED(rio.RIOReceiveEx(scene.queue, &slices.data, 1, BAD, NULL,
                                   NULL, NULL, 0, NULL), WSAEFAULT);
    CHECK_REFUSED(rio.RIOReceiveEx(scene.queue, &slices.data, 1, NULL, BAD,
                                   NULL, NULL, 0, NULL), WSAEFAULT);
    CHECK_REFUSED(rio.RIOReceiveEx(scene.queue, &slices.data, 1, NULL, NULL,
                                   BAD, NULL, 0, NULL), WSAEFAULT);
    CHECK_REFUSED(rio.RIOReceiveEx(scene.queue, &slices.data, 1, NULL, NULL,
                                   NULL, BAD, 0, NULL), WSAEFAULT);
    rio_scene_close(&scene);
}

static const struct test_case cases[] = {
    TEST_CASE(a_datagram_and_where_it_came_from, "RIOReceiveEx"),
    TEST_CASE(the_local_address_is_the_destination,
              "RIOReceiveEx: pLocalAddress"),
    TEST_CASE(datagrams_keep_their_order, "RIO_RQ: a queue"),
    TEST_CASE(a_datagram_that_is_too_long, "03 7: WSAEMSGSIZE; pFlags"),
    TEST_CASE(control_data_that_is_too_long, "RIOReceiveEx: pControlContext"),
    TEST_CASE(without_data, "RIOReceive, RIOSend: pData may be NULL"),
    TEST_CASE(sending_to_an_address, "RIOSendEx: pRemoteAddress"),
    TEST_CASE(deferred_datagrams, "RIOSendEx: RIO_MSG_DEFER"),
    TEST_CASE(many_deferred_datagrams, "RIOSend: RIO_MSG_DEFER, in order"),
    TEST_CASE(control_data_goes_along, "RIOSendEx: pControlContext"),
    TEST_CASE(version_six, "RIOReceiveEx: SOCKADDR_INET"),
    TEST_CASE(addresses_that_are_none, "RIORESULT: Status"),
    TEST_CASE(closing_ends_datagram_requests,
              "RIOReceiveEx: WSA_OPERATION_ABORTED"),
    TEST_CASE(addresses_of_a_stream, "RIOReceiveEx: on a connection"),
    TEST_CASE(requests_that_are_none, "RIOSendEx, RIOReceiveEx: errors"),
    TEST_END
};
TEST_MAIN("registered_io_datagrams", cases, NULL)
