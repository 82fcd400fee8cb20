/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's own winhttp.dll and wininet.dll on our ws2_32: they fetch from an
 * HTTP server that is a thread of this program.
 *
 * Prints a TAP line for each case and exits with the number of failed ones.
 */
#include <winsock2.h>
#include <windows.h>
#include <winhttp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define LARGE (3 * 1024 * 1024) /* bytes of /large */
#define N_CLIENTS 8

static INTERNET_PORT port;

/* --- The server ----------------------------------------------------------- */

static int send_all(SOCKET s, const char *data, int size)
{
    while (size) {
        int n = send(s, data, size, 0);

        if (n <= 0)
            return -1;
        data += n;
        size -= n;
    }
    return 0;
}

static char large_byte(int i)
{
    return (char)((i * 7) ^ (i >> 8));
}

/* Answers one request after the other, until the client closes. */
static DWORD WINAPI serve_connection(void *argument)
{
    static const char format[] = "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n";
    SOCKET s = (SOCKET)argument;
    char request[4096], head[256], *body = malloc(LARGE);
    int n, have = 0;

    for (int i = 0; i < LARGE; i++)
        body[i] = large_byte(i);
    while ((n = recv(s, request + have, sizeof(request) - 1 - have, 0)) > 0) {
        char *end, *found;
        int length = 0;

        have += n;
        request[have] = 0;
        end = strstr(request, "\r\n\r\n");
        if (!end)
            continue;
        found = strstr(request, "Content-Length: ");
        if (found && found < end)
            length = atoi(found + 16);
        if (have < end + 4 - request + length)
            continue;
        if (!strncmp(request, "GET /large ", 11)) {
            sprintf(head, format, "200 OK", LARGE);
            if (send_all(s, head, strlen(head)) || send_all(s, body, LARGE))
                break;
        } else if (!strncmp(request, "POST /echo ", 11)) {
            sprintf(head, format, "200 OK", length);
            if (send_all(s, head, strlen(head)) ||
                send_all(s, end + 4, length))
                break;
        } else {
            sprintf(head, format, "404 Not Found", 0);
            if (send_all(s, head, strlen(head)))
                break;
        }
        have = 0;
    }
    closesocket(s);
    free(body);
    return 0;
}

static DWORD WINAPI serve(void *listener)
{
    SOCKET s;

    while ((s = accept((SOCKET)listener, NULL, NULL)) != INVALID_SOCKET)
        CloseHandle(CreateThread(NULL, 0, serve_connection, (void *)s, 0,
                                 NULL));
    return 0;
}

static void start_server(void)
{
    struct sockaddr_in name;
    SOCKET s = listen_here(&name);

    port = ntohs(name.sin_port);
    CloseHandle(CreateThread(NULL, 0, serve, (void *)s, 0, NULL));
}

/* --- winhttp -------------------------------------------------------------- */

/* Reads the body of a request that was sent; its size, -1 after an error. */
static int read_body(HINTERNET request, char *buffer, DWORD size)
{
    DWORD have = 0, n;

    do {
        if (!WinHttpReadData(request, buffer + have, size - have, &n))
            return -1;
        have += n;
    } while (n && have < size);
    return (int)have;
}

/* Sends a request and gets the status and the body; the body's size. */
static int fetch(HINTERNET connection, const WCHAR *verb, const WCHAR *path,
                 char *send_data, DWORD send_size, DWORD *status,
                 char *buffer, DWORD size)
{
    HINTERNET request = WinHttpOpenRequest(connection, verb, path, NULL, NULL,
                                           NULL, 0);
    DWORD status_size = sizeof(*status);
    int n = -1;

    if (request &&
        WinHttpSendRequest(request, NULL, 0, send_data, send_size, send_size,
                           0) &&
        WinHttpReceiveResponse(request, NULL) &&
        WinHttpQueryHeaders(
            request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
            NULL, status, &status_size, NULL))
        n = read_body(request, buffer, size);
    WinHttpCloseHandle(request);
    return n;
}

static int large_is_right(const char *body)
{
    for (int i = 0; i < LARGE; i++) {
        if (body[i] != large_byte(i))
            return 0;
    }
    return 1;
}

static HINTERNET open_session(HINTERNET *connection)
{
    HINTERNET session = WinHttpOpen(L"ws2emu", WINHTTP_ACCESS_TYPE_NO_PROXY,
                                    NULL, NULL, 0);

    *connection = WinHttpConnect(session, L"127.0.0.1", port, 0);
    return session;
}

static void test_winhttp(void)
{
    char *body = malloc(LARGE + 1), echo[] = "what is sent comes back";
    HINTERNET connection, session = open_session(&connection);
    DWORD status = 0;

    EXPECT(GetModuleHandleA("ws2emu.dll"));
    EXPECT(session && connection);
    EXPECT(fetch(connection, L"GET", L"/large", NULL, 0, &status, body,
                 LARGE + 1) == LARGE);
    EXPECT(status == 200 && large_is_right(body));
    EXPECT(fetch(connection, L"POST", L"/echo", echo, sizeof(echo), &status,
                 body, LARGE) == sizeof(echo));
    EXPECT(status == 200 && !memcmp(body, echo, sizeof(echo)));
    EXPECT(!fetch(connection, L"GET", L"/nothing", NULL, 0, &status, body,
                  LARGE));
    EXPECT(status == 404);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    free(body);
}

