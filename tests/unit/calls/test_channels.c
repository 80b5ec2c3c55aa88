// tests/unit/calls/test_channels.c: channels, from their first event to messages after their end.
#include "unit/calls/calls_test.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_c52_own_channel_from_newchannel_to_cdr),
        TEST(test_c57_the_other_leg_is_replayed_when_it_is_dialled),
        TEST(test_servers_have_ids_of_their_own),
        TEST(test_too_many_channels_are_nobodys),
        TEST(test_what_ended_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
