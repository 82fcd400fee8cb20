/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPSelect and WSPPoll: waiting for several sockets.
 *
 * select's sets become one list of distinct sockets, each with what is wanted
 * of it; a socket that is named twice counts once.  The answer is compacted
 * into the sets in the order in which they came.  Sets have no size limit but
 * their fd_count, so the working memory of a large call comes from the heap.
 *
 * The members are looked at once, when the list is made: two of the sets may
 * be the same memory.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "provider/provider.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

C_ASSERT(sizeof(WSAPOLLFD) == sizeof(struct unix_pollfd));
C_ASSERT(offsetof(WSAPOLLFD, events) == offsetof(struct unix_pollfd, events));
C_ASSERT(offsetof(WSAPOLLFD, revents) == offsetof(struct unix_pollfd, revents));
C_ASSERT(WS2_POLLRDNORM == POLLRDNORM && WS2_POLLHUP == POLLHUP);

#define SETS 3
#define SMALL 64 /* members for which the stack is enough */

/* The open-addressing table has twice as many places as there are members. */
#define PLACES_FOR(members) (4 * (members))

struct selection {
    fd_set *sets[SETS];
    uint32_t n_members, n_entries, n_places;
    struct unix_select_entry *entries;
    uint32_t *members; /* of the sets one after the other: index of entry */
    uint32_t *places;  /* hash table: index of entry + 1, 0: free */
    void *memory;      /* of the three; NULL: the small ones below */
    struct unix_select_entry small_entries[SMALL];
    uint32_t small_members[SMALL], small_places[PLACES_FOR(SMALL)];
};

static const uint32_t wanted[SETS] = {UNIX_READABLE, UNIX_WRITABLE,
                                      UNIX_EXCEPTIONAL};

static const SOCKET *members_of(const fd_set *set)
{
    return (const SOCKET *)((const char *)set + offsetof(fd_set, fd_array));
}

static uint32_t count_of(const fd_set *set)
{
    return set == NULL ? 0 : set->fd_count;
}

static uint32_t power_of_two(uint32_t at_least)
{
    uint32_t power = 1;

    while (power < at_least)
        power *= 2;
    return power;
}

/* Makes room for the members; WSAEINVAL: there are none. */
static int selection_init(struct selection *selection, fd_set *readfds,
                          fd_set *writefds, fd_set *exceptfds)
{
    uint64_t total =
        (uint64_t)count_of(readfds) + count_of(writefds) + count_of(exceptfds);
    size_t entries_size;

    selection->sets[0] = readfds;
    selection->sets[1] = writefds;
    selection->sets[2] = exceptfds;
    selection->n_members = (uint32_t)total;
    selection->n_entries = 0;
    selection->memory = NULL;
    if (total == 0)
        return WSAEINVAL;
    if (total <= SMALL) {
        selection->n_places = power_of_two(2 * (uint32_t)total);
        selection->entries = selection->small_entries;
        selection->members = selection->small_members;
        selection->places = selection->small_places;
    } else if (total > UINT32_MAX / 64) {
        return WSAENOBUFS;
    } else {
        selection->n_places = power_of_two(2 * (uint32_t)total);
        entries_size = total * sizeof *selection->entries;
        selection->memory =
            malloc(entries_size +
                   (total + selection->n_places) * sizeof *selection->members);
        if (selection->memory == NULL)
            return WSAENOBUFS;
        selection->entries = selection->memory;
        selection->members =
            (uint32_t *)(void *)((char *)selection->memory + entries_size);
        selection->places = selection->members + total;
    }
    memset(selection->places, 0,
           selection->n_places * sizeof *selection->places);
    return 0;
}

static void selection_deinit(struct selection *selection)
{
    free(selection->memory);
}

/* The entry of a socket, made when it is new. */
static uint32_t entry_of(struct selection *selection, SOCKET s)
{
    uint32_t mask = selection->n_places - 1;
    uint32_t place = (uint32_t)((s >> 2) * 2654435769u) & mask;
    uint32_t entry;

    while (selection->places[place] != 0) {
        entry = selection->places[place] - 1;
        if (selection->entries[entry].s == s)
            return entry;
        place = (place + 1) & mask;
    }
    entry = selection->n_entries++;
    selection->places[place] = entry + 1;
    selection->entries[entry] = (struct unix_select_entry){.s = s};
    return entry;
}

