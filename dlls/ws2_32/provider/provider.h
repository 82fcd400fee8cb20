/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The base provider: the 30 functions behind WSPStartup, over the unix side.
 *
 * The WSP functions are thin.  What the unix side checks is not checked here;
 * they translate Windows' types, hand the work down and report the result the
 * SPI's way: 0 or SOCKET_ERROR (INVALID_SOCKET, FALSE) with *lpErrno.  On
 * success *lpErrno is left alone.
 */
#ifndef WS2EMU_PROVIDER_H
#define WS2EMU_PROVIDER_H

#include <winsock2.h>
#include <ws2spi.h>

#include "unix/boundary.h"

/* --- Results -------------------------------------------------------------- */

static inline void provider_report(int error, LPINT lpErrno)
{
    if (error && lpErrno != NULL)
        *lpErrno = error;
}

/* 0 or SOCKET_ERROR. */
static inline int provider_result(int error, LPINT lpErrno)
{
    provider_report(error, lpErrno);
    return error ? SOCKET_ERROR : 0;
}

/* TRUE or FALSE. */
static inline BOOL provider_truth(int error, LPINT lpErrno)
{
    provider_report(error, lpErrno);
    return !error;
}

/* --- Beside the SPI ------------------------------------------------------- */

/* ProcessSocketNotifications, after WSAStartup. */
DWORD provider_process_notifications(
    HANDLE completionPort, UINT32 registrationCount,
    SOCK_NOTIFY_REGISTRATION *registrationInfos, UINT32 timeoutMs,
    ULONG completionCount, OVERLAPPED_ENTRY *completionPortEntries,
    UINT32 *receivedEntryCount);

/* --- The provider's own state --------------------------------------------- */

/* A copy of the newest upcall table. */
WSPUPCALLTABLE provider_upcalls(void);

/* The provider's catalog entries: TCP and UDP, over IPv4 and IPv6. */
#define PROVIDER_ENTRIES 7
extern const WSAPROTOCOL_INFOW provider_entries[PROVIDER_ENTRIES];

/* Whether one of them carries the GUID. */
BOOL provider_is_base(const GUID *id);

/* The entry of an existing socket, with its family, type and protocol.
   WSAENOTSOCK. */
int provider_entry_of(SOCKET s, WSAPROTOCOL_INFOW *ret);

/* Shows a descriptor that the provider made to ws2_32.  WSAEINVAL when that
   refuses it; the descriptor is then closed. */
int provider_admit(SOCKET s);

/* --- Deferred connections (CF_DEFER) -------------------------------------- */

/* Whether there is none at all, without a lock. */
BOOL provider_none_deferred(void);
/* Whether the next accept gets one. */
BOOL provider_has_deferred(SOCKET listener);
/* Takes the oldest one; INVALID_SOCKET: there is none. */
SOCKET provider_take_deferred(SOCKET listener);
/* It was not used after all: it is the oldest again, unless it was closed. */
void provider_return_deferred(SOCKET listener, SOCKET accepted);
/* An accept that has put aside or taken one is over. */
void provider_tell_deferred(SOCKET listener, BOOL again);
/* The listener was closed: so are its deferred connections. */
void provider_drop_deferred(SOCKET listener);
/* Forgets all of them; the unix side closes the descriptors. */
void provider_forget_deferred(void);
/* In a child of fork, whose other threads are not there. */
void provider_deferred_forked(void);

/* --- Extension functions -------------------------------------------------- */

/* WSAPoll's provider side.  WSPPROC_TABLE has no entry for it: it is one of
   the extension functions of the provider.  Returns the count of ready
   entries, or SOCKET_ERROR with *lpErrno. */
int WSPAPI WSPPoll(WSAPOLLFD *entries, ULONG n, int timeout, LPINT lpErrno);

/* WSASendMsg and WSARecvMsg; they set the last error. */
int WINAPI provider_send_msg(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags,
                             LPDWORD lpNumberOfBytesSent,
                             LPWSAOVERLAPPED lpOverlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE
                                 lpCompletionRoutine);
int WINAPI provider_recv_msg(SOCKET s, LPWSAMSG lpMsg,
                             LPDWORD lpdwNumberOfBytesRecvd,
                             LPWSAOVERLAPPED lpOverlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE
                                 lpCompletionRoutine);

/* extensions.c; they set the last error. */
BOOL WINAPI provider_accept_ex(SOCKET listener, SOCKET accept, PVOID buffer,
                               DWORD receive_length, DWORD local_length,
                               DWORD remote_length, LPDWORD received,
                               LPOVERLAPPED overlapped);
