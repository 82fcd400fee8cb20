/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system's configuration files.  Native only. */
#ifndef TESTS_SUPPORT_SYSTEM_FILES_H
#define TESTS_SUPPORT_SYSTEM_FILES_H

/* From now on this process, and those that it starts, see an empty /etc; 0:
   this user may not. */
int system_files_hide(void);

#endif
