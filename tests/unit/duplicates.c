/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Duplicates: good once, for one process, whatever becomes of the source. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/client.h"
#include "core/limits.h"
#include "fixture.h"
#include "util/fd.h"
#include "wire/frame.h"

/* Process ids of Windows: nobody's unix pid here. */
enum { SOURCE = 0x40000001, TARGET = 0x40000002, OTHER = 0x40000003 };

static int duplicate(struct test_client *client, const struct test_socket *s,
                     uint32_t process_id, uint32_t *ret_token)
{
    struct wire_duplicate_request request = {
        .header.code = WIRE_DUPLICATE,
        .slot = s->slot,
        .process_id = process_id,
        .connected_at = 99,
    };
    struct wire_duplicate_reply reply;
    int error = call(client, &request, &s->fd, 1, &reply, NULL);

    if (ret_token)
        *ret_token = reply.token;
    return error;
}

static int open_token(struct test_client *client, uint32_t token,
                      struct test_socket *ret)
{
    struct wire_open_request request = {
        .header.code = WIRE_OPEN,
        .token = token,
    };
    struct wire_open_reply reply;
    int fd = -1, error = call(client, &request, NULL, 0, &reply, &fd);

    if (error) {
        CU_ASSERT_EQUAL(fd, -1);
        return error;
    }
    CU_ASSERT_EQUAL(reply.connected_at, 99);
    *ret = (struct test_socket){ .fd = fd,
                                 .cookie = reply.cookie,
                                 .slot = reply.slot };
    return 0;
}

static int name_handle(struct test_client *client, struct test_socket *s,
                       uint64_t handle)
{
    struct wire_handle_request request = {
        .header.code = WIRE_HANDLE,
        .slot = s->slot,
        .handle = handle,
    };
    struct wire_handle_reply reply;
    int error = call(client, &request, NULL, 0, &reply, NULL);

    if (!error)
        s->handle = handle;
    return error;
}

