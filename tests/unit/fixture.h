/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server in the test's own process.
 *
 * Clients are the other ends of socketpairs.  A call sends the request, lets
 * the server work until nothing is left to do, and receives the reply: all in
 * one thread, so nothing depends on time.
 */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <CUnit/Basic.h>
#include <ws2emu/wire.h>

#include "core/server.h"
#include "runner.h"

struct test_client {
    int fd;
    int notifications; /* -1: not subscribed */
    uint32_t process_id;
    uint32_t slots[WIRE_GRANT_SLOTS];
    uint32_t n_slots;
};

/* A socket of the test's and what a client says of it. */
struct test_socket {
    int fd;
    uint64_t cookie;
    uint64_t handle;
    uint32_t slot;
};

extern struct server fixture_server;

int fixture_count_fds(void);
void fixture_start(void);
void fixture_stop(void);
void fixture_settle(void);

/* A connection that has not said hello, and one that has. */
struct test_client client_connect(void);
struct test_client client_start(uint32_t process_id);
void client_hang_up(struct test_client *client);

/* Sends a request; serial 1 unless it has one.  Returns the reply's error, or
   -1 when there is no reply.  *ret_fd: the reply's descriptor, or -1. */
int call(struct test_client *client, void *request, const int *fds,
         size_t n_fds, void *reply, int *ret_fd);
/* The same without a reply. */
void post(struct test_client *client, void *request, const int *fds,
          size_t n_fds);

uint32_t take_slot(struct test_client *client);
struct test_socket socket_make(struct test_client *client, int fd,
                               uint32_t parent_slot);
struct test_socket socket_create(struct test_client *client, int family,
                                 int type);
void socket_release(struct test_client *client, struct test_socket *s);
const struct wire_record *record_of(const struct test_socket *s);

int select_eventfd(struct test_client *client, const struct test_socket *s,
                   int eventfd, uint32_t mask);
int select_word(struct test_client *client, const struct test_socket *s,
                uint32_t kind, uint64_t target, uint32_t mask);
int select_none(struct test_client *client, const struct test_socket *s);
uint32_t enumerate(struct test_client *client, const struct test_socket *s,
                   int eventfd, int32_t *errors);
void reenable(struct test_client *client, const struct test_socket *s,
              uint32_t events, uint32_t would_block);
void subscribe(struct test_client *client);
bool next_notification(struct test_client *client,
                       struct wire_notification *ret);
int set_property(struct test_client *client, const struct test_socket *s,
                 uint32_t property, uint64_t value);

#endif
