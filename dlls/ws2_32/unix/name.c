/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of sockets; see name.h. */
#include "unix/name.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "unix/address.h"
#include "unix/channel.h"
#include "unix/connection.h"
#include "unix/connection_context.h"
#include "unix/error.h"
#include "unix/group_socket.h"
#include "unix/interfaces.h"
#include "unix/kernel_socket.h"
#include "unix/memory.h"
#include "unix/network_limit.h"
#include "unix/option.h"
#include "unix/path_socket.h"
#include "unix/port_reservation.h"
#include "unix/raw_socket.h"

/* --- The program's sockaddrs ---------------------------------------------- */

int name_read(const struct descriptor *descriptor, const void *name, int length,
              struct sockaddr_storage *ret, socklen_t *ret_length)
{
    uint32_t wanted = address_length(descriptor->identity.family);
    uint8_t bytes[ADDRESS_LENGTH_MAX];
    uint16_t family;
    int error;

    if (name == NULL || length < (int)sizeof(family))
        return WS2_EFAULT;
    error = memory_read_cached(&family, name, sizeof(family));
    if (error)
        return error;
    /* First: to an IPv6 socket an IPv4 address is too short, not foreign. */
    if (length < (int)wanted)
        return WS2_EFAULT;
    if (family != descriptor->identity.family)
        return WS2_EAFNOSUPPORT;
    error = memory_read_cached(bytes, name, wanted);
    if (error)
        return error;
    return address_to_kernel(bytes, wanted, ret, ret_length);
}

/* Winsock has no datagrams to 0.0.0.0, to :: and to UDP's port 0. */
static int is_destination(const struct descriptor *descriptor,
                          const struct sockaddr_storage *name)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)name;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;

    switch (name->ss_family) {
    case AF_INET:
        if (v4->sin_addr.s_addr == 0)
            return 0;
        break;
    case AF_INET6:
        if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
            return 0;
        break;
    default:
        return 1;
    }
    return v4->sin_port != 0 || /* sin6_port is at the same place */
           descriptor->identity.protocol != WS2_IPPROTO_UDP;
}

int name_read_destination(const struct descriptor *descriptor,
                          const void *name, int length,
                          struct sockaddr_storage *ret, socklen_t *ret_length)
{
    int error = name_read(descriptor, name, length, ret, ret_length);

    if (!error && !is_destination(descriptor, ret))
        error = WS2_EADDRNOTAVAIL;
    return error ? error : network_limit_check(ret);
}

int name_is_unspecified(const void *name, int length)
{
    uint16_t family = 1;

    return length >= (int)ADDRESS_LENGTH_INET &&
           !memory_read_cached(&family, name, sizeof(family)) &&
           family == WS2_AF_UNSPEC;
}

int name_check_room(const struct descriptor *descriptor, const void *name,
                    const int *length)
{
    const uint32_t wanted = address_length(descriptor->identity.family);
    int32_t room;
    int error = memory_read_cached(&room, length, sizeof(room));

    if (!error && room < (int32_t)wanted)
        error = WS2_EFAULT;
    if (!error)
        error = unix_memory_check(name, wanted, 1);
    return error ? error : unix_memory_check(length, sizeof(*length), 1);
}

int name_write(const void *from, uint32_t from_length, void *name, int *length)
{
    int32_t new_length = (int32_t)from_length;
    int error = memory_write_cached(name, from, from_length);

    if (!error)
        error = memory_write_cached(length, &new_length, sizeof(new_length));
    return error;
}

void name_remember_peer(struct descriptor *descriptor,
                        const struct sockaddr_storage *peer, socklen_t length)
{
    descriptor_table_lock();
    descriptor->peer_length = address_from_kernel(peer, length,
                                                  descriptor->peer);
    descriptor_table_unlock();
}

void name_forget_peer(struct descriptor *descriptor)
{
    descriptor_table_lock();
    descriptor->peer_length = 0;
    descriptor_table_unlock();
}

/* --- bind ----------------------------------------------------------------- */

static void describe_step(const struct descriptor *descriptor, uint32_t step,
                          const struct sockaddr_storage *name,
                          socklen_t length, struct wire_bind_request *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->header.code = WIRE_BIND;
    ret->step = step;
    if (descriptor->identity.family == WS2_AF_INET6)
        ret->dual_stack = kernel_socket_option(descriptor->fd, IPPROTO_IPV6,
                                               IPV6_V6ONLY) == 0;
    ret->address_length = address_from_kernel(name, length, ret->address);
}

/* A step of BIND at the server, which holds Winsock's rules of sharing. */
static void tell_binding(struct descriptor *descriptor, uint32_t step,
                         const struct sockaddr_storage *name, socklen_t length)
{
    struct wire_bind_request request;

    describe_step(descriptor, step, name, length, &request);
    channel_post_for(descriptor, &request, &request.slot);
}

