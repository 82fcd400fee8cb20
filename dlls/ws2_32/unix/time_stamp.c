/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time stamps of datagrams; see time_stamp.h. */
#include "unix/time_stamp.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "unix/boundary.h"
#include "unix/option.h"

struct time_stamps {
    uint32_t room, count;
    struct time_stamp {
        uint64_t counter;
        uint32_t id, reserved;
    } stamps[];
};

/* --- The counter ---------------------------------------------------------- */

static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0, 0};

    clock_gettime(clock, &now);
    return nanoseconds(&now);
}

uint64_t time_stamp_of(const struct timespec *time)
{
    const int64_t ago = read_clock(CLOCK_REALTIME) - nanoseconds(time);

    return (uint64_t)(read_clock(CLOCK_MONOTONIC_RAW) - ago) / 100;
}

/* --- What was sent -------------------------------------------------------- */

void time_stamp_sent(struct descriptor *descriptor, uint32_t id)
{
    const uint64_t now = (uint64_t)read_clock(CLOCK_MONOTONIC_RAW) / 100;
    struct time_stamps *sent;

    descriptor_table_lock();
    sent = descriptor->sent_stamps;
    if (sent != NULL && sent->count < sent->room) {
        sent->stamps[sent->count].counter = now;
        sent->stamps[sent->count].id = id;
        sent->count++;
    }
    descriptor_table_unlock();
}

static int take_stamp(struct time_stamps *sent, uint32_t id, uint64_t *ret)
{
    uint32_t i;

    if (sent == NULL)
        return WS2_EOPNOTSUPP;
    for (i = 0; i < sent->count; i++)
        if (sent->stamps[i].id == id) {
            *ret = sent->stamps[i].counter;
            sent->stamps[i] = sent->stamps[--sent->count];
            return WS2_SUCCESS;
        }
    return WS2_EWOULDBLOCK;
}

int unix_socket_take_sent_stamp(ws2_handle s, uint32_t id, uint64_t *ret)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    descriptor_table_lock();
    error = take_stamp(descriptor->sent_stamps, id, ret);
    descriptor_table_unlock();
    descriptor_release(descriptor);
    return error;
}

/* --- SIO_TIMESTAMPING ----------------------------------------------------- */

static int keep_sent(struct descriptor *descriptor, int on, uint32_t room)
{
    struct time_stamps *sent = NULL, *before;

    if (on) {
        sent = calloc(1, sizeof(*sent) + room * sizeof(sent->stamps[0]));
        if (sent == NULL)
            return WS2_ENOBUFS;
        sent->room = room;
    }
    descriptor_table_lock();
    before = descriptor->sent_stamps;
    descriptor->sent_stamps = sent;
    descriptor_table_unlock();
    free(before);
    return WS2_SUCCESS;
}

int unix_socket_set_time_stamps(ws2_handle s, int of_received, int of_sent,
                                uint32_t room)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = option_set_kernel_int(descriptor, SOL_SOCKET, SO_TIMESTAMPNS,
                                  of_received != 0);
    if (!error)
        error = keep_sent(descriptor, of_sent, room);
    descriptor_release(descriptor);
    return error;
}
