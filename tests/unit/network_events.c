/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record of network events as pure logic: observations in, events out.
 *
 * Each test is a table of steps.  A step is an observation, or a re-enabling
 * call, and says what occurs, what enumerating with all events then returns,
 * and what a registration for messages would post.  The names of the rows are
 * those of the observed sequences of Winsock.
 */
#include "core/network_events.h"

#include <string.h>

#include "fixture.h"

#define READ WS2_FD_READ
#define WRITE WS2_FD_WRITE
#define OOB WS2_FD_OOB
#define ACCEPT WS2_FD_ACCEPT
#define CONNECT WS2_FD_CONNECT
#define CLOSE WS2_FD_CLOSE

enum action {
    LOOK,           /* the kernel changed */
    REENABLE,       /* `calls` were called, with success */
    WOULD_BLOCK,    /* `calls` failed with WSAEWOULDBLOCK */
    FAILED,         /* `calls` failed before they reached the transport */
    REGISTER,       /* a WSAAsyncSelect; nothing for WSAEventSelect */
    END
};

struct step {
    const char *name;
    enum action action;
    uint32_t calls;
    struct observation now;
    uint32_t enumerated; /* E: by WSAEnumNetworkEvents, at once */
    uint32_t posted;     /* M */
};

/* Runs the steps twice: as a WSAEventSelect would see them and as a
   WSAAsyncSelect would. */
static void run(const struct step *steps, int32_t close_error,
                int32_t connect_error)
{
    struct network_events e = { 0 }, m = { 0 };
    int32_t errors[WS2_FD_MAX_EVENTS];
    const struct step *step;

    for (step = steps; step->action != END; step++) {
        uint32_t recorded, enumerated, posted, failed = 0, blocked = 0;

        if (step->action == WOULD_BLOCK)
            blocked = step->calls;
        if (step->action == FAILED)
            failed = step->calls;
        if (step->action == LOOK || step->action == REGISTER) {
            network_events_observe(&e, &step->now);
            recorded = network_events_observe(&m, &step->now);
        } else {
            network_events_reenable(&e, &step->now, step->calls, blocked,
                                    failed);
            recorded = network_events_reenable(&m, &step->now, step->calls,
                                               blocked, failed);
        }
        if (step->action == REGISTER) {
            network_events_enable_all(&m);
            recorded &= ~(uint32_t)CONNECT;
        }
        posted = network_events_due(&m, &step->now, WS2_FD_ALL_EVENTS,
                                    recorded);
        enumerated = network_events_enumerate(&e, WS2_FD_ALL_EVENTS, errors);
        if (enumerated != step->enumerated || posted != step->posted)
            printf("\n    %s: enumerated %#x, not %#x; posted %#x, not %#x ",
                   step->name, enumerated, step->enumerated, posted,
                   step->posted);
        CU_ASSERT_EQUAL(enumerated, step->enumerated);
        CU_ASSERT_EQUAL(posted, step->posted);
        CU_ASSERT_EQUAL(errors[0], 0);
        CU_ASSERT_EQUAL(errors[4], enumerated & CONNECT ? connect_error : 0);
        CU_ASSERT_EQUAL(errors[5], enumerated & CLOSE ? close_error : 0);
        if (posted & CLOSE)
            CU_ASSERT_EQUAL(m.errors[5], close_error);
    }
}

#define NOTHING { .connection = OBSERVED_NONE }
#define LISTENING(n) { .connection = OBSERVED_LISTENING, .backlog = n }
#define STREAM(...) \
    { .connection = OBSERVED_CONNECTED, .writable = true, __VA_ARGS__ }
#define ACCEPTED(...) STREAM(.accepted = true, __VA_ARGS__)
#define FULL { .connection = OBSERVED_CONNECTED, .accepted = true }
#define RESET                                                  \
    { .connection = OBSERVED_CONNECTED, .accepted = true,      \
      .reset = true, .peer_closed = true }
#define DATA(n) .available = true, .received = n
#define DATAGRAM(...) { .datagram = true, .writable = true, __VA_ARGS__ }

