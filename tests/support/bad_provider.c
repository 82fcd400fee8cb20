/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A provider whose WSPStartup fails, in the way that WS2EMU_TEST_PROVIDER says:
 *
 *     NUMBER      returns this error
 *     version     gives version 1.1
 *     table       leaves a function out
 *     recursion   asks for a socket of its own
 */
#include <platform.h>

#include <winsock2.h>
#include <ws2spi.h>

#include <stdlib.h>
#include <string.h>

static int cleanups;

static int WSPAPI count_cleanup(LPINT error)
{
    (void)error;
    cleanups++;
    return 0;
}

/* Fills the table with something that is not NULL. */
static void fill(LPWSPPROC_TABLE table)
{
    void **entries = (void **)table;
    size_t i;

    for (i = 0; i < sizeof(*table) / sizeof(*entries); i++)
        entries[i] = (void *)count_cleanup;
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    char how[32] = "";
    SOCKET s;

    (void)version;
    (void)upcalls;
    platform_environment("WS2EMU_TEST_PROVIDER", how, sizeof(how));
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    fill(table);
    if (!strcmp(how, "version"))
        data->wVersion = MAKEWORD(1, 1);
    else if (!strcmp(how, "table"))
        table->lpWSPRecvFrom = NULL;
    else if (!strcmp(how, "recursion")) {
        s = WSASocketW(0, 0, 0, info, 0, 0);
        return s == INVALID_SOCKET ? WSAGetLastError() : 0;
    } else
        return atoi(how);
    return 0;
}
