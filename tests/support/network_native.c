/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A network of the process's own; see network.h.
 *
 * socket() and ioctl() are called in the kernel directly: in a program that is
 * linked with libws2_32.so socket() is Winsock's.
 */
#include "support/network.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/harness.h"

static void change(const char *interface, unsigned long request,
                   struct ifreq *change)
{
    int fd = (int)syscall(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0);
    snprintf(change->ifr_name, sizeof(change->ifr_name), "%s", interface);
    CHECK_EQ(syscall(SYS_ioctl, fd, request, change), 0);
    close(fd);
}

int network_leave(void)
{
    struct ifreq up = {.ifr_flags = IFF_UP};

    if (unshare(CLONE_NEWNET) < 0)
        return 0;
    change("lo", SIOCSIFFLAGS, &up);
    return 1;
}

static void add(int number, uint32_t ip)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = ip,
    };
    struct ifreq request = {.ifr_flags = 0};
    char alias[16];

    snprintf(alias, sizeof(alias), "lo:%d", number);
    memcpy(&request.ifr_addr, &address, sizeof(address));
    change(alias, SIOCSIFADDR, &request);
}

void network_add_address(int number)
{
    add(number, htonl(0x7f000000u | (unsigned)number));
}

void network_add_foreign_address(uint32_t ip)
{
    add(999, htonl(ip));
}
