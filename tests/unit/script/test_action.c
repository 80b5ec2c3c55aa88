// tests/unit/script/test_action.c: proxy actions against a host that is made up: answers, rights, waiting, timers, and
// what happens when sessions and states go.
#include "unit/script/script_test.h"

#define CALLS 16

/** The program that scripts talk to. */
static struct {
    uint64_t now;
    struct script_call *calls[CALLS];
    struct message *asked[CALLS];
    char servers[CALLS][32];
    int call_count;
    bool at_once; // calls are answered inside call()
    struct script_session_info session;
    bool closed;
    char sent[512];
    char out[4096]; // all replies
    int replies, finals;
} host;

static uint64_t host_clock(void *context)
{
    (void)context;
    return host.now;
}

static void host_call(void *context, struct script_call *call, const char *server, struct message *action,
                      uint64_t timeout_ms)
{
    (void)context;
    (void)timeout_ms;
    if (host.at_once) {
        struct message *pong = message_of("Response: Success\r\nPing: Pong\r\n\r\n");
        script_call_message(call, pong);
        message_unref(pong);
        script_call_end(call, NULL);
        return;
    }
    host.calls[host.call_count] = call;
    host.asked[host.call_count] = message_ref(action);
    (void)snprintf(host.servers[host.call_count++], 32, "%s", server == NULL ? "-" : server);
}

static void host_ask(void *context, struct script_call *call, enum script_ask what, const struct message *arguments)
{
    struct span server = {"", 0};
    (void)context;
    if (arguments != NULL)
        (void)message_find(arguments, what == SCRIPT_ASK_CLOSE_SESSION ? "Session" : "Server", &server);
    if (what == SCRIPT_ASK_CLOSE_SESSION) {
        script_call_end(call, span_is(server, "2") ? NULL : "There is no such session");
        return;
    }
    script_call_end(call, what == SCRIPT_ASK_RELOAD ? "astmanproxy.yaml:3:1: expected …"
                          : span_is(server, "pbx1") ? NULL
                                                    : "no such server");
}

static void host_servers(void *context, void (*visit)(void *, const struct script_server_info *), void *visitor)
{
    static const struct script_server_info servers[] = {
        {"pbx1", "pbx1.example", "192.0.2.1", "proxy", "on", 5038, true},
        {"pbx2", "pbx2.example", "192.0.2.2", "proxy", "off", 5039, false},
    };
    (void)context;
    visit(visitor, &servers[0]);
    visit(visitor, &servers[1]);
}

static void host_sessions(void *context, void (*visit)(void *, const struct script_session_info *), void *visitor)
{
    struct script_session_info other = {
        .id = 2, .user = "anna", .ip = "192.0.2.9", .input = "standard", .output = "csv"};
    (void)context;
    visit(visitor, &other);
    visit(visitor, &host.session);
}

static void host_formats(void *context, void (*visit)(void *, const struct script_format_info *), void *visitor)
{
    struct script_format_info standard = {"standard", true, true}, csv = {"csv", false, true};
    (void)context;
    visit(visitor, &standard);
    visit(visitor, &csv);
}

static void host_stats(void *context, void (*visit)(void *, const char *, uint64_t), void *visitor)
{
    (void)context;
    visit(visitor, "Sessions", 2);
}

static void host_session_info(void *context, struct handle session, struct script_session_info *info)
{
    (void)context;
    (void)session;
    *info = host.session;
}

static void host_send(void *context, struct handle session, struct message *message)
{
    (void)context;
    (void)session;
    (void)snprintf(host.sent, sizeof host.sent, "%.*s", (int)message_wire(message).length, message_wire(message).bytes);
}

static bool host_set_format(void *context, struct handle session, const char *name)
{
    (void)context;
    (void)session;
    if (strcmp(name, "csv") != 0)
        return false;
    host.session.output = "csv";
    return true;
}

static void host_set_autofilter(void *context, struct handle session, uint32_t mode)
{
    (void)context;
    (void)session;
    host.session.autofilter = mode;
}

static void host_close(void *context, struct handle session)
{
    (void)context;
    (void)session;
    host.closed = true;
}

