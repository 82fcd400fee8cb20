/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of addresses; see address_list.h.  Each entry of a list is one block:
 * the structure, its address, its names.
 */
#include "address_list.h"

#include "program_text.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Flags that Wine's headers lack. */
enum {
    FLAG_DNS_ONLY = 0x10,
    FLAG_FORCE_CLEAR_TEXT = 0x20,
    FLAG_BYPASS_DNS_CACHE = 0x40,
    FLAG_RETURN_TTL = 0x80,
    FLAG_FQDN = 0x20000,
    FLAG_FILESERVER = 0x40000,
    FLAG_EXTENDED = (int)0x80000000,
    KNOWN_FLAGS = AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST |
                  AI_NUMERICSERV | FLAG_DNS_ONLY | FLAG_FORCE_CLEAR_TEXT |
                  FLAG_BYPASS_DNS_CACHE | FLAG_RETURN_TTL | AI_ALL |
                  AI_ADDRCONFIG | AI_V4MAPPED | AI_NON_AUTHORITATIVE |
                  AI_SECURE | AI_RETURN_PREFERRED_NAMES | FLAG_FQDN |
                  FLAG_FILESERVER | AI_DISABLE_IDN_ENCODING,
};

/* ADDRINFOEX2, which Wine's headers lack: what the extended forms are with
   AI_EXTENDED.  Later versions only add fields at the end. */
struct extended_info {
    ADDRINFOEXA first;
    int version;
    void *fqdn; /* char or WCHAR */
};

enum { EXTENDED_VERSION = 2, LAST_EXTENDED_VERSION = 6 };

/* The fields that all forms share. */
_Static_assert(offsetof(ADDRINFOA, ai_addr) == offsetof(ADDRINFOEXW, ai_addr),
               "ADDRINFOEXW begins like ADDRINFOA");
_Static_assert(offsetof(ADDRINFOA, ai_canonname) ==
                   offsetof(ADDRINFOW, ai_canonname),
               "ADDRINFOW is like ADDRINFOA");

static BOOL form_is_wide(enum address_list_form form)
{
    return form == ADDRESS_LIST_WIDE || form == ADDRESS_LIST_EXTENDED_WIDE;
}

static BOOL form_is_extended(enum address_list_form form)
{
    return form == ADDRESS_LIST_EXTENDED || form == ADDRESS_LIST_EXTENDED_WIDE;
}

/* An entry of a list, of any form. */
struct entry {
    union {
        ADDRINFOA plain;
        struct extended_info extended;
    } info;
    uint8_t address[28];
    WCHAR names[]; /* or char */
};

static void *entry_next(const struct entry *entry, BOOL extended)
{
    return extended ? (void *)entry->info.extended.first.ai_next
                    : (void *)entry->info.plain.ai_next;
}

void address_list_free(void *list, enum address_list_form form)
{
    struct entry *entry = list, *next;

    for (; entry; entry = next) {
        next = entry_next(entry, form_is_extended(form));
        free(entry);
    }
}

/* --- Lists ---------------------------------------------------------------- */

/* The bytes of a name with its NUL. */
static size_t name_size(const char *name, BOOL wide)
{
    return wide ? wide_text_from_utf8(name, NULL, 0) * sizeof(WCHAR)
                : strlen(name) + 1;
}

static void *put_name(void *to, const char *name, BOOL wide)
{
    size_t size = name_size(name, wide);

    if (wide)
        wide_text_from_utf8(name, to, size / sizeof(WCHAR));
    else
        memcpy(to, name, size);
    return to;
}

/* name "": the entry has none. */
static struct entry *entry_new(const struct unix_address *address,
                               const char *name,
                               const struct address_question *question)
{
    BOOL wide = form_is_wide(question->form);
    size_t size = *name ? name_size(name, wide) : 0;
    struct entry *entry = calloc(1, sizeof(*entry) + size);

    if (!entry)
        return NULL;
    memcpy(entry->address, address->bytes, sizeof(entry->address));
    entry->info.plain.ai_family = address->family;
    entry->info.plain.ai_socktype = address->type;
    entry->info.plain.ai_protocol = address->protocol;
    entry->info.plain.ai_addrlen = (size_t)address->length;
    entry->info.plain.ai_addr = (struct sockaddr *)entry->address;
    if (question->flags & FLAG_EXTENDED)
        entry->info.extended.version = EXTENDED_VERSION;
    if (!size)
        return entry;
    put_name(entry->names, name, wide);
    /* With AI_EXTENDED the fully qualified name has a place of its own. */
    if ((question->flags & (FLAG_EXTENDED | FLAG_FQDN)) ==
        (FLAG_EXTENDED | FLAG_FQDN))
        entry->info.extended.fqdn = entry->names;
    if (!entry->info.extended.fqdn || (question->flags & AI_CANONNAME))
        entry->info.plain.ai_canonname = (char *)entry->names;
    return entry;
}

