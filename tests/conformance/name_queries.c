/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAAsyncGetHostByName and its kin, which answer by a window message, and
 * WSACancelAsyncRequest.  All of what is asked here is answered without a
 * network.
 *
 * The statements are those of Microsoft's pages on these functions.
 */
#include "support/sockets.h"

#include <stdlib.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

enum { MESSAGE = 0x8123, WAIT_MS = 10000 };

struct fixture {
    struct window *window;
    HWND handle;
    union {
        char bytes[MAXGETHOSTSTRUCT];
        struct hostent host;
        struct servent service;
        struct protoent protocol;
    } buffer;
};

static void begin(struct fixture *f)
{
    f->window = window_create();
    f->handle = (HWND)(ULONG_PTR)window_handle(f->window);
    memset(&f->buffer, '#', sizeof(f->buffer));
}

static void end(struct fixture *f)
{
    unsigned message;
    uint64_t wparam;
    int64_t lparam;

    EXPECT(!window_next_message(f->window, TEST_QUIET_MS, &message, &wparam,
                                &lparam));
    window_destroy(f->window);
}

/* The answer to the question of the handle: its error; *ret_size may be
   NULL. */
static int answer(struct fixture *f, HANDLE handle, unsigned *ret_size)
{
    unsigned message;
    uint64_t wparam;
    int64_t lparam;

    CHECK_THAT(handle != NULL, "not begun: %s", error_name(WSAGetLastError()));
    CHECK(window_next_message(f->window, test_timeout(WAIT_MS), &message,
                              &wparam, &lparam));
    CHECK_EQ(message, MESSAGE);
    CHECK_EQ(wparam, (ULONG_PTR)handle);
    if (ret_size)
        *ret_size = WSAGETASYNCBUFLEN(lparam);
    return WSAGETASYNCERROR(lparam);
}

/* All that the answer points to is in the buffer. */
static void check_inside(const struct fixture *f, const void *pointer)
{
    EXPECT((const char *)pointer >= f->buffer.bytes &&
           (const char *)pointer < f->buffer.bytes + sizeof(f->buffer));
}

/* --- Answers -------------------------------------------------------------- */

static void host_by_name(void)
{
    struct fixture f;
    unsigned size;

    begin(&f);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                          f.buffer.bytes, sizeof(f.buffer)),
                    &size),
             0);
    CHECK(size > sizeof(struct hostent) && size < sizeof(f.buffer));
    CHECK_EQ(f.buffer.bytes[size], '#');
    CHECK_EQ(f.buffer.host.h_addrtype, AF_INET);
    CHECK_EQ(f.buffer.host.h_length, 4);
    check_inside(&f, f.buffer.host.h_name);
    check_inside(&f, f.buffer.host.h_aliases);
    check_inside(&f, f.buffer.host.h_addr_list);
    check_inside(&f, f.buffer.host.h_addr_list[0]);
    CHECK(!memcmp(f.buffer.host.h_addr_list[0], "\1\2\3\4", 4));
    CHECK(f.buffer.host.h_addr_list[1] == NULL);
    CHECK(!strcmp(f.buffer.host.h_name, "1.2.3.4"));
    end(&f);
}

static void own_host(void)
{
    struct hostent *host;
    struct fixture f;
    char name[300];
    int i;

    CHECK_OK(gethostname(name, sizeof(name)));
    begin(&f);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByName(f.handle, MESSAGE, name,
                                          f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             0);
    host = gethostbyname(name);
    CHECK(host != NULL);
    for (i = 0; host->h_addr_list[i]; i++) {
        CHECK(f.buffer.host.h_addr_list[i] != NULL);
        EXPECT(!memcmp(f.buffer.host.h_addr_list[i], host->h_addr_list[i], 4));
    }
    CHECK(f.buffer.host.h_addr_list[i] == NULL);
    end(&f);
}

