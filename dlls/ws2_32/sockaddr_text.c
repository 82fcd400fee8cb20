/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Socket addresses as text: WSAAddressToString's and WSAStringToAddress's
 * forms, for base providers; see address_text.h.
 */
#include "address_text.h"

#include <stdio.h>
#include <string.h>

/* --- Writing -------------------------------------------------------------- */

/* "a.b.c.d" or "a.b.c.d:port"; returns the length without the NUL. */
static int write_inet(const SOCKADDR_IN *address, char text[SOCKADDR_TEXT_SIZE])
{
    int n = inet_text_write((const BYTE *)&address->sin_addr, text);

    if (address->sin_port)
        n += snprintf(text + n, (size_t)(SOCKADDR_TEXT_SIZE - n), ":%u",
                      __builtin_bswap16(address->sin_port));
    return n;
}

/* "address%scope" or "[address%scope]:port"; a scope of 0 is left out. */
static int write_inet6(const SOCKADDR_IN6 *address,
                       char text[SOCKADDR_TEXT_SIZE])
{
    char plain[INET6_TEXT_SIZE], scope[16] = "", port[16] = "";

    inet6_text_write((const BYTE *)&address->sin6_addr, plain);
    if (address->sin6_scope_id)
        snprintf(scope, sizeof(scope), "%%%u",
                 (unsigned int)address->sin6_scope_id);
    if (address->sin6_port)
        snprintf(port, sizeof(port), "]:%u",
                 __builtin_bswap16(address->sin6_port));
    return snprintf(text, SOCKADDR_TEXT_SIZE, "%s%s%s%s", *port ? "[" : "",
                    plain, scope, port);
}

int sockaddr_text_write(const struct sockaddr *address, DWORD address_length,
                        WCHAR *text, DWORD *length)
{
    char narrow[SOCKADDR_TEXT_SIZE];
    DWORD needed, i;
    int family;

    if (address == NULL || length == NULL ||
        address_length < sizeof(address->sa_family))
        return WSAEFAULT;
    family = address->sa_family;
    if (family != AF_INET && family != AF_INET6)
        return WSAEINVAL;
    if (address_length < (family == AF_INET ? sizeof(SOCKADDR_IN)
                                            : sizeof(SOCKADDR_IN6)))
        return WSAEFAULT;

    needed = 1 + (DWORD)(family == AF_INET
                             ? write_inet((const SOCKADDR_IN *)address, narrow)
                             : write_inet6((const SOCKADDR_IN6 *)address,
                                           narrow));
    if (text == NULL || *length < needed) {
        *length = needed;
        return WSAEFAULT;
    }
    for (i = 0; i < needed; i++)
        text[i] = (WCHAR)narrow[i];
    *length = needed;
    return 0;
}

/* --- Reading -------------------------------------------------------------- */

/* Both readers return WSAEINVAL with the family still 0. */

static int read_inet(const char *text, SOCKADDR_IN *ret)
{
    const char *end;
    ULONG address;

    if (!inet_text_read_loose(text, TRUE, &end, &address))
        return WSAEINVAL;
    ret->sin_addr.s_addr = __builtin_bswap32(address);
    if (*end == ':') {
        ret->sin_port = __builtin_bswap16(port_text_read(end + 1));
        if (!ret->sin_port)
            return WSAEINVAL;
    } else if (*end) {
        return WSAEINVAL;
    }
    ret->sin_family = AF_INET;
    return 0;
}

/* The decimal number after "%". */
static BOOL read_scope(const char **cursor, ULONG *ret)
{
    const char *text = *cursor;
    ULONGLONG scope = 0;

    if (*text < '0' || *text > '9')
        return FALSE;
    for (; *text >= '0' && *text <= '9'; text++) {
        scope = 10 * scope + (ULONGLONG)(*text - '0');
        if (scope > 0xffffffff)
            return FALSE;
    }
    *cursor = text;
    *ret = (ULONG)scope;
    return TRUE;
}

static int read_inet6(const char *text, SOCKADDR_IN6 *ret)
{
    BOOL bracket = *text == '[';
    ULONG scope = 0;

    if (!inet6_text_read(text + bracket, &text, (BYTE *)&ret->sin6_addr))
        return WSAEINVAL;
    if (*text == '%') {
        text++;
        if (!read_scope(&text, &scope))
            return WSAEINVAL;
        ret->sin6_scope_id = scope;
    }
    if (bracket && *text++ != ']')
        return WSAEINVAL;
    if (bracket && *text == ':') {
        ret->sin6_port = __builtin_bswap16(port_text_read(text + 1));
        if (!ret->sin6_port)
            return WSAEINVAL;
    } else if (*text) {
        return WSAEINVAL;
    }
    ret->sin6_family = AF_INET6;
    return 0;
}

int sockaddr_text_read(const WCHAR *text, int family, struct sockaddr *ret,
                       INT *length)
{
    char narrow[ADDRESS_INPUT_SIZE];
    INT needed = family == AF_INET ? (INT)sizeof(SOCKADDR_IN)
                                   : (INT)sizeof(SOCKADDR_IN6);
    int error;

    if (length == NULL || ret == NULL)
        return WSAEFAULT;
    if (text == NULL || (family != AF_INET && family != AF_INET6))
        return WSAEINVAL;
    if (*length < needed) {
        *length = needed;
        return WSAEFAULT;
    }
    memset(ret, 0, (size_t)needed);
    if (!address_text_narrow(text, narrow))
        return WSAEINVAL;
    error = family == AF_INET ? read_inet(narrow, (SOCKADDR_IN *)ret)
                              : read_inet6(narrow, (SOCKADDR_IN6 *)ret);
    if (!error)
        *length = needed;
    return error;
}
