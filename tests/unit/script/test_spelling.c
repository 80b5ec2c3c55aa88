// tests/unit/script/test_spelling.c: names in a script that have another spelling than scripts get.
#include "unit/script/script_test.h"

/** A comparison with another spelling would never be true. The script is not loaded, and the error has its line. */
static void test_f45_other_spellings_are_not_loaded(void **state)
{
    struct one one;
    struct error err;
    (void)state;
    load_bad("return { action = function(a)\n return a.Action ~= 'originate' end }", ":2: \"originate\"");
    load_bad("return { action = function(a) return not (\"ORIGINATE\" == a.Action) end }", "expected \"Originate\"");
    load_bad("return { message = function(m)\n--[[ x\n]]\n return m.Event --[=[ ] ]=]\n == [==[x]==] or m.Event == "
             "'newchannel' "
             "end }",
             ":5: \"newchannel\"");
    one_begin(&one);
    if (!one_load(
            &one,
            "-- a.Action == 'originate'\nlocal text = [[ a.Action == 'originate' ]]\n"
            "return { action = function(a) return a.Action:lower() ~= 'originate' and a.Number == 'originate' and\n"
            "'originate' ~= a.Action:lower() and a.Action ~= 'myown' end }",
            &err))
        fail_msg("%s", err.text);
    one_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f45_other_spellings_are_not_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
