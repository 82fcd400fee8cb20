/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completions; see completion.h. */
#include "unix/completion.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/memory.h"
#include "unix/socket_operations.h"
#include "unix/wait.h"

/* An IO_STATUS_BLOCK, and the first members of an OVERLAPPED. */
struct status_block {
    uint64_t status;
    uint64_t bytes;
};

/* Who waits for some completion sleeps on the count of them, which moves only
   while somebody does. */
static uint32_t n_announced, n_waiting;

/* --- The program's status block ------------------------------------------- */

/* The last store: once it is seen the program may do with the block what it
   likes. */
static void store_status(struct status_block *block, uint32_t status)
{
    __atomic_store_n(&block->status, (uint64_t)status, __ATOMIC_SEQ_CST);
}

/* The kernel proves that the block is there, which it may not be any more at
   the end of an operation that took long; at_once: a page that this thread has
   used just now is. */
static int write_block(void *memory, const struct unix_result *result,
                       int at_once)
{
    struct status_block *block = memory;
    uint64_t bytes = result->bytes;
    int error;

    /* As the pointers of Windows' programs are, the block is aligned. */
    if ((uintptr_t)memory % _Alignof(struct status_block) != 0)
        return WS2_EFAULT;
    error = at_once ? memory_write_cached(&block->bytes, &bytes, sizeof(bytes))
                    : unix_memory_write(&block->bytes, &bytes, sizeof(bytes));
    /* The two halves are on one page but for blocks that are only aligned to 8;
       those are written by the kernel alone. */
    if (!error && ((uintptr_t)memory & 0xfff) == 0xff8)
        return unix_memory_write(&block->status,
                                 &(uint64_t){result->status},
                                 sizeof(block->status));
    if (!error)
        store_status(block, result->status);
    return error;
}

int unix_completion_read(const void *status_block,
                         struct unix_result *ret_result)
{
    const struct status_block *block = status_block;
    int error = WS2_EFAULT;

    if ((uintptr_t)block % _Alignof(struct status_block) == 0)
        error = unix_memory_check(block, sizeof(*block), /* writing= */ 0);
    if (error)
        return error;
    /* The status first: with it the bytes are there. */
    ret_result->status =
        (uint32_t)__atomic_load_n(&block->status, __ATOMIC_SEQ_CST);
    ret_result->bytes =
        (uint32_t)__atomic_load_n(&block->bytes, __ATOMIC_RELAXED);
    ret_result->flags = unix_flags_of_status(ret_result->status);
    return WS2_SUCCESS;
}

/* --- Waiting -------------------------------------------------------------- */

static void wake_waiting(void)
{
    if (__atomic_load_n(&n_waiting, __ATOMIC_SEQ_CST) == 0)
        return;
    __atomic_add_fetch(&n_announced, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &n_announced, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL,
            0);
}

/* Sleeps until is_done or the deadline: 1 or 0. */
static int wait_until(int (*is_done)(const void *), const void *context,
                      int64_t deadline)
{
    struct timespec left, *timeout = NULL;
    uint32_t seen;
    int64_t time;
    int done;

    __atomic_add_fetch(&n_waiting, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        seen = __atomic_load_n(&n_announced, __ATOMIC_SEQ_CST);
        done = is_done(context);
        if (done)
            break;
        if (deadline != WAIT_FOREVER) {
            time = deadline - wait_now();
            if (time <= 0)
                break;
            left.tv_sec = time / INT64_C(1000000000);
            left.tv_nsec = time % INT64_C(1000000000);
            timeout = &left;
        }
        syscall(SYS_futex, &n_announced, FUTEX_WAIT_PRIVATE, seen, timeout,
                NULL, 0);
    }
    __atomic_sub_fetch(&n_waiting, 1, __ATOMIC_SEQ_CST);
    return done;
}

static int is_announced(const void *done)
{
    return __atomic_load_n((const uint32_t *)done, __ATOMIC_SEQ_CST) != 0;
}

int completion_wait_for(uint32_t *done, int64_t deadline)
{
    return wait_until(is_announced, done, deadline) ? WS2_SUCCESS
                                                    : WS2_ETIMEDOUT;
}

/* The waiting thread may be gone with *done as soon as that is set. */
void completion_announce(uint32_t *done)
{
    __atomic_store_n(done, 1, __ATOMIC_SEQ_CST);
    wake_waiting();
}

static int is_complete(const void *status_block)
{
    struct unix_result result;

    return unix_completion_read(status_block, &result) != WS2_SUCCESS ||
           result.status != WS2_STATUS_PENDING;
}

