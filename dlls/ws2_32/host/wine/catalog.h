/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Wine host: where the store is; see catalog.c. */
#ifndef WS2EMU_HOST_WINE_CATALOG_H
#define WS2EMU_HOST_WINE_CATALOG_H

#include <windows.h>

/* The file that WS2EMU_CATALOG names; NULL: the registry. */
const char *catalog_file_path(void);
/* The registry's key, which is made if it is not there; NULL: it cannot be. */
HKEY catalog_open_parameters(void);

#endif
