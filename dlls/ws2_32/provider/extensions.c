/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The extension functions that begin and end connections and send files, of
 * which a program gets pointers by SIO_GET_EXTENSION_FUNCTION_POINTER.  They
 * report as the API does, by the last error.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <mswsock.h>

#include "host/host.h"
#include "provider/overlapped.h"
#include "provider/provider.h"
#include "unix/extension.h"

#include <stddef.h>
#include <stdlib.h>

/* The last error, and TRUE or FALSE. */
static BOOL report(int error)
{
    host_set_last_error((uint32_t)error);
    return !error;
}

/* --- AcceptEx ------------------------------------------------------------- */

/*
 * Puts the next connection of a listener under a SOCKET that is there, and
 * waits for its first data when there is room for it.  ERROR_INVALID_PARAMETER:
 * no OVERLAPPED; WSAENOTSOCK, WSAEINVAL, WSAEFAULT: extension.h;
 * WSA_IO_PENDING.
 */
BOOL WINAPI provider_accept_ex(SOCKET listener, SOCKET accept, PVOID buffer,
                               DWORD receive_length, DWORD local_length,
                               DWORD remote_length, LPDWORD received,
                               LPOVERLAPPED overlapped)
{
    const struct unix_accept_buffer room = {buffer, receive_length,
                                            local_length, remote_length};
    struct unix_completion completion;
    SOCKET deferred;
    int error;

    (void)received; /* told at the end: it pends always */
    if (overlapped == NULL)
        return report(ERROR_INVALID_PARAMETER);
    error = overlapped_completion_pending(overlapped, &completion);
    if (error)
        return report(error);
    deferred = provider_take_deferred(listener);
    error = unix_socket_start_accept(listener, accept, &completion, &room,
                                     deferred);
    if (deferred != INVALID_SOCKET) {
        if (error != WSA_IO_PENDING)
            provider_return_deferred(listener, deferred);
        provider_tell_deferred(listener, FALSE);
    }
    return report(error);
}

/* One of the two blocks: where its address is, and how long; untouched when it
   was not asked for. */
static void find_address(char *block, DWORD room, LPSOCKADDR *name,
                         LPINT length)
{
    if (room < sizeof *length)
        return;
    if (unix_memory_read(length, block + room - sizeof *length,
                         sizeof *length))
        return;
    *name = (LPSOCKADDR)block;
}

/* Where the addresses are in AcceptEx's buffer; the lengths are AcceptEx's. */
void WINAPI provider_get_accept_ex_sockaddrs(
    PVOID buffer, DWORD receive_length, DWORD local_length,
    DWORD remote_length, LPSOCKADDR *local, LPINT local_name_length,
    LPSOCKADDR *remote, LPINT remote_name_length)
{
    char *block = (char *)buffer + receive_length;

    find_address(block, local_length, local, local_name_length);
    find_address(block + local_length, remote_length, remote,
                 remote_name_length);
}

/* --- ConnectEx, DisconnectEx ---------------------------------------------- */

/*
 * Connects a bound socket, and sends the first data.  ERROR_INVALID_PARAMETER:
 * no OVERLAPPED; WSAEINVAL: not bound, listening or connecting; WSAEISCONN;
 * WSA_IO_PENDING.
 */
BOOL WINAPI provider_connect_ex(SOCKET s, const struct sockaddr *name,
                                int name_length, PVOID data, DWORD length,
                                LPDWORD sent, LPOVERLAPPED overlapped)
{
    const struct unix_buffer buffer = {.length = length, .data = data};
    struct unix_completion completion;
    int error;

    (void)sent; /* as above */
    if (overlapped == NULL)
        return report(ERROR_INVALID_PARAMETER);
    error = overlapped_completion_pending(overlapped, &completion);
    if (!error)
        error = unix_socket_start_connect(s, &completion, name, name_length,
                                          data != NULL ? &buffer : NULL);
    return report(error);
}

/*
 * Ends a connection; with TF_REUSE_SOCKET the SOCKET is as a new one.  Without
 * an OVERLAPPED it waits.  WSAENOTSOCK, WSAENOTCONN; WSAEINVAL: reserved, or
 * another flag.
 */
BOOL WINAPI provider_disconnect_ex(SOCKET s, LPOVERLAPPED overlapped,
                                   DWORD flags, DWORD reserved)
{
    struct unix_completion completion;
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    if (!error && (reserved != 0 || flags & ~(DWORD)TF_REUSE_SOCKET))
        error = WSAEINVAL;
    if (!error && overlapped != NULL)
        error = overlapped_completion(overlapped, NULL, NULL, &completion);
    if (!error)
        error = unix_socket_start_disconnect(
            s, overlapped != NULL ? &completion : NULL,
            (flags & TF_REUSE_SOCKET) != 0);
    return report(error);
}

/* --- TransmitFile, TransmitPackets ---------------------------------------- */

#define FEW_PARTS 32
#define SEND_SIZE_DEFAULT 0xFFFFFFFF /* datagrams end by their flag alone */

static int transmit(SOCKET s, LPOVERLAPPED overlapped,
                    struct unix_transmit_request *request, DWORD flags)
{
    struct unix_completion completion;
    uint32_t count;
    int error;

    if ((flags & TF_REUSE_SOCKET) && !(flags & TF_DISCONNECT))
        return WSAEINVAL;
    if (overlapped != NULL) {
        error = overlapped_completion(overlapped, NULL, NULL, &completion);
        if (error)
            return error;
    }
    request->flags = (flags & TF_DISCONNECT ? UNIX_TRANSMIT_DISCONNECT : 0) |
                     (flags & TF_REUSE_SOCKET ? UNIX_TRANSMIT_REUSE : 0);
    return unix_socket_start_transmit(
        s, overlapped != NULL ? &completion : NULL, request, &count);
}

