// core/script/call_tables.c: see call_tables.h. The tables are in Lua, by filter and number of the call; here is when
// they end. A call is known from the first use of its table on, and so are the channels that events name from then on.
// The channel whose Uniqueid is the Linkedid is taken to be up until its Hangup.
#include "script/call_tables.h"

#include "ami/event_class.h"
#include "base/map.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define KEY_BYTES 256               // server and id
#define GONE_CHANNELS 64            // of a call are remembered after their Hangup, for events that come late
#define LATE_MS 10000               // a call's tables stay for so long, for Cdr and CEL
#define SILENT_MS (6 * 3600 * 1000) // … and of a call without an event for so long are freed: its end was missed

/** A Linkedid of a server. */
struct call {
    struct map_node by_id;
    struct list_node node;     // in `up`, the call with the latest event last, or in `over`, in the order of their ends
    struct list_head channels; // that are up, and that are gone
    struct list_head gone;
    uint32_t gone_count;
    bool is_over;
    uint64_t number;  // key of its tables
    uint64_t last_ms; // of its latest event, or of its end
    char id[];
};

struct call_channel {
    struct map_node by_id;
    struct list_node node; // in `channels` or `gone`
    struct call *call;
    bool is_gone;
    char id[];
};

struct call_tables {
    struct map calls, channels; // by server and id
    struct list_head up, over;
    size_t count;
    uint64_t last_number;
    int tables; // registry reference: by filter, by number of the call
};

/** The ids of a channel in a message. */
struct ids {
    struct span linked, unique;
};

static struct ids ids_of(const struct message *message, bool of_destination)
{
    struct ids ids;

    message_find(message, "Linkedid", &ids.linked);
    message_find(message, "Uniqueid", &ids.unique);
    if (of_destination) {
        message_find(message, "DestLinkedid", &ids.linked);
        message_find(message, "DestUniqueid", &ids.unique);
    }
    return ids;
}

/** Writes the key of an id: two servers may have the same. @return empty: there is none, or it is too long */
static struct span key_of(const struct message *message, struct span id, char buffer[KEY_BYTES])
{
    struct span server;

    message_find(message, "Server", &server);
    if (id.length == 0 || server.length + id.length + 1 > KEY_BYTES)
        return (struct span){NULL, 0};
    if (server.length > 0)
        memcpy(buffer, server.bytes, server.length);
    buffer[server.length] = '\0';
    memcpy(buffer + server.length + 1, id.bytes, id.length);
    return (struct span){buffer, server.length + id.length + 1};
}

static struct call *find_call(const struct call_tables *tables, const struct message *message, struct span id)
{
    char buffer[KEY_BYTES];
    struct span key = key_of(message, id, buffer);

    return key.length == 0 ? NULL : (struct call *)(void *)map_find(&tables->calls, 0, key);
}

static struct call_channel *find_channel(const struct call_tables *tables, const struct message *message,
                                         struct span id)
{
    char buffer[KEY_BYTES];
    struct span key = key_of(message, id, buffer);

    return key.length == 0 ? NULL : (struct call_channel *)(void *)map_find(&tables->channels, 0, key);
}

// --- the end of calls -----------------------------------------------------------------------------------------------

static void free_channel(struct call_tables *tables, struct call_channel *channel)
{
    struct call *call = channel->call;

    list_remove(channel->is_gone ? &call->gone : &call->channels, &channel->node);
    call->gone_count -= channel->is_gone;
    map_remove(&tables->channels, &channel->by_id);
    free(channel);
}

/** Frees a call and its tables. Does not raise: nothing is added to a table of Lua. */
static void free_call(struct script_state *state, struct call *call)
{
    struct call_tables *tables = state->call_tables;
    lua_State *L = state->L;
    int top = lua_gettop(L);

    lua_rawgeti(L, LUA_REGISTRYINDEX, tables->tables);
    for (lua_pushnil(L); lua_next(L, top + 1) != 0; lua_pop(L, 1)) { // the tables of a filter
        if (lua_rawgeti(L, -1, (lua_Integer)call->number) != LUA_TNIL) {
            lua_pushnil(L);
            lua_rawseti(L, -3, (lua_Integer)call->number);
        }
        lua_pop(L, 1);
    }
    lua_settop(L, top);
    for (struct list_node *node; (node = list_take_first(&call->channels)) != NULL;)
        free_channel(tables, LIST_OBJECT(node, struct call_channel, node));
    for (struct list_node *node; (node = list_take_first(&call->gone)) != NULL;)
        free_channel(tables, LIST_OBJECT(node, struct call_channel, node));
    list_remove(call->is_over ? &tables->over : &tables->up, &call->node);
    map_remove(&tables->calls, &call->by_id);
    tables->count--;
    free(call);
}

