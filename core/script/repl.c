// core/script/repl.c: lines of Lua, one after the other, for --repl. See script.h.
#include "base/memory.h"
#include "script/filter.h"
#include "script/lua_message.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_FIELDS 100 // of a table
#define SHOWN_DEPTH 3

struct script_repl {
    struct script_state *state;
    struct script_filter *filter;
    int variables; // registry reference: the environment of the lines; LUA_NOREF: not made yet
};

/** One line. */
struct line {
    struct script_repl *repl;
    struct message *message;
    const char *text;
    bool is_true;
    char *shown; // NULL: it failed
};

struct script_repl *script_repl_create(struct script_state *state, struct script_filter *filter)
{
    struct script_repl *repl = memory_zero(1, sizeof *repl);

    repl->state = state;
    repl->filter = filter;
    repl->variables = LUA_NOREF;
    return repl;
}

void script_repl_destroy(struct script_repl *repl)
{
    luaL_unref(repl->state->L, LUA_REGISTRYINDEX, repl->variables);
    free(repl);
}

/** Returns a global of scripts. `m` is none: it is looked for here if there is no message. */
static int lua_global(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "m") == 0)
        return luaL_error(L, "there is no current message: .next");
    lua_settop(L, 2);
    lua_gettable(L, lua_upvalueindex(1));
    return 1;
}

/** Pushes the environment: the lines' own variables, and behind them the globals of scripts. */
static void push_variables(lua_State *L, struct script_repl *repl)
{
    if (repl->variables == LUA_NOREF) {
        lua_newtable(L);
        lua_createtable(L, 0, 1);
        lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
        lua_pushcclosure(L, lua_global, 1);
        lua_setfield(L, -2, "__index");
        lua_setmetatable(L, -2);
        repl->variables = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, repl->variables);
}

/** Compiles an expression, else statements; raises if it is neither. */
static void compile_line(lua_State *L, const char *text)
{
    const char *expression = lua_pushfstring(L, "return %s", text);

    if (luaL_loadbufferx(L, expression, strlen(expression), "=line", "t") != LUA_OK) {
        lua_pop(L, 1);
        if (luaL_loadbufferx(L, text, strlen(text), "=line", "t") != LUA_OK)
            lua_error(L);
    }
    lua_remove(L, -2);
}

static void push_shown(lua_State *L, int index, int depth);

/** Pushes the fields of the table at `index`, as a text. */
static void push_table(lua_State *L, int index, int depth)
{
    int count = 0;

    lua_pushliteral(L, "{");
    int text = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_settop(L, text + 1)) {
        lua_pushvalue(L, text);
        lua_pushstring(L, count == 0 ? " " : ", ");
        if (++count > SHOWN_FIELDS) {
            lua_pushliteral(L, "…");
        } else {
            luaL_tolstring(L, text + 1, NULL);
            lua_pushliteral(L, " = ");
            push_shown(L, text + 2, depth + 1);
        }
        lua_concat(L, lua_gettop(L) - text - 2);
        lua_replace(L, text);
        if (count > SHOWN_FIELDS)
            break;
    }
    lua_settop(L, text);
    lua_pushstring(L, count == 0 ? "}" : " }");
    lua_concat(L, 2);
}

/** Is it a table whose fields are shown? Those of a table with `__pairs` are not its own. */
static bool is_shown_table(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TTABLE)
        return false;
    if (luaL_getmetafield(L, index, "__pairs") == LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

/** Pushes the value at `index` as a text. */
static void push_shown(lua_State *L, int index, int depth)
{
    luaL_checkstack(L, 16, NULL);
    if (depth < SHOWN_DEPTH && is_shown_table(L, index))
        push_table(L, index, depth);
    else if (lua_type(L, index) == LUA_TSTRING && depth > 0)
        lua_pushfstring(L, "\"%s\"", lua_tostring(L, index));
    else
        luaL_tolstring(L, index, NULL);
}

static int lua_run_line(lua_State *L)
{
    struct line *line = lua_touserdata(L, 1);

    lua_settop(L, 0);
    push_variables(L, line->repl); // 1
    if (line->message == NULL)
        lua_pushnil(L);
    else
        lua_push_message(L, line->message, true);
    lua_setfield(L, 1, "m");
    compile_line(L, line->text); // 2
    lua_pushvalue(L, 1);
    lua_setupvalue(L, 2, 1);
    lua_call(L, 0, LUA_MULTRET);
    int last = lua_gettop(L);
    line->is_true = last > 1 && lua_toboolean(L, 2) != 0;
    lua_pushliteral(L, "");
    for (int i = 2; i <= last; i++) {
        lua_pushstring(L, i == 2 ? "" : "  ");
        push_shown(L, i, 0);
        lua_concat(L, 3);
    }
    line->shown = memory_text(lua_tostring(L, -1));
    return 0;
}

enum script_repl_result script_repl_line(struct script_repl *repl, struct message *message, const char *text,
                                         char **shown)
{
    struct script_state *state = repl->state;
    struct line line = {.repl = repl, .message = message, .text = text};
    struct owner before = state->main.owner;
    struct error err;

    state->main.owner = (struct owner){repl->filter == NULL ? NULL : repl->filter->file, repl->filter};
    bool well = script_protect(state, lua_run_line, &line, &err);
    state->main.owner = before;
    script_state_step(state);
    *shown = well ? line.shown : memory_text(err.text);
    return !well ? SCRIPT_REPL_FAILED : line.is_true ? SCRIPT_REPL_TRUE : SCRIPT_REPL_OTHER;
}
