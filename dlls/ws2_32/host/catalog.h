/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The store of the catalogs of providers, as the host keeps it.
 *
 * A store is a list of items; the order of those of one section is the order
 * of that catalog.  The host knows how an item is written, not what it means:
 * that is catalog_store.c's of the API, which checks every item that it reads.
 *
 * Where it is kept:
 *
 *   $WS2EMU_CATALOG          when that is set: a file, whatever the host
 *   natively                 $XDG_CONFIG_HOME/ws2emu/catalog, else
 *                            $HOME/.config/ws2emu/catalog
 *   under Wine               HKLM\SYSTEM\CurrentControlSet\Services\WinSock2\
 *                            Parameters, in the keys and the packing of Windows
 *
 * Fixed-width types only.  Functions return 0 or a Winsock error code.
 */
#ifndef WS2EMU_HOST_CATALOG_H
#define WS2EMU_HOST_CATALOG_H

#include <stdint.h>

enum catalog_section {
    CATALOG_TRANSPORT,     /* data: a WSAPROTOCOL_INFOW; path: the library;
                              numbers: LSP categories, whether it has them */
    CATALOG_TRANSPORT_32,  /* the same for 32-bit programs */
    CATALOG_NAME_SPACE,    /* data: the GUID, then the provider's own; path;
                              text: the identifier; numbers: the name space,
                              version, enabled, stores classes */
    CATALOG_NAME_SPACE_32, /* the same for 32-bit programs */
    CATALOG_APPLICATION,   /* path: the program; text: its arguments;
                              numbers: the categories that it permits */
    CATALOG_SERVICE_CLASS, /* data: the GUID, then what it has for each name
                              space; text: the class's name */
    CATALOG_SETTING,       /* text: its name; numbers: its value */
    CATALOG_SECTIONS,
};

#define CATALOG_NUMBERS 4
/* Far more than any system has; what comes after is not read. */
#define CATALOG_MAX_ITEMS 4096
#define CATALOG_MAX_DATA 65536

struct catalog_item {
    uint32_t section;
    uint32_t numbers[CATALOG_NUMBERS];
    uint16_t *path; /* UTF-16, never NULL; so is text */
    uint16_t *text;
    uint8_t *data;
    uint32_t data_size;
};

struct catalog_items {
    uint32_t next_id; /* for the next entry; 0: not known */
    uint32_t n, room;
    struct catalog_item **items;
};

/* --- Lists (catalog_items.c) ---------------------------------------------- */

/* A copy of all that is pointed to; NULL strings are empty.  NULL: no
   memory. */
struct catalog_item *catalog_item_new(uint32_t section, const uint16_t *path,
                                      const uint16_t *text, const void *data,
                                      uint32_t data_size);
void catalog_item_free(struct catalog_item *item);

/* Puts an item at a place (n: the end); the list owns it then.  0: no memory,
   and the item is freed. */
int catalog_items_insert(struct catalog_items *list, uint32_t at,
                         struct catalog_item *item);
void catalog_items_remove(struct catalog_items *list, uint32_t at);
void catalog_items_free(struct catalog_items *list);

/* UTF-16 and UTF-8; both come from malloc, NULL: no memory. */
char *catalog_text_to_utf8(const uint16_t *text);
uint16_t *catalog_text_from_utf8(const char *text);

/* --- The host's ----------------------------------------------------------- */

/* Between these two no other process changes the store.  WS2_TRY_AGAIN:
   another one did not let go in time; WS2_NO_RECOVERY: not writable. */
int host_catalog_lock(void **ret_lock);
void host_catalog_unlock(void *lock);

/* Reads all of it; what cannot be read is told on stderr, once in a process,
   and left out.  No store at all is an empty one.  WS2_NOT_ENOUGH_MEMORY,
   WS2_NO_RECOVERY. */
int host_catalog_load(struct catalog_items *ret);
/* Replaces it, with the lock held.  WS2_NO_RECOVERY. */
int host_catalog_save(const struct catalog_items *list);

/* A number that is another one after each change of the store. */
uint64_t host_catalog_stamp(void);

/* Watches the store from now on.  WS2_EOPNOTSUPP: there is no place for one;
   WS2_NOT_ENOUGH_MEMORY. */
int host_catalog_watch_new(void **ret_watch);
/* Sleeps until it may have changed: 0; WS2_EINTR: stopped. */
int host_catalog_watch_wait(void *watch);
void host_catalog_watch_stop(void *watch); /* any thread, also before a wait */
void host_catalog_watch_free(void *watch);

/* --- Files of the format (catalog_file.c), for both hosts ----------------- */

struct catalog_lock;

int catalog_file_lock(const char *path, struct catalog_lock **ret_lock);
void catalog_file_unlock(struct catalog_lock *lock);
int catalog_file_load(const char *path, struct catalog_items *ret);
int catalog_file_save(const char *path, const struct catalog_items *list);
uint64_t catalog_file_stamp(const char *path);

/* The same for a file (catalog_watch.c). */
struct catalog_file_watch;
int catalog_file_watch_new(const char *path, struct catalog_file_watch **ret);
int catalog_file_watch_wait(struct catalog_file_watch *watch);
void catalog_file_watch_stop(struct catalog_file_watch *watch);
void catalog_file_watch_free(struct catalog_file_watch *watch);

#endif
