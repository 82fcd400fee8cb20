/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A layered provider without kernel handles, for the tests: its SOCKETs are
 * WPUCreateSocketHandle's, and each stands for a SOCKET of the provider below.
 *
 * The context of a SOCKET is the lower SOCKET and the number of the chain, so
 * that there is nothing to free.  A duplicate's dwProviderReserved is a token
 * of the layer's own, which only the layer can make the lower provider's of;
 * the target opens that and makes a handle of its own.  Messages of
 * WSAAsyncSelect come from below by our own WPUPostMessage, which puts our
 * SOCKET into them.
 */
#include "chain.h"
#include "handle_requests.h"

#include <string.h>

/* Its own control code: a copy of the upcall table. */
#define LAYER_UPCALLS 0x98aa0002

/* What our tokens differ from those below by. */
#define OWN_TOKEN 0x48444c52u

#define MAX_CHAINS 64
#define MAX_LOWER 65536

static const GUID own_id = {
    0x4c415945, 0x5200, 9, {0x9d, 0x51, 0x77, 0x73, 0x32, 0x65, 0x6d, 0x75}};

static WSPUPCALLTABLE upcalls; /* ws2_32's newest */
static struct chain *known_chains[MAX_CHAINS]; /* atomic; each once */
static SOCKET upper_of[MAX_LOWER];           /* atomic; by lower / 4 */

/* --- Ours and those below ------------------------------------------------- */

