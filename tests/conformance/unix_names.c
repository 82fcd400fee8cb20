/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of sockets of AF_UNIX, as "AF_UNIX comes to Windows" (Windows command
 * line blog) describes them and as Windows programs report them to be.
 */
#include "support/paths.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/platform.h"

static void names_are_what_the_program_said(void)
{
    struct sockaddr_un name, from;
    int length = sizeof(from);
    SOCKET listener, client = unix_socket(), server;

    CHECK_ERROR(getsockname(client, (struct sockaddr *)&from, &length),
                WSAEINVAL);
    CHECK_ERROR(getpeername(client, (struct sockaddr *)&from, &length),
                WSAENOTCONN);
    listener = unix_listener("names", &name);
    path_check_local(listener, name.sun_path);
    CHECK_OK(unix_connect(client, &name));
    memset(&from, 0x55, sizeof(from));
    server = CHECK_SOCKET(accept(listener, (struct sockaddr *)&from, &length));
    CHECK_EQ(from.sun_family, AF_UNIX);
    CHECK_EQ(from.sun_path[0], 0);
    CHECK_EQ(length, sizeof(from));
    path_check_local(client, "");
    path_check_peer(client, name.sun_path);
    path_check_local(server, name.sun_path);
    path_check_peer(server, "");
    length = sizeof(from) - 1;
    CHECK_ERROR(getsockname(server, (struct sockaddr *)&from, &length),
                WSAEFAULT);
    CHECK_EQ(length, sizeof(from) - 1);
    CHECK_ERROR(getpeername(client, (struct sockaddr *)&from, &length),
                WSAEFAULT);
    close_socket(client);
    close_socket(server);
    close_socket(listener);
    path_forget("names");
}

static void a_bound_client_shows_its_name(void)
{
    struct sockaddr_un name, own = path_place("own"), from;
    SOCKET listener = unix_listener("names", &name), client = unix_socket();
    int length = sizeof(from);
    SOCKET server;

    CHECK_OK(unix_bind(client, &own));
    CHECK_OK(unix_connect(client, &name));
    server = CHECK_SOCKET(accept(listener, (struct sockaddr *)&from, &length));
    CHECK_THAT(!strcmp(from.sun_path, own.sun_path), "from %s", from.sun_path);
    path_check_peer(server, own.sun_path);
    path_check_local(client, own.sun_path);
    close_socket(client);
    close_socket(server);
    close_socket(listener);
    path_forget("names");
    path_forget("own");
}

static void short_names_need_no_end(void)
{
    struct sockaddr_un name = path_place("short"), longer = name;
    SOCKET listener = unix_socket(), client = unix_socket();
    int length = (int)(offsetof(struct sockaddr_un, sun_path) +
                       strlen(name.sun_path));

    strcat(longer.sun_path, "er");
    CHECK_OK(bind(listener, (struct sockaddr *)&longer, length));
    path_check_local(listener, name.sun_path);
    CHECK_OK(listen(listener, 1));
    CHECK_OK(connect(client, (struct sockaddr *)&longer, length));
    path_check_peer(client, name.sun_path);
    close_socket(client);
    close_socket(listener);
    path_forget("short");
}

static void the_file_outlives_the_socket(void)
{
    struct sockaddr_un name;
    SOCKET s = unix_listener("stays", &name), again = unix_socket();

    CHECK_ERROR(unix_bind(again, &name), WSAEADDRINUSE);
    close_socket(s);
    CHECK_ERROR(unix_bind(again, &name), WSAEADDRINUSE);
    CHECK_ERROR(unix_connect(again, &name), WSAECONNREFUSED);
    path_forget("stays");
    CHECK_ERROR(unix_connect(again, &name), WSAECONNREFUSED);
    CHECK_OK(unix_bind(again, &name));
    close_socket(again);
    path_forget("stays");
}

static void a_removed_file_leaves_the_connections(void)
{
    struct sockaddr_un name;
    SOCKET listener = unix_listener("gone", &name), client = unix_socket();
    SOCKET server, second = unix_socket();

    CHECK_OK(unix_connect(client, &name));
    path_forget("gone");
    CHECK_ERROR(unix_connect(second, &name), WSAECONNREFUSED);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(client, server, "still");
    close_socket(client);
    close_socket(server);
    close_socket(second);
    close_socket(listener);
}

