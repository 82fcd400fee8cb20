/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process: its start, its id, its name, and other processes.  The id of a
 * process for WSADuplicateSocket is its Linux process id.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <ws2emu/constants.h>

#include "host/host.h"
#include "host/native/native.h"

static int startup_error;

static void forked(void)
{
    native_events_forked();
    native_threads_forked();
    native_ports_forked();
    native_notification_handles_forked();
}

static void start(void)
{
    if (pthread_atfork(NULL, NULL, forked))
        startup_error = WS2_NOT_ENOUGH_MEMORY;
}

/* Makes the host ready; only the first call does something. */
int host_startup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, start);
    return startup_error;
}

/* Never kept, because a fork changes it. */
uint32_t host_process_id(void)
{
    return (uint32_t)getpid();
}

/* 1 or 0.  A process that has ended does not exist, even when its parent has
   not asked for its status yet. */
int host_process_exists(uint32_t process_id)
{
    struct pollfd poller = { .fd = -1, .events = POLLIN };
    int ended;

    if (process_id == 0 || process_id > INT_MAX)
        return 0;
    poller.fd = pidfd_open((pid_t)process_id, 0);
    if (poller.fd < 0) {
        /* ESRCH, or EINVAL and ENOENT for the id of a thread: no process. */
        if (errno == ESRCH || errno == EINVAL || errno == ENOENT)
            return 0;
        return kill((pid_t)process_id, 0) == 0 || errno == EPERM;
    }
    ended = poll(&poller, 1, 0) > 0;
    close(poller.fd);
    return !ended;
}

/* The short name that the program was started by, cut to the room. */
void host_program_name(char *name, size_t size)
{
    if (size > 0)
        (void)snprintf(name, size, "%s", program_invocation_short_name);
}

/* exit() leaves the other threads alone. */
int host_process_is_ending(void)
{
    return 0;
}

/* An ELF program's fork makes a second program with everything in it. */
int host_process_forks(void)
{
    return 1;
}

int host_wildcard_is_inet_first(void)
{
    return 0;
}
