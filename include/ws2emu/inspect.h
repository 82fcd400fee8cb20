/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inspection: what a running ws2server knows, as plain structs (libws2ctl).
 *
 *     struct ws2emu_snapshot *snapshot;
 *     int error = ws2emu_inspect(NULL, &snapshot);
 *
 *     if (!error) {
 *         for (size_t i = 0; i < snapshot->n_sockets; i++)
 *             ...
 *         ws2emu_snapshot_free(snapshot);
 *     }
 *
 * The library only asks; it never starts a server, and changes nothing.  A
 * snapshot is read row by row while the programs go on, so two rows may be of
 * different moments.  Numbers (families, protocols, FD_* masks) are Winsock's.
 *
 * Functions return 0 or a negative errno.
 */
#ifndef WS2EMU_INSPECT_H
#define WS2EMU_INSPECT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WS2EMU_PROGRAM_LENGTH 64
#define WS2EMU_ADDRESS_LENGTH 80 /* "[IPv6%scope]:port" with NUL */

/* A process, by its Linux process id and by the one that its Winsock calls
   give (they differ under Wine). */
struct ws2emu_process {
    uint32_t pid;
    uint32_t process_id;
    char program[WS2EMU_PROGRAM_LENGTH];
};

/* One descriptor of a socket. */
struct ws2emu_holder {
    struct ws2emu_process process;
    uint64_t handle; /* the SOCKET; 0: opened this moment, not named yet */
};

/* The one event registration of a socket. */
enum ws2emu_target { WS2EMU_TARGET_NONE, WS2EMU_TARGET_EVENT,
                     WS2EMU_TARGET_MESSAGE };
struct ws2emu_registration {
    enum ws2emu_target target; /* WSAEventSelect's or WSAAsyncSelect's */
    uint32_t mask;             /* FD_*; 0: there is no registration */
    uint32_t pending;          /* FD_* of the mask, not yet enumerated */
    uint64_t handle;           /* the SOCKET it was made through */
    struct ws2emu_process owner;
};

/* A duplicate that its target has not opened yet. */
struct ws2emu_duplicate {
    struct ws2emu_process source;
    uint32_t target_process_id;
};

struct ws2emu_socket {
    uint64_t cookie; /* the kernel's SO_COOKIE, the socket's identity */
    int family, type, protocol;
    int nonblocking;         /* Winsock's blocking mode: 1 or 0 */
    int has_kernel_state;    /* 1: the three below are known */
    char state[16];          /* as netstat names it: "ESTABLISHED", ...; of
                                a datagram socket "" */
    char local[WS2EMU_ADDRESS_LENGTH];  /* "": not bound */
    char remote[WS2EMU_ADDRESS_LENGTH]; /* "": not connected */
    struct ws2emu_registration registration;
    struct ws2emu_holder *holders;
    size_t n_holders;
    struct ws2emu_duplicate *duplicates;
    size_t n_duplicates;
};

/* A process that is connected to the server. */
struct ws2emu_client {
    struct ws2emu_process process;
    uint32_t n_holdings;
};

struct ws2emu_snapshot {
    struct ws2emu_socket *sockets;
    size_t n_sockets;
    struct ws2emu_client *clients; /* without the one that asks */
    size_t n_clients;
};

/*
 * Asks the server whose socket is in a directory; NULL: the directory of plain
 * Linux processes (see ws2emu_inspect_directory).  The addresses and states
 * come from the kernel of the caller's network namespace.
 * -ENOENT: no server runs there.  -EPROTO: it speaks another version or
 * answers nonsense.  -ETIMEDOUT: it does not answer.
 */
int ws2emu_inspect(const char *directory, struct ws2emu_snapshot **ret);

/* NULL is allowed. */
void ws2emu_snapshot_free(struct ws2emu_snapshot *snapshot);

/*
 * Writes the path of the server's directory: of plain Linux processes (prefix
 * NULL), or of a Wine prefix.  -ENAMETOOLONG; -ENOENT: no such prefix.
 */
int ws2emu_inspect_directory(const char *prefix, char *path, size_t size);

/* "tcp/ipv4", "udp/ipv6", ...; numbers where there is no name. */
void ws2emu_kind_name(const struct ws2emu_socket *socket, char *name,
                      size_t size);

/* "FD_READ|FD_CLOSE"; "" for 0. */
void ws2emu_events_name(uint32_t mask, char *name, size_t size);

#ifdef __cplusplus
}
#endif

#endif
