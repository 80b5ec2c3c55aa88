// tests/unit/session/connection/test_judgement.c: what is judged of an action, in which order, and that what has waited
// for a verdict is judged by what is so now.
#include "ami/event_class.h"
#include "session/client/set.h"
#include "session/connection/judgement.h"
#include "session/connection/local_actions.h"
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

struct scene {
    struct config config;
    struct sessions sessions;
    struct servers_state *state;
    struct session session;
};

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    if (scene == NULL)
        return -1;
    scene->state = calloc(1, sizeof *scene->state + sizeof scene->state->servers[0]);
    if (scene->state == NULL)
        return -1;
    scene->state->count = 1;
    scene->state->servers[0].name = "pbx1";
    scene->state->servers[0].up = true;
    scene->state->first = span_of("pbx1");
    scene->sessions.config = &scene->config;
    scene->sessions.state = scene->state;
    scene->session = (struct session){
        .sessions = &scene->sessions, .config = &scene->config, .write = CLASS_ALL, .authenticated = true};
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    free(scene->state);
    free(scene);
    return 0;
}

/** Judges an action with one more header (NULL: none). @param judgement  what the scripts have said of it */
static struct judging judge(struct scene *scene, const char *action, const char *name, const char *value,
                            enum judgement judgement, enum judgement_result expected)
{
    static char reason[] = "not today";
    struct message_builder builder;
    struct held held = {.judgement = judgement, .reason = judgement == JUDGEMENT_REFUSED ? reason : NULL};
    struct judging judging = {.session = &scene->session, .held = &held};

    message_builder_init(&builder);
    if (action != NULL)
        message_addf(&builder, "Action", "%s", action);
    if (name != NULL)
        message_addf(&builder, name, "%s", value);
    held.message = message_build(&builder);
    assert_int_equal(judgement_run(&judging), expected);
    message_unref(held.message);
    judging.held = NULL;
    return judging;
}

static void test_the_order_of_the_steps(void **state)
{
    static const char *const order[] = {"form",   "proxy key", "kind", "drain",  "place",
                                        "rights", "token",     "wire", "policy", "scripts"};
    size_t count = 0;
    (void)state;

    for (; judgement_step_name(count) != NULL; count++) {
        assert_true(count < sizeof order / sizeof order[0]);
        assert_string_equal(judgement_step_name(count), order[count]);
    }
    assert_int_equal(count, sizeof order / sizeof order[0]);
}

static void test_who_answers_it(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(judge(scene, "QueueStatus", NULL, NULL, JUDGEMENT_NONE, JUDGED_PASSES).kind, ACTION_FOR_SERVER);
    assert_int_equal(judge(scene, "Events", NULL, NULL, JUDGEMENT_NONE, JUDGED_PASSES).kind, ACTION_LOCAL);
    assert_int_equal(judge(scene, "ping", NULL, NULL, JUDGEMENT_NONE, JUDGED_PASSES).kind, ACTION_LOCAL);
    assert_int_equal(judge(scene, "Ping", "Server", "pbx1", JUDGEMENT_NONE, JUDGED_PASSES).kind, ACTION_FOR_SERVER);
    assert_int_equal(judge(scene, "Ping", "Server", "", JUDGEMENT_NONE, JUDGED_PASSES).kind, ACTION_LOCAL);
    assert_int_equal(judge(scene, "Ping", "ProxyAction", "ListServers", JUDGEMENT_NONE, JUDGED_PASSES).kind,
                     ACTION_PROXY);
    assert_int_equal(judge(scene, NULL, "ProxyAction", "", JUDGEMENT_NONE, JUDGED_PASSES).kind, ACTION_NONE);
}

static void test_who_is_not_logged_in_may_log_in_and_leave(void **state)
{
    struct scene *scene = *state;

    scene->session.authenticated = false;
    assert_int_equal(judge(scene, "Login", NULL, NULL, JUDGEMENT_NONE, JUDGED_PASSES).kind, ACTION_LOCAL);
    assert_int_equal(judge(scene, NULL, "ProxyAction", "Logoff", JUDGEMENT_NONE, JUDGED_PASSES).kind, ACTION_PROXY);
    static const char *const refused[] = {"Ping", "Events", "WaitEvent", "QueueStatus", "Nonsense", NULL};
    for (const char *const *action = refused; *action != NULL; action++) {
        struct fault fault = judge(scene, *action, NULL, NULL, JUDGEMENT_NONE, JUDGED_REFUSED).fault;
        assert_string_equal(fault.text, "Permission denied");
        assert_int_equal(fault.reason, AMP_REASON_NOT_LOGGED_IN);
    }
    assert_string_equal(judge(scene, NULL, "ProxyAction", "ListServers", JUDGEMENT_NONE, JUDGED_REFUSED).fault.text,
                        "Permission denied");
}

