/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Notices of network location awareness; see lookup_nla.h.
 *
 * Each has a thread that waits for the kernel's notices.  It ends with the
 * first change of the networks, or because the look-up ends; whoever of the
 * two takes the notice out of the list tells the program.
 */
#include "lookup_nla.h"

#include <ws2spi.h>

#include "api.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NOTICES = 64 };

struct notice {
    struct notice *next;
    unsigned int references; /* under lock: of the list, and of the thread */
    BOOL listed;             /* under lock */
    HANDLE lookup;
    WSACOMPLETION completion;
    HANDLE event;    /* of NSP_NOTIFY_EVENT */
    uint64_t thread; /* of NSP_NOTIFY_APC: who is to be told; 0: none */
    struct unix_network_watch *watch;
    struct unix_networks were;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct notice *notices; /* under lock, so for the next */
static unsigned int n_notices;

void lookup_nla_forked(void)
{
    pthread_mutex_init(&lock, NULL);
    notices = NULL;
    n_notices = 0;
}

BOOL lookup_nla_changed(const struct unix_networks *were)
{
    struct unix_networks are;

    if (unix_list_networks(&are))
        return FALSE;
    return are.count != were->count ||
           memcmp(are.items, were->items, are.count * sizeof(are.items[0]));
}

/* --- Life ------------------------------------------------------------------------- */

static void notice_free(struct notice *notice)
{
    unix_network_watch_free(notice->watch);
    if (notice->thread)
        host_close_thread(notice->thread);
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

/* --- Telling -------------------------------------------------------------------------- */

static void put_result(OVERLAPPED *overlapped, int error)
{
    ULONG_PTR result[2] = {(ULONG_PTR)error, 0};

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

    put_result(notice->completion.Parameters.Apc.lpOverlapped, error);
    if (!call)
        return;
    call->routine = notice->completion.Parameters.Apc.lpfnCompletionProc;
    call->overlapped = notice->completion.Parameters.Apc.lpOverlapped;
    call->error = error;
    if (host_queue_apc(notice->thread, (void *)call_routine,
                       (uint64_t)(uintptr_t)call))
        free(call);
}

static void notice_tell(const struct notice *notice, int error)
{
    const WSACOMPLETION *completion = &notice->completion;

    switch (completion->Type) {
    case NSP_NOTIFY_HWND:
        if (error != WSA_OPERATION_ABORTED)
            host_post_message(
                (uint64_t)(ULONG_PTR)completion->Parameters.WindowMessage.hWnd,
                completion->Parameters.WindowMessage.uMsg,
                completion->Parameters.WindowMessage.context, 0);
        break;
    case NSP_NOTIFY_EVENT:
        put_result(completion->Parameters.Event.lpOverlapped, error);
        if (notice->event)
            host_event_set((uint64_t)(ULONG_PTR)notice->event);
        break;
    default:
        tell_by_apc(notice, error);
        break;
    }
}

/* The notice's thread. */
static void watch(void *argument)
{
    struct notice *notice = argument;
    BOOL stopped = FALSE;

    while (!stopped && !lookup_nla_changed(&notice->were))
        stopped = unix_network_watch_wait(notice->watch) != 0;
    if (!stopped && notice_take(notice)) {
        notice_tell(notice, 0);
        notice_release(notice);
    }
    notice_release(notice);
}

/* --- Asking ----------------------------------------------------------------------------- */

/* The OVERLAPPED of the completion is under way. */
static int begin_overlapped(OVERLAPPED *overlapped, HANDLE *ret_event)
{
    OVERLAPPED copy;

    if (unix_memory_read(&copy, overlapped, sizeof(copy)))
        return WSAEFAULT;
    *ret_event = copy.hEvent;
    put_result(overlapped, WSAEINPROGRESS);
    return 0;
}

static int read_completion(struct notice *notice)
{
    const WSACOMPLETION *completion = &notice->completion;
    HANDLE ignored;
    int error;

    switch (completion->Type) {
    case NSP_NOTIFY_HWND:
        return 0;
    case NSP_NOTIFY_EVENT:
        return begin_overlapped(completion->Parameters.Event.lpOverlapped,
                                &notice->event);
    case NSP_NOTIFY_APC:
        if (!completion->Parameters.Apc.lpfnCompletionProc)
            return WSAEINVAL;
        error = begin_overlapped(completion->Parameters.Apc.lpOverlapped,
                                 &ignored);
        return error ? error : host_open_current_thread(&notice->thread);
    default:
        return WSAEINVAL;
    }
}

static int notice_begin(struct notice *notice)
{
    int error = WSA_NOT_ENOUGH_MEMORY;

    pthread_mutex_lock(&lock);
    if (n_notices < MAX_NOTICES) {
        notice->references = 2;
        error = host_thread_create(watch, notice);
    }
    if (!error) {
        notice->listed = TRUE;
        notice->next = notices;
        notices = notice;
        n_notices++;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

int lookup_nla_notify(HANDLE handle, const struct unix_networks *were,
                      const WSACOMPLETION *completion)
{
    struct notice *notice = calloc(1, sizeof(*notice));
    int error;

    if (!notice)
        return WSA_NOT_ENOUGH_MEMORY;
    notice->lookup = handle;
    notice->were = *were;
    error = unix_memory_read(&notice->completion, completion,
                             sizeof(*completion));
    if (!error)
        error = read_completion(notice);
    if (!error)
        error = unix_network_watch_new(&notice->watch);
    if (!error)
        error = notice_begin(notice);
    if (error)
        notice_free(notice);
    return error;
}

void lookup_nla_cancel_notices(HANDLE handle)
{
    struct notice *notice;

    for (;;) {
        pthread_mutex_lock(&lock);
        notice = notices;
        while (notice && notice->lookup != handle)
            notice = notice->next;
        if (notice)
            notice->references++;
        pthread_mutex_unlock(&lock);
        if (!notice)
            return;
        if (notice_take(notice)) {
            unix_network_watch_stop(notice->watch);
            notice_tell(notice, WSA_OPERATION_ABORTED);
            notice_release(notice);
        }
        notice_release(notice);
    }
}
