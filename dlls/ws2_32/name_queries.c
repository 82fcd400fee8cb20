/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAAsyncGetHostByName and its kin: questions to the databases of names that
 * are answered by a window message.
 *
 * A question is a task.  Its arguments are copied when it is asked; that one
 * of them is bad is told by the message, as on Windows.  The answer goes into
 * the program's buffer, and the message has the task's id as wParam, and as
 * lParam the size of the answer and the error.
 */
#include <winsock2.h>

#include "api.h"
#include "database_entries.h"
#include "program_text.h"
#include "tasks.h"
#include "unix/boundary.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 1026, PROTOCOL_SIZE = 64, ADDRESS_SIZE = 16 };

enum question {
    HOST_BY_NAME,
    HOST_BY_ADDRESS,
    SERVICE_BY_NAME,
    SERVICE_BY_PORT,
    PROTOCOL_BY_NAME,
    PROTOCOL_BY_NUMBER,
};

struct name_query {
    struct task task;
    enum question question;
    int error; /* of the arguments */
    char name[NAME_SIZE];
    BOOL has_protocol;
    char protocol[PROTOCOL_SIZE];
    int number; /* port in host order, protocol, or address family */
    int length; /* of the address */
    char address[ADDRESS_SIZE];
    HWND window;
    UINT message;
    char *buffer; /* the program's */
    int room;
    char *answer; /* made for the buffer's address */
    size_t size;
};

static struct name_query *query_of(struct task *task)
{
    return (struct name_query *)task;
}

/* --- Answers -------------------------------------------------------------- */

static int keep_host(struct name_query *query, const struct host_answer *host)
{
    query->size = hostent_write(host, NULL, 0, 0);
    query->answer = malloc(query->size);
    if (!query->answer)
        return WSAENOBUFS;
    hostent_write(host, query->answer, query->size, (uintptr_t)query->buffer);
    return 0;
}

static int find_host(struct name_query *query)
{
    struct host_answer host = {.addresses = NULL};
    int error = query->question == HOST_BY_NAME
                    ? host_answer_by_name(query->name, &host)
                    : host_answer_by_address(query->address, query->length,
                                             query->number, &host);

    if (!error)
        error = keep_host(query, &host);
    host_answer_free(&host);
    return error;
}

static int find_entry(struct name_query *query)
{
    BOOL service = query->question == SERVICE_BY_NAME ||
                   query->question == SERVICE_BY_PORT;
    BOOL by_name = query->question == SERVICE_BY_NAME ||
                   query->question == PROTOCOL_BY_NAME;
    size_t (*write)(const struct unix_database_entry *, void *, size_t,
                    uintptr_t) = service ? servent_write : protoent_write;
    const char *name = by_name ? query->name : NULL;
    struct unix_database_entry entry;
    int error = service
                    ? unix_find_service(name, query->number,
                                        query->has_protocol ? query->protocol
                                                            : NULL,
                                        &entry)
                    : unix_find_protocol(name, query->number, &entry);

    if (error)
        return error;
    query->size = write(&entry, NULL, 0, 0);
    query->answer = malloc(query->size);
    if (!query->answer)
        return WSAENOBUFS;
    write(&entry, query->answer, query->size, (uintptr_t)query->buffer);
    return 0;
}

static int query_run(struct task *task)
{
    struct name_query *query = query_of(task);

    if (query->error)
        return query->error;
    return query->question == HOST_BY_NAME ||
                   query->question == HOST_BY_ADDRESS
               ? find_host(query)
               : find_entry(query);
}

/* WSAENOBUFS: too little room; WSAEFAULT: no buffer. */
static int put_answer(struct name_query *query)
{
    if (query->room < 0 || query->size > (size_t)query->room)
        return WSAENOBUFS;
    return unix_memory_write(query->buffer, query->answer,
                             (uint32_t)query->size);
}

static void query_finish(struct task *task, int error)
{
    struct name_query *query = query_of(task);
    size_t size = 0;

    if (!error) {
        size = query->size > 0xffff ? 0xffff : query->size;
        error = put_answer(query);
    }
    (void)WPUPostMessage(query->window, query->message, task->id,
                         WSAMAKEASYNCREPLY(size, error));
}

static void query_free(struct task *task)
{
    free(query_of(task)->answer);
    free(task);
}

static const struct task_kind query_kind = {
    .run = query_run,
    .finish = query_finish,
    .free = query_free,
};

/* --- Questions ------------------------------------------------------------ */

/* Where the answer goes, and how it is told. */
struct destination {
    HWND window;
    UINT message;
    char *buffer;
    int room;
};

static struct name_query *query_new(enum question question)
{
    struct name_query *query = calloc(1, sizeof(*query));

    if (query) {
        query->task.kind = &query_kind;
        query->question = question;
    }
    return query;
}

