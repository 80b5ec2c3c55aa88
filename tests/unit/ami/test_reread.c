// tests/unit/ami/test_reread.c: message → wire bytes → message gives the same message: for each message of all
// captures, for odd ones, and for those that the proxy makes itself.
#include "ami/parser.h"
#include "ami/reread.h"
#include "base/memory.h"
#include "unit/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static void assert_same_span(struct span one, struct span other)
{
    assert_int_equal(one.length, other.length);
    if (one.length > 0)
        assert_memory_equal(one.bytes, other.bytes, one.length);
}

static void assert_same(const struct message *one, const struct message *other)
{
    struct span name, value, other_name, other_value;

    assert_same_span(message_wire(one), message_wire(other));
    assert_int_equal(one->header_count, other->header_count);
    for (uint32_t i = 0; i < one->header_count; i++) {
        message_header(one, i, &name, &value);
        message_header(other, i, &other_name, &other_value);
        assert_same_span(name, other_name);
        assert_same_span(value, other_value);
    }
    assert_int_equal(one->kind, other->kind);
    assert_int_equal(one->classes, other->classes);
    assert_int_equal(one->has_privilege, other->has_privilege);
    assert_int_equal(one->follows, other->follows);
    assert_int_equal(one->incomplete_list, other->incomplete_list);
    assert_int_equal(one->from_server, other->from_server);
    assert_same_span(message_name(one), message_name(other));
    assert_same_span(message_action_id(one), message_action_id(other));
}

/** Reads the bytes as a server's, and each message of them again. @return their number */
static size_t reread_all(struct span bytes, const char *server)
{
    struct reread *reread = reread_create();
    struct parser *parser = parser_create(server);
    struct message *message;
    size_t count = 0, room;

    memcpy(parser_reserve(parser, bytes.length, &room), bytes.bytes, bytes.length);
    parser_commit(parser, bytes.length);
    for (;;) {
        message = parser_next(parser);
        if (message == NULL && parser_is_doubtful(parser)) {
            parser_settle(parser);
            message = parser_next(parser);
        }
        if (message == NULL)
            break;
        struct message *again = reread_message(reread, message_wire(message), message->from_server);
        assert_non_null(again);
        assert_same(message, again);
        message_unref(again);
        message_unref(message);
        count++;
    }
    parser_destroy(parser);
    reread_destroy(reread);
    return count;
}

static void test_i17_captures_stay_the_same(void **state)
{
    DIR *folder = opendir(AMP_SOURCE "/tests/data/captures");
    const struct dirent *entry;
    size_t count = 0;
    (void)state;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char path[512];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", AMP_SOURCE "/tests/data/captures", entry->d_name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        char *bytes = memory_new(1 << 22);
        size_t length = fread(bytes, 1, 1 << 22, file);
        fclose(file);
        count += reread_all((struct span){bytes, length}, "pbx1");
        count += reread_all((struct span){bytes, length}, NULL);
        free(bytes);
    }
    closedir(folder);
    print_message("%zu messages are the same\n", count);
    assert_true(count > 400);
}

static void test_i17_odd_messages_stay_the_same(void **state)
{
    static const char *const odd[] = {
        "Event: A\nPrivilege: system,all\nB: c\n\n",          // bare LFs
        "Event: A\r\nValue: one\ntwo\nthree\r\nC: d\r\n\r\n", // a value of three lines
        "Event: A\r\nValue: one\n\r\nC: d\r\n\r\n",           // … that ends in a LF
        "Event: A\r\nValue: one\n\n\n\ntwo\r\nC: d\r\n\r\n",  // … with blank lines
        "Response: Success\r\nMessage: text\n\r\n\r\n",       // the last value ends in a LF
        "Response: Follows\r\nPrivilege: Command\r\nActionID: 7\r\na: b\n\n\nEvent: x\r\n--END COMMAND--\r\n\r\n",
        "Response: Follows\r\nPrivilege: Command\r\n--END COMMAND--\r\n\r\n", // no text
        "Response: Success\r\nActionID: 9\r\nOutput: x\r\nOutput: \r\n\r\n",  // the modern form
        "Channel  State\r\nSIP/1  Up\r\n\r\n",                                // raw text
        "Event: UserEvent\r\nPrivilege: user,all\r\nEvent: other\r\nno colon\r\n: no name\r\n\r\n",
        "Event: OriginateResponse\r\nPrivilege: call,all\r\nResponse: Failure\r\nActionID: a b:c\r\n\r\n",
        "ActionID: 4\r\nResponse: Success\r\nEventList: start\r\n\r\n", // the kind is not the first header
        "Event: A\r\nNul: \xff\xfe\r\n\r\n",
    };
    (void)state;

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        assert_true(reread_all(span_of(odd[i]), "pbx1") >= 1);
        assert_true(reread_all(span_of(odd[i]), NULL) >= 1);
    }
}

static void test_i17_own_messages_stay_own(void **state)
{
    struct reread *reread = reread_create();
    struct message_builder builder;
    (void)state;

    message_builder_init(&builder);
    message_addf(&builder, "Response", "Error");
    message_addf(&builder, "Message", "Server pbx1 was lost: it sent a line; the action may have been executed");
    struct message *error = message_build(&builder);
    struct message *again = reread_message(reread, message_wire(error), false);
    assert_non_null(again);
    assert_same(error, again);
    assert_false(again->from_server);
    message_unref(again);
    message_unref(error);
    reread_destroy(reread);
}

static void test_i17_what_is_not_one_message_is_none(void **state)
{
    static const char *const wrong[] = {"",
                                        "Event: A\r\n",                     // not complete
                                        "Event: A\r\n\r\nEvent: B\r\n\r\n", // two
                                        "Event: A\r\n\r\nEvent",            // one and a half
                                        "Response: Follows\r\nPrivilege: Command\r\ntext\r\n"};
    struct reread *reread = reread_create();
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_null(reread_message(reread, span_of(wrong[i]), true));
        struct message *next = reread_message(reread, span_of("Event: Next\r\n\r\n"), true); // nothing is left of it
        assert_non_null(next);
        message_unref(next);
    }
    reread_destroy(reread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i17_captures_stay_the_same),
        cmocka_unit_test(test_i17_odd_messages_stay_the_same),
        cmocka_unit_test(test_i17_own_messages_stay_own),
        cmocka_unit_test(test_i17_what_is_not_one_message_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
