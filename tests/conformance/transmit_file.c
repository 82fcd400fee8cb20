/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TransmitFile and TransmitPackets. */
#include "support/extensions.h"
#include "support/memory.h"
#include "support/ports.h"

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

static void close_file(FILE *file, HANDLE handle)
{
    file_handle_close(handle);
    fclose(file);
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
    close_sockets(client, server, s, datagram);
    close_file(file, handle);
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
    close_sockets(client, server);
    close_file(file, handle);
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
    close_sockets(client, server);
    close_file(file, handle);
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
    close_file(file, handle);
    receive_all(server, text, 4);
    CHECK(memcmp(text, "head", 4) == 0);
    receive_all(server, back, SIZE);
    CHECK(memcmp(data, back, SIZE) == 0);
    receive_all(server, text, 4);
    CHECK(memcmp(text, "tail", 4) == 0);
    CHECK_EQ(overlapped_bytes(client, &overlapped), SIZE + 8);
    overlapped_free(&overlapped);
    close_sockets(client, server);
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
    close_sockets(client, server);
    close_file(file, handle);
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
    close_sockets(client, server);
    close_file(file, handle);
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
    close_sockets(s, listener);
    close_file(file, handle);
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
    close_file(file, handle);
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
    close_sockets(client, server);
    close_file(file, handle);
}

/* --- Datagrams ------------------------------------------------------------ */

static LPFN_TRANSMITPACKETS transmit_packets;

/* A socket that is connected to another one. */
static void datagram_pair(SOCKET *ret_sender, SOCKET *ret_receiver)
{
    struct sockaddr_in name;

    transmit_packets =
        (LPFN_TRANSMITPACKETS)extension((GUID)WSAID_TRANSMITPACKETS);
    *ret_receiver = udp_bound(&name);
    *ret_sender = udp_socket();
    CHECK_OK(connect(*ret_sender, (struct sockaddr *)&name, sizeof(name)));
}

static TRANSMIT_PACKETS_ELEMENT memory_element(const char *text, ULONG flags)
{
    TRANSMIT_PACKETS_ELEMENT element;

    memset(&element, 0, sizeof(element));
    element.dwElFlags = TP_ELEMENT_MEMORY | flags;
    element.cLength = (ULONG)strlen(text);
    element.pBuffer = (void *)text;
    return element;
}

static TRANSMIT_PACKETS_ELEMENT file_element(HANDLE file, int offset,
                                             ULONG length, ULONG flags)
{
    TRANSMIT_PACKETS_ELEMENT element;

    memset(&element, 0, sizeof(element));
    element.dwElFlags = TP_ELEMENT_FILE | flags;
    element.cLength = length;
    element.nFileOffset.QuadPart = offset;
    element.hFile = file;
    return element;
}

/* The next datagram is this text, all of it. */
static void check_datagram(SOCKET s, const char *text)
{
    char buffer[256];
    int length;

    CHECK(wait_readable(s, test_timeout(10000)));
    length = recv(s, buffer, sizeof(buffer), 0);
    CHECK_EQ(length, (int)strlen(text));
    CHECK_MEMORY(buffer, text, strlen(text));
}

static void datagrams_end_by_their_flag(void)
{
    FILE *file = file_with("0123456789", 10);
    HANDLE handle = file_handle(file);
    TRANSMIT_PACKETS_ELEMENT elements[7] = {
        memory_element("one", TP_ELEMENT_EOP),
        memory_element("left", 0),
        file_element(handle, 5, 3, 0),
        memory_element("right", TP_ELEMENT_EOP),
        memory_element("", TP_ELEMENT_EOP),
        file_element(handle, 8, 0, TP_ELEMENT_EOP),
        memory_element("the last", 0),
    };
    OVERLAPPED overlapped;
    SOCKET sender, receiver;
    int i;

    datagram_pair(&sender, &receiver);
    overlapped_init(&overlapped);
    for (i = 0; i < 2; i++) {
        if (i == 0) {
            CHECK(transmit_packets(sender, elements, 7, 0xFFFFFFFF, NULL, 0));
        } else {
            CHECK_PENDS(transmit_packets(sender, elements, 7, 0, &overlapped,
                                         0));
            CHECK_EQ(overlapped_bytes(sender, &overlapped), 25);
        }
        check_datagram(receiver, "one");
        check_datagram(receiver, "left567right");
        check_datagram(receiver, "");
        check_datagram(receiver, "89");
        check_datagram(receiver, "the last");
        check_quiet(receiver);
    }
    overlapped_free(&overlapped);
    close_sockets(sender, receiver);
    close_file(file, handle);
}

