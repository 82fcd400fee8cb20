/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ICMP echo over raw sockets, for suites: what must hold of it whether the
 * process may make raw sockets or only send echo requests.
 */
#ifndef TESTS_SUPPORT_ECHO_H
#define TESTS_SUPPORT_ECHO_H

#include "support/sockets.h"

enum { IDENTIFIER = 0x4711, ECHO_SIZE = 40 };

struct icmp {
    unsigned char type, code;
    unsigned short checksum, identifier, sequence;
    char data[ECHO_SIZE - 8];
};

struct ip {
    unsigned char version_and_length, service;
    unsigned short length, identification, fragment;
    unsigned char ttl, protocol;
    unsigned short checksum;
    struct in_addr source, destination;
};

/* The case is skipped where raw sockets are not allowed. */
SOCKET raw_socket(int family, int protocol);

/* type: 8, or 128 of ICMPv6. */
struct icmp echo_request(int type, unsigned identifier, unsigned sequence);
/* To 127.0.0.1. */
void send_echo(SOCKET s, unsigned identifier, unsigned sequence);
/* The next echo reply; what a raw socket sees besides is left aside. */
void receive_echo(SOCKET s, unsigned identifier, unsigned sequence);

/* Cases. */
void echo_in_turns(void);
void echo_of_ipv6(void);
void echo_hides_its_entry(void);
void echo_binds_without_port(void);
void echo_connects(void);
void echo_is_cut(void);
void echo_is_scattered(void);
void echo_through_duplicates(void);

#endif
