/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every limit of the server, with its reason.
 *
 * A client that reaches a limit gets an error for that request; the limits on
 * what the server stores on behalf of a client that does not listen end the
 * client.  All clients belong to one user: the limits keep one broken program
 * from taking the server away from the others.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

/* Sockets of all clients together: 192 bytes each, 12 MiB of shared memory,
   touched only as far as it is used. */
#define LIMIT_RECORDS 65536

/* Connections.  Each costs the server two descriptors at most. */
#define LIMIT_CLIENTS 4096

/* Slots that a client was granted and has not used yet: some grants for
   threads that are between taking a slot and registering the socket. */
#define LIMIT_GRANTED_PER_CLIENT 1024

/* Descriptors of one client.  Winsock 1 programs were promised 32767 sockets
   (iMaxSockets); half of the records leaves the rest to others. */
#define LIMIT_DESCRIPTORS_PER_CLIENT 32768

/* Duplicates under way, of one source and of all.  Each may hold a file
   descriptor in the server until its target opens it or exits. */
#define LIMIT_DUPLICATES_PER_CLIENT 1024
#define LIMIT_DUPLICATES 8192

/* Ports that are reserved, by all clients.  Each costs the server a file
   descriptor; programs that reserve some take a few hundred. */
#define LIMIT_RESERVED_PORTS 8192

/* Providers of name spaces that one client hosts.  Each holds a descriptor in
   the server. */
#define LIMIT_ADVERTISEMENTS_PER_CLIENT 64

/* Forks of one client whose child has not said hello yet.  Each holds a copy
   of the client's holdings. */
#define LIMIT_FORKS_PER_CLIENT 64

/* Event handles that a client has still to be told to forget.  Notifications
   of a socket coalesce; these cannot, so a client that does not read its
   notifications and goes on registering new events is ended. */
#define LIMIT_FORGETS_PER_CLIENT 4096

/* Frames of one client that are handled before the others have their turn. */
#define LIMIT_FRAMES_PER_TURN 32

/* A child that never becomes a client (it runs another program) leaves its
   fork's copy of the holdings behind for this long. */
#define LIMIT_FORK_MS 5000

/* A duplicate for a process that the kernel cannot name to us (a Windows
   process id) and that has not connected outlives its source by this long:
   time for a new process to start on a slow machine. */
#define LIMIT_DUPLICATE_MS 60000

/* The server leaves this long after its last client, so that programs run one
   after the other share one server. */
#define LIMIT_IDLE_MS 3000

#endif
