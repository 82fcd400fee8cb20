/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Embedding ws2emu: what a compatibility layer adds to libws2_32.so.
 *
 * A plain ELF process has no windows, no APCs of a Windows kind, no completion
 * ports and no handle table.  A layer that runs Windows programs without Wine
 * (an own loader, a ported toolkit) has some of them, and registers them here
 * before its first WSAStartup:
 *
 *     static const struct ws2emu_embedding embedding = {
 *         .size = sizeof embedding,
 *         .window_exists = my_window_exists,
 *         .post_message = my_post_message,
 *     };
 *     ws2emu_set_embedding(&embedding);
 *
 * A member that is NULL leaves what the library does by itself.  The callbacks
 * use the C convention of the platform (not WINAPI), may be called on any
 * thread, also on one of the library's own, with no lock of it held, and must
 * not call back into it.  Those that return an int error return 0 or a Winsock
 * error code.
 *
 * The header needs neither Windows nor POSIX headers.
 */
#ifndef WS2EMU_EMBED_H
#define WS2EMU_EMBED_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ws2emu_embedding {
    size_t size; /* sizeof(struct ws2emu_embedding), tells versions apart */

    /*
     * Windows.  With both of them WSAAsyncSelect and WSAAsyncGetHostByName and
     * its kin work; without, no window exists: WSAAsyncSelect fails with
     * WSAEINVAL, and the messages of the others are lost.
     */
    /* 1 when the HWND is a window of this process, else 0. */
    int (*window_exists)(uint64_t window);
    /* As PostMessage: 1, or 0 when it failed.  Called on threads
       of the library's own. */
    int (*post_message)(uint64_t window, uint32_t message, uint64_t wparam,
                        uint64_t lparam);

    /*
     * Asynchronous procedure calls: all five or none.  The library's own run
     * in alertable calls of Winsock alone (WSAWaitForMultipleEvents); a layer
     * with a SleepEx of its own wants one queue for each thread, its own.
     */
    /* A reference of the calling thread, good in every thread. */
    int (*open_current_thread)(uint64_t *ret_thread);
    int (*close_thread)(uint64_t thread);
    /* routine: a LPWSAUSERAPC (its convention is WINAPI).  WSAEFAULT (10014)
       when the thread has ended. */
    int (*queue_apc)(uint64_t thread, void *routine, uint64_t context);
    /* A file descriptor that is readable as long as the calling thread has
       APCs queued; it stays the layer's.  -1: none, the wait is not alertable
       then. */
    int (*alert_fd)(void);
    /* Runs the APCs queued for the calling thread; returns how many. */
    uint32_t (*run_apcs)(void);

    /*
     * Completion ports: posts the completion of an overlapped operation
     * (status: an NTSTATUS) to the port that ws2emu_port_associate of
     * <ws2emu/port.h> was called with.  Without it that call wants one of the
     * library's own ports.  May be called on the thread that starts the
     * operation, before that call returns.
     */
    int (*complete)(uint64_t port, uint64_t key, void *overlapped,
                    uint32_t status, uint32_t bytes);

    /*
     * Handles: all three or none.  The library's own SOCKET of the file
     * descriptor fd is 4 * (fd + 1); a layer with a handle table makes its
     * own.  Values are multiples of 4, not 0 and not INVALID_SOCKET.
     */
    /* Makes the SOCKET of a socket fd, which stays the library's and stays
       open as long as the handle does.  inherit: child processes get it. */
    int (*socket_handle_create)(int fd, int inherit, uint64_t *ret_handle);
    /* Ends a handle that socket_handle_create or the layer made. */
    void (*socket_handle_close)(uint64_t handle);
    /* The fd of a handle that the library has not seen before (an inherited
       one); the library closes it.  WSAENOTSOCK (10038): not a socket. */
    int (*socket_handle_to_fd)(uint64_t handle, int *ret_fd);
};

/*
 * Registers the callbacks; the struct is copied.  NULL takes them back.  Call
 * it while no socket and no registration exists.  Returns 0, WSAEINVAL (10022)
 * for a wrong size or an incomplete group, or WSA_NOT_ENOUGH_MEMORY (8).
 */
int ws2emu_set_embedding(const struct ws2emu_embedding *embedding);

#ifdef __cplusplus
}
#endif

#endif
