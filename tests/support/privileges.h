/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process with fewer privileges, for the cases of what it then may not do.
   Native only. */
#ifndef TESTS_SUPPORT_PRIVILEGES_H
#define TESTS_SUPPORT_PRIVILEGES_H

/*
 * Moves the calling thread, the process's only one, to a network of its own
 * with nothing but the loopback interface, where it may make no raw sockets;
 * with echo it may send echo requests all the same.  0: the system does not let
 * us.
 */
int privileges_give_up(int echo);

/* Moves it to a network of its own, with nothing but the loopback interface.
   0: the system does not let us. */
int privileges_enter_network(void);
/* Sets a value of that network's, by its path below /proc/sys/net/ipv4.  0: it
   cannot be set. */
int privileges_set_network(const char *name, const char *value);

#endif
