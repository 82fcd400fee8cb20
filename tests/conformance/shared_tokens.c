/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shared sockets: the struct that WSADuplicateSocket returns, how it is opened,
 * and the tokens in it that are good for nothing.
 *
 * Specification 01, sections 2.2 and 3.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <stdlib.h>

static const DWORD overlapped = WSA_FLAG_OVERLAPPED;

/* --- Tokens that are not good --------------------------------------------- */

static void token_used_twice(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    tcp_pair(&client, &server);
    duplicate(client, test_process_id(), &info);
    SOCKET second = open_duplicate(&info);
    EXPECT_ERROR(WSASocketW(-1, -1, -1, &info, 0, overlapped), WSAEINVAL);
    EXPECT_ERROR(WSASocketW(0, 0, 0, &info, 0, overlapped), WSAEINVAL);
    check_passes(second, server, "unharmed");
    close_socket(second);
    check_passes(client, server, "unharmed, too");
    close_socket(client);
    check_end(server);
    close_socket(server);
}

static void token_of_another_process(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    tcp_pair(&client, &server);
    struct peer *b = remote_start(), *c = remote_start();
    duplicate(client, peer_pid(b), &info);
    CHECK_ERROR(remote_open(c, &info, overlapped), WSAEINVAL);
    CHECK_ERROR(WSASocketW(-1, -1, -1, &info, 0, overlapped), WSAEINVAL);
    /* It is still good where it was made for. */
    SOCKET in_b = CHECK_SOCKET(remote_open(b, &info, overlapped));
    remote_check_passes(b, in_b, server, "x");
    check_passes(client, server, "unharmed");
    remote_end(b);
    remote_end(c);
    close_socket(client);
    check_end(server);
    close_socket(server);
}

static void token_forged(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info, forged;
    tcp_pair(&client, &server);
    duplicate(client, test_process_id(), &info);
    DWORD token = info.dwProviderReserved;
    const DWORD guesses[] = { token + 1,    token - 1, token ^ 0x80000000,
                              token << 8,   token >> 8, token & 0xffff,
                              0xffffffff,   ~token };
    for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
        if (guesses[i] == 0 || guesses[i] == token) continue;
        forged = info;
        forged.dwProviderReserved = guesses[i];
        WSASetLastError(0);
        SOCKET s = WSASocketW(-1, -1, -1, &forged, 0, overlapped);
        EXPECT_THAT(s == INVALID_SOCKET && WSAGetLastError() == WSAEINVAL,
                    "the guess 0x%x for 0x%x gave 0x%llx, %s",
                    (unsigned)guesses[i], (unsigned)token,
                    (unsigned long long)s, error_name(WSAGetLastError()));
        if (s != INVALID_SOCKET) closesocket(s);
    }
    SOCKET second = open_duplicate(&info);
    check_passes(second, server, "unharmed");
    close_socket(second);
    close_socket(client);
    check_end(server);
    close_socket(server);
}

static void info_incomplete(void)
{
    WSAPROTOCOL_INFOW info, altered;
    SOCKET client, server;
    tcp_pair(&client, &server);
    duplicate(client, test_process_id(), &info);

    altered = info; /* of no provider */
    altered.dwCatalogEntryId = 0x7fffffff;
    memset(&altered.ProviderId, 0x55, sizeof(altered.ProviderId));
    EXPECT_ERROR(WSASocketW(-1, -1, -1, &altered, 0, overlapped), WSAEINVAL);
    altered = info; /* cut off */
    memset((char *)&altered + offsetof(WSAPROTOCOL_INFOW, ProviderId), 0,
           sizeof(altered) - offsetof(WSAPROTOCOL_INFOW, ProviderId));
    EXPECT_ERROR(WSASocketW(-1, -1, -1, &altered, 0, overlapped), WSAEINVAL);
    memset(&altered, 0, sizeof(altered));
    EXPECT_ERROR(WSASocketW(-1, -1, -1, &altered, 0, overlapped), WSAEINVAL);

    SOCKET second = open_duplicate(&info);
    check_passes(second, server, "unharmed");
    close_socket(second);
    close_socket(client);
    close_socket(server);
}

static void info_unreadable(void)
{
    EXPECT_ERROR(WSASocketW(-1, -1, -1, (WSAPROTOCOL_INFOW *)8, 0, overlapped),
                 WSAEFAULT);
    EXPECT_ERROR(WSASocketA(-1, -1, -1, (WSAPROTOCOL_INFOA *)8, 0, overlapped),
                 WSAEFAULT);
}

/* --- The info itself ------------------------------------------------------ */

static int find_catalog_entry(int family, int type, WSAPROTOCOL_INFOW *ret)
{
    static WSAPROTOCOL_INFOW entries[64];
    DWORD size = sizeof(entries);
    int n = WSAEnumProtocolsW(NULL, entries, &size);
    CHECK_THAT(n > 0, "WSAEnumProtocols failed with %s",
               error_name(WSAGetLastError()));
    for (int i = 0; i < n; i++) {
        if (entries[i].iAddressFamily != family ||
            entries[i].iSocketType != type)
            continue;
        *ret = entries[i];
        return 1;
    }
    return 0;
}

