/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The limits of the process; see limits.h. */
#include "support/limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Enough to be full soon, and more than a case has. */
#define FEW_DESCRIPTORS 256

static int taken[FEW_DESCRIPTORS];
static unsigned n_taken;

int limit_descriptors(unsigned count)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max < count)
        return 0;
    limit.rlim_cur = count;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

void descriptors_exhaust(unsigned n_left)
{
    int fd;

    if (!limit_descriptors(FEW_DESCRIPTORS))
        abort();
    while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        taken[n_taken++] = fd;
    while (n_left-- > 0)
        close(taken[--n_taken]);
}

void descriptors_relax(void)
{
    while (n_taken > 0)
        close(taken[--n_taken]);
}

unsigned mappings_count(void)
{
    FILE *file = fopen("/proc/self/maps", "re");
    unsigned count = 0;
    int c;

    if (file == NULL)
        return 0;
    while ((c = getc(file)) != EOF)
        count += c == '\n';
    fclose(file);
    return count;
}
