/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The entries of WSPPROC_TABLE for waiting, events, options, controls, sessions
 * and text, called as a DLL calls the base provider: what each does, and its
 * documented errors.  The other entries are spi_calls.c's.
 *
 * Specification 05, sections 1 and 2, and Microsoft's page of each function:
 * an error comes through lpErrno and is not the last error; success leaves
 * *lpErrno alone.  Wine's builtin ws2_32 has no provider, so all is skipped
 * there.
 */
#include "support/spi.h"

/* --- WSPSelect, WSPEventSelect, WSPEnumNetworkEvents, WSPAsyncSelect ------ */

static void selecting(void)
{
    SOCKET client, server;
    struct timeval now = { 0, 0 }, limit = { 10, 0 }, negative = { -1, 0 };
    fd_set set, empty;
    FD_ZERO(&set);
    FD_ZERO(&empty);
    spi_load();
    spi_pair(&client, &server);
    FD_SET(server, &set);
    FAILS(SPI(Select)(0, &set, NULL, NULL, &negative, &spi_error), WSAEINVAL);
    FAILS(SPI(Select)(0, &empty, NULL, NULL, &now, &spi_error), WSAEINVAL);
    FAILS(SPI(Select)(0, NULL, NULL, NULL, &now, &spi_error), WSAEINVAL);
    spi_send(client, "x");
    GIVES(SPI(Select)(0, &set, NULL, NULL, &limit, &spi_error), 1);
    CHECK_EQ(set.fd_count, 1);
    CHECK_EQ(set.fd_array[0], server);
    spi_receives(server, "x");
    GIVES(SPI(Select)(0, &set, NULL, NULL, &now, &spi_error), 0);
    CHECK_EQ(set.fd_count, 0);
    spi_close(client);
    spi_close(server);
    FD_SET(server, &set);
    FAILS(SPI(Select)(0, &set, NULL, NULL, &now, &spi_error), WSAENOTSOCK);
    spi_unload();
}

static void network_events(void)
{
    SOCKET client, server;
    WSANETWORKEVENTS found;
    spi_load();
    spi_pair(&client, &server);
    WSAEVENT event = event_create();
    DONE(SPI(EventSelect)(server, event, FD_READ, &spi_error));
    spi_send(client, "x");
    event_wait(event);
    FAILS(SPI(EnumNetworkEvents)(server, event, NULL, &spi_error), WSAEFAULT);
    CHECK(event_is_signalled(event, 0));
    DONE(SPI(EnumNetworkEvents)(server, event, &found, &spi_error));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    CHECK_EQ(found.iErrorCode[FD_READ_BIT], 0);
    CHECK(!event_is_signalled(event, 0));
    FAILS(SPI(EventSelect)(server, WSA_INVALID_EVENT, FD_READ, &spi_error),
          WSAEINVAL);
    spi_close(client);
    spi_close(server);
    FAILS(SPI(EventSelect)(server, event, FD_READ, &spi_error), WSAENOTSOCK);
    FAILS(SPI(EnumNetworkEvents)(server, event, &found, &spi_error),
          WSAENOTSOCK);
    CHECK(WSACloseEvent(event));
    spi_unload();
}

static void window_messages(void)
{
    SOCKET client, server;
    spi_load();
    spi_pair(&client, &server);
    struct window *window = window_create();
    HWND handle = (HWND)(ULONG_PTR)window_handle(window);
    DONE(SPI(AsyncSelect)(server, handle, WM_USER, FD_READ, &spi_error));
    spi_send(client, "x");
    event_wait(spi_posted_event);
    CHECK_EQ(spi_upcalls.posted[0].window, handle);
    CHECK_EQ(spi_upcalls.posted[0].message, WM_USER);
    CHECK_EQ(spi_upcalls.posted[0].wparam, server);
    CHECK_EQ(WSAGETSELECTEVENT(spi_upcalls.posted[0].lparam), FD_READ);
    FAILS(SPI(AsyncSelect)(server, NULL, WM_USER, FD_READ, &spi_error),
          WSAEINVAL);
    spi_close(client);
    spi_close(server);
    FAILS(SPI(AsyncSelect)(server, handle, WM_USER, FD_READ, &spi_error),
          WSAENOTSOCK);
    window_destroy(window);
    spi_unload();
}

