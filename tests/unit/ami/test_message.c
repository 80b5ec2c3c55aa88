// tests/unit/ami/test_message.c: headers, kinds of messages, ActionIDs added and removed, the builder.
#include "ami/event_class.h"
#include "unit/ami/parse.h"

#include <pthread.h>

static void test_c18_names_without_case(void **state)
{
    (void)state;
    struct message *message =
        parse_one("EVENT: X\r\nacTIONid: 7\r\nUniQUEID: 1.2\r\nuniqueid: 3\r\nPRIVILEGE: call,all\r\n\r\n");
    struct span value;
    assert_true(message_find(message, "Uniqueid", &value));
    assert_span(value, "1.2");
    assert_true(message_find(message, "UNIQUEID", &value));
    assert_span(message_action_id(message), "7");
    assert_int_equal(message->kind, MESSAGE_EVENT);
    assert_int_equal(message->classes, CLASS_CALL);
    assert_header(message, 2, "UniQUEID", "1.2");
    assert_false(message_find(message, "Unique", &value));
    assert_int_equal(value.length, 0);
    message_unref(message);
}

/** Which kind is a text, and what is its name? */
struct kind_of {
    const char *text;
    enum message_kind kind;
    const char *name;
};

static void assert_kinds(const struct kind_of *kinds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct message *message = parse_one(kinds[i].text);
        if (message->kind != kinds[i].kind || !span_equals(message_name(message), span_of(kinds[i].name)))
            fail_msg("%s: kind %d", kinds[i].text, message->kind);
        message_unref(message);
    }
}

static void one_header_tells_the_kind(void **state)
{
    static const struct kind_of kinds[] = {
        {"Event: OriginateResponse\r\nResponse: Success\r\n\r\n", MESSAGE_EVENT, "OriginateResponse"},
        {"Event: UserEvent\r\nEvent: x\r\n\r\n", MESSAGE_EVENT, "UserEvent"},
        {"Response: Error\r\nEvent: x\r\n\r\n", MESSAGE_RESPONSE, "Error"},
        {"Action: Ping\r\n\r\n", MESSAGE_ACTION, "Ping"},
        {"ActionID: 1\r\nAction: Ping\r\n\r\n", MESSAGE_OTHER, "1"},
        {"no colon at all\r\nX: Event: x\r\n\r\n", MESSAGE_OTHER, "no colon at all"},
    };

    (void)state;
    assert_kinds(kinds, sizeof kinds / sizeof kinds[0]);
}

static void test_f27_the_deciding_header_may_stand_behind_others(void **state)
{
    static const struct kind_of kinds[] = {
        {"Privilege: call,all\r\nEvent: Newchannel\r\nChannel: x\r\n\r\n", MESSAGE_EVENT, "Newchannel"},
        {"ActionID: 1\r\nResponse: Success\r\n\r\n", MESSAGE_RESPONSE, "Success"},
        {"ActionID: 1\r\nEvent: A\r\nResponse: Success\r\n\r\n", MESSAGE_EVENT, "A"},
        {"ActionID: 1\r\nResponse: Success\r\nEvent: A\r\n\r\n", MESSAGE_RESPONSE, "Success"},
        {"Server: far\r\nPrivilege: call,all\r\nEVENT: A\r\nEvent: B\r\n\r\n", MESSAGE_EVENT, "A"},
        {": no name\r\nEvent: A\r\n\r\n", MESSAGE_EVENT, "A"},
        {":\r\nodd\r\nResponse: Error\r\n\r\n", MESSAGE_RESPONSE, "Error"},
        {"Action: x\r\nEvent: A\r\n\r\n", MESSAGE_ACTION, "x"},
        {"Event: \r\nResponse: Success\r\n\r\n", MESSAGE_EVENT, ""},
    };

    (void)state;
    assert_kinds(kinds, sizeof kinds / sizeof kinds[0]);

    struct message *message = parse_one("Privilege: call,all\r\nEvent: A\r\nActionID: 7\r\nX: y\r\n\r\n");
    assert_int_equal(message->classes, CLASS_CALL);
    struct message *copy = message_with_action_id(message, NULL);
    assert_int_equal(copy->kind, MESSAGE_EVENT);
    assert_int_equal(copy->classes, CLASS_CALL);
    assert_span(message_name(copy), "A");
    message_unref(copy);
    copy = message_with_value(message, 0, span_of("user,all")); // as a filter changes it
    assert_int_equal(copy->classes, CLASS_USER);
    assert_span(message_name(copy), "A");
    message_unref(copy);
    message_unref(message);
}

