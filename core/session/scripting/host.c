// core/session/scripting/host.c: see host.h.
#include "session/scripting/host.h"

#include "base/memory.h"
#include "session/client/publish.h"
#include "session/delivery/give.h"
#include "session/scripting/calls.h"
#include "session/scripting/http_host.h"
#include "session/scripting/settings.h"
#include "session/scripting/stats.h"
#include "session/scripting/token_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool host_leave(void *context, struct script_call *call)
{
    if (http_host_leave(context, call))
        return true;
    script_host_leave(context, call);
    return false;
}

// --- commands for the hub ---------------------------------------------------------------------------------------

static void host_ask(void *context, struct script_call *call, enum script_ask what, const struct message *arguments)
{
    static const enum command_kind kinds[] = {[SCRIPT_ASK_RELOAD] = COMMAND_RELOAD,
                                              [SCRIPT_ASK_ADD_SERVER] = COMMAND_ADD_SERVER,
                                              [SCRIPT_ASK_DROP_SERVER] = COMMAND_DROP_SERVER,
                                              [SCRIPT_ASK_CLOSE_SESSION] = COMMAND_CLOSE_SESSION,
                                              [SCRIPT_ASK_REVOKE_TOKEN] = COMMAND_REVOKE_TOKEN,
                                              [SCRIPT_ASK_CLUSTER] = COMMAND_CLUSTER,
                                              [SCRIPT_ASK_CONTROL] = COMMAND_CONTROL};
    struct sessions *sessions = context;
    const char *by;
    struct handle handle = script_call_session(call, &by);

    if (what == SCRIPT_ASK_REVOKE_TOKEN && !token_host_may_revoke(sessions, handle, arguments)) {
        script_call_end(call, "Permission denied");
        return;
    }
    const struct session *session = sessions_find(sessions, handle);
    struct command *command = memory_zero(1, sizeof *command);
    if (session != NULL) {
        command->session = session->id;
        command->user = session->user == NULL ? NULL : memory_text(session->user->name);
        command->by = memory_text(by);
    }
    command->kind = kinds[what];
    command->worker = sessions->worker;
    command->call = call;
    command->arguments = arguments == NULL ? NULL : message_ref(arguments);
    list_add_first(&sessions->commands, &command->node);
    sessions->link.command(sessions->link.context, command);
}

/** Adds an event to the answer for each line of the notes: `Event: NeedsRestart`, `Setting: …`. */
static void tell_notes(struct script_call *call, const char *notes)
{
    for (size_t length; notes != NULL && *notes != '\0'; notes += length + 1) {
        struct message_builder builder;
        length = strcspn(notes, "\n");
        message_builder_init(&builder);
        message_addf(&builder, "Event", "NeedsRestart");
        message_addf(&builder, "Setting", "%.*s", (int)length, notes);
        struct message *message = message_build(&builder);
        script_call_message(call, message);
        message_unref(message);
    }
}

void script_host_command_done(struct sessions *sessions, struct command *command)
{
    if (!list_has(&sessions->commands, &command->node))
        return;
    list_remove(&sessions->commands, &command->node);
    if (command->call != NULL)
        tell_notes(command->call, command->notes);
    for (uint32_t i = 0; command->call != NULL && i < command->answer_count; i++)
        script_call_message(command->call, command->answer[i]);
    script_call_end(command->call, command->reason[0] == '\0' ? NULL : command->reason);
}

// --- lists ------------------------------------------------------------------------------------------------------

static void host_each_server(void *context, void (*visit)(void *visitor, const struct script_server_info *),
                             void *visitor)
{
    struct sessions *sessions = context;

    pthread_mutex_lock(&sessions->state_lock); // scripts that are being loaded call this in another thread
    const struct servers_state *state = sessions->state;
    for (uint32_t i = 0; i < state->count; i++) {
        const struct server_summary *server = &state->servers[i];
        struct script_server_info info = {.name = server->name,
                                          .host = server->host,
                                          .address = server->address,
                                          .user = server->user,
                                          .events = server->events,
                                          .node = server->node,
                                          .port = server->port,
                                          .up = server->up};
        visit(visitor, &info);
    }
    pthread_mutex_unlock(&sessions->state_lock);
}

static void set_ip(char *ip, size_t size, const char *address)
{
    const char *colon = strrchr(address, ':');
    size_t length = colon == NULL ? strlen(address) : (size_t)(colon - address);

    if (length >= 2 && address[0] == '[') { // an IPv6 address
        address++;
        length -= 2;
    }
    snprintf(ip, size, "%.*s", (int)length, address);
}

static struct script_session_info script_host_describe(struct sessions *sessions, const struct directory_entry *entry)
{
    set_ip(sessions->shown_ip, sizeof sessions->shown_ip, entry->address);
    return (struct script_session_info){.id = entry->id,
                                        .user = entry->user[0] != '\0' ? entry->user : NULL,
                                        .address = entry->address,
                                        .ip = sessions->shown_ip,
                                        .input = entry->input,
                                        .output = entry->output,
                                        .token = entry->token[0] != '\0' ? entry->token : NULL,
                                        .action_id = entry->action_id[0] != '\0' ? entry->action_id : NULL,
                                        .autofilter = entry->autofilter,
                                        .write = entry->write,
                                        .admin = entry->admin,
                                        .authenticated = entry->authenticated,
                                        .by_key = entry->by_key,
                                        .encrypted = entry->encrypted,
                                        .detached = entry->detached};
}

