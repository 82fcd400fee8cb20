/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reservations of ports: SIO_ACQUIRE_PORT_RESERVATION,
 * SIO_ASSOCIATE_PORT_RESERVATION, SIO_RELEASE_PORT_RESERVATION.
 * Sources: Microsoft's pages of the three codes, INET_PORT_RANGE,
 * CreatePersistentTcpPortReservation; that a reserved port is WSAEACCES for
 * others is what Windows tells of its excluded ranges.
 */
#include "support/places.h"
#include "support/remote.h"

enum {
    ACQUIRE = (int)0x98000064, RELEASE = (int)0x98000065,
    ASSOCIATE = (int)0x98000066,
};

struct range {
    USHORT start; /* network order */
    USHORT count;
};
struct instance {
    struct range range;
    ULONGLONG token;
};

/* 0 or the error. */
static int acquire(SOCKET s, unsigned start, unsigned count,
                   struct instance *ret)
{
    struct range range = {htons((u_short)start), (USHORT)count};
    DWORD size = 99;

    memset(ret, 0, sizeof(*ret));
    if (WSAIoctl(s, (DWORD)ACQUIRE, &range, sizeof(range), ret, sizeof(*ret),
                 &size, NULL, NULL) != 0)
        return WSAGetLastError();
    CHECK_EQ(size, sizeof(*ret));
    CHECK_EQ(ret->range.count, count);
    CHECK(ret->token != 0);
    return 0;
}

static int with_token(SOCKET s, int code, ULONGLONG token)
{
    DWORD size = 99;

    if (WSAIoctl(s, (DWORD)code, &token, sizeof(token), NULL, 0, &size, NULL,
                 NULL) != 0)
        return WSAGetLastError();
    CHECK_EQ(size, 0);
    return 0;
}

static SOCKET socket_of(int type)
{
    return type == SOCK_STREAM ? tcp_socket() : udp_socket();
}

static SOCKET associated(int type, ULONGLONG token)
{
    SOCKET s = socket_of(type);

    CHECK_EQ(with_token(s, ASSOCIATE, token), 0);
    return s;
}

static int bind_error(SOCKET s, const struct sockaddr_in *name)
{
    return bind_to(s, name) == 0 ? 0 : WSAGetLastError();
}

static unsigned port_of(SOCKET s)
{
    return ntohs(local_name(s).sin_port);
}

static int is_in(unsigned port, const struct instance *instance)
{
    const unsigned first = ntohs(instance->range.start);

    return port >= first && port < first + instance->range.count;
}

static const int types[] = {SOCK_STREAM, SOCK_DGRAM};

/* --- The pages' examples -------------------------------------------------- */

static void a_block_anywhere(void)
{
    struct sockaddr_in any = loopback(0);
    struct instance instance;
    SOCKET owner, s[3], late;
    int i, j;

    for (i = 0; i < 2; i++) {
        owner = socket_of(types[i]);
        CHECK_EQ(acquire(owner, 0, 3, &instance), 0);
        CHECK(ntohs(instance.range.start) != 0);
        for (j = 0; j < 3; j++) {
            s[j] = associated(types[i], instance.token);
            CHECK_OK(bind_to(s[j], &any));
            CHECK(is_in(port_of(s[j]), &instance));
        }
        CHECK(port_of(s[0]) != port_of(s[1]) && port_of(s[1]) != port_of(s[2]));
        /* "If no ports are available from the specified reservation, the bind
           function call will fail." */
        late = associated(types[i], instance.token);
        CHECK_ERROR(bind_to(late, &any), WSAENOBUFS);
        close_socket(s[1]);
        CHECK_OK(bind_to(late, &any));
        close_socket(late);
        close_socket(s[0]);
        close_socket(s[2]);
        CHECK_EQ(with_token(owner, RELEASE, instance.token), 0);
        CHECK_EQ(with_token(owner, RELEASE, instance.token), WSAEINVAL);
        close_socket(owner);
    }
}