void WINAPI provider_get_accept_ex_sockaddrs(
    PVOID buffer, DWORD receive_length, DWORD local_length,
    DWORD remote_length, struct sockaddr **local, LPINT local_name_length,
    struct sockaddr **remote, LPINT remote_name_length);
BOOL WINAPI provider_connect_ex(SOCKET s, const struct sockaddr *name,
                                int name_length, PVOID data, DWORD length,
                                LPDWORD sent, LPOVERLAPPED overlapped);
BOOL WINAPI provider_disconnect_ex(SOCKET s, LPOVERLAPPED overlapped,
                                   DWORD flags, DWORD reserved);
struct _TRANSMIT_FILE_BUFFERS;
BOOL WINAPI provider_transmit_file(SOCKET s, HANDLE file, DWORD bytes_to_write,
                                   DWORD bytes_per_send,
                                   LPOVERLAPPED overlapped,
                                   struct _TRANSMIT_FILE_BUFFERS *buffers,
                                   DWORD flags);
struct _TRANSMIT_PACKETS_ELEMENT;
BOOL WINAPI provider_transmit_packets(
    SOCKET s, struct _TRANSMIT_PACKETS_ELEMENT *elements, DWORD n_elements,
    DWORD send_size, LPOVERLAPPED overlapped, DWORD flags);

/* --- The procedure table, in its order ------------------------------------ */

SOCKET WSPAPI WSPAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                        LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                        LPINT lpErrno);
INT WSPAPI WSPAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPWSTR lpszAddressString,
                              LPDWORD lpdwAddressStringLength, LPINT lpErrno);
int WSPAPI WSPAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, LONG lEvent,
                          LPINT lpErrno);
int WSPAPI WSPBind(SOCKET s, const struct sockaddr *name, int namelen,
                   LPINT lpErrno);
int WSPAPI WSPCancelBlockingCall(LPINT lpErrno);
int WSPAPI WSPCleanup(LPINT lpErrno);
int WSPAPI WSPCloseSocket(SOCKET s, LPINT lpErrno);
int WSPAPI WSPConnect(SOCKET s, const struct sockaddr *name, int namelen,
                      LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                      LPQOS lpSQOS, LPQOS lpGQOS, LPINT lpErrno);
int WSPAPI WSPDuplicateSocket(SOCKET s, DWORD dwProcessId,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPINT lpErrno);
int WSPAPI WSPEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                LPWSANETWORKEVENTS lpNetworkEvents,
                                LPINT lpErrno);
int WSPAPI WSPEventSelect(SOCKET s, WSAEVENT hEventObject, LONG lNetworkEvents,
                          LPINT lpErrno);
BOOL WSPAPI WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                   LPDWORD lpcbTransfer, BOOL fWait,
                                   LPDWORD lpdwFlags, LPINT lpErrno);
int WSPAPI WSPGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen,
                          LPINT lpErrno);
int WSPAPI WSPGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen,
                          LPINT lpErrno);
int WSPAPI WSPGetSockOpt(SOCKET s, int level, int optname, char *optval,
                         LPINT optlen, LPINT lpErrno);
BOOL WSPAPI WSPGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS,
                            LPINT lpErrno);
int WSPAPI WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                    DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                    LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno);
SOCKET WSPAPI WSPJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
                          LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                          LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags,
                          LPINT lpErrno);
int WSPAPI WSPListen(SOCKET s, int backlog, LPINT lpErrno);
int WSPAPI WSPRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                   LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI WSPRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData,
                             LPINT lpErrno);
int WSPAPI WSPRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                       struct sockaddr *lpFrom, LPINT lpFromlen,
                       LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                       LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI WSPSelect(int nfds, fd_set *readfds, fd_set *writefds,
                     fd_set *exceptfds, const struct timeval *timeout,
                     LPINT lpErrno);
int WSPAPI WSPSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                   LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI WSPSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData,
                             LPINT lpErrno);
int WSPAPI WSPSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                     LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                     const struct sockaddr *lpTo, int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                     LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI WSPSetSockOpt(SOCKET s, int level, int optname, const char *optval,
                         int optlen, LPINT lpErrno);
int WSPAPI WSPShutdown(SOCKET s, int how, LPINT lpErrno);
SOCKET WSPAPI WSPSocket(int af, int type, int protocol,
                        LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
                        DWORD dwFlags, LPINT lpErrno);
INT WSPAPI WSPStringToAddress(LPWSTR AddressString, INT AddressFamily,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPSOCKADDR lpAddress, LPINT lpAddressLength,
                              LPINT lpErrno);

#endif
