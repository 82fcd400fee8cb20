/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The boundary: what the base provider asks of the unix side.
 *
 * The two worlds meet here.  Above it sources include Windows headers, below
 * it POSIX headers; this header has neither, only fixed-width types and the
 * constants of <ws2emu/constants.h>.  Families, socket types, options, flags
 * and addresses are Winsock's; the unix side translates.
 *
 * Every function returns 0 or a Winsock error code, unless it says otherwise.
 * Pointers that come from the program (names, lengths, buffers, option
 * values; marked "program's") are passed through as they are: the unix side
 * reads and writes them in a way that turns a bad one into WS2_EFAULT.
 * Outputs are untouched on failure.
 */
#ifndef WS2EMU_UNIX_BOUNDARY_H
#define WS2EMU_UNIX_BOUNDARY_H

#include <stdint.h>

#include <ws2emu/constants.h>
#include <ws2emu/hot_path.h>

typedef uint64_t ws2_handle; /* a SOCKET or an event handle */
#define WS2_INVALID_HANDLE_VALUE (~(ws2_handle)0)

/* WSABUF's layout on 64-bit. */
struct unix_buffer {
    uint32_t length;
    uint32_t padding;
    void *data;
};

/* --- Life of the process's side ------------------------------------------- */

/* How notifications of the server reach the program: the provider makes the
   WPU upcalls.  Called on the notifier thread, with no lock held. */
struct unix_upcalls {
    void (*set_event)(uint64_t event);
    void (*post_message)(uint64_t window, uint32_t message, ws2_handle s,
                         uint32_t event, int32_t error);
};

/* Connects to the server, starting it when there is none.  WS2_SYSNOTREADY
   when that fails.  Repeating it only replaces the upcalls. */
int unix_startup(const struct unix_upcalls *upcalls);

/* Ends every descriptor of the process and leaves the server. */
void unix_cleanup(void);

/* --- Descriptors ---------------------------------------------------------- */

struct unix_identity {
    int family, type, protocol; /* Winsock's numbers */
    uint32_t flags;             /* WSA_FLAG_* of its creation */
};

/* WSPSocket, new socket.  The triple is a valid one of the catalog. */
int unix_socket_create(const struct unix_identity *identity,
                       ws2_handle *ret_handle);

/* WSPSocket with a duplicate's token.  WS2_EINVAL: not good here. flags:
   only NO_HANDLE_INHERIT counts, the rest is the socket's. */
int unix_socket_open(uint32_t token, uint32_t flags, ws2_handle *ret_handle);

/* WSPDuplicateSocket. process_id 0 or of no process: WS2_EINVAL. */
int unix_socket_duplicate(ws2_handle s, uint32_t process_id,
                          uint32_t *ret_token);

/* What the socket is.  WS2_ENOTSOCK: no socket.  Cheap: also the way to
   validate a SOCKET. */
int unix_socket_identity(ws2_handle s, struct unix_identity *ret_identity);

/* 1 when the process has used the SOCKET: at once, for handles of all kinds. */
int unix_socket_is_known(ws2_handle s);

/* WSPCloseSocket.  Ends blocked calls of other threads on it. */
int unix_socket_close(ws2_handle s);

/* The host's CloseHandle closed the handle itself: as unix_socket_close, but
   the host's handle is left alone.  Returns WS2_ENOTSOCK at no cost when the
   handle is not in the table. */
int unix_socket_handle_closed(ws2_handle s);

/* For a host whose handle of the SOCKET leads to the kernel socket that it had
   before another one took its place (AcceptEx, reuse): an fd of the present
   one, the caller's.  WS2_ENOTSOCK: no such SOCKET, or its handle is right. */
int unix_socket_exchanged_fd(ws2_handle s, int *ret_fd);
/* 1: a stream that AcceptEx may still give a connection.  A copy of its handle
   gets it, too, if it is known here by then. */
