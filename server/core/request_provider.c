/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests about providers of name spaces in programs: ADVERTISE, CONTACT. */
#include "core/advertisement.h"
#include "core/request.h"

int request_advertise(struct request *request,
                      const struct wire_advertise_request *frame,
                      struct wire_advertise_reply *reply)
{
    (void)reply;
    return advertisement_make(request->client, frame->provider,
                              &request->reply_fd);
}

int request_contact(struct request *request,
                    const struct wire_contact_request *frame,
                    struct wire_contact_reply *reply)
{
    (void)reply;
    return advertisement_contact(request->client, frame->provider,
                                 &request->reply_fd);
}
