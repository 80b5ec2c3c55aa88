// tests/unit/hub/test_cluster_ask.c: answers of other processes that come in parts.
#include "unit/hub/stream_scene.h"

#include <stdlib.h>

static struct servers_bus acting;

static uint32_t on_act(void *record, const struct remote_action *action)
{
    (void)record, (void)action;
    return 1;
}

/** A process is heard. */
static void hear(uint64_t boot, unsigned beat, const char *lines)
{
    const char *fault;
    char text[200];

    snprintf(text, sizeof text, "Amp: 1\nNode: n%u\nBoot: %016llx\nStarted: 1\nBeat: %u\n%s", (unsigned)boot,
             (unsigned long long)boot, beat, lines);
    ownership_hear(scene.cluster.ownership, heartbeat_decode(span_of(text), &fault), clock_ms());
}

/** A node that waits for the answers of OWNER and NEXT. */
static int set_up_ask(void **state)
{
    set_up_nodes(state);
    acting = callbacks;
    acting.act = on_act;
    scene.fake->servers.output.bus = &acting;
    scene.shared.server->role->up = true;
    hear(OWNER, 1, "");
    hear(NEXT, 1, "");
    return 0;
}

static int tear_down_ask(void **state)
{
    cluster_forget_answers(&scene.cluster);
    return tear_down_nodes(state);
}

/** Sends an action. @return its number */
static uint64_t act(void)
{
    struct ask *ask = fake_ask("Command", 1);
    struct exchange *last = NULL;

    server_send(scene.shared.server, ask, NULL);
    ask_unref(ask);
    for (struct exchange *each = exchange_first(&scene.shared.server->role->afar.exchanges); each != NULL;
         each = exchange_next(each))
        last = each;
    assert_non_null(last);
    return exchange_number(last);
}

/** One of three parts of the answer comes. */
static void take_part(uint64_t boot, uint64_t number, unsigned part)
{
    static const char *const pieces[] = {"Response: Success\r\n", "Message: part by part\r\n", "\r\n"};
    struct message_builder head;
    struct bus_letter *letter;

    message_builder_init(&head);
    message_addf(&head, "Boot", "%016llx", (unsigned long long)boot);
    message_addf(&head, "Kind", "turn");
    message_addf(&head, "Final", "1");
    message_addf(&head, "Part", "%u", part);
    message_addf(&head, "Parts", "3");
    letter = bus_letter_of(0, "amp.c1.re.n1.0000000000000033.1", NULL, message_build(&head), span_of(pieces[part - 1]));
    cluster_take_answer(&scene.cluster, number, letter);
    bus_letter_destroy(scene.cluster.bus, letter);
}

static void test_i17_parts_of_several_processes_come_at_the_same_time(void **state)
{
    uint64_t one = act(), other = act();
    (void)state;

    for (unsigned part = 1; part <= 3; part++) {
        take_part(OWNER, one, part);
        take_part(NEXT, other, part);
    }
    assert_int_equal(scene.fake->count, 2);
    assert_true(scene.fake->parts[0].final && scene.fake->parts[1].final);
    assert_null(scene.cluster.incoming.first);
}

static void test_i17_what_does_not_become_whole_is_forgotten(void **state)
{
    uint64_t one = act(), other = act();
    (void)state;

    take_part(OWNER, one, 1);
    take_part(OWNER, other, 1); // the rest of the first one was lost
    take_part(OWNER, one, 2);
    assert_null(scene.cluster.incoming.first); // so is that of the second one
    take_part(OWNER, one, 1);
    hear(OWNER, 2, "Leaving: 1\n");
    take_part(OWNER, other, 1); // of nobody who is there
    assert_null(scene.cluster.incoming.first);
    assert_int_equal(scene.fake->count, 0);
    take_part(NEXT, other, 1);
    assert_ptr_equal(scene.cluster.incoming.first, scene.cluster.incoming.last);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_ask, tear_down_ask)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_parts_of_several_processes_come_at_the_same_time),
        TEST(test_i17_what_does_not_become_whole_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
