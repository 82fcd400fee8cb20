/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IOCTL_AFD_RECV and IOCTL_AFD_RECV_DATAGRAM on SOCKETs. */
#include "support/afd.h"

#define IOCTL_AFD_RECV 0x00012017
#define IOCTL_AFD_RECV_DATAGRAM 0x0001201b

enum { AFD_OVERLAPPED = 2, TDI_NORMAL = 0x20, TDI_EXPEDITED = 0x40 };

struct receive {
    WSABUF *buffers;
    ULONG n_buffers;
    ULONG afd_flags, tdi_flags;
    struct sockaddr *name; /* from here on for datagrams */
    int *length;
};

static NTSTATUS afd_receive(SOCKET s, ULONG code, struct receive *receive,
                            HANDLE event, IO_STATUS_BLOCK *block)
{
    ULONG size = code == IOCTL_AFD_RECV ? offsetof(struct receive, name)
                                        : sizeof(*receive);

    return NtDeviceIoControlFile((HANDLE)s, event, NULL, NULL, block, code,
                                 receive, receive ? size : 0, NULL, 0);
}

static void receiving_a_stream(void)
{
    WSAEVENT event = event_create();
    char buffer[8];
    WSABUF in = {sizeof(buffer), buffer};
    struct receive receive = {&in, 1, AFD_OVERLAPPED, TDI_NORMAL, NULL, NULL};
    struct sockaddr_in name;
    SOCKET client, server, listener = tcp_listener(&name);
    IO_STATUS_BLOCK block;

    tcp_pair(&client, &server);
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_PENDING);
    send_all(client, "abc", 3);
    event_wait(event);
    CHECK_EQ(block.Status, 0);
    CHECK_EQ(block.Information, 3);
    CHECK_MEMORY(buffer, "abc", 3);
    CHECK_EQ(afd_receive(listener, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_INVALID_CONNECTION);
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, NULL, event, &block),
             STATUS_INVALID_PARAMETER);
    receive.tdi_flags = 0;
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_INVALID_PARAMETER);
    receive.tdi_flags = TDI_NORMAL | TDI_EXPEDITED;
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_INVALID_PARAMETER);
    receive.tdi_flags = TDI_NORMAL;
    CHECK_OK(shutdown(server, SD_RECEIVE));
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_PIPE_DISCONNECTED);
    CHECK(CloseHandle(event));
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void receiving_datagrams(void)
{
    WSAEVENT event = event_create();
    char buffer[4];
    WSABUF in = {sizeof(buffer), buffer};
    struct sockaddr_in name, from;
    int length = sizeof(from);
    struct receive receive = {&in, 1, AFD_OVERLAPPED, TDI_NORMAL,
                              (struct sockaddr *)&from, &length};
    SOCKET s = udp_bound(&name), unbound = udp_socket();
    IO_STATUS_BLOCK block;

    CHECK_EQ(afd_receive(unbound, IOCTL_AFD_RECV_DATAGRAM, &receive, event,
                         &block), STATUS_INVALID_PARAMETER);
    CHECK_EQ(afd_receive(s, IOCTL_AFD_RECV_DATAGRAM, &receive, event, &block),
             STATUS_PENDING);
    CHECK_RESULT(sendto(s, "ab", 2, 0, (struct sockaddr *)&name, sizeof(name)),
                 2);
    event_wait(event);
    CHECK_EQ(block.Status, 0);
    CHECK_EQ(block.Information, 2);
    CHECK_EQ(length, sizeof(from));
    CHECK_EQ(from.sin_port, name.sin_port);
    CHECK_RESULT(sendto(s, "abcdef", 6, 0, (struct sockaddr *)&name,
                        sizeof(name)), 6);
    CHECK(wait_readable(s, test_timeout(5000)));
    CHECK_EQ(afd_receive(s, IOCTL_AFD_RECV_DATAGRAM, &receive, event, &block),
             STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(block.Information, 4);
    CHECK_MEMORY(buffer, "abcd", 4);
    CHECK(CloseHandle(event));
    close_socket(s);
    close_socket(unbound);
}

static const struct test_case cases[] = {
    TEST_CASE(receiving_a_stream, "04 15: AFD_RECV"),
    TEST_CASE(receiving_datagrams, "04 15: AFD_RECV of datagrams"),
    TEST_END
};

TEST_MAIN("afd_receive", cases, NULL)
