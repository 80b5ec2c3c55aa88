// tests/unit/server/test_servers.c: which server an ask goes to, and the answer if there is none.
#include "unit/server/fake.h"

/** Sends an ask. @return the server whose main lane has it; NULL: it was answered at once */
static struct server *ask_for(struct fake *fake, const char *name)
{
    struct message_builder builder;
    size_t before[FAKE_SERVERS];

    for (int i = 0; i < FAKE_SERVERS; i++)
        before[i] = MAIN(&fake->server[i])->unanswered;
    message_builder_init(&builder);
    message_addf(&builder, "Action", "CoreStatus");
    struct message *action = message_build(&builder);
    struct ask *ask = ask_create(action, name);
    ask->write = UINT32_MAX;
    servers_ask(&fake->servers, ask);
    ask_unref(ask);
    message_unref(action);
    for (int i = 0; i < FAKE_SERVERS; i++) {
        if (MAIN(&fake->server[i])->unanswered > before[i])
            return &fake->server[i];
    }
    return NULL;
}

static void test_the_first_that_is_up_unless_one_is_named(void **state)
{
    struct fake *fake = *state;

    assert_ptr_equal(ask_for(fake, NULL), &fake->server[0]);
    assert_ptr_equal(ask_for(fake, "pbx2"), &fake->server[1]);
    assert_ptr_equal(ask_for(fake, "PBX2"), &fake->server[1]);
    fake->server[0].state = SERVER_DOWN;
    assert_ptr_equal(ask_for(fake, NULL), &fake->server[1]);
    assert_int_equal(servers_up(&fake->servers), 1);
    assert_int_equal(servers_in_flight(&fake->servers), 4);
}

static void test_an_error_says_why_nothing_was_sent(void **state)
{
    static const enum server_state not_up[] = {SERVER_DOWN, SERVER_CONNECTING, SERVER_BOOTING, SERVER_GIVEN_UP,
                                               SERVER_LEAVING};
    struct fake *fake = *state;

    assert_null(ask_for(fake, "pbx3"));
    fake_check(fake, 0, "Message", "Unknown server: pbx3");
    for (size_t i = 0; i < sizeof not_up / sizeof not_up[0]; i++) {
        fake->server[0].state = fake->server[1].state = not_up[i];
        fake_forget(fake);
        assert_null(ask_for(fake, "pbx2"));
        assert_null(ask_for(fake, NULL));
        fake_check(fake, 0, "Message", "Server pbx2 is down");
        fake_check(fake, 1, "Message", "No server is up");
        assert_true(fake->parts[0].final && fake->parts[0].reason == AMP_REASON_NO_SERVER);
    }
}

/** What a takeover, the calls of tied users and pbx_metrics need to know of a drained server, the hub asks all the
 * same.
 */
static void test_a_drained_server_takes_only_what_the_hub_asks(void **state)
{
    struct fake *fake = *state;
    struct ask *ask = fake_ask("CoreStatus", 1), *own = fake_ask("Status", 2), *fence = fake_ask("Ping", 3);

    fake->server[0].drained = fake->server[1].drained = true;
    ask->all_servers = fence->all_servers = fence->of_handover = true;
    servers_ask(&fake->servers, ask);
    fake_check(fake, 0, "Message", "Every server that is up is drained");
    ask->all_servers = false;
    ask->server = memory_text("pbx1");
    servers_ask(&fake->servers, ask);
    fake_check(fake, 1, "Message", "Server pbx1 is drained");
    servers_ask(&fake->servers, fence); // to both
    own->server = memory_text("pbx1");
    own->of_pbx = true;
    servers_ask(&fake->servers, own);
    own->of_pbx = false;
    own->of_hub = true;
    servers_ask(&fake->servers, own);
    assert_int_equal(MAIN(&fake->server[0])->unanswered, 3);
    assert_int_equal(MAIN(&fake->server[1])->unanswered, 1);
    assert_int_equal(fake->count, 2); // nothing else was refused
    ask_unref(ask);
    ask_unref(own);
    ask_unref(fence);
}

static void test_giving_up_answers_everything_once(void **state)
{
    struct fake *fake = *state;

    ask_for(fake, "pbx1");
    ask_for(fake, "pbx2");
    servers_give_up(&fake->servers);
    servers_give_up(&fake->servers);
    assert_int_equal(fake->count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(fake->parts[i].final && fake->parts[i].reason == AMP_REASON_LOST);
    assert_int_equal(servers_in_flight(&fake->servers), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_first_that_is_up_unless_one_is_named),
        TEST(test_an_error_says_why_nothing_was_sent),
        TEST(test_a_drained_server_takes_only_what_the_hub_asks),
        TEST(test_giving_up_answers_everything_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
