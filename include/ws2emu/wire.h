/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ws2server protocol and the published records.
 *
 * A process talks to its server over one SOCK_SEQPACKET connection: a frame
 * is a fixed-size request struct with its file descriptors by SCM_RIGHTS, and
 * each request whose serial is not 0 gets exactly one reply with the same code
 * and serial.  Requests of one connection are handled in order, so a one-way
 * request is seen by every later request of the same process.  Notifications
 * flow the other way over a second connection, which SUBSCRIBE hands out, so
 * that a reply never has to be told from a notification.
 *
 * Errors in replies are Winsock codes (enum ws2_error).
 *
 * The server publishes one record for each socket in shared memory that the
 * clients map read-only; the server is the only writer.
 *
 * All structs have the same layout for 32- and 64-bit clients: fixed-width
 * members, no implicit padding.  The asserts at the end hold that.
 */
#ifndef WS2EMU_WIRE_H
#define WS2EMU_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <ws2emu/constants.h>

#define WIRE_VERSION 1u          /* the two sides compare it in HELLO */
#define WIRE_NO_SLOT UINT32_MAX
#define WIRE_PROGRAM_LENGTH 64   /* bytes with NUL */
#define WIRE_ADDRESS_LENGTH 128  /* bytes of a Winsock address */
#define WIRE_PATH_LENGTH 108     /* bytes of sun_path */
#define WIRE_GRANT_SLOTS 32      /* slots in one GRANT reply */
#define WIRE_MAX_FDS 2           /* fds in one frame */
#define WIRE_PROVIDER_LENGTH 16  /* bytes of a provider's GUID */

enum wire_state { WIRE_STATE_NEW = 1, WIRE_STATE_READY = 2 };

enum wire_code {
    WIRE_NONE = 0,
#define WIRE_REQUEST(CODE, name, states, fds_min, fds_max, reply_fds, one_way) \
    WIRE_##CODE,
#include <ws2emu/requests.def>
#undef WIRE_REQUEST
    WIRE_CODE_COUNT
};

struct wire_header {
    uint32_t code;   /* enum wire_code */
    uint32_t serial; /* 0: no reply wanted (one-way requests only) */
};

struct wire_reply_header {
    uint32_t code;
    uint32_t serial;
    int32_t error; /* enum ws2_error; when not 0 the rest is zero, no fds */
    uint32_t reserved;
};

/* --- The published record ------------------------------------------------- */

enum wire_record_flag {
    WIRE_RECORD_NONBLOCKING = 1 << 0,    /* Winsock's blocking mode */
    WIRE_RECORD_SHUT_RECEIVE = 1 << 1,   /* shutdown(SD_RECEIVE) was called */
    WIRE_RECORD_SHUT_SEND = 1 << 2,      /* shutdown(SD_SEND) was called */
    WIRE_RECORD_REGISTERED = 1 << 3,     /* a registration with mask != 0 */
    WIRE_RECORD_SERVER_HAS_FD = 1 << 4,  /* the server holds a descriptor */
    WIRE_RECORD_CONNECT_FAILED = 1 << 5, /* the last connect failed */
    WIRE_RECORD_RESET = 1 << 6,          /* the peer reset the connection */
    WIRE_RECORD_ACCEPTED = 1 << 7,       /* came from accept */
    WIRE_RECORD_EXCLUSIVE = 1 << 8,      /* SO_EXCLUSIVEADDRUSE */
    WIRE_RECORD_REUSE = 1 << 9,          /* SO_REUSEADDR */
    WIRE_RECORD_CONDITIONAL_ACCEPT = 1 << 10,
    WIRE_RECORD_DEBUG = 1 << 11,         /* SO_DEBUG */
    WIRE_RECORD_DONTROUTE = 1 << 12,     /* SO_DONTROUTE */
    WIRE_RECORD_SHARED = 1 << 13,        /* since its BIND others have shared
                                            its port: the kernel has to let
                                            them */
    WIRE_RECORD_OPTIONS = 1 << 14,       /* `options` has a value set */
};

/*
 * Options that the kernel does not have, or not with Winsock's value.  Each
 * is kept as its difference (exclusive or) from its default, so that zeroes
 * are a new socket's.  The meaning of a value is the unix side's.
 */
