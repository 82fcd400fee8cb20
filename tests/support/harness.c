/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The runner of harness.h: CUnit in the parent, one process for each case.
 *
 * A case's process tells its parent why it failed or was skipped through a
 * file, not through a pipe: whatever that process starts may keep a pipe open.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include "support/harness.h"
#include "support/platform.h"

enum {
    DEADLINE_SECONDS = 20,
    EXIT_SKIPPED = 77,
    MESSAGE_SIZE = 1024,
    MAX_DESCRIPTORS = 1024,
    SETTLE_MS = 3000, /* how long descriptors may take to go after a case */
};

static const struct test_suite *the_suite;
static char the_directory[64];
static int directory_is_ours;
static FILE *results;
static int n_failures; /* of EXPECT_*, in a case's process */

/* --- Small things --------------------------------------------------------- */

static double timeout_factor(void)
{
    const char *text = getenv("WS2EMU_TEST_TIMEOUT_FACTOR");
    double factor = text ? atof(text) : 1;
    return factor > 0 ? factor : 1;
}

int test_timeout(int ms)
{
    return (int)(ms * timeout_factor());
}

int64_t test_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

unsigned test_process_id(void)
{
    return platform_process_id();
}

enum test_target test_target(void)
{
    const char *text = getenv("WS2EMU_TEST_TARGET");
    if (text && !strcmp(text, "ws2emu")) return TARGET_WS2EMU;
    if (text && !strcmp(text, "builtin")) return TARGET_BUILTIN;
    return TARGET_NATIVE;
}

static const char *target_name(void)
{
    static const char *const names[] = { "native", "ws2emu", "builtin" };
    return names[test_target()];
}

static const struct test_case *find_case(const char *name)
{
    for (const struct test_case *test = the_suite->cases; test->name; test++)
        if (!strcmp(test->name, name)) return test;
    return NULL;
}

static int case_deadline(const struct test_case *test)
{
    int seconds = test->seconds ? (int)test->seconds : DEADLINE_SECONDS;
    return test_timeout(seconds * 1000);
}

/* --- The private directory ------------------------------------------------ */

const char *test_directory(void)
{
    return the_directory;
}

/* A catalog of providers for this run alone, unless the caller names one; in
   Wine with its builtin nobody looks at it. */
static void catalog_choose(void)
{
    char path[sizeof(the_directory) + 16];
    snprintf(path, sizeof(path), "%s/catalog", the_directory);
    setenv("WS2EMU_CATALOG", path, 0);
}

/* Ended by a signal, a run has its directory removed as soon as it is gone, and
   its case with it. */
static void remove_behind(int number)
{
    int ends[2];
    if (!pipe2(ends, O_CLOEXEC) && fork() == 0) {
        close(ends[1]);
        while (read(ends[0], &(char){ 0 }, 1) < 0 && errno == EINTR)
            ;
        execl("/bin/rm", "rm", "-rf", "--", the_directory, NULL);
        _exit(127);
    }
    signal(number, SIG_DFL);
    raise(number); /* delivered when this has returned */
}

/* But not by one that whoever started it has it ignore. */
static void directory_remove_when_ended(void)
{
    static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (signal(numbers[i], remove_behind) == SIG_IGN)
            signal(numbers[i], SIG_IGN);
}

/* The first process makes the directory, those that it starts find it in the
   environment.  AF_UNIX paths have 107 bytes, hence /tmp and not TMPDIR. */
static void directory_open(void)
{
    const char *given = getenv("WS2EMU_TEST_DIRECTORY");
    const char *place = getenv("WS2EMU_TEST_PLACE");
    if (given && strlen(given) < sizeof(the_directory)) {
        strcpy(the_directory, given);
        return;
    }
    snprintf(the_directory, sizeof(the_directory), "%s/ws2emu-test-XXXXXX",
             place ? place : "/tmp");
    if (!mkdtemp(the_directory)) {
        perror("mkdtemp");
        platform_terminate(1);
    }
    directory_is_ours = 1;
    setenv("WS2EMU_TEST_DIRECTORY", the_directory, 1);
    catalog_choose();
    if (test_target() == TARGET_NATIVE) {
        char path[sizeof(the_directory) + 16];
        snprintf(path, sizeof(path), "%s/server", the_directory);
        setenv("WS2EMU_DIR", path, 1);
        directory_remove_when_ended();
    }
}

