/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A new server, and a forked child.
 *
 * The server may die; data goes on flowing.  The first call that notices it
 * starts a new server and shows it all sockets of this process with the last
 * state that was published for them, makes their local addresses known, and
 * makes this process's registrations again.  The other holders of a socket do
 * the same and find it by its cookie.
 *
 * A child of fork holds every descriptor of its parent.  The parent asks the
 * server for a token before the fork; the child's HELLO with it takes over a
 * copy of the holdings, so that no socket loses its state in between.
 */
#include "unix/recovery.h"

#include <pthread.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/channel.h"
#include "unix/descriptor.h"
#include "unix/link.h"
#include "unix/name.h"
#include "unix/notification.h"
#include "unix/notifier.h"
#include "unix/path_socket.h"
#include "unix/port_reservation.h"
#include "unix/proactor.h"
#include "unix/rio_request_queue.h"
#include "unix/show.h"
#include "unix/socket.h"
#include "unix/socket_operations.h"
#include "unix/wait.h"

/* Shows one socket to the new server.  When that fails it has no slot: its old
   one may be another socket's by now. */
static int show_descriptor(struct descriptor *descriptor)
{
    int error = channel_attach_locked(descriptor,
                                      descriptor_record(descriptor));

    if (error)
        __atomic_store_n(&descriptor->slot, WIRE_NO_SLOT, __ATOMIC_RELEASE);
    return error;
}

/* The new server does not know who is bound to what. */
static void renew_binding(struct descriptor *descriptor)
{
    struct wire_bind_request request;
    struct wire_bind_reply reply;

    if (!name_describe_binding(descriptor, &request))
        return;
    request.slot = descriptor->slot;
    (void)channel_exchange_locked(&request, NULL, 0, &reply, NULL);
}

/* Nor which ports are reserved. */
static void renew_reservations(struct descriptor *descriptor)
{
    const struct port_reservation *place = NULL;
    struct wire_ports_request request;
    struct wire_ports_reply reply;

    while (port_reservation_describe_locked(descriptor, &place, &request)) {
        request.slot = descriptor->slot;
        (void)channel_exchange_locked(&request, NULL, 0, &reply, NULL);
    }
}

static void renew_names(struct descriptor *descriptor)
{
    struct wire_name_request request;
    struct wire_name_reply reply;
    int side;

    for (side = WIRE_NAME_LOCAL; side <= WIRE_NAME_PEER; side++) {
        if (!path_socket_describe_locked(descriptor, side, &request))
            continue;
        request.slot = descriptor->slot;
        (void)channel_exchange_locked(&request, NULL, 0, &reply, NULL);
    }
}

static void renew_property(struct descriptor *descriptor, uint32_t property,
                           uint64_t value)
{
    struct wire_set_request request = {.header.code = WIRE_SET,
                                       .property = property,
                                       .value = value,
                                       .slot = descriptor->slot};
    struct wire_set_reply reply;

    if (value != 0)
        (void)channel_exchange_locked(&request, NULL, 0, &reply, NULL);
}

/* Nor what operations that pend take of what arrives, nor which connections
   wait outside of the kernel's queue. */
static void renew_queues(struct descriptor *descriptor)
{
    if (descriptor->operations != NULL)
        renew_property(descriptor, WIRE_SET_TAKEN,
                       socket_operations_taken(descriptor->operations));
    renew_property(descriptor, WIRE_SET_PUT_ASIDE,
                   __atomic_load_n(&descriptor->put_aside, __ATOMIC_RELAXED));
}

