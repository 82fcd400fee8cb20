/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hot path: what a data call goes through from the API to the kernel.
 *
 * In Windows' calling convention a callee keeps xmm6 to xmm15, in Linux's it
 * need not: a function of the former that calls one of the latter saves ten
 * registers and restores them, on every call.  So the functions of the hot path
 * are of Windows' convention down to the system call, and leave it only by
 * functions that are seldom called.
 *
 * After a system call the processor has forgotten where functions return to
 * and most of their code: what is short and lies together costs least.
 */
#ifndef WS2EMU_HOT_PATH_H
#define WS2EMU_HOT_PATH_H

/* A function of the hot path. */
#define HOT_PATH __attribute__((ms_abi, hot))

/* One that the hot path calls in order to leave it. */
#define OFF_HOT_PATH __attribute__((ms_abi, cold, noinline))

#define HOT_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define HOT_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#endif
