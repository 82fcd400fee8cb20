/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GetAddrInfoEx: getaddrinfo for one or all name spaces, at once or
 * overlapped; and SetAddrInfoEx.
 *
 * An overlapped question is a task.  While it is under way the OVERLAPPED's
 * Internal is WSAEINPROGRESS, then the result; its Pointer is where the list
 * goes.  It is told by the event or by a call of the completion routine, on a
 * thread of the library's own.
 *
 * These functions return their error and also set it as the last error, 0
 * included.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include "address_list.h"
#include "api.h"
#include "lookup.h"
#include "query_set.h"
#include "tasks.h"
#include "unix/boundary.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static int finish(int error)
{
    host_set_last_error((uint32_t)error);
    return error;
}

/* --- Overlapped questions ------------------------------------------------- */

struct overlapped_question {
    struct task task;
    struct address_question question;
    void *list; /* the answer */
    void **result;          /* the program's, so for the next two */
    OVERLAPPED *overlapped; /* NULL: the caller waits for it */
    LPLOOKUPSERVICE_COMPLETION_ROUTINE routine; /* or NULL */
    HANDLE event;                               /* or NULL */
};

static struct overlapped_question *question_of(struct task *task)
{
    return (struct overlapped_question *)task;
}

static int question_run(struct task *task)
{
    struct overlapped_question *asked = question_of(task);

    return address_question_ask(&asked->question, &asked->list);
}

static int put_internal(OVERLAPPED *overlapped, int error)
{
    ULONG_PTR internal = (ULONG_PTR)error;

    return unix_memory_write(&overlapped->Internal, &internal,
                             sizeof(internal));
}

/* The list first, because who polls looks at Internal. */
static void question_finish(struct task *task, int error)
{
    struct overlapped_question *asked = question_of(task);

    if (!error && !unix_memory_write(asked->result, &asked->list,
                                     sizeof(asked->list)))
        asked->list = NULL; /* the program's */
    put_internal(asked->overlapped, error);
    if (asked->event)
        host_event_set((uint64_t)(ULONG_PTR)asked->event);
}

static void question_call(struct task *task, int error)
{
    struct overlapped_question *asked = question_of(task);

    asked->routine((DWORD)error, 0, asked->overlapped);
}

/* WSACleanup: the program is not told, but it may look. */
static void question_abandon(struct task *task)
{
    put_internal(question_of(task)->overlapped, WSA_OPERATION_ABORTED);
}

static void question_free(struct task *task)
{
    struct overlapped_question *asked = question_of(task);

    address_list_free(asked->list, asked->question.form);
    free(asked);
}

static const struct task_kind overlapped_kind = {
    .run = question_run,
    .finish = question_finish,
    .call = question_call,
    .abandon = question_abandon,
    .free = question_free,
};

/* One that its asker waits for. */
static const struct task_kind awaited_kind = {
    .run = question_run,
    .free = question_free,
};

/* The OVERLAPPED while the question is under way, and the handle; both before
   it can end.  WSAEFAULT. */
static int announce(struct overlapped_question *asked, HANDLE *handle)
{
    HANDLE value = (HANDLE)(ULONG_PTR)asked->task.id;
    void *pointer = asked->result;

    if (put_internal(asked->overlapped, WSAEINPROGRESS) ||
        unix_memory_write(&asked->overlapped->Pointer, &pointer,
                          sizeof(pointer)))
        return WSAEFAULT;
    return handle ? unix_memory_write(handle, &value, sizeof(value)) : 0;
}

/* WSA_IO_PENDING, or why not.  asked is gone afterwards. */
static int begin_overlapped(struct overlapped_question *asked, HANDLE *handle)
{
    int error;

    asked->task.kind = &overlapped_kind;
    asked->task.calls = asked->routine != NULL;
    tasks_name(&asked->task);
    error = announce(asked, handle);
    if (!error)
        error = tasks_begin(&asked->task);
    if (!error)
        return WSA_IO_PENDING;
    question_free(&asked->task);
    return error;
}

/* The answer within the time; asked is gone afterwards. */
static int wait_for_answer(struct overlapped_question *asked, void **ret_list)
{
    int error;

    asked->task.kind = &awaited_kind;
    error = tasks_perform(&asked->task);
    if (!error) {
        *ret_list = asked->list;
        asked->list = NULL;
    }
    tasks_release(&asked->task);
    return error;
}

/* --- Checks --------------------------------------------------------------- */

