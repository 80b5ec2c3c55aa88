// tests/unit/session/connection/test_detached.c: requests to a session, and their answers.
#include "session/connection/detached.h"

#include "astmanproxy/plugin.h"
#include "unit/session/fake_session.h"

static struct {
    struct session *session; // that is asked; read only by on_request(), while ask() runs
    struct amp_request *request;
    bool ends; // the session ends while it is asked
    unsigned answers;
    bool empty; // the last answer had no bytes
} asked;

/** Takes the request as another worker does, which frees it. */
static void on_answer(void *context, struct session_request *request)
{
    (void)context;
    assert_true(request->answered);
    asked.answers++;
    asked.empty = request->bytes == NULL;
    session_request_unref(request);
}

static void on_request(void *state, struct amp_request *request, struct amp_bytes bytes)
{
    (void)state;
    assert_int_equal(bytes.length, 3);
    if (asked.ends)
        session_end(asked.session, END_BY_OPERATOR);
    assert_false(amp_request_is_withdrawn(request));
    amp_request_answer(request, (struct amp_bytes){"yes", 3});
}

/** Passes a request to a session of this worker. */
static void ask(struct fake *fake, bool ends)
{
    static const struct amp_protocol protocol = {.size = sizeof protocol, .request = on_request};
    static const struct amp_plugin plugin = {.size = sizeof plugin, .name = "asked", .protocol = &protocol};
    struct session *session = fake_session(fake, fake_login(fake, "anna", "off"));
    struct session_request *request = session_request_create("ask", 3);
    const struct amp_plugin *input = session->format.input;

    memset(&asked, 0, sizeof asked);
    asked.session = session;
    asked.ends = ends;
    fake->sessions->link.request = on_answer;
    request->to.handle = session->handle;
    session->format.input = &plugin;
    detached_take_request(fake->sessions, request);
    session->format.input = input;
}

static void test_a_request_is_answered_at_once(void **state)
{
    struct fake *fake = *state;

    ask(fake, false);
    assert_int_equal(asked.answers, 1);
    assert_false(asked.empty);
    fake_turn(fake);
    assert_int_equal(asked.answers, 1);
}

static void test_a_session_that_ends_has_its_requests_until_it_is_freed(void **state)
{
    struct fake *fake = *state;

    ask(fake, true); // its protocol answers after the end
    assert_int_equal(asked.answers, 0);
    fake_turn(fake);
    assert_int_equal(asked.answers, 1);
    assert_true(asked.empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_a_request_is_answered_at_once),
        FAKE_TEST(test_a_session_that_ends_has_its_requests_until_it_is_freed),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
