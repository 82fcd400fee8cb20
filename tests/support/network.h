/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A network of the process's own, to be changed at will.  Native only. */
#ifndef TESTS_SUPPORT_NETWORK_H
#define TESTS_SUPPORT_NETWORK_H

#include <stdint.h>

/* Leaves the machine's network for one that has a loopback interface alone; 0:
   this user may not.  What was started before stays in the machine's. */
int network_leave(void);
/* Gives the loopback interface one more address, 127.0.0.NUMBER. */
void network_add_address(int number);
/* And one that is no loopback address, in host order. */
void network_add_foreign_address(uint32_t ip);

#endif
