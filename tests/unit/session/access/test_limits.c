// tests/unit/session/access/test_limits.c: how many sessions there may be, and who makes room.
#include "session/access/limits.h"

#include "unit/config/parse.h"

#define NOW 1000000

struct scene {
    struct config *config;
    struct session_limits *limits;
};

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    assert_non_null(scene);
    scene->config = expect_good("servers: [{host: h, username: u, secret: s}]\nlimits: {sessions: 5, "
                                "unauthenticated: 3, unauthenticated_per_address: 2, per_address: 4}\n");
    scene->limits = session_limits_create();
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    session_limits_destroy(scene->limits);
    config_unref(scene->config);
    free(scene);
    return 0;
}

static enum session_limits_answer enter(struct scene *scene, uint64_t id, const char *address, uint64_t now,
                                        struct session_limits_place *place)
{
    return session_limits_enter(scene->limits, id, address, scene->config, now, place);
}

static void log_in(struct scene *scene, uint64_t id, const char *address, const char *user)
{
    struct session_limits_place place;

    assert_int_equal(enter(scene, id, address, NOW, &place), SESSION_LIMITS_ENTERED);
    session_limits_log_in(scene->limits, id, user);
}

static void test_logins_are_limited_in_all(void **state)
{
    struct scene *scene = *state;
    struct session_limits_place place;

    log_in(scene, 1, "192.0.2.1:1", "a");
    log_in(scene, 2, "192.0.2.2:1", "a");
    log_in(scene, 3, "192.0.2.3:1", "b");
    log_in(scene, 4, "192.0.2.4:1", "b");
    log_in(scene, 5, "192.0.2.5:1", NULL);
    assert_int_not_equal(enter(scene, 6, "192.0.2.6:1", NOW, &place), SESSION_LIMITS_ENTERED);
    assert_non_null(place.reason);
    session_limits_leave(scene->limits, 3);
    assert_int_equal(enter(scene, 6, "192.0.2.6:1", NOW, &place), SESSION_LIMITS_ENTERED);
    assert_int_equal(place.displaced, 0);
}

static void test_one_address_has_its_share(void **state)
{
    struct scene *scene = *state;
    struct session_limits_place place;

    for (uint64_t id = 1; id <= 4; id++)
        log_in(scene, id, "192.0.2.1:1", "a");
    assert_int_equal(enter(scene, 5, "192.0.2.1:9", NOW, &place), SESSION_LIMITS_REFUSED);
    assert_int_equal(enter(scene, 5, "192.0.2.2:9", NOW, &place), SESSION_LIMITS_ENTERED);
}

static void test_an_idle_one_makes_room(void **state)
{
    struct scene *scene = *state;
    struct session_limits_place place;
    uint64_t later = NOW + SESSION_LIMITS_GRACE_MS + 1;

    assert_int_equal(enter(scene, 1, "192.0.2.1:1", NOW, &place), SESSION_LIMITS_ENTERED);
    assert_int_equal(enter(scene, 2, "192.0.2.1:2", NOW, &place), SESSION_LIMITS_ENTERED);
    assert_int_not_equal(enter(scene, 3, "192.0.2.1:3", NOW, &place), SESSION_LIMITS_ENTERED); // these are new
    assert_int_equal(enter(scene, 3, "192.0.2.1:3", later, &place), SESSION_LIMITS_ENTERED);
    assert_int_equal(place.displaced, 1);            // the oldest
    session_limits_set_busy(scene->limits, 2, true); // its secret is being checked
    session_limits_set_busy(scene->limits, 3, true);
    assert_int_not_equal(enter(scene, 4, "192.0.2.1:4", later + later, &place), SESSION_LIMITS_ENTERED);
}

static void test_a_network_of_ipv6_is_one_address(void **state)
{
    struct scene *scene = *state;
    struct session_limits_place place;

    for (uint64_t id = 1; id <= 4; id++) {
        char address[64];
        snprintf(address, sizeof address, "[2001:db8::%d]:1", (int)id);
        log_in(scene, id, address, "a");
    }
    assert_int_equal(enter(scene, 5, "[2001:db8::99]:1", NOW, &place), SESSION_LIMITS_REFUSED);
    assert_int_equal(enter(scene, 5, "[2001:db8:0:1::1]:1", NOW, &place), SESSION_LIMITS_ENTERED);
}

