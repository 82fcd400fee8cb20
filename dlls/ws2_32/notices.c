/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Notices; see notices.h.
 *
 * Each has a thread, or is waited for by the program's own.  A notice that is
 * in the list has not been told of; who takes it out tells.
 */
#include "notices.h"

#include "api.h"
#include "unix/boundary.h"

#include <pthread.h>
#include <stdlib.h>

enum { MAX_NOTICES = 64 };

struct notice {
    struct notice *next;
    unsigned int references; /* under lock: of the list, and of the thread */
    BOOL listed;             /* under lock */
    const struct notice_kind *kind;
    void *watch;
    void *what;
    uint64_t owner;
    WSACOMPLETION completion;
    OVERLAPPED *overlapped; /* of the completion, or NULL */
    uint64_t event;         /* a reference, or 0 */
    uint64_t thread;        /* of NSP_NOTIFY_APC: who is to be told */
    struct notice_port port;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct notice *notices; /* under lock, so for the next */
static unsigned int n_notices;

void notices_forked(void)
{
    pthread_mutex_init(&lock, NULL);
    notices = NULL;
    n_notices = 0;
}

/* --- Life ----------------------------------------------------------------- */

static void notice_free(struct notice *notice)
{
    if (notice->watch)
        notice->kind->watch_free(notice->watch);
    free(notice->what);
    if (notice->thread)
        host_close_thread(notice->thread);
    if (notice->event)
        host_event_reference_close(notice->event);
    if (notice->port.port)
        host_completion_port_close(notice->port.port);
    free(notice);
}

static void notice_release(struct notice *notice)
{
    BOOL last;

    pthread_mutex_lock(&lock);
    last = --notice->references == 0;
    pthread_mutex_unlock(&lock);
    if (last)
        notice_free(notice);
}

/* Takes a notice out of the list, whose reference is the caller's then; FALSE:
   another thread has. */
static BOOL notice_take(struct notice *notice)
{
    struct notice **place;
    BOOL taken;

    pthread_mutex_lock(&lock);
    taken = notice->listed;
    if (taken) {
        for (place = &notices; *place != notice; place = &(*place)->next)
            ;
        *place = notice->next;
        notice->listed = FALSE;
        n_notices--;
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

/* --- Telling -------------------------------------------------------------- */

static void put_status(OVERLAPPED *overlapped, uint32_t status)
{
    ULONG_PTR result[2] = {status, 0};

    unix_memory_write(&overlapped->Internal, result, sizeof(result));
}

/* What an APC needs to know, which is freed when it runs. */
struct call {
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    OVERLAPPED *overlapped;
    int error;
};

static void CALLBACK call_routine(DWORD_PTR context)
{
    struct call call = *(struct call *)context;

    free((struct call *)context);
    call.routine((DWORD)call.error, 0, call.overlapped, 0);
}

static void tell_by_apc(const struct notice *notice, int error)
{
    struct call *call = malloc(sizeof(*call));

    if (!call)
        return;
    call->routine = notice->completion.Parameters.Apc.lpfnCompletionProc;
    call->overlapped = notice->overlapped;
    call->error = error;
    if (host_queue_apc(notice->thread, (void *)call_routine,
                       (uint64_t)(uintptr_t)call))
        free(call);
}

static void tell_by_message(const struct notice *notice, int error)
{
    const WSACOMPLETION *completion = &notice->completion;

    if (error != WSA_OPERATION_ABORTED)
        (void)WPUPostMessage(completion->Parameters.WindowMessage.hWnd,
                             completion->Parameters.WindowMessage.uMsg,
                             completion->Parameters.WindowMessage.context, 0);
}

static void notice_tell(const struct notice *notice, int error)
{
    const uint32_t status = unix_status_of_error(error);

    if (notice->completion.Type == NSP_NOTIFY_HWND)
        tell_by_message(notice, error);
    if (notice->overlapped)
        put_status(notice->overlapped, status);
    if (notice->event)
        host_event_reference_set(notice->event);
    if (notice->port.port)
        host_completion_port_post(notice->port.port, notice->port.key,
                                  (uintptr_t)notice->overlapped, status, 0);
    if (notice->thread)
        tell_by_apc(notice, error);
}

/* Returns what the notice ended with. */
static int notice_wait(struct notice *notice)
{
    const struct notice_kind *kind = notice->kind;
    int error;

    do
        error = kind->look(notice->what);
    while (error == WSAEWOULDBLOCK && !kind->watch_wait(notice->watch));
    if (error)
        error = WSA_OPERATION_ABORTED;
    if (!notice_take(notice))
        return WSA_OPERATION_ABORTED;
    notice_tell(notice, error);
    notice_release(notice);
    return error;
}

static void watch(void *argument)
{
    (void)notice_wait(argument);
    notice_release(argument);
}

/* --- Asking --------------------------------------------------------------- */

/* An hEvent with the low bit set asks for no packet. */
static int read_event(struct notice *notice, OVERLAPPED *overlapped)
{
    OVERLAPPED copy;
    uint64_t event;

    if (unix_memory_read(&copy, overlapped, sizeof(copy)))
        return WSAEFAULT;
    notice->overlapped = overlapped;
    event = (ULONG_PTR)copy.hEvent;
    if (event & 1)
        notice->port.port = 0;
    event &= ~(uint64_t)1;
    if (!event)
        return 0;
    host_event_reset(event);
    return host_event_reference(event, &notice->event);
}

static int read_routine(struct notice *notice, const WSATHREADID *thread)
{
    OVERLAPPED copy;
    int error;

    notice->port.port = 0;
    notice->overlapped = notice->completion.Parameters.Apc.lpOverlapped;
    if (!notice->completion.Parameters.Apc.lpfnCompletionProc)
        return WSAEINVAL;
    if (unix_memory_read(&copy, notice->overlapped, sizeof(copy)))
        return WSAEFAULT;
    if (!thread)
        return host_open_current_thread(&notice->thread);
    error = host_thread_reference((uint64_t)(ULONG_PTR)thread->ThreadHandle,
                                  &notice->thread);
    /* A notice may outlive a thread that it has no reference of. */
    return !error && !notice->thread ? WSAEINVAL : error;
}

static int read_port(struct notice *notice)
{
    OVERLAPPED copy;

    notice->overlapped = notice->completion.Parameters.Port.lpOverlapped;
    if (unix_memory_read(&copy, notice->overlapped, sizeof(copy)))
        return WSAEFAULT;
    notice->port.key = notice->completion.Parameters.Port.Key;
    return host_completion_port_open(
        (uint64_t)(ULONG_PTR)notice->completion.Parameters.Port.hPort,
        &notice->port.port);
}

static int read_completion(struct notice *notice, const WSATHREADID *thread,
                           const struct notice_port *port)
{
    int error;

    if (port)
        notice->port = *port;
    switch (notice->completion.Type) {
    case NSP_NOTIFY_IMMEDIATELY:
    case NSP_NOTIFY_HWND:
        error = 0;
        break;
    case NSP_NOTIFY_EVENT:
        error = read_event(notice,
                           notice->completion.Parameters.Event.lpOverlapped);
        break;
    case NSP_NOTIFY_APC:
        error = read_routine(notice, thread);
        break;
    case NSP_NOTIFY_PORT:
        return read_port(notice);
    default:
        error = WSAEINVAL;
        break;
    }
    if (notice->port.port)
        host_completion_port_hold(notice->port.port);
    return error;
}

/* Under lock. */
static int notice_list(struct notice *notice)
{
    if (n_notices >= MAX_NOTICES)
        return WSA_NOT_ENOUGH_MEMORY;
    notice->references = 2;
    notice->listed = TRUE;
    notice->next = notices;
    notices = notice;
    n_notices++;
    return 0;
}

/* With a thread, unless the caller waits. */
static int notice_start(struct notice *notice, BOOL has_thread)
{
    int error;

    if (notice->overlapped)
        put_status(notice->overlapped, WS2_STATUS_PENDING);
    pthread_mutex_lock(&lock);
    error = notice_list(notice);
    if (!error && has_thread) {
        error = host_thread_create(watch, notice);
        if (error) {
            notices = notice->next;
            n_notices--;
        }
    }
    pthread_mutex_unlock(&lock);
    return error;
}

/* `what` is freed, also when it fails. */
static int notice_new(const struct notice_kind *kind, void *what,
                      uint64_t owner, struct notice **ret_notice)
{
    struct notice *notice = calloc(1, sizeof(*notice));
    int error;

    if (!notice) {
        free(what);
        return WSA_NOT_ENOUGH_MEMORY;
    }
    notice->kind = kind;
    notice->what = what;
    notice->owner = owner;
    error = kind->watch_new(&notice->watch);
    if (error) {
        notice_free(notice);
        return error;
    }
    if (kind->begin)
        kind->begin(what);
    *ret_notice = notice;
    return 0;
}

int notice_begin(const struct notice_kind *kind, void *what, uint64_t owner,
                 const WSACOMPLETION *completion, const WSATHREADID *thread,
                 const struct notice_port *port)
{
    struct notice *notice;
    int error = notice_new(kind, what, owner, &notice);

    if (error)
        return error;
    error = unix_memory_read(&notice->completion, completion,
                             sizeof(*completion));
    if (!error)
        error = read_completion(notice, thread, port);
    if (!error)
        error = notice_start(notice, /* has_thread= */ TRUE);
    if (error)
        notice_free(notice);
    return error;
}

int notice_perform(const struct notice_kind *kind, void *what, uint64_t owner)
{
    struct notice *notice;
    int error = notice_new(kind, what, owner, &notice);

    if (error)
        return error;
    error = notice_start(notice, /* has_thread= */ FALSE);
    if (error) {
        notice_free(notice);
        return error;
    }
    error = notice_wait(notice);
    notice_release(notice);
    return error;
}

/* --- Cancelling ----------------------------------------------------------- */

/* One with a reference of the caller's; NULL: there is none. */
static struct notice *notice_of(const struct notice_kind *kind, uint64_t owner)
{
    struct notice *notice;

    pthread_mutex_lock(&lock);
    notice = notices;
    while (notice && (notice->kind != kind ||
                      (owner != 0 && notice->owner != owner)))
        notice = notice->next;
    if (notice)
        notice->references++;
    pthread_mutex_unlock(&lock);
    return notice;
}

void notices_cancel(const struct notice_kind *kind, uint64_t owner)
{
    struct notice *notice;

    while ((notice = notice_of(kind, owner))) {
        if (notice_take(notice)) {
            notice->kind->watch_stop(notice->watch);
            notice_tell(notice, WSA_OPERATION_ABORTED);
            notice_release(notice);
        }
        notice_release(notice);
    }
}
