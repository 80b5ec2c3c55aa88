// tests/unit/bus/test_link.c: one connection to a real nats-server: what is ended is freed, and why a connection broke.
// The threads are libnats's: pthread_create is called there.
#include "bus/library.h"
#include "bus/link.h"
#include "unit/bus/bus_test.h"

#include <stdio.h>

// Of the sanitizers: bytes that are allocated and not freed.
extern size_t allocated_bytes(void) __asm__("__sanitizer_get_current_allocated_bytes") __attribute__((weak));

/** A link of a bus whose thread does not run. */
struct scene {
    struct nats_process nats;
    struct node node;
    struct link *link;
};

static void scene_open(struct scene *scene)
{
    char *urls[] = {scene->nats.url};
    struct error err = {""};
    bool refused;
    uint64_t begin = clock_ms();

    nats_init(&scene->nats);
    nats_start(&scene->nats);
    node_create(&scene->node, urls, 1, 1 << 20, 10000);
    assert_true(library_open(&err));
    while ((scene->link = link_open(scene->node.bus, scene->nats.url, 1, &refused, &err)) == NULL) {
        if (clock_ms() - begin > DEADLINE_MS)
            fail_msg("%s", err.text);
        poll(NULL, 0, 2); // it starts
    }
}

static void scene_close(struct scene *scene)
{
    link_close(scene->link, 0);
    library_close();
    node_stop(&scene->node);
    nats_kill(&scene->nats);
}

static void subscribe_and_end(struct scene *scene, int number)
{
    char subject[32];

    snprintf(subject, sizeof subject, "x.%d", number);
    link_unsubscribe(link_subscribe(scene->link, subject));
}

static void what_has_ended_is_freed(void **state)
{
    (void)state;
    struct scene scene;
    enum { COUNT = 500, BYTES = 200 }; // a subscription has more than that
    size_t before;

    if (allocated_bytes == NULL) {
        skip();
        return;
    }
    scene_open(&scene);
    subscribe_and_end(&scene, 0);
    before = allocated_bytes();
    for (int i = 1; i <= COUNT; i++)
        subscribe_and_end(&scene, i);
    uint64_t begin = clock_ms();
    while (allocated_bytes() > before + (size_t)COUNT * BYTES) {
        if (clock_ms() - begin > DEADLINE_MS)
            fail_msg("%zu bytes more", allocated_bytes() - before);
        poll(NULL, 0, 10);
        subscribe_and_end(&scene, 0); // frees what is complete
    }
    scene_close(&scene);
}

/** Publishes until that fails. */
static const char *reason_of_break(struct link *link)
{
    uint64_t begin = clock_ms();

    while (link_publish(link, "x", NULL, NULL, NULL) == LINK_SENT) {
        if (clock_ms() - begin > DEADLINE_MS)
            fail_msg("the connection stays");
        poll(NULL, 0, 1);
    }
    return link_reason(link);
}

static void a_server_that_hangs_is_told_as_such(void **state)
{
    (void)state;
    struct scene scene;

    scene_open(&scene);
    kill(scene.nats.pid, SIGSTOP);
    assert_string_equal(reason_of_break(scene.link), "the NATS server does not answer pings");
    scene_close(&scene);
}

static void a_server_that_ends_is_told_as_such(void **state)
{
    (void)state;
    struct scene scene;

    scene_open(&scene);
    nats_kill(&scene.nats);
    assert_string_equal(reason_of_break(scene.link), "the NATS server has closed it");
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_ended_is_freed),
        cmocka_unit_test(a_server_that_hangs_is_told_as_such),
        cmocka_unit_test(a_server_that_ends_is_told_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
