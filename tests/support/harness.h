/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The test harness: one source for three targets.
 *
 * A suite is one C file, a plain Winsock program with a table of cases.  It is
 * built twice: natively (linked with libws2_32.so) and as a winelib program,
 * which runs under Wine with ws2emu and under Wine's builtin ws2_32, the
 * oracle to compare with.  So a suite includes only Windows headers, the C
 * library's plain ones and tests/support's.
 *
 * A suite in ten lines, tests/conformance/example.c:
 *
 *     #include "support/sockets.h"
 *
 *     static void new_socket_is_blocking(void)
 *     {
 *         SOCKET s = tcp_socket();
 *         CHECK_OK(closesocket(s));
 *         CHECK_ERROR(closesocket(s), WSAENOTSOCK);
 *     }
 *
 *     static const struct test_case cases[] = {
 *         TEST_CASE(new_socket_is_blocking, "03 1: what the spec says"),
 *         TEST_END
 *     };
 *     TEST_MAIN("example", cases, NULL)
 *
 * and its name in CONFORMANCE_SUITES of tests/local.mk, where the makefile
 * shows the three lines of a suite.
 *
 * How it runs: without arguments the program is a CUnit runner with one CUnit
 * test for each case, whose body starts the program again with --case NAME and
 * waits for it until the case's deadline.  In there the harness calls
 * WSAStartup, lets the library make what it keeps for each process (the
 * warm-up), counts descriptors and child processes, runs the case, and counts
 * again: what is left over is a failure.  By hand:
 *
 *     ./suite                 all cases
 *     ./suite NAME...         these cases, each in its own process
 *     ./suite --case NAME     one case in this process: for a debugger
 *     ./suite --list          the cases and the statements that they hold
 *
 * CHECK_* end the case at the first failure; EXPECT_* report it and go on.
 * Both may be used in any thread and in peers.
 *
 * Environment:
 *   WS2EMU_TEST_TARGET          native (default), ws2emu or builtin
 *   WS2EMU_TEST_TIMEOUT_FACTOR  multiplies every deadline (sanitizers, valgrind)
 *   WS2EMU_TEST_RESULTS         directory for the result file SUITE.TARGET, one
 *                               line "suite case PASS|FAIL|SKIP message" a case
 *   WS2EMU_TEST_DIRECTORY       private directory (default: a new one);
 *                               natively WS2EMU_DIR is set below it
 *   WS2EMU_TEST_PLACE           where that new one is made (default: /tmp)
 */
#ifndef TESTS_SUPPORT_HARNESS_H
#define TESTS_SUPPORT_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#ifdef NDEBUG
#error "tests are built without NDEBUG"
#endif

/* --- Cases ---------------------------------------------------------------- */

enum test_flag {
    TEST_BARE = 1,        /* no WSAStartup before the case: it calls it itself */
    TEST_NATIVE_ONLY = 2, /* skipped in Wine */
    TEST_WINE_ONLY = 4,   /* skipped natively */
    TEST_WINDOWS = 8,     /* uses window_create: warm that up, too */
};

struct test_case {
    const char *name;
    const char *statement; /* of the specification, that the case holds */
    void (*run)(void);
    unsigned flags;   /* enum test_flag */
    unsigned seconds; /* deadline, 0: the default (20) */
    /* How many threads beside the first may wait in a call at the same time:
       the library keeps an eventfd for each for later waits, which is no
       leak. */
    unsigned waiting_threads;
};

#define TEST_CASE(function, statement_text)                                    \
    { .name = #function, .statement = statement_text, .run = function }
#define TEST_CASE_WITH(function, statement_text, ...)                          \
    { .name = #function, .statement = statement_text, .run = function,         \
      __VA_ARGS__ }
#define TEST_END { .name = NULL }

struct peer;

/* What a process that peer_start starts does; parent is its channel to the
   process that started it. */
struct test_role {
    const char *name;
    void (*run)(struct peer *parent, int n_arguments, char **arguments);
    unsigned flags; /* TEST_BARE */
};

#define TEST_ROLE(function) { .name = #function, .run = function }
#define TEST_ROLE_BARE(function)                                               \
    { .name = #function, .run = function, .flags = TEST_BARE }
#define TEST_ROLES_END { .name = NULL }

struct test_suite {
    const char *name;
    const struct test_case *cases;
    const struct test_role *roles; /* may be NULL */
};

#define TEST_MAIN(suite_name, suite_cases, suite_roles)                        \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        static const struct test_suite suite = { suite_name, suite_cases,      \
                                                 suite_roles };                \
        return test_main(argc, argv, &suite);                                  \
    }

int test_main(int argc, char **argv, const struct test_suite *suite);

/* --- Checks --------------------------------------------------------------- */

#define TEST_FATAL 1
#define TEST_GO_ON 0

/* Each returns whether the check held; a fatal one that does not, does not
   return. */
int test_check(int fatal, int holds, const char *file, int line,
               const char *format, ...)
    __attribute__((format(printf, 5, 6)));
int test_check_equal(int fatal, long long actual, long long expected,
                     const char *actual_text, const char *expected_text,
                     const char *file, int line);
int test_check_memory(int fatal, const void *actual, const void *expected,
                      size_t length, const char *file, int line);

#define CHECK(x) test_check(TEST_FATAL, !!(x), __FILE__, __LINE__, "%s", #x)
#define EXPECT(x) test_check(TEST_GO_ON, !!(x), __FILE__, __LINE__, "%s", #x)
/* With the caller's words: CHECK_THAT(n > 3, "round %d: n is %d", i, n) */
#define CHECK_THAT(x, ...)                                                     \
    test_check(TEST_FATAL, !!(x), __FILE__, __LINE__, __VA_ARGS__)
