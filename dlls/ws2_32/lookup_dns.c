/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The provider of the name space NS_DNS: hosts and services of TCP/IP.
 *
 * What it is asked for is said by the class of the question, as on Windows:
 * the addresses of a host (with the port of a service, when the class is that
 * of one), the name of an address, the own name, a service's port.  A result
 * has it as addresses, and as a blob: a hostent or servent whose pointers are
 * offsets.  The aliases of a host follow as results of their own.
 */
#include "name_spaces.h"

#include "address_text.h"
#include "api.h"
#include "database_entries.h"
#include "lookup_results.h"
#include "query_set.h"
#include "service_classes.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_SIZE = 1026, MAX_ADDRESSES = 64 };

struct question {
    struct service_class class;
    GUID class_id, provider;
    BOOL has_name;
    char name[NAME_SIZE];    /* UTF-8, as the DNS wants it */
    WCHAR asked[NAME_SIZE];  /* as it was asked */
    BOOL inet, inet6;        /* wanted families */
    BOOL tcp, udp;           /* wanted protocols */
    BOOL local;              /* LUP_RES_SERVICE: the answer is the local part */
    BOOL aliases;            /* LUP_RETURN_ALIASES */
};

/* A result in the making, with what it points to. */
struct answer {
    WSAQUERYSETW set;
    WCHAR name[NAME_SIZE];
    BLOB blob;
    CSADDR_INFO addresses[MAX_ADDRESSES];
    struct sockaddr_storage names[MAX_ADDRESSES], none[2];
};

/* --- Answers -------------------------------------------------------------- */

static struct answer *answer_new(struct question *question)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    if (!answer)
        return NULL;
    answer->set.dwSize = sizeof(answer->set);
    answer->set.lpServiceClassId = &question->class_id;
    answer->set.dwNameSpace = NS_DNS;
    answer->set.lpNSProviderId = &question->provider;
    answer->set.lpcsaBuffer = answer->addresses;
    answer->set.lpszQueryString = question->asked;
    answer->none[0].ss_family = AF_INET;
    answer->none[1].ss_family = AF_INET6;
    return answer;
}

static void answer_set_name(struct answer *answer, const char *name)
{
    wide_text_from_utf8(name, answer->name, NAME_SIZE);
    answer->set.lpszServiceInstanceName = answer->name;
}

/* Adds an address for one protocol; what there is no room for is left out. */
static void answer_add(struct answer *answer, const struct question *question,
                       const void *name, int length, BOOL udp)
{
    DWORD i = answer->set.dwNumberOfCsAddrs;
    BOOL inet6 = length == sizeof(SOCKADDR_IN6);
    SOCKET_ADDRESS full, empty;
    CSADDR_INFO *info = &answer->addresses[i];

    if (i == MAX_ADDRESSES)
        return;
    memcpy(&answer->names[i], name, (size_t)length);
    full.lpSockaddr = (SOCKADDR *)&answer->names[i];
    empty.lpSockaddr = (SOCKADDR *)&answer->none[inet6];
    full.iSockaddrLength = empty.iSockaddrLength = length;
    info->LocalAddr = question->local ? full : empty;
    info->RemoteAddr = question->local ? empty : full;
    info->iSocketType = udp ? SOCK_DGRAM : SOCK_STREAM;
    info->iProtocol = udp ? IPPROTO_UDP : IPPROTO_TCP;
    answer->set.dwNumberOfCsAddrs++;
}

static void answer_add_all(struct answer *answer,
                           const struct question *question,
                           const struct unix_addresses *list)
{
    uint32_t i;

    for (i = 0; i < list->count; i++) {
        const struct unix_address *item = &list->items[i];

        if (question->tcp)
            answer_add(answer, question, item->bytes, item->length, FALSE);
        if (question->udp)
            answer_add(answer, question, item->bytes, item->length, TRUE);
    }
}

/* --- Hosts ---------------------------------------------------------------- */

