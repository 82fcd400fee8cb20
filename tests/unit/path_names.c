/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths that are longer than the kernel's sun_path; and NAME, by which the
   server remembers what programs call their sockets. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "unix/path_name.h"
#include "util/fd.h"

static char folder[PATH_MAX];

static void make_folder(size_t least)
{
    char part[64] = "/";

    memset(part + 1, 'f', 40);
    strcpy(folder, "/tmp/ws2emu-unit-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    while (strlen(folder) < least) {
        strcat(folder, part);
        CU_ASSERT_EQUAL(mkdir(folder, 0700), 0);
    }
}

static void remove_folder(void)
{
    while (strcmp(folder, "/tmp") != 0) {
        CU_ASSERT_EQUAL(rmdir(folder), 0);
        *strrchr(folder, '/') = '\0';
    }
}

static int stream(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_FATAL(fd >= 0);
    return fd;
}

/* Binds and connects by a name of so many bytes in a folder of so many. */
static void reach(size_t folder_length, size_t name_length)
{
    char path[2 * PATH_MAX], name[NAME_MAX + 2] = "";
    int listener = stream(), client = stream(), second = stream();
    int before = fixture_count_fds(), accepted;

    make_folder(folder_length);
    memset(name, 'n', name_length);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    CU_ASSERT_EQUAL(path_name_connect(client, path), -ENOENT);
    CU_ASSERT_EQUAL(path_name_bind(listener, path), 0);
    CU_ASSERT_EQUAL(path_name_bind(second, path), -EADDRINUSE);
    CU_ASSERT_EQUAL(path_name_connect(client, path), -ECONNREFUSED);
    CU_ASSERT_EQUAL(listen(listener, 1), 0);
    CU_ASSERT_EQUAL(path_name_connect(client, path), 0);
    accepted = accept(listener, NULL, NULL);
    CU_ASSERT(accepted >= 0);
    fd_close(&accepted);
    CU_ASSERT_EQUAL(fixture_count_fds(), before);
    fd_close(&listener);
    fd_close(&client);
    fd_close(&second);
    CU_ASSERT_EQUAL(unlink(path), 0);
    remove_folder(); /* nothing else is left in it */
}

static void paths_of_all_lengths(void)
{
    reach(0, 10);
    reach(0, 83);
    reach(0, 85);
    reach(150, 10);
    reach(150, 90);
    reach(150, NAME_MAX);
    reach(1500, NAME_MAX);
}

static void paths_that_lead_nowhere(void)
{
    char path[2 * PATH_MAX];
    int fd = stream();

    make_folder(150);
    snprintf(path, sizeof path, "%s/no/where", folder);
    CU_ASSERT_EQUAL(path_name_bind(fd, path), -ENOENT);
    CU_ASSERT_EQUAL(path_name_connect(fd, path), -ENOENT);
    snprintf(path, sizeof path, "%s/", folder);
    memset(path + strlen(path), 'x', NAME_MAX + 1);
    path[strlen(folder) + 1 + NAME_MAX + 1] = '\0';
    CU_ASSERT_EQUAL(path_name_bind(fd, path), -ENAMETOOLONG);
    CU_ASSERT_EQUAL(path_name_connect(fd, path), -ENAMETOOLONG);
    fd_close(&fd);
    remove_folder();
}

/* --- NAME ----------------------------------------------------------------- */

static int set_name(struct test_client *client, const struct test_socket *s,
                    uint16_t side, const char *path)
{
    struct wire_name_request request = {
        .header.code = WIRE_NAME,
        .slot = s->slot,
        .side = side,
        .set = 1,
        .path_length = (uint8_t)strlen(path),
    };
    struct wire_name_reply reply;

    memcpy(request.path, path, strlen(path));
    return call(client, &request, NULL, 0, &reply, NULL);
}

/* "-": it is not known. */
static const char *name_of(struct test_client *client,
                           const struct test_socket *s, uint16_t side)
{
    struct wire_name_request request = {
        .header.code = WIRE_NAME, .slot = s->slot, .side = side};
    static struct wire_name_reply reply;

    memset(&reply, 0, sizeof reply);
    CU_ASSERT_EQUAL(call(client, &request, NULL, 0, &reply, NULL), 0);
    return reply.known ? reply.path : "-";
}

static void names_are_kept(void)
{
    struct test_client client;
    struct test_socket s, t, child;
    struct wire_name_request bad;
    struct wire_name_reply reply;

    fixture_start();
    client = client_start(0x40000001);
    s = socket_create(&client, WS2_AF_UNIX, WS2_SOCK_STREAM);
    t = socket_create(&client, WS2_AF_INET, WS2_SOCK_STREAM);
    CU_ASSERT_STRING_EQUAL(name_of(&client, &s, WIRE_NAME_LOCAL), "-");
    CU_ASSERT_EQUAL(set_name(&client, &s, WIRE_NAME_LOCAL, "here"), 0);
    CU_ASSERT_EQUAL(set_name(&client, &s, WIRE_NAME_PEER, ""), 0);
    CU_ASSERT_STRING_EQUAL(name_of(&client, &s, WIRE_NAME_LOCAL), "here");
    CU_ASSERT_STRING_EQUAL(name_of(&client, &s, WIRE_NAME_PEER), "");
    child = socket_make(&client, stream(), s.slot);
    CU_ASSERT_STRING_EQUAL(name_of(&client, &child, WIRE_NAME_LOCAL), "here");
    CU_ASSERT_STRING_EQUAL(name_of(&client, &child, WIRE_NAME_PEER), "-");

    CU_ASSERT_EQUAL(set_name(&client, &t, WIRE_NAME_LOCAL, "x"), WS2_EINVAL);
    CU_ASSERT_EQUAL(set_name(&client, &s, 0, "x"), WS2_EINVAL);
    CU_ASSERT_EQUAL(set_name(&client, &s, 3, "x"), WS2_EINVAL);
    bad = (struct wire_name_request){.header.code = WIRE_NAME,
                                     .slot = s.slot,
                                     .side = WIRE_NAME_LOCAL,
                                     .set = 1,
                                     .path_length = WIRE_PATH_LENGTH + 1};
    CU_ASSERT_EQUAL(call(&client, &bad, NULL, 0, &reply, NULL), WS2_EINVAL);
    bad.path_length = 1;
    bad.set = 2;
    CU_ASSERT_EQUAL(call(&client, &bad, NULL, 0, &reply, NULL), WS2_EINVAL);
    bad.set = 1;
    bad.slot = 100000;
    CU_ASSERT_EQUAL(call(&client, &bad, NULL, 0, &reply, NULL), WS2_EINVAL);
    CU_ASSERT_STRING_EQUAL(name_of(&client, &s, WIRE_NAME_LOCAL), "here");
    fd_close(&s.fd);
    fd_close(&t.fd);
    fd_close(&child.fd);
    client_hang_up(&client);
    fixture_stop();
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "paths of all lengths", paths_of_all_lengths },
        { "paths that lead nowhere", paths_that_lead_nowhere },
        { "names are kept", names_are_kept },
        CU_TEST_INFO_NULL,
    };

    return test_main("path_names", tests);
}
