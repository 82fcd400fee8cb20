/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: the catalogs are in the prefix's registry, where Windows keeps
 * them, or in the file that WS2EMU_CATALOG names.
 *
 * Below Services\WinSock2\Parameters:
 *
 *     Protocol_Catalog9     Next_Catalog_Entry_ID, Serial_Access_Num,
 *                           Num_Catalog_Entries, Num_Catalog_Entries64
 *       Catalog_Entries     000000000001, ...: for 32-bit programs
 *       Catalog_Entries64   000000000001, ...: for 64-bit programs
 *         PackedCatalogItem the library's path in 260 bytes, then the
 *                           WSAPROTOCOL_INFOW
 *         LspCategories     ours: the categories, when they were set
 *     NameSpace_Catalog5    Serial_Access_Num, Num_Catalog_Entries, ...64
 *       Catalog_Entries, Catalog_Entries64
 *         LibraryPath, DisplayString, ProviderId, SupportedNamespace, Enabled,
 *         Version, StoresServiceClassInfo, ProviderInfo
 *     AppId_Catalog         a key for each program: AppFullPath, AppArgs,
 *                           PermittedLspCategories
 *     ServiceClass_Catalog  ours, a key for each class: ClassName, ClassInfo
 *
 * Entries are written one by one in place and those too many are then deleted,
 * so that a writer that ends halfway leaves whole entries.  A mutex of the
 * prefix keeps writers apart; readers wait for it, too.
 */
#include <windows.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ws2emu/constants.h>

#include "catalog.h"
#include "handle_hooks.h"
#include "host/catalog.h"
#include "posix.h"

#define LOCK_TIMEOUT_MS 5000
#define PACKED_PATH 260
#define GUID_SIZE 16
#define ENTRY_NAME 16

#define PARAMETERS L"SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters"

enum number { CATEGORIES, HAS_CATEGORIES };
enum setting_number { VALUE };
enum name_space_number { NAME_SPACE, VERSION, ENABLED, STORES_CLASSES };

/* The sections, each a key of numbered keys. */
static const struct place {
    const WCHAR *catalog;
    const WCHAR *entries; /* NULL: the catalog's key itself */
    const WCHAR *count;
    int digits, base; /* of an entry's key: its number, from 1 */
} places[CATALOG_SECTIONS] = {
    [CATALOG_TRANSPORT] = {L"Protocol_Catalog9", L"Catalog_Entries64",
                           L"Num_Catalog_Entries64", 12, 10},
    [CATALOG_TRANSPORT_32] = {L"Protocol_Catalog9", L"Catalog_Entries",
                              L"Num_Catalog_Entries", 12, 10},
    [CATALOG_NAME_SPACE] = {L"NameSpace_Catalog5", L"Catalog_Entries64",
                            L"Num_Catalog_Entries64", 12, 10},
    [CATALOG_NAME_SPACE_32] = {L"NameSpace_Catalog5", L"Catalog_Entries",
                               L"Num_Catalog_Entries", 12, 10},
    [CATALOG_APPLICATION] = {L"AppId_Catalog", NULL, NULL, 8, 16},
    [CATALOG_SERVICE_CLASS] = {L"ServiceClass_Catalog", NULL, NULL, 8, 16},
    [CATALOG_SETTING] = {L"Ws2emu_Settings", NULL, NULL, 8, 16},
};

/* --- Values --------------------------------------------------------------- */

static DWORD get_number(HKEY key, const WCHAR *name, DWORD otherwise)
{
    DWORD value, size = sizeof(value);

    if (!key || RegGetValueW(key, NULL, name, RRF_RT_REG_DWORD, NULL, &value,
                             &size))
        return otherwise;
    return value;
}

static int put_number(HKEY key, const WCHAR *name, DWORD value)
{
    return !RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&value,
                           sizeof(value));
}

static int put_text(HKEY key, const WCHAR *name, const uint16_t *text)
{
    return !RegSetValueExW(key, name, 0, REG_SZ, (const BYTE *)text,
                           (lstrlenW((const WCHAR *)text) + 1) *
                               (DWORD)sizeof(*text));
}