/* The error of a name space for that of the resolver. */
static int error_of_lookup(int error)
{
    return error == WSAHOST_NOT_FOUND ? WSASERVICE_NOT_FOUND : error;
}

/* The hostent as a blob, with offsets.  FALSE: out of memory. */
static BOOL answer_set_host(struct answer *answer,
                            const struct host_answer *host)
{
    size_t size = hostent_write(host, NULL, 0, 0);

    answer->blob.pBlobData = malloc(size);
    if (!answer->blob.pBlobData)
        return FALSE;
    answer->blob.cbSize = (ULONG)size;
    hostent_write(host, answer->blob.pBlobData, size, 0);
    answer->set.lpBlob = &answer->blob;
    answer_set_name(answer, host->name);
    return TRUE;
}

static int add_alias(struct lookup_results *results,
                     const struct answer *answer, const char *alias)
{
    WSAQUERYSETW set = answer->set;
    WCHAR name[NAME_SIZE];

    wide_text_from_utf8(alias, name, NAME_SIZE);
    set.lpszServiceInstanceName = name;
    set.dwOutputFlags = QUERY_RESULT_IS_ALIAS;
    set.dwNumberOfCsAddrs = 0;
    set.lpBlob = NULL;
    return lookup_results_add(results, &set);
}

/* The host's addresses of one family as an answer of the database. */
static int host_of(const struct unix_addresses *list, const char *name,
                   int family, struct host_answer *ret)
{
    const char *canonical = *list->canonical_name ? list->canonical_name : name;
    size_t length = family == AF_INET ? 4 : 16;
    size_t offset = family == AF_INET ? 4 : 8;
    uint32_t i;

    memset(ret, 0, sizeof(*ret));
    snprintf(ret->name, sizeof(ret->name), "%s", canonical);
    if (*name && strcasecmp(name, canonical))
        snprintf(ret->alias, sizeof(ret->alias), "%s", name);
    ret->family = family;
    ret->length = length;
    ret->addresses = malloc(length * list->count + 1);
    if (!ret->addresses)
        return WSA_NOT_ENOUGH_MEMORY;
    for (i = 0; i < list->count; i++)
        if (list->items[i].family == family)
            memcpy(ret->addresses + length * ret->count++,
                   list->items[i].bytes + offset, length);
    return 0;
}

static int add_host(struct lookup_results *results, struct question *question,
                    const struct unix_addresses *list)
{
    struct answer *answer = answer_new(question);
    struct host_answer host = {.addresses = NULL};
    int error = WSA_NOT_ENOUGH_MEMORY;

    if (!answer)
        return error;
    error = host_of(list, question->name,
                    question->inet ? AF_INET : AF_INET6, &host);
    if (!error && !answer_set_host(answer, &host))
        error = WSA_NOT_ENOUGH_MEMORY;
    if (!error) {
        answer_add_all(answer, question, list);
        error = lookup_results_add(results, &answer->set);
    }
    if (!error && *host.alias && question->aliases)
        error = add_alias(results, answer, host.alias);
    host_answer_free(&host);
    free(answer->blob.pBlobData);
    free(answer);
    return error;
}

static int find_host(struct lookup_results *results, struct question *question)
{
    struct unix_addresses list = {.count = 0};
    int family = question->inet == question->inet6 ? AF_UNSPEC
                 : question->inet                  ? AF_INET
                                                   : AF_INET6;
    char port[8];
    int error;

    snprintf(port, sizeof(port), "%d", question->class.port);
    error = unix_resolve(question->name, port, AI_CANONNAME, family, 0, 0,
                         &list);
    if (error)
        return error_of_lookup(error);
    error = add_host(results, question, &list);
    unix_addresses_free(&list);
    return error;
}

/* The host of the address that the name is. */
static int find_host_of_address(struct lookup_results *results,
                                struct question *question)
{
    struct answer *answer;
    struct host_answer host = {.addresses = NULL};
    const char *end;
    BYTE bytes[16];
    int error = WSASERVICE_NOT_FOUND;