int unix_socket_awaits_connection(ws2_handle s);
/* unix_socket_exchanged_fd of a SOCKET of another process: WS2_ENOTSOCK if that
   says so, or does not answer; another error: it cannot be asked.  closes: it
   is to close the SOCKET, whatever the error; *ret_is_closed: it has. */
int unix_socket_shown_fd(uint32_t process_id, ws2_handle s, int closes,
                         int *ret_fd, int *ret_is_closed);
/* The SOCKETs that it knows such an fd of: at most room of them are written;
   returns how many there are. */
uint32_t unix_socket_list_exchanged(ws2_handle *ret_handles, uint32_t room);

/* --- Connection ----------------------------------------------------------- */

/* WSPBind, WSPListen, WSPConnect, with their errors.  name: the program's. */
int unix_socket_bind(ws2_handle s, const void *name, int length);
int unix_socket_listen(ws2_handle s, int backlog);
int unix_socket_connect(ws2_handle s, const void *name, int length);
/* A stream's connect that waits, whatever the blocking mode, up to a deadline.
   WS2_ETIMEDOUT: it is over, and the connect taken back; WS2_EINVAL: no
   stream. */
int unix_socket_connect_until(ws2_handle s, const void *name, int length,
                              int64_t deadline);
/* So many microseconds from now; negative: never. */
int64_t unix_deadline(int64_t microseconds);
/* name, length: program's, may be NULL.  decides: the caller tells afterwards
   by unix_socket_put_aside what became of the connection. */
int unix_socket_accept(ws2_handle s, void *name, int *length, int decides,
                       ws2_handle *ret_handle);
/* An accept is over, and so many of the listener's connections wait outside of
   the kernel's queue. again: one was put there, and FD_ACCEPT stays as it
   is. */
void unix_socket_put_aside(ws2_handle s, uint32_t count, int again);
/* An accepted connection waits outside of the kernel's queue (keeps 1), or was
   taken: in a child of fork those that wait are closed, for they are the
   parent's. */
void unix_socket_keep_for_accept(ws2_handle s, int keeps);
/* WSAJoinLeaf of a bound datagram socket; name: a group of its family, in
   memory of ours; who only sends need not be a member.  WS2_EISCONN: it is
   one. */
int unix_socket_join_session(ws2_handle s, const void *name, uint32_t length,
                             int receives);
/* WSPShutdown, WSPGetSockName, WSPGetPeerName, with their errors.  name,
   length: the program's. */
int unix_socket_shutdown(ws2_handle s, int how);
int unix_socket_get_local_name(ws2_handle s, void *name, int *length);
int unix_socket_get_peer_name(ws2_handle s, void *name, int *length);

/* Of AF_UNIX: the id of the process at the other end.  WS2_ENOTCONN,
   WS2_EOPNOTSUPP: of another family. */
int unix_socket_peer_process(ws2_handle s, uint32_t *ret_process_id);

/* --- Data ----------------------------------------------------------------- */

/* buffers: the provider's copy of the WSABUF array; their data is the
   program's.  *ret_count: bytes.  flags: MSG_*. */
int HOT_PATH unix_socket_send(ws2_handle s, const struct unix_buffer *buffers,
                              uint32_t n_buffers, uint32_t flags,
                              uint32_t *ret_count);
int unix_socket_send_to(ws2_handle s, const struct unix_buffer *buffers,
                        uint32_t n_buffers, uint32_t flags, const void *name,
                        int length, uint32_t *ret_count);
/* On WS2_EMSGSIZE *ret_count is the size of the filled buffers and the name is
   valid, as Winsock wants it. */
int HOT_PATH unix_socket_receive(ws2_handle s,
                                 const struct unix_buffer *buffers,
                                 uint32_t n_buffers, uint32_t flags,
                                 uint32_t *ret_count);
/* A receive that fails before it gets here: an event registration counts it
   all the same.  WS2_ENOTSOCK, or 0. */
