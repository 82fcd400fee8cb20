/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The entries of WSPPROC_TABLE for sockets, connections and data, called as a
 * DLL calls the base provider: what each does, and its documented errors.  The
 * other entries are spi_controls.c's.
 *
 * Specification 05, sections 1 and 2, and Microsoft's page of each function:
 * an error comes through lpErrno and is not the last error; success leaves
 * *lpErrno alone.  Wine's builtin ws2_32 has no provider, so all is skipped
 * there.
 */
#include "support/spi.h"

static struct sockaddr *const no_name;

static int call_send_text(SOCKET s, const char *text, DWORD *sent)
{
    WSABUF buffer = { (u_long)strlen(text), (char *)text };
    return SPI(Send)(s, &buffer, 1, sent, 0, NULL, NULL, NULL, &spi_error);
}

/* --- WSPSocket, WSPCloseSocket, WSPDuplicateSocket ------------------------ */

static void sockets_are_made_and_closed(void)
{
    spi_load();
    SOCKET s = spi_socket(&spi_tcp);
    DONE(SPI(CloseSocket)(s, &spi_error));
    FAILS(SPI(CloseSocket)(s, &spi_error), WSAENOTSOCK);
    FAILS(SPI(CloseSocket)(INVALID_SOCKET, &spi_error), WSAENOTSOCK);
    FAILS(SPI(Socket)(999, SOCK_STREAM, 0, NULL, 0, 0, &spi_error),
          WSAEAFNOSUPPORT);
    FAILS(SPI(Socket)(AF_INET, 77, 0, NULL, 0, 0, &spi_error),
          WSAESOCKTNOSUPPORT);
    FAILS(SPI(Socket)(AF_INET, SOCK_STREAM, 77, NULL, 0, 0, &spi_error),
          WSAEPROTONOSUPPORT);
    FAILS(SPI(Socket)(AF_INET, SOCK_STREAM, 0, NULL, 0, 0x8000, &spi_error),
          WSAEINVAL);
    spi_unload();
}

static void duplicates(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    spi_load();
    spi_pair(&client, &server);
    DONE(SPI(DuplicateSocket)(client, test_process_id(), &info, &spi_error));
    CHECK(info.dwProviderReserved != 0);
    SOCKET second = spi_socket(&info);
    spi_close(client);
    spi_send(second, "by the duplicate");
    spi_receives(server, "by the duplicate");
    FAILS(SPI(DuplicateSocket)(second, 0, &info, &spi_error), WSAEINVAL);
    FAILS(SPI(DuplicateSocket)(second, test_process_id(), NULL, &spi_error),
          WSAEFAULT);
    spi_close(second);
    FAILS(SPI(DuplicateSocket)(second, test_process_id(), &info, &spi_error),
          WSAENOTSOCK);
    spi_close(server);
    spi_unload();
}

/* --- WSPBind, WSPGetSockName, WSPGetPeerName ------------------------------ */

static void names(void)
{
    SOCKET client, server;
    struct sockaddr_in here = loopback(0), there;
    struct sockaddr *name = (struct sockaddr *)&here;
    int length = sizeof(here), too_small = 4;
    spi_load();
    spi_pair(&client, &server);
    SOCKET s = spi_new_socket(SOCK_STREAM, 0);
    FAILS(SPI(GetSockName)(s, name, &length, &spi_error), WSAEINVAL);
    FAILS(SPI(GetPeerName)(s, name, &length, &spi_error), WSAENOTCONN);
    FAILS(SPI(Bind)(s, no_name, sizeof(here), &spi_error), WSAEFAULT);
    FAILS(SPI(Bind)(s, name, too_small, &spi_error), WSAEFAULT);
    DONE(SPI(Bind)(s, name, sizeof(here), &spi_error));
    FAILS(SPI(Bind)(s, name, sizeof(here), &spi_error), WSAEINVAL);

    DONE(SPI(GetSockName)(client, name, &length, &spi_error));
    CHECK_EQ(length, sizeof(here));
    DONE(SPI(GetPeerName)(server, (struct sockaddr *)&there, &length,
                          &spi_error));
    CHECK_EQ(here.sin_port, there.sin_port);
    FAILS(SPI(GetSockName)(client, name, &too_small, &spi_error), WSAEFAULT);
    FAILS(SPI(GetPeerName)(client, name, &too_small, &spi_error), WSAEFAULT);
    FAILS(SPI(GetPeerName)(client, name, NULL, &spi_error), WSAEFAULT);
    spi_close(s);
    spi_close(client);
    spi_close(server);
    FAILS(SPI(Bind)(s, name, sizeof(here), &spi_error), WSAENOTSOCK);
    FAILS(SPI(GetSockName)(s, name, &length, &spi_error), WSAENOTSOCK);
    FAILS(SPI(GetPeerName)(s, name, &length, &spi_error), WSAENOTSOCK);
    spi_unload();
}