static void on_reply(void *context, struct handle session, struct message *message, bool final)
{
    (void)context;
    (void)session;
    size_t used = strlen(host.out);
    struct span wire = message_wire(message);
    (void)snprintf(host.out + used, sizeof host.out - used, "%.*s", (int)wire.length, wire.bytes);
    host.replies++;
    host.finals += final;
}

/** One state with all stock proxy actions and one of the test's own, `Mine`. */
static struct fixture {
    struct scripts scripts;
    struct script_state *lua;
} fixture;

static void begin(const char *run)
{
    struct error err;
    char *script;

    memset(&host, 0, sizeof host);
    host.now = 1000000;
    host.session = (struct script_session_info){.id = 1,
                                                .user = "dave",
                                                .address = "192.0.2.7:51234",
                                                .ip = "192.0.2.7",
                                                .input = "standard",
                                                .output = "standard",
                                                .write = 2,
                                                .admin = true};
    scripts_begin(&fixture.scripts);
    fixture.scripts.setup.root = AMP_SOURCE "/lua";
    fixture.scripts.setup.shared = script_shared_create(4096);
    fixture.scripts.setup.host = (struct script_host){.call = host_call,
                                                      .ask = host_ask,
                                                      .each_server = host_servers,
                                                      .each_session = host_sessions,
                                                      .each_format = host_formats,
                                                      .each_stat = host_stats,
                                                      .clock_ms = host_clock,
                                                      .session_info = host_session_info,
                                                      .session_send = host_send,
                                                      .session_set_output = host_set_format,
                                                      .session_set_input = host_set_format,
                                                      .session_set_autofilter = host_set_autofilter,
                                                      .session_close = host_close};
    script = strdup(run);
    if (strstr(run, "return {") == NULL) {
        free(script);
        assert_true(asprintf(&script, "return { name = 'Mine', run = function(a, reply, session)\n%s\nend }", run) > 0);
    }
    scripts_add(&fixture.scripts, SCRIPT_IS_PROXY_ACTION, "mine", script);
    free(script);
    struct script_files stock = {.items = NULL};
    assert_true(script_files_add(&stock, AMP_SOURCE "/lua", SCRIPT_IS_PROXY_ACTION, "stock", &err));
    for (size_t i = 0; i < stock.count; i++) {
        char *name = strdup(stock.items[i].name);
        assert_true(script_files_add(&fixture.scripts.files, AMP_SOURCE "/lua", SCRIPT_IS_PROXY_ACTION, name, &err));
        free(name);
    }
    script_files_fini(&stock);
    fixture.lua = scripts_load(&fixture.scripts, &err);
    if (fixture.lua == NULL)
        fail_msg("%s", err.text);
}

static void end(void)
{
    script_state_destroy(fixture.lua);
    for (int i = 0; i < host.call_count; i++) {
        if (host.calls[i] != NULL)
            script_call_end(host.calls[i], NULL); // tokens outlive the state
        message_unref(host.asked[i]);
    }
    script_shared_destroy(fixture.scripts.setup.shared);
    // Only the test's own file is in the folder.
    struct script_files *files = &fixture.scripts.files;
    (void)unlink(files->items[0].path);
    (void)rmdir(fixture.scripts.folder);
    script_files_fini(files);
}

static const struct handle session = {7, 1};

/** Asks for a proxy action; what came is in host.out. */
static void ask(const char *name, const char *headers)
{
    char text[512];
    (void)snprintf(text, sizeof text, "ProxyAction: %s\r\nActionID: 9\r\n%s\r\n", name, headers);
    struct message *request = message_of(text);
    host.out[0] = '\0';
    host.replies = host.finals = 0;
    struct script_action *action = script_action_find(fixture.lua, span_of(name));
    assert_non_null(action);
    script_action_run(fixture.lua, action, request, session, on_reply, NULL);
    message_unref(request);
}

static void answer(int call, const char *text)
{
    struct message *message = message_of(text);
    script_call_message(host.calls[call], message);
    message_unref(message);
}

static void end_call(int call, const char *reason)
{
    struct script_call *token = host.calls[call];
    host.calls[call] = NULL;
    script_call_end(token, reason);
}

static void expect(const char *name, const char *headers, const char *expected)
{
    ask(name, headers);
    assert_string_equal(host.out, expected);
    assert_int_equal(host.finals, 1);
}