static void datagrams_have_the_send_size(void)
{
    FILE *file = file_with("0123456789", 10);
    HANDLE handle = file_handle(file);
    TRANSMIT_PACKETS_ELEMENT elements[4] = {
        memory_element("abcdef", 0),
        file_element(handle, -1, 6, TP_ELEMENT_EOP),
        memory_element("gh", TP_ELEMENT_EOP),
        file_element(handle, 6, 0, 0),
    };
    SOCKET sender, receiver;

    datagram_pair(&sender, &receiver);
    CHECK(transmit_packets(sender, elements, 4, 4, NULL, 0));
    check_datagram(receiver, "abcd");
    check_datagram(receiver, "ef01");
    check_datagram(receiver, "2345");
    check_datagram(receiver, "gh");
    check_datagram(receiver, "6789");
    check_quiet(receiver);
    CHECK(transmit_packets(sender, &elements[1], 1, 0, NULL, 0));
    check_datagram(receiver, "6789"); /* where the file stands now */
    CHECK(transmit_packets(sender, elements, 0, 0, NULL, 0));
    check_quiet(receiver);
    close_sockets(sender, receiver);
    close_file(file, handle);
}

static void datagrams_put_one_packet(void)
{
    TRANSMIT_PACKETS_ELEMENT elements[2] = {
        memory_element("one", TP_ELEMENT_EOP),
        memory_element("two", TP_ELEMENT_EOP),
    };
    uint64_t port = port_create();
    OVERLAPPED overlapped;
    SOCKET sender, receiver;
    struct packet packet;

    datagram_pair(&sender, &receiver);
    CHECK_EQ(port_associate(port, sender, 7), 0);
    memset(&overlapped, 0, sizeof(overlapped));
    CHECK_PENDS(transmit_packets(sender, elements, 2, 0, &overlapped, 0));
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, 7);
    CHECK(packet.overlapped == &overlapped);
    CHECK_EQ(packet.status, 0);
    CHECK_EQ(packet.bytes, 6);
    CHECK(!port_get(port, TEST_QUIET_MS, &packet));
    check_datagram(receiver, "one");
    check_datagram(receiver, "two");
    port_close(port);
    close_sockets(sender, receiver);
}

/* What went before has gone; nothing comes behind. */
static void a_datagram_is_too_long(void)
{
    enum { SIZE = 70000 };
    char *data = calloc(1, SIZE);
    TRANSMIT_PACKETS_ELEMENT elements[3] = {
        memory_element("before", TP_ELEMENT_EOP),
        memory_element("", TP_ELEMENT_EOP),
        memory_element("behind", TP_ELEMENT_EOP),
    };
    OVERLAPPED overlapped;
    SOCKET sender, receiver;
    FILE *file;
    HANDLE handle;

    CHECK(data != NULL);
    file = file_with(data, SIZE);
    handle = file_handle(file);
    datagram_pair(&sender, &receiver);
    overlapped_init(&overlapped);
    elements[1].pBuffer = data;
    elements[1].cLength = SIZE;
    CHECK_FAILS(transmit_packets(sender, elements, 3, 0, NULL, 0),
                WSAEMSGSIZE);
    check_datagram(receiver, "before");
    elements[1].cLength = 65530; /* too long for UDP alone */
    CHECK_FAILS(transmit_packets(sender, elements, 3, 0, NULL, 0),
                WSAEMSGSIZE);
    check_datagram(receiver, "before");
    elements[1] = file_element(handle, 0, 0, TP_ELEMENT_EOP);
    CHECK_PENDS(transmit_packets(sender, elements, 3, 0, &overlapped, 0));
    check_overlapped_fails(sender, &overlapped, WSAEMSGSIZE);
    check_datagram(receiver, "before");
    check_quiet(receiver);
    overlapped_free(&overlapped);
    close_sockets(sender, receiver);
    close_file(file, handle);
    free(data);
}