static void directory_remove(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        char child[512];
        snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
        if (unlink(child) && errno == EISDIR) directory_remove(child);
    }
    closedir(directory);
    rmdir(path);
}

static void directory_close(void)
{
    if (directory_is_ours) directory_remove(the_directory);
}

/* --- A case's report to its parent ---------------------------------------- */

static void report_path(char *path, size_t size)
{
    snprintf(path, size, "%s/report", the_directory);
}

static void report(const char *message)
{
    char path[128];
    report_path(path, sizeof(path));
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return;
    if (write(fd, message, strlen(message)) < 0 || write(fd, "\n", 1) < 0)
        perror("report");
    close(fd);
}

/* The first line of the report, without its newline; "" if there is none. */
static void report_take(char *message, size_t size)
{
    char path[128];
    report_path(path, sizeof(path));
    message[0] = '\0';
    FILE *file = fopen(path, "re");
    if (!file) return;
    if (!fgets(message, (int)size, file)) message[0] = '\0';
    message[strcspn(message, "\n")] = '\0';
    fclose(file);
    unlink(path);
}

/* --- Checks --------------------------------------------------------------- */

static void fail_at(int fatal, const char *file, int line, const char *text)
{
    const char *base = strrchr(file, '/');
    char message[MESSAGE_SIZE];
    snprintf(message, sizeof(message), "%s:%d: %s", base ? base + 1 : file,
             line, text);
    fprintf(stderr, "    %s\n", message);
    report(message);
    __atomic_add_fetch(&n_failures, 1, __ATOMIC_RELAXED);
    if (!fatal) return;
    peer_kill_all();
    platform_terminate(1);
}

int test_check(int fatal, int holds, const char *file, int line,
               const char *format, ...)
{
    if (holds) return 1;
    char text[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fail_at(fatal, file, line, text);
    return 0;
}

int test_check_equal(int fatal, long long actual, long long expected,
                     const char *actual_text, const char *expected_text,
                     const char *file, int line)
{
    if (actual == expected) return 1;
    char text[MESSAGE_SIZE];
    snprintf(text, sizeof(text), "%s is %lld (0x%llx), not %s = %lld (0x%llx)",
             actual_text, actual, actual, expected_text, expected, expected);
    fail_at(fatal, file, line, text);
    return 0;
}

int test_check_memory(int fatal, const void *actual, const void *expected,
                      size_t length, const char *file, int line)
{
    if (!memcmp(actual, expected, length)) return 1;
    size_t at = 0;
    while (((const char *)actual)[at] == ((const char *)expected)[at]) at++;
    char text[MESSAGE_SIZE];
    snprintf(text, sizeof(text), "byte %zu of %zu is 0x%02x, not 0x%02x", at,
             length, ((const unsigned char *)actual)[at],
             ((const unsigned char *)expected)[at]);
    fail_at(fatal, file, line, text);
    return 0;
}

void test_skip(const char *format, ...)
{
    char text[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    report(text);
    peer_kill_all();
    platform_terminate(EXIT_SKIPPED);
}

void test_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("    ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

/* --- What a case leaves behind -------------------------------------------- */

struct census {
    unsigned n_descriptors, n_children, n_handles;
    char open[MAX_DESCRIPTORS]; /* by number */
};

static void take_census(struct census *census)
{
    memset(census, 0, sizeof(*census));
    DIR *directory = opendir("/proc/self/fd");
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd == dirfd(directory)) continue;
        census->n_descriptors++;
        if (fd < MAX_DESCRIPTORS) census->open[fd] = 1;
    }
    closedir(directory);
    census->n_children = platform_count_children();
    census->n_handles = platform_count_handles();
}

static void describe_descriptor(int fd, char *target, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, target, size - 1);
    target[length > 0 ? length : 0] = '\0';
}

