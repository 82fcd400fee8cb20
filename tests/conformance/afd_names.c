/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AFD's codes for binding, listening, names and sending, on SOCKETs.  For Wine:
 * natively there is no such device.
 */
#include "support/sockets.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

#define IOCTL_AFD_BIND 0x00012003
#define IOCTL_AFD_START_LISTEN 0x0001200b
#define IOCTL_AFD_SEND 0x0001201f
#define IOCTL_AFD_GET_ADDRESS 0x0001202f
#define IOCTL_AFD_GET_REMOTE_ADDRESS 0x0001203f

/* A call with an event, up to its end. */
static NTSTATUS control(SOCKET s, ULONG code, const void *in, size_t in_size,
                        void *out, size_t out_size, ULONG_PTR *ret_information)
{
    IO_STATUS_BLOCK block = {.Status = 0xdead, .Information = 0xdead};
    WSAEVENT event = event_create();
    NTSTATUS status = NtDeviceIoControlFile(
        (HANDLE)s, event, NULL, NULL, &block, code, (void *)(uintptr_t)in,
        (ULONG)in_size, out, (ULONG)out_size);

    if (status == STATUS_PENDING)
        event_wait(event);
    if (status == STATUS_PENDING || status == STATUS_SUCCESS) {
        CHECK(event_is_signalled(event, 0));
        status = block.Status;
        if (ret_information)
            *ret_information = block.Information;
    }
    CHECK(WSACloseEvent(event));
    return status;
}

/* --- Binding -------------------------------------------------------------- */

struct bind_in {
    int share;
    struct sockaddr_in name;
};

static NTSTATUS afd_bind(SOCKET s, const struct sockaddr_in *name,
                         struct sockaddr_in *ret_name)
{
    struct bind_in in = {.name = *name};
    ULONG_PTR information = 77;
    NTSTATUS status = control(s, IOCTL_AFD_BIND, &in, sizeof(in), ret_name,
                              sizeof(*ret_name), &information);

    if (!status)
        CHECK_EQ(information, sizeof(*ret_name));
    return status;
}

static void binding(void)
{
    struct sockaddr_in any = loopback(0), got, same, elsewhere = loopback(0);
    int length = sizeof(same), type;
    SOCKET s, other;

    elsewhere.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1 */
    for (type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
        s = CHECK_SOCKET(socket(AF_INET, type, 0));
        other = CHECK_SOCKET(socket(AF_INET, type, 0));
        CHECK_EQ(afd_bind(s, &elsewhere, &got),
                 STATUS_INVALID_ADDRESS_COMPONENT);
        CHECK_EQ(afd_bind(s, &any, &got), STATUS_SUCCESS);
        CHECK(got.sin_port != 0);
        CHECK_EQ(got.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
        CHECK_OK(getsockname(s, (struct sockaddr *)&same, &length));
        CHECK_MEMORY(&got, &same, sizeof(got));
        CHECK_EQ(afd_bind(s, &any, &got), STATUS_ADDRESS_ALREADY_ASSOCIATED);
        CHECK_EQ(afd_bind(other, &same, &got), STATUS_SHARING_VIOLATION);
        close_socket(s);
        close_socket(other);
    }
}

/* AFD_SHARE_REUSE, AFD_SHARE_EXCLUSIVE. */
static void sharing(void)
{
    struct bind_in in = {.share = 1, .name = loopback(0)};
    SOCKET s = udp_socket(), other = udp_socket();
    struct sockaddr_in got;

    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, sizeof(in), &got, sizeof(got),
                     NULL), STATUS_SUCCESS);
    in.name = got;
    CHECK_EQ(control(other, IOCTL_AFD_BIND, &in, sizeof(in), &got,
                     sizeof(got), NULL), STATUS_SUCCESS);
    close_socket(s);
    close_socket(other);
    s = udp_socket();
    other = udp_socket();
    in.share = 3;
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, sizeof(in), &got, sizeof(got),
                     NULL), STATUS_SUCCESS);
    in.share = 1;
    CHECK(control(other, IOCTL_AFD_BIND, &in, sizeof(in), &got, sizeof(got),
                  NULL) != STATUS_SUCCESS);
    close_socket(s);
    close_socket(other);
}

static void binding_ipv6(void)
{
    struct {
        int share;
        struct sockaddr_in6 name;
    } in = {.name = {.sin6_family = AF_INET6}};
    struct sockaddr_in6 got;
    SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
    ULONG_PTR n = 0;

    if (s == INVALID_SOCKET)
        SKIP("no IPv6 here");
    in.name.sin6_addr.s6_addr[15] = 1;
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, sizeof(in) - 1, &got, sizeof(got),
                     NULL), STATUS_INVALID_ADDRESS);
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, sizeof(in), &got, sizeof(got) - 1,
                     NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, sizeof(in), &got, sizeof(got),
                     &n), STATUS_SUCCESS);
    CHECK_EQ(n, sizeof(got));
    CHECK(got.sin6_port != 0);
    close_socket(s);
}

static void bad_names_to_bind(void)
{
    struct bind_in in = {.name = loopback(0)};
    struct sockaddr_in got;
    SOCKET s = tcp_socket();

    CHECK_EQ(control(s, IOCTL_AFD_BIND, NULL, 0, &got, sizeof(got), NULL),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, 5, &got, sizeof(got), NULL),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, 6, &got, sizeof(got), NULL),
             STATUS_INVALID_ADDRESS);
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, sizeof(in) - 1, &got, sizeof(got),
                     NULL), STATUS_INVALID_ADDRESS);
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, sizeof(in), &got, sizeof(got) - 1,
                     NULL), STATUS_INVALID_PARAMETER);
    in.name.sin_family = 0xdea;
    CHECK_EQ(control(s, IOCTL_AFD_BIND, &in, sizeof(in), &got, sizeof(got),
                     NULL), STATUS_INVALID_ADDRESS);
    /* Nothing of it has bound the socket. */
    in.name = loopback(0);
    CHECK_OK(bind(s, (struct sockaddr *)&in.name, sizeof(in.name)));
    close_socket(s);
}

