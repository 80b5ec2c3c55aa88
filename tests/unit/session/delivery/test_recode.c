// tests/unit/session/delivery/test_recode.c: which messages are copied to UTF-8, and what stays as it is.
#include "session/delivery/recode.h"

#include "base/memory.h"

#include <stdlib.h>

#include "unit/ami/parse.h"
#include "unit/test.h"

static char one[] = "one", two[] = "two", russian[] = "windows-1251", unknown[] = "nonsense";

static struct message *from_server(const char *server, const char *text)
{
    struct parser *parser = parser_create(server);
    struct list list = {0};

    parse_feed(parser, span_of(text));
    parse_take(parser, &list);
    assert_int_equal(list.count, 1);
    struct message *message = message_ref(list.messages[0]);
    list_fini(&list);
    parser_destroy(parser);
    return message;
}

/** @param wanted  the wire bytes of the copy; NULL: there is none */
static void expect(struct recoder *recoder, const char *server, const char *text, const char *wanted)
{
    struct message *message = from_server(server, text), *copy = recode_message(recoder, message);

    if (wanted == NULL) {
        assert_null(copy);
    } else {
        assert_non_null(copy);
        assert_true(span_equals(message_wire(copy), span_of(wanted)));
        assert_true(copy->from_server);
        assert_int_equal(copy->classes, message->classes);
    }
    message_unref(copy);
    message_unref(message);
}

static void test_which_messages_are_copied(void **state)
{
    struct server_config servers[] = {{.name = one, .encoding = russian}, {.name = two}};
    const struct config config = {.servers = servers, .server_count = 2};
    struct recoder *recoder = recoder_create(&config);

    (void)state;
    assert_non_null(recoder);
    expect(recoder, "one", "Event: A\r\nPrivilege: call,all\r\nX: abc\r\n\r\n", NULL);
    expect(recoder, "two", "Event: A\r\nPrivilege: call,all\r\nX: \xE0\r\n\r\n", NULL);
    expect(recoder, "other", "Event: A\r\nX: \xE0\r\n\r\n", NULL);
    expect(recoder, "ONE", "Event: A\r\nPrivilege: call,all\r\nX: \xE0\r\nX: b\r\n\xE1: \xE2\r\n\r\n",
           "Event: A\r\nPrivilege: call,all\r\nX: а\r\nX: b\r\nб: в\r\nServer: ONE\r\n\r\n");
    expect(recoder, "one", "Event: A\r\nServer: two\r\nno header \xE0\r\n\r\n",
           "Event: A\r\nServer: two\r\nno header а\r\nServer: one\r\n\r\n");
    expect(recoder, "two", "Event: A\r\nServer: one\r\nX: \xE0\r\n\r\n", NULL);
    recoder_destroy(recoder);
}

static void test_the_proxys_own_stay(void **state)
{
    struct server_config servers[] = {{.name = one, .encoding = russian}};
    const struct config config = {.servers = servers, .server_count = 1};
    struct recoder *recoder = recoder_create(&config);
    struct message_builder builder;

    (void)state;
    message_builder_init(&builder);
    message_addf(&builder, "Event", "ServerDown");
    message_addf(&builder, "Reason", "\xE0");
    message_addf(&builder, "Server", "one");
    struct message *own = message_build(&builder);
    assert_null(recode_message(recoder, own));
    message_unref(own);
    recoder_destroy(recoder);
}

static void test_no_server_has_one(void **state)
{
    struct server_config servers[] = {{.name = one}, {.name = two, .encoding = unknown}};
    const struct config config = {.servers = servers, .server_count = 2}, none = {0};

    (void)state;
    assert_null(recoder_create(&config));
    assert_null(recoder_create(&none));
    recoder_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_messages_are_copied),
        cmocka_unit_test(test_the_proxys_own_stay),
        cmocka_unit_test(test_no_server_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