static void test_users_are_counted_by_their_logins(void **state)
{
    struct scene *scene = *state;

    log_in(scene, 1, "192.0.2.1:1", "a");
    log_in(scene, 2, "192.0.2.2:1", "a");
    assert_true(session_limits_is_full(scene->limits, "a", 2));
    assert_false(session_limits_is_full(scene->limits, "a", 3));
    assert_false(session_limits_is_full(scene->limits, "a", 0)); // any number
    session_limits_log_out(scene->limits, 1, "a", NOW);
    assert_false(session_limits_is_full(scene->limits, "a", 2));
    session_limits_leave(scene->limits, 1);
    session_limits_leave(scene->limits, 1); // again: nothing
    assert_true(session_limits_is_full(scene->limits, "a", 1));
}

static void test_a_balancer_is_not_limited_and_its_clients_are(void **state)
{
    struct scene *scene = *state;
    struct session_limits_place place;

    for (uint64_t id = 1; id <= 5; id++) { // more than per_address: 4
        assert_int_equal(enter(scene, id, NULL, NOW, &place), SESSION_LIMITS_ENTERED);
        session_limits_log_in(scene->limits, id, "a");
    }
    for (uint64_t id = 1; id <= 4; id++)
        assert_int_equal(session_limits_move(scene->limits, id, "192.0.2.1:1", scene->config, NOW, &place),
                         SESSION_LIMITS_ENTERED);
    assert_int_equal(session_limits_move(scene->limits, 5, "192.0.2.1:9", scene->config, NOW, &place),
                     SESSION_LIMITS_REFUSED);
    assert_non_null(place.reason);
    assert_int_equal(session_limits_move(scene->limits, 4, "192.0.2.1:9", scene->config, NOW, &place),
                     SESSION_LIMITS_ENTERED); // it is there already
    assert_int_equal(session_limits_move(scene->limits, 1, NULL, scene->config, NOW, &place), SESSION_LIMITS_ENTERED);
    assert_int_equal(session_limits_move(scene->limits, 5, "192.0.2.1:9", scene->config, NOW, &place),
                     SESSION_LIMITS_ENTERED); // the place of the first
    for (uint64_t id = 1; id <= 5; id++)
        session_limits_leave(scene->limits, id);
    assert_int_equal(session_limits_move(scene->limits, 5, "192.0.2.2:1", scene->config, NOW, &place),
                     SESSION_LIMITS_ENTERED); // gone: nothing
}

static void test_a_share_holds_for_sessions_that_move_to_an_address(void **state)
{
    struct scene *scene = *state;
    struct session_limits_place place;

    assert_int_equal(enter(scene, 1, "192.0.2.1:1", NOW, &place), SESSION_LIMITS_ENTERED);
    assert_int_equal(enter(scene, 2, "192.0.2.1:2", NOW, &place), SESSION_LIMITS_ENTERED);
    assert_int_equal(enter(scene, 3, NULL, NOW, &place), SESSION_LIMITS_ENTERED);
    assert_int_equal(session_limits_move(scene->limits, 3, "192.0.2.1:3", scene->config, NOW, &place),
                     SESSION_LIMITS_REFUSED);
    assert_int_equal(
        session_limits_move(scene->limits, 3, "192.0.2.1:3", scene->config, NOW + SESSION_LIMITS_GRACE_MS, &place),
        SESSION_LIMITS_ENTERED);
    assert_int_equal(place.displaced, 1); // it was idle for longest
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_logins_are_limited_in_all),
        TEST(test_one_address_has_its_share),
        TEST(test_an_idle_one_makes_room),
        TEST(test_a_network_of_ipv6_is_one_address),
        TEST(test_users_are_counted_by_their_logins),
        TEST(test_a_balancer_is_not_limited_and_its_clients_are),
        TEST(test_a_share_holds_for_sessions_that_move_to_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