/* --- Listening ------------------------------------------------------------ */

static void listening(void)
{
    struct {
        int san, backlog, delayed;
    } in = {.backlog = 5};
    struct sockaddr_in any = loopback(0), name;
    SOCKET s = tcp_socket(), client, server;

    CHECK_EQ(control(s, IOCTL_AFD_START_LISTEN, &in, sizeof(in), NULL, 0,
                     NULL), STATUS_INVALID_PARAMETER); /* not bound */
    CHECK_EQ(afd_bind(s, &any, &name), STATUS_SUCCESS);
    CHECK_EQ(control(s, IOCTL_AFD_START_LISTEN, &in, sizeof(in) - 1, NULL, 0,
                     NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(s, IOCTL_AFD_START_LISTEN, NULL, 0, NULL, 0, NULL),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(s, IOCTL_AFD_START_LISTEN, &in, sizeof(in), NULL, 0,
                     NULL), STATUS_SUCCESS);
    client = tcp_connect(&name);
    server = CHECK_SOCKET(accept(s, NULL, NULL));
    check_passes(client, server, "by AFD");
    close_socket(client);
    close_socket(server);
    close_socket(s);
    s = udp_bound(&name);
    CHECK_EQ(control(s, IOCTL_AFD_START_LISTEN, &in, sizeof(in), NULL, 0,
                     NULL), STATUS_INVALID_PARAMETER);
    close_socket(s);
}

/* --- Names ---------------------------------------------------------------- */

static void names(void)
{
    SOCKET client, server, s = tcp_socket();
    struct sockaddr_in got, expected;
    ULONG_PTR n = 0;

    CHECK_EQ(control(s, IOCTL_AFD_GET_ADDRESS, NULL, 0, &got, sizeof(got),
                     NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(s, IOCTL_AFD_GET_ADDRESS, NULL, 0, &got, sizeof(got) - 1,
                     NULL), STATUS_INVALID_PARAMETER);
    CHECK(control(s, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &got, sizeof(got),
                  NULL) != STATUS_SUCCESS);
    tcp_pair(&client, &server);
    CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, &got,
                     sizeof(got) - 1, NULL), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, NULL, 0, NULL),
             STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, &got, sizeof(got),
                     &n), STATUS_SUCCESS);
    CHECK_EQ(n, sizeof(got));
    expected = local_name(client);
    CHECK_MEMORY(&got, &expected, sizeof(got));
    n = 0;
    CHECK_EQ(control(server, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &got,
                     sizeof(got), &n), STATUS_SUCCESS);
    CHECK_EQ(n, sizeof(got));
    CHECK_MEMORY(&got, &expected, sizeof(got));
    CHECK_EQ(control(server, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &got, 15,
                     NULL), STATUS_BUFFER_TOO_SMALL);
    close_socket(client);
    close_socket(server);
    close_socket(s);
}

/* --- Sending -------------------------------------------------------------- */

struct send_in {
    WSABUF *buffers;
    ULONG n_buffers, afd_flags, tdi_flags;
};

static void sending(void)
{
    WSABUF buffers[2] = {{3, (char *)(uintptr_t)"two"},
                         {5, (char *)(uintptr_t)"parts"}};
    struct send_in in = {buffers, 2, 0, 0};
    SOCKET client, server, s = tcp_socket();
    ULONG_PTR n = 0;
    char byte;

    tcp_pair(&client, &server);
    CHECK_EQ(control(client, IOCTL_AFD_SEND, &in, sizeof(in), NULL, 0, &n),
             STATUS_SUCCESS);
    CHECK_EQ(n, 8);
    check_receives(server, "twoparts");
    in.n_buffers = 1;
    in.tdi_flags = 0x20; /* TDI_SEND_EXPEDITED */
    CHECK_EQ(control(client, IOCTL_AFD_SEND, &in, sizeof(in), NULL, 0, &n),
             STATUS_SUCCESS);
    CHECK_EQ(n, 3);
    check_receives(server, "tw");
    CHECK_RESULT(recv(server, &byte, 1, MSG_OOB), 1);
    CHECK_EQ(byte, 'o');
    in.tdi_flags = 0;
    CHECK_EQ(control(client, IOCTL_AFD_SEND, NULL, 0, NULL, 0, NULL),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(client, IOCTL_AFD_SEND, &in, 8, NULL, 0, NULL),
             STATUS_INVALID_PARAMETER);
    in.n_buffers = 0;
    CHECK_EQ(control(client, IOCTL_AFD_SEND, &in, sizeof(in), NULL, 0, NULL),
             STATUS_INVALID_PARAMETER);
    in.n_buffers = 1;
    CHECK(control(s, IOCTL_AFD_SEND, &in, sizeof(in), NULL, 0, NULL) !=
          STATUS_SUCCESS);
    close_socket(client);
    close_socket(server);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(binding, "04 15: BIND"),
    TEST_CASE(sharing, "BIND: how an address is shared"),
    TEST_CASE(binding_ipv6, "04 15: BIND"),
    TEST_CASE(bad_names_to_bind, "04 15: BIND"),
    TEST_CASE(listening, "04 15: LISTEN"),
    TEST_CASE(names, "04 15: GETSOCKNAME"),
    TEST_CASE(sending, "SEND"),
    TEST_END
};
TEST_MAIN("afd_names", cases, NULL)
