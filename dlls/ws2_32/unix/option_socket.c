/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options of SOL_SOCKET, but the ones of a socket's catalog entry, which are
   the provider's, and SO_OPENTYPE, which is the API's. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "unix/address.h"
#include "unix/connection.h"
#include "unix/connection_context.h"
#include "unix/error.h"
#include "unix/group_socket.h"
#include "unix/kernel_socket.h"
#include "unix/name.h"
#include "unix/option.h"
#include "unix/option_tcp.h"
#include "unix/path_socket.h"
#include "unix/socket.h"

/* What SO_SNDBUF and SO_RCVBUF read before they are set, in bytes. */
#define DEFAULT_BUFFER 65536
/* In the record 0 says "never set", so a buffer set to 0 is this. */
#define NO_BUFFER UINT32_MAX
/* The largest UDP payload of an IPv4 and of an IPv6 packet. */
#define MAX_MESSAGE 65507
#define MAX_MESSAGE6 65527
/* The compartment of every network interface here. */
#define COMPARTMENT 1

/* --- Linger --------------------------------------------------------------- */

struct winsock_linger {
    uint16_t onoff, seconds;
};

static int read_linger(struct descriptor *descriptor, struct linger *ret)
{
    socklen_t length = sizeof(*ret);

    if (getsockopt(descriptor->fd, SOL_SOCKET, SO_LINGER, ret, &length) < 0)
        return error_from_errno(errno);
    return WS2_SUCCESS;
}

static int write_linger(struct descriptor *descriptor, int onoff, int seconds)
{
    struct linger linger = {onoff, seconds};

    return option_set_kernel(descriptor, SOL_SOCKET, SO_LINGER, &linger,
                             sizeof(linger));
}

static int give_linger(struct descriptor *descriptor, void *value, int *length,
                       int32_t room)
{
    struct winsock_linger result;
    struct linger linger;
    int error = read_linger(descriptor, &linger);

    if (error)
        return error;
    result.onoff = (uint16_t)linger.l_onoff;
    result.seconds = (uint16_t)linger.l_linger;
    return option_give(value, length, room, &result, sizeof(result));
}

/* A negative length is let pass, as Windows does. */
static int take_linger(struct descriptor *descriptor, const void *value,
                       int length)
{
    struct winsock_linger wanted;
    int error = option_take(&wanted, sizeof(wanted), value,
                            length < 0 ? (int)sizeof(wanted) : length);

    return error ? error
                 : write_linger(descriptor, wanted.onoff != 0, wanted.seconds);
}

static int get_dontlinger(struct descriptor *descriptor, int *ret_value)
{
    struct linger linger;
    int error = read_linger(descriptor, &linger);

    if (!error)
        *ret_value = !linger.l_onoff;
    return error;
}

static int set_dontlinger(struct descriptor *descriptor, int value)
{
    struct linger linger;
    int error = read_linger(descriptor, &linger);

    return error ? error : write_linger(descriptor, !value, linger.l_linger);
}

/* --- Buffers: read back as set, not as the kernel rounds them ------------- */

static int buffer_size(const uint32_t *field)
{
    uint32_t size = __atomic_load_n(field, __ATOMIC_RELAXED);

    return size == 0 ? DEFAULT_BUFFER : size == NO_BUFFER ? 0 : (int)size;
}

static int set_buffer(struct descriptor *descriptor, int name,
                      uint32_t property, int size)
{
    int error = WS2_SUCCESS;

    /* Size 0 asks for no copy in the kernel: it keeps its own buffer. */
    if (size > 0)
        error = option_set_kernel_int(descriptor, SOL_SOCKET, name, size);
    return error ? error
                 : socket_set_property(descriptor, property,
                                       size == 0 ? NO_BUFFER : (uint32_t)size);
}

static int get_sndbuf(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = buffer_size(&descriptor_record(descriptor)->send_buffer);
    return WS2_SUCCESS;
}

static int set_sndbuf(struct descriptor *descriptor, int value)
{
    return set_buffer(descriptor, SO_SNDBUF, WIRE_SET_SEND_BUFFER, value);
}

static int get_rcvbuf(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = buffer_size(&descriptor_record(descriptor)->receive_buffer);
    return WS2_SUCCESS;
}

