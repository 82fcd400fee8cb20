/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's calls that move data and wait, without libc around them.
 *
 * In libc they are cancellation points: a thread that pthread_cancel ends in
 * one of them would keep its reference of the descriptor for ever, and cost
 * every call of a program with threads something.  These are none.
 *
 * They return what the kernel does: a count, or -errno.  A sanitizer has to see
 * what moves data, so there that is libc's.
 */
#ifndef WS2EMU_UNIX_KERNEL_CALL_H
#define WS2EMU_UNIX_KERNEL_CALL_H

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>

static inline long kernel_call(long number, long first, long second, long third,
                               long fourth, long fifth, long sixth)
{
    register long r10 __asm__("r10") = fourth;
    register long r8 __asm__("r8") = fifth;
    register long r9 __asm__("r9") = sixth;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third),
                       "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

/* The kernel writes to timeout what is left. */
static inline int kernel_poll(struct pollfd *fds, unsigned long n_fds,
                              struct timespec *timeout)
{
    return (int)kernel_call(SYS_ppoll, (long)fds, (long)n_fds, (long)timeout, 0,
                            0, 0);
}

/* Of an eventfd; 1: done. */
static inline int kernel_set_event(int fd)
{
    const uint64_t one = 1;

    return kernel_call(SYS_write, fd, (long)&one, sizeof(one), 0, 0, 0) > 0;
}

/* Resets it; 0: it was not set. */
static inline int kernel_take_event(int fd)
{
    uint64_t count = 0; /* a sanitizer does not see the kernel write it */

    return kernel_call(SYS_read, fd, (long)&count, sizeof(count), 0, 0, 0) > 0;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

/* A result of libc's as an answer of the kernel's. */
static inline ssize_t kernel_answer(ssize_t result)
{
    return result < 0 ? -errno : result;
}

static inline ssize_t kernel_send(int fd, const void *data, size_t length,
                                  int flags,
                                  const struct sockaddr_storage *name,
                                  socklen_t name_length)
{
    return kernel_answer(sendto(fd, data, length, flags,
                                (const struct sockaddr *)name, name_length));
}

static inline ssize_t kernel_receive(int fd, void *data, size_t length,
                                     int flags, struct sockaddr_storage *name,
                                     socklen_t *name_length)
{
    return kernel_answer(recvfrom(fd, data, length, flags,
                                  (struct sockaddr *)name, name_length));
}

static inline ssize_t kernel_send_message(int fd, const struct msghdr *message,
                                          int flags)
{
    return kernel_answer(sendmsg(fd, message, flags));
}

static inline ssize_t kernel_receive_message(int fd, struct msghdr *message,
                                             int flags)
{
    return kernel_answer(recvmsg(fd, message, flags));
}

static inline ssize_t kernel_send_messages(int fd, struct mmsghdr *messages,
                                           unsigned int n, int flags)
{
    return kernel_answer(sendmmsg(fd, messages, n, flags));
}

#else

static inline ssize_t kernel_send(int fd, const void *data, size_t length,
                                  int flags,
                                  const struct sockaddr_storage *name,
                                  socklen_t name_length)
{
    return kernel_call(SYS_sendto, fd, (long)data, (long)length, flags,
                       (long)name, name_length);
}

static inline ssize_t kernel_receive(int fd, void *data, size_t length,
                                     int flags, struct sockaddr_storage *name,
                                     socklen_t *name_length)
{
    return kernel_call(SYS_recvfrom, fd, (long)data, (long)length, flags,
                       (long)name, (long)name_length);
}

static inline ssize_t kernel_send_message(int fd, const struct msghdr *message,
                                          int flags)
{
    return kernel_call(SYS_sendmsg, fd, (long)message, flags, 0, 0, 0);
}

static inline ssize_t kernel_receive_message(int fd, struct msghdr *message,
                                             int flags)
{
    return kernel_call(SYS_recvmsg, fd, (long)message, flags, 0, 0, 0);
}

static inline ssize_t kernel_send_messages(int fd, struct mmsghdr *messages,
                                           unsigned int n, int flags)
{
    return kernel_call(SYS_sendmmsg, fd, (long)messages, n, flags, 0, 0);
}

#endif

#endif