static void bind_checks_the_name(void)
{
    struct sockaddr_un name = path_place("bind"), other;
    SOCKET s = unix_socket();

    CHECK_ERROR(bind(s, NULL, sizeof(name)), WSAEFAULT);
    CHECK_ERROR(bind(s, (struct sockaddr *)&name, 0), WSAEFAULT);
    CHECK_ERROR(bind(s, (struct sockaddr *)&name, 1), WSAEFAULT);
    CHECK_ERROR(bind(s, (struct sockaddr *)8, sizeof(name)), WSAEFAULT);
    other = name;
    other.sun_family = AF_INET;
    CHECK_ERROR(unix_bind(s, &other), WSAEAFNOSUPPORT);
    other = path_place("no/such/folder");
    CHECK_ERROR(unix_bind(s, &other), WSAENETDOWN);
    path_make_file("plain");
    other = path_place("plain");
    CHECK_ERROR(unix_bind(s, &other), WSAEADDRINUSE);
    CHECK_ERROR(listen(s, 1), WSAEINVAL);
    CHECK_OK(unix_bind(s, &name));
    CHECK_ERROR(unix_bind(s, &name), WSAEINVAL);
    close_socket(s);
    path_forget("bind");
    path_forget("plain");
}

static void connect_checks_the_name_and_state(void)
{
    struct sockaddr_un name, other;
    SOCKET listener = unix_listener("connect", &name), s = unix_socket();

    CHECK_ERROR(connect(s, NULL, sizeof(name)), WSAEFAULT);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, 1), WSAEFAULT);
    other = name;
    other.sun_family = AF_INET6;
    CHECK_ERROR(unix_connect(s, &other), WSAEAFNOSUPPORT);
    other = path_place("no/such/folder");
    CHECK_ERROR(unix_connect(s, &other), WSAECONNREFUSED);
    path_make_file("plain");
    other = path_place("plain");
    CHECK_ERROR(unix_connect(s, &other), WSAECONNREFUSED);
    CHECK_ERROR(unix_connect(listener, &name), WSAEINVAL);
    CHECK_ERROR(recv(s, (char *)&other, 1, 0), WSAENOTCONN);
    CHECK_ERROR(send(s, "x", 1, 0), WSAENOTCONN);
    CHECK_OK(unix_connect(s, &name));
    CHECK_ERROR(unix_connect(s, &name), WSAEISCONN);
    CHECK_ERROR(listen(s, 1), WSAEINVAL);
    close_socket(s);
    close_socket(listener);
    path_forget("connect");
    path_forget("plain");
}

/* "Abstract" addresses: bind takes them, nobody can connect to them. */
static void a_name_without_path_reaches_nobody(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    SOCKET s = unix_socket(), client = unix_socket();

    memcpy(name.sun_path + 1, "abstract", 8);
    CHECK_OK(unix_bind(s, &name));
    CHECK_OK(listen(s, 1));
    path_check_local(s, "");
    CHECK_ERROR(unix_connect(client, &name), WSAEINVAL);
    close_socket(s);
    s = unix_socket();
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name.sun_family)));
    path_check_local(s, "");
    close_socket(s);
    close_socket(client);
}

/* Names whose path in the kernel's words has more bytes than the kernel's
   sun_path: under Wine in a folder of a drive, natively none. */
