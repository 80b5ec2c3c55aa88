// tests/unit/hub/test_cluster_still.c: which process gets the actions for a server of another node, and what becomes of
// those that it does not answer. What the node publishes is read out of the mailbox of its bus, which does not run.
#include "bus/inside.h"
#include "unit/hub/stream_scene.h"

#include <stdlib.h>

#define TO_OWNER "amp.c1.do.pbx1.0000000000000011"
#define TO_NEXT "amp.c1.do.pbx1.0000000000000022"

static struct servers_bus acting;

/** A node that sends actions for pbx1, and hears from the processes OWNER and NEXT. */
static int set_up_still(void **state)
{
    set_up_nodes(state);
    acting = callbacks;
    acting.act = cluster_act;
    acting.withdraw = cluster_withdraw;
    scene.fake->servers.output.bus = &acting;
    scene.shared.server->role->up = true;
    scene.shared.stream.boot = OWNER;
    return 0;
}

/** A process is heard: `lines` says more. */
static void hear(uint64_t boot, unsigned number, const char *lines)
{
    const char *fault;
    char text[200];

    snprintf(text, sizeof text, "Amp: 1\nNode: n%u\nBoot: %016llx\nStarted: 1\nBeat: %u\n%s", (unsigned)boot,
             (unsigned long long)boot, number, lines);
    ownership_hear(scene.cluster.ownership, heartbeat_decode(span_of(text), &fault), clock_ms());
}

static void hear_both(void)
{
    hear(OWNER, 1, "");
    hear(NEXT, 1, "");
}

static void act(void)
{
    struct ask *ask = fake_ask("QueueStatus", 1);

    server_send(scene.shared.server, ask, NULL);
    ask_unref(ask);
}

/** Takes what was published: the subjects, and after a colon the bodies of questions. */
static const char *published(void)
{
    static char text[2000];
    struct letter *next;

    text[0] = '\0';
    for (struct letter *letter = mailbox_take(&scene.cluster.bus->jobs); letter != NULL; letter = next) {
        struct job *job = (struct job *)letter;
        struct span value;
        next = letter->next;
        if (letter->kind == JOB_PUBLISH) {
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%s", text[0] == '\0' ? "" : " ",
                     job->subject, message_find(job->head, "Still", &value) ? "?" : "");
            metric_sub_shared(&scene.cluster.bus->metrics->waiting_out, job->size);
        }
        bus_job_free(job);
    }
    return text;
}

static struct exchange *first_exchange(void)
{
    return exchange_first(&scene.shared.server->role->afar.exchanges);
}

/** All actions were sent long ago. */
static void grow_old(void)
{
    for (struct exchange *each = first_exchange(); each != NULL; each = exchange_next(each))
        each->sent_us -= 2000000;
}

static void test_i17_actions_go_to_the_owner_and_to_nobody_else(void **state)
{
    (void)state;
    act();
    assert_string_equal(published(), TO_OWNER);
    scene.owned.source = SOURCE_BUS; // the next one is known; the end of the last one's stream is awaited
    scene.owned.follow_boot = NEXT;
    act();
    assert_string_equal(published(), TO_NEXT);
    assert_int_equal(first_exchange()->owner, OWNER);
}

static void test_i17_while_no_owner_is_known_the_last_one_passes_them_on(void **state)
{
    (void)state;
    scene.owned.source = SOURCE_SOON;
    act();
    assert_string_equal(published(), TO_OWNER);
    scene.owned.heir_boot = NEXT; // this node has given it away
    act();
    assert_string_equal(published(), TO_NEXT);
}

static void test_i17_without_an_owner_nothing_is_sent(void **state)
{
    (void)state;
    scene.shared.stream.boot = 0;
    act();
    scene.shared.stream.boot = OWNER;
    scene.cluster.is_up = false;
    act();
    assert_string_equal(published(), "");
    assert_int_equal(scene.fake->count, 2);
    assert_int_equal(scene.fake->parts[1].reason, AMP_REASON_NO_SERVER);
    assert_null(first_exchange());
}

static void test_i17_each_process_is_asked_for_its_own_actions(void **state)
{
    (void)state;
    hear_both();
    act();
    act();
    scene.shared.stream.boot = NEXT;
    published();
    still_tick(&scene.shared, clock_ms());
    assert_string_equal(published(), ""); // they are not old
    grow_old();
    still_tick(&scene.shared, clock_ms() + 1000);
    assert_string_equal(published(), TO_OWNER "?");
    act();
    published();
    grow_old();
    still_tick(&scene.shared, clock_ms() + 2000);
    assert_string_equal(published(), TO_OWNER "? " TO_NEXT "?");
    still_tick(&scene.shared, clock_ms() + 2500);
    assert_string_equal(published(), ""); // once a second
}

