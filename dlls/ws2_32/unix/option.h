/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of options: what option.c knows of each, and the parts of the
 * table, one for each level.
 *
 * `how` says who has an option's value: the kernel, with the same number or a
 * converted one; the server, which publishes it for all holders; nobody, when
 * it is a constant.  `check` refuses a number or hands it to the kernel before
 * it is kept.
 */
#ifndef WS2EMU_UNIX_OPTION_H
#define WS2EMU_UNIX_OPTION_H

#include <stddef.h>
#include <sys/socket.h>

#include "unix/descriptor.h"

enum option_kind { STREAM = 1, DGRAM = 2, RAW = 4, MESSAGES = 6, ANY = 7 };

/* How a value is passed. */
enum option_form {
    FORM_BOOL = 1,   /* 4 bytes, or 1; any value but 0 is TRUE */
    FORM_BYTE,       /* 1 byte, a BOOL; only the low byte counts */
    FORM_SHORT,      /* a number in 1 to 4 bytes */
    FORM_INT,        /* a number in 4 bytes */
    FORM_INT_BOOL,   /* 4 bytes; any value but 0 is TRUE */
    FORM_STRUCT,     /* give and take do all */
};

enum option_flag {
    OPTION_READ_ONLY = 1,  /* set: WSAENOPROTOOPT */
    OPTION_WRITE_ONLY = 2, /* get: WSAENOPROTOOPT */
    OPTION_INET_ONLY = 4,  /* AF_INET6 lacks it: WSAENOPROTOOPT */
    OPTION_ANY_FAMILY = 8, /* of IPPROTO_IPV6, but AF_INET takes it, too */
    OPTION_MAY_BE_NULL = 16, /* set without a value */
};

enum option_how {
    HOW_OWN = 0,  /* get and set, or give and take */
    HOW_KERNEL,   /* kernel_level, kernel */
    HOW_FLAG,     /* kernel: enum wire_property; flag: of the record */
    HOW_KEPT,     /* kernel: enum wire_option */
    HOW_CONSTANT, /* initial */
    HOW_REFUSED,  /* initial: the error, for get and set */
};

/* Options for which the kernel has one switch: it is on while any of them
   is. */
struct option_group {
    int kernel_level, kernel;
    uint32_t options[3]; /* enum wire_option; 0: no more */
};

struct option {
    int name;        /* Winsock's */
    uint8_t kinds;   /* enum option_kind: other sockets do not have it */
    uint8_t form;
    uint8_t flags;   /* enum option_flag */
    uint8_t how;
    int kernel_level, kernel;
    uint32_t flag;
    uint32_t max;     /* 0: any; a larger number is WSAEINVAL */
    uint32_t initial; /* HOW_KEPT: the default */
    const struct option_group *group; /* HOW_KEPT: NULL, or of this one, too */
    int (*get)(struct descriptor *descriptor, int *ret_value);
    int (*set)(struct descriptor *descriptor, int value);
    int (*check)(struct descriptor *descriptor, int value);
    /* The program's pointers; room and length may be anything. */
    int (*give)(struct descriptor *descriptor, void *value, int *length,
                int32_t room);
    int (*take)(struct descriptor *descriptor, const void *value, int length);
};

/* One level's part of the table. */
struct option_level {
    int level;
    int kinds; /* sockets that have the level at all */
    const struct option *options;
    size_t count;
};
extern const struct option_level option_level_socket, option_level_tcp,
    option_level_udp, option_level_ip, option_level_ipv6;

#define OPTION_LEVEL(number, kinds_, table)                                    \
    {                                                                          \
        .level = number, .kinds = kinds_, .options = table,                    \
        .count = sizeof(table) / sizeof(table[0])                              \
    }

/* Parts of an entry. */
#define IN_KERNEL(level_, name_)                                               \
    .how = HOW_KERNEL, .kernel_level = level_, .kernel = name_
