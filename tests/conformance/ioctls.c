/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ioctlsocket and WSAIoctl: each code with its buffers, answers and refusals.
 * Sources: Microsoft's "Winsock IOCTLs", WSAIoctl, ioctlsocket.
 */
#include "support/controls.h"
#include "support/remote.h"

#include <mstcpip.h>
#include <mswsock.h>
#include <ws2ipdef.h>

/* Codes that not all headers have. */
enum {
    UDP_CONNRESET = (int)0x9800000c,
    UDP_NETRESET = (int)0x9800000f,
    LOOPBACK_FAST_PATH = (int)0x98000010,
    TCP_INITIAL_RTO = (int)0x98000011,
    TCP_SET_ACK_FREQUENCY = (int)0x98000017,
    TCP_INFO_CODE = (int)0xd8000027,
    ADDRESS_LIST_SORT = (int)0xc8000019,
    MULTIPLE_EXTENSIONS = (int)0xc8000024,
    BSP_HANDLE = 0x4800001b, BSP_HANDLE_SELECT = 0x4800001c,
    BSP_HANDLE_POLL = 0x4800001d, BASE_HANDLE = 0x48000022,
    WFP_ENDPOINT_HANDLE = 0x580000cd, RSS_SCALABILITY_INFO = 0x580000d2,
};

/* --- FIONBIO, FIONREAD, SIOCATMARK ---------------------------------------- */

static void blocking_mode(void)
{
    SOCKET s = udp_bound(NULL);
    u_long on = 1;
    DWORD size;
    char byte;

    CHECK_OK(ioctlsocket(s, FIONBIO, &on));
    CHECK_EQ(on, 1);
    CHECK(is_nonblocking(s));
    on = 0;
    CHECK_OK(control(s, FIONBIO, &on, sizeof(on), NULL, 0, &size));
    CHECK_EQ(size, 0);
    on = 256; /* any number but 0 */
    CHECK_OK(ioctlsocket(s, FIONBIO, &on));
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);

    EXPECT_EQ(control_error(s, FIONBIO, &on, 3, NULL, 0), WSAEFAULT);
    EXPECT_EQ(control_error(s, FIONBIO, NULL, 4, NULL, 0), WSAEFAULT);
    EXPECT_EQ(control_error(s, FIONBIO, &on, 4, &on, 4), 0);
    close_socket(s);
}

static void readable_bytes(void)
{
    SOCKET client, server, u, sender = udp_socket(), listener;
    struct sockaddr_in name;
    u_long bytes = 99;

    tcp_pair(&client, &server);
    CHECK_OK(ioctlsocket(client, FIONREAD, &bytes));
    CHECK_EQ(bytes, 0);
    send_all(server, "four", 4);
    CHECK(wait_readable(client, 5000));
    CHECK_OK(ioctlsocket(client, FIONREAD, &bytes));
    CHECK_EQ(bytes, 4);
    EXPECT_EQ(control_error(client, FIONREAD, NULL, 0, &bytes, 3), WSAEFAULT);
    EXPECT_EQ(control_error(client, FIONREAD, NULL, 0, NULL, 4), WSAEFAULT);
    EXPECT_EQ(control_error(client, FIONREAD, NULL, 0, (void *)16, 4),
              WSAEFAULT);

    u = udp_bound(&name);
    CHECK_RESULT(sendto(sender, "datagram", 8, 0, (struct sockaddr *)&name,
                        sizeof(name)), 8);
    CHECK(wait_readable(u, 5000));
    CHECK_OK(ioctlsocket(u, FIONREAD, &bytes));
    CHECK_EQ(bytes, 8);

    listener = tcp_listener(NULL);
    CHECK_OK(ioctlsocket(listener, FIONREAD, &bytes));
    CHECK_EQ(bytes, 0);
    close_socket(listener);
    close_socket(u);
    close_socket(sender);
    close_socket(client);
    close_socket(server);
}

static void mark(void)
{
    SOCKET client, server;
    u_long at_mark = 0;

    tcp_pair(&client, &server);
    CHECK_OK(ioctlsocket(client, SIOCATMARK, &at_mark));
    CHECK_EQ(at_mark, 1);
    EXPECT_EQ(control_error(client, SIOCATMARK, NULL, 0, &at_mark, 3),
              WSAEFAULT);
    close_socket(client);
    close_socket(server);
}

/* --- The call itself ------------------------------------------------------ */

