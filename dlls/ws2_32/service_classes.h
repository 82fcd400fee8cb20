/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Service classes: what a look-up is for.  Those of TCP/IP are well known
 * (svcguid.h of Windows' SDK): each port is one, and so are questions for
 * hosts and services by name.
 */
#ifndef WS2EMU_SERVICE_CLASSES_H
#define WS2EMU_SERVICE_CLASSES_H

#include <winsock2.h>

enum service_class_kind {
    SERVICE_CLASS_HOST_NAME,       /* SVCID_HOSTNAME */
    SERVICE_CLASS_HOST_BY_NAME,    /* SVCID_INET_HOSTADDRBYNAME, DNS_TYPE_A */
    SERVICE_CLASS_INET6_HOST,      /* SVCID_DNS_TYPE_AAAA */
    SERVICE_CLASS_HOST_BY_ADDRESS, /* SVCID_INET_HOSTADDRBYINETSTRING */
    SERVICE_CLASS_SERVICE_BY_NAME, /* SVCID_INET_SERVICEBYNAME */
    SERVICE_CLASS_PORT,            /* SVCID_TCP(port), SVCID_UDP(port) */
};

struct service_class {
    enum service_class_kind kind;
    int port;     /* host order; 0: none */
    int protocol; /* IPPROTO_TCP, IPPROTO_UDP, 0 */
};

/* A class of TCP/IP, or an installed one that has a port.  FALSE: neither. */
BOOL service_class_read(const GUID *id, struct service_class *ret);

/* All that is known of a class, in one block from malloc.  NULL: nothing, or no
   memory. */
WSASERVICECLASSINFOW *service_class_describe(const GUID *id);

/* NSPInstallServiceClass and NSPRemoveServiceClass of the provider that keeps
   classes: 0, or SOCKET_ERROR with the last error. */
INT service_class_keep(const WSASERVICECLASSINFOW *info);
INT service_class_forget(const GUID *id);

/* NSPGetServiceClassInfo for all classes; the id is that of *info.  Returns
   0, or SOCKET_ERROR with the last error: WSATYPE_NOT_FOUND, WSAEFAULT. */
INT service_class_info(DWORD *length, WSASERVICECLASSINFOW *info);

#endif