static void bad_packets(void)
{
    void *bad = memory_new(MEMORY_UNREADABLE, 1);
    TRANSMIT_PACKETS_ELEMENT element = memory_element("text", TP_ELEMENT_EOP);
    SOCKET s = udp_socket(), sender, receiver;

    datagram_pair(&sender, &receiver);
    CHECK_FAILS(transmit_packets(s, &element, 1, 0, NULL, 0), WSAENOTCONN);
    CHECK_FAILS(transmit_packets(INVALID_SOCKET, &element, 1, 0, NULL, 0),
                WSAENOTSOCK);
    CHECK_FAILS(transmit_packets(sender, NULL, 1, 0, NULL, 0), WSAEFAULT);
    CHECK_FAILS(transmit_packets(sender, bad, 1, 0, NULL, 0), WSAEFAULT);
    CHECK_FAILS(transmit_packets(sender, &element, 1, 0, NULL, TF_DISCONNECT),
                WSAEOPNOTSUPP);
    CHECK_FAILS(transmit_packets(sender, &element, 1, 0, NULL,
                                 TF_REUSE_SOCKET), WSAEINVAL);
    element.pBuffer = bad;
    CHECK_FAILS(transmit_packets(sender, &element, 1, 0, NULL, 0), WSAEFAULT);
    element.pBuffer = NULL;
    CHECK_FAILS(transmit_packets(sender, &element, 1, 0, NULL, 0), WSAEFAULT);
    element = memory_element("text", 0);
    element.dwElFlags = TP_ELEMENT_MEMORY | TP_ELEMENT_FILE;
    CHECK_FAILS(transmit_packets(sender, &element, 1, 0, NULL, 0), WSAEINVAL);
    element.dwElFlags = TP_ELEMENT_EOP;
    CHECK_FAILS(transmit_packets(sender, &element, 1, 0, NULL, 0), WSAEINVAL);
    element = file_element(INVALID_HANDLE_VALUE, 0, 0, TP_ELEMENT_EOP);
    CHECK_FAILS(transmit_packets(sender, &element, 1, 0, NULL, 0),
                WSA_INVALID_HANDLE);
    check_quiet(receiver);
    CHECK_OK(shutdown(sender, SD_SEND));
    element = memory_element("text", 0);
    CHECK_FAILS(transmit_packets(sender, &element, 1, 0, NULL, 0),
                WSAESHUTDOWN);
    memory_delete(bad, 1);
    close_sockets(s, sender, receiver);
}

/* TransmitFile is for streams alone. */
static void no_file_as_a_datagram(void)
{
    TRANSMIT_FILE_BUFFERS buffers = {(void *)"text", 4, NULL, 0};
    SOCKET sender, receiver;

    begin();
    datagram_pair(&sender, &receiver);
    CHECK_FAILS(transmit_file(sender, NULL, 0, 0, NULL, &buffers, 0),
                WSAEOPNOTSUPP);
    check_quiet(receiver);
    close_sockets(sender, receiver);
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
    TEST_CASE(datagrams_end_by_their_flag, "TransmitPackets: TP_ELEMENT_EOP"),
    TEST_CASE(datagrams_have_the_send_size, "TransmitPackets: nSendSize"),
    TEST_CASE(datagrams_put_one_packet, "04 6: one packet per operation"),
    TEST_CASE(a_datagram_is_too_long, "WSAEMSGSIZE"),
    TEST_CASE(bad_packets, "TransmitPackets: errors"),
    TEST_CASE(no_file_as_a_datagram, "TransmitFile: errors"),
    TEST_END
};

TEST_MAIN("transmit_file", cases, NULL)
