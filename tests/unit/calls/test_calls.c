// tests/unit/calls/test_calls.c: who sees which message, told as short stories. A line is an event; what follows the
// bar is who sees it, a letter a user, then in brackets what is replayed before it.
#include "calls/calls.h"
#include "unit/ami/parse.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

/** Users: a and b have phones, m more events, c sees a context, d both a phone and a context. */
static const struct call_rule rules[] = {
    {"a", "SIP/1", NULL, false}, {"b", "SIP/2", NULL, false},    {"m", "SIP/9", NULL, true},
    {"c", NULL, "sales", false}, {"d", "SIP/1", "sales", false},
};
#define RULES (sizeof rules / sizeof rules[0])

struct scene {
    struct calls *calls;
    uint64_t now_ms;
};

/** `Dial Channel=SIP/1 …`: words with a sign are headers; `,` stands for a blank in values. */
static struct message *event_of(const char *line, size_t length)
{
    char *text = strndup(line, length), *rest = text, *word;
    struct message_builder builder;
    struct message *made, *parsed;
    struct parser *parser;
    const char *server = "pbx";
    struct list list = {0};

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", strsep(&rest, " "));
    message_addf(&builder, "Privilege", "call,all");
    while ((word = strsep(&rest, " ")) != NULL) {
        char *sign = strchr(word, '=');
        if (sign == NULL)
            continue;
        *sign = '\0';
        if (strcmp(word, "Server") == 0)
            server = sign + 1;
        else
            message_addf(&builder, word, "%s", sign + 1);
    }
    parser = parser_create(server);
    free(text);
    made = message_build(&builder);
    parse_feed(parser, message_wire(made));
    parse_take(parser, &list); // as a server sends it
    parser_destroy(parser);
    assert_int_equal(list.count, 1);
    parsed = message_ref(list.messages[0]);
    list_fini(&list);
    message_unref(made);
    return parsed;
}

static void append_seen(const struct calls *calls, bool own, char *text, size_t size)
{
    for (size_t rule = 0; rule < RULES; rule++) {
        size_t length = strlen(text);
        if (calls_sees(calls, rule, own))
            snprintf(text + length, size - length, "%s", rules[rule].user);
    }
}

static void append_reveals(const struct calls *calls, char *text, size_t size)
{
    for (size_t i = 0; i < calls_revealed(calls); i++) {
        for (size_t rule = 0; rule < RULES; rule++) {
            const struct message *message = calls_reveal(calls, i, rule);
            size_t length = strlen(text);
            struct span id;
            if (message == NULL)
                continue;
            if (!message_find(message, "Uniqueid", &id))
                message_find(message, "BridgeUniqueid", &id);
            snprintf(text + length, size - length, "[%s:%.4s %.*s]", rules[rule].user, message_name(message).bytes,
                     (int)id.length, id.bytes);
        }
    }
}

/** Plays the story. A line that begins with `?` is an item of a list that each has asked for. */
static void play(struct scene *scene, const char *story)
{
    while (*story != '\0') {
        size_t length = strcspn(story, "\n");
        const char *bar = memchr(story, '|', length);
        assert_non_null(bar);
        bool is_item = *story == '?';
        struct message *message = event_of(story + is_item, (size_t)(bar - story) - is_item);
        char seen[512] = "", expected[512];
        snprintf(expected, sizeof expected, "%.*s", (int)(length - (size_t)(bar + 1 - story)), bar + 1);
        if (is_item)
            calls_look(scene->calls, message);
        else
            calls_observe(scene->calls, message, scene->now_ms);
        append_seen(scene->calls, is_item, seen, sizeof seen);
        append_reveals(scene->calls, seen, sizeof seen);
        if (strcmp(seen, expected) != 0)
            print_message("in: %.*s\n", (int)length, story);
        assert_string_equal(seen, expected);
        message_unref(message);
        story += length + (story[length] == '\n');
    }
}

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    scene->calls = calls_create(NULL, 0);
    scene->now_ms = 1000;
    calls_set_rules(scene->calls, rules, RULES);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    calls_destroy(scene->calls);
    free(scene);
    return 0;
}

