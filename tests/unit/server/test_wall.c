// tests/unit/server/test_wall.c: an action that would change the shared connection is sent for nobody, however it is
// spelled and whoever asks. This check does not rely on earlier ones.
#include "base/memory.h"
#include "base/metrics.h"
#include "letters/letters.h"
#include "server/servers.h"
#include "unit/ami/parse.h"
#include "unit/test.h"

#include <event2/event.h>
#include <stdlib.h>

struct heard {
    uint32_t denied, other;
};

static void on_answer(void *context, struct answer_part part, struct ask *ask)
{
    struct heard *heard = context;

    (void)ask;
    assert_true(part.final && part.kind == ANSWER_PART_IN_TURN);
    heard->denied += part.reason == AMP_REASON_DENIED;
    heard->other += part.reason != AMP_REASON_DENIED;
    message_unref(part.message);
}

static void on_event(void *context, struct message *message, struct ask *ask, bool foreign_id)
{
    (void)context, (void)ask, (void)foreign_id;
    message_unref(message);
}

static void on_state(void *context, const struct servers_state *state)
{
    (void)context, (void)state;
}

static void ask_for(struct servers *servers, const char *header, const char *action, const char *server)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "%s", "");
    message_addf(&builder, header, "%s", action);
    message_addf(&builder, "EventMask", "off");
    struct message *message = message_build(&builder);
    struct ask *ask = ask_create(message, server);
    ask->all_servers = server != NULL && strcmp(server, "*") == 0;
    ask->of_script = true;
    servers_ask(servers, ask);
    ask_unref(ask);
    message_unref(message);
}

static void test_f08_nothing_changes_the_connection(void **state)
{
    static const char *const shared[] = {"Logoff", "lOGOFF",    "  Logoff", "\tEvents",
                                         "Login",  "Challenge", "Filter",   "WaitEvent"};
    static const char *const names[] = {NULL, "*", "pbx1"};
    struct config *config = memory_zero(1, sizeof *config);
    struct event_base *base = event_base_new();
    struct metrics *metrics = metrics_create(1);
    struct heard heard = {0};
    struct error err = {0};
    (void)state;
    const struct servers_output output = {on_event, on_answer, on_state, &heard, metrics, NULL, NULL};
    atomic_init(&config->references, 1);
    struct servers *servers = servers_create(base, config, &output, &err);

    assert_non_null(servers);
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
            ask_for(servers, "aCTION", shared[i], names[k]);
    }
    assert_int_equal(heard.other, 0);
    assert_int_equal(heard.denied, 24);
    ask_for(servers, "Action", "Ping", NULL); // there is no server: but it was not refused
    assert_int_equal(heard.denied, 24);
    assert_int_equal(heard.other, 1);
    servers_destroy(servers);
    free(config); // it was never loaded: the servers have given theirs back
    metrics_destroy(metrics);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_f08_nothing_changes_the_connection)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
