/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Intrusive doubly linked list.
 *
 * A head and its links are the same struct.  A link that is in no list points
 * to itself, so list_remove may be called on it, and twice.
 */
#ifndef UTIL_LIST_H
#define UTIL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *previous;
    struct list *next;
};

/* The object of the given type whose member `member` is `link`. */
#define list_entry(link, type, member) \
    ((type *)((char *)(link) - offsetof(type, member)))

/* Walks the list; the link at hand may be removed in the body. */
#define list_for_each(link, following, head)                        \
    for ((link) = (head)->next, (following) = (link)->next;         \
         (link) != (head);                                          \
         (link) = (following), (following) = (link)->next)

static inline void list_init(struct list *list)
{
    list->previous = list->next = list;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

/* Puts the link before `position`: at the end, when that is the head. */
static inline void list_insert(struct list *position, struct list *link)
{
    link->previous = position->previous;
    link->next = position;
    position->previous->next = link;
    position->previous = link;
}

static inline void list_append(struct list *head, struct list *link)
{
    list_insert(head, link);
}

static inline void list_remove(struct list *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_init(link);
}

#endif
