/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a datagram socket does not want to receive: datagrams of interfaces that
 * are not in its list (IP_IFLIST), and broadcasts (IP_RECEIVE_BROADCAST).
 *
 * The kernel leaves them out by a filter program of the socket, which is the
 * state, too: it is read back, changed and attached again, so all descriptors
 * have the same.  Two that change it at the same moment: the later one wins.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>

#include "unix/error.h"
#include "unix/memory.h"
#include "unix/option.h"

/* A jump reaches 255 instructions far. */
#define MAX_INTERFACES 128
#define MAX_PROGRAM (MAX_INTERFACES + 16)
#define LOOPBACK_BROADCAST 0x7fffffff
#define DESTINATION 16 /* in IPv4's header */

struct filter {
    int no_broadcast;
    int has_list;
    uint32_t count;
    uint32_t interfaces[MAX_INTERFACES];
};

static const uint32_t load_packet_type = SKF_AD_OFF + SKF_AD_PKTTYPE;
static const uint32_t load_interface = SKF_AD_OFF + SKF_AD_IFINDEX;

static int is_load_of(const struct sock_filter *instruction, uint32_t what)
{
    return instruction->code == (BPF_LD | BPF_W | BPF_ABS) &&
           instruction->k == what;
}

/* The program that is attached, as write_program has written it. */
static void read_program(struct descriptor *descriptor, struct filter *ret)
{
    struct sock_filter program[MAX_PROGRAM];
    socklen_t count = MAX_PROGRAM; /* of instructions, not bytes */
    socklen_t i;

    memset(ret, 0, sizeof(*ret));
    if (getsockopt(descriptor->fd, SOL_SOCKET, SO_GET_FILTER, program,
                   &count) < 0 ||
        count > MAX_PROGRAM)
        return;
    for (i = 0; i < count; i++) {
        if (is_load_of(&program[i], load_packet_type))
            ret->no_broadcast = 1;
        else if (is_load_of(&program[i], load_interface))
            ret->has_list = 1;
        else if (ret->has_list && ret->count < MAX_INTERFACES &&
                 program[i].code == (BPF_JMP | BPF_JEQ | BPF_K))
            ret->interfaces[ret->count++] = program[i].k;
    }
}

/* The jumps' targets are filled in at the end: to `accept` or `drop` when the
   value is k, on otherwise. */
enum target { ON, ACCEPT, DROP };

struct program {
    struct sock_filter code[MAX_PROGRAM];
    uint8_t targets[MAX_PROGRAM];
    unsigned short length;
};

static void emit(struct program *program, uint16_t code, uint32_t k,
                 enum target target)
{
    program->targets[program->length] = (uint8_t)target;
    program->code[program->length++] =
        (struct sock_filter){.code = code, .k = k};
}

static void write_program(const struct filter *filter, struct program *program)
{
    unsigned short i, accept, drop;

    program->length = 0;
    if (filter->no_broadcast) {
        emit(program, BPF_LD | BPF_W | BPF_ABS, load_packet_type, ON);
        emit(program, BPF_JMP | BPF_JEQ | BPF_K, PACKET_BROADCAST, DROP);
        emit(program, BPF_LD | BPF_W | BPF_ABS,
             (uint32_t)SKF_NET_OFF + DESTINATION, ON);
        emit(program, BPF_JMP | BPF_JEQ | BPF_K, INADDR_BROADCAST, DROP);
        emit(program, BPF_JMP | BPF_JEQ | BPF_K, LOOPBACK_BROADCAST, DROP);
    }
    if (filter->has_list) {
        emit(program, BPF_LD | BPF_W | BPF_ABS, load_interface, ON);
        for (i = 0; i < filter->count; i++)
            emit(program, BPF_JMP | BPF_JEQ | BPF_K, filter->interfaces[i],
                 ACCEPT);
    }
    /* Whoever gets here is not in the list, if there is one. */
    drop = filter->has_list ? program->length
                            : (unsigned short)(program->length + 1);
    accept = filter->has_list ? (unsigned short)(program->length + 1)
                              : program->length;
    emit(program, BPF_RET | BPF_K, filter->has_list ? 0 : UINT32_MAX, ON);
    emit(program, BPF_RET | BPF_K, filter->has_list ? UINT32_MAX : 0, ON);
    for (i = 0; i < program->length; i++)
        if (program->targets[i] != ON)
            program->code[i].jt =
                (uint8_t)((program->targets[i] == ACCEPT ? accept : drop) - i -
                          1);
}

