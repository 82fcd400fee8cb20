/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The native host, without anything above it: events, waiting, APCs, handles,
 * processes, and the embedding's registration.
 */
#include <CUnit/Basic.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ws2emu/embed.h>
#include <ws2emu/wire.h>

#include "host/host.h"
#include "runner.h"
#include "unix/overlapped.h"

#define INFINITE UINT32_MAX
#define WAIT_TIMEOUT 258u
#define WAIT_IO_COMPLETION 192u

/* What the host tells the unix side, which is not here. */
static uint64_t ended_thread;

uint32_t unix_notification_take(uint64_t context, uint32_t bytes)
{
    (void)context;
    return bytes;
}

void unix_thread_ended(uint64_t thread)
{
    ended_thread = thread;
}

/* The wait's result, or 1000 + its error. */
static uint32_t wait_for(const uint64_t *events, uint32_t n, int all,
                         uint32_t timeout, int alertable)
{
    uint32_t result = UINT32_MAX;
    int error =
        host_event_wait(events, n, all, timeout, alertable, &result);

    return error ? 1000 + (uint32_t)error : result;
}

static uint64_t event_new(void)
{
    uint64_t event = 0;

    CU_ASSERT_EQUAL_FATAL(host_event_create(&event), WS2_SUCCESS);
    CU_ASSERT(event != 0 && event % 4 == 0);
    return event;
}

static void events_are_manual_reset(void)
{
    uint64_t event = event_new();

    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, 0, 0), WAIT_TIMEOUT);
    CU_ASSERT_EQUAL(host_event_set(event), WS2_SUCCESS);
    CU_ASSERT_EQUAL(host_event_set(event), WS2_SUCCESS);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, INFINITE, 0), 0);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 1, 0, 0), 0);
    CU_ASSERT_EQUAL(host_event_reset(event), WS2_SUCCESS);
    CU_ASSERT_EQUAL(host_event_reset(event), WS2_SUCCESS);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, 1, 0), WAIT_TIMEOUT);
    CU_ASSERT_EQUAL(host_event_close(event), WS2_SUCCESS);
}

