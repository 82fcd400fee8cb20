/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The conversation with a SOCKS5 proxy (RFC 1928, RFC 1929), over whatever
 * carries bytes.  Winsock error codes.
 */
#ifndef EXAMPLES_SOCKS5_PROXY_H
#define EXAMPLES_SOCKS5_PROXY_H

#include <stddef.h>
#include <stdint.h>

/* How the conversation sends and receives: all of the bytes, or an error. */
struct proxy_channel {
    int (*send)(void *context, const void *data, size_t length);
    int (*receive)(void *context, void *data, size_t length);
    void *context;
};

struct proxy_target {
    int is_ipv6;
    uint8_t address[16]; /* the first 4 for IPv4 */
    uint16_t port;       /* in the host's order */
};

/* Asks the proxy for a connection to the target.  user NULL: without a name and
   a password.  0, or: WSAEACCES: it wants another way to log in, or refused
   this one; WSAECONNREFUSED, WSAENETUNREACH, WSAEHOSTUNREACH, WSAETIMEDOUT,
   WSAEAFNOSUPPORT as it said; WSAECONNABORTED: it speaks something else. */
int proxy_connect(const struct proxy_channel *channel,
                  const struct proxy_target *target, const char *user,
                  const char *password);

#endif