static void unknown_codes(void)
{
    static const DWORD codes[] = {
        0x8004667d /* FIOASYNC */, 0x667e, 0x12345678, 0,
        SIO_FLUSH, SIO_FIND_ROUTE, 0x4004747e /* SIO_GET_INTERFACE_LIST_EX */,
    };
    SOCKET s = tcp_socket(), u = udp_socket();
    char buffer[64] = "";
    DWORD size;
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        EXPECT_ERROR(control(s, codes[i], buffer, sizeof(buffer), buffer,
                             sizeof(buffer), &size), WSAEOPNOTSUPP);
        EXPECT_EQ(size, 0);
        EXPECT_ERROR(control(u, codes[i], NULL, 0, NULL, 0, &size),
                     WSAEOPNOTSUPP);
    }
    close_socket(s);
    close_socket(u);
}

static void bad_calls(void)
{
    SOCKET s = tcp_socket();
    u_long on = 0;
    DWORD size = 7;

    EXPECT_ERROR(WSAIoctl(s, FIONBIO, &on, 4, NULL, 0, NULL, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSAIoctl(s, 0x12345678, &on, 4, NULL, 0, NULL, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(ioctlsocket(s, FIONBIO, NULL), WSAEFAULT);
    EXPECT_ERROR(ioctlsocket(s, FIONBIO, (u_long *)16), WSAEFAULT);
    close_socket(s);
    EXPECT_ERROR(WSAIoctl(s, FIONBIO, &on, 4, NULL, 0, &size, NULL, NULL),
                 WSAENOTSOCK);
    EXPECT_ERROR(WSAIoctl(s, FIONBIO, NULL, 0, NULL, 0, NULL, NULL, NULL),
                 WSAENOTSOCK);
    EXPECT_ERROR(ioctlsocket(s, FIONREAD, &on), WSAENOTSOCK);
    EXPECT_EQ(size, 7);
}

/* No TCP/IP provider has these; Microsoft names the error. */
static void services_that_there_are_not(void)
{
    static const DWORD codes[] = {
        SIO_ASSOCIATE_HANDLE, SIO_TRANSLATE_HANDLE, SIO_GET_QOS, SIO_SET_QOS,
        SIO_GET_GROUP_QOS, SIO_SET_GROUP_QOS,
    };
    SOCKET s = tcp_socket();
    char buffer[256] = "";
    DWORD size;
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        EXPECT_ERROR(control(s, codes[i], buffer, sizeof(buffer), buffer,
                             sizeof(buffer), &size), WSAENOPROTOOPT);
        EXPECT_EQ(size, 0);
    }
    /* The firewall's and the adapters' have errors of their own. */
    EXPECT_EQ(control_error(s, WFP_ENDPOINT_HANDLE, NULL, 0, buffer, 7),
              WSAEINVAL);
    EXPECT_EQ(control_error(s, WFP_ENDPOINT_HANDLE, NULL, 0, buffer, 8),
              WSAEOPNOTSUPP);
    EXPECT_EQ(control_error(s, RSS_SCALABILITY_INFO, NULL, 0, NULL, 0),
              WSAEINVAL);
    EXPECT_EQ(control_error(s, RSS_SCALABILITY_INFO, NULL, 0, buffer, 1), 0);
    EXPECT_EQ(buffer[0], 0);
    close_socket(s);
}

/* All packets are for administrators, on raw sockets. */
static void capturing_is_refused(void)
{
    static const DWORD codes[] = {SIO_RCVALL, SIO_RCVALL_MCAST,
                                  SIO_RCVALL_IGMPMCAST};
    SOCKET s = tcp_socket(), u = udp_bound(NULL);
    DWORD on = 1;
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        EXPECT_EQ(control_error(s, codes[i], &on, sizeof(on), NULL, 0),
                  WSAEINVAL);
        EXPECT_EQ(control_error(u, codes[i], &on, sizeof(on), NULL, 0),
                  WSAEINVAL);
    }
    close_socket(s);
    close_socket(u);
}

/* --- Handles and functions ------------------------------------------------ */

static void base_handles(void)
{
    static const DWORD codes[] = {BASE_HANDLE, BSP_HANDLE, BSP_HANDLE_SELECT,
                                  BSP_HANDLE_POLL};
    SOCKET s = tcp_socket(), base;
    DWORD size;
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        base = 0;
        EXPECT_OK(control(s, codes[i], NULL, 0, &base, sizeof(base), &size));
        EXPECT_EQ(size, sizeof(base));
        EXPECT_EQ(base, s);
        EXPECT_EQ(control_error(s, codes[i], NULL, 0, &base, sizeof(base) - 1),
                  WSAEFAULT);
        EXPECT_EQ(control_error(s, codes[i], NULL, 0, NULL, sizeof(base)),
                  WSAEFAULT);
    }
    close_socket(s);
}