static void services(void)
{
    struct fixture f;

    begin(&f);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetServByName(f.handle, MESSAGE, "http", "tcp",
                                          f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             0);
    CHECK_EQ(f.buffer.service.s_port, (short)htons(80));
    CHECK(!strcmp(f.buffer.service.s_name, "http"));
    CHECK(!strcmp(f.buffer.service.s_proto, "tcp"));
    check_inside(&f, f.buffer.service.s_aliases);
    memset(&f.buffer, '#', sizeof(f.buffer));
    CHECK_EQ(answer(&f,
                    WSAAsyncGetServByPort(f.handle, MESSAGE, htons(53), NULL,
                                          f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             0);
    CHECK(!strcmp(f.buffer.service.s_name, "domain"));
    end(&f);
}

static void protocols(void)
{
    struct fixture f;

    begin(&f);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetProtoByName(f.handle, MESSAGE, "UDP",
                                           f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             0);
    CHECK_EQ(f.buffer.protocol.p_proto, IPPROTO_UDP);
    CHECK(!strcmp(f.buffer.protocol.p_name, "udp"));
    check_inside(&f, f.buffer.protocol.p_aliases[0]);
    memset(&f.buffer, '#', sizeof(f.buffer));
    CHECK_EQ(answer(&f,
                    WSAAsyncGetProtoByNumber(f.handle, MESSAGE, IPPROTO_TCP,
                                             f.buffer.bytes,
                                             sizeof(f.buffer)),
                    NULL),
             0);
    CHECK_EQ(f.buffer.protocol.p_proto, IPPROTO_TCP);
    CHECK(!strcmp(f.buffer.protocol.p_name, "tcp"));
    end(&f);
}

static void many_at_once(void)
{
    enum { N = 60 };
    static char buffers[N][MAXGETHOSTSTRUCT];
    HANDLE handles[N];
    struct fixture f;
    unsigned message;
    uint64_t wparam;
    int64_t lparam;
    int i, j;

    begin(&f);
    for (i = 0; i < N; i++) {
        handles[i] = WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                           buffers[i], MAXGETHOSTSTRUCT);
        CHECK(handles[i] != NULL);
        for (j = 0; j < i; j++)
            CHECK(handles[i] != handles[j]);
    }
    for (i = 0; i < N; i++) {
        CHECK(window_next_message(f.window, test_timeout(WAIT_MS), &message,
                                  &wparam, &lparam));
        for (j = 0; j < N && (ULONG_PTR)handles[j] != wparam; j++)
            ;
        CHECK(j < N);
        handles[j] = NULL; /* once each */
        CHECK_EQ(WSAGETASYNCERROR(lparam), 0);
        CHECK(!memcmp(((struct hostent *)buffers[j])->h_addr_list[0],
                      "\1\2\3\4", 4));
    }
    end(&f);
}

/* --- Failures ------------------------------------------------------------- */

static void what_is_not_found(void)
{
    struct fixture f;

    begin(&f);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByName(f.handle, MESSAGE,
                                          "no-such-host.invalid",
                                          f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             WSAHOST_NOT_FOUND);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetServByName(f.handle, MESSAGE, "no-such-service",
                                          NULL, f.buffer.bytes,
                                          sizeof(f.buffer)),
                    NULL),
             WSANO_DATA);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetServByPort(f.handle, MESSAGE, htons(65000),
                                          "tcp", f.buffer.bytes,
                                          sizeof(f.buffer)),
                    NULL),
             WSANO_DATA);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetProtoByName(f.handle, MESSAGE,
                                           "no-such-protocol", f.buffer.bytes,
                                           sizeof(f.buffer)),
                    NULL),
             WSANO_DATA);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetProtoByNumber(f.handle, MESSAGE, 255,
                                             f.buffer.bytes,
                                             sizeof(f.buffer)),
                    NULL),
             WSANO_DATA);
    CHECK_EQ(f.buffer.bytes[0], '#');
    end(&f);
}

static void too_little_room(void)
{
    unsigned needed, again;
    struct fixture f;

    begin(&f);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                          f.buffer.bytes, 8),
                    &needed),
             WSAENOBUFS);
    CHECK(needed > sizeof(struct hostent));
    CHECK_EQ(f.buffer.bytes[8], '#');
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                          f.buffer.bytes, (int)needed - 1),
                    &again),
             WSAENOBUFS);
    CHECK_EQ(again, needed);
    CHECK_EQ(f.buffer.bytes[needed - 1], '#');
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                          f.buffer.bytes, (int)needed),
                    &again),
             0);
    CHECK_EQ(again, needed);
    end(&f);
}

