/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Service classes as items of the catalogs' store: see service_class_store.h */
#include "service_class_store.h"

#include "catalog.h"
#include "program_text.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stdlib.h>
#include <string.h>

/* More than any class of a program's has. */
enum { MAX_NAME = 256, MAX_VALUES = 64, MAX_VALUE = 4096 };

enum { N_NUMBERS = 4, NUMBERS_SIZE = N_NUMBERS * sizeof(uint32_t) };

C_ASSERT(sizeof(WSASERVICECLASSINFOA) == sizeof(WSASERVICECLASSINFOW));
C_ASSERT(sizeof(WSANSCLASSINFOA) == sizeof(WSANSCLASSINFOW));

static struct catalog_item *item_of(const WCHAR *name, const void *data,
                                    size_t size)
{
    return catalog_item_new(CATALOG_SERVICE_CLASS, NULL,
                            (const uint16_t *)name, data, (uint32_t)size);
}

/* --- Values --------------------------------------------------------------- */

BOOL service_class_next(const struct catalog_item *class, uint32_t *at,
                        struct service_class_value *ret)
{
    uint32_t numbers[N_NUMBERS], left;
    const uint8_t *from;

    if (!*at)
        *at = sizeof(GUID);
    if (class->data_size < *at + NUMBERS_SIZE)
        return FALSE;
    from = class->data + *at;
    left = class->data_size - *at - NUMBERS_SIZE;
    memcpy(numbers, from, NUMBERS_SIZE);
    *ret = (struct service_class_value){
        .name_space = numbers[0],
        .type = numbers[1],
        .size = numbers[2],
        .name_length = numbers[3],
        .name = from + NUMBERS_SIZE,
    };
    if (ret->name_length >= MAX_NAME || ret->size > MAX_VALUE ||
        ret->name_length * sizeof(WCHAR) + ret->size > left)
        return FALSE; /* no class that was written here */
    ret->value = ret->name + ret->name_length * sizeof(WCHAR);
    *at += (uint32_t)(NUMBERS_SIZE + ret->name_length * sizeof(WCHAR) +
                      ret->size);
    return TRUE;
}

/* A class in the making. */
struct class_data {
    uint8_t *bytes;
    size_t size, room;
};

static BOOL append(struct class_data *data, const void *bytes, size_t size)
{
    size_t room = data->room ? data->room : 256;
    uint8_t *larger;

    while (room < data->size + size)
        room *= 2;
    if (room != data->room) {
        larger = realloc(data->bytes, room);
        if (!larger)
            return FALSE;
        data->bytes = larger;
        data->room = room;
    }
    memcpy(data->bytes + data->size, bytes, size);
    data->size += size;
    return TRUE;
}

static BOOL append_value(struct class_data *data,
                         const struct service_class_value *value)
{
    const uint32_t numbers[N_NUMBERS] = {value->name_space, value->type,
                                         value->size, value->name_length};

    return append(data, numbers, sizeof(numbers)) &&
           append(data, value->name, value->name_length * sizeof(WCHAR)) &&
           append(data, value->value, value->size);
}

struct catalog_item *
service_class_new(const GUID *id, const WCHAR *name, const char *value_name,
                  const struct service_class_value *value)
{
    struct service_class_value named;
    struct class_data data = {NULL, 0, 0};
    struct catalog_item *class = NULL;
    WCHAR wide[MAX_NAME];
    BOOL done = append(&data, id, sizeof(*id));

    if (done && value) {
        named = *value;
        named.name_length =
            (uint32_t)wide_text_from_utf8(value_name, wide, MAX_NAME) - 1;
        named.name = (const uint8_t *)wide;
        done = append_value(&data, &named);
    }
    if (done)
        class = item_of(name, data.bytes, data.size);
    free(data.bytes);
    return class;
}

/* --- Reading a class of the program's ------------------------------------- */