static void good_once(void)
{
    struct test_client source, target;
    struct test_socket s, opened, again;
    uint32_t token;
    uint64_t cookie = 0;

    fixture_start();
    source = client_start(SOURCE), target = client_start(TARGET);
    s = socket_create(&source, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL_FATAL(duplicate(&source, &s, TARGET, &token), 0);
    CU_ASSERT_NOT_EQUAL(token, 0);
    CU_ASSERT(record_of(&s)->flags & WIRE_RECORD_SERVER_HAS_FD);
    CU_ASSERT_EQUAL_FATAL(open_token(&target, token, &opened), 0);
    CU_ASSERT_EQUAL(opened.slot, s.slot);
    CU_ASSERT_EQUAL(opened.cookie, s.cookie);
    fd_cookie(opened.fd, &cookie);
    CU_ASSERT_EQUAL(cookie, s.cookie);
    CU_ASSERT(fcntl(opened.fd, F_GETFD) & FD_CLOEXEC);
    CU_ASSERT(!(record_of(&s)->flags & WIRE_RECORD_SERVER_HAS_FD));
    CU_ASSERT_EQUAL(open_token(&target, token, &again), WS2_EINVAL);

    CU_ASSERT_EQUAL(name_handle(&target, &opened, 0), WS2_EINVAL);
    CU_ASSERT_EQUAL(name_handle(&target, &opened, 4444), 0);
    CU_ASSERT_EQUAL(name_handle(&target, &opened, 4448), WS2_EINVAL);
    socket_release(&target, &opened);
    socket_release(&source, &s);
    client_hang_up(&source);
    client_hang_up(&target);
    fixture_stop();
}

static void forged_or_in_the_wrong_process(void)
{
    struct test_client source, target, other;
    struct test_socket s, opened;
    uint32_t token, i;

    fixture_start();
    source = client_start(SOURCE), target = client_start(TARGET);
    other = client_start(OTHER);
    s = socket_create(&source, AF_INET, SOCK_DGRAM);
    CU_ASSERT_EQUAL_FATAL(duplicate(&source, &s, TARGET, &token), 0);
    CU_ASSERT_EQUAL(open_token(&other, token, &opened), WS2_EINVAL);
    CU_ASSERT_EQUAL(open_token(&source, token, &opened), WS2_EINVAL);
    CU_ASSERT_EQUAL(open_token(&target, 0, &opened), WS2_EINVAL);
    for (i = 0; i < 32; i++)
        CU_ASSERT_EQUAL(open_token(&target, token ^ 1u << i, &opened),
                        WS2_EINVAL);
    /* Nothing of that has harmed it. */
    CU_ASSERT_EQUAL_FATAL(open_token(&target, token, &opened), 0);
    fd_close(&opened.fd);
    fd_close(&s.fd);
    client_hang_up(&source);
    client_hang_up(&target);
    client_hang_up(&other);
    fixture_stop();
}

static void outlives_its_source(void)
{
    struct test_client source, target;
    struct test_socket s, opened, second;
    uint32_t token, late;

    fixture_start();
    source = client_start(SOURCE), target = client_start(TARGET);
    s = socket_create(&source, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL_FATAL(duplicate(&source, &s, TARGET, &token), 0);
    CU_ASSERT_EQUAL_FATAL(duplicate(&source, &s, TARGET, &late), 0);
    socket_release(&source, &s);
    CU_ASSERT_EQUAL_FATAL(open_token(&target, token, &opened), 0);
    client_hang_up(&source);
    CU_ASSERT_EQUAL_FATAL(open_token(&target, late, &second), 0);
    CU_ASSERT_EQUAL(second.slot, opened.slot);
    fd_close(&opened.fd);
    fd_close(&second.fd);
    client_hang_up(&target);
    CU_ASSERT_PTR_NULL(fixture_server.sockets);
    fixture_stop();
}

static void ends_with_its_target(void)
{
    struct test_client source, target;
    struct test_socket s, opened;
    uint32_t token;

    fixture_start();
    source = client_start(SOURCE), target = client_start(TARGET);
    s = socket_create(&source, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL_FATAL(duplicate(&source, &s, TARGET, &token), 0);
    client_hang_up(&target);
    CU_ASSERT_EQUAL(fixture_server.n_duplicates, 0);
    CU_ASSERT(!(record_of(&s)->flags & WIRE_RECORD_SERVER_HAS_FD));
    target = client_start(TARGET);
    CU_ASSERT_EQUAL(open_token(&target, token, &opened), WS2_EINVAL);
    fd_close(&s.fd);
    client_hang_up(&source);
    client_hang_up(&target);
    fixture_stop();
}

static void waits_for_a_process_of_windows(void)
{
    struct test_client source, target;
    struct test_socket s, opened;
    uint32_t token;

    fixture_start();
    source = client_start(SOURCE);
    s = socket_create(&source, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL_FATAL(duplicate(&source, &s, TARGET, &token), 0);
    fd_close(&s.fd);
    client_hang_up(&source);
    CU_ASSERT_EQUAL(fixture_server.n_duplicates, 1);
    CU_ASSERT(!list_is_empty(&fixture_server.loop.timers));
    target = client_start(TARGET);
    CU_ASSERT(list_is_empty(&fixture_server.loop.timers));
    CU_ASSERT_EQUAL_FATAL(open_token(&target, token, &opened), 0);
    fd_close(&opened.fd);
    client_hang_up(&target);
    fixture_stop();
}

/* A process that waits for its end; the test's child. */
static pid_t start_process(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        pause();
        _exit(0);
    }
    return pid;
}

static void ends_with_a_native_process(void)
{
    struct test_client source;
    struct test_socket s;
    pid_t pid;
    uint32_t token;
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);

    if (pidfd < 0 && errno == ENOSYS) {
        CU_PASS("no pidfds here (valgrind): nothing can be watched");
        return;
    }
    fd_close(&pidfd);
    fixture_start();
    source = client_start((uint32_t)getpid());
    s = socket_create(&source, AF_INET, SOCK_STREAM);
    pid = start_process();
    CU_ASSERT_EQUAL_FATAL(duplicate(&source, &s, (uint32_t)pid, &token), 0);
    CU_ASSERT_EQUAL(fixture_server.n_duplicates, 1);
    client_hang_up(&source);
    CU_ASSERT_EQUAL(fixture_server.n_duplicates, 1);
    kill(pid, SIGKILL);
    while (fixture_server.n_duplicates > 0)
        CU_ASSERT_EQUAL_FATAL(server_turn(&fixture_server, -1), 0);
    CU_ASSERT_PTR_NULL(fixture_server.sockets);

    /* A zombie is no process to duplicate for, and neither is nobody. */
    source = client_start((uint32_t)getpid());
    fd_close(&s.fd);
    s = socket_create(&source, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL(duplicate(&source, &s, (uint32_t)pid, NULL), WS2_EINVAL);
    waitpid(pid, NULL, 0);
    CU_ASSERT_EQUAL(duplicate(&source, &s, (uint32_t)pid, NULL), WS2_EINVAL);
    CU_ASSERT_EQUAL(duplicate(&source, &s, 0, NULL), WS2_EINVAL);
    CU_ASSERT_EQUAL(duplicate(&source, &s, UINT32_MAX, NULL), WS2_EINVAL);
    CU_ASSERT_EQUAL(duplicate(&source, &s, 0x7ffffffe, NULL), WS2_EINVAL);
    CU_ASSERT_EQUAL(fixture_server.n_duplicates, 0);
    CU_ASSERT(!(record_of(&s)->flags & WIRE_RECORD_SERVER_HAS_FD));
    fd_close(&s.fd);
    client_hang_up(&source);
    fixture_stop();
}

static void to_the_same_process(void)
{
    struct test_client client;
    struct test_socket s, opened;
    uint32_t token;

    fixture_start();
    client = client_start((uint32_t)getpid());
    s = socket_create(&client, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL_FATAL(
        duplicate(&client, &s, (uint32_t)getpid(), &token), 0);
    CU_ASSERT_EQUAL_FATAL(open_token(&client, token, &opened), 0);
    CU_ASSERT_EQUAL(name_handle(&client, &opened, s.handle), WS2_EINVAL);
    CU_ASSERT_EQUAL(name_handle(&client, &opened, s.handle + 4), 0);
    socket_release(&client, &s);
    CU_ASSERT_NOT_EQUAL(record_of(&opened)->cookie, 0);
    socket_release(&client, &opened);
    CU_ASSERT_EQUAL(record_of(&opened)->cookie, 0);
    client_hang_up(&client);
    fixture_stop();
}

static void no_more_than_the_limit(void)
{
    struct test_client source, target;
    struct test_socket s;
    int i;

    fixture_start();
    source = client_start(SOURCE), target = client_start(TARGET);
    s = socket_create(&source, AF_INET, SOCK_STREAM);
    for (i = 0; i < LIMIT_DUPLICATES_PER_CLIENT; i++)
        CU_ASSERT_EQUAL(duplicate(&source, &s, TARGET, NULL), 0);
    CU_ASSERT_EQUAL(duplicate(&source, &s, TARGET, NULL), WS2_ENOBUFS);
    client_hang_up(&target);
    CU_ASSERT_EQUAL(fixture_server.n_duplicates, 0);
    CU_ASSERT_EQUAL(duplicate(&source, &s, OTHER, NULL), 0);
    fd_close(&s.fd);
    client_hang_up(&source);
    fixture_stop();
}

static void another_socket_is_refused(void)
{
    struct test_client source;
    struct test_socket s, t;
    int pipe_ends[2];

    fixture_start();
    source = client_start(SOURCE);
    s = socket_create(&source, AF_INET, SOCK_STREAM);
    t = s;
    t.fd = socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(duplicate(&source, &t, SOURCE, NULL), WS2_EINVAL);
    fd_close(&t.fd);
    CU_ASSERT_EQUAL_FATAL(pipe2(pipe_ends, O_CLOEXEC), 0);
    t.fd = pipe_ends[0];
    CU_ASSERT_EQUAL(duplicate(&source, &t, SOURCE, NULL), WS2_ENOTSOCK);
    fd_close(&pipe_ends[0]);
    fd_close(&pipe_ends[1]);
    fd_close(&s.fd);
    client_hang_up(&source);
    fixture_stop();
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "good once", good_once },
        { "forged, or in the wrong process", forged_or_in_the_wrong_process },
        { "outlives its source", outlives_its_source },
        { "ends with its target", ends_with_its_target },
        { "waits for a process of Windows", waits_for_a_process_of_windows },
        { "ends with a native process", ends_with_a_native_process },
        { "to the same process", to_the_same_process },
        { "no more than the limit", no_more_than_the_limit },
        { "another socket is refused", another_socket_is_refused },
        CU_TEST_INFO_NULL,
    };

    return test_main("duplicates", tests);
}
