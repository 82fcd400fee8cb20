/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of one family as text: inet_addr, inet_ntoa, inet_pton, inet_ntop
 * and their wide forms.  They work without WSAStartup.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include "address_text.h"
#include "api.h"

#include <string.h>

static BOOL is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * The IPv4 address in network order; INADDR_NONE: malformed (the last error
 * stays), or NULL (WSAEFAULT).  The number ends at a blank; a single blank is
 * 0.0.0.0.
 */
ULONG WINAPI inet_addr(const char *cp)
{
    const char *end;
    ULONG address;

    if (cp == NULL) {
        host_set_last_error(WSAEFAULT);
        return INADDR_NONE;
    }
    if (!strcmp(cp, " "))
        return 0;
    if (!inet_text_read_loose(cp, FALSE, &end, &address) ||
        (*end && !is_space(*end)))
        return INADDR_NONE;
    return __builtin_bswap32(address);
}

/* GCC's code for a thread-local variable of a shared library clobbers %rdi,
   which Windows' calling convention preserves: only a function of the other
   convention may get its address. */
static __attribute__((noinline)) char *thread_text(void)
{
    static _Thread_local char text[INET_TEXT_SIZE];

    return text;
}

/* The text, in a buffer of the thread that the next call overwrites. */
char *WINAPI inet_ntoa(struct in_addr in)
{
    char *text = thread_text();

    inet_text_write((const BYTE *)&in, text);
    return text;
}

/* 1: an address; 0: malformed, the last error stays; -1: WSAEFAULT,
   WSAEAFNOSUPPORT. */
static int read_address(INT family, const char *text, BOOL malformed,
                        void *ret)
{
    const char *end;
    BOOL good;

    if (family != AF_INET && family != AF_INET6)
        return api_failure(WSAEAFNOSUPPORT);
    if (ret == NULL)
        return api_failure(WSAEFAULT);
    if (malformed)
        return 0;
    good = family == AF_INET ? inet_text_read_strict(text, &end, ret)
                             : inet6_text_read(text, &end, ret);
    return good && !*end;
}

/* See read_address.  What was read before an error may have been stored. */
int WINAPI inet_pton(INT Family, PCSTR pszAddrString, PVOID pAddrBuf)
{
    if (pszAddrString == NULL)
        return api_failure(WSAEFAULT);
    return read_address(Family, pszAddrString, FALSE, pAddrBuf);
}

/* As inet_pton, but malformed text is WSAEINVAL. */
int WINAPI InetPtonW(INT Family, PCWSTR pszAddrString, PVOID pAddrBuf)
{
    char text[ADDRESS_INPUT_SIZE];
    int result;

    if (pszAddrString == NULL)
        return api_failure(WSAEFAULT);
    result = read_address(Family, text,
                          !address_text_narrow(pszAddrString, text), pAddrBuf);
    if (result == 0)
        host_set_last_error(WSAEINVAL);
    return result;
}

/* The length with the NUL; 0, with the last error: no such family, or no room
   in size characters. */
static size_t write_address(INT family, const void *address,
                            char text[INET6_TEXT_SIZE], const void *buffer,
                            size_t size)
{
    /* An NTSTATUS, not a Winsock error: it is what Windows sets. */
    enum { STATUS_INVALID_PARAMETER_VALUE = (int)0xc000000d };
    size_t length;

    if (family != AF_INET && family != AF_INET6) {
        host_set_last_error(WSAEAFNOSUPPORT);
        return 0;
    }
    if (address == NULL || buffer == NULL) {
        host_set_last_error((uint32_t)STATUS_INVALID_PARAMETER_VALUE);
        return 0;
    }
    length = 1 + (size_t)(family == AF_INET ? inet_text_write(address, text)
                                            : inet6_text_write(address, text));
    if (length > size) {
        host_set_last_error((uint32_t)STATUS_INVALID_PARAMETER_VALUE);
        return 0;
    }
    return length;
}

/* The buffer, or NULL; see write_address. */
PCSTR WINAPI inet_ntop(INT Family, PVOID pAddr, PSTR pStringBuf,
                       SIZE_T StringBufSize)
{
    char text[INET6_TEXT_SIZE];
    size_t length = write_address(Family, pAddr, text, pStringBuf,
                                  StringBufSize);

    if (!length)
        return NULL;
    memcpy(pStringBuf, text, length);
    return pStringBuf;
}

/* As inet_ntop; the size in WCHARs. */
PCWSTR WINAPI InetNtopW(INT Family, PVOID pAddr, PWSTR pStringBuf,
                        SIZE_T StringBufSize)
{
    char text[INET6_TEXT_SIZE];
    size_t length = write_address(Family, pAddr, text, pStringBuf,
                                  StringBufSize);
    size_t i;

    if (!length)
        return NULL;
    for (i = 0; i < length; i++)
        pStringBuf[i] = (WCHAR)text[i];
    return pStringBuf;
}
