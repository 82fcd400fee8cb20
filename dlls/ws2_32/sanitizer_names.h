/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Other symbols for the names that libc and Winsock share, for sanitizer
 * builds.
 *
 * A sanitizer's run-time library intercepts libc's socket functions by name
 * and knows nothing of symbol versions: it would take our functions for
 * libc's.  In a sanitizer build every Windows source, of the library and of
 * the programs linked with it, includes this header first, so that both sides
 * meet under names of their own.
 */
#ifndef WS2EMU_SANITIZER_NAMES_H
#define WS2EMU_SANITIZER_NAMES_H

#pragma redefine_extname accept ws2_accept
#pragma redefine_extname bind ws2_bind
#pragma redefine_extname connect ws2_connect
#pragma redefine_extname freeaddrinfo ws2_freeaddrinfo
#pragma redefine_extname getaddrinfo ws2_getaddrinfo
#pragma redefine_extname gethostbyaddr ws2_gethostbyaddr
#pragma redefine_extname gethostbyname ws2_gethostbyname
#pragma redefine_extname gethostname ws2_gethostname
#pragma redefine_extname getnameinfo ws2_getnameinfo
#pragma redefine_extname getpeername ws2_getpeername
#pragma redefine_extname getprotobyname ws2_getprotobyname
#pragma redefine_extname getprotobynumber ws2_getprotobynumber
#pragma redefine_extname getservbyname ws2_getservbyname
#pragma redefine_extname getservbyport ws2_getservbyport
#pragma redefine_extname getsockname ws2_getsockname
#pragma redefine_extname getsockopt ws2_getsockopt
#pragma redefine_extname htonl ws2_htonl
#pragma redefine_extname htons ws2_htons
#pragma redefine_extname inet_addr ws2_inet_addr
#pragma redefine_extname inet_ntoa ws2_inet_ntoa
#pragma redefine_extname inet_ntop ws2_inet_ntop
#pragma redefine_extname inet_pton ws2_inet_pton
#pragma redefine_extname listen ws2_listen
#pragma redefine_extname ntohl ws2_ntohl
#pragma redefine_extname ntohs ws2_ntohs
#pragma redefine_extname recv ws2_recv
#pragma redefine_extname recvfrom ws2_recvfrom
#pragma redefine_extname select ws2_select
#pragma redefine_extname send ws2_send
#pragma redefine_extname sendto ws2_sendto
#pragma redefine_extname setsockopt ws2_setsockopt
#pragma redefine_extname shutdown ws2_shutdown
#pragma redefine_extname socket ws2_socket

#endif