static int attach(struct descriptor *descriptor, const struct filter *filter)
{
    struct program program;
    struct sock_fprog attachment = {.filter = program.code};
    const int unused = 0;

    if (!filter->no_broadcast && !filter->has_list)
        return setsockopt(descriptor->fd, SOL_SOCKET, SO_DETACH_FILTER,
                          &unused, sizeof(unused)) < 0 &&
                       errno != ENOENT
                   ? error_from_errno(errno)
                   : WS2_SUCCESS;
    write_program(filter, &program);
    attachment.len = program.length;
    return option_set_kernel(descriptor, SOL_SOCKET, SO_ATTACH_FILTER,
                             &attachment, sizeof(attachment));
}

/* --- The options ------------------------------------------------------------------- */

int option_get_receive_broadcast(struct descriptor *descriptor, int *ret_value)
{
    struct filter filter;

    read_program(descriptor, &filter);
    *ret_value = !filter.no_broadcast;
    return WS2_SUCCESS;
}

int option_set_receive_broadcast(struct descriptor *descriptor, int value)
{
    struct filter filter;

    /* What is an address of IPv4 in a dual-stack socket's packets is not where
       the program would look. */
    if (descriptor->identity.family != WS2_AF_INET)
        return WS2_EINVAL;
    read_program(descriptor, &filter);
    filter.no_broadcast = !value;
    return attach(descriptor, &filter);
}

int option_get_iflist(struct descriptor *descriptor, int *ret_value)
{
    struct filter filter;

    read_program(descriptor, &filter);
    *ret_value = filter.has_list;
    return WS2_SUCCESS;
}

int option_set_iflist(struct descriptor *descriptor, int value)
{
    struct filter filter;

    read_program(descriptor, &filter);
    if (filter.has_list == value)
        return WS2_SUCCESS;
    filter.has_list = value;
    filter.count = 0;
    return attach(descriptor, &filter);
}

static uint32_t find_interface(const struct filter *filter, uint32_t interface)
{
    uint32_t i = 0;

    while (i < filter->count && filter->interfaces[i] != interface)
        i++;
    return i;
}

int option_add_iflist(struct descriptor *descriptor, int value)
{
    struct filter filter;

    read_program(descriptor, &filter);
    if (!filter.has_list || value == 0)
        return WS2_EINVAL;
    if (find_interface(&filter, (uint32_t)value) < filter.count)
        return WS2_SUCCESS;
    if (filter.count == MAX_INTERFACES)
        return WS2_ENOBUFS;
    filter.interfaces[filter.count++] = (uint32_t)value;
    return attach(descriptor, &filter);
}

int option_drop_iflist(struct descriptor *descriptor, int value)
{
    struct filter filter;
    uint32_t place;

    read_program(descriptor, &filter);
    place = find_interface(&filter, (uint32_t)value);
    if (!filter.has_list || place == filter.count)
        return WS2_EINVAL;
    filter.interfaces[place] = filter.interfaces[--filter.count];
    return attach(descriptor, &filter);
}

int option_give_iflist(struct descriptor *descriptor, void *value, int *length,
                       int32_t room)
{
    struct filter filter;

    read_program(descriptor, &filter);
    if (!filter.has_list)
        return WS2_EINVAL;
    return option_give(value, length, room, filter.interfaces,
                       (int32_t)(filter.count * sizeof(filter.interfaces[0])));
}