static int put_bytes(HKEY key, const WCHAR *name, const void *data, DWORD size)
{
    return !RegSetValueExW(key, name, 0, REG_BINARY, data, size);
}

/* A value from malloc with a NUL after it; NULL: there is none. */
static void *get_value(HKEY key, const WCHAR *name, DWORD types,
                       DWORD *ret_size)
{
    DWORD size = 0;
    char *value;

    if (RegGetValueW(key, NULL, name, types | RRF_NOEXPAND, NULL, NULL, &size))
        return NULL;
    if (size > CATALOG_MAX_DATA || !(value = malloc(size + sizeof(WCHAR))))
        return NULL;
    if (RegGetValueW(key, NULL, name, types | RRF_NOEXPAND, NULL, value,
                     &size)) {
        free(value);
        return NULL;
    }
    memset(value + size, 0, sizeof(WCHAR));
    if (ret_size)
        *ret_size = size;
    return value;
}

static uint16_t *get_text(HKEY key, const WCHAR *name)
{
    return get_value(key, name, RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ, NULL);
}

/* --- One entry: the registry's form to an item, NULL: it is none ---------- */

static struct catalog_item *get_transport(HKEY key, uint32_t section)
{
    DWORD size = 0;
    char *packed = get_value(key, L"PackedCatalogItem", RRF_RT_REG_BINARY,
                             &size);
    struct catalog_item *item = NULL;
    WCHAR path[PACKED_PATH];

    if (!packed || size <= PACKED_PATH)
        goto out;
    packed[PACKED_PATH - 1] = '\0';
    if (!MultiByteToWideChar(CP_ACP, 0, packed, -1, path, PACKED_PATH))
        goto out;
    item = catalog_item_new(section, (uint16_t *)path, NULL,
                            packed + PACKED_PATH, size - PACKED_PATH);
    if (!item)
        goto out;
    item->numbers[CATEGORIES] = get_number(key, L"LspCategories", 0);
    item->numbers[HAS_CATEGORIES] =
        get_number(key, L"LspCategories", 0) ==
        get_number(key, L"LspCategories", 1);
out:
    free(packed);
    return item;
}

static struct catalog_item *get_name_space(HKEY key, uint32_t section)
{
    uint16_t *path = get_text(key, L"LibraryPath");
    uint16_t *text = get_text(key, L"DisplayString");
    DWORD id_size = 0, info_size = 0;
    char *id = get_value(key, L"ProviderId", RRF_RT_REG_BINARY, &id_size);
    char *info = get_value(key, L"ProviderInfo", RRF_RT_REG_BINARY,
                           &info_size);
    char *data = malloc(GUID_SIZE + info_size);
    struct catalog_item *item = NULL;

    if (path && id && id_size == GUID_SIZE && data) {
        memcpy(data, id, GUID_SIZE);
        if (info)
            memcpy(data + GUID_SIZE, info, info_size);
        item = catalog_item_new(section, path, text, data,
                                GUID_SIZE + (info ? info_size : 0));
    }
    if (item) {
        item->numbers[NAME_SPACE] = get_number(key, L"SupportedNamespace", 0);
        item->numbers[VERSION] = get_number(key, L"Version", 0);
        item->numbers[ENABLED] = get_number(key, L"Enabled", 0);
        item->numbers[STORES_CLASSES] =
            get_number(key, L"StoresServiceClassInfo", 0);
    }
    free(data);
    free(info);
    free(id);
    free(text);
    free(path);
    return item;
}

static struct catalog_item *get_application(HKEY key, uint32_t section)
{
    uint16_t *path = get_text(key, L"AppFullPath");
    uint16_t *text = get_text(key, L"AppArgs");
    struct catalog_item *item = NULL;

    if (path)
        item = catalog_item_new(section, path, text, NULL, 0);
    if (item)
        item->numbers[CATEGORIES] = get_number(key, L"PermittedLspCategories",
                                               0);
    free(text);
    free(path);
    return item;
}

static struct catalog_item *get_service_class(HKEY key, uint32_t section)
{
    uint16_t *text = get_text(key, L"ClassName");
    DWORD size = 0;
    char *data = get_value(key, L"ClassInfo", RRF_RT_REG_BINARY, &size);
    struct catalog_item *item = NULL;

