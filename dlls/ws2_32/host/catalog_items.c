/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of catalog items, in memory.
 *
 * A list owns its items, and an item its strings and data, in one block.
 */
#include "host/catalog.h"

#include <stdlib.h>
#include <string.h>

static size_t length_of(const uint16_t *text)
{
    size_t n = 0;

    while (text && text[n])
        n++;
    return n;
}

static uint16_t *put_text(uint16_t *to, const uint16_t *text, size_t length)
{
    if (length)
        memcpy(to, text, length * sizeof(*to));
    to[length] = 0;
    return to;
}

struct catalog_item *catalog_item_new(uint32_t section, const uint16_t *path,
                                      const uint16_t *text, const void *data,
                                      uint32_t data_size)
{
    size_t path_length = length_of(path), text_length = length_of(text);
    /* The data comes first, for what it holds has an alignment. */
    size_t data_room = (data_size + 15u) & ~(size_t)15;
    struct catalog_item *item;

    item = malloc(sizeof(*item) + data_room +
                  (path_length + text_length + 2) * sizeof(uint16_t));
    if (!item)
        return NULL;
    memset(item, 0, sizeof(*item));
    item->section = section;
    item->data = (uint8_t *)(item + 1);
    item->data_size = data_size;
    if (data_size)
        memcpy(item->data, data, data_size);
    item->path = put_text((uint16_t *)(void *)(item->data + data_room), path,
                          path_length);
    item->text = put_text(item->path + path_length + 1, text, text_length);
    return item;
}

void catalog_item_free(struct catalog_item *item)
{
    free(item);
}

int catalog_items_insert(struct catalog_items *list, uint32_t at,
                         struct catalog_item *item)
{
    struct catalog_item **items;
    uint32_t room;

    if (!item)
        return 0;
    if (list->n == list->room) {
        room = list->room ? 2 * list->room : 16;
        items = realloc(list->items, room * sizeof(struct catalog_item *));
        if (!items) {
            catalog_item_free(item);
            return 0;
        }
        list->items = items;
        list->room = room;
    }
    memmove(&list->items[at + 1], &list->items[at],
            (list->n - at) * sizeof(struct catalog_item *));
    list->items[at] = item;
    list->n++;
    return 1;
}

void catalog_items_remove(struct catalog_items *list, uint32_t at)
{
    catalog_item_free(list->items[at]);
    list->n--;
    memmove(&list->items[at], &list->items[at + 1],
            (list->n - at) * sizeof(struct catalog_item *));
}

void catalog_items_free(struct catalog_items *list)
{
    uint32_t i;

    for (i = 0; i < list->n; i++)
        catalog_item_free(list->items[i]);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

/* --- Text ----------------------------------------------------------------- */

/* The next character of UTF-16; unpaired surrogates are U+FFFD. */
static uint32_t next_of_utf16(const uint16_t **text)
{
    uint32_t first = *(*text)++;

    if (first < 0xd800 || first > 0xdfff)
        return first;
    if (first > 0xdbff || **text < 0xdc00 || **text > 0xdfff)
        return 0xfffd;
    return 0x10000 + ((first - 0xd800) << 10) + (*(*text)++ - 0xdc00u);
}

char *catalog_text_to_utf8(const uint16_t *text)
{
    char *utf8 = malloc(3 * length_of(text) + 1), *to = utf8;

    if (!utf8)
        return NULL;
    while (*text) {
        uint32_t c = next_of_utf16(&text);

        if (c < 0x80) {
            *to++ = (char)c;
        } else if (c < 0x800) {
            *to++ = (char)(0xc0 | c >> 6);
            *to++ = (char)(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            *to++ = (char)(0xe0 | c >> 12);
            *to++ = (char)(0x80 | (c >> 6 & 0x3f));
            *to++ = (char)(0x80 | (c & 0x3f));
        } else {
            *to++ = (char)(0xf0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3f));
            *to++ = (char)(0x80 | (c >> 6 & 0x3f));
            *to++ = (char)(0x80 | (c & 0x3f));
        }
    }
    *to = '\0';
    return utf8;
}

/* The next character of UTF-8; what is none is U+FFFD, one byte of it. */
static uint32_t next_of_utf8(const unsigned char **text)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *from = *text;
    uint32_t c = *from++, more, i;

    *text = from;
    if (c < 0x80)
        return c;
    more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4)
        return 0xfffd;
    c &= 0x3fu >> more;
    for (i = 0; i < more; i++) {
        if ((from[i] & 0xc0) != 0x80)
            return 0xfffd;
        c = c << 6 | (from[i] & 0x3f);
    }
    if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0xfffd;
    *text = from + more;
    return c;
}

uint16_t *catalog_text_from_utf8(const char *text)
{
    const unsigned char *from = (const unsigned char *)text;
    uint16_t *utf16 = malloc((strlen(text) + 1) * sizeof(*utf16)), *to = utf16;

    if (!utf16)
        return NULL;
    while (*from) {
        uint32_t c = next_of_utf8(&from);

        if (c >= 0x10000) {
            *to++ = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        *to++ = (uint16_t)c;
    }
    *to = 0;
    return utf16;
}