/* The server may have a port for a socket that left it open. */
static int reserve_binding(struct descriptor *descriptor,
                           struct sockaddr_storage *name, socklen_t length)
{
    struct wire_bind_request request;
    struct wire_bind_reply reply;
    int error;

    describe_step(descriptor, WIRE_BIND_RESERVE, name, length, &request);
    error = channel_call_for(descriptor, &request, &request.slot, NULL, 0,
                             &reply);
    if (!error) /* sin6_port is at the same place */
        ((struct sockaddr_in *)name)->sin_port = htons((uint16_t)reply.port);
    return error;
}

static void set_sharing(const struct descriptor *descriptor, int option,
                        int value)
{
    (void)setsockopt(descriptor->fd, SOL_SOCKET, option, &value,
                     sizeof(value));
}

/*
 * The kernel shares a port among sockets that all have SO_REUSEPORT and belong
 * to one user.  A socket that joins has it set before; one that is the only
 * one of this server does not, so neither a foreign program's port nor that of
 * another server is shared by accident.
 */
void name_follow_sharing(const struct descriptor *descriptor)
{
    set_sharing(descriptor, SO_REUSEPORT,
                (descriptor_flags(descriptor) & WIRE_RECORD_SHARED) != 0);
}

int name_get_local(const struct descriptor *descriptor,
                   struct sockaddr_storage *ret, socklen_t *ret_length)
{
    *ret_length = sizeof(*ret);
    if (getsockname(descriptor->fd, (struct sockaddr *)ret, ret_length) < 0)
        return -1;
    group_socket_correct_name(descriptor, ret);
    return 0;
}

static int is_bound_to_wildcard(const struct descriptor *descriptor)
{
    struct sockaddr_storage name = {0};
    socklen_t length;

    if (name_get_local(descriptor, &name, &length) < 0)
        return 0;
    if (name.ss_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(
            &((const struct sockaddr_in6 *)&name)->sin6_addr);
    return ((const struct sockaddr_in *)&name)->sin_addr.s_addr == INADDR_ANY;
}

/* An exclusive wildcard gives way to nobody. */
void name_allow_joining(const struct descriptor *descriptor)
{
    if (!(descriptor_flags(descriptor) & WIRE_RECORD_EXCLUSIVE) ||
        !is_bound_to_wildcard(descriptor))
        set_sharing(descriptor, SO_REUSEPORT, 1);
}

/*
 * SO_REUSEADDR means something else to the kernel.  For a stream: TIME_WAIT,
 * and sockets that do not listen, are no obstacle; they are none to Winsock
 * either, whatever the socket's mode.  For datagrams: all who have it share, of
 * whatever user, and multicast reaches them all; this is Winsock's
 * SO_REUSEADDR, and its SO_REUSE_MULTICASTPORT.  But a port that the kernel
 * chooses must be a free one.
 */
static void allow_reuse(const struct descriptor *descriptor, int has_port)
{
    int stream = descriptor->identity.type == WS2_SOCK_STREAM;
    int reuse = descriptor_flags(descriptor) & WIRE_RECORD_REUSE ||
                option_is_on(descriptor, WIRE_OPTION_REUSE_MULTICAST);

    set_sharing(descriptor, SO_REUSEADDR, stream || (reuse && has_port));
}

/* What accept made has the listener's address but did not bind to it. */
int name_describe_binding(const struct descriptor *descriptor,
                          struct wire_bind_request *ret_request)
{
    struct sockaddr_storage name;
    socklen_t length;

    if (!__atomic_load_n(&descriptor->has_binding, __ATOMIC_RELAXED) ||
        (descriptor_flags(descriptor) & WIRE_RECORD_ACCEPTED) ||
        !kernel_socket_is_bound(descriptor->fd) ||
        name_get_local(descriptor, &name, &length) < 0)
        return 0;
    describe_step(descriptor, WIRE_BIND_RECORD, &name, length, ret_request);
    return 1;
}

void name_record_binding(struct descriptor *descriptor,
                         const struct sockaddr_storage *name, socklen_t length)
{
    tell_binding(descriptor, WIRE_BIND_RECORD, name, length);
}

void name_follow_bind(const struct descriptor *descriptor)
{
    allow_reuse(descriptor, 1);
    name_allow_joining(descriptor);
}

void name_follow_listen(struct descriptor *descriptor)
{
    struct sockaddr_storage bound;
    socklen_t length;

    if (__atomic_load_n(&descriptor->has_binding, __ATOMIC_RELAXED) ||
        !option_is_on(descriptor, WIRE_OPTION_NO_PORT_YET) ||
        name_get_local(descriptor, &bound, &length) < 0)
        return;
    __atomic_store_n(&descriptor->has_binding, 1, __ATOMIC_RELAXED);
    name_record_binding(descriptor, &bound, length);
}

static int kernel_bind(struct descriptor *descriptor,
                       const struct sockaddr_storage *name, socklen_t length)
{
    return descriptor->identity.type == WS2_SOCK_DGRAM
               ? group_socket_bind(descriptor, name, length)
               : bind(descriptor->fd, (const struct sockaddr *)name, length);
}

/* What Winsock does not let be bound, and Linux does: a group; the address of
   all, unless the socket may broadcast.  A link-local address without a scope
   is that of the interface that has it. */
static int check_address(const struct descriptor *descriptor,
                         struct sockaddr_storage *name)
{
    const in_addr_t v4 =
        ntohl(((struct sockaddr_in *)name)->sin_addr.s_addr);
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;

    if (name->ss_family == AF_INET6) {
        if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) && v6->sin6_scope_id == 0)
            v6->sin6_scope_id = interfaces_index_of(&v6->sin6_addr);
        return IN6_IS_ADDR_MULTICAST(&v6->sin6_addr) ? WS2_EADDRNOTAVAIL
                                                     : WS2_SUCCESS;
    }
    if (IN_MULTICAST(v4))
        return WS2_EADDRNOTAVAIL;
    return v4 == INADDR_BROADCAST &&
                   descriptor->identity.type == WS2_SOCK_DGRAM &&
                   kernel_socket_option(descriptor->fd, SOL_SOCKET,
                                        SO_BROADCAST) == 0
               ? WS2_EACCES
               : WS2_SUCCESS;
}

