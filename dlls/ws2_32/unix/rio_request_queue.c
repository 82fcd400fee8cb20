/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Request queues of Registered I/O; see rio_request_queue.h. */
#include "unix/rio_request_queue.h"

#include <stddef.h>

#include "unix/rio_buffer.h"
#include "unix/rio_completion_queue.h"
#include "unix/rio_request.h"
#include "unix/socket_operations.h"
#include "unix/transfer.h"

/* OPERATION_RECEIVE and OPERATION_SEND. */
#define DIRECTIONS 2

/* Requests that were not started yet, in their order. */
struct line {
    struct rio_request *first, **last;
    int is_starting;  /* a thread starts them one after the other */
    uint32_t is_used; /* atomic: read without the lock, too; 0: who comes may
                         start at once */
};

struct rio_request_queue {
    struct rio_entry entry; /* the first member */
    struct descriptor *descriptor; /* good as long as the id is */
    struct rio_quota quotas[DIRECTIONS];
    uint64_t context;
    pthread_mutex_t lock; /* of the lines */
    struct line lines[DIRECTIONS];
};

static void queue_end(struct rio_entry *entry)
{
    struct rio_request_queue *queue = (struct rio_request_queue *)entry;
    int i;

    for (i = 0; i < DIRECTIONS; i++)
        if (queue->quotas[i].queue != NULL)
            rio_completion_queue_release(queue->quotas[i].queue);
    pthread_mutex_destroy(&queue->lock);
}

RIO_TABLE(queues, 3, struct rio_request_queue, queue_end);

void rio_request_queue_release(struct rio_entry *entry)
{
    rio_table_release(&queues, entry);
}

/* The queue of an id with a reference of it and of its descriptor. */
static int acquire(uint64_t id, struct rio_request_queue **ret_queue)
{
    struct rio_request_queue *queue =
        (struct rio_request_queue *)rio_table_acquire(&queues, id);
    struct descriptor *descriptor;

    if (queue == NULL)
        return WS2_EINVAL;
    descriptor = queue->descriptor;
    /* It may be closed, and even another one by now. */
    if (!descriptor_reference(descriptor))
        goto closed;
    if (__atomic_load_n(&descriptor->request_queue, __ATOMIC_ACQUIRE) != id) {
        descriptor_release(descriptor);
        goto closed;
    }
    *ret_queue = queue;
    return WS2_SUCCESS;
closed:
    rio_request_queue_release(&queue->entry);
    return WS2_EINVAL;
}

static void release(struct rio_request_queue *queue)
{
    descriptor_release(queue->descriptor);
    rio_request_queue_release(&queue->entry);
}

/* --- Lines ---------------------------------------------------------------- */

static void line_append_locked(struct line *line, struct rio_request *request)
{
    request->next = NULL;
    *line->last = request;
    line->last = &request->next;
    __atomic_store_n(&line->is_used, 1, __ATOMIC_RELEASE);
}

static struct rio_request *line_take_locked(struct line *line)
{
    struct rio_request *request = line->first;

    if (request == NULL)
        return NULL;
    line->first = request->next;
    if (line->first == NULL)
        line->last = &line->first;
    return request;
}

static uint32_t line_take_some_locked(struct line *line,
                                      struct rio_request **ret_requests)
{
    uint32_t n = 0;

    while (n < TRANSFER_TOGETHER &&
           (ret_requests[n] = line_take_locked(line)) != NULL)
        n++;
    return n;
}

static void start(struct rio_request_queue *queue, const struct line *line,
                  struct rio_request *const *requests, uint32_t n)
{
    uint32_t i;

    if (line == &queue->lines[OPERATION_SEND]) {
        rio_request_start_sends(requests, n, queue->descriptor);
        return;
    }
    for (i = 0; i < n; i++)
        rio_request_start(requests[i], queue->descriptor);
}

/* Starts what is in line, in its order: a thread that finds another one at it
   leaves its own to that. */
