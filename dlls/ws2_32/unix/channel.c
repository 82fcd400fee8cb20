/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The channel to ws2server; see channel.h. */
#include "unix/channel.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/launch.h"
#include "unix/recovery.h"
#include "wire/frame.h"

/* How often HELLO is tried again when the server leaves just then. */
#define HELLO_TRIES 10

/* How often a call is made at most.  Servers that die one after the other while
   a thread waits for its turn are not its fault, and on a busy machine many
   can; but a request that each server dies of must end. */
#define CALL_TRIES 100

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int channel_fd = -1;
static uint32_t generation;
static uint32_t last_serial;

/* The records of the server that we are connected to.  The mapping of an
   earlier server stays: readers may be looking at it. */
static const struct wire_record *records;
static uint32_t record_count;
static uint32_t server_process_id;

static uint32_t granted[WIRE_GRANT_SLOTS];
static uint32_t n_granted;

void channel_lock(void)
{
    pthread_mutex_lock(&mutex);
}

void channel_unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

int channel_is_open_locked(void)
{
    return channel_fd >= 0;
}

uint32_t channel_generation_locked(void)
{
    return generation;
}

void channel_drop_locked(void)
{
    if (channel_fd >= 0)
        close(channel_fd);
    channel_fd = -1;
    n_granted = 0;
}

/* --- Frames --------------------------------------------------------------- */

int channel_exchange_locked(void *request, const int *fds, size_t n_fds,
                            void *reply, int *ret_fd)
{
    struct wire_header *header = request;
    struct wire_reply_header *reply_header = reply;
    size_t expected = wire_reply_size(header->code), n_reply_fds;
    int reply_fds[WIRE_MAX_FDS], error, lost;
    ssize_t size;
    size_t i;

    header->serial = ++last_serial ? last_serial : ++last_serial;
    error = frame_send(channel_fd, request, wire_request_size(header->code),
                       fds, n_fds);
    if (error) {
        errno = -error;
        return -1;
    }
    n_reply_fds = WIRE_MAX_FDS;
    size = frame_receive(channel_fd, reply, expected, reply_fds, &n_reply_fds);
    if (size < 0) {
        errno = (int)-size;
        return -1;
    }
    lost = n_reply_fds == FRAME_FDS_LOST;
    if (lost)
        n_reply_fds = 0;
    for (i = (ret_fd != NULL); i < n_reply_fds; i++)
        close(reply_fds[i]);
    if (ret_fd != NULL)
        *ret_fd = n_reply_fds ? reply_fds[0] : -1;
    if ((size_t)size == expected && lost && !reply_header->error)
        reply_header->error = WS2_EMFILE;
    if ((size_t)size != expected || reply_header->serial != header->serial ||
        (ret_fd != NULL && !reply_header->error && *ret_fd < 0)) {
        if (ret_fd != NULL && *ret_fd >= 0)
            close(*ret_fd);
        errno = size ? EPROTO : ECONNRESET;
        return -1;
    }
    return 0;
}

static int map_records(int fd, uint32_t count)
{
    void *memory = mmap(NULL, (size_t)count * sizeof(struct wire_record),
                        PROT_READ, MAP_SHARED, fd, 0);

    if (memory == MAP_FAILED)
        return WS2_SYSNOTREADY;
    records = memory;
    record_count = count;
    return WS2_SUCCESS;
}

static int say_hello(uint64_t fork_token)
{
    struct wire_hello_request request = {
        .header.code = WIRE_HELLO,
        .version = WIRE_VERSION,
        .process_id = host_process_id(),
        .fork_token = fork_token,
    };
    struct wire_hello_reply reply;
    int fd = -1, error = WS2_SYSNOTREADY;

    host_program_name(request.program, sizeof(request.program));
    if (channel_exchange_locked(&request, NULL, 0, &reply, &fd) < 0)
        return WS2_SYSNOTREADY;
    if (reply.header.error)
        return WS2_SYSNOTREADY;
    if (records != NULL && reply.server_process_id == server_process_id)
        error = WS2_SUCCESS; /* a fork child: the mapping was inherited */
    else
        error = map_records(fd, reply.record_count);
    server_process_id = reply.server_process_id;
    close(fd);
    return error;
}