static void catalog_entry_makes_a_new_socket(void)
{
    WSAPROTOCOL_INFOW entry, info;
    CHECK(find_catalog_entry(AF_INET, SOCK_STREAM, &entry));
    CHECK_EQ(entry.dwProviderReserved, 0);
    SOCKET first = open_duplicate(&entry), second = open_duplicate(&entry);
    CHECK(first != second);
    struct sockaddr_in name = loopback(0);
    CHECK_OK(bind(first, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(bind(second, (struct sockaddr *)&name, sizeof(name)));
    CHECK(local_name(first).sin_port != local_name(second).sin_port);

    /* SO_PROTOCOL_INFO of a socket is a plain entry, too. */
    int length = sizeof(info);
    CHECK_OK(getsockopt(first, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info,
                        &length));
    CHECK_EQ(info.dwProviderReserved, 0);
    SOCKET third = open_duplicate(&info);
    CHECK_OK(bind(third, (struct sockaddr *)&name, sizeof(name)));
    close_socket(first);
    close_socket(second);
    close_socket(third);
}

static void check_info_of(int family, int type, int given_protocol,
                          int protocol)
{
    WSAPROTOCOL_INFOW entry, wide;
    WSAPROTOCOL_INFOA narrow;
    SOCKET s = CHECK_SOCKET(socket(family, type, given_protocol));
    CHECK(find_catalog_entry(family, type, &entry));
    duplicate(s, test_process_id(), &wide);
    CHECK_EQ(wide.iAddressFamily, family);
    CHECK_EQ(wide.iSocketType, type);
    CHECK_EQ(wide.iProtocol, protocol);
    CHECK(wide.dwProviderReserved != 0);
    CHECK_EQ(wide.dwCatalogEntryId, entry.dwCatalogEntryId);
    CHECK_MEMORY(&wide.ProviderId, &entry.ProviderId, sizeof(GUID));
    CHECK_EQ(wide.dwServiceFlags1, entry.dwServiceFlags1);
    CHECK_EQ(wide.iVersion, entry.iVersion);
    CHECK_EQ(wide.iMaxSockAddr, entry.iMaxSockAddr);
    CHECK_EQ(wide.ProtocolChain.ChainLen, entry.ProtocolChain.ChainLen);
    CHECK_MEMORY(wide.szProtocol, entry.szProtocol, 2);

    CHECK_OK(WSADuplicateSocketA(s, test_process_id(), &narrow));
    CHECK(narrow.dwProviderReserved != 0);
    CHECK(narrow.dwProviderReserved != wide.dwProviderReserved);
    wide.dwProviderReserved = narrow.dwProviderReserved;
    CHECK_MEMORY(&narrow, &wide, offsetof(WSAPROTOCOL_INFOA, szProtocol));
    for (int i = 0; i == 0 || narrow.szProtocol[i - 1]; i++)
        CHECK_EQ(narrow.szProtocol[i], entry.szProtocol[i]);
    close_socket(CHECK_SOCKET(WSASocketA(0, 0, 0, &narrow, 0, overlapped)));
    close_socket(s);
}

static void info_of_each_kind(void)
{
    CHECK_EQ(sizeof(WSAPROTOCOL_INFOA), 372);
    CHECK_EQ(sizeof(WSAPROTOCOL_INFOW), 628);
    CHECK_EQ(offsetof(WSAPROTOCOL_INFOA, szProtocol),
             offsetof(WSAPROTOCOL_INFOW, szProtocol));
    check_info_of(AF_INET, SOCK_STREAM, IPPROTO_TCP, IPPROTO_TCP);
    check_info_of(AF_INET, SOCK_STREAM, 0, IPPROTO_TCP);
    check_info_of(AF_INET, SOCK_DGRAM, IPPROTO_UDP, IPPROTO_UDP);
    check_info_of(AF_INET, SOCK_DGRAM, 0, IPPROTO_UDP);
    check_info_of(AF_INET6, SOCK_STREAM, 0, IPPROTO_TCP);
    check_info_of(AF_INET6, SOCK_DGRAM, 0, IPPROTO_UDP);
}

static void narrow_info(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOA info;
    tcp_pair(&client, &server);
    CHECK_OK(WSADuplicateSocketA(client, test_process_id(), &info));
    SOCKET second = CHECK_SOCKET(WSASocketA(-1, -1, -1, &info, 0, overlapped));
    EXPECT_ERROR(WSASocketA(-1, -1, -1, &info, 0, overlapped), WSAEINVAL);
    check_passes(second, server, "narrow");
    close_socket(second);
    close_socket(client);
    close_socket(server);
}

static void forms_of_the_open(void)
{
    static const int forms[][3] = {
        { 0, 0, 0 },
        { FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO },
        { AF_INET, SOCK_STREAM, IPPROTO_TCP },
    };
    SOCKET client, server;
    tcp_pair(&client, &server);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        WSAPROTOCOL_INFOW info;
        duplicate(client, test_process_id(), &info);
        SOCKET s = CHECK_SOCKET(WSASocketW(forms[i][0], forms[i][1],
                                           forms[i][2], &info, 0, overlapped));
        check_passes(s, server, "form");
        close_socket(s);
    }
    close_socket(client);
    close_socket(server);
}

static const struct test_case cases[] = {
    TEST_CASE(token_used_twice, "01 3: one-time use; reuse is WSAEINVAL"),
    TEST_CASE(token_of_another_process,
              "01 3: good in the named process only; WSAEINVAL elsewhere"),
    TEST_CASE(token_forged, "01 3: a tampered token is WSAEINVAL"),
    TEST_CASE(info_incomplete, "01 3: zeroed or incomplete info is WSAEINVAL"),
    TEST_CASE(info_unreadable, "01 3: an unreadable pointer is WSAEFAULT"),
    TEST_CASE(catalog_entry_makes_a_new_socket,
              "01 3: a plain catalog entry makes a fresh socket"),
    TEST_CASE(info_of_each_kind, "01 2.2: fields of the returned struct"),
    TEST_CASE(narrow_info, "01 2: the A form"),
    TEST_CASE(forms_of_the_open, "01 3: 0, -1 or equal values"),
    TEST_END
};

TEST_MAIN("shared_tokens", cases, NULL)
