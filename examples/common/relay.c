/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See relay.h. */
#include "relay.h"

#include <string.h>

static WSPUPCALLTABLE newest_upcalls; /* those of the newest WSPStartup */

/* The lower provider's handle is ours, too: ws2_32 is to call us with it. */
static SOCKET show(SOCKET s, struct chain *chain, LPINT error)
{
    SOCKET shown = INVALID_SOCKET;
    INT ignored;

    if (!chain_remember_socket(s, chain)) {
        *error = WSAENOBUFS;
    } else {
        shown = newest_upcalls.lpWPUModifyIFSHandle(
            chain->entry.dwCatalogEntryId, s, error);
        if (shown == INVALID_SOCKET)
            chain_forget_socket(s);
    }
    if (shown == INVALID_SOCKET)
        chain->lower.lpWSPCloseSocket(s, &ignored);
    return shown;
}

static SOCKET WSPAPI relay_socket(int af, int type, int protocol,
                                  LPWSAPROTOCOL_INFOW info, GROUP g,
                                  DWORD flags, LPINT error)
{
    struct chain *chain = chain_of_info(info);
    WSAPROTOCOL_INFOW below = chain_info_below(chain, info);
    SOCKET s = chain->lower.lpWSPSocket(af, type, protocol, &below, g, flags,
                                        error);

    return s == INVALID_SOCKET ? s : show(s, chain, error);
}

static SOCKET WSPAPI relay_accept(SOCKET s, struct sockaddr *name,
                                  LPINT length, LPCONDITIONPROC condition,
                                  DWORD_PTR context, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    SOCKET accepted = chain->lower.lpWSPAccept(s, name, length, condition,
                                               context, error);

    return accepted == INVALID_SOCKET ? accepted : show(accepted, chain, error);
}

/* The structure names the socket to the provider below; to ws2_32 in the other
   process it has to name us. */
static int WSPAPI relay_duplicate(SOCKET s, DWORD process,
                                  LPWSAPROTOCOL_INFOW info, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    int result = chain->lower.lpWSPDuplicateSocket(s, process, info, error);

    if (result == 0)
        chain_restore_info(chain, info);
    return result;
}

/* What we know of a value goes before the value can be another socket's. */
int WSPAPI relay_close(SOCKET s, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    int result;

    chain_forget_socket(s);
    result = chain->lower.lpWSPCloseSocket(s, error);
    if (result && *error != WSAENOTSOCK) /* it is still there */
        chain_remember_socket(s, chain);
    return result;
}

static int WSPAPI relay_cleanup(LPINT error)
{
    if (chain_cleanup())
        return 0;
    *error = WSANOTINITIALISED;
    return SOCKET_ERROR;
}

int relay_start(const GUID *provider, const WCHAR *description, WORD version,
                LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE procedures)
{
    struct chain *chain;
    size_t i;
    int error;

    if (data == NULL || procedures == NULL)
        return WSAEFAULT;
    if (LOBYTE(version) < 2)
        return WSAVERNOTSUPPORTED;
    newest_upcalls = upcalls;
    error = chain_start(provider, info, upcalls, &chain);
    if (error)
        return error;
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    for (i = 0; i < WSPDESCRIPTION_LEN && description[i]; i++)
        data->szDescription[i] = description[i];
    data->szDescription[i] = 0;
    *procedures = chain->lower;
    procedures->lpWSPSocket = relay_socket;
    procedures->lpWSPAccept = relay_accept;
    procedures->lpWSPCloseSocket = relay_close;
    procedures->lpWSPDuplicateSocket = relay_duplicate;
    procedures->lpWSPCleanup = relay_cleanup;
    return 0;
}
