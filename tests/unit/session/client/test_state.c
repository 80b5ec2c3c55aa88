// tests/unit/session/client/test_state.c: a session goes through its states in order; nothing leads back from its
// end, and where it must be brief the stay is bounded.
#include "session/client/set.h"
#include "session/client/state.h"
#include "unit/test.h"

#include <stdlib.h>

static void test_only_a_handshake_leads_back(void **state)
{
    (void)state;
    for (int from = 0; from < SESSION_STATES; from++) {
        for (int to = 0; to <= from; to++) {
            bool back = from == SESSION_HANDSHAKE && to == SESSION_DETECTING;
            assert_int_equal(session_state_may_follow((enum session_state)from, (enum session_state)to), back);
        }
    }
}

static void test_every_state_but_the_last_may_end(void **state)
{
    (void)state;
    for (int from = 0; from < SESSION_DEAD; from++) {
        assert_true(session_state_may_follow((enum session_state)from, SESSION_DEAD));
        assert_int_equal(session_state_may_follow((enum session_state)from, SESSION_FINISHING),
                         from < SESSION_FINISHING);
    }
    assert_false(session_state_may_follow(SESSION_OPEN, SESSION_LINGERING)); // nothing is unwritten then
    assert_false(session_state_may_follow(SESSION_HANDSHAKE, SESSION_OPEN)); // what it speaks is detected first
}

static void test_the_end_is_bounded_and_names_differ(void **state)
{
    (void)state;
    assert_true(session_state_stay_ms(SESSION_HANDSHAKE) > 0);
    assert_true(session_state_stay_ms(SESSION_FINISHING) > 0);
    assert_true(session_state_stay_ms(SESSION_LINGERING) > 0);
    for (int i = 0; i < SESSION_STATES; i++) {
        for (int k = 0; k < i; k++)
            assert_string_not_equal(session_state_name((enum session_state)i),
                                    session_state_name((enum session_state)k));
    }
}

static void test_entering_sets_the_longest_stay(void **state)
{
    (void)state;
    struct config config = {0};
    struct sessions *sessions = calloc(1, sizeof *sessions);
    struct session session = {.sessions = sessions};

    assert_non_null(sessions);
    sessions->config = &config;
    assert_true(session_enter(&session, SESSION_HANDSHAKE));
    assert_true(session.timer_ms > 0);
    assert_int_equal(session.deadline_ms, 0);
    assert_ptr_equal(deadlines_first(&sessions->times), &session.due);
    assert_int_equal(session.due.due_ms, session.timer_ms);
    assert_true(session_enter(&session, SESSION_DETECTING));
    assert_int_equal(session.timer_ms, 0); // the handshake's
    session.timer_ms = 1;                  // detection's
    assert_false(session_enter(&session, SESSION_LINGERING));
    assert_int_equal(session.state, SESSION_DETECTING); // nothing has changed
    assert_true(session_enter(&session, SESSION_OPEN));
    assert_int_equal(session.timer_ms, 0);
    assert_true(session_enter(&session, SESSION_FINISHING));
    assert_int_equal(session.timer_ms, 0);
    assert_true(session.deadline_ms > 0);
    assert_false(session_enter(&session, SESSION_FINISHING)); // once
    assert_true(session_enter(&session, SESSION_DEAD));
    assert_int_equal(session.deadline_ms, 0);
    assert_null(deadlines_first(&sessions->times));
    deadlines_fini(&sessions->times);
    free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_a_handshake_leads_back),
        cmocka_unit_test(test_every_state_but_the_last_may_end),
        cmocka_unit_test(test_the_end_is_bounded_and_names_differ),
        cmocka_unit_test(test_entering_sets_the_longest_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