enum wire_option {
    WIRE_OPTION_GROUP_PRIORITY, WIRE_OPTION_KEEPIDLE, WIRE_OPTION_KEEPCNT,
    WIRE_OPTION_KEEPINTVL, WIRE_OPTION_MAXRT, WIRE_OPTION_CONGESTION,
    WIRE_OPTION_OFFLOAD, WIRE_OPTION_COALESCED_SIZE, WIRE_OPTION_TOS,
    WIRE_OPTION_MTU_DISCOVER, WIRE_OPTION_USER_MTU,
    WIRE_OPTION_MTU_DISCOVER6, WIRE_OPTION_USER_MTU6,
    WIRE_OPTION_PROTECTION,
    WIRE_OPTION_MULTICAST_IF,
    WIRE_OPTION_PROCESSOR,    /* of SIO_CPU_AFFINITY, plus 1; 0: none */
    WIRE_OPTION_PORTS_LOW, WIRE_OPTION_PORTS_HIGH, /* the token of the reservation
                                 that its port is taken from; 0: none */
    WIRE_OPTION_NUMBERS,      /* the count of these; flags follow: */
    WIRE_OPTION_FLAG = 64,
    WIRE_OPTION_RANDOMIZE_PORT = WIRE_OPTION_FLAG, WIRE_OPTION_SCALABILITY,
    WIRE_OPTION_REUSE_UNICAST, WIRE_OPTION_REUSE_MULTICAST,
    WIRE_OPTION_PAUSE_ACCEPT, WIRE_OPTION_EXPEDITED, WIRE_OPTION_STDURG,
    WIRE_OPTION_NOURG, WIRE_OPTION_NOSYNRETRIES, WIRE_OPTION_TIMESTAMPS,
    WIRE_OPTION_DELAY_FIN_ACK, WIRE_OPTION_FASTOPEN, WIRE_OPTION_FAIL_ON_ICMP,
    WIRE_OPTION_UDP_CONNRESET, WIRE_OPTION_UDP_NETRESET,
    WIRE_OPTION_RECVIF, WIRE_OPTION_RECVDSTADDR, WIRE_OPTION_ARRIVAL_IF,
    WIRE_OPTION_RECVECN, WIRE_OPTION_RECVIF6, WIRE_OPTION_RECVDSTADDR6,
    WIRE_OPTION_ARRIVAL_IF6, WIRE_OPTION_RECVECN6, WIRE_OPTION_RECVERR,
    WIRE_OPTION_RECVERR6, WIRE_OPTION_PKTINFO, WIRE_OPTION_PKTINFO6,
    WIRE_OPTION_RECVTOS, WIRE_OPTION_RECVTCLASS,
    WIRE_OPTION_MEMBER,       /* has joined a group */
    WIRE_OPTION_GROUP_SOCKET, /* hears more than the address it is bound to */
    WIRE_OPTION_OWNS_PORTS,   /* reservations were acquired on it */
    WIRE_OPTION_NO_PORT_YET,  /* is bound, and gets its port when it connects */
    WIRE_OPTION_FLAGS_END,
};
/* Whether it is about the local address of one socket, so that accept does not
   hand it down. */
static inline int wire_option_is_of_address(uint32_t option)
{
    return option == WIRE_OPTION_PORTS_LOW ||
           option == WIRE_OPTION_PORTS_HIGH ||
           option == WIRE_OPTION_OWNS_PORTS ||
           option == WIRE_OPTION_NO_PORT_YET;
}
struct wire_options {
    uint32_t flags[2];
    uint32_t numbers[30]; /* by enum wire_option */
};

/* The first cache line is for the data path.  Readers load members one by one
   (relaxed atomics). */
