/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Overlapped operations: starting and ending one; see operation.h. */
#include "unix/operation.h"

#include <stddef.h>

#include "host/host.h"
#include "unix/completion.h"
#include "unix/proactor.h"
#include "unix/socket_operations.h"
#include "unix/wait.h"

void operation_init(struct operation *operation,
                    const struct operation_kind *kind,
                    enum operation_direction direction,
                    const struct unix_completion *completion)
{
    *operation = (struct operation){.kind = kind, .direction = direction};
    if (completion != NULL)
        operation->completion = *completion;
}

void operation_free(struct operation *operation)
{
    completion_drop(operation);
    operation->kind->free(operation);
}

/* Of its thread the child has a copy, whose lock may be another thread's. */
void operation_forget(struct operation *operation)
{
    if (operation->event_reference != 0)
        host_event_reference_close(operation->event_reference);
    if (operation->kind->forget != NULL)
        operation->kind->forget(operation);
    else
        operation->kind->free(operation);
}

/* --- The end -------------------------------------------------------------- */

/* What the error that decided an operation means to the program. */
static void set_result(struct operation *operation, int error)
{
    struct unix_result *result = &operation->result;

    if (result->status == 0)
        result->status = unix_status_of_error(error);
    result->flags |= unix_flags_of_status(result->status);
}

static uint32_t end_status(const struct operation *operation)
{
    return operation->end == OPERATION_CLOSED &&
                   operation->kind->closed_status != 0
               ? operation->kind->closed_status
               : WS2_STATUS_CANCELLED;
}

/* The outputs to the program, and what that makes of the result. */
static void deliver(struct operation *operation)
{
    if (operation->end != OPERATION_PERFORMED)
        operation->result.status = end_status(operation);
    else if (operation->kind->deliver != NULL)
        operation->kind->deliver(operation);
}

/* Tells whoever wants to know; the operation stays the caller's. */
static void tell(struct operation *operation, int at_once)
{
    struct operation_waiter *waiter = operation->waiter;

    if (operation->kind->over != NULL)
        operation->kind->over(operation);
    if (operation->kind->complete != NULL)
        operation->kind->complete(operation);
    else
        completion_finish(operation, at_once);
    if (waiter != NULL) {
        waiter->result = operation->result;
        waiter->end = operation->end;
        completion_announce(&waiter->done);
    }
}

void operation_perform_end(struct operation *operation, int error)
{
    operation->end = OPERATION_PERFORMED;
    set_result(operation, error);
}

void operation_tell(struct operation *operation)
{
    deliver(operation);
    tell(operation, /* at_once= */ 0);
}

/* --- The start ------------------------------------------------------------ */

/* Who was told of an operation's end may start the next one before the old one
   is off the queue.  It is let go first, so that the new one is tried at once;
   not for ever, as telling may take its time. */
#define TURNS_FOR_TOLD 100

static void let_told_go_locked(struct operation_queue *queue)
{
    int turns;

    for (turns = 0; turns < TURNS_FOR_TOLD && queue->first != NULL &&
                    queue->first->end == OPERATION_PERFORMED &&
                    queue->first->next == NULL;
         turns++) {
        pthread_mutex_unlock(&queue->lock);
        sched_yield();
        pthread_mutex_lock(&queue->lock);
    }
}

/* WS2_IO_PENDING: it is queued.  Else it was decided, or did not start. */
static int enter(struct operation *operation, struct descriptor *descriptor)
{
    struct socket_operations *socket = operation->socket;
    struct operation_queue *queue = &socket->queues[operation->direction];
    int error;

    pthread_mutex_lock(&queue->lock);
    let_told_go_locked(queue);
    for (;;) {
        if (queue->first == NULL || operation->direction == OPERATION_WATCH) {
            error = operation->kind->perform(operation, descriptor);
            if (error != WS2_EWOULDBLOCK) {
                operation_perform_end(operation, error);
                goto out;
            }
        }
        if (!completion_needs_hold(operation))
            break;
        /* Not under the lock, as the host is not ours. */
        pthread_mutex_unlock(&queue->lock);
        error = completion_hold(operation);
        if (error)
            return error;
        pthread_mutex_lock(&queue->lock);
    }
    socket_operations_append_locked(socket, operation);
    if (completion_is_of_handle(operation))
        __atomic_store_n(&socket->is_unsignalled, 1, __ATOMIC_SEQ_CST);
    error = proactor_arm(socket, socket_operations_events(socket));
    if (!error) {
        socket_operations_tell_taken(socket, descriptor, 0, /* wait= */ 1);
        error = WS2_IO_PENDING;
    } else
        socket_operations_remove_locked(socket, operation);
out:
    pthread_mutex_unlock(&queue->lock);
    return error;
}