int unix_socket_refuse_receive(ws2_handle s, uint32_t flags);
int unix_socket_receive_from(ws2_handle s, const struct unix_buffer *buffers,
                             uint32_t n_buffers, uint32_t flags, void *name,
                             int *length, uint32_t *ret_count);

/* WSAMSG. control is the program's; lengths and flags in and out. */
struct unix_message {
    void *name; /* program's, or NULL */
    const struct unix_buffer *buffers;
    void *control;
    int32_t name_length;
    uint32_t n_buffers, control_length;
    uint32_t flags; /* MSG_* of a receive; out: MSG_TRUNC, MSG_CTRUNC,
                       MSG_BCAST, MSG_MCAST */
};
int unix_socket_send_message(ws2_handle s, const struct unix_message *message,
                             uint32_t flags, uint32_t *ret_count);
/* With WS2_EMSGSIZE everything is filled, too. */
int unix_socket_receive_message(ws2_handle s, struct unix_message *message,
                                uint32_t *ret_count);

/* --- Options -------------------------------------------------------------- */

/* SOL_SOCKET (but SO_PROTOCOL_INFO*, SO_OPENTYPE, which are the provider's and
   the API's), IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6. value, length:
   program's. */
int unix_socket_get_option(ws2_handle s, int level, int name, void *value,
                           int *length);
int unix_socket_set_option(ws2_handle s, int level, int name,
                           const void *value, int length);
int unix_socket_set_nonblocking(ws2_handle s, uint32_t on); /* FIONBIO */
int unix_socket_readable_bytes(ws2_handle s, uint32_t *ret); /* FIONREAD */
int unix_socket_at_mark(ws2_handle s, uint32_t *ret);        /* SIOCATMARK */

/* Whether a receive of a datagram socket fails when an earlier datagram could
   not be delivered (SIO_UDP_CONNRESET), or expired (SIO_UDP_NETRESET). */
int unix_socket_report_unreachable(ws2_handle s, uint32_t on);
int unix_socket_report_expired(ws2_handle s, uint32_t on);

/* --- Reservations of ports ------------------------------------------------ */

/* SIO_ACQUIRE_PORT_RESERVATION, SIO_ASSOCIATE_PORT_RESERVATION and
   SIO_RELEASE_PORT_RESERVATION.  WS2_EOPNOTSUPP: neither TCP nor UDP.
   WS2_EINVAL: not a token of this process for the socket's protocol; bound or
   associated already; no such ports. */
struct unix_port_block {
    uint64_t token;
    uint16_t first, count; /* in host order; first 0: anywhere */
};
/* WS2_EADDRINUSE, WS2_EACCES, WS2_ENOBUFS. */
int unix_socket_acquire_ports(ws2_handle s, struct unix_port_block *block);
int unix_socket_associate_ports(ws2_handle s, uint64_t token);
int unix_socket_release_ports(ws2_handle s, uint64_t token);

/* --- Time stamps ---------------------------------------------------------- */

/* SIO_TIMESTAMPING of a datagram socket; room for so many of sent datagrams. */
int unix_socket_set_time_stamps(ws2_handle s, int of_received, int of_sent,
                                uint32_t room);
/* Takes the stamp of a datagram that was sent with the id
   (SIO_GET_TX_TIMESTAMP). WS2_EWOULDBLOCK: there is none; WS2_EOPNOTSUPP: they
   are not kept. */
int unix_socket_take_sent_stamp(ws2_handle s, uint32_t id, uint64_t *ret);

/* --- Processors ----------------------------------------------------------- */

/* SIO_CPU_AFFINITY of a datagram socket.  WS2_EINVAL: it is bound or shares its
   port by other means, or there is no such processor. */
int unix_socket_set_processor(ws2_handle s, uint32_t processor);
/* The processor that handles what arrives, and its node.  WS2_ENOTCONN. */
int unix_socket_find_processor(ws2_handle s, uint32_t *ret_processor,
                               uint32_t *ret_node);

