/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPSelect and WSPPoll: waiting for several sockets.
 *
 * select's sets become one list of distinct sockets, each with what is wanted
 * of it; a socket that is named twice counts once.  The answer is compacted
 * into the sets in the order in which they came.  Sets have no size limit but
 * their fd_count, so the working memory of a large call comes from the heap.
 *
 * The members are read once, before the list is made: two of the sets may be
 * the same memory.  It is the program's, and may be bad: WSAEFAULT.
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
    uint32_t counts[SETS]; /* of the sets */
    uint32_t n_members, n_entries, n_places;
    SOCKET *handles; /* of the sets one after the other, then the answer's */
    struct unix_select_entry *entries;
    uint32_t *members; /* of the sets one after the other: index of entry */
    uint32_t *places;  /* hash table: index of entry + 1, 0: free */
    void *memory;      /* of the four; NULL: the small ones below */
    SOCKET small_handles[SMALL];
    struct unix_select_entry small_entries[SMALL];
    uint32_t small_members[SMALL], small_places[PLACES_FOR(SMALL)];
};

static const uint32_t wanted[SETS] = {UNIX_READABLE, UNIX_WRITABLE,
                                      UNIX_EXCEPTIONAL};

static const SOCKET *members_of(const fd_set *set)
{
    return (const SOCKET *)((const char *)set + offsetof(fd_set, fd_array));
}

static uint32_t power_of_two(uint32_t at_least)
{
    uint32_t power = 1;

    while (power < at_least)
        power *= 2;
    return power;
}

/* How many members there are.  WSAEINVAL: none, WSAEFAULT. */
static int read_counts(struct selection *selection, uint64_t *ret_total)
{
    uint32_t set;
    int error;

    *ret_total = 0;
    for (set = 0; set < SETS; set++) {
        u_int count = 0;

        if (selection->sets[set] != NULL) {
            error = unix_memory_read_again(&count, selection->sets[set],
                                           sizeof count);
            if (error)
                return error;
        }
        selection->counts[set] = count;
        *ret_total += count;
    }
    return *ret_total == 0 ? WSAEINVAL : 0;
}

/* Room for what belongs to so many members. */
static int allocate(struct selection *selection, uint32_t total)
{
    size_t handles_size = total * sizeof *selection->handles;
    size_t entries_size = total * sizeof *selection->entries;
    char *memory;

    selection->n_places = power_of_two(2 * total);
    if (total <= SMALL) {
        selection->handles = selection->small_handles;
        selection->entries = selection->small_entries;
        selection->members = selection->small_members;
        selection->places = selection->small_places;
        return 0;
    }
    memory = malloc(handles_size + entries_size +
                    (total + selection->n_places) * sizeof *selection->members);
    if (memory == NULL)
        return WSAENOBUFS;
    selection->memory = memory;
    selection->handles = (SOCKET *)(void *)memory;
    selection->entries =
        (struct unix_select_entry *)(void *)(memory + handles_size);
    selection->members =
        (uint32_t *)(void *)(memory + handles_size + entries_size);
    selection->places = selection->members + total;
    return 0;
}

static int read_members(struct selection *selection)
{
    SOCKET *to = selection->handles;
    uint32_t set;
    int error;

    for (set = 0; set < SETS; set++) {
        uint32_t count = selection->counts[set];

        if (count == 0)
            continue;
        error = unix_memory_read_again(to, members_of(selection->sets[set]),
                                       count * (uint32_t)sizeof *to);
        if (error)
            return error;
        to += count;
    }
    return 0;
}

/* Reads the sets.  WSAEINVAL: they have no members; WSAEFAULT: bad memory. */
static int selection_init(struct selection *selection, fd_set *readfds,
                          fd_set *writefds, fd_set *exceptfds)
{
    uint64_t total;
    int error;

    selection->sets[0] = readfds;
    selection->sets[1] = writefds;
    selection->sets[2] = exceptfds;
    selection->n_entries = 0;
    selection->memory = NULL;
    error = read_counts(selection, &total);
    if (error)
        return error;
    if (total > UINT32_MAX / 64)
        return WSAENOBUFS;
    selection->n_members = (uint32_t)total;
    error = allocate(selection, (uint32_t)total);
    if (!error)
        error = read_members(selection);
    if (error)
        return error;
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

    for (set = 0; set < SETS; set++)
        for (i = 0; i < selection->counts[set]; i++, member++) {
            uint32_t entry = entry_of(selection, selection->handles[member]);

            selection->entries[entry].want |= wanted[set];
            selection->members[member] = entry;
        }
}

/* Writes one set: its ready members, each once, in the order of members.
   *ret_count: how many there are.  WSAEFAULT. */
