/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* WSAProviderConfigChange, as far as others have to know of it. */
#ifndef WS2EMU_PROVIDER_CONFIG_H
#define WS2EMU_PROVIDER_CONFIG_H

#include <winsock2.h>

#include <stdint.h>

/* Makes a handle, and writes it there; the errors of
   WSAProviderConfigChange. */
int provider_config_open(LPHANDLE ret_handle);
/* The call with that handle. */
int provider_config_wait(uint64_t handle, LPWSAOVERLAPPED overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
/* Everybody's waits end, as after a change.  WSANO_RECOVERY, WSATRY_AGAIN,
   WSA_NOT_ENOUGH_MEMORY. */
int provider_config_announce(void);

/* A completion port for what the handle is told of; see host_handle_calls. */
int provider_config_associate(uint64_t handle, uint64_t port, uint64_t key);

/* The last WSACleanup: what pends ends with WSA_OPERATION_ABORTED.  The handles
   are the program's still. */
void provider_config_end(void);

/* In a child of fork. */
void provider_config_forked(void);

#endif
