/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ws2help.h: the helper functions (Wah*) of ws2_32, and WSApSetPostRoutine.
 *
 * Windows' own network libraries call them, first in ws2help.dll, since Vista
 * in ws2_32.dll.  No SDK ever had a header for them, and Microsoft has no page
 * of them.  Their arguments here are those that public sources agree on; where
 * these say nothing the behaviour is ours, and below it is told.
 * WahWriteLSPEvent is missing: what it takes is known of no source.
 *
 * They need no WSAStartup.  Those of type DWORD return 0 or an error of
 * Windows, and leave the last error alone: WSA_INVALID_PARAMETER for NULL where
 * memory is wanted and for a helper, table or context that is none; WSAEFAULT
 * for memory that cannot be used; WSA_NOT_ENOUGH_MEMORY.
 *
 * libws2_32.so exports them.  Import libraries of ws2_32 mostly lack them: a
 * Windows program uses GetProcAddress.
 */
#ifndef WS2EMU_WS2HELP_H
#define WS2EMU_WS2HELP_H

#include <winsock2.h>
#include <ws2spi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Tables of handle contexts -------------------------------------------- */

/*
 * What a library knows of a handle, found by the handle.  Any thread may call
 * these at any time.
 *
 * A context begins with this struct, and stays its owner's, who frees it when
 * RefCount has become 0.  RefCount is changed by atomic operations.  The table
 * has one of the references: who makes a context counts it before the insert,
 * and takes it back after the removal.
 */
typedef struct _WSH_HANDLE {
    LONG RefCount;
    HANDLE Handle;
} WSH_HANDLE, *PWAH_HANDLE;

typedef struct _WSH_HANDLE_TABLE *PWAH_HANDLE_TABLE;

DWORD WINAPI WahCreateHandleContextTable(PWAH_HANDLE_TABLE *Table);

/* The contexts stay what they are. */
DWORD WINAPI WahDestroyHandleContextTable(PWAH_HANDLE_TABLE Table);

/* Puts a context in for its Handle.  Returns it; or the one that it takes the
   place of, whose reference of the table's is the caller's then; or NULL, with
   the last error. */
PWAH_HANDLE WINAPI WahInsertHandleContext(PWAH_HANDLE_TABLE Table,
                                          PWAH_HANDLE Context);

/* The context of a handle, with one reference more, which the caller takes
   back; NULL: there is none (last error 0), or an error. */
PWAH_HANDLE WINAPI WahReferenceContextByHandle(PWAH_HANDLE_TABLE Table,
                                               HANDLE Handle);

/* Takes it out; the table's reference is the caller's then.
   WSA_INVALID_PARAMETER: it is not in the table (any more). */
DWORD WINAPI WahRemoveHandleContext(PWAH_HANDLE_TABLE Table,
                                    PWAH_HANDLE Context);

typedef BOOL(WINAPI *PWAH_HANDLE_ENUMERATE_PROC)(PVOID Context,
                                                 PWAH_HANDLE Handle);

/* Calls Visit for each context, until it returns FALSE: then FALSE, else TRUE.
   Nobody else changes the table meanwhile; Visit may do so.  It may or may not
   see what it has put in.  FALSE with the last error: it was not called. */
BOOL WINAPI WahEnumerateHandleContexts(PWAH_HANDLE_TABLE Table,
                                       PWAH_HANDLE_ENUMERATE_PROC Visit,
                                       PVOID Context);

/* --- APCs ----------------------------------------------------------------- */

/* Every helper is opened by itself, and closed once. */
DWORD WINAPI WahOpenApcHelper(LPHANDLE HelperHandle);
DWORD WINAPI WahCloseApcHelper(HANDLE HelperHandle);

/* As WPUOpenCurrentThread; *ThreadId serves WPUQueueApc and WPUCloseThread,
   too. */
DWORD WINAPI WahOpenCurrentThread(HANDLE HelperHandle, LPWSATHREADID ThreadId);