/* --- WSPGetSockOpt, WSPSetSockOpt, WSPIoctl ------------------------------- */

static int call_get_option(SOCKET s, int level, int name, void *value,
                           int *size)
{
    return SPI(GetSockOpt)(s, level, name, value, size, &spi_error);
}

static int call_set_option(SOCKET s, int level, int name, void *value, int size)
{
    return SPI(SetSockOpt)(s, level, name, value, size, &spi_error);
}

static void socket_options(void)
{
    int value = 12345, size = sizeof(value), too_small = 1;
    spi_load();
    SOCKET s = spi_new_socket(SOCK_STREAM, 0);
    DONE(call_set_option(s, SOL_SOCKET, SO_RCVTIMEO, &value, size));
    value = 0;
    DONE(call_get_option(s, SOL_SOCKET, SO_RCVTIMEO, &value, &size));
    CHECK_EQ(value, 12345);
    CHECK_EQ(size, sizeof(value));
    FAILS(call_get_option(s, SOL_SOCKET, 0x7777, &value, &size),
          WSAENOPROTOOPT);
    FAILS(call_set_option(s, SOL_SOCKET, 0x7777, &value, size),
          WSAENOPROTOOPT);
    FAILS(call_get_option(s, 12345, SO_TYPE, &value, &size), WSAEINVAL);
    FAILS(call_set_option(s, 12345, SO_TYPE, &value, size), WSAEINVAL);
    FAILS(call_get_option(s, SOL_SOCKET, SO_RCVTIMEO, &value, &too_small),
          WSAEFAULT);
    FAILS(call_set_option(s, SOL_SOCKET, SO_RCVTIMEO, NULL, size), WSAEFAULT);
    spi_close(s);
    FAILS(call_get_option(s, SOL_SOCKET, SO_TYPE, &value, &size), WSAENOTSOCK);
    FAILS(call_set_option(s, SOL_SOCKET, SO_KEEPALIVE, &value, size),
          WSAENOTSOCK);
    spi_unload();
}

static int call_ioctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out,
                      DWORD out_size)
{
    DWORD returned;
    return SPI(Ioctl)(s, code, in, in_size, out, out_size, &returned, NULL,
                      NULL, NULL, &spi_error);
}

static void controls(void)
{
    SOCKET client, server;
    u_long on = 1, off = 0, bytes = 77;
    char byte;
    DWORD n;
    spi_load();
    spi_pair(&client, &server);
    DONE(call_ioctl(server, FIONBIO, &on, sizeof(on), NULL, 0));
    FAILS(spi_try_receive(server, &byte, 1, &n), WSAEWOULDBLOCK);
    DONE(call_ioctl(server, FIONREAD, NULL, 0, &bytes, sizeof(bytes)));
    CHECK_EQ(bytes, 0);
    FAILS(call_ioctl(server, FIONREAD, NULL, 0, NULL, 0), WSAEFAULT);
    FAILS(call_ioctl(server, 0x12345678, NULL, 0, NULL, 0), WSAEOPNOTSUPP);
    FAILS(SPI(Ioctl)(server, FIONBIO, &on, sizeof(on), NULL, 0, NULL, NULL,
                     NULL, NULL, &spi_error), WSAEFAULT);
    /* Who is registered for events does not block (section 6). */
    WSAEVENT event = event_create();
    DONE(SPI(EventSelect)(server, event, FD_READ, &spi_error));
    FAILS(call_ioctl(server, FIONBIO, &off, sizeof(off), NULL, 0), WSAEINVAL);
    spi_close(client);
    spi_close(server);
    FAILS(call_ioctl(server, FIONBIO, &on, sizeof(on), NULL, 0), WSAENOTSOCK);
    CHECK(WSACloseEvent(event));
    spi_unload();
}

/* --- WSPJoinLeaf ---------------------------------------------------------- */

static SOCKET call_join(SOCKET s, const struct sockaddr_in *group, DWORD flags)
{
    return SPI(JoinLeaf)(s, (const struct sockaddr *)group, sizeof(*group),
                         NULL, NULL, NULL, NULL, flags, &spi_error);
}

