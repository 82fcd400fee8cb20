/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The catalog of name spaces, and their providers in use.
 *
 * A provider of a name space is what ws2spi.h says of one: NSPStartup gives
 * its routines, and WSALookupService* and kin call those of every provider
 * that a question concerns.  The providers that come with the library are
 * written to the same interface; their NSPStartup is a function of it.
 */
#ifndef WS2EMU_NAME_SPACES_H
#define WS2EMU_NAME_SPACES_H

#include <winsock2.h>
#include <ws2spi.h>

/* A provider that comes with the library. */
struct name_space {
    GUID provider;
    DWORD name_space; /* NS_* */
    DWORD version;
    const WCHAR *identifier;
    LPNSPSTARTUP startup;
};

/* A provider in use: its entry's ids, and its routines. */
struct name_space_provider {
    GUID provider;
    DWORD name_space;
    BOOL is_hosted; /* by another program: it needs no class */
    NSP_ROUTINE routines;
};

/*
 * The provider number index, from 0, of the active ones that serve the name
 * space (NS_ALL: any) and have the id (NULL: any), started.  The caller ends
 * its use with name_space_release.  WSASERVICE_NOT_FOUND: there are no more;
 * WSAEPROVIDERFAILEDINIT: this one could not be started;
 * WSA_NOT_ENOUGH_MEMORY.
 */
int name_space_acquire(DWORD name_space, const GUID *provider,
                       unsigned int index,
                       struct name_space_provider **ret_provider);
void name_space_release(struct name_space_provider *provider);

/* Whether the process sees an active provider that a program installed. */
BOOL name_spaces_are_installed(void);

/* --- Providers that programs host (hosted_provider.c) --------------------- */

/* Whether an active provider of this id is installed without a library. */
BOOL name_space_is_hosted(const GUID *provider);

/* Whether it may be asked for the name, or told of it: in the name space of
   e-mail that depends on what it was installed for. */
BOOL name_space_hosted_serves(const GUID *provider, const WCHAR *name);

/* The NSPStartup of all of them. */
INT WSPAPI name_space_hosted_startup(LPGUID provider, LPNSP_ROUTINE routines);

/* In a child of fork. */
void hosted_lookups_forked(void);

/* --- The providers that come with the library ----------------------------- */

/* Those with index from 0; NULL: no more. */
const struct name_space *name_space_built_in(unsigned int index);
/* The one of this id; NULL: none of the library's. */
const struct name_space *name_space_built_in_of(const GUID *provider);

/* What their NSPStartups have in common (name_space_routines.c): nothing can be
   registered, there are no classes and no control codes.  The caller sets
   NSPLookupServiceBegin, and what else is its own. */
void name_space_fill_routines(LPNSP_ROUTINE routines);

/* NSPStartup of the DNS (lookup_dns.c). */
INT WSPAPI name_space_dns_startup(LPGUID provider, LPNSP_ROUTINE routines);

/* NSPStartup of network location awareness (lookup_nla.c). */
INT WSPAPI name_space_nla_startup(LPGUID provider, LPNSP_ROUTINE routines);

#endif
