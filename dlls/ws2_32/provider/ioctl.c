/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPIoctl: a table of codes, each with its least buffer sizes and the sockets
 * that have it.
 *
 * A buffer that is too short is WSAEFAULT, an unknown code WSAEOPNOTSUPP.
 * Codes that Microsoft documents and says to be refused have rows, too, with
 * the error that it documents.
 */
#include <winsock2.h>

#include <afunix.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <ws2ipdef.h>
#include <ws2spi.h>

#include "provider/ioctl.h"
#include "provider/overlapped.h"

#include <string.h>

/* Codes that not all headers have. */
enum {
    CODE_FIOASYNC = (int)0x8004667d,
    CODE_CHK_QOS = (int)0xdc000001,
    CODE_BASE_HANDLE = 0x48000022,
    CODE_BSP_HANDLE = 0x4800001b,
    CODE_BSP_HANDLE_SELECT = 0x4800001c,
    CODE_BSP_HANDLE_POLL = 0x4800001d,
    CODE_MULTIPLE_EXTENSION_FUNCTIONS = (int)0xc8000024,
    CODE_ADDRESS_LIST_SORT = (int)0xc8000019,
    CODE_LOOPBACK_FAST_PATH = (int)0x98000010,
    CODE_TCP_INITIAL_RTO = (int)0x98000011,
    CODE_TCP_SET_ACK_FREQUENCY = (int)0x98000017,
    CODE_SET_PRIORITY_HINT = (int)0x98000018,
    CODE_CPU_AFFINITY = (int)0x98000015,
    CODE_RSS_PROCESSOR_INFO = 0x48000025,
    CODE_TCP_INFO = (int)0xd8000027,
    CODE_UDP_CONNRESET = (int)0x9800000c,
    CODE_UDP_NETRESET = (int)0x9800000f,
    CODE_RCVALL_IF = (int)0x9800000e,
    CODE_RCVALL_MCAST_IF = (int)0x9800000d,
    CODE_ACQUIRE_PORT_RESERVATION = (int)0x98000064,
    CODE_RELEASE_PORT_RESERVATION = (int)0x98000065,
    CODE_ASSOCIATE_PORT_RESERVATION = (int)0x98000066,
    CODE_GET_TX_TIMESTAMP = (int)0x980000ea,
    CODE_TIMESTAMPING = (int)0x980000eb,
    CODE_SET_COMPATIBILITY_MODE = (int)0x9800012c,
    CODE_WFP_ENDPOINT_HANDLE = 0x580000cd,
    CODE_RSS_SCALABILITY_INFO = 0x580000d2,
};

/* The sockets that have a code. */
enum { STREAM = 1, DGRAM = 2, RAW = 4, MESSAGES = DGRAM | RAW,
       PORTS = STREAM | DGRAM, ANY = 7 };

int ioctl_set_option(const struct ioctl_call *call, int level, int name,
                     int value)
{
    return unix_socket_set_option(call->s, level, name, &value, sizeof value);
}

int ioctl_read_number(const struct ioctl_call *call, DWORD *ret_number)
{
    DWORD size = sizeof *ret_number;

    if (call->in_size < size)
        size = call->in_size;
    *ret_number = 0;
    return unix_memory_read(ret_number, call->in, size);
}

int ioctl_wait_for_change(const struct ioctl_call *call, int what)
{
    struct unix_completion completion;
    int error;

    if (call->overlapped == NULL)
        return unix_socket_wait_for_change(call->s, what);
    error = overlapped_completion(call->overlapped, call->routine,
                                  call->thread, &completion);
    return error ? error
                 : unix_socket_start_wait_for_change(call->s, &completion,
                                                     what);
}

/* --- The handlers: 0 or an error ------------------------------------------ */

static int set_nonblocking(const struct ioctl_call *call, DWORD *ret_size)
{
    DWORD on;
    int error = ioctl_read_number(call, &on);

    *ret_size = 0;
    return error ? error : unix_socket_set_nonblocking(call->s, on != 0);
}

static int get_readable_bytes(const struct ioctl_call *call, DWORD *ret_size)
{
    uint32_t bytes;
    int error = unix_socket_readable_bytes(call->s, &bytes);

    *ret_size = sizeof bytes;
    return error ? error : unix_memory_write(call->out, &bytes, sizeof bytes);
}