struct wire_record {
    uint64_t cookie;          /* SO_COOKIE; 0: slot granted, not registered */
    uint32_t flags;           /* enum wire_record_flag */
    uint32_t reenable;        /* FD_* bits whose re-enabling call the server
                                 waits to hear of (REENABLE) */
    uint32_t mask;            /* registered FD_* mask, 0: none */
    uint32_t generation;      /* counts the uses of this slot */
    uint32_t receive_timeout; /* SO_RCVTIMEO, ms, 0: infinite */
    uint32_t send_timeout;    /* SO_SNDTIMEO, ms, 0: infinite */
    uint32_t receive_buffer;  /* SO_RCVBUF as set, 0: never set */
    uint32_t send_buffer;     /* SO_SNDBUF as set, 0: never set */
    int32_t connect_error;    /* of the failed connect */
    int32_t error;            /* SO_ERROR */
    int32_t datagram_error;   /* of a datagram that was sent: for a receive to
                                 take */
    uint32_t reserved[3];
    struct wire_options options;
};

/* --- Requests and replies ------------------------------------------------- */

/* HELLO: the first request.  The server reads the unix pid and uid itself. */
struct wire_hello_request {
    struct wire_header header;
    uint32_t version;      /* WIRE_VERSION */
    uint32_t process_id;   /* what WSADuplicateSocket calls this process by */
    uint64_t fork_token;   /* of FORK: take over the parent's holdings; or 0 */
    char program[WIRE_PROGRAM_LENGTH];
};
struct wire_hello_reply { /* fd: the records, read-only */
    struct wire_reply_header header;
    uint32_t record_count;
    uint32_t server_process_id;
};

/* GRANT: slots for sockets that this client will make. */
struct wire_grant_request {
    struct wire_header header;
};
struct wire_grant_reply {
    struct wire_reply_header header;
    uint32_t count;
    uint32_t slots[WIRE_GRANT_SLOTS];
    uint32_t reserved;
};

/* REGISTER: a new kernel socket now lives in a granted slot. */
struct wire_register_request { /* fd: the socket, when parent is registered */
    struct wire_header header;
    uint64_t cookie;
    uint64_t handle;      /* the SOCKET */
    uint32_t slot;
    uint32_t parent_slot; /* the listener of an accepted socket, or NO_SLOT:
                             its state and registration are inherited */
    uint32_t family;
    uint32_t type;
    uint32_t protocol;
    uint32_t socket_flags; /* WSA_FLAG_* */
    uint32_t former_slot;  /* of the socket that was the SOCKET's until now, and
                              is released, or NO_SLOT */
    uint32_t reserved;
};
struct wire_register_reply {
    struct wire_reply_header header;
};

/* ATTACH: a descriptor that came by other ways than OPEN (inherited handle,
   DuplicateHandle, fork), or after the server was replaced.  The server finds
   the socket by its cookie, else makes it in the offered slot. */
struct wire_attach_request { /* fd: the socket */
    struct wire_header header;
    uint64_t cookie;
    uint64_t handle;
    uint32_t slot; /* a granted slot, used when the cookie is not known */
    uint32_t family;
    uint32_t type;
    uint32_t protocol;
    uint32_t socket_flags;
    uint32_t has_state;       /* 1: record is the last that was published */
    struct wire_record record;
};
struct wire_attach_reply {
    struct wire_reply_header header;
    uint32_t slot;  /* where the socket is */
    uint32_t known; /* 1: the cookie was known, the offered slot is unused */
};

/* RELEASE: a descriptor was closed. */
struct wire_release_request {
    struct wire_header header;
    uint64_t handle;
    uint32_t slot;
    uint32_t behind; /* 1: by CloseHandle, not by closesocket */
};
struct wire_release_reply {
    struct wire_reply_header header;
};

/* DUPLICATE: WSPDuplicateSocket.  EINVAL: no such process. */
struct wire_duplicate_request { /* fd: the socket */
    struct wire_header header;
    uint32_t slot;
    uint32_t process_id;   /* the target */
    uint64_t connected_at; /* CLOCK_BOOTTIME s of the connect, 0: not */
};
struct wire_duplicate_reply {
    struct wire_reply_header header;
    uint32_t token; /* not 0 */
    uint32_t reserved;
};

