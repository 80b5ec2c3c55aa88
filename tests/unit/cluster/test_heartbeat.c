// tests/unit/cluster/test_heartbeat.c: heartbeats there and back; hostile ones are refused as a whole.
#include "cluster/heartbeat.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit/test.h"

#define HEAD "Amp: 1\nNode: n1\nBoot: 00000000000000ff\nStarted: 5\nBeat: 7\n"

static struct heartbeat *decode(const char *text, const char **fault)
{
    char *exact = memory_new(strlen(text)); // without a NUL, so that a read past the end is seen
    memcpy(exact, text, strlen(text));
    struct heartbeat *beat = heartbeat_decode((struct span){exact, strlen(text)}, fault);
    free(exact);
    return beat;
}

static void assert_refused(const char *text, const char *fault)
{
    const char *found;

    assert_null(decode(text, &found));
    assert_string_equal(found, fault);
}

static void test_it_comes_back_as_it_went(void **state)
{
    struct heartbeat_server servers[] = {
        {.key = span_of("pbx1"),
         .state = HOLD_UP,
         .claim = 7,
         .sequence = 812,
         .after_epoch = 6,
         .after_sequence = 77,
         .give = {span_of("n2"), 0x10, 0}},
        {.key = span_of("pbx2"), .unreached = true, .ended_epoch = 3, .ended_sequence = 409},
        {.key = span_of("pbx3"), .state = HOLD_WARM},
    };
    struct heartbeat_heard heard[] = {{{span_of("n2"), 0x10, 0}, 99}};
    struct heartbeat sent = {.member = {span_of("N1"), 0xfeed, 1700000000000},
                             .beat = 4711,
                             .sent = 1700000000001,
                             .sessions = 12,
                             .program = span_of("2.1.0~rc1"),
                             .draining = true,
                             .waking = true,
                             .heard = heard,
                             .heard_count = 1,
                             .servers = servers,
                             .server_count = 3};
    struct member_id second = {span_of("n2"), 0x10, 0}, third = {span_of("n3"), 0x10, 0};
    const char *fault;
    size_t length;
    (void)state;

    char *text = heartbeat_encode(&sent, &length);
    struct heartbeat *got = heartbeat_decode((struct span){text, length}, &fault);
    free(text);
    assert_null(fault);
    assert_true(member_equals(&got->member, &sent.member));
    assert_true(got->member.started == sent.member.started && got->beat == 4711 && got->sent == sent.sent);
    assert_true(got->draining && got->waking && !got->leaving && got->sessions == 12);
    assert_true(span_is(got->program, "2.1.0~rc1"));
    assert_int_equal(got->server_count, 3);
    const struct heartbeat_server *server = heartbeat_find(got, span_of("pbx1"));
    assert_true(server->state == HOLD_UP && server->claim == 7 && server->sequence == 812 && !server->unreached);
    assert_true(server->after_epoch == 6 && server->after_sequence == 77 && member_equals(&server->give, &second));
    server = heartbeat_find(got, span_of("pbx2"));
    assert_true(server->unreached && server->ended_epoch == 3 && server->ended_sequence == 409);
    assert_int_equal(heartbeat_find(got, span_of("pbx3"))->state, HOLD_WARM);
    assert_null(heartbeat_find(got, span_of("pbx4")));
    assert_null(heartbeat_find(got, span_of("a")));
    assert_int_equal(heartbeat_echo(got, &second), 99);
    assert_int_equal(heartbeat_echo(got, &third), 0);
    heartbeat_free(got);
}

static void test_what_a_later_release_adds_is_skipped(void **state)
{
    const char *fault;
    struct heartbeat *beat =
        decode(HEAD "Load: 3.5\r\nno header\n\nServer: pbx1 colour=blue claim=1 state=up word\r\n", &fault);
    (void)state;

    assert_non_null(beat);
    assert_int_equal(heartbeat_find(beat, span_of("pbx1"))->claim, 1);
    heartbeat_free(beat);
}

