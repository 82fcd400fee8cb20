/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See hosted.h. */
#include "support/hosted.h"

#include <stdlib.h>
#include <string.h>

GUID hosted_ids[HOSTED_IDS] = {
    {0x300, 1, 1, {1, 2, 3, 4, 5, 6, 7, 8}},
    {0x301, 1, 1, {1, 2, 3, 4, 5, 6, 7, 8}},
    {0x302, 1, 1, {1, 2, 3, 4, 5, 6, 7, 8}},
};
struct hosted_counts hosted_counts;

enum { TEXT = 64, BIG = 20000, MAX_NAMES = 8, MAX_PENDING = 64 };

/* Set with each change of the counts. */
static WSAEVENT changed;

static void count(int *what, int by)
{
    __atomic_add_fetch(what, by, __ATOMIC_SEQ_CST);
    if (changed) WSASetEvent(changed);
}

static int fail(int error)
{
    WSASetLastError(error);
    return SOCKET_ERROR;
}

static int complete(HANDLE call, int result)
{
    return WS2_FUNCTION(WSAProviderCompleteAsyncCall)(call, result);
}

/* --- Sessions ------------------------------------------------------------- */

struct session {
    GUID id;
    int magic;
};

static void check_session(const GUID *id, const struct session *session)
{
    if (session->magic != 4711 || memcmp(&session->id, id, sizeof(*id)))
        count(&hosted_counts.mistakes, 1);
}

static INT WSPAPI startup(LPGUID id, LPVOID *argument)
{
    struct session *session = calloc(1, sizeof(*session));
    session->id = *id;
    session->magic = 4711;
    *argument = session;
    count(&hosted_counts.startups, 1);
    return 0;
}

static void session_end(const GUID *id, struct session *session, int *what)
{
    check_session(id, session);
    session->magic = 0;
    free(session);
    count(what, 1);
}

static INT WSPAPI cleanup(LPGUID id, LPVOID argument)
{
    session_end(id, argument, &hosted_counts.cleanups);
    return 0;
}

static VOID WSPAPI rundown(LPGUID id, LPVOID argument)
{
    session_end(id, argument, &hosted_counts.rundowns);
}

/* --- Results -------------------------------------------------------------- */

/* A set with all its parts, for a buffer of a program's. */
struct result {
    WSAQUERYSET2W set;
    GUID id;
    WSAVERSION version;
    AFPROTOCOLS protocols[2];
    CSADDR_INFO info;
    struct sockaddr_storage names[2];
    BLOB blob;
    WCHAR texts[4][TEXT];
    BYTE bytes[BIG];
};

static void copy_text(WCHAR *to, const WCHAR *from)
{
    size_t n = 0;
    while (from && from[n] && n < TEXT - 1) n++;
    if (n) memcpy(to, from, n * sizeof(WCHAR));
    to[n] = 0;
}

/* The pointers to the parts that are there. */
static void result_link(struct result *result)
{
    WSAQUERYSET2W *set = &result->set;
    set->dwSize = sizeof(*set);
    set->lpNSProviderId = &result->id;
    if (set->lpVersion) set->lpVersion = &result->version;
    if (set->lpafpProtocols) set->lpafpProtocols = result->protocols;
    if (set->lpcsaBuffer) {
        set->lpcsaBuffer = &result->info;
        result->info.LocalAddr.lpSockaddr =
            (struct sockaddr *)&result->names[0];
        result->info.RemoteAddr.lpSockaddr =
            (struct sockaddr *)&result->names[1];
    }
    if (set->lpBlob) {
        set->lpBlob = &result->blob;
        result->blob.pBlobData = result->bytes;
    }
    if (set->lpszServiceInstanceName)
        set->lpszServiceInstanceName = result->texts[0];
    if (set->lpszComment) set->lpszComment = result->texts[1];
    if (set->lpszContext) set->lpszContext = result->texts[2];
    if (set->lpszQueryString) set->lpszQueryString = result->texts[3];
}

