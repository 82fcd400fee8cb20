/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ws2spi.h: the Winsock 2 service provider interface.
 *
 * The types that ws2_32 and its transport providers agree on: the procedure
 * table that WSPStartup fills (30 entries), the upcall table that it gets (15
 * entries), the configuration calls (WSC*) and the name-space provider table.
 * Works with Wine's headers natively and under winegcc, where it takes the
 * place of Wine's partial one, and with mingw-w64's.
 *
 * WSP* functions report errors through lpErrno and leave the thread's last
 * error alone.  Layout: natural alignment on 64-bit, 4-byte packing on 32-bit,
 * as Windows has it.
 */
#ifndef _WINSOCK2SPI_
#define _WINSOCK2SPI_

#ifndef _WINSOCK2API_
#include <winsock2.h>
#endif

#ifndef _WIN64
#include <pshpack4.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define WSPDESCRIPTION_LEN 255

/* OVERLAPPED.Internal while an operation of a non-IFS provider runs. */
#define WSS_OPERATION_IN_PROGRESS 0x00000103L

#ifndef WSPAPI
#define WSPAPI WINAPI
#endif

typedef struct WSPData {
    WORD wVersion;
    WORD wHighVersion;
    WCHAR szDescription[WSPDESCRIPTION_LEN + 1];
} WSPDATA, *LPWSPDATA;

typedef struct _WSATHREADID {
    HANDLE ThreadHandle;
    DWORD_PTR Reserved;
} WSATHREADID, *LPWSATHREADID;

typedef BOOL(CALLBACK *LPBLOCKINGCALLBACK)(DWORD_PTR dwContext);
typedef VOID(CALLBACK *LPWSAUSERAPC)(DWORD_PTR dwContext);

/* --- The procedure table -------------------------------------------------- */

typedef SOCKET(WSPAPI *LPWSPACCEPT)(SOCKET s, struct sockaddr *addr,
                                    LPINT addrlen,
                                    LPCONDITIONPROC lpfnCondition,
                                    DWORD_PTR dwCallbackData, LPINT lpErrno);

typedef INT(WSPAPI *LPWSPADDRESSTOSTRING)(LPSOCKADDR lpsaAddress,
                                          DWORD dwAddressLength,
                                          LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                          LPWSTR lpszAddressString,
                                          LPDWORD lpdwAddressStringLength,
                                          LPINT lpErrno);

typedef int(WSPAPI *LPWSPASYNCSELECT)(SOCKET s, HWND hWnd, unsigned int wMsg,
                                      LONG lEvent, LPINT lpErrno);

typedef int(WSPAPI *LPWSPBIND)(SOCKET s, const struct sockaddr *name,
                               int namelen, LPINT lpErrno);

typedef int(WSPAPI *LPWSPCANCELBLOCKINGCALL)(LPINT lpErrno);

typedef int(WSPAPI *LPWSPCLEANUP)(LPINT lpErrno);

typedef int(WSPAPI *LPWSPCLOSESOCKET)(SOCKET s, LPINT lpErrno);

typedef int(WSPAPI *LPWSPCONNECT)(SOCKET s, const struct sockaddr *name,
                                  int namelen, LPWSABUF lpCallerData,
                                  LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                  LPQOS lpGQOS, LPINT lpErrno);

typedef int(WSPAPI *LPWSPDUPLICATESOCKET)(SOCKET s, DWORD dwProcessId,
                                          LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                          LPINT lpErrno);

typedef int(WSPAPI *LPWSPENUMNETWORKEVENTS)(SOCKET s, WSAEVENT hEventObject,
                                            LPWSANETWORKEVENTS lpNetworkEvents,
                                            LPINT lpErrno);

typedef int(WSPAPI *LPWSPEVENTSELECT)(SOCKET s, WSAEVENT hEventObject,
                                      LONG lNetworkEvents, LPINT lpErrno);

typedef BOOL(WSPAPI *LPWSPGETOVERLAPPEDRESULT)(SOCKET s,
                                               LPWSAOVERLAPPED lpOverlapped,
                                               LPDWORD lpcbTransfer, BOOL fWait,
                                               LPDWORD lpdwFlags,
                                               LPINT lpErrno);

