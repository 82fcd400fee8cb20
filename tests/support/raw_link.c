/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See raw_link.h; for the system calls see server.c. */
#include "support/raw_link.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <ws2emu/wire.h>

#include "support/harness.h"

/* The connections to the server; each stays for what came of it. */
static int connections[64];
static int n_connections;

static void wait_readable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};

    CHECK_EQ(poll(&one, 1, test_timeout(10000)), 1);
}

/* A message and the descriptor that came with it, or -1. */
static size_t receive(int fd, void *bytes, size_t room, int *ret_fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = room};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    ssize_t size;

    *ret_fd = -1;
    wait_readable(fd);
    size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (size > 0 && message.msg_controllen > 0)
        memcpy(ret_fd, CMSG_DATA(&control.header), sizeof(*ret_fd));
    return size > 0 ? (size_t)size : 0;
}

/* One that has said hello, for as long as the program lasts. */
static int server_connection(void)
{
    struct wire_hello_request hello = {
        .header = {WIRE_HELLO, 1},
        .version = WIRE_VERSION,
        .process_id = (uint32_t)getpid(),
        .program = "raw",
    };
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct wire_hello_reply reply;
    int records, fd = (int)syscall(SYS_socket, AF_UNIX,
                                   SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s/server.socket",
             getenv("WS2EMU_DIR"));
    CHECK(fd >= 0);
    CHECK_EQ(syscall(SYS_connect, fd, &address, sizeof(address)), 0);
    CHECK(raw_send(fd, &hello, sizeof(hello)));
    CHECK_EQ(receive(fd, &reply, sizeof(reply), &records), sizeof(reply));
    CHECK_EQ(reply.header.error, 0);
    close(records);
    return fd;
}

/* Both requests are alike. */
static int ask_server(uint32_t code, const void *provider, int keep)
{
    struct wire_contact_request request = {.header = {code, 2}};
    struct wire_contact_reply reply;
    int fd, connection = server_connection();

    memcpy(request.provider, provider, sizeof(request.provider));
    CHECK(raw_send(connection, &request, sizeof(request)));
    CHECK_EQ(receive(connection, &reply, sizeof(reply), &fd), sizeof(reply));
    CHECK_EQ(reply.header.error, 0);
    CHECK(fd >= 0);
    if (keep) {
        CHECK(n_connections < 64);
        connections[n_connections++] = connection;
    } else {
        close(connection);
    }
    return fd;
}

int raw_contact(const void *provider)
{
    return ask_server(WIRE_CONTACT, provider, 0);
}

int raw_advertise(const void *provider)
{
    return ask_server(WIRE_ADVERTISE, provider, 1);
}

int raw_arrival(int fd)
{
    struct wire_arrival arrival;
    int link;

    CHECK_EQ(receive(fd, &arrival, sizeof(arrival), &link), sizeof(arrival));
    CHECK(link >= 0);
    return link;
}

int raw_send(int fd, const void *bytes, size_t size)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes,
                         .iov_len = size};
    const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)size;
}

size_t raw_receive(int fd, void *bytes, size_t room)
{
    int with;
    size_t size = receive(fd, bytes, room, &with);

    if (with >= 0)
        close(with);
    return size;
}

void raw_close(int fd)
{
    close(fd);
    while (n_connections > 0)
        close(connections[--n_connections]);
}
