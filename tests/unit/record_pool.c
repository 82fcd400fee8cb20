/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pool of records: slots, and who may write them. */
#include "core/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fixture.h"

enum { COUNT = 128, SIZE = COUNT * sizeof(struct wire_record) };

static void slots_are_used_again_last(void)
{
    struct record_pool pool;
    uint32_t i;

    CU_ASSERT_EQUAL_FATAL(record_pool_init(&pool, COUNT), 0);
    for (i = 0; i < COUNT; i++)
        CU_ASSERT_EQUAL(record_take(&pool), i);
    CU_ASSERT_EQUAL(record_take(&pool), WIRE_NO_SLOT);
    record_give(&pool, 7);
    record_give(&pool, 3);
    CU_ASSERT_EQUAL(record_take(&pool), 7);
    CU_ASSERT_EQUAL(record_take(&pool), 3);
    CU_ASSERT_EQUAL(record_take(&pool), WIRE_NO_SLOT);
    record_pool_deinit(&pool);
}

static void a_given_record_is_clear(void)
{
    struct record_pool pool;
    const struct wire_record *record;

    CU_ASSERT_EQUAL_FATAL(record_pool_init(&pool, COUNT), 0);
    record = &pool.records[record_take(&pool)];
    record_publish(pool.records[0].cookie, 77);
    record_publish(pool.records[0].flags, 1);
    record_publish(pool.records[0].error, 10054);
    record_give(&pool, 0);
    CU_ASSERT_EQUAL(record->cookie, 0);
    CU_ASSERT_EQUAL(record->flags, 0);
    CU_ASSERT_EQUAL(record->error, 0);
    CU_ASSERT_EQUAL(record->generation, 1);
    record_pool_deinit(&pool);
}

static void clients_can_only_read(void)
{
    struct record_pool pool;
    const struct wire_record *seen;
    char path[64];
    int fd;

    CU_ASSERT_EQUAL_FATAL(record_pool_init(&pool, COUNT), 0);
    CU_ASSERT_PTR_EQUAL(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
                             pool.client_fd, 0),
                        MAP_FAILED);
    CU_ASSERT_EQUAL(ftruncate(pool.client_fd, 0), -1);
    /* Nor by opening the descriptor anew. */
    snprintf(path, sizeof path, "/proc/self/fd/%d", pool.client_fd);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        CU_ASSERT_PTR_EQUAL(
            mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
            MAP_FAILED);
        CU_ASSERT_EQUAL(write(fd, "x", 1), -1);
        CU_ASSERT_EQUAL(ftruncate(fd, 0), -1);
        close(fd);
    }
    seen = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, pool.client_fd, 0);
    CU_ASSERT_PTR_NOT_EQUAL_FATAL(seen, MAP_FAILED);
    record_publish(pool.records[5].mask, 32);
    CU_ASSERT_EQUAL(seen[5].mask, 32);
    munmap((void *)seen, SIZE);
    record_pool_deinit(&pool);
}

static void nothing_stays_open(void)
{
    int count = fixture_count_fds();
    struct record_pool pool;

    CU_ASSERT_EQUAL_FATAL(record_pool_init(&pool, COUNT), 0);
    record_pool_deinit(&pool);
    CU_ASSERT_EQUAL(fixture_count_fds(), count);
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "slots are used again last", slots_are_used_again_last },
        { "a given record is clear", a_given_record_is_clear },
        { "clients can only read", clients_can_only_read },
        { "nothing stays open", nothing_stays_open },
        CU_TEST_INFO_NULL,
    };

    return test_main("record pool", tests);
}
