// tests/unit/session/access/test_functions.c: variables, functions and accounts that a tied user may name.
#include "unit/session/access/scene.h"

static void test_f03_variables_of_the_entry(void **state)
{
    static char pin[] = "MY_PIN", function[] = "CHANNEL(state)";
    static char *variables[] = {pin, function};
    struct scene *scene = *state;

    assert_false(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "MY_PIN"));
    scene->user.variables = variables;
    scene->user.variable_count = 2;
    assert_true(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "MY_PIN"));
    assert_true(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "CHANNEL(state)"));
    assert_true(MAY(scene, "Action", "Status", "Variables", "MY_PIN,CHANNEL(state),EXTEN:1"));
    assert_false(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "CHANNEL(accountcode)"));
    assert_false(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "my_pin"));
    assert_false(MAY(scene, "Action", "Getvar", "Variable", "MY_PIN")); // a global one
    assert_true(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "CALLERID(num)"));
    assert_true(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Context", "mine", "Exten", "1", "Variable",
                    "A=1,B=\"2,3\"", "Variable", "C=4"));
    assert_false(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Context", "mine", "Exten", "1", "Variable",
                     "A=1", "Variable", "C=4,FILE(x)=5"));
}

static void test_f03_an_account_is_not_set_behind_a_comma(void **state)
{
    struct scene *scene = *state;
    static char account[] = "mine";

    scene->user = (struct user_config){.account = account, .write = CLASS_ALL};
    scene->view.rule = VIEW_NO_RULE;
    assert_false(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Variable", "A=1,CHANNEL(accountcode)=other"));
    assert_false(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Variable", "A=1,C\"DR(account\"code)=other"));
    assert_false(MAY(scene, "Action", "Setvar", "Channel", OWN, "Variable", "CDR(accountcode)", "Value", "x"));
    assert_true(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Variable", "accountcode=x,FILE(y)=z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_f03_variables_of_the_entry),
        TEST(test_f03_an_account_is_not_set_behind_a_comma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
