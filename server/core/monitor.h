/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watching registered sockets; see monitor.c. */
#ifndef CORE_MONITOR_H
#define CORE_MONITOR_H

#include <stdint.h>

struct loop_source;
struct observation;
struct socket;

int monitor_start(struct socket *socket);
void monitor_stop(struct socket *socket);
void monitor_ready(struct loop_source *source, uint32_t events);
void monitor_look(struct socket *socket);
uint32_t monitor_observe(struct socket *socket, struct observation *ret_now);
void monitor_reenable(struct socket *socket, uint32_t functions,
                      uint32_t would_block, uint32_t failed);
void monitor_connect_failed(struct socket *socket, int32_t error);
void monitor_occurred(struct socket *socket, uint32_t events);
void monitor_publish(struct socket *socket);

#endif
