// tests/unit/script/action_test.h: proxy actions with a host of the test: one state with all stock proxy actions and
// one proxy action of the test.
#ifndef UNIT_ACTION_TEST_H
#define UNIT_ACTION_TEST_H

#include "unit/script/script_test.h"

#define CALLS 16

/** The program as scripts see it. */
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
    char out[16384]; // all replies
    int replies, finals;
} host;

static inline uint64_t host_clock(void *context)
{
    (void)context;
    return host.now;
}

static inline void host_call(void *context, struct script_call *call, const char *server, struct message *action,
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

static inline void host_ask(void *context, struct script_call *call, enum script_ask what,
                            const struct message *arguments)
{
    struct span server = {"", 0};
    (void)context;
    if (arguments != NULL)
        (void)message_find(arguments, what == SCRIPT_ASK_CLOSE_SESSION ? "Session" : "Server", &server);
    if (what == SCRIPT_ASK_CLOSE_SESSION) {
        script_call_end(call, span_is(server, "2") ? NULL : "There is no such session");
        return;
    }
    if (what == SCRIPT_ASK_CONTROL) {
        struct message_builder event;
        struct span command;
        message_find(arguments, "Command", &command);
        message_builder_init(&event);
        message_addf(&event, "Event", "Done");
        message_add(&event, span_of("What"), command);
        struct message *message = message_build(&event);
        script_call_message(call, message);
        message_unref(message);
        script_call_end(call, span_is(command, "drain") ? "There is no server x" : NULL);
        return;
    }
    if (what == SCRIPT_ASK_CLUSTER) {
        script_call_end(call, "There is no cluster");
        return;
    }
    script_call_end(call, what == SCRIPT_ASK_RELOAD ? "astmanproxy.yaml:3:1: expected …"
                          : span_is(server, "pbx1") ? NULL
                                                    : "no such server");
}

static inline void host_servers(void *context, void (*visit)(void *, const struct script_server_info *), void *visitor)
{
    static const struct script_server_info servers[] = {
        {"pbx1", "pbx1.example", "192.0.2.1", "proxy", "on", NULL, 5038, true},
        {"pbx2", "pbx2.example", "192.0.2.2", "proxy", "off", NULL, 5039, false},
    };
    (void)context;
    visit(visitor, &servers[0]);
    visit(visitor, &servers[1]);
}

static inline void host_sessions(void *context, const struct script_session_range *range,
                                 void (*visit)(void *, const struct script_session_info *), void *visitor)
{
    struct script_session_info other = {
        .id = 2, .user = "anna", .ip = "192.0.2.9", .input = "standard", .output = "csv"};
    const struct script_session_info *all[] = {&other, &host.session};
    (void)context;
    for (uint32_t i = 0, shown = 0; i < sizeof all / sizeof all[0] && shown < range->most; i++) {
        if (all[i]->id >= range->before || (range->user != NULL && strcmp(range->user, all[i]->user) != 0))
            continue;
        visit(visitor, all[i]);
        shown++;
    }
}

static inline void host_formats(void *context, void (*visit)(void *, const struct script_format_info *), void *visitor)
{
    struct script_format_info standard = {"standard", true, true}, csv = {"csv", false, true};
    (void)context;
    visit(visitor, &standard);
    visit(visitor, &csv);
}

static inline void host_stats(void *context, void (*visit)(void *, const char *, uint64_t), void *visitor)
{
    (void)context;
    visit(visitor, "Sessions", 2);
}

static inline void host_session_info(void *context, struct handle session, struct script_session_info *info)
{
    (void)context;
    (void)session;
    *info = host.session;
}

static inline void host_send(void *context, struct handle session, struct message *message)
{
    (void)context;
    (void)session;
    (void)snprintf(host.sent, sizeof host.sent, "%.*s", (int)message_wire(message).length, message_wire(message).bytes);
}

static inline bool host_set_format(void *context, struct handle session, const char *name)
{
    (void)context;
    (void)session;
    if (strcmp(name, "csv") != 0)
        return false;
    host.session.output = "csv";
    return true;
}

static inline void host_set_autofilter(void *context, struct handle session, uint32_t mode)
{
    (void)context;
    (void)session;
    host.session.autofilter = mode;
}

static inline void host_close(void *context, struct handle session)
{
    (void)context;
    (void)session;
    host.closed = true;
}

static inline void on_reply(void *context, struct handle session, struct message *message, bool final)
{
    (void)context;
    (void)session;
    size_t used = strlen(host.out);
    struct span wire = message_wire(message);
    (void)snprintf(host.out + used, sizeof host.out - used, "%.*s", (int)wire.length, wire.bytes);
    host.replies++;
    host.finals += final;
}

/** Makes a state with all stock proxy actions and `Mine`, a proxy action of the test. */
static struct fixture {
    struct scripts scripts;
    struct script_state *lua;
} fixture;

static inline void begin(const char *run)
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

static inline void end(void)
{
    script_state_destroy(fixture.lua);
    for (int i = 0; i < host.call_count; i++) {
        if (host.calls[i] != NULL)
            script_call_end(host.calls[i], NULL); // tokens outlive the state
        message_unref(host.asked[i]);
    }
    script_shared_destroy(fixture.scripts.setup.shared);
    // The folder contains only the test's own file.
    struct script_files *files = &fixture.scripts.files;
    (void)unlink(files->items[0].path);
    (void)rmdir(fixture.scripts.folder);
    script_files_fini(files);
}

static const struct handle session = {7, 1};

/** Runs a proxy action; its messages are in host.out. */
static inline void ask(const char *name, const char *headers)
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

static inline void end_call(int call, const char *reason)
{
    struct script_call *token = host.calls[call];
    host.calls[call] = NULL;
    script_call_end(token, reason);
}

static inline void expect(const char *name, const char *headers, const char *expected)
{
    ask(name, headers);
    assert_string_equal(host.out, expected);
    assert_int_equal(host.finals, 1);
}

/** Answers call `call` with that text, as a server would. */
static inline void answer(int call, const char *text)
{
    struct message *message = message_of(text);
    script_call_message(host.calls[call], message);
    message_unref(message);
}

#endif