static void extension_functions(void)
{
    GUID unknown = {0x12345678, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
    SOCKET s = tcp_socket();
    void *function = NULL;
    char table[256];
    DWORD size;

    EXPECT_ERROR(control(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown,
                         sizeof(unknown), &function, sizeof(function), &size),
                 WSAEINVAL);
    EXPECT_EQ(control_error(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown,
                            sizeof(unknown) - 1, &function, sizeof(function)),
              WSAEFAULT);
    EXPECT_EQ(control_error(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown,
                            sizeof(unknown), &function, 4), WSAEFAULT);
    EXPECT_EQ(control_error(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)16,
                            sizeof(unknown), &function, sizeof(function)),
              WSAEFAULT);
    memset(table, 0, sizeof(table));
    EXPECT_EQ(control_error(s, MULTIPLE_EXTENSIONS, &unknown, sizeof(unknown),
                            table, sizeof(table)), WSAEINVAL);
    close_socket(s);
}

/* --- TCP ------------------------------------------------------------------ */

static void keepalive(void)
{
    struct tcp_keepalive values = {1, 45000, 2000};
    SOCKET s = tcp_socket(), u = udp_socket();
    DWORD size;

    CHECK_OK(control(s, SIO_KEEPALIVE_VALS, &values, sizeof(values), NULL, 0,
                     &size));
    EXPECT_EQ(size, 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(get_int_option(s, IPPROTO_TCP, 3 /* TCP_KEEPIDLE */), 45);
    EXPECT_EQ(get_int_option(s, IPPROTO_TCP, 17 /* TCP_KEEPINTVL */), 2);
    values.onoff = 0;
    CHECK_OK(control(s, SIO_KEEPALIVE_VALS, &values, sizeof(values), NULL, 0,
                     &size));
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_KEEPALIVE), 0);

    EXPECT_ERROR(control(s, SIO_KEEPALIVE_VALS, &values, sizeof(values) - 1,
                         NULL, 0, &size), WSAEFAULT);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(control_error(s, SIO_KEEPALIVE_VALS, NULL, sizeof(values), NULL,
                            0), WSAEFAULT);
    EXPECT_EQ(control_error(u, SIO_KEEPALIVE_VALS, &values, sizeof(values),
                            NULL, 0), WSAENOPROTOOPT);
    close_socket(s);
    close_socket(u);
}

static void send_backlog(void)
{
    SOCKET client, server, s = tcp_socket(), u = udp_socket();
    ULONG backlog = 0;
    DWORD size;

    tcp_pair(&client, &server);
    CHECK_OK(control(client, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, &backlog,
                     sizeof(backlog), &size));
    EXPECT_EQ(size, sizeof(backlog));
    EXPECT_EQ(backlog, 0x10000);
    EXPECT_EQ(control_error(s, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, &backlog,
                            sizeof(backlog)), WSAENOTCONN);
    EXPECT_EQ(control_error(u, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, &backlog,
                            sizeof(backlog)), WSAEOPNOTSUPP);
    EXPECT_EQ(control_error(client, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0,
                            &backlog, 3), WSAEFAULT);
    set_nonblocking(client, 1);
    EXPECT_EQ(control_error(client, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0,
                            NULL, 0), WSAEWOULDBLOCK);
    EXPECT_EQ(control_error(s, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0, NULL, 0),
              WSAENOTCONN);
    EXPECT_EQ(control_error(u, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0, NULL, 0),
              WSAEOPNOTSUPP);
    close_socket(client);
    close_socket(server);
    close_socket(s);
    close_socket(u);
}

/* TCP_INFO_v0 and v1 as far as a test can know them. */
struct tcp_info {
    DWORD state, mss;
    ULONGLONG connection_time;
    DWORD skipped[8];
    ULONGLONG bytes_out, bytes_in;
    DWORD skipped2[6];
    char v1[48];
};
enum { STATE_CLOSED = 0, STATE_LISTEN = 1, STATE_ESTABLISHED = 4 };