/** Moves a call to the end of its list. */
static void touch_call(struct script_state *state, struct call *call, bool is_over)
{
    struct call_tables *tables = state->call_tables;

    list_remove(call->is_over ? &tables->over : &tables->up, &call->node);
    call->is_over = is_over;
    call->last_ms = script_now(state);
    list_add_last(is_over ? &tables->over : &tables->up, &call->node);
}

void script_call_tables_step(struct script_state *state)
{
    struct call_tables *tables = state->call_tables;

    if (tables == NULL || tables->count == 0)
        return;
    uint64_t now = script_now(state);
    struct call *call;
    while ((call = LIST_FIRST(&tables->over, struct call, node)) != NULL && now - call->last_ms >= LATE_MS)
        free_call(state, call);
    while ((call = LIST_FIRST(&tables->up, struct call, node)) != NULL && now - call->last_ms >= SILENT_MS)
        free_call(state, call);
}

// --- what events say ------------------------------------------------------------------------------------------------

static void add_channel(struct script_state *state, struct call *call, const struct message *message, struct span id)
{
    char buffer[KEY_BYTES];
    struct span key = key_of(message, id, buffer);

    if (key.length == 0)
        return;
    struct call_channel *channel = memory_zero(1, sizeof *channel + key.length);
    memcpy(channel->id, key.bytes, key.length);
    channel->call = call;
    list_add_last(&call->channels, &channel->node);
    map_add(&state->call_tables->channels, &channel->by_id, 0, (struct span){channel->id, key.length});
}

/** Notes that a channel has hung up. Its call is over with the last one. */
static void end_channel(struct script_state *state, struct call_channel *channel)
{
    struct call *call = channel->call;

    if (channel->is_gone)
        return;
    list_remove(&call->channels, &channel->node);
    channel->is_gone = true;
    list_add_last(&call->gone, &channel->node);
    if (++call->gone_count > GONE_CHANNELS)
        free_channel(state->call_tables, LIST_OBJECT(call->gone.first, struct call_channel, node));
    if (call->channels.first == NULL)
        touch_call(state, call, true);
}

/** Learns from the ids of one channel of an event. */
static void learn_channel(struct script_state *state, const struct message *message, struct ids ids, bool has_ended)
{
    struct call_tables *tables = state->call_tables;
    struct call_channel *channel = find_channel(tables, message, ids.unique);
    struct call *call = find_call(tables, message, ids.linked);

    if (has_ended) {
        if (channel != NULL)
            end_channel(state, channel);
        return;
    }
    if (channel != NULL && channel->is_gone)
        return; // an event that comes late
    if (channel != NULL && ids.linked.length > 0 && channel->call != call) {
        struct call *left = channel->call; // the channel goes on in another call
        free_channel(tables, channel);
        if (left->channels.first == NULL)
            touch_call(state, left, true);
        channel = NULL;
    }
    if (call == NULL)
        return;
    if (channel == NULL && ids.unique.length > 0)
        add_channel(state, call, message, ids.unique);
    touch_call(state, call, call->channels.first == NULL);
}

static void learn_event(struct script_state *state, const struct message *message)
{
    struct span name = message_name(message);

    if (span_is(name, "CEL") || span_is(name, "Cdr") || event_is_user_event(name))
        return; // the first two tell of what has been, when it is over
    learn_channel(state, message, ids_of(message, false), span_is(name, "Hangup"));
    if (message_may_have(message, "DestUniqueid"))
        learn_channel(state, message, ids_of(message, true), false);
}

void script_state_heard(struct script_state *state, const struct message *message)
{
    if (state->call_tables != NULL && state->call_tables->count > 0 && message->kind == MESSAGE_EVENT)
        learn_event(state, message);
}

// --- tables ---------------------------------------------------------------------------------------------------------

/** Makes a call. @param key  of its id */
static struct call *create_call(struct script_state *state, const struct message *message, struct span linked,
                                struct span key)
{
    struct call_tables *tables = state->call_tables;