static void listener(void)
{
    static const struct step steps[] = {
        { "A1: unbound", REGISTER, 0, NOTHING, 0, 0 },
        { "A1: listening", LOOK, 0, LISTENING(0), 0, 0 },
        { "A2: a client connects", LOOK, 0, LISTENING(1), ACCEPT, ACCEPT },
        { "no change", LOOK, 0, LISTENING(1), 0, 0 },
        { "A3: registered again", REGISTER, 0, LISTENING(1), 0, ACCEPT },
        { "A5: a second client", LOOK, 0, LISTENING(2), ACCEPT, 0 },
        { "A6: accept, one remains", REENABLE, ACCEPT, LISTENING(1), ACCEPT,
          ACCEPT },
        { "A7: accept the last", REENABLE, ACCEPT, LISTENING(0), 0, 0 },
        { "accept finds none", WOULD_BLOCK, ACCEPT, LISTENING(0), 0, 0 },
        { "another one", LOOK, 0, LISTENING(1), ACCEPT, ACCEPT },
        { "taken, the report is under way", LOOK, 0, LISTENING(0), 0, 0 },
        { "one more", LOOK, 0, LISTENING(1), ACCEPT, ACCEPT },
        { NULL, END, 0, NOTHING, 0, 0 },
    };

    run(steps, 0, 0);
}

static void connecting(void)
{
    static const struct step steps[] = {
        { "U4: unconnected", REGISTER, 0, NOTHING, 0, 0 },
        { "connecting", LOOK, 0, { .connection = OBSERVED_CONNECTING }, 0, 0 },
        { "C1: connected", LOOK, 0, STREAM(0), CONNECT | WRITE,
          CONNECT | WRITE },
        { "C2: registered again", REGISTER, 0, STREAM(0), 0, WRITE },
        { "W2: a send succeeds", LOOK, 0, STREAM(0), 0, 0 },
        { "disconnected", LOOK, 0, NOTHING, 0, 0 },
        { "connected anew", LOOK, 0, STREAM(0), CONNECT | WRITE, CONNECT },
        { NULL, END, 0, NOTHING, 0, 0 },
    };

    run(steps, 0, 0);
}

static void connected_before(void)
{
    static const struct step client[] = {
        { "C4: first registration", REGISTER, 0, STREAM(0), CONNECT | WRITE,
          WRITE },
        { NULL, END, 0, NOTHING, 0, 0 },
    };
    static const struct step server[] = {
        { "C3: accepted", REGISTER, 0, ACCEPTED(0), WRITE, WRITE },
        { NULL, END, 0, NOTHING, 0, 0 },
    };

    run(client, 0, 0);
    run(server, 0, 0);
}

static void connect_refused(void)
{
    static const struct step steps[] = {
        { "registered", REGISTER, 0, { .connection = OBSERVED_CONNECTING }, 0,
          0 },
        { "C7: refused", LOOK, 0, { .connect_error = WS2_ECONNREFUSED },
          CONNECT, CONNECT },
        { "no more", LOOK, 0, { .connect_error = WS2_ECONNREFUSED }, 0, 0 },
        { "registered again", REGISTER, 0, NOTHING, 0, 0 },
        { NULL, END, 0, NOTHING, 0, 0 },
    };
    struct network_events events = { 0 };
    const struct observation refused = { .connect_error = WS2_ETIMEDOUT };

    run(steps, 0, WS2_ECONNREFUSED);

    /* It may fail anew; an error that the caller has had is no event. */
    CU_ASSERT_EQUAL(network_events_connect_failed(&events, 0), 0);
    CU_ASSERT_EQUAL(network_events_observe(&events, &refused), 0);
    network_events_connecting(&events);
    CU_ASSERT_EQUAL(network_events_observe(&events, &refused), CONNECT);
    CU_ASSERT_EQUAL(events.errors[4], WS2_ETIMEDOUT);
}

static void stream_data(void)
{
    static const struct step steps[] = {
        { "registered", REGISTER, 0, ACCEPTED(0), WRITE, WRITE },
        { "R1: data", LOOK, 0, ACCEPTED(DATA(6)), READ, READ },
        { "R2: registered again", REGISTER, 0, ACCEPTED(DATA(6)), 0,
          READ | WRITE },
        { "R3: more", LOOK, 0, ACCEPTED(DATA(9)), READ, 0 },
        { "R4: recv a part", REENABLE, READ, ACCEPTED(DATA(9)), READ, READ },
        { "R5: recv fails, EFAULT", FAILED, READ, ACCEPTED(DATA(9)), 0, READ },
        { "R7: recv the rest", REENABLE, READ, ACCEPTED(.received = 9), 0, 0 },
        { "recv finds none", WOULD_BLOCK, READ, ACCEPTED(.received = 9), 0,
          0 },
        { "R12: the next", LOOK, 0, ACCEPTED(DATA(10)), READ, READ },
        { "taken, the report is under way", LOOK, 0,
          ACCEPTED(.received = 10), 0, 0 },
        { "and more comes", LOOK, 0, ACCEPTED(DATA(11)), READ, READ },
        { NULL, END, 0, NOTHING, 0, 0 },
    };

    run(steps, 0, 0);
}

