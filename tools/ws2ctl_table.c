/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ws2ctl's output for people: a table of the sockets with their holders below
 * each, and one of the duplicates under way when there are any.
 */
#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "ws2ctl.h"

enum socket_column { COLUMN_COOKIE, COLUMN_KIND, COLUMN_STATE, COLUMN_LOCAL,
                     COLUMN_REMOTE, COLUMN_EVENTS, COLUMN_PENDING,
                     COLUMN_PROCESS, COLUMN_PROGRAM, COLUMN_SOCKET };

static const char *const socket_columns[] = {
    "COOKIE", "KIND", "STATE", "LOCAL", "REMOTE", "EVENTS", "PENDING",
    "PROCESS", "PROGRAM", "SOCKET", NULL,
};

static const char *const duplicate_columns[] = {
    "COOKIE", "SOURCE", "PROGRAM", "TARGET", NULL,
};

__attribute__((format(printf, 3, 4)))
static int put(struct libscols_line *line, size_t column, const char *format,
               ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return scols_line_set_data(line, column, text);
}

/* A table with the headings; the first column is the tree's.  NULL: no
   memory. */
static struct libscols_table *table_new(const char *const *columns)
{
    struct libscols_table *table = scols_new_table();

    if (!table)
        return NULL;
    /* What cannot be shown whole is not cut: a pipe or a test reads it. */
    if (!isatty(STDOUT_FILENO))
        scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
    for (size_t i = 0; columns[i]; i++) {
        if (!scols_table_new_column(table, columns[i], 0,
                                    i == 0 ? SCOLS_FL_TREE : 0)) {
            scols_unref_table(table);
            return NULL;
        }
    }
    return table;
}

static int add_registration(struct libscols_line *line,
                            const struct ws2emu_registration *registration)
{
    char name[EVENTS_LENGTH];
    int error;

    ws2emu_events_name(registration->mask, name, sizeof name);
    error = put(line, COLUMN_EVENTS, "%s", name);
    ws2emu_events_name(registration->pending, name, sizeof name);
    return error ? error : put(line, COLUMN_PENDING, "%s", name);
}

/* The holder through whose descriptor the registration was made shows how. */
static const char *registration_mark(const struct ws2emu_socket *socket,
                                     const struct ws2emu_holder *holder)
{
    const struct ws2emu_registration *registration = &socket->registration;

    if (registration->owner.pid != holder->process.pid ||
        registration->handle != holder->handle)
        return "";
    switch (registration->target) {
    case WS2EMU_TARGET_EVENT: return "by WSAEventSelect";
    case WS2EMU_TARGET_MESSAGE: return "by WSAAsyncSelect";
    default: return "";
    }
}

static int add_holder(struct libscols_table *table,
                      struct libscols_line *parent,
                      const struct ws2emu_socket *socket,
                      const struct ws2emu_holder *holder)
{
    struct libscols_line *line = scols_table_new_line(table, parent);
    const struct ws2emu_process *process = &holder->process;
    int error;

    if (!line)
        return -ENOMEM;
    error = put(line, COLUMN_COOKIE, "holder");
    if (!error)
        error = put(line, COLUMN_EVENTS, "%s",
                    registration_mark(socket, holder));
    if (!error && process->pid == process->process_id)
        error = put(line, COLUMN_PROCESS, "%" PRIu32, process->pid);
    else if (!error)
        error = put(line, COLUMN_PROCESS, "%" PRIu32 " (%" PRIu32 ")",
                    process->pid, process->process_id);
    if (!error)
        error = put(line, COLUMN_PROGRAM, "%s", process->program);
    if (!error)
        error = put(line, COLUMN_SOCKET, "%" PRIu64, holder->handle);
    return error;
}

static int add_socket(struct libscols_table *table,
                      const struct ws2emu_socket *socket)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    char kind[32];
    int error;

    if (!line)
        return -ENOMEM;
    ws2emu_kind_name(socket, kind, sizeof kind);
    error = put(line, COLUMN_COOKIE, "%" PRIu64, socket->cookie);
    if (!error)
        error = put(line, COLUMN_KIND, "%s", kind);
    if (!error)
        error = put(line, COLUMN_STATE, "%s", socket->state);
    if (!error)
        error = put(line, COLUMN_LOCAL, "%s", socket->local);
    if (!error)
        error = put(line, COLUMN_REMOTE, "%s", socket->remote);
    if (!error)
        error = add_registration(line, &socket->registration);
    for (size_t i = 0; !error && i < socket->n_holders; i++)
        error = add_holder(table, line, socket, &socket->holders[i]);
    return error;
}

static int print_sockets(const struct ws2emu_snapshot *snapshot)
{
    struct libscols_table *table = table_new(socket_columns);
    int error = table ? 0 : -ENOMEM;

    for (size_t i = 0; !error && i < snapshot->n_sockets; i++)
        error = add_socket(table, &snapshot->sockets[i]);
    if (!error)
        error = scols_print_table(table);
    scols_unref_table(table);
    return error;
}

static int add_duplicate(struct libscols_table *table, uint64_t cookie,
                         const struct ws2emu_duplicate *duplicate)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    int error;

    if (!line)
        return -ENOMEM;
    error = put(line, 0, "%" PRIu64, cookie);
    if (!error)
        error = put(line, 1, "%" PRIu32, duplicate->source.pid);
    if (!error)
        error = put(line, 2, "%s", duplicate->source.program);
    if (!error)
        error = put(line, 3, "%" PRIu32, duplicate->target_process_id);
    return error;
}

static int print_duplicates(const struct ws2emu_snapshot *snapshot)
{
    struct libscols_table *table = table_new(duplicate_columns);
    int error = table ? 0 : -ENOMEM;

    for (size_t i = 0; !error && i < snapshot->n_sockets; i++) {
        const struct ws2emu_socket *socket = &snapshot->sockets[i];

        for (size_t j = 0; !error && j < socket->n_duplicates; j++)
            error = add_duplicate(table, socket->cookie,
                                  &socket->duplicates[j]);
    }
    if (!error)
        error = scols_print_table(table);
    scols_unref_table(table);
    return error;
}

int print_tables(const struct ws2emu_snapshot *snapshot)
{
    size_t n_holders = 0, n_duplicates = 0, n_registrations = 0;
    int error = 0;

    for (size_t i = 0; i < snapshot->n_sockets; i++) {
        n_holders += snapshot->sockets[i].n_holders;
        n_duplicates += snapshot->sockets[i].n_duplicates;
        n_registrations += snapshot->sockets[i].registration.mask != 0;
    }
    if (snapshot->n_sockets > 0)
        error = print_sockets(snapshot);
    if (!error && n_duplicates > 0) {
        puts("\nDuplicates under way");
        error = print_duplicates(snapshot);
    }
    if (!error)
        printf("%s%zu socket%s, %zu holder%s, %zu registration%s, "
               "%zu duplicate%s under way\n",
               snapshot->n_sockets ? "\n" : "", snapshot->n_sockets,
               snapshot->n_sockets == 1 ? "" : "s", n_holders,
               n_holders == 1 ? "" : "s", n_registrations,
               n_registrations == 1 ? "" : "s", n_duplicates,
               n_duplicates == 1 ? "" : "s");
    return error;
}