static int get_at_mark(const struct ioctl_call *call, DWORD *ret_size)
{
    uint32_t at_mark;
    int error = unix_socket_at_mark(call->s, &at_mark);

    *ret_size = sizeof at_mark;
    return error ? error
                 : unix_memory_write(call->out, &at_mark, sizeof at_mark);
}

/* The base provider's sockets have no other below them. */
static int get_base_handle(const struct ioctl_call *call, DWORD *ret_size)
{
    *ret_size = sizeof call->s;
    return unix_memory_write(call->out, &call->s, sizeof call->s);
}

/* Hints that change nothing one could see. */
static int accept_hint(const struct ioctl_call *call, DWORD *ret_size)
{
    (void)call;
    *ret_size = 0;
    return 0;
}

static int set_connreset(const struct ioctl_call *call, DWORD *ret_size)
{
    DWORD on;
    int error = ioctl_read_number(call, &on);

    *ret_size = 0;
    return error ? error : unix_socket_report_unreachable(call->s, on != 0);
}

static int set_netreset(const struct ioctl_call *call, DWORD *ret_size)
{
    DWORD on;
    int error = ioctl_read_number(call, &on);

    *ret_size = 0;
    return error ? error : unix_socket_report_expired(call->s, on != 0);
}

static int set_multicast(const struct ioctl_call *call, int name, int name6,
                         DWORD *ret_size)
{
    DWORD value;
    int error = ioctl_read_number(call, &value);

    *ret_size = 0;
    if (error)
        return error;
    return call->identity.family == AF_INET6
               ? ioctl_set_option(call, WS2_IPPROTO_IPV6, name6, (int)value)
               : ioctl_set_option(call, WS2_IPPROTO_IP, name, (int)value);
}

static int set_multicast_scope(const struct ioctl_call *call, DWORD *ret_size)
{
    return set_multicast(call, WS2_IP_MULTICAST_TTL, WS2_IPV6_MULTICAST_HOPS,
                         ret_size);
}

static int set_multipoint_loopback(const struct ioctl_call *call,
                                   DWORD *ret_size)
{
    return set_multicast(call, WS2_IP_MULTICAST_LOOP, WS2_IPV6_MULTICAST_LOOP,
                         ret_size);
}

/* All packets of an interface: for administrators, whose sockets must be raw
   and bound to it. */
static int refuse_capture(const struct ioctl_call *call, DWORD *ret_size)
{
    struct sockaddr_storage name;
    int length = sizeof name;

    *ret_size = 0;
    if (unix_socket_get_local_name(call->s, &name, &length))
        return WSAEINVAL;
    return WSAEACCES;
}

/* No interface spreads what it receives over processors. */
static int get_rss_scalability(const struct ioctl_call *call, DWORD *ret_size)
{
    const BOOLEAN enabled = FALSE;

    *ret_size = sizeof enabled;
    return unix_memory_write(call->out, &enabled, sizeof enabled);
}

static int set_processor(const struct ioctl_call *call, DWORD *ret_size)
{
    USHORT processor;
    int error = unix_memory_read(&processor, call->in, sizeof processor);

    *ret_size = 0;
    return error ? error : unix_socket_set_processor(call->s, processor);
}

/* SOCKET_PROCESSOR_AFFINITY */
struct processor_affinity {
    USHORT group; /* of up to 64 */
    BYTE number, reserved;
    USHORT node, reserved2;
};

static int get_processor(const struct ioctl_call *call, DWORD *ret_size)
{
    struct processor_affinity affinity;
    uint32_t processor, node;
    int error;

    *ret_size = 0;
    if (call->out == NULL || call->out_size < sizeof affinity)
        return WSAEINVAL;
    error = unix_socket_find_processor(call->s, &processor, &node);
    if (error)
        return error;
    memset(&affinity, 0, sizeof affinity);
    affinity.group = (USHORT)(processor / 64);
    affinity.number = (BYTE)(processor % 64);
    affinity.node = (USHORT)node;
    *ret_size = sizeof affinity;
    return unix_memory_write(call->out, &affinity, sizeof affinity);
}

static int get_peer_process(const struct ioctl_call *call, DWORD *ret_size)
{
    uint32_t process_id = 0;
    int error = unix_socket_peer_process(call->s, &process_id);

    *ret_size = sizeof process_id;
    return error ? error
                 : unix_memory_write(call->out, &process_id,
                                     sizeof process_id);
}

/* --- The table ------------------------------------------------------------ */