/* Milliseconds, 0: no limit.  WSAEINVAL: no time. */
static int read_timeout(const struct timeval *timeout, uint32_t *ret)
{
    struct timeval time = {0, 0};
    int64_t ms;

    *ret = 0;
    if (!timeout)
        return 0;
    if (unix_memory_read(&time, timeout, sizeof(time)))
        return WSAEFAULT;
    if (time.tv_sec < 0 || time.tv_usec < 0)
        return WSAEINVAL;
    ms = time.tv_sec * INT64_C(1000) + (time.tv_usec + 999) / 1000;
    *ret = ms > UINT32_MAX ? UINT32_MAX : ms > 0 ? (uint32_t)ms : 1;
    return 0;
}

/* Whom to ask.  WSASERVICE_NOT_FOUND: nobody answers such questions there;
   WSAEFAULT. */
static int read_filter(DWORD name_space, const GUID *provider,
                       struct provider_filter *filter)
{
    filter->name_space = name_space;
    filter->has_id = provider != NULL;
    if (provider &&
        unix_memory_read(&filter->id, provider, sizeof(filter->id)))
        return WSAEFAULT;
    return provider_filter_has_dns(filter) ||
                   provider_filter_has_others(filter)
               ? 0
               : WSASERVICE_NOT_FOUND;
}

/* Takes the event of the OVERLAPPED, which must have none when there is a
   routine. */
static int read_overlapped(struct overlapped_question *asked)
{
    OVERLAPPED copy;

    if (unix_memory_read(&copy, asked->overlapped, sizeof(copy)))
        return WSAEFAULT;
    asked->event = copy.hEvent;
    return asked->routine && asked->event ? WSAEINVAL : 0;
}

/* --- GetAddrInfoEx -------------------------------------------------------- */

/* Everything but the strings and the hints of a question. */
struct extended_call {
    enum address_list_form form;
    DWORD name_space;
    const GUID *provider;
    void **result;
    const struct timeval *timeout;
    OVERLAPPED *overlapped;
    LPLOOKUPSERVICE_COMPLETION_ROUTINE routine;
    HANDLE *handle;
};

static int ask_extended(const struct extended_call *call, const void *node,
                        const void *service, const void *hints)
{
    struct overlapped_question *asked = calloc(1, sizeof(*asked));
    struct provider_filter filter;
    void *list = NULL;
    int error;

    if (!asked)
        return WSA_NOT_ENOUGH_MEMORY;
    asked->overlapped = call->overlapped;
    asked->routine = call->routine;
    asked->result = call->result;
    error = read_filter(call->name_space, call->provider, &filter);
    if (!error)
        error = read_timeout(call->timeout, &asked->task.timeout);
    if (!error && call->overlapped)
        error = read_overlapped(asked);
    if (!error)
        error = address_question_read(call->form, node, service, hints,
                                      &asked->question);
    asked->question.filter = filter;
    if (!error && call->overlapped)
        return begin_overlapped(asked, call->handle);
    if (!error && asked->task.timeout) {
        error = wait_for_answer(asked, &list);
    } else {
        if (!error)
            error = address_question_ask(&asked->question, &list);
        question_free(&asked->task);
    }
    if (!error && unix_memory_write(call->result, &list, sizeof(list))) {
        address_list_free(list, call->form);
        error = WSAEFAULT;
    }
    return error;
}

static int find(const struct extended_call *call, const void *node,
                const void *service, const void *hints)
{
    void *none = NULL;

    if (unix_memory_write(call->result, &none, sizeof(none)))
        return WSAEFAULT;
    if (!api_started())
        return WSANOTINITIALISED;
    if (call->routine && !call->overlapped)
        return WSAEINVAL;
    return ask_extended(call, node, service, hints);
}

/*
 * As GetAddrInfoW, with a list of the extended form; its ai_blob and
 * ai_provider are NULL.  dwNameSpace, lpNspId: which name spaces are asked;
 * those of names are NS_DNS.  timeout: how long; then WSATRY_AGAIN.
 * lpOverlapped: returns WSA_IO_PENDING, *ppResult is set when it ends, then
 * its event is signalled or lpCompletionRoutine called, not both; *lpHandle
 * (if given) is for GetAddrInfoExCancel.  Errors beside GetAddrInfoW's:
 * WSASERVICE_NOT_FOUND (no such name space), WSAEINVAL.
 */
