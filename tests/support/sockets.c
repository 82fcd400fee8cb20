/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The helpers of sockets.h, and the harness's own Winsock part: start-up,
   warm-up and clean-up of a case's process. */
#include "support/sockets.h"

#include <ws2emu/constants.h>

#include <stdio.h>

#include "support/platform.h"

/* --- Checks --------------------------------------------------------------- */

const char *error_name(int error)
{
    static const struct {
        int value;
        const char *name;
    } names[] = {
#define WS2_ERROR(error_code, value, unix_errno, text)                         \
    { value, (value) < 10000 ? "WSA_" #error_code : "WSA" #error_code },
#include <ws2emu/errors.def>
#undef WS2_ERROR
    };
    static _Thread_local char numbers[4][16];
    static _Thread_local unsigned next;

    if (!error) return "no error";
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].value == error) return names[i].name;
    char *number = numbers[next++ % 4];
    snprintf(number, sizeof(numbers[0]), "%d", error);
    return number;
}

int check_result(int fatal, long long result, long long expected, int error,
                 const char *text, const char *file, int line)
{
    int last = WSAGetLastError();
    if (result != expected && result == -1)
        test_check(fatal, 0, file, line, "%s failed with %s", text,
                   error_name(last));
    else if (result != expected && error)
        test_check(fatal, 0, file, line, "%s returned %lld, not an error (%s)",
                   text, result, error_name(error));
    else if (result != expected)
        test_check(fatal, 0, file, line, "%s returned %lld, not %lld", text,
                   result, expected);
    else if (error && last != error)
        test_check(fatal, 0, file, line, "%s failed with %s, not %s", text,
                   error_name(last), error_name(error));
    else
        return 1;
    return 0;
}

SOCKET check_socket(SOCKET s, const char *text, const char *file, int line)
{
    test_check(TEST_FATAL, s != INVALID_SOCKET, file, line, "%s failed with %s",
               text, error_name(WSAGetLastError()));
    test_check(TEST_FATAL, s != 0 && s % 4 == 0, file, line,
               "%s returned 0x%llx, no multiple of 4", text,
               (unsigned long long)s);
    return s;
}

/* --- Sockets -------------------------------------------------------------- */

SOCKET tcp_socket(void)
{
    return CHECK_SOCKET(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
}

SOCKET udp_socket(void)
{
    return CHECK_SOCKET(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
}

struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in name;
    memset(&name, 0, sizeof(name));
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons((u_short)port);
    return name;
}

struct sockaddr_in local_name(SOCKET s)
{
    struct sockaddr_in name;
    int length = sizeof(name);
    CHECK_OK(getsockname(s, (struct sockaddr *)&name, &length));
    CHECK_EQ(length, sizeof(name));
    return name;
}

static void bind_loopback(SOCKET s, struct sockaddr_in *ret_name)
{
    struct sockaddr_in name = loopback(0);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    name = local_name(s);
    if (ret_name) *ret_name = name;
}

SOCKET udp_bound(struct sockaddr_in *ret_name)
{
    SOCKET s = udp_socket();
    bind_loopback(s, ret_name);
    return s;
}

SOCKET tcp_listener(struct sockaddr_in *ret_name)
{
    SOCKET s = tcp_socket();
    bind_loopback(s, ret_name);
    CHECK_OK(listen(s, SOMAXCONN));
    return s;
}

SOCKET tcp_connect(const struct sockaddr_in *name)
{
    SOCKET s = tcp_socket();
    CHECK_OK(connect(s, (const struct sockaddr *)name, sizeof(*name)));
    return s;
}

void tcp_pair(SOCKET *ret_client, SOCKET *ret_server)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name);
    *ret_client = tcp_connect(&name);
    *ret_server = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(listener);
}

void close_socket(SOCKET s)
{
    CHECK_OK(closesocket(s));
}

void close_all(const SOCKET *sockets, size_t n)
{
    while (n-- > 0)
        close_socket(*sockets++);
}

/* --- Data ----------------------------------------------------------------- */

