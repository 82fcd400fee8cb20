/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server's life: a race of first clients starts exactly one, others are
 * turned away, it leaves after its last client, and a new one follows a killed
 * one.
 *
 * Each test has a directory of its own and starts the server by the clients'
 * own means.
 */
#include <CUnit/Basic.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ws2emu/wire.h>

#include "unit/runner.h"
#include "unix/launch.h"
#include "wire/frame.h"

enum { RACERS = 50, DEADLINE_MS = 30000 };

static char directory[64];

static void make_directory(void)
{
    strcpy(directory, "/tmp/ws2emu-race-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    setenv("WS2EMU_DIR", directory, 1);
}

static int open_in_directory(const char *name, int flags)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return open(path, flags | O_CLOEXEC);
}

static bool exists(const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static void remove_directory(void)
{
    static const char *const names[] = { "server.socket", "server.socket.new",
                                         "server.lock", "change.lock",
                                         "start.lock" };
    char path[128];
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    CU_ASSERT_EQUAL(rmdir(directory), 0);
}

/* Says hello; returns the server's process id, 0 when it did not answer. */
static uint32_t say_hello(int fd)
{
    struct wire_hello_request request = {
        .header = { WIRE_HELLO, 1 },
        .version = WIRE_VERSION,
        .process_id = (uint32_t)getpid(),
        .program = "server_race",
    };
    struct wire_hello_reply reply;
    int fds[WIRE_MAX_FDS];
    size_t n_fds;

    if (fd < 0 || frame_send(fd, &request, sizeof request, NULL, 0) ||
        frame_receive(fd, &reply, sizeof reply, fds, &n_fds) !=
            (ssize_t)sizeof reply ||
        n_fds != 1)
        return 0;
    close(fds[0]);
    return reply.header.error ? 0 : reply.server_process_id;
}

static int pidfd_of(uint32_t pid)
{
    return (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
}

static bool ends(int pidfd)
{
    struct pollfd query = { .fd = pidfd, .events = POLLIN };

    return poll(&query, 1, DEADLINE_MS) == 1;
}

/* --- The race ------------------------------------------------------------- */

struct race {
    int go[2];      /* closed: off you go */
    int results[2]; /* the server's process id from each */
    int home[2];    /* closed: leave */
};

static void run_racer(const struct race *race)
{
    uint32_t server;
    char byte;

    close(race->go[1]);
    close(race->home[1]);
    (void)!read(race->go[0], &byte, 1);
    server = say_hello(launch_connect());
    (void)!write(race->results[1], &server, sizeof server);
    (void)!read(race->home[0], &byte, 1);
    _exit(0);
}

static void fifty_first_clients_start_one_server(void)
{
    struct race race;
    uint32_t server = 0, other;
    int i, pidfd;

    make_directory();
    CU_ASSERT_EQUAL_FATAL(pipe2(race.go, O_CLOEXEC), 0);
    CU_ASSERT_EQUAL_FATAL(pipe2(race.results, O_CLOEXEC), 0);
    CU_ASSERT_EQUAL_FATAL(pipe2(race.home, O_CLOEXEC), 0);
    for (i = 0; i < RACERS; i++) {
        pid_t pid = fork();

        CU_ASSERT_FATAL(pid >= 0);
        if (pid == 0)
            run_racer(&race);
    }
    close(race.go[0]);
    close(race.results[1]);
    close(race.home[0]);
    close(race.go[1]);
    for (i = 0; i < RACERS; i++) {
        CU_ASSERT_EQUAL_FATAL(read(race.results[0], &other, sizeof other),
                              (ssize_t)sizeof other);
        CU_ASSERT_NOT_EQUAL(other, 0);
        if (server == 0)
            server = other;
        CU_ASSERT_EQUAL(other, server);
    }
    CU_ASSERT_FATAL(server > 1);
    pidfd = pidfd_of(server);
    CU_ASSERT_FATAL(pidfd >= 0);

    close(race.home[1]);
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
    CU_ASSERT(ends(pidfd));
    CU_ASSERT(!exists("server.socket"));
    close(pidfd);
    close(race.results[0]);
    remove_directory();
}

/* --- Others --------------------------------------------------------------- */

static const char *server_path(void)
{
    const char *path = getenv("WS2EMU_SERVER");

    return path && *path ? path : WS2EMU_SERVER_PATH;
}

/* Runs a server by hand; returns what it exits with. */
static int run_server(const char *where)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);

        dup2(null, STDERR_FILENO);
        execl(server_path(), "ws2server", "--directory", where,
              "--foreground", (char *)NULL);
        _exit(127);
    }
    CU_ASSERT_FATAL(pid > 0);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_second_server_is_turned_away(void)
{
    uint32_t server;
    int client, pidfd;

    make_directory();
    client = launch_connect();
    server = say_hello(client);
    CU_ASSERT_FATAL(server > 1);
    CU_ASSERT_EQUAL(run_server(directory), 0);
    close(client);
    client = launch_connect();
    CU_ASSERT_EQUAL(say_hello(client), server);
    pidfd = pidfd_of(server);
    close(client);
    CU_ASSERT(ends(pidfd));
    close(pidfd);
    remove_directory();
}

