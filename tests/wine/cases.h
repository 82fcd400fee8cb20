/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cases of a Windows program: what they expect, and a TAP line for each.
 * Each program is one source, so all of it is here; a Winsock header comes
 * before.
 */
#ifndef TESTS_WINE_CASES_H
#define TESTS_WINE_CASES_H

#include <stdio.h>
#include <string.h>

static int failures;        /* of the case that runs */
static const char *skipped; /* why it was, or NULL */

#define EXPECT(x) expect(!!(x), #x, __LINE__)

static inline void expect(int holds, const char *text, int line)
{
    unsigned long error = GetLastError(); /* WSAGetLastError is the same */

    if (holds)
        return;
    failures++;
    fprintf(stderr, "# line %d: %s (last error %lu)\n", line, text, error);
}

/* The call failed with the error. */
#define EXPECT_ERROR(call, error) \
    (WSASetLastError(0), EXPECT((call) == -1 && WSAGetLastError() == (error)))

struct test_case {
    const char *name;
    void (*run)(void);
};

#define CASE(name) {#name, name}

#define RUN_CASES(cases, only) \
    run_cases(cases, sizeof(cases) / sizeof((cases)[0]), only)

/* Runs the one that is called so, NULL: all.  Returns how many failed. */
static inline int run_cases(const struct test_case *cases, size_t n_cases,
                            const char *only)
{
    int n_failed = 0;
    size_t i;

    printf("1..%d\n", (int)n_cases);
    for (i = 0; i < n_cases; i++) {
        if (only && strcmp(only, cases[i].name))
            continue;
        failures = 0;
        skipped = NULL;
        cases[i].run();
        n_failed += failures != 0;
        printf("%sok %d - %s%s%s\n", failures ? "not " : "", (int)i + 1,
               cases[i].name, skipped ? " # SKIP " : "",
               skipped ? skipped : "");
        fflush(stdout);
    }
    return n_failed;
}

/* A socket that listens on 127.0.0.1, and its name. */
static inline SOCKET listen_here(struct sockaddr_in *ret_name)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    int length = sizeof(*ret_name);

    memset(ret_name, 0, sizeof(*ret_name));
    ret_name->sin_family = AF_INET;
    ret_name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!bind(s, (struct sockaddr *)ret_name, length));
    EXPECT(!listen(s, 5));
    EXPECT(!getsockname(s, (struct sockaddr *)ret_name, &length));
    return s;
}

/* Both ends of a connection. */
static inline void tcp_pair(SOCKET *client, SOCKET *server)
{
    struct sockaddr_in name;
    SOCKET s = listen_here(&name);

    *client = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(!connect(*client, (struct sockaddr *)&name, sizeof(name)));
    *server = accept(s, NULL, NULL);
    EXPECT(*client != INVALID_SOCKET && *server != INVALID_SOCKET);
    EXPECT(!closesocket(s));
}

/* What one end sends the other receives. */
static inline int passes(SOCKET from, SOCKET to, const char *text)
{
    int length = (int)strlen(text), n = 0, more;
    char buffer[64];

    if (send(from, text, length, 0) != length)
        return 0;
    while (n < length) {
        more = recv(to, buffer + n, length - n, 0);
        if (more <= 0)
            return 0;
        n += more;
    }
    return !memcmp(buffer, text, (size_t)length);
}

#endif
