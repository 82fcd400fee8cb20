/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ws2provider: installs layered providers, removes them, lists the catalog.
 *
 * A plain Winsock program: natively it changes the user's catalog, under Wine
 * the prefix's, or in both the file that WS2EMU_CATALOG names.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PROTOCOLS = 64 };

static const char usage[] =
    "usage: ws2provider list\n"
    "       ws2provider install [OPTION...] GUID NAME LIBRARY\n"
    "       ws2provider remove GUID\n"
    "\n"
    "install puts a layered provider on top of the protocols.\n"
    "  --ifs               its sockets are the kernel's (for who only looks on)\n"
    "  --over PROTOCOL     tcp, udp, tcp6, udp6; more than once; default: all\n"
    "                      that programs can use now, with their layers\n"
    "  --categories BITS   what it does (LSP_*)\n"
    "GUID: 01234567-89ab-cdef-0123-456789abcdef\n"
    "LIBRARY: the full path of the shared object or DLL\n"
    "\n"
    "Programs see a change when they start.\n";

static int fail(const char *what, int error)
{
    fprintf(stderr, "ws2provider: %s: error %d%s\n", what, error,
            error == WSANO_RECOVERY
                ? " (installed already, or the catalog cannot be written)"
            : error == WSAEINVAL ? " (no such provider, or bad arguments)"
                                 : "");
    return 1;
}

static int parse_guid(const char *text, GUID *ret)
{
    unsigned parts[8], a, b, c;
    int i, end = 0;

    if (sscanf(text, "%8x-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x%n", &a, &b, &c,
               &parts[0], &parts[1], &parts[2], &parts[3], &parts[4],
               &parts[5], &parts[6], &parts[7], &end) != 11 ||
        text[end])
        return 0;
    ret->Data1 = a;
    ret->Data2 = (unsigned short)b;
    ret->Data3 = (unsigned short)c;
    for (i = 0; i < 8; i++)
        ret->Data4[i] = (unsigned char)parts[i];
    return 1;
}

/* UTF-8, of which only ASCII is taken. */
static int widen(const char *text, WCHAR *to, size_t room)
{
    size_t i;

    for (i = 0; i < room; i++) {
        if ((unsigned char)text[i] > 0x7f)
            return 0;
        to[i] = (WCHAR)text[i];
        if (!text[i])
            return i > 0;
    }
    return 0;
}

static void print_text(const WCHAR *text)
{
    for (; *text; text++)
        putchar(*text < 0x80 ? (int)*text : '?');
}

static void print_entry(const WSAPROTOCOL_INFOW *entry)
{
    const GUID *id = &entry->ProviderId;
    const WSAPROTOCOLCHAIN *chain = &entry->ProtocolChain;
    WCHAR path[MAX_PATH] = {0};
    INT length = MAX_PATH, error;
    GUID copy = *id;
    int i;

    printf("%u\t%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x\t",
           (unsigned)entry->dwCatalogEntryId, (unsigned)id->Data1, id->Data2,
           id->Data3, id->Data4[0], id->Data4[1], id->Data4[2], id->Data4[3],
           id->Data4[4], id->Data4[5], id->Data4[6], id->Data4[7]);
    print_text(entry->szProtocol);
    printf("\t%s",
           chain->ChainLen == LAYERED_PROTOCOL ? "layer"
           : chain->ChainLen == BASE_PROTOCOL  ? "base"
                                               : "chain");
    for (i = 0; chain->ChainLen > 1 && i < chain->ChainLen; i++)
        printf("%c%u", i ? ',' : ' ', (unsigned)chain->ChainEntries[i]);
    printf("\t");
    if (!WSCGetProviderPath(&copy, path, &length, &error))
        print_text(path);
    putchar('\n');
}

static int list(void)
{
    WSAPROTOCOL_INFOW *entries = NULL;
    DWORD size = 0;
    int i, n, error;

    while ((n = WSCEnumProtocols(NULL, entries, &size, &error)) < 0) {
        free(entries);
        if (error != WSAENOBUFS || (entries = malloc(size)) == NULL)
            return fail("the catalog cannot be read", error);
    }
    for (i = 0; i < n; i++)
        print_entry(&entries[i]);
    free(entries);
    return 0;
}