static void sessions(void)
{
    struct sockaddr_in group = loopback(0), nobody = loopback(7);
    group.sin_addr.s_addr = inet_addr("239.77.3.9");
    spi_load();
    SOCKET plain = spi_new_socket(SOCK_DGRAM, 0);
    SOCKET s = spi_new_socket(SOCK_DGRAM, WSA_FLAG_MULTIPOINT_C_LEAF |
                                          WSA_FLAG_MULTIPOINT_D_LEAF);
    FAILS(call_join(plain, &group, JL_BOTH), WSAEINVAL);
    FAILS(call_join(s, &group, 0), WSAEINVAL);
    FAILS(call_join(s, &nobody, JL_BOTH), WSAEADDRNOTAVAIL);
    FAILS(call_join(s, NULL, JL_BOTH), WSAEFAULT);
    GIVES(call_join(s, &group, JL_SENDER_ONLY), s);
    spi_close(plain);
    spi_close(s);
    FAILS(call_join(s, &group, JL_BOTH), WSAENOTSOCK);
    spi_unload();
}

/* --- WSPAddressToString, WSPStringToAddress ------------------------------- */

static void address_strings(void)
{
    struct sockaddr_in name = loopback(80), read;
    struct sockaddr *to = (struct sockaddr *)&read;
    WCHAR text[64], words[WIDE_TEXT];
    DWORD length = 64, too_small = 3;
    int size = sizeof(read), little = 3;
    spi_load();
    DONE(SPI(AddressToString)((struct sockaddr *)&name, sizeof(name), &spi_tcp,
                              text, &length, &spi_error));
    CHECK(same_text(text, "127.0.0.1:80"));
    CHECK_EQ(length, 13);
    DONE(SPI(StringToAddress)(text, AF_INET, &spi_tcp, to, &size, &spi_error));
    CHECK_EQ(read.sin_port, name.sin_port);
    CHECK_EQ(read.sin_addr.s_addr, name.sin_addr.s_addr);
    CHECK_EQ(size, sizeof(read));
    FAILS(SPI(AddressToString)((struct sockaddr *)&name, sizeof(name), NULL,
                               text, &too_small, &spi_error), WSAEFAULT);
    CHECK_EQ(too_small, 13);
    FAILS(SPI(AddressToString)(NULL, sizeof(name), NULL, text, &length,
                               &spi_error), WSAEFAULT);
    FAILS(SPI(StringToAddress)(widen("no address", words), AF_INET, NULL, to,
                               &size, &spi_error), WSAEINVAL);
    FAILS(SPI(StringToAddress)(text, AF_INET, NULL, to, &little, &spi_error),
          WSAEFAULT);
    FAILS(SPI(StringToAddress)(NULL, AF_INET, NULL, to, &size, &spi_error),
          WSAEINVAL);
    spi_unload();
}

/* --- WSPGetQOSByName, WSPCancelBlockingCall ------------------------------- */

static void what_there_is_none_of(void)
{
    QOS qos;
    WSABUF name = { 2, (char *)"x" };
    spi_load();
    SOCKET s = spi_new_socket(SOCK_STREAM, 0);
    IS_FALSE(SPI(GetQOSByName)(s, &name, &qos, &spi_error), WSAEOPNOTSUPP);
    spi_close(s);
    IS_FALSE(SPI(GetQOSByName)(s, &name, &qos, &spi_error), WSAENOTSOCK);
    FAILS(SPI(CancelBlockingCall)(&spi_error), WSAEINVAL);
    spi_unload();
}

static const struct test_case cases[] = {
    TEST_CASE(selecting, "05 2: WSPSelect"),
    TEST_CASE(network_events, "05 2: WSPEventSelect, WSPEnumNetworkEvents"),
    TEST_CASE_WITH(window_messages, "05 2: WSPAsyncSelect",
                   .flags = TEST_WINDOWS),
    TEST_CASE(socket_options, "05 2: WSPGetSockOpt, WSPSetSockOpt"),
    TEST_CASE(controls, "05 2: WSPIoctl"),
    TEST_CASE(sessions, "05 2: WSPJoinLeaf"),
    TEST_CASE(address_strings, "05 2: WSPAddressToString, WSPStringToAddress"),
    TEST_CASE(what_there_is_none_of,
              "05 2: WSPGetQOSByName, WSPCancelBlockingCall"),
    TEST_END
};

TEST_MAIN("spi_controls", cases, NULL)