static void test_c52_own_channel_from_newchannel_to_cdr(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Context=local|a\n"
                 "Newstate Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
                 "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
                 "Newexten Uniqueid=10|ad\n"
                 "Rename Channel=SIP/1-0 Newname=SIP/7-0 Uniqueid=10|ad\n"
                 "VarSet Channel=SIP/7-0 Uniqueid=10|ad\n"
                 "Hangup Channel=SIP/7-0 Uniqueid=10|ad\n"
                 "Cdr Channel=SIP/7-0 UniqueID=10 DestinationChannel=|ad\n"
                 "CEL Channel=SIP/7-0 UniqueID=10 LinkedID=10|ad\n"
                 "Cdr Channel=SIP/2-0 UniqueID=20|b\n");
}

static void test_c57_the_other_leg_is_replayed_when_it_is_dialled(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
         "Newstate Channel=SIP/5-0 Uniqueid=50 Linkedid=50 ChannelState=4|\n"
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=50|ad[a:Newc 50][d:Newc 50][a:News 50][d:News 50]\n"
         "DialBegin Channel=SIP/5-0 Uniqueid=50 Linkedid=50 DestChannel=SIP/1-0 DestUniqueid=10 DestLinkedid=50|ad\n"
         "Hangup Channel=SIP/5-0 Uniqueid=50 Linkedid=50|ad\n");
}

static void test_c57_without_linkedid_the_dial_tells(void **state)
{
    play(
        *state,
        "Newchannel Channel=SIP/5-0 Uniqueid=50|\n"
        "Newchannel Channel=SIP/1-0 Uniqueid=10|ad\n"
        "Dial SubEvent=Begin Channel=SIP/5-0 Destination=SIP/1-0 UniqueID=50 DestUniqueID=10|ad[a:Newc 50][d:Newc 50]\n"
        "Newchannel Channel=SIP/6-0 Uniqueid=60|\n"
        "Newchannel Channel=SIP/2-0 Uniqueid=20|b\n"
        "Dial Source=SIP/6-0 Destination=SIP/2-0 SrcUniqueID=60 DestUniqueID=20|b[b:Newc 60]\n"
        "Link Channel1=SIP/6-0 Channel2=SIP/2-0 Uniqueid1=60 Uniqueid2=20|b\n"
        "Bridge Bridgestate=Link Channel1=SIP/5-0 Channel2=SIP/1-0 Uniqueid1=50 Uniqueid2=10|ad\n"
        "Hangup Channel=SIP/5-0 Uniqueid=50|ad\n");
}

static void test_bridged_later(void **state)
{
    play(*state,
         "BridgeCreate BridgeUniqueid=B1 BridgeType=basic|\n"
         "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
         "BridgeEnter BridgeUniqueid=B1 BridgeType=basic BridgeNumChannels=1 Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
         "BridgeEnter BridgeUniqueid=B1 BridgeType=basic BridgeNumChannels=2 Channel=SIP/1-0 Uniqueid=10 Linkedid=10|"
         "ad[a:Newc 50][d:Newc 50][a:Brid B1][d:Brid B1]\n"
         "BridgeLeave BridgeUniqueid=B1 BridgeType=basic Channel=SIP/5-0 Uniqueid=50 Linkedid=10|ad\n"
         "BridgeDestroy BridgeUniqueid=B1 BridgeType=basic|ad\n"
         "Hangup Channel=SIP/5-0 Uniqueid=50 Linkedid=10|ad\n");
}

static void test_a_conference_is_no_call(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
         "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
         "BridgeEnter BridgeUniqueid=C BridgeType=base BridgeNumChannels=1 Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
         "BridgeEnter BridgeUniqueid=C BridgeType=base BridgeNumChannels=2 Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
         "ConfbridgeTalking Conference=7 BridgeUniqueid=C Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
         "ConfbridgeEnd Conference=7 BridgeUniqueid=C|abd\n");
}