static DWORD WINAPI fetch_large(void *unused)
{
    char *body = malloc(LARGE + 1);
    HINTERNET connection, session = open_session(&connection);
    DWORD status = 0;
    int n = fetch(connection, L"GET", L"/large", NULL, 0, &status, body,
                  LARGE + 1);
    DWORD right = n == LARGE && large_is_right(body);

    (void)unused;
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    free(body);
    return right;
}

static void test_winhttp_threads(void)
{
    HANDLE threads[N_CLIENTS];

    for (int i = 0; i < N_CLIENTS; i++)
        threads[i] = CreateThread(NULL, 0, fetch_large, NULL, 0, NULL);
    EXPECT(WaitForMultipleObjects(N_CLIENTS, threads, TRUE, 60000) ==
           WAIT_OBJECT_0);
    for (int i = 0; i < N_CLIENTS; i++) {
        DWORD right = 0;

        EXPECT(GetExitCodeThread(threads[i], &right) && right == 1);
        CloseHandle(threads[i]);
    }
}

/* Asynchronously: what comes is told to a callback, in winhttp's threads. */
struct progress {
    HANDLE done;
    DWORD error;
};

static void CALLBACK on_progress(HINTERNET request, DWORD_PTR context,
                                 DWORD what, void *information, DWORD size)
{
    struct progress *progress = (struct progress *)context;

    (void)size;
    if (what == WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE) {
        if (!WinHttpReceiveResponse(request, NULL)) {
            progress->error = GetLastError();
            SetEvent(progress->done);
        }
    } else if (what == WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE) {
        SetEvent(progress->done);
    } else if (what == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        progress->error = ((WINHTTP_ASYNC_RESULT *)information)->dwError;
        SetEvent(progress->done);
    }
}

/* One request for /nothing; the error, 0 when the answer came. */
static DWORD fetch_asynchronously(INTERNET_PORT to)
{
    struct progress progress = {.done = CreateEventA(NULL, TRUE, FALSE, NULL)};
    HINTERNET session = WinHttpOpen(L"ws2emu", WINHTTP_ACCESS_TYPE_NO_PROXY,
                                    NULL, NULL, WINHTTP_FLAG_ASYNC);
    HINTERNET connection = WinHttpConnect(session, L"127.0.0.1", to, 0);
    HINTERNET request = WinHttpOpenRequest(connection, L"GET", L"/nothing",
                                           NULL, NULL, NULL, 0);

    WinHttpSetStatusCallback(request, on_progress,
                             WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS, 0);
    EXPECT(WinHttpSendRequest(request, NULL, 0, NULL, 0, 0,
                              (DWORD_PTR)&progress));
    EXPECT(WaitForSingleObject(progress.done, 30000) == WAIT_OBJECT_0);
    WinHttpSetStatusCallback(request, NULL, 0, 0);
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    CloseHandle(progress.done);
    return progress.error;
}

static void test_winhttp_asynchronous(void)
{
    EXPECT(fetch_asynchronously(port) == 0);
}

/* Nobody listens at a port that is bound and no more. */
static void test_winhttp_refused(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    int length = sizeof(name);
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!bind(s, (struct sockaddr *)&name, length));
    EXPECT(!getsockname(s, (struct sockaddr *)&name, &length));
    EXPECT(fetch_asynchronously(ntohs(name.sin_port)) ==
           ERROR_WINHTTP_CANNOT_CONNECT);
    closesocket(s);
}

/* --- wininet -------------------------------------------------------------- */

/* <wininet.h> and <winhttp.h> exclude each other. */
WINBASEAPI HINTERNET WINAPI InternetOpenA(const char *, DWORD, const char *,
                                          const char *, DWORD);
WINBASEAPI HINTERNET WINAPI InternetOpenUrlA(HINTERNET, const char *,
                                             const char *, DWORD, DWORD,
                                             DWORD_PTR);
WINBASEAPI BOOL WINAPI InternetReadFile(HINTERNET, void *, DWORD, DWORD *);
WINBASEAPI BOOL WINAPI InternetCloseHandle(HINTERNET);

static void test_wininet(void)
{
    HINTERNET session = InternetOpenA("ws2emu", 1 /* direct */, NULL, NULL, 0);
    char url[64], *body = malloc(LARGE + 1);
    HINTERNET file;
    DWORD have = 0, n;

    sprintf(url, "http://127.0.0.1:%d/large", port);
    file = InternetOpenUrlA(session, url, NULL, 0,
                            0x80000000 /* reload, no cache */, 0);
    EXPECT(file);
    do {
        n = 0;
        EXPECT(InternetReadFile(file, body + have, LARGE + 1 - have, &n));
        have += n;
    } while (n && have <= LARGE);
    EXPECT(have == LARGE && large_is_right(body));
    EXPECT(InternetCloseHandle(file));
    EXPECT(InternetCloseHandle(session));
    free(body);
}

static const struct test_case cases[] = {
    {"winhttp", test_winhttp},
    {"winhttp in 8 threads", test_winhttp_threads},
    {"winhttp, asynchronously", test_winhttp_asynchronous},
    {"winhttp, a refused connection", test_winhttp_refused},
    {"wininet", test_wininet},
};

int main(void)
{
    WSADATA data;

    if (WSAStartup(MAKEWORD(2, 2), &data))
        return 99;
    start_server();
    return RUN_CASES(cases, NULL);
}