int wait_readable(SOCKET s, int ms)
{
    WSAPOLLFD item = { .fd = s, .events = POLLRDNORM };
    int n = WSAPoll(&item, 1, ms);
    CHECK_THAT(n >= 0, "WSAPoll failed with %s", error_name(WSAGetLastError()));
    return n > 0;
}

int wait_writable(SOCKET s, int ms)
{
    WSAPOLLFD item = { .fd = s, .events = POLLWRNORM };
    int n = WSAPoll(&item, 1, ms);
    CHECK_THAT(n >= 0, "WSAPoll failed with %s", error_name(WSAGetLastError()));
    return n > 0;
}

void send_all(SOCKET s, const void *data, int length)
{
    for (int done = 0; done < length;) {
        int n = send(s, (const char *)data + done, length - done, 0);
        if (n < 0 && WSAGetLastError() == WSAEWOULDBLOCK) {
            CHECK(wait_writable(s, test_timeout(10000)));
            continue;
        }
        CHECK_THAT(n > 0, "send failed with %s", error_name(WSAGetLastError()));
        done += n;
    }
}

void receive_all(SOCKET s, void *data, int length)
{
    for (int done = 0; done < length;) {
        CHECK_THAT(wait_readable(s, test_timeout(10000)),
                   "%d of %d bytes came in time", done, length);
        int n = recv(s, (char *)data + done, length - done, 0);
        if (n < 0 && WSAGetLastError() == WSAEWOULDBLOCK) continue;
        CHECK_THAT(n >= 0, "recv failed with %s",
                   error_name(WSAGetLastError()));
        CHECK_THAT(n > 0, "the connection ended after %d of %d bytes", done,
                   length);
        done += n;
    }
}

void check_receives(SOCKET s, const char *text)
{
    char buffer[256];
    int length = (int)strlen(text);
    CHECK(length < (int)sizeof(buffer));
    receive_all(s, buffer, length);
    CHECK_MEMORY(buffer, text, (size_t)length);
}

void check_passes(SOCKET from, SOCKET to, const char *text)
{
    send_all(from, text, (int)strlen(text));
    check_receives(to, text);
}

void check_quiet(SOCKET s)
{
    CHECK_THAT(!wait_readable(s, TEST_QUIET_MS),
               "the socket became readable (data, or the end)");
}

void check_end(SOCKET s)
{
    char byte;
    CHECK_THAT(wait_readable(s, test_timeout(10000)),
               "the connection did not end in time");
    CHECK_RESULT(recv(s, &byte, 1, 0), 0);
}

int get_int_option(SOCKET s, int level, int name)
{
    int value = 0, length = sizeof(value);
    CHECK_OK(getsockopt(s, level, name, (char *)&value, &length));
    return value;
}

void set_int_option(SOCKET s, int level, int name, int value)
{
    CHECK_OK(setsockopt(s, level, name, (const char *)&value, sizeof(value)));
}

void set_nonblocking(SOCKET s, int on)
{
    u_long value = (u_long)on;
    CHECK_OK(ioctlsocket(s, FIONBIO, &value));
}

void set_linger(SOCKET s, int seconds)
{
    struct linger linger = { 1, (u_short)seconds };
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger,
                        sizeof(linger)));
}

int is_nonblocking(SOCKET s)
{
    DWORD before = 0, probe = 50;
    int length = sizeof(before);
    char byte;
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&before, &length));
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&probe,
                        sizeof(probe)));
    int n = recv(s, &byte, 1, 0), error = WSAGetLastError();
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&before,
                        sizeof(before)));
    CHECK_EQ(n, -1);
    CHECK_THAT(error == WSAEWOULDBLOCK || error == WSAETIMEDOUT,
               "recv failed with %s", error_name(error));
    return error == WSAEWOULDBLOCK;
}

void duplicate(SOCKET s, unsigned process_id, WSAPROTOCOL_INFOW *ret_info)
{
    memset(ret_info, 0xcc, sizeof(*ret_info));
    CHECK_OK(WSADuplicateSocketW(s, process_id, ret_info));
}

SOCKET open_duplicate(WSAPROTOCOL_INFOW *info)
{
    return CHECK_SOCKET(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                   FROM_PROTOCOL_INFO, info, 0,
                                   WSA_FLAG_OVERLAPPED));
}