static int list_new(const struct unix_addresses *addresses,
                    const struct address_question *question, void **ret)
{
    struct entry *first = NULL, *last = NULL, *entry;
    uint32_t i;

    for (i = 0; i < addresses->count; i++) {
        /* The first entry alone has the name. */
        entry = entry_new(&addresses->items[i],
                          i ? "" : addresses->canonical_name, question);
        if (!entry) {
            address_list_free(first, question->form);
            return WSA_NOT_ENOUGH_MEMORY;
        }
        if (!last)
            first = entry;
        else if (form_is_extended(question->form))
            last->info.extended.first.ai_next = &entry->info.extended.first;
        else
            last->info.plain.ai_next = &entry->info.plain;
        last = entry;
    }
    *ret = first;
    return 0;
}

/* --- Hints ---------------------------------------------------------------- */

static int check_flags(int flags, BOOL extended, BOOL has_node)
{
    if (flags & ~(KNOWN_FLAGS | (extended ? FLAG_EXTENDED : 0)))
        return WSAEINVAL;
    if ((flags & AI_CANONNAME) && !has_node)
        return WSAEINVAL;
    if ((flags & AI_CANONNAME) && (flags & FLAG_FQDN) &&
        !(flags & FLAG_EXTENDED))
        return WSAEINVAL;
    return 0;
}

static int check_hints(const struct entry *hints, BOOL extended, BOOL has_node)
{
    const ADDRINFOA *plain = &hints->info.plain;

    if (plain->ai_addrlen || plain->ai_canonname || plain->ai_addr ||
        entry_next(hints, extended))
        return WSANO_RECOVERY;
    if (plain->ai_family != AF_UNSPEC && plain->ai_family != AF_INET &&
        plain->ai_family != AF_INET6)
        return WSAEAFNOSUPPORT;
    if (plain->ai_socktype < 0 || plain->ai_socktype > SOCK_RAW)
        return WSAESOCKTNOSUPPORT;
    return check_flags(plain->ai_flags, extended, has_node);
}

/* How much of the hints the form has. */
static size_t hints_size(enum address_list_form form)
{
    return form_is_extended(form) ? sizeof(ADDRINFOEXA) : sizeof(ADDRINFOA);
}

/* The version that hints with AI_EXTENDED have: WSAEINVAL: none that is. */
static int check_version(const void *hints)
{
    int version = 0;

    if (unix_memory_read(&version,
                         (const char *)hints +
                             offsetof(struct extended_info, version),
                         sizeof(version)))
        return WSAEFAULT;
    return version < EXTENDED_VERSION || version > LAST_EXTENDED_VERSION
               ? WSAEINVAL
               : 0;
}

static int read_hints(const void *hints, struct address_question *question)
{
    BOOL extended = form_is_extended(question->form);
    struct entry copy = {.address = {0}};
    int error;

    if (unix_memory_read(&copy, hints, (uint32_t)hints_size(question->form)))
        return WSAEFAULT;
    error = check_hints(&copy, extended, question->has_node);
    if (!error && (copy.info.plain.ai_flags & FLAG_EXTENDED))
        error = check_version(hints);
    question->flags = copy.info.plain.ai_flags;
    question->family = copy.info.plain.ai_family;
    question->type = copy.info.plain.ai_socktype;
    question->protocol = copy.info.plain.ai_protocol;
    return error;
}

/* --- Strings -------------------------------------------------------------- */

/* What does not fit is the given error. */
static int read_narrow(const char *from, char *to, size_t size, int too_long)
{
    int error = program_text_read(from, to, size);

    return error == WSAENAMETOOLONG ? too_long : error;
}

static int read_wide_node(const WCHAR *from, struct address_question *question)
{
    WCHAR node[QUESTION_NODE_SIZE];
    int error = program_text_read_wide(from, node, QUESTION_NODE_SIZE);

    if (error)
        return error == WSAENAMETOOLONG ? WSAHOST_NOT_FOUND : error;
    if ((question->flags & AI_DISABLE_IDN_ENCODING) &&
        !wide_text_is_ascii(node))
        return WSAHOST_NOT_FOUND;
    return wide_text_to_host_name(node, question->node,
                                  sizeof(question->node))
               ? 0
               : WSAHOST_NOT_FOUND;
}

static int read_wide_service(const WCHAR *from,
                             struct address_question *question)
{
    WCHAR service[QUESTION_SERVICE_SIZE];
    int error = program_text_read_wide(from, service, QUESTION_SERVICE_SIZE);

