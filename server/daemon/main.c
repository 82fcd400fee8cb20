/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ws2server: what the sockets of one user's Winsock programs share. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/server.h"
#include "daemon/detach.h"
#include "daemon/listener.h"
#include "daemon/options.h"
#include "daemon/place.h"
#include "util/fd.h"
#include "util/log.h"

struct daemon {
    struct server server;
    struct listener listener;
    struct place place;
    int signal_fd;
    struct loop_source signals;
    bool terminated;
};

static void signal_ready(struct loop_source *source, uint32_t events)
{
    struct daemon *daemon = list_entry(source, struct daemon, signals);

    (void)events;
    daemon->terminated = true;
}

static int watch_signals(struct daemon *daemon)
{
    sigset_t wanted;

    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &wanted, NULL) < 0)
        return -errno;
    daemon->signal_fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    if (daemon->signal_fd < 0)
        return -errno;
    loop_source_init(&daemon->signals, signal_ready);
    return loop_add(&daemon->server.loop, &daemon->signals, daemon->signal_fd,
                    EPOLLIN);
}

/* A descriptor for each registered socket: as many as we may have. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int run(struct daemon *daemon)
{
    int error = 0;

    while (!error && !daemon->terminated && !daemon->listener.leaving) {
        listener_check_idle(&daemon->listener);
        error = server_turn(&daemon->server, -1);
    }
    return error;
}

/* Serves in a place that is ours, until nobody needs it.  Returns 0 or
   -errno. */
static int serve(struct daemon *daemon, const struct options *options)
{
    int error = server_init(&daemon->server);

    if (error)
        return error;
    daemon->signal_fd = -1;
    error = watch_signals(daemon);
    if (error)
        goto out_server;
    error = listener_init(&daemon->listener, &daemon->server, &daemon->place);
    if (error)
        goto out_listener;
    place_settle(&daemon->place);
    detach_report_ready(!options->foreground, options->debug);
    log_trace("listening");
    error = run(daemon);
    place_leave(&daemon->place);
out_listener:
    listener_deinit(&daemon->listener);
    loop_remove(&daemon->server.loop, &daemon->signals);
out_server:
    fd_close(&daemon->signal_fd);
    server_deinit(&daemon->server);
    return error;
}

static int start(struct daemon *daemon, const struct options *options)
{
    int error = place_open(&daemon->place, options->directory);

    if (error) {
        log_error("%s: %s", options->directory,
                  error == -EPERM ? "is not this user's alone"
                                  : strerror(-error));
        return error;
    }
    if (!options->foreground) {
        error = detach_fork();
        if (error)
            return error;
    }
    switch (place_take(&daemon->place)) {
    case PLACE_OURS: break;
    case PLACE_TAKEN:
        detach_report_ready(!options->foreground, options->debug);
        return 0;
    case PLACE_FAILED: return -EIO;
    }
    raise_descriptor_limit();
    error = serve(daemon, options);
    if (error)
        log_error("%s", strerror(-error));
    return error;
}

int main(int argc, char **argv)
{
    static struct daemon daemon = {
        .place = { .directory_fd = -1, .lock_fd = -1, .change_fd = -1 },
    };
    struct options options;
    int error;

    switch (options_read(argc, argv, &options)) {
    case OPTIONS_RUN: break;
    case OPTIONS_DONE: return EXIT_SUCCESS;
    case OPTIONS_WRONG: return EXIT_FAILURE;
    }
    log_set_tracing(options.debug);
    error = detach_clean();
    if (!error)
        error = start(&daemon, &options);
    place_close(&daemon.place);
    return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
