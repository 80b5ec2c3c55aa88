// core/script/lua_message_copy.c: messages that scripts may keep, which take part of their memory.
#include "script/lua_message.h"

/** Counts the message of an object that scripts may keep. Raises if they have too much. */
static void hold_message(lua_State *L, struct lua_message *object)
{
    const struct message *message = object->message;
    size_t bytes = sizeof *message + message->byte_count + message->header_count * sizeof(struct header);

    lua_hold(L, bytes);
    object->held = bytes;
}

/*** m:copy() -> message: as it is now, to keep; it cannot be changed. */
int lua_message_copy(lua_State *L)
{
    const struct lua_message *object = lua_message_self(L, 1);
    struct lua_message *copy = lua_push_message(L, NULL, false);
    copy->guarded = object->guarded;
    copy->message = object->edit != NULL ? edit_build(object->edit) : message_ref(object->message);
    hold_message(L, copy);
    return 1;
}

struct lua_message *lua_push_kept_message(lua_State *L, struct message *message)
{
    struct lua_message *object = lua_push_message(L, message, false);

    hold_message(L, object);
    return object;
}
