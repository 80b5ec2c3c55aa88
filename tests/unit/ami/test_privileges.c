// tests/unit/ami/test_privileges.c: the answer to ListCommands, of a real Asterisk and of hostile ones; who may send
// which action.
#include "ami/event_class.h"
#include "ami/privileges.h"
#include "unit/ami/parse.h"

#include <stdio.h>

#define NOT_TOLD UINT32_C(0xdeadbeef)

static struct privileges *parse(const char *text)
{
    struct list list = parse_cut(span_of(text), 0, "pbx", NULL);
    struct privileges *privileges;
    assert_int_equal(list.count, 1);
    privileges = privileges_parse(list.messages[0]);
    list_fini(&list);
    return privileges;
}

static uint32_t classes_of(const struct privileges *privileges, const char *action)
{
    uint32_t classes = NOT_TOLD;
    bool found = privileges_find(privileges, span_of(action), &classes);
    assert_int_equal(found, classes != NOT_TOLD);
    return classes;
}

/** The answer that an Asterisk of AMI 13.0.0 gave to an account with all rights. */
static struct privileges *parse_capture(void)
{
    static char bytes[256 * 1024];
    FILE *file = fopen(AMP_SOURCE "/tests/data/captures/list-actions.txt", "rb");
    assert_non_null(file);
    struct span all = {bytes, fread(bytes, 1, sizeof bytes, file)};
    fclose(file);
    assert_true(all.length > 0 && all.length < sizeof bytes);
    struct list list = parse_cut(all, 0, NULL, NULL);
    struct privileges *privileges = NULL;
    for (uint32_t i = 0; i < list.count; i++) {
        if (!span_is(message_action_id(list.messages[i]), "list-ListCommands"))
            continue;
        assert_null(privileges);
        privileges = privileges_parse(list.messages[i]);
    }
    list_fini(&list);
    assert_non_null(privileges);
    return privileges;
}

static void a_real_list_says_what_the_catalogue_says(void **state)
{
    (void)state;
    struct privileges *privileges = parse_capture();
    uint32_t told = 0;
    assert_int_equal(privileges_count(privileges), 87);
    assert_int_equal(classes_of(privileges, "AbsoluteTimeout"), CLASS_SYSTEM | CLASS_CALL);
    assert_int_equal(classes_of(privileges, "originate"), CLASS_ORIGINATE);
    assert_int_equal(classes_of(privileges, "MESSAGESEND"), CLASS_MESSAGE);
    assert_int_equal(classes_of(privileges, "WaitEvent"), 0);
    assert_int_equal(classes_of(privileges, "Response"), NOT_TOLD);
    assert_int_equal(classes_of(privileges, "ActionID"), NOT_TOLD);
    assert_int_equal(classes_of(privileges, "PJSIPShowEndpoints"), NOT_TOLD);
    for (uint32_t i = 0; i < catalogue_count(); i++) {
        uint32_t classes = classes_of(privileges, catalogue_at(i)->name);
        told += classes != NOT_TOLD;
        if (classes != NOT_TOLD && classes != catalogue_at(i)->classes)
            fail_msg("%s: %#x", catalogue_at(i)->name, classes);
    }
    assert_int_equal(told, privileges_count(privileges));
    privileges_unref(privileges);
}

static void lines_are_read_with_care(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint32_t classes;
    } rows[] = {
        {"Synopsis.  (Priv: call,all)", CLASS_CALL},
        {"Synopsis. (Priv: system,call,all)  ", CLASS_SYSTEM | CLASS_CALL},
        {"(Priv: <none>)", 0},
        {"(Priv:call,all)", CLASS_CALL},
        {"takes (Priv: call,all)  (Priv: command,all)", CLASS_COMMAND},
        {"(Priv: newer,all)", CLASS_UNKNOWN},
        {"(Priv: call,newer,all)", CLASS_CALL | CLASS_UNKNOWN},
        {"(Priv: all)", CLASS_UNKNOWN},
        {"(Priv: )", CLASS_UNKNOWN},
        {"(Priv:)", CLASS_UNKNOWN},
        {"(Priv: none)", CLASS_UNKNOWN},
        {"", NOT_TOLD},
        {")", NOT_TOLD},
        {"Priv: call)", NOT_TOLD},
        {"(Priv: call,all", NOT_TOLD},
        {"(Priv: call,all) and more", NOT_TOLD},
        {"(priv: call,all)", NOT_TOLD},
        {"pbx1", NOT_TOLD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t classes = NOT_TOLD;
        bool found = privileges_read(span_of(rows[i].value), &classes);
        if (classes != rows[i].classes || found != (classes != NOT_TOLD))
            fail_msg("\"%s\": %#x", rows[i].value, classes);
    }
}

static void what_is_no_list_is_none(void **state)
{
    (void)state;
    assert_null(parse("Response: Error\r\nMessage: Permission denied\r\nPing: x  (Priv: <none>)\r\n\r\n"));
    assert_null(parse("Response: Success\r\n\r\n"));
    assert_null(parse("Response: Success\r\nPing: Keepalive command.\r\nno colon (Priv: <none>)\r\n\r\n"));
    assert_null(parse("Event: Success\r\nPing: x  (Priv: <none>)\r\n\r\n"));
    assert_int_equal(privileges_count(NULL), 0);
    assert_int_equal(classes_of(NULL, "Ping"), NOT_TOLD);
    privileges_unref(NULL);
    assert_null(privileges_ref(NULL));
}

