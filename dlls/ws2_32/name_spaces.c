/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The name spaces that this process sees, and their providers in use; see
 * name_spaces.h.
 *
 * They are those of the catalog as it was at the first WSAStartup (catalog.h):
 * the ones that come with the library, and those that were installed, whose
 * libraries are loaded at the first question that concerns them, or which
 * another program hosts.
 */
#include "name_spaces.h"

#include "api.h"
#include "catalog.h"
#include "email_domains.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- The entries ---------------------------------------------------------- */

/* The ids are those of Windows' own providers. */
static const struct name_space built_in[] = {
    {
        .provider = {0x22059d40, 0x7e9e, 0x11cf,
                     {0xae, 0x5a, 0x00, 0xaa, 0x00, 0xa7, 0x11, 0x2b}},
        .name_space = NS_DNS,
        .identifier = L"Tcpip",
        .startup = name_space_dns_startup,
    },
    {
        .provider = {0x6642243a, 0x3ba8, 0x4aa6,
                     {0xba, 0xa5, 0x2e, 0x0b, 0xd7, 0x1f, 0xdd, 0x83}},
        .name_space = NS_NLA,
        .identifier = L"Network Location Awareness Legacy (NLAv1) Namespace",
        .startup = name_space_nla_startup,
    },
};

const struct name_space *name_space_built_in(unsigned int index)
{
    return index < sizeof(built_in) / sizeof(built_in[0]) ? &built_in[index]
                                                          : NULL;
}

const struct name_space *name_space_built_in_of(const GUID *provider)
{
    const struct name_space *entry;
    unsigned int i;

    for (i = 0; (entry = name_space_built_in(i)) != NULL; i++)
        if (!memcmp(provider, &entry->provider, sizeof(*provider)))
            return entry;
    return NULL;
}

/* The next entry of the section, from *at on; NULL: there are no more. */
static const struct catalog_item *next_entry(uint32_t section, uint32_t *at)
{
    const struct catalog_items *seen = catalog_items_seen();

    while (*at < seen->n) {
        const struct catalog_item *item = seen->items[(*at)++];

        if (item->section == section)
            return item;
    }
    return NULL;
}

static BOOL entry_matches(const struct catalog_item *entry, DWORD name_space,
                          const GUID *provider)
{
    if (!entry->numbers[NAME_SPACE_ENABLED])
        return FALSE;
    if (name_space != NS_ALL && name_space != entry->numbers[NAME_SPACE_ID])
        return FALSE;
    return !provider ||
           !memcmp(provider, store_name_space_id(entry), sizeof(*provider));
}

BOOL name_spaces_are_installed(void)
{
    const struct catalog_item *entry;
    uint32_t at = 0;

    while ((entry = next_entry(CATALOG_NAME_SPACE, &at)) != NULL)
        if (entry->numbers[NAME_SPACE_ENABLED] &&
            !name_space_built_in_of(store_name_space_id(entry)))
            return TRUE;
    return FALSE;
}

/* Without a library, and none of the library's own. */
static BOOL is_hosted(const struct catalog_item *entry)
{
    return !*entry->path && !name_space_built_in_of(store_name_space_id(entry));
}

BOOL name_space_is_hosted(const GUID *provider)
{
    const struct catalog_item *entry;
    uint32_t at = 0;

    while ((entry = next_entry(CATALOG_NAME_SPACE, &at)) != NULL)
        if (entry_matches(entry, NS_ALL, provider))
            return is_hosted(entry);
    return FALSE;
}

BOOL name_space_hosted_serves(const GUID *provider, const WCHAR *name)
{
    const struct catalog_item *entry;
    uint32_t at = 0;

    while ((entry = next_entry(CATALOG_NAME_SPACE, &at)) != NULL)
        if (entry_matches(entry, NS_ALL, provider))
            return entry->numbers[NAME_SPACE_ID] != NS_EMAIL ||
                   email_domains_have(entry->data + sizeof(GUID),
                                      entry->data_size - sizeof(GUID), name);
    return FALSE;
}

/* --- Providers in use ----------------------------------------------------- */

