// tests/unit/session/delivery/test_items.c: items of a list that came at once reach the asker as if each had come
// alone.
#include "session/delivery/items.h"

#include "unit/session/fake_session.h"

#define ITEM(id, channel) "Event: CoreShowChannel\r\nActionID: " id "\r\nChannel: " channel "\r\nServer: pbx1\r\n\r\n"
#define TWO ITEM("mine", "SIP/1") ITEM("mine", "SIP/2")
#define RENAMED(channel) "Event: CoreShowChannel\r\nActionID: mine\r\nServer: pbx1\r\nLine: " channel "\r\n\r\n"
#define LIST "Action: CoreShowChannels\r\nActionID: mine\r\n\r\n"

/** Delivers the two items at once, as if from the hub. */
static void deliver_two(struct fake *fake, struct ask *ask)
{
    const struct parser_form form = {span_of("CoreShowChannel"), span_of("amp1-1"), message_action_id(ask->action)};
    struct parser *parser = parser_create("pbx1");
    struct batch *batch = batch_create();
    struct parser_items items;

    for (int i = 1; i <= 2; i++) {
        char text[128];
        snprintf(text, sizeof text, "Event: CoreShowChannel\r\nActionID: amp1-1\r\nChannel: SIP/%d\r\n\r\n", i);
        parse_feed(parser, span_of(text));
    }
    assert_true(parser_items(parser, &form, &items));
    assert_int_equal(items.count, 2);
    fake->serial += items.count;
    batch_add(batch, &(struct entry){.part = {.message = items.message, .items = 2, .longest = items.longest},
                                     .ask = ask_ref(ask),
                                     .serial = fake->serial,
                                     .kind = ENTRY_ANSWER});
    deliver_batch(fake->sessions, batch);
    fake_turn(fake);
    parser_destroy(parser);
}

static void test_i15_items_are_the_askers_alone(void **state)
{
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "off"), other = fake_login(fake, "anna", "on");

    fake_say(fake, asker, LIST);
    assert_true(fake->asks[0]->takes_items);
    deliver_two(fake, fake->asks[0]);
    assert_string_equal(fake_read(fake, asker), TWO);
    assert_string_equal(fake_read(fake, other), "");
    fake_say(fake, asker, "Action: CoreShowChannels\r\n\r\n");
    deliver_two(fake, fake->asks[1]);
    assert_null(strstr(fake_read(fake, asker), "ActionID"));
}

/** One large answer is no backlog, but many items are. */
static void test_i15_items_count_as_single_ones(void **state)
{
    struct parser *parser = parser_create(NULL);
    struct output output = {0};
    struct parser_items items;
    const struct parser_form form = {span_of("CoreShowChannel"), span_of("mine"), span_of("mine")};
    (void)state;

    parse_feed(parser, span_of(TWO));
    assert_true(parser_items(parser, &form, &items));
    output_add_items(&output, items.message, items.longest);
    message_unref(items.message); // the output has its own reference
    assert_int_equal(output_backlog(&output), strlen(ITEM("mine", "SIP/1")));
    output_fini(&output);
    parser_destroy(parser);
}

static void test_i15_who_sees_everything_sees_the_messages(void **state)
{
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "off"), all = fake_login(fake, "anna", "on");

    fake_say(fake, all, "ProxyAction: SetAutoFilter\r\nAutoFilter: off\r\n\r\n");
    fake_say(fake, asker, LIST);
    deliver_two(fake, fake->asks[0]);
    assert_string_equal(fake_read(fake, asker), TWO);
    assert_string_equal(fake_read(fake, all), TWO);
}

static void test_i15_filters_that_came_meanwhile_judge_each_item(void **state)
{
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "off");

    fake_say(fake, asker, LIST);
    fake_configure(fake, "listen: [{port: 0, input: standard, tls: off}]\n"
                         "servers: [{name: pbx1, host: h, username: u, secret: s}]\n"
                         "plugins: {load: [standard]}\nscripts: {path: " AMP_SOURCE "/lua}\n"
                         "users: [{name: anna, secret: anna-secret, filters: [rename: {headers: {Channel: Line}}]}]\n");
    deliver_two(fake, fake->asks[0]);
    assert_string_equal(fake_read(fake, asker), RENAMED("SIP/1") RENAMED("SIP/2"));
}

static void test_i15_autofilter_withholds_items(void **state)
{
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "on");

    fake_say(fake, asker, "ProxyAction: SetAutoFilter\r\nAutoFilter: on\r\n\r\n");
    fake_say(fake, asker, LIST);
    deliver_two(fake, fake->asks[0]);
    assert_string_equal(fake_read(fake, asker), TWO);
    fake_say(fake, asker, "Action: CoreShowChannels\r\nActionID: next\r\n\r\n"); // the last id is another one
    deliver_two(fake, fake->asks[0]);
    assert_string_equal(fake_read(fake, asker), "");
}

static void test_i15_items_after_the_answer_find_nobody(void **state)
{
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "off"), gone = fake_login(fake, "anna", "off");

    fake_say(fake, asker, LIST);
    fake_say(fake, gone, LIST);
    fake_deliver(fake, "Response: Error\r\nActionID: amp1-1\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    assert_string_equal(fake_read(fake, asker), "Response: Error\r\nActionID: mine\r\n\r\n");
    deliver_two(fake, fake->asks[0]);
    assert_string_equal(fake_read(fake, asker), "");
    sessions_close_session(fake->sessions, gone + 1, false);
    fake_turn(fake);
    deliver_two(fake, fake->asks[1]);
    assert_string_equal(fake_read(fake, asker), "");
}

/** A list that no catalogue knows comes as fast as others. Who asks for one message is not asked about items. */
static void test_i15_which_answers_may_be_items(void **state)
{
    static const struct {
        const char *action;
        bool takes;
    } cases[] = {{"CoreShowChannels", true}, {"SomethingNew", true}, {"Getvar", false}, {"CoreStatus", false}};
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "off");

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char action[64];
        snprintf(action, sizeof action, "Action: %s\r\n\r\n", cases[i].action);
        fake_say(fake, asker, action);
        assert_int_equal(fake->asks[i]->takes_items, cases[i].takes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_i15_items_are_the_askers_alone),
        FAKE_TEST(test_i15_items_count_as_single_ones),
        FAKE_TEST(test_i15_who_sees_everything_sees_the_messages),
        FAKE_TEST(test_i15_filters_that_came_meanwhile_judge_each_item),
        FAKE_TEST(test_i15_autofilter_withholds_items),
        FAKE_TEST(test_i15_items_after_the_answer_find_nobody),
        FAKE_TEST(test_i15_which_answers_may_be_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