/* Clears *ThreadId.  WSA_INVALID_HANDLE: it is no thread that was opened. */
DWORD WINAPI WahCloseThread(HANDLE HelperHandle, LPWSATHREADID ThreadId);

/* As WPUQueueApc.  WSA_INVALID_HANDLE: no such thread, or it has ended. */
DWORD WINAPI WahQueueUserApc(HANDLE HelperHandle, LPWSATHREADID ThreadId,
                             LPWSAUSERAPC ApcRoutine, ULONG_PTR ApcContext);

/* --- SOCKETs without kernel handles --------------------------------------- */

/* Whether such SOCKETs can be made, for all programs of the user (under Wine of
   the prefix): at first they can.  It is for helpers and for providers'
   first WPUCreateSocketHandle to come.  WSANO_RECOVERY, WSATRY_AGAIN: the
   catalog, which keeps it, cannot be written. */
DWORD WINAPI WahEnableNonIFSHandleSupport(void);
DWORD WINAPI WahDisableNonIFSHandleSupport(void);

/* ERROR_SERVICE_DISABLED: see above. */
DWORD WINAPI WahOpenHandleHelper(LPHANDLE HelperHandle);
/* Its SOCKETs stay. */
DWORD WINAPI WahCloseHandleHelper(HANDLE HelperHandle);

/* A SOCKET as of WPUCreateSocketHandle, but of no provider until one shows it
   by WPUModifyIFSHandle: calls of Winsock fail with WSAENOTSOCK.  The last
   WSACleanup ends it.  WSAENOBUFS: there are too many. */
DWORD WINAPI WahCreateSocketHandle(HANDLE HelperHandle, SOCKET *Socket);

/* Ends a SOCKET without a kernel handle; so does CloseHandle.
   WSA_INVALID_PARAMETER: 0 or INVALID_SOCKET; WSA_INVALID_HANDLE: another
   kind, or none. */
DWORD WINAPI WahCloseSocketHandle(HANDLE HelperHandle, SOCKET Socket);

/* As WPUCompleteOverlappedRequest.  WSA_INVALID_HANDLE: as above. */
DWORD WINAPI WahCompleteRequest(HANDLE HelperHandle, SOCKET Socket,
                                LPWSAOVERLAPPED Overlapped, DWORD Error,
                                DWORD Transferred);

/* --- Notifications -------------------------------------------------------- */

/* What WSAProviderConfigChange is made of: the processes of the user (under
   Wine of the prefix) tell each other that the catalogs have changed. */
DWORD WINAPI WahOpenNotificationHandleHelper(LPHANDLE HelperHandle);
DWORD WINAPI WahCloseNotificationHandleHelper(HANDLE HelperHandle);

/* A handle as WSAProviderConfigChange makes it; CloseHandle closes it, natively
   WSACloseEvent. */
DWORD WINAPI WahCreateNotificationHandle(HANDLE HelperHandle,
                                         LPHANDLE NotificationHandle);

/* As WSAProviderConfigChange with this handle.  WSA_IO_PENDING: it completes
   later; WSA_OPERATION_ABORTED; WSA_INVALID_HANDLE: not such a handle;
   WSAEOPNOTSUPP: there is no place for a catalog. */
DWORD WINAPI WahWaitForNotification(
    HANDLE HelperHandle, HANDLE NotificationHandle, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE CompletionRoutine);

/* Ends all waits there are, also this process's.  WSANO_RECOVERY,
   WSATRY_AGAIN: as above. */
DWORD WINAPI WahNotifyAllProcesses(HANDLE HelperHandle);

/* --- Messages ------------------------------------------------------------- */

/* From now on Winsock posts its messages, also those of WSAAsyncSelect, by this
   routine instead of PostMessage; NULL: by PostMessage again.  It may be called
   in any thread, and must not call Winsock.  Returns 0, or SOCKET_ERROR with
   the last error WSAEFAULT: it is no code. */
INT WINAPI WSApSetPostRoutine(LPWPUPOSTMESSAGE PostRoutine);

#ifdef __cplusplus
}
#endif

#endif