/* An operation that was decided, or did not start, before its call returned. */
static int leave(struct operation *operation, int error,
                 struct unix_result *ret_result)
{
    const int performed = operation->end == OPERATION_PERFORMED;
    const int pends = performed && operation->flags & OPERATION_ALWAYS_PENDS;

    if (performed && (!error || error == WS2_EMSGSIZE || pends)) {
        deliver(operation);
        error = unix_error_of_status(operation->result.status);
        if (error == WS2_EMSGSIZE)
            completion_write(&operation->completion, &operation->result);
    }
    if (performed && (!error || pends)) {
        tell(operation, /* at_once= */ !pends);
        error = pends ? WS2_IO_PENDING : WS2_SUCCESS;
    }
    if (ret_result != NULL)
        *ret_result = operation->result;
    operation_free(operation);
    return error;
}

int operation_start(struct operation *operation, struct descriptor *descriptor,
                    struct unix_result *ret_result)
{
    int error;

    operation->socket = socket_operations_of(descriptor);
    if (operation->socket == NULL)
        error = WS2_ENOBUFS;
    else if (operation->completion.routine != 0 &&
             socket_operations_has_port(operation->socket))
        error = WS2_EINVAL;
    else
        error = completion_begin(&operation->completion);
    operation->thread = host_thread_id();
    if (!error)
        error = enter(operation, descriptor);
    return error == WS2_IO_PENDING ? error
                                   : leave(operation, error, ret_result);
}

/* --- Waiting for one ------------------------------------------------------ */

static int is_waited_for(const struct operation *operation,
                         const void *waiter)
{
    return operation->waiter == waiter;
}

int operation_start_and_wait(struct operation *operation,
                             struct descriptor *descriptor, int64_t deadline,
                             struct unix_result *ret_result)
{
    struct operation_waiter waiter = {.done = 0};
    struct socket_operations *socket = socket_operations_of(descriptor);
    int error;

    operation->waiter = &waiter;
    if (socket != NULL)
        socket_operations_reference(socket);
    error = operation_start(operation, descriptor, ret_result);
    /* closesocket waits for the reference, and it ends the operation. */
    descriptor_release(descriptor);
    if (error == WS2_IO_PENDING) {
        error = completion_wait_for(&waiter.done, deadline);
        if (error) {
            (void)socket_operations_end(socket, is_waited_for, &waiter,
                                        OPERATION_CANCELLED);
            (void)completion_wait_for(&waiter.done, WAIT_FOREVER);
        }
        *ret_result = waiter.result;
        if (waiter.end == OPERATION_PERFORMED)
            error = unix_error_of_status(waiter.result.status);
        else if (!error)
            error = waiter.end == OPERATION_CANCELLED ? WS2_OPERATION_ABORTED
                                                      : WS2_EINTR;
    }
    if (socket != NULL)
        socket_operations_release(socket);
    return error;
}

int operation_start_made(int error, struct operation *operation,
                         struct descriptor *descriptor,
                         struct unix_result *ret_result)
{
    if (error)
        goto out;
    if (!(descriptor->identity.flags & WS2_FLAG_OVERLAPPED))
        return operation_start_and_wait(operation, descriptor, WAIT_FOREVER,
                                        ret_result);
    error = operation_start(operation, descriptor, ret_result);
out:
    descriptor_release(descriptor);
    return error;
}

int operation_wait_made(int error, struct operation *operation,
                        struct descriptor *descriptor, int64_t deadline,
                        uint32_t *ret_count)
{
    struct unix_result result;

    if (error) {
        descriptor_release(descriptor);
        return error;
    }
    error = operation_start_and_wait(operation, descriptor, deadline, &result);
    if (!error || error == WS2_EMSGSIZE)
        *ret_count = result.bytes;
    return error;
}

/* --- Cancelling ----------------------------------------------------------- */

static int is_same(const struct operation *operation, const void *other)
{
    return operation == other;
}

int operation_cancel(struct operation *operation)
{
    return socket_operations_end(operation->socket, is_same, operation,
                                 OPERATION_CANCELLED) != 0;
}

struct cancel {
    const void *status_block; /* NULL: all */
    uint64_t thread;          /* 0: all */
};

static int is_cancelled(const struct operation *operation, const void *context)
{
    const struct cancel *cancel = context;

    /* What is part of another is not the program's to cancel. */
    return (operation->completion.status_block != NULL ||
            operation->waiter != NULL) &&
           (cancel->status_block == NULL ||
            cancel->status_block == operation->completion.status_block) &&
           (cancel->thread == 0 || cancel->thread == operation->thread);
}

