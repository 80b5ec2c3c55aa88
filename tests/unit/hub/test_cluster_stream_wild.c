// tests/unit/hub/test_cluster_stream_wild.c: events of another node's server with heads, indexes and bodies at random.
#include "unit/hub/stream_scene.h"

/** Makes a letter of the owner whose head and index are at random, and whose body is cut anywhere. */
static struct bus_letter *wild_letter(void)
{
    static const char *const names[5] = {"First", "Index", "Part", "Parts", "Done"};
    static const char *const values[8] = {"0", "1", "2", "3", "9", "-1", "40", "1152921504606846976"};
    char body[] = "Event: A\r\nPrivilege: call,all\r\n\r\nEvent: B\r\n\r\n33 12 -1 99999999999 4";
    struct message_builder head;

    message_builder_init(&head);
    message_addf(&head, "Boot", "%016llx", (unsigned long long)OWNER);
    message_addf(&head, "Epoch", "1");
    for (size_t i = 0; i < 5; i++) {
        if (rand() % 3 > 0)
            message_addf(&head, names[i], "%s", values[rand() % 8]);
    }
    return bus_letter_of(0, "amp.c1.ev.pbx1", NULL, message_build(&head),
                         (struct span){body, (size_t)rand() % sizeof body});
}

static void come_wildly(void)
{
    uint64_t first = (uint64_t)rand() % 12 + 1;
    struct bus_letter *letter =
        rand() % 2 == 0 ? wild_letter()
                        : letter_of(OWNER, 1, first, first + (uint64_t)rand() % 3, rand() % 2 == 0 ? "Done" : NULL);

    if (rand() % 4 == 0)
        stream_tick(&scene.shared, scene.shared.stream.gap_until_ms);
    if (rand() % 2 == 0)
        stream_take_gap(&scene.shared, letter);
    else if (stream_take(&scene.shared, letter))
        return;
    bus_letter_destroy(scene.cluster.bus, letter);
}

static void test_i17_whatever_comes_events_are_given_once_and_in_order(void **state)
{
    uint64_t last = 0;
    (void)state;

    srand(17);
    for (unsigned step = 0; step < 20000; step++) {
        if (step % 8 == 0) {
            follow(0);
            last = 0;
        }
        come_wildly();
        for (size_t i = 0; i < scene.fake->count; i++) {
            struct span name = message_name(scene.fake->parts[i].message);
            if (name.length < 4 || memcmp(name.bytes, "E1.", 3) != 0)
                continue; // of a wild letter, or EventsSkipped
            assert_true(strtoull(name.bytes + 3, NULL, 10) > last);
            last = strtoull(name.bytes + 3, NULL, 10);
        }
        fake_forget(scene.fake);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_whatever_comes_events_are_given_once_and_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
