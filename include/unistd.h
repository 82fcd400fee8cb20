/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libc's unistd.h.  After <winsock2.h> its gethostname and socklen_t get out
 * of the way of Winsock's.
 */
#pragma GCC system_header

#if defined(WS2EMU_LIBC_BESIDE) && !defined(_UNISTD_H)

#pragma push_macro("socklen_t")
#undef socklen_t
#define gethostname ws2emu_libc_gethostname
#include_next <unistd.h>
#undef gethostname
#pragma pop_macro("socklen_t")

#else

#include_next <unistd.h>

#endif