static LPNSPSTARTUP startup_of(const struct catalog_item *entry)
{
    const struct name_space *own =
        name_space_built_in_of(store_name_space_id(entry));
    char why[256], *path;
    void *function;

    if (own)
        return own->startup;
    if (is_hosted(entry))
        return name_space_hosted_startup;
    if (!host_library_function(entry->path, "NSPStartup", &function, why,
                               sizeof(why)))
        return (LPNSPSTARTUP)function;
    path = catalog_text_to_utf8(entry->path);
    fprintf(stderr, "ws2emu: the name-space provider %s: %s\n",
            path ? path : "?", why);
    free(path);
    return NULL;
}

/* Whether NSPStartup gave all that version 1 of the interface has. */
static BOOL is_complete(const NSP_ROUTINE *routines)
{
    return routines->NSPCleanup && routines->NSPLookupServiceBegin &&
           routines->NSPLookupServiceNext && routines->NSPLookupServiceEnd &&
           routines->NSPSetService && routines->NSPInstallServiceClass &&
           routines->NSPRemoveServiceClass && routines->NSPGetServiceClassInfo;
}

int name_space_acquire(DWORD name_space, const GUID *provider,
                       unsigned int index,
                       struct name_space_provider **ret_provider)
{
    struct name_space_provider *used;
    const struct catalog_item *entry;
    LPNSPSTARTUP startup;
    uint32_t at = 0;
    GUID id;

    do
        entry = next_entry(CATALOG_NAME_SPACE, &at);
    while (entry && !(entry_matches(entry, name_space, provider) &&
                      index-- == 0));
    if (!entry)
        return WSASERVICE_NOT_FOUND;
    startup = startup_of(entry);
    if (!startup)
        return WSAEPROVIDERFAILEDINIT;
    used = calloc(1, sizeof(*used));
    if (!used)
        return WSA_NOT_ENOUGH_MEMORY;
    used->provider = id = *store_name_space_id(entry);
    used->name_space = entry->numbers[NAME_SPACE_ID];
    used->is_hosted = is_hosted(entry);
    used->routines.cbSize = sizeof(used->routines);
    if (startup(&id, &used->routines)) {
        free(used);
        return WSAEPROVIDERFAILEDINIT;
    }
    if (!is_complete(&used->routines)) {
        if (used->routines.NSPCleanup)
            used->routines.NSPCleanup(&id);
        free(used);
        return WSAEPROVIDERFAILEDINIT;
    }
    *ret_provider = used;
    return 0;
}

void name_space_release(struct name_space_provider *provider)
{
    if (provider)
        provider->routines.NSPCleanup(&provider->provider);
    free(provider);
}

/* --- Enumerating ---------------------------------------------------------- */

/* WSANAMESPACE_INFOEX, which Wine's headers lack; it begins like the plain
   form, whose last field is the identifier, char or WCHAR. */
struct extended_info {
    WSANAMESPACE_INFOA plain;
    struct {
        ULONG size;
        BYTE *data;
    } provider_specific;
};

enum { IDENTIFIER_SIZE = 512 }; /* bytes of UTF-8 */

/* The bytes of an identifier with its NUL; to may be NULL. */
static size_t put_identifier(const WCHAR *identifier, BOOL wide, void *to)
{
    char narrow[IDENTIFIER_SIZE];
    size_t n = 0;

    if (wide) {
        while (identifier[n])
            n++;
        n = (n + 1) * sizeof(WCHAR);
        if (to)
            memcpy(to, identifier, n);
        return n;
    }
    if (!wide_text_to_utf8(identifier, narrow, sizeof(narrow)))
        narrow[0] = '\0';
    n = strlen(narrow) + 1;
    if (to)
        memcpy(to, narrow, n);
    return n;
}

/* A name space and its strings in the program's buffer. */
struct written {
    size_t size;    /* of a structure */
    size_t strings; /* all that comes after the structures */
    uint32_t n;
};

static struct written measure(uint32_t section, BOOL wide, BOOL extended)
{
    struct written written = {
        .size = extended ? sizeof(struct extended_info)
                         : sizeof(WSANAMESPACE_INFOA),
    };
    const struct catalog_item *entry;
    uint32_t at = 0;