/* --- WSPListen, WSPConnect, WSPAccept ------------------------------------- */

static int CALLBACK reject(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos,
                           LPQOS gqos, LPWSABUF callee, LPWSABUF callee_data,
                           GROUP *group, DWORD_PTR context)
{
    (void)caller, (void)caller_data, (void)sqos, (void)gqos, (void)callee;
    (void)callee_data, (void)group;
    CHECK_EQ(context, SPI_LAST_ERROR);
    return CF_REJECT;
}

static void listeners(void)
{
    struct sockaddr_in name, caller;
    int length = sizeof(caller);
    spi_load();
    SOCKET s = spi_new_socket(SOCK_STREAM, 0);
    SOCKET u = spi_bound_socket(SOCK_DGRAM, &name);
    FAILS(SPI(Listen)(s, 1, &spi_error), WSAEINVAL);
    FAILS(SPI(Listen)(u, 1, &spi_error), WSAEOPNOTSUPP);
    FAILS(SPI(Accept)(s, NULL, NULL, NULL, 0, &spi_error), WSAEINVAL);
    FAILS(SPI(Accept)(u, NULL, NULL, NULL, 0, &spi_error), WSAEOPNOTSUPP);

    SOCKET listener = spi_bound_socket(SOCK_STREAM, &name);
    DONE(SPI(Listen)(listener, 5, &spi_error));
    spi_connect(s, &name);
    spi_error = SPI_LAST_ERROR;
    SOCKET accepted = SPI(Accept)(listener, (struct sockaddr *)&caller, &length,
                                  NULL, 0, &spi_error);
    CHECK(accepted != INVALID_SOCKET);
    CHECK_EQ(spi_error, SPI_LAST_ERROR);
    CHECK_EQ(length, sizeof(caller));
    CHECK_EQ(caller.sin_family, AF_INET);
    spi_close(s);
    spi_close(accepted);

    s = spi_new_socket(SOCK_STREAM, 0);
    spi_connect(s, &name);
    FAILS(SPI(Accept)(listener, NULL, NULL, reject, SPI_LAST_ERROR, &spi_error),
          WSAECONNREFUSED);
    spi_close(s);
    spi_close(u);
    spi_close(listener);
    FAILS(SPI(Listen)(listener, 1, &spi_error), WSAENOTSOCK);
    FAILS(SPI(Accept)(listener, NULL, NULL, NULL, 0, &spi_error), WSAENOTSOCK);
    spi_unload();
}

static int call_connect(SOCKET s, const struct sockaddr_in *name, WSABUF *data)
{
    return SPI(Connect)(s, (const struct sockaddr *)name, sizeof(*name), data,
                        NULL, NULL, NULL, &spi_error);
}

static void connecting(void)
{
    SOCKET client, server;
    struct sockaddr_in nobody, there;
    WSABUF data = { 4, (char *)"data" };
    int length = sizeof(there);
    spi_load();
    spi_pair(&client, &server);
    /* It does not listen. */
    SOCKET silent = spi_bound_socket(SOCK_STREAM, &nobody);
    DONE(SPI(GetPeerName)(client, (struct sockaddr *)&there, &length,
                          &spi_error));
    FAILS(call_connect(client, &there, NULL), WSAEISCONN);
    SOCKET s = spi_new_socket(SOCK_STREAM, 0);
    FAILS(call_connect(s, NULL, NULL), WSAEFAULT);
    /* TCP carries none of the caller's data. */
    FAILS(call_connect(s, &nobody, &data), WSAEINVAL);
    FAILS(call_connect(s, &nobody, NULL), WSAECONNREFUSED);
    spi_close(s);
    spi_close(silent);
    spi_close(client);
    spi_close(server);
    FAILS(call_connect(s, &nobody, NULL), WSAENOTSOCK);
    spi_unload();
}

/* --- WSPShutdown, WSPSendDisconnect, WSPRecvDisconnect -------------------- */