static void urgent_data(void)
{
    static const struct step steps[] = {
        { "registered", REGISTER, 0, ACCEPTED(0), WRITE, WRITE },
        { "O1: an urgent byte", LOOK, 0,
          ACCEPTED(.urgent = true, .received = 1), OOB, OOB },
        { "O2: registered again", REGISTER, 0,
          ACCEPTED(.urgent = true, .received = 1), 0, OOB | WRITE },
        { "O3: a second one", LOOK, 0, ACCEPTED(.urgent = true, .received = 2),
          OOB, 0 },
        { "O4: one is read, one remains", REENABLE, OOB,
          ACCEPTED(.urgent = true, .received = 2), OOB, OOB },
        { "O5: the last one is read", REENABLE, OOB, ACCEPTED(.received = 2),
          0, 0 },
        { "data", LOOK, 0, ACCEPTED(DATA(4)), READ, READ },
        { "urgent beside unread data", LOOK, 0,
          ACCEPTED(DATA(5), .urgent = true, .mark = 2), OOB, OOB },
        { "both at once", LOOK, 0,
          ACCEPTED(DATA(9), .urgent = true, .mark = 5), READ | OOB, 0 },
        { "O6: inline", LOOK, 0, ACCEPTED(DATA(10)), READ, 0 },
        { NULL, END, 0, NOTHING, 0, 0 },
    };

    run(steps, 0, 0);
}

static void space(void)
{
    static const struct step steps[] = {
        { "W1: registered", REGISTER, 0, ACCEPTED(0), WRITE, WRITE },
        { "W1: again", REGISTER, 0, ACCEPTED(0), 0, WRITE },
        { "full", LOOK, 0, FULL, 0, 0 },
        { "drained, nobody failed", LOOK, 0, ACCEPTED(0), 0, 0 },
        { "W3: a send fails", WOULD_BLOCK, WRITE, FULL,
          0, 0 },
        { "not yet", LOOK, 0, FULL, 0, 0 },
        { "W3: drained", LOOK, 0, ACCEPTED(0), WRITE, WRITE },
        { "once", LOOK, 0, ACCEPTED(0), 0, 0 },
        { "there is space at once", WOULD_BLOCK, WRITE, ACCEPTED(0), WRITE,
          WRITE },
        { NULL, END, 0, NOTHING, 0, 0 },
    };

    run(steps, 0, 0);
}

static void closing(void)
{
    static const struct step graceful[] = {
        { "registered", REGISTER, 0, ACCEPTED(DATA(6)), READ | WRITE,
          READ | WRITE },
        { "K8: closed with data unread", LOOK, 0,
          ACCEPTED(DATA(6), .peer_closed = true), CLOSE, CLOSE },
        { "K9: recv a part", REENABLE, READ,
          ACCEPTED(DATA(6), .peer_closed = true), READ, READ },
        { "K10: recv the rest", REENABLE, READ,
          ACCEPTED(.received = 6, .peer_closed = true), 0, 0 },
        { "K3: recv gives 0", REENABLE, READ,
          ACCEPTED(.received = 6, .peer_closed = true), 0, 0 },
        { "K2: registered again", REGISTER, 0,
          ACCEPTED(.received = 6, .peer_closed = true), 0, CLOSE | WRITE },
        { "K5: then aborted", LOOK, 0,
          RESET, 0,
          0 },
        { NULL, END, 0, NOTHING, 0, 0 },
    };
    static const struct step aborted[] = {
        { "registered", REGISTER, 0, ACCEPTED(0), WRITE, WRITE },
        { "K13: RST", LOOK, 0,
          RESET,
          CLOSE, CLOSE },
        { "K14: registered again", REGISTER, 0,
          RESET, 0,
          CLOSE },
        { NULL, END, 0, NOTHING, 0, 0 },
    };
    static const struct step before[] = {
        { "K11: closed before", REGISTER, 0, ACCEPTED(.peer_closed = true),
          CLOSE | WRITE, CLOSE | WRITE },
        { NULL, END, 0, NOTHING, 0, 0 },
    };

    run(graceful, 0, 0);
    run(aborted, WS2_ECONNABORTED, 0);
    run(before, 0, 0);
}

static void datagrams(void)
{
    static const struct step steps[] = {
        { "U1: unbound", REGISTER, 0, DATAGRAM(0), 0, WRITE },
        { "U3: bound", LOOK, 0, DATAGRAM(.bound = true), WRITE, 0 },
        { "data", LOOK, 0, DATAGRAM(.bound = true, DATA(768)), READ, READ },
        { "more", LOOK, 0, DATAGRAM(.bound = true, DATA(1536)), READ, 0 },
        { "one is received", REENABLE, READ,
          DATAGRAM(.bound = true, DATA(768)), READ, READ },
        { "the last is", REENABLE, READ, DATAGRAM(.bound = true), 0, 0 },
        { "U2: connected", REENABLE, CONNECT,
          DATAGRAM(.bound = true, .connection = OBSERVED_CONNECTED),
          CONNECT | WRITE, WRITE },
        { "connected to another", REENABLE, CONNECT,
          DATAGRAM(.bound = true, .connection = OBSERVED_CONNECTED),
          CONNECT | WRITE, WRITE },
        { "dissolved", REENABLE, CONNECT, DATAGRAM(.bound = true), 0, 0 },
        { NULL, END, 0, NOTHING, 0, 0 },
    };

    run(steps, 0, 0);
}

