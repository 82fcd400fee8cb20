/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a datagram socket does not want to receive: datagrams of interfaces that
 * are not in its list (IP_IFLIST), broadcasts (IP_RECEIVE_BROADCAST), and a
 * group socket (group_socket.h) what is for other addresses than its own.
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
#include "unix/interfaces.h"
#include "unix/memory.h"
#include "unix/option.h"

/* A jump reaches 255 instructions far. */
#define MAX_INTERFACES 128
#define MAX_PROGRAM (MAX_INTERFACES + 32)
#define LOOPBACK_BROADCAST 0x7fffffff
#define DESTINATION 16  /* in IPv4's header */
#define DESTINATION6 24 /* in IPv6's */
#define FIRST_GROUP 0xe0000000
#define GROUP_PREFIX6 0xff

struct filter {
    int family; /* of the only address; 0: all are received */
    uint32_t address[4]; /* in the host's order, as the program compares it */
    uint32_t scope;
    uint32_t broadcast; /* of its network; the address itself if it has none */
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

/* A program that begins with loading a constant, the scope, has the part of
   write_address or write_address6. */
static void read_address(const struct sock_filter *program, socklen_t count,
                         struct filter *ret)
{
    int i;

    if (count == 0 || program[0].code != (BPF_LD | BPF_W | BPF_IMM))
        return;
    ret->scope = program[0].k;
    if (program[1].code == (BPF_LD | BPF_W | BPF_ABS)) {
        ret->family = AF_INET;
        ret->address[0] = program[2].k;
        ret->broadcast = program[3].k;
        return;
    }
    ret->family = AF_INET6;
    for (i = 0; i < 4; i++)
        ret->address[i] = program[4 + 2 * i].k;
}

/* The program that is attached, as write_program has written it. */
static void read_program(int fd, struct filter *ret)
{
    struct sock_filter program[MAX_PROGRAM];
    socklen_t count = MAX_PROGRAM; /* of instructions, not bytes */
    socklen_t i;

    memset(ret, 0, sizeof(*ret));
    if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, program, &count) < 0 ||
        count > MAX_PROGRAM)
        return;
    read_address(program, count, ret);
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

/* The jumps' targets are filled in later: to `accept` or `drop` when the
   comparison holds, on otherwise; KEEP goes on, and to `drop` when it does not
   hold; PASS leaves its part of the program. */
enum target { ON, ACCEPT, DROP, KEEP, PASS };

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

/* The end of a part. */
static void let_pass(struct program *program)
{
    unsigned short i;

    for (i = 0; i < program->length; i++)
        if (program->targets[i] == PASS) {
            program->code[i].jt = (uint8_t)(program->length - i - 1);
            program->targets[i] = ON;
        }
}

static void write_address(const struct filter *filter, struct program *program)
{
    emit(program, BPF_LD | BPF_W | BPF_IMM, filter->scope, ON);
    emit(program, BPF_LD | BPF_W | BPF_ABS,
         (uint32_t)SKF_NET_OFF + DESTINATION, ON);
    emit(program, BPF_JMP | BPF_JEQ | BPF_K, filter->address[0], PASS);
    emit(program, BPF_JMP | BPF_JEQ | BPF_K, filter->broadcast, PASS);
    /* Groups, and the broadcast address of all networks behind them. */
    emit(program, BPF_JMP | BPF_JGE | BPF_K, FIRST_GROUP, KEEP);
    let_pass(program);
}

static void write_address6(const struct filter *filter,
                           struct program *program)
{
    int i;

    emit(program, BPF_LD | BPF_W | BPF_IMM, filter->scope, ON);
    emit(program, BPF_LD | BPF_B | BPF_ABS,
         (uint32_t)SKF_NET_OFF + DESTINATION6, ON);
    emit(program, BPF_JMP | BPF_JEQ | BPF_K, GROUP_PREFIX6, PASS);
    for (i = 0; i < 4; i++) {
        emit(program, BPF_LD | BPF_W | BPF_ABS,
             (uint32_t)SKF_NET_OFF + DESTINATION6 + 4 * (uint32_t)i, ON);
        emit(program, BPF_JMP | BPF_JEQ | BPF_K, filter->address[i], KEEP);
    }
    let_pass(program);
}

static void write_program(const struct filter *filter, struct program *program)
{
    unsigned short i, accept, drop;

    program->length = 0;
    if (filter->family == AF_INET)
        write_address(filter, program);
    if (filter->family == AF_INET6)
        write_address6(filter, program);
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
    for (i = 0; i < program->length; i++) {
        if (program->targets[i] == ACCEPT)
            program->code[i].jt = (uint8_t)(accept - i - 1);
        if (program->targets[i] == DROP)
            program->code[i].jt = (uint8_t)(drop - i - 1);
        if (program->targets[i] == KEEP)
            program->code[i].jf = (uint8_t)(drop - i - 1);
    }
}

