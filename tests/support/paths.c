/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets of AF_UNIX for suites; see paths.h. */
#include "support/paths.h"

#include <stdio.h>

#include "support/platform.h"

const char *path_file(const char *name)
{
    static char path[512];

    snprintf(path, sizeof(path), "%s/%s", test_directory(), name);
    return path;
}

struct sockaddr_un path_place(const char *name)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    const char *file = path_file(name);
    size_t used = 0;

    if (test_target() != TARGET_NATIVE) {
        memcpy(un.sun_path, "Z:", 2);
        used = 2;
    }
    CHECK(used + strlen(file) < sizeof(un.sun_path));
    for (; *file; file++)
        un.sun_path[used++] =
            (char)(test_target() != TARGET_NATIVE && *file == '/' ? '\\'
                                                                  : *file);
    return un;
}

void path_forget(const char *name)
{
    CHECK_EQ(remove(path_file(name)), 0);
}

void path_make_file(const char *name)
{
    FILE *file = fopen(path_file(name), "w");

    CHECK(file != NULL);
    fclose(file);
}

SOCKET unix_socket(void)
{
    return CHECK_SOCKET(socket(AF_UNIX, SOCK_STREAM, 0));
}

int unix_bind(SOCKET s, const struct sockaddr_un *name)
{
    return bind(s, (const struct sockaddr *)name, sizeof(*name));
}

int unix_connect(SOCKET s, const struct sockaddr_un *name)
{
    return connect(s, (const struct sockaddr *)name, sizeof(*name));
}

SOCKET unix_listener(const char *file, struct sockaddr_un *ret_name)
{
    SOCKET s = unix_socket();

    *ret_name = path_place(file);
    CHECK_OK(unix_bind(s, ret_name));
    CHECK_OK(listen(s, 5));
    return s;
}

void unix_pair(SOCKET *client, SOCKET *server)
{
    struct sockaddr_un name;
    SOCKET listener = unix_listener("pair", &name);

    *client = unix_socket();
    CHECK_OK(unix_connect(*client, &name));
    *server = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(listener);
    path_forget("pair");
}

void path_check_local(SOCKET s, const char *path)
{
    struct sockaddr_un name;
    int length = sizeof(name);

    memset(&name, 0x55, sizeof(name));
    CHECK_OK(getsockname(s, (struct sockaddr *)&name, &length));
    CHECK_EQ(name.sun_family, AF_UNIX);
    CHECK_EQ(length, sizeof(name));
    CHECK_THAT(!strcmp(name.sun_path, path), "local name is %s", name.sun_path);
}

void path_check_peer(SOCKET s, const char *path)
{
    struct sockaddr_un name;
    int length = sizeof(name);

    memset(&name, 0x55, sizeof(name));
    CHECK_OK(getpeername(s, (struct sockaddr *)&name, &length));
    CHECK_EQ(name.sun_family, AF_UNIX);
    CHECK_EQ(length, sizeof(name));
    CHECK_THAT(!strcmp(name.sun_path, path), "peer is %s", name.sun_path);
}