static void of_two_lines_the_narrower_counts(void **state)
{
    (void)state;
    struct privileges *privileges =
        parse("Response: Success\r\nA: (Priv: <none>)\r\nB: (Priv: call,all)\r\na: (Priv: user,all)\r\n"
              "b: (Priv: call,user,all)\r\nC: (Priv: call,all)\r\nC: (Priv: agi,all)\r\n\r\n");
    assert_int_equal(privileges_count(privileges), 3);
    assert_int_equal(classes_of(privileges, "A"), CLASS_USER);
    assert_int_equal(classes_of(privileges, "B"), CLASS_CALL);
    assert_int_equal(classes_of(privileges, "C"), CLASS_UNKNOWN);
    privileges_unref(privileges);
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    struct message_builder builder;
    char name[200];
    memset(name, 'x', sizeof name);
    message_builder_init(&builder);
    message_addf(&builder, "Response", "Success");
    message_add(&builder, (struct span){name, PRIVILEGES_NAME_BYTES}, span_of("(Priv: <none>)"));
    message_add(&builder, (struct span){name, PRIVILEGES_NAME_BYTES - 1}, span_of("(Priv: agi,all)"));
    message_add(&builder, (struct span){"Ping\0x", 6}, span_of("(Priv: agi,all)"));
    for (unsigned i = 0; i < 2 * PRIVILEGES_MOST; i++) {
        snprintf(name, sizeof name, "Action%u", i);
        message_addf(&builder, name, "%0*u  (Priv: user,all)", i % 7 == 0 ? 3000 : 1, i);
    }
    struct message *answer = message_build(&builder);
    struct privileges *privileges = privileges_parse(answer);
    uint32_t classes;
    message_unref(answer);
    assert_int_equal(privileges_count(privileges), PRIVILEGES_MOST);
    memset(name, 'x', sizeof name);
    assert_true(privileges_find(privileges, (struct span){name, PRIVILEGES_NAME_BYTES - 1}, &classes));
    assert_false(privileges_find(privileges, (struct span){name, PRIVILEGES_NAME_BYTES}, &classes));
    assert_false(privileges_find(privileges, (struct span){name, sizeof name}, &classes));
    assert_false(privileges_find(privileges, (struct span){"Action1\0", 8}, &classes));
    assert_false(privileges_find(privileges, (struct span){NULL, 0}, &classes));
    assert_int_equal(classes_of(privileges, "Ping"), NOT_TOLD);
    assert_int_equal(classes_of(privileges, "Action7"), CLASS_USER);
    privileges_unref(privileges);
}

static void who_may_send_what(void **state)
{
    (void)state;
    struct privileges *privileges =
        parse("Response: Success\r\nHangup: (Priv: agi,all)\r\nVendorThing: (Priv: user,call,all)\r\n"
              "VendorFree: (Priv: <none>)\r\nVendorNew: (Priv: newer,all)\r\n\r\n");
    static const struct {
        const char *action;
        uint32_t write;
        bool told, untold; // allowed by the list above, and without any
    } rows[] = {
        {"Hangup", CLASS_CALL, false, true}, // what the server told wins
        {"Hangup", CLASS_AGI, true, false},
        {"hangup", CLASS_ALL, true, true},
        {"Redirect", CLASS_CALL, true, true}, // not in the list: the catalogue
        {"Redirect", CLASS_ALL & ~CLASS_CALL, false, false},
        {"VendorThing", CLASS_CALL, true, false}, // any one of them
        {"VendorThing", CLASS_USER, true, false},
        {"VendorThing", CLASS_AGENT, false, false},
        {"VendorFree", CLASS_AGENT, true, false},
        {"VendorFree", 0, false, false}, // it may change something
        {"VendorNew", CLASS_ALL & ~CLASS_UNKNOWN, false, false},
        {"VendorNew", CLASS_ALL, true, true},
        {"NoSuch", CLASS_ALL & ~CLASS_TEST, false, false}, // nobody knows it
        {"NoSuch", CLASS_ALL, true, true},
        {"", CLASS_CALL, false, false},
        {"QueueStatus", 0, true, true},
        {"QueueReset", 0, false, false},
        {"QueueReset", CLASS_CALL, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (privileges_allow(privileges, span_of(rows[i].action), rows[i].write) != rows[i].told ||
            privileges_allow(NULL, span_of(rows[i].action), rows[i].write) != rows[i].untold)
            fail_msg("%s with %#x", rows[i].action, rows[i].write);
    }
    assert_ptr_equal(privileges_ref(privileges), privileges);
    privileges_unref(privileges);
    privileges_unref(privileges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_list_says_what_the_catalogue_says),
        cmocka_unit_test(lines_are_read_with_care),
        cmocka_unit_test(what_is_no_list_is_none),
        cmocka_unit_test(of_two_lines_the_narrower_counts),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(who_may_send_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