static void tcp_info(void)
{
    SOCKET client, server, s = tcp_socket(), u = udp_socket();
    SOCKET listener = tcp_listener(NULL);
    struct tcp_info info;
    DWORD version = 0, size;

    tcp_pair(&client, &server);
    check_passes(client, server, "eleven byte");
    memset(&info, 0x55, sizeof(info));
    CHECK_OK(control(client, TCP_INFO_CODE, &version, sizeof(version), &info,
                     sizeof(info), &size));
    EXPECT_EQ(size, 88);
    EXPECT_EQ(info.v1[0], 0x55);
    EXPECT_EQ(info.state, STATE_ESTABLISHED);
    EXPECT(info.mss > 0);
    EXPECT(info.connection_time < 60000);
    EXPECT_EQ(info.bytes_out, 11);
    EXPECT_EQ(info.bytes_in, 0);
    version = 1;
    CHECK_OK(control(server, TCP_INFO_CODE, &version, sizeof(version), &info,
                     sizeof(info), &size));
    EXPECT_EQ(size, 136);
    EXPECT_EQ(info.bytes_in, 11);
    EXPECT_EQ(control_error(server, TCP_INFO_CODE, &version, sizeof(version),
                            &info, 135), WSAEFAULT);
    version = 2;
    EXPECT_EQ(control_error(server, TCP_INFO_CODE, &version, sizeof(version),
                            &info, sizeof(info)), WSAEINVAL);
    version = 0;
    EXPECT_EQ(control_error(server, TCP_INFO_CODE, &version, 3, &info,
                            sizeof(info)), WSAEFAULT);
    EXPECT_EQ(control_error(u, TCP_INFO_CODE, &version, sizeof(version), &info,
                            sizeof(info)), WSAEOPNOTSUPP);
    CHECK_OK(control(s, TCP_INFO_CODE, &version, sizeof(version), &info,
                     sizeof(info), &size));
    EXPECT_EQ(info.state, STATE_CLOSED);
    CHECK_OK(control(listener, TCP_INFO_CODE, &version, sizeof(version), &info,
                     sizeof(info), &size));
    EXPECT_EQ(info.state, STATE_LISTEN);
    close_socket(client);
    close_socket(server);
    close_socket(listener);
    close_socket(s);
    close_socket(u);
}

static void hints_of_tcp(void)
{
    static const struct {
        DWORD code, least;
    } hints[] = {
        {TCP_INITIAL_RTO, 4}, {TCP_SET_ACK_FREQUENCY, 1},
        {LOOPBACK_FAST_PATH, 0},
    };
    SOCKET s = tcp_socket(), u = udp_socket();
    unsigned char value[4] = {1, 0, 3, 0};
    size_t i;

    for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        EXPECT_EQ(control_error(s, hints[i].code, value, sizeof(value), NULL,
                                0), 0);
        EXPECT_EQ(control_error(u, hints[i].code, value, sizeof(value), NULL,
                                0), WSAEOPNOTSUPP);
        if (hints[i].least > 0)
            EXPECT_EQ(control_error(s, hints[i].code, value,
                                    hints[i].least - 1, NULL, 0), WSAEFAULT);
    }
    close_socket(s);
    close_socket(u);
}

/* --- Multicast ------------------------------------------------------------ */

static void multicast_codes(void)
{
    SOCKET s = tcp_socket(), u = udp_socket();
    DWORD value = 7;

    EXPECT_EQ(control_error(u, SIO_MULTICAST_SCOPE, &value, sizeof(value), NULL,
                            0), 0);
    EXPECT_EQ(get_int_option(u, IPPROTO_IP, IP_MULTICAST_TTL), 7);
    EXPECT_EQ(control_error(u, SIO_MULTICAST_SCOPE, &value, 3, NULL, 0),
              WSAEFAULT);
    EXPECT_EQ(control_error(s, SIO_MULTICAST_SCOPE, &value, sizeof(value), NULL,
                            0), WSAEINVAL);
    value = 0;
    EXPECT_EQ(control_error(u, SIO_MULTIPOINT_LOOPBACK, &value, sizeof(value),
                            NULL, 0), 0);
    EXPECT_EQ(get_int_option(u, IPPROTO_IP, IP_MULTICAST_LOOP), 0);
    EXPECT_EQ(control_error(s, SIO_MULTIPOINT_LOOPBACK, &value, sizeof(value),
                            NULL, 0), WSAEINVAL);
    EXPECT_EQ(control_error(u, SIO_ENABLE_CIRCULAR_QUEUEING, NULL, 0, NULL, 0),
              0);
    close_socket(s);
    close_socket(u);
}

/* --- Overlapped ----------------------------------------------------------- */

