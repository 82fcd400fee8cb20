/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names that libc and Winsock share, for the POSIX sources of the library.
 *
 * The library defines Winsock's socket(), send(), select(), ... with Windows'
 * calling convention, and its POSIX sources call libc's functions of the same
 * names.  Within one shared object the linker would bind those calls to the
 * definitions at hand.  References that name libc's symbol version stay
 * libc's.  The compiler includes this header first in every POSIX source that
 * is linked into the library (see local.mk); tests check the outcome by
 * looking for calls of these names that stayed within the library.
 *
 * The versions are those of glibc on x86-64, where all these names have been
 * since its first release.
 */
#ifndef WS2EMU_LIBC_NAMES_H
#define WS2EMU_LIBC_NAMES_H

/*
 * In a sanitizer build the library has no such definitions (see
 * sanitizer_names.h), and GNU ld 2.40 writes a broken symbol table when the
 * sanitizer's run-time library comes with the same names without a version.
 */
#if !defined(__ASSEMBLER__) && defined(__x86_64__) && !defined(__ILP32__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#define LIBC_NAME(name) __asm__(".symver " #name ", " #name "@GLIBC_2.2.5");
LIBC_NAME(accept)
LIBC_NAME(bind)
LIBC_NAME(connect)
LIBC_NAME(freeaddrinfo)
LIBC_NAME(getaddrinfo)
LIBC_NAME(gethostbyaddr)
LIBC_NAME(gethostbyname)
LIBC_NAME(gethostname)
LIBC_NAME(getnameinfo)
LIBC_NAME(getpeername)
LIBC_NAME(getprotobyname)
LIBC_NAME(getprotobynumber)
LIBC_NAME(getservbyname)
LIBC_NAME(getservbyport)
LIBC_NAME(getsockname)
LIBC_NAME(getsockopt)
LIBC_NAME(htonl)
LIBC_NAME(htons)
LIBC_NAME(inet_addr)
LIBC_NAME(inet_ntoa)
LIBC_NAME(inet_ntop)
LIBC_NAME(inet_pton)
LIBC_NAME(listen)
LIBC_NAME(ntohl)
LIBC_NAME(ntohs)
LIBC_NAME(recv)
LIBC_NAME(recvfrom)
LIBC_NAME(select)
LIBC_NAME(send)
LIBC_NAME(sendto)
LIBC_NAME(setsockopt)
LIBC_NAME(shutdown)
LIBC_NAME(socket)
#undef LIBC_NAME

#endif
#endif