int WINAPI GetAddrInfoExW(const WCHAR *pName, const WCHAR *pServiceName,
                          DWORD dwNameSpace, GUID *lpNspId,
                          const ADDRINFOEXW *hints, ADDRINFOEXW **ppResult,
                          struct timeval *timeout, OVERLAPPED *lpOverlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE
                              lpCompletionRoutine,
                          HANDLE *lpHandle)
{
    const struct extended_call call = {
        .form = ADDRESS_LIST_EXTENDED_WIDE,
        .name_space = dwNameSpace,
        .provider = lpNspId,
        .result = (void **)ppResult,
        .timeout = timeout,
        .overlapped = lpOverlapped,
        .routine = lpCompletionRoutine,
        .handle = lpHandle,
    };

    return finish(find(&call, pName, pServiceName, hints));
}

/* This form is neither overlapped nor limited in time: WSAEINVAL. */
int WINAPI GetAddrInfoExA(const char *pName, const char *pServiceName,
                          DWORD dwNameSpace, GUID *lpNspId,
                          const ADDRINFOEXA *hints, ADDRINFOEXA **ppResult,
                          struct timeval *timeout, OVERLAPPED *lpOverlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE
                              lpCompletionRoutine,
                          HANDLE *lpHandle)
{
    const struct extended_call call = {
        .form = ADDRESS_LIST_EXTENDED,
        .name_space = dwNameSpace,
        .provider = lpNspId,
        .result = (void **)ppResult,
    };
    void *none = NULL;

    if (api_started() &&
        (timeout || lpOverlapped || lpCompletionRoutine || lpHandle))
        return finish(unix_memory_write(ppResult, &none, sizeof(none))
                          ? WSAEFAULT
                          : WSAEINVAL);
    return finish(find(&call, pName, pServiceName, hints));
}

/* The whole list of GetAddrInfoExA; NULL is one. */
void WINAPI FreeAddrInfoEx(ADDRINFOEXA *pAddrInfoEx)
{
    address_list_free(pAddrInfoEx, ADDRESS_LIST_EXTENDED);
}

/* The whole list of GetAddrInfoExW; NULL is one. */
void WINAPI FreeAddrInfoExW(ADDRINFOEXW *pAddrInfoEx)
{
    address_list_free(pAddrInfoEx, ADDRESS_LIST_EXTENDED_WIDE);
}

/* How an overlapped question ended; WSAEINPROGRESS: not yet; WSAEINVAL: NULL;
   WSAEFAULT. */
int WINAPI GetAddrInfoExOverlappedResult(OVERLAPPED *lpOverlapped)
{
    ULONG_PTR internal;

    if (!lpOverlapped)
        return finish(WSAEINVAL);
    if (unix_memory_read(&internal, &lpOverlapped->Internal,
                         sizeof(internal)))
        return finish(WSAEFAULT);
    return finish((int)internal);
}

/* The question of the handle ends at once with WSA_E_CANCELLED.
   WSA_INVALID_HANDLE: it has ended, or there never was one; or NULL. */
int WINAPI GetAddrInfoExCancel(HANDLE *lpHandle)
{
    HANDLE handle = NULL;

    if (unix_memory_read(&handle, lpHandle, sizeof(handle)) ||
        (ULONG_PTR)handle > UINT32_MAX ||
        tasks_cancel(&overlapped_kind, (uint32_t)(ULONG_PTR)handle,
                     WSA_E_CANCELLED))
        return finish(WSA_INVALID_HANDLE);
    return finish(0);
}

/* --- SetAddrInfoEx -------------------------------------------------------- */

enum { MAX_ADDRESSES = 64 };

/* Everything but the strings. */
struct registration {
    BOOL wide;
    const SOCKET_ADDRESS *addresses;
    DWORD n_addresses;
    BLOB *blob;
    DWORD flags, name_space;
    GUID *provider;
};

/* Registers with the providers; what they say of a name that none takes is
   WSANO_RECOVERY. */
static int register_name(WSAQUERYSETW *set, const struct registration *call)
{
    int error = lookup_register(set,
                                call->n_addresses ? RNRSERVICE_REGISTER
                                                  : RNRSERVICE_DEREGISTER,
                                call->flags);

    return error == WSAEOPNOTSUPP || error == WSASERVICE_NOT_FOUND
               ? WSANO_RECOVERY
               : error;
}

