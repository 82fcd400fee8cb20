/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host: what differs between a Linux process and a Wine process.
 *
 * Each of host/native and host/wine implements all of this; the library is
 * linked with one of them.  Fixed-width types only, so that both worlds can
 * include it.  Winsock has a name for most of it, the WPU upcalls; upcalls.c
 * of the API makes those of these functions.
 *
 * Functions return 0 or a Winsock error code, unless they say otherwise.
 */
#ifndef WS2EMU_HOST_H
#define WS2EMU_HOST_H

#include <stddef.h>
#include <stdint.h>

#include <ws2emu/hot_path.h>

/* --- Life ----------------------------------------------------------------- */

/* Once for each process, before anything else; idempotent. */
int host_startup(void);

/* --- The process ---------------------------------------------------------- */

/* The id that WSADuplicateSocket takes. */
uint32_t host_process_id(void);
int host_process_exists(uint32_t process_id); /* 1 or 0 */
/* 1: the process ends, and its other threads have been ended in the middle of
   what they did: what they have locked or hold they keep. */
int host_process_is_ending(void);
/* Short name of the program, always NUL-terminated. */
void host_program_name(char *name, size_t size);
/* 1 when a child of fork() may live on with this library in it; 0: fork is
   only ever followed by exec here. */
int host_process_forks(void);
/* Where the server's socket and locks are (util/runtime_directory.h); under
   Wine the prefix's own.  Does not create it.  0 or a Winsock error code. */
int host_runtime_directory(char *path, size_t size);

/* --- Socket handles ------------------------------------------------------- */

/* Makes the SOCKET of a socket fd.  The fd stays the caller's, who keeps it
   open as long as the handle.  inherit 1: child processes inherit it. */
int host_socket_handle_create(int fd, int inherit, uint64_t *ret_handle);
/* The same for a SOCKET whose handle need lead to nothing, as its copies are
   made of its fd (unix_socket_exchanged_fd): cheap, where the host has such
   handles. WS2_EOPNOTSUPP: it has none, or `most` SOCKETs have one. */
int host_socket_handle_create_bare(int inherit, uint32_t most,
                                   uint64_t *ret_handle);
/* There will be no SOCKETs for a while: ends what is kept for new ones. */
void host_socket_handle_cleanup(void);
/* Closes the handle; the caller then closes its fd. */
void host_socket_handle_close(uint64_t handle);
/* The fd of a handle that came from elsewhere; the caller owns it.
   WS2_ENOTSOCK: no such handle, or not a socket's. */
int host_socket_handle_to_fd(uint64_t handle, int *ret_fd);

/* Undoes host_socket_handle_to_fd: the handle stays, the fd is closed unless
   it is the handle itself. */
void host_socket_handle_give_back(uint64_t handle, int fd);

/* 1: other processes can copy a SOCKET's handle out of this one. */
int host_socket_handles_travel(void);

/* An fd of a program's file, which is the caller's; it shares the file's
   position with the handle.  WS2_INVALID_HANDLE: no file that can be read. */
int host_file_to_fd(uint64_t file, int *ret_fd);

/* --- Events --------------------------------------------------------------- */

int host_event_create(uint64_t *ret_event); /* manual-reset, not signalled */
int host_event_close(uint64_t event);       /* WS2_INVALID_HANDLE: no event */
int host_event_set(uint64_t event);
int host_event_reset(uint64_t event);
/* WSAWaitForMultipleEvents: *ret_result is WSA_WAIT_*, timeout in ms with
   UINT32_MAX infinite. */
int host_event_wait(const uint64_t *events, uint32_t n_events, int all,
                    uint32_t timeout, int alertable, uint32_t *ret_result);

/* Prepares an event as a registration's target: *ret_kind WIRE_TARGET_EVENTFD
   with *ret_fd borrowed, or WIRE_TARGET_EVENT with *ret_target, a reference of
   the registration's own that outlives the program's handle and that
   host_event_forget ends.  WS2_EINVAL: no event. */
int host_event_target(uint64_t event, uint32_t *ret_kind, uint64_t *ret_target,
                      int *ret_fd);
void host_event_forget(uint64_t target);
/* The eventfd of an event, which the server may reset; -1: it has none, the
   process resets it itself. */
int host_event_fd(uint64_t event);

/* A reference to an event that outlives the program's handle; setting it,
   resetting it; ending it.  WS2_INVALID_HANDLE: no event. */
int host_event_reference(uint64_t event, uint64_t *ret_reference);
void host_event_reference_set(uint64_t reference);
void host_event_reference_reset(uint64_t reference);
void host_event_reference_close(uint64_t reference);

/* The socket with the cookie is signalled: unix_socket_is_signalled. */
void host_socket_signal(uint64_t cookie);

/* --- Completion ports ----------------------------------------------------- */

/* Puts a packet on a port that unix_socket_associate was given.  context: the
   OVERLAPPED; status: NTSTATUS. */
int host_completion_port_post(uint64_t port, uint64_t key, uint64_t context,
                              uint32_t status, uint32_t bytes);
/* The socket that was associated with it has ended: gives a reference back. */
void host_completion_port_close(uint64_t port);
/* A port as above for a handle of the program's; WS2_INVALID_HANDLE: it is no
   port's.  Ended by host_completion_port_close, as one more use of one is. */
int host_completion_port_open(uint64_t handle, uint64_t *ret_port);
void host_completion_port_hold(uint64_t port);
/* 1: packets can be taken off them here; 0: they are an embedding layer's. */
int host_completion_ports_are_own(void);