static void ends(void)
{
    SOCKET client, server;
    char byte;
    DWORD n;
    spi_load();
    SOCKET s = spi_new_socket(SOCK_STREAM, 0);
    FAILS(SPI(Shutdown)(s, SD_SEND, &spi_error), WSAENOTCONN);
    FAILS(SPI(SendDisconnect)(s, NULL, &spi_error), WSAENOTCONN);
    FAILS(SPI(RecvDisconnect)(s, NULL, &spi_error), WSAENOTCONN);
    spi_close(s);

    spi_pair(&client, &server);
    FAILS(SPI(Shutdown)(client, 9, &spi_error), WSAEINVAL);
    DONE(SPI(Shutdown)(client, SD_SEND, &spi_error));
    DONE(spi_try_receive(server, &byte, 1, &n));
    CHECK_EQ(n, 0);
    FAILS(call_send_text(client, "x", &n), WSAESHUTDOWN);
    DONE(SPI(SendDisconnect)(server, NULL, &spi_error));
    DONE(spi_try_receive(client, &byte, 1, &n));
    CHECK_EQ(n, 0);
    DONE(SPI(RecvDisconnect)(client, NULL, &spi_error));
    FAILS(spi_try_receive(client, &byte, 1, &n), WSAESHUTDOWN);
    spi_close(client);
    spi_close(server);
    FAILS(SPI(Shutdown)(client, SD_SEND, &spi_error), WSAENOTSOCK);
    FAILS(SPI(SendDisconnect)(client, NULL, &spi_error), WSAENOTSOCK);
    FAILS(SPI(RecvDisconnect)(client, NULL, &spi_error), WSAENOTSOCK);
    spi_unload();
}

/* --- WSPSend, WSPRecv, WSPGetOverlappedResult ----------------------------- */

static void streams(void)
{
    SOCKET client, server;
    char data[8];
    WSABUF buffer = { sizeof(data), data };
    DWORD n = 0, flags = 0;
    spi_load();
    spi_pair(&client, &server);
    spi_send(client, "text");
    spi_receives(server, "text");
    FAILS(call_send_text(client, "x", NULL), WSAEFAULT);
    FAILS(SPI(Send)(client, NULL, 1, &n, 0, NULL, NULL, NULL, &spi_error),
          WSAEFAULT);
    FAILS(spi_try_receive(server, data, sizeof(data), NULL), WSAEFAULT);
    FAILS(SPI(Recv)(server, &buffer, 1, &n, NULL, NULL, NULL, NULL, &spi_error),
          WSAEFAULT);
    FAILS(SPI(Recv)(server, &buffer, 0, &n, &flags, NULL, NULL, NULL,
                    &spi_error), WSAEINVAL);
    spi_close(client);
    spi_close(server);
    FAILS(call_send_text(client, "x", &n), WSAENOTSOCK);
    FAILS(spi_try_receive(client, data, sizeof(data), &n), WSAENOTSOCK);
    SOCKET s = spi_new_socket(SOCK_STREAM, 0);
    FAILS(call_send_text(s, "x", &n), WSAENOTCONN);
    FAILS(spi_try_receive(s, data, sizeof(data), &n), WSAENOTCONN);
    spi_close(s);
    spi_unload();
}

static void overlapped_results(void)
{
    SOCKET client, server;
    char data[8];
    WSABUF buffer = { sizeof(data), data };
    DWORD n = 0, flags = 0;
    spi_load();
    spi_pair(&client, &server);
    WSAOVERLAPPED overlapped = { .hEvent = event_create() };
    FAILS(SPI(Recv)(server, &buffer, 1, NULL, &flags, &overlapped, NULL, NULL,
                    &spi_error), WSA_IO_PENDING);
    IS_FALSE(SPI(GetOverlappedResult)(server, &overlapped, &n, FALSE, &flags,
                                      &spi_error), WSA_IO_INCOMPLETE);
    spi_send(client, "late");
    GIVES(SPI(GetOverlappedResult)(server, &overlapped, &n, TRUE, &flags,
                                   &spi_error), TRUE);
    CHECK_EQ(n, 4);
    CHECK_EQ(flags, 0);
    CHECK_MEMORY(data, "late", 4);
    IS_FALSE(SPI(GetOverlappedResult)(server, NULL, &n, FALSE, &flags,
                                      &spi_error), WSAEFAULT);
    IS_FALSE(SPI(GetOverlappedResult)(server, &overlapped, NULL, FALSE, &flags,
                                      &spi_error), WSAEFAULT);
    spi_close(client);
    spi_close(server);
    IS_FALSE(SPI(GetOverlappedResult)(server, &overlapped, &n, FALSE, &flags,
                                      &spi_error), WSAENOTSOCK);
    CHECK(WSACloseEvent(overlapped.hEvent));
    spi_unload();
}

/* --- WSPSendTo, WSPRecvFrom ----------------------------------------------- */

static int call_send_to(SOCKET s, const char *text, const void *name, DWORD *n)
{
    WSABUF buffer = { (u_long)strlen(text), (char *)text };
    return SPI(SendTo)(s, &buffer, 1, n, 0, name, sizeof(struct sockaddr_in),
                       NULL, NULL, NULL, &spi_error);
}

static int call_receive_from(SOCKET s, char *data, DWORD size,
                             struct sockaddr_in *name, int *length, DWORD *n)
{
    WSABUF buffer = { size, data };
    DWORD flags = 0;
    return SPI(RecvFrom)(s, &buffer, 1, n, &flags, (struct sockaddr *)name,
                         length, NULL, NULL, NULL, &spi_error);
}