static void selection_collect(struct selection *selection)
{
    uint32_t set, i, member = 0;

    for (set = 0; set < SETS; set++) {
        const fd_set *from = selection->sets[set];

        for (i = 0; i < count_of(from); i++) {
            uint32_t entry = entry_of(selection, members_of(from)[i]);

            selection->entries[entry].want |= wanted[set];
            selection->members[member++] = entry;
        }
    }
}

/* Writes one set: its ready members, each once, in the order of members.
   Returns how many there are. */
static uint32_t write_set(struct selection *selection, uint32_t set,
                          const uint32_t *members, uint32_t n)
{
    fd_set *to = selection->sets[set];
    SOCKET *array = (SOCKET *)(void *)((char *)to + offsetof(fd_set, fd_array));
    uint32_t i, written = 0;

    for (i = 0; i < n; i++) {
        struct unix_select_entry *entry = &selection->entries[members[i]];

        if (!(entry->ready & wanted[set]))
            continue;
        entry->ready &= ~wanted[set]; /* the next one is a repetition */
        array[written++] = (SOCKET)entry->s;
    }
    to->fd_count = written;
    return written;
}

/* A socket that was closed meanwhile comes out readable; where nobody asked
   for that, it is what the call fails with. */
static BOOL was_closed(const struct selection *selection)
{
    uint32_t i;
    BOOL closed = FALSE;

    for (i = 0; i < selection->n_entries; i++) {
        uint32_t ready = selection->entries[i].ready;

        if (ready & selection->entries[i].want)
            return FALSE;
        closed |= ready != 0;
    }
    return closed;
}

static int write_sets(struct selection *selection, int *ret_count)
{
    uint32_t counts[SETS], set, total = 0;
    const uint32_t *members = selection->members;

    if (was_closed(selection))
        return WSAENOTSOCK;
    for (set = 0; set < SETS; set++)
        counts[set] = count_of(selection->sets[set]);
    for (set = 0; set < SETS; set++) {
        if (selection->sets[set] != NULL)
            total += write_set(selection, set, members, counts[set]);
        members += counts[set];
    }
    *ret_count = (int)total;
    return 0;
}

/* Microseconds, -1: for ever.  WSAEINVAL: a negative time. */
static int read_timeout(const struct timeval *timeout, int64_t *ret)
{
    if (timeout == NULL) {
        *ret = -1;
        return 0;
    }
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
        return WSAEINVAL;
    *ret = (int64_t)timeout->tv_sec * 1000000 + timeout->tv_usec;
    return 0;
}

/*
 * Waits for any of the sockets.  Returns how many members the sets have then,
 * 0 when the time is over.  WSAEINVAL: no socket in any set, or a negative
 * time; WSAENOTSOCK: one is no socket.  On failure the sets are unchanged.
 */
int WSPAPI WSPSelect(int nfds, fd_set *readfds, fd_set *writefds,
                     fd_set *exceptfds, const struct timeval *timeout,
                     LPINT lpErrno)
{
    struct selection selection;
    int64_t microseconds;
    int error, count = 0;

    (void)nfds;
    error = selection_init(&selection, readfds, writefds, exceptfds);
    if (error)
        return provider_result(error, lpErrno);
    selection_collect(&selection);
    error = read_timeout(timeout, &microseconds);
    if (!error)
        error = unix_select_sockets(selection.entries, selection.n_entries,
                                    microseconds);
    if (!error)
        error = write_sets(&selection, &count);
    selection_deinit(&selection);
    return error ? provider_result(error, lpErrno) : count;
}

int WSPAPI WSPPoll(WSAPOLLFD *entries, ULONG n, int timeout, LPINT lpErrno)
{
    uint32_t count = 0;
    int error;

    if (n == 0)
        error = WSAEINVAL;
    else if (entries == NULL)
        error = WSAEFAULT;
    else
        error = unix_poll((struct unix_pollfd *)(void *)entries, n, timeout,
                          &count);
    return error ? provider_result(error, lpErrno) : (int)count;
}