static void addresses_that_are_none(void)
{
    struct fixture f;

    begin(&f);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByAddr(f.handle, MESSAGE, "\1\2\3\4", 4, 99,
                                          f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             WSAEAFNOSUPPORT);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByAddr(f.handle, MESSAGE, "\1\2\3\4", 3,
                                          AF_INET, f.buffer.bytes,
                                          sizeof(f.buffer)),
                    NULL),
             WSAEFAULT);
    CHECK_EQ(f.buffer.bytes[0], '#');
    end(&f);
}

static void bad_pointers_are_told_later(void)
{
    char *const bad = (char *)16;
    struct fixture f;

    begin(&f);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByName(f.handle, MESSAGE, bad,
                                          f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             WSAEFAULT);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4", bad,
                                          sizeof(f.buffer)),
                    NULL),
             WSAEFAULT);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetHostByAddr(f.handle, MESSAGE, bad, 4, AF_INET,
                                          f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             WSAEFAULT);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetServByName(f.handle, MESSAGE, "http", bad,
                                          f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             WSAEFAULT);
    CHECK_EQ(answer(&f,
                    WSAAsyncGetProtoByName(f.handle, MESSAGE, bad,
                                           f.buffer.bytes, sizeof(f.buffer)),
                    NULL),
             WSAEFAULT);
    CHECK_EQ(f.buffer.bytes[0], '#');
    end(&f);
}

/* That there is nobody to be told is not looked at either. */
static void no_arguments_at_all(void)
{
    CHECK(WSAAsyncGetServByName(NULL, 0, NULL, NULL, NULL, 0) != NULL);
    CHECK(WSAAsyncGetServByName(NULL, 0, "", "", NULL, 0) != NULL);
    CHECK(WSAAsyncGetServByPort(NULL, 0, 0, NULL, NULL, 0) != NULL);
    CHECK(WSAAsyncGetProtoByNumber(NULL, 0, -1, NULL, -1) != NULL);
}

static void needs_startup(void)
{
    char buffer[MAXGETHOSTSTRUCT];

    WSASetLastError(0);
    CHECK(WSAAsyncGetHostByName(NULL, MESSAGE, "1.2.3.4", buffer,
                                sizeof(buffer)) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_ERROR(WSACancelAsyncRequest((HANDLE)4), WSANOTINITIALISED);
}

/* --- Cancelling ----------------------------------------------------------- */

static void WINAPI wait_at_gate(DWORD error, DWORD bytes,
                                OVERLAPPED *overlapped);

/* Questions whose routines wait at the gate, so that the library has no thread
   left for others. */
struct blocking {
    OVERLAPPED overlapped;
    ADDRINFOEXW *list;
    WSAEVENT gate, left;
};

enum { N_BLOCKING = 64 };
static struct blocking blocking[N_BLOCKING];

static void WINAPI wait_at_gate(DWORD error, DWORD bytes,
                                OVERLAPPED *overlapped)
{
    struct blocking *b = (struct blocking *)overlapped;

    (void)error, (void)bytes;
    FreeAddrInfoExW(b->list);
    event_wait(b->gate);
    WSASetEvent(b->left);
}

static WSAEVENT block_all(void)
{
    WSAEVENT gate = event_create();
    WCHAR wide[WIDE_TEXT];
    int i;

    for (i = 0; i < N_BLOCKING; i++) {
        blocking[i].gate = gate;
        blocking[i].left = event_create();
        CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL,
                                NULL, &blocking[i].list, NULL,
                                &blocking[i].overlapped, wait_at_gate, NULL),
                 WSA_IO_PENDING);
    }
    return gate;
}

static void unblock_all(WSAEVENT gate)
{
    int i;

    WSASetEvent(gate);
    for (i = 0; i < N_BLOCKING; i++) {
        event_wait(blocking[i].left);
        WSACloseEvent(blocking[i].left);
    }
    WSACloseEvent(gate);
}

static void a_cancelled_question_is_not_answered(void)
{
    struct fixture f;
    WSAEVENT gate;
    HANDLE handle;

    if (!TARGET_IS_OURS)
        SKIP("the builtin's threads cannot be kept busy");
    begin(&f);
    gate = block_all();
    handle = WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                   f.buffer.bytes, sizeof(f.buffer));
    CHECK(handle != NULL);
    CHECK_OK(WSACancelAsyncRequest(handle));
    CHECK_ERROR(WSACancelAsyncRequest(handle), WSAEALREADY);
    unblock_all(gate);
    CHECK_EQ(f.buffer.bytes[0], '#');
    end(&f); /* no message */
}

