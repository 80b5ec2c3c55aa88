// tests/unit/hub/test_cluster_state.c: the state of a server makes it known that only other nodes have, and nothing
// else does.
#include "bus/inside.h"
#include "unit/hub/stream_scene.h"

/** The list of servers can grow. */
static int set_up_state(void **state)
{
    set_up_nodes(state);
    scene.fake->servers.list = memory_new(sizeof *scene.fake->list);
    scene.fake->servers.list[0] = scene.fake->list[0];
    scene.fake->servers.count = 1;
    scene.fake->servers.output.metrics = scene.metrics;
    return 0;
}

static int tear_down_state(void **state)
{
    struct servers *servers = &scene.fake->servers;

    while (servers->count > 1) {
        struct server *server = servers->list[--servers->count];
        role_destroy(server);
        server_destroy(server);
    }
    free(servers->list);
    return tear_down_nodes(state);
}

/** A heartbeat of another node names these servers. */
static void hear(const char *lines)
{
    const char *fault;
    char text[200];

    snprintf(text, sizeof text, "Amp: 1\nNode: n9\nBoot: %016llx\nStarted: 1\nBeat: 1\n%s", (unsigned long long)OWNER,
             lines);
    ownership_hear(scene.cluster.ownership, heartbeat_decode(span_of(text), &fault), clock_ms());
}

/** The state comes of a server of that name. */
static void tell(const char *name)
{
    struct message_builder head;
    struct bus_letter *letter;
    char body[200];
    int length = snprintf(body, sizeof body, "State: down\r\nName: %s\r\n\r\n", name), index;

    index = snprintf(body + length, sizeof body - (size_t)length, "%d", length);
    message_builder_init(&head);
    message_addf(&head, "Index", "%d", index);
    letter = bus_letter_of(0, "amp.c1.state.pbx9", NULL, message_build(&head), span_of(body));
    state_add(&scene.cluster, letter);
    bus_letter_destroy(scene.cluster.bus, letter);
}

static void test_i17_a_server_of_others_is_known_by_its_state(void **state)
{
    (void)state;
    hear("Server: pbx9\n");
    tell("PBX9");
    assert_int_equal(scene.fake->servers.count, 2);
    assert_string_equal(scene.fake->servers.list[1]->config->name, "PBX9");
    assert_true(scene.fake->servers.list[1]->elsewhere);
    tell("pbx9"); // it is known
    assert_int_equal(scene.fake->servers.count, 2);
}

/** An owner's first state of a server that it has got by a reload comes before the heartbeat that names it. Whoever
 * took it for one of its own configuration would log in to it, without the secret. */
static void test_i17_a_state_before_the_first_heartbeat_makes_no_server(void **state)
{
    (void)state;
    tell("pbx9");
    assert_int_equal(scene.fake->servers.count, 1);
    assert_null(ownership_find(scene.cluster.ownership, span_of("pbx9")));
    hear("Server: pbx9\n");
    tell("other"); // whatever its subject is
    assert_int_equal(scene.fake->servers.count, 1);
    tell("pbx9");
    assert_int_equal(scene.fake->servers.count, 2);
    assert_false(ownership_find(scene.cluster.ownership, span_of("pbx9"))->configured);
}

/** Counts the questions for a state that were published. */
static unsigned asked(void)
{
    unsigned count = 0;
    struct letter *next;

    for (struct letter *letter = mailbox_take(&scene.cluster.bus->jobs); letter != NULL; letter = next) {
        struct job *job = (struct job *)letter;
        next = letter->next;
        count += letter->kind == JOB_PUBLISH && strcmp(job->subject, "amp.c1.state.pbx9") == 0;
        if (letter->kind == JOB_PUBLISH)
            metric_sub_shared(&scene.cluster.bus->metrics->waiting_out, job->size);
        bus_job_free(job);
    }
    return count;
}

/** The question for the name, or its answer, may be lost. */
static void test_i17_a_name_is_asked_for_until_it_is_known(void **state)
{
    (void)state;
    duty_ask_for_names(&scene.cluster);
    assert_int_equal(asked(), 0);
    hear("Server: pbx9 state=up claim=1 sequence=0\n");
    ownership_step(scene.cluster.ownership, clock_ms());
    for (unsigned i = 0; i < 2; i++) {
        duty_ask_for_names(&scene.cluster);
        assert_int_equal(asked(), 1);
    }
    ownership_find(scene.cluster.ownership, span_of("pbx9"))->context = &scene.shared; // it is known
    duty_ask_for_names(&scene.cluster);
    assert_int_equal(asked(), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_state, tear_down_state)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_a_server_of_others_is_known_by_its_state),
        TEST(test_i17_a_state_before_the_first_heartbeat_makes_no_server),
        TEST(test_i17_a_name_is_asked_for_until_it_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
