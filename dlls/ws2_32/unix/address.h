/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Socket addresses: Winsock's layout to the kernel's and back.
 *
 * Both sides agree on the bytes of an address of AF_INET and AF_INET6 but for
 * two things: the number of AF_INET6 (23 and 10), and what a length must be.
 * Winsock's lengths are 16 and 28; a longer one is fine, a shorter one is
 * WS2_EFAULT.  An address of AF_UNIX is a path, which is not the same on both
 * sides; path_socket.c has it.
 */
#ifndef WS2EMU_UNIX_ADDRESS_H
#define WS2EMU_UNIX_ADDRESS_H

#include <stdint.h>
#include <sys/socket.h>

enum {
    ADDRESS_LENGTH_INET = 16,
    ADDRESS_LENGTH_INET6 = 28,
    ADDRESS_LENGTH_UNIX = 110,
    ADDRESS_LENGTH_MAX = 110,
};

/* Winsock's AF_* of the kernel's; -1: there is none. */
int address_family_from_kernel(int kernel_family);

/* The Winsock length of an address of this Winsock family; 0: unknown. */
uint32_t address_length(int winsock_family);

/*
 * Makes a kernel address of a Winsock sockaddr that is already in memory of
 * ours.  WS2_EFAULT: shorter than its family wants, WS2_EAFNOSUPPORT: a family
 * other than AF_INET and AF_INET6.  Outputs are untouched on failure.
 */
int address_to_kernel(const void *winsock_name, uint32_t length,
                      struct sockaddr_storage *ret, socklen_t *ret_length);

/*
 * Makes a Winsock sockaddr of a kernel address; winsock_name has room for
 * ADDRESS_LENGTH_MAX bytes.  Returns the Winsock length; 0 for an address that
 * Winsock has no words for (also an empty one), and nothing is written.
 * sin_zero is cleared.
 */
uint32_t address_from_kernel(const struct sockaddr_storage *from,
                             socklen_t length, void *winsock_name);

#endif
