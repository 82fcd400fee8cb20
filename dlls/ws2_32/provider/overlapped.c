/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped calls, and WSPGetOverlappedResult.
 *
 * An OVERLAPPED is the program's: Internal and InternalHigh are the status
 * block of the unix side, hEvent is read when the operation starts.
 */
#include "provider/overlapped.h"

#include "host/host.h"
#include "provider/provider.h"

#include <stddef.h>

C_ASSERT(offsetof(WSAOVERLAPPED, Internal) == 0);
C_ASSERT(offsetof(WSAOVERLAPPED, InternalHigh) == 8);

/* The APC of an operation with a completion routine; Winsock's routines get a
   Winsock error. */
static void CALLBACK run_completion_routine(ULONG_PTR routine,
                                            ULONG_PTR overlapped,
                                            ULONG_PTR flags)
{
    LPWSAOVERLAPPED_COMPLETION_ROUTINE function =
        (LPWSAOVERLAPPED_COMPLETION_ROUTINE)routine;
    struct unix_result result;

    if (unix_completion_read((void *)overlapped, &result))
        return;
    function((DWORD)unix_error_of_status(result.status), result.bytes,
             (LPWSAOVERLAPPED)overlapped, (DWORD)flags);
}

int overlapped_completion(LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          const WSATHREADID *thread,
                          struct unix_completion *ret_completion)
{
    struct unix_completion completion = {.status_block = overlapped};
    WSATHREADID id = {0};
    ULONG_PTR event;

    if (unix_memory_check(overlapped, sizeof *overlapped, 1))
        return WSAEFAULT;
    event = (ULONG_PTR)overlapped->hEvent;
    if (routine != NULL && thread != NULL &&
        unix_memory_read(&id, thread, sizeof id))
        return WSAEFAULT;
    if (routine != NULL) {
        completion.thread = (ULONG_PTR)id.ThreadHandle;
        completion.routine = (ULONG_PTR)run_completion_routine;
        completion.routine_context = (ULONG_PTR)routine;
    } else {
        completion.event = event & ~(ULONG_PTR)1;
        completion.port_context = event & 1 ? 0 : (ULONG_PTR)overlapped;
    }
    *ret_completion = completion;
    return 0;
}

int overlapped_completion_pending(LPOVERLAPPED overlapped,
                                  struct unix_completion *ret_completion)
{
    int error = overlapped_completion(overlapped, NULL, NULL, ret_completion);

    if (!error)
        overlapped->Internal = WS2_STATUS_PENDING;
    return error;
}

int HOT_PATH overlapped_send(SOCKET s, const struct unix_buffer *buffers,
                             DWORD n, DWORD flags, const void *name, int length,
                             LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             const WSATHREADID *thread, LPDWORD count)
{
    struct unix_completion completion;
    struct unix_result result;
    int error = overlapped_completion(overlapped, routine, thread,
                                      &completion);

    if (!error)
        error = unix_socket_start_send(s, &completion, buffers, n, flags, name,
                                       length, &result);
    if (!error && count != NULL)
        *count = result.bytes;
    return error;
}

int HOT_PATH overlapped_receive(SOCKET s, const struct unix_buffer *buffers,
                                DWORD n, LPDWORD flags, void *name,
                                LPINT length, LPWSAOVERLAPPED overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                const WSATHREADID *thread, LPDWORD count)
{
    struct unix_completion completion;
    struct unix_result result;
    int error = overlapped_completion(overlapped, routine, thread,
                                      &completion);

    if (!error)
        error = unix_socket_start_receive(s, &completion, buffers, n, *flags,
                                          name, length, &result);
    if (error && error != WSAEMSGSIZE)
        return error;
    if (count != NULL)
        *count = result.bytes;
    *flags = result.flags;
    return error;
}

int overlapped_report(SOCKET s, DWORD bytes, LPWSAOVERLAPPED overlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                      const WSATHREADID *thread)
{
    const struct unix_result result = {.status = WS2_STATUS_SUCCESS,
                                       .bytes = bytes};
    struct unix_completion completion;
    int error = overlapped_completion(overlapped, routine, thread,
                                      &completion);

    return error ? error : unix_socket_report(s, &completion, &result);
}

/* Waits for the end as the program could: on hEvent, so that an event which
   resets itself does.  Without one the library knows of the end. */
static int wait_for_end(LPWSAOVERLAPPED overlapped)
{
    uint64_t event = (ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1;
    uint32_t result;

    if (event != 0)
        (void)host_event_wait(&event, 1, 0, UINT32_MAX, 0, &result);
    return unix_completion_wait(overlapped);
}

static int get_result(LPWSAOVERLAPPED overlapped, LPDWORD count, BOOL wait,
                      LPDWORD flags)
{
    struct unix_result result;
    int error = unix_completion_read(overlapped, &result);

    if (!error && result.status == WS2_STATUS_PENDING && wait) {
        error = wait_for_end(overlapped);
        if (!error)
            error = unix_completion_read(overlapped, &result);
    }
    if (error)
        return error;
    error = unix_error_of_status(result.status);
    if (error == WSA_IO_INCOMPLETE)
        return error;
    *count = result.bytes;
    if (flags != NULL)
        *flags = result.flags;
    return error;
}

/*
 * The result of an overlapped operation, by what its OVERLAPPED says:
 * *lpcbTransfer and *lpdwFlags (which may be NULL) are written once it has
 * ended, also when it failed.  WSA_IO_INCOMPLETE: it has not, and fWait is
 * FALSE; WSAEFAULT: a bad pointer; else the operation's own error.
 */
BOOL WSPAPI WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                   LPDWORD lpcbTransfer, BOOL fWait,
                                   LPDWORD lpdwFlags, LPINT lpErrno)
{
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    if (!error &&
        (unix_memory_check(lpcbTransfer, sizeof *lpcbTransfer, 1) ||
         (lpdwFlags != NULL &&
          unix_memory_check(lpdwFlags, sizeof *lpdwFlags, 1))))
        error = WSAEFAULT;
    if (!error)
        error = get_result(lpOverlapped, lpcbTransfer, fWait, lpdwFlags);
    return provider_truth(error, lpErrno);
}