/* Makes the registration again that was made through the descriptor. */
static void renew_registration(struct descriptor *descriptor)
{
    struct wire_select_request request = {
        .header.code = WIRE_SELECT,
        .handle = descriptor->handle,
        .target = descriptor->target.target,
        .slot = descriptor->slot,
        .mask = descriptor->mask,
        .kind = descriptor->target.kind,
        .message = descriptor->target.message,
    };
    int fds[2] = {descriptor->fd, descriptor->target.fd};
    size_t n_fds = request.kind == WIRE_TARGET_EVENTFD ? 2 : 1;
    struct wire_select_reply reply;

    if (descriptor->mask == 0 || request.kind == WIRE_TARGET_NONE)
        return;
    if (request.kind != WIRE_TARGET_EVENTFD &&
        notifier_subscribe_locked() != WS2_SUCCESS)
        return;
    if (channel_exchange_locked(&request, fds, n_fds, &reply, NULL) < 0 ||
        reply.header.error)
        descriptor->mask = 0; /* e.g. its event is closed by now */
}

static void show_and_renew(struct descriptor *descriptor, void *context)
{
    (void)context;
    if (show_descriptor(descriptor) != WS2_SUCCESS)
        return;
    renew_reservations(descriptor);
    renew_binding(descriptor);
    renew_names(descriptor);
    renew_queues(descriptor);
    renew_registration(descriptor);
    if (__atomic_load_n(&descriptor->is_exchanged, __ATOMIC_ACQUIRE))
        show_prepare_locked();
}

int recovery_run(uint32_t broken)
{
    int error = WS2_SUCCESS;

    descriptor_table_lock();
    channel_lock();
    if (channel_generation_locked() == broken) {
        channel_drop_locked();
        notifier_disconnect_locked();
        error = channel_connect_locked(0);
        if (!error)
            descriptor_for_each(show_and_renew, NULL);
    }
    channel_unlock();
    descriptor_table_unlock();
    return error;
}

/* --- fork ----------------------------------------------------------------- */

static uint64_t fork_token;

static void before_fork(void)
{
    struct wire_fork_request request = {.header.code = WIRE_FORK};
    struct wire_fork_reply reply;

    descriptor_table_lock();
    channel_lock();
    socket_operations_before_fork();
    proactor_before_fork();
    links_before_fork();
    fork_token = 0;
    if (channel_is_open_locked() &&
        channel_exchange_locked(&request, NULL, 0, &reply, NULL) == 0 &&
        !reply.header.error)
        fork_token = reply.token;
}

static void in_parent(void)
{
    links_in_parent();
    proactor_in_parent();
    socket_operations_in_parent();
    channel_unlock();
    descriptor_table_unlock();
}

static void forget_parents(struct descriptor *descriptor, void *context)
{
    (void)context;
    descriptor->mask = 0; /* the parent's, not the child's */
    descriptor->acceptor = NULL;
    if (descriptor->extension == DESCRIPTOR_ACCEPTING ||
        descriptor->extension == DESCRIPTOR_CONNECTING_EX)
        descriptor->extension = DESCRIPTOR_PLAIN;
    descriptor->request_queue = 0;
    descriptor->put_aside = 0;
    port_reservation_forget(descriptor); /* for its process alone */
}

/* The thread that was closing it is not here, or it is a connection that waits
   for the parent's accept. */
static void finish_closing(struct descriptor *descriptor, void *context)
{
    (void)context;
    if (descriptor_is_open(descriptor))
        return;
    socket_operations_leave(descriptor);
    descriptor_end_handle_locked(descriptor, 1);
    socket_tell_release(descriptor, /* wait= */ 0);
    descriptor_free(descriptor);
}

static void in_child(void)
{
    int was_open = channel_is_open_locked();

    channel_after_fork();
    wait_after_fork();
    notifier_after_fork();
    proactor_in_child();
    socket_operations_in_child();
    links_in_child();
    notification_in_child();
    rio_in_child();
    descriptor_table_after_fork();
    descriptor_for_each(forget_parents, NULL);
    socket_operations_free_forgotten();
    if (!was_open)
        return;
    channel_lock();
    if (fork_token == 0 || channel_connect_locked(fork_token) != WS2_SUCCESS)
        channel_drop_locked(); /* the first call recovers */
    channel_unlock();
    descriptor_for_each(finish_closing, NULL);
}

static void register_handlers(void)
{
    if (host_process_forks())
        pthread_atfork(before_fork, in_parent, in_child);
}

void recovery_watch_fork(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, register_handlers);
}
