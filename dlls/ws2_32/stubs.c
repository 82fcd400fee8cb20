/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The exports that have no implementation: each fails with its documented
 * error and writes no output.
 *
 * Programs look the functions of ws2_32 up by name and by ordinal, so each of
 * them has to exist.  None pretends: a program that copes with an old or
 * restricted Windows copes with these.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include "api.h"

/* WSAEOPNOTSUPP, or WSANOTINITIALISED before WSAStartup. */
static int refuse(void)
{
    return api_failure(api_started() ? WSAEOPNOTSUPP : WSANOTINITIALISED);
}

/* --- Blocking hooks: Winsock 1.1 alone had them --------------------------- */

/* WSAEOPNOTSUPP: NULL. */
FARPROC WINAPI WSASetBlockingHook(FARPROC lpBlockFunc)
{
    (void)lpBlockFunc;
    refuse();
    return NULL;
}

/* WSAEOPNOTSUPP. */
int WINAPI WSAUnhookBlockingHook(void)
{
    return refuse();
}

/* No call blocks in a hook, so there is none to be cancelled. */
int WINAPI WSACancelBlockingCall(void)
{
    return api_failure(api_started() ? WSAEINVAL : WSANOTINITIALISED);
}

/* No call blocks in a hook. */
BOOL WINAPI WSAIsBlocking(void)
{
    return FALSE;
}

/* --- Undocumented exports ------------------------------------------------- */

/* Windows' own tools call these.  Their arguments are not described, so none
   is looked at: the calling convention lets the callee ignore them. */
#define UNDOCUMENTED(name)   \
    int WINAPI name(void);   \
    int WINAPI name(void)    \
    {                        \
        return refuse();     \
    }

UNDOCUMENTED(WPUGetProviderPathEx)
UNDOCUMENTED(WSCDeinstallProviderEx)
UNDOCUMENTED(WSCEnumProtocolsEx)
UNDOCUMENTED(WSCGetApplicationCategoryEx)
UNDOCUMENTED(WSCInstallNameSpaceEx2)
UNDOCUMENTED(WSCInstallProviderEx)
UNDOCUMENTED(WSCSetApplicationCategoryEx)
UNDOCUMENTED(WSCUnInstallNameSpaceEx2)
UNDOCUMENTED(WSCUpdateProviderEx)
UNDOCUMENTED(WSCWriteProviderOrderEx)

/* The error itself, as its kin of ws2emu/ws2help.h return theirs. */
DWORD WINAPI WahWriteLSPEvent(void);
DWORD WINAPI WahWriteLSPEvent(void)
{
    return WSAEOPNOTSUPP;
}

/* 16-bit Windows called it when it unloaded a library. */
int WINAPI WEP(void);
int WINAPI WEP(void)
{
    return 1;
}
