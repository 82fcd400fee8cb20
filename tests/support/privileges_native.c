/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fewer privileges; see privileges.h. */
#include "support/privileges.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written = fd < 0 ? -1 : write(fd, text, strlen(text));

    if (fd >= 0)
        close(fd);
    return written == (ssize_t)strlen(text);
}

/* libc's, not Winsock's: the suite has both. */
static int kernel_socket(void)
{
    return (int)syscall(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = kernel_socket(), done = 0;

    if (fd < 0)
        return 0;
    if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
        request.ifr_flags |= IFF_UP;
        done = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    }
    close(fd);
    return done;
}

/* Who is nobody makes a world in which they are somebody. */
static int enter_network(void)
{
    char map[64];
    unsigned user = getuid(), group = getgid();

    if (unshare(CLONE_NEWNET) == 0)
        return 1;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return 0;
    snprintf(map, sizeof(map), "0 %u 1", user);
    if (!write_file("/proc/self/uid_map", map) ||
        !write_file("/proc/self/setgroups", "deny"))
        return 0;
    snprintf(map, sizeof(map), "0 %u 1", group);
    return write_file("/proc/self/gid_map", map);
}

static int drop_raw_sockets(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];

    if (syscall(SYS_capget, &header, data) < 0)
        return 0;
    data[0].effective &= ~(1u << CAP_NET_RAW);
    data[0].permitted &= ~(1u << CAP_NET_RAW);
    data[0].inheritable &= ~(1u << CAP_NET_RAW);
    return syscall(SYS_capset, &header, data) == 0;
}

int privileges_enter_network(void)
{
    return enter_network() && raise_loopback();
}

int privileges_set_network(const char *name, const char *value)
{
    char path[128];

    snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
    return write_file(path, value);
}

int privileges_give_up(int echo)
{
    return privileges_enter_network() &&
           privileges_set_network("ping_group_range", echo ? "0 0" : "1 0") &&
           drop_raw_sockets();
}
