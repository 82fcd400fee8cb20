/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ws2ctl's output for programs: one JSON object.
 *
 *   { "sockets": [ { "cookie", "kind", "family", "type", "protocol",
 *                    "nonblocking", "state", "local", "remote",
 *                    "holders": [ { "pid", "process_id", "program",
 *                                   "socket" } ],
 *                    "registration": { "target", "mask", "events": [],
 *                                      "pending": [], "socket", "pid",
 *                                      "process_id", "program" } or null,
 *                    "duplicates": [ { "source_pid", "source_program",
 *                                      "target_process_id" } ] } ],
 *     "clients": [ { "pid", "process_id", "program", "holdings" } ] }
 *
 * state, local and remote are null where they are not known or do not apply.
 * Cookies and SOCKETs fit 53 bits in practice and are numbers.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include <ws2emu/constants.h>

#include "ws2ctl.h"

/* An array of the names in "A|B|C". */
static json_t *events_json(uint32_t mask)
{
    json_t *array = json_array();
    char names[EVENTS_LENGTH], *name, *rest = NULL;

    ws2emu_events_name(mask, names, sizeof names);
    for (name = strtok_r(names, "|", &rest); name;
         name = strtok_r(NULL, "|", &rest))
        (void)json_array_append_new(array, json_string(name));
    return array;
}

static json_t *text_json(const char *text)
{
    return *text ? json_string(text) : json_null();
}

/* A program's name is bytes, JSON is UTF-8: what is not becomes "?". */
static json_t *program_json(const char *program)
{
    char clean[WS2EMU_PROGRAM_LENGTH];
    json_t *json = json_string(program);
    size_t i;

    if (json)
        return json;
    for (i = 0; program[i] && i < sizeof clean - 1; i++)
        clean[i] = (unsigned char)program[i] < 0x80 ? program[i] : '?';
    clean[i] = '\0';
    return json_string(clean);
}

static json_t *registration_json(const struct ws2emu_registration *registration)
{
    if (!registration->mask)
        return json_null();
    return json_pack(
        "{s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:o}", "target",
        registration->target == WS2EMU_TARGET_MESSAGE ? "message" : "event",
        "mask", (json_int_t)registration->mask,
        "events", events_json(registration->mask),
        "pending", events_json(registration->pending),
        "socket", (json_int_t)registration->handle,
        "pid", (json_int_t)registration->owner.pid,
        "process_id", (json_int_t)registration->owner.process_id,
        "program", program_json(registration->owner.program));
}

static json_t *holders_json(const struct ws2emu_socket *socket)
{
    json_t *array = json_array();

    for (size_t i = 0; i < socket->n_holders; i++) {
        const struct ws2emu_holder *holder = &socket->holders[i];

        (void)json_array_append_new(
            array,
            json_pack("{s:I, s:I, s:o, s:I}",
                      "pid", (json_int_t)holder->process.pid,
                      "process_id", (json_int_t)holder->process.process_id,
                      "program", program_json(holder->process.program),
                      "socket", (json_int_t)holder->handle));
    }
    return array;
}

static json_t *duplicates_json(const struct ws2emu_socket *socket)
{
    json_t *array = json_array();

    for (size_t i = 0; i < socket->n_duplicates; i++) {
        const struct ws2emu_duplicate *duplicate = &socket->duplicates[i];

        (void)json_array_append_new(
            array,
            json_pack("{s:I, s:o, s:I}",
                      "source_pid", (json_int_t)duplicate->source.pid,
                      "source_program",
                      program_json(duplicate->source.program),
                      "target_process_id",
                      (json_int_t)duplicate->target_process_id));
    }
    return array;
}

static json_t *socket_json(const struct ws2emu_socket *socket)
{
    char kind[32];

    ws2emu_kind_name(socket, kind, sizeof kind);
    return json_pack(
        "{s:I, s:s, s:i, s:i, s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
        "cookie", (json_int_t)socket->cookie, "kind", kind,
        "family", socket->family, "type", socket->type,
        "protocol", socket->protocol, "nonblocking", socket->nonblocking,
        "state", text_json(socket->state),
        "local", text_json(socket->local),
        "remote", text_json(socket->remote),
        "holders", holders_json(socket),
        "registration", registration_json(&socket->registration),
        "duplicates", duplicates_json(socket));
}

static json_t *client_json(const struct ws2emu_client *client)
{
    return json_pack("{s:I, s:I, s:o, s:I}",
                     "pid", (json_int_t)client->process.pid,
                     "process_id", (json_int_t)client->process.process_id,
                     "program", program_json(client->process.program),
                     "holdings", (json_int_t)client->n_holdings);
}

int print_json(const struct ws2emu_snapshot *snapshot)
{
    json_t *sockets = json_array(), *clients = json_array(), *root;
    int error = 0;

    /* jansson passes NULLs on, so that one check of each item is enough. */
    for (size_t i = 0; i < snapshot->n_sockets; i++)
        error |= json_array_append_new(sockets,
                                       socket_json(&snapshot->sockets[i]));
    for (size_t i = 0; i < snapshot->n_clients; i++)
        error |= json_array_append_new(clients,
                                       client_json(&snapshot->clients[i]));
    root = json_pack("{s:o, s:o}", "sockets", sockets, "clients", clients);
    if (!root || error) {
        error = -ENOMEM;
    } else if (json_dumpf(root, stdout, JSON_INDENT(2)) < 0) {
        error = -EIO;
    } else {
        putchar('\n');
    }
    json_decref(root);
    return error;
}