static void host_each_session(void *context, const struct script_session_range *range,
                              void (*visit)(void *visitor, const struct script_session_info *), void *visitor)
{
    struct sessions *sessions = context;
    struct directory_range wanted = {.before = range->before, .most = range->most, .user = range->user};
    struct directory_entry *entries;
    uint32_t count = directory_list(sessions->link.directory, wanted, &entries);

    for (uint32_t i = 0; i < count; i++) {
        struct script_session_info info = script_host_describe(sessions, &entries[i]);
        visit(visitor, &info);
    }
    free(entries);
}

static void host_each_format(void *context, void (*visit)(void *visitor, const struct script_format_info *),
                             void *visitor)
{
    const struct registry *registry = ((struct sessions *)context)->registry;

    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct amp_plugin *plugin = registry_at(registry, i);
        struct script_format_info info = {.name = plugin->name,
                                          .input = (plugin->capabilities & (AMP_CAN_DECODE | AMP_IS_PROTOCOL)) != 0,
                                          .output = (plugin->capabilities & AMP_CAN_ENCODE) != 0};
        visit(visitor, &info);
    }
}

// --- one session ------------------------------------------------------------------------------------------------

static void host_session_info(void *context, struct handle handle, struct script_session_info *info)
{
    struct sessions *sessions = context;
    const struct session *session = sessions_find(sessions, handle);

    if (session == NULL)
        return; // the session has ended
    publish_describe(session, &sessions->shown);
    *info = script_host_describe(sessions, &sessions->shown.entry);
}

static void host_session_send(void *context, struct handle handle, struct message *message)
{
    struct session *session = sessions_find(context, handle);

    if (session != NULL)
        session_give(session, message_ref(message), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
}

static bool host_session_set_output(void *context, struct handle handle, const char *name)
{
    struct session *session = sessions_find(context, handle);

    return session != NULL && settings_set_output(session, name);
}

static bool host_session_set_input(void *context, struct handle handle, const char *name)
{
    struct session *session = sessions_find(context, handle);

    return session != NULL && settings_set_input(session, name);
}

static void host_session_set_autofilter(void *context, struct handle handle, uint32_t autofilter)
{
    struct session *session = sessions_find(context, handle);

    if (session != NULL)
        settings_set_autofilter(session, (enum autofilter)autofilter);
}

static bool host_session_set_resume(void *context, struct handle handle, bool on)
{
    struct session *session = sessions_find(context, handle);

    return session != NULL && settings_set_resume(session, on);
}

static void host_session_close(void *context, struct handle handle)
{
    struct session *session = sessions_find(context, handle);

    if (session != NULL)
        session_finish(session);
}

// --- beginning and end ------------------------------------------------------------------------------------------

struct scripts *script_host_prepare(struct sessions *sessions, const struct config *config, struct error *err)
{
    struct scripts_place place = {.watchdog = sessions->link.watchdog,
                                  .shared = sessions->link.shared,
                                  .worker = sessions->worker,
                                  .metrics = sessions->link.metrics,
                                  .host = {.context = sessions,
                                           .call = script_host_call,
                                           .http = http_host_send,
                                           .leave = host_leave,
                                           .ask = host_ask,
                                           .each_server = host_each_server,
                                           .each_session = host_each_session,
                                           .each_format = host_each_format,
                                           .each_stat = stats_each,
                                           .session_info = host_session_info,
                                           .session_send = host_session_send,
                                           .session_set_output = host_session_set_output,
                                           .session_set_input = host_session_set_input,
                                           .session_set_autofilter = host_session_set_autofilter,
                                           .session_set_resume = host_session_set_resume,
                                           .create_token = token_host_create,
                                           .each_revoked = token_host_each_revoked,
                                           .session_close = host_session_close}};

    return scripts_create(config, &place, err);
}

void script_host_fini(struct sessions *sessions)
{
    script_calls_finish(sessions);
    for (struct list_node *node; (node = list_take_first(&sessions->commands)) != NULL;) // the holders free the letters
        script_call_end(LIST_OBJECT(node, struct command, node)->call, "the proxy ends");
    script_states_fini(&sessions->scripts);
    http_host_fini(sessions);
}

void script_host_tell(struct session *session, enum script_event event)
{
    script_event_tell(scripts_state(session->sessions->scripts.current), event, session->handle, NULL);
}

void script_host_forget(struct session *session)
{
    struct sessions *sessions = session->sessions;

    script_states_session_ended(&sessions->scripts, session->handle);
    script_calls_leave(session);
}

/** Is the server `name` up? @param place  its likely index: it has another one only after servers were added or
 * dropped, and is then searched for */
static bool is_up(const struct servers_state *state, const char *name, uint32_t place)
{
    if (place < state->count && strcmp(state->servers[place].name, name) == 0)
        return state->servers[place].up;
    for (uint32_t i = 0; i < state->count; i++) {
        if (state->servers[i].up && strcmp(state->servers[i].name, name) == 0)
            return true;
    }
    return false;
}

/** Informs the scripts of each server that is up in `state` and not up, or missing, in `other`. */
static void tell_others(struct sessions *sessions, const struct servers_state *state, const struct servers_state *other,
                        enum script_event event)
{
    for (uint32_t i = 0; i < state->count; i++) {
        const struct server_summary *server = &state->servers[i];
        if (server->up && !is_up(other, server->name, i))
            script_event_tell(scripts_state(sessions->scripts.current), event, (struct handle){0}, server->name);
    }
}

void script_host_tell_servers(struct sessions *sessions, const struct servers_state *old)
{
    tell_others(sessions, old, sessions->state, SCRIPT_SERVER_DOWN);
    tell_others(sessions, sessions->state, old, SCRIPT_SERVER_UP);
}
