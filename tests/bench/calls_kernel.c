/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rows for which the kernel has no call of Winsock's name, with the nearest
 * kin of it: a descriptor goes through SCM_RIGHTS for the duplicate, epoll
 * stands for the event registration, and what Registered I/O does for it takes
 * two calls.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

void calls_begin(void)
{
}

void calls_end(void)
{
}

SOCKET make_socket(int type)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    check(fd >= 0, "socket");
    return fd;
}

SOCKET accept_socket(SOCKET listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    check(fd >= 0, "accept");
    return fd;
}

/* --- Registered I/O ------------------------------------------------------- */

void *registered_open(void)
{
    return mirror_open();
}

void registered_run(void *state, unsigned long count)
{
    udp_to_itself(state, count);
}

void registered_close(void *state)
{
    single_close(state);
}

/* --- Duplicates ----------------------------------------------------------- */

struct channel {
    int fd;
    int ends[2]; /* of this process, both */
};

void *duplicate_open(void)
{
    struct channel *channel = malloc(sizeof(*channel));

    channel->fd = make_socket(SOCK_STREAM);
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
                     channel->ends) == 0, "socketpair");
    return channel;
}

/* A message of one byte and one descriptor. */
struct parcel {
    char byte;
    struct iovec vector;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message;
};

static void parcel_init(struct parcel *parcel)
{
    memset(parcel, 0, sizeof(*parcel));
    parcel->vector = (struct iovec){&parcel->byte, 1};
    parcel->message.msg_iov = &parcel->vector;
    parcel->message.msg_iovlen = 1;
    parcel->message.msg_control = &parcel->control;
    parcel->message.msg_controllen = sizeof(parcel->control);
}

void duplicate_run(void *state, unsigned long count)
{
    const struct channel *channel = state;
    struct parcel parcel;
    int fd;

    while (count-- > 0) {
        parcel_init(&parcel);
        parcel.control.header = (struct cmsghdr){CMSG_LEN(sizeof(int)),
                                                 SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&parcel.control.header), &channel->fd, sizeof(fd));
        check(sendmsg(channel->ends[0], &parcel.message, 0) == 1, "sendmsg");
        parcel_init(&parcel);
        check(recvmsg(channel->ends[1], &parcel.message,
                      MSG_CMSG_CLOEXEC) == 1, "recvmsg");
        memcpy(&fd, CMSG_DATA(&parcel.control.header), sizeof(fd));
        close(fd);
    }
}

void duplicate_close(void *state)
{
    struct channel *channel = state;

    close(channel->ends[0]);
    close(channel->ends[1]);
    close(channel->fd);
    free(channel);
}

/* --- Events --------------------------------------------------------------- */

struct watched {
    int fd, epoll;
};

void *event_select_open(void)
{
    struct watched *watched = malloc(sizeof(*watched));

    watched->fd = make_mirror();
    watched->epoll = epoll_create1(EPOLL_CLOEXEC);
    check(watched->epoll >= 0, "epoll_create1");
    return watched;
}

void event_select_run(void *state, unsigned long count)
{
    const struct watched *watched = state;
    struct epoll_event event = {.events = EPOLLIN};

    while (count-- > 0) {
        check(epoll_ctl(watched->epoll, EPOLL_CTL_ADD, watched->fd,
                        &event) == 0, "epoll_ctl");
        check(epoll_ctl(watched->epoll, EPOLL_CTL_DEL, watched->fd,
                        NULL) == 0, "epoll_ctl");
    }
}

void *event_cycle_open(void)
{
    struct watched *watched = event_select_open();
    struct epoll_event event = {.events = EPOLLIN};

    check(epoll_ctl(watched->epoll, EPOLL_CTL_ADD, watched->fd, &event) == 0,
          "epoll_ctl");
    return watched;
}

void event_cycle_run(void *state, unsigned long count)
{
    const struct watched *watched = state;
    struct epoll_event event;
    char buffer[SMALL_SIZE] = {0};

    while (count-- > 0) {
        check(send(watched->fd, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "send");
        check(epoll_wait(watched->epoll, &event, 1, -1) == 1, "epoll_wait");
        check(recv(watched->fd, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "recv");
    }
}

void event_close(void *state)
{
    struct watched *watched = state;

    close(watched->epoll);
    close(watched->fd);
    free(watched);
}