typedef int(WSPAPI *LPWSPGETPEERNAME)(SOCKET s, struct sockaddr *name,
                                      LPINT namelen, LPINT lpErrno);

typedef int(WSPAPI *LPWSPGETSOCKNAME)(SOCKET s, struct sockaddr *name,
                                      LPINT namelen, LPINT lpErrno);

typedef int(WSPAPI *LPWSPGETSOCKOPT)(SOCKET s, int level, int optname,
                                     char *optval, LPINT optlen, LPINT lpErrno);

typedef BOOL(WSPAPI *LPWSPGETQOSBYNAME)(SOCKET s, LPWSABUF lpQOSName,
                                        LPQOS lpQOS, LPINT lpErrno);

typedef int(WSPAPI *LPWSPIOCTL)(
    SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
    LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
    LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
    LPWSATHREADID lpThreadId, LPINT lpErrno);

typedef SOCKET(WSPAPI *LPWSPJOINLEAF)(SOCKET s, const struct sockaddr *name,
                                      int namelen, LPWSABUF lpCallerData,
                                      LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                      LPQOS lpGQOS, DWORD dwFlags,
                                      LPINT lpErrno);

typedef int(WSPAPI *LPWSPLISTEN)(SOCKET s, int backlog, LPINT lpErrno);

typedef int(WSPAPI *LPWSPRECV)(
    SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
    LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
    LPWSATHREADID lpThreadId, LPINT lpErrno);

typedef int(WSPAPI *LPWSPRECVDISCONNECT)(SOCKET s,
                                         LPWSABUF lpInboundDisconnectData,
                                         LPINT lpErrno);

typedef int(WSPAPI *LPWSPRECVFROM)(
    SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
    LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, struct sockaddr *lpFrom,
    LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
    LPWSATHREADID lpThreadId, LPINT lpErrno);

typedef int(WSPAPI *LPWSPSELECT)(int nfds, fd_set *readfds, fd_set *writefds,
                                 fd_set *exceptfds,
                                 const struct timeval *timeout, LPINT lpErrno);

typedef int(WSPAPI *LPWSPSEND)(
    SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
    LPDWORD lpNumberOfBytesSent, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
    LPWSATHREADID lpThreadId, LPINT lpErrno);

typedef int(WSPAPI *LPWSPSENDDISCONNECT)(SOCKET s,
                                         LPWSABUF lpOutboundDisconnectData,
                                         LPINT lpErrno);

typedef int(WSPAPI *LPWSPSENDTO)(
    SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
    LPDWORD lpNumberOfBytesSent, DWORD dwFlags, const struct sockaddr *lpTo,
    int iTolen, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
    LPWSATHREADID lpThreadId, LPINT lpErrno);

typedef int(WSPAPI *LPWSPSETSOCKOPT)(SOCKET s, int level, int optname,
                                     const char *optval, int optlen,
                                     LPINT lpErrno);

typedef int(WSPAPI *LPWSPSHUTDOWN)(SOCKET s, int how, LPINT lpErrno);

typedef SOCKET(WSPAPI *LPWSPSOCKET)(int af, int type, int protocol,
                                    LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
                                    DWORD dwFlags, LPINT lpErrno);

typedef INT(WSPAPI *LPWSPSTRINGTOADDRESS)(LPWSTR AddressString,
                                          INT AddressFamily,
                                          LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                          LPSOCKADDR lpAddress,
                                          LPINT lpAddressLength, LPINT lpErrno);

