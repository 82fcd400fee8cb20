/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The frame of a benchmark program: what it measures is a table; how long
 * each entry takes is found here.  Plain C, for both programs of rows.c;
 * threads and the clock are of threads_posix.c or threads_win32.c.
 */
#ifndef WS2EMU_BENCH_MEASURE_H
#define WS2EMU_BENCH_MEASURE_H

struct measurement {
    const char *name;
    void *(*open)(void);                     /* what run needs, not timed */
    void (*run)(void *state, unsigned long count); /* count operations */
    void (*close)(void *state);
};

/* Arguments: names to measure, --list, or `-`: reads lines "NAME MS" and
   answers each with a line "NAME NANOSECONDS CPU-NANOSECONDS", both for each
   operation, so that several programs can be measured in turns.  The table ends
   with a NULL name.  Returns the exit status. */
int measure_main(int argc, char **argv, const struct measurement *table);

/* Of ports_win32.c, or empty: what only a Windows program can measure. */
extern const struct measurement port_measurements[];

/* Prints what failed and ends the process. */
void bench_fail(const char *what, long error);

/* Nanoseconds of a clock that only goes forward. */
unsigned long long clock_now(void);

/* Nanoseconds of CPU time that the process has used, in all of its threads. */
unsigned long long cpu_time_now(void);

/* What WSADuplicateSocket takes. */
unsigned long bench_process_id(void);

struct thread;
struct thread *thread_start(void (*start)(void *), void *argument);
void thread_join(struct thread *thread);

/* The calling thread, and those that it starts, share one CPU (0: no more): who
   gets which CPU, and how deep that sleeps, is then no part of what is
   measured. */
void threads_share_cpu(int on);

/* Sizes that both programs use. */
enum {
    SMALL_SIZE = 64,
    SMALL_BURST = 256, /* so many small sends, then they are received */
    BULK_SIZE = 65536,
    POLL_SOCKETS = 500,
};

#endif
