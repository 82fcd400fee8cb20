/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The inspection library: a client of the server that walks its tables by
 * LIST, section by section, and joins the rows by the sockets' cookies.
 *
 * A section's rows are copied to the snapshot as they come.  The sockets come
 * first and are sorted by cookie, so that the later sections find theirs; a
 * row of a socket that appeared in between is dropped.
 */
#include "inspect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <ws2emu/wire.h>

#include "util/runtime_directory.h"
#include "wire/frame.h"

#define ANSWER_SECONDS 5 /* a server never takes long: it blocks on nothing */

_Static_assert(WS2EMU_PROGRAM_LENGTH == WIRE_PROGRAM_LENGTH,
               "a program's name fits");

/* --- The connection ------------------------------------------------------- */

/* Connects to the server in a directory.  Returns the fd or -errno. */
static int connect_server(const char *directory)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
    int length, fd, error;

    length = snprintf(address.sun_path, sizeof address.sun_path,
                      "%s/server.socket", directory);
    if (length < 0 || (size_t)length >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        /* A socket file without a listener is what a dead server leaves. */
        error = errno == ECONNREFUSED ? -ENOENT : -errno;
        close(fd);
        return error;
    }
    return fd;
}

/* Sends a request and takes its reply, whose fds are not wanted. */
static int exchange(int fd, void *request, void *reply)
{
    struct wire_header *header = request;
    struct wire_reply_header *answer = reply;
    size_t size = wire_reply_size(header->code), n_fds;
    int fds[WIRE_MAX_FDS], error;
    ssize_t n;

    header->serial = 1;
    error = frame_send(fd, request, wire_request_size(header->code), NULL, 0);
    if (error)
        return error == -EAGAIN ? -ETIMEDOUT : error;
    n = frame_receive(fd, reply, size, fds, &n_fds);
    for (size_t i = 0; i < n_fds && i < WIRE_MAX_FDS; i++)
        close(fds[i]);
    if (n < 0)
        return n == -EAGAIN ? -ETIMEDOUT : (int)n;
    if ((size_t)n != size || answer->code != header->code || answer->error)
        return -EPROTO;
    return 0;
}

static int hello(int fd)
{
    struct wire_hello_request request = {
        .header.code = WIRE_HELLO,
        .version = WIRE_VERSION,
        /* An id that no process has: in a program that also calls Winsock
           this connection must not pass for the program's own. */
        .process_id = UINT32_MAX,
        .program = "ws2ctl",
    };
    struct wire_hello_reply reply;

    return exchange(fd, &request, &reply);
}

/* --- Rows ----------------------------------------------------------------- */

/* Grows an array by one; NULL: no memory. */
static void *append(void *items, size_t *count, size_t size)
{
    void **array = items;
    void *grown = *array;

    /* Room is made at each power of two. */
    if ((*count & (*count - 1)) == 0)
        grown = realloc(*array, (*count ? *count * 2 : 1) * size);
    if (!grown)
        return NULL;
    *array = grown;
    return memset((char *)grown + (*count)++ * size, 0, size);
}

static void copy_process(struct ws2emu_process *process,
                         const struct wire_list_row *row)
{
    process->pid = row->unix_pid;
    process->process_id = row->process_id;
    memcpy(process->program, row->program, sizeof process->program);
    process->program[sizeof process->program - 1] = '\0';
}

static enum ws2emu_target target_of(uint32_t kind)
{
    switch (kind) {
    case WIRE_TARGET_EVENTFD:
    case WIRE_TARGET_EVENT: return WS2EMU_TARGET_EVENT;
    case WIRE_TARGET_MESSAGE: return WS2EMU_TARGET_MESSAGE;
    default: return WS2EMU_TARGET_NONE;
    }
}

static int add_socket(struct ws2emu_snapshot *snapshot,
                      const struct wire_list_row *row)
{
    struct ws2emu_socket *socket =
        append(&snapshot->sockets, &snapshot->n_sockets, sizeof *socket);

    if (!socket)
        return -ENOMEM;
    socket->cookie = row->cookie;
    socket->family = (int)row->family;
    socket->type = (int)row->type;
    socket->protocol = (int)row->protocol;
    socket->nonblocking = !!(row->flags & WIRE_RECORD_NONBLOCKING);
    if (row->mask) {
        socket->registration.mask = row->mask;
        /* The server records more than was asked for. */
        socket->registration.pending = row->pending & row->mask;
        socket->registration.target = target_of(row->kind);
        socket->registration.handle = row->handle;
        copy_process(&socket->registration.owner, row);
    }
    return 0;
}

static int add_holder(struct ws2emu_snapshot *snapshot,
                      const struct wire_list_row *row)
{
    struct ws2emu_socket *socket = snapshot_find(snapshot, row->cookie);
    struct ws2emu_holder *holder;

    if (!socket)
        return 0;
    holder = append(&socket->holders, &socket->n_holders, sizeof *holder);
    if (!holder)
        return -ENOMEM;
    copy_process(&holder->process, row);
    holder->handle = row->handle;
    return 0;
}

