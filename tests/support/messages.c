/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages for suites; see messages.h. */
#include "support/messages.h"

#include "support/extensions.h"

LPFN_WSASENDMSG send_msg;
LPFN_WSARECVMSG receive_msg;

void messages_find(SOCKET s)
{
    GUID send_id = WSAID_WSASENDMSG, receive_id = WSAID_WSARECVMSG;

    send_msg = (LPFN_WSASENDMSG)extension_of(s, &send_id);
    receive_msg = (LPFN_WSARECVMSG)extension_of(s, &receive_id);
}

void message_init(struct message *m)
{
    memset(m, 0, sizeof(*m));
    m->data = (WSABUF){sizeof(m->bytes), m->bytes};
    m->msg = (WSAMSG){(struct sockaddr *)&m->name, sizeof(m->name), &m->data, 1,
                      {sizeof(m->control), m->control}, 0};
}

int message_receive(SOCKET s, struct message *m)
{
    message_init(m);
    return receive_msg(s, &m->msg, &m->count, NULL, NULL);
}

const void *message_control(const struct message *m, int level, int type,
                            size_t *ret_size)
{
    const WSAMSG *msg = &m->msg;
    WSACMSGHDR *header;

    for (header = WSA_CMSG_FIRSTHDR(msg); header != NULL;
         header = WSA_CMSG_NXTHDR(msg, header))
        if (header->cmsg_level == level && header->cmsg_type == type) {
            *ret_size = header->cmsg_len - sizeof(*header);
            return WSA_CMSG_DATA(header);
        }
    return NULL;
}

int message_int(const struct message *m, int level, int type)
{
    size_t size = 0;
    const void *data = message_control(m, level, type, &size);
    int value = -1;

    CHECK_THAT(data != NULL, "no control data %d %d", level, type);
    CHECK_EQ(size, sizeof(value));
    memcpy(&value, data, sizeof(value));
    return value;
}

void message_add(struct message *m, int level, int type, const void *data,
                 size_t size)
{
    WSACMSGHDR header = {sizeof(header) + size, level, type};
    char *at = m->control + m->msg.Control.len;

    memcpy(at, &header, sizeof(header));
    memcpy(at + sizeof(header), data, size);
    m->msg.Control.len += (ULONG)((header.cmsg_len + 7) & ~(size_t)7);
}

void message_to(struct message *m, const void *name, int length,
                const char *text)
{
    message_init(m);
    memcpy(&m->name, name, (size_t)length);
    m->msg.namelen = length;
    m->msg.Control.len = 0;
    strcpy(m->bytes, text);
    m->data.len = (ULONG)strlen(text);
}

int message_send(SOCKET s, struct message *m)
{
    return WSASendMsg(s, &m->msg, 0, &m->count, NULL, NULL);
}

SOCKET udp6_bound(struct sockaddr_in6 *ret_name)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6};
    int length = sizeof(name);
    SOCKET s = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP));

    name.sin6_addr.s6_addr[15] = 1;
    if (bind(s, (struct sockaddr *)&name, sizeof(name)))
        SKIP("no IPv6 here");
    CHECK_OK(getsockname(s, (struct sockaddr *)&name, &length));
    *ret_name = name;
    return s;
}
