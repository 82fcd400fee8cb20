/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* WSAProviderConfigChange, as far as others have to know of it. */
#ifndef WS2EMU_PROVIDER_CONFIG_H
#define WS2EMU_PROVIDER_CONFIG_H

#include <stdint.h>

/* A completion port for what the handle is told of; see host_handle_calls. */
int provider_config_associate(uint64_t handle, uint64_t port, uint64_t key);

/* The last WSACleanup: what pends ends with WSA_OPERATION_ABORTED.  The handles
   are the program's still. */
void provider_config_end(void);

/* In a child of fork. */
void provider_config_forked(void);

#endif