/** A value that a client or a script gives an action is read as Asterisk reads it, without the blanks before it. */
static void test_f20_only_actions_lose_leading_blanks(void **state)
{
    (void)state;
    struct message *event =
        parse_one("Event: A\r\nActionID:  7\r\nX:   three\r\nY:\ttab\r\nZ:none\r\nEmpty:  \r\n\r\n");
    assert_header(event, 1, "ActionID", " 7");
    assert_header(event, 2, "X", "  three");
    assert_header(event, 3, "Y", "\ttab");
    assert_header(event, 4, "Z", "none");
    assert_header(event, 5, "Empty", " ");
    struct message *copy = message_with_value(event, 2, span_of("  other"));
    assert_header(copy, 2, "X", "  other");
    message_unref(copy);
    message_unref(event);

    struct message_builder builder;
    message_builder_init(&builder);
    message_add(&builder, span_of("Channel"), span_of(" \tSIP/2"));
    message_add(&builder, span_of("Action"), span_of("  Hangup"));
    struct message *action = message_build(&builder);
    assert_header(action, 0, "Channel", "SIP/2");
    assert_span(message_action(action, NULL), "Hangup");
    copy = message_with_value(action, 0, span_of("   SIP/3"));
    assert_header(copy, 0, "Channel", "SIP/3");
    message_unref(copy);
    message_unref(action);

    message_builder_init(&builder);
    message_add(&builder, span_of("Event"), span_of("DBGetResponse"));
    message_add(&builder, span_of("Val"), span_of("  x"));
    struct message *built = message_build(&builder);
    assert_header(built, 1, "Val", "  x");
    message_unref(built);
}

static void only_the_first_privilege_of_an_event_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t classes;
    } rows[] = {
        {"Event: X\r\nPrivilege: system,user,all\r\nPrivilege: call,all\r\n\r\n", CLASS_SYSTEM | CLASS_USER},
        {"Event: X\r\nPrivilege: <none>\r\nPrivilege: call,all\r\n\r\n", 0},
        {"Event: X\r\nA: b\r\n\r\n", 0},
        {"Event: Status\r\nPrivilege: Call\r\n\r\n", CLASS_CALL},
        {"Response: Success\r\nPrivilege: call,all\r\n\r\n", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct message *message = parse_one(rows[i].text);
        assert_int_equal(message->classes, rows[i].classes);
        message_unref(message);
    }
}

static void lists_and_action_ids_are_seen(void **state)
{
    (void)state;
    struct message *message = parse_one("Response: Success\r\nActionID: a\r\nEventList: Start\r\nActionID: b\r\n\r\n");
    assert_true(message->incomplete_list);
    assert_int_equal(message->action_id, 1);
    assert_span(message_action_id(message), "a");
    message_unref(message);
    message = parse_one("Event: XComplete\r\nEventList: start\r\n\r\n");
    assert_false(message->incomplete_list);
    assert_int_equal(message->action_id, -1);
    assert_span(message_action_id(message), "");
    message_unref(message);
}

static void the_action_is_the_first_one_that_is_not_empty(void **state)
{
    (void)state;
    uint32_t index = 99;
    struct message *message = parse_one("Username: u\r\nAction: \r\nACTION: Ping\r\nAction: Login\r\n\r\n");
    assert_span(message_action(message, &index), "Ping");
    assert_int_equal(index, 2);
    message_unref(message);
    message = parse_one("Username: u\r\nAction:\r\n\r\n");
    assert_span(message_action(message, NULL), "");
    message_unref(message);
}

static void assert_with_id(const char *text, const char *id, const char *expected)
{
    struct message *message = parse_one(text);
    struct span value = span_of(id);
    struct message *copy = message_with_action_id(message, id == NULL ? NULL : &value);
    struct span pieces[MESSAGE_SPLICE_PIECES], wire = message_wire(copy);
    int count = message_splice_action_id(message, id == NULL ? NULL : &value, pieces);
    for (int i = 0; i < count; i++) { // the same bytes without a copy
        assert_true(wire.length >= pieces[i].length);
        assert_memory_equal(wire.bytes, pieces[i].bytes, pieces[i].length);
        wire = (struct span){wire.bytes + pieces[i].length, wire.length - pieces[i].length};
    }
    assert_int_equal(wire.length, 0);
    struct message *wanted = parse_one(expected);
    assert_true(is_same_message(copy, wanted));
    assert_true(span_equals(message_wire(message), span_of(text)));
    message_unref(wanted);
    message_unref(copy);
    message_unref(message);
}

