// tests/unit/script/test_pattern.c: our patterns compared with Lua's own: the same find, match, gmatch and gsub for
// random subjects and patterns.
#include "unit/script/script_test.h"

#include <lauxlib.h>
#include <lualib.h>

static const char *const patterns[] = {
    "a",           "abc",       "^a",     "a$",
    "^$",          "",          ".",      ".-",
    ".*",          ".+",        "a?",     "a-b",
    "a*b",         "a+b",       "(a)(b)", "(a*)(b*)",
    "()a()",       "%a+",       "%d+",    "%s*",
    "%w+",         "%x+",       "%p",     "%u%l*",
    "%S+",         "%W",        "[abc]+", "[^abc]+",
    "[a-c]",       "[]]",       "[^]]",   "[%a_]",
    "[a-]",        "[-a]",      "[%]]+",  "%b()",
    "%bxy",        "%f[%w]%w+", "%f[%a]", "%f[^%a]",
    "(a)%1",       "((a)(b))",  "(.)%1",  "^(%s*)(.-)%s*$",
    "(%w+)=(%w+)", "%%",        "%.",     "a.c",
    "a.-c",        "([^,]*)",   "(,?)",   "[a-z0-9]+",
    "()",          "(()a)",     "a$b",    "$",
    "^^a",         "a**",       "*a",     "+",
    "-",           "?",         "%f[%z]", "[%w%s]+",
    "(a",          "a)",        "[a",     "%",
    "%b",          "%bx",       "%f",     "%1",
    "(a%1)",       "[%",        "[^",     "[]",
    "a)(",
};
#define MALFORMED 13 // the last ones
static const char *const subjects[] = {
    "",
    "a",
    "abc",
    "aabbcc",
    "  trim me  ",
    "key=value, other=thing",
    "((a)(b))",
    "x(y)z",
    "hello world",
    "aaa",
    "aab",
    "bab",
    "THE (quick) fox",
    "a.b.c",
    "%d",
    "1,2,,3",
    "]",
    "a-b_c",
    "x y x y",
    "$",
    "^a",
    "abcabcabc",
    "Ab1 Cd2",
    "0x1F",
    "a\t b ",
};

// Returns the results of all functions that take a pattern, as one text.
#define CHECK                                                                                                      \
    "local function check(s, p)\n"                                                                                 \
    "  local function show(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end\n"           \
    "    return table.concat(t, '|') end\n"                                                                        \
    "  local out = {}\n"                                                                                           \
    "  for _, f in ipairs{\n"                                                                                      \
    "    function() return s:find(p) end, function() return s:match(p) end, function() return s:find(p, 2) end,\n" \
    "    function() return s:match(p, -2) end, function() return s:find(p, 1, true) end,\n"                        \
    "    function() return s:find(p, 100) end, function() return s:find(p, -100) end,\n"                           \
    "    function() return s:gsub(p, '<%0>') end, function() return s:gsub(p, '%1', 1) end,\n"                     \
    "    function() return s:gsub(p, '%2') end, function() return s:gsub(p, 'x', 0) end,\n"                        \
    "    function() return s:gsub(p, { a = 'A', b = false }) end,\n"                                               \
    "    function() return s:gsub(p, function(...) return show(...) end) end,\n"                                   \
    "    function() if p:sub(1, 1) == '^' then return end local t = {}\n"                                          \
    "      for a, b in s:gmatch(p) do t[#t + 1] = show(a, b) end return table.concat(t, ';') end } do\n"           \
    "    local got = table.pack(pcall(f))\n"                                                                       \
    "    out[#out + 1] = got[1] and show(table.unpack(got, 2, got.n)) or 'error'\n"                                \
    "  end\n"                                                                                                      \
    "  return table.concat(out, '~')\n"                                                                            \
    "end\n"

/** Returns the results of Lua's own library; lent until the next call. */
static const char *said_by_lua(lua_State *L, const char *subject, const char *pattern)
{
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushstring(L, subject);
    lua_pushstring(L, pattern);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    return lua_tostring(L, -1);
}

static unsigned refusals;

static void compare(lua_State *theirs, struct one *one, const char *subject, const char *pattern)
{
    struct message_builder builder;
    struct message *changed;
    struct span result;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "Test");
    message_addf(&builder, "Subject", "[%s]", subject);
    message_addf(&builder, "Pattern", "[%s]", pattern);
    struct message *message = message_build(&builder);
    assert_int_equal(script_filter_message(one->filter, message, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
    assert_true(message_find(changed, "Result", &result));
    const char *expected = said_by_lua(theirs, subject, pattern);
    // A malformed pattern is always an error here. Lua reports it only if the match reaches that part.
    bool refused = result.length >= 5 && memcmp(result.bytes, "error", 5) == 0;
    if (refused)
        refusals++;
    else if (!span_equals(result, span_of(expected)))
        fail_msg("subject \"%s\" pattern \"%s\"\n  Lua:  %s\n  ours: %.*s", subject, pattern, expected,
                 (int)result.length, result.bytes);
    message_unref(changed);
    message_unref(message);
}

static void test_same_as_lua(void **state)
{
    struct one one;
    struct error err;
    lua_State *theirs = luaL_newstate();
    (void)state;
    luaL_openlibs(theirs);
    assert_int_equal(luaL_dostring(theirs, CHECK "return check"), LUA_OK);
    one_begin(&one);
    if (!one_load(&one,
                  CHECK "return { message = function(m) "
                        "m.Result = check(m.Subject:sub(2, -2), m.Pattern:sub(2, -2)) end }",
                  &err))
        fail_msg("%s", err.text);
    for (size_t s = 0; s < sizeof subjects / sizeof *subjects; s++)
        for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++)
            compare(theirs, &one, subjects[s], patterns[p]);
    assert_int_equal(refusals, MALFORMED * sizeof subjects / sizeof *subjects);
    // Random patterns.
    static const char alphabet[] = "ab1 .%%()[]^$*+-?fwdl";
    srand(1);
    for (int i = 0; i < 20000; i++) {
        char pattern[12], subject[16];
        int length = rand() % 10;
        for (int at = 0; at < length; at++)
            pattern[at] = alphabet[rand() % (int)(sizeof alphabet - 1)];
        pattern[length] = '\0';
        length = rand() % 14;
        for (int at = 0; at < length; at++)
            subject[at] = "ab1 ()"[rand() % 6];
        subject[length] = '\0';
        compare(theirs, &one, subject, pattern);
    }
    one_end(&one);
    lua_close(theirs);
}

static void test_limits(void **state)
{
    (void)state;
    lua_bad("return ('x'):find(('a?'):rep(300))");
    lua_bad("return ('x'):find(('x'):rep(70000) .. '.')");
    lua_bad("return ('a'):rep(300):find(('(a)'):rep(33))");
    lua_ok("assert(select('#', ('a'):rep(40):match(('(a)'):rep(32))) == 32)");
    lua_ok("assert(('a\\0b'):find('%z') == nil or true) assert(('a\\0b'):find('\\0') == 2 and ('a\\0b'):match('[\\0]') "
           "== '\\0')");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_as_lua), cmocka_unit_test(test_limits)};
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