/* OPEN: WSPSocket with a token.  EINVAL: not a token for this process. */
struct wire_open_request {
    struct wire_header header;
    uint32_t token;
    uint32_t reserved;
};
struct wire_open_reply { /* fd: the socket */
    struct wire_reply_header header;
    uint64_t cookie;
    uint64_t connected_at;
    uint32_t slot;
    uint32_t family;
    uint32_t type;
    uint32_t protocol;
    uint32_t socket_flags;
    uint32_t reserved;
};

/* HANDLE: names the SOCKET of the holder that OPEN made (handle 0 until
   then). */
struct wire_handle_request {
    struct wire_header header;
    uint64_t handle;
    uint32_t slot;
    uint32_t reserved;
};
struct wire_handle_reply {
    struct wire_reply_header header;
};

enum wire_target_kind {
    WIRE_TARGET_NONE = 0,   /* cancel only (mask 0) */
    WIRE_TARGET_EVENTFD,    /* the second fd; the server signals it itself */
    WIRE_TARGET_EVENT,      /* NOTIFY_EVENT with `target` */
    WIRE_TARGET_MESSAGE,    /* NOTIFY_MESSAGE with `target`, `message` */
};

/* SELECT: WSPEventSelect and WSPAsyncSelect.  Sets non-blocking mode, replaces
   every earlier registration of the socket. */
struct wire_select_request { /* fds: the socket, then the eventfd; none when
                                mask is 0 and the server has no fd */
    struct wire_header header;
    uint64_t handle; /* the SOCKET it was made through */
    uint64_t target; /* event handle or window, the client's own word */
    uint32_t slot;
    uint32_t mask;
    uint32_t kind;    /* enum wire_target_kind */
    uint32_t message; /* of MESSAGE */
};
struct wire_select_reply {
    struct wire_reply_header header;
};

/* ENUM: WSPEnumNetworkEvents.  Copies and clears the pending events of the
   mask, and resets the eventfd, as one step. */
struct wire_enum_request { /* fd: an eventfd to reset, or none */
    struct wire_header header;
    uint32_t slot;
    uint32_t reserved;
};
struct wire_enum_reply {
    struct wire_reply_header header;
    uint64_t sequence; /* of the last notification to this client, 0: none */
    uint32_t events;
    int32_t errors[WS2_FD_MAX_EVENTS];
    uint32_t reserved;
};

/* REENABLE: re-enabling functions were called. */
struct wire_reenable_request {
    struct wire_header header;
    uint32_t slot;
    uint32_t events;      /* FD_* whose re-enabling function ran */
    uint32_t would_block; /* of these, the ones that failed EWOULDBLOCK */
    uint32_t failed;      /* of these, the ones that failed before they reached
                             the transport (EFAULT, ...) */
};
struct wire_reenable_reply {
    struct wire_reply_header header;
};

/* SET: a state that the kernel cannot keep. */
enum wire_property {
    WIRE_SET_NONBLOCKING = 1,    /* 0, 1; 0 while registered: EINVAL */
    WIRE_SET_SHUTDOWN,           /* SD_*, added to what was shut before */
    WIRE_SET_RECEIVE_TIMEOUT,    /* ms */
    WIRE_SET_SEND_TIMEOUT,       /* ms */
    WIRE_SET_RECEIVE_BUFFER,     /* bytes */
    WIRE_SET_SEND_BUFFER,        /* bytes */
    WIRE_SET_EXCLUSIVE,          /* EINVAL while REUSE is set */
    WIRE_SET_REUSE,              /* EINVAL while EXCLUSIVE is set */
    WIRE_SET_CONDITIONAL_ACCEPT,
    WIRE_SET_DEBUG,
    WIRE_SET_DONTROUTE,
    WIRE_SET_ERROR,              /* SO_ERROR */
    WIRE_SET_CONNECTING,         /* a connect starts: clears CONNECT_FAILED */
    WIRE_SET_CONNECT_FAILED,     /* value: the error */
    WIRE_SET_RESET,              /* the peer reset the connection */
    WIRE_SET_OPTION,             /* enum wire_option in the upper 32 bits, what
                                    is kept of its value in the lower */
    WIRE_SET_DATAGRAM_ERROR,     /* of a datagram that was sent; 0: taken */
    WIRE_SET_AWAITED_CHANGE,     /* FD_ADDRESS_LIST_CHANGE or FD_ROUTING_
                                    INTERFACE_CHANGE: tell of the next one */
    WIRE_SET_TAKEN,              /* FD_READ, FD_OOB, FD_ACCEPT: what arrives is
                                    taken by operations of this client's that
                                    pend, and occurs to nobody */
    WIRE_SET_PUT_ASIDE,          /* so many connections of the listener this
                                    client keeps for later accepts (CF_DEFER) */
    WIRE_SET_JOINED,             /* 1: a multipoint session; FD_CONNECT */
    WIRE_PROPERTY_COUNT
};
struct wire_set_request {
    struct wire_header header;
    uint32_t slot;
    uint32_t property; /* enum wire_property */
    uint64_t value;
};
struct wire_set_reply {
    struct wire_reply_header header;
};