/* A copy of a set, with one address at most. */
static void result_take(struct result *result, const WSAQUERYSET2W *set)
{
    memset(result, 0, offsetof(struct result, bytes));
    result->set = *set;
    if (set->lpNSProviderId) result->id = *set->lpNSProviderId;
    if (set->lpVersion) result->version = *set->lpVersion;
    if (set->lpafpProtocols)
        memcpy(result->protocols, set->lpafpProtocols,
               set->dwNumberOfProtocols * sizeof(AFPROTOCOLS));
    if (set->lpcsaBuffer) {
        result->info = set->lpcsaBuffer[0];
        memcpy(&result->names[0], result->info.LocalAddr.lpSockaddr,
               (size_t)result->info.LocalAddr.iSockaddrLength);
        memcpy(&result->names[1], result->info.RemoteAddr.lpSockaddr,
               (size_t)result->info.RemoteAddr.iSockaddrLength);
    }
    if (set->lpBlob) {
        result->blob = *set->lpBlob;
        memcpy(result->bytes, set->lpBlob->pBlobData, set->lpBlob->cbSize);
    }
    copy_text(result->texts[0], set->lpszServiceInstanceName);
    copy_text(result->texts[1], set->lpszComment);
    copy_text(result->texts[2], set->lpszContext);
    copy_text(result->texts[3], set->lpszQueryString);
    result_link(result);
}

/* An address of the name. */
static void result_make(struct result *result, const WCHAR *name, int family,
                        unsigned port)
{
    struct sockaddr *both[2] = { (struct sockaddr *)&result->names[0],
                                 (struct sockaddr *)&result->names[1] };
    memset(result, 0, offsetof(struct result, bytes));
    result->set.lpszServiceInstanceName = result->texts[0];
    result->set.dwNumberOfCsAddrs = 1;
    result->set.lpcsaBuffer = &result->info;
    copy_text(result->texts[0], name);
    result_link(result);
    result->info.iSocketType = SOCK_STREAM;
    for (int i = 0; i < 2; i++) {
        SOCKET_ADDRESS *to = i ? &result->info.RemoteAddr
                               : &result->info.LocalAddr;
        unsigned short in_order = htons((unsigned short)port);
        to->iSockaddrLength = family == AF_INET ? 16 : 28;
        both[i]->sa_family = (unsigned short)family;
        memcpy((char *)both[i] + 2, &in_order, 2);
        if (family == AF_INET) {
            ((struct sockaddr_in *)both[i])->sin_addr.s_addr =
                htonl(0x0a010203);
        } else {
            ((unsigned char *)both[i])[8] = 0xfd;
            ((unsigned char *)both[i])[23] = 1;
        }
    }
}

/* Into the buffer of a call; what it ends with. */
static int result_put(const struct result *result, DWORD *length,
                      WSAQUERYSET2W *to)
{
    size_t blob = result->set.lpBlob ? result->blob.cbSize : 0;
    size_t needed = offsetof(struct result, bytes) + blob;
    if (*length < needed) {
        *length = (DWORD)needed;
        return WSAEFAULT;
    }
    memcpy(to, result, needed);
    result_link((struct result *)(void *)to);
    return 0;
}

/* --- Names that were registered ------------------------------------------- */

static struct {
    WCHAR name[TEXT], context[TEXT];
    struct sockaddr_in address;
} names[MAX_NAMES];
static int names_lock;

static void lock(int *which)
{
    while (__atomic_exchange_n(which, 1, __ATOMIC_ACQUIRE)) continue;
}

static void unlock(int *which)
{
    __atomic_store_n(which, 0, __ATOMIC_RELEASE);
}

static int differ(const WCHAR *one, const WCHAR *other)
{
    return memcmp(one, other, TEXT * sizeof(WCHAR));
}

static int find(const WCHAR *name, const WCHAR *context)
{
    WCHAR copy[2][TEXT] = { { 0 } };
    copy_text(copy[0], name);
    copy_text(copy[1], context);
    for (int i = 0; i < MAX_NAMES; i++)
        if (!differ(names[i].name, copy[0]) &&
            !differ(names[i].context, copy[1]))
            return i;
    return -1;
}