    if (inet_text_read_strict(question->name, &end, bytes) && !*end)
        error = host_answer_by_address(bytes, 4, AF_INET, &host);
    else if (inet6_text_read(question->name, &end, bytes) && !*end)
        error = host_answer_by_address(bytes, 16, AF_INET6, &host);
    if (error)
        return error_of_lookup(error);
    answer = answer_new(question);
    error = answer && answer_set_host(answer, &host) ? 0
                                                     : WSA_NOT_ENOUGH_MEMORY;
    if (!error)
        error = lookup_results_add(results, &answer->set);
    host_answer_free(&host);
    if (answer)
        free(answer->blob.pBlobData);
    free(answer);
    return error;
}

static int find_own_name(struct lookup_results *results,
                         struct question *question)
{
    struct answer *answer = answer_new(question);
    char name[NAME_SIZE];
    int error;

    if (!answer)
        return WSA_NOT_ENOUGH_MEMORY;
    error = unix_host_name(name, sizeof(name));
    if (!error) {
        answer_set_name(answer, name);
        error = lookup_results_add(results, &answer->set);
    }
    free(answer);
    return error;
}

/* --- Services ------------------------------------------------------------- */

/* "name", "name/protocol", with a number for the name as well. */
static int read_service(char *name, struct unix_database_entry *ret)
{
    char *protocol = strchr(name, '/');
    BOOL number = *name && strspn(name, "0123456789") ==
                               (protocol ? (size_t)(protocol - name)
                                         : strlen(name));

    if (protocol)
        *protocol++ = '\0';
    return unix_find_service(number ? NULL : name, number ? atoi(name) : 0,
                             protocol && *protocol ? protocol : NULL, ret);
}

static int find_service(struct lookup_results *results,
                        struct question *question)
{
    struct unix_database_entry entry;
    SOCKADDR_IN name = {.sin_family = AF_INET};
    struct answer *answer;
    char text[NAME_SIZE];
    int error;

    memcpy(text, question->name, sizeof(text));
    if (read_service(text, &entry))
        return WSASERVICE_NOT_FOUND;
    answer = answer_new(question);
    if (!answer)
        return WSA_NOT_ENOUGH_MEMORY;
    answer->blob.cbSize = (ULONG)servent_write(&entry, NULL, 0, 0);
    answer->blob.pBlobData = malloc(answer->blob.cbSize);
    error = answer->blob.pBlobData ? 0 : WSA_NOT_ENOUGH_MEMORY;
    if (!error) {
        servent_write(&entry, answer->blob.pBlobData, answer->blob.cbSize, 0);
        answer->set.lpBlob = &answer->blob;
        answer_set_name(answer, entry.name);
        name.sin_port = __builtin_bswap16((uint16_t)entry.number);
        answer_add(answer, question, &name, sizeof(name),
                   !strcasecmp(entry.protocol, "udp"));
        error = lookup_results_add(results, &answer->set);
    }
    free(answer->blob.pBlobData);
    free(answer);
    return error;
}

/* --- Questions ------------------------------------------------------------ */

static int fill(struct lookup_results *results, void *argument)
{
    struct question *question = argument;

    switch (question->class.kind) {
    case SERVICE_CLASS_HOST_NAME:
        if (!question->has_name)
            return find_own_name(results, question);
        return find_host(results, question);
    case SERVICE_CLASS_HOST_BY_ADDRESS:
        return find_host_of_address(results, question);
    case SERVICE_CLASS_SERVICE_BY_NAME:
        return find_service(results, question);
    default:
        return find_host(results, question);
    }
}

/* Which families and protocols are wanted: those of the list, or of the
   class.  WSASERVICE_NOT_FOUND: none that TCP/IP has. */
