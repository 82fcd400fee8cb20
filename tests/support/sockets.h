/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock for suites: checks that know the last error, and the few sockets
 * that most cases begin with.  All on the loopback interface, on ports that
 * the system chooses.  A failing helper fails the case.
 */
#ifndef TESTS_SUPPORT_SOCKETS_H
#define TESTS_SUPPORT_SOCKETS_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include <string.h>

#include "support/harness.h"

/* --- Checks --------------------------------------------------------------- */

/* The call returned 0. */
#define CHECK_OK(call)                                                         \
    check_result(TEST_FATAL, (long long)(call), 0, 0, #call, __FILE__, __LINE__)
#define EXPECT_OK(call)                                                        \
    check_result(TEST_GO_ON, (long long)(call), 0, 0, #call, __FILE__, __LINE__)
/* The call returned this; the last error is printed if it did not. */
#define CHECK_RESULT(call, expected)                                           \
    check_result(TEST_FATAL, (long long)(call), (long long)(expected), 0,      \
                 #call, __FILE__, __LINE__)
#define EXPECT_RESULT(call, expected)                                          \
    check_result(TEST_GO_ON, (long long)(call), (long long)(expected), 0,      \
                 #call, __FILE__, __LINE__)
/* The call returned SOCKET_ERROR or INVALID_SOCKET with this last error. */
#define CHECK_ERROR(call, error)                                               \
    (WSASetLastError(0),                                                       \
     check_result(TEST_FATAL, (long long)(call), -1, error, #call, __FILE__,   \
                  __LINE__))
#define EXPECT_ERROR(call, error)                                              \
    (WSASetLastError(0),                                                       \
     check_result(TEST_GO_ON, (long long)(call), -1, error, #call, __FILE__,   \
                  __LINE__))
/* The call returned a SOCKET. */
#define CHECK_SOCKET(call)                                                     \
    check_socket((call), #call, __FILE__, __LINE__)

/* An error of 0 is not compared. */
int check_result(int fatal, long long result, long long expected, int error,
                 const char *text, const char *file, int line);
SOCKET check_socket(SOCKET s, const char *text, const char *file, int line);
/* "WSAEINVAL", or the number. Good until the thread's fourth next call. */
const char *error_name(int error);

/* --- Sockets -------------------------------------------------------------- */

SOCKET tcp_socket(void);
SOCKET udp_socket(void);
/* 127.0.0.1, port in host order. */
struct sockaddr_in loopback(unsigned port);
/* The local address. */
struct sockaddr_in local_name(SOCKET s);
/* Bound to 127.0.0.1 and a free port. */
SOCKET udp_bound(struct sockaddr_in *ret_name);
SOCKET tcp_listener(struct sockaddr_in *ret_name);
SOCKET tcp_connect(const struct sockaddr_in *name);
/* A connection; both ends blocking. */
void tcp_pair(SOCKET *ret_client, SOCKET *ret_server);

void close_socket(SOCKET s); /* CHECK_OK(closesocket(s)) */
/* Each of them, in this order. */
#define close_sockets(...)                                                     \
    close_all((const SOCKET[]){__VA_ARGS__},                                   \
              sizeof((const SOCKET[]){__VA_ARGS__}) / sizeof(SOCKET))
void close_all(const SOCKET *sockets, size_t n);

/* --- Data ----------------------------------------------------------------- */

/* All of it. */
void send_all(SOCKET s, const void *data, int length);
/* Exactly so much, waiting for it. */
void receive_all(SOCKET s, void *data, int length);
/* What arrives next is text. */
void check_receives(SOCKET s, const char *text);
/* Sends text in one end and checks that it comes out of the other. */
void check_passes(SOCKET from, SOCKET to, const char *text);
/* Waits until s is readable, writable; 0 when it is not within ms. */
int wait_readable(SOCKET s, int ms);
int wait_writable(SOCKET s, int ms);
/* The other end sees nothing: neither data nor the end, for TEST_QUIET_MS. */
void check_quiet(SOCKET s);
/* The other end sees the end of the connection. */
void check_end(SOCKET s);

int get_int_option(SOCKET s, int level, int name);
void set_int_option(SOCKET s, int level, int name, int value);
void set_nonblocking(SOCKET s, int on);
/* SO_LINGER; with 0 seconds the last close resets the connection. */
void set_linger(SOCKET s, int seconds);
/* By a recv that must not find data: blocking mode itself cannot be read. */
int is_nonblocking(SOCKET s);

/* --- Event objects -------------------------------------------------------- */

/* Not signalled, to be reset by hand; WSACloseEvent closes it. */
WSAEVENT event_create(void);
/* 1: it is signalled within ms. */
int event_is_signalled(WSAEVENT event, int ms);
/* It is signalled in time. */
void event_wait(WSAEVENT event);

/* --- Duplicates ----------------------------------------------------------- */

/* A token for process process_id, W form. */
void duplicate(SOCKET s, unsigned process_id, WSAPROTOCOL_INFOW *ret_info);
/* WSASocketW with FROM_PROTOCOL_INFO three times. */
SOCKET open_duplicate(WSAPROTOCOL_INFOW *info);
/* Both for this process. */
SOCKET duplicate_here(SOCKET s);

/* --- Wide text, of characters below 256 ----------------------------------- */

enum { WIDE_TEXT = 300 };
/* Returns buffer. */
WCHAR *widen(const char *text, WCHAR buffer[WIDE_TEXT]);
int same_text(const WCHAR *wide, const char *text);

#endif
