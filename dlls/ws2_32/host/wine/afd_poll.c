/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOCTL_AFD_POLL: what wepoll, libuv and mio wait for sockets with.
 *
 * The program's structure is read once, at the call, and written once, at the
 * end; between them the poll is the unix side's.  The end is told as the call
 * asked: by the status block, an event, an APC of the calling thread, or a
 * packet on the port of the handle that carried the poll.
 */
#include "afd_poll.h"

#include <ntstatus.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "afd_file.h"
#include "host/host.h"
#include "nt.h"
#include "unix/afd_poll.h"
#include "unix/overlapped.h"

/* More sockets in one poll than any process has. */
#define MAX_ENTRIES 65536

struct afd_poll_entry {
    uint64_t socket;
    int32_t events;
    int32_t status;
};

struct afd_poll_information {
    int64_t timeout; /* 100 ns; negative: from now, positive: since 1601 */
    uint32_t n_entries;
    uint8_t is_exclusive;
    uint8_t padding[3];
    struct afd_poll_entry entries[];
};
C_ASSERT(sizeof(struct afd_poll_information) == 16);
C_ASSERT(sizeof(struct afd_poll_entry) == 16);

/* One call, until its end was told. */
struct poll_call {
    struct afd_file *file; /* a reference; NULL: the handle is a SOCKET */
    ws2_handle s;
    uint64_t event;  /* a reference, 0: none */
    uint64_t thread; /* the APC's, 0: none */
    PIO_APC_ROUTINE routine;
    uint64_t context;
    IO_STATUS_BLOCK *block;
    struct afd_poll_information *out;
};

/* --- Telling the end ------------------------------------------------------ */

static uint32_t write_output(struct afd_poll_information *out,
                             const struct unix_poll_entry *entries, uint32_t n)
{
    const uint32_t header = offsetof(struct afd_poll_information, entries);
    struct afd_poll_entry entry;
    uint32_t i;

    for (i = 0; i < n; i++) {
        entry.socket = entries[i].s;
        entry.events = (int32_t)entries[i].events;
        entry.status = (int32_t)entries[i].status;
        (void)unix_memory_write(&out->entries[i], &entry, sizeof(entry));
    }
    (void)unix_memory_write(&out->n_entries, &n, sizeof(n));
    return header + n * (uint32_t)sizeof(entry);
}

static void tell_port(const struct poll_call *call, NTSTATUS status,
                      uint32_t information, int at_once)
{
    const struct unix_completion completion = {
        .status_block = call->block,
        .port_context = call->context,
    };
    const struct unix_result result = {(uint32_t)status, information, 0};

    if (call->routine || !call->context)
        return;
    if (call->file)
        afd_file_post(call->file, call->context, status, information, at_once);
    else
        (void)unix_socket_report(call->s, &completion, &result);
}

static void tell(const struct poll_call *call, const struct unix_poll_end *end,
                 int at_once)
{
    const NTSTATUS status = (NTSTATUS)end->status;
    const uint32_t information =
        status == STATUS_CANCELLED
            ? 0
            : write_output(call->out, end->entries, end->n_entries);

    call->block->Information = information;
    __atomic_store_n(&call->block->Status, status, __ATOMIC_RELEASE);
    if (call->event)
        host_event_reference_set(call->event);
    if (call->thread && !end->is_abandoned)
        (void)host_queue_routine(call->thread, (uintptr_t)call->routine,
                                 call->context, (uintptr_t)call->block, 0);
    tell_port(call, status, information, at_once);
}

static void call_free(struct poll_call *call)
{
    if (call->file)
        afd_file_release(call->file);
    if (call->event)
        host_event_reference_close(call->event);
    if (call->thread)
        (void)host_close_thread(call->thread);
    free(call);
}

static void poll_ended(void *context, const struct unix_poll_end *end)
{
    struct poll_call *call = context;

    tell(call, end, 0);
    call_free(call);
}

/* Of all handles of an AFD file the same; a SOCKET is its own. */
static uint64_t carrier_of(const struct afd_file *file, ws2_handle s)
{
    return file ? (uintptr_t)file : s;
}

/* An AFD file that was the carrier of a poll is never freed, at the worst it is
   another one's by now. */
static int file_carrier_has_port(uint64_t carrier)
{
    return afd_file_has_port((struct afd_file *)(uintptr_t)carrier);
}

static int tells_port_alone(const struct poll_call *call)
{
    return !call->event && !call->routine && call->context;
}

/* --- The call ------------------------------------------------------------- */

/* What the call has to keep of it. */
static NTSTATUS call_new(const struct afd_call *source,
                         struct poll_call **ret_call)
{
    struct poll_call *call = calloc(1, sizeof(*call));
    int error = 0;

