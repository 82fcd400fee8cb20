/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking the kernel how a socket is; see observation.c. */
#ifndef CORE_OBSERVATION_H
#define CORE_OBSERVATION_H

#include <stdint.h>

#include "core/network_events.h"

struct socket;

void observation_make(const struct socket *socket, struct observation *ret_now);

#endif