static unsigned number_of(struct chain *chain)
{
    unsigned i;

    for (i = 0; i < MAX_CHAINS - 1; i++) {
        struct chain *none = NULL;

        if (__atomic_compare_exchange_n(&known_chains[i], &none, chain, 0,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ||
            none == chain)
            break;
    }
    return i;
}

/* What a SOCKET stands for. */
struct below {
    const WSPPROC_TABLE *table;
    struct chain *chain;
    SOCKET s;
};

static BOOL find(SOCKET s, struct below *ret, LPINT error)
{
    DWORD_PTR context;

    if (upcalls.lpWPUQuerySocketHandleContext(s, &context, error))
        return FALSE;
    ret->chain = known_chains[context >> 32];
    ret->table = &ret->chain->lower;
    ret->s = context & 0xffffffff;
    return TRUE;
}

/* A SOCKET of ours for a new one below, which is closed on failure. */
static SOCKET show(SOCKET lower, struct chain *chain, LPINT error)
{
    DWORD_PTR context = (DWORD_PTR)number_of(chain) << 32 | lower;
    SOCKET s = upcalls.lpWPUCreateSocketHandle(chain->entry.dwCatalogEntryId,
                                               context, error);
    INT ignored;

    if (s == INVALID_SOCKET)
        chain->lower.lpWSPCloseSocket(lower, &ignored);
    else
        __atomic_store_n(&upper_of[lower / 4 % MAX_LOWER], s,
                         __ATOMIC_RELEASE);
    return s;
}

static BOOL WSPAPI post_message(HWND window, UINT message, WPARAM wparam,
                                LPARAM lparam)
{
    SOCKET s = __atomic_load_n(&upper_of[wparam / 4 % MAX_LOWER],
                               __ATOMIC_ACQUIRE);

    return upcalls.lpWPUPostMessage(window, message, s ? s : wparam, lparam);
}

/* --- Making, ending ------------------------------------------------------- */

static SOCKET WSPAPI layer_socket(int af, int type, int protocol,
                                  LPWSAPROTOCOL_INFOW info, GROUP g,
                                  DWORD flags, LPINT error)
{
    struct chain *chain = chain_of_info(info);
    WSAPROTOCOL_INFOW below = chain_info_below(chain, info);
    SOCKET lower;

    if (below.dwProviderReserved != 0)
        below.dwProviderReserved ^= OWN_TOKEN;
    lower = chain->lower.lpWSPSocket(af, type, protocol, &below, g, flags,
                                     error);
    return lower == INVALID_SOCKET ? lower : show(lower, chain, error);
}

static SOCKET WSPAPI layer_accept(SOCKET s, struct sockaddr *name,
                                  LPINT length, LPCONDITIONPROC condition,
                                  DWORD_PTR context, LPINT error)
{
    struct below at;
    SOCKET lower;

    if (!find(s, &at, error))
        return INVALID_SOCKET;
    lower = at.table->lpWSPAccept(at.s, name, length, condition, context,
                                  error);
    return lower == INVALID_SOCKET ? lower : show(lower, at.chain, error);
}

static SOCKET WSPAPI layer_join_leaf(SOCKET s, const struct sockaddr *name,
                                     int length, LPWSABUF caller,
                                     LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                     DWORD flags, LPINT error)
{
    struct below at;
    SOCKET lower;

    if (!find(s, &at, error))
        return INVALID_SOCKET;
    lower = at.table->lpWSPJoinLeaf(at.s, name, length, caller, callee, sqos,
                                    gqos, flags, error);
    if (lower == at.s)
        return s;
    return lower == INVALID_SOCKET ? lower : show(lower, at.chain, error);
}

static int WSPAPI layer_close(SOCKET s, LPINT error)
{
    struct below at;
    int result;

    if (!find(s, &at, error))
        return SOCKET_ERROR;
    result = at.table->lpWSPCloseSocket(at.s, error);
    if (result == 0)
        requests_close(&upcalls, s);
    return result;
}

static int WSPAPI layer_duplicate(SOCKET s, DWORD process,
                                  LPWSAPROTOCOL_INFOW info, LPINT error)
{
    struct below at;
    int result;

    if (!find(s, &at, error))
        return SOCKET_ERROR;
    result = at.table->lpWSPDuplicateSocket(at.s, process, info, error);
    if (result)
        return result;
    chain_restore_info(at.chain, info);
    info->dwProviderReserved ^= OWN_TOKEN;
    return 0;
}

static int WSPAPI layer_cleanup(LPINT error)
{
    if (chain_cleanup())
        return 0;
    *error = WSANOTINITIALISED;
    return SOCKET_ERROR;
}

/* --- One for one ---------------------------------------------------------- */

#define PASS_ON(function, ...) \
    struct below at; \
    return find(s, &at, error) \
               ? at.table->function(at.s, __VA_ARGS__, error) \
               : SOCKET_ERROR

static int WSPAPI layer_bind(SOCKET s, const struct sockaddr *name, int length,
                             LPINT error)
{
    PASS_ON(lpWSPBind, name, length);
}

static int WSPAPI layer_connect(SOCKET s, const struct sockaddr *name,
                                int length, LPWSABUF caller, LPWSABUF callee,
                                LPQOS sqos, LPQOS gqos, LPINT error)
{
    PASS_ON(lpWSPConnect, name, length, caller, callee, sqos, gqos);
}

static int WSPAPI layer_listen(SOCKET s, int backlog, LPINT error)
{
    PASS_ON(lpWSPListen, backlog);
}

static int WSPAPI layer_shutdown(SOCKET s, int how, LPINT error)
{
    PASS_ON(lpWSPShutdown, how);
}

static int WSPAPI layer_send_disconnect(SOCKET s, LPWSABUF data, LPINT error)
{
    PASS_ON(lpWSPSendDisconnect, data);
}

static int WSPAPI layer_recv_disconnect(SOCKET s, LPWSABUF data, LPINT error)
{
    PASS_ON(lpWSPRecvDisconnect, data);
}

static int WSPAPI layer_sock_name(SOCKET s, struct sockaddr *name,
                                  LPINT length, LPINT error)
{
    PASS_ON(lpWSPGetSockName, name, length);
}

static int WSPAPI layer_peer_name(SOCKET s, struct sockaddr *name,
                                  LPINT length, LPINT error)
{
    PASS_ON(lpWSPGetPeerName, name, length);
}

static int WSPAPI layer_set_option(SOCKET s, int level, int name,
                                   const char *value, int length, LPINT error)
{
    PASS_ON(lpWSPSetSockOpt, level, name, value, length);
}

/* SO_PROTOCOL_INFO names the provider, which is us. */
static int WSPAPI layer_get_option(SOCKET s, int level, int name, char *value,
                                   LPINT length, LPINT error)
{
    struct below at;
    int result;

    if (!find(s, &at, error))
        return SOCKET_ERROR;
    result = at.table->lpWSPGetSockOpt(at.s, level, name, value, length, error);
    if (result == 0 && level == SOL_SOCKET && name == SO_PROTOCOL_INFOW)
        chain_restore_info(at.chain, (WSAPROTOCOL_INFOW *)(void *)value);
    return result;
}

static int WSPAPI layer_event_select(SOCKET s, WSAEVENT event, LONG mask,
                                     LPINT error)
{
    PASS_ON(lpWSPEventSelect, event, mask);
}

static int WSPAPI layer_async_select(SOCKET s, HWND window, unsigned message,
                                     LONG mask, LPINT error)
{
    PASS_ON(lpWSPAsyncSelect, window, message, mask);
}

static int WSPAPI layer_enum_events(SOCKET s, WSAEVENT event,
                                    LPWSANETWORKEVENTS events, LPINT error)
{
    PASS_ON(lpWSPEnumNetworkEvents, event, events);
}

/* --- Data ----------------------------------------------------------------- */

/* An overlapped call is one of below with an OVERLAPPED of ours. */
#define PASS_ON_REQUEST(function, ...) \
    struct request *request; \
    struct below at; \
    if (!find(s, &at, error)) \
        return SOCKET_ERROR; \
    request = request_new(&upcalls, at.table, at.s, s, overlapped, routine, \
                          thread, error); \
    if (request == NULL) \
        return SOCKET_ERROR; \
    return request_begun(request, \
                         at.table->function(at.s, __VA_ARGS__, \
                                            request_overlapped(request), NULL, \
                                            NULL, error), \
                         error)

static int WSPAPI layer_send(SOCKET s, LPWSABUF buffers, DWORD n, LPDWORD sent,
                             DWORD flags, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    if (overlapped == NULL) {
        PASS_ON(lpWSPSend, buffers, n, sent, flags, NULL, NULL, NULL);
    } else {
        PASS_ON_REQUEST(lpWSPSend, buffers, n, NULL, flags);
    }
}

static int WSPAPI layer_send_to(SOCKET s, LPWSABUF buffers, DWORD n,
                                LPDWORD sent, DWORD flags,
                                const struct sockaddr *to, int length,
                                LPWSAOVERLAPPED overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                LPWSATHREADID thread, LPINT error)
{
    if (overlapped == NULL) {
        PASS_ON(lpWSPSendTo, buffers, n, sent, flags, to, length, NULL, NULL,
                NULL);
    } else {
        PASS_ON_REQUEST(lpWSPSendTo, buffers, n, NULL, flags, to, length);
    }
}

static int WSPAPI layer_recv(SOCKET s, LPWSABUF buffers, DWORD n,
                             LPDWORD received, LPDWORD flags,
                             LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    if (overlapped == NULL) {
        PASS_ON(lpWSPRecv, buffers, n, received, flags, NULL, NULL, NULL);
    } else {
        DWORD lower_flags = *flags;

        PASS_ON_REQUEST(lpWSPRecv, buffers, n, NULL, &lower_flags);
    }
}

static int WSPAPI layer_recv_from(SOCKET s, LPWSABUF buffers, DWORD n,
                                  LPDWORD received, LPDWORD flags,
                                  struct sockaddr *from, LPINT length,
                                  LPWSAOVERLAPPED overlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                  LPWSATHREADID thread, LPINT error)
{
    if (overlapped == NULL) {
        PASS_ON(lpWSPRecvFrom, buffers, n, received, flags, from, length, NULL,
                NULL, NULL);
    } else {
        DWORD lower_flags = *flags;

        PASS_ON_REQUEST(lpWSPRecvFrom, buffers, n, NULL, &lower_flags, from,
                        length);
    }
}

/* FALSE is their failure. */
static BOOL WSPAPI layer_result(SOCKET s, LPWSAOVERLAPPED overlapped,
                                LPDWORD count, BOOL wait, LPDWORD flags,
                                LPINT error)
{
    struct below at;

    return find(s, &at, error) &&
           request_result(overlapped, count, wait, flags, error);
}

static BOOL WSPAPI layer_qos(SOCKET s, LPWSABUF name, LPQOS qos, LPINT error)
{
    struct below at;

    return find(s, &at, error) &&
           at.table->lpWSPGetQOSByName(at.s, name, qos, error);
}

/* The extension functions of below take SOCKETs of below. */
static int WSPAPI layer_ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size,
                              LPVOID out, DWORD out_size, LPDWORD returned,
                              LPWSAOVERLAPPED overlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                              LPWSATHREADID thread, LPINT error)
{
    struct below at;

    if (!find(s, &at, error))
        return SOCKET_ERROR;
    if (code == LAYER_UPCALLS && out_size == sizeof(upcalls)) {
        memcpy(out, &upcalls, sizeof(upcalls));
        *returned = sizeof(upcalls);
        return 0;
    }
    if (code == SIO_GET_EXTENSION_FUNCTION_POINTER) {
        *error = WSAEOPNOTSUPP;
        return SOCKET_ERROR;
    }
    return at.table->lpWSPIoctl(at.s, code, in, in_size, out, out_size,
                                returned, overlapped, routine, thread, error);
}

