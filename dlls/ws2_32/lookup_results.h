/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Look-ups of the providers of name spaces that come with the library.
 *
 * Such a provider makes all results of a question at once, when the first one
 * is asked for; here they are kept and handed out.
 */
#ifndef WS2EMU_LOOKUP_RESULTS_H
#define WS2EMU_LOOKUP_RESULTS_H

#include <winsock2.h>
#include <ws2spi.h>

struct lookup_results;

/* Makes the results of a question with lookup_results_add.  Returns 0 or the
   error. */
typedef int (*lookup_fill)(struct lookup_results *results, void *question);

/* For NSPLookupServiceBegin: begins a look-up with LUP_* flags, to whom the
   question belongs from then on; it is freed with free().
   WSA_NOT_ENOUGH_MEMORY: it was freed. */
int lookup_results_begin(DWORD flags, lookup_fill fill, void *question,
                         HANDLE *ret_handle);

/* A copy of the set with all it points to.  Of it the program gets what it
   asked for.  WSA_NOT_ENOUGH_MEMORY. */
int lookup_results_add(struct lookup_results *results,
                       const WSAQUERYSETW *set);

/* The question of a look-up, as long as lookup_results_release has not been
   called; NULL: no look-up of this fill. */
void *lookup_results_question(HANDLE handle, lookup_fill fill,
                              struct lookup_results **ret_results);
void lookup_results_release(struct lookup_results *results);

/* NSPLookupServiceNext and NSPLookupServiceEnd. */
INT WSPAPI lookup_results_next(HANDLE handle, DWORD flags, LPDWORD length,
                               LPWSAQUERYSETW to);
INT WSPAPI lookup_results_end(HANDLE handle);

/* In a child of fork. */
void lookup_results_forked(void);

#endif