static int set_name(const WSAQUERYSET2W *set, WSAESETSERVICEOP operation)
{
    static const WCHAR none[1];
    int place = find(set->lpszServiceInstanceName, set->lpszContext);
    if (operation != RNRSERVICE_REGISTER) {
        if (place < 0) return WSASERVICE_NOT_FOUND;
        memset(&names[place], 0, sizeof(names[place]));
        return 0;
    }
    if (place < 0) place = find(none, none);
    if (place < 0 || set->dwNumberOfCsAddrs != 1) return WSAEINVAL;
    copy_text(names[place].name, set->lpszServiceInstanceName);
    copy_text(names[place].context, set->lpszContext);
    memcpy(&names[place].address, set->lpcsaBuffer[0].LocalAddr.lpSockaddr,
           sizeof(names[place].address));
    return 0;
}

static VOID WSPAPI set_service(HANDLE call, LPGUID id, LPWSAQUERYSET2W set,
                               WSAESETSERVICEOP operation, DWORD flags,
                               LPVOID argument)
{
    int error;
    (void)flags;
    check_session(id, argument);
    count(&hosted_counts.sets, 1);
    lock(&names_lock);
    error = set_name(set, operation);
    unlock(&names_lock);
    complete(call, error);
}

/* --- Look-ups ------------------------------------------------------------- */

struct lookup {
    int references, has_ended, step;
    struct session *session;
    WSAEVENT end;
    struct thread *helper; /* of "later" */
    struct result asked;
};

/* Calls of "never". */
static struct {
    HANDLE call;
    struct lookup *lookup;
} pending[MAX_PENDING];
static int pending_lock;

static void lookup_release(struct lookup *lookup)
{
    if (__atomic_sub_fetch(&lookup->references, 1, __ATOMIC_ACQ_REL)) return;
    WSACloseEvent(lookup->end);
    if (lookup->helper) thread_join(lookup->helper);
    free(lookup);
}

/* The first that pends of a look-up (NULL: any); NULL: none. */
static HANDLE take_pending(const struct lookup *lookup)
{
    HANDLE call = NULL;
    lock(&pending_lock);
    for (int i = 0; i < MAX_PENDING && !call; i++) {
        if (!pending[i].call || (lookup && pending[i].lookup != lookup))
            continue;
        call = pending[i].call;
        pending[i].call = NULL;
    }
    unlock(&pending_lock);
    if (call) count(&hosted_counts.pending, -1);
    return call;
}

static void pend(HANDLE call, struct lookup *lookup)
{
    int i = 0;
    lock(&pending_lock);
    while (pending[i].call) i++;
    pending[i].call = call;
    pending[i].lookup = lookup;
    unlock(&pending_lock);
    count(&hosted_counts.pending, 1);
}

static INT WSPAPI lookup_begin(LPGUID id, LPWSAQUERYSET2W set, DWORD flags,
                               LPVOID argument, LPHANDLE handle)
{
    struct lookup *lookup;
    (void)flags;
    check_session(id, argument);
    if (set->dwSize != sizeof(*set)) count(&hosted_counts.mistakes, 1);
    if (same_text(set->lpszServiceInstanceName, "refused"))
        return fail(WSAEACCES);
    lookup = calloc(1, sizeof(*lookup));
    lookup->references = 1;
    lookup->session = argument;
    lookup->end = WSACreateEvent();
    result_take(&lookup->asked, set);
    *handle = lookup;
    count(&hosted_counts.begins, 1);
    return 0;
}

static INT WSPAPI lookup_end(HANDLE handle)
{
    struct lookup *lookup = handle;
    HANDLE call;
    if (__atomic_exchange_n(&lookup->has_ended, 1, __ATOMIC_ACQ_REL))
        count(&hosted_counts.mistakes, 1);
    WSASetEvent(lookup->end);
    while ((call = take_pending(lookup))) complete(call, WSA_E_CANCELLED);
    lookup_release(lookup);
    count(&hosted_counts.ends, 1);
    return 0;
}

struct later {
    HANDLE call;
    DWORD *length;
    WSAQUERYSET2W *to;
};

static void complete_later(void *argument)
{
    struct later *later = argument;
    static const WCHAR name[] = L"later";
    struct result *result = calloc(1, sizeof(*result));
    result_make(result, name, AF_INET, 7);
    complete(later->call, result_put(result, later->length, later->to));
    free(result);
    free(later);
}

