/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The provider of the name space NS_NLA: the networks that this machine is on.
 *
 * A result is a network: its name, and a blob that says by which interface it
 * is reached and whether the internet is.  The look-up remembers the networks
 * as they were when it began, so that SIO_NSP_NOTIFY_CHANGE can tell when they
 * are others.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "lookup_results.h"
#include "name_spaces.h"
#include "notices.h"
#include "query_set.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* SIO_NSP_NOTIFY_CHANGE, which Wine's headers lack. */
#define NOTIFY_CHANGE _WSAIOW(IOC_WS2, 25)

/* NLA_SERVICE_CLASS_GUID. */
static const GUID network_class = {
    0x0037e515, 0xb5c9, 0x4a43, {0xba, 0xda, 0x8b, 0x48, 0xa8, 0x7a, 0xd2, 0x39}};

/* NLA_BLOB of mswsock.h, which Wine's lacks, as far as it is made here. */
enum { BLOB_INTERFACE = 1, BLOB_CONNECTIVITY = 3 };
enum { CONNECTIVITY_UNKNOWN = 3, INTERNET_UNKNOWN = 0, INTERNET_YES = 2 };

struct blob_header {
    DWORD type;
    DWORD size;
    DWORD next; /* from the beginning of the first, 0: the last */
};

struct network_blob {
    struct {
        struct blob_header header;
        DWORD type, speed;
        CHAR adapter[16];
    } access;
    struct {
        struct blob_header header;
        DWORD type, internet;
    } connectivity;
};

struct question {
    GUID provider;
    struct unix_networks networks;
};

/* --- Results -------------------------------------------------------------- */

static struct network_blob blob_of(const struct unix_network *network)
{
    struct network_blob blob = {
        .access = {.header = {BLOB_INTERFACE, sizeof(blob.access),
                                 offsetof(struct network_blob, connectivity)},
                      .type = network->type,
                      .speed = network->speed},
        .connectivity = {.header = {BLOB_CONNECTIVITY,
                                    sizeof(blob.connectivity), 0},
                         .type = CONNECTIVITY_UNKNOWN,
                         .internet = network->internet ? INTERNET_YES
                                                       : INTERNET_UNKNOWN},
    };

    memcpy(blob.access.adapter, network->adapter,
           sizeof(blob.access.adapter));
    return blob;
}

static int add_network(struct lookup_results *results,
                       struct question *question,
                       const struct unix_network *network)
{
    struct network_blob content = blob_of(network);
    BLOB blob = {sizeof(content), (BYTE *)&content};
    WCHAR name[sizeof(network->name)];
    GUID class = network_class;
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = name,
        .lpServiceClassId = &class,
        .lpszComment = name,
        .dwNameSpace = NS_NLA,
        .lpNSProviderId = &question->provider,
        .lpBlob = &blob,
    };

    wide_text_from_utf8(network->name, name, sizeof(network->name));
    return lookup_results_add(results, &set);
}

static int fill(struct lookup_results *results, void *argument)
{
    struct question *question = argument;
    int error = 0;
    uint32_t i;

    for (i = 0; i < question->networks.count && !error; i++)
        error = add_network(results, question, &question->networks.items[i]);
    return error;
}

/* --- Notices -------------------------------------------------------------- */

/* Whether the networks are others than they were. */
static int change_look(const void *what)
{
    const struct unix_networks *were = what;
    struct unix_networks are;

    if (unix_list_networks(&are))
        return WSAEWOULDBLOCK;
    return are.count == were->count &&
                   !memcmp(are.items, were->items,
                           are.count * sizeof(are.items[0]))
               ? WSAEWOULDBLOCK
               : 0;
}

static const struct notice_kind change_kind = {
    .watch_new = unix_network_watch_new,
    .watch_wait = unix_network_watch_wait,
    .watch_stop = unix_network_watch_stop,
    .watch_free = unix_network_watch_free,
    .look = change_look,
};

static uint64_t owner_of(HANDLE lookup)
{
    return (uint64_t)(ULONG_PTR)lookup;
}

