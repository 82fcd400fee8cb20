/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets that came from another process: whatever the bytes are, what is taken
 * for a set lies in them.
 */
#include <winsock2.h>

#include "query_set.h"
#include "runner.h"

#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200000 };

/* A set with all its parts, as a block. */
static char *make_block(size_t *ret_size)
{
    static WCHAR text[] = {'t', 'e', 'x', 't', 0};
    static struct sockaddr_in name = {.sin_family = AF_INET};
    static CSADDR_INFO info[3];
    static AFPROTOCOLS protocols[2] = {{2, 6}, {23, 17}};
    static GUID id = {1, 2, 3, {4}}, class = {5, 6, 7, {8}};
    static WSAVERSION version = {1, COMP_EQUAL};
    static BYTE bytes[100];
    static BLOB blob = {sizeof(bytes), bytes};
    const WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = text,
        .lpServiceClassId = &class,
        .lpVersion = &version,
        .lpszComment = text,
        .lpNSProviderId = &id,
        .lpszContext = text,
        .dwNumberOfProtocols = 2,
        .lpafpProtocols = protocols,
        .lpszQueryString = text,
        .dwNumberOfCsAddrs = 3,
        .lpcsaBuffer = info,
        .lpBlob = &blob,
    };
    char *block;
    int i;

    for (i = 0; i < 3; i++) {
        info[i].LocalAddr.lpSockaddr = (struct sockaddr *)&name;
        info[i].LocalAddr.iSockaddrLength = sizeof(name);
        info[i].RemoteAddr = info[i].LocalAddr;
    }
    *ret_size = query_set_write(&set, TRUE, NULL, 0, 0);
    block = malloc(*ret_size);
    query_set_write(&set, TRUE, block, *ret_size, 0);
    return block;
}

/* Reads every byte that the set leads to. */
static unsigned int sum;

static void read_bytes(const void *part, size_t size)
{
    const unsigned char *bytes = part;

    while (part && size-- > 0)
        sum += *bytes++;
}

static void read_text(const WCHAR *text)
{
    while (text && *text)
        sum += *text++;
}

static void read_set(const WSAQUERYSETW *set)
{
    DWORD i;

    read_bytes(set->lpServiceClassId, sizeof(GUID));
    read_bytes(set->lpNSProviderId, sizeof(GUID));
    read_bytes(set->lpVersion, sizeof(WSAVERSION));
    read_bytes(set->lpafpProtocols,
               set->dwNumberOfProtocols * sizeof(AFPROTOCOLS));
    for (i = 0; set->lpcsaBuffer && i < set->dwNumberOfCsAddrs; i++) {
        const CSADDR_INFO *info = &set->lpcsaBuffer[i];

        read_bytes(info->LocalAddr.lpSockaddr,
                   (size_t)info->LocalAddr.iSockaddrLength);
        read_bytes(info->RemoteAddr.lpSockaddr,
                   (size_t)info->RemoteAddr.iSockaddrLength);
    }
    if (set->lpBlob)
        read_bytes(set->lpBlob->pBlobData, set->lpBlob->cbSize);
    read_text(set->lpszServiceInstanceName);
    read_text(set->lpszComment);
    read_text(set->lpszContext);
    read_text(set->lpszQueryString);
}

static void a_good_one(void)
{
    size_t size, again;
    char *block = make_block(&size), *copy = malloc(size);
    WSAQUERYSETW *set = (WSAQUERYSETW *)(void *)copy;

    memcpy(copy, block, size);
    CU_ASSERT(query_set_adopt(copy, size));
    read_set(set);
    CU_ASSERT_EQUAL(set->lpszContext[0], 't');
    CU_ASSERT_EQUAL(set->lpcsaBuffer[2].RemoteAddr.lpSockaddr->sa_family,
                    AF_INET);
    CU_ASSERT_EQUAL(set->lpBlob->cbSize, 100);
    again = query_set_write(set, TRUE, NULL, 0, 0);
    CU_ASSERT_EQUAL(again, size);
    query_set_write(set, TRUE, copy, 0, 0); /* no room: nothing is written */
    free(copy);
    free(block);
}

static void every_length(void)
{
    size_t size, i;
    char *block = make_block(&size);

    for (i = 0; i < size; i++) {
        char *copy = malloc(i + 1);

        memcpy(copy, block, i);
        /* Only what pads the last string may be missing. */
        CU_ASSERT(!query_set_adopt(copy, i) || i + 8 > size);
        free(copy);
    }
    free(block);
}

static void any_bytes(void)
{
    size_t size, at;
    char *block = make_block(&size), *copy;
    int i, n, taken = 0;

    srand(4711);
    for (i = 0; i < ROUNDS; i++) {
        copy = malloc(size);
        memcpy(copy, block, size);
        for (n = rand() % 4 + 1; n > 0; n--) {
            at = (size_t)rand() % size;
            /* Mostly offsets that may be ones. */
            if (rand() % 2) {
                at = at % (size / 8) * 8;
                memset(copy + at, 0, 8);
                copy[at + 1] = (char)(rand() % 4);
            }
            copy[at] = (char)(rand() % 3 ? rand() & ~7 : rand());
        }
        if (query_set_adopt(copy, size)) {
            read_set((const WSAQUERYSETW *)(const void *)copy);
            taken++;
        }
        free(copy);
    }
    CU_ASSERT(taken > 0 && taken < ROUNDS);
    free(block);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a good one", a_good_one},
        {"every length", every_length},
        {"any bytes", any_bytes},
        CU_TEST_INFO_NULL,
    };

    return test_main("set_blocks", tests);
}
