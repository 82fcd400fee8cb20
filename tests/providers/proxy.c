/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A SOCKS5 proxy and an echo server for the tests of providers: one process,
 * one connection after the other.
 *
 *     proxy [USER PASSWORD]
 *
 * Prints "PROXY_PORT ECHO_PORT", then a line "connect PORT" for each request.
 * With a name and a password nobody gets on without them.  Ends with its
 * standard input.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *user, *password;

static int listen_somewhere(unsigned *ret_port)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(name);
    int s = socket(AF_INET, SOCK_STREAM, 0);

    if (s < 0 || bind(s, (struct sockaddr *)&name, sizeof(name)) ||
        listen(s, 16) || getsockname(s, (struct sockaddr *)&name, &length)) {
        perror("listen");
        exit(1);
    }
    *ret_port = ntohs(name.sin_port);
    return s;
}

static int read_all(int s, void *data, size_t length)
{
    return recv(s, data, length, MSG_WAITALL) == (ssize_t)length;
}

/* Bytes go both ways until both ends have ended. */
static void carry(int a, int b)
{
    struct pollfd ends[2] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
    int i, open = 2;
    char data[4096];
    ssize_t n;

    while (open > 0 && poll(ends, 2, 10000) > 0)
        for (i = 0; i < 2; i++) {
            int to = i == 0 ? b : a;

            if (!ends[i].revents)
                continue;
            n = read(ends[i].fd, data, sizeof(data));
            if (n > 0 && send(to, data, (size_t)n, MSG_NOSIGNAL) == n)
                continue;
            shutdown(to, SHUT_WR);
            ends[i].fd = -1;
            open--;
        }
}

static int log_in(int s)
{
    uint8_t greeting[2], methods[255], answer[2] = {5, 0xff}, text[255];
    uint8_t length;
    int wanted = user ? 2 : 0, good = 1;

    if (!read_all(s, greeting, 2) || greeting[0] != 5 ||
        !read_all(s, methods, greeting[1]))
        return 0;
    if (memchr(methods, wanted, greeting[1]))
        answer[1] = (uint8_t)wanted;
    if (send(s, answer, 2, MSG_NOSIGNAL) != 2 || answer[1] == 0xff)
        return 0;
    if (!user)
        return 1;
    if (!read_all(s, answer, 1) || !read_all(s, &length, 1) ||
        !read_all(s, text, length))
        return 0;
    good = length == strlen(user) && !memcmp(text, user, length);
    if (!read_all(s, &length, 1) || !read_all(s, text, length))
        return 0;
    good = good && length == strlen(password) &&
           !memcmp(text, password, length);
    answer[0] = 1;
    answer[1] = !good;
    return send(s, answer, 2, MSG_NOSIGNAL) == 2 && good;
}

static void serve_proxy(int s)
{
    struct sockaddr_in target = {.sin_family = AF_INET};
    uint8_t request[4], reply[10] = {5, 0, 0, 1};
    int to;

    if (!log_in(s) || !read_all(s, request, 4) || request[1] != 1 ||
        request[3] != 1 || !read_all(s, &target.sin_addr, 4) ||
        !read_all(s, &target.sin_port, 2))
        return;
    printf("connect %u\n", ntohs(target.sin_port));
    fflush(stdout);
    to = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(to, (struct sockaddr *)&target, sizeof(target)))
        reply[1] = 5;
    if (send(s, reply, sizeof(reply), MSG_NOSIGNAL) == sizeof(reply) &&
        !reply[1])
        carry(s, to);
    close(to);
}

static void serve_echo(int s)
{
    char data[4096];
    ssize_t n;

    while ((n = read(s, data, sizeof(data))) > 0)
        if (send(s, data, (size_t)n, MSG_NOSIGNAL) != n)
            break;
}

struct service {
    int listener;
    void (*serve)(int s);
};

static void *run(void *argument)
{
    struct service *service = argument;
    int s;

    while ((s = accept(service->listener, NULL, NULL)) >= 0) {
        service->serve(s);
        close(s);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    unsigned proxy_port, echo_port;
    struct service proxy = {listen_somewhere(&proxy_port), serve_proxy};
    struct service echo = {listen_somewhere(&echo_port), serve_echo};
    pthread_t threads[2];
    char byte;

    if (argc == 3) {
        user = argv[1];
        password = argv[2];
    }
    if (pthread_create(&threads[0], NULL, run, &proxy) ||
        pthread_create(&threads[1], NULL, run, &echo))
        return 1;
    printf("%u %u\n", proxy_port, echo_port);
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
    return 0;
}
