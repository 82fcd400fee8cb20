/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TransmitFile and TransmitPackets. */
#include "support/extensions.h"

#include <stdlib.h>

static LPFN_TRANSMITFILE transmit_file;

static void begin(void)
{
    transmit_file = (LPFN_TRANSMITFILE)extension((GUID)WSAID_TRANSMITFILE);
}

/* A file with text; at its beginning. */
static FILE *file_with(const void *data, size_t size)
{
    FILE *file = tmpfile();

    CHECK(file != NULL);
    CHECK_EQ(fwrite(data, 1, size, file), size);
    rewind(file);
    return file;
}

static void bad_arguments(void)
{
    FILE *file = file_with("text", 4);
    HANDLE handle = file_handle(file);
    SOCKET s = tcp_socket(), datagram = udp_socket(), client, server;

    begin();
    CHECK_FAILS(transmit_file(INVALID_SOCKET, handle, 0, 0, NULL, NULL, 0),
                WSAENOTSOCK);
    CHECK_FAILS(transmit_file(s, handle, 0, 0, NULL, NULL, 0), WSAENOTCONN);
    CHECK_FAILS(transmit_file(datagram, handle, 0, 0, NULL, NULL, 0),
                WSAENOTCONN);
    tcp_pair(&client, &server);
    CHECK_FAILS(transmit_file(client, handle, 0, 0, NULL, NULL,
                              TF_REUSE_SOCKET),
                WSAEINVAL);
    CHECK(transmit_file(client, NULL, 0, 0, NULL, NULL, 0));
    check_quiet(server);
    close_socket(client);
    close_socket(server);
    close_socket(s);
    close_socket(datagram);
    file_handle_close(handle);
    fclose(file);
}

static void head_file_and_tail(void)
{
    FILE *file = file_with("0123456789", 10);
    HANDLE handle = file_handle(file);
    TRANSMIT_FILE_BUFFERS buffers = {(void *)"<", 1, (void *)">", 1};
    SOCKET client, server;

    begin();
    tcp_pair(&client, &server);
    CHECK(transmit_file(client, handle, 0, 0, NULL, NULL, 0));
    check_receives(server, "0123456789");
    fseek(file, 0, SEEK_SET);
    CHECK(transmit_file(client, handle, 4, 0, NULL, &buffers, 0));
    check_receives(server, "<0123>");
    CHECK(transmit_file(client, NULL, 0, 0, NULL, &buffers, 0));
    check_receives(server, "<>");
    close_socket(client);
    close_socket(server);
    file_handle_close(handle);
    fclose(file);
}

static void overlapped_from_an_offset(void)
{
    FILE *file = file_with("0123456789", 10);
    HANDLE handle = file_handle(file);
    TRANSMIT_FILE_BUFFERS buffers = {(void *)"<<", 2, (void *)">", 1};
    OVERLAPPED overlapped;
    SOCKET client, server;

    begin();
    tcp_pair(&client, &server);
    overlapped_init(&overlapped);
    overlapped.Offset = 6;
    CHECK_PENDS(transmit_file(client, handle, 0, 0, &overlapped, &buffers, 0));
    CHECK_EQ(overlapped_bytes(client, &overlapped), 7);
    check_receives(server, "<<6789>");
    overlapped_free(&overlapped);
    close_socket(client);
    close_socket(server);
    file_handle_close(handle);
    fclose(file);
}

/* More than fits into the kernel's buffers, so that it has to wait; the handle
   of the file is closed meanwhile. */
static void a_large_file(void)
{
    enum { SIZE = 16 * 1024 * 1024 };
    char *data = malloc(SIZE), *back = malloc(SIZE);
    TRANSMIT_FILE_BUFFERS buffers = {(void *)"head", 4, (void *)"tail", 4};
    OVERLAPPED overlapped;
    SOCKET client, server;
    char text[4];
    HANDLE handle;
    FILE *file;
    int i;

    begin();
    for (i = 0; i < SIZE; i++)
        data[i] = (char)(i * 7 + (i >> 9));
    file = file_with(data, SIZE);
    handle = file_handle(file);
    tcp_pair(&client, &server);
    overlapped_init(&overlapped);
    CHECK_PENDS(transmit_file(client, handle, 0, 0, &overlapped, &buffers, 0));
    check_pends(&overlapped);
    file_handle_close(handle);
    fclose(file);
    receive_all(server, text, 4);
    CHECK(memcmp(text, "head", 4) == 0);
    receive_all(server, back, SIZE);
    CHECK(memcmp(data, back, SIZE) == 0);
    receive_all(server, text, 4);
    CHECK(memcmp(text, "tail", 4) == 0);
    CHECK_EQ(overlapped_bytes(client, &overlapped), SIZE + 8);
    overlapped_free(&overlapped);
    close_socket(client);
    close_socket(server);
    free(data);
    free(back);
}

static void sends_stay_in_order(void)
{
    enum { SIZE = 8 * 1024 * 1024 };
    char *data = calloc(1, SIZE);
    OVERLAPPED first, second;
    WSABUF behind = {6, (char *)"behind"};
    SOCKET client, server;
    HANDLE handle;
    FILE *file;
    DWORD sent;

    begin();
    file = file_with(data, SIZE);
    handle = file_handle(file);
    tcp_pair(&client, &server);
    overlapped_init(&first);
    overlapped_init(&second);
    CHECK_PENDS(transmit_file(client, handle, 0, 0, &first, NULL, 0));
    if (WSASend(client, &behind, 1, &sent, 0, &second, NULL))
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    receive_all(server, data, SIZE);
    check_receives(server, "behind");
    CHECK_EQ(overlapped_bytes(client, &first), SIZE);
    CHECK_EQ(overlapped_bytes(client, &second), 6);
    overlapped_free(&first);
    overlapped_free(&second);
    close_socket(client);
    close_socket(server);
    file_handle_close(handle);
    fclose(file);
    free(data);
}

