/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See system_files.h: a file system of its own in the place of /etc. */
#include "support/system_files.h"

#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>

int system_files_hide(void)
{
    return unshare(CLONE_NEWNS) == 0 &&
           mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", "/etc", "tmpfs", 0, NULL) == 0;
}