/* What a name's result number `step` is; 0: it is in *result. */
static int answer(const WCHAR *name, int step, struct result *result,
                  const struct result *asked)
{
    int place;
    if (same_text(name, "both") && step < 2) {
        result_make(result, name, step ? AF_INET6 : AF_INET, 7);
        return 0;
    }
    if (same_text(name, "many") && step < 5) {
        result_make(result, name, AF_INET, (unsigned)step + 1);
        return 0;
    }
    if (step) return WSA_E_NO_MORE;
    if (same_text(name, "one")) {
        result_make(result, name, AF_INET, 7);
        return 0;
    }
    if (same_text(name, "echo")) {
        *result = *asked;
        result_link(result);
        return 0;
    }
    if (same_text(name, "big")) {
        result_make(result, name, AF_INET, 7);
        result->set.lpBlob = &result->blob;
        result->blob.cbSize = BIG;
        memset(result->bytes, 'b', BIG);
        result_link(result);
        return 0;
    }
    lock(&names_lock);
    place = find(name, asked->texts[2]);
    if (place >= 0) {
        result_make(result, name, AF_INET, 0);
        memcpy(&result->names[0], &names[place].address, 16);
        memcpy(&result->names[1], &names[place].address, 16);
    }
    unlock(&names_lock);
    return place >= 0 ? 0 : WSANO_DATA;
}

/* Results that are none; 1: it was one of these. */
static int answer_badly(const WCHAR *name, WSAQUERYSET2W *to, HANDLE call)
{
    struct result *result;
    if (same_text(name, "failing")) {
        WSASetLastError(WSASERVICE_NOT_FOUND);
        complete(call, SOCKET_ERROR);
        return 1;
    }
    if (same_text(name, "empty")) {
        complete(call, 0);
        return 1;
    }
    /* What it points to need not be there long. */
    result = calloc(1, sizeof(*result));
    result_make(result, name, AF_INET, 7);
    *to = result->set;
    if (same_text(name, "short"))
        to->dwSize--;
    else if (same_text(name, "wild"))
        to->lpszComment = (WCHAR *)16;
    else if (same_text(name, "lost"))
        to->dwNumberOfCsAddrs = 1 << 20;
    else
        call = NULL;
    if (call) complete(call, 0);
    free(result);
    return call != NULL;
}

static void answer_now(struct lookup *lookup, HANDLE call, DWORD *length,
                       WSAQUERYSET2W *to)
{
    struct result *result = calloc(1, sizeof(*result));
    int error = answer(lookup->asked.texts[0], lookup->step, result,
                       &lookup->asked);
    if (!error) error = result_put(result, length, to);
    if (error != WSAEFAULT) lookup->step++;
    free(result);
    complete(call, error);
}

static VOID WSPAPI lookup_next(HANDLE call, HANDLE handle, DWORD flags,
                               LPDWORD length, LPWSAQUERYSET2W to)
{
    struct lookup *lookup = handle;
    const WCHAR *name = lookup->asked.texts[0];
    struct later *later;
    (void)flags;
    __atomic_add_fetch(&lookup->references, 1, __ATOMIC_ACQ_REL);
    if (__atomic_load_n(&lookup->has_ended, __ATOMIC_ACQUIRE))
        count(&hosted_counts.mistakes, 1);
    count(&hosted_counts.nexts, 1);
    if (same_text(name, "never")) {
        pend(call, lookup);
    } else if (same_text(name, "block")) {
        count(&hosted_counts.blocked, 1);
        event_wait(lookup->end);
        count(&hosted_counts.blocked, -1);
        complete(call, WSA_E_CANCELLED);
    } else if (same_text(name, "leaving")) {
        if (hosted_unadvertise(0)) count(&hosted_counts.mistakes, 1);
        complete(call, WSANO_DATA);
    } else if (same_text(name, "later") && !lookup->step++) {
        later = calloc(1, sizeof(*later));
        *later = (struct later){call, length, to};
        lookup->helper = thread_start(complete_later, later);
    } else if (!answer_badly(name, to, call)) {
        answer_now(lookup, call, length, to);
    }
    lookup_release(lookup);
}

/* --- In a process --------------------------------------------------------- */