/* The socket that acquires may consume, too. */
static void its_own_socket_consumes(void)
{
    struct sockaddr_in any = loopback(0);
    struct instance instance;
    SOCKET s = tcp_socket();

    CHECK_EQ(acquire(s, 0, 1, &instance), 0);
    CHECK_EQ(with_token(s, ASSOCIATE, instance.token), 0);
    CHECK_OK(bind_to(s, &any));
    CHECK(is_in(port_of(s), &instance));
    CHECK_OK(listen(s, 5));
    close_socket(s);
}

/* --- Who may be bound ----------------------------------------------------- */

static void others_are_refused(int type, unsigned port, int expected,
                               struct peer *peer)
{
    static const enum sharing modes[] = {SHARING_DEFAULT, SHARING_REUSE,
                                         SHARING_EXCLUSIVE};
    struct sockaddr_in one = loopback(port), all = wildcard(port);
    SOCKET s;
    int i;

    for (i = 0; i < 3; i++) {
        s = socket_of(type);
        set_sharing(s, modes[i]);
        EXPECT_EQ(bind_error(s, &one), expected);
        close_socket(s);
        s = socket_of(type);
        set_sharing(s, modes[i]);
        EXPECT_EQ(bind_error(s, &all), expected);
        close_socket(s);
    }
    s = remote_socket(peer, AF_INET, type, 0);
    EXPECT_EQ(remote_bind(peer, s, &one) == 0 ? 0 : WSAGetLastError(),
              expected);
    CHECK_OK(remote_close(peer, s));
}

static void reserved_ports_are_refused_to_others(void)
{
    struct peer *peer = remote_start();
    struct instance instance;
    int i;

    for (i = 0; i < 2; i++) {
        struct place place = place_find(types[i]);
        struct sockaddr_in name = loopback(place.port);
        struct sockaddr_in all = wildcard(place.port);
        SOCKET owner = socket_of(types[i]), s, other;

        CHECK_EQ(acquire(owner, place.port, 1, &instance), 0);
        CHECK_EQ(instance.range.start, htons((u_short)place.port));
        others_are_refused(types[i], place.port, WSAEACCES, peer);
        /* The other protocol has ports of its own: the guard has this one. */
        other = socket_of(types[!i]);
        EXPECT_EQ(bind_error(other, &all), WSAEADDRINUSE);
        close_socket(other);

        s = associated(types[i], instance.token);
        CHECK_OK(bind_to(s, &name)); /* by its number */
        CHECK_EQ(port_of(s), place.port);
        others_are_refused(types[i], place.port, WSAEACCES, peer);
        close_socket(s);
        CHECK_EQ(with_token(owner, RELEASE, instance.token), 0);
        others_are_refused(types[i], place.port, 0, peer);
        close_socket(owner);
        place_leave(&place);
    }
    remote_end(peer);
}

static void both_families_are_reserved(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in6 name;
    SOCKET owner = tcp_socket(), s = socket(AF_INET6, SOCK_STREAM, 0);
    struct instance instance;

    memset(&name, 0, sizeof(name));
    name.sin6_family = AF_INET6;
    name.sin6_port = htons((u_short)place.port);
    name.sin6_addr.s6_addr[15] = 1;
    CHECK_EQ(acquire(owner, place.port, 1, &instance), 0);
    if (s != INVALID_SOCKET) {
        CHECK_ERROR(bind(s, (struct sockaddr *)&name, sizeof(name)),
                    WSAEACCES);
        CHECK_EQ(with_token(s, ASSOCIATE, instance.token), 0);
        CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
        CHECK_OK(listen(s, 5));
        close_socket(s);
    }
    close_socket(owner);
    place_leave(&place);
}

/* An associated socket has no port outside of its reservation. */
static void associated_sockets_stay_inside(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in outside = loopback(place.port);
    struct instance instance;
    SOCKET owner = tcp_socket(), s;

    CHECK_EQ(acquire(owner, 0, 2, &instance), 0);
    s = associated(SOCK_STREAM, instance.token);
    CHECK_ERROR(bind_to(s, &outside), WSAEINVAL);
    outside.sin_port = 0;
    CHECK_OK(bind_to(s, &outside));
    close_socket(s);
    close_socket(owner);
    place_leave(&place);
}

/* Data goes through sockets on reserved ports, listeners and datagrams, and
   a connect and a first send take theirs from the reservation. */