static void note_new_descriptors(const struct census *before,
                                 const struct census *after)
{
    for (int fd = 0; fd < MAX_DESCRIPTORS; fd++) {
        if (before->open[fd] || !after->open[fd]) continue;
        char target[128];
        describe_descriptor(fd, target, sizeof(target));
        test_note("new descriptor %d: %s", fd, target);
    }
}

/* Those eventfds among the new descriptors, at most allowed, do not count. */
static void forgive_eventfds(const struct census *before, struct census *after,
                             unsigned allowed)
{
    for (int fd = 0; fd < MAX_DESCRIPTORS && allowed > 0; fd++) {
        if (before->open[fd] || !after->open[fd]) continue;
        char target[128];
        describe_descriptor(fd, target, sizeof(target));
        if (!strstr(target, "[eventfd]")) continue;
        after->n_descriptors--;
        allowed--;
    }
}

/* Threads that end, and Wine's server, close descriptors a little later than
   the call that caused it, so the second count is repeated for a while. */
static void check_census(const struct test_case *test,
                         const struct census *before)
{
    struct census after;
    int64_t end = test_clock() + test_timeout(SETTLE_MS);
    do {
        take_census(&after);
        forgive_eventfds(before, &after, test->waiting_threads);
        if (after.n_descriptors <= before->n_descriptors &&
            after.n_children <= before->n_children &&
            after.n_handles <= before->n_handles)
            break;
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    } while (test_clock() < end);
    if (after.n_descriptors > before->n_descriptors)
        note_new_descriptors(before, &after);
    EXPECT_THAT(after.n_descriptors <= before->n_descriptors,
                "%u descriptors before the case, %u after it",
                before->n_descriptors, after.n_descriptors);
    EXPECT_THAT(after.n_handles <= before->n_handles,
                "%u handles before the case, %u after it", before->n_handles,
                after.n_handles);
    EXPECT_THAT(after.n_children <= before->n_children,
                "%u child processes before the case, %u after it",
                before->n_children, after.n_children);
    EXPECT_THAT(peer_count() == 0, "%u peers never waited for", peer_count());
}

/* --- The process of one case ---------------------------------------------- */

static void skip_if_elsewhere(const struct test_case *test)
{
    if ((test->flags & TEST_NATIVE_ONLY) && test_target() != TARGET_NATIVE)
        test_skip("native only");
    if ((test->flags & TEST_WINE_ONLY) && test_target() == TARGET_NATIVE)
        test_skip("Wine only");
}

static int run_case(const struct test_case *test)
{
    skip_if_elsewhere(test);
    alarm((unsigned)case_deadline(test) / 1000 + 2);
    winsock_startup();
    winsock_warm_up(!!(test->flags & TEST_WINDOWS));
    if (test->flags & TEST_BARE) winsock_cleanup();
    struct census before;
    take_census(&before);
    test->run();
    check_census(test, &before);
    if (!(test->flags & TEST_BARE)) winsock_cleanup();
    peer_kill_all();
    return n_failures ? 1 : 0;
}

static int run_role(int n_arguments, char **arguments)
{
    static const struct test_role remote = { "remote", remote_role, TEST_BARE };
    const struct test_role *role = the_suite->roles;
    while (role && role->name && strcmp(role->name, arguments[0])) role++;
    if ((!role || !role->name) && !strcmp(arguments[0], remote.name))
        role = &remote;
    CHECK_THAT(role && role->name, "no role %s", arguments[0]);
    alarm((unsigned)test_timeout(60 * 1000) / 1000);
    if (!(role->flags & TEST_BARE)) winsock_startup();
    struct peer *parent;
    peer_join_parent(arguments[1], &parent);
    role->run(parent, n_arguments - 2, arguments + 2);
    if (!(role->flags & TEST_BARE)) winsock_cleanup();
    return n_failures ? 1 : 0;
}

/* --- The runner ----------------------------------------------------------- */

static void record(const char *name, const char *status, const char *message)
{
    if (!results) return;
    fprintf(results, "%s %s %s %s\n", the_suite->name, name, status, message);
    fflush(results);
}

