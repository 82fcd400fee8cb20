/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that knows nothing of Winsock; see stranger.h.
 *
 * In a program that is linked with libws2_32.so socket() and its kin are
 * Winsock's, so the kernel is called directly here.
 */
#include "support/stranger.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/harness.h"

static void set_option(int fd, int option, int value)
{
    CHECK_EQ(syscall(SYS_setsockopt, fd, SOL_SOCKET, option, &value,
                     sizeof(value)),
             0);
}

int stranger_listen(unsigned port, int reuse_port)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port)};
    int fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0);
    set_option(fd, SO_REUSEADDR, 1);
    set_option(fd, SO_REUSEPORT, reuse_port);
    if (syscall(SYS_bind, fd, &name, sizeof(name)) == 0 &&
        syscall(SYS_listen, fd, 5) == 0)
        return fd;
    CHECK_EQ(errno, EADDRINUSE);
    close(fd);
    return -1;
}

void stranger_close(int fd)
{
    CHECK_EQ(close(fd), 0);
}
