/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helpers that are open, and the checks that all helper functions make.
 * A helper holds nothing: it is a right to call.
 */
#include "helpers.h"

#include <winsock2.h>

#include "api.h"
#include "unix/boundary.h"

#include <pthread.h>
#include <stdlib.h>

#define MAX_HELPERS 4096

struct helper {
    struct helper *next;
    HANDLE value;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct helper *helpers;         /* under lock; so for the next */
static uint32_t n_helpers, last_number;

/* --- Arguments ------------------------------------------------------------ */

int helper_check(const void *program, uint32_t length)
{
    return program == NULL ? WSA_INVALID_PARAMETER
                           : unix_memory_check(program, length, 0);
}

int helper_read(void *to, const void *program_from, uint32_t length)
{
    return program_from == NULL ? WSA_INVALID_PARAMETER
                                : unix_memory_read(to, program_from, length);
}

int helper_begin(void *program_to, uint32_t length)
{
    if (program_to == NULL)
        return WSA_INVALID_PARAMETER;
    if (api_prepare())
        return WSA_NOT_ENOUGH_MEMORY;
    return unix_memory_check(program_to, length, 1);
}

/* --- Helpers -------------------------------------------------------------- */

/* Under lock. */
static struct helper **find(HANDLE value)
{
    struct helper **place = &helpers;

    while (*place != NULL && (*place)->value != value)
        place = &(*place)->next;
    return place;
}

static BOOL is_kind(enum helper_kind kind, HANDLE value)
{
    return value == helper_value(kind, helper_number(value));
}

int helper_open(enum helper_kind kind, LPHANDLE ret_helper)
{
    struct helper *helper;
    HANDLE value = NULL;
    int error = helper_begin(ret_helper, sizeof(*ret_helper));

    if (error)
        return error;
    helper = malloc(sizeof(*helper));
    if (helper == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    pthread_mutex_lock(&lock);
    if (n_helpers < MAX_HELPERS) {
        do
            value = helper_value(kind, ++last_number);
        while (*find(value) != NULL);
        helper->value = value;
        helper->next = helpers;
        helpers = helper;
        n_helpers++;
    }
    pthread_mutex_unlock(&lock);
    if (value == NULL) {
        free(helper);
        return WSA_NOT_ENOUGH_MEMORY;
    }
    error = unix_memory_write(ret_helper, &value, sizeof(value));
    if (error)
        (void)helper_close(kind, value);
    return error;
}

int helper_close(enum helper_kind kind, HANDLE value)
{
    struct helper **place, *closed = NULL;

    pthread_mutex_lock(&lock);
    place = find(value);
    if (*place != NULL && is_kind(kind, value)) {
        closed = *place;
        *place = closed->next;
        n_helpers--;
    }
    pthread_mutex_unlock(&lock);
    free(closed);
    return closed == NULL ? WSA_INVALID_PARAMETER : 0;
}

int helper_find(enum helper_kind kind, HANDLE value)
{
    BOOL found;

    pthread_mutex_lock(&lock);
    found = *find(value) != NULL && is_kind(kind, value);
    pthread_mutex_unlock(&lock);
    return found ? 0 : WSA_INVALID_PARAMETER;
}

void helpers_forked(void)
{
    pthread_mutex_init(&lock, NULL);
}