static void action_ids_are_put_in_and_taken_out(void **state)
{
    (void)state;
    const char *plain = "Response: Success\r\nPing: Pong\r\n\r\n";
    const char *first = "Response: Success\r\nActionID: mine\r\nPing: Pong\r\n\r\n";
    assert_with_id(first, NULL, plain);
    assert_with_id(plain, NULL, plain);
    assert_with_id(plain, "mine", first);
    assert_with_id("Response: Success\r\nActionID: amp1-0123456789\r\nPing: Pong\r\n\r\n", "mine", first);
    assert_with_id("Event: E\r\nA: 1\r\nactionid:x\r\nActionID: y\r\n\r\n", "longer than before ",
                   "Event: E\r\nA: 1\r\nActionID: longer than before \r\nActionID: y\r\n\r\n");
    assert_with_id("Event: E\r\nA: 1\r\nActionID: x\r\nActionID: y\r\n\r\n", NULL,
                   "Event: E\r\nA: 1\r\nActionID: y\r\n\r\n");
    assert_with_id("Event: E\r\n\r\n", "1", "Event: E\r\nActionID: 1\r\n\r\n");
    assert_with_id("Event: E\nActionID: 22\nA: 1\n\n", "1", "Event: E\nActionID: 1\nA: 1\n\n");
    assert_with_id("Event: E\nA: 1\r\n\r\n", "1", "Event: E\nActionID: 1\nA: 1\r\n\r\n");
    assert_with_id("ActionID: 1\r\nAction: Ping\r\n\r\n", NULL, "Action: Ping\r\n\r\n");
    assert_with_id("Event: E\r\nActionID: 1\r\nM: text\n\r\n\r\n", "2", "Event: E\r\nActionID: 2\r\nM: text\n\r\n\r\n");
    assert_with_id("Response: Follows\r\nPrivilege: Command\r\nActionID: 1\r\ntext\n--END COMMAND--\r\n\r\n", NULL,
                   "Response: Follows\r\nPrivilege: Command\r\ntext\n--END COMMAND--\r\n\r\n");
    assert_with_id("Response: Follows\r\nPrivilege: Command\r\ntext\n--END COMMAND--\r\n\r\n", "1",
                   "Response: Follows\r\nActionID: 1\r\nPrivilege: Command\r\ntext\n--END COMMAND--\r\n\r\n");
}

static void assert_copy(struct message *copy, const char *expected)
{
    struct message *wanted = parse_one(expected);

    assert_true(is_same_message(copy, wanted));
    message_unref(wanted);
    message_unref(copy);
}

/** A change copies the fields that it cannot affect, and searches for the others: both must equal what
 *  a parser finds. */
static void a_copy_has_the_fields_that_a_parser_finds(void **state)
{
    (void)state;
    struct message *event = parse_one("Event: A\r\nActionID: 1\r\nPrivilege: call,all\r\nX: 1\r\n\r\n");
    assert_copy(message_with_value(event, 3, span_of("longer")),
                "Event: A\r\nActionID: 1\r\nPrivilege: call,all\r\nX: longer\r\n\r\n");
    assert_copy(message_with_value(event, 2, span_of("agent,all")),
                "Event: A\r\nActionID: 1\r\nPrivilege: agent,all\r\nX: 1\r\n\r\n");
    assert_copy(message_with_value(event, 1, span_of("22")),
                "Event: A\r\nActionID: 22\r\nPrivilege: call,all\r\nX: 1\r\n\r\n");
    assert_copy(message_with_value(event, 0, span_of("Other")),
                "Event: Other\r\nActionID: 1\r\nPrivilege: call,all\r\nX: 1\r\n\r\n");
    assert_copy(message_with_header(event, span_of("New"), span_of("y")),
                "Event: A\r\nNew: y\r\nActionID: 1\r\nPrivilege: call,all\r\nX: 1\r\n\r\n");
    message_unref(event);
    event = parse_one("Event: A\nX: 1\r\n\r\n");
    assert_copy(message_with_header(event, span_of("Privilege"), span_of("call,all")),
                "Event: A\nPrivilege: call,all\nX: 1\r\n\r\n");
    assert_copy(message_with_header(event, span_of("New"), span_of("y")), "Event: A\nNew: y\nX: 1\r\n\r\n");
    assert_copy(message_with_value(event, 1, span_of("2")), "Event: A\nX: 2\r\n\r\n");
    message_unref(event);
}

static void a_lone_action_id_can_go(void **state)
{
    (void)state;
    struct message *message = parse_one("ActionID: 1\r\n\r\n");
    struct message *empty = message_with_action_id(message, NULL);
    assert_int_equal(empty->header_count, 0);
    assert_span(message_wire(empty), "\r\n");
    assert_span(message_name(empty), "");
    struct message *again = message_with_action_id(empty, &(struct span){"1", 1});
    assert_true(is_same_message(message, again));
    message_unref(again);
    message_unref(empty);
    message_unref(message);
}