static int begin_notice(HANDLE lookup, const struct unix_networks *were,
                        const WSACOMPLETION *completion,
                        const WSATHREADID *thread)
{
    struct unix_networks *what = malloc(sizeof(*what));

    if (!what)
        return WSA_NOT_ENOUGH_MEMORY;
    *what = *were;
    return notice_begin(&change_kind, what, owner_of(lookup), completion,
                        thread, NULL);
}

/* --- The provider's routines ---------------------------------------------- */

/* Without a class the question is for NLA only when it names the name space. */
static BOOL is_for_networks(const WSAQUERYSETW *set)
{
    return set->lpServiceClassId
               ? !memcmp(set->lpServiceClassId, &network_class, sizeof(GUID))
               : set->dwNameSpace == NS_NLA;
}

static INT WSPAPI lookup_begin(LPGUID provider, LPWSAQUERYSETW restrictions,
                               LPWSASERVICECLASSINFOW class, DWORD flags,
                               LPHANDLE ret_lookup)
{
    struct question *question;
    int error;

    (void)class;
    if (!is_for_networks(restrictions))
        return api_failure(WSASERVICE_NOT_FOUND);
    if (flags & QUERY_CONTAINERS)
        return api_failure(WSANO_DATA);
    question = calloc(1, sizeof(*question));
    if (!question)
        return api_failure(WSA_NOT_ENOUGH_MEMORY);
    question->provider = *provider;
    error = unix_list_networks(&question->networks);
    if (error) {
        free(question);
        return api_failure(error);
    }
    error = lookup_results_begin(flags, fill, question, ret_lookup);
    return error ? api_failure(error) : 0;
}

static INT WSPAPI lookup_end(HANDLE lookup)
{
    INT result = lookup_results_end(lookup);

    if (!result)
        notices_cancel(&change_kind, owner_of(lookup));
    return result;
}

/* WSAEWOULDBLOCK: the networks are as they were. */
static int notify(HANDLE lookup, const struct unix_networks *were,
                  const WSACOMPLETION *completion, const WSATHREADID *thread)
{
    WSACOMPLETIONTYPE type = NSP_NOTIFY_IMMEDIATELY;
    int error;

    if (completion &&
        unix_memory_read(&type, &completion->Type, sizeof(type)))
        return WSAEFAULT;
    if (type == NSP_NOTIFY_IMMEDIATELY)
        return change_look(were);
    error = begin_notice(lookup, were, completion, thread);
    return error ? error : WSA_IO_PENDING;
}

static INT WSPAPI control(HANDLE lookup, DWORD code, LPVOID in, DWORD in_size,
                          LPVOID out, DWORD out_size, LPDWORD returned,
                          LPWSACOMPLETION completion, LPWSATHREADID thread)
{
    struct lookup_results *results;
    struct question *question = lookup_results_question(lookup, fill,
                                                        &results);
    int error = WSA_INVALID_HANDLE;
    DWORD none = 0;

    (void)in, (void)in_size, (void)out, (void)out_size;
    if (!question)
        return api_failure(error);
    error = code == NOTIFY_CHANGE ? 0 : WSAEOPNOTSUPP;
    if (!error && returned && unix_memory_write(returned, &none, sizeof(none)))
        error = WSAEFAULT;
    if (!error)
        error = notify(lookup, &question->networks, completion, thread);
    lookup_results_release(results);
    /* It may have ended meanwhile, and its notices with it. */
    if (error == WSA_IO_PENDING) {
        if (lookup_results_question(lookup, fill, &results))
            lookup_results_release(results);
        else
            notices_cancel(&change_kind, owner_of(lookup));
    }
    return error ? api_failure(error) : 0;
}

INT WSPAPI name_space_nla_startup(LPGUID provider, LPNSP_ROUTINE routines)
{
    (void)provider;
    name_space_fill_routines(routines);
    routines->NSPLookupServiceBegin = lookup_begin;
    routines->NSPLookupServiceEnd = lookup_end;
    routines->NSPIoctl = control;
    return 0;
}
