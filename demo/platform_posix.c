/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The demo's platform.h for Linux processes. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform.h"

extern char **environ;

struct channel {
    int input, output;
    pid_t child;
};

unsigned long process_id(void)
{
    return (unsigned long)getpid();
}

static pid_t spawn_with(const char *program, const char *const *arguments,
                        int input, int output)
{
    posix_spawn_file_actions_t actions;
    char *argv[16] = {(char *)program};
    pid_t child;

    for (int i = 0; arguments[i] && i < 14; i++)
        argv[i + 1] = (char *)arguments[i];
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (posix_spawn(&child, program, &actions, NULL, argv, environ) != 0)
        child = -1;
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

struct channel *channel_spawn(const char *program,
                              const char *const *arguments)
{
    struct channel *channel = malloc(sizeof(*channel));
    int to_child[2] = {-1, -1}, from_child[2] = {-1, -1};

    if (!channel || pipe2(to_child, O_CLOEXEC) < 0 ||
        pipe2(from_child, O_CLOEXEC) < 0)
        goto fail;
    channel->input = from_child[0];
    channel->output = to_child[1];
    channel->child = spawn_with(program, arguments, to_child[0],
                                from_child[1]);
    if (channel->child < 0)
        goto fail;
    close(to_child[0]);
    close(from_child[1]);
    return channel;
fail:
    for (int i = 0; i < 2; i++) {
        if (to_child[i] >= 0)
            close(to_child[i]);
        if (from_child[i] >= 0)
            close(from_child[i]);
    }
    free(channel);
    return NULL;
}

struct channel *channel_parent(void)
{
    struct channel *channel = malloc(sizeof(*channel));

    if (channel)
        *channel = (struct channel){STDIN_FILENO, STDOUT_FILENO, -1};
    return channel;
}

int channel_write(struct channel *channel, const void *data, size_t size)
{
    const char *position = data;

    while (size > 0) {
        ssize_t n = write(channel->output, position, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        position += n;
        size -= (size_t)n;
    }
    return 0;
}

int channel_read(struct channel *channel, void *data, size_t size)
{
    char *position = data;

    while (size > 0) {
        ssize_t n = read(channel->input, position, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        position += n;
        size -= (size_t)n;
    }
    return 0;
}

int channel_end(struct channel *channel)
{
    int status = 0;

    close(channel->input);
    close(channel->output);
    if (channel->child > 0 && waitpid(channel->child, &status, 0) < 0)
        status = -1;
    free(channel);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void *window_create(void)
{
    return NULL;
}

int window_wait(void *window, unsigned milliseconds, unsigned long *ret_lparam)
{
    (void)window;
    (void)milliseconds;
    (void)ret_lparam;
    return 0;
}

void window_destroy(void *window)
{
    (void)window;
}
