/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server of this run; see server.h.
 *
 * In a program that is linked with libws2_32.so socket() and its kin are
 * Winsock's, so the kernel is called directly here.
 */
#include "support/server.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/harness.h"

/* The process that listens in WS2EMU_DIR. */
static pid_t server_pid(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof(struct ucred);
    struct ucred owner = {0};
    int fd = (int)syscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC,
                          0);

    CHECK(getenv("WS2EMU_DIR") != NULL);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/server.socket",
             getenv("WS2EMU_DIR"));
    CHECK(fd >= 0);
    CHECK_EQ(syscall(SYS_connect, fd, &address, sizeof(address)), 0);
    CHECK_EQ(syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &owner,
                     &length),
             0);
    close(fd);
    return owner.pid;
}

void server_kill(void)
{
    pid_t pid = server_pid();
    struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};

    CHECK(end.fd >= 0);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK_EQ(poll(&end, 1, test_timeout(5000)), 1);
    close(end.fd);
}