static int set_rcvbuf(struct descriptor *descriptor, int value)
{
    return set_buffer(descriptor, SO_RCVBUF, WIRE_SET_RECEIVE_BUFFER, value);
}

/* --- Timeouts: milliseconds, kept by the server --------------------------- */

static int get_sndtimeo(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = (int)__atomic_load_n(
        &descriptor_record(descriptor)->send_timeout, __ATOMIC_RELAXED);
    return WS2_SUCCESS;
}

static int set_sndtimeo(struct descriptor *descriptor, int value)
{
    return socket_set_property(descriptor, WIRE_SET_SEND_TIMEOUT,
                               (uint32_t)value);
}

static int get_rcvtimeo(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = (int)__atomic_load_n(
        &descriptor_record(descriptor)->receive_timeout, __ATOMIC_RELAXED);
    return WS2_SUCCESS;
}

static int set_rcvtimeo(struct descriptor *descriptor, int value)
{
    return socket_set_property(descriptor, WIRE_SET_RECEIVE_TIMEOUT,
                               (uint32_t)value);
}

/* --- State ---------------------------------------------------------------- */

/* The error of a failed connect stays until the next connect; reading does
   not clear it.  The kernel's own is told once. */
static int get_error(struct descriptor *descriptor, int *ret_value)
{
    const struct wire_record *record = descriptor_record(descriptor);
    int unix_error;

    *ret_value = __atomic_load_n(&record->error, __ATOMIC_RELAXED);
    if (*ret_value != 0)
        return WS2_SUCCESS;
    if (descriptor->identity.type == WS2_SOCK_STREAM &&
        !connection_is_established(descriptor)) {
        if (connection_take_failure(descriptor))
            *ret_value = __atomic_load_n(
                &descriptor_record(descriptor)->connect_error,
                __ATOMIC_RELAXED);
        return WS2_SUCCESS;
    }
    unix_error = kernel_socket_option(descriptor->fd, SOL_SOCKET, SO_ERROR);
    if (unix_error > 0) {
        *ret_value = error_from_errno(unix_error);
        if (*ret_value == WS2_ECONNRESET)
            connection_note_reset(descriptor);
    }
    return WS2_SUCCESS;
}

static int set_error(struct descriptor *descriptor, int value)
{
    return socket_set_property(descriptor, WIRE_SET_ERROR, (uint32_t)value);
}

/* Seconds since the connection was made; all ones: there is none. */
static int get_connect_time(struct descriptor *descriptor, int *ret_value)
{
    uint64_t since;

    *ret_value = -1;
    if (descriptor->identity.type == WS2_SOCK_STREAM &&
        connection_is_established(descriptor)) {
        since = __atomic_load_n(&descriptor->connected_at, __ATOMIC_RELAXED);
        if (since == 0) { /* came as a plain handle */
            since = connection_clock();
            __atomic_store_n(&descriptor->connected_at, since,
                             __ATOMIC_RELAXED);
        }
        *ret_value = (int)(connection_clock() - since);
    }
    return WS2_SUCCESS;
}

static int get_broadcast(struct descriptor *descriptor, int *ret_value)
{
    return option_get_kernel_int(descriptor, SOL_SOCKET, SO_BROADCAST,
                                 ret_value);
}

static int set_broadcast(struct descriptor *descriptor, int value)
{
    int error = option_set_kernel_int(descriptor, SOL_SOCKET, SO_BROADCAST,
                                      value);

    if (!error && value)
        group_socket_may_broadcast(descriptor);
    return error;
}

static int get_type(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = descriptor->identity.type;
    return WS2_SUCCESS;
}

static int get_max_message(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = descriptor->identity.family == WS2_AF_INET6 ? MAX_MESSAGE6
                                                             : MAX_MESSAGE;
    return WS2_SUCCESS;
}

static int check_keepalive(struct descriptor *descriptor, int value)
{
    return value ? option_tcp_apply_keepalive(descriptor) : WS2_SUCCESS;
}

/* Datagram sockets share a port in one way only. */
static int check_reuse(struct descriptor *descriptor, int value)
{
    return value && option_kept(descriptor, WIRE_OPTION_PROCESSOR, 0) != 0
               ? WS2_EINVAL
               : WS2_SUCCESS;
}

/* A port of a reusable range is random anyhow: one cannot ask for both. */
static int check_randomize(struct descriptor *descriptor, int value)
{
    return value && option_kept(descriptor, WIRE_OPTION_REUSE_UNICAST, 0)
               ? WS2_EINVAL
               : WS2_SUCCESS;
}

