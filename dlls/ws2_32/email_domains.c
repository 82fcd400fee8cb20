/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The domains of a provider of e-mail addresses; see email_domains.h.
 *
 * Source: Microsoft's pages of NAPI_PROVIDER_INSTALLATION_BLOB,
 * NAPI_DOMAIN_DESCRIPTION_BLOB and NAPI_PROVIDER_LEVEL.  The data is a
 * program's: offsets are checked.
 */
#include "email_domains.h"

#include <string.h>

/* As nsemail.h has them, which Wine lacks. */
struct installation {
    DWORD version, type, is_wildcard, n_domains, first_domain;
};
struct domain {
    DWORD level; /* 0: none at present */
    DWORD length; /* characters */
    DWORD next, name;
};

static WCHAR lower(WCHAR c)
{
    return c >= 'A' && c <= 'Z' ? (WCHAR)(c + 'a' - 'A') : c;
}

/* What comes after the last @; NULL: it is no address. */
static const WCHAR *domain_of(const WCHAR *name)
{
    const WCHAR *found = NULL;

    for (; name && *name; name++)
        if (*name == '@')
            found = name + 1;
    return found;
}

/* text: any alignment. */
static BOOL is_same(const BYTE *text, DWORD length, const WCHAR *name)
{
    WCHAR c;
    DWORD i;

    for (i = 0; i < length; i++) {
        memcpy(&c, text + i * sizeof(c), sizeof(c));
        if (!name[i] || lower(c) != lower(name[i]))
            return FALSE;
    }
    return name[length] == 0;
}

BOOL email_domains_have(const void *data, DWORD size, const WCHAR *name)
{
    const WCHAR *wanted = domain_of(name);
    const BYTE *bytes = data;
    struct installation all;
    struct domain one;
    DWORD i, at;

    if (!wanted || size == 0)
        return wanted != NULL;
    if (size < sizeof(all))
        return FALSE;
    memcpy(&all, bytes, sizeof(all));
    at = all.first_domain;
    for (i = 0; i < all.n_domains; i++, at = one.next) {
        if (at > size || sizeof(one) > size - at || i > size / sizeof(one))
            return FALSE;
        memcpy(&one, bytes + at, sizeof(one));
        if (one.name > size || one.length > (size - one.name) / sizeof(WCHAR))
            return FALSE;
        if (one.level && is_same(bytes + one.name, one.length, wanted))
            return TRUE;
    }
    return all.is_wildcard != 0;
}