int name_is_bound(const struct descriptor *descriptor)
{
    return kernel_socket_is_bound(descriptor->fd) ||
           option_is_on(descriptor, WIRE_OPTION_NO_PORT_YET);
}

/*
 * With SO_REUSE_UNICASTPORT the choice of a port is put off until the socket
 * connects: then it is known to whom, and connections to different peers can
 * have one port.  The kernel has the address alone until then, of a wildcard
 * nothing at all, so the server keeps that the socket is bound.
 */
static int bind_without_port(struct descriptor *descriptor,
                             const struct sockaddr_storage *name,
                             socklen_t length)
{
    const int on = 1;

    allow_reuse(descriptor, 0);
    if (setsockopt(descriptor->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
                   sizeof(on)) < 0 ||
        bind(descriptor->fd, (const struct sockaddr *)name, length) < 0)
        return error_from_errno(errno);
    return option_keep(descriptor, WIRE_OPTION_NO_PORT_YET, 0, 1);
}

static int puts_port_off(const struct descriptor *descriptor)
{
    return descriptor->identity.type == WS2_SOCK_STREAM &&
           option_is_on(descriptor, WIRE_OPTION_REUSE_UNICAST);
}

static int bind_to(struct descriptor *descriptor,
                   struct sockaddr_storage *name, socklen_t length)
{
    struct sockaddr_storage bound;
    socklen_t bound_length;
    int error, has_port;

    if (name_is_bound(descriptor))
        return WS2_EINVAL;
    error = check_address(descriptor, name);
    if (error)
        return error;
    has_port = ((const struct sockaddr_in *)name)->sin_port != 0 ||
               port_reservation_is_associated(descriptor);
    if (has_port) {
        error = reserve_binding(descriptor, name, length);
        if (error)
            return error;
    } else if (puts_port_off(descriptor))
        return bind_without_port(descriptor, name, length);
    allow_reuse(descriptor, has_port);
    name_follow_sharing(descriptor);
    if (kernel_bind(descriptor, name, length) < 0) {
        error = error_from_errno(errno);
        if (has_port)
            tell_binding(descriptor, WIRE_BIND_WITHDRAW, name, length);
        return error;
    }
    __atomic_store_n(&descriptor->bound, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->has_binding, 1, __ATOMIC_RELAXED);
    if (!has_port && name_get_local(descriptor, &bound, &bound_length) == 0)
        name_record_binding(descriptor, &bound, bound_length);
    if (descriptor->identity.type != WS2_SOCK_STREAM) {
        name_follow_bind(descriptor);
        /* A datagram socket can send from now on. */
        connection_reenable(descriptor, WS2_FD_WRITE, WS2_FD_WRITE);
    }
    return WS2_SUCCESS;
}

