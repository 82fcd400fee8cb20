/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the helper functions (ws2emu/ws2help.h) have in common: the handles of
 * helpers, and the checks of their arguments.
 *
 * A handle is a number of its own kind in a range where no host has handles and
 * no memory is, so that a wrong one is found out whatever it is.
 */
#ifndef WS2EMU_HELPERS_H
#define WS2EMU_HELPERS_H

#include <winsock2.h>

#include <stdint.h>

enum helper_kind {
    HELPER_APC,
    HELPER_HANDLE,
    HELPER_NOTIFICATION,
    HELPER_TABLE, /* a table of handle contexts: not opened, only a value */
};

/* --- Values --------------------------------------------------------------- */

#define HELPER_VALUES UINT64_C(0x5741480000000000)

/* number: below 2^32.  The value is never NULL. */
static inline void *helper_value(enum helper_kind kind, uint32_t number)
{
    return (void *)(uintptr_t)(HELPER_VALUES | (uint64_t)number << 4 |
                               (uint64_t)kind << 2);
}

static inline uint32_t helper_number(const void *value)
{
    return (uint32_t)((uintptr_t)value >> 4);
}

/* --- Arguments ------------------------------------------------------------ */

/* WSA_INVALID_PARAMETER: NULL; WSAEFAULT. */
int helper_check(const void *program, uint32_t length);
int helper_read(void *to, const void *program_from, uint32_t length);
/* The first step of a call that makes something and writes it there: the host
   is started.  Also WSA_NOT_ENOUGH_MEMORY. */
int helper_begin(void *program_to, uint32_t length);

/* --- Helpers -------------------------------------------------------------- */

/* Makes one; as helper_begin. */
int helper_open(enum helper_kind kind, LPHANDLE ret_helper);
/* WSA_INVALID_PARAMETER: no helper of this kind; so for the next. */
int helper_close(enum helper_kind kind, HANDLE helper);
int helper_find(enum helper_kind kind, HANDLE helper);

/* In a child of fork. */
void helpers_forked(void);
void handle_contexts_forked(void);

#endif