    if (text && data)
        item = catalog_item_new(section, NULL, text, data, size);
    free(data);
    free(text);
    return item;
}

static struct catalog_item *get_setting(HKEY key, uint32_t section)
{
    uint16_t *text = get_text(key, L"Name");
    struct catalog_item *item = NULL;

    if (text)
        item = catalog_item_new(section, NULL, text, NULL, 0);
    if (item)
        item->numbers[VALUE] = get_number(key, L"Value", 0);
    free(text);
    return item;
}

/* --- And back; 1: done ---------------------------------------------------- */

static int put_transport(HKEY key, const struct catalog_item *item)
{
    DWORD size = PACKED_PATH + item->data_size;
    char *packed = calloc(1, size);
    BOOL lossy = FALSE;
    int done;

    if (!packed)
        return 0;
    memcpy(packed + PACKED_PATH, item->data, item->data_size);
    done = WideCharToMultiByte(CP_ACP, WC_NO_BEST_FIT_CHARS,
                               (const WCHAR *)item->path, -1, packed,
                               PACKED_PATH, NULL, &lossy) &&
           !lossy && put_bytes(key, L"PackedCatalogItem", packed, size);
    free(packed);
    if (item->numbers[HAS_CATEGORIES])
        return done && put_number(key, L"LspCategories",
                                  item->numbers[CATEGORIES]);
    RegDeleteValueW(key, L"LspCategories");
    return done;
}

static int put_name_space(HKEY key, const struct catalog_item *item)
{
    return put_text(key, L"LibraryPath", item->path) &&
           put_text(key, L"DisplayString", item->text) &&
           put_bytes(key, L"ProviderId", item->data, GUID_SIZE) &&
           put_bytes(key, L"ProviderInfo", item->data + GUID_SIZE,
                     item->data_size - GUID_SIZE) &&
           put_number(key, L"SupportedNamespace", item->numbers[NAME_SPACE]) &&
           put_number(key, L"Version", item->numbers[VERSION]) &&
           put_number(key, L"Enabled", item->numbers[ENABLED]) &&
           put_number(key, L"StoresServiceClassInfo",
                      item->numbers[STORES_CLASSES]);
}

static int put_application(HKEY key, const struct catalog_item *item)
{
    return put_text(key, L"AppFullPath", item->path) &&
           put_text(key, L"AppArgs", item->text) &&
           put_number(key, L"PermittedLspCategories",
                      item->numbers[CATEGORIES]);
}

static int put_service_class(HKEY key, const struct catalog_item *item)
{
    return put_text(key, L"ClassName", item->text) &&
           put_bytes(key, L"ClassInfo", item->data, item->data_size);
}

static int put_setting(HKEY key, const struct catalog_item *item)
{
    return put_text(key, L"Name", item->text) &&
           put_number(key, L"Value", item->numbers[VALUE]);
}

static struct catalog_item *get_item(HKEY key, uint32_t section)
{
    switch (section) {
    case CATALOG_TRANSPORT:
    case CATALOG_TRANSPORT_32: return get_transport(key, section);
    case CATALOG_APPLICATION: return get_application(key, section);
    case CATALOG_SERVICE_CLASS: return get_service_class(key, section);
    case CATALOG_SETTING: return get_setting(key, section);
    default: return get_name_space(key, section);
    }
}

static int put_item(HKEY key, const struct catalog_item *item)
{
    switch (item->section) {
    case CATALOG_TRANSPORT:
    case CATALOG_TRANSPORT_32: return put_transport(key, item);
    case CATALOG_APPLICATION: return put_application(key, item);
    case CATALOG_SERVICE_CLASS: return put_service_class(key, item);
    case CATALOG_SETTING: return put_setting(key, item);
    default: return put_name_space(key, item);
    }
}

/* --- The sections --------------------------------------------------------- */