static void bad_handles_are_refused(void)
{
    int pipe_fds[2];
    uint64_t closed = event_new(), bad[8];

    CU_ASSERT_EQUAL_FATAL(pipe(pipe_fds), 0);
    CU_ASSERT_EQUAL(host_event_close(closed), WS2_SUCCESS);
    bad[0] = closed;
    bad[1] = 0;
    bad[2] = UINT64_MAX;
    bad[3] = 4 * ((uint64_t)pipe_fds[1] + 1); /* open, but no event */
    bad[4] = bad[3] + 1;
    bad[5] = 4 * ((uint64_t)INT32_MAX + 1);
    bad[6] = 4 * ((uint64_t)INT32_MAX + 2);
    bad[7] = 4 * (4096 * 1024ull + 1); /* the first beyond the table */
    for (int i = 0; i < 8; i++) {
        uint32_t kind;
        uint64_t target;
        int fd;

        CU_ASSERT_EQUAL(host_event_close(bad[i]), WS2_INVALID_HANDLE);
        CU_ASSERT_EQUAL(host_event_set(bad[i]), WS2_INVALID_HANDLE);
        CU_ASSERT_EQUAL(host_event_reset(bad[i]), WS2_INVALID_HANDLE);
        CU_ASSERT_EQUAL(host_event_fd(bad[i]), -1);
        CU_ASSERT_EQUAL(host_event_target(bad[i], &kind, &target, &fd),
                        WS2_EINVAL);
        CU_ASSERT_EQUAL(wait_for(&bad[i], 1, 0, 0, 0),
                        1000 + WS2_INVALID_HANDLE);
    }
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static void wait_checks_its_parameters(void)
{
    uint64_t events[65];

    for (int i = 0; i < 65; i++)
        events[i] = event_new();
    CU_ASSERT_EQUAL(wait_for(events, 0, 0, 0, 0),
                    1000 + WS2_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(wait_for(events, 65, 0, 0, 0),
                    1000 + WS2_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(wait_for(NULL, 1, 0, 0, 0), 1000 + WS2_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(wait_for(events, 64, 0, 0, 0), WAIT_TIMEOUT);
    host_event_set(events[63]);
    CU_ASSERT_EQUAL(wait_for(events, 64, 0, INFINITE, 0), 63);
    host_event_set(events[7]);
    CU_ASSERT_EQUAL(wait_for(events, 64, 0, INFINITE, 0), 7);
    for (int i = 0; i < 65; i++)
        CU_ASSERT_EQUAL(host_event_close(events[i]), WS2_SUCCESS);
}

static void *set_event(void *event)
{
    host_event_set(*(uint64_t *)event);
    return NULL;
}

static void wait_for_all_needs_all(void)
{
    uint64_t events[3] = { event_new(), event_new(), event_new() };
    uint64_t twice[2] = { events[0], events[0] };
    pthread_t thread;

    host_event_set(events[0]);
    host_event_set(events[2]);
    CU_ASSERT_EQUAL(wait_for(events, 3, 1, 1, 0), WAIT_TIMEOUT);
    pthread_create(&thread, NULL, set_event, &events[1]);
    CU_ASSERT_EQUAL(wait_for(events, 3, 1, INFINITE, 0), 0);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(wait_for(twice, 2, 1, 0, 0), 1000 + WS2_INVALID_PARAMETER);
    CU_ASSERT_EQUAL(wait_for(twice, 2, 0, 0, 0), 0);
    for (int i = 0; i < 3; i++)
        host_event_close(events[i]);
}

/* --- An event that is closed while another thread waits for it ------------ */

static void *wait_alertably(void *event)
{
    uint64_t thread;

    CU_ASSERT_EQUAL(host_open_current_thread(&thread), WS2_SUCCESS);
    __atomic_store_n((uint64_t *)event + 1, thread, __ATOMIC_RELEASE);
    return (void *)(uintptr_t)wait_for(event, 1, 0, INFINITE, 1);
}

static __attribute__((ms_abi)) void count(uint64_t context)
{
    (*(int *)(uintptr_t)context)++;
}

static void wait_outlives_a_closed_event(void)
{
    struct { uint64_t event, thread; } shared = { event_new(), 0 };
    uint64_t thread;
    int fd = host_event_fd(shared.event), ran = 0;
    pthread_t waiter;
    void *result;

    pthread_create(&waiter, NULL, wait_alertably, &shared);
    while (!(thread = __atomic_load_n(&shared.thread, __ATOMIC_ACQUIRE)))
        sched_yield();
    CU_ASSERT_EQUAL(host_queue_apc(thread, (void *)count, (uintptr_t)&ran),
                    WS2_SUCCESS);
    CU_ASSERT_EQUAL(host_event_close(shared.event), WS2_SUCCESS);
    CU_ASSERT_EQUAL(host_event_set(shared.event), WS2_INVALID_HANDLE);
    pthread_join(waiter, &result);
    /* Whichever of the two came first. */
    CU_ASSERT((uintptr_t)result == WAIT_IO_COMPLETION ||
              (uintptr_t)result == 1000 + WS2_INVALID_HANDLE);
    CU_ASSERT_EQUAL(ran, (uintptr_t)result == WAIT_IO_COMPLETION);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
    /* The thread has ended: nobody would run it. */
    CU_ASSERT_EQUAL(host_queue_apc(thread, (void *)count, (uintptr_t)&ran),
                    WS2_EFAULT);
    CU_ASSERT_EQUAL(host_close_thread(thread), WS2_SUCCESS);
}

/* --- APCs ----------------------------------------------------------------- */

static uint64_t self;
static char order[8];

static __attribute__((ms_abi)) void append(uint64_t letter)
{
    order[strlen(order)] = (char)letter;
    if (letter == 'b')
        host_queue_apc(self, (void *)append, 'd');
}

static void apcs_run_in_order_in_alertable_waits(void)
{
    uint64_t event = event_new();

    memset(order, 0, sizeof order);
    CU_ASSERT_EQUAL(host_open_current_thread(&self), WS2_SUCCESS);
    for (uint64_t letter = 'a'; letter <= 'c'; letter++)
        CU_ASSERT_EQUAL(host_queue_apc(self, (void *)append, letter),
                        WS2_SUCCESS);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, 0, 0), WAIT_TIMEOUT);
    CU_ASSERT_STRING_EQUAL(order, "");
    /* A signalled event comes first, the APCs stay queued. */
    host_event_set(event);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, 0, 1), 0);
    CU_ASSERT_STRING_EQUAL(order, "");
    host_event_reset(event);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, INFINITE, 1), WAIT_IO_COMPLETION);
    CU_ASSERT_STRING_EQUAL(order, "abcd");
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, 0, 1), WAIT_TIMEOUT);
    CU_ASSERT_EQUAL(host_queue_apc(0, (void *)append, 0), WS2_EFAULT);
    CU_ASSERT_EQUAL(host_close_thread(self), WS2_SUCCESS);
    host_event_close(event);
}

