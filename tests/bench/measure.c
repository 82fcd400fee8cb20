/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calibration, and the commands of a benchmark program: see measure.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

#define DEFAULT_MILLISECONDS 300

void bench_fail(const char *what, long error)
{
    fprintf(stderr, "bench: %s: error %ld\n", what, error);
    exit(1);
}

/* Nanoseconds: by the clock, and of the process's CPU time. */
struct duration {
    double elapsed, cpu;
};

static struct duration timed_run(const struct measurement *measurement,
                                 void *state, unsigned long count)
{
    unsigned long long cpu = cpu_time_now(), start = clock_now();
    struct duration duration;

    measurement->run(state, count);
    duration.elapsed = (double)(clock_now() - start) + 1;
    duration.cpu = (double)(cpu_time_now() - cpu);
    return duration;
}

/* Of each operation, from a run of about that time. */
static struct duration measure(const struct measurement *measurement,
                               unsigned milliseconds)
{
    double wanted = milliseconds * 1e6;
    unsigned long count = 1;
    struct duration duration;
    void *state = measurement->open();

    while ((duration = timed_run(measurement, state, count)).elapsed <
           wanted / 8)
        count *= 2;
    count = (unsigned long)((double)count * wanted / duration.elapsed);
    if (count == 0)
        count = 1;
    duration = timed_run(measurement, state, count);
    measurement->close(state);
    duration.elapsed /= (double)count;
    duration.cpu /= (double)count;
    return duration;
}

static const struct measurement *find(const struct measurement *table,
                                      const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static int measure_named(const struct measurement *table, const char *name,
                         unsigned milliseconds)
{
    const struct measurement *measurement = find(table, name);
    struct duration duration;

    if (!measurement) {
        fprintf(stderr, "bench: %s: no such measurement\n", name);
        return 1;
    }
    duration = measure(measurement, milliseconds);
    printf("%s %.1f %.1f\n", name, duration.elapsed, duration.cpu);
    fflush(stdout);
    return 0;
}

static int serve(const struct measurement *table)
{
    char line[128], name[64];
    unsigned milliseconds;

    while (fgets(line, sizeof(line), stdin))
        if (sscanf(line, "%63s %u", name, &milliseconds) != 2 ||
            measure_named(table, name, milliseconds) != 0)
            return 1;
    return 0;
}

int measure_main(int argc, char **argv, const struct measurement *table)
{
    const struct measurement *entry;

    if (argc == 2 && strcmp(argv[1], "-") == 0)
        return serve(table);
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (entry = table; entry->name; entry++)
            printf("%s\n", entry->name);
        return 0;
    }
    for (int i = 1; i < argc; i++)
        if (measure_named(table, argv[i], DEFAULT_MILLISECONDS) != 0)
            return 1;
    for (entry = table; argc == 1 && entry->name; entry++)
        measure_named(table, entry->name, DEFAULT_MILLISECONDS);
    return 0;
}