/* The key, opened to be read or made to be written; NULL: there is none. */
static HKEY open_key(HKEY above, const WCHAR *name, int write)
{
    HKEY key;
    LSTATUS status =
        write ? RegCreateKeyExW(above, name, 0, NULL, 0, KEY_ALL_ACCESS, NULL,
                                &key, NULL)
              : RegOpenKeyExW(above, name, 0, KEY_READ, &key);

    return status ? NULL : key;
}

static void close_key(HKEY key)
{
    if (key)
        RegCloseKey(key);
}

static HKEY open_section(HKEY parameters, const struct place *place, int write)
{
    HKEY catalog = open_key(parameters, place->catalog, write), entries;

    if (!catalog || !place->entries)
        return catalog;
    entries = open_key(catalog, place->entries, write);
    close_key(catalog);
    return entries;
}

/* The names are ASCII. */
static void complain(const WCHAR *catalog, const WCHAR *entry)
{
    static LONG told; /* a store has one message a process */
    char catalog_text[64], entry_text[64];

    if (InterlockedExchange(&told, 1) ||
        !WideCharToMultiByte(CP_ACP, 0, catalog, -1, catalog_text,
                             sizeof(catalog_text), NULL, NULL) ||
        !WideCharToMultiByte(CP_ACP, 0, entry, -1, entry_text,
                             sizeof(entry_text), NULL, NULL))
        return;
    fprintf(stderr,
            "ws2emu: registry, WinSock2\\Parameters\\%s: %s is not an entry; "
            "it is left out\n",
            catalog_text, entry_text);
}

/* The name of an entry's key. */
static void entry_name(const struct place *place, unsigned int number,
                       WCHAR *name)
{
    static const WCHAR digits[] = L"0123456789ABCDEF";
    int i;

    name[place->digits] = 0;
    for (i = place->digits - 1; i >= 0; i--) {
        name[i] = digits[number % (unsigned int)place->base];
        number /= (unsigned int)place->base;
    }
}

static int load_section(HKEY parameters, uint32_t section,
                        struct catalog_items *list)
{
    const struct place *place = &places[section];
    HKEY entries = open_section(parameters, place, 0), key;
    struct catalog_item *item;
    WCHAR name[64];
    DWORD i, length;

    /* The names are numbers of the same length, and come in their order. */
    for (i = 0; entries && i < CATALOG_MAX_ITEMS; i++) {
        length = sizeof(name) / sizeof(*name);
        if (RegEnumKeyExW(entries, i, name, &length, NULL, NULL, NULL, NULL))
            break;
        key = open_key(entries, name, 0);
        item = key ? get_item(key, section) : NULL;
        close_key(key);
        if (!item)
            complain(place->catalog, name);
        else if (!catalog_items_insert(list, list->n, item)) {
            close_key(entries);
            return WS2_NOT_ENOUGH_MEMORY;
        }
    }
    close_key(entries);
    return 0;
}

/* Deletes the keys of the entries from a number on. */
static void truncate_section(HKEY entries, const struct place *place,
                             unsigned int from)
{
    WCHAR name[ENTRY_NAME];

    for (;; from++) {
        entry_name(place, from, name);
        if (RegDeleteTreeW(entries, name))
            return;
    }
}

static int save_section(HKEY parameters, uint32_t section,
                        const struct catalog_items *list)
{
    const struct place *place = &places[section];
    HKEY entries = open_section(parameters, place, 1), catalog, key;
    unsigned int number = 0;
    WCHAR name[ENTRY_NAME];
    uint32_t i;
    int done = entries != NULL;

    for (i = 0; done && i < list->n; i++) {
        if (list->items[i]->section != section)
            continue;
        entry_name(place, ++number, name);
        key = open_key(entries, name, 1);
        done = key && put_item(key, list->items[i]);
        close_key(key);
    }
    if (done)
        truncate_section(entries, place, number + 1);
    close_key(entries);
    if (!done || !place->count)
        return done;
    catalog = open_key(parameters, place->catalog, 1);
    done = catalog && put_number(catalog, place->count, number) &&
           put_number(catalog, L"Serial_Access_Num",
                      get_number(catalog, L"Serial_Access_Num", 0) + 1);
    close_key(catalog);
    return done;
}