/* --- Handles, processes, fork --------------------------------------------- */

static __attribute__((ms_abi)) void sum(uint64_t first, uint64_t second,
                                        uint64_t third)
{
    *(uint64_t *)(uintptr_t)first += 10 * second + third;
}

static void routines_have_three_arguments(void)
{
    uint64_t event = event_new(), thread, total = 0;

    CU_ASSERT_EQUAL(host_open_current_thread(&thread), WS2_SUCCESS);
    CU_ASSERT_EQUAL(host_queue_routine(thread, (uintptr_t)sum,
                                       (uintptr_t)&total, 4, 2),
                    WS2_SUCCESS);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, INFINITE, 1), WAIT_IO_COMPLETION);
    CU_ASSERT_EQUAL(total, 42);
    CU_ASSERT_EQUAL(host_close_thread(thread), WS2_SUCCESS);
    host_event_close(event);
}

static void *ask_who(void *id)
{
    *(uint64_t *)id = host_thread_id();
    return NULL;
}

static void the_end_of_a_known_thread_is_told(void)
{
    uint64_t id = 0;
    pthread_t thread;

    ended_thread = 0;
    pthread_create(&thread, NULL, ask_who, &id);
    pthread_join(thread, NULL);
    CU_ASSERT_NOT_EQUAL(id, 0);
    CU_ASSERT_EQUAL(ended_thread, id);
    CU_ASSERT_NOT_EQUAL(host_thread_id(), 0);
    CU_ASSERT_EQUAL(host_thread_id(), host_thread_id());
}

static void references_outlive_an_event(void)
{
    uint64_t event = event_new(), reference;
    int fd = host_event_fd(event);

    CU_ASSERT_EQUAL(host_event_reference(event + 4000, &reference),
                    WS2_INVALID_HANDLE);
    CU_ASSERT_EQUAL(host_event_reference(event, &reference), WS2_SUCCESS);
    host_event_reference_set(reference);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(host_event_close(event), WS2_SUCCESS);
    host_event_reference_set(reference);
    CU_ASSERT(fcntl(fd, F_GETFD) >= 0);
    host_event_reference_close(reference);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
}