/* Of at least one character. */
static int copy_text(const void *from, BOOL wide, WCHAR to[MAX_NAME])
{
    char narrow[MAX_NAME];
    int error;

    if (!from)
        return WSAEINVAL;
    if (wide) {
        error = program_text_read_wide(from, to, MAX_NAME);
    } else {
        error = program_text_read(from, narrow, sizeof(narrow));
        if (!error)
            wide_text_from_utf8(narrow, to, MAX_NAME);
    }
    if (error == WSAENAMETOOLONG || (!error && !*to))
        return WSAEINVAL;
    return error;
}

static int copy_value(const WSANSCLASSINFOW *program_value, BOOL wide,
                      struct class_data *data)
{
    struct service_class_value value;
    WSANSCLASSINFOW copy;
    uint8_t bytes[MAX_VALUE];
    WCHAR name[MAX_NAME];
    int error = unix_memory_read(&copy, program_value, sizeof(copy));

    if (!error)
        error = copy_text(copy.lpszName, wide, name);
    if (!error && (copy.dwValueSize > MAX_VALUE ||
                   (copy.dwValueSize && !copy.lpValue)))
        error = WSAEINVAL;
    if (!error && copy.dwValueSize)
        error = unix_memory_read(bytes, copy.lpValue, copy.dwValueSize);
    if (error)
        return error;
    value = (struct service_class_value){
        .name_space = copy.dwNameSpace,
        .type = copy.dwValueType,
        .size = copy.dwValueSize,
        .name = (const uint8_t *)name,
        .value = bytes,
    };
    while (name[value.name_length])
        value.name_length++;
    return append_value(data, &value) ? 0 : WSA_NOT_ENOUGH_MEMORY;
}

int service_class_copy(const void *program_class, BOOL wide,
                       struct catalog_item **ret)
{
    struct class_data data = {NULL, 0, 0};
    WSASERVICECLASSINFOW copy;
    WCHAR name[MAX_NAME];
    int error;
    DWORD i;
    GUID id;

    if (!program_class)
        return WSAEINVAL;
    error = unix_memory_read(&copy, program_class, sizeof(copy));
    if (!error && (!copy.lpServiceClassId || copy.dwCount > MAX_VALUES ||
                   (copy.dwCount && !copy.lpClassInfos)))
        error = WSAEINVAL;
    if (!error)
        error = unix_memory_read(&id, copy.lpServiceClassId, sizeof(id));
    if (!error)
        error = copy_text(copy.lpszServiceClassName, wide, name);
    if (!error && !append(&data, &id, sizeof(id)))
        error = WSA_NOT_ENOUGH_MEMORY;
    for (i = 0; !error && i < copy.dwCount; i++)
        error = copy_value(&copy.lpClassInfos[i], wide, &data);
    if (!error && data.size > CATALOG_MAX_DATA)
        error = WSAEINVAL;
    if (!error) {
        *ret = item_of(name, data.bytes, data.size);
        if (!*ret)
            error = WSA_NOT_ENOUGH_MEMORY;
    }
    free(data.bytes);
    return error;
}

/* --- Writing one for the program ------------------------------------------ */

/* A block that grows; what does not fit is only counted. */
struct block {
    char *to;
    size_t size, used;
    uintptr_t base;
};

/* The address that it has for the program. */
static void *put(struct block *block, const void *from, size_t size,
                 size_t alignment)
{
    size_t at = (block->used + alignment - 1) & ~(alignment - 1);

    block->used = at + size;
    if (block->used <= block->size)
        memcpy(block->to + at, from, size);
    return (void *)(block->base + at);
}

/* text: characters without a NUL. */
static void *put_text(struct block *block, const void *text, size_t length,
                      BOOL wide)
{
    WCHAR copy[MAX_NAME] = {0};
    char narrow[3 * MAX_NAME];

    if (length >= MAX_NAME)
        length = MAX_NAME - 1;
    memcpy(copy, text, length * sizeof(WCHAR));
    if (wide)
        return put(block, copy, (length + 1) * sizeof(WCHAR), sizeof(WCHAR));
    wide_text_to_utf8(copy, narrow, sizeof(narrow));
    return put(block, narrow, strlen(narrow) + 1, 1);
}