/* BIND: reserves a local address by Winsock's rules of sharing, before the
   kernel is asked.  EADDRINUSE, EACCES.  WITHDRAW takes it back when the
   kernel refuses; RECORD enters an address that the kernel chose.  All that
   overlap afterwards have WIRE_RECORD_SHARED in their records before the
   reply comes. */
enum wire_bind_step { WIRE_BIND_RESERVE = 1, WIRE_BIND_WITHDRAW,
                      WIRE_BIND_RECORD };
struct wire_bind_request {
    struct wire_header header;
    uint32_t slot;
    uint32_t step;       /* enum wire_bind_step */
    uint32_t dual_stack; /* IPv6 with IPV6_V6ONLY off */
    uint32_t address_length;
    uint8_t address[WIRE_ADDRESS_LENGTH]; /* a Winsock sockaddr */
};
struct wire_bind_reply {
    struct wire_reply_header header;
    uint32_t port; /* RESERVE: in host order; of a socket that is associated with
                      a reservation one of its ports, else the request's */
    uint32_t reserved;
};

/* PORTS: reservations of ports (SIO_ACQUIRE_PORT_RESERVATION and its kin).
   ACQUIRE makes one that lives as long as the socket; EADDRINUSE.  ASSOCIATE
   lets the socket be bound to its ports, RELEASE ends it; EINVAL: it is none of
   this client's.  RENEW shows one to a server that took over. */
enum wire_ports_step { WIRE_PORTS_ACQUIRE = 1, WIRE_PORTS_ASSOCIATE,
                       WIRE_PORTS_RELEASE, WIRE_PORTS_RENEW };
struct wire_ports_request {
    struct wire_header header;
    uint64_t token;  /* not of ACQUIRE */
    uint32_t slot;
    uint32_t step;   /* enum wire_ports_step */
    uint16_t first;  /* ACQUIRE, RENEW: in host order, 0: any */
    uint16_t count;
    uint32_t reserved;
};
struct wire_ports_reply {
    struct wire_reply_header header;
    uint64_t token;  /* of ACQUIRE; its low 32 bits are not 0 */
    uint16_t first;
    uint16_t count;
    uint32_t reserved;
};

/* NAME: a name of an AF_UNIX socket as the program gave it, which the kernel
   may know by another path.  Sets it, or asks for it. */
enum wire_name_side { WIRE_NAME_LOCAL = 1, WIRE_NAME_PEER };
struct wire_name_request {
    struct wire_header header;
    uint32_t slot;
    uint16_t side; /* enum wire_name_side */
    uint8_t set;   /* 1: the path is the name from now on */
    uint8_t path_length;
    char path[WIRE_PATH_LENGTH];
};
struct wire_name_reply {
    struct wire_reply_header header;
    uint32_t known; /* 1: path is the name */
    uint32_t path_length;
    char path[WIRE_PATH_LENGTH];
    uint32_t reserved;
};

/* SUBSCRIBE: opens the channel of notifications, once for each client. */
struct wire_subscribe_request {
    struct wire_header header;
};
struct wire_subscribe_reply { /* fd: SOCK_SEQPACKET, notifications to read */
    struct wire_reply_header header;
};

/* FORK: before fork().  The child's HELLO with the token takes over a copy of
   what this client holds, so that nothing is lost in between. */
struct wire_fork_request {
    struct wire_header header;
};
struct wire_fork_reply {
    struct wire_reply_header header;
    uint64_t token;
};

