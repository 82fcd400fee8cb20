/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Wine host: what threads keep; see thread.c. */
#ifndef WS2EMU_HOST_WINE_THREAD_H
#define WS2EMU_HOST_WINE_THREAD_H

/* While the module loads. */
void thread_attach_process(void);
/* The calling thread ends. */
void thread_detach(void);

#endif