static void test_a_leg_that_joins_after_ones_own_left_is_not_ones_own(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=50|ad[a:Newc 50][d:Newc 50]\n"
         "Hangup Channel=SIP/1-0 Uniqueid=10 Linkedid=50|ad\n"
         "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=50|b[b:Newc 50]\n"
         "DialBegin Channel=SIP/5-0 Uniqueid=50 Linkedid=50 DestChannel=SIP/2-0 DestUniqueid=20 DestLinkedid=50|b\n"
         "Hangup Channel=SIP/2-0 Uniqueid=20 Linkedid=50|b\n"
         "Hangup Channel=SIP/5-0 Uniqueid=50 Linkedid=50|abd\n");
}

static void test_foreign_and_own_in_one_message(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
                 "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
                 "ChanSpyStart SpyerChannel=SIP/2-0 SpyerUniqueid=20 SpyeeChannel=SIP/1-0 SpyeeUniqueid=10|\n"
                 "CEL Channel=SIP/1-0 UniqueID=10 LinkedID=10 Peer=SIP/2-0|\n"
                 "CEL Channel=SIP/1-0 UniqueID=10 LinkedID=10 Peer=SIP/1-0,SIP/1-9|ad\n"
                 "UserEvent UserEvent=x Uniqueid=10 Linkedid=20|ad\n"
                 "UserEventHello Uniqueid=10 Linkedid=20|ad\n"
                 "Newstate Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n");
}

static void test_c53_messages_without_channel(void **state)
{
    play(*state, "Reload Module=x|m\n"
                 "PeerStatus ChannelType=SIP Peer=SIP/1|amd\n"
                 "QueueMemberStatus Queue=q Interface=SIP/2 StateInterface=SIP/2|bm\n"
                 "DeviceStateChange Device=SIP/1 State=INUSE|amd\n"
                 "VarSet Channel=none Uniqueid=none Variable=x|m\n"
                 "ExtensionStatus Exten=1 Context=sales Hint=SIP/1|mc\n"
                 "ExtensionStatus Exten=1 Context=other|m\n"
                 "?QueueParams Queue=q|abmcd\n"
                 "?QueueMember Queue=q Interface=SIP/2|bm\n"
                 "?PeerEntry Channeltype=SIP ObjectName=1|amd\n");
}

static void test_c51_contexts(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Context=from-phone|a\n"
                 "Newexten Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Context=sales|acd\n"
                 "Newexten Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Context=Sales|a\n"
                 "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=10 Context=trunk|a\n"
                 "Cdr Channel=SIP/1-0 UniqueID=10|acd\n");
}

static void test_list_items_of_channels_never_heard_of(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
                 "?CoreShowChannel Channel=SIP/5-0 Uniqueid=50 Linkedid=10|ad\n"
                 "?CoreShowChannel Channel=SIP/5-1 Uniqueid=51 Linkedid=51|\n"
                 "?CoreShowChannel Channel=SIP/2-1 Uniqueid=21 Linkedid=51|b\n"
                 "?QueueEntry Queue=q Channel=SIP/5-1|\n");
}

/** A message of a server's listing (Action: Status). */
static void list(struct scene *scene, const char *server, const char *lines, bool final)
{
    char text[1024];
    struct parser *parser = parser_create(server);
    struct list messages = {0};

    snprintf(text, sizeof text, "%s\r\n\r\n", lines);
    parse_feed(parser, span_of(text));
    parse_take(parser, &messages);
    assert_int_equal(messages.count, 1);
    calls_list(scene->calls, messages.messages[0], final, scene->now_ms);
    list_fini(&messages);
    parser_destroy(parser);
}

#define BEGIN "Response: Success\r\nEventList: start"
#define ITEM(name, id) "Event: Status\r\nPrivilege: Call\r\nChannel: " name "\r\nUniqueid: " id "\r\nLinkedid: " id
#define COMPLETE "Event: StatusComplete\r\nEventList: Complete\r\nListItems: 1"