static void describe_end(int ended, int status, char *message, size_t size)
{
    if (!ended)
        snprintf(message, size, "still running at the deadline");
    else if (message[0])
        return;
    else if (status >= 256)
        snprintf(message, size, "killed by signal %d", status - 256);
    else
        snprintf(message, size, "exit status %d (0x%x)", status,
                 (unsigned)status);
}

/* The body of every CUnit test: runs the case of the same name. */
static void run_case_in_process(void)
{
    const struct test_case *test = find_case(CU_get_current_test()->pName);
    const char *arguments[] = { "--case", test->name, NULL };
    char message[MESSAGE_SIZE];
    report_take(message, sizeof(message)); /* an earlier one's leftover */
    fflush(stdout);

    struct platform_process *process = platform_spawn(arguments, 0);
    if (!process) {
        record(test->name, "FAIL", "cannot be started");
        CU_FAIL("cannot be started");
        return;
    }
    int status = -1;
    int ended = platform_process_wait(process, case_deadline(test), &status);
    if (!ended) {
        platform_process_kill(process);
        platform_process_wait(process, -1, &status);
        status = -1;
    }
    platform_process_free(process);

    report_take(message, sizeof(message));
    if (ended && status == EXIT_SKIPPED) {
        printf("skipped: %s ... ", message);
        record(test->name, "SKIP", message);
        CU_PASS("skipped");
    } else if (ended && status == 0) {
        record(test->name, "PASS", "");
        CU_PASS("passed");
    } else {
        describe_end(ended, status, message, sizeof(message));
        record(test->name, "FAIL", message);
        CU_assertImplementation(CU_FALSE, __LINE__, message, test->name, "",
                                CU_FALSE);
    }
}

static void open_results(void)
{
    const char *directory = getenv("WS2EMU_TEST_RESULTS");
    if (!directory) return;
    char path[512];
    mkdir(directory, 0777);
    snprintf(path, sizeof(path), "%s/%s.%s", directory, the_suite->name,
             target_name());
    results = fopen(path, "we");
    if (!results) perror(path);
}

static int is_wanted(const char *name, int n_names, char **names)
{
    if (n_names == 0) return 1;
    for (int i = 0; i < n_names; i++)
        if (!strcmp(names[i], name)) return 1;
    return 0;
}

static int run_suite(int n_names, char **names)
{
    char title[64];
    int status = 1;

    if (n_names == 0) open_results();
    snprintf(title, sizeof(title), "%s (%s)", the_suite->name, target_name());
    if (CU_initialize_registry() != CUE_SUCCESS) goto out;
    CU_pSuite suite = CU_add_suite(title, NULL, NULL);
    if (!suite) goto out;
    for (const struct test_case *test = the_suite->cases; test->name; test++)
        if (is_wanted(test->name, n_names, names) &&
            !CU_add_test(suite, test->name, run_case_in_process))
            goto out;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    status = CU_get_number_of_tests_run() == 0 ||
             CU_get_number_of_failures() != 0;
out:
    if (results) fclose(results);
    CU_cleanup_registry();
    fflush(stdout);
    return status;
}

static int list_cases(void)
{
    for (const struct test_case *test = the_suite->cases; test->name; test++)
        printf("%s.%-40s %s\n", the_suite->name, test->name, test->statement);
    fflush(stdout);
    return 0;
}

/* main() of every suite. */
int test_main(int argc, char **argv, const struct test_suite *suite)
{
    the_suite = suite;
    platform_initialise(argv[0]);
    directory_open();
    int status;
    if (argc > 1 && !strcmp(argv[1], "--list"))
        status = list_cases();
    else if (argc > 3 && !strcmp(argv[1], "--peer"))
        status = run_role(argc - 2, argv + 2);
    else if (argc == 3 && !strcmp(argv[1], "--case") && find_case(argv[2]))
        status = run_case(find_case(argv[2]));
    else if (argc > 1 && argv[1][0] == '-')
        status = fprintf(stderr, "unknown: %s\n", argv[1]) ? 2 : 2;
    else
        status = run_suite(argc - 1, argv + 1);
    directory_close();
    platform_exit(status);
}