/* SHOW: asks another process for the socket that it has under a SOCKET, whose
   handle leads to another one, and to close it, so that the handle's value is
   not used again before.  The server hands the fd on (NOTIFY_SHOW), and
   what comes through it is between the two.  EINVAL: no such process, or it
   has not subscribed; ENOBUFS: it does not read its notifications. */
struct wire_show_request { /* fd: SOCK_SEQPACKET, to send the answer to */
    struct wire_header header;
    uint64_t handle;
    uint32_t process_id; /* who is asked */
    uint32_t closes;     /* 1: and is to close it */
};
struct wire_show_reply {
    struct wire_reply_header header;
};
/* The answer; fd, unless there is an error: the socket.  None comes from a
   process that ends. */
struct wire_shown {
    uint64_t cookie;
    int32_t error; /* ENOTSOCK: no SOCKET, or its handle leads to it */
    uint32_t is_closed; /* 1: as was asked */
};

/* ADVERTISE: this process hosts the provider of a name space until it closes
   the fd, on which it is told of each client.  EINVAL: it is hosted already;
   EMFILE: the process hosts too many. */
struct wire_advertise_request {
    struct wire_header header;
    uint8_t provider[WIRE_PROVIDER_LENGTH];
};
struct wire_advertise_reply { /* fd: SOCK_SEQPACKET, wire_arrivals to read */
    struct wire_reply_header header;
};

/* CONTACT: a connection to the process that hosts a provider; what goes over it
   is theirs.  SERVICE_NOT_FOUND: no process does; TRY_AGAIN: it does not take
   its clients. */
struct wire_contact_request {
    struct wire_header header;
    uint8_t provider[WIRE_PROVIDER_LENGTH];
};
struct wire_contact_reply { /* fd: SOCK_SEQPACKET */
    struct wire_reply_header header;
};
/* What the host reads of ADVERTISE's fd for each CONTACT. */
struct wire_arrival { /* fd: the other end */
    uint32_t unix_pid;   /* of the client */
    uint32_t process_id; /* so, Winsock's */
};

/* LIST: one row of the server's tables for each request. */
enum wire_list_section {
    WIRE_LIST_SOCKETS = 1, WIRE_LIST_HOLDERS, WIRE_LIST_DUPLICATES,
    WIRE_LIST_CLIENTS,
};
struct wire_list_request {
    struct wire_header header;
    uint64_t cursor;  /* 0: the first row; then `next` of the last reply */
    uint32_t section; /* enum wire_list_section */
    uint32_t reserved;
};
struct wire_list_row {
    uint64_t cookie;
    uint64_t handle;     /* HOLDERS: the SOCKET; registration: the owner's */
    uint32_t slot;
    uint32_t family;
    uint32_t type;
    uint32_t protocol;
    uint32_t flags;      /* SOCKETS: enum wire_record_flag */
    uint32_t holders;    /* SOCKETS: count; CLIENTS: count of holdings */
    uint32_t duplicates; /* SOCKETS: count of those under way */
    uint32_t unix_pid;   /* HOLDERS, CLIENTS; SOCKETS: registration's owner;
                            DUPLICATES: the source */
    uint32_t process_id; /* same, Winsock's; DUPLICATES: the target */
    uint32_t mask;       /* SOCKETS: registered events */
    uint32_t pending;    /* SOCKETS: pending events */
    uint32_t kind;       /* SOCKETS: enum wire_target_kind */
    char program[WIRE_PROGRAM_LENGTH]; /* of unix_pid */
};
struct wire_list_reply {
    struct wire_reply_header header;
    uint64_t next; /* cursor of the next row; 0: there was no row any more */
    struct wire_list_row row;
};

/* --- Notifications -------------------------------------------------------- */