static void disconnect(void)
{
    FILE *file = file_with("text", 4);
    HANDLE handle = file_handle(file);
    SOCKET client, server;

    begin();
    tcp_pair(&client, &server);
    CHECK(transmit_file(client, handle, 0, 0, NULL, NULL, TF_DISCONNECT));
    check_receives(server, "text");
    check_end(server);
    close_socket(client);
    close_socket(server);
    file_handle_close(handle);
    fclose(file);
}

static void disconnect_and_reuse(void)
{
    LPFN_ACCEPTEX accept_ex =
        (LPFN_ACCEPTEX)extension((GUID)WSAID_ACCEPTEX);
    const DWORD block = sizeof(struct sockaddr_in) + 16;
    FILE *file = file_with("a page", 6);
    HANDLE handle = file_handle(file);
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket(), client;
    OVERLAPPED accepted, transmitted;
    char buffer[128];
    DWORD n;
    int i;

    begin();
    overlapped_init(&accepted);
    overlapped_init(&transmitted);
    for (i = 0; i < 5; i++) {
        CHECK_PENDS(accept_ex(listener, s, buffer, 0, block, block, &n,
                              &accepted));
        client = tcp_connect(&name);
        CHECK_EQ(overlapped_bytes(listener, &accepted), 0);
        CHECK_PENDS(transmit_file(s, handle, 0, 0, &transmitted, NULL,
                                  TF_DISCONNECT | TF_REUSE_SOCKET));
        CHECK_EQ(overlapped_bytes(s, &transmitted), 6);
        check_receives(client, "a page");
        check_end(client);
        close_socket(client);
    }
    overlapped_free(&accepted);
    overlapped_free(&transmitted);
    close_socket(s);
    close_socket(listener);
    file_handle_close(handle);
    fclose(file);
}

/* The connection breaks: an error, and no signal. */
static void the_peer_is_gone(void)
{
    enum { SIZE = 8 * 1024 * 1024 };
    char *data = calloc(1, SIZE);
    OVERLAPPED overlapped;
    SOCKET client, server;
    HANDLE handle;
    FILE *file;

    begin();
    file = file_with(data, SIZE);
    handle = file_handle(file);
    tcp_pair(&client, &server);
    overlapped_init(&overlapped);
    CHECK_PENDS(transmit_file(client, handle, 0, 0, &overlapped, NULL, 0));
    check_pends(&overlapped);
    set_linger(server, 0);
    close_socket(server);
    check_overlapped_fails(client, &overlapped, WSAECONNRESET);
    overlapped_free(&overlapped);
    close_socket(client);
    file_handle_close(handle);
    fclose(file);
    free(data);
}

static void packets(void)
{
    LPFN_TRANSMITPACKETS transmit_packets =
        (LPFN_TRANSMITPACKETS)extension((GUID)WSAID_TRANSMITPACKETS);
    FILE *file = file_with("0123456789", 10);
    HANDLE handle = file_handle(file);
    TRANSMIT_PACKETS_ELEMENT elements[4];
    OVERLAPPED overlapped;
    SOCKET client, server;

    tcp_pair(&client, &server);
    memset(elements, 0, sizeof(elements));
    elements[0].dwElFlags = TP_ELEMENT_MEMORY;
    elements[0].cLength = 4;
    elements[0].pBuffer = (void *)"left";
    elements[1].dwElFlags = TP_ELEMENT_FILE;
    elements[1].cLength = 3;
    elements[1].hFile = handle;
    elements[1].nFileOffset.QuadPart = 5;
    elements[2].dwElFlags = TP_ELEMENT_MEMORY;
    elements[2].cLength = 5;
    elements[2].pBuffer = (void *)"right";
    elements[3].dwElFlags = TP_ELEMENT_FILE;
    elements[3].hFile = handle;
    elements[3].nFileOffset.QuadPart = 8;
    overlapped_init(&overlapped);
    CHECK_PENDS(transmit_packets(client, elements, 4, 0, &overlapped, 0));
    CHECK_EQ(overlapped_bytes(client, &overlapped), 14);
    check_receives(server, "left567right89");
    CHECK(transmit_packets(client, elements, 2, 0, NULL, TF_DISCONNECT));
    check_receives(server, "left567");
    check_end(server);
    overlapped_free(&overlapped);
    close_socket(client);
    close_socket(server);
    file_handle_close(handle);
    fclose(file);
}

static const struct test_case cases[] = {
    TEST_CASE(bad_arguments, "04 11: errors"),
    TEST_CASE(head_file_and_tail, "04 11: without an OVERLAPPED, from the "
                                  "file's position"),
    TEST_CASE(overlapped_from_an_offset, "04 11: total is head, file and tail"),
    TEST_CASE(a_large_file, "04 11: PENDING until all is sent"),
    TEST_CASE(sends_stay_in_order, "04 5: sends go out in posting order"),
    TEST_CASE(disconnect, "04 11: TF_DISCONNECT"),
    TEST_CASE(disconnect_and_reuse, "04 11: TF_REUSE_SOCKET"),
    TEST_CASE(the_peer_is_gone, "04 7: a reset ends it"),
    TEST_CASE(packets, "04 11: memory and file elements"),
    TEST_END
};

TEST_MAIN("transmit_file", cases, NULL)