/* --- TCP's control codes -------------------------------------------------- */

/* TCP_INFO_v1's layout; TCP_INFO_v0 is its beginning. */
struct unix_tcp_info {
    uint32_t state, mss;
    uint64_t connection_time; /* ms */
    uint8_t timestamps, padding[3];
    uint32_t rtt, min_rtt;    /* us */
    uint32_t bytes_in_flight, congestion_window, send_window, receive_window,
        receive_buffer;
    uint64_t bytes_out, bytes_in;
    uint32_t bytes_reordered, bytes_retransmitted, fast_retransmissions,
        duplicate_acknowledgements, timeout_episodes;
    uint8_t syn_retransmissions, padding2[3];
    struct {
        uint32_t transitions, time; /* ms */
        uint64_t bytes;
    } limited_by_receiver, limited_by_congestion, limited_by_sender;
};
#define UNIX_TCP_INFO_V0_SIZE 88
/* WS2_EOPNOTSUPP: not a TCP socket. */
int unix_socket_tcp_info(ws2_handle s, struct unix_tcp_info *ret_info);
/* 1 for a connection, be it half closed. */
int unix_tcp_is_connected(const struct unix_tcp_info *info);
/* TCP_INITIAL_RTO_PARAMETERS' MaxSynRetransmissions. */
int unix_socket_set_syn_retries(ws2_handle s, uint32_t retries);
int unix_socket_set_quick_acknowledgement(ws2_handle s, uint32_t on);
/* 1: what is sent gives way to all other traffic (SIO_SET_PRIORITY_HINT). */
int unix_socket_set_scavenging(ws2_handle s, uint32_t on);
/* 1: the receive window stays below 64 KiB (SIO_SET_COMPATIBILITY_MODE). */
int unix_socket_limit_window(ws2_handle s, uint32_t on);

/* --- The machine's network ------------------------------------------------ */

/* Addresses of the family that a socket can be bound to, but for loopback
   unless there are no others.  Free with unix_addresses_free. */
struct unix_addresses;
int unix_list_local_addresses(int family, struct unix_addresses *ret);

enum {
    UNIX_INTERFACE_UP = 1,
    UNIX_INTERFACE_BROADCAST = 2,
    UNIX_INTERFACE_LOOPBACK = 4,
    UNIX_INTERFACE_POINTTOPOINT = 8,
    UNIX_INTERFACE_MULTICAST = 16,
};
struct unix_interface {
    uint32_t flags;
    uint8_t address[4], netmask[4]; /* IPv4, network order */
};
struct unix_interfaces {
    uint32_t count;
    struct unix_interface *items;
};
/* Those that have an IPv4 address, loopback, too.  Free with
   unix_interfaces_free. */
int unix_list_interfaces(struct unix_interfaces *ret);
void unix_interfaces_free(struct unix_interfaces *interfaces);

/* The local address for sending to a destination, port 0; of both, bytes and
   length count.  WS2_ENETUNREACH, WS2_EHOSTUNREACH. */
struct unix_address;
int unix_find_source(const struct unix_address *destination,
                     struct unix_address *ret_source);

/* The networks that the machine is on, at most so many. */
enum { UNIX_NETWORKS = 32 };
struct unix_network {
    char name[256];   /* DNS domain, or subnet */
    char adapter[16]; /* the interface */
    uint32_t type;    /* of the interface, IANA's number */
    uint32_t speed;   /* bits a second, 0: unknown */
    int32_t internet; /* 1: the default route is here */
};
struct unix_networks {
    uint32_t count;
    struct unix_network items[UNIX_NETWORKS];
};
int unix_list_networks(struct unix_networks *ret);

/* Waiting for a change of interfaces, addresses or routes, since the watch was
   made.  wait: 0 when something may have changed, WS2_EINTR after stop, which
   any thread may call. */
int unix_network_watch_new(void **ret_watch);
int unix_network_watch_wait(void *watch);
void unix_network_watch_stop(void *watch);
void unix_network_watch_free(void *watch);

