/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Services and protocols: the tables behind getservbyname, getprotobyname and
 * their kin.
 *
 * Services come from the system's database; where it has none (a container
 * without /etc/services), a short built-in table serves the names that
 * programs ask for.  Protocols are always those of Windows' own table, which
 * programs know by its exact names and aliases.
 */
#include "boundary.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct protocol {
    int number;
    const char *name;
    const char *alias;
};

/* Windows' %SystemRoot%\system32\drivers\etc\protocol. */
static const struct protocol protocols[] = {
    {0, "ip", "IP"},
    {1, "icmp", "ICMP"},
    {3, "ggp", "GGP"},
    {6, "tcp", "TCP"},
    {8, "egp", "EGP"},
    {12, "pup", "PUP"},
    {17, "udp", "UDP"},
    {20, "hmp", "HMP"},
    {22, "xns-idp", "XNS-IDP"},
    {27, "rdp", "RDP"},
    {41, "ipv6", "IPv6"},
    {43, "ipv6-route", "IPv6-Route"},
    {44, "ipv6-frag", "IPv6-Frag"},
    {50, "esp", "ESP"},
    {51, "ah", "AH"},
    {58, "ipv6-icmp", "IPv6-ICMP"},
    {59, "ipv6-nonxt", "IPv6-NoNxt"},
    {60, "ipv6-opts", "IPv6-Opts"},
    {66, "rvd", "RVD"},
};

struct service {
    int port;
    const char *protocol;
    const char *name;
    const char *alias; /* NULL: none */
};

static const struct service services[] = {
    {7, "tcp", "echo", NULL},
    {7, "udp", "echo", NULL},
    {9, "tcp", "discard", "sink"},
    {9, "udp", "discard", "sink"},
    {13, "tcp", "daytime", NULL},
    {13, "udp", "daytime", NULL},
    {20, "tcp", "ftp-data", NULL},
    {21, "tcp", "ftp", NULL},
    {22, "tcp", "ssh", NULL},
    {23, "tcp", "telnet", NULL},
    {25, "tcp", "smtp", "mail"},
    {37, "tcp", "time", "timserver"},
    {37, "udp", "time", "timserver"},
    {53, "tcp", "domain", NULL},
    {53, "udp", "domain", NULL},
    {69, "udp", "tftp", NULL},
    {79, "tcp", "finger", NULL},
    {80, "tcp", "http", "www"},
    {88, "tcp", "kerberos", "krb5"},
    {88, "udp", "kerberos", "krb5"},
    {110, "tcp", "pop3", NULL},
    {119, "tcp", "nntp", NULL},
    {123, "udp", "ntp", NULL},
    {135, "tcp", "epmap", "loc-srv"},
    {137, "udp", "netbios-ns", NULL},
    {138, "udp", "netbios-dgm", NULL},
    {139, "tcp", "netbios-ssn", NULL},
    {143, "tcp", "imap", "imap2"},
    {161, "udp", "snmp", NULL},
    {389, "tcp", "ldap", NULL},
    {443, "tcp", "https", NULL},
    {443, "udp", "https", NULL},
    {445, "tcp", "microsoft-ds", NULL},
    {445, "udp", "microsoft-ds", NULL},
    {514, "udp", "syslog", NULL},
    {993, "tcp", "imaps", NULL},
    {995, "tcp", "pop3s", NULL},
    {1433, "tcp", "ms-sql-s", NULL},
    {3389, "tcp", "ms-wbt-server", NULL},
};

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Copies as much as fits.  Returns the bytes used, with the NUL; 0: too long,
   nothing was written. */
static size_t copy_text(char *to, size_t size, const char *from)
{
    size_t length = strlen(from) + 1;

    if (length > size)
        return 0;
    memcpy(to, from, length);
    return length;
}

/* Aliases that do not fit any more are left out. */
static void copy_aliases(struct unix_database_entry *ret, char *const *aliases)
{
    /* The list ends with an empty string of its own. */
    size_t used = 0, room = sizeof(ret->aliases) - 1;

    for (; *aliases; aliases++)
        if (**aliases)
            used += copy_text(ret->aliases + used, room - used, *aliases);
    ret->aliases[used] = '\0';
}