static void reserved_ports_work(void)
{
    struct sockaddr_in any = loopback(0), all = wildcard(0), name;
    struct instance streams, datagrams;
    SOCKET owner = tcp_socket(), owner2 = udp_socket(), listener, client,
           server, u, v;

    CHECK_EQ(acquire(owner, 0, 4, &streams), 0);
    CHECK_EQ(acquire(owner2, 0, 4, &datagrams), 0);
    listener = associated(SOCK_STREAM, streams.token);
    CHECK_OK(bind_to(listener, &all));
    CHECK_OK(listen(listener, 5));
    name = loopback(port_of(listener));
    client = associated(SOCK_STREAM, streams.token);
    CHECK_OK(connect(client, (struct sockaddr *)&name, sizeof(name)));
    CHECK(is_in(port_of(client), &streams));
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(client, server, "to a reserved port");
    close_socket(client);
    close_socket(server);
    close_socket(listener);

    u = associated(SOCK_DGRAM, datagrams.token);
    CHECK_OK(bind_to(u, &any));
    v = associated(SOCK_DGRAM, datagrams.token);
    name = local_name(u);
    CHECK_RESULT(sendto(v, "one", 3, 0, (struct sockaddr *)&name,
                        sizeof(name)), 3);
    check_receives(u, "one");
    CHECK(is_in(port_of(v), &datagrams));
    close_socket(u);
    close_socket(v);

    v = associated(SOCK_DGRAM, datagrams.token);
    CHECK_OK(connect(v, (struct sockaddr *)&name, sizeof(name)));
    CHECK(is_in(port_of(v), &datagrams));
    close_socket(v);
    close_socket(owner2);
    close_socket(owner);
}

/* Ports that the system chooses are not reserved ones: the block lies where it
   chooses. */
static void chosen_ports_are_not_reserved(void)
{
    enum { SOCKETS = 300 };
    static SOCKET s[SOCKETS];
    struct sockaddr_in any = loopback(0);
    struct instance instance;
    SOCKET owner = udp_socket(), owner2 = tcp_socket();
    int error, i, type;

    for (type = 0; type < 2; type++) {
        /* Where one was chosen just now. */
        SOCKET hint = socket_of(types[type]);
        unsigned port;

        CHECK_OK(bind_to(hint, &any));
        port = port_of(hint);
        close_socket(hint);
        error = acquire(types[type] == SOCK_DGRAM ? owner : owner2, port, 1,
                        &instance);
        if (error == WSAEADDRINUSE)
            continue; /* somebody else's by now */
        CHECK_EQ(error, 0);
        for (i = 0; i < SOCKETS; i++) {
            s[i] = socket_of(types[type]);
            CHECK_OK(bind_to(s[i], &any));
            EXPECT(!is_in(port_of(s[i]), &instance));
        }
        for (i = 0; i < SOCKETS; i++)
            close_socket(s[i]);
    }
    close_socket(owner);
    close_socket(owner2);
}

/* --- How long it lives ---------------------------------------------------- */

static void it_lives_as_long_as_its_socket(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = loopback(place.port), any = loopback(0);
    struct instance instance, second;
    SOCKET owner = tcp_socket(), other, bound, s;

    CHECK_EQ(acquire(owner, place.port, 1, &instance), 0);
    other = duplicate_here(owner);
    close_socket(owner);
    s = tcp_socket();
    CHECK_ERROR(bind_to(s, &name), WSAEACCES); /* another descriptor has it */
    bound = associated(SOCK_STREAM, instance.token);
    close_socket(other);
    CHECK_ERROR(bind_to(bound, &any), WSAENOBUFS); /* of no reservation now */
    CHECK_EQ(with_token(s, ASSOCIATE, instance.token), WSAEINVAL);
    CHECK_OK(bind_to(s, &name));
    close_socket(s);
    close_socket(bound);

    /* Who is bound stays so. */
    owner = tcp_socket();
    CHECK_EQ(acquire(owner, place.port, 1, &second), 0);
    CHECK(second.token != instance.token);
    bound = associated(SOCK_STREAM, second.token);
    CHECK_OK(bind_to(bound, &any));
    close_socket(owner);
    CHECK_EQ(port_of(bound), place.port);
    CHECK_OK(listen(bound, 5));
    s = tcp_socket();
    CHECK_ERROR(bind_to(s, &name), WSAEADDRINUSE);
    close_socket(s);
    close_socket(bound);
    place_leave(&place);
}

