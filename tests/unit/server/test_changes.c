// tests/unit/server/test_changes.c: servers are added and dropped while the program runs.
#include "server/server.h"

#include "base/memory.h"
#include "unit/ami/parse.h"
#include "unit/config/parse.h"

#include <event2/event.h>

#define ONE "{name: one, host: 127.0.0.1, port: 1, username: u, secret: s}"
#define TWO "{name: two, host: 127.0.0.1, port: 1, username: u, secret: s}"

struct scene {
    struct event_base *base;
    struct metrics *metrics;
    struct servers *servers;
    int told;
    char names[128]; // of the servers, as they were last announced
};

static void on_event(void *context, struct message *message, struct ask *ask, bool foreign_id)
{
    (void)context, (void)ask, (void)foreign_id;
    message_unref(message);
}

static void on_answer(void *context, struct answer_part part, struct ask *ask)
{
    (void)context, (void)ask;
    message_unref(part.message);
}

static void on_state(void *context, const struct servers_state *state)
{
    struct scene *scene = context;

    scene->told++;
    scene->names[0] = '\0';
    for (uint32_t i = 0; i < state->count; i++) {
        strcat(scene->names, state->servers[i].name);
        strcat(scene->names, " ");
    }
}

static int open_scene(void **state)
{
    struct scene *scene = memory_zero(1, sizeof *scene);
    struct config *config = expect_good("servers: [" ONE ", " TWO "]");
    struct error err;

    scene->base = event_base_new();
    scene->metrics = metrics_create(1);
    struct servers_output output = {on_event, on_answer, on_state, scene, scene->metrics, NULL, NULL};
    scene->servers = servers_create(scene->base, config, &output, &err);
    assert_non_null(scene->servers);
    config_unref(config);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    servers_destroy(scene->servers);
    metrics_destroy(scene->metrics);
    event_base_free(scene->base);
    free(scene);
    return 0;
}

static bool add(struct scene *scene, const char *headers, struct error *err)
{
    char text[512];

    snprintf(text, sizeof text, "ProxyAction: AddServer\r\n%s\r\n", headers);
    struct message *arguments = parse_one(text);
    bool added = servers_add(scene->servers, arguments, err);
    message_unref(arguments);
    return added;
}

static void reload(struct scene *scene, const char *yaml)
{
    struct config *config = expect_good(yaml);

    servers_reconfigure(scene->servers, config);
    config_unref(config);
}

#define THREE "Server: three\r\nPort: 1\r\nUsername: u\r\nSecret: s\r\nEvents: on\r\n"

static void test_a_server_is_added_once(void **state)
{
    struct scene *scene = *state;
    struct error err;

    assert_true(add(scene, THREE, &err));
    assert_string_equal(scene->names, "one two three ");
    assert_false(add(scene, THREE, &err));
    assert_string_equal(err.text, "there is a server of that name");
    assert_int_equal(scene->servers->count, 3);
}

static void test_what_is_incomplete_adds_none(void **state)
{
    static const char *const bad[] = {"Server: x\r\nPort: 1\r\nUsername: u\r\nSecret: s\r\n",
                                      "Server: x\r\nPort: 0\r\nUsername: u\r\nSecret: s\r\nEvents: on\r\n",
                                      "Server: x\r\nPort: 65536\r\nUsername: u\r\nSecret: s\r\nEvents: on\r\n",
                                      "Server: x\r\nPort: 1x\r\nUsername: u\r\nSecret: s\r\nEvents: on\r\n",
                                      "Server: \r\nPort: 1\r\nUsername: u\r\nSecret: s\r\nEvents: on\r\n"};
    struct scene *scene = *state;
    struct error err;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(add(scene, bad[i], &err));
        assert_string_equal(err.text, "expected Server, Port, Username, Secret and Events");
    }
    assert_int_equal(scene->servers->count, 2);
    assert_int_equal(scene->told, 0);
}

static void test_a_server_is_dropped_by_its_name(void **state)
{
    struct scene *scene = *state;
    struct error err;

    assert_true(servers_drop(scene->servers, span_of("one"), &err));
    assert_string_equal(scene->names, "two ");
    assert_false(servers_drop(scene->servers, span_of("one"), &err));
    assert_string_equal(err.text, "there is no server of that name");
}

static void test_a_reload_keeps_what_is_the_same(void **state)
{
    struct scene *scene = *state;
    struct server *two = servers_find(scene->servers, "two");
    struct server *one = servers_find(scene->servers, "one");

    reload(scene, "servers: [" TWO ", " ONE "]"); // in another order
    assert_ptr_equal(servers_find(scene->servers, "two"), two);
    assert_ptr_equal(servers_find(scene->servers, "one"), one);
    assert_string_equal(scene->names, "two one ");
    assert_int_equal(scene->told, 1);
    reload(scene, "servers: [" TWO ", {name: three, host: h, username: u, secret: s}]");
    assert_ptr_equal(servers_find(scene->servers, "two"), two);
    assert_null(servers_find(scene->servers, "one"));
    assert_string_equal(scene->names, "two three ");
}

static void test_a_reload_ends_what_was_added(void **state)
{
    struct scene *scene = *state;
    struct error err;

    assert_true(add(scene, THREE, &err));
    reload(scene, "servers: [" ONE ", " TWO "]");
    assert_null(servers_find(scene->servers, "three"));
    assert_string_equal(scene->names, "one two ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_server_is_added_once),          TEST(test_what_is_incomplete_adds_none),
        TEST(test_a_server_is_dropped_by_its_name), TEST(test_a_reload_keeps_what_is_the_same),
        TEST(test_a_reload_ends_what_was_added),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
