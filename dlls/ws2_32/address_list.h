/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lists of addresses that getaddrinfo and its forms return, and the
 * questions that they answer.
 *
 * ADDRINFOA, ADDRINFOW and the ADDRINFOEX forms agree on all fields up to
 * ai_addr; the name is char or WCHAR, and the extended forms have more fields
 * before ai_next.  So one builder makes all lists.
 */
#ifndef WS2EMU_ADDRESS_LIST_H
#define WS2EMU_ADDRESS_LIST_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include "provider_addresses.h"

enum { QUESTION_NODE_SIZE = 1026, QUESTION_SERVICE_SIZE = 256 };

enum address_list_form {
    ADDRESS_LIST_NARROW,
    ADDRESS_LIST_WIDE,
    ADDRESS_LIST_EXTENDED,
    ADDRESS_LIST_EXTENDED_WIDE,
};

/* A question that has been checked and copied from the program's memory, so
   that it can be asked later as well. */
struct address_question {
    enum address_list_form form;
    int flags, family, type, protocol;
    BOOL has_node, has_service;
    struct provider_filter filter; /* whom to ask; NS_ALL after reading */
    char node[QUESTION_NODE_SIZE];       /* UTF-8 */
    char service[QUESTION_SERVICE_SIZE]; /* UTF-8 */
};

/*
 * Reads a question of the program's: strings and hints of the form, each of
 * which may be NULL.  Returns 0 or an EAI code: WSAHOST_NOT_FOUND (neither
 * node nor service, or a node that cannot be a name), WSATYPE_NOT_FOUND (a
 * service that cannot be one), WSANO_RECOVERY, WSAEAFNOSUPPORT,
 * WSAESOCKTNOSUPPORT, WSAEINVAL (of hints), WSAEFAULT.
 */
int address_question_read(enum address_list_form form, const void *node,
                          const void *service, const void *hints,
                          struct address_question *ret);

/* Asks it.  *ret_list: what the program gets, of the question's form.  Returns
   0 or an EAI code. */
int address_question_ask(const struct address_question *question,
                         void **ret_list);

/* Frees a list of any form; NULL is one. */
void address_list_free(void *list, enum address_list_form form);

#endif