static void put_values(struct block *block, size_t at,
                       const struct catalog_item *class, BOOL wide)
{
    struct service_class_value value;
    WSANSCLASSINFOW info;
    uint32_t next = 0;

    for (; service_class_next(class, &next, &value); at += sizeof(info)) {
        info = (WSANSCLASSINFOW){
            .dwNameSpace = value.name_space,
            .dwValueType = value.type,
            .dwValueSize = value.size,
        };
        info.lpValue = put(block, value.value, value.size, sizeof(void *));
        info.lpszName = put_text(block, value.name, value.name_length, wide);
        if (block->used <= block->size)
            memcpy(block->to + at, &info, sizeof(info));
    }
}

size_t service_class_write(const struct catalog_item *class, BOOL wide,
                           void *to, size_t size, uintptr_t base)
{
    struct block block = {.to = to, .size = size, .base = base};
    struct service_class_value value;
    WSASERVICECLASSINFOW info = {.dwCount = 0};
    uint32_t next = 0, length = 0;
    size_t at;

    while (service_class_next(class, &next, &value))
        info.dwCount++;
    while (class->text[length])
        length++;
    block.used = sizeof(info) + info.dwCount * sizeof(WSANSCLASSINFOW);
    at = sizeof(info);
    if (info.dwCount)
        info.lpClassInfos = (void *)(base + at);
    info.lpServiceClassId = put(&block, class->data, sizeof(GUID),
                                sizeof(void *));
    info.lpszServiceClassName = put_text(&block, class->text, length, wide);
    put_values(&block, at, class, wide);
    if (block.used <= size)
        memcpy(to, &info, sizeof(info));
    return block.used;
}

/* --- The store ------------------------------------------------------------ */

/* Its place; the count of items: there is none. */
static uint32_t find(const struct catalog_items *store, const GUID *id)
{
    uint32_t i;

    for (i = 0; i < store->n; i++)
        if (store->items[i]->section == CATALOG_SERVICE_CLASS &&
            !memcmp(store->items[i]->data, id, sizeof(*id)))
            break;
    return i;
}

static struct catalog_item *copy_of(const struct catalog_item *class)
{
    return item_of((const WCHAR *)class->text, class->data, class->data_size);
}

struct catalog_item *service_class_installed(const GUID *id)
{
    struct catalog_item *class = NULL;
    struct catalog_items store;
    uint32_t at;

    if (store_load(&store) == WSA_NOT_ENOUGH_MEMORY)
        return NULL;
    at = find(&store, id);
    if (at < store.n)
        class = copy_of(store.items[at]);
    catalog_items_free(&store);
    return class;
}

static int install(struct catalog_items *store, void *context)
{
    const struct catalog_item *class = context;

    if (find(store, (const GUID *)(const void *)class->data) < store->n)
        return WSAEALREADY;
    return catalog_items_insert(store, store->n, copy_of(class))
               ? 0
               : WSA_NOT_ENOUGH_MEMORY;
}

static int uninstall(struct catalog_items *store, void *context)
{
    const uint32_t at = find(store, context);

    if (at == store->n)
        return WSATYPE_NOT_FOUND;
    catalog_items_remove(store, at);
    return 0;
}

static int change(int (*function)(struct catalog_items *, void *),
                  const void *context)
{
    int error = store_change(function, (void *)(uintptr_t)context);

    return error == WSANO_RECOVERY ? WSAEACCES : error;
}

int service_class_install(const struct catalog_item *class)
{
    return change(install, class);
}

int service_class_uninstall(const GUID *id)
{
    return change(uninstall, id);
}