typedef struct _WSPPROC_TABLE {
    LPWSPACCEPT lpWSPAccept;
    LPWSPADDRESSTOSTRING lpWSPAddressToString;
    LPWSPASYNCSELECT lpWSPAsyncSelect;
    LPWSPBIND lpWSPBind;
    LPWSPCANCELBLOCKINGCALL lpWSPCancelBlockingCall;
    LPWSPCLEANUP lpWSPCleanup;
    LPWSPCLOSESOCKET lpWSPCloseSocket;
    LPWSPCONNECT lpWSPConnect;
    LPWSPDUPLICATESOCKET lpWSPDuplicateSocket;
    LPWSPENUMNETWORKEVENTS lpWSPEnumNetworkEvents;
    LPWSPEVENTSELECT lpWSPEventSelect;
    LPWSPGETOVERLAPPEDRESULT lpWSPGetOverlappedResult;
    LPWSPGETPEERNAME lpWSPGetPeerName;
    LPWSPGETSOCKNAME lpWSPGetSockName;
    LPWSPGETSOCKOPT lpWSPGetSockOpt;
    LPWSPGETQOSBYNAME lpWSPGetQOSByName;
    LPWSPIOCTL lpWSPIoctl;
    LPWSPJOINLEAF lpWSPJoinLeaf;
    LPWSPLISTEN lpWSPListen;
    LPWSPRECV lpWSPRecv;
    LPWSPRECVDISCONNECT lpWSPRecvDisconnect;
    LPWSPRECVFROM lpWSPRecvFrom;
    LPWSPSELECT lpWSPSelect;
    LPWSPSEND lpWSPSend;
    LPWSPSENDDISCONNECT lpWSPSendDisconnect;
    LPWSPSENDTO lpWSPSendTo;
    LPWSPSETSOCKOPT lpWSPSetSockOpt;
    LPWSPSHUTDOWN lpWSPShutdown;
    LPWSPSOCKET lpWSPSocket;
    LPWSPSTRINGTOADDRESS lpWSPStringToAddress;
} WSPPROC_TABLE, *LPWSPPROC_TABLE;

C_ASSERT(sizeof(WSPPROC_TABLE) == 30 * sizeof(void *));

/* --- The upcall table ----------------------------------------------------- */

typedef BOOL(WSPAPI *LPWPUCLOSEEVENT)(WSAEVENT hEvent, LPINT lpErrno);

typedef int(WSPAPI *LPWPUCLOSESOCKETHANDLE)(SOCKET s, LPINT lpErrno);

typedef WSAEVENT(WSPAPI *LPWPUCREATEEVENT)(LPINT lpErrno);

typedef SOCKET(WSPAPI *LPWPUCREATESOCKETHANDLE)(DWORD dwCatalogEntryId,
                                                DWORD_PTR dwContext,
                                                LPINT lpErrno);

typedef int(WSPAPI *LPWPUFDISSET)(SOCKET s, fd_set *fdset);

typedef int(WSPAPI *LPWPUGETPROVIDERPATH)(LPGUID lpProviderId,
                                          WCHAR *lpszProviderDllPath,
                                          LPINT lpProviderDllPathLen,
                                          LPINT lpErrno);

typedef SOCKET(WSPAPI *LPWPUMODIFYIFSHANDLE)(DWORD dwCatalogEntryId,
                                             SOCKET ProposedHandle,
                                             LPINT lpErrno);

typedef BOOL(WSPAPI *LPWPUPOSTMESSAGE)(HWND hWnd, UINT Msg, WPARAM wParam,
                                       LPARAM lParam);

typedef int(WSPAPI *LPWPUQUERYBLOCKINGCALLBACK)(
    DWORD dwCatalogEntryId, LPBLOCKINGCALLBACK *lplpfnCallback,
    PDWORD_PTR lpdwContext, LPINT lpErrno);

typedef int(WSPAPI *LPWPUQUERYSOCKETHANDLECONTEXT)(SOCKET s,
                                                   PDWORD_PTR lpContext,
                                                   LPINT lpErrno);

typedef int(WSPAPI *LPWPUQUEUEAPC)(LPWSATHREADID lpThreadId,
                                   LPWSAUSERAPC lpfnUserApc,
                                   DWORD_PTR dwContext, LPINT lpErrno);

typedef BOOL(WSPAPI *LPWPURESETEVENT)(WSAEVENT hEvent, LPINT lpErrno);

typedef BOOL(WSPAPI *LPWPUSETEVENT)(WSAEVENT hEvent, LPINT lpErrno);

