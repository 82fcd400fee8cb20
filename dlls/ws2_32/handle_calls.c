/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the environment's calls do with handles that are the API's own: those of
 * WSAProviderConfigChange.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "provider_config.h"

const struct host_handle_calls api_handle_calls = {
    .associate = provider_config_associate,
};