/* The base protocols that are shown to programs; returns how many. */
static DWORD all_protocols(WSAPROTOCOL_INFOW *ret)
{
    WSAPROTOCOL_INFOW *entries = NULL;
    DWORD size = 0, count = 0;
    int i, n, error;

    while ((n = WSCEnumProtocols(NULL, entries, &size, &error)) < 0) {
        free(entries);
        if (error != WSAENOBUFS || (entries = malloc(size)) == NULL)
            return 0;
    }
    for (i = 0; i < n && count < MAX_PROTOCOLS; i++)
        if (entries[i].ProtocolChain.ChainLen == BASE_PROTOCOL &&
            !(entries[i].dwProviderFlags & PFL_HIDDEN))
            ret[count++] = entries[i];
    free(entries);
    return count;
}

static int parse_protocol(const char *name, WSAPROTOCOL_INFOW *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->iAddressFamily = strchr(name, '6') ? AF_INET6 : AF_INET;
    if (!strcmp(name, "tcp") || !strcmp(name, "tcp6")) {
        ret->iSocketType = SOCK_STREAM;
        ret->iProtocol = IPPROTO_TCP;
    } else if (!strcmp(name, "udp") || !strcmp(name, "udp6")) {
        ret->iSocketType = SOCK_DGRAM;
        ret->iProtocol = IPPROTO_UDP;
    } else {
        return 0;
    }
    return 1;
}

static int install(char **arguments)
{
    WSAPROTOCOL_INFOW protocols[MAX_PROTOCOLS];
    WCHAR name[WSAPROTOCOL_LEN + 1], path[MAX_PATH];
    DWORD n = 0, flags = 0, categories = 0, id = 0;
    GUID provider;
    int error = 0;

    for (; *arguments && !strncmp(*arguments, "--", 2); arguments++) {
        if (!strcmp(*arguments, "--ifs"))
            flags = XP1_IFS_HANDLES;
        else if (!strcmp(*arguments, "--over") && arguments[1] &&
                 n < MAX_PROTOCOLS &&
                 parse_protocol(arguments[1], &protocols[n]))
            n++, arguments++;
        else if (!strcmp(*arguments, "--categories") && arguments[1])
            categories = (DWORD)strtoul(*++arguments, NULL, 0);
        else
            goto bad;
    }
    if (!arguments[0] || !arguments[1] || !arguments[2] || arguments[3] ||
        !parse_guid(arguments[0], &provider) ||
        !widen(arguments[1], name, WSAPROTOCOL_LEN + 1) ||
        !widen(arguments[2], path, MAX_PATH))
        goto bad;
    if (n == 0)
        n = all_protocols(protocols);
    if (WSCInstallProviderAndChains64_32(&provider, path, path, name, flags,
                                         protocols, n, &id, &error))
        return fail("cannot be installed", error);
    if (categories &&
        WSCSetProviderInfo(&provider, ProviderInfoLspCategories,
                           (PBYTE)&categories, sizeof(categories), 0, &error))
        return fail("its categories cannot be set", error);
    printf("%u\n", (unsigned)id);
    return 0;
bad:
    fputs(usage, stderr);
    return 2;
}

static int remove_provider(const char *text)
{
    GUID provider;
    int error = 0;

    if (!text || !parse_guid(text, &provider)) {
        fputs(usage, stderr);
        return 2;
    }
    if (WSCDeinstallProvider(&provider, &error))
        return fail("cannot be removed", error);
    /* It may never have been there. */
    WSCDeinstallProvider32(&provider, &error);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "list"))
        return list();
    if (argc > 2 && !strcmp(argv[1], "install"))
        return install(argv + 2);
    if (argc == 3 && !strcmp(argv[1], "remove"))
        return remove_provider(argv[2]);
    fputs(usage, argc == 2 && !strcmp(argv[1], "--help") ? stdout : stderr);
    return 2;
}