int channel_connect_locked(uint64_t fork_token)
{
    int tries, error = WS2_SYSNOTREADY;

    for (tries = 0; tries < HELLO_TRIES; tries++) {
        channel_fd = launch_connect();
        if (channel_fd < 0)
            return WS2_SYSNOTREADY;
        error = say_hello(fork_token);
        if (!error) {
            generation++;
            return WS2_SUCCESS;
        }
        channel_drop_locked();
    }
    return error;
}

int channel_open(void)
{
    int error = WS2_SUCCESS;

    channel_lock();
    if (channel_fd < 0)
        error = channel_connect_locked(0);
    channel_unlock();
    return error;
}

/* --- Calls ---------------------------------------------------------------- */

/* The slot is the one at the server that the request goes to: it is read under
   the channel's lock, in which recovery changes it. */
static void fill_slot(const struct descriptor *descriptor, uint32_t *slot_field)
{
    if (descriptor != NULL)
        *slot_field = __atomic_load_n(&descriptor->slot, __ATOMIC_ACQUIRE);
}

/* Takes a step with the lock held.  When it finds the connection broken, which
   is WS2_SYSNOTREADY and no error of the server's, another server is shown all
   sockets and it is taken again. */
static int take_step(int (*step)(void *context), void *context)
{
    uint32_t broken;
    int tries, error;

    for (tries = 0; tries < CALL_TRIES; tries++) {
        channel_lock();
        broken = generation;
        error = channel_fd < 0 ? WS2_SYSNOTREADY : step(context);
        channel_unlock();
        if (error != WS2_SYSNOTREADY)
            return error;
        error = recovery_run(broken);
        if (error)
            return error;
    }
    return WS2_SYSNOTREADY;
}

/* A request, of a descriptor or none; without a reply it is one-way. */
struct request_step {
    const struct descriptor *descriptor;
    void *request;
    uint32_t *slot_field;
    const int *fds;
    size_t n_fds;
    void *reply;
    int *ret_fd;
};

static int request_step(void *context)
{
    const struct request_step *step = context;
    const uint32_t code = ((struct wire_header *)step->request)->code;

    fill_slot(step->descriptor, step->slot_field);
    if (step->reply == NULL)
        return frame_send(channel_fd, step->request, wire_request_size(code),
                          NULL, 0)
                   ? WS2_SYSNOTREADY
                   : WS2_SUCCESS;
    if (channel_exchange_locked(step->request, step->fds, step->n_fds,
                                step->reply, step->ret_fd) < 0)
        return WS2_SYSNOTREADY;
    return ((struct wire_reply_header *)step->reply)->error;
}

int channel_call(void *request, const int *fds, size_t n_fds, void *reply,
                 int *ret_fd)
{
    struct request_step step = {NULL, request, NULL,  fds,
                                n_fds, reply,  ret_fd};

    return take_step(request_step, &step);
}

int channel_call_for(struct descriptor *descriptor, void *request,
                     uint32_t *slot_field, const int *fds, size_t n_fds,
                     void *reply)
{
    struct request_step step = {descriptor, request, slot_field, fds,
                                n_fds,      reply,   NULL};

    return take_step(request_step, &step);
}

void channel_post_for(struct descriptor *descriptor, void *request,
                      uint32_t *slot_field)
{
    struct request_step step = {.descriptor = descriptor,
                                .request = request,
                                .slot_field = slot_field};

    ((struct wire_header *)request)->serial = 0;
    (void)take_step(request_step, &step);
}

/* --- Slots ---------------------------------------------------------------- */

const struct wire_record *channel_record(uint32_t slot)
{
    return slot < record_count ? &records[slot] : NULL;
}

static int take_slot(uint32_t *ret_slot)
{
    struct wire_grant_request request = {.header.code = WIRE_GRANT};
    struct wire_grant_reply reply;

    if (n_granted == 0) {
        if (channel_fd < 0 ||
            channel_exchange_locked(&request, NULL, 0, &reply, NULL) < 0)
            return WS2_SYSNOTREADY;
        if (reply.header.error)
            return reply.header.error;
        if (reply.count == 0 || reply.count > WIRE_GRANT_SLOTS)
            return WS2_ENOBUFS;
        memcpy(granted, reply.slots, reply.count * sizeof(granted[0]));
        n_granted = reply.count;
    }
    *ret_slot = granted[--n_granted];
    return *ret_slot < record_count ? WS2_SUCCESS : WS2_ENOBUFS;
}

