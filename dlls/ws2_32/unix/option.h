/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options' table entries, and those options that are more than a number
   of the kernel's or a flag of the server's. */
#ifndef WS2EMU_UNIX_OPTION_H
#define WS2EMU_UNIX_OPTION_H

#include "unix/descriptor.h"

enum option_form {
    FORM_BOOL = 1,  /* 4 bytes, or 1; any value but 0 is TRUE */
    FORM_BYTE = 2,  /* 1 byte; only the low byte counts */
    FORM_SHORT = 3, /* a number in 1 to 4 bytes */
    FORM_INT = 4,   /* a number in 4 bytes */
    FORM_OWN = 5,   /* a struct; the handlers do all */
    FORM_MASK = 7,
    FORM_READ_ONLY = 8,
};

struct option {
    int level, name;  /* Winsock's */
    int kinds;        /* of socket */
    int form;         /* enum option_form */
    int kernel_level; /* the kernel's option, or */
    int kernel;       /* with a flag: the server's property */
    uint32_t flag;    /* the record's flag */
    /* What replaces the general way: get gives a number; set takes a pointer
       to one, with FORM_OWN the program's pointer and length. */
    int (*get)(struct descriptor *descriptor, int *ret_value);
    int (*set)(struct descriptor *descriptor, const void *value, int length);
};

#define OPTION_GETTER(name)                                                    \
    int option_get_##name(struct descriptor *descriptor, int *ret_value);
#define OPTION_SETTER(name)                                                    \
    int option_##name(struct descriptor *descriptor, const void *value,        \
                      int length);
OPTION_GETTER(linger) OPTION_SETTER(set_linger)
OPTION_GETTER(dontlinger) OPTION_SETTER(set_dontlinger)
OPTION_GETTER(sndbuf) OPTION_SETTER(set_sndbuf)
OPTION_GETTER(rcvbuf) OPTION_SETTER(set_rcvbuf)
OPTION_GETTER(sndtimeo) OPTION_SETTER(set_sndtimeo)
OPTION_GETTER(rcvtimeo) OPTION_SETTER(set_rcvtimeo)
OPTION_GETTER(error) OPTION_SETTER(set_error)
OPTION_GETTER(connect_time)
OPTION_GETTER(max_message)
OPTION_GETTER(multicast_if) OPTION_SETTER(set_multicast_if)
OPTION_GETTER(dontfragment) OPTION_SETTER(set_dontfragment)
OPTION_GETTER(v6only) OPTION_SETTER(set_v6only)
OPTION_SETTER(add_membership) OPTION_SETTER(drop_membership)
OPTION_SETTER(add_membership6) OPTION_SETTER(drop_membership6)
#undef OPTION_GETTER
#undef OPTION_SETTER

/* SO_LINGER's struct to the program. */
int option_give_linger(struct descriptor *descriptor, void *value, int *length,
                       int32_t room);

#endif