static void the_mask_only_selects(void)
{
    const struct observation data = ACCEPTED(DATA(3));
    struct network_events events = { 0 };
    int32_t errors[WS2_FD_MAX_EVENTS];

    network_events_observe(&events, &data);
    CU_ASSERT_EQUAL(network_events_enumerate(&events, CLOSE, errors), 0);
    CU_ASSERT_EQUAL(network_events_enumerate(&events, WRITE, errors), WRITE);
    CU_ASSERT_EQUAL(network_events_enumerate(&events, READ | WRITE, errors),
                    READ);
    CU_ASSERT_EQUAL(network_events_enumerate(&events, READ | WRITE, errors),
                    0);
}

static void calls_are_awaited_while_a_condition_holds(void)
{
    const struct observation data = ACCEPTED(DATA(3));
    const struct observation none = ACCEPTED(.received = 3);
    struct network_events events = { 0 };

    network_events_observe(&events, &data);
    CU_ASSERT_EQUAL(network_events_awaited_calls(&events, false),
                    READ | WRITE);
    network_events_reenable(&events, &none, READ, 0, 0);
    CU_ASSERT_EQUAL(network_events_awaited_calls(&events, false), WRITE);
    CU_ASSERT_EQUAL(network_events_awaited_calls(&events, true),
                    WRITE | CONNECT);
    network_events_reenable_unseen(&events, WRITE, WRITE);
    CU_ASSERT_EQUAL(network_events_awaited_calls(&events, false), 0);
}

/* Nobody looks between a cancelling and the next registration. */
static void what_happened_unseen(void)
{
    const struct observation before = ACCEPTED(DATA(3));
    const struct observation after = ACCEPTED(DATA(6));
    const struct observation none = ACCEPTED(.received = 6);
    struct network_events events = { 0 };
    int32_t errors[WS2_FD_MAX_EVENTS];

    network_events_observe(&events, &before);
    network_events_enumerate(&events, READ | WRITE, errors);
    CU_ASSERT_EQUAL(network_events_observe(&events, &before), 0);
    network_events_reenable_unseen(&events, READ, 0);
    CU_ASSERT_EQUAL(network_events_observe(&events, &before), READ);
    CU_ASSERT_EQUAL(network_events_observe(&events, &after), READ);
    CU_ASSERT_EQUAL(network_events_observe(&events, &none), 0);
    CU_ASSERT_EQUAL(events.pending & READ, 0);
}

/* Changes of the network: once, as a message as well as an event. */
static void changes_of_the_network(void)
{
    const uint32_t change = WS2_FD_ADDRESS_LIST_CHANGE;
    const struct observation now = { .connection = OBSERVED_NONE };
    struct network_events events = { 0 };
    int32_t errors[WS2_FD_MAX_EVENTS];

    CU_ASSERT_EQUAL(network_events_occurred(&events, change), change);
    CU_ASSERT_EQUAL(network_events_due(&events, &now, READ, change), 0);
    CU_ASSERT_EQUAL(network_events_due(&events, &now, READ | change, change),
                    change);
    CU_ASSERT_EQUAL(network_events_due(&events, &now, READ | change, 0), 0);
    CU_ASSERT_EQUAL(network_events_enumerate(&events, change, errors), change);
    CU_ASSERT_EQUAL(network_events_enumerate(&events, change, errors), 0);
    /* It is not disabled: the next one is posted, too. */
    network_events_occurred(&events, change);
    CU_ASSERT_EQUAL(network_events_due(&events, &now, change, change), change);
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "a listener", listener },
        { "connecting", connecting },
        { "connected before", connected_before },
        { "a refused connect", connect_refused },
        { "data of a stream", stream_data },
        { "urgent data", urgent_data },
        { "space to send", space },
        { "closing", closing },
        { "datagrams", datagrams },
        { "the mask only selects", the_mask_only_selects },
        { "calls are awaited while a condition holds",
          calls_are_awaited_while_a_condition_holds },
        { "what happened unseen", what_happened_unseen },
        { "changes of the network", changes_of_the_network },
        CU_TEST_INFO_NULL,
    };

    return test_main("network events", tests);
}