static void query_set_name(struct name_query *query, const char *name)
{
    query->error = program_text_read(name, query->name, sizeof(query->name));
    if (query->error == WSAENAMETOOLONG)
        query->error = query->question == HOST_BY_NAME ? WSAHOST_NOT_FOUND
                                                       : WSANO_DATA;
}

static void query_set_protocol(struct name_query *query, const char *protocol)
{
    int error;

    if (!protocol)
        return;
    error = program_text_read(protocol, query->protocol,
                              sizeof(query->protocol));
    query->has_protocol = TRUE;
    if (!query->error)
        query->error = error == WSAENAMETOOLONG ? WSANO_DATA : error;
}

/* The handle, the query is gone; NULL with the last error: WSANOTINITIALISED,
   WSAEWOULDBLOCK (there is no memory, or too many are asked already). */
static HANDLE query_begin(struct name_query *query,
                          const struct destination *destination)
{
    uint32_t id = 0;
    int error = api_started() ? WSAEWOULDBLOCK : WSANOTINITIALISED;

    if (query && api_started()) {
        query->window = destination->window;
        query->message = destination->message;
        query->buffer = destination->buffer;
        query->room = destination->room;
        tasks_name(&query->task);
        id = query->task.id;
        if (!tasks_begin(&query->task)) {
            host_set_last_error(0);
            return (HANDLE)(ULONG_PTR)id;
        }
    }
    if (query)
        query_free(&query->task);
    host_set_last_error((uint32_t)error);
    return NULL;
}

/*
 * Each of these: the handle of the question, which is answered by a message of
 * the given number for the window; see query_begin.  Nothing else fails at
 * once.  buf, buflen: where the structure goes, with all it points to.
 */
HANDLE WINAPI WSAAsyncGetHostByName(HWND hWnd, u_int wMsg, const char *name,
                                    char *buf, int buflen)
{
    const struct destination destination = {hWnd, wMsg, buf, buflen};
    struct name_query *query = query_new(HOST_BY_NAME);

    if (query)
        query_set_name(query, name);
    return query_begin(query, &destination);
}

HANDLE WINAPI WSAAsyncGetHostByAddr(HWND hWnd, u_int wMsg, const char *addr,
                                    int len, int type, char *buf, int buflen)
{
    const struct destination destination = {hWnd, wMsg, buf, buflen};
    struct name_query *query = query_new(HOST_BY_ADDRESS);

    if (query) {
        query->number = type;
        query->length = len;
        /* Of another length there is no address to read. */
        if (len == 4 || len == ADDRESS_SIZE)
            query->error = unix_memory_read(query->address, addr,
                                            (uint32_t)len);
    }
    return query_begin(query, &destination);
}

HANDLE WINAPI WSAAsyncGetServByName(HWND hWnd, u_int wMsg, const char *name,
                                    const char *proto, char *buf, int buflen)
{
    const struct destination destination = {hWnd, wMsg, buf, buflen};
    struct name_query *query = query_new(SERVICE_BY_NAME);

    if (query) {
        query_set_name(query, name);
        query_set_protocol(query, proto);
    }
    return query_begin(query, &destination);
}

/* The port is in network order. */
HANDLE WINAPI WSAAsyncGetServByPort(HWND hWnd, u_int wMsg, int port,
                                    const char *proto, char *buf, int buflen)
{
    const struct destination destination = {hWnd, wMsg, buf, buflen};
    struct name_query *query = query_new(SERVICE_BY_PORT);

    if (query) {
        query->number = __builtin_bswap16((uint16_t)port);
        query_set_protocol(query, proto);
    }
    return query_begin(query, &destination);
}

HANDLE WINAPI WSAAsyncGetProtoByName(HWND hWnd, u_int wMsg, const char *name,
                                     char *buf, int buflen)
{
    const struct destination destination = {hWnd, wMsg, buf, buflen};
    struct name_query *query = query_new(PROTOCOL_BY_NAME);

    if (query)
        query_set_name(query, name);
    return query_begin(query, &destination);
}

HANDLE WINAPI WSAAsyncGetProtoByNumber(HWND hWnd, u_int wMsg, int number,
                                       char *buf, int buflen)
{
    const struct destination destination = {hWnd, wMsg, buf, buflen};
    struct name_query *query = query_new(PROTOCOL_BY_NUMBER);

    if (query)
        query->number = number;
    return query_begin(query, &destination);
}

/* No message comes any more.  WSAEALREADY: it was answered, and the message
   has been posted; WSAEINVAL: there was no such question; WSANOTINITIALISED. */
int WINAPI WSACancelAsyncRequest(HANDLE hAsyncTaskHandle)
{
    ULONG_PTR id = (ULONG_PTR)hAsyncTaskHandle;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (id > UINT32_MAX)
        return api_failure(WSAEINVAL);
    return api_result(tasks_cancel(&query_kind, (uint32_t)id, 0));
}
