/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The harness's platform of ELF programs: fork, exec, pidfds, pthreads. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/platform.h"

struct platform_process {
    pid_t pid;
    int pidfd;
    int status;
    int ended;
};

void platform_initialise(const char *program)
{
    (void)program;
    signal(SIGALRM, SIG_DFL);
}

/* --- Processes ------------------------------------------------------------ */

/* fork; the child dies with this process. 0 in the child. */
static pid_t fork_bound(void)
{
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
    }
    return pid;
}

static struct platform_process *process_new(pid_t pid)
{
    struct platform_process *process = calloc(1, sizeof(*process));
    if (!process) return NULL;
    process->pid = pid;
    process->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return process;
}

struct platform_process *platform_spawn(const char *const *arguments,
                                        int inherit)
{
    char *argv[32] = { program_invocation_name };
    for (unsigned i = 0; arguments[i] && i < 30; i++)
        argv[i + 1] = (char *)arguments[i];
    pid_t pid = fork_bound();
    if (pid < 0) return NULL;
    if (pid == 0) {
        if (!inherit) syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
        execv("/proc/self/exe", argv);
        perror("/proc/self/exe");
        _exit(127);
    }
    return process_new(pid);
}

struct platform_process *platform_fork(int *ret_in_child)
{
    pid_t pid = fork_bound();
    *ret_in_child = pid == 0;
    return pid > 0 ? process_new(pid) : NULL;
}

int platform_process_wait(struct platform_process *process, int ms,
                          int *ret_status)
{
    if (!process->ended) {
        struct pollfd item = { .fd = process->pidfd, .events = POLLIN };
        int64_t end = test_clock() + ms;
        int n;
        while ((n = poll(&item, 1, ms)) < 0 && errno == EINTR)
            if (ms > 0 && (ms = (int)(end - test_clock())) < 0) ms = 0;
        if (n <= 0) return 0;
        int status = 0;
        while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
            ;
        process->ended = 1;
        process->status = WIFSIGNALED(status) ? 256 + WTERMSIG(status) :
                                                WEXITSTATUS(status);
    }
    *ret_status = process->status;
    return 1;
}

void platform_process_kill(struct platform_process *process)
{
    if (!process->ended) kill(process->pid, SIGKILL);
}

void platform_process_free(struct platform_process *process)
{
    if (!process) return;
    close(process->pidfd);
    free(process);
}

/* There is none: what the library counts in. */
long long platform_counter(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return now.tv_sec * 10000000LL + now.tv_nsec / 100;
}

unsigned platform_process_id(void)
{
    return (unsigned)getpid();
}

/* Counts by the parent field of /proc/PID/stat: zombies, too. */
unsigned platform_count_children(void)
{
    unsigned n = 0;
    DIR *directory = opendir("/proc");
    if (!directory) return 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        char path[300], line[512];
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *file = fopen(path, "re");
        if (!file) continue;
        if (fgets(line, sizeof(line), file)) {
            const char *after_name = strrchr(line, ')');
            int parent = 0;
            if (after_name && sscanf(after_name, ") %*c %d", &parent) == 1)
                n += parent == getpid();
        }
        fclose(file);
    }
    closedir(directory);
    return n;
}

unsigned platform_count_handles(void)
{
    return 0;
}

void platform_exit(int status)
{
    exit(status);
}

void platform_terminate(int status)
{
    fflush(NULL);
    _exit(status);
}

/* --- Handles: 4 * (fd + 1) ------------------------------------------------ */

uint64_t handle_duplicate(uint64_t handle)
{
    int fd = dup((int)(handle / 4) - 1);
    return fd < 0 ? 0 : 4 * ((uint64_t)fd + 1);
}

uint64_t handle_copy(unsigned from, uint64_t handle, unsigned to, int flags)
{
    (void)from, (void)handle, (void)to, (void)flags;
    return 0;
}

int handle_close(uint64_t handle)
{
    return close((int)(handle / 4) - 1) == 0;
}

/* A name without a folder is that of the library under test, which the program
   is linked with. */
void *library_symbol(const uint16_t *path, const char *name)
{
    char file[1024];
    size_t i = 0;
    while (path[i] && i < sizeof(file) - 1) {
        file[i] = (char)path[i];
        i++;
    }
    file[i] = '\0';
    if (!strchr(file, '/')) return dlsym(RTLD_DEFAULT, name);
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    return library ? dlsym(library, name) : NULL;
}

/* --- Threads -------------------------------------------------------------- */

/* The thread says that it is done, and then is joined: GCC's ThreadSanitizer
   knows pthread_join, but not the joins with a deadline. */
struct thread {
    pthread_t id;
    void (*run)(void *argument);
    void *argument;
    sem_t done;
    int joined;
};

static void *thread_main(void *argument)
{
    struct thread *thread = argument;
    thread->run(thread->argument);
    sem_post(&thread->done);
    return NULL;
}

struct thread *thread_start(void (*run)(void *argument), void *argument)
{
    struct thread *thread = calloc(1, sizeof(*thread));
    CHECK(thread);
    thread->run = run;
    thread->argument = argument;
    sem_init(&thread->done, 0, 0);
    CHECK_EQ(pthread_create(&thread->id, NULL, thread_main, thread), 0);
    return thread;
}

int thread_ended(struct thread *thread, int ms)
{
    if (thread->joined) return 1;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += (long)(ms % 1000) * 1000000;
    end.tv_sec += ms / 1000 + end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    while (sem_clockwait(&thread->done, CLOCK_MONOTONIC, &end) < 0) {
        if (errno == ETIMEDOUT) return 0;
        CHECK_EQ(errno, EINTR);
    }
    CHECK_EQ(pthread_join(thread->id, NULL), 0);
    thread->joined = 1;
    return 1;
}

void thread_join(struct thread *thread)
{
    CHECK_THAT(thread_ended(thread, test_timeout(10000)),
               "a thread did not end in time");
    sem_destroy(&thread->done);
    free(thread);
}

/* --- The program ---------------------------------------------------------- */

void environment_set(const char *name, const char *value)
{
    CHECK(setenv(name, value, 1) == 0);
}

/* ASCII, as the paths of builds are. */
void program_file(uint16_t *path)
{
    char file[260];
    ssize_t length = readlink("/proc/self/exe", file, sizeof(file) - 1);
    CHECK(length > 0);
    for (ssize_t i = 0; i < length; i++) path[i] = (unsigned char)file[i];
    path[length] = 0;
}
