/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See platform.h. */
#include "platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct platform_lock),
               "a lock of zeroes is a mutex");

/* Paths of the catalog are ASCII here, or what UTF-16 makes of it. */
static int narrow(const uint16_t *from, char *to, size_t size)
{
    size_t i;

    for (i = 0; i < size; i++) {
        if (from[i] > 0x7f)
            return 0;
        to[i] = (char)from[i];
        if (!from[i])
            return 1;
    }
    return 0;
}

void *platform_function(const uint16_t *path, const char *name)
{
    char file[4096];
    void *library;

    if (!narrow(path, file, sizeof(file)))
        return NULL;
    library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    return library ? dlsym(library, name) : NULL;
}

void platform_lock(struct platform_lock *lock)
{
    pthread_mutex_lock((pthread_mutex_t *)(void *)lock);
}

void platform_unlock(struct platform_lock *lock)
{
    pthread_mutex_unlock((pthread_mutex_t *)(void *)lock);
}

int platform_environment(const char *name, char *value, size_t size)
{
    const char *found = secure_getenv(name);

    if (!found || strlen(found) >= size)
        return 0;
    strcpy(value, found);
    return 1;
}

struct start {
    void (*run)(void *argument);
    void *argument;
};

static void *thread_main(void *argument)
{
    struct start start = *(struct start *)argument;

    free(argument);
    start.run(start.argument);
    return NULL;
}

int platform_thread(void (*run)(void *argument), void *argument)
{
    struct start *start = malloc(sizeof(*start));
    sigset_t all, before;
    pthread_t thread;
    int error;

    if (!start)
        return 0;
    *start = (struct start){run, argument};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, NULL, thread_main, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        free(start);
    else
        pthread_detach(thread);
    return !error;
}

unsigned platform_process_id(void)
{
    return (unsigned)getpid();
}

void platform_program_name(char *name, size_t size)
{
    snprintf(name, size, "%s", program_invocation_short_name);
}

void platform_append(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return;
    if (write(fd, line, strlen(line)) < 0) {
        /* There is nobody to tell. */
    }
    close(fd);
}