/* --- select --------------------------------------------------------------- */

#define SETS 3
#define MAX_MEMBERS 1024

struct large_set {
    u_int count;
    SOCKET members[MAX_MEMBERS];
};

/* The sockets below of a set; all are of one chain or of chains alike. */
static BOOL translate(const fd_set *from, struct large_set *to,
                      struct below *at, LPINT error)
{
    const SOCKET *members = from != NULL ? from->fd_array : NULL;
    u_int i;

    to->count = 0;
    for (i = 0; from != NULL && i < from->fd_count; i++) {
        if (i == MAX_MEMBERS) {
            *error = WSAENOBUFS;
            return FALSE;
        }
        if (!find(members[i], at, error))
            return FALSE;
        to->members[to->count++] = at->s;
    }
    return TRUE;
}

/* Keeps what is ready. */
static void translate_back(fd_set *set, const struct large_set *ready)
{
    SOCKET *members = set != NULL ? set->fd_array : NULL;
    u_int i, j, n = 0;
    struct below at;
    INT ignored;

    for (i = 0; set != NULL && i < set->fd_count; i++) {
        if (!find(members[i], &at, &ignored))
            continue;
        for (j = 0; j < ready->count && ready->members[j] != at.s; j++)
            ;
        if (j < ready->count)
            members[n++] = members[i];
    }
    if (set != NULL)
        set->fd_count = n;
}

