/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for notices: they come, they are taken, somebody stops it. */
#include "util/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "fixture.h"

/* A watch, and where its notices come from. */
static int source;

static void watch_open(struct watch *watch)
{
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    source = ends[1];
    CU_ASSERT_EQUAL_FATAL(watch_init(watch, ends[0]), 0);
}

static void watch_close(struct watch *watch)
{
    watch_deinit(watch);
    close(source);
}

static void all_notices_are_taken(void)
{
    char notices[6000] = "";
    struct watch watch;
    struct pollfd left = {.events = POLLIN};

    watch_open(&watch);
    CU_ASSERT_EQUAL(write(source, notices, sizeof notices), sizeof notices);
    CU_ASSERT(watch_wait(&watch));
    left.fd = watch.notices;
    CU_ASSERT_EQUAL(poll(&left, 1, 0), 0);
    watch_close(&watch);
}

static void a_stop_ends_all_waits_to_come(void)
{
    struct watch watch;

    watch_open(&watch);
    watch_stop(&watch);
    CU_ASSERT(!watch_wait(&watch));
    CU_ASSERT_EQUAL(write(source, "", 1), 1);
    CU_ASSERT(!watch_wait(&watch));
    watch_close(&watch);
}

static void *wait_here(void *watch)
{
    return watch_wait(watch) ? watch : NULL;
}

static void another_thread_stops_it(void)
{
    struct watch watch;
    pthread_t waiter;
    void *notices;

    watch_open(&watch);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&waiter, NULL, wait_here, &watch), 0);
    watch_stop(&watch);
    CU_ASSERT_EQUAL(pthread_join(waiter, &notices), 0);
    CU_ASSERT_PTR_NULL(notices);
    watch_close(&watch);
}

static void without_notices_there_is_none(void)
{
    const int before = fixture_count_fds();
    struct watch watch;

    errno = EMFILE;
    CU_ASSERT_EQUAL(watch_init(&watch, -1), -EMFILE);
    watch_deinit(&watch);
    CU_ASSERT_EQUAL(fixture_count_fds(), before);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"all notices are taken", all_notices_are_taken},
        {"a stop ends all waits to come", a_stop_ends_all_waits_to_come},
        {"another thread stops it", another_thread_stops_it},
        {"without notices there is none", without_notices_there_is_none},
        CU_TEST_INFO_NULL,
    };

    return test_main("watch", tests);
}
