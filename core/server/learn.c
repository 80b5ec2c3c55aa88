// core/server/learn.c: see learn.h.
#include "server/learn.h"

#include "ami/privileges.h"
#include "base/clock.h"
#include "server/server.h"

#include <stdio.h>

#define GATHER_MS 300  // wait after an event of a module, as a reload causes many: one ListCommands for all
#define AGAIN_MS 60000 // wait after a ListCommands that was not answered
#define MISSING_BYTES 160U

// One action of each class, which every Asterisk has. ListCommands has it if the account has the class.
static const struct telltale {
    const char *class, *action;
} telltales[] = {
    {"system", "DBPut"},        {"call", "Redirect"},       {"command", "Command"},        {"user", "UserEvent"},
    {"config", "UpdateConfig"}, {"originate", "Originate"}, {"reporting", "CoreSettings"},
};

static void learn_ask(struct server *server, uint64_t now)
{
    struct message_builder builder;
    struct message *action;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "ListCommands");
    action = message_build(&builder);
    server->learning.exchange = exchange_create(&server->servers->exchanges, NULL, PURPOSE_LEARN);
    server->learning.asked_ms = now;
    server->learning.due_ms = 0;
    lane_send(MAIN(server), server->learning.exchange, action, 0); // learn_tick() has the time limit
    message_unref(action);
}

void learn_start(struct server *server)
{
    server->learning.due_ms = clock_ms();
    learn_tick(server, server->learning.due_ms);
}

void learn_from_event(struct server *server, const struct message *event)
{
    struct span name = message_name(event);

    if (server->learning.due_ms == 0 && server_is_up(server) &&
        (span_is(name, "Reload") || span_is(name, "Load") || span_is(name, "Unload")))
        server->learning.due_ms = clock_ms() + GATHER_MS;
}

/** Warns once per connection which classes the proxy's account lacks: Asterisk refuses such actions to all users,
 *  whatever rights their entries give. */
static void warn_of_missing(struct server *server)
{
    char missing[MISSING_BYTES] = "";
    size_t length = 0;
    uint32_t classes;

    for (size_t i = 0; i < sizeof telltales / sizeof telltales[0]; i++) {
        if (!privileges_find(server->privileges, span_of(telltales[i].action), &classes))
            length += (size_t)snprintf(missing + length, sizeof missing - length, "%s%s", length > 0 ? "," : "",
                                       telltales[i].class);
    }
    if (length > 0 && !server->learning.warned)
        log_warn(&server->log, "account at server lacks write classes missing=%s", missing);
    server->learning.warned = server->learning.warned || length > 0;
}

void learn_take(struct server *server, const struct message *answer)
{
    struct privileges *fresh = privileges_parse(answer);
    bool is_new = fresh != NULL || server->privileges != NULL;

    server->learning.exchange = NULL;
    privileges_unref(server->privileges);
    server->privileges = fresh;
    log_debug(&server->log, "ListCommands answered actions=%u", privileges_count(fresh));
    if (fresh != NULL)
        warn_of_missing(server);
    if (server->role != NULL)
        role_keep_actions(server, answer);
    if (is_new)
        servers_tell_state(server->servers);
}

void learn_stop(struct server *server)
{
    server->learning = (struct learning){0};
}

void learn_tick(struct server *server, uint64_t now)
{
    struct learning *learning = &server->learning;

    if (learning->exchange != NULL && now - learning->asked_ms >= server->servers->config->limits.exchange_timeout_ms) {
        log_debug(&server->log, "ListCommands not answered");
        exchange_destroy(&server->servers->exchanges, learning->exchange);
        learning->exchange = NULL;
        learning->due_ms = now + AGAIN_MS;
    }
    if (learning->due_ms != 0 && now >= learning->due_ms && learning->exchange == NULL && server_is_up(server) &&
        MAIN(server)->state == LANE_UP)
        learn_ask(server, now);
}
