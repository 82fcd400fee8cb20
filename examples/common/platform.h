/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a provider needs of where it runs: platform_native.c for a shared
 * object, platform_windows.c for a DLL.
 */
#ifndef EXAMPLES_COMMON_PLATFORM_H
#define EXAMPLES_COMMON_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/* A function of the library at this path (UTF-16), which stays loaded; NULL:
   none. */
void *platform_function(const uint16_t *path, const char *name);

/* A lock for each module: provider, chain, map. */
struct platform_lock {
    void *state[8];
};
void platform_lock(struct platform_lock *lock);
void platform_unlock(struct platform_lock *lock);

/* A variable of the environment; 0: not set, or too long. */
int platform_environment(const char *name, char *value, size_t size);

/* Runs the function in a thread of its own; 0: it cannot. */
int platform_thread(void (*run)(void *argument), void *argument);

unsigned platform_process_id(void);
/* The program's short name. */
void platform_program_name(char *name, size_t size);
/* Adds a line to a file, whole, whoever else does so. */
void platform_append(const char *path, const char *line);

#endif
