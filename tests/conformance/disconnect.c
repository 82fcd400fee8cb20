/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What comes with a connect and with its end: user data, which TCP/IP does not
 * carry, and quality of service, of which there is best effort alone.
 */
#include "support/sockets.h"

#include "support/memory.h"

#include <stdio.h>

#ifndef SERVICETYPE_BESTEFFORT
#define SERVICETYPE_BESTEFFORT 1
#endif
#ifndef SERVICETYPE_GUARANTEED
#define SERVICETYPE_GUARANTEED 3
#endif

static void connect_without_data(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();
    WSABUF none = {0, NULL}, callee = {7, NULL};
    QOS qos;

    memset(&qos, 0, sizeof(qos));
    qos.SendingFlowspec.ServiceType = SERVICETYPE_BESTEFFORT;
    CHECK_OK(WSAConnect(s, (struct sockaddr *)&name, sizeof(name), &none,
                        &callee, &qos, NULL));
    CHECK_EQ(callee.len, 0);
    close_socket(s);
    close_socket(listener);
}

static void connect_data_is_refused(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();
    WSABUF data = {4, (char *)"data"};
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    QOS qos;

    memset(&qos, 0, sizeof(qos));
    qos.SendingFlowspec.ServiceType = SERVICETYPE_GUARANTEED;
    EXPECT_ERROR(WSAConnect(s, (struct sockaddr *)&name, sizeof(name), &data,
                            NULL, NULL, NULL),
                 WSAEINVAL);
    EXPECT_ERROR(WSAConnect(s, (struct sockaddr *)&name, sizeof(name), NULL,
                            NULL, &qos, NULL),
                 WSAEOPNOTSUPP);
    EXPECT_ERROR(WSAConnect(s, (struct sockaddr *)&name, sizeof(name),
                            (WSABUF *)bad, NULL, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSAConnect(s, (struct sockaddr *)&name, sizeof(name), NULL,
                            (WSABUF *)bad, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSAConnect(s, (struct sockaddr *)&name, sizeof(name), NULL,
                            NULL, (QOS *)bad, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSAConnect(INVALID_SOCKET, (struct sockaddr *)&name,
                            sizeof(name), &data, NULL, NULL, NULL),
                 WSAENOTSOCK);
    check_quiet(listener); /* none of them has connected */
    close_socket(s);
    close_socket(listener);
    memory_delete(bad, 1);
}

static void receiving_ends(void)
{
    SOCKET client, server;
    WSABUF data = {7, NULL};
    char byte;

    tcp_pair(&client, &server);
    CHECK_OK(WSARecvDisconnect(client, &data));
    CHECK_EQ(data.len, 0);
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAESHUTDOWN);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK_RESULT(recv(server, &byte, 1, 0), 1);
    close_socket(client);
    close_socket(server);
}

static void sending_ends(void)
{
    SOCKET client, server;
    WSABUF data = {4, (char *)"data"};
    char byte;

    tcp_pair(&client, &server);
    CHECK_RESULT(send(server, "y", 1, 0), 1);
    CHECK_OK(WSASendDisconnect(client, &data));
    CHECK_ERROR(send(client, "x", 1, 0), WSAESHUTDOWN);
    check_end(server); /* the data is nowhere */
    CHECK_RESULT(recv(client, &byte, 1, 0), 1);
    close_socket(client);
    close_socket(server);
}

static void ends_are_checked(void)
{
    SOCKET client, server, s = tcp_socket();
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    WSABUF data = {0, NULL};

    tcp_pair(&client, &server);
    EXPECT_ERROR(WSARecvDisconnect(INVALID_SOCKET, &data), WSAENOTSOCK);
    EXPECT_ERROR(WSASendDisconnect(INVALID_SOCKET, &data), WSAENOTSOCK);
    EXPECT_ERROR(WSARecvDisconnect(s, NULL), WSAENOTCONN);
    EXPECT_ERROR(WSASendDisconnect(s, NULL), WSAENOTCONN);
    EXPECT_ERROR(WSARecvDisconnect(client, (WSABUF *)bad), WSAEFAULT);
    EXPECT_ERROR(WSASendDisconnect(client, (WSABUF *)bad), WSAEFAULT);
    check_passes(client, server, "still");
    check_passes(server, client, "good");
    close_socket(client);
    close_socket(server);
    close_socket(s);
    memory_delete(bad, 1);
}

static const struct test_case cases[] = {
    TEST_CASE(connect_without_data, "03 5: WSAConnect's extra arguments"),
    TEST_CASE(connect_data_is_refused, "WSAConnect: WSAEINVAL, WSAEOPNOTSUPP"),
    TEST_CASE(receiving_ends, "WSARecvDisconnect"),
    TEST_CASE(sending_ends, "WSASendDisconnect"),
    TEST_CASE(ends_are_checked, "WSARecvDisconnect, WSASendDisconnect: errors"),
    TEST_END
};
TEST_MAIN("disconnect", cases, NULL)