    if (error)
        return error == WSAENAMETOOLONG ? WSATYPE_NOT_FOUND : error;
    return wide_text_to_utf8(service, question->service,
                             sizeof(question->service))
               ? 0
               : WSATYPE_NOT_FOUND;
}

static int read_node(const void *node, struct address_question *question)
{
    return form_is_wide(question->form)
               ? read_wide_node(node, question)
               : read_narrow(node, question->node, sizeof(question->node),
                             WSAHOST_NOT_FOUND);
}

static int read_service(const void *service, struct address_question *question)
{
    return form_is_wide(question->form)
               ? read_wide_service(service, question)
               : read_narrow(service, question->service,
                             sizeof(question->service), WSATYPE_NOT_FOUND);
}

/* --- Questions ------------------------------------------------------------ */

int address_question_read(enum address_list_form form, const void *node,
                          const void *service, const void *hints,
                          struct address_question *ret)
{
    int error = 0;

    ret->form = form;
    ret->flags = ret->type = ret->protocol = 0;
    ret->family = AF_UNSPEC;
    ret->has_node = node != NULL;
    ret->has_service = service != NULL;
    ret->filter = (struct provider_filter){.name_space = NS_ALL};
    if (hints)
        error = read_hints(hints, ret);
    if (!error && node)
        error = read_node(node, ret);
    if (!error && service)
        error = read_service(service, ret);
    if (!error && !node && !service)
        error = WSAHOST_NOT_FOUND;
    return error;
}

/* What the system's resolver says. */
static int ask_system(const struct address_question *question,
                      struct unix_addresses *addresses)
{
    int flags = question->flags;

    if (flags & FLAG_FQDN)
        flags |= AI_CANONNAME;
    return unix_resolve(question->has_node ? question->node : NULL,
                        question->has_service ? question->service : NULL,
                        flags, question->family, question->type,
                        question->protocol, addresses);
}

/* Whether the question is for a name that not the DNS alone may know. */
static BOOL is_for_others(const struct address_question *question)
{
    const char *node = question->node;

    return question->has_node && *node && !(question->flags & AI_NUMERICHOST) &&
           !strchr(node, ':') && node[strspn(node, "0123456789.")] &&
           provider_filter_has_others(&question->filter);
}

/* Network order. */
static int find_port(const struct address_question *question, uint16_t *ret)
{
    struct unix_addresses addresses = {.count = 0};
    int error;

    *ret = 0;
    if (!question->has_service || !*question->service)
        return 0;
    error = unix_resolve(NULL, question->service,
                         question->flags & AI_NUMERICSERV, AF_INET,
                         question->type, question->protocol, &addresses);
    if (error)
        return error;
    memcpy(ret, addresses.items[0].bytes + 2, sizeof(*ret));
    unix_addresses_free(&addresses);
    return 0;
}

/* Adds what installed providers say; error is what the resolver said. */
static int ask_others(const struct address_question *question, int error,
                      struct unix_addresses *addresses)
{
    const uint32_t before = addresses->count;
    struct provider_question asked = {
        .name = question->node,
        .service = question->has_service ? question->service : NULL,
        .family = question->family,
        .type = question->type,
        .protocol = question->protocol,
    };
    const int port_error = find_port(question, &asked.port);
    BOOL was_asked;
    int other_error;

    asked.has_port = !port_error;
    other_error = provider_addresses_add(&question->filter, &asked, addresses,
                                         &was_asked);
    if (!other_error && !was_asked)
        other_error = port_error;
    if (other_error)
        return other_error;
    if (!before && addresses->count &&
        (question->flags & (AI_CANONNAME | FLAG_FQDN)))
        memcpy(addresses->canonical_name, question->node,
               sizeof(question->node));
    return addresses->count ? 0 : error;
}

/* Whether a name may still be known to others. */
static BOOL is_not_found(int error)
{
    return error == WSAHOST_NOT_FOUND || error == WSANO_DATA ||
           error == WSATRY_AGAIN || error == WSANO_RECOVERY;
}

int address_question_ask(const struct address_question *question,
                         void **ret_list)
{
    struct unix_addresses addresses = {.count = 0};
    const BOOL for_others = is_for_others(question);
    int error = WSAHOST_NOT_FOUND;

    if (!for_others || provider_filter_has_dns(&question->filter))
        error = ask_system(question, &addresses);
    if (for_others && (!error || is_not_found(error)))
        error = ask_others(question, error, &addresses);
    if (!error)
        error = list_new(&addresses, question, ret_list);
    unix_addresses_free(&addresses);
    return error;
}