static int add_duplicate(struct ws2emu_snapshot *snapshot,
                         const struct wire_list_row *row)
{
    struct ws2emu_socket *socket = snapshot_find(snapshot, row->cookie);
    struct ws2emu_duplicate *duplicate;

    if (!socket)
        return 0;
    duplicate =
        append(&socket->duplicates, &socket->n_duplicates, sizeof *duplicate);
    if (!duplicate)
        return -ENOMEM;
    copy_process(&duplicate->source, row);
    duplicate->source.process_id = 0;
    duplicate->target_process_id = row->process_id;
    return 0;
}

static int add_client(struct ws2emu_snapshot *snapshot,
                      const struct wire_list_row *row)
{
    struct ws2emu_client *client;

    if (row->unix_pid == (uint32_t)getpid() && row->holders == 0)
        return 0;
    client = append(&snapshot->clients, &snapshot->n_clients, sizeof *client);
    if (!client)
        return -ENOMEM;
    copy_process(&client->process, row);
    client->n_holdings = row->holders;
    return 0;
}

typedef int add_row(struct ws2emu_snapshot *snapshot,
                    const struct wire_list_row *row);

static int walk_section(int fd, uint32_t section,
                        struct ws2emu_snapshot *snapshot, add_row *add)
{
    struct wire_list_request request = {
        .header.code = WIRE_LIST,
        .section = section,
    };
    struct wire_list_reply reply;
    int error;

    for (;;) {
        error = exchange(fd, &request, &reply);
        if (error || reply.next == 0)
            return error;
        /* A server that turns in circles must not hold us. */
        if (reply.next <= request.cursor)
            return -EPROTO;
        error = add(snapshot, &reply.row);
        if (error)
            return error;
        request.cursor = reply.next;
    }
}

static int compare_sockets(const void *a, const void *b)
{
    const struct ws2emu_socket *left = a, *right = b;

    return (left->cookie > right->cookie) - (left->cookie < right->cookie);
}

static int walk_sections(int fd, struct ws2emu_snapshot *snapshot)
{
    int error = walk_section(fd, WIRE_LIST_SOCKETS, snapshot, add_socket);

    if (error)
        return error;
    if (snapshot->n_sockets > 1)
        qsort(snapshot->sockets, snapshot->n_sockets,
              sizeof *snapshot->sockets, compare_sockets);
    error = walk_section(fd, WIRE_LIST_HOLDERS, snapshot, add_holder);
    if (error)
        return error;
    error = walk_section(fd, WIRE_LIST_DUPLICATES, snapshot, add_duplicate);
    if (error)
        return error;
    return walk_section(fd, WIRE_LIST_CLIENTS, snapshot, add_client);
}

/* --- The interface -------------------------------------------------------- */

struct ws2emu_socket *snapshot_find(const struct ws2emu_snapshot *snapshot,
                                    uint64_t cookie)
{
    const struct ws2emu_socket key = { .cookie = cookie };

    if (snapshot->n_sockets == 0)
        return NULL;
    return bsearch(&key, snapshot->sockets, snapshot->n_sockets,
                   sizeof *snapshot->sockets, compare_sockets);
}

INSPECT_EXPORT
int ws2emu_inspect(const char *directory, struct ws2emu_snapshot **ret)
{
    struct ws2emu_snapshot *snapshot = NULL;
    char path[sizeof(struct sockaddr_un)];
    int fd = -1, error = 0;

    if (!directory) {
        error = ws2emu_inspect_directory(NULL, path, sizeof path);
        if (error)
            goto out;
        directory = path;
    }
    fd = connect_server(directory);
    if (fd < 0) {
        error = fd;
        goto out;
    }
    snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot) {
        error = -ENOMEM;
        goto out;
    }
    error = hello(fd);
    if (!error)
        error = walk_sections(fd, snapshot);
    if (error)
        goto out;
    snapshot_add_kernel_state(snapshot);
    *ret = snapshot;
    snapshot = NULL;
out:
    ws2emu_snapshot_free(snapshot);
    if (fd >= 0)
        close(fd);
    return error;
}

INSPECT_EXPORT
void ws2emu_snapshot_free(struct ws2emu_snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (size_t i = 0; i < snapshot->n_sockets; i++) {
        free(snapshot->sockets[i].holders);
        free(snapshot->sockets[i].duplicates);
    }
    free(snapshot->sockets);
    free(snapshot->clients);
    free(snapshot);
}

INSPECT_EXPORT
int ws2emu_inspect_directory(const char *prefix, char *path, size_t size)
{
    struct stat status;

    if (prefix && stat(prefix, &status) < 0)
        return -errno;
    return runtime_directory(prefix ? &status : NULL, path, size);
}