static int write_set(struct selection *selection, uint32_t set,
                     const uint32_t *members, uint32_t *ret_count)
{
    fd_set *to = selection->sets[set];
    uint32_t i;
    u_int written = 0;
    int error = 0;

    for (i = 0; i < selection->counts[set]; i++) {
        struct unix_select_entry *entry = &selection->entries[members[i]];

        if (!(entry->ready & wanted[set]))
            continue;
        entry->ready &= ~wanted[set]; /* the next one is a repetition */
        selection->handles[written++] = (SOCKET)entry->s;
    }
    if (written > 0)
        error = unix_memory_write_again((void *)members_of(to),
                                        selection->handles,
                                        written * (uint32_t)sizeof(SOCKET));
    if (!error)
        error = unix_memory_write_again(to, &written, sizeof written);
    *ret_count = written;
    return error;
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
    uint32_t set, count, total = 0;
    const uint32_t *members = selection->members;
    int error = 0;

    if (was_closed(selection))
        return WSAENOTSOCK;
    for (set = 0; set < SETS && !error; set++) {
        if (selection->sets[set] == NULL)
            continue;
        error = write_set(selection, set, members, &count);
        total += count;
        members += selection->counts[set];
    }
    *ret_count = (int)total;
    return error;
}

/* Microseconds, -1: for ever.  WSAEINVAL: a negative time. */
static int read_timeout(const struct timeval *timeout, int64_t *ret)
{
    struct timeval value;
    int error;

    if (timeout == NULL) {
        *ret = -1;
        return 0;
    }
    error = unix_memory_read_again(&value, timeout, sizeof value);
    if (error)
        return error;
    if (value.tv_sec < 0 || value.tv_usec < 0)
        return WSAEINVAL;
    *ret = (int64_t)value.tv_sec * 1000000 + value.tv_usec;
    return 0;
}

/* --- Deferred connections ------------------------------------------------- */

/* A deferred connection waits on its listener as any other does, but the unix
   side does not know of it. */
static BOOL is_deferred(const struct unix_select_entry *entry)
{
    return entry->want & UNIX_READABLE &&
           provider_has_deferred((SOCKET)entry->s);
}

/* TRUE: one waits, so the call does not. */
static BOOL find_deferred(const struct selection *selection)
{
    uint32_t i;

    if (provider_none_deferred())
        return FALSE;
    for (i = 0; i < selection->n_entries; i++)
        if (is_deferred(&selection->entries[i]))
            return TRUE;
    return FALSE;
}

static void show_deferred(struct selection *selection)
{
    uint32_t i;

    for (i = 0; i < selection->n_entries; i++)
        if (is_deferred(&selection->entries[i]))
            selection->entries[i].ready |= UNIX_READABLE;
}

/* The same for WSAPoll; the entries were checked. */
static uint32_t poll_deferred(WSAPOLLFD *entries, ULONG n)
{
    uint32_t count = 0;
    ULONG i;

    for (i = 0; i < n; i++)
        if (entries[i].events & POLLRDNORM &&
            provider_has_deferred(entries[i].fd)) {
            count += entries[i].revents == 0;
            entries[i].revents |= POLLRDNORM;
        }
    return count;
}

static BOOL is_polled_deferred(const WSAPOLLFD *entries, ULONG n)
{
    ULONG i;

    if (provider_none_deferred() ||
        unix_memory_check(entries, (uint64_t)n * sizeof *entries, 0))
        return FALSE;
    for (i = 0; i < n; i++)
        if (provider_has_deferred(entries[i].fd))
            return TRUE;
    return FALSE;
}

/*
 * Waits for any of the sockets.  Returns how many members the sets have then,
 * 0 when the time is over.  WSAEINVAL: no socket in any set, or a negative
 * time; WSAENOTSOCK: one is no socket; WSAEFAULT.  On failure the sets are
 * unchanged.
 */
int WSPAPI WSPSelect(int nfds, fd_set *readfds, fd_set *writefds,
                     fd_set *exceptfds, const struct timeval *timeout,
                     LPINT lpErrno)
{
    struct selection selection;
    int64_t microseconds;
    int error, count = 0;
    BOOL deferred;

    (void)nfds;
    error = selection_init(&selection, readfds, writefds, exceptfds);
    if (!error)
        error = read_timeout(timeout, &microseconds);
    if (!error) {
        selection_collect(&selection);
        deferred = find_deferred(&selection);
        error = unix_select_sockets(selection.entries, selection.n_entries,
                                    deferred ? 0 : microseconds);
        if (!error && deferred)
            show_deferred(&selection);
    }
    if (!error)
        error = write_sets(&selection, &count);
    selection_deinit(&selection);
    return error ? provider_result(error, lpErrno) : count;
}

int WSPAPI WSPPoll(WSAPOLLFD *entries, ULONG n, int timeout, LPINT lpErrno)
{
    uint32_t count = 0;
    int error;
    BOOL deferred;

    if (n == 0)
        error = WSAEINVAL;
    else if (entries == NULL)
        error = WSAEFAULT;
    else {
        deferred = is_polled_deferred(entries, n);
        error = unix_poll((struct unix_pollfd *)(void *)entries, n,
                          deferred ? 0 : timeout, &count);
        if (!error && deferred)
            count += poll_deferred(entries, n);
    }
    return error ? provider_result(error, lpErrno) : (int)count;
}