static void an_answered_question_cannot_be_cancelled(void)
{
    struct fixture f;
    HANDLE handle;

    begin(&f);
    handle = WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                   f.buffer.bytes, sizeof(f.buffer));
    CHECK_EQ(answer(&f, handle, NULL), 0);
    CHECK_ERROR(WSACancelAsyncRequest(handle), WSAEALREADY);
    end(&f);
}

static void questions_that_were_never_asked(void)
{
    static const ULONG_PTR values[] = {0, 1, 0x7ffffff0, 0x123456789abc};
    size_t i;

    for (i = 0; i < N_ELEMENTS(values); i++)
        CHECK_ERROR(WSACancelAsyncRequest((HANDLE)values[i]), WSAEINVAL);
}

/* Either the message comes or cancelling succeeds. */
static void cancelling_races_with_the_answer(void)
{
    enum { N = 200 };
    int i, n_cancelled = 0, n_messages = 0;
    struct fixture f;
    unsigned message;
    uint64_t wparam;
    int64_t lparam;

    begin(&f);
    for (i = 0; i < N; i++) {
        HANDLE handle = WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                              f.buffer.bytes,
                                              sizeof(f.buffer));

        CHECK(handle != NULL);
        if (!WSACancelAsyncRequest(handle))
            n_cancelled++;
    }
    while (n_messages < N - n_cancelled &&
           window_next_message(f.window, test_timeout(WAIT_MS), &message,
                               &wparam, &lparam))
        n_messages++;
    CHECK_EQ(n_messages, N - n_cancelled);
    end(&f);
}

static void cleanup_ends_questions(void)
{
    struct fixture f;
    WSAEVENT never;
    WSADATA data;
    int i;

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    begin(&f);
    for (i = 0; i < 50; i++)
        CHECK(WSAAsyncGetHostByName(f.handle, MESSAGE, "1.2.3.4",
                                    f.buffer.bytes,
                                    sizeof(f.buffer)) != NULL);
    CHECK_OK(WSACleanup());
    memset(&f.buffer, '#', sizeof(f.buffer));
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    never = event_create();
    CHECK(!event_is_signalled(never, TEST_QUIET_MS));
    WSACloseEvent(never);
    CHECK_EQ(f.buffer.bytes[0], '#');
    window_destroy(f.window);
    CHECK_OK(WSACleanup());
}

#define WINDOWS .flags = TEST_WINDOWS

static const struct test_case cases[] = {
    TEST_CASE_WITH(host_by_name, "06 11: the answer is in the buffer",
                   WINDOWS),
    TEST_CASE_WITH(own_host, "it resolves gethostname's name", WINDOWS),
    TEST_CASE_WITH(services, "06 11: by name and by port", WINDOWS),
    TEST_CASE_WITH(protocols, "06 11: by name and by number", WINDOWS),
    TEST_CASE_WITH(many_at_once, "06 11: wParam is the handle", WINDOWS),
    TEST_CASE_WITH(what_is_not_found, "06 11: the error in lParam", WINDOWS),
    TEST_CASE_WITH(too_little_room, "06 11: WSAENOBUFS, and the size",
                   WINDOWS),
    TEST_CASE_WITH(addresses_that_are_none, "06 11: bad input", WINDOWS),
    TEST_CASE_WITH(bad_pointers_are_told_later, "06 11: bad input", WINDOWS),
    TEST_CASE_WITH(no_arguments_at_all, "06 11: nothing is looked at",
                   WINDOWS),
    TEST_CASE_WITH(needs_startup, "WSANOTINITIALISED", .flags = TEST_BARE),
    TEST_CASE_WITH(a_cancelled_question_is_not_answered,
                   "06 11: WSACancelAsyncRequest", WINDOWS,
                   .waiting_threads = 64),
    TEST_CASE_WITH(an_answered_question_cannot_be_cancelled,
                   "06 11: WSAEALREADY", WINDOWS),
    TEST_CASE(questions_that_were_never_asked, "06 11: WSAEINVAL"),
    TEST_CASE_WITH(cancelling_races_with_the_answer, "06 11: one of the two",
                   WINDOWS),
    TEST_CASE_WITH(cleanup_ends_questions, "WSACleanup: nothing is posted",
                   .flags = TEST_BARE | TEST_WINDOWS),
    TEST_END
};

TEST_MAIN("name_queries", cases, NULL)