static HKEY open_parameters(int write)
{
    return open_key(HKEY_LOCAL_MACHINE, PARAMETERS, write);
}

HKEY catalog_open_parameters(void)
{
    return open_parameters(1);
}

/* --- The host's functions ------------------------------------------------- */

/* Which of both is meant is the same as long as the process runs. */
const char *catalog_file_path(void)
{
    const char *path = posix_environment("WS2EMU_CATALOG");

    return path && *path ? path : NULL;
}

static int registry_lock(void **ret_lock)
{
    HANDLE mutex = CreateMutexW(NULL, FALSE, L"Global\\ws2emu-catalog");
    DWORD result;

    if (!mutex)
        return WS2_NO_RECOVERY;
    result = WaitForSingleObject(mutex, LOCK_TIMEOUT_MS);
    if (result == WAIT_OBJECT_0 || result == WAIT_ABANDONED) {
        *ret_lock = mutex;
        return 0;
    }
    handle_close_unhooked(mutex);
    return WS2_TRY_AGAIN;
}

static void registry_unlock(void *lock)
{
    ReleaseMutex(lock);
    handle_close_unhooked(lock);
}

int host_catalog_lock(void **ret_lock)
{
    const char *file = catalog_file_path();

    return file ? catalog_file_lock(file, (struct catalog_lock **)ret_lock)
                : registry_lock(ret_lock);
}

void host_catalog_unlock(void *lock)
{
    if (catalog_file_path())
        catalog_file_unlock(lock);
    else
        registry_unlock(lock);
}

int host_catalog_load(struct catalog_items *ret)
{
    const char *file = catalog_file_path();
    HKEY parameters, catalog;
    void *lock = NULL;
    uint32_t section;
    int error = 0;

    if (file)
        return catalog_file_load(file, ret);
    memset(ret, 0, sizeof(*ret));
    parameters = open_parameters(0);
    if (!parameters)
        return 0;
    /* The mutex belongs to the thread: a writer that reads has it already.
       Without it a reader may see entries of two states. */
    if (registry_lock(&lock))
        lock = NULL;
    for (section = 0; !error && section < CATALOG_SECTIONS; section++)
        error = load_section(parameters, section, ret);
    catalog = open_key(parameters, places[CATALOG_TRANSPORT].catalog, 0);
    ret->next_id = get_number(catalog, L"Next_Catalog_Entry_ID", 0);
    close_key(catalog);
    if (lock)
        registry_unlock(lock);
    close_key(parameters);
    if (error)
        catalog_items_free(ret);
    return error;
}

int host_catalog_save(const struct catalog_items *list)
{
    const char *file = catalog_file_path();
    HKEY parameters, catalog;
    uint32_t section;
    int done;

    if (file)
        return catalog_file_save(file, list);
    parameters = open_parameters(1);
    done = parameters != NULL;
    for (section = 0; done && section < CATALOG_SECTIONS; section++)
        done = save_section(parameters, section, list);
    if (done) {
        catalog = open_key(parameters, places[CATALOG_TRANSPORT].catalog, 1);
        done = catalog && put_number(catalog, L"Next_Catalog_Entry_ID",
                                     list->next_id);
        close_key(catalog);
    }
    close_key(parameters);
    return done ? 0 : WS2_NO_RECOVERY;
}

uint64_t host_catalog_stamp(void)
{
    const char *file = catalog_file_path();
    HKEY parameters, transports, name_spaces;
    void *lock = NULL;
    uint64_t stamp;

    if (file)
        return catalog_file_stamp(file);
    parameters = open_parameters(0);
    if (!parameters)
        return 0;
    /* A writer counts each section: all of its change is one. */
    if (registry_lock(&lock))
        lock = NULL;
    transports = open_key(parameters, L"Protocol_Catalog9", 0);
    name_spaces = open_key(parameters, L"NameSpace_Catalog5", 0);
    stamp = (uint64_t)get_number(transports, L"Serial_Access_Num", 0) << 32 |
            get_number(name_spaces, L"Serial_Access_Num", 0);
    close_key(transports);
    close_key(name_spaces);
    if (lock)
        registry_unlock(lock);
    close_key(parameters);
    return stamp;
}
