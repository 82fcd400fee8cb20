/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of name spaces in other programs, and the other program talks
 * nonsense: it gets an error, or its link is cut; nothing falls, nothing hangs.
 * Native only.
 */
#include "support/hosted.h"
#include "support/raw_link.h"

#include <stdlib.h>

/* As dlls/ws2_32/hosted_message.h has it. */
struct message {
    uint32_t code, call;
    uint64_t lookup;
    uint32_t flags, operation;
    int32_t error;
    uint32_t set_size;
};
enum { START = 1, BEGIN, NEXT, END_LOOKUP, SET, CLEANUP, AFTER };

static union {
    char bytes[200000];
    struct message head;
} buffer;

static void begin(void)
{
    static WSADATA data;

    srand(4711);
    hosted_install();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

/* The end of a look-up of a name; *ret_results: of those that were had. */
static int look_up(const char *name, int *ret_results)
{
    WCHAR wide[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen(name, wide),
        .dwNameSpace = NS_HOSTED,
    };
    static union {
        char bytes[65536];
        WSAQUERYSETW set;
    } result;
    DWORD length = sizeof(result);
    HANDLE handle;
    int error;

    *ret_results = 0;
    if (WSALookupServiceBeginW(&set, LUP_RETURN_ALL, &handle))
        return WSAGetLastError();
    while (!WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length, &result.set))
        ++*ret_results;
    error = WSAGetLastError();
    CHECK_OK(WSALookupServiceEnd(handle));
    return error;
}

/* --- Clients -------------------------------------------------------------- */

/* A message with a block of so many bytes; 0: the host has cut the link. */
static int say(int link, uint32_t code, uint64_t lookup, uint32_t set_size,
               size_t bytes)
{
    buffer.head = (struct message){
        .code = code,
        .call = (uint32_t)rand(),
        .lookup = lookup,
        .flags = (uint32_t)rand(),
        .operation = (uint32_t)rand() % 5,
        .set_size = set_size,
    };
    return raw_send(link, &buffer, sizeof(buffer.head) + bytes);
}

/* What the host says to it. */
static int reply_to(int link, uint32_t code, uint64_t lookup, size_t bytes)
{
    CHECK(say(link, code, lookup, (uint32_t)bytes, bytes));
    CHECK_EQ(raw_receive(link, &buffer, sizeof(buffer)), sizeof(buffer.head));
    CHECK_EQ(buffer.head.code, code);
    return buffer.head.error;
}

static void requests_that_are_none(void)
{
    struct peer *host_;
    int link, results;

    begin();
    host_ = host_start();
    link = raw_contact(&hosted_ids[0]);
    CHECK_EQ(reply_to(link, NEXT, 1, 0), WSAEINVAL); /* before START */
    CHECK_EQ(reply_to(link, START, 0, 8), WSAEINVAL);
    CHECK_EQ(reply_to(link, START, 0, 0), 0);
    CHECK_EQ(reply_to(link, START, 0, 0), WSAEINVAL);
    CHECK_EQ(reply_to(link, NEXT, 1, 0), WSA_INVALID_HANDLE);
    CHECK(say(link, END_LOOKUP, 1, 0, 0)); /* has no reply */
    CHECK_EQ(reply_to(link, BEGIN, 0, 0), WSAEINVAL);
    CHECK_EQ(reply_to(link, SET, 0, 0), WSAEINVAL);
    memset(&buffer, 0xff, sizeof(buffer));
    CHECK_EQ(reply_to(link, BEGIN, 0, 4000), WSAEINVAL);
    CHECK_EQ(reply_to(link, SET, 0, 4000), WSAEINVAL);
    CHECK_EQ(reply_to(link, AFTER, 0, 0), WSAEINVAL);
    CHECK_EQ(reply_to(link, 0, 0, 0), WSAEINVAL);
    CHECK(say(link, BEGIN, 0, 5, 4)); /* not as long as it says */
    CHECK_EQ(raw_receive(link, &buffer, sizeof(buffer)), 0);
    raw_close(link);
    link = raw_contact(&hosted_ids[0]);
    CHECK(raw_send(link, "short", 5));
    CHECK_EQ(raw_receive(link, &buffer, sizeof(buffer)), 0);
    raw_close(link);
    link = raw_contact(&hosted_ids[0]);
    raw_send(link, &buffer, 1 << 17 | 1); /* longer than any */
    CHECK_EQ(raw_receive(link, &buffer, sizeof(buffer)), 0);
    raw_close(link);
    CHECK_EQ(look_up("many", &results), WSA_E_NO_MORE);
    CHECK_EQ(results, 5);
    CHECK_OK(WSACleanup());
    HOST_WAIT(host_, rundowns, 1); /* the two sessions end side by side */
    struct hosted_counts counts = HOST_WAIT(host_, cleanups, 1);
    CHECK_EQ(counts.mistakes, 0);
    CHECK_EQ(counts.startups, 2);
    CHECK_EQ(counts.rundowns, 1);
    host_end(host_);
}