static const struct code {
    DWORD code;
    int kinds, wrong_kind; /* the error of other sockets */
    DWORD in, out;         /* least sizes */
    ioctl_handler *handler;
    int error;             /* without a handler */
    int short_out;         /* the error of a short output buffer, if it is not
                              WSAEFAULT */
} codes[] = {
    {(DWORD)FIONBIO, ANY, 0, 4, 0, set_nonblocking, 0, 0},
    {(DWORD)FIONREAD, ANY, 0, 0, 4, get_readable_bytes, 0, 0},
    {(DWORD)SIOCATMARK, ANY, 0, 0, 4, get_at_mark, 0, 0},
    {(DWORD)CODE_FIOASYNC, ANY, 0, 0, 0, NULL, WSAEOPNOTSUPP, 0},

    {CODE_BASE_HANDLE, ANY, 0, 0, sizeof(SOCKET), get_base_handle, 0, 0},
    {CODE_BSP_HANDLE, ANY, 0, 0, sizeof(SOCKET), get_base_handle, 0, 0},
    {CODE_BSP_HANDLE_SELECT, ANY, 0, 0, sizeof(SOCKET), get_base_handle, 0, 0},
    {CODE_BSP_HANDLE_POLL, ANY, 0, 0, sizeof(SOCKET), get_base_handle, 0, 0},
    {SIO_GET_EXTENSION_FUNCTION_POINTER, ANY, 0, sizeof(GUID), sizeof(void *),
     ioctl_get_extension_function, 0, 0},
    {(DWORD)CODE_MULTIPLE_EXTENSION_FUNCTIONS, ANY, 0, sizeof(GUID),
     sizeof(DWORD), ioctl_get_extension_functions, 0, 0},

    {SIO_ADDRESS_LIST_QUERY, ANY, 0, 0, 0, ioctl_get_address_list, 0, 0},
    {SIO_ADDRESS_LIST_CHANGE, ANY, 0, 0, 0, ioctl_wait_address_list, 0, 0},
    {(DWORD)CODE_ADDRESS_LIST_SORT, ANY, 0, sizeof(INT), 0,
     ioctl_sort_addresses, 0, 0},
    {SIO_ROUTING_INTERFACE_QUERY, ANY, 0, sizeof(USHORT), 0,
     ioctl_get_routing_interface, 0, 0},
    {SIO_ROUTING_INTERFACE_CHANGE, ANY, 0, sizeof(USHORT), 0,
     ioctl_wait_routing_interface, 0, 0},
    {SIO_GET_INTERFACE_LIST, ANY, 0, 0, 0, ioctl_get_interface_list, 0, 0},
    {SIO_GET_BROADCAST_ADDRESS, ANY, 0, 0, 0, ioctl_get_broadcast_address, 0,
     0},
    {SIO_AF_UNIX_GETPEERPID, ANY, 0, 0, sizeof(ULONG), get_peer_process, 0, 0},

    {SIO_KEEPALIVE_VALS, STREAM, WSAENOPROTOOPT, sizeof(struct tcp_keepalive),
     0, ioctl_set_keepalive, 0, 0},
    {(DWORD)CODE_TCP_INFO, STREAM, WSAEOPNOTSUPP, sizeof(DWORD), 0,
     ioctl_get_tcp_info, 0, 0},
    {(DWORD)CODE_TCP_INITIAL_RTO, STREAM, WSAEOPNOTSUPP, 4, 0,
     ioctl_set_initial_rto, 0, 0},
    {(DWORD)CODE_TCP_SET_ACK_FREQUENCY, STREAM, WSAEOPNOTSUPP, 1, 0,
     ioctl_set_ack_frequency, 0, 0},
    {SIO_IDEAL_SEND_BACKLOG_QUERY, STREAM, WSAEOPNOTSUPP, 0, sizeof(ULONG),
     ioctl_get_send_backlog, 0, 0},
    {SIO_IDEAL_SEND_BACKLOG_CHANGE, STREAM, WSAEOPNOTSUPP, 0, 0,
     ioctl_wait_send_backlog, 0, 0},
    {(DWORD)CODE_LOOPBACK_FAST_PATH, STREAM, WSAEOPNOTSUPP, 0, 0, accept_hint,
     0, 0},

    {(DWORD)CODE_ACQUIRE_PORT_RESERVATION, PORTS, WSAEOPNOTSUPP,
     2 * sizeof(USHORT), 0, ioctl_acquire_ports, 0, 0},
    {(DWORD)CODE_ASSOCIATE_PORT_RESERVATION, PORTS, WSAEOPNOTSUPP,
     sizeof(uint64_t), 0, ioctl_associate_ports, 0, 0},
    {(DWORD)CODE_RELEASE_PORT_RESERVATION, PORTS, WSAEOPNOTSUPP,
     sizeof(uint64_t), 0, ioctl_release_ports, 0, 0},

    {(DWORD)CODE_UDP_CONNRESET, DGRAM, WSAEINVAL, 1, 0, set_connreset, 0, 0},
    {(DWORD)CODE_UDP_NETRESET, DGRAM, WSAEINVAL, 1, 0, set_netreset, 0, 0},
    {(DWORD)CODE_TIMESTAMPING, DGRAM, WSAEOPNOTSUPP, 2 * sizeof(DWORD), 0,
     ioctl_set_time_stamps, 0, 0},
    {(DWORD)CODE_GET_TX_TIMESTAMP, DGRAM, WSAEOPNOTSUPP, sizeof(DWORD),
     sizeof(uint64_t), ioctl_take_sent_stamp, 0, 0},
    {SIO_MULTICAST_SCOPE, MESSAGES, WSAEINVAL, 4, 0, set_multicast_scope, 0,
     0},
    {SIO_MULTIPOINT_LOOPBACK, MESSAGES, WSAEINVAL, 1, 0,
     set_multipoint_loopback, 0, 0},
    {SIO_ENABLE_CIRCULAR_QUEUEING, ANY, 0, 0, 0, accept_hint, 0, 0},
    {(DWORD)CODE_SET_COMPATIBILITY_MODE, STREAM, WSAEOPNOTSUPP,
     2 * sizeof(DWORD), 0, ioctl_set_compatibility_mode, 0, 0},
    {(DWORD)CODE_SET_PRIORITY_HINT, STREAM, WSAEOPNOTSUPP, sizeof(DWORD), 0,
     ioctl_set_priority_hint, 0, 0},
    {(DWORD)CODE_CPU_AFFINITY, DGRAM, WSAEOPNOTSUPP, sizeof(USHORT), 0,
     set_processor, 0, 0},
    {CODE_RSS_PROCESSOR_INFO, PORTS, WSAENOPROTOOPT, 0, 0, get_processor, 0,
     0},

    {SIO_RCVALL, RAW, WSAEINVAL, 4, 0, refuse_capture, 0, 0},
    {SIO_RCVALL_MCAST, RAW, WSAEINVAL, 4, 0, refuse_capture, 0, 0},
    {SIO_RCVALL_IGMPMCAST, RAW, WSAEINVAL, 4, 0, refuse_capture, 0, 0},
    {(DWORD)CODE_RCVALL_IF, RAW, WSAEINVAL, 4, 0, refuse_capture, 0, 0},
    {(DWORD)CODE_RCVALL_MCAST_IF, RAW, WSAEINVAL, 4, 0, refuse_capture, 0, 0},

    {SIO_ASSOCIATE_HANDLE, ANY, 0, 0, 0, NULL, WSAENOPROTOOPT, 0},
    {SIO_TRANSLATE_HANDLE, ANY, 0, 0, 0, NULL, WSAENOPROTOOPT, 0},
    {SIO_GET_QOS, ANY, 0, 0, 0, NULL, WSAENOPROTOOPT, 0},
    {SIO_GET_GROUP_QOS, ANY, 0, 0, 0, NULL, WSAENOPROTOOPT, 0},
    {SIO_SET_QOS, ANY, 0, 0, 0, NULL, WSAENOPROTOOPT, 0},
    {SIO_SET_GROUP_QOS, ANY, 0, 0, 0, NULL, WSAENOPROTOOPT, 0},
    {(DWORD)CODE_CHK_QOS, ANY, 0, 0, 0, NULL, WSAENOPROTOOPT, 0},
    {SIO_FLUSH, ANY, 0, 0, 0, NULL, WSAEOPNOTSUPP, 0},
    {SIO_FIND_ROUTE, ANY, 0, 0, 0, NULL, WSAEOPNOTSUPP, 0},
    {CODE_WFP_ENDPOINT_HANDLE, ANY, 0, 0, sizeof(uint64_t), NULL,
     WSAEOPNOTSUPP, WSAEINVAL},
    {CODE_RSS_SCALABILITY_INFO, ANY, 0, 0, sizeof(BOOLEAN),
     get_rss_scalability, 0, WSAEINVAL},
};