static int get_compartment(struct descriptor *descriptor, int *ret_value)
{
    (void)descriptor;
    *ret_value = COMPARTMENT;
    return WS2_SUCCESS;
}

static int set_compartment(struct descriptor *descriptor, int value)
{
    (void)descriptor;
    return value == COMPARTMENT ? WS2_SUCCESS : WS2_EINVAL;
}

/* --- SO_BSP_STATE: CSADDR_INFO with its two addresses behind it ----------- */

struct winsock_socket_address {
    uint64_t address; /* a pointer into the program's buffer, or NULL */
    int32_t length;
    uint32_t padding;
};
struct winsock_addresses {
    struct winsock_socket_address local, remote;
    int32_t type, protocol;
};
struct bsp_state {
    struct winsock_addresses addresses;
    uint8_t names[2 * ADDRESS_LENGTH_MAX];
};

/* The length of a name of the socket; 0: it has none. */
typedef uint32_t name_getter(struct descriptor *descriptor, uint8_t *bytes);

static uint32_t local_name(struct descriptor *descriptor, uint8_t *bytes)
{
    struct sockaddr_storage name;
    socklen_t length;

    if (path_socket_is(descriptor))
        return path_socket_local(descriptor, bytes);
    if (!name_is_bound(descriptor) ||
        name_get_local(descriptor, &name, &length) < 0)
        return 0;
    return address_from_kernel(&name, length, bytes);
}

static uint32_t remote_name(struct descriptor *descriptor, uint8_t *bytes)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);

    if (path_socket_is(descriptor))
        return path_socket_peer(descriptor, bytes);
    if (getpeername(descriptor->fd, (struct sockaddr *)&name, &length) < 0)
        return 0;
    return address_from_kernel(&name, length, bytes);
}

static void describe_end(struct descriptor *descriptor, name_getter *get_name,
                         uint64_t place, uint8_t *bytes,
                         struct winsock_socket_address *ret)
{
    ret->length = (int32_t)get_name(descriptor, bytes);
    ret->address = ret->length ? place : 0;
}

static int give_bsp_state(struct descriptor *descriptor, void *value,
                          int *length, int32_t room)
{
    struct bsp_state state = {
        .addresses.type = descriptor->identity.type,
        .addresses.protocol = descriptor->identity.protocol,
    };
    uint32_t one = address_length(descriptor->identity.family);
    uint64_t place = (uint64_t)(uintptr_t)value + sizeof(state.addresses);

    describe_end(descriptor, local_name, place, state.names,
                 &state.addresses.local);
    describe_end(descriptor, remote_name, place + one, state.names + one,
                 &state.addresses.remote);
    return option_give(value, length, room, &state,
                       (int32_t)(sizeof(state.addresses) + 2 * one));
}

/* --- The table ------------------------------------------------------------ */