static void a_new_server_follows_a_killed_one(void)
{
    uint32_t server, next;
    int client, pidfd;
    char byte;

    make_directory();
    client = launch_connect();
    server = say_hello(client);
    CU_ASSERT_FATAL(server > 1);
    pidfd = pidfd_of(server);
    kill((pid_t)server, SIGKILL);
    CU_ASSERT(ends(pidfd));
    close(pidfd);
    CU_ASSERT(read(client, &byte, 1) <= 0);
    close(client);
    CU_ASSERT(exists("server.socket"));
    client = launch_connect();
    next = say_hello(client);
    CU_ASSERT_FATAL(next > 1);
    CU_ASSERT_NOT_EQUAL(next, server);

    /* And one that is asked to leave does so, with its clients connected. */
    pidfd = pidfd_of(next);
    kill((pid_t)next, SIGTERM);
    CU_ASSERT(ends(pidfd));
    CU_ASSERT(!exists("server.socket"));
    close(pidfd);
    close(client);
    remove_directory();
}

/* While a client is starting a server, an idle one does not leave. */
static void a_starting_client_finds_it(void)
{
    uint32_t server;
    int client, lock, pidfd;

    make_directory();
    client = launch_connect();
    server = say_hello(client);
    CU_ASSERT_FATAL(server > 1);
    pidfd = pidfd_of(server);
    lock = open_in_directory("start.lock", O_RDWR | O_CREAT);
    CU_ASSERT_EQUAL_FATAL(flock(lock, LOCK_EX), 0);
    close(client);
    {
        struct pollfd query = { .fd = pidfd, .events = POLLIN };

        CU_ASSERT_EQUAL(poll(&query, 1, 4500), 0);
    }
    close(lock);
    CU_ASSERT(ends(pidfd));
    close(pidfd);
    remove_directory();
}

static void a_place_of_others_is_refused(void)
{
    char path[128];

    make_directory();
    CU_ASSERT_EQUAL(chmod(directory, 0755), 0);
    CU_ASSERT_EQUAL(run_server(directory), 1);
    CU_ASSERT_EQUAL(chmod(directory, 0700), 0);
    snprintf(path, sizeof path, "%s/link", directory);
    CU_ASSERT_EQUAL(symlink("/", path), 0);
    CU_ASSERT_EQUAL(run_server(path), 1);
    unlink(path);
    remove_directory();
}

/* The server keeps nothing open of the process that has started it. */
static void it_inherits_nothing(void)
{
    int client, pipe_ends[2];
    char byte;
    uint32_t server;
    struct pollfd query = { .events = POLLIN };

    make_directory();
    CU_ASSERT_EQUAL_FATAL(pipe(pipe_ends), 0); /* not close-on-exec */
    client = launch_connect();
    server = say_hello(client);
    CU_ASSERT_FATAL(server > 1);
    close(pipe_ends[1]);
    query.fd = pipe_ends[0];
    CU_ASSERT_EQUAL(poll(&query, 1, 0), 1);
    CU_ASSERT_EQUAL(read(pipe_ends[0], &byte, 1), 0);
    close(pipe_ends[0]);
    CU_ASSERT_NOT_EQUAL(getsid((pid_t)server), getsid(0));
    query.fd = pidfd_of(server);
    close(client);
    CU_ASSERT(ends(query.fd));
    close(query.fd);
    remove_directory();
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "fifty first clients start one server",
          fifty_first_clients_start_one_server },
        { "a second server is turned away", a_second_server_is_turned_away },
        { "a new server follows a killed one",
          a_new_server_follows_a_killed_one },
        { "a starting client finds it", a_starting_client_finds_it },
        { "a place of others is refused", a_place_of_others_is_refused },
        { "it inherits nothing", it_inherits_nothing },
        CU_TEST_INFO_NULL,
    };

    return test_main("server race", tests);
}