    while ((entry = next_entry(section, &at)) != NULL) {
        written.n++;
        written.strings += put_identifier((const WCHAR *)entry->text, wide,
                                          NULL);
        if (extended)
            written.strings += entry->data_size - sizeof(GUID);
    }
    return written;
}

/* The structures one after the other, then the strings and the data. */
static void put_entries(char *buffer, const struct written *written,
                        uint32_t section, BOOL wide, BOOL extended)
{
    char *text = buffer + written->n * written->size;
    const struct catalog_item *entry;
    uint32_t at = 0;

    memset(buffer, 0, written->n * written->size);
    for (; (entry = next_entry(section, &at)) != NULL;
         buffer += written->size) {
        struct extended_info *info = (void *)buffer;

        info->plain.NSProviderId = *store_name_space_id(entry);
        info->plain.dwNameSpace = entry->numbers[NAME_SPACE_ID];
        info->plain.dwVersion = entry->numbers[NAME_SPACE_VERSION];
        info->plain.fActive = entry->numbers[NAME_SPACE_ENABLED] != 0;
        info->plain.lpszIdentifier = text;
        text += put_identifier((const WCHAR *)entry->text, wide, text);
        if (!extended || entry->data_size == sizeof(GUID))
            continue;
        info->provider_specific.size = entry->data_size - sizeof(GUID);
        info->provider_specific.data = (BYTE *)text;
        memcpy(text, entry->data + sizeof(GUID),
               entry->data_size - sizeof(GUID));
        text += entry->data_size - sizeof(GUID);
    }
}

/* Returns the count of name spaces.  WSAEFAULT: a bad pointer, or too little
   room, and *length says how much is needed. */
static int enumerate(DWORD *length, void *buffer, uint32_t section, BOOL wide,
                     BOOL extended)
{
    struct written written;
    DWORD needed, room;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (unix_memory_read(&room, length, sizeof(room)))
        return api_failure(WSAEFAULT);
    written = measure(section, wide, extended);
    needed = (DWORD)(written.n * written.size + written.strings);
    if (buffer == NULL || room < needed) {
        unix_memory_write(length, &needed, sizeof(needed));
        return api_failure(WSAEFAULT);
    }
    if (unix_memory_check(buffer, needed, 1))
        return api_failure(WSAEFAULT);
    put_entries(buffer, &written, section, wide, extended);
    host_set_last_error(0);
    return (int)written.n;
}

/* The name spaces; see enumerate. */
INT WINAPI WSAEnumNameSpaceProvidersA(LPDWORD lpdwBufferLength,
                                      LPWSANAMESPACE_INFOA lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, CATALOG_NAME_SPACE,
                     FALSE, FALSE);
}

INT WINAPI WSAEnumNameSpaceProvidersW(LPDWORD lpdwBufferLength,
                                      LPWSANAMESPACE_INFOW lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, CATALOG_NAME_SPACE,
                     TRUE, FALSE);
}

/* With the providers' own data. */
INT WINAPI WSAEnumNameSpaceProvidersExA(LPDWORD lpdwBufferLength,
                                        void *lpnspBuffer);
INT WINAPI WSAEnumNameSpaceProvidersExA(LPDWORD lpdwBufferLength,
                                        void *lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, CATALOG_NAME_SPACE,
                     FALSE, TRUE);
}

INT WINAPI WSAEnumNameSpaceProvidersExW(LPDWORD lpdwBufferLength,
                                        void *lpnspBuffer);
INT WINAPI WSAEnumNameSpaceProvidersExW(LPDWORD lpdwBufferLength,
                                        void *lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, CATALOG_NAME_SPACE,
                     TRUE, TRUE);
}

/* Those of 32-bit programs. */
INT WSPAPI WSCEnumNameSpaceProviders32(LPDWORD lpdwBufferLength,
                                       LPWSANAMESPACE_INFOW lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, CATALOG_NAME_SPACE_32,
                     TRUE, FALSE);
}

INT WSPAPI WSCEnumNameSpaceProvidersEx32(LPDWORD lpdwBufferLength,
                                         void *lpnspBuffer);
INT WSPAPI WSCEnumNameSpaceProvidersEx32(LPDWORD lpdwBufferLength,
                                         void *lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, CATALOG_NAME_SPACE_32,
                     TRUE, TRUE);
}