/* A client that sends anything, and reads nothing. */
static void any_requests(void)
{
    struct peer *host_;
    int link, results, i, j;

    begin();
    host_ = host_start();
    for (i = 0; i < 50; i++) {
        link = raw_contact(&hosted_ids[0]);
        say(link, START, 0, 0, 0);
        for (j = 0; j < 40; j++) {
            size_t bytes = (size_t)rand() % 300;

            for (size_t k = 0; k < bytes; k++)
                buffer.bytes[sizeof(buffer.head) + k] = (char)rand();
            if (!say(link, (uint32_t)rand() % (AFTER + 1), (uint64_t)rand() % 3,
                     (uint32_t)bytes + (rand() % 20 == 0), bytes))
                break;
        }
        raw_close(link);
    }
    CHECK_EQ(look_up("many", &results), WSA_E_NO_MORE);
    CHECK_EQ(results, 5);
    CHECK_OK(WSACleanup());
    HOST_WAIT(host_, cleanups, 1);
    host_end(host_);
}

/* --- Hosts ---------------------------------------------------------------- */

/* The client: looks a name up and tells how it ended. */
static void client(struct peer *parent, int n_arguments, char **arguments)
{
    int results, error = look_up("one", &results);

    (void)n_arguments, (void)arguments;
    peer_send(parent, &error, sizeof(error));
}

/* Answers the client's requests in order up to the code, without an error; then
   with what `head` and so many bytes say; then it is gone.  Returns the
   client's error. */
static int answer_badly(uint32_t code, const struct message *head, size_t bytes)
{
    int fd = raw_advertise(&hosted_ids[0]), link, error;
    struct peer *asker = peer_start("client", NULL);
    struct message last;

    link = raw_arrival(fd);
    for (;;) {
        CHECK(raw_receive(link, &buffer, sizeof(buffer)) >= sizeof(last));
        last = buffer.head;
        last.set_size = 0;
        if (last.code == code)
            break;
        CHECK(raw_send(link, &last, sizeof(last)));
    }
    last.code += head->code;
    last.call += head->call;
    last.error = head->error;
    last.set_size = head->set_size;
    memset(&buffer, 0x7f, sizeof(buffer));
    buffer.head = last;
    CHECK(raw_send(link, &buffer, bytes));
    raw_close(link);
    raw_close(fd);
    peer_receive(asker, &error, sizeof(error));
    CHECK_EQ(peer_wait(asker), 0);
    return error;
}

static void replies_that_are_none(void)
{
    const size_t size = sizeof(struct message);
    const struct message good = {.code = 0}, code = {.code = 1},
                         negative = {.error = -5}, error = {.error = 77},
                         longer = {.set_size = 8}, set = {.set_size = 4000};

    begin();
    CHECK_EQ(answer_badly(START, &code, size), WSANO_DATA);
    CHECK_EQ(answer_badly(START, &longer, size), WSANO_DATA);
    CHECK_EQ(answer_badly(START, &error, size), 77);
    CHECK_EQ(answer_badly(START, &negative, size), WSANO_RECOVERY);
    CHECK_EQ(answer_badly(BEGIN, &error, size), 77);
    CHECK_EQ(answer_badly(START, &good, size - 1), WSASERVICE_NOT_FOUND);
    CHECK_EQ(answer_badly(NEXT, &good, size - 1), WSASERVICE_NOT_FOUND);
    CHECK_EQ(answer_badly(NEXT, &good, 1), WSASERVICE_NOT_FOUND);
    CHECK_EQ(answer_badly(NEXT, &good, size), WSANO_DATA); /* no set */
    CHECK_EQ(answer_badly(NEXT, &set, size + 4000), WSANO_DATA);
    CHECK_EQ(answer_badly(NEXT, &set, size + 3999), WSANO_DATA);
    CHECK_OK(WSACleanup());
}

#define BARE_CASE(function, statement)                                         \
    TEST_CASE_WITH(function, statement, .flags = TEST_BARE, .seconds = 60)

static const struct test_role roles[] = {
    TEST_ROLE(host),
    TEST_ROLE(client),
    TEST_ROLES_END
};

static const struct test_case cases[] = {
    BARE_CASE(requests_that_are_none, "what a client says is not believed"),
    BARE_CASE(any_requests, "what a client says is not believed"),
    BARE_CASE(replies_that_are_none, "what a host says is not believed"),
    TEST_END
};

TEST_MAIN("hosted_nonsense", cases, roles)
