// tests/unit/ami/test_parser_follows.c: where the text of a legacy answer ends.
#include "unit/ami/ends.h"

#define HEAD "Response: Follows\r\nPrivilege: Command\r\n" OURS
#define HEAD_SEEN "Response=Follows|Privilege=Command|ActionID=amp1-1.aaaaaaaaaaaaaaaa|Server=s|="
#define PONG "Response: Pong\r\n" OURS_TOO "\r\n"
#define PONG_SEEN "Response=Pong|ActionID=amp0-2.bbbbbbbbbbbbbbbb|Server=s\n"

static void test_f18_how_a_text_ends(void **state)
{
    static const struct row rows[] = {
        ROW(HEAD "a\nb\n--END COMMAND--\r\n\r\n" NEXT, HEAD_SEEN "a\\nb\\n--END COMMAND--\n" NEXT_SEEN),
        ROW(HEAD "a--END COMMAND--\r\n\n" NEXT, HEAD_SEEN "a--END COMMAND--\n" NEXT_SEEN),
        ROW(HEAD "a\n--END COMMAND--\n\nb\n--END COMMAND-- c\n--END COMMAND--\r\nd\n--END COMMAND--\r\n\r\n" NEXT,
            HEAD_SEEN
            "a\\n--END COMMAND--\\n\\nb\\n--END COMMAND-- c\\n--END COMMAND--\\r\\nd\\n--END COMMAND--\n" NEXT_SEEN),
        ROW(HEAD "Response: Success\nActionID: someone's\n\nEvent: x\r\nX: y\n--END COMMAND--\r\n\r\n" NEXT,
            HEAD_SEEN "Response: Success\\nActionID: someone's\\n\\nEvent: x\\r\\nX: y\\n--END COMMAND--\n" NEXT_SEEN),
        // the marker never comes
        ROW(HEAD "a\nb\n\r\n" PONG NEXT, HEAD_SEEN "a\\nb\\n--END COMMAND--\n" PONG_SEEN NEXT_SEEN),
        ROW(HEAD "a\nb\n" PONG NEXT, HEAD_SEEN "a\\nb\\n--END COMMAND--\n" PONG_SEEN NEXT_SEEN),
        ROW(HEAD PONG NEXT, HEAD_SEEN "--END COMMAND--\n" PONG_SEEN NEXT_SEEN),
        ROW(HEAD "a\nb\r\n\r\n" NEXT NEXT PONG, HEAD_SEEN "a\\nb\\n--END COMMAND--\n" NEXT_SEEN NEXT_SEEN PONG_SEEN),
        ROW(HEAD "a\n\n" NEXT "Response: Success\r\nActionID: other\r\n\r\n" PONG,
            HEAD_SEEN "a\\n--END COMMAND--\n" NEXT_SEEN "Response=Success|ActionID=other|Server=s\n" PONG_SEEN),
        ROW(HEAD "a\n\r\nResponse: Follows\r\nPrivilege: Command\r\n" OURS_TOO "c\n--END COMMAND--\r\n\r\n" NEXT,
            HEAD_SEEN "a\\n--END COMMAND--\nResponse=Follows|Privilege=Command|ActionID=amp0-2.bbbbbbbbbbbbbbbb|"
                      "Server=s|=c\\n--END COMMAND--\n" NEXT_SEEN),
        ROW(HEAD "Event: x\nPrivilege: y\n\n" PONG, HEAD_SEEN "Event: x\\nPrivilege: y\\n--END COMMAND--\n" PONG_SEEN),
        // newer servers: lines that are headers, a blank line
        ROW("Response: Success\r\n" OURS "Message: Command output follows\r\nOutput: a\r\nOutput: --END COMMAND--\r\n"
            "Output: \r\n\r\n" NEXT,
            "Response=Success|ActionID=amp1-1.aaaaaaaaaaaaaaaa|Message=Command output follows|Output=a|"
            "Output=--END COMMAND--|Output=|Server=s\n" NEXT_SEEN),
        ROW("Response: Follows\r\nPrivilege: Command\r\n" OURS
            "Message: Command output follows\r\nOutput: a\r\n\r\n" NEXT,
            "Response=Follows|Privilege=Command|ActionID=amp1-1.aaaaaaaaaaaaaaaa|Message=Command output "
            "follows|Output=a|"
            "Server=s\n" NEXT_SEEN),
        ROW("Privilege: Command\r\n" OURS "Response: Follows\r\na\n\nb\n--END COMMAND--\r\n\r\n" NEXT,
            "Privilege=Command|ActionID=amp1-1.aaaaaaaaaaaaaaaa|Response=Follows|Server=s|=a\\n\\nb\\n--END "
            "COMMAND--\n" NEXT_SEEN),
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

/** Messages of a small grammar, of every mixture of ends: however reads are cut, they are the same, and none is lost or
 *  joined to another. */
/** The first bytes of an answer decide how it is read, however many have arrived. An ActionID behind a very long line
 *  is part of the text, which ends at its marker. */
static void test_f18_a_long_line_before_an_action_id(void **state)
{
    static const char head[] = HEAD "a\nResponse: Success\nX: ", tail[] = "\n" OURS_TOO "--END COMMAND--\r\n\r\n" NEXT;
    const size_t filler = 5000;
    char *text = malloc(sizeof head + filler + sizeof tail);
    (void)state;

    memcpy(text, head, sizeof head - 1);
    memset(text + sizeof head - 1, 'x', filler);
    memcpy(text + sizeof head - 1 + filler, tail, sizeof tail);
    struct list list = parse_all_ways(span_of(text), "s");
    assert_int_equal(list.count, 2);
    assert_true(list.messages[0]->follows);
    assert_true(span_is(message_name(list.messages[1]), "B"));
    list_fini(&list);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f18_how_a_text_ends),
        cmocka_unit_test(test_f18_a_long_line_before_an_action_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