static void give_back_slot(uint32_t slot)
{
    granted[n_granted++] = slot; /* it was taken from there just now */
}

static void set_slot(struct descriptor *descriptor, uint32_t slot)
{
    __atomic_store_n(&descriptor->slot, slot, __ATOMIC_RELEASE);
    __atomic_store_n(&descriptor->record, &records[slot], __ATOMIC_RELEASE);
}

int channel_attach_locked(struct descriptor *descriptor,
                          const struct wire_record *state)
{
    struct wire_attach_request request = {
        .header.code = WIRE_ATTACH,
        .cookie = descriptor->cookie,
        .handle = descriptor->handle,
        .family = (uint32_t)descriptor->identity.family,
        .type = (uint32_t)descriptor->identity.type,
        .protocol = (uint32_t)descriptor->identity.protocol,
        .socket_flags = descriptor->identity.flags,
        .has_state = state != NULL,
    };
    struct wire_attach_reply reply;
    int error;

    if (state != NULL)
        memcpy(&request.record, state, sizeof(request.record));
    error = take_slot(&request.slot);
    if (error)
        return error;
    if (channel_exchange_locked(&request, &descriptor->fd, 1, &reply, NULL) < 0)
        return WS2_SYSNOTREADY;
    if (reply.header.error || reply.slot != request.slot)
        give_back_slot(request.slot);
    if (reply.header.error)
        return reply.header.error;
    if (reply.slot >= record_count)
        return WS2_SYSCALLFAILURE;
    set_slot(descriptor, reply.slot);
    return WS2_SUCCESS;
}

static int attach_step(void *descriptor)
{
    return channel_attach_locked(descriptor, NULL);
}

int channel_attach(struct descriptor *descriptor)
{
    return take_step(attach_step, descriptor);
}

struct register_step {
    struct descriptor *descriptor;
    uint64_t cookie;
    const struct descriptor *parent, *former;
    int fd, wait;
};

static uint32_t slot_of(const struct descriptor *descriptor)
{
    return descriptor != NULL ? descriptor->slot : WIRE_NO_SLOT;
}

static int register_step(void *context)
{
    const struct register_step *step = context;
    struct descriptor *descriptor = step->descriptor;
    struct wire_register_request request = {
        .header.code = WIRE_REGISTER,
        .cookie = step->cookie,
        .handle = descriptor->handle,
        .parent_slot = slot_of(step->parent),
        .family = (uint32_t)descriptor->identity.family,
        .type = (uint32_t)descriptor->identity.type,
        .protocol = (uint32_t)descriptor->identity.protocol,
        .socket_flags = descriptor->identity.flags,
        .former_slot = slot_of(step->former),
    };
    struct wire_register_reply reply = {.header.error = WS2_SUCCESS};
    const size_t n_fds = step->fd >= 0;
    int error = take_slot(&request.slot);

    if (error)
        return error;
    if (step->wait ? channel_exchange_locked(&request, &step->fd, n_fds, &reply,
                                             NULL) < 0
                   : frame_send(channel_fd, &request, sizeof(request),
                                &step->fd, n_fds))
        return WS2_SYSNOTREADY;
    if (reply.header.error)
        give_back_slot(request.slot);
    else
        set_slot(descriptor, request.slot);
    return reply.header.error;
}

int channel_register(struct descriptor *descriptor, uint64_t cookie,
                     const struct descriptor *parent, int fd, int wait)
{
    struct register_step step = {.descriptor = descriptor,
                                 .cookie = cookie,
                                 .parent = parent,
                                 .fd = fd,
                                 .wait = wait};

    return take_step(register_step, &step);
}

int channel_register_anew(struct descriptor *descriptor, uint64_t cookie)
{
    struct register_step step = {.descriptor = descriptor,
                                 .cookie = cookie,
                                 .former = descriptor,
                                 .fd = -1};

    return take_step(register_step, &step);
}

void channel_after_fork(void)
{
    /* The parent's connection and slots are not ours; the mapping is. */
    pthread_mutex_init(&mutex, NULL);
    channel_drop_locked();
}