#define AS_FLAG(property, flag_)                                               \
    .how = HOW_FLAG, .kernel = property, .flag = flag_
#define KEPT(option_, default_)                                                \
    .how = HOW_KEPT, .kernel = option_, .initial = (uint32_t)(default_)
#define SWITCHED(option_, group_) KEPT(option_, 0), .group = group_
#define CONSTANT(value)                                                        \
    .how = HOW_CONSTANT, .initial = value, .flags = OPTION_READ_ONLY
#define REFUSED(error) .how = HOW_REFUSED, .initial = error

/* --- For the levels' own ways --------------------------------------------- */

int option_set_kernel(struct descriptor *descriptor, int level, int name,
                      const void *value, socklen_t length);
/* The same for an int. */
int option_set_kernel_int(struct descriptor *descriptor, int level, int name,
                          int value);
int option_get_kernel_int(struct descriptor *descriptor, int level, int name,
                          int *ret_value);

/* A value that the server keeps (enum wire_option); initial is its default. */
uint32_t option_kept(const struct descriptor *descriptor, uint32_t option,
                     uint32_t initial);
/* 1: a switch that is off at first was turned on. */
static inline int option_is_on(const struct descriptor *descriptor,
                               uint32_t option)
{
    return option_kept(descriptor, option, 0) != 0;
}
int option_keep(struct descriptor *descriptor, uint32_t option,
                uint32_t initial, uint32_t value);

/* Gives a struct out; a room that is too small is WS2_EFAULT. */
int option_give(void *value, int *length, int32_t room, const void *from,
                int32_t size);
/* Takes a struct in; a length that is too short is WS2_EFAULT. */
int option_take(void *to, int32_t size, const void *value, int length);

/* Joins a group by one of the kernel's options; WS2_EADDRINUSE: is a member. */
int option_join(struct descriptor *descriptor, int level, int name,
                const void *request, socklen_t length);
/* Multicast memberships and source filters; see option_multicast.c. */
#define OPTION_TAKER(name)                                                     \
    int option_take_##name(struct descriptor *descriptor, const void *value,   \
                           int length);
OPTION_TAKER(add_membership)
OPTION_TAKER(drop_membership)
OPTION_TAKER(add_membership6)
OPTION_TAKER(drop_membership6)
OPTION_TAKER(add_source)
OPTION_TAKER(drop_source)
OPTION_TAKER(block_source)
OPTION_TAKER(unblock_source)
OPTION_TAKER(join_group)
OPTION_TAKER(leave_group)
OPTION_TAKER(group_block_source)
OPTION_TAKER(group_unblock_source)
OPTION_TAKER(group_join_source)
OPTION_TAKER(group_leave_source)
#undef OPTION_TAKER
int option_set_multicast_if(struct descriptor *descriptor, int value);
/* Gives another kernel socket the same interface. */
void option_carry_multicast_if(const struct descriptor *descriptor, int fd);

/* The interfaces that datagrams are received from, and whether broadcasts are;
   see option_filter.c. */
int option_get_iflist(struct descriptor *descriptor, int *ret_value);
int option_set_iflist(struct descriptor *descriptor, int value);
int option_add_iflist(struct descriptor *descriptor, int value);
int option_drop_iflist(struct descriptor *descriptor, int value);
int option_give_iflist(struct descriptor *descriptor, void *value, int *length,
                       int32_t room);
/* Lets a kernel socket receive what is for one address, its networks'
   broadcasts and groups alone; NULL: for all.  The rest of the filter is that
   of `from`. */
int option_filter_set_address(int from, int fd,
                              const struct sockaddr_storage *address);
/* Puts that address into a name. 0: there is none. */
int option_filter_get_address(int fd, struct sockaddr_storage *name);
int option_get_receive_broadcast(struct descriptor *descriptor, int *ret_value);
int option_set_receive_broadcast(struct descriptor *descriptor, int value);

#endif
