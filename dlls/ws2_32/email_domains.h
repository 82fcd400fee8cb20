/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which e-mail addresses a provider of the name space NS_EMAIL was installed
 * for.
 */
#ifndef WS2EMU_EMAIL_DOMAINS_H
#define WS2EMU_EMAIL_DOMAINS_H

#include <winsock2.h>

/* Whether a provider that was installed with this data of its own (a
   NAPI_PROVIDER_INSTALLATION_BLOB; size 0: none) may be asked for the name,
   which may be NULL.  With no data it is asked for every address; with data
   that is no such structure for none. */
BOOL email_domains_have(const void *data, DWORD size, const WCHAR *name);

#endif