int unix_completion_wait(const void *status_block)
{
    struct unix_result result;
    int error = unix_completion_read(status_block, &result);

    if (!error)
        (void)wait_until(is_complete, status_block, WAIT_FOREVER);
    return error;
}

/* --- The program ---------------------------------------------------------- */

int completion_begin(const struct unix_completion *completion)
{
    const struct unix_result pending = {.status = WS2_STATUS_PENDING};
    int error = WS2_SUCCESS;

    if (completion->status_block != NULL)
        error = write_block(completion->status_block, &pending, 1);
    if (!error && completion->event != 0)
        error = host_event_reset(completion->event);
    return error;
}

int completion_needs_hold(const struct operation *operation)
{
    return !operation->has_references && (operation->completion.event != 0 ||
                                          operation->completion.routine != 0);
}

int completion_hold(struct operation *operation)
{
    int error = WS2_SUCCESS;

    if (operation->completion.event != 0)
        error = host_event_reference(operation->completion.event,
                                     &operation->event_reference);
    if (!error && operation->completion.routine != 0)
        error = operation->completion.thread != 0
                    ? host_thread_reference(operation->completion.thread,
                                            &operation->thread_reference)
                    : host_open_current_thread(&operation->thread_reference);
    operation->has_references = 1;
    return error;
}

void completion_drop(struct operation *operation)
{
    if (operation->event_reference != 0)
        host_event_reference_close(operation->event_reference);
    if (operation->thread_reference != 0)
        (void)host_close_thread(operation->thread_reference);
    operation->event_reference = operation->thread_reference = 0;
    operation->has_references = 0;
}

void completion_write(const struct unix_completion *completion,
                      const struct unix_result *result)
{
    if (completion->status_block != NULL)
        (void)write_block(completion->status_block, result, 1);
}

int completion_is_of_handle(const struct operation *operation)
{
    return operation->completion.event == 0 &&
           operation->completion.routine == 0 &&
           operation->kind != NULL && operation->kind->complete == NULL;
}

/* The SOCKET itself, if it is not signalled. */
static void signal_handle(struct socket_operations *socket)
{
    if (__atomic_load_n(&socket->is_unsignalled, __ATOMIC_SEQ_CST) == 0 ||
        (__atomic_load_n(&socket->modes, __ATOMIC_RELAXED) &
         UNIX_SKIP_EVENT_ON_HANDLE))
        return;
    __atomic_store_n(&socket->is_unsignalled, 0, __ATOMIC_SEQ_CST);
    host_socket_signal(socket->cookie);
}

static void signal_event(const struct operation *operation)
{
    if (operation->event_reference != 0)
        host_event_reference_set(operation->event_reference);
    else if (operation->completion.event != 0)
        (void)host_event_set(operation->completion.event);
    else if (completion_is_of_handle(operation))
        signal_handle(operation->socket);
}

/* A thread that has ended runs no APC. */
static void queue_routine(const struct operation *operation)
{
    const struct unix_completion *completion = &operation->completion;
    uint64_t thread = operation->thread_reference, opened = 0;

    if (operation->end == OPERATION_ABANDONED)
        return;
    if (thread == 0)
        thread = completion->thread;
    if (thread == 0) {
        if (host_open_current_thread(&opened) != WS2_SUCCESS)
            return;
        thread = opened;
    }
    (void)host_queue_routine(thread, completion->routine,
                             completion->routine_context,
                             (uintptr_t)completion->status_block,
                             operation->result.flags);
    if (opened != 0)
        (void)host_close_thread(opened);
}

static void post_packet(const struct operation *operation, int at_once)
{
    const struct socket_operations *socket = operation->socket;
    const struct port_association *association =
        __atomic_load_n(&socket->association, __ATOMIC_ACQUIRE);

    if (association == NULL || operation->completion.port_context == 0)
        return;
    if (at_once && (__atomic_load_n(&socket->modes, __ATOMIC_RELAXED) &
                    UNIX_SKIP_PORT_ON_SUCCESS))
        return;
    (void)host_completion_port_post(association->port, association->key,
                                    operation->completion.port_context,
                                    operation->result.status,
                                    operation->result.bytes);
}

void completion_finish(struct operation *operation, int at_once)
{
    const struct unix_completion *completion = &operation->completion;

    if (completion->status_block != NULL) {
        (void)write_block(completion->status_block, &operation->result,
                          at_once);
        wake_waiting();
    }
    signal_event(operation);
    if (completion->routine != 0)
        queue_routine(operation);
    else
        post_packet(operation, at_once);
}
