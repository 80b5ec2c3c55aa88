// tests/unit/session/connection/test_move.c: a session goes to another worker.
#include "session/connection/move.h"

#include "letters/request.h"
#include "unit/session/fake_session.h"

static struct session *moved; // that went last: the test's, until it arrives or is discarded

static void on_move(void *context, uint32_t worker, struct session *session)
{
    (void)context;
    assert_int_equal(worker, 7);
    moved = session;
}

/** Sends the client's session to worker 7. */
static void send_away(struct fake *fake, size_t client)
{
    fake->sessions->link.move = on_move;
    move_begin(fake_session(fake, client), 7);
    fake_turn(fake);
    assert_null(fake_session(fake, client));
    assert_int_equal(fake->session_count, 0);
}

static void test_it_goes_on_where_it_arrives(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    send_away(fake, client);
    move_arrive(fake->sessions, moved);
    assert_int_equal(fake->session_count, 1);
    assert_non_null(strstr(fake_say(fake, client, "Action: Ping\r\n\r\n"), "Pong"));
}

static void test_who_comes_after_the_drain_is_told_why_it_ends(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    send_away(fake, client);
    sessions_drain(fake->sessions, clock_ms() + 60000);
    fake_turn(fake);
    assert_true(fake->drained);
    move_arrive(fake->sessions, moved);
    const char *text = fake_read(fake, client);
    assert_non_null(strstr(text, "Proxy Shutting Down"));
    assert_non_null(strstr(text, "(end)"));
}

static void test_it_waits_for_the_answer_to_its_request(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);
    struct session_request *request = session_request_create("ask", 3);

    fake->sessions->link.move = on_move;
    session->requests.sent = request;
    move_begin(session, 7);
    fake_turn(fake);
    assert_ptr_equal(fake_session(fake, client), session); // its answer comes to this worker
    session->requests.sent = NULL;
    session_request_unref(request);
    sessions_mark_dirty(session);
    fake_turn(fake);
    assert_null(fake_session(fake, client));
    move_arrive(fake->sessions, moved);
}

static void test_its_protocol_goes_on_to_hear_all_events(void **state)
{
    struct fake *fake = *state;
    size_t deaf = fake_login(fake, "anna", "off"), client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);

    sessions_listen(session, true);
    fake->sessions->link.move = on_move;
    move_begin(session, 7);
    fake_turn(fake);
    assert_null(fake_session(fake, client));
    assert_null(fake->sessions->listening.first);
    move_arrive(fake->sessions, moved);
    assert_true(sessions_is_listening(session));
    move_begin(fake_session(fake, deaf), 7);
    fake_turn(fake);
    move_arrive(fake->sessions, moved);
    assert_false(sessions_is_listening(fake_session(fake, deaf)));
    sessions_listen(session, false);
}

static void own_frame(void *state, const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                      struct amp_output *before, struct amp_output *after)
{
    (void)state, (void)message, (void)serial, (void)encoded, (void)before, (void)after;
}

static void test_the_new_worker_has_its_frames_written(void **state)
{
    static const struct amp_protocol protocol = {.size = sizeof protocol, .own_frame = own_frame};
    static const struct amp_plugin framing = {.size = sizeof framing, .name = "framing", .protocol = &protocol};
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);
    const struct amp_plugin *input = session->format.input;

    send_away(fake, client);
    assert_false(fake->sessions->own_frames);
    session->format.input = &framing;
    session->format.streaming = true;
    move_arrive(fake->sessions, moved);
    session->format.input = input;
    session->format.streaming = false;
    assert_true(fake->sessions->own_frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_it_goes_on_where_it_arrives),
        FAKE_TEST(test_who_comes_after_the_drain_is_told_why_it_ends),
        FAKE_TEST(test_it_waits_for_the_answer_to_its_request),
        FAKE_TEST(test_its_protocol_goes_on_to_hear_all_events),
        FAKE_TEST(test_the_new_worker_has_its_frames_written),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
