// core/hub/figures.c: see figures.h.
#include "hub/figures.h"

#include "base/clock.h"
#include "base/memory.h"
#include "letters/letters.h"
#include "pbx/pbx.h"
#include "report/report.h"
#include "server/server.h"

#include <stdlib.h>

static void figures_ask(struct hub *hub, const char *server, const char *name)
{
    struct message_builder builder;
    struct message *action;
    struct ask *ask;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "%s", name);
    action = message_build(&builder);
    ask = ask_create(action, server);
    ask->of_pbx = ask->server_named = true;
    ask->worker = UINT32_MAX;
    servers_ask(hub->servers, ask);
    ask_unref(ask);
    message_unref(action);
}

static void figures_begin(struct hub *hub, const char *server)
{
    figures_ask(hub, server, "Status");
    figures_ask(hub, server, "QueueStatus");
}

void figures_configure(struct hub *hub, const struct config *config)
{
    bool wanted = false;

    for (size_t i = 0; i < config->listen_count; i++)
        wanted = wanted || config->listen[i].pbx_metrics;
    if (!wanted && hub->pbx != NULL)
        pbx_forget(hub->pbx);
    if (wanted == (hub->pbx != NULL))
        return;
    hub->pbx = wanted ? reporter_pbx(hub->shared.reporter) : NULL;
    for (size_t i = 0; wanted && hub->servers != NULL && i < hub->servers->count; i++) {
        if (server_is_up(hub->servers->list[i]))
            figures_begin(hub, hub->servers->list[i]->config->name);
    }
}

/** Does the event of the proxy say that the levels of a server are to be asked for? */
static bool figures_begin_with(const struct message *message)
{
    struct span name = message_name(message);

    return !message->from_server && (span_is(name, "ServerUp") || span_is(name, "EventsSkipped"));
}

void figures_see(struct hub *hub, const struct message *message)
{
    struct span server;
    char *name;

    pbx_see(hub->pbx, message, clock_ms());
    if (!figures_begin_with(message) || !message_find(message, "Server", &server))
        return;
    name = memory_text_of(server.bytes, server.length);
    figures_begin(hub, name);
    free(name);
}

void figures_take(struct hub *hub, const struct answer_part *part)
{
    if (hub->pbx != NULL && part->message != NULL && part->message->kind == MESSAGE_EVENT)
        pbx_see(hub->pbx, part->message, clock_ms());
}
