/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that talks to the server, and over links to the hosts of providers
 * and their clients, without the library.  Native only.
 */
#ifndef TESTS_SUPPORT_RAW_LINK_H
#define TESTS_SUPPORT_RAW_LINK_H

#include <stddef.h>

/* A link to who hosts the provider (a GUID). */
int raw_contact(const void *provider);
/* Hosts it: where its clients arrive; and the next one's link. */
int raw_advertise(const void *provider);
int raw_arrival(int fd);

/* 0: the other side is gone. */
int raw_send(int fd, const void *bytes, size_t size);
/* The size of the next message; 0: the other side is gone. */
size_t raw_receive(int fd, void *bytes, size_t room);
void raw_close(int fd);

#endif
