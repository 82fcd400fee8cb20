/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options that are more than a number of the kernel's or a flag. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "unix/connection.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/memory.h"
#include "unix/option.h"
#include "unix/socket.h"

/* What SO_SNDBUF and SO_RCVBUF read before they are set, in bytes. */
#define DEFAULT_BUFFER 65536
/* In the record 0 says "never set", so a buffer set to 0 is this. */
#define NO_BUFFER UINT32_MAX
/* The largest UDP payload of an IPv4 packet. */
#define MAX_MESSAGE 65507

static int set_kernel(struct descriptor *descriptor, int level, int name,
                      const void *value, socklen_t length)
{
    if (setsockopt(descriptor->fd, level, name, value, length) < 0)
        return error_from_errno(errno);
    return WS2_SUCCESS;
}

/* --- Linger -------------------------------------------------------------------- */

struct winsock_linger {
    uint16_t onoff, seconds;
};

static int get_linger(struct descriptor *descriptor, struct linger *ret)
{
    socklen_t length = sizeof(*ret);

    if (getsockopt(descriptor->fd, SOL_SOCKET, SO_LINGER, ret, &length) < 0)
        return error_from_errno(errno);
    return WS2_SUCCESS;
}

int option_get_linger(struct descriptor *descriptor, int *ret_value)
{
    struct linger linger;
    int error = get_linger(descriptor, &linger);

    if (!error)
        *ret_value = linger.l_onoff;
    return error;
}

int option_give_linger(struct descriptor *descriptor, void *value, int *length,
                       int32_t room)
{
    struct winsock_linger result;
    int32_t size = sizeof(result);
    struct linger linger;
    int error;

    if (room < size)
        return WS2_EFAULT;
    error = get_linger(descriptor, &linger);
    if (error)
        return error;
    result.onoff = (uint16_t)linger.l_onoff;
    result.seconds = (uint16_t)linger.l_linger;
    error = memory_write_cached(value, &result, sizeof(result));
    return error ? error : memory_write_cached(length, &size, sizeof(size));
}

int option_set_linger(struct descriptor *descriptor, const void *value,
                      int length)
{
    struct winsock_linger wanted;
    struct linger linger;
    int error;

    if (length >= 0 && length < (int)sizeof(wanted))
        return WS2_EFAULT;
    error = memory_read_cached(&wanted, value, sizeof(wanted));
    if (error)
        return error;
    linger.l_onoff = wanted.onoff != 0;
    linger.l_linger = wanted.seconds;
    return set_kernel(descriptor, SOL_SOCKET, SO_LINGER, &linger,
                      sizeof(linger));
}

int option_get_dontlinger(struct descriptor *descriptor, int *ret_value)
{
    int error = option_get_linger(descriptor, ret_value);

    if (!error)
        *ret_value = !*ret_value;
    return error;
}

int option_set_dontlinger(struct descriptor *descriptor, const void *value,
                          int length)
{
    struct linger linger;
    int error = get_linger(descriptor, &linger);

    (void)length;
    if (error)
        return error;
    linger.l_onoff = *(const int *)value == 0;
    return set_kernel(descriptor, SOL_SOCKET, SO_LINGER, &linger,
                      sizeof(linger));
}

/* --- Buffers: read back as set, not as the kernel rounds them ----------------- */

static int get_buffer(const uint32_t *field, int *ret_value)
{
    uint32_t size = __atomic_load_n(field, __ATOMIC_RELAXED);

    *ret_value = size == 0           ? DEFAULT_BUFFER
                 : size == NO_BUFFER ? 0
                                     : (int)size;
    return WS2_SUCCESS;
}

static int set_buffer(struct descriptor *descriptor, int name,
                      uint32_t property, int size)
{
    /* Size 0 asks for no copy in the kernel: it keeps its own buffer. */
    if (size > 0 && setsockopt(descriptor->fd, SOL_SOCKET, name, &size,
                               sizeof(size)) < 0)
        return error_from_errno(errno);
    return socket_set_property(descriptor, property,
                               size == 0 ? NO_BUFFER : (uint32_t)size);
}

int option_get_sndbuf(struct descriptor *descriptor, int *ret_value)
{
    return get_buffer(&descriptor_record(descriptor)->send_buffer, ret_value);
}

int option_set_sndbuf(struct descriptor *descriptor, const void *value,
                      int length)
{
    (void)length;
    return set_buffer(descriptor, SO_SNDBUF, WIRE_SET_SEND_BUFFER,
                      *(const int *)value);
}

int option_get_rcvbuf(struct descriptor *descriptor, int *ret_value)
{
    return get_buffer(&descriptor_record(descriptor)->receive_buffer,
                      ret_value);
}

int option_set_rcvbuf(struct descriptor *descriptor, const void *value,
                      int length)
{
    (void)length;
    return set_buffer(descriptor, SO_RCVBUF, WIRE_SET_RECEIVE_BUFFER,
                      *(const int *)value);
}

/* --- Timeouts: milliseconds, kept by the server --------------------------------- */

int option_get_sndtimeo(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = (int)__atomic_load_n(
        &descriptor_record(descriptor)->send_timeout, __ATOMIC_RELAXED);
    return WS2_SUCCESS;
}

int option_set_sndtimeo(struct descriptor *descriptor, const void *value,
                        int length)
{
    (void)length;
    return socket_set_property(descriptor, WIRE_SET_SEND_TIMEOUT,
                               *(const uint32_t *)value);
}