typedef int(WSPAPI *LPWPUOPENCURRENTTHREAD)(LPWSATHREADID lpThreadId,
                                            LPINT lpErrno);

typedef int(WSPAPI *LPWPUCLOSETHREAD)(LPWSATHREADID lpThreadId, LPINT lpErrno);

/* Not in the table; ws2_32 exports it. */
typedef int(WSPAPI *LPWPUCOMPLETEOVERLAPPEDREQUEST)(
    SOCKET s, LPWSAOVERLAPPED lpOverlapped, DWORD dwError, DWORD cbTransferred,
    LPINT lpErrno);

typedef struct _WSPUPCALLTABLE {
    LPWPUCLOSEEVENT lpWPUCloseEvent;
    LPWPUCLOSESOCKETHANDLE lpWPUCloseSocketHandle;
    LPWPUCREATEEVENT lpWPUCreateEvent;
    LPWPUCREATESOCKETHANDLE lpWPUCreateSocketHandle;
    LPWPUFDISSET lpWPUFDIsSet;
    LPWPUGETPROVIDERPATH lpWPUGetProviderPath;
    LPWPUMODIFYIFSHANDLE lpWPUModifyIFSHandle;
    LPWPUPOSTMESSAGE lpWPUPostMessage;
    LPWPUQUERYBLOCKINGCALLBACK lpWPUQueryBlockingCallback;
    LPWPUQUERYSOCKETHANDLECONTEXT lpWPUQuerySocketHandleContext;
    LPWPUQUEUEAPC lpWPUQueueApc;
    LPWPURESETEVENT lpWPUResetEvent;
    LPWPUSETEVENT lpWPUSetEvent;
    LPWPUOPENCURRENTTHREAD lpWPUOpenCurrentThread;
    LPWPUCLOSETHREAD lpWPUCloseThread;
} WSPUPCALLTABLE, *LPWSPUPCALLTABLE;

C_ASSERT(sizeof(WSPUPCALLTABLE) == 15 * sizeof(void *));

/* --- The entry point of a transport provider ------------------------------ */

typedef int(WSPAPI *LPWSPSTARTUP)(WORD wVersionRequested, LPWSPDATA lpWSPData,
                                  LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                  WSPUPCALLTABLE UpcallTable,
                                  LPWSPPROC_TABLE lpProcTable);

int WSPAPI WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData,
                      LPWSAPROTOCOL_INFOW lpProtocolInfo,
                      WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable);

/* --- Upcalls that ws2_32 exports by name ---------------------------------- */

BOOL WSPAPI WPUCloseEvent(WSAEVENT hEvent, LPINT lpErrno);
int WSPAPI WPUCloseSocketHandle(SOCKET s, LPINT lpErrno);
WSAEVENT WSPAPI WPUCreateEvent(LPINT lpErrno);
SOCKET WSPAPI WPUCreateSocketHandle(DWORD dwCatalogEntryId, DWORD_PTR dwContext,
                                    LPINT lpErrno);
int WSPAPI WPUFDIsSet(SOCKET s, fd_set *fdset);
int WSPAPI WPUGetProviderPath(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                              LPINT lpProviderDllPathLen, LPINT lpErrno);
SOCKET WSPAPI WPUModifyIFSHandle(DWORD dwCatalogEntryId, SOCKET ProposedHandle,
                                 LPINT lpErrno);
BOOL WSPAPI WPUPostMessage(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam);
int WSPAPI WPUQueryBlockingCallback(DWORD dwCatalogEntryId,
                                    LPBLOCKINGCALLBACK *lplpfnCallback,
                                    PDWORD_PTR lpdwContext, LPINT lpErrno);
int WSPAPI WPUQuerySocketHandleContext(SOCKET s, PDWORD_PTR lpContext,
                                       LPINT lpErrno);
int WSPAPI WPUQueueApc(LPWSATHREADID lpThreadId, LPWSAUSERAPC lpfnUserApc,
                       DWORD_PTR dwContext, LPINT lpErrno);