static void paths_may_be_long(void)
{
    static const int lengths[] = {60, 84, 100};
    struct sockaddr_un name;
    size_t i;

    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        SOCKET listener = unix_socket(), client = unix_socket(), server;
        const char *prefix = getenv("WINEPREFIX");
        char file[1024];
        int used = 0;

        memset(&name, 0, sizeof(name));
        name.sun_family = AF_UNIX;
        if (test_target() == TARGET_NATIVE)
            used = snprintf(name.sun_path, sizeof(name.sun_path), "%s/",
                            test_directory());
        else
            used = snprintf(name.sun_path, sizeof(name.sun_path), "c:\\%u-",
                            test_process_id());
        while (used < lengths[i] + 8 &&
               used < (int)sizeof(name.sun_path) - 1)
            name.sun_path[used++] = 'x';
        if (test_target() == TARGET_NATIVE)
            strcpy(file, name.sun_path);
        else
            snprintf(file, sizeof(file), "%s/dosdevices/c:/%s",
                     prefix ? prefix : "", name.sun_path + 3);
        (void)remove(file);
        CHECK_OK(unix_bind(listener, &name));
        CHECK_OK(listen(listener, 1));
        CHECK_OK(unix_connect(client, &name));
        server = CHECK_SOCKET(accept(listener, NULL, NULL));
        check_passes(client, server, "far");
        path_check_local(server, name.sun_path);
        path_check_peer(client, name.sun_path);
        close_socket(client);
        client = unix_socket();
        CHECK_ERROR(unix_bind(client, &name), WSAEADDRINUSE);
        close_socket(client);
        close_socket(server);
        close_socket(listener);
        CHECK_EQ(remove(file), 0);
    }
}

/* --- Other processes ------------------------------------------------------ */

/* Tells what a duplicate's names are, and sends through it. */
static void tell_names(struct peer *parent, int n_arguments, char **arguments)
{
    WSAPROTOCOL_INFOW info;
    struct sockaddr_un name;
    int length = sizeof(name);
    SOCKET s;

    (void)n_arguments;
    (void)arguments;
    peer_receive(parent, &info, sizeof(info));
    s = open_duplicate(&info);
    CHECK_OK(getsockname(s, (struct sockaddr *)&name, &length));
    peer_send(parent, &name, sizeof(name));
    length = sizeof(name);
    CHECK_OK(getpeername(s, (struct sockaddr *)&name, &length));
    peer_send(parent, &name, sizeof(name));
    CHECK_RESULT(send(s, "dup", 3, 0), 3);
    close_socket(s);
}

static void check_told(SOCKET s, const char *local, const char *peer_path)
{
    struct peer *peer = peer_start("tell_names", NULL);
    WSAPROTOCOL_INFOW info;
    struct sockaddr_un name;

    duplicate(s, peer_pid(peer), &info);
    CHECK_EQ(info.iAddressFamily, AF_UNIX);
    peer_send(peer, &info, sizeof(info));
    peer_receive(peer, &name, sizeof(name));
    CHECK_THAT(!strcmp(name.sun_path, local), "local %s", name.sun_path);
    peer_receive(peer, &name, sizeof(name));
    CHECK_THAT(!strcmp(name.sun_path, peer_path), "peer %s", name.sun_path);
    CHECK_EQ(peer_wait(peer), 0);
}

static void duplicates_know_their_names(void)
{
    struct sockaddr_un name;
    SOCKET listener = unix_listener("dup", &name), client = unix_socket();
    SOCKET server;

    CHECK_OK(unix_connect(client, &name));
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_told(client, "", name.sun_path);
    check_receives(server, "dup");
    check_told(server, name.sun_path, "");
    check_receives(client, "dup");
    close_socket(client);
    close_socket(server);
    close_socket(listener);
    path_forget("dup");
}

static const struct test_case cases[] = {
    TEST_CASE(names_are_what_the_program_said, "03 14: names"),
    TEST_CASE(a_bound_client_shows_its_name, "03 14: the peer's name"),
    TEST_CASE(short_names_need_no_end, "sun_path ends with the length"),
    TEST_CASE(the_file_outlives_the_socket, "bind: EADDRINUSE; stale files"),
    TEST_CASE(a_removed_file_leaves_the_connections, "DeleteFile"),
    TEST_CASE(bind_checks_the_name, "03 3: errors of bind"),
    TEST_CASE(connect_checks_the_name_and_state, "03 5: errors of connect"),
    TEST_CASE(a_name_without_path_reaches_nobody, "abstract addresses"),
    TEST_CASE(paths_may_be_long, "108 bytes of the program's, not of ours"),
    TEST_CASE(duplicates_know_their_names, "WSADuplicateSocket"),
    TEST_END
};
static const struct test_role roles[] = {
    TEST_ROLE(tell_names), TEST_ROLES_END
};
TEST_MAIN("unix_names", cases, roles)
