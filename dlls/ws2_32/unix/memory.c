/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The program's memory, read and written so that a bad pointer is an error.
 *
 * Winsock answers WSAEFAULT to a pointer that cannot be used.  Where the
 * kernel itself takes the pointer its EFAULT is that answer; where we have to
 * look through it, the kernel copies for us (process_vm_readv on ourselves).
 * On a fault the host may open the pages (write watches, guard pages of Wine)
 * and the copy is tried once more.
 */
#include "unix/memory.h"

#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/boundary.h"

#define PAGE_SHIFT 12
#define CACHED_PAGES 8

/* Pages that the kernel has copied from or to for this thread. */
static _Thread_local struct {
    uintptr_t readable[CACHED_PAGES];
    uintptr_t writable[CACHED_PAGES];
    unsigned int next;
} pages;

static int copy(int writing, void *program, void *own, size_t length)
{
    struct iovec local = {own, length}, remote = {program, length};
    ssize_t done;
    int tries;

    for (tries = 0; tries < 2; tries++) {
        done = writing ? process_vm_writev(getpid(), &local, 1, &remote, 1, 0)
                       : process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
        if (done == (ssize_t)length)
            return WS2_SUCCESS;
        if (!host_memory_touch(program, length, writing))
            break;
    }
    return WS2_EFAULT;
}

int unix_memory_read(void *to, const void *program_from, uint32_t length)
{
    if (program_from == NULL)
        return WS2_EFAULT;
    return copy(0, (void *)program_from, to, length);
}

int unix_memory_write(void *program_to, const void *from, uint32_t length)
{
    if (program_to == NULL)
        return WS2_EFAULT;
    return copy(1, program_to, (void *)from, length);
}

int memory_write_parts(const struct memory_part *parts, uint32_t count)
{
    struct iovec local[MEMORY_PARTS], remote[MEMORY_PARTS];
    size_t length = 0;
    uint32_t i;
    int error = WS2_SUCCESS;

    for (i = 0; i < count; i++) {
        local[i] = (struct iovec){(void *)parts[i].from, parts[i].length};
        remote[i] = (struct iovec){parts[i].to, parts[i].length};
        length += parts[i].length;
    }
    if (process_vm_writev(getpid(), local, count, remote, count, 0) ==
        (ssize_t)length)
        return WS2_SUCCESS;
    for (i = 0; i < count && !error; i++)
        error = unix_memory_write(parts[i].to, parts[i].from, parts[i].length);
    return error;
}

/* Addresses are numbers here: the program's may be any. */
static inline uintptr_t page_of(const void *memory, size_t offset)
{
    return ((uintptr_t)memory + offset) >> PAGE_SHIFT;
}

static inline int has_page(const uintptr_t *cache, uintptr_t page)
{
    unsigned int i;

    for (i = 0; i < CACHED_PAGES; i++)
        if (cache[i] == page)
            return page != 0;
    return 0;
}

/* Small things lie in one page or two. */
static inline int is_cached(const uintptr_t *cache, const void *memory,
                            size_t length)
{
    uintptr_t first = page_of(memory, 0);
    uintptr_t last = page_of(memory, length - 1);

    return last - first <= 1 && has_page(cache, first) &&
           (last == first || has_page(cache, last));
}

static void remember(uintptr_t *cache, const void *memory, size_t length)
{
    uintptr_t first = page_of(memory, 0);
    uintptr_t last = page_of(memory, length - 1);

    if (!has_page(cache, first))
        cache[pages.next++ % CACHED_PAGES] = first;
    if (last == first + 1 && !has_page(cache, last))
        cache[pages.next++ % CACHED_PAGES] = last;
}

int memory_read_cached(void *to, const void *program_from, size_t length)
{
    int error;

    if (is_cached(pages.readable, program_from, length)) {
        memcpy(to, program_from, length);
        return WS2_SUCCESS;
    }
    error = unix_memory_read(to, program_from, (uint32_t)length);
    if (!error)
        remember(pages.readable, program_from, length);
    return error;
}

int memory_write_cached(void *program_to, const void *from, size_t length)
{
    int error;

    if (is_cached(pages.writable, program_to, length)) {
        memcpy(program_to, from, length);
        return WS2_SUCCESS;
    }
    error = unix_memory_write(program_to, from, (uint32_t)length);
    if (!error)
        remember(pages.writable, program_to, length);
    return error;
}

static int OFF_HOT_PATH check_unknown(const void *program, uint64_t length,
                                      int writing)
{
    if (program == NULL ||
        !host_memory_touch((void *)program, length, writing))
        return WS2_EFAULT;
    remember(writing ? pages.writable : pages.readable, program, length);
    return WS2_SUCCESS;
}

int HOT_PATH unix_memory_check(const void *program, uint64_t length,
                               int writing)
{
    if (length == 0 ||
        is_cached(writing ? pages.writable : pages.readable, program, length))
        return WS2_SUCCESS;
    return check_unknown(program, length, writing);
}

int unix_memory_read_again(void *to, const void *program_from, uint32_t length)
{
    return memory_read_cached(to, program_from, length);
}

int unix_memory_write_again(void *program_to, const void *from, uint32_t length)
{
    return memory_write_cached(program_to, from, length);
}
