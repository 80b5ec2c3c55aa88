// tests/unit/script/test_suggest.c: a mistyped name is answered with the one that was meant.
#include "unit/script/action_test.h"

static void at_load(void **state)
{
    (void)state;
    load_bad("return { mesage = function() end }", "f.lua:1: mesage: unknown key: did you mean 'message'?");
    load_bad("return { colour = function() end }", "unknown key (known: events where otherwise message action");
    load_bad("amp.evry('1s', print)", "unknown function of amp: 'evry': did you mean 'every'?");
    load_bad("tostrng(1)", "unknown global 'tostrng': did you mean 'tostring'?");
    load_bad("string.fnd('a', 'b')", "unknown function of string: 'fnd': did you mean 'find'?");
    load_bad("amp.log.wran('x')", "unknown function of amp.log: 'wran': did you mean 'warn'?");
    load_bad("amp.on('session.logn', function() end)", "unknown event 'session.logn': did you mean 'session.login'?");
    load_bad("amp.on('nonsense', function() end)", "(known: session.opened session.login");
    load_bad("amp.on('event.Hangpu', function() end)",
             "amp.on: 'Hangpu': events of Asterisk are for the key 'events' of a filter: did you mean events = { "
             "\"Hangup\" }?");
    load_bad("amp.every('1s', { onc = true }, function() end)", "unknown option 'onc': did you mean 'once'?");
    load_bad("amp.options({ quee = 'a' }, { queue = 'text' })", "unknown option 'quee': did you mean 'queue'?");
    load_bad("return {\n message = function(m) return m:startz('Channel', 'SIP') end }",
             "f.lua:2: a message has no method 'startz': did you mean 'starts'?");
}

/** Runs a line of a proxy action, and checks the reason why it fails. */
static void run_bad(const char *line, const char *part)
{
    char script[600];

    (void)snprintf(script, sizeof script,
                   "return { name = 'Mine', run = function(a, reply, session)\n"
                   "local well, why = pcall(function() %s end) reply:ok{ Why = tostring(why) } end }",
                   line);
    begin(script);
    ask("Mine", "");
    if (strstr(host.out, part) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", part, host.out);
    end();
}

static void while_it_runs(void **state)
{
    (void)state;
    run_bad("amp.call{ Action = 'Ping', timout = '5s' }",
            "unknown option 'timout' of a request: did you mean 'timeout'?");
    run_bad("amp.call{ Action = 'Ping', sever = 'a' }", "unknown option 'sever' of a request: did you mean 'server'?");
    run_bad("return session.adress", "unknown field of a session: 'adress': did you mean 'address'?");
    run_bad("session:set_autofilter('unqiue')", "unknown mode 'unqiue': did you mean 'unique'?");
    run_bad("amp.sessions{ usr = 'a' }", "amp.sessions: unknown field 'usr': did you mean 'user'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_load),
        cmocka_unit_test(while_it_runs),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