static void test_stock_C33(void **state)
{
    (void)state;
    begin("reply:ok()");
    expect(
        "ListSessions", "",
        "ProxyResponse: Success\r\nActionID: 9\r\n"
        "ProxyClientSession: 192.0.2.9\r\nProxyClientInputHandler: standard\r\nProxyClientOutputHandler: csv\r\n"
        "ProxyClientUser: anna\r\nProxyClientId: 2\r\n"
        "ProxyClientSession: 192.0.2.7\r\nProxyClientInputHandler: standard\r\nProxyClientOutputHandler: standard\r\n"
        "ProxyClientUser: dave\r\nProxyClientId: 1\r\n"
        "ProxyServerSession: 192.0.2.1\r\nProxyServerName: pbx1\r\nProxyServerStatus: up\r\n"
        "ProxyServerSession: 192.0.2.2\r\nProxyServerName: pbx2\r\nProxyServerStatus: down\r\n\r\n");
    host.session.admin = false;
    ask("ListSessions", "");
    assert_null(strstr(host.out, "anna"));
    host.session.admin = true;
    expect("ListServers", "",
           "ProxyResponse: Success\r\nActionID: 9\r\n"
           "ProxyListServer I: 192.0.2.1 H: pbx1.example U: proxy P: 5038 E: on \r\n"
           "ProxyListServer I: 192.0.2.2 H: pbx2.example U: proxy P: 5039 E: off \r\n\r\n");
    expect("ListIOHandlers", "",
           "ProxyResponse: Success\r\nActionID: 9\r\n"
           "InputHandler: standard\r\nOutputHandler: standard\r\nOutputHandler: csv\r\n\r\n");
    expect("SetOutputFormat", "OutputFormat: CSV\r\n",
           "ProxyResponse: Success\r\nActionID: 9\r\nOutputFormat: csv\r\n\r\n");
    expect("SetOutputFormat", "", "ProxyResponse: Success\r\nActionID: 9\r\nOutputFormat: csv\r\n\r\n");
    expect("SetOutputFormat", "OutputFormat: http\r\n",
           "ProxyResponse: Error\r\nActionID: 9\r\nMessage: Unknown format\r\n\r\n");
    expect("SetAutoFilter", "AutoFilter: Unique\r\n", "ProxyResponse: Success\r\nActionID: 9\r\nAutoFilter: 2\r\n\r\n");
    expect("SetAutoFilter", "AutoFilter: x\r\n", "ProxyResponse: Success\r\nActionID: 9\r\nAutoFilter: 0\r\n\r\n");
    expect("AddServer", "Server: pbx1\r\nPort: 1\r\nUsername: u\r\nSecret: s\r\nEvents: on\r\n",
           "ProxyResponse: Success\r\nActionID: 9\r\nMessage: Added pbx1\r\n\r\n");
    expect("AddServer", "Server: pbx1\r\nPort: 1\r\n",
           "ProxyResponse: Failure\r\nActionID: 9\r\nMessage: Could not add pbx1\r\n\r\n");
    expect("DropServer", "Server: pbx1\r\n", "ProxyResponse: Success\r\nActionID: 9\r\nMessage: Dropped pbx1\r\n\r\n");
    expect("DropServer", "Server: x\r\n",
           "ProxyResponse: Failure\r\nActionID: 9\r\nMessage: Cannot Drop Server x, Does Not Exist\r\n\r\n");
    expect("DropServer", "",
           "ProxyResponse: Failure\r\nActionID: 9\r\nMessage: Cannot Drop Server , Does Not Exist\r\n\r\n");
    expect("KickSession", "Session: 2\r\n", "Response: Success\r\nActionID: 9\r\nMessage: Kicked 2\r\n\r\n");
    expect("KickSession", "Session: 3\r\n",
           "Response: Error\r\nActionID: 9\r\nMessage: There is no such session\r\n\r\n");
    static const char *const no_numbers[] = {"x", "0", "-2", "0x2", "2 ", "99999999999999999999"};
    for (size_t i = 0; i < sizeof no_numbers / sizeof no_numbers[0]; i++) {
        char headers[64];
        (void)snprintf(headers, sizeof headers, "Session: %s\r\n", no_numbers[i]);
        expect("KickSession", headers,
               "Response: Error\r\nActionID: 9\r\n"
               "Message: Session: expected a number, as ListSessions shows it\r\n\r\n");
    }
    expect("Reload", "", "Response: Error\r\nActionID: 9\r\nMessage: astmanproxy.yaml:3:1: expected …\r\n\r\n");
    ask("ListProxyActions", "");
    assert_non_null(strstr(host.out, "AddServer: Adds a server (admin)\r\n"));
    ask("Stats", "");
    assert_non_null(strstr(host.out, "Sessions: 2\r\n"));
    ask("ListScripts", "");
    assert_non_null(
        strstr(host.out, "Event: ListScriptsComplete\r\nActionID: 9\r\nEventList: Complete\r\nListItems: 15\r\n"));
    expect("Logoff", "", "Response: Goodbye\r\nActionID: 9\r\nMessage: Thanks for all the fish.\r\n\r\n");
    assert_true(host.closed);
    end();
}

