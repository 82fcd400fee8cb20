/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Detaching from the process that started the server.
 *
 * The starter may be any program: it has descriptors that must not be kept
 * open here (a socket of its own would never end), signals that it ignores, a
 * session, a folder that somebody wants to unmount.  It waits for one byte on
 * our standard output, which is a pipe: then the server listens.  When the
 * pipe ends without it, the server could not start.
 */
#include "daemon/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void default_signals(void)
{
    sigset_t none;
    int number;

    for (number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL); /* not all numbers can be set */
    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Makes sure that 0, 1 and 2 are open, so no other file gets their numbers. */
static int open_standard_files(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
        if (fd < 0)
            return -errno;
    } while (fd <= STDERR_FILENO);
    close(fd);
    return 0;
}

/* Gets rid of what the starter has left: descriptors but 0 to 2, signals,
   umask, privileges to gain.  Returns 0 or -errno. */
int detach_clean(void)
{
    if (close_range(STDERR_FILENO + 1, ~0u, 0) < 0)
        return -errno;
    default_signals();
    umask(077);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return open_standard_files();
}

/* Leaves the starter's session; returns in the process that is to serve.
   Returns 0 or -errno, in the starter's child. */
int detach_fork(void)
{
    int step;

    for (step = 0; step < 2; step++) {
        pid_t pid = fork();

        if (pid < 0)
            return -errno;
        if (pid > 0)
            _exit(EXIT_SUCCESS);
        if (step == 0)
            setsid();
    }
    return chdir("/") < 0 ? -errno : 0;
}

/* Tells the starter that the server listens.  A detached server then lets go
   of the standard files; of standard error not if it is to print there. */
void detach_report_ready(bool detached, bool keep_errors)
{
    int null;

    if (!detached)
        return;
    if (write(STDOUT_FILENO, "\n", 1) < 0)
        errno = 0; /* the starter does not wait: nothing to tell it */
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return;
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    if (!keep_errors)
        dup2(null, STDERR_FILENO);
    close(null);
}