static int64_t offset_of(LPOVERLAPPED overlapped)
{
    return overlapped == NULL ? -1
                              : (int64_t)((uint64_t)overlapped->OffsetHigh
                                              << 32 |
                                          overlapped->Offset);
}

static struct unix_transmit_part memory_part(const void *memory, DWORD length)
{
    return (struct unix_transmit_part){.memory = memory, .length = length};
}

/*
 * Sends a file, with memory before and behind it.  From the OVERLAPPED's offset
 * on, or without one from the file's position on, and then it waits.
 * bytes_to_write 0: to the file's end.  WSAENOTSOCK, WSAENOTCONN, WSAEINVAL:
 * reuse without disconnect, or 2^31 bytes and more; ERROR_INVALID_HANDLE.
 */
BOOL WINAPI provider_transmit_file(SOCKET s, HANDLE file, DWORD bytes_to_write,
                                   DWORD bytes_per_send,
                                   LPOVERLAPPED overlapped,
                                   LPTRANSMIT_FILE_BUFFERS buffers,
                                   DWORD flags)
{
    struct unix_transmit_part parts[3];
    struct unix_transmit_request request = {.parts = parts};
    TRANSMIT_FILE_BUFFERS around = {NULL, 0, NULL, 0};
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    (void)bytes_per_send;
    if (!error && bytes_to_write > INT32_MAX)
        error = WSAEINVAL;
    if (!error && overlapped != NULL)
        error = unix_memory_check(overlapped, sizeof *overlapped, 1);
    if (!error && buffers != NULL)
        error = unix_memory_read(&around, buffers, sizeof around);
    if (error)
        return report(error);
    if (around.Head != NULL && around.HeadLength != 0)
        parts[request.n_parts++] = memory_part(around.Head, around.HeadLength);
    if (file != NULL)
        parts[request.n_parts++] = (struct unix_transmit_part){
            .file = (uintptr_t)file,
            .offset = offset_of(overlapped),
            .length = bytes_to_write,
        };
    if (around.Tail != NULL && around.TailLength != 0)
        parts[request.n_parts++] = memory_part(around.Tail, around.TailLength);
    return report(transmit(s, overlapped, &request, flags));
}

/* WSAEINVAL: an element that is neither memory nor file. */
static int part_of(const TRANSMIT_PACKETS_ELEMENT *element,
                   struct unix_transmit_part *ret_part)
{
    int error = 0;

    switch (element->dwElFlags & (TP_ELEMENT_MEMORY | TP_ELEMENT_FILE)) {
    case TP_ELEMENT_MEMORY:
        *ret_part = memory_part(element->pBuffer, element->cLength);
        error = element->pBuffer == NULL ? WSAEFAULT : 0;
        break;
    case TP_ELEMENT_FILE:
        *ret_part = (struct unix_transmit_part){
            .file = (uintptr_t)element->hFile,
            .offset = element->nFileOffset.QuadPart,
            .length = element->cLength,
        };
        break;
    default:
        return WSAEINVAL;
    }
    ret_part->ends_packet = (element->dwElFlags & TP_ELEMENT_EOP) != 0;
    return error;
}

static int transmit_elements(SOCKET s,
                             const TRANSMIT_PACKETS_ELEMENT *elements, DWORD n,
                             DWORD send_size, struct unix_transmit_part *parts,
                             LPOVERLAPPED overlapped, DWORD flags)
{
    struct unix_transmit_request request = {
        .parts = parts,
        .n_parts = n,
        .packet_size = send_size != 0 ? send_size : SEND_SIZE_DEFAULT,
    };
    TRANSMIT_PACKETS_ELEMENT element;
    int error = 0;
    DWORD i;

    for (i = 0; i < n && !error; i++) {
        error = unix_memory_read(&element, &elements[i], sizeof element);
        if (!error)
            error = part_of(&element, &parts[i]);
    }
    return error ? error : transmit(s, overlapped, &request, flags);
}

/*
 * Sends memory and parts of files.  On a datagram socket each datagram ends
 * with an element that has TP_ELEMENT_EOP, or the last one, or after send_size
 * bytes (0, 0xFFFFFFFF: no matter how many).  Errors: as TransmitFile;
 * WSAEINVAL: an element is neither memory nor file; WSAEFAULT; WSAEMSGSIZE: a
 * datagram is too long; WSAEOPNOTSUPP: a datagram socket and TF_DISCONNECT.
 */
BOOL WINAPI provider_transmit_packets(SOCKET s,
                                      LPTRANSMIT_PACKETS_ELEMENT elements,
                                      DWORD n_elements, DWORD send_size,
                                      LPOVERLAPPED overlapped, DWORD flags)
{
    struct unix_transmit_part few[FEW_PARTS], *parts = few;
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    if (error)
        return report(error);
    if (unix_memory_check(elements, (uint64_t)n_elements * sizeof *elements, 0))
        return report(WSAEFAULT);
    if (n_elements > FEW_PARTS) {
        parts = calloc(n_elements, sizeof *parts);
        if (parts == NULL)
            return report(WSAENOBUFS);
    }
    error = transmit_elements(s, elements, n_elements, send_size, parts,
                              overlapped, flags);
    if (parts != few)
        free(parts);
    return report(error);
}