/* Acquires the port that it is told, and says its token; then it is told to
   end. */
static void holder(struct peer *parent, int n_arguments, char **arguments)
{
    struct instance instance;
    unsigned port;
    SOCKET owner = tcp_socket();
    char go;

    (void)n_arguments;
    (void)arguments;
    peer_receive(parent, &port, sizeof(port));
    CHECK_EQ(acquire(owner, port, 1, &instance), 0);
    peer_send(parent, &instance.token, sizeof(instance.token));
    peer_receive(parent, &go, 1);
}

/* "The port pool requires that reservations be consumed from the process on
   whose socket the reservation was granted." */
static void it_belongs_to_its_process(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = loopback(place.port);
    struct peer *peer = peer_start("holder", NULL);
    struct instance instance;
    ULONGLONG token;
    SOCKET s = tcp_socket();

    peer_send(peer, &place.port, sizeof(place.port));
    peer_receive(peer, &token, sizeof(token));
    CHECK_EQ(with_token(s, ASSOCIATE, token), WSAEINVAL);
    CHECK_EQ(with_token(s, RELEASE, token), WSAEINVAL);
    CHECK_EQ(acquire(s, place.port, 1, &instance), WSAEADDRINUSE);
    CHECK_ERROR(bind_to(s, &name), WSAEACCES);
    peer_send(peer, "", 1);
    CHECK_EQ(peer_wait(peer), 0);
    CHECK_OK(bind_to(s, &name)); /* its process has ended */
    close_socket(s);
    place_leave(&place);
}

static void it_ends_with_a_killed_process(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = loopback(place.port);
    struct peer *peer = peer_start("holder", NULL);
    ULONGLONG token;
    SOCKET s = tcp_socket();

    peer_send(peer, &place.port, sizeof(place.port));
    peer_receive(peer, &token, sizeof(token));
    CHECK_ERROR(bind_to(s, &name), WSAEACCES);
    peer_kill(peer);
    CHECK_OK(bind_to(s, &name));
    close_socket(s);
    place_leave(&place);
}

/* --- Refusals ------------------------------------------------------------- */

static void ranges_in_use(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = loopback(place.port);
    struct instance instance, other;
    SOCKET owner = tcp_socket(), s = tcp_socket(), client, server;

    CHECK_OK(bind_to(s, &name));
    EXPECT_EQ(acquire(owner, place.port, 1, &instance), WSAEADDRINUSE);
    CHECK_OK(listen(s, 5));
    EXPECT_EQ(acquire(owner, place.port, 1, &instance), WSAEADDRINUSE);
    EXPECT_EQ(acquire(owner, place.port - 1, 2, &instance), WSAEADDRINUSE);
    close_socket(s);
    CHECK_EQ(acquire(owner, place.port, 1, &instance), 0);
    EXPECT_EQ(acquire(owner, place.port, 1, &other), WSAEADDRINUSE); /* twice */
    EXPECT_EQ(acquire(owner, place.port - 1, 2, &other), WSAEADDRINUSE);
    CHECK_EQ(with_token(owner, RELEASE, instance.token), 0);

    /* Of a connection, which the system has bound. */
    tcp_pair(&client, &server);
    EXPECT_EQ(acquire(owner, port_of(client), 1, &other), WSAEADDRINUSE);
    close_socket(client);
    close_socket(server);
    close_socket(owner);
    place_leave(&place);
}

static void a_socket_may_own_several(void)
{
    struct sockaddr_in any = loopback(0);
    struct instance first, second;
    SOCKET owner = tcp_socket(), s;

    CHECK_EQ(acquire(owner, 0, 1, &first), 0);
    CHECK_EQ(acquire(owner, 0, 1, &second), 0);
    CHECK(first.token != second.token);
    CHECK(first.range.start != second.range.start);
    CHECK_EQ(with_token(owner, RELEASE, first.token), 0);
    s = associated(SOCK_STREAM, second.token);
    CHECK_OK(bind_to(s, &any));
    CHECK(is_in(port_of(s), &second));
    close_socket(s);
    close_socket(owner);
}

