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

static unsigned long long timed_run(const struct measurement *measurement,
                                    void *state, unsigned long count)
{
    unsigned long long start = clock_now(), elapsed;

    measurement->run(state, count);
    elapsed = clock_now() - start;
    return elapsed ? elapsed : 1;
}

/* Nanoseconds for each operation, from a run of about that time. */
static double measure(const struct measurement *measurement,
                      unsigned milliseconds)
{
    unsigned long long wanted = milliseconds * 1000000ull, elapsed;
    unsigned long count = 1;
    void *state = measurement->open();

    while ((elapsed = timed_run(measurement, state, count)) < wanted / 8)
        count *= 2;
    count = (unsigned long)((double)count * (double)wanted / (double)elapsed);
    if (count == 0)
        count = 1;
    elapsed = timed_run(measurement, state, count);
    measurement->close(state);
    return (double)elapsed / (double)count;
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

    if (!measurement) {
        fprintf(stderr, "bench: %s: no such measurement\n", name);
        return 1;
    }
    printf("%s %.1f\n", name, measure(measurement, milliseconds));
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
