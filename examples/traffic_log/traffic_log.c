/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * traffic_log: a layered provider that counts what a program sends and
 * receives, and tells of each socket when it is closed.
 *
 * It only looks on, so it is an IFS provider: the SOCKETs are the ones of the
 * provider below, and every function that it does not care about is the lower
 * provider's own.  It keeps a record for each SOCKET.
 *
 * A line of the log, in the file that TRAFFIC_LOG names:
 *
 *     PROGRAM PID tcp 127.0.0.1:4711 sent 5 received 12
 */
#include "platform.h"
#include "relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const GUID own_id = {
    0x6a1f3d52, 0x0c7e, 0x4b0a, {0x8e, 0x41, 0x77, 0x73, 0x32, 0x65, 0x6d, 0x75}};

/* --- The records ---------------------------------------------------------- */

struct record {
    struct record *next;
    SOCKET s;
    long long sent, received;
};

static struct platform_lock lock;
static struct record *records; /* under lock */

/* Counts; makes the record when it is the first time. */
static void count(SOCKET s, long long sent, long long received)
{
    struct record *record;

    platform_lock(&lock);
    for (record = records; record != NULL && record->s != s;
         record = record->next)
        ;
    if (record == NULL && (record = calloc(1, sizeof(*record))) != NULL) {
        record->s = s;
        record->next = records;
        records = record;
    }
    if (record != NULL) {
        record->sent += sent;
        record->received += received;
    }
    platform_unlock(&lock);
}

/* NULL: nothing was counted; the caller frees it. */
static struct record *take(SOCKET s)
{
    struct record **at, *record;

    platform_lock(&lock);
    for (at = &records; *at != NULL && (*at)->s != s; at = &(*at)->next)
        ;
    record = *at;
    if (record != NULL)
        *at = record->next;
    platform_unlock(&lock);
    return record;
}

/* --- The log -------------------------------------------------------------- */

static void describe_peer(struct chain *chain, SOCKET s, char *text,
                          size_t size)
{
    struct sockaddr_storage name;
    const unsigned char *bytes = (const unsigned char *)&name;
    INT length = sizeof(name), error;

    if (chain->lower.lpWSPGetPeerName(s, (struct sockaddr *)&name, &length,
                                      &error))
        snprintf(text, size, "-");
    else if (name.ss_family == AF_INET) /* port at 2, address at 4 */
        snprintf(text, size, "%u.%u.%u.%u:%u", bytes[4], bytes[5], bytes[6],
                 bytes[7], bytes[2] * 256u + bytes[3]);
    else
        snprintf(text, size, "port:%u", bytes[2] * 256u + bytes[3]);
}

static void tell(struct chain *chain, const struct record *record,
                 const char *peer)
{
    char file[1024], program[64], line[256];

    if (!platform_environment("TRAFFIC_LOG", file, sizeof(file)))
        return;
    platform_program_name(program, sizeof(program));
    snprintf(line, sizeof(line), "%s %u %s %s sent %lld received %lld\n",
             program, platform_process_id(),
             chain->entry.iSocketType == SOCK_STREAM ? "tcp" : "udp", peer,
             record->sent, record->received);
    platform_append(file, line);
}

/* --- What is looked at ---------------------------------------------------- */

/* The record goes before the value can be another socket's. */
static int WSPAPI log_close(SOCKET s, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    struct record *record = take(s);
    char peer[64] = "-";
    int result;

    if (record != NULL)
        describe_peer(chain, s, peer, sizeof(peer));
    result = relay_close(s, error);
    if (result == 0 && record != NULL)
        tell(chain, record, peer);
    else if (*error != WSAENOTSOCK && record != NULL) /* it is still there */
        count(s, record->sent, record->received);
    free(record);
    return result;
}

/* Overlapped operations that end later are not counted: an IFS provider does
   not see their end. */
static int WSPAPI log_send(SOCKET s, LPWSABUF buffers, DWORD n, LPDWORD sent,
                           DWORD flags, LPWSAOVERLAPPED overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    int result = chain_of_socket(s)->lower.lpWSPSend(
        s, buffers, n, sent, flags, overlapped, routine, thread, error);

    if (result == 0 && sent != NULL)
        count(s, *sent, 0);
    return result;
}

static int WSPAPI log_send_to(SOCKET s, LPWSABUF buffers, DWORD n,
                              LPDWORD sent, DWORD flags,
                              const struct sockaddr *to, int to_length,
                              LPWSAOVERLAPPED overlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                              LPWSATHREADID thread, LPINT error)
{
    int result = chain_of_socket(s)->lower.lpWSPSendTo(
        s, buffers, n, sent, flags, to, to_length, overlapped, routine, thread,
        error);

    if (result == 0 && sent != NULL)
        count(s, *sent, 0);
    return result;
}

static int WSPAPI log_recv(SOCKET s, LPWSABUF buffers, DWORD n,
                           LPDWORD received, LPDWORD flags,
                           LPWSAOVERLAPPED overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    int result = chain_of_socket(s)->lower.lpWSPRecv(
        s, buffers, n, received, flags, overlapped, routine, thread, error);

    if (result == 0 && received != NULL)
        count(s, 0, *received);
    return result;
}

static int WSPAPI log_recv_from(SOCKET s, LPWSABUF buffers, DWORD n,
                                LPDWORD received, LPDWORD flags,
                                struct sockaddr *from, LPINT from_length,
                                LPWSAOVERLAPPED overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                LPWSATHREADID thread, LPINT error)
{
    int result = chain_of_socket(s)->lower.lpWSPRecvFrom(
        s, buffers, n, received, flags, from, from_length, overlapped, routine,
        thread, error);

    if (result == 0 && received != NULL)
        count(s, 0, *received);
    return result;
}

/* --- The entry point ------------------------------------------------------ */

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE table, LPWSPPROC_TABLE procedures)
{
    int error = relay_start(&own_id, L"ws2emu example: traffic log", version,
                            data, info, table, procedures);

    if (error)
        return error;
    procedures->lpWSPCloseSocket = log_close;
    procedures->lpWSPSend = log_send;
    procedures->lpWSPSendTo = log_send_to;
    procedures->lpWSPRecv = log_recv;
    procedures->lpWSPRecvFrom = log_recv_from;
    return 0;
}
