// tests/unit/script/test_types.c: lua/types/amp.lua, which editors read, has every function and field that scripts
// have, and no others.
#include "script/call.h"
#include "script/lua_session.h"
#include "unit/script/action_test.h"

#define NAMES 4000

/** The names in the file, each as a line "Class.name". */
static char typed[NAMES * 16];

static void add_typed(const char *class, const char *name, size_t length)
{
    size_t used = strlen(typed);
    (void)snprintf(typed + used, sizeof typed - used, "\n%s.%.*s\n", class, (int)length, name);
}

/** Reads classes, their fields and functions. The functions of `amp` are those of the class Amp. */
static void read_types(void)
{
    FILE *file = fopen(AMP_SOURCE "/lua/types/amp.lua", "r");
    char line[400], class[64] = "";

    assert_non_null(file);
    typed[0] = '\0';
    while (fgets(line, sizeof line, file) != NULL) {
        char *at = line;
        if (strncmp(line, "---@class ", 10) == 0) {
            (void)snprintf(class, sizeof class, "%.*s", (int)strcspn(line + 10, " \n"), line + 10);
        } else if (strncmp(line, "---@field [", 11) == 0) {
            continue;
        } else if (strncmp(line, "---@field ", 10) == 0) {
            add_typed(class, line + 10, strcspn(line + 10, "? \n"));
        } else if (strncmp(line, "function ", 9) == 0) {
            at += 9 + strcspn(line + 9, ".:") + 1;
            add_typed(class, at, strcspn(at, "("));
        }
    }
    (void)fclose(file);
}

/** Takes a name of the program out of the list; it must be there. */
static void expect_typed(const char *class, const char *name)
{
    char wanted[120];

    (void)snprintf(wanted, sizeof wanted, "\n%s.%s\n", class, name);
    char *found = strstr(typed, wanted);
    if (found == NULL)
        fail_msg("lua/types/amp.lua lacks %s.%s", class, name);
    found[1] = '-';
}

/** Nothing of these classes is in the file alone. */
static void expect_no_more(const char *class)
{
    char wanted[80];

    (void)snprintf(wanted, sizeof wanted, "\n%s.", class);
    const char *left = strstr(typed, wanted);
    if (left != NULL)
        fail_msg("lua/types/amp.lua has %.*s, the program has not", (int)strcspn(left + 1, "\n"), left + 1);
}

static void expect_names(const char *class, const char *const *names)
{
    for (; *names != NULL; names++)
        expect_typed(class, *names);
}

/** The keys of the table on top, which it pops; of a frozen one, those of the table behind it. */
static void expect_keys(lua_State *L, const char *class)
{
    if (luaL_getmetafield(L, -1, "__newindex") != LUA_TNIL) {
        lua_pop(L, 1);
        assert_int_not_equal(luaL_getmetafield(L, -1, "__index"), LUA_TNIL);
        lua_remove(L, -2);
    }
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
        expect_typed(class, lua_tostring(L, -2));
    lua_pop(L, 1);
}

/** The methods of a metatable whose __index is a function with them as first upvalue. */
static void expect_methods(lua_State *L, const char *metatable, const char *class)
{
    luaL_getmetatable(L, metatable);
    lua_getfield(L, -1, "__index");
    if (lua_isfunction(L, -1))
        assert_non_null(lua_getupvalue(L, -1, 1));
    expect_keys(L, class);
    lua_settop(L, 0);
}

static void push_amp(lua_State *L, const char *field)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_getfield(L, -1, "amp");
    if (field != NULL)
        lua_getfield(L, -1, field);
}

static void the_types_are_those_of_the_program(void **state)
{
    static const char *const message[] = {"kind", "call", NULL};
    static const char *const hints[] = {"Event",   "Action",   "ProxyAction", "Response", "Server",
                                        "Channel", "Uniqueid", "Linkedid",    NULL};
    static const char *const filter[] = {"events", "where",  "otherwise", "message", "action",  "answers",
                                         "per",    "either", "stateful",  "save",    "restore", NULL};
    static const char *const action[] = {"name",    "summary", "class", "admin", "arguments",
                                         "timeout", "word",    "run",   NULL};
    static const char *const http[] = {"url", "method", "headers", "body", "timeout", NULL};
    (void)state;

    read_types();
    begin("");
    lua_State *L = fixture.lua->L;
    push_amp(L, NULL);
    expect_keys(L, "Amp");
    lua_settop(L, 0);
    push_amp(L, "log");
    expect_keys(L, "Log");
    lua_settop(L, 0);
    push_amp(L, "json");
    expect_keys(L, "Json");
    lua_settop(L, 0);
    expect_methods(L, "message", "Message");
    expect_methods(L, "session", "Session");
    expect_methods(L, "reply", "Reply");
    expect_methods(L, "shared", "Shared");
    end();
    expect_names("Message", message);
    expect_names("Message", hints);
    expect_names("Session", lua_session_fields);
    expect_names("Answer", lua_answer_fields);
    expect_names("Request", lua_request_fields);
    expect_typed("Request", "Action"); // the header that each has
    expect_names("Filter", filter);
    expect_names("ProxyAction", action);
    expect_names("HttpRequest", http);
    static const char *const classes[] = {"Amp",         "Log",     "Json",   "Message", "Session",
                                          "Reply",       "Shared",  "Answer", "Filter",  "ProxyAction",
                                          "HttpRequest", "Request", NULL};
    for (const char *const *class = classes; *class != NULL; class ++)
        expect_no_more(*class);
}