/** Two PBXs come up at once and list their channels, each in between the other's lines. */
static void test_f22_servers_that_list_at_once_end_only_their_own(void **state)
{
    struct scene *scene = *state;

    list(scene, "x", BEGIN, false);
    list(scene, "x", ITEM("SIP/1-0", "10"), false);
    list(scene, "y", BEGIN, false);
    list(scene, "x", COMPLETE, true);
    play(scene, "Newexten Uniqueid=10 Server=x|ad\n");
    list(scene, "y", ITEM("SIP/2-0", "20"), false);
    list(scene, "x", BEGIN, false); // x came up once more
    list(scene, "y", ITEM("SIP/2-1", "21"), false);
    list(scene, "y", COMPLETE, true);
    play(scene, "Newexten Uniqueid=20 Server=y|b\n"
                "Newexten Uniqueid=21 Server=y|b\n");
    assert_true(calls_may_touch(scene->calls, 1, span_of("y"), span_of("20")));
    list(scene, "x", COMPLETE, true); // 10 has hung up meanwhile
    assert_false(calls_may_touch(scene->calls, 0, span_of("x"), span_of("10")));
    assert_true(calls_may_touch(scene->calls, 1, span_of("y"), span_of("20")));
}

/** What was named before an Error inside the list is still up, and so may be what it did not come to. */
static void test_f22_a_listing_that_says_error_ends_nothing(void **state)
{
    struct scene *scene = *state;

    play(scene, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Server=x|ad\n");
    list(scene, "x", BEGIN, false);
    list(scene, "x", ITEM("SIP/2-0", "20"), false);
    list(scene, "x", "Response: Error\r\nMessage: no memory", false);
    list(scene, "x", COMPLETE, true);
    assert_true(calls_may_touch(scene->calls, 0, span_of("x"), span_of("10")));
    assert_true(calls_may_touch(scene->calls, 1, span_of("x"), span_of("20")));
    list(scene, "x", "Response: Error\r\nMessage: Permission denied", true); // no list at all
    assert_true(calls_may_touch(scene->calls, 0, span_of("x"), span_of("10")));
}

static void test_servers_have_ids_of_their_own(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Server=x|ad\n"
                 "Newstate Uniqueid=10 Server=y|\n"
                 "Newstate Uniqueid=10 Server=x|ad\n"
                 "Shutdown Server=x|m\n"
                 "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=10 Server=x|\n");
}

static void test_too_many_channels_are_nobodys(void **state)
{
    char line[2048] = "Weird Channel=SIP/1-0 Uniqueid=10";

    for (int i = 0; i < 20; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), " X%dChannel=SIP/1-%d", i, i);
    strcat(line, "|\n");
    play(*state, line);
}

static void test_touching(void **state)
{
    struct scene *scene = *state;

    play(scene, "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50 Server=x|\n"
                "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=50 Server=x|ad[a:Newc 50][d:Newc 50]\n"
                "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Server=x|b\n");
    assert_true(calls_may_touch(scene->calls, 0, span_of(""), span_of("sip/1-77")));
    assert_true(calls_may_touch(scene->calls, 0, span_of("x"), span_of("SIP/5-0")));
    assert_true(calls_may_touch(scene->calls, 0, span_of(""), span_of("50")));
    assert_false(calls_may_touch(scene->calls, 0, span_of("y"), span_of("SIP/5-0")));
    assert_false(calls_may_touch(scene->calls, 0, span_of(""), span_of("SIP/2-0")));
    assert_false(calls_may_touch(scene->calls, 0, span_of(""), span_of("20")));
    assert_false(calls_may_touch(scene->calls, 3, span_of(""), span_of("SIP/1-0")));
}

static void count_each(void *context, struct message *message)
{
    (void)message;
    ++*(size_t *)context;
}

static size_t snapshot_size(const struct scene *scene, size_t rule)
{
    size_t count = 0;

    calls_snapshot(scene->calls, rule, count_each, &count);
    return count;
}