static void tokens_that_are_wrong(void)
{
    struct sockaddr_in any = loopback(0);
    struct instance instance;
    SOCKET owner = tcp_socket(), u = udp_socket(), s = tcp_socket();

    EXPECT_EQ(with_token(s, ASSOCIATE, 0), WSAEINVAL);
    EXPECT_EQ(with_token(s, ASSOCIATE, 0x123456789abcdef0), WSAEINVAL);
    EXPECT_EQ(with_token(s, RELEASE, 0), WSAEINVAL);
    CHECK_EQ(acquire(owner, 0, 2, &instance), 0);
    EXPECT_EQ(with_token(s, ASSOCIATE, instance.token + 1), WSAEINVAL);
    EXPECT_EQ(with_token(u, ASSOCIATE, instance.token), WSAEINVAL);
    EXPECT_EQ(with_token(u, RELEASE, instance.token), WSAEINVAL);
    /* "This IOCTL must be issued before the socket is bound." */
    CHECK_OK(bind_to(s, &any));
    EXPECT_EQ(with_token(s, ASSOCIATE, instance.token), WSAEINVAL);
    close_socket(s);
    s = associated(SOCK_STREAM, instance.token);
    EXPECT_EQ(with_token(s, ASSOCIATE, instance.token), WSAEINVAL); /* twice */
    CHECK_OK(bind_to(s, &any));
    close_socket(s);
    close_socket(u);
    close_socket(owner);
}

static void ranges_that_there_are_not(void)
{
    struct instance instance;
    SOCKET s = tcp_socket();

    EXPECT_EQ(acquire(s, 0, 0, &instance), WSAEINVAL);
    EXPECT_EQ(acquire(s, 20000, 0, &instance), WSAEINVAL);
    EXPECT_EQ(acquire(s, 65535, 2, &instance), WSAEINVAL);
    EXPECT_EQ(acquire(s, 1, 65535, &instance), WSAENOBUFS);
    close_socket(s);
}

static int control_error(SOCKET s, int code, const void *in, DWORD in_size,
                         void *out, DWORD out_size, DWORD *ret_size)
{
    *ret_size = 99;
    return WSAIoctl(s, (DWORD)code, (void *)in, in_size, out, out_size,
                    ret_size, NULL, NULL) == 0
               ? 0
               : WSAGetLastError();
}

static void buffers(void)
{
    static const int with_tokens[] = {ASSOCIATE, RELEASE};
    struct range range = {0, 1};
    struct instance instance;
    ULONGLONG token = 5;
    SOCKET s = tcp_socket();
    DWORD size;
    int i;

    EXPECT_EQ(control_error(s, ACQUIRE, &range, 3, &instance, sizeof(instance),
                            &size), WSAEFAULT);
    EXPECT_EQ(control_error(s, ACQUIRE, NULL, 4, &instance, sizeof(instance),
                            &size), WSAEFAULT);
    EXPECT_EQ(control_error(s, ACQUIRE, (void *)16, 4, &instance,
                            sizeof(instance), &size), WSAEFAULT);
    /* "If the output buffer is too small, the call fails, WSAGetLastError
       returns WSAEINVAL, and lpcbBytesReturned points to zero." */
    EXPECT_EQ(control_error(s, ACQUIRE, &range, 4, &instance,
                            sizeof(instance) - 1, &size), WSAEINVAL);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(control_error(s, ACQUIRE, &range, 4, NULL, sizeof(instance),
                            &size), WSAEFAULT);
    EXPECT_EQ(control_error(s, ACQUIRE, &range, 4, (void *)16,
                            sizeof(instance), &size), WSAEFAULT);
    for (i = 0; i < 2; i++) {
        EXPECT_EQ(control_error(s, with_tokens[i], &token, 7, NULL, 0, &size),
                  WSAEFAULT);
        EXPECT_EQ(control_error(s, with_tokens[i], NULL, 8, NULL, 0, &size),
                  WSAEFAULT);
        EXPECT_EQ(control_error(s, with_tokens[i], (void *)16, 8, NULL, 0,
                                &size), WSAEFAULT);
        EXPECT_EQ(control_error(s, with_tokens[i], &token, 8, NULL, 0, &size),
                  WSAEINVAL);
        EXPECT_EQ(size, 0);
    }
    close_socket(s);
    EXPECT_EQ(control_error(s, ACQUIRE, &range, 4, &instance, sizeof(instance),
                            &size), WSAENOTSOCK);
    EXPECT_EQ(control_error(s, RELEASE, &token, 8, NULL, 0, &size),
              WSAENOTSOCK);
}