static void test_rights(void **state)
{
    (void)state;
    begin("return { name = 'Mine', class = 'command', arguments = { Need = 'required' }, run = function(a, r) r:ok() "
          "end }");
    host.session.admin = false;
    expect("Reload", "", "Response: Error\r\nActionID: 9\r\nMessage: Permission denied\r\n\r\n");
    expect("AddServer", "", "ProxyResponse: Error\r\nActionID: 9\r\nMessage: Permission denied\r\n\r\n");
    expect("Mine", "Need: x\r\n", "Response: Error\r\nActionID: 9\r\nMessage: Permission denied\r\n\r\n");
    host.session.write = 16;
    expect("Mine", "", "Response: Error\r\nActionID: 9\r\nMessage: Missing argument: Need\r\n\r\n");
    expect("Mine", "Need: x\r\n", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

static void test_replies(void **state)
{
    (void)state;
    begin("reply:begin{ Message = 'Follow' } reply:item{ Event = 'Thing', B = 2, A = 1, 'C: 3' } "
          "reply:finish{ Event = 'Done', X = 'y' }");
    expect("Mine", "",
           "Response: Success\r\nActionID: 9\r\nEventList: start\r\nMessage: Follow\r\n\r\n"
           "Event: Thing\r\nActionID: 9\r\nC: 3\r\nA: 1\r\nB: 2\r\n\r\n"
           "Event: Done\r\nActionID: 9\r\nX: y\r\nEventList: Complete\r\nListItems: 1\r\n\r\n");
    end();
    begin("");
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
    begin("error('a secret')");
    expect("Mine", "", "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    end();
    begin("reply:begin{} reply:item{ Event = 'E' } error({})");
    ask("Mine", "");
    assert_non_null(strstr(host.out, "Event: MineComplete\r\nActionID: 9\r\nEventList: Cancelled\r\nListItems: 1\r\n"));
    assert_int_equal(host.finals, 1);
    end();
    begin("reply:ok() reply:ok()");
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
    begin("reply:ok{ ['X'] = 'a\\r\\nEvent: b' }");
    expect("Mine", "", "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    end();
    begin("reply:error('a\\r\\nb')");
    expect("Mine", "", "Response: Error\r\nActionID: 9\r\nMessage: a  b\r\n\r\n");
    end();
}

static void test_call(void **state)
{
    (void)state;
    begin("local got = amp.call{ Action = 'DBGet', Key = 'k', server = 'pbx1', timeout = '3s' }\n"
          "if not got.ok then return reply:error(got.reason) end\n"
          "for e in got:events('DBGetResponse') do return reply:ok{ Val = e.Val, N = got.count } end");
    ask("Mine", "");
    assert_int_equal(host.replies, 0);
    assert_int_equal(host.call_count, 1);
    assert_string_equal(host.servers[0], "pbx1");
    struct span wire = message_wire(host.asked[0]);
    assert_memory_equal(wire.bytes, "Action: DBGet\r\nKey: k\r\n\r\n", wire.length);
    assert_false(script_state_is_idle(fixture.lua));
    answer(0, "Response: Success\r\nMessage: Result will follow\r\n\r\n");
    answer(0, "Event: DBGetResponse\r\nVal: 5\r\n\r\n");
    assert_int_equal(host.replies, 0);
    end_call(0, NULL);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nN: 2\r\nVal: 5\r\n\r\n");
    assert_true(script_state_is_idle(fixture.lua));

    ask("Mine", "");
    answer(1, "Response: Error\r\nMessage: Database entry not found\r\n\r\n");
    end_call(1, NULL);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: Database entry not found\r\n\r\n");
    ask("Mine", "");
    end_call(2, "server down");
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: server down\r\n\r\n");

    ask("Mine", ""); // no answer in time, and one that comes too late
    assert_int_equal(script_state_due(fixture.lua), host.now + 3000);
    host.now += 3000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: no answer in time\r\n\r\n");
    answer(3, "Response: Success\r\n\r\n");
    end_call(3, NULL);
    end();
}

static void test_call_at_once(void **state)
{
    (void)state;
    begin("for i = 1, 10 do assert(amp.call{ Action = 'Ping' }.response.Ping == 'Pong') end "
          "local all = amp.call_all{ { Action = 'Ping' }, { Action = 'Ping' } } "
          "assert(#all == 2 and all[2].ok) assert(#amp.call_all{} == 0) reply:ok()");
    host.at_once = true;
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

static void test_call_all(void **state)
{
    (void)state;
    begin("local asked = {} for _, s in ipairs(amp.servers()) do asked[#asked + 1] = { Action = 'X', server = s.name } "
          "end\n"
          "local got = amp.call_all(asked) reply:ok{ A = got[1].ok, B = got[2].reason }");
    ask("Mine", "");
    assert_int_equal(host.call_count, 2);
    end_call(1, "down");
    assert_int_equal(host.replies, 0);
    answer(0, "Response: Success\r\n\r\n");
    end_call(0, NULL);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nA: true\r\nB: down\r\n\r\n");
    end();
}

static void test_server_action_and_pcall(void **state)
{
    (void)state;
    begin("local s = amp.servers()[1]\n"
          "local ok, got = pcall(function() return s:action{ Action = 'Ping' } end)\n"
          "assert(ok and got.ok)\n"
          "local ok, why = pcall(amp.call_all, { { Action = 'Ping' }, 5 })\n"
          "assert(not ok)\n"
          "reply:ok()");
    ask("Mine", "");
    assert_string_equal(host.servers[0], "pbx1");
    end_call(0, NULL);
    assert_int_equal(host.finals, 1);
    assert_non_null(strstr(host.out, "Success"));
    end();
}

static void test_session_goes(void **state)
{
    (void)state;
    begin("local kept = session amp.after('1s', function() assert(not kept.alive) kept:send{ Event = 'X' } end)\n"
          "amp.call{ Action = 'Ping' } reply:ok()");
    ask("Mine", "");
    script_session_gone(fixture.lua, session);
    assert_true(script_state_is_idle(fixture.lua));
    end_call(0, NULL);
    assert_int_equal(host.replies, 0);
    host.now += 2000;
    script_state_tick(fixture.lua); // raises inside, is logged
    assert_string_equal(host.sent, "");
    end();
}

static void test_state_goes_while_waiting(void **state)
{
    (void)state;
    begin("local x <close> = setmetatable({}, { __close = function() end }) amp.call{ Action = 'Ping' } reply:ok()");
    ask("Mine", "");
    ask("Mine", "");
    end(); // the tokens are ended after the state
}

static void test_reload_while_waiting(void **state)
{
    (void)state;
    begin("local got = amp.call{ Action = 'Ping' } reply:error(got.reason or 'none')");
    ask("Mine", "");
    script_state_retire(fixture.lua, host.now + 10000);
    script_state_tick(fixture.lua);
    assert_int_equal(host.replies, 0);
    host.now += 10000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: reloading\r\n\r\n");
    assert_true(script_state_is_idle(fixture.lua));
    end();
}

static void test_action_timeout_and_limit(void **state)
{
    (void)state;
    begin("return { name = 'Mine', timeout = '1s', run = function(a, reply) amp.sleep('1h') end }");
    ask("Mine", "");
    host.now += 1000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    for (int i = 0; i < 256; i++)
        ask("Mine", "");
    ask("Mine", "");
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    end();
}

static void test_timers_and_events(void **state)
{
    (void)state;
    begin("local n, ups, logins = 0, '', 0\n"
          "amp.every('30s', { once = true }, function() n = n + 1 amp.sleep('40s') end)\n"
          "amp.on('server.up', function(name) ups = ups .. name end)\n"
          "amp.on('session.login', function(s) logins = logins + 1 s:send{ Event = 'Welcome', User = s.user } end)\n"
          "return { name = 'Mine', run = function(a, reply) reply:ok{ N = n, Ups = ups, L = logins } end }");
    assert_int_equal(script_state_due(fixture.lua), host.now + 30000);
    for (int i = 0; i < 5; i++) { // runs at 30 s, skipped at 60, runs at 90, skipped at 120, runs at 150
        host.now += 30000;
        script_state_tick(fixture.lua);
    }
    script_event_tell(fixture.lua, SCRIPT_SERVER_UP, (struct handle){0}, "pbx1");
    script_event_tell(fixture.lua, SCRIPT_SESSION_LOGIN, session, NULL);
    assert_string_equal(host.sent, "Event: Welcome\r\nUser: dave\r\n\r\n");
    ask("Mine", "");
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nL: 1\r\nN: 3\r\nUps: pbx1\r\n\r\n");
    end();
}

static void test_shared(void **state)
{
    (void)state;
    begin("local s = amp.shared\n"
          "assert(s:get('a') == nil and s:set('a', 'text') == true and s:get('a') == 'text')\n"
          "assert(s:set('b', true) and s:get('b') == true and s:set('c', 1.5) and s:get('c') == 1.5)\n"
          "assert(s:incr('n') == 1 and s:incr('n', 5) == 6 and s:get('n') == 6 and s:incr('a') == nil)\n"
          "assert(s:add('a', 'x') == false and s:get('a') == 'text' and s:add('d', 'x') == true)\n"
          "assert(s:delete('a') == true and s:delete('a') == false and s:get('a') == nil)\n"
          "assert(s:set('e', 'short', '1s') and s:incr('f', 1, '1s') == 1)\n"
          "assert(#s:keys() == 6 and #s:keys('e') == 1 and s:keys('e')[1] == 'e')\n"
          "local ok, why = s:set('big', ('x'):rep(5000)) assert(ok == nil and why == 'full')\n"
          "assert(not pcall(s.set, s, 'x', {}))\n"
          "amp.sleep('2s')\n"
          "assert(s:get('e') == nil and s:get('f') == nil and s:incr('f', 1, '1s') == 1)\n"
          "s:set('b', nil) assert(s:get('b') == nil)\n"
          "reply:ok()");
    ask("Mine", "");
    host.now += 3000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

static void test_count_and_log(void **state)
{
    (void)state;
    begin("for i = 1, 300 do amp.log.debug('x' .. i) amp.count('mine.calls') end\n"
          "assert(amp.time() > 0 and amp.worker == 0) reply:ok()");
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    ask("Stats", "");
    assert_non_null(strstr(host.out, "mine.calls: 300\r\n"));
    end();
}

static void test_bad_proxy_actions(void **state)
{
    static const char *const bad[][2] = {
        {"return { name = 'Mine' }", "run: expected a function"},
        {"return { run = function() end }", "a proxy action has a name"},
        {"return { name = 'Mine', run = function() end,\n runn = 1 }", "mine.lua:2: runn: unknown key"},
        {"return { name = 'Mine', run = function() end, class = 'nosuch' }", "class: expected"},
        {"return { name = 'Mine', run = function() end, arguments = { A = 'x' } }", "arguments: expected"},
        {"return { name = 'Mine', run = function() end, timeout = '5 parsecs' }", "a duration is written"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct scripts scripts;
        struct error err;
        scripts_begin(&scripts);
        scripts_add(&scripts, SCRIPT_IS_PROXY_ACTION, "mine", bad[i][0]);
        assert_null(scripts_load(&scripts, &err));
        if (strstr(err.text, bad[i][1]) == NULL)
            fail_msg("expected \"%s\" in \"%s\"", bad[i][1], err.text);
        scripts_end(&scripts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stock_C33),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_call_at_once),
        cmocka_unit_test(test_call_all),
        cmocka_unit_test(test_server_action_and_pcall),
        cmocka_unit_test(test_session_goes),
        cmocka_unit_test(test_state_goes_while_waiting),
        cmocka_unit_test(test_reload_while_waiting),
        cmocka_unit_test(test_action_timeout_and_limit),
        cmocka_unit_test(test_timers_and_events),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_count_and_log),
        cmocka_unit_test(test_bad_proxy_actions),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