#define EXPECT_THAT(x, ...)                                                    \
    test_check(TEST_GO_ON, !!(x), __FILE__, __LINE__, __VA_ARGS__)
#define FAIL(...) test_check(TEST_FATAL, 0, __FILE__, __LINE__, __VA_ARGS__)
/* Both print the two values. */
#define CHECK_EQ(a, b)                                                         \
    test_check_equal(TEST_FATAL, (long long)(a), (long long)(b), #a, #b,       \
                     __FILE__, __LINE__)
#define EXPECT_EQ(a, b)                                                        \
    test_check_equal(TEST_GO_ON, (long long)(a), (long long)(b), #a, #b,       \
                     __FILE__, __LINE__)
#define CHECK_MEMORY(a, b, length)                                             \
    test_check_memory(TEST_FATAL, (a), (b), (length), __FILE__, __LINE__)

/* Ends the case as skipped. */
#define SKIP(...) test_skip(__VA_ARGS__)
void test_skip(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* For a case that forks beside threads at work: the sanitizers of GCC 12 do not
   take their own locks around fork, so that the child may wait for one that a
   thread had which it lacks. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKIP_IN_SANITIZERS() SKIP("the sanitizer's locks do not survive fork")
#else
#define SKIP_IN_SANITIZERS() ((void)0)
#endif

/* A line into the log. */
void test_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- Where and when ------------------------------------------------------- */

enum test_target { TARGET_NATIVE, TARGET_WS2EMU, TARGET_BUILTIN };
enum test_target test_target(void);
/* ws2emu, natively or in Wine: what holds for us but not for the builtin. */
#define TARGET_IS_OURS (test_target() != TARGET_BUILTIN)

/* ms times WS2EMU_TEST_TIMEOUT_FACTOR: for waits that end early when all is
   well. */
int test_timeout(int ms);
/* How long a case looks on to see that nothing happens. */
#define TEST_QUIET_MS 200
/* Milliseconds of the monotonic clock. */
int64_t test_clock(void);
/* The id that WSADuplicateSocket takes, of this process. */
unsigned test_process_id(void);

/* --- Peers: other processes of the same program --------------------------- */

/* Starts this program as a process that runs the role, with string arguments
   up to a NULL.  It has called WSAStartup (unless the role is bare) when this
   returns.  It inherits no socket. */
struct peer *peer_start(const char *role, ...) __attribute__((sentinel));
/* The same, but it inherits every inheritable socket of this process
   (CreateProcess with bInheritHandles; natively fork and exec). */
struct peer *peer_start_inheriting(const char *role, ...)
    __attribute__((sentinel));
/* Native only: fork without exec; body runs in the child, then it exits 0. */
struct peer *peer_fork(void (*body)(struct peer *parent, void *argument),
                       void *argument);

/* All of these fail the case at the deadline or at the peer's end. */
void peer_send(struct peer *peer, const void *data, size_t length);
void peer_receive(struct peer *peer, void *data, size_t length);
/* What WSADuplicateSocket takes. */
unsigned peer_pid(const struct peer *peer);
/* Waits for the peer's own end, frees it, and returns its exit status. */
int peer_wait(struct peer *peer);
/* Ends it at once, as a crash would, and frees it. */
void peer_kill(struct peer *peer);

/* --- Threads -------------------------------------------------------------- */

struct thread;
struct thread *thread_start(void (*run)(void *argument), void *argument);
/* 1 when it ended within ms. It is not freed. */
int thread_ended(struct thread *thread, int ms);
/* Fails the case if the thread does not end soon. */
void thread_join(struct thread *thread);

/* --- Handles behind Winsock's back ---------------------------------------- */

/* Another handle of the same kernel object: DuplicateHandle; natively dup, as
   a program does that knows its descriptors.  0: failed. */
uint64_t handle_duplicate(uint64_t handle);
/* In Wine: a copy of the handle of one process in another one, made by the
   calling one, which need not be either. 0: failed. */
enum handle_copy_flag {
    HANDLE_COPY_CLOSES = 1,    /* the source is closed */
    HANDLE_COPY_SUSPENDED = 2, /* the source's process does nothing meanwhile */
};
uint64_t handle_copy(unsigned from, uint64_t handle, unsigned to, int flags);
/* CloseHandle, and close. 1: done. */
int handle_close(uint64_t handle);

/* A function of the library path, a UTF-16 string: LoadLibrary and
   GetProcAddress; natively of what the program is linked with.  NULL: none. */
void *library_symbol(const uint16_t *path, const char *name);

/* --- The program ---------------------------------------------------------- */

/* A variable of the environment, of this process and those that it starts; in
   Wine both Windows' and Unix'. */
void environment_set(const char *name, const char *value);
/* The path of this program's file, UTF-16, in a buffer of 260. */
void program_file(uint16_t *path);

/* --- Windows that receive WSAAsyncSelect's messages ----------------------- */

/* Of the calling thread; under Wine a real message-only window, natively one of
   an embedding layer. */
struct window;
struct window *window_create(void);
void window_destroy(struct window *window);
/* Cast it to HWND. */
uint64_t window_handle(const struct window *window);
/* The next message of the window's (only those >= WM_USER); 0 when none came
   within ms. */
int window_next_message(struct window *window, int ms, unsigned *message,
                        uint64_t *wparam, int64_t *lparam);

#endif