static int entry_fill(struct unix_database_entry *ret, const char *name,
                      char *const *aliases, int number, const char *protocol)
{
    memset(ret, 0, sizeof(*ret));
    if (!copy_text(ret->name, sizeof(ret->name), name) ||
        !copy_text(ret->protocol, sizeof(ret->protocol), protocol))
        return WS2_NO_RECOVERY;
    copy_aliases(ret, aliases);
    ret->number = number;
    return 0;
}

/* --- Services ------------------------------------------------------------- */

static int find_system_service(const char *name, int port, const char *protocol,
                               struct unix_database_entry *ret)
{
    struct servent entry, *found = NULL;
    size_t size = 1024;
    char *buffer = NULL, *larger;
    int error;

    do {
        larger = realloc(buffer, size *= 2);
        if (!larger) {
            error = ENOMEM;
            break;
        }
        buffer = larger;
        error = name ? getservbyname_r(name, protocol, &entry, buffer, size,
                                       &found)
                     : getservbyport_r(htons((uint16_t)port), protocol, &entry,
                                       buffer, size, &found);
    } while (error == ERANGE && size < 65536);

    if (error == ENOMEM)
        error = WS2_ENOBUFS;
    else if (found)
        error = entry_fill(ret, found->s_name, found->s_aliases,
                           ntohs((uint16_t)found->s_port), found->s_proto);
    else
        error = WS2_NO_DATA;
    free(buffer);
    return error;
}

static int service_matches(const struct service *service, const char *name,
                           int port, const char *protocol)
{
    if (protocol && strcmp(protocol, service->protocol))
        return 0;
    if (!name)
        return port == service->port;
    return !strcmp(name, service->name) ||
           (service->alias && !strcmp(name, service->alias));
}

static int find_builtin_service(const char *name, int port,
                                const char *protocol,
                                struct unix_database_entry *ret)
{
    size_t i;

    for (i = 0; i < N_ELEMENTS(services); i++) {
        if (service_matches(&services[i], name, port, protocol)) {
            char *aliases[] = {(char *)services[i].alias, NULL};

            return entry_fill(ret, services[i].name, aliases, services[i].port,
                              services[i].protocol);
        }
    }
    return WS2_NO_DATA;
}

static int find_service(const char *name, int port, const char *protocol,
                        struct unix_database_entry *ret)
{
    int error = find_system_service(name, port, protocol, ret);

    if (error == WS2_NO_DATA)
        error = find_builtin_service(name, port, protocol, ret);
    return error;
}

static void lower_case(char *to, size_t size, const char *from)
{
    size_t i;

    for (i = 0; i < size - 1 && from[i]; i++)
        to[i] = (char)tolower((unsigned char)from[i]);
    to[i] = '\0';
}

/* Windows compares without case, the system's database with it. */
int unix_find_service(const char *name, int port, const char *protocol,
                      struct unix_database_entry *ret)
{
    char lower_name[sizeof(ret->name)], lower_protocol[sizeof(ret->protocol)];
    int error;

    if (name && strlen(name) >= sizeof(lower_name))
        return WS2_NO_DATA;
    if (protocol && strlen(protocol) >= sizeof(lower_protocol))
        return WS2_NO_DATA;
    if (!name && (port < 0 || port > 65535))
        return WS2_NO_DATA;

    if (protocol) {
        lower_case(lower_protocol, sizeof(lower_protocol), protocol);
        protocol = lower_protocol;
    }
    error = find_service(name, port, protocol, ret);
    if (error == WS2_NO_DATA && name) {
        lower_case(lower_name, sizeof(lower_name), name);
        error = find_service(lower_name, port, protocol, ret);
    }
    return error;
}

/* --- Protocols ------------------------------------------------------------ */

/* The aliases differ from the names only by case. */
int unix_find_protocol(const char *name, int number,
                       struct unix_database_entry *ret)
{
    size_t i;

    for (i = 0; i < N_ELEMENTS(protocols); i++) {
        if (name ? !strcasecmp(name, protocols[i].name)
                 : number == protocols[i].number) {
            char *aliases[] = {(char *)protocols[i].alias, NULL};

            return entry_fill(ret, protocols[i].name, aliases,
                              protocols[i].number, "");
        }
    }
    return WS2_NO_DATA;
}