/** Takes the names, with blanks between them, out of the list; after them and `others` nothing of the class is left. */
static void expect_all(const char *class, char *names, const char *const *others)
{
    char *rest = NULL;

    assert_true(names[0] != '\0');
    for (char *name = strtok_r(names, " \r\n", &rest); name != NULL; name = strtok_r(NULL, " \r\n", &rest))
        expect_typed(class, name);
    expect_names(class, others);
    expect_no_more(class);
}

static void each_revoked(void *context,
                         void (*visit)(void *visitor, const char *user, const char *label, uint64_t made_us,
                                       uint64_t until_s),
                         void *visitor)
{
    (void)context;
    visit(visitor, "dave", "page", 1000000, 2);
}

/** The entries of the lists that functions of `amp` return. */
static void entries_of_lists_have_the_fields_that_are_typed(void **state)
{
    static const struct {
        const char *class, *list, *others[3]; // the last ones are not in the lists of this test
    } lists[] = {
        {"Server", "amp.servers()", {"node"}},         {"SessionEntry", "amp.sessions()", {"token", "action_id"}},
        {"FormatEntry", "amp.formats()", {NULL}},      {"StatEntry", "amp.stats()", {NULL}},
        {"ScriptEntry", "amp.scripts()", {"user"}},    {"ProxyActionEntry", "amp.proxy_actions()", {NULL}},
        {"TokenEntry", "amp.revoked_tokens()", {NULL}}};
    (void)state;

    read_types();
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char run[400];
        (void)snprintf(run, sizeof run,
                       "local names, known = {}, {}\n"
                       "for _, entry in ipairs(%s) do\n"
                       "  for name in pairs(entry) do\n"
                       "    if not known[name] then known[name], names[#names + 1] = true, name end\n"
                       "  end\n"
                       "end\n"
                       "reply:ok{ Names = table.concat(names, ' ') }",
                       lists[i].list);
        begin(run);
        fixture.lua->host.each_revoked = each_revoked;
        ask("Mine", "");
        assert_non_null(strstr(host.out, "Names: "));
        expect_all(lists[i].class, strstr(host.out, "Names: ") + 7, lists[i].others);
        end();
    }
}

/** Runs the own test of a script, which raises an error `names: a b c`. @return the names, lent until the next call */
static char *names_of_test(enum script_kind kind, const char *text)
{
    static struct error err;
    struct scripts scripts;

    scripts_begin(&scripts);
    scripts_add(&scripts, kind, "f", text);
    struct script_state *lua = scripts_load(&scripts, &err);
    if (lua == NULL)
        fail_msg("%s", err.text);
    assert_false(script_state_test_all(lua, &err));
    char *names = strstr(err.text, "names: ");
    if (names == NULL)
        fail_msg("%s", err.text);
    script_state_destroy(lua);
    scripts_end(&scripts);
    return names + 7;
}

/** What a filter's file is given, and what its test is given; the test of a proxy action has `run` for `filter`. */
static void files_and_tests_are_given_what_is_typed(void **state)
{
    static const char *const run[] = {"run", NULL}, *const filter[] = {"filter", NULL}, *const none[] = {NULL};
    static const char names[] = "local function names(of)\n"
                                "  local list = {}\n"
                                "  for name in pairs(of) do list[#list + 1] = name end\n"
                                "  error('names: ' .. table.concat(list, ' '), 0)\n"
                                "end\n";
    char text[500];
    (void)state;

    (void)snprintf(text, sizeof text, "%samp.test(function(t) names(t) end)\nreturn {}", names);
    read_types();
    expect_all("Test", names_of_test(SCRIPT_IS_FILTER, text), run);
    (void)snprintf(text, sizeof text,
                   "%samp.test(function(t) names(t) end)\nreturn { name = 'F', run = function() end }", names);
    read_types();
    expect_all("Test", names_of_test(SCRIPT_IS_PROXY_ACTION, text), filter);
    (void)snprintf(text, sizeof text,
                   "local _, user = ...\n%samp.test(function(t) t.filter({}, { name = 'dave', account = 'a' }) end)\n"
                   "names(user)\nreturn {}",
                   names);
    expect_all("User", names_of_test(SCRIPT_IS_FILTER, text), none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_types_are_those_of_the_program),
        cmocka_unit_test(entries_of_lists_have_the_fields_that_are_typed),
        cmocka_unit_test(files_and_tests_are_given_what_is_typed),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
