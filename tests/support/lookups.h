/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What suites about WSALookupServiceBegin and service classes have in
   common. */
#ifndef TESTS_SUPPORT_LOOKUPS_H
#define TESTS_SUPPORT_LOOKUPS_H

#include "support/sockets.h"

/* The GUID of a class of hosts or of services (svcguid.h). */
#define SERVICE_CLASS(data1)                                                   \
    {                                                                          \
        data1, 0, 0, { 0xc0, 0, 0, 0, 0, 0, 0, 0x46 }                          \
    }

/* The provider of NS_DNS. */
#define DNS_PROVIDER                                                           \
    {                                                                          \
        0x22059d40, 0x7e9e, 0x11cf,                                            \
        {                                                                      \
            0xae, 0x5a, 0x00, 0xaa, 0x00, 0xa7, 0x11, 0x2b                     \
        }                                                                      \
    }

/* Room for one result of WSALookupServiceNext. */
union result {
    char bytes[8192];
    WSAQUERYSETW wide;
    WSAQUERYSETA narrow;
};

#endif