static void datagrams(void)
{
    struct sockaddr_in sender, receiver, from;
    int length = sizeof(from), too_small = 4;
    char data[8];
    DWORD n = 0;
    spi_load();
    SOCKET s = spi_bound_socket(SOCK_DGRAM, &sender);
    SOCKET r = spi_bound_socket(SOCK_DGRAM, &receiver);
    SOCKET unbound = spi_new_socket(SOCK_DGRAM, 0);
    FAILS(call_receive_from(unbound, data, 8, &from, &length, &n), WSAEINVAL);
    DONE(call_send_to(s, "text", &receiver, &n));
    CHECK_EQ(n, 4);
    FAILS(call_receive_from(r, data, 8, &from, &too_small, &n), WSAEFAULT);
    DONE(call_receive_from(r, data, 8, &from, &length, &n));
    CHECK_EQ(n, 4);
    CHECK_MEMORY(data, "text", 4);
    CHECK_EQ(length, sizeof(from));
    CHECK_EQ(from.sin_port, sender.sin_port);
    DONE(call_send_to(s, "too long", &receiver, &n));
    FAILS(call_receive_from(r, data, 4, &from, &length, &n), WSAEMSGSIZE);
    FAILS(call_send_to(s, "x", NULL, &n), WSAENOTCONN);
    FAILS(call_send_to(s, "x", &receiver, NULL), WSAEFAULT);
    spi_close(s);
    spi_close(r);
    spi_close(unbound);
    FAILS(call_send_to(s, "x", &receiver, &n), WSAENOTSOCK);
    FAILS(call_receive_from(s, data, 8, &from, &length, &n), WSAENOTSOCK);
    spi_unload();
}

/* --- WSPCleanup ----------------------------------------------------------- */

static void cleanup_is_counted(void)
{
    spi_load();
    spi_load();
    SOCKET s = spi_new_socket(SOCK_STREAM, 0);
    DONE(SPI(Cleanup)(&spi_error));
    spi_close(s);
    s = spi_new_socket(SOCK_STREAM, 0);
    DONE(SPI(Cleanup)(&spi_error));
    FAILS(SPI(Cleanup)(&spi_error), WSANOTINITIALISED);
    CHECK(WSACloseEvent(spi_posted_event));
}

/* --- All ------------------------------------------------------------------ */

static void the_place_for_the_error_may_be_missing(void)
{
    struct sockaddr_in name = loopback(0);
    DWORD length = 64;
    int size = sizeof(name);
    spi_load();
    SOCKET s = spi_new_socket(SOCK_DGRAM, 0);
    spi_close(s);
    CHECK_EQ(SPI(CloseSocket)(s, NULL), SOCKET_ERROR);
    CHECK_EQ(SPI(Accept)(s, NULL, NULL, NULL, 0, NULL), INVALID_SOCKET);
    CHECK_EQ(SPI(GetQOSByName)(s, NULL, NULL, NULL), FALSE);
    CHECK_EQ(SPI(CancelBlockingCall)(NULL), SOCKET_ERROR);
    CHECK_EQ(SPI(AddressToString)((struct sockaddr *)&name, sizeof(name), NULL,
                                  NULL, &length, NULL), SOCKET_ERROR);
    CHECK_EQ(SPI(StringToAddress)(NULL, AF_INET, NULL,
                                  (struct sockaddr *)&name, &size, NULL),
             SOCKET_ERROR);
    spi_unload();
}

static const struct test_case cases[] = {
    TEST_CASE(sockets_are_made_and_closed, "05 2: WSPSocket, WSPCloseSocket"),
    TEST_CASE(duplicates, "05 2: WSPDuplicateSocket"),
    TEST_CASE(names, "05 2: WSPBind, WSPGetSockName, WSPGetPeerName"),
    TEST_CASE(listeners, "05 2: WSPListen, WSPAccept"),
    TEST_CASE(connecting, "05 2: WSPConnect"),
    TEST_CASE(ends, "05 2: WSPShutdown, WSPSendDisconnect, WSPRecvDisconnect"),
    TEST_CASE(streams, "05 2: WSPSend, WSPRecv"),
    TEST_CASE(overlapped_results, "05 2: WSPGetOverlappedResult"),
    TEST_CASE(datagrams, "05 2: WSPSendTo, WSPRecvFrom"),
    TEST_CASE_WITH(cleanup_is_counted, "05 2: WSPCleanup",
                   .flags = TEST_BARE),
    TEST_CASE(the_place_for_the_error_may_be_missing,
              "05 1: errors through lpErrno, if it is there"),
    TEST_END
};

TEST_MAIN("spi_calls", cases, NULL)