static void line_start(struct rio_request_queue *queue, struct line *line)
{
    struct rio_request *requests[TRANSFER_TOGETHER];
    uint32_t n;

    pthread_mutex_lock(&queue->lock);
    if (!line->is_starting) {
        line->is_starting = 1;
        while ((n = line_take_some_locked(line, requests)) != 0) {
            pthread_mutex_unlock(&queue->lock);
            start(queue, line, requests, n);
            pthread_mutex_lock(&queue->lock);
        }
        line->is_starting = 0;
        __atomic_store_n(&line->is_used, 0, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&queue->lock);
}

static int line_is_used(const struct line *line)
{
    return __atomic_load_n(&line->is_used, __ATOMIC_ACQUIRE) != 0;
}

/* --- Requests ------------------------------------------------------------- */

static int check_flags(enum operation_direction direction,
                       const struct unix_rio_request *program)
{
    const uint32_t known = WS2_RIO_MSG_DONT_NOTIFY | WS2_RIO_MSG_DEFER |
                           (direction == OPERATION_RECEIVE
                                ? (uint32_t)WS2_RIO_MSG_WAITALL
                                : 0);
    const int is_bare = program->data == NULL && program->local == NULL &&
                        program->remote == NULL && program->control == NULL &&
                        program->flags_told == NULL && program->n_data == 0 &&
                        program->context == 0;

    if (program->flags & WS2_RIO_MSG_COMMIT_ONLY)
        return program->flags == WS2_RIO_MSG_COMMIT_ONLY && is_bare
                   ? WS2_SUCCESS
                   : WS2_EINVAL;
    if (program->flags & ~known || program->n_data != (program->data != NULL))
        return WS2_EINVAL;
    return WS2_SUCCESS;
}

static int submit_request(struct rio_request_queue *queue,
                          enum operation_direction direction,
                          const struct unix_rio_request *program)
{
    struct line *line = &queue->lines[direction];
    struct rio_request *request;
    int error = rio_request_new(queue->descriptor, direction, program,
                                &request);

    if (error)
        return error;
    error = rio_quota_charge(&queue->quotas[direction]);
    if (error) {
        rio_request_free(request);
        return error;
    }
    request->quota = &queue->quotas[direction];
    request->socket_context = queue->context;
    if (!(program->flags & WS2_RIO_MSG_DEFER) && !line_is_used(line)) {
        rio_request_start(request, queue->descriptor);
        return WS2_SUCCESS;
    }
    pthread_mutex_lock(&queue->lock);
    line_append_locked(line, request);
    pthread_mutex_unlock(&queue->lock);
    if (!(program->flags & WS2_RIO_MSG_DEFER))
        line_start(queue, line);
    return WS2_SUCCESS;
}

static int submit(uint64_t id, enum operation_direction direction,
                  const struct unix_rio_request *program)
{
    struct rio_request_queue *queue;
    int error = check_flags(direction, program);

    if (!error)
        error = acquire(id, &queue);
    if (error)
        return error;
    if (program->flags & WS2_RIO_MSG_COMMIT_ONLY)
        line_start(queue, &queue->lines[direction]);
    else
        error = submit_request(queue, direction, program);
    release(queue);
    return error;
}

int unix_rio_send(uint64_t queue, const struct unix_rio_request *request)
{
    return submit(queue, OPERATION_SEND, request);
}

int unix_rio_receive(uint64_t queue, const struct unix_rio_request *request)
{
    return submit(queue, OPERATION_RECEIVE, request);
}

/* --- Life ----------------------------------------------------------------- */

/* What the descriptor has while its request queue is being made: no id. */
#define BEING_MADE 1

static struct rio_request_queue *queue_new(struct descriptor *descriptor,
                                           uint64_t context)
{
    struct rio_request_queue *queue =
        (struct rio_request_queue *)rio_table_new(&queues);
    int i;

    if (queue == NULL)
        return NULL;
    queue->descriptor = descriptor;
    queue->context = context;
    pthread_mutex_init(&queue->lock, NULL);
    for (i = 0; i < DIRECTIONS; i++) {
        queue->quotas[i].queue = NULL;
        queue->lines[i] = (struct line){.last = &queue->lines[i].first};
    }
    return queue;
}

static int open_quota(struct rio_request_queue *queue,
                      enum operation_direction direction,
                      uint64_t completion_queue, uint32_t maximum)
{
    struct rio_completion_queue *completions =
        rio_completion_queue_acquire(completion_queue);
    int error;

    if (completions == NULL)
        return WS2_EINVAL;
    error = rio_quota_open(&queue->quotas[direction], completions,
                           &queue->entry, maximum);
    if (error)
        rio_completion_queue_release(completions);
    return error;
}

static void close_quotas(struct rio_request_queue *queue)
{
    int i;

    for (i = 0; i < DIRECTIONS; i++)
        if (queue->quotas[i].queue != NULL)
            rio_quota_close(&queue->quotas[i]);
}

static int make(struct descriptor *descriptor,
                const struct unix_rio_limits *limits, uint64_t receive_queue,
                uint64_t send_queue, uint64_t context, uint64_t *ret_id)
{
    struct rio_request_queue *queue = queue_new(descriptor, context);
    int error;

    if (queue == NULL)
        return WS2_ENOBUFS;
    error = open_quota(queue, OPERATION_RECEIVE, receive_queue,
                       limits->receives);
    if (!error)
        error = open_quota(queue, OPERATION_SEND, send_queue, limits->sends);
    if (error)
        close_quotas(queue);
    else
        *ret_id = rio_table_open(&queues, &queue->entry);
    rio_request_queue_release(&queue->entry);
    return error;
}

static int check_socket(const struct descriptor *descriptor)
{
    const struct unix_identity *identity = &descriptor->identity;

    return identity->flags & WS2_FLAG_REGISTERED_IO &&
                   (identity->type == WS2_SOCK_STREAM ||
                    identity->type == WS2_SOCK_DGRAM) &&
                   (identity->family == WS2_AF_INET ||
                    identity->family == WS2_AF_INET6)
               ? WS2_SUCCESS
               : WS2_EOPNOTSUPP;
}

int unix_rio_request_queue_create(ws2_handle s,
                                  const struct unix_rio_limits *limits,
                                  uint64_t receive_queue, uint64_t send_queue,
                                  uint64_t context, uint64_t *ret_queue)
{
    uint64_t none = 0, id = 0;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = check_socket(descriptor);
    if (!error && limits->receives == 0 && limits->sends == 0)
        error = WS2_EINVAL;
    if (!error && socket_operations_of(descriptor) == NULL)
        error = WS2_ENOBUFS;
    if (!error && !__atomic_compare_exchange_n(
                      &descriptor->request_queue, &none, BEING_MADE, 0,
                      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        error = WS2_EINVAL; /* it has one */
    else if (!error) {
        error = make(descriptor, limits, receive_queue, send_queue, context,
                     &id);
        __atomic_store_n(&descriptor->request_queue, id, __ATOMIC_RELEASE);
    }
    descriptor_release(descriptor);
    if (!error)
        *ret_queue = id;
    return error;
}

/* What gets smaller goes first: the other one may need its room. */
static int resize(struct rio_request_queue *queue,
                  const struct unix_rio_limits *limits)
{
    const uint32_t maxima[DIRECTIONS] = {
        [OPERATION_RECEIVE] = limits->receives,
        [OPERATION_SEND] = limits->sends,
    };
    const int first = limits->receives <=
                              queue->quotas[OPERATION_RECEIVE].maximum
                          ? OPERATION_RECEIVE
                          : OPERATION_SEND;
    const uint32_t before = queue->quotas[first].maximum;
    int error = rio_quota_resize(&queue->quotas[first], maxima[first]);

    if (error)
        return error;
    error = rio_quota_resize(&queue->quotas[!first], maxima[!first]);
    if (error)
        (void)rio_quota_resize(&queue->quotas[first], before);
    return error;
}

int unix_rio_request_queue_resize(uint64_t id,
                                  const struct unix_rio_limits *limits)
{
    struct rio_request_queue *queue;
    int error;

    if (limits->receives == 0 && limits->sends == 0)
        return WS2_EINVAL;
    error = acquire(id, &queue);
    if (error)
        return error;
    error = resize(queue, limits);
    release(queue);
    return error;
}

static void abort_line(struct line *line)
{
    struct rio_request *request;

    while ((request = line_take_locked(line)) != NULL)
        rio_request_abort(request);
}

/* Nobody starts anything any more: that takes a reference of the descriptor. */
void rio_request_queue_leave(struct descriptor *descriptor)
{
    const uint64_t id = __atomic_exchange_n(&descriptor->request_queue, 0,
                                            __ATOMIC_ACQ_REL);
    struct rio_request_queue *queue;
    int i;

    if (id == 0)
        return;
    queue = (struct rio_request_queue *)rio_table_close(&queues, id);
    if (queue == NULL)
        return;
    for (i = 0; i < DIRECTIONS; i++)
        abort_line(&queue->lines[i]);
    close_quotas(queue);
    rio_request_queue_release(&queue->entry);
}

void rio_in_child(void)
{
    rio_buffers_forget();
    rio_completion_queues_forget();
    rio_table_forget(&queues);
}