int option_get_rcvtimeo(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = (int)__atomic_load_n(
        &descriptor_record(descriptor)->receive_timeout, __ATOMIC_RELAXED);
    return WS2_SUCCESS;
}

int option_set_rcvtimeo(struct descriptor *descriptor, const void *value,
                        int length)
{
    (void)length;
    return socket_set_property(descriptor, WIRE_SET_RECEIVE_TIMEOUT,
                               *(const uint32_t *)value);
}

/* --- State ------------------------------------------------------------------------ */

/* The error of a failed connect stays until the next connect; reading does
   not clear it.  The kernel's own is told once. */
int option_get_error(struct descriptor *descriptor, int *ret_value)
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

int option_set_error(struct descriptor *descriptor, const void *value,
                     int length)
{
    (void)length;
    return socket_set_property(descriptor, WIRE_SET_ERROR,
                               *(const uint32_t *)value);
}

/* Seconds since the connection was made; all ones: there is none. */
int option_get_connect_time(struct descriptor *descriptor, int *ret_value)
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

int option_get_max_message(struct descriptor *descriptor, int *ret_value)
{
    (void)descriptor;
    *ret_value = MAX_MESSAGE;
    return WS2_SUCCESS;
}

/* --- IP ------------------------------------------------------------------------------ */

int option_get_dontfragment(struct descriptor *descriptor, int *ret_value)
{
    int mode =
        kernel_socket_option(descriptor->fd, IPPROTO_IP, IP_MTU_DISCOVER);

    if (mode < 0)
        return error_from_errno(errno);
    *ret_value = mode == IP_PMTUDISC_DO ||
                 (mode == IP_PMTUDISC_WANT &&
                  descriptor->identity.type == WS2_SOCK_STREAM);
    return WS2_SUCCESS;
}

int option_set_dontfragment(struct descriptor *descriptor, const void *value,
                            int length)
{
    int mode = *(const int *)value ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;

    (void)length;
    return set_kernel(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &mode,
                      sizeof(mode));
}

/* Winsock lets an address 0.x.y.z stand for the interface with that index. */
static void interface_of(uint32_t address, struct ip_mreqn *request)
{
    request->imr_address.s_addr = address;
    if (address != 0 && ntohl(address) < 0x01000000) {
        request->imr_ifindex = (int)ntohl(address);
        request->imr_address.s_addr = 0;
    }
}

int option_get_multicast_if(struct descriptor *descriptor, int *ret_value)
{
    struct in_addr address;
    socklen_t length = sizeof(address);

    if (getsockopt(descriptor->fd, IPPROTO_IP, IP_MULTICAST_IF, &address,
                   &length) < 0)
        return error_from_errno(errno);
    *ret_value = (int)address.s_addr;
    return WS2_SUCCESS;
}

int option_set_multicast_if(struct descriptor *descriptor, const void *value,
                            int length)
{
    struct ip_mreqn request = {0};

    (void)length;
    interface_of(*(const uint32_t *)value, &request);
    return set_kernel(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &request,
                      sizeof(request));
}

static int membership(struct descriptor *descriptor, int name,
                      const void *value, int length)
{
    struct ip_mreqn request = {0};
    uint32_t wanted[2]; /* ip_mreq: group, interface */
    int error;

    if (length < (int)sizeof(wanted))
        return WS2_EFAULT;
    error = memory_read_cached(wanted, value, sizeof(wanted));
    if (error)
        return error;
    request.imr_multiaddr.s_addr = wanted[0];
    interface_of(wanted[1], &request);
    return set_kernel(descriptor, IPPROTO_IP, name, &request, sizeof(request));
}

int option_add_membership(struct descriptor *descriptor, const void *value,
                          int length)
{
    return membership(descriptor, IP_ADD_MEMBERSHIP, value, length);
}

int option_drop_membership(struct descriptor *descriptor, const void *value,
                           int length)
{
    return membership(descriptor, IP_DROP_MEMBERSHIP, value, length);
}

static int membership6(struct descriptor *descriptor, int name,
                       const void *value, int length)
{
    struct ipv6_mreq request; /* the same layout */
    int error;

    if (length < (int)sizeof(request))
        return WS2_EFAULT;
    error = memory_read_cached(&request, value, sizeof(request));
    if (error)
        return error;
    return set_kernel(descriptor, IPPROTO_IPV6, name, &request,
                      sizeof(request));
}

int option_add_membership6(struct descriptor *descriptor, const void *value,
                           int length)
{
    return membership6(descriptor, IPV6_ADD_MEMBERSHIP, value, length);
}

int option_drop_membership6(struct descriptor *descriptor, const void *value,
                            int length)
{
    return membership6(descriptor, IPV6_DROP_MEMBERSHIP, value, length);
}

/* An IPv4 socket takes the option too, without effect, until it is bound. */
int option_get_v6only(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = 1;
    if (descriptor->identity.family != WS2_AF_INET6)
        return WS2_SUCCESS;
    *ret_value = kernel_socket_option(descriptor->fd, IPPROTO_IPV6,
                                      IPV6_V6ONLY);
    return *ret_value < 0 ? error_from_errno(errno) : WS2_SUCCESS;
}

int option_set_v6only(struct descriptor *descriptor, const void *value,
                      int length)
{
    (void)length;
    if (kernel_socket_is_bound(descriptor->fd))
        return WS2_EINVAL;
    if (descriptor->identity.family != WS2_AF_INET6)
        return WS2_SUCCESS;
    return set_kernel(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, value,
                      sizeof(int));
}