static void test_i17_what_its_process_does_not_know_twice_is_lost(void **state)
{
    struct message_builder head;
    struct bus_letter *letter;
    char body[32];
    (void)state;

    hear_both();
    act();
    snprintf(body, sizeof body, "%llu ", (unsigned long long)exchange_number(first_exchange()));
    for (unsigned i = 0; i < 3; i++) {
        assert_non_null(first_exchange());
        message_builder_init(&head);
        message_addf(&head, "Boot", "%016llx", i == 0 ? (unsigned long long)NEXT : (unsigned long long)OWNER);
        letter = bus_letter_of(0, "amp.c1.re.n1.0000000000000033.9", NULL, message_build(&head), span_of(body));
        still_take(&scene.shared, letter);
        bus_letter_destroy(scene.cluster.bus, letter);
    }
    assert_null(first_exchange());
    assert_int_equal(scene.fake->parts[0].reason, AMP_REASON_LOST);
}

/** Its last heartbeat comes after all answers that it has sent. */
static void test_i17_what_a_process_that_is_gone_has_not_answered_ends(void **state)
{
    (void)state;
    hear_both();
    act();
    scene.shared.stream.boot = NEXT;
    act();
    still_tick(&scene.shared, clock_ms());
    assert_int_equal(scene.fake->count, 0);
    hear(OWNER, 2, "Leaving: 1\n");
    still_tick(&scene.shared, clock_ms());
    assert_int_equal(scene.fake->count, 1);
    assert_int_equal(first_exchange()->owner, NEXT);
    nodes_age(&scene.cluster.ownership->nodes, 2500, clock_ms() + 2500); // without a last word
    fake_forget(scene.fake);
    still_tick(&scene.shared, clock_ms());
    assert_int_equal(scene.fake->count, 1);
    assert_true(scene.fake->parts[0].final && scene.fake->parts[0].reason == AMP_REASON_LOST);
}

static void test_i17_who_got_the_action_is_told_that_nobody_waits(void **state)
{
    (void)state;
    hear_both();
    struct ask *ask = fake_ask("QueueStatus", 1);
    server_send(scene.shared.server, ask, NULL);
    scene.shared.stream.boot = NEXT;
    published();
    ask_withdraw(ask);
    remote_tick(scene.shared.server);
    assert_string_equal(published(), TO_OWNER);
    ask_unref(ask);
}

/** An action of another node comes, which so many nodes have passed on. */
static void take_action(unsigned passes)
{
    static const char wire[] = "Action: QueueStatus\r\nActionID: amp1-4.b64a15e09980349d\r\n\r\n";
    struct message_builder head;
    struct bus_letter *letter;

    message_builder_init(&head);
    message_addf(&head, "Boot", "%016llx", (unsigned long long)NEXT);
    message_addf(&head, "Write", "ffffffff");
    message_addf(&head, "Passed", "%u", passes);
    letter = bus_letter_of(0, "amp.c1.do.pbx1.0000000000000033", "amp.c1.re.n9.0000000000000022.5",
                           message_build(&head), span_of(wire));
    cluster_take_action(&scene.shared, letter);
    bus_letter_destroy(scene.cluster.bus, letter);
}

static void test_i17_an_action_is_not_passed_on_for_ever(void **state)
{
    (void)state;
    take_action(3);
    assert_string_equal(published(), TO_OWNER);
    take_action(4);
    assert_string_equal(published(), "amp.c1.re.n9.0000000000000022.5"); // an Error
    scene.shared.server->role->state = ROLE_LEAVING;                     // its lanes are still there
    scene.shared.server->state = SERVER_UP;
    fake_open(MAIN(scene.shared.server));
    take_action(4);
    assert_string_equal(published(), "");
    assert_int_equal(MAIN(scene.shared.server)->unanswered, 1);
}

/** As set_up_still(); the node takes actions, too. */
static int set_up_taking(void **state)
{
    set_up_still(state);
    map_init(&scene.cluster.servers, false);
    map_init(&scene.cluster.asks, false);
    map_add(&scene.cluster.servers, &scene.shared.node, 0, span_of(scene.shared.key));
    scene.hub.coalescer = coalescer_create(NULL, NULL);
    scene.hub.config = &scene.fake->config;
    return 0;
}

static int tear_down_taking(void **state)
{
    still_clear(&scene.cluster);
    map_fini(&scene.cluster.asks);
    map_fini(&scene.cluster.servers);
    coalescer_destroy(scene.hub.coalescer);
    return tear_down_nodes(state);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up_still, tear_down_nodes)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_i17_actions_go_to_the_owner_and_to_nobody_else),
        TEST(test_i17_while_no_owner_is_known_the_last_one_passes_them_on),
        TEST(test_i17_without_an_owner_nothing_is_sent),
        TEST(test_i17_each_process_is_asked_for_its_own_actions),
        TEST(test_i17_what_its_process_does_not_know_twice_is_lost),
        TEST(test_i17_what_a_process_that_is_gone_has_not_answered_ends),
        TEST(test_i17_who_got_the_action_is_told_that_nobody_waits),
        cmocka_unit_test_setup_teardown(test_i17_an_action_is_not_passed_on_for_ever, set_up_taking, tear_down_taking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