static void test_i17_hostile_heartbeats_are_refused(void **state)
{
    static const struct {
        const char *text, *fault;
    } rows[] = {
        {"", "its version is not known"},
        {"Amp: 2\n", "its version is not known"},
        {"Node: n1\nAmp: 1\n", "its version is not known"},
        {"Amp: 1\n", "a line is missing"},
        {HEAD "Node: n2\n", "a line is there twice"},
        {HEAD "Beat: 8\n", "a line is there twice"},
        {"Amp: 1\nNode: a b\n", "the name of its node is none"},
        {"Amp: 1\nNode:\n", "the name of its node is none"},
        {"Amp: 1\nBoot: 0\n", "its boot id is none"},
        {"Amp: 1\nBoot: 0000000000000000\n", "its boot id is none"},
        {"Amp: 1\nBeat: 0\n", "its number is none"},
        {"Amp: 1\nBeat: -1\n", "its number is none"},
        {"Amp: 1\nBeat: 18446744073709551615\n", "its number is none"},
        {"Amp: 1\nBeat: 99999999999999999999999\n", "its number is none"},
        {"Amp: 1\nStarted: 1e9\n", "the time of its start is none"},
        {"Amp: 1\nSent: x\n", "its time is none"},
        {"Amp: 1\nSessions: \n", "its number of sessions is none"},
        {HEAD "Heard: n2\n", "a process that it heard is none"},
        {HEAD "Heard: n2 00000000000000ff\n", "a process that it heard is none"},
        {HEAD "Server: PBX1\n", "the name of a server is none"},
        {HEAD "Server: \n", "the name of a server is none"},
        {HEAD "Server: b\nServer: a\n", "its servers are not in order, or one is there twice"},
        {HEAD "Server: a\nServer: a claim=1 state=up\n", "its servers are not in order, or one is there twice"},
        {HEAD "Server: a claim=1 state=what\n", "what it says of a server is not valid"},
        {HEAD "Server: a claim=18446744073709551615 state=up\n", "what it says of a server is not valid"},
        {HEAD "Server: a claim=1152921504606846977 state=up\n", "what it says of a server is not valid"},
        {HEAD "Server: a claim= state=up\n", "what it says of a server is not valid"},
        {HEAD "Server: a after=1\n", "what it says of a server is not valid"},
        {HEAD "Server: a ended=1/x\n", "what it says of a server is not valid"},
        {HEAD "Server: a give=n2/1\n", "what it says of a server is not valid"},
        {HEAD "Server: a claim=1\n", "the epochs of a server contradict each other"},
        {HEAD "Server: a state=up\n", "the epochs of a server contradict each other"},
        {HEAD "Server: a claim=2 state=up after=2/1\n", "the epochs of a server contradict each other"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(rows[i].text, rows[i].fault);
}

/** The text `head`, then `count` lines. */
static char *many(const char *head, const char *line, unsigned count)
{
    size_t length = strlen(head), size = length + count * (strlen(line) + 16) + 1;
    char *text = memory_new(size);

    memcpy(text, head, length + 1);
    for (unsigned i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, size - length, line, i);
    return text;
}

static void test_i17_hostile_sizes_are_refused(void **state)
{
    char *servers = many(HEAD, "Server: s%05u\n", HEARTBEAT_SERVERS), *more, *heard, *huge = memory_zero(10, 1 << 20);
    const char *fault;
    (void)state;

    struct heartbeat *beat = decode(servers, &fault);
    assert_int_equal(beat->server_count, HEARTBEAT_SERVERS);
    heartbeat_free(beat);
    more = many(servers, "Server: t%05u\n", 1);
    assert_refused(more, "it has too many servers");
    heard = many(HEAD, "Heard: n%u 00000000000000ff 1\n", HEARTBEAT_HEARD + 1);
    assert_refused(heard, "it has heard too many processes");
    memset(huge, 'a', (size_t)10 << 20);
    assert_null(heartbeat_decode((struct span){huge, (size_t)10 << 20}, &fault));
    assert_string_equal(fault, "it is too long");
    free(servers);
    free(more);
    free(heard);
    free(huge);
}

static void test_what_is_too_long_is_not_written(void **state)
{
    struct heartbeat_server *servers = memory_zero(HEARTBEAT_SERVERS, sizeof *servers);
    struct heartbeat sent = {
        .member = {span_of("n1"), 1, 1}, .beat = 1, .servers = servers, .server_count = HEARTBEAT_SERVERS};
    char key[3 * 128];
    size_t length;
    (void)state;

    memset(key, 'a', sizeof key);
    for (size_t i = 0; i < HEARTBEAT_SERVERS; i++)
        servers[i] = (struct heartbeat_server){.key = {key, sizeof key}, .unreached = true};
    assert_null(heartbeat_encode(&sent, &length));
    free(servers);
}

/** 200 servers of an owner take a few kilobytes. */
static void test_i17_200_servers_are_small(void **state)
{
    struct heartbeat_server servers[200] = {0};
    struct heartbeat sent = {.member = {span_of("n1"), 1, 1}, .beat = 1, .servers = servers, .server_count = 200};
    char keys[200][16];
    size_t length;
    (void)state;

    for (unsigned i = 0; i < 200; i++) {
        snprintf(keys[i], sizeof keys[i], "pbx%03u", i);
        servers[i] = (struct heartbeat_server){.key = span_of(keys[i]),
                                               .claim = i % 3 == 0,
                                               .sequence = 12345678,
                                               .state = i % 3 == 0 ? HOLD_UP : HOLD_NOTHING};
    }
    free(heartbeat_encode(&sent, &length));
    assert_in_range(length, 1, 200 * 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_comes_back_as_it_went),
        cmocka_unit_test(test_what_a_later_release_adds_is_skipped),
        cmocka_unit_test(test_i17_hostile_heartbeats_are_refused),
        cmocka_unit_test(test_i17_hostile_sizes_are_refused),
        cmocka_unit_test(test_what_is_too_long_is_not_written),
        cmocka_unit_test(test_i17_200_servers_are_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
