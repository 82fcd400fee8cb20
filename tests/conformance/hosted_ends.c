/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of name spaces in other programs: sessions, and how they end.
 *
 * Microsoft's pages: WSAAdvertiseProvider, WSAUnadvertiseProvider,
 * NAPI_PROVIDER_TYPE ("only one instance of the same namespace provider
 * application"), NSPv2Startup, NSPv2Cleanup, NSPv2ClientSessionRundown,
 * NSPv2LookupServiceEnd ("the client has canceled the request").  The provider
 * is tests/support/hosted.c.
 */
#include "support/hosted.h"

static void begin(void)
{
    static WSADATA data;
    hosted_install();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static void end(void)
{
    CHECK_OK(WSACleanup());
}

/* Nothing is left of what was begun. */
static void check_counts(const struct hosted_counts *counts, int sessions)
{
    CHECK_EQ(counts->mistakes, 0);
    CHECK_EQ(counts->startups, sessions);
    CHECK_EQ(counts->cleanups + counts->rundowns, sessions);
    CHECK_EQ(counts->begins, counts->ends);
    CHECK_EQ(counts->pending, 0);
    CHECK_EQ(counts->blocked, 0);
}

/* --- Look-ups ------------------------------------------------------------- */

static int begin_of(const char *name, DWORD name_space, HANDLE *handle)
{
    WCHAR wide[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen(name, wide),
        .dwNameSpace = name_space,
    };
    return WSALookupServiceBeginW(&set, LUP_RETURN_ALL, handle);
}

static HANDLE look_up(const char *name)
{
    HANDLE handle = NULL;
    CHECK_OK(begin_of(name, NS_HOSTED, &handle));
    return handle;
}

static int next_result(HANDLE handle)
{
    union {
        char bytes[2048];
        WSAQUERYSETW set;
    } result;
    DWORD length = sizeof(result);
    return WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length, &result.set);
}

/* The name has results in a name space; how many. */
static int results_of(const char *name, DWORD name_space)
{
    HANDLE handle;
    int n = 0;
    CHECK_OK(begin_of(name, name_space, &handle));
    while (!next_result(handle)) n++;
    CHECK_EQ(WSAGetLastError(), WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
    return n;
}

/* A thread that waits for a result. */
struct waiting {
    HANDLE handle;
    int error; /* how it ended */
    struct thread *thread;
};

static void wait_for_result(void *argument)
{
    struct waiting *waiting = argument;
    CHECK_EQ(next_result(waiting->handle), SOCKET_ERROR);
    waiting->error = WSAGetLastError();
}

static void waiting_start(struct waiting *waiting, const char *name)
{
    waiting->handle = look_up(name);
    waiting->thread = thread_start(wait_for_result, waiting);
}

/* --- Ends of look-ups ----------------------------------------------------- */

static void a_look_up_that_is_ended_meanwhile(void)
{
    struct waiting never, block;
    struct hosted_counts counts;
    struct peer *host_;
    begin();
    host_ = host_start();
    waiting_start(&never, "never");
    waiting_start(&block, "block");
    HOST_WAIT(host_, pending, 1);
    HOST_WAIT(host_, blocked, 1);
    CHECK_OK(WSALookupServiceEnd(never.handle));
    thread_join(never.thread);
    CHECK_EQ(never.error, WSA_E_CANCELLED);
    CHECK_OK(WSALookupServiceEnd(block.handle));
    thread_join(block.thread);
    CHECK_EQ(block.error, WSA_E_CANCELLED);
    end();
    counts = HOST_WAIT(host_, cleanups, 1);
    check_counts(&counts, 1);
    host_end(host_);
}

static void a_call_that_ends_later(void)
{
    struct waiting waiting;
    struct peer *host_;
    begin();
    host_ = host_start();
    waiting_start(&waiting, "never");
    HOST_WAIT(host_, pending, 1);
    CHECK_EQ(results_of("many", NS_HOSTED), 5); /* it holds up nobody */
    CHECK_EQ(host_finish(host_, WSAEACCES), 0);
    thread_join(waiting.thread);
    CHECK_EQ(waiting.error, WSAEACCES);
    CHECK_EQ(host_finish(host_, 0), WSAEINVAL);
    CHECK_OK(WSALookupServiceEnd(waiting.handle));
    end();
    host_end(host_);
}

/* WSACleanup of a program that waits. */
static void the_client_ends_its_use(void)
{
    struct waiting waiting;
    struct hosted_counts counts;
    struct peer *host_;
    begin();
    host_ = host_start();
    waiting_start(&waiting, "never");
    HOST_WAIT(host_, pending, 1);
    end();
    thread_join(waiting.thread);
    CHECK_EQ(waiting.error, WSA_E_CANCELLED);
    counts = HOST_WAIT(host_, cleanups, 1);
    check_counts(&counts, 1);
    CHECK_EQ(counts.rundowns, 0);
    host_end(host_);
}

/* --- Ends of hosts -------------------------------------------------------- */

static void the_host_dies(void)
{
    struct waiting never, block;
    struct peer *host_;
    HANDLE handle;
    begin();
    host_ = host_start();
    handle = look_up("many");
    CHECK_OK(next_result(handle));
    waiting_start(&never, "never");
    waiting_start(&block, "block");
    HOST_WAIT(host_, pending, 1);
    HOST_WAIT(host_, blocked, 1);
    peer_kill(host_);
    thread_join(never.thread);
    thread_join(block.thread);
    CHECK_EQ(never.error, WSASERVICE_NOT_FOUND);
    CHECK_EQ(block.error, WSASERVICE_NOT_FOUND);
    /* A name space that had results has no more. */
    CHECK_ERROR(next_result(handle), WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
    CHECK_OK(WSALookupServiceEnd(never.handle));
    CHECK_OK(WSALookupServiceEnd(block.handle));
    CHECK_ERROR(begin_of("one", NS_HOSTED, &handle), WSASERVICE_NOT_FOUND);
    host_ = host_start();
    CHECK_EQ(results_of("many", NS_HOSTED), 5);
    end();
    host_end(host_);
}

static void the_host_unadvertises(void)
{
    struct waiting never, block;
    struct hosted_counts counts;
    struct peer *host_;
    HANDLE handle;
    begin();
    host_ = host_start();
    waiting_start(&never, "never");
    waiting_start(&block, "block");
    HOST_WAIT(host_, pending, 1);
    HOST_WAIT(host_, blocked, 1);
    CHECK_EQ(host_unadvertise(host_, 0), 0);
    counts = HOST_WAIT(host_, startups, 1);
    check_counts(&counts, 1); /* all is over when it returns */
    CHECK_EQ(counts.cleanups, 1);
    thread_join(never.thread);
    thread_join(block.thread);
    CHECK_EQ(never.error, WSASERVICE_NOT_FOUND);
    CHECK_EQ(block.error, WSASERVICE_NOT_FOUND);
    CHECK_ERROR(begin_of("one", NS_HOSTED, &handle), WSASERVICE_NOT_FOUND);
    CHECK_OK(WSALookupServiceEnd(never.handle));
    CHECK_OK(WSALookupServiceEnd(block.handle));
    CHECK_EQ(host_unadvertise(host_, 0), WSAEINVAL);
    CHECK_EQ(host_advertise(host_, 0), 0);
    CHECK_EQ(results_of("many", NS_HOSTED), 5);
    end();
    counts = HOST_WAIT(host_, cleanups, 2);
    check_counts(&counts, 2);
    host_end(host_);
}

/* It does not wait for the call that it is in. */
static void the_provider_unadvertises_itself(void)
{
    struct waiting waiting;
    struct hosted_counts counts;
    struct peer *host_;
    begin();
    host_ = host_start();
    waiting_start(&waiting, "leaving");
    thread_join(waiting.thread);
    CHECK_THAT(waiting.error == WSASERVICE_NOT_FOUND ||
                   waiting.error == WSANO_DATA,
               "it ended with %s", error_name(waiting.error));
    CHECK_OK(WSALookupServiceEnd(waiting.handle));
    counts = HOST_WAIT(host_, cleanups, 1);
    check_counts(&counts, 1);
    CHECK_EQ(host_unadvertise(host_, 0), WSAEINVAL);
    end();
    host_end(host_);
}

/* --- One host at a time --------------------------------------------------- */

/* What a process had is closed by the time that its end is known, but under
   Wine it may be a moment later. */
static void advertise_after_an_end(struct peer *host_)
{
    const int64_t deadline = test_clock() + test_timeout(10000);
    int error;
    do
        error = host_advertise(host_, 0);
    while (error == WSAEINVAL && test_clock() < deadline);
    CHECK_EQ(error, 0);
}

static void advertised_twice(void)
{
    struct peer *one, *other;
    begin();
    one = host_start();
    CHECK_EQ(host_advertise(one, 0), WSAEINVAL);
    other = host_start_of(0, WSAEINVAL);
    CHECK_EQ(hosted_advertise(0), WSAEINVAL);
    CHECK_EQ(host_unadvertise(other, 0), WSAEINVAL);
    CHECK_EQ(host_unadvertise(one, 0), 0);
    CHECK_EQ(host_advertise(other, 0), 0);
    CHECK_EQ(results_of("one", NS_HOSTED), 1);
    HOST_WAIT(other, startups, 1);
    CHECK_EQ(host_advertise(one, 0), WSAEINVAL);
    peer_kill(other);
    advertise_after_an_end(one);
    CHECK_EQ(results_of("one", NS_HOSTED), 1);
    end();
    host_end(one);
}

static void several_providers(void)
{
    struct hosted_counts counts;
    struct peer *one, *other;
    begin();
    one = host_start();
    CHECK_EQ(host_advertise(one, 1), 0);
    other = host_start_of(2, 0);
    CHECK_EQ(results_of("one", NS_HOSTED), 1);
    CHECK_EQ(results_of("both", NS_HOSTED + 1), 2);
    CHECK_EQ(results_of("many", NS_HOSTED + 2), 5);
    CHECK_EQ(host_unadvertise(one, 0), 0);
    CHECK_EQ(results_of("both", NS_HOSTED + 1), 2);
    end();
    counts = HOST_WAIT(one, cleanups, 2);
    check_counts(&counts, 2);
    counts = HOST_WAIT(other, cleanups, 1);
    check_counts(&counts, 1);
    host_end(one);
    host_end(other);
}

static void a_provider_of_this_process(void)
{
    struct hosted_counts counts;
    HANDLE handle;
    begin();
    CHECK_EQ(hosted_advertise(0), 0);
    CHECK_EQ(results_of("many", NS_HOSTED), 5);
    handle = look_up("one");
    CHECK_OK(next_result(handle));
    end();
    counts = hosted_counts;
    check_counts(&counts, 1);
    /* It is hosted no more. */
    static WSADATA data;
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_ERROR(begin_of("one", NS_HOSTED, &handle), WSASERVICE_NOT_FOUND);
    CHECK_EQ(hosted_unadvertise(0), WSAEINVAL);
    CHECK_EQ(hosted_advertise(0), 0);
    CHECK_EQ(hosted_unadvertise(0), 0);
    end();
}

/* --- Clients -------------------------------------------------------------- */

/* Asks for the name, tells its parent, and waits for its result for ever. */
static void client(struct peer *parent, int n_arguments, char **arguments)
{
    HANDLE handle = look_up(arguments[0]);
    (void)n_arguments;
    peer_send(parent, "x", 1);
    next_result(handle);
}

static void a_client_dies(void)
{
    static const char *const names[] = { "never", "block" };
    struct hosted_counts counts;
    struct peer *host_, *client_;
    char byte;
    begin();
    host_ = host_start();
    for (int i = 0; i < 2; i++) {
        client_ = peer_start("client", names[i], NULL);
        peer_receive(client_, &byte, 1);
        if (i == 0)
            HOST_WAIT(host_, pending, 1);
        else
            HOST_WAIT(host_, blocked, 1);
        CHECK_EQ(results_of("one", NS_HOSTED), 1);
        peer_kill(client_);
        HOST_WAIT(host_, rundowns, i + 1);
    }
    end();
    counts = HOST_WAIT(host_, cleanups, 1);
    check_counts(&counts, 3);
    host_end(host_);
}

enum { CLIENTS = 6, THREADS = 4, ROUNDS = 25 };

static void ask_often(void *argument)
{
    (void)argument;
    for (int i = 0; i < ROUNDS; i++)
        CHECK_EQ(results_of(i % 2 ? "many" : "both", NS_HOSTED),
                 i % 2 ? 5 : 2);
}

static void ask_in_threads(void)
{
    struct thread *threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = thread_start(ask_often, NULL);
    for (int i = 0; i < THREADS; i++) thread_join(threads[i]);
}

static void asker(struct peer *parent, int n_arguments, char **arguments)
{
    (void)n_arguments, (void)arguments;
    ask_in_threads();
    peer_send(parent, "x", 1);
}

static void many_clients(void)
{
    struct hosted_counts counts;
    struct peer *host_, *clients[CLIENTS];
    char byte;
    begin();
    host_ = host_start();
    for (int i = 0; i < CLIENTS; i++) clients[i] = peer_start("asker", NULL);
    ask_in_threads();
    for (int i = 0; i < CLIENTS; i++) {
        peer_receive(clients[i], &byte, 1);
        CHECK_EQ(peer_wait(clients[i]), 0);
    }
    end();
    counts = HOST_WAIT(host_, cleanups, CLIENTS + 1);
    check_counts(&counts, CLIENTS + 1);
    CHECK_EQ(counts.begins, (CLIENTS + 1) * THREADS * ROUNDS);
    host_end(host_);
}

#define BARE_CASE(function, statement, ...)                                    \
    TEST_CASE_WITH(function, statement, .flags = TEST_BARE, __VA_ARGS__)

static const struct test_role roles[] = {
    TEST_ROLE(host),
    TEST_ROLE(client),
    TEST_ROLE(asker),
    TEST_ROLES_END
};

static const struct test_case cases[] = {
    BARE_CASE(a_look_up_that_is_ended_meanwhile, "NSPv2LookupServiceEnd"),
    BARE_CASE(a_call_that_ends_later, "WSAProviderCompleteAsyncCall"),
    BARE_CASE(the_client_ends_its_use, "NSPv2Cleanup"),
    BARE_CASE(the_host_dies, "a provider that is not available"),
    BARE_CASE(the_host_unadvertises, "WSAUnadvertiseProvider"),
    BARE_CASE(the_provider_unadvertises_itself, "WSAUnadvertiseProvider"),
    BARE_CASE(advertised_twice, "one instance at a time"),
    BARE_CASE(several_providers, "WSAAdvertiseProvider: multiple providers"),
    BARE_CASE(a_provider_of_this_process, "WSAAdvertiseProvider, WSACleanup"),
    BARE_CASE(a_client_dies, "NSPv2ClientSessionRundown", .seconds = 40),
    BARE_CASE(many_clients, "NSPv2Startup: each client process",
              .seconds = 60),
    TEST_END
};

TEST_MAIN("hosted_ends", cases, roles)