/** Devices, not beginnings of names: `SIP/1` is neither `SIP/10` nor `SIP/1-office`. */
static void test_f09_devices_whose_names_begin_alike(void **state)
{
    struct scene *scene = *state;
    static const char *const foreign[] = {
        "SIP/10-0000001f", "SIP/1-office-0000001f", "SIP/1@evil.example-0000001f", "SIP/1@evil.example", "SIP/1/x",
        "SIP/1&SIP/2",     "SIP/1-office"};

    play(scene, "Newchannel Channel=sip/1-0000001F Uniqueid=10|ad\n"
                "Newchannel Channel=SIP/10-0000001f Uniqueid=100|\n"
                "Newchannel Channel=SIP/1-office-0000001f Uniqueid=101|\n"
                "Newchannel Channel=SIP/1@evil.example-0000001f Uniqueid=102|\n"
                "Rename Channel=SIP/1-0000001f Newname=SIP/1-0000001f<ZOMBIE> Uniqueid=10|ad\n"
                "QueueMemberStatus Queue=q Interface=SIP/10|m\n"
                "DeviceStateChange Device=SIP/1-office State=INUSE|m\n"
                "?PeerEntry ObjectName=1|amd\n"
                "?PeerEntry ObjectName=10|m\n"
                "?PeerEntry ObjectName=1-office|m\n");
    assert_true(calls_may_touch(scene->calls, 0, span_of(""), span_of("SIP/1-000000ff")));
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_false(calls_may_touch(scene->calls, 0, span_of(""), span_of(foreign[i])));
}

static void test_snapshot_and_other_rules(void **state)
{
    struct scene *scene = *state;
    static const struct call_rule others[] = {{"b", "SIP/2", NULL, false}, {"e", "SIP/5", NULL, false}};

    play(scene, "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
                "Newstate Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
                "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=50|b[b:Newc 50][b:News 50]\n");
    assert_int_equal(snapshot_size(scene, 1), 3);
    assert_int_equal(snapshot_size(scene, 0), 0);
    assert_int_equal(snapshot_size(scene, CALLS_ANY), 3);
    calls_set_rules(scene->calls, others, 2);
    assert_int_equal(snapshot_size(scene, 0), 3);
    assert_int_equal(snapshot_size(scene, 1), 3);
    calls_set_rules(scene->calls, rules, RULES);
    assert_int_equal(snapshot_size(scene, 0), 0);
}

static void test_what_ended_is_forgotten(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < 100; i++) {
        char story[256];
        snprintf(story, sizeof story,
                 "Newchannel Channel=SIP/1-%d Uniqueid=%d Linkedid=%d|ad\nHangup Channel=SIP/1-%d Uniqueid=%d|ad\n", i,
                 i, i, i, i);
        play(scene, story);
    }
    assert_int_equal(calls_count(scene->calls), 100);
    scene->now_ms += 11 * 60 * 1000;
    play(scene, "Reload Module=x|m\n");
    assert_int_equal(calls_count(scene->calls), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_c52_own_channel_from_newchannel_to_cdr),
        TEST(test_c57_the_other_leg_is_replayed_when_it_is_dialled),
        TEST(test_c57_without_linkedid_the_dial_tells),
        TEST(test_bridged_later),
        TEST(test_a_conference_is_no_call),
        TEST(test_a_leg_that_joins_after_ones_own_left_is_not_ones_own),
        TEST(test_foreign_and_own_in_one_message),
        TEST(test_c53_messages_without_channel),
        TEST(test_c51_contexts),
        TEST(test_list_items_of_channels_never_heard_of),
        TEST(test_f22_servers_that_list_at_once_end_only_their_own),
        TEST(test_f22_a_listing_that_says_error_ends_nothing),
        TEST(test_servers_have_ids_of_their_own),
        TEST(test_too_many_channels_are_nobodys),
        TEST(test_touching),
        TEST(test_f09_devices_whose_names_begin_alike),
        TEST(test_snapshot_and_other_rules),
        TEST(test_what_ended_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