enum wire_notification_kind {
    WIRE_NOTIFY_EVENT = 1, /* signal the event `target` */
    WIRE_NOTIFY_MESSAGE,   /* post `message` to the window `target` */
    WIRE_NOTIFY_FORGET,    /* no registration uses the event `target` any more */
    WIRE_NOTIFY_SHOW,      /* fd: send a wire_shown for the SOCKET `handle`, and
                              close it if `message` is 1 */
};
struct wire_notification {
    uint64_t sequence; /* 1, 2, ... for each client */
    uint64_t handle;   /* the SOCKET through which the registration was made */
    uint64_t target;
    uint32_t kind;     /* enum wire_notification_kind */
    uint32_t message;
    uint32_t event;    /* one FD_* bit */
    int32_t error;     /* of the event, 0: none */
};

/* --- Layout --------------------------------------------------------------- */

#define WIRE_ASSERT_SIZE(type, size) \
    _Static_assert(sizeof(type) == (size), "wire layout of " #type)
WIRE_ASSERT_SIZE(struct wire_header, 8);
WIRE_ASSERT_SIZE(struct wire_reply_header, 16);
WIRE_ASSERT_SIZE(struct wire_options, 128);
WIRE_ASSERT_SIZE(struct wire_record, 192);
WIRE_ASSERT_SIZE(struct wire_hello_request, 88);
WIRE_ASSERT_SIZE(struct wire_hello_reply, 24);
WIRE_ASSERT_SIZE(struct wire_grant_request, 8);
WIRE_ASSERT_SIZE(struct wire_grant_reply, 152);
WIRE_ASSERT_SIZE(struct wire_register_request, 56);
WIRE_ASSERT_SIZE(struct wire_attach_request, 240);
WIRE_ASSERT_SIZE(struct wire_attach_reply, 24);
WIRE_ASSERT_SIZE(struct wire_release_request, 24);
WIRE_ASSERT_SIZE(struct wire_duplicate_request, 24);
WIRE_ASSERT_SIZE(struct wire_duplicate_reply, 24);
WIRE_ASSERT_SIZE(struct wire_open_request, 16);
WIRE_ASSERT_SIZE(struct wire_open_reply, 56);
WIRE_ASSERT_SIZE(struct wire_handle_request, 24);
WIRE_ASSERT_SIZE(struct wire_select_request, 40);
WIRE_ASSERT_SIZE(struct wire_enum_request, 16);
WIRE_ASSERT_SIZE(struct wire_enum_reply, 72);
WIRE_ASSERT_SIZE(struct wire_reenable_request, 24);
WIRE_ASSERT_SIZE(struct wire_set_request, 24);
WIRE_ASSERT_SIZE(struct wire_bind_request, 152);
WIRE_ASSERT_SIZE(struct wire_bind_reply, 24);
WIRE_ASSERT_SIZE(struct wire_ports_request, 32);
WIRE_ASSERT_SIZE(struct wire_ports_reply, 32);
WIRE_ASSERT_SIZE(struct wire_name_request, 124);
WIRE_ASSERT_SIZE(struct wire_name_reply, 136);
WIRE_ASSERT_SIZE(struct wire_fork_reply, 24);
WIRE_ASSERT_SIZE(struct wire_show_request, 24);
WIRE_ASSERT_SIZE(struct wire_shown, 16);
WIRE_ASSERT_SIZE(struct wire_advertise_request, 24);
WIRE_ASSERT_SIZE(struct wire_contact_request, 24);
WIRE_ASSERT_SIZE(struct wire_arrival, 8);
WIRE_ASSERT_SIZE(struct wire_list_request, 24);
WIRE_ASSERT_SIZE(struct wire_list_row, 128);
WIRE_ASSERT_SIZE(struct wire_list_reply, 152);
WIRE_ASSERT_SIZE(struct wire_notification, 40);
_Static_assert(offsetof(struct wire_record, reenable) == 12, "record layout");
_Static_assert(offsetof(struct wire_record, receive_timeout) == 24,
               "record layout");
_Static_assert(offsetof(struct wire_record, options) == 64, "record layout");
_Static_assert(offsetof(struct wire_attach_request, record) == 48,
               "attach layout");
_Static_assert(WIRE_OPTION_NUMBERS <= 30 &&
                   WIRE_OPTION_FLAGS_END - WIRE_OPTION_FLAG <= 64,
               "room for the options");

/* The largest request and reply, for buffers. */
#define WIRE_MAX_FRAME 256

#endif
