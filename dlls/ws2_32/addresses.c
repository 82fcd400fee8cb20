/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of one family as text: inet_addr, inet_ntoa, inet_pton, inet_ntop
 * and their wide forms.  They work without WSAStartup.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include "address_text.h"
#include "api.h"
#include "program_text.h"
#include "unix/boundary.h"

#include <string.h>

static BOOL is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * The IPv4 address in network order; INADDR_NONE: malformed (the last error
 * stays), or a bad pointer (WSAEFAULT).  The number ends at a blank; a single blank is
 * 0.0.0.0.
 */
ULONG WINAPI inet_addr(const char *cp)
{
    char text[ADDRESS_INPUT_SIZE];
    const char *end;
    ULONG address;

    /* Of a longer text, what follows an address does not matter. */
    if (program_text_read(cp, text, sizeof(text)) == WSAEFAULT) {
        host_set_last_error(WSAEFAULT);
        return INADDR_NONE;
    }
    if (!strcmp(text, " "))
        return 0;
    if (!inet_text_read_loose(text, FALSE, &end, &address) ||
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
   WSAEAFNOSUPPORT.  ret: the program's; what was read before an error is
   stored, too. */
static int read_address(INT family, const char *text, BOOL malformed,
                        void *ret)
{
    uint32_t size = family == AF_INET ? 4 : 16;
    const char *end;
    BYTE bytes[16];
    BOOL good;

    if (family != AF_INET && family != AF_INET6)
        return api_failure(WSAEAFNOSUPPORT);
    if (unix_memory_read(bytes, ret, size))
        return api_failure(WSAEFAULT);
    if (malformed)
        return 0;
    good = family == AF_INET ? inet_text_read_strict(text, &end, bytes)
                             : inet6_text_read(text, &end, bytes);
    if (unix_memory_write(ret, bytes, size))
        return api_failure(WSAEFAULT);
    return good && !*end;
}

/* See read_address.  What was read before an error may have been stored. */
int WINAPI inet_pton(INT Family, PCSTR pszAddrString, PVOID pAddrBuf)
{
    char text[ADDRESS_INPUT_SIZE];
    int error = program_text_read(pszAddrString, text, sizeof(text));

    if (error == WSAEFAULT)
        return api_failure(WSAEFAULT);
    return read_address(Family, text, error != 0, pAddrBuf);
}

/* As inet_pton, but malformed text is WSAEINVAL. */
int WINAPI InetPtonW(INT Family, PCWSTR pszAddrString, PVOID pAddrBuf)
{
    WCHAR wide[ADDRESS_INPUT_SIZE];
    char text[ADDRESS_INPUT_SIZE];
    int error, result;

    error = program_text_read_wide(pszAddrString, wide, ADDRESS_INPUT_SIZE);
    if (error == WSAEFAULT)
        return api_failure(WSAEFAULT);
    result = read_address(Family, text,
                          error || !address_text_narrow(wide, text), pAddrBuf);
    if (result == 0)
        host_set_last_error(WSAEINVAL);
    return result;
}

/* An NTSTATUS, not a Winsock error: it is what Windows sets. */
#define STATUS_INVALID_PARAMETER_VALUE 0xc000000dU

/* The length with the NUL; 0, with the last error: no such family, a bad
   pointer, or no room in size characters. */
static size_t write_address(INT family, const void *address,
                            char text[INET6_TEXT_SIZE], size_t size)
{
    BYTE bytes[16];
    size_t length;

    if (family != AF_INET && family != AF_INET6) {
        host_set_last_error(WSAEAFNOSUPPORT);
        return 0;
    }
    if (unix_memory_read(bytes, address, family == AF_INET ? 4 : 16)) {
        host_set_last_error(STATUS_INVALID_PARAMETER_VALUE);
        return 0;
    }
    length = 1 + (size_t)(family == AF_INET ? inet_text_write(bytes, text)
                                            : inet6_text_write(bytes, text));
    if (length > size) {
        host_set_last_error(STATUS_INVALID_PARAMETER_VALUE);
        return 0;
    }
    return length;
}

/* to, or NULL with the last error: a bad pointer. */
static const void *put_text(void *to, const void *text, size_t size)
{
    if (!unix_memory_write(to, text, (uint32_t)size))
        return to;
    host_set_last_error(STATUS_INVALID_PARAMETER_VALUE);
    return NULL;
}

/* The buffer, or NULL; see write_address. */
PCSTR WINAPI inet_ntop(INT Family, PVOID pAddr, PSTR pStringBuf,
                       SIZE_T StringBufSize)
{
    char text[INET6_TEXT_SIZE];
    size_t length = write_address(Family, pAddr, text, StringBufSize);

    return length ? put_text(pStringBuf, text, length) : NULL;
}

/* As inet_ntop; the size in WCHARs. */
PCWSTR WINAPI InetNtopW(INT Family, PVOID pAddr, PWSTR pStringBuf,
                        SIZE_T StringBufSize)
{
    size_t length, i;
    char text[INET6_TEXT_SIZE];
    WCHAR wide[INET6_TEXT_SIZE];

    length = write_address(Family, pAddr, text, StringBufSize);
    for (i = 0; i < length; i++)
        wide[i] = (WCHAR)text[i];
    return length ? put_text(pStringBuf, wide, length * sizeof(WCHAR)) : NULL;
}
