/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors: what a SOCKET value of this process stands for.
 *
 * The table maps a SOCKET to its descriptor without a lock.  A descriptor's
 * memory is never given back, only used again, so that a reader which lost a
 * race reads a descriptor, not garbage; it then sees that the descriptor is
 * not open any more, or not at that place.
 *
 * Invariants
 *  - `references` is DESCRIPTOR_OPEN plus a count while the descriptor is in
 *    the table (the table's own reference counts 1); an operation adds 1 only
 *    while OPEN is set.
 *  - closing clears OPEN, wakes the process's blocked operations, and waits
 *    until its reference is the last.  Only then is the fd closed, so no
 *    operation ever meets a reused fd.  Until then the descriptor stays in its
 *    place, where nobody finds it any more.
 *  - the table lock is held from the making of an fd until its descriptor is
 *    in the table and the server told, and likewise from the closing of the fd
 *    until the server is told: nobody attaches to a handle that is about to be
 *    or about to end, a child of fork inherits no fd that the table lacks, and
 *    a new server is shown every socket.
 *  - `record` points at the socket's published record; the server alone
 *    writes that.
 */
#ifndef WS2EMU_UNIX_DESCRIPTOR_H
#define WS2EMU_UNIX_DESCRIPTOR_H

#include <stddef.h>
#include <stdint.h>

#include <ws2emu/hot_path.h>
#include <ws2emu/wire.h>

#include "unix/boundary.h"

#define DESCRIPTOR_OPEN 0x80000000u

/* SOCKETs are multiples of 4; two levels of 4096 cover values below 2^26,
   which is more than any process has handles. */
#define DESCRIPTOR_PAGE_ENTRIES 4096
#define DESCRIPTOR_PAGES 4096

/* What this process knows of the connection; the kernel is the authority, the
   stage spares asking it where the answer cannot change any more. */
enum descriptor_stage {
    DESCRIPTOR_UNKNOWN = 0, /* ask the kernel */
    DESCRIPTOR_CONNECTING,  /* a connect was started through this descriptor */
    DESCRIPTOR_CONNECTED,   /* was seen connected, once and for all */
};

/* What an extension function does with the socket. */
enum descriptor_extension {
    DESCRIPTOR_PLAIN = 0,
    DESCRIPTOR_ACCEPTING,     /* an AcceptEx waits to fill it */
    DESCRIPTOR_ACCEPTED_EX,   /* and did; no SO_UPDATE_ACCEPT_CONTEXT yet */
    DESCRIPTOR_CONNECTING_EX, /* a ConnectEx is under way */
    DESCRIPTOR_CONNECTED_EX,  /* and done; no SO_UPDATE_CONNECT_CONTEXT yet */
};

/* What the sends of a group socket name as their source. */
struct descriptor_source {
    uint32_t family; /* the kernel's; atomic, 0: the rest is not known */
    uint32_t address[4]; /* as in a packet; one word for AF_INET */
    uint32_t interface;
};

struct descriptor {
    /* What data calls read: one cache line. */
    ws2_handle handle;
    const struct wire_record *record; /* atomic; moves when the server is
                                         replaced */
    /* The overlapped operations of its socket, atomic; NULL: there was none
       yet. See socket_operations.h. */
    struct socket_operations *operations;
    struct unix_identity identity;
    int fd;
    uint32_t references;
    uint32_t waits_first; /* so many blocking receives wait before they try;
                             atomic, a guess */
    uint32_t slot;

    uint64_t cookie;
    uint32_t stage;        /* enum descriptor_stage, atomic */
    uint32_t bound;        /* 1: a local port is known to be set */
    uint32_t tells_destination; /* 1: control_data_ask_destination; atomic */
    uint32_t has_binding;  /* 1: the server may keep its local address; atomic */
    uint64_t connected_at; /* CLOCK_BOOTTIME s of the connect, 0: not known;
                              atomic */
    /* Under the table lock once it is in the table. */
    uint32_t peer_length;  /* of `peer`, 0: not known */
    uint8_t peer[110];     /* the peer's Winsock address */
    uint32_t local_length; /* of `local`, 0: not known */
    uint8_t local[110];    /* of AF_UNIX: the local Winsock address */

    struct echo_requests *echo_requests; /* of echo_socket.c; atomic */
    struct descriptor_source source;     /* of group_socket.c */
    uint32_t put_aside; /* connections, as the server knows; atomic */
    uint32_t is_put_aside; /* it is such a connection; atomic */
    uint64_t set_options; /* of option_carry.c; atomic */

    /* The registration made through this descriptor, to be made again when
       the server is replaced; kind 0: none.  Under the table lock. */
    struct unix_event_target target;
    uint32_t mask;

    struct descriptor *next_attached;
    uint32_t may_be_shared; /* others of this process may be of its socket */
    uint32_t has_copies; /* others of this process were of its socket; atomic */
    uint32_t was_duplicated; /* others of any process may be; atomic */
    uint32_t is_exchanged;  /* the host's handle is of another kernel socket;
                               see exchange.h */
    uint32_t extension;     /* enum descriptor_extension, atomic */
    struct operation *acceptor; /* the AcceptEx that fills the socket; under the
                                   table lock */
    /* Of datagrams, NULL: they are not kept; under the table lock. */
    struct time_stamps *sent_stamps;
    /* Of ports; under the table lock. */
    struct port_reservation *reservations;
    uint64_t request_queue; /* the id of its Registered I/O request queue, 0:
                               none; atomic */

    struct descriptor *next_free;
    struct descriptor *next; /* of all that were ever made */
} __attribute__((aligned(64)));

/* The descriptor of a SOCKET with a reference that descriptor_release ends.
   A value that the table lacks is looked up in the host (inherited handles).
   WS2_ENOTSOCK: no socket. */
int descriptor_acquire(ws2_handle handle, struct descriptor **ret_descriptor);
/* The same of what the table has, without asking the host. */
int descriptor_acquire_known(ws2_handle handle,
                             struct descriptor **ret_descriptor);

/* 1 while nobody closed it. */
int descriptor_is_open(const struct descriptor *descriptor);

/* A descriptor outside of the table, not open, fd -1. NULL: no memory. */
struct descriptor *descriptor_new(void);
/* Gives an unpublished descriptor back; its fd is closed. NULL is fine. */
struct descriptor *descriptor_free(struct descriptor *descriptor);
/* Puts it into the table under descriptor->handle, open; the caller gets no
   reference: from now on others may close it. */
int descriptor_publish_locked(struct descriptor *descriptor);
/* 1 when the table has it, be it closing. */
int descriptor_is_known_locked(ws2_handle handle);

/* Keeps others from finding the descriptor and waits for its operations to
   end; the caller then owns it alone.  WS2_ENOTSOCK: not there. */
int descriptor_withdraw(ws2_handle handle, struct descriptor **ret_descriptor);

/* Gives the place and the handle of a withdrawn descriptor free, and closes its
   fd. close_handle 0: the host's handle is closed already. */
void descriptor_end_handle_locked(struct descriptor *descriptor,
                                  int close_handle);

/* Calls visit for each descriptor in the table, also those that are being
   closed; no other call may run that changes the table (fork child, last
   WSACleanup, server replaced: all hold the table lock). */
void descriptor_for_each(void (*visit)(struct descriptor *, void *),
                         void *context);
/* The same for the descriptor and the others of its socket, as its cookie is
   now.  One that has no copies costs nothing more. */
void descriptor_for_each_copy(struct descriptor *descriptor,
                              void (*visit)(struct descriptor *, void *),
                              void *context);
void descriptor_table_lock(void);
void descriptor_table_unlock(void);
/* In a fork child: the other threads and their references are gone. */
void descriptor_table_after_fork(void);

/* --- The look-up of the hot path ------------------------------------------ */

extern struct descriptor **descriptor_table[DESCRIPTOR_PAGES]; /* atomic */

/* The last operation on a descriptor that is being closed has ended. */
void OFF_HOT_PATH descriptor_wake_closer(struct descriptor *descriptor);

/* The table's place for a handle; NULL: it has none (yet). */
static inline struct descriptor **descriptor_place(ws2_handle handle)
{
    uint64_t index = handle >> 2;
    struct descriptor **page;

    if (handle == 0 || (handle & 3) != 0 ||
        index >= DESCRIPTOR_PAGES * DESCRIPTOR_PAGE_ENTRIES)
        return NULL;
    page = __atomic_load_n(&descriptor_table[index / DESCRIPTOR_PAGE_ENTRIES],
                           __ATOMIC_ACQUIRE);
    return page != NULL ? &page[index % DESCRIPTOR_PAGE_ENTRIES] : NULL;
}

/* One more reference, of an open descriptor; 0: it is not open. */
static inline int descriptor_reference(struct descriptor *descriptor)
{
    uint32_t count =
        __atomic_load_n(&descriptor->references, __ATOMIC_RELAXED);

    do {
        if (!(count & DESCRIPTOR_OPEN))
            return 0;
    } while (!__atomic_compare_exchange_n(&descriptor->references, &count,
                                          count + 1, 1, __ATOMIC_ACQUIRE,
                                          __ATOMIC_RELAXED));
    return 1;
}

static inline void descriptor_release(struct descriptor *descriptor)
{
    uint32_t count =
        __atomic_sub_fetch(&descriptor->references, 1, __ATOMIC_ACQ_REL);

    if (HOT_UNLIKELY(count == 1)) /* not open: that thread may wait for this */
        descriptor_wake_closer(descriptor);
}

/* As descriptor_acquire, of what the table has.  NULL: it lacks the handle, or
   is just being changed; descriptor_acquire tells. */
static inline struct descriptor *descriptor_acquire_at_once(ws2_handle handle)
{
    struct descriptor **place = descriptor_place(handle), *descriptor;

    if (place == NULL)
        return NULL;
    descriptor = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (descriptor == NULL || !descriptor_reference(descriptor))
        return NULL;
    if (HOT_LIKELY(__atomic_load_n(place, __ATOMIC_ACQUIRE) == descriptor))
        return descriptor;
    descriptor_release(descriptor); /* was used again elsewhere */
    return NULL;
}

int OFF_HOT_PATH descriptor_acquire_slowly(ws2_handle handle,
                                           struct descriptor **ret_descriptor);

/* descriptor_acquire of the hot path. */
static inline int descriptor_acquire_hot(ws2_handle handle,
                                         struct descriptor **ret_descriptor)
{
    struct descriptor *found = descriptor_acquire_at_once(handle), *slow;
    int error;

    if (HOT_UNLIKELY(found == NULL)) {
        error = descriptor_acquire_slowly(handle, &slow);
        if (error)
            return error;
        found = slow;
    }
    *ret_descriptor = found;
    return WS2_SUCCESS;
}

/* --- What was published --------------------------------------------------- */

static inline uint32_t descriptor_flags(const struct descriptor *descriptor)
{
    const struct wire_record *record =
        __atomic_load_n(&descriptor->record, __ATOMIC_ACQUIRE);

    return __atomic_load_n(&record->flags, __ATOMIC_RELAXED);
}

static inline const struct wire_record *
descriptor_record(const struct descriptor *descriptor)
{
    return __atomic_load_n(&descriptor->record, __ATOMIC_ACQUIRE);
}

#endif