static int attach(int fd, const struct filter *filter)
{
    struct program program;
    struct sock_fprog attachment = {.filter = program.code};
    const int unused = 0;

    if (!filter->family && !filter->no_broadcast && !filter->has_list)
        return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused,
                          sizeof(unused)) < 0 &&
                       errno != ENOENT
                   ? error_from_errno(errno)
                   : WS2_SUCCESS;
    write_program(filter, &program);
    attachment.len = program.length;
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attachment,
                      sizeof(attachment)) < 0
               ? error_from_errno(errno)
               : WS2_SUCCESS;
}

/* --- The address of a group socket ---------------------------------------- */

static void describe_address(const struct sockaddr_storage *name,
                             struct filter *ret)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)name;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;
    int i;

    ret->family = name->ss_family;
    if (name->ss_family == AF_INET6) {
        ret->scope = v6->sin6_scope_id;
        memcpy(ret->address, &v6->sin6_addr, sizeof(ret->address));
        for (i = 0; i < 4; i++)
            ret->address[i] = ntohl(ret->address[i]);
        return;
    }
    ret->address[0] = ntohl(v4->sin_addr.s_addr);
    ret->broadcast = interfaces_broadcast(ret->address[0]);
}

int option_filter_set_address(int from, int fd,
                              const struct sockaddr_storage *address)
{
    struct filter filter;

    read_program(from, &filter);
    filter.family = 0;
    if (address != NULL)
        describe_address(address, &filter);
    return attach(fd, &filter);
}

int option_filter_get_address(int fd, struct sockaddr_storage *name)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)name;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;
    struct filter filter;
    int i;

    read_program(fd, &filter);
    if (filter.family == AF_INET)
        v4->sin_addr.s_addr = htonl(filter.address[0]);
    if (filter.family == AF_INET6) {
        v6->sin6_scope_id = filter.scope;
        for (i = 0; i < 4; i++)
            filter.address[i] = htonl(filter.address[i]);
        memcpy(&v6->sin6_addr, filter.address, sizeof(v6->sin6_addr));
    }
    if (filter.family != 0)
        name->ss_family = (sa_family_t)filter.family;
    return filter.family != 0;
}

/* --- The options ---------------------------------------------------------- */

int option_get_receive_broadcast(struct descriptor *descriptor, int *ret_value)
{
    struct filter filter;

    read_program(descriptor->fd, &filter);
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
    read_program(descriptor->fd, &filter);
    filter.no_broadcast = !value;
    return attach(descriptor->fd, &filter);
}

int option_get_iflist(struct descriptor *descriptor, int *ret_value)
{
    struct filter filter;

    read_program(descriptor->fd, &filter);
    *ret_value = filter.has_list;
    return WS2_SUCCESS;
}

int option_set_iflist(struct descriptor *descriptor, int value)
{
    struct filter filter;

    read_program(descriptor->fd, &filter);
    if (filter.has_list == value)
        return WS2_SUCCESS;
    filter.has_list = value;
    filter.count = 0;
    return attach(descriptor->fd, &filter);
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

    read_program(descriptor->fd, &filter);
    if (!filter.has_list || value == 0)
        return WS2_EINVAL;
    if (find_interface(&filter, (uint32_t)value) < filter.count)
        return WS2_SUCCESS;
    if (filter.count == MAX_INTERFACES)
        return WS2_ENOBUFS;
    filter.interfaces[filter.count++] = (uint32_t)value;
    return attach(descriptor->fd, &filter);
}

int option_drop_iflist(struct descriptor *descriptor, int value)
{
    struct filter filter;
    uint32_t place;

    read_program(descriptor->fd, &filter);
    place = find_interface(&filter, (uint32_t)value);
    if (!filter.has_list || place == filter.count)
        return WS2_EINVAL;
    filter.interfaces[place] = filter.interfaces[--filter.count];
    return attach(descriptor->fd, &filter);
}

int option_give_iflist(struct descriptor *descriptor, void *value, int *length,
                       int32_t room)
{
    struct filter filter;

    read_program(descriptor->fd, &filter);
    if (!filter.has_list)
        return WS2_EINVAL;
    return option_give(value, length, room, filter.interfaces,
                       (int32_t)(filter.count * sizeof(filter.interfaces[0])));
}