void hosted_install(void)
{
    WCHAR name[WIDE_TEXT], path[WIDE_TEXT];
    catalog_private();
    widen("Hosted", name);
    widen("", path);
    for (int i = 0; i < HOSTED_IDS; i++)
        CHECK_OK(WSCInstallNameSpace(name, path, NS_HOSTED + (DWORD)i, 1,
                                     &hosted_ids[i]));
}

int hosted_advertise(int id)
{
    const NSPV2_ROUTINE routines = {
        sizeof(routines), 1,           0,          startup,     cleanup,
        lookup_begin,     lookup_next, lookup_end, set_service, rundown,
    };
    return WS2_FUNCTION(WSAAdvertiseProvider)(&hosted_ids[id], &routines)
               ? WSAGetLastError()
               : 0;
}

int hosted_unadvertise(int id)
{
    return WS2_FUNCTION(WSAUnadvertiseProvider)(&hosted_ids[id])
               ? WSAGetLastError()
               : 0;
}

/* --- The program that hosts it -------------------------------------------- */

struct command {
    char what;
    int number;
    size_t offset;
};

static void wait_for_count(const struct command *command)
{
    const int *which =
        (const int *)(const void *)((char *)&hosted_counts + command->offset);
    for (;;) {
        WSAResetEvent(changed);
        if (__atomic_load_n(which, __ATOMIC_SEQ_CST) >= command->number) return;
        event_wait(changed);
    }
}

static struct hosted_counts counts_now(void)
{
    struct hosted_counts counts;
    int *from = (int *)(void *)&hosted_counts, *to = (int *)(void *)&counts;
    for (size_t i = 0; i < sizeof(counts) / sizeof(int); i++)
        to[i] = __atomic_load_n(&from[i], __ATOMIC_SEQ_CST);
    return counts;
}

void host(struct peer *parent, int n_arguments, char **arguments)
{
    struct command command;
    struct hosted_counts counts;
    int result = 0;
    (void)n_arguments;
    changed = event_create();
    result = hosted_advertise(arguments[0][0] - '0');
    peer_send(parent, &result, sizeof(result));
    for (;;) {
        peer_receive(parent, &command, sizeof(command));
        switch (command.what) {
        case 'a': result = hosted_advertise(command.number); break;
        case 'u': result = hosted_unadvertise(command.number); break;
        case 'f':
            result = complete(take_pending(NULL), command.number)
                         ? WSAGetLastError()
                         : 0;
            break;
        case 'w':
            wait_for_count(&command);
            counts = counts_now();
            peer_send(parent, &counts, sizeof(counts));
            continue;
        default: WSACloseEvent(changed); return;
        }
        peer_send(parent, &result, sizeof(result));
    }
}

static int ask_host(struct peer *host_peer, char what, int number)
{
    struct command command = { what, number, 0 };
    int result;
    peer_send(host_peer, &command, sizeof(command));
    peer_receive(host_peer, &result, sizeof(result));
    return result;
}

struct peer *host_start_of(int id, int error)
{
    char digit[] = { (char)('0' + id), 0 };
    struct peer *new = peer_start("host", digit, NULL);
    int result;
    peer_receive(new, &result, sizeof(result));
    CHECK_THAT(result == error, "WSAAdvertiseProvider: %s",
               error_name(result));
    return new;
}

struct peer *host_start(void)
{
    return host_start_of(0, 0);
}

int host_advertise(struct peer *host_peer, int id)
{
    return ask_host(host_peer, 'a', id);
}

int host_unadvertise(struct peer *host_peer, int id)
{
    return ask_host(host_peer, 'u', id);
}

int host_finish(struct peer *host_peer, int result)
{
    return ask_host(host_peer, 'f', result);
}

struct hosted_counts host_wait(struct peer *host_peer, size_t which, int least)
{
    struct command command = { 'w', least, which };
    struct hosted_counts counts;
    peer_send(host_peer, &command, sizeof(command));
    peer_receive(host_peer, &counts, sizeof(counts));
    return counts;
}

void host_end(struct peer *host_peer)
{
    struct command command = { 'e', 0, 0 };
    peer_send(host_peer, &command, sizeof(command));
    CHECK_EQ(peer_wait(host_peer), 0);
}
