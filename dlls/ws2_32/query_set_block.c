/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets that came from another process: see query_set_adopt.
 *
 * Where the set has pointers, such a block has offsets from its beginning.
 * Nothing of it is believed: each part must lie in the block, aligned, with as
 * much as its length says, and a string with its NUL; and they come in the
 * order in which query_set_write puts them, so that none lies in another.
 */
#include "query_set.h"

#include <string.h>

struct span {
    char *base;
    size_t size;
    size_t used; /* where the last part ends */
};

/* Replaces the offset at `pointer` by the address of that many bytes; 0 stays
   NULL. */
static BOOL place(struct span *span, void *pointer, size_t size,
                  size_t alignment)
{
    uintptr_t offset;
    char *address;

    memcpy(&offset, pointer, sizeof(offset));
    if (offset == 0)
        return TRUE;
    if (offset % alignment != 0 || offset < span->used ||
        offset > span->size || size > span->size - offset)
        return FALSE;
    span->used = offset + size;
    address = span->base + offset;
    memcpy(pointer, &address, sizeof(address));
    return TRUE;
}

static BOOL place_text(struct span *span, LPWSTR *text)
{
    size_t room, i;

    if (!place(span, text, sizeof(WCHAR), sizeof(WCHAR)))
        return FALSE;
    if (!*text)
        return TRUE;
    room = (size_t)(span->base + span->size - (char *)*text) / sizeof(WCHAR);
    if (room > QUERY_SET_TEXT)
        room = QUERY_SET_TEXT;
    for (i = 0; i < room; i++) {
        if ((*text)[i] == 0) {
            span->used += i * sizeof(WCHAR);
            return TRUE;
        }
    }
    return FALSE;
}

static BOOL place_name(struct span *span, SOCKET_ADDRESS *name)
{
    if (name->iSockaddrLength < 0 ||
        (size_t)name->iSockaddrLength > sizeof(struct sockaddr_storage))
        return FALSE;
    return place(span, &name->lpSockaddr, (size_t)name->iSockaddrLength, 8);
}

static BOOL place_addresses(struct span *span, WSAQUERYSETW *set)
{
    DWORD i;

    if (set->dwNumberOfCsAddrs > QUERY_SET_ADDRESSES ||
        !place(span, &set->lpcsaBuffer,
               set->dwNumberOfCsAddrs * sizeof(*set->lpcsaBuffer), 8))
        return FALSE;
    if (!set->lpcsaBuffer)
        return set->dwNumberOfCsAddrs == 0;
    for (i = 0; i < set->dwNumberOfCsAddrs; i++)
        if (!place_name(span, &set->lpcsaBuffer[i].LocalAddr) ||
            !place_name(span, &set->lpcsaBuffer[i].RemoteAddr))
            return FALSE;
    return TRUE;
}

static BOOL place_protocols(struct span *span, WSAQUERYSETW *set)
{
    if (set->dwNumberOfProtocols > QUERY_SET_PROTOCOLS ||
        !place(span, &set->lpafpProtocols,
               set->dwNumberOfProtocols * sizeof(*set->lpafpProtocols), 8))
        return FALSE;
    return set->lpafpProtocols || set->dwNumberOfProtocols == 0;
}

static BOOL place_blob(struct span *span, WSAQUERYSETW *set)
{
    if (!place(span, &set->lpBlob, sizeof(*set->lpBlob), 8))
        return FALSE;
    if (!set->lpBlob)
        return TRUE;
    if (set->lpBlob->cbSize > QUERY_SET_BLOB ||
        !place(span, &set->lpBlob->pBlobData, set->lpBlob->cbSize, 8))
        return FALSE;
    return set->lpBlob->pBlobData || set->lpBlob->cbSize == 0;
}

BOOL query_set_adopt(void *block, size_t size)
{
    struct span span = {block, size, sizeof(WSAQUERYSETW)};
    WSAQUERYSETW *set = block;

    return size >= sizeof(*set) && set->dwSize == sizeof(*set) &&
           place(&span, &set->lpServiceClassId, sizeof(GUID), 8) &&
           place(&span, &set->lpVersion, sizeof(WSAVERSION), 8) &&
           place(&span, &set->lpNSProviderId, sizeof(GUID), 8) &&
           place_protocols(&span, set) && place_addresses(&span, set) &&
           place_blob(&span, set) &&
           place_text(&span, &set->lpszServiceInstanceName) &&
           place_text(&span, &set->lpszComment) &&
           place_text(&span, &set->lpszContext) &&
           place_text(&span, &set->lpszQueryString);
}