BOOL WSPAPI WPUResetEvent(WSAEVENT hEvent, LPINT lpErrno);
BOOL WSPAPI WPUSetEvent(WSAEVENT hEvent, LPINT lpErrno);
int WSPAPI WPUOpenCurrentThread(LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI WPUCloseThread(LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI WPUCompleteOverlappedRequest(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                        DWORD dwError, DWORD cbTransferred,
                                        LPINT lpErrno);
/* Windows has it in qosname.dll, and has retired it. */
INT WSPAPI WPUGetQOSTemplate(const LPGUID lpProviderId, LPWSABUF lpQOSName,
                             LPQOS lpQOS);

/* --- The catalog of transport providers ----------------------------------- */

typedef int(WSPAPI *LPWSCENUMPROTOCOLS)(LPINT lpiProtocols,
                                        LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                                        LPDWORD lpdwBufferLength,
                                        LPINT lpErrno);
typedef int(WSPAPI *LPWSCDEINSTALLPROVIDER)(LPGUID lpProviderId, LPINT lpErrno);
typedef int(WSPAPI *LPWSCINSTALLPROVIDER)(
    LPGUID lpProviderId, const WCHAR *lpszProviderDllPath,
    const LPWSAPROTOCOL_INFOW lpProtocolInfoList, DWORD dwNumberOfEntries,
    LPINT lpErrno);
typedef int(WSPAPI *LPWSCGETPROVIDERPATH)(LPGUID lpProviderId,
                                          WCHAR *lpszProviderDllPath,
                                          LPINT lpProviderDllPathLen,
                                          LPINT lpErrno);
typedef int(WSPAPI *LPWSCUPDATEPROVIDER)(
    LPGUID lpProviderId, const WCHAR *lpszProviderDllPath,
    const LPWSAPROTOCOL_INFOW lpProtocolInfoList, DWORD dwNumberOfEntries,
    LPINT lpErrno);

int WSPAPI WSCEnumProtocols(LPINT lpiProtocols,
                            LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                            LPDWORD lpdwBufferLength, LPINT lpErrno);
int WSPAPI WSCInstallProvider(LPGUID lpProviderId,
                              const WCHAR *lpszProviderDllPath,
                              const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                              DWORD dwNumberOfEntries, LPINT lpErrno);
int WSPAPI WSCDeinstallProvider(LPGUID lpProviderId, LPINT lpErrno);
int WSPAPI WSCGetProviderPath(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                              LPINT lpProviderDllPathLen, LPINT lpErrno);
int WSPAPI WSCUpdateProvider(LPGUID lpProviderId,
                             const WCHAR *lpszProviderDllPath,
                             const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                             DWORD dwNumberOfEntries, LPINT lpErrno);
int WSPAPI WSCWriteProviderOrder(LPDWORD lpwdCatalogEntryId,
                                 DWORD dwNumberOfEntries);

#ifdef _WIN64
int WSPAPI WSCEnumProtocols32(LPINT lpiProtocols,
                              LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                              LPDWORD lpdwBufferLength, LPINT lpErrno);
int WSPAPI WSCInstallProvider64_32(LPGUID lpProviderId,
                                   const WCHAR *lpszProviderDllPath,
                                   const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                                   DWORD dwNumberOfEntries, LPINT lpErrno);
int WSPAPI WSCDeinstallProvider32(LPGUID lpProviderId, LPINT lpErrno);
int WSPAPI WSCGetProviderPath32(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                                LPINT lpProviderDllPathLen, LPINT lpErrno);
int WSPAPI WSCUpdateProvider32(LPGUID lpProviderId,
                               const WCHAR *lpszProviderDllPath,
                               const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                               DWORD dwNumberOfEntries, LPINT lpErrno);
int WSPAPI WSCWriteProviderOrder32(LPDWORD lpwdCatalogEntryId,
                                   DWORD dwNumberOfEntries);
#endif

/* --- Layered providers' categories ---------------------------------------- */

#define LSP_SYSTEM 0x80000000
#define LSP_INSPECTOR 0x00000001
#define LSP_REDIRECTOR 0x00000002
#define LSP_PROXY 0x00000004
#define LSP_FIREWALL 0x00000008
#define LSP_INBOUND_MODIFY 0x00000010
#define LSP_OUTBOUND_MODIFY 0x00000020
#define LSP_CRYPTO_COMPRESS 0x00000040
#define LSP_LOCAL_CACHE 0x00000080

typedef enum _WSC_PROVIDER_INFO_TYPE {
    ProviderInfoLspCategories,
    ProviderInfoAudit
} WSC_PROVIDER_INFO_TYPE;

typedef struct _WSC_PROVIDER_AUDIT_INFO {
    DWORD RecordSize;
    PVOID Reserved;
} WSC_PROVIDER_AUDIT_INFO, *PWSC_PROVIDER_AUDIT_INFO;

int WSPAPI WSCGetProviderInfo(LPGUID lpProviderId,
                              WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                              size_t *InfoSize, DWORD Flags, LPINT lpErrno);
int WSPAPI WSCSetProviderInfo(LPGUID lpProviderId,
                              WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                              size_t InfoSize, DWORD Flags, LPINT lpErrno);
int WSPAPI WSCGetApplicationCategory(LPCWSTR Path, DWORD PathLength,
                                     LPCWSTR Extra, DWORD ExtraLength,
                                     DWORD *pPermittedLspCategories,
                                     LPINT lpErrno);
int WSPAPI WSCSetApplicationCategory(LPCWSTR Path, DWORD PathLength,
                                     LPCWSTR Extra, DWORD ExtraLength,
                                     DWORD PermittedLspCategories,
                                     DWORD *pPrevPermLspCat, LPINT lpErrno);

#ifdef _WIN64
int WSPAPI WSCGetProviderInfo32(LPGUID lpProviderId,
                                WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                                size_t *InfoSize, DWORD Flags, LPINT lpErrno);
int WSPAPI WSCSetProviderInfo32(LPGUID lpProviderId,
                                WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                                size_t InfoSize, DWORD Flags, LPINT lpErrno);
int WSPAPI WSCInstallProviderAndChains64_32(
    LPGUID lpProviderId, const LPWSTR lpszProviderDllPath,
    const LPWSTR lpszProviderDllPath32, const LPWSTR lpszLspName,
    DWORD dwServiceFlags, LPWSAPROTOCOL_INFOW lpProtocolInfoList,
    DWORD dwNumberOfEntries, LPDWORD lpdwCatalogEntryId, LPINT lpErrno);
#else
int WSPAPI WSCInstallProviderAndChains(
    LPGUID lpProviderId, const LPWSTR lpszProviderDllPath,
    const LPWSTR lpszLspName, DWORD dwServiceFlags,
    LPWSAPROTOCOL_INFOW lpProtocolInfoList, DWORD dwNumberOfEntries,
    LPDWORD lpdwCatalogEntryId, LPINT lpErrno);
#endif

/* --- The catalog of name-space providers ---------------------------------- */

INT WSPAPI WSCInstallNameSpace(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                               DWORD dwNameSpace, DWORD dwVersion,
                               LPGUID lpProviderId);
INT WSPAPI WSCInstallNameSpaceEx(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                 DWORD dwNameSpace, DWORD dwVersion,
                                 LPGUID lpProviderId, LPBLOB lpProviderInfo);
INT WSPAPI WSCUnInstallNameSpace(LPGUID lpProviderId);
INT WSPAPI WSCEnableNSProvider(LPGUID lpProviderId, BOOL fEnable);
INT WSPAPI WSCWriteNameSpaceOrder(LPGUID lpProviderId, DWORD dwNumberOfEntries);

#ifdef _WIN64
INT WSPAPI WSCEnumNameSpaceProviders32(LPDWORD lpdwBufferLength,
                                       LPWSANAMESPACE_INFOW lpnspBuffer);
INT WSPAPI WSCInstallNameSpace32(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                 DWORD dwNameSpace, DWORD dwVersion,
                                 LPGUID lpProviderId);
INT WSPAPI WSCInstallNameSpaceEx32(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                   DWORD dwNameSpace, DWORD dwVersion,
                                   LPGUID lpProviderId, LPBLOB lpProviderInfo);
INT WSPAPI WSCUnInstallNameSpace32(LPGUID lpProviderId);
INT WSPAPI WSCEnableNSProvider32(LPGUID lpProviderId, BOOL fEnable);
INT WSPAPI WSCWriteNameSpaceOrder32(LPGUID lpProviderId,
                                    DWORD dwNumberOfEntries);
#endif

/* --- Name-space providers ------------------------------------------------- */

typedef INT(WSPAPI *LPNSPCLEANUP)(LPGUID lpProviderId);

typedef INT(WSPAPI *LPNSPLOOKUPSERVICEBEGIN)(
    LPGUID lpProviderId, LPWSAQUERYSETW lpqsRestrictions,
    LPWSASERVICECLASSINFOW lpServiceClassInfo, DWORD dwControlFlags,
    LPHANDLE lphLookup);

typedef INT(WSPAPI *LPNSPLOOKUPSERVICENEXT)(HANDLE hLookup,
                                            DWORD dwControlFlags,
                                            LPDWORD lpdwBufferLength,
                                            LPWSAQUERYSETW lpqsResults);

typedef INT(WSPAPI *LPNSPLOOKUPSERVICEEND)(HANDLE hLookup);

typedef INT(WSPAPI *LPNSPSETSERVICE)(LPGUID lpProviderId,
                                     LPWSASERVICECLASSINFOW lpServiceClassInfo,
                                     LPWSAQUERYSETW lpqsRegInfo,
                                     WSAESETSERVICEOP essOperation,
                                     DWORD dwControlFlags);

typedef INT(WSPAPI *LPNSPINSTALLSERVICECLASS)(
    LPGUID lpProviderId, LPWSASERVICECLASSINFOW lpServiceClassInfo);

typedef INT(WSPAPI *LPNSPREMOVESERVICECLASS)(LPGUID lpProviderId,
                                             LPGUID lpServiceClassId);

typedef INT(WSPAPI *LPNSPGETSERVICECLASSINFO)(
    LPGUID lpProviderId, LPDWORD lpdwBufSize,
    LPWSASERVICECLASSINFOW lpServiceClassInfo);

typedef INT(WSPAPI *LPNSPIOCTL)(HANDLE hLookup, DWORD dwControlCode,
                                LPVOID lpvInBuffer, DWORD cbInBuffer,
                                LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                                LPDWORD lpcbBytesReturned,
                                LPWSACOMPLETION lpCompletion,
                                LPWSATHREADID lpThreadId);

typedef struct _NSP_ROUTINE {
    DWORD cbSize;
    DWORD dwMajorVersion;
    DWORD dwMinorVersion;
    LPNSPCLEANUP NSPCleanup;
    LPNSPLOOKUPSERVICEBEGIN NSPLookupServiceBegin;
    LPNSPLOOKUPSERVICENEXT NSPLookupServiceNext;
    LPNSPLOOKUPSERVICEEND NSPLookupServiceEnd;
    LPNSPSETSERVICE NSPSetService;
    LPNSPINSTALLSERVICECLASS NSPInstallServiceClass;
    LPNSPREMOVESERVICECLASS NSPRemoveServiceClass;
    LPNSPGETSERVICECLASSINFO NSPGetServiceClassInfo;
    LPNSPIOCTL NSPIoctl;
} NSP_ROUTINE, *LPNSP_ROUTINE;

typedef INT(WSPAPI *LPNSPSTARTUP)(LPGUID lpProviderId,
                                  LPNSP_ROUTINE lpnspRoutines);

INT WSPAPI NSPStartup(LPGUID lpProviderId, LPNSP_ROUTINE lpnspRoutines);

/* --- Name-space providers in programs (version 2) ------------------------- */

/* A program that hosts a provider hands these to WSAAdvertiseProvider.  The
   calls of NSPv2LookupServiceNextEx and NSPv2SetServiceEx end when the provider
   says so by WSAProviderCompleteAsyncCall, at once or later. */

/* mingw-w64's winsock2.h has it, Wine's has not. */
#ifndef __MINGW64_VERSION_MAJOR
typedef struct _WSAQuerySet2W {
    DWORD dwSize;
    LPWSTR lpszServiceInstanceName;
    LPWSAVERSION lpVersion;
    LPWSTR lpszComment;
    DWORD dwNameSpace;
    LPGUID lpNSProviderId;
    LPWSTR lpszContext;
    DWORD dwNumberOfProtocols;
    LPAFPROTOCOLS lpafpProtocols;
    LPWSTR lpszQueryString;
    DWORD dwNumberOfCsAddrs;
    LPCSADDR_INFO lpcsaBuffer;
    DWORD dwOutputFlags;
    LPBLOB lpBlob;
} WSAQUERYSET2W, *PWSAQUERYSET2W, *LPWSAQUERYSET2W;
#endif

typedef INT(WSPAPI *LPNSPV2STARTUP)(LPGUID lpProviderId,
                                    LPVOID *ppvClientSessionArg);

typedef INT(WSPAPI *LPNSPV2CLEANUP)(LPGUID lpProviderId,
                                    LPVOID pvClientSessionArg);

typedef INT(WSPAPI *LPNSPV2LOOKUPSERVICEBEGIN)(LPGUID lpProviderId,
                                               LPWSAQUERYSET2W lpqsRestrictions,
                                               DWORD dwControlFlags,
                                               LPVOID lpvClientSessionArg,
                                               LPHANDLE lphLookup);

typedef VOID(WSPAPI *LPNSPV2LOOKUPSERVICENEXTEX)(HANDLE hAsyncCall,
                                                 HANDLE hLookup,
                                                 DWORD dwControlFlags,
                                                 LPDWORD lpdwBufferLength,
                                                 LPWSAQUERYSET2W lpqsResults);

typedef INT(WSPAPI *LPNSPV2LOOKUPSERVICEEND)(HANDLE hLookup);

typedef VOID(WSPAPI *LPNSPV2SETSERVICEEX)(HANDLE hAsyncCall,
                                          LPGUID lpProviderId,
                                          LPWSAQUERYSET2W lpqsRegInfo,
                                          WSAESETSERVICEOP essOperation,
                                          DWORD dwControlFlags,
                                          LPVOID lpvClientSessionArg);

typedef VOID(WSPAPI *LPNSPV2CLIENTSESSIONRUNDOWN)(LPGUID lpProviderId,
                                                  LPVOID pvClientSessionArg);

typedef struct _NSPV2_ROUTINE {
    DWORD cbSize;
    DWORD dwMajorVersion;
    DWORD dwMinorVersion;
    LPNSPV2STARTUP NSPv2Startup;
    LPNSPV2CLEANUP NSPv2Cleanup;
    LPNSPV2LOOKUPSERVICEBEGIN NSPv2LookupServiceBegin;
    LPNSPV2LOOKUPSERVICENEXTEX NSPv2LookupServiceNextEx;
    LPNSPV2LOOKUPSERVICEEND NSPv2LookupServiceEnd;
    LPNSPV2SETSERVICEEX NSPv2SetServiceEx;
    LPNSPV2CLIENTSESSIONRUNDOWN NSPv2ClientSessionRundown;
} NSPV2_ROUTINE, *PNSPV2_ROUTINE, *LPNSPV2_ROUTINE;
typedef const NSPV2_ROUTINE *PCNSPV2_ROUTINE, *LPCNSPV2_ROUTINE;

INT WSPAPI WSAAdvertiseProvider(const GUID *puuidProviderId,
                                const LPCNSPV2_ROUTINE pNSPv2Routine);
INT WSPAPI WSAUnadvertiseProvider(const GUID *puuidProviderId);
INT WSPAPI WSAProviderCompleteAsyncCall(HANDLE hAsyncCall, INT iRetCode);

#ifdef __cplusplus
}
#endif

#ifndef _WIN64
#include <poppack.h>
#endif

#endif