/* A name is registered as a service of the class of hosts. */
static int set_name(const struct registration *call, const void *name,
                    const void *service)
{
    static const WCHAR none[1]; /* "" of either form */
    GUID class = {0x0002a803, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
    CSADDR_INFO list[MAX_ADDRESSES] = {{.iProtocol = 0}};
    WSAQUERYSETW given = {
        .dwSize = sizeof(given),
        .lpszServiceInstanceName = (WCHAR *)(uintptr_t)name,
        .lpszQueryString = (WCHAR *)(uintptr_t)service,
        .lpszContext = (WCHAR *)(uintptr_t)(service ? service : none),
        .lpServiceClassId = &class,
        .dwNameSpace = call->name_space,
        .lpNSProviderId = call->provider,
        .dwNumberOfCsAddrs = call->n_addresses,
        .lpcsaBuffer = list,
        .lpBlob = call->blob,
    };
    WSAQUERYSETW *set;
    int error;
    DWORD i;

    if (!name || (call->n_addresses && !call->addresses))
        return WSAEINVAL;
    if (call->n_addresses > MAX_ADDRESSES)
        return WSAENOBUFS;
    for (i = 0; i < call->n_addresses; i++) {
        if (unix_memory_read(&list[i].LocalAddr, &call->addresses[i],
                             sizeof(list[i].LocalAddr)))
            return WSAEFAULT;
        list[i].RemoteAddr = list[i].LocalAddr;
    }
    error = query_set_read(&given, call->wide, &set);
    if (error)
        return error;
    error = register_name(set, call);
    query_set_free(set);
    return error;
}

static int set_or_refuse(const struct registration *call, const void *name,
                         const void *service, BOOL reserved_is_used)
{
    if (!api_started())
        return WSANOTINITIALISED;
    return reserved_is_used ? WSAEINVAL : set_name(call, name, service);
}

/*
 * Registers a name and its addresses with the name spaces that dwNameSpace and
 * lpNspId admit, or (no addresses) takes it back: success when one of their
 * providers does so.  Returns 0 or an error, which is the last error, too.
 * WSANO_RECOVERY: none of them takes names (the DNS and network location
 * awareness do not); WSAEINVAL: no name, a parameter that is reserved, or what
 * a provider says of its names; WSAENOBUFS: too many addresses; WSAEFAULT,
 * WSA_NOT_ENOUGH_MEMORY, WSANOTINITIALISED.  Source: Microsoft's page.
 */
INT WINAPI SetAddrInfoExA(const char *pName, const char *pServiceName,
                          SOCKET_ADDRESS *pAddresses, DWORD dwAddressCount,
                          BLOB *lpBlob, DWORD dwFlags, DWORD dwNameSpace,
                          GUID *lpNspId, struct timeval *timeout,
                          OVERLAPPED *lpOverlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE
                              lpCompletionRoutine,
                          HANDLE *lpNameHandle);
INT WINAPI SetAddrInfoExA(const char *pName, const char *pServiceName,
                          SOCKET_ADDRESS *pAddresses, DWORD dwAddressCount,
                          BLOB *lpBlob, DWORD dwFlags, DWORD dwNameSpace,
                          GUID *lpNspId, struct timeval *timeout,
                          OVERLAPPED *lpOverlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE
                              lpCompletionRoutine,
                          HANDLE *lpNameHandle)
{
    const struct registration call = {
        FALSE, pAddresses, dwAddressCount, lpBlob,
        dwFlags, dwNameSpace, lpNspId,
    };

    return finish(set_or_refuse(&call, pName, pServiceName,
                                timeout || lpOverlapped ||
                                    lpCompletionRoutine || lpNameHandle));
}

/* As the A form. */
INT WINAPI SetAddrInfoExW(const WCHAR *pName, const WCHAR *pServiceName,
                          SOCKET_ADDRESS *pAddresses, DWORD dwAddressCount,
                          BLOB *lpBlob, DWORD dwFlags, DWORD dwNameSpace,
                          GUID *lpNspId, struct timeval *timeout,
                          OVERLAPPED *lpOverlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE
                              lpCompletionRoutine,
                          HANDLE *lpNameHandle);
INT WINAPI SetAddrInfoExW(const WCHAR *pName, const WCHAR *pServiceName,
                          SOCKET_ADDRESS *pAddresses, DWORD dwAddressCount,
                          BLOB *lpBlob, DWORD dwFlags, DWORD dwNameSpace,
                          GUID *lpNspId, struct timeval *timeout,
                          OVERLAPPED *lpOverlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE
                              lpCompletionRoutine,
                          HANDLE *lpNameHandle)
{
    const struct registration call = {
        TRUE, pAddresses, dwAddressCount, lpBlob, dwFlags, dwNameSpace, lpNspId,
    };

    return finish(set_or_refuse(&call, pName, pServiceName,
                                timeout || lpOverlapped ||
                                    lpCompletionRoutine || lpNameHandle));
}