int name_bind_implicitly(struct descriptor *descriptor)
{
    struct sockaddr_storage wildcard;
    const int is_ipv6 = descriptor->identity.family == WS2_AF_INET6;

    if (!port_reservation_is_associated(descriptor) ||
        kernel_socket_is_bound(descriptor->fd))
        return WS2_SUCCESS;
    memset(&wildcard, 0, sizeof(wildcard));
    wildcard.ss_family = is_ipv6 ? AF_INET6 : AF_INET;
    return bind_to(descriptor, &wildcard,
                   is_ipv6 ? sizeof(struct sockaddr_in6)
                           : sizeof(struct sockaddr_in));
}

int unix_socket_bind(ws2_handle s, const void *name, int length)
{
    struct sockaddr_storage kernel_name;
    struct descriptor *descriptor;
    socklen_t kernel_length;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (path_socket_is(descriptor)) {
        error = path_socket_bind(descriptor, name, length);
        goto out;
    }
    error = name_read(descriptor, name, length, &kernel_name, &kernel_length);
    if (!error)
        error = raw_socket_is(descriptor)
                    ? raw_socket_bind(descriptor, &kernel_name, kernel_length)
                    : bind_to(descriptor, &kernel_name, kernel_length);
out:
    descriptor_release(descriptor);
    return error;
}

/* --- getsockname, getpeername --------------------------------------------- */

static int give_name(struct descriptor *descriptor, const void *from,
                     uint32_t from_length, void *name, int *length)
{
    int error;

    if (name == NULL || length == NULL)
        return WS2_EFAULT;
    error = name_check_room(descriptor, name, length);
    return error ? error : name_write(from, from_length, name, length);
}

int unix_socket_get_local_name(ws2_handle s, void *name, int *length)
{
    struct sockaddr_storage kernel_name;
    socklen_t kernel_length;
    uint8_t bytes[ADDRESS_LENGTH_MAX];
    struct descriptor *descriptor;
    uint32_t size = 0;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (name == NULL || length == NULL)
        error = WS2_EFAULT;
    else if (connection_context_check_local_name(descriptor))
        error = WS2_EINVAL;
    else if (path_socket_is(descriptor)) {
        size = path_socket_local(descriptor, bytes);
        error = size ? WS2_SUCCESS : WS2_EINVAL;
    } else if (name_get_local(descriptor, &kernel_name, &kernel_length) < 0)
        error = error_from_errno(errno);
    else if (raw_socket_is(descriptor)
                 ? !raw_socket_is_bound(descriptor)
                 : ((struct sockaddr_in *)&kernel_name)->sin_port == 0 &&
                       !option_is_on(descriptor, WIRE_OPTION_NO_PORT_YET))
        error = WS2_EINVAL; /* not bound */
    else {
        if (raw_socket_is(descriptor))
            raw_socket_clear_port(&kernel_name);
        size = address_from_kernel(&kernel_name, kernel_length, bytes);
    }
    if (!error)
        error = give_name(descriptor, bytes, size, name, length);
    descriptor_release(descriptor);
    return error;
}

/* The peer's Winsock name; 0: there is none. */
static uint32_t find_peer(struct descriptor *descriptor, uint8_t *bytes)
{
    struct sockaddr_storage kernel_name;
    socklen_t kernel_length = sizeof(kernel_name);
    uint32_t peer_length;

    if (path_socket_is(descriptor))
        return path_socket_peer(descriptor, bytes);
    if (getpeername(descriptor->fd, (struct sockaddr *)&kernel_name,
                    &kernel_length) == 0) {
        if (raw_socket_is(descriptor))
            raw_socket_clear_port(&kernel_name);
        return address_from_kernel(&kernel_name, kernel_length, bytes);
    }
    /* Connecting still, or connected once: Winsock goes on telling it. */
    if (descriptor->identity.type != WS2_SOCK_STREAM ||
        __atomic_load_n(&descriptor->stage, __ATOMIC_RELAXED) ==
            DESCRIPTOR_UNKNOWN)
        return 0;
    if (__atomic_load_n(&descriptor->stage, __ATOMIC_RELAXED) ==
            DESCRIPTOR_CONNECTING &&
        kernel_socket_stream_state(descriptor->fd) != KERNEL_SOCKET_CONNECTING)
        return 0;
    descriptor_table_lock();
    peer_length = descriptor->peer_length;
    memcpy(bytes, descriptor->peer, peer_length);
    descriptor_table_unlock();
    return peer_length;
}

int unix_socket_get_peer_name(ws2_handle s, void *name, int *length)
{
    uint8_t bytes[ADDRESS_LENGTH_MAX];
    struct descriptor *descriptor;
    uint32_t size = 0;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = connection_context_check_peer_name(descriptor);
    if (!error) {
        size = find_peer(descriptor, bytes);
        error = size == 0 ? WS2_ENOTCONN : WS2_SUCCESS;
    }
    if (!error)
        error = give_name(descriptor, bytes, size, name, length);
    descriptor_release(descriptor);
    return error;
}
