/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the harness needs of the environment; platform_native.c and
 * platform_wine.c implement it.  Plain types only: the harness proper includes
 * POSIX headers in both.
 *
 * In a winelib program the names socket, send, bind, select, ... are
 * ws2_32's, so the harness uses none of them: its channels are FIFOs.
 */
#ifndef TESTS_SUPPORT_PLATFORM_H
#define TESTS_SUPPORT_PLATFORM_H

/* Before anything else in the process. */
void platform_initialise(const char *program);

/* A child process, this program with arguments (NULL-terminated, without the
   program).  NULL: failed. */
struct platform_process;
struct platform_process *platform_spawn(const char *const *arguments,
                                        int inherit);
/* Native only, else NULL; *ret_in_child says where it returns. */
struct platform_process *platform_fork(int *ret_in_child);
/* 1: it ended, and *ret_status is its exit status, 256 + signal if it was
   killed.  0: it did not within ms (-1: infinite). */
int platform_process_wait(struct platform_process *process, int ms,
                          int *ret_status);
void platform_process_kill(struct platform_process *process);
/* It has ended. */
void platform_process_free(struct platform_process *process);

unsigned platform_process_id(void);
/* QueryPerformanceCounter, in 100 ns. */
long long platform_counter(void);
unsigned platform_count_children(void);
/* Handles of the process that are no descriptors; 0 where there are none. */
unsigned platform_count_handles(void);

/* Ends the process in order, and at once. */
void platform_exit(int status) __attribute__((noreturn));
void platform_terminate(int status) __attribute__((noreturn));

/* Of the harness's Winsock part, sockets.c. */
void winsock_startup(void);
void winsock_warm_up(int with_windows);
void winsock_cleanup(void);
/* The role of remote.c. */
struct peer;
void remote_role(struct peer *parent, int n_arguments, char **arguments);

/* Of the harness, for the platforms. */
void peer_kill_all(void);
void peer_join_parent(const char *path, struct peer **ret_parent);
unsigned peer_count(void);
const char *test_directory(void);

#endif
