/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped calls: an OVERLAPPED and a completion routine as the unix side
 * wants them.
 */
#ifndef WS2EMU_PROVIDER_OVERLAPPED_H
#define WS2EMU_PROVIDER_OVERLAPPED_H

#include <winsock2.h>
#include <ws2spi.h>

#include "unix/overlapped.h"

/* What the unix side has to know of them: with a routine hEvent is the
   program's own, and an hEvent with the low bit set asks for no packet.  The
   routine runs in the thread, or in the calling one when that is NULL.
   WSAEFAULT: the OVERLAPPED or the thread is no memory. */
int overlapped_completion(LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          const WSATHREADID *thread,
                          struct unix_completion *ret_completion);

/* The same for the extension functions, which say that the operation pends
   before they look at anything else: so the status says when they fail, too. */
int overlapped_completion_pending(LPOVERLAPPED overlapped,
                                  struct unix_completion *ret_completion);

/* The overlapped forms of WSPSend, WSPSendTo, WSPRecv and WSPRecvFrom, whose
   arguments were checked; name and count may be NULL.  Outputs of the call are
   written when it ends at once. */
int HOT_PATH overlapped_send(SOCKET s, const struct unix_buffer *buffers,
                             DWORD n, DWORD flags, const void *name, int length,
                             LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             const WSATHREADID *thread, LPDWORD count);
int HOT_PATH overlapped_receive(SOCKET s, const struct unix_buffer *buffers,
                                DWORD n, LPDWORD flags, void *name,
                                LPINT length, LPWSAOVERLAPPED overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                const WSATHREADID *thread, LPDWORD count);

/* A call that is done ends as an overlapped one: with bytes of output. */
int overlapped_report(SOCKET s, DWORD bytes, LPWSAOVERLAPPED overlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                      const WSATHREADID *thread);

#endif
