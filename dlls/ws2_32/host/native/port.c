/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion ports of the native host; see <ws2emu/port.h>.
 *
 * A port is a queue of packets.  Its handle is that of an eventfd, which wakes
 * the threads that wait for APCs, too; the others sleep on a condition.  A port
 * is owned by references: one of its handle, one of each socket that is
 * associated, one of each call that uses it now.  The table of handles is
 * under one mutex, the queue under the port's own, taken in that order.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <ws2emu/constants.h>
#include <ws2emu/port.h>

#include "host/host.h"
#include "host/native/native.h"
#include "unix/notification.h"

#define EXPORT __attribute__((visibility("default")))

#define FIRST_ROOM 64

struct port {
    struct port *next; /* under table_mutex */
    uint64_t handle;
    uint32_t references; /* atomic */

    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t arrival;
    int is_closed;
    int fd; /* eventfd */
    uint32_t n_waiting;   /* on `arrival` */
    uint32_t n_alertable; /* on fd and their own APCs */
    /* The queue: a ring. */
    struct ws2emu_packet *packets;
    uint32_t room, first, count;
};

static pthread_mutex_t table_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct port *ports;

/* --- The object ----------------------------------------------------------- */

static void init_locks(struct port *port)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&port->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&port->arrival, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void port_release(struct port *port)
{
    if (__atomic_sub_fetch(&port->references, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    if (port->fd >= 0)
        close(port->fd);
    pthread_cond_destroy(&port->arrival);
    pthread_mutex_destroy(&port->mutex);
    free(port->packets);
    free(port);
}

static struct port **find_locked(uint64_t handle)
{
    struct port **place = &ports;

    while (*place != NULL && (*place)->handle != handle)
        place = &(*place)->next;
    return place;
}

/* The port of a handle with a reference; NULL: none. */
static struct port *port_find(uint64_t handle)
{
    struct port *port;

    pthread_mutex_lock(&table_mutex);
    port = *find_locked(handle);
    if (port != NULL)
        __atomic_add_fetch(&port->references, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&table_mutex);
    return port;
}

/* --- The queue ------------------------------------------------------------ */

static int make_room_locked(struct port *port)
{
    uint32_t room = port->room ? 2 * port->room : FIRST_ROOM, i;
    struct ws2emu_packet *packets;

    if (port->count < port->room)
        return WS2_SUCCESS;
    packets = malloc(room * sizeof *packets);
    if (packets == NULL)
        return WS2_NOT_ENOUGH_MEMORY;
    for (i = 0; i < port->count; i++)
        packets[i] = port->packets[(port->first + i) % port->room];
    free(port->packets);
    port->packets = packets;
    port->room = room;
    port->first = 0;
    return WS2_SUCCESS;
}

static int port_put(struct port *port, const struct ws2emu_packet *packet)
{
    int error;

    pthread_mutex_lock(&port->mutex);
    error = port->is_closed ? WS2_INVALID_HANDLE : make_room_locked(port);
    if (!error) {
        port->packets[(port->first + port->count++) % port->room] = *packet;
        if (port->n_waiting > 0)
            pthread_cond_signal(&port->arrival);
        else if (port->n_alertable > 0)
            (void)eventfd_write(port->fd, 1);
    }
    pthread_mutex_unlock(&port->mutex);
    return error;
}

/* How many packets were taken. */
static uint32_t take_locked(struct port *port, struct ws2emu_packet *packets,
                            uint32_t n_packets)
{
    uint32_t n = port->count < n_packets ? port->count : n_packets, i;

    for (i = 0; i < n; i++) {
        packets[i] = port->packets[port->first];
        port->first = (port->first + 1) % port->room;
    }
    port->count -= n;
    return n;
}

/* --- Waiting -------------------------------------------------------------- */

/* The end of a wait; NULL: never. */
static const struct timespec *deadline_in(uint32_t timeout,
                                          struct timespec *deadline)
{
    if (timeout == UINT32_MAX)
        return NULL;
    clock_gettime(CLOCK_MONOTONIC, deadline);
    deadline->tv_sec += timeout / 1000;
    deadline->tv_nsec += timeout % 1000 * 1000000L;
    if (deadline->tv_nsec >= 1000000000L) {
        deadline->tv_sec++;
        deadline->tv_nsec -= 1000000000L;
    }
    return deadline;
}

static int wait_locked(struct port *port, const struct timespec *deadline)
{
    int error;

    port->n_waiting++;
    error = deadline == NULL
                ? pthread_cond_wait(&port->arrival, &port->mutex)
                : pthread_cond_timedwait(&port->arrival, &port->mutex,
                                         deadline);
    port->n_waiting--;
    return error == ETIMEDOUT ? WS2EMU_PORT_TIMEOUT : 0;
}

/* ms until then, rounded up; -1: for ever. */
static int time_left(const struct timespec *deadline)
{
    struct timespec now;
    int64_t left;

    if (deadline == NULL)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    left = (deadline->tv_sec - now.tv_sec) * INT64_C(1000000000) +
           (deadline->tv_nsec - now.tv_nsec);
    left = (left + 999999) / 1000000;
    return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* The mutex is given up meanwhile. */
static int wait_alertably_locked(struct port *port,
                                 const struct timespec *deadline)
{
    struct pollfd fds[2] = { { .fd = port->fd, .events = POLLIN },
                             { .fd = native_alert_fd(), .events = POLLIN } };
    const int left = time_left(deadline);
    eventfd_t ignored;

    port->n_alertable++;
    pthread_mutex_unlock(&port->mutex);
    if (native_run_apcs() > 0) {
        pthread_mutex_lock(&port->mutex);
        port->n_alertable--;
        return WS2EMU_PORT_IO_COMPLETION;
    }
    (void)poll(fds, 2, left);
    pthread_mutex_lock(&port->mutex);
    port->n_alertable--;
    if (fds[0].revents & POLLIN && !port->is_closed)
        (void)eventfd_read(port->fd, &ignored);
    return left == 0 ? WS2EMU_PORT_TIMEOUT : 0;
}

static int get_locked(struct port *port, struct ws2emu_packet *packets,
                      uint32_t n_packets, const struct timespec *deadline,
                      int alertable, uint32_t *ret_count)
{
    int error = 0;

    for (;;) {
        if (port->is_closed)
            return WS2EMU_PORT_ABANDONED;
        *ret_count = take_locked(port, packets, n_packets);
        if (*ret_count > 0) {
            /* Arrivals may have been told to one thread alone. */
            if (port->count > 0 && port->n_alertable > 0)
                (void)eventfd_write(port->fd, 1);
            return 0;
        }
        if (error)
            return error;
        error = alertable ? wait_alertably_locked(port, deadline)
                          : wait_locked(port, deadline);
        if (error == WS2EMU_PORT_IO_COMPLETION)
            return error;
    }
}

/* Socket notifications say what they tell when they are taken.  Returns how
   many packets are left. */
static uint32_t resolve(struct ws2emu_packet *packets, uint32_t n)
{
    uint32_t kept = 0, i;
    uint64_t context;

    for (i = 0; i < n; i++) {
        context = (uintptr_t)packets[i].overlapped;
        if (unix_notification_is(context)) {
            packets[i].bytes = unix_notification_take(context,
                                                      packets[i].bytes);
            packets[i].overlapped = NULL;
            if (packets[i].bytes == 0)
                continue;
        }
        packets[kept++] = packets[i];
    }
    return kept;
}

/* --- What programs call --------------------------------------------------- */

EXPORT int ws2emu_port_create(uint64_t *ret_port)
{
    struct port *port = calloc(1, sizeof *port);

    if (!port)
        return WS2_NOT_ENOUGH_MEMORY;
    port->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (port->fd < 0) {
        free(port);
        return WS2_NOT_ENOUGH_MEMORY;
    }
    init_locks(port);
    port->references = 1;
    *ret_port = port->handle = native_handle(port->fd);
    pthread_mutex_lock(&table_mutex);
    port->next = ports;
    ports = port;
    pthread_mutex_unlock(&table_mutex);
    return WS2_SUCCESS;
}

EXPORT int ws2emu_port_close(uint64_t handle)
{
    struct port **place, *port;

    pthread_mutex_lock(&table_mutex);
    place = find_locked(handle);
    port = *place;
    if (port != NULL)
        *place = port->next;
    pthread_mutex_unlock(&table_mutex);
    if (port == NULL)
        return WS2_INVALID_HANDLE;
    pthread_mutex_lock(&port->mutex);
    port->is_closed = 1;
    port->count = 0;
    pthread_cond_broadcast(&port->arrival);
    (void)eventfd_write(port->fd, 1); /* stays readable: nobody resets it */
    pthread_mutex_unlock(&port->mutex);
    port_release(port);
    return WS2_SUCCESS;
}

EXPORT int ws2emu_port_post(uint64_t handle,
                            const struct ws2emu_packet *packet)
{
    struct port *port = port_find(handle);
    int error;

    if (!port)
        return WS2_INVALID_HANDLE;
    error = port_put(port, packet);
    port_release(port);
    return error;
}

EXPORT int ws2emu_port_get(uint64_t handle, struct ws2emu_packet *packets,
                           uint32_t n_packets, uint32_t timeout, int alertable,
                           uint32_t *ret_count)
{
    const struct timespec *deadline;
    struct timespec time;
    struct port *port;
    uint32_t count = 0;
    int error;

    if (!packets || n_packets == 0)
        return WS2_INVALID_PARAMETER;
    port = port_find(handle);
    if (!port)
        return WS2_INVALID_HANDLE;
    deadline = deadline_in(timeout, &time);
    do {
        pthread_mutex_lock(&port->mutex);
        error = get_locked(port, packets, n_packets, deadline, alertable,
                           &count);
        pthread_mutex_unlock(&port->mutex);
        if (!error)
            count = resolve(packets, count);
    } while (!error && count == 0);
    port_release(port);
    *ret_count = count;
    return error;
}

/* --- What the unix side calls --------------------------------------------- */

int host_completion_port_post(uint64_t port, uint64_t key, uint64_t context,
                              uint32_t status, uint32_t bytes)
{
    const struct ws2emu_embedding *embedding = native_embedding();
    const struct ws2emu_packet packet = {
        .key = key,
        .overlapped = (void *)(uintptr_t)context,
        .status = status,
        .bytes = bytes,
    };

    if (embedding->complete)
        return embedding->complete(port, key, packet.overlapped, status, bytes);
    return port_put((struct port *)(uintptr_t)port, &packet);
}

int host_completion_ports_are_own(void)
{
    return !native_embedding()->complete;
}

int host_completion_port_take(uint64_t handle, struct host_packet *packets,
                              uint32_t n_packets, uint32_t timeout,
                              uint32_t *ret_count)
{
    struct ws2emu_packet taken[FIRST_ROOM];
    uint32_t i;
    int error = ws2emu_port_get(
        handle, taken, n_packets < FIRST_ROOM ? n_packets : FIRST_ROOM,
        timeout, /* alertable= */ 0, ret_count);

    for (i = 0; !error && i < *ret_count; i++)
        packets[i] = (struct host_packet){
            .key = taken[i].key,
            .context = (uintptr_t)taken[i].overlapped,
            .status = taken[i].status,
            .bytes = taken[i].bytes,
        };
    return error;
}

/* Nothing waits for a SOCKET itself here. */
void host_socket_signal(uint64_t cookie)
{
    (void)cookie;
}

void host_completion_port_close(uint64_t port)
{
    if (!native_embedding()->complete)
        port_release((struct port *)(uintptr_t)port);
}

int host_completion_port_open(uint64_t handle, uint64_t *ret_port)
{
    struct port *port;

    if (native_embedding()->complete) {
        *ret_port = handle;
        return WS2_SUCCESS;
    }
    port = port_find(handle);
    if (!port)
        return WS2_INVALID_HANDLE;
    *ret_port = (uintptr_t)port;
    return WS2_SUCCESS;
}

void host_completion_port_hold(uint64_t port)
{
    if (!native_embedding()->complete)
        __atomic_add_fetch(&((struct port *)(uintptr_t)port)->references, 1,
                           __ATOMIC_RELAXED);
}

/* In the child of a fork: its packets tell of the parent's operations, and its
   eventfd is not to be the parent's, too. */
void native_ports_forked(void)
{
    struct port *port;
    int fd;

    pthread_mutex_init(&table_mutex, NULL);
    for (port = ports; port; port = port->next) {
        init_locks(port);
        port->n_waiting = port->n_alertable = 0;
        port->count = 0;
        fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (fd >= 0) {
            (void)dup3(fd, port->fd, O_CLOEXEC);
            close(fd);
        }
    }
}