static void sockets_and_events_are_told_apart(void)
{
    uint64_t event = event_new(), handle;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), found = -1;
    int channel = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    CU_ASSERT_EQUAL(host_socket_handle_create(fd, 1, &handle), WS2_SUCCESS);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), 0);
    CU_ASSERT_EQUAL(host_socket_handle_create(fd, 0, &handle), WS2_SUCCESS);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CU_ASSERT_EQUAL(host_socket_handle_to_fd(handle, &found), WS2_SUCCESS);
    CU_ASSERT_EQUAL(found, fd);
    host_socket_handle_give_back(handle, found);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CU_ASSERT_EQUAL(host_event_set(handle), WS2_INVALID_HANDLE);
    CU_ASSERT_EQUAL(host_socket_handle_to_fd(event, &found), WS2_ENOTSOCK);
    CU_ASSERT_EQUAL(host_socket_handle_to_fd(handle + 1, &found),
                    WS2_ENOTSOCK);
    CU_ASSERT_EQUAL(host_socket_handle_to_fd(0, &found), WS2_ENOTSOCK);
    CU_ASSERT_EQUAL(host_socket_handle_to_fd(UINT64_MAX, &found),
                    WS2_ENOTSOCK);
    CU_ASSERT_EQUAL(
        host_socket_handle_to_fd(4 * ((uint64_t)channel + 1), &found),
        WS2_ENOTSOCK);
    close(channel);
    close(fd);
    host_event_close(event);
}

static void ended_processes_do_not_exist(void)
{
    siginfo_t info;
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    /* Ended, but not reaped. */
    CU_ASSERT_EQUAL(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    CU_ASSERT_EQUAL(host_process_exists((uint32_t)child), 0);
    waitpid(child, NULL, 0);
    CU_ASSERT_EQUAL(host_process_exists((uint32_t)child), 0);
    CU_ASSERT_EQUAL(host_process_exists(0), 0);
    CU_ASSERT_EQUAL(host_process_exists(UINT32_MAX), 0);
    CU_ASSERT_EQUAL(host_process_exists(host_process_id()), 1);
    CU_ASSERT_EQUAL(host_process_exists((uint32_t)getppid()), 1);
}

/* A fork's child has the events (they stay shared) and an APC queue of its
   own. */
static void fork_keeps_events(void)
{
    uint64_t event = event_new();
    int status = -1, ran = 0;
    pid_t child;

    CU_ASSERT_EQUAL(host_open_current_thread(&self), WS2_SUCCESS);
    host_queue_apc(self, (void *)count, (uintptr_t)&ran);
    child = fork();
    if (child == 0) {
        int good = wait_for(&event, 1, 0, 0, 1) == WAIT_TIMEOUT && ran == 0;

        good = good && host_queue_apc(self, (void *)count,
                                      (uintptr_t)&ran) == WS2_SUCCESS;
        good = good && wait_for(&event, 1, 0, 0, 1) == WAIT_IO_COMPLETION;
        good = good && ran == 1 && host_event_set(event) == WS2_SUCCESS;
        _exit(good && host_event_close(event) == WS2_SUCCESS ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, INFINITE, 0), 0);
    host_event_reset(event);
    CU_ASSERT_EQUAL(wait_for(&event, 1, 0, 0, 1), WAIT_IO_COMPLETION);
    CU_ASSERT_EQUAL(ran, 1);
    host_close_thread(self);
    host_event_close(event);
}

static void expect_runtime_directory(const char *runtime, const char *expected)
{
    char path[64];

    if (runtime)
        setenv("XDG_RUNTIME_DIR", runtime, 1);
    else
        unsetenv("XDG_RUNTIME_DIR");
    CU_ASSERT_EQUAL(host_runtime_directory(path, sizeof path), WS2_SUCCESS);
    CU_ASSERT_STRING_EQUAL(path, expected);
}

static void runtime_directory_follows_the_environment(void)
{
    char path[64], expected[64], own[] = "/tmp/ws2emu-test-XXXXXX";

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(own));
    setenv("WS2EMU_DIR", "/a/b", 1);
    setenv("XDG_RUNTIME_DIR", own, 1);
    CU_ASSERT_EQUAL(host_runtime_directory(path, sizeof path), WS2_SUCCESS);
    CU_ASSERT_STRING_EQUAL(path, "/a/b");
    CU_ASSERT_EQUAL(host_runtime_directory(path, 4), WS2_ENAMETOOLONG);
    unsetenv("WS2EMU_DIR");
    CU_ASSERT_EQUAL(host_runtime_directory(path, sizeof path), WS2_SUCCESS);
    (void)snprintf(expected, sizeof expected, "%s/ws2emu", own);
    CU_ASSERT_STRING_EQUAL(path, expected);
    CU_ASSERT_EQUAL(rmdir(own), 0);

    /* Nobody's, since it is gone; a file; no absolute path; none. */
    (void)snprintf(expected, sizeof expected, "/tmp/ws2emu-%u",
                   (unsigned)geteuid());
    expect_runtime_directory(own, expected);
    expect_runtime_directory("/dev/null", expected);
    expect_runtime_directory(".", expected);
    expect_runtime_directory(NULL, expected);
    if (geteuid() == 0) {
        CU_ASSERT_EQUAL(seteuid(1), 0);
        expect_runtime_directory("/", "/tmp/ws2emu-1");
        CU_ASSERT_EQUAL(seteuid(0), 0);
    }
}