static const struct code *find_code(DWORD value)
{
    size_t i;

    for (i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == value)
            return &codes[i];
    return NULL;
}

static int kind_of(const struct unix_identity *identity)
{
    return identity->type == SOCK_STREAM  ? STREAM
           : identity->type == SOCK_DGRAM ? DGRAM
                                          : RAW;
}

static int perform(const struct code *code, const struct ioctl_call *call,
                   DWORD *ret_size)
{
    if (!(code->kinds & kind_of(&call->identity)))
        return code->wrong_kind;
    if (code->in > 0 && (call->in == NULL || call->in_size < code->in))
        return WSAEFAULT;
    return code->handler != NULL ? code->handler(call, ret_size)
                                 : code->error;
}

/* Windows' answer to an overlapped code that it does not know comes by the
   completion, too. */
static int refuse_overlapped(SOCKET s, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             const WSATHREADID *thread)
{
    const struct unix_result result = {.status = WS2_STATUS_NOT_SUPPORTED};
    struct unix_completion completion;
    int error = overlapped_completion(overlapped, routine, thread,
                                      &completion);

    if (!error)
        error = unix_socket_report(s, &completion, &result);
    return error ? error : WSA_IO_PENDING;
}

/* The OVERLAPPED of this code is pending before the rest is looked at: where
   that fails, it stays so.  Returns the call's error. */