/* Sorts by RFC 6724, best first. */
struct unix_destination {
    uint32_t index; /* the caller's */
    uint32_t length;
    uint8_t bytes[28]; /* a Winsock sockaddr */
};
int unix_sort_destinations(struct unix_destination *destinations,
                           uint32_t count);

/* Waits until the machine's addresses or routes of the socket's family change.
   WS2_EWOULDBLOCK: the socket is non-blocking; the network event will tell.
   NONE: a wait that only the connection's end ends (WS2_ENOTCONN). */
enum { UNIX_CHANGE_NONE, UNIX_CHANGE_ADDRESSES, UNIX_CHANGE_ROUTING };
int unix_socket_wait_for_change(ws2_handle s, int what);

/* --- Waiting -------------------------------------------------------------- */

enum { UNIX_READABLE = 1, UNIX_WRITABLE = 2, UNIX_EXCEPTIONAL = 4 };
struct unix_select_entry {
    ws2_handle s;
    uint32_t want;  /* of the three bits */
    uint32_t ready; /* out */
};
/* timeout in microseconds, -1: infinite.  WS2_ENOTSOCK when an entry is no
   socket.  A socket closed meanwhile comes out readable.  Success also when
   the time is over: then nothing is ready.  (Wine's headers give the name
   unix_select to libc's select.) */
int unix_select_sockets(struct unix_select_entry *entries, uint32_t n_entries,
                        int64_t timeout);

/* WSAPOLLFD's layout. */
struct unix_pollfd {
    ws2_handle s;
    int16_t events, revents;
};
/* WSAPoll.  entries: the program's. timeout in ms, < 0: infinite. */
int unix_poll(struct unix_pollfd *entries, uint32_t n_entries, int timeout,
              uint32_t *ret_count);

/* --- Network events ------------------------------------------------------- */

/* A registration's target, made by the host (host_event_target). */
struct unix_event_target {
    uint32_t kind;   /* enum wire_target_kind */
    int32_t fd;      /* of EVENTFD; borrowed */
    uint64_t target; /* of EVENT: handle; of MESSAGE: window */
    uint32_t message;
};
/* WSPEventSelect and WSPAsyncSelect. mask 0: cancel, target may be NULL. */
int unix_socket_register(ws2_handle s, const struct unix_event_target *target,
                         uint32_t mask);

/* WSPEnumNetworkEvents.  event: the handle to reset, or 0.  errors: 10 ints;
   only those of set bits are written.  WS2_EINVAL: no event; nothing is
   taken. */
int unix_socket_enum_events(ws2_handle s, ws2_handle event,
                            uint32_t *ret_events, int32_t *errors);

/* --- The program's memory ------------------------------------------------- */

/* Copy from or to a pointer of the program's; WS2_EFAULT when it is bad. */
int unix_memory_read(void *to, const void *program_from, uint32_t length);
int unix_memory_write(void *program_to, const void *from, uint32_t length);
/* The same for what is small and passed again and again, as fd_sets are: a
   page that this thread has used before is taken to be good still. */
int unix_memory_read_again(void *to, const void *program_from, uint32_t length);
int unix_memory_write_again(void *program_to, const void *from,
                            uint32_t length);
/* WS2_EFAULT unless the memory can be read, or (writing) written: before a call
   takes data out of a queue to which it could not put it back.  Cheap for
   memory that the thread used before. */
int HOT_PATH unix_memory_check(const void *program, uint64_t length,
                               int writing);

/* --- Names ---------------------------------------------------------------- */

struct unix_address {
    int family, type, protocol;
    int length;         /* 16 or 28 */
    uint8_t bytes[28];  /* a Winsock sockaddr */
};
struct unix_addresses {
    uint32_t count;
    char canonical_name[1026]; /* "" unless AI_CANONNAME */
    struct unix_address *items; /* free with unix_addresses_free */
};
/* The system's resolver, with Winsock's flags, and one entry for each address
   (type and protocol of the hints echoed).  Errors are Winsock's EAI codes:
   WS2_HOST_NOT_FOUND, ...  NULL node and service allowed as in getaddrinfo. */