int unix_socket_cancel(ws2_handle s, const void *status_block,
                       int calling_thread, uint32_t *ret_count)
{
    const struct cancel cancel = {
        .status_block = status_block,
        .thread = calling_thread ? host_thread_id() : 0,
    };
    struct socket_operations *socket;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    socket = __atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE);
    *ret_count = socket == NULL ? 0
                                : socket_operations_end(socket, is_cancelled,
                                                        &cancel,
                                                        OPERATION_CANCELLED);
    if (status_block == NULL && !calling_thread)
        *ret_count += wait_cancel(0, descriptor->cookie);
    descriptor_release(descriptor);
    return WS2_SUCCESS;
}

struct thread_cancel {
    uint64_t thread;
    uint32_t *count;
};

static int is_waited_for_by(const struct operation *operation,
                            const void *context)
{
    const struct thread_cancel *cancel = context;

    return operation->waiter != NULL && operation->thread == cancel->thread;
}

static void cancel_waits(struct socket_operations *socket, const void *context)
{
    const struct thread_cancel *cancel = context;

    *cancel->count += socket_operations_end(socket, is_waited_for_by, cancel,
                                            OPERATION_CANCELLED);
}

uint32_t unix_thread_cancel(uint64_t thread)
{
    uint32_t count = wait_cancel(thread, 0);
    const struct thread_cancel cancel = {thread, &count};

    if (count == 0)
        socket_operations_for_each(cancel_waits, &cancel);
    return count;
}

/* Packets alone need no thread. */
static int is_abandoned(const struct operation *operation, const void *thread)
{
    return operation->thread == *(const uint64_t *)thread &&
           operation->kind->complete == NULL && operation->waiter == NULL &&
           (operation->completion.event != 0 ||
            operation->completion.port_context == 0 ||
            !socket_operations_has_port(operation->socket));
}

static void abandon(struct socket_operations *socket, const void *thread)
{
    (void)socket_operations_end(socket, is_abandoned, thread,
                                OPERATION_ABANDONED);
}

void unix_thread_ended(uint64_t thread)
{
    socket_operations_for_each(abandon, &thread);
}

/* --- What the socket has -------------------------------------------------- */

static int with_port(ws2_handle s, uint64_t port, uint64_t key,
                     int (*do_it)(struct socket_operations *, uint64_t,
                                  uint64_t))
{
    struct socket_operations *socket;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    socket = socket_operations_of(descriptor);
    error = socket == NULL ? WS2_ENOBUFS : do_it(socket, port, key);
    descriptor_release(descriptor);
    return error;
}

int unix_socket_associate(ws2_handle s, uint64_t port, uint64_t key)
{
    return with_port(s, port, key, socket_operations_associate);
}

int unix_socket_replace_port(ws2_handle s, uint64_t port, uint64_t key)
{
    return with_port(s, port, key, socket_operations_replace_port);
}

int unix_socket_has_port(ws2_handle s)
{
    struct socket_operations *socket;
    struct descriptor *descriptor;
    int has_port;

    if (descriptor_acquire(s, &descriptor))
        return 0;
    socket = __atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE);
    has_port = socket != NULL && socket_operations_has_port(socket);
    descriptor_release(descriptor);
    return has_port;
}

int unix_socket_set_notification_modes(ws2_handle s, uint32_t modes)
{
    struct socket_operations *socket;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    socket = socket_operations_of(descriptor);
    if (socket == NULL)
        error = WS2_ENOBUFS;
    else
        __atomic_or_fetch(&socket->modes, modes, __ATOMIC_RELAXED);
    descriptor_release(descriptor);
    return error;
}

int unix_socket_is_signalled(ws2_handle s, uint64_t *ret_cookie)
{
    const struct socket_operations *socket;
    struct descriptor *descriptor;
    int result;

    if (descriptor_acquire(s, &descriptor))
        return 1;
    socket = __atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE);
    result = socket == NULL ||
             __atomic_load_n(&socket->is_unsignalled, __ATOMIC_SEQ_CST) == 0;
    *ret_cookie = descriptor->cookie;
    descriptor_release(descriptor);
    return result;
}

int unix_socket_report(ws2_handle s, const struct unix_completion *completion,
                       const struct unix_result *result)
{
    struct operation operation = {.end = OPERATION_PERFORMED,
                                  .result = *result};
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    operation.completion = *completion;
    operation.socket = socket_operations_of(descriptor);
    error = operation.socket == NULL ? WS2_ENOBUFS
                                     : completion_begin(completion);
    if (!error)
        completion_finish(&operation, /* at_once= */ 1);
    descriptor_release(descriptor);
    return error;
}
