/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See proxy.h. */
#include <winsock2.h>

#include "proxy.h"

#include <string.h>

enum {
    VERSION = 5,
    LOGIN_VERSION = 1,
    METHOD_NONE = 0,
    METHOD_PASSWORD = 2,
    COMMAND_CONNECT = 1,
    TYPE_IPV4 = 1,
    TYPE_NAME = 3,
    TYPE_IPV6 = 4,
    MAX_NAME = 255,
};

/* --- Logging in ----------------------------------------------------------- */

static int send_password(const struct proxy_channel *channel, const char *user,
                         const char *password)
{
    size_t user_length = strlen(user), password_length = strlen(password);
    uint8_t message[3 + 2 * MAX_NAME], reply[2], *at = message;
    int error;

    if (user_length > MAX_NAME || password_length > MAX_NAME)
        return WSAEACCES;
    *at++ = LOGIN_VERSION;
    *at++ = (uint8_t)user_length;
    memcpy(at, user, user_length);
    at += user_length;
    *at++ = (uint8_t)password_length;
    memcpy(at, password, password_length);
    at += password_length;
    error = channel->send(channel->context, message, (size_t)(at - message));
    if (!error)
        error = channel->receive(channel->context, reply, sizeof(reply));
    if (error)
        return error;
    return reply[1] == 0 ? 0 : WSAEACCES;
}

static int log_in(const struct proxy_channel *channel, const char *user,
                  const char *password)
{
    uint8_t greeting[] = {VERSION, 1, METHOD_NONE, METHOD_PASSWORD}, reply[2];
    size_t length = 3;
    int error;

    if (user != NULL) {
        greeting[1] = 2;
        length = 4;
    }
    error = channel->send(channel->context, greeting, length);
    if (!error)
        error = channel->receive(channel->context, reply, sizeof(reply));
    if (error)
        return error;
    if (reply[0] != VERSION)
        return WSAECONNABORTED;
    if (reply[1] == METHOD_NONE)
        return 0;
    if (reply[1] == METHOD_PASSWORD && user != NULL)
        return send_password(channel, user, password);
    return WSAEACCES;
}

/* --- The connection ------------------------------------------------------- */

static int error_of_reply(uint8_t reply)
{
    static const int errors[] = {
        0,
        WSAECONNABORTED,  /* general failure */
        WSAEACCES,        /* not allowed by the rules */
        WSAENETUNREACH,
        WSAEHOSTUNREACH,
        WSAECONNREFUSED,
        WSAETIMEDOUT,     /* time to live */
        WSAEOPNOTSUPP,    /* command */
        WSAEAFNOSUPPORT,  /* address type */
    };

    return reply < sizeof(errors) / sizeof(*errors) ? errors[reply]
                                                    : WSAECONNABORTED;
}

/* The address that the proxy connects from, which nobody wants to know. */
static int skip_address(const struct proxy_channel *channel, uint8_t type)
{
    uint8_t rest[1 + MAX_NAME + 2], length;
    int error = 0;

    switch (type) {
    case TYPE_IPV4: length = 4; break;
    case TYPE_IPV6: length = 16; break;
    case TYPE_NAME:
        error = channel->receive(channel->context, &length, 1);
        break;
    default: return WSAECONNABORTED;
    }
    return error ? error
                 : channel->receive(channel->context, rest,
                                    (size_t)length + 2);
}

int proxy_connect(const struct proxy_channel *channel,
                  const struct proxy_target *target, const char *user,
                  const char *password)
{
    size_t length = target->is_ipv6 ? 16 : 4;
    uint8_t request[4 + 16 + 2] = {VERSION, COMMAND_CONNECT, 0,
                                   target->is_ipv6 ? TYPE_IPV6 : TYPE_IPV4};
    uint8_t reply[4];
    int error = log_in(channel, user, password);

    if (error)
        return error;
    memcpy(request + 4, target->address, length);
    request[4 + length] = (uint8_t)(target->port >> 8);
    request[4 + length + 1] = (uint8_t)target->port;
    error = channel->send(channel->context, request, 4 + length + 2);
    if (!error)
        error = channel->receive(channel->context, reply, sizeof(reply));
    if (error)
        return error;
    if (reply[0] != VERSION)
        return WSAECONNABORTED;
    error = error_of_reply(reply[1]);
    return error ? error : skip_address(channel, reply[3]);
}