    if (!call)
        return STATUS_NO_MEMORY;
    call->file = afd_file_find(source->handle);
    call->s = (uintptr_t)source->handle & ~(uintptr_t)3;
    call->routine = source->routine;
    call->context = (uintptr_t)source->context;
    call->block = source->block;
    call->out = source->out;
    if (source->event) {
        error = host_event_reference((uintptr_t)source->event, &call->event);
        if (!error)
            error = host_event_reset(call->event);
    }
    if (!error && source->routine)
        error = host_open_current_thread(&call->thread);
    if (error) {
        call_free(call);
        return STATUS_INVALID_HANDLE;
    }
    *ret_call = call;
    return STATUS_SUCCESS;
}

/* Nanoseconds of a timeout, < 0: infinite.  One in the past still pends. */
static int64_t timeout_of(int64_t timeout)
{
    LARGE_INTEGER now;

    if (timeout == 0)
        return 0;
    if (timeout == INT64_MAX || timeout == INT64_MIN)
        return -1;
    if (timeout < 0) {
        timeout = -timeout;
    } else {
        NtQuerySystemTime(&now);
        timeout = timeout > now.QuadPart ? timeout - now.QuadPart : 0;
    }
    if (timeout > INT64_MAX / 100)
        return -1;
    return timeout ? timeout * 100 : 1;
}

/* Copies the entries; the sizes have been checked. */
static NTSTATUS read_entries(const struct afd_poll_information *in,
                             struct unix_poll_entry *entries, uint32_t n)
{
    struct afd_poll_entry entry;
    uint32_t i;

    for (i = 0; i < n; i++) {
        if (unix_memory_read(&entry, &in->entries[i], sizeof(entry)))
            return STATUS_ACCESS_VIOLATION;
        entries[i].s = entry.socket & ~(uint64_t)3;
        entries[i].events = (uint32_t)entry.events | UNIX_POLL_CLOSE;
        entries[i].status = 0;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS check_sizes(const struct afd_call *call,
                            struct afd_poll_information *ret_header)
{
    const uint32_t header = offsetof(struct afd_poll_information, entries);

    if (!call->in || !call->out || call->in_size < header ||
        call->out_size < call->in_size)
        return STATUS_INVALID_PARAMETER;
    if (unix_memory_read(ret_header, call->in, header))
        return STATUS_ACCESS_VIOLATION;
    if (ret_header->n_entries == 0 || ret_header->n_entries > MAX_ENTRIES ||
        (call->in_size - header) / sizeof(struct afd_poll_entry) <
            ret_header->n_entries)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* Starts the poll; `entries` has room for the answer behind the question. */
static NTSTATUS start(const struct afd_call *source,
                      const struct afd_poll_information *header,
                      struct unix_poll_entry *entries)
{
    struct unix_poll_entry *found = entries + header->n_entries;
    struct unix_poll_request request = {
        .entries = entries,
        .n_entries = header->n_entries,
        .is_exclusive = header->is_exclusive,
        .timeout = timeout_of(header->timeout),
        .status_block = source->block,
        .complete = poll_ended,
    };
    struct poll_call *call;
    struct unix_poll_end end = {.entries = found};
    NTSTATUS status = call_new(source, &call);
    int error;

    if (status)
        return status;
    request.context = call;
    request.carrier = carrier_of(call->file, call->s);
    if (tells_port_alone(call))
        request.outlives_thread = call->file ? file_carrier_has_port
                                             : unix_socket_has_port;
    error = unix_afd_poll_start(&request, found, &end.n_entries);
    if (error == WS2_IO_PENDING)
        return STATUS_PENDING;
    if (error)
        status = (NTSTATUS)unix_status_of_error(error);
    else
        tell(call, &end, 1);
    call_free(call);
    return status;
}

NTSTATUS afd_poll(const struct afd_call *call)
{
    struct afd_poll_information header;
    struct unix_poll_entry *entries;
    NTSTATUS status = check_sizes(call, &header);

    if (status)
        return status;
    entries = malloc(2 * header.n_entries * sizeof(*entries));
    if (!entries)
        return STATUS_NO_MEMORY;
    status = read_entries(call->in, entries, header.n_entries);
    if (!status)
        status = start(call, &header, entries);
    free(entries);
    return status;
}

uint32_t afd_poll_cancel(HANDLE handle, const IO_STATUS_BLOCK *block,
                         uint64_t thread)
{
    struct afd_file *file = afd_file_find(handle);
    uint64_t carrier = carrier_of(file, (uintptr_t)handle & ~(uintptr_t)3);
    uint32_t n = unix_afd_poll_cancel(carrier, block, thread);

    if (file)
        afd_file_release(file);
    return n;
}