static const struct option options[] = {
    {WS2_SO_DEBUG, ANY, FORM_BOOL,
     AS_FLAG(WIRE_SET_DEBUG, WIRE_RECORD_DEBUG)},
    {WS2_SO_ACCEPTCONN, ANY, FORM_BOOL, .flags = OPTION_READ_ONLY,
     IN_KERNEL(SOL_SOCKET, SO_ACCEPTCONN)},
    {WS2_SO_REUSEADDR, ANY, FORM_BOOL,
     AS_FLAG(WIRE_SET_REUSE, WIRE_RECORD_REUSE), .check = check_reuse},
    {WS2_SO_EXCLUSIVEADDRUSE, ANY, FORM_BOOL,
     AS_FLAG(WIRE_SET_EXCLUSIVE, WIRE_RECORD_EXCLUSIVE)},
    {WS2_SO_KEEPALIVE, STREAM, FORM_BYTE, IN_KERNEL(SOL_SOCKET, SO_KEEPALIVE),
     .check = check_keepalive},
    {WS2_SO_DONTROUTE, ANY, FORM_BYTE, .flags = OPTION_INET_ONLY,
     AS_FLAG(WIRE_SET_DONTROUTE, WIRE_RECORD_DONTROUTE)},
    {WS2_SO_BROADCAST, MESSAGES, FORM_BOOL, .get = get_broadcast,
     .set = set_broadcast},
    {WS2_SO_USELOOPBACK, ANY, FORM_BOOL, REFUSED(WS2_EINVAL)},
    {WS2_SO_LINGER, STREAM, FORM_STRUCT, .give = give_linger,
     .take = take_linger},
    {WS2_SO_DONTLINGER, STREAM, FORM_BOOL, .get = get_dontlinger,
     .set = set_dontlinger},
    {WS2_SO_OOBINLINE, STREAM, FORM_BOOL, IN_KERNEL(SOL_SOCKET, SO_OOBINLINE)},
    {WS2_SO_SNDBUF, ANY, FORM_INT, .get = get_sndbuf, .set = set_sndbuf},
    {WS2_SO_RCVBUF, ANY, FORM_INT, .get = get_rcvbuf, .set = set_rcvbuf},
    {WS2_SO_SNDLOWAT, ANY, FORM_INT, REFUSED(WS2_EINVAL)},
    {WS2_SO_RCVLOWAT, ANY, FORM_INT, REFUSED(WS2_EINVAL)},
    {WS2_SO_SNDTIMEO, ANY, FORM_INT, .get = get_sndtimeo, .set = set_sndtimeo},
    {WS2_SO_RCVTIMEO, ANY, FORM_INT, .get = get_rcvtimeo, .set = set_rcvtimeo},
    {WS2_SO_ERROR, ANY, FORM_INT, .get = get_error, .set = set_error},
    {WS2_SO_TYPE, ANY, FORM_INT, .flags = OPTION_READ_ONLY, .get = get_type},
    {WS2_SO_BSP_STATE, ANY, FORM_STRUCT, .flags = OPTION_READ_ONLY,
     .give = give_bsp_state},
    {WS2_SO_GROUP_ID, ANY, FORM_INT, CONSTANT(0)},
    {WS2_SO_GROUP_PRIORITY, ANY, FORM_INT, KEPT(WIRE_OPTION_GROUP_PRIORITY, 0)},
    {WS2_SO_MAX_MSG_SIZE, MESSAGES, FORM_INT, .flags = OPTION_READ_ONLY,
     .get = get_max_message},
    {WS2_SO_MAXDG, MESSAGES, FORM_INT, .flags = OPTION_READ_ONLY,
     .get = get_max_message},
    {WS2_SO_MAXPATHDG, MESSAGES, FORM_INT, .flags = OPTION_READ_ONLY,
     .get = get_max_message},
    {WS2_SO_CONDITIONAL_ACCEPT, ANY, FORM_BOOL,
     AS_FLAG(WIRE_SET_CONDITIONAL_ACCEPT, WIRE_RECORD_CONDITIONAL_ACCEPT)},
    {WS2_SO_PAUSE_ACCEPT, STREAM, FORM_BOOL, KEPT(WIRE_OPTION_PAUSE_ACCEPT, 0)},
    {WS2_SO_COMPARTMENT_ID, ANY, FORM_INT, .get = get_compartment,
     .set = set_compartment},
    {WS2_SO_RANDOMIZE_PORT, ANY, FORM_BOOL,
     KEPT(WIRE_OPTION_RANDOMIZE_PORT, 0), .check = check_randomize},
    {WS2_SO_PORT_SCALABILITY, ANY, FORM_BOOL,
     KEPT(WIRE_OPTION_SCALABILITY, 0)},
    {WS2_SO_REUSE_UNICASTPORT, ANY, FORM_BOOL,
     KEPT(WIRE_OPTION_REUSE_UNICAST, 0)},
    {WS2_SO_REUSE_MULTICASTPORT, MESSAGES, FORM_BOOL,
     KEPT(WIRE_OPTION_REUSE_MULTICAST, 0), .check = check_reuse},
    {WS2_SO_CONNECT_TIME, ANY, FORM_INT, .flags = OPTION_READ_ONLY,
     .get = get_connect_time},
    {WS2_SO_UPDATE_ACCEPT_CONTEXT, STREAM, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY, .take = connection_context_update_accept},
    {WS2_SO_UPDATE_CONNECT_CONTEXT, STREAM, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY | OPTION_MAY_BE_NULL,
     .take = connection_context_update_connect},
};

const struct option_level option_level_socket =
    OPTION_LEVEL(WS2_SOL_SOCKET, ANY, options);
