// core/script/lua_reply.c: reply:ok, error, begin, item, finish: the answer of a proxy action.
#include "script/action.h"

#include "script/lua_message.h"

#include <stdio.h>

struct lua_reply *lua_push_reply(lua_State *L, struct running *running)
{
    struct lua_reply *reply = lua_newuserdatauv(L, sizeof *reply, 0);
    reply->running = running;
    luaL_setmetatable(L, "reply");
    return reply;
}

/** Begins a message with `WORD: status` and the client's ActionID. */
static void begin_response(struct message_builder *builder, const struct running *running, const char *status)
{
    struct span id = message_action_id(running->request);
    message_builder_init(builder);
    message_add(builder, span_of(running->action->word), span_of(status));
    if (id.length > 0)
        message_add(builder, span_of("ActionID"), id);
}

static void reply_send(struct running *running, struct message *message, bool final)
{
    running->finished = final;
    running->replied(running->context, running->session, message, final);
    message_unref(message);
}

void running_finish(struct running *running, const char *status, const char *text)
{
    struct message_builder builder;
    begin_response(&builder, running, status);
    if (text != NULL)
        message_add(&builder, span_of("Message"), span_of(text));
    reply_send(running, message_build(&builder), true);
}

static void add_end(struct message_builder *builder, const struct running *running, bool well)
{
    message_addf(builder, "EventList", "%s", well ? "Complete" : "Cancelled");
    message_addf(builder, "ListItems", "%u", running->items);
}

void running_end_list(struct running *running, bool well)
{
    struct message_builder builder;
    struct span id = message_action_id(running->request);

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%sComplete", running->action->name);
    if (id.length > 0)
        message_add(&builder, span_of("ActionID"), id);
    add_end(&builder, running, well);
    reply_send(running, message_build(&builder), true);
}

static struct running *reply_self(lua_State *L)
{
    const struct lua_reply *reply = luaL_checkudata(L, 1, "reply");
    if (reply->running == NULL)
        LUA_RAISE(L, "the answer is over");
    if (reply->running->finished)
        luaL_error(L, "the answer is complete already");
    return reply->running;
}

/** Adds `headers` (taken; NULL: none). */
static void add_headers(struct message_builder *builder, struct message *headers)
{
    for (uint32_t i = 0; headers != NULL && i < headers->header_count; i++)
        message_add_copy(builder, headers, i);
    message_unref(headers);
}

static struct message *table_at(lua_State *L, int index)
{
    static const char *const first[] = {"Message", NULL};
    if (lua_isnoneornil(L, index))
        return NULL;
    return lua_to_message(L, index, first, (struct span){NULL, 0});
}

/** Returns a script's text as the value of a header: without line ends, which would end the header. */
static const char *reply_clean(char *buffer, size_t size, const char *text)
{
    (void)snprintf(buffer, size, "%s", text);
    for (char *at = buffer; *at != '\0'; at++)
        if (*at == '\r' || *at == '\n')
            *at = ' ';
    return buffer;
}

static int reply_answer(lua_State *L, struct running *running, const char *word, int index)
{
    struct message_builder builder;

    if (running->begun)
        return luaL_error(L, "reply:finish ends a list");
    struct message *headers = table_at(L, index);
    begin_response(&builder, running, word);
    add_headers(&builder, headers);
    reply_send(running, message_build(&builder), true);
    return 0;
}

/*** reply:ok{ headers }: the whole answer is `Response: Success` with these headers. */
static int lua_reply_ok(lua_State *L)
{
    return reply_answer(L, reply_self(L), "Success", 2);
}

/*** reply:answer(word, { headers }): the whole answer is `Response: word` with these headers. */
static int lua_reply_answer(lua_State *L)
{
    char word[64];
    struct running *running = reply_self(L);
    return reply_answer(L, running, reply_clean(word, sizeof word, luaL_checkstring(L, 2)), 3);
}

/*** reply:error(text [, word]): the whole answer is `Response: Error` (or another word) with that Message. */
static int lua_reply_error(lua_State *L)
{
    struct running *running = reply_self(L);
    char text[512], word[64];

    reply_clean(text, sizeof text, luaL_checkstring(L, 2));
    reply_clean(word, sizeof word, luaL_optstring(L, 3, "Error"));
    if (running->begun)
        running_end_list(running, false);
    else
        running_finish(running, word, text);
    return 0;
}

/*** reply:begin{ headers }: `Response: Success`, `EventList: start`; items follow. */
static int lua_reply_begin(lua_State *L)
{
    struct running *running = reply_self(L);
    struct message_builder builder;

    if (running->begun)
        return luaL_error(L, "the list has begun already");
    struct message *headers = table_at(L, 2);
    begin_response(&builder, running, "Success");
    message_addf(&builder, "EventList", "start");
    add_headers(&builder, headers);
    running->begun = true;
    reply_send(running, message_build(&builder), false);
    return 0;
}

/** Makes a copy of an event (taken) with the ActionID behind its name. */
static struct message *event_with_id(struct message *event, struct span id)
{
    struct message_builder builder;
    struct span name, value;

    message_builder_init(&builder);
    for (uint32_t i = 0; i < event->header_count; i++) {
        message_header(event, i, &name, &value);
        if (i > 0 && span_is(name, "ActionID"))
            continue;
        message_add_copy(&builder, event, i);
        if (i == 0 && id.length > 0)
            message_add(&builder, span_of("ActionID"), id);
    }
    message_unref(event);
    return message_build(&builder);
}

/** Makes the event of the table or message at index 2; the ActionID follows its name. */
static struct message *event_at(lua_State *L, const struct running *running)
{
    static const char *const first[] = {"Event", NULL};
    struct message *event;
    if (!running->begun)
        luaL_error(L, "reply:begin comes first");
    if (lua_type(L, 2) == LUA_TUSERDATA)
        event = event_with_id(lua_check_message(L, 2), message_action_id(running->request));
    else
        event = lua_to_message(L, 2, first, message_action_id(running->request));
    if (event->kind != MESSAGE_EVENT) {
        message_unref(event);
        luaL_error(L, "an item begins with Event");
    }
    return event;
}

/*** reply:item{ Event = name, headers }: one item of the list. An event of an answer may stand for the table. */
static int lua_reply_item(lua_State *L)
{
    struct running *running = reply_self(L);
    struct message *event = event_at(L, running);
    running->items++;
    reply_send(running, event, false);
    return 0;
}

/*** reply:finish{ Event = name, headers }: ends the list: `EventList: Complete`, `ListItems`. */
static int lua_reply_finish(lua_State *L)
{
    struct running *running = reply_self(L);
    struct message_builder builder;

    struct message *event = event_at(L, running);
    message_builder_init(&builder);
    add_headers(&builder, event);
    add_end(&builder, running, true);
    reply_send(running, message_build(&builder), true);
    return 0;
}

void lua_open_replies(lua_State *L)
{
    static const luaL_Reg methods[] = {{"ok", lua_reply_ok},
                                       {"answer", lua_reply_answer},
                                       {"error", lua_reply_error},
                                       {"begin", lua_reply_begin},
                                       {"item", lua_reply_item},
                                       {"finish", lua_reply_finish},
                                       {NULL, NULL}};
    static const luaL_Reg meta[] = {{NULL, NULL}};

    lua_make_metatable(L, "reply", meta);
    luaL_getmetatable(L, "reply");
    lua_push_functions(L, methods);
    lua_freeze(L, -1, "function of reply:");
    lua_remove(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