static void the_builder_builds_what_the_parser_reads(void **state)
{
    (void)state;
    struct message_builder builder;
    message_builder_init(&builder);
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    for (int round = 0; round < 2; round++) { // it may be used again
        message_add(&builder, span_of("Event"), span_of("Test"));
        message_addf(&builder, "Privilege", "%s,all", "user");
        message_addf(&builder, "ActionID", "amp%d", 5);
        message_addf(&builder, "Long", "<%s>", longer);
        message_add(&builder, span_of("Blank"), span_of(" \t\001v "));
        message_add(&builder, span_of("Empty"), span_of(""));
        message_add_line(&builder, span_of("no header"));
        struct message *built = message_build(&builder);
        assert_int_equal(builder.count, 0);
        assert_int_equal(built->classes, CLASS_USER);
        assert_header(built, 4, "Blank", " \t\001v ");
        assert_header(built, 6, "", "no header");
        struct list list = parse_bytes(message_wire(built), NULL);
        assert_int_equal(list.count, 1);
        assert_true(is_same_message(built, list.messages[0]));
        list_fini(&list);
        message_unref(built);
    }
    message_builder_fini(&builder);
}

static void the_builder_keeps_what_the_writer_must_see(void **state)
{
    (void)state;
    struct message_builder builder;
    message_builder_init(&builder);
    message_add(&builder, span_of("a:b"), span_of("\nx"));
    message_add(&builder, span_of(""), span_of("v"));
    struct message *built = message_build(&builder);
    assert_header(built, 0, "a:b", "\nx");
    assert_header(built, 1, "", ": v");
    message_unref(built);
}

static void the_builder_copies_headers_of_another_message(void **state)
{
    static const uint32_t wanted[] = {0, 4, 2, 1};
    (void)state;
    struct message *original = parse_one("Event: X\r\nno header\r\nA:  two blanks \r\nB: left out\r\nEmpty:\r\n\r\n");
    struct message_builder builder;
    message_builder_init(&builder);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        message_add_copy(&builder, original, wanted[i]);
    struct message *copy = message_build(&builder);
    assert_span(message_wire(copy), "Event: X\r\nEmpty: \r\nA:  two blanks \r\nno header\r\n\r\n");
    assert_header(copy, 3, "", "no header");
    message_unref(copy);
    message_unref(original);
}

static void the_builder_makes_a_follows(void **state)
{
    (void)state;
    struct message_builder builder;
    message_builder_init(&builder);
    message_add(&builder, span_of("Response"), span_of("Follows"));
    message_add(&builder, span_of("Privilege"), span_of("Command"));
    message_add_line(&builder, span_of("a\n\nEvent: b\n--END COMMAND--"));
    struct message *built = message_build(&builder);
    assert_true(built->follows);
    assert_int_equal(built->header_count, 3);
    message_unref(built);
}

static void references_keep_it_alive(void **state)
{
    (void)state;
    struct message *message = parse_one("Event: E\r\n\r\n");
    assert_ptr_equal(message_ref(message), message);
    message_unref(message);
    assert_span(message_name(message), "E");
    message_unref(message);
    message_unref(NULL);
}

static void *ask_for_headers(void *argument)
{
    struct span value;

    assert_true(message_find(argument, "Channel", &value));
    assert_int_equal(value.length, 5);
    return NULL;
}

static void any_thread_may_ask_for_headers_first(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct message *message = parse_one("Event: X\r\nPrivilege: call,all\r\nChannel: SIP/1\r\n\r\n");
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, ask_for_headers, message), 0);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        message_unref(message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c18_names_without_case),
        cmocka_unit_test(one_header_tells_the_kind),
        cmocka_unit_test(test_f20_only_actions_lose_leading_blanks),
        cmocka_unit_test(test_f27_the_deciding_header_may_stand_behind_others),
        cmocka_unit_test(only_the_first_privilege_of_an_event_counts),
        cmocka_unit_test(lists_and_action_ids_are_seen),
        cmocka_unit_test(the_action_is_the_first_one_that_is_not_empty),
        cmocka_unit_test(action_ids_are_put_in_and_taken_out),
        cmocka_unit_test(a_copy_has_the_fields_that_a_parser_finds),
        cmocka_unit_test(a_lone_action_id_can_go),
        cmocka_unit_test(the_builder_builds_what_the_parser_reads),
        cmocka_unit_test(the_builder_keeps_what_the_writer_must_see),
        cmocka_unit_test(the_builder_copies_headers_of_another_message),
        cmocka_unit_test(the_builder_makes_a_follows),
        cmocka_unit_test(references_keep_it_alive),
        cmocka_unit_test(any_thread_may_ask_for_headers_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
