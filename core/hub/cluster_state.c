// core/hub/cluster_state.c: the owner of a server tells the others what they cannot see for themselves: whether it is
// up, its banner, and what its actions need.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "server/role.h"
#include "server/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ASK_MS 1000 // wait before the state is asked for again

// --- the owner ------------------------------------------------------------------------------------------------------

static struct message *facts_of(const struct server *server)
{
    struct message_builder facts;
    uint64_t now = clock_ms();

    message_builder_init(&facts);
    message_addf(&facts, "State", "%s", server_is_up(server) ? "up" : "down");
    message_addf(&facts, "Name", "%s", server->config->name);
    if (server->down_reason[0] != '\0')
        message_addf(&facts, "Reason", "%s", server->down_reason);
    message_addf(&facts, "Banner", "%s", server->banner);
    message_addf(&facts, "Host", "%s", server->config->host);
    message_addf(&facts, "Port", "%u", server->config->port);
    message_addf(&facts, "Address", "%s", server->address);
    message_addf(&facts, "User", "%s", server->config->username);
    message_addf(&facts, "Events", "%s", server->config->events);
    if (server->boot_known) {
        message_addf(&facts, "BootAge", "%" PRIu64, now - server->boot_ms);
        message_addf(&facts, "ReloadAge", "%" PRIu64, now - server->reload_ms);
    }
    return message_build(&facts);
}

void state_publish(struct shared_server *shared, const char *reply)
{
    const struct server *server = shared->server;
    struct hub_cluster *cluster = shared->cluster;
    struct outgoing out = {0};
    struct message_builder head;
    struct message *facts;
    struct bus_body *body;

    if (shared->claim == 0 || !role_is_own(server))
        return;
    out_flush(shared); // the sequence says what was before it
    facts = facts_of(server);
    outgoing_add(&out, facts, NULL);
    message_unref(facts);
    if (server->role->actions != NULL)
        outgoing_add(&out, server->role->actions, NULL);
    cluster_begin_head(cluster, &head);
    message_addf(&head, "Node", "%s", cluster->callbacks.node);
    message_addf(&head, "Epoch", "%" PRIu64, shared->claim);
    message_addf(&head, "Sequence", "%" PRIu64, server->role->offer.last);
    body = outgoing_take(&out, &head);
    free(out.lengths);
    if (reply == NULL)
        cluster_publish(shared, SUBJECT_STATE, NULL, BUS_IMPORTANT, &head, body);
    else
        bus_publish(cluster->bus, BUS_IMPORTANT, reply, NULL, message_build(&head), body);
}

// --- the others -----------------------------------------------------------------------------------------------------

void state_ask(struct shared_server *shared, uint64_t now)
{
    struct stream *stream = &shared->stream;
    struct message_builder head;
    char reply[SUBJECT_BYTES];

    if (!shared->cluster->is_up || (stream->asked_ms != 0 && now - stream->asked_ms < ASK_MS))
        return;
    stream->asked_ms = now;
    await_begin(shared, AWAIT_STATE, reply);
    cluster_begin_head(shared->cluster, &head);
    cluster_publish(shared, SUBJECT_STATE, reply, BUS_IMPORTANT, &head, NULL);
}

/** Copies a header into a text; empty: there is none. */
static void copy_text(char *text, size_t size, const struct message *facts, const char *name)
{
    struct span value;

    message_find(facts, name, &value);
    snprintf(text, size, "%.*s", (int)value.length, value.length > 0 ? value.bytes : "");
}

/** Says once if the owner writes the server's name in another case: `Server:` of its events has that, too. */
static void note_spelling(struct shared_server *shared, const struct message *facts, const char *node)
{
    const char *here = shared->server->config->name;
    struct span name;
    char there[200], who[200];

    if (shared->told_spelling || !message_find(facts, "Name", &name) || span_equals(name, span_of(here)))
        return;
    shared->told_spelling = true;
    log_warn(&shared->server->log, "another node spells the name of the server differently there=%s node=%s",
             log_quote(there, sizeof there, name), log_text(who, sizeof who, node));
}

static void take_facts(struct shared_server *shared, const struct message *facts, const struct message *actions,
                       const struct message *head)
{
    char node[128], banner[128], address[64], reason[200];
    struct span word;
    struct remote_facts told = {.node = node, .banner = banner, .address = address, .actions = actions};
    uint64_t now = clock_ms();

    copy_text(node, sizeof node, head, "Node");
    note_spelling(shared, facts, node);
    copy_text(banner, sizeof banner, facts, "Banner");
    copy_text(address, sizeof address, facts, "Address");
    copy_text(reason, sizeof reason, facts, "Reason");
    told.reason = reason[0] != '\0' ? reason : NULL;
    told.up = message_find(facts, "State", &word) && span_is(word, "up");
    told.boot_known = message_find(facts, "BootAge", &word);
    told.boot_ms = now - cluster_number(facts, "BootAge", 10);
    told.reload_ms = now - cluster_number(facts, "ReloadAge", 10);
    remote_take_facts(shared->server, &told);
}

void state_take(struct shared_server *shared, const struct bus_letter *letter)
{
    struct stream *stream = &shared->stream;
    struct reread *reread = shared->cluster->reread;
    struct parcel parcel = parcel_of(letter);
    struct message *facts = NULL, *actions = NULL;
    struct span wire;

    if (letter->body.length == 0) {
        if (letter->reply != NULL)
            state_publish(shared, letter->reply);
        return;
    }
    if (stream->boot == 0 || cluster_number(letter->head, "Boot", 16) != stream->boot ||
        cluster_number(letter->head, "Epoch", 10) != stream->epoch)
        return; // of a stream that this node does not follow
    if (parcel_next(&parcel, &wire))
        facts = reread_message(reread, wire, false);
    if (facts != NULL && parcel_next(&parcel, &wire))
        actions = reread_message(reread, wire, true);
    if (facts != NULL) {
        stream_begin(shared, cluster_number(letter->head, "Sequence", 10));
        if (stream->shadow_ms == 0)
            take_facts(shared, facts, actions, letter->head);
    }
    message_unref(facts);
    message_unref(actions);
}

/** Has a heartbeat named the server? An owner tells its first state before that. */
static bool is_named(const struct hub_cluster *cluster, const struct message *facts)
{
    char key[SUBJECT_KEY_BYTES + 1];
    struct span name;
    size_t length;

    if (!message_find(facts, "Name", &name))
        return false;
    length = subject_encode(name, true, key);
    return length > 0 && ownership_find(cluster->ownership, (struct span){key, length}) != NULL;
}

void state_add(struct hub_cluster *cluster, const struct bus_letter *letter)
{
    struct parcel parcel = parcel_of(letter);
    struct message *facts = NULL;
    struct span wire;

    if (parcel_next(&parcel, &wire))
        facts = reread_message(cluster->reread, wire, false);
    if (facts != NULL && is_named(cluster, facts)) // else its name is asked for when somebody serves it
        servers_add_elsewhere(cluster->hub->servers, facts);
    message_unref(facts);
}