/* OVERLAPPED_ENTRY. */
struct host_packet {
    uint64_t key, context, status;
    uint32_t bytes, reserved;
};
/* Takes packets as GetQueuedCompletionStatusEx does: 1 to n_packets, waiting
   timeout ms (UINT32_MAX: for ever) for the first.  Returns 0 or an error of
   Windows; WAIT_TIMEOUT: none came. */
int host_completion_port_take(uint64_t handle, struct host_packet *packets,
                              uint32_t n_packets, uint32_t timeout,
                              uint32_t *ret_count);

/* --- Handles that are the API's ------------------------------------------- */

/* A handle that stands for a thing of the API's, `id`, until the program closes
   it (CloseHandle; natively WSACloseEvent): closed(id) is called then, once. */
int host_notification_handle_create(void (*closed)(uint64_t id), uint64_t id,
                                    uint64_t *ret_handle);
void host_notification_handle_close(uint64_t handle);
/* WS2_INVALID_HANDLE: another kind of handle, or none. */
int host_notification_handle_find(uint64_t handle, uint64_t *ret_id);

/* A reading or writing call of the environment's on a SOCKET. */
struct host_transfer {
    int writing;
    void *buffer;
    uint32_t length;
    void *status_block; /* as of unix_completion, and the other three */
    uint64_t event, routine, context;
};

/* What calls of the environment's do with handles that neither the host nor the
   unix side knows: SOCKETs without kernel handles, and notification handles. */
struct host_handle_calls {
    /* 1: a SOCKET without a kernel handle.  Cheap. */
    int (*is_socket)(uint64_t handle);
    /* closesocket, of such a SOCKET; so for the next. */
    int (*close)(uint64_t handle);
    /* 0: done, and the status block written, if there is no way to be told of
       the end.  Else WS2_IO_PENDING, and the program is told. */
    int (*transfer)(uint64_t handle, const struct host_transfer *transfer);
    /* As unix_socket_associate.  WS2_ENOTSOCK: neither. */
    int (*associate)(uint64_t handle, uint64_t port, uint64_t key);
};
/* Those of the API; set once, at the first WSAStartup. */
void host_set_handle_calls(const struct host_handle_calls *calls);
/* What was set, or one that knows no handle. */
const struct host_handle_calls *host_handle_calls(void);

/* --- Names ---------------------------------------------------------------- */

/* 1: of the addresses to listen at, IPv4's comes first in a list of both
   families; 0: IPv6's, as on Windows. */
int host_wildcard_is_inet_first(void);

/* --- Paths ---------------------------------------------------------------- */

/* The kernel's path of a program's, in UTF-8, and back.  The file need not
   exist, its folder must.  WS2_EINVAL: there can be no such path, WS2_ENETDOWN:
   there is none. */
int host_path_to_unix(const char *path, char *unix_path, size_t size);
int host_path_from_unix(const char *unix_path, char *path, size_t size);

/* --- Windows, threads, APCs ----------------------------------------------- */

int host_window_exists(uint64_t window); /* 1 or 0 */
int host_post_message(uint64_t window, uint32_t message, uint64_t wparam,
                      uint64_t lparam); /* 1 or 0, as PostMessage */

/* Starts a detached thread that may call everything above. */
int host_thread_create(void (*start)(void *), void *argument);

/* WPUOpenCurrentThread, WPUCloseThread, WPUQueueApc. */
int host_open_current_thread(uint64_t *ret_thread);
int host_close_thread(uint64_t thread);
/* routine: a LPWSAUSERAPC. */
int host_queue_apc(uint64_t thread, void *routine, uint64_t context);

/* The calling thread, for the same use as long as it lives; nobody closes it.
   Afterwards host_queue_apc fails with WS2_EFAULT. WS2_NOT_ENOUGH_MEMORY. */
int host_current_thread(uint64_t *ret_thread);
/* A reference of its own to a thread of either kind, for host_close_thread; 0:
   none can be had, and the thread serves as it is.  WS2_EFAULT: it is none, or
   has ended. */
int host_thread_reference(uint64_t thread, uint64_t *ret_reference);

/* Who the calling thread is: never 0, of no other thread as long as it lives.
   The host calls unix_thread_ended for a thread that has asked and ends. */
uint64_t host_thread_id(void);
/* An APC with three arguments: routine(first, second, third) in Windows'
   convention.  thread: as for host_queue_apc. WS2_EFAULT: it ended. */
int host_queue_routine(uint64_t thread, uint64_t routine, uint64_t first,
                       uint64_t second, uint64_t third);

uint32_t HOT_PATH host_get_last_error(void);
void HOT_PATH host_set_last_error(uint32_t error);

/* --- Libraries of providers ----------------------------------------------- */

/* A function that the library at a path of the catalog (UTF-16) has itself.
   The library stays loaded then.  WS2_EPROVIDERFAILEDINIT: no library, or none
   with this function, and `why` says so. */
int host_library_function(const uint16_t *path, const char *name,
                          void **ret_function, char *why, size_t why_size);
/* 1: the running program is the one of this path (UTF-16), and was started with
   these arguments, or with more after them; 0: it is not. */
int host_program_is(const uint16_t *path, const uint16_t *arguments);

/* --- Memory --------------------------------------------------------------- */

/* Touches the pages of a buffer, one byte of its own in each, so that the
   host's fault handler may open them (write watches, guard pages): before the
   kernel uses it, or when it has answered EFAULT.  1: they can be used now, 0:
   no. Cheap for memory that the thread has used before. */
int HOT_PATH host_memory_touch(void *memory, size_t length, int write);
/* What the host knew to be good may be so no longer. */
void host_memory_forget(void);

#endif