static int WSPAPI layer_select(int n, fd_set *read, fd_set *write,
                               fd_set *except, const struct timeval *timeout,
                               LPINT error)
{
    struct large_set lower[SETS];
    fd_set *sets[SETS] = {read, write, except};
    struct below at = {0};
    int i, count;

    for (i = 0; i < SETS; i++)
        if (!translate(sets[i], &lower[i], &at, error))
            return SOCKET_ERROR;
    if (at.table == NULL)
        at.table = &known_chains[0]->lower;
    count = at.table->lpWSPSelect(
        n, read != NULL ? (fd_set *)(void *)&lower[0] : NULL,
        write != NULL ? (fd_set *)(void *)&lower[1] : NULL,
        except != NULL ? (fd_set *)(void *)&lower[2] : NULL, timeout, error);
    for (i = 0; count != SOCKET_ERROR && i < SETS; i++)
        translate_back(sets[i], &lower[i]);
    return count;
}

/* --- The entry point ------------------------------------------------------ */

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE table, LPWSPPROC_TABLE procedures)
{
    static const WCHAR description[] = L"test layer with handles of its own";
    struct chain *chain;
    int error;

    if (data == NULL || procedures == NULL)
        return WSAEFAULT;
    if (LOBYTE(version) < 2)
        return WSAVERNOTSUPPORTED;
    upcalls = table;
    table.lpWPUPostMessage = post_message;
    error = chain_start(&own_id, info, table, &chain);
    if (error)
        return error;
    number_of(chain);
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    memcpy(data->szDescription, description, sizeof(description));
    /* Addresses and cancelling have no SOCKET. */
    *procedures = (WSPPROC_TABLE){
        .lpWSPAccept = layer_accept,
        .lpWSPAddressToString = chain->lower.lpWSPAddressToString,
        .lpWSPAsyncSelect = layer_async_select,
        .lpWSPBind = layer_bind,
        .lpWSPCancelBlockingCall = chain->lower.lpWSPCancelBlockingCall,
        .lpWSPCleanup = layer_cleanup,
        .lpWSPCloseSocket = layer_close,
        .lpWSPConnect = layer_connect,
        .lpWSPDuplicateSocket = layer_duplicate,
        .lpWSPEnumNetworkEvents = layer_enum_events,
        .lpWSPEventSelect = layer_event_select,
        .lpWSPGetOverlappedResult = layer_result,
        .lpWSPGetPeerName = layer_peer_name,
        .lpWSPGetSockName = layer_sock_name,
        .lpWSPGetSockOpt = layer_get_option,
        .lpWSPGetQOSByName = layer_qos,
        .lpWSPIoctl = layer_ioctl,
        .lpWSPJoinLeaf = layer_join_leaf,
        .lpWSPListen = layer_listen,
        .lpWSPRecv = layer_recv,
        .lpWSPRecvDisconnect = layer_recv_disconnect,
        .lpWSPRecvFrom = layer_recv_from,
        .lpWSPSelect = layer_select,
        .lpWSPSend = layer_send,
        .lpWSPSendDisconnect = layer_send_disconnect,
        .lpWSPSendTo = layer_send_to,
        .lpWSPSetSockOpt = layer_set_option,
        .lpWSPShutdown = layer_shutdown,
        .lpWSPSocket = layer_socket,
        .lpWSPStringToAddress = chain->lower.lpWSPStringToAddress,
    };
    return 0;
}