SOCKET duplicate_here(SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    duplicate(s, test_process_id(), &info);
    return open_duplicate(&info);
}

/* --- Event objects -------------------------------------------------------- */

WSAEVENT event_create(void)
{
    WSAEVENT event = WSACreateEvent();
    CHECK(event != WSA_INVALID_EVENT);
    return event;
}

int event_is_signalled(WSAEVENT event, int ms)
{
    DWORD result =
        WSAWaitForMultipleEvents(1, &event, FALSE, (DWORD)ms, FALSE);
    CHECK(result == WSA_WAIT_EVENT_0 || result == WSA_WAIT_TIMEOUT);
    return result == WSA_WAIT_EVENT_0;
}

void event_wait(WSAEVENT event)
{
    CHECK_THAT(event_is_signalled(event, test_timeout(10000)),
               "the event was not signalled in time");
}

/* --- Wide text ------------------------------------------------------------ */

WCHAR *widen(const char *text, WCHAR buffer[WIDE_TEXT])
{
    int i = 0;
    do {
        CHECK(i < WIDE_TEXT);
        buffer[i] = (unsigned char)text[i];
    } while (text[i++]);
    return buffer;
}

int same_text(const WCHAR *wide, const char *text)
{
    for (; *text && *wide == (unsigned char)*text; text++, wide++)
        ;
    return *wide == (unsigned char)*text;
}

/* --- A case's process ----------------------------------------------------- */

void winsock_startup(void)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);
    CHECK_THAT(error == 0, "WSAStartup failed with %s", error_name(error));
}

void winsock_cleanup(void)
{
    CHECK_OK(WSACleanup());
}

static void CALLBACK note_warm(DWORD error, DWORD count,
                               LPWSAOVERLAPPED overlapped, DWORD flags)
{
    (void)count, (void)flags;
    overlapped->hEvent = error == 0 ? overlapped : NULL;
}

/* A receive that pends, with a completion routine, starts what overlapped
   operations need. */
static void warm_up_overlapped(SOCKET from, SOCKET to, WSAEVENT event)
{
    WSAOVERLAPPED overlapped = { .hEvent = NULL };
    char byte;
    WSABUF buffer = { 1, &byte };
    DWORD flags = 0;

    CHECK_ERROR(WSARecv(to, &buffer, 1, NULL, &flags, &overlapped, note_warm),
                WSA_IO_PENDING);
    send_all(from, "w", 1);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE,
                                      (DWORD)test_timeout(10000), TRUE),
             WSA_WAIT_IO_COMPLETION);
    CHECK(overlapped.hEvent == &overlapped);
}

/* One use of everything that leaves something for the process's life: the
   connections to the server, its shared memory, threads, Wine's window
   station. */
void winsock_warm_up(int with_windows)
{
    SOCKET client, server, s;
    WSAPROTOCOL_INFOW info;
    WSAEVENT event = event_create();
    tcp_pair(&client, &server);
    check_passes(client, server, "warm-up");
    warm_up_overlapped(client, server, event);
    duplicate(client, test_process_id(), &info);
    s = open_duplicate(&info);
    CHECK_OK(WSAEventSelect(s, event, FD_READ | FD_CLOSE));
    /* Until the thread that signals it has run, not all of its descriptors
       need be there. */
    send_all(server, "x", 1);
    event_wait(event);
    receive_all(s, &(char){ 0 }, 1);
    if (with_windows) {
        struct window *window = window_create();
        unsigned message;
        uint64_t wparam;
        int64_t lparam;
        CHECK_OK(WSAAsyncSelect(s, (HWND)(ULONG_PTR)window_handle(window),
                                WM_USER, FD_READ | FD_CLOSE));
        send_all(server, "x", 1);
        CHECK_THAT(window_next_message(window, test_timeout(10000), &message,
                                       &wparam, &lparam),
                   "the warm-up's message did not come in time");
        window_destroy(window);
    }
    close_socket(s);
    close_socket(client);
    close_socket(server);
    CHECK(WSACloseEvent(event));
}