/* "an attempt ... is made on a socket other than UDP or TCP" */
static void other_sockets(void)
{
    static const int codes[] = {ACQUIRE, ASSOCIATE, RELEASE};
    struct range range = {0, 1};
    struct instance instance;
    char in[8] = "";
    SOCKET s[2] = {socket(AF_UNIX, SOCK_STREAM, 0),
                   socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)};
    DWORD size;
    int i, j;

    memcpy(in, &range, sizeof(range));
    for (i = 0; i < 2; i++) {
        if (s[i] == INVALID_SOCKET)
            continue; /* raw sockets may need rights */
        for (j = 0; j < 3; j++)
            EXPECT_EQ(control_error(s[i], codes[j], in, sizeof(in), &instance,
                                    sizeof(instance), &size), WSAEOPNOTSUPP);
        close_socket(s[i]);
    }
}

static void overlapped_calls(void)
{
    struct range range = {0, 1};
    struct instance instance;
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    DWORD size = 99, flags;
    SOCKET s = tcp_socket();

    CHECK_OK(WSAIoctl(s, (DWORD)ACQUIRE, &range, sizeof(range), &instance,
                      sizeof(instance), &size, &overlapped, NULL));
    event_wait(overlapped.hEvent);
    CHECK(WSAGetOverlappedResult(s, &overlapped, &size, FALSE, &flags));
    CHECK(instance.token != 0);
    CHECK_EQ(with_token(s, ASSOCIATE, instance.token), 0);
    CHECK(WSACloseEvent(overlapped.hEvent));
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(a_block_anywhere, "SIO_ACQUIRE_PORT_RESERVATION: its example"),
    TEST_CASE(its_own_socket_consumes, "the example, as it stands"),
    TEST_CASE(reserved_ports_are_refused_to_others, "WSAEACCES for others"),
    TEST_CASE(both_families_are_reserved, "a block of TCP or UDP ports"),
    TEST_CASE(associated_sockets_stay_inside,
              "ASSOCIATE: the port will be selected from the reservation"),
    TEST_CASE(reserved_ports_work, "data on reserved ports"),
    TEST_CASE(chosen_ports_are_not_reserved, "port 0 beside a reservation"),
    TEST_CASE(it_lives_as_long_as_its_socket,
              "as long as the lifetime of the socket"),
    TEST_CASE(it_belongs_to_its_process, "consumed from the process"),
    /* Wine may report a process's end before its descriptors are closed. */
    TEST_CASE_WITH(it_ends_with_a_killed_process,
                   "as long as the lifetime of the socket",
                   .flags = TEST_NATIVE_ONLY),
    TEST_CASE(ranges_in_use, "WSAEADDRINUSE"),
    TEST_CASE(a_socket_may_own_several, "several on one socket"),
    TEST_CASE(tokens_that_are_wrong, "WSAEINVAL"),
    TEST_CASE(ranges_that_there_are_not, "WSAEINVAL, WSAENOBUFS"),
    TEST_CASE(buffers, "WSAEFAULT, WSAEINVAL"),
    TEST_CASE(other_sockets, "WSAEOPNOTSUPP"),
    TEST_CASE(overlapped_calls, "with an OVERLAPPED"),
    TEST_END
};
static const struct test_role roles[] = {TEST_ROLE(holder), TEST_ROLES_END};

TEST_MAIN("port_reservations", cases, roles)