static int begin_overlapped(const struct code *code, struct ioctl_call *call)
{
    struct unix_completion completion;

    return code->code == SIO_KEEPALIVE_VALS
               ? overlapped_completion_pending(call->overlapped, &completion)
               : 0;
}

/*
 * Controls a socket.  *lpcbBytesReturned is the size of the answer; on failure
 * 0, or the size that the output needs to have; but untouched when the answer
 * has a fixed size and its buffer is too short.  WSAEFAULT: a buffer or
 * lpcbBytesReturned is bad or too short; WSAEOPNOTSUPP: the code is not known
 * here; the code's own.
 *
 * An overlapped call that waits for a change pends, and *lpcbBytesReturned
 * stays as it is.  Any other is done at once, and its completion tells of 0
 * bytes.
 */
int WSPAPI WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                    DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                    LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    struct ioctl_call call = {.s = s, .in = lpvInBuffer, .in_size = cbInBuffer,
                              .out = lpvOutBuffer, .out_size = cbOutBuffer};
    const struct code *code = find_code(dwIoControlCode);
    DWORD size = 0;
    int error = unix_socket_identity(s, &call.identity), write_error = 0;
    BOOL overlapped = lpOverlapped != NULL &&
                      (call.identity.flags & WSA_FLAG_OVERLAPPED);

    if (error)
        return provider_result(error, lpErrno);
    if (lpcbBytesReturned == NULL &&
        (!overlapped || lpCompletionRoutine == NULL))
        return provider_result(WSAEFAULT, lpErrno);
    if (code != NULL && code->out > 0 &&
        (lpvOutBuffer == NULL || cbOutBuffer < code->out))
        return provider_result(code->short_out ? code->short_out : WSAEFAULT,
                               lpErrno);
    if (overlapped && (code == NULL || code->handler == get_base_handle))
        return provider_result(
            refuse_overlapped(s, lpOverlapped, lpCompletionRoutine, lpThreadId),
            lpErrno);
    if (overlapped) {
        call.overlapped = lpOverlapped;
        call.routine = lpCompletionRoutine;
        call.thread = lpThreadId;
        error = begin_overlapped(code, &call);
        if (error)
            return provider_result(error, lpErrno);
    }
    error = code == NULL ? WSAEOPNOTSUPP : perform(code, &call, &size);
    if (error == WSA_IO_PENDING)
        return provider_result(error, lpErrno);
    if (error && error != WSAEFAULT)
        size = 0;
    if (lpcbBytesReturned != NULL)
        write_error = unix_memory_write(lpcbBytesReturned, &size, sizeof size);
    if (!error)
        error = write_error;
    if (!error && overlapped)
        error = overlapped_report(s, 0, lpOverlapped, lpCompletionRoutine,
                                  lpThreadId);
    return provider_result(error, lpErrno);
}