static void test_rights_come_before_what_the_wire_takes(void **state)
{
    struct scene *scene = *state;
    char longest[2000];

    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(judge(scene, "Originate", "Data", longest, JUDGEMENT_NONE, JUDGED_REFUSED).fault.reason,
                     AMP_REASON_INVALID);
    scene->session.write = 0;
    struct fault fault = judge(scene, "Originate", "Data", longest, JUDGEMENT_NONE, JUDGED_REFUSED).fault;
    assert_string_equal(fault.text, "Permission denied");
    assert_int_equal(fault.reason, AMP_REASON_DENIED);
}

static void test_a_passed_verdict_spares_no_step(void **state)
{
    struct scene *scene = *state;

    judge(scene, "Originate", NULL, NULL, JUDGEMENT_PASSED, JUDGED_PASSES);
    scene->session.write = 0; // while the verdict was awaited
    assert_string_equal(judge(scene, "Originate", NULL, NULL, JUDGEMENT_PASSED, JUDGED_REFUSED).fault.text,
                        "Permission denied");
    scene->session.write = CLASS_ALL;
    scene->session.authenticated = false; // it has logged out
    assert_int_equal(judge(scene, "Originate", NULL, NULL, JUDGEMENT_PASSED, JUDGED_REFUSED).fault.reason,
                     AMP_REASON_NOT_LOGGED_IN);
}

static void test_a_refusing_verdict_stays(void **state)
{
    struct scene *scene = *state;
    struct fault fault = judge(scene, "Originate", NULL, NULL, JUDGEMENT_REFUSED, JUDGED_REFUSED).fault;

    assert_string_equal(fault.text, "not today"); // though no script is asked any more
    assert_int_equal(fault.reason, AMP_REASON_DENIED);
    scene->session.write = 0;
    assert_string_equal(judge(scene, "Originate", NULL, NULL, JUDGEMENT_REFUSED, JUDGED_REFUSED).fault.text,
                        "Permission denied"); // what is said of all is said first
}

static void test_what_cannot_be_read_is_refused_first(void **state)
{
    struct scene *scene = *state;
    struct message_builder builder;
    struct held held = {.rejected = "Too many headers"};
    struct judging judging = {.session = &scene->session, .held = &held};

    scene->session.authenticated = false;
    message_builder_init(&builder);
    message_addf(&builder, "Action", "Originate");
    held.message = message_build(&builder);
    assert_int_equal(judgement_run(&judging), JUDGED_REFUSED);
    assert_string_equal(judging.fault.text, "Too many headers");
    assert_int_equal(judging.fault.reason, AMP_REASON_INVALID);
    message_unref(held.message);
}

/** When the steps are repeated, what they found before lies in an action that may be gone: another worker may have
 *  counted failures meanwhile, so that the ProxyKey is refused before the kind is known. */
static void test_nothing_is_left_of_an_earlier_judgement(void **state)
{
    struct scene *scene = *state;
    struct message_builder builder;
    struct held held = {.rejected = "Too many headers"};
    struct judging judging = {.session = &scene->session,
                              .held = &held,
                              .kind = ACTION_PROXY,
                              .action = span_of("gone"),
                              .proxy_action = span_of("gone")};

    message_builder_init(&builder);
    message_addf(&builder, "ProxyAction", "Stats");
    held.message = message_build(&builder);
    assert_int_equal(judgement_run(&judging), JUDGED_REFUSED);
    assert_int_equal(judging.kind, ACTION_NONE);
    assert_int_equal(judging.action.length + judging.proxy_action.length, 0);
    message_unref(held.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_order_of_the_steps),
        cmocka_unit_test_setup_teardown(test_who_answers_it, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_who_is_not_logged_in_may_log_in_and_leave, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_rights_come_before_what_the_wire_takes, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_a_passed_verdict_spares_no_step, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_a_refusing_verdict_stays, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_read_is_refused_first, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_an_earlier_judgement, open_scene, close_scene),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
