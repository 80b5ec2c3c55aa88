// tests/unit/calls/test_listing.c: the channels that were up before the proxy connected.
#include "unit/calls/calls_test.h"

static void test_list_items_of_channels_never_heard_of(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
                 "?CoreShowChannel Channel=SIP/5-0 Uniqueid=50 Linkedid=10|ad\n"
                 "?CoreShowChannel Channel=SIP/5-1 Uniqueid=51 Linkedid=51|\n"
                 "?CoreShowChannel Channel=SIP/2-1 Uniqueid=21 Linkedid=51|b\n"
                 "?QueueEntry Queue=q Channel=SIP/5-1|\n");
}

#define BEGIN "Response: Success\r\nEventList: start"
#define ITEM(name, id) "Event: Status\r\nPrivilege: Call\r\nChannel: " name "\r\nUniqueid: " id "\r\nLinkedid: " id
#define COMPLETE "Event: StatusComplete\r\nEventList: Complete\r\nListItems: 1"

/** Two PBXs come up at once and list their channels; the lines of both lists alternate. */
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

/** Channels that were named before an Error inside the list are still up; those behind it may be. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_list_items_of_channels_never_heard_of),
        TEST(test_f22_servers_that_list_at_once_end_only_their_own),
        TEST(test_f22_a_listing_that_says_error_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
