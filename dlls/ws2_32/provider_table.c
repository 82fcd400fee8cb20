/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The providers of the process, and the table of the base provider.
 *
 * One atomic pointer is both the answer to "has WSAStartup been called" and
 * the way to the provider, so that a data call reads it once.  The table that
 * it points to stays where it is: a call that is under way while another
 * thread ends the use of Winsock still finds its functions.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "provider/provider.h"

#include <stddef.h>

const WSPPROC_TABLE *provider_table; /* atomic; NULL: not started */

static WSPPROC_TABLE base_table;

/* A provider that leaves a function out cannot be used. */
static BOOL is_complete(const WSPPROC_TABLE *table)
{
    const void *const *functions = (const void *const *)(const void *)table;
    size_t i;

    for (i = 0; i < sizeof *table / sizeof *functions; i++)
        if (functions[i] == NULL)
            return FALSE;
    return TRUE;
}

int provider_start(void)
{
    WSAPROTOCOL_INFOW entry = provider_entries[0];
    WSPPROC_TABLE table = {0};
    WSPDATA data = {0};
    INT ignored;
    int error;

    error = WSPStartup(MAKEWORD(2, 2), &data, &entry, api_upcalls, &table);
    if (error)
        return error;
    if (data.wVersion != MAKEWORD(2, 2))
        error = WSAEINVALIDPROVIDER;
    else if (!is_complete(&table))
        error = WSAEINVALIDPROCTABLE;
    if (error) {
        if (table.lpWSPCleanup != NULL)
            table.lpWSPCleanup(&ignored);
        return error;
    }
    /* Written once: every start brings the same functions. */
    if (base_table.lpWSPCleanup == NULL)
        base_table = table;
    __atomic_store_n(&provider_table, &base_table, __ATOMIC_RELEASE);
    return 0;
}

void provider_end(void)
{
    INT ignored;

    __atomic_store_n(&provider_table, NULL, __ATOMIC_RELEASE);
    base_table.lpWSPCleanup(&ignored);
}

const WSPPROC_TABLE *provider_of_entry(const WSAPROTOCOL_INFOW *entry)
{
    (void)entry;
    return __atomic_load_n(&provider_table, __ATOMIC_ACQUIRE);
}
