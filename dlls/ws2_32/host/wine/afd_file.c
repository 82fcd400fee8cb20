/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AFD files; see afd_file.h. */
#include "afd_file.h"

#include <pthread.h>
#include <stdlib.h>

#include "completion_port.h"
#include "handle_table.h"
#include "unix/overlapped.h"

struct afd_file {
    struct handle_object object;
    pthread_mutex_t lock;
    struct completion_port *port; /* a reference, or NULL */
    uint64_t key;
    uint32_t modes;
};

static void file_begin(struct handle_object *object)
{
    struct afd_file *file = (struct afd_file *)object;

    pthread_mutex_init(&file->lock, NULL);
}

static void file_end(struct handle_object *object)
{
    struct afd_file *file = (struct afd_file *)object;

    if (file->port)
        completion_port_release(file->port);
}

static struct handle_kind file_kind = {
    .size = sizeof(struct afd_file),
    .begin = file_begin,
    .end = file_end,
};

struct afd_file *afd_file_find(HANDLE handle)
{
    return handle_table_find(handle, &file_kind);
}

int afd_file_is(HANDLE handle)
{
    struct afd_file *file = afd_file_find(handle);

    if (file)
        afd_file_release(file);
    return file != NULL;
}

void afd_file_release(struct afd_file *file)
{
    handle_object_release(&file->object);
}

/* \Device\Afd, alone or with something behind it; case does not matter. */
static int is_afd(const UNICODE_STRING *name)
{
    static const char afd[] = "\\device\\afd";
    const size_t length = sizeof(afd) - 1;
    size_t i;

    if (!name || name->Length / sizeof(WCHAR) < length)
        return 0;
    for (i = 0; i < length; i++) {
        WCHAR c = name->Buffer[i];

        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if (c != (WCHAR)afd[i])
            return 0;
    }
    return name->Length / sizeof(WCHAR) == length ||
           name->Buffer[length] == '\\';
}

void afd_file_opened(HANDLE handle, const OBJECT_ATTRIBUTES *attributes)
{
    struct afd_file *file;

    if (attributes->RootDirectory || !is_afd(attributes->ObjectName))
        return;
    file = handle_object_new(&file_kind);
    if (!file)
        return;
    (void)handle_table_put(handle, &file->object);
    afd_file_release(file);
}

int afd_file_associate(struct afd_file *file, void *port, uint64_t key)
{
    int is_first;

    pthread_mutex_lock(&file->lock);
    is_first = !file->port;
    if (is_first) {
        file->port = port;
        file->key = key;
    }
    pthread_mutex_unlock(&file->lock);
    return is_first;
}

void afd_file_replace_port(struct afd_file *file, void *port, uint64_t key)
{
    struct completion_port *before;

    pthread_mutex_lock(&file->lock);
    before = file->port;
    file->port = port;
    file->key = key;
    pthread_mutex_unlock(&file->lock);
    if (before)
        completion_port_release(before);
}

int afd_file_has_port(struct afd_file *file)
{
    int has_port;

    pthread_mutex_lock(&file->lock);
    has_port = file->port != NULL;
    pthread_mutex_unlock(&file->lock);
    return has_port;
}

void afd_file_set_modes(struct afd_file *file, uint32_t modes)
{
    __atomic_or_fetch(&file->modes, modes, __ATOMIC_RELAXED);
}

void afd_file_post(struct afd_file *file, uint64_t context, NTSTATUS status,
                   uint64_t information, int at_once)
{
    struct completion_port *port;
    uint64_t key;

    if (at_once && __atomic_load_n(&file->modes, __ATOMIC_RELAXED) &
                       UNIX_SKIP_PORT_ON_SUCCESS)
        return;
    pthread_mutex_lock(&file->lock);
    port = file->port;
    key = file->key;
    if (port)
        completion_port_hold(port);
    pthread_mutex_unlock(&file->lock);
    if (!port)
        return;
    (void)completion_port_post(port, key, context, status, information);
    completion_port_release(port);
}