    if (tables->count >= CALL_TABLES_MOST) {
        log_warn(&state->log, "a call's tables of filters are freed before it ends calls=%d", CALL_TABLES_MOST);
        free_call(state, tables->over.first != NULL ? LIST_OBJECT(tables->over.first, struct call, node)
                                                    : LIST_OBJECT(tables->up.first, struct call, node));
    }
    struct call *call = memory_zero(1, sizeof *call + key.length);
    memcpy(call->id, key.bytes, key.length);
    call->number = ++tables->last_number;
    call->last_ms = script_now(state);
    list_add_last(&tables->up, &call->node);
    map_add(&tables->calls, &call->by_id, 0, (struct span){call->id, key.length});
    tables->count++;
    if (find_channel(tables, message, linked) == NULL)
        add_channel(state, call, message, linked);
    learn_event(state, message);
    return call;
}

/** Returns the call to which the message belongs; NULL: to none. A Cdr has no Linkedid. What a client has written, an
 *  action or a UserEvent, begins no call. */
static struct call *call_of(struct script_state *state, const struct message *message)
{
    struct call_tables *tables = state->call_tables;
    struct ids ids = ids_of(message, false);
    char buffer[KEY_BYTES];

    if (message->kind != MESSAGE_EVENT)
        return NULL;
    if (ids.linked.length == 0) {
        const struct call_channel *channel = find_channel(tables, message, ids.unique);
        return channel == NULL ? NULL : channel->call;
    }
    struct call *call = find_call(tables, message, ids.linked);
    struct span key = key_of(message, ids.linked, buffer);
    bool is_begun = call != NULL || key.length == 0 || event_is_user_event(message_name(message));
    return is_begun ? call : create_call(state, message, ids.linked, key);
}

static void open_tables(lua_State *L, struct script_state *state)
{
    lua_newtable(L);
    int reference = luaL_ref(L, LUA_REGISTRYINDEX);

    state->call_tables = memory_zero(1, sizeof *state->call_tables);
    state->call_tables->tables = reference;
    map_init(&state->call_tables->calls, false);
    map_init(&state->call_tables->channels, false);
}

void lua_push_call(lua_State *L, const struct message *message)
{
    struct script_state *state = state_of(L);
    const struct script_filter *filter = thread_of(L)->owner.filter;

    luaL_checkstack(L, 8, NULL);
    if (state->call_tables == NULL)
        open_tables(L, state);
    const struct call *call = filter == NULL ? NULL : call_of(state, message);
    if (call == NULL) {
        lua_pushnil(L);
        return;
    }
    lua_Integer number = (lua_Integer)call->number;
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->call_tables->tables);
    if (lua_rawgetp(L, -1, filter) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, -3, filter);
    }
    if (lua_rawgeti(L, -1, number) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, number);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
}

void script_call_tables_push(struct script_state *state, const struct script_filter *filter)
{
    lua_State *L = state->L;

    if (state->call_tables == NULL) {
        lua_pushnil(L);
        return;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->call_tables->tables);
    lua_rawgetp(L, -1, filter);
    lua_remove(L, -2);
}

void lua_call_tables_set(lua_State *L, const struct script_filter *filter)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, state_of(L)->call_tables->tables);
    lua_insert(L, -2);
    lua_rawsetp(L, -2, filter);
    lua_pop(L, 1);
}

void lua_call_tables_move(lua_State *L, struct script_state *from)
{
    struct script_state *to = state_of(L);

    lua_newtable(L);
    int reference = luaL_ref(L, LUA_REGISTRYINDEX);
    to->call_tables = from->call_tables;
    to->call_tables->tables = reference;
    from->call_tables = NULL;
}

void script_call_tables_forget(struct script_state *state, const struct script_filter *filter)
{
    lua_State *L = state->L;

    if (state->call_tables == NULL)
        return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->call_tables->tables);
    if (lua_rawgetp(L, -1, filter) != LUA_TNIL) {
        lua_pushnil(L);
        lua_rawsetp(L, -3, filter);
    }
    lua_pop(L, 2);
}

size_t script_call_tables_count(const struct script_state *state)
{
    return state->call_tables == NULL ? 0 : state->call_tables->count;
}

void script_call_tables_fini(struct script_state *state)
{
    struct call_tables *tables = state->call_tables;

    if (tables == NULL)
        return;
    while (tables->up.first != NULL)
        free_call(state, LIST_OBJECT(tables->up.first, struct call, node));
    while (tables->over.first != NULL)
        free_call(state, LIST_OBJECT(tables->over.first, struct call, node));
    map_fini(&tables->calls);
    map_fini(&tables->channels);
    free(tables);
    state->call_tables = NULL;
}