/* Done at once; the completion tells of no bytes. */
static void overlapped_codes(void)
{
    WSAOVERLAPPED overlapped;
    SOCKET s = tcp_socket();
    u_long bytes = 99;
    DWORD size = 0, count = 9, flags;

    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.hEvent = event_create();
    CHECK_OK(WSAIoctl(s, FIONREAD, NULL, 0, &bytes, sizeof(bytes), &size,
                      &overlapped, NULL));
    EXPECT_EQ(size, sizeof(bytes));
    EXPECT_EQ(bytes, 0);
    event_wait(overlapped.hEvent);
    EXPECT(WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    EXPECT_EQ(count, 0);
    EXPECT_EQ(overlapped.Internal, 0);

    CHECK(WSAResetEvent(overlapped.hEvent));
    CHECK_ERROR(WSAIoctl(s, 0x12345678, NULL, 0, NULL, 0, &size, &overlapped,
                         NULL), WSA_IO_PENDING);
    event_wait(overlapped.hEvent);
    EXPECT(!WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    EXPECT_EQ(WSAGetLastError(), WSAEOPNOTSUPP);

    EXPECT_ERROR(WSAIoctl(s, FIONREAD, NULL, 0, &bytes, 3, &size, &overlapped,
                          NULL), WSAEFAULT);
    EXPECT_ERROR(WSAIoctl(s, FIONREAD, NULL, 0, &bytes, 4, NULL, &overlapped,
                          NULL), WSAEFAULT);
    CHECK(WSACloseEvent(overlapped.hEvent));
    close_socket(s);
}

/* It is marked before the rest is looked at, and a failure leaves it so. */
static void a_failing_keepalive_leaves_pending(void)
{
    struct tcp_keepalive values = {1, 45000, 2000};
    SOCKET sockets[2];
    WSAOVERLAPPED overlapped;
    DWORD size = 0;
    int i;

    sockets[0] = tcp_socket();
    sockets[1] = udp_socket();
    for (i = 0; i < 2; i++) {
        memset(&overlapped, 0, sizeof(overlapped));
        overlapped.Internal = 0xdeadbeef;
        overlapped.InternalHigh = 0xdeadbeef;
        EXPECT_ERROR(WSAIoctl(sockets[i], SIO_KEEPALIVE_VALS, &values,
                              sizeof(values) - (i == 0), NULL, 0, &size,
                              &overlapped, NULL),
                     i == 0 ? WSAEFAULT : WSAENOPROTOOPT);
        EXPECT_EQ(overlapped.Internal, 0x103 /* STATUS_PENDING */);
        EXPECT_EQ(overlapped.InternalHigh, 0xdeadbeef);
    }
    CHECK_OK(WSAIoctl(sockets[0], SIO_KEEPALIVE_VALS, &values, sizeof(values),
                      NULL, 0, &size, &overlapped, NULL));
    EXPECT_EQ(overlapped.Internal, 0);
    EXPECT_EQ(overlapped.InternalHigh, 0);
    close_socket(sockets[0]);
    close_socket(sockets[1]);
}

static const struct test_case cases[] = {
    TEST_CASE(blocking_mode, "03 12: FIONBIO"),
    TEST_CASE(readable_bytes, "03 12: FIONREAD"),
    TEST_CASE(mark, "03 12: SIOCATMARK"),
    TEST_CASE(unknown_codes, "03 12: WSAEOPNOTSUPP"),
    TEST_CASE(bad_calls, "03 12: WSAEFAULT, WSAENOTSOCK"),
    TEST_CASE(services_that_there_are_not, "Winsock IOCTLs: not supported"),
    TEST_CASE(capturing_is_refused, "Winsock IOCTLs: SIO_RCVALL"),
    TEST_CASE(base_handles, "03 12: SIO_BASE_HANDLE and kin"),
    TEST_CASE(extension_functions, "03 12: extension functions"),
    TEST_CASE(keepalive, "03 12: SIO_KEEPALIVE_VALS"),
    TEST_CASE(send_backlog, "03 12: SIO_IDEAL_SEND_BACKLOG_QUERY, _CHANGE"),
    TEST_CASE(tcp_info, "SIO_TCP_INFO, TCP_INFO_v0 and v1"),
    TEST_CASE(hints_of_tcp, "03 12: hints for TCP"),
    TEST_CASE(multicast_codes, "Winsock IOCTLs: SIO_MULTICAST_SCOPE and kin"),
    TEST_CASE(overlapped_codes, "03 12: overlapped"),
    TEST_CASE(a_failing_keepalive_leaves_pending, "04 2: Internal"),
    TEST_END
};
TEST_MAIN("ioctls", cases, NULL)
