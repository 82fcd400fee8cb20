/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server's place: its directory and the lock on it; see place.c. */
#ifndef DAEMON_PLACE_H
#define DAEMON_PLACE_H

#include <stdbool.h>

struct place {
    int directory_fd;
    int lock_fd;
    int change_fd;
};

enum place_result { PLACE_OURS, PLACE_TAKEN, PLACE_FAILED };

int place_open(struct place *place, const char *directory);
enum place_result place_take(struct place *place);
void place_settle(const struct place *place);
int place_try_leaving(const struct place *place);
bool place_is_gone(const struct place *place);
void place_leave(const struct place *place);
void place_close(struct place *place);
void place_address(const struct place *place, const char *name, void *address);

#define PLACE_SOCKET "server.socket"
#define PLACE_NEW_SOCKET "server.socket.new"

#endif
