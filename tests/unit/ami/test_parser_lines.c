// tests/unit/ami/test_parser_lines.c: where messages, headers and values begin and end.
#include "unit/ami/ends.h"

static void test_f17_how_a_message_ends(void **state)
{
    static const struct row rows[] = {
        ROW("Event: A\r\nX: 1\r\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\r\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN), // CoreShowChannelMap of 18.19, 20.4
        ROW("Event: A\nX: 1\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\nX: 1\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\nX: 1\r\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\nX: 1\r\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\r\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN), // `Message: Park successful\n`
        ROW("Event: A\r\nX: 1\n\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\nResponse: Error\r\n\n" NEXT,
            "Event=A|X=1|Server=s\nResponse=Error|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\r\nPrivilege: call,all\r\nEvent: C\r\n\r\n" NEXT,
            "Event=A|X=1|Server=s\nPrivilege=call,all|Event=C|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\n\n\r\n\n" NEXT "\r\n\n\r\n", "Event=A|Server=s\n" NEXT_SEEN), // QueueRule: two blank lines
        ROW("\n\r\n\nEvent: A\r\n\n" NEXT, "Event=A|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\r\nEvent: A\r\n\nEvent: A\n\nEvent: A\n\r\n" NEXT,
            "Event=A|Server=s\nEvent=A|Server=s\nEvent=A|Server=s\nEvent=A|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\r\n\n", "Event=A|X=1|Server=s\n"), // nothing behind it
        ROW("Event: A\r\nX: 1\n\n", "Event=A|X=1|Server=s\n"),   // told by the silence
        ROW("Event: A\r\nX: 1\n\r\n", "Event=A|X=1|Server=s\n"),
        // no blank lines: Asterisk's own reader takes them for lines, too
        ROW("Event: A\r\n \r\nX: 1\r\n\r\n" NEXT, "Event=A|= |X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\t\r\nX: 1\r\n\r\n" NEXT, "Event=A|=\t|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\r\r\nX: 1\r\n\r\n" NEXT, "Event=A|=\\r|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\0\r\nX: 1\r\n\r\n" NEXT, "Event=A|=\\0|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\n \nX: 1\n\n" NEXT, "Event=A|= |X=1|Server=s\n" NEXT_SEEN),
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void test_f19_how_a_header_ends(void **state)
{
    static const struct row rows[] = {
        ROW("Event: Agents\r\nTalkingToChan: n/a\r\nCallStarted: 1700000000\nLoggedInTime: 5\r\nActionID: 1\r\n\r\n",
            "Event=Agents|TalkingToChan=n/a|CallStarted=1700000000|LoggedInTime=5|ActionID=1|Server=s\n"),
        ROW("Event: A\r\nX: 1\nY: 2\nZ: 3\r\n\r\n", "Event=A|X=1|Y=2|Z=3|Server=s\n"),
        ROW("Event: A\r\nX: 1\nEmpty:\nY: 2\r\n\r\n", "Event=A|X=1|Empty=|Y=2|Server=s\n"),
        ROW("Event: A\r\nX:\nY: 2\r\n\r\n", "Event=A|X=|Y=2|Server=s\n"),
        ROW("Event: A\r\nodd\nY: 2\r\n\r\n", "Event=A|=odd|Y=2|Server=s\n"),
        ROW("Event: A\r\nX: 1\nPrivilege: call,all\r\n\r\n", "Event=A|X=1|Privilege=call,all|Server=s\n"),
        // values of several lines (Getvar, DBGet, AppData, Setvar of a script)
        ROW("Response: Success\r\nVariable: V\r\nValue: one\ntwo\n\nfour\r\n\r\n" NEXT,
            "Response=Success|Variable=V|Value=one\\ntwo\\n\\nfour|Server=s\n" NEXT_SEEN),
        ROW("Event: DBGetResponse\r\nVal: x\n\r\nActionID: 7\r\n\r\n",
            "Event=DBGetResponse|Val=x|ActionID=7|Server=s\n"),
        ROW("Event: DBGetResponse\r\nVal: x\n\nActionID: 7\r\n\r\n", "Event=DBGetResponse|Val=x|ActionID=7|Server=s\n"),
        ROW("Event: A\r\nVal: http://h\nhttp://i:80/\n12:30 h\r\nX: 1\r\n\r\n",
            "Event=A|Val=http://h\\nhttp://i:80/\\n12:30 h|X=1|Server=s\n"),
        ROW("Event: A\r\nVal: a\nsome words: b\r\nX: 1\r\n\r\n", "Event=A|Val=a\\nsome words: b|X=1|Server=s\n"),
        // CR and NUL alone end nothing
        ROW("Event: A\r\nX: 1\rY: 2\r\nZ: 3\r\n\r\n", "Event=A|X=1\\rY: 2|Z=3|Server=s\n"),
        ROW("Event: A\r\nX: \r\r\nZ: 3\r\n\r\n", "Event=A|X=\\r|Z=3|Server=s\n"),
        ROW("Event: A\r\nX: 1\0Y: 2\r\nZ: 3\r\n\r\n", "Event=A|X=1\\0Y: 2|Z=3|Server=s\n"),
        ROW("Event: A\nX: 1\rY: 2\nZ: 3\r\n\n", "Event=A|X=1\\rY: 2|Z=3|Server=s\n"),
        ROW("Event: A\nVal: one\ntwo\n\n", "Event=A|Val=one|=two|Server=s\n"), // all lines end in LF
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void test_f20_how_a_value_begins(void **state)
{
    static const struct row rows[] = {
        ROW("Response: Success\r\nOutput: queue has 0 calls\r\nOutput:    Members: \r\nOutput:       "
            "Local/1@x\r\nOutput: \r\nOutput:\r\n\r\n",
            "Response=Success|Output=queue has 0 calls|Output=   Members: |Output=      "
            "Local/1@x|Output=|Output=|Server=s\n"),
        ROW("Event: A\r\nX:\ttab\r\nY: \ttab\r\nZ:x\r\n\r\n", "Event=A|X=\ttab|Y=\ttab|Z=x|Server=s\n"),
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void test_i15_short_responses_read_as_long_ones(void **state)
{
    static const struct row rows[] = {
        ROW("Response: Success\r\n\r\n" NEXT, "Response=Success|Server=s\n" NEXT_SEEN),
        ROW("Response: Success\r\nActionID: 1\r\nA\r\n:\r\nAction:\r\n\r\n" NEXT,
            "Response=Success|ActionID=1|=A|=:|Action=|Server=s\n" NEXT_SEEN),
        ROW("Response: Success\r\nEventList: start\r\nACTIONID:1\r\nActionID: 2\r\n\r\n" NEXT,
            "Response=Success|EventList=start|ACTIONID=1|ActionID=2|Server=s\n" NEXT_SEEN),
        ROW("Response: Success\r\n\rX: 1\r\nActionID: 1\r\n\r\n" NEXT,
            "Response=Success|\rX=1|ActionID=1|Server=s\n" NEXT_SEEN),
        ROW("Response: Success\r\nActionID: 1\nX: 2\r\n\r\n" NEXT,
            "Response=Success|ActionID=1|X=2|Server=s\n" NEXT_SEEN),
        ROW("Response: Success\r\n1: 1\r\n2: 1\r\n3: 1\r\n4: 1\r\n5: 1\r\n6: 1\r\n7: 1\r\n\r\n" NEXT,
            "Response=Success|1=1|2=1|3=1|4=1|5=1|6=1|7=1|Server=s\n" NEXT_SEEN),
        ROW("Response: Success\r\n1: 1\r\n2: 1\r\n3: 1\r\n4: 1\r\n5: 1\r\n6: 1\r\n7: 1\r\n8: 1\r\nActionID: 1\r\n"
            "\r\n" NEXT,
            "Response=Success|1=1|2=1|3=1|4=1|5=1|6=1|7=1|8=1|ActionID=1|Server=s\n" NEXT_SEEN),
        ROW("Response: Error\r\nMessage: a line that is long, so that it is not looked at with the others: "
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
            "\r\nActionID: 1\r\n\r\n" NEXT,
            "Response=Error|Message=a line that is long, so that it is not looked at with the others: "
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
            "|ActionID=1|Server=s\n" NEXT_SEEN),
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void test_f17_random_messages_stay_apart(void **state)
{
    static const char *const line_ends[] = {"\r\n", "\n"};
    static const char *const values[] = {"1", "", " two", "x\r", "a\nb", "http://h:1/", "--END COMMAND--"};
    uint32_t random = 12345;
    (void)state;

    for (int round = 0; round < 300; round++) {
        char bytes[4096], expected[4096] = "", seen[8192];
        size_t length = 0;
        for (int message = 0; message < 5; message++) {
            length += (size_t)snprintf(bytes + length, sizeof bytes - length, "Event: E%d%s", message,
                                       line_ends[(random >> 8) & 1]);
            for (int header = (random >> 12) & 3; header > 0; header--) {
                random = random * 1664525 + 1013904223;
                length += (size_t)snprintf(bytes + length, sizeof bytes - length, "H%d: %s%s", header,
                                           values[(random >> 16) % 7], line_ends[(random >> 20) & 1]);
            }
            random = random * 1664525 + 1013904223;
            length += (size_t)snprintf(bytes + length, sizeof bytes - length, "%s", line_ends[(random >> 9) & 1]);
            if ((random & 0x3000) == 0)
                length += (size_t)snprintf(bytes + length, sizeof bytes - length, "%s", line_ends[(random >> 10) & 1]);
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "E%d ", message);
        }
        struct list list = parse_all_ways((struct span){bytes, length}, "s");
        seen[0] = '\0';
        for (uint32_t i = 0; i < list.count; i++) {
            struct span name = message_name(list.messages[i]);
            if (list.messages[i]->kind == MESSAGE_EVENT)
                snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%.*s ", (int)name.length, name.bytes);
        }
        assert_string_equal(seen, expected);
        list_fini(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f17_how_a_message_ends),
        cmocka_unit_test(test_f19_how_a_header_ends),
        cmocka_unit_test(test_f20_how_a_value_begins),
        cmocka_unit_test(test_i15_short_responses_read_as_long_ones),
        cmocka_unit_test(test_f17_random_messages_stay_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