/* --- Embedding ------------------------------------------------------------ */

static int window_exists(uint64_t window)
{
    return window == 7;
}

static int post_message(uint64_t window, uint32_t message, uint64_t wparam,
                        uint64_t lparam)
{
    return window == 7 && message == 8 && wparam == 9 && lparam == 10;
}

static void embedding_brings_windows(void)
{
    struct ws2emu_embedding embedding = {
        .size = sizeof embedding,
        .window_exists = window_exists,
        .post_message = post_message,
    };

    CU_ASSERT_EQUAL(host_window_exists(7), 0);
    CU_ASSERT_EQUAL(host_post_message(7, 8, 9, 10), 0);
    CU_ASSERT_EQUAL(ws2emu_set_embedding(&embedding), WS2_SUCCESS);
    /* It was copied. */
    memset(&embedding, 0, sizeof embedding);
    CU_ASSERT_EQUAL(host_window_exists(7), 1);
    CU_ASSERT_EQUAL(host_window_exists(8), 0);
    CU_ASSERT_EQUAL(host_post_message(7, 8, 9, 10), 1);
    CU_ASSERT_EQUAL(host_post_message(7, 8, 9, 11), 0);
    CU_ASSERT_EQUAL(ws2emu_set_embedding(&embedding), WS2_EINVAL);
    embedding.size = sizeof embedding;
    embedding.window_exists = window_exists;
    CU_ASSERT_EQUAL(ws2emu_set_embedding(&embedding), WS2_EINVAL);
    CU_ASSERT_EQUAL(host_window_exists(7), 1);
    /* A layer of an older, shorter struct. */
    embedding.post_message = post_message;
    embedding.size = offsetof(struct ws2emu_embedding, open_current_thread);
    CU_ASSERT_EQUAL(ws2emu_set_embedding(&embedding), WS2_SUCCESS);
    CU_ASSERT_EQUAL(host_window_exists(7), 1);
    CU_ASSERT_EQUAL(ws2emu_set_embedding(NULL), WS2_SUCCESS);
    CU_ASSERT_EQUAL(host_window_exists(7), 0);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        { "events are manual-reset", events_are_manual_reset },
        { "bad handles are refused", bad_handles_are_refused },
        { "wait checks its parameters", wait_checks_its_parameters },
        { "wait for all needs all", wait_for_all_needs_all },
        { "wait outlives a closed event", wait_outlives_a_closed_event },
        { "APCs run in order in alertable waits",
          apcs_run_in_order_in_alertable_waits },
        { "routines have three arguments", routines_have_three_arguments },
        { "the end of a known thread is told",
          the_end_of_a_known_thread_is_told },
        { "references outlive an event", references_outlive_an_event },
        { "sockets and events are told apart",
          sockets_and_events_are_told_apart },
        { "ended processes do not exist", ended_processes_do_not_exist },
        { "fork keeps events", fork_keeps_events },
        { "runtime directory follows the environment",
          runtime_directory_follows_the_environment },
        { "embedding brings windows", embedding_brings_windows },
        CU_TEST_INFO_NULL,
    };

    alarm(60); /* a wait that never ends is a failure */
    if (host_startup())
        return 99;
    return test_main("native host", tests);
}