static int read_protocols(const WSAQUERYSETW *set, struct question *question)
{
    BOOL any_family = FALSE, any_protocol = FALSE;
    DWORD i;

    for (i = 0; i < set->dwNumberOfProtocols; i++) {
        const AFPROTOCOLS *wanted = &set->lpafpProtocols[i];

        if (wanted->iAddressFamily == AF_UNSPEC)
            any_family = TRUE;
        question->inet |= wanted->iAddressFamily == AF_INET;
        question->inet6 |= wanted->iAddressFamily == AF_INET6;
        if (!wanted->iProtocol)
            any_protocol = TRUE;
        question->tcp |= wanted->iProtocol == IPPROTO_TCP;
        question->udp |= wanted->iProtocol == IPPROTO_UDP;
    }
    if (!i || any_family) {
        question->inet = question->class.kind != SERVICE_CLASS_INET6_HOST;
        question->inet6 = any_family ||
                          question->class.kind == SERVICE_CLASS_INET6_HOST;
    }
    if (!i || any_protocol) {
        question->tcp = question->class.protocol != IPPROTO_UDP;
        question->udp = question->class.protocol == IPPROTO_UDP;
    }
    return (question->inet || question->inet6) &&
                   (question->tcp || question->udp)
               ? 0
               : WSASERVICE_NOT_FOUND;
}

static int read_question(const WSAQUERYSETW *set, DWORD flags,
                         struct question *question)
{
    const WCHAR *name = set->lpszServiceInstanceName;
    size_t i;

    if (flags & QUERY_CONTAINERS)
        return WSANO_DATA;
    if (!set->lpServiceClassId)
        return WSAEINVAL;
    if (!service_class_read(set->lpServiceClassId, &question->class))
        return WSASERVICE_NOT_FOUND;
    question->class_id = *set->lpServiceClassId;
    question->local = !!(flags & QUERY_RES_SERVICE);
    question->aliases = !!(flags & LUP_RETURN_ALIASES);
    question->has_name = name != NULL;
    for (i = 0; name && name[i] && i < NAME_SIZE - 1; i++)
        question->asked[i] = name[i];
    if (name && !wide_text_to_host_name(name, question->name, NAME_SIZE))
        return WSASERVICE_NOT_FOUND;
    if (question->class.kind == SERVICE_CLASS_SERVICE_BY_NAME && !name)
        return WSAEINVAL;
    return read_protocols(set, question);
}

static INT WSPAPI lookup_begin(LPGUID provider, LPWSAQUERYSETW restrictions,
                               LPWSASERVICECLASSINFOW class, DWORD flags,
                               LPHANDLE ret_lookup)
{
    struct question *question = calloc(1, sizeof(*question));
    int error;

    (void)class;
    if (!question)
        return api_failure(WSA_NOT_ENOUGH_MEMORY);
    question->provider = *provider;
    error = read_question(restrictions, flags, question);
    if (error) {
        free(question);
        return api_failure(error);
    }
    error = lookup_results_begin(flags, fill, question, ret_lookup);
    return error ? api_failure(error) : 0;
}

/* --- The provider's routines ---------------------------------------------- */

static INT WSPAPI install_class(LPGUID provider, LPWSASERVICECLASSINFOW class)
{
    (void)provider;
    return service_class_keep(class);
}

static INT WSPAPI remove_class(LPGUID provider, LPGUID class)
{
    (void)provider;
    return service_class_forget(class);
}

static INT WSPAPI get_class(LPGUID provider, LPDWORD length,
                            LPWSASERVICECLASSINFOW class)
{
    (void)provider;
    return service_class_info(length, class);
}

INT WSPAPI name_space_dns_startup(LPGUID provider, LPNSP_ROUTINE routines)
{
    (void)provider;
    name_space_fill_routines(routines);
    routines->NSPLookupServiceBegin = lookup_begin;
    routines->NSPInstallServiceClass = install_class;
    routines->NSPRemoveServiceClass = remove_class;
    routines->NSPGetServiceClassInfo = get_class;
    return 0;
}