int unix_resolve(const char *node, const char *service, int flags, int family,
                 int type, int protocol, struct unix_addresses *ret);
void unix_addresses_free(struct unix_addresses *addresses);
/* getnameinfo. name: Winsock sockaddr. */
int unix_resolve_name(const void *name, int length, char *host,
                      uint32_t host_size, char *service, uint32_t service_size,
                      int flags);
int unix_host_name(char *name, uint32_t size);
/* Text of an interface index for IPv6 scopes and back are numeric only. */

/* Services and protocols of the system's databases (getservbyname and kin).
   name or number is the key: name NULL means by number. protocol may be NULL.
   WS2_NO_DATA: not found. aliases: NUL-separated, ends with an empty one. */
struct unix_database_entry {
    char name[64];
    char aliases[256];
    int number;        /* port in host order, or protocol */
    char protocol[32]; /* services only */
};
int unix_find_service(const char *name, int port, const char *protocol,
                      struct unix_database_entry *ret);
int unix_find_protocol(const char *name, int number,
                       struct unix_database_entry *ret);

/* --- Links between programs (link.c) -------------------------------------- */

/* A connection to another process over which messages go.  A program has them
   to those that host providers of name spaces, and a host to its clients. */
struct unix_link;
enum { UNIX_LINK_MESSAGE = 1 << 17 }; /* bytes of the largest one */

/* What comes in: called on one thread of the process's for all links, with no
   lock held; must not wait.  Nothing is called after unix_link_close. */
struct unix_link_calls {
    void (*received)(void *context, const void *message, uint32_t size);
    /* Of an advertisement: a client's end, for unix_link_adopt or
       unix_link_refuse. */
    void (*arrived)(void *context, int fd);
    /* The other side is gone, or talks nonsense; the last call. */
    void (*ended)(void *context);
};

/* A link to the program that hosts the provider, a GUID.
   WS2_SERVICE_NOT_FOUND: no program does; WS2_TRY_AGAIN, WS2_ENOBUFS,
   WS2_NOT_ENOUGH_MEMORY. */
int unix_link_contact(const void *provider, const struct unix_link_calls *calls,
                      void *context, struct unix_link **ret_link);
/* This program hosts the provider as long as the link is there.  WS2_EINVAL:
   one does already; WS2_EMFILE, and as above. */
int unix_link_advertise(const void *provider,
                        const struct unix_link_calls *calls, void *context,
                        struct unix_link **ret_link);
/* Takes the fd over in any case. */
int unix_link_adopt(int fd, const struct unix_link_calls *calls, void *context,
                    struct unix_link **ret_link);
void unix_link_refuse(int fd);

/* Sends a message in two parts, whole or not at all; waits for room, but not
   for ever.  WS2_SERVICE_NOT_FOUND: the other side is gone or does not
   listen. */
int unix_link_send(struct unix_link *link, const void *head, uint32_t head_size,
                   const void *rest, uint32_t rest_size);
/* 1: the other side has closed it, which `ended` may not have told yet. */
int unix_link_is_over(const struct unix_link *link);
/* Ends the talk: what was sent still arrives, then `ended` is called on both
   sides. */
void unix_link_shut(struct unix_link *link);
/* Waits for a call that is under way, unless it is the caller's own. */
void unix_link_close(struct unix_link *link);

/* --- Statuses of overlapped operations (overlapped.h) --------------------- */

/* NTSTATUS and Winsock error, each from the other.  The error of a status is 0
   when the status is a success; WS2_IO_INCOMPLETE is WS2_STATUS_PENDING's. */
int unix_error_of_status(uint32_t status);
uint32_t unix_status_of_error(int error);

#endif
