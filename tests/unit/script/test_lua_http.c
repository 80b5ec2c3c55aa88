// tests/unit/script/test_lua_http.c: amp.http, with a host of the test: what it is asked, and when it is left.
#include "unit/script/action_test.h"

static struct {
    struct script_call *call; // that waits; NULL: none does
    char asked[512], user[64], script[64];
    unsigned left;
} web;

static void web_http(void *context, struct script_call *call, const struct script_request *request)
{
    size_t used;
    (void)context;

    used = (size_t)snprintf(web.asked, sizeof web.asked, "%s %s timeout=%d body=%.*s", request->method, request->url,
                            (int)request->timeout_ms, (int)request->body.length, request->body.bytes);
    for (size_t i = 0; i < request->header_count; i++)
        used += (size_t)snprintf(web.asked + used, sizeof web.asked - used, " [%s]", request->headers[i]);
    (void)snprintf(web.user, sizeof web.user, "%s", request->user == NULL ? "-" : request->user);
    (void)snprintf(web.script, sizeof web.script, "%s", request->script);
    web.call = call;
}

static bool web_leave(void *context, struct script_call *call)
{
    (void)context;
    if (call != web.call)
        return false;
    web.call = NULL;
    web.left++;
    return true;
}

static void web_begin(const char *run)
{
    memset(&web, 0, sizeof web);
    begin("amp.log.debug('x') return { name = 'Other', run = function() end }");
    end();
    // begin() sets the host: this one has the web, too
    fixture.scripts.setup.host.http = web_http;
    fixture.scripts.setup.host.leave = web_leave;
    struct error err;
    struct script_host keep = fixture.scripts.setup.host;
    scripts_begin(&fixture.scripts);
    fixture.scripts.setup.host = keep;
    fixture.scripts.setup.shared = script_shared_create(4096);
    char *script;
    assert_true(asprintf(&script,
                         "return { name = 'Mine', timeout = '60s', run = function(a, reply, session)\n%s\nend }",
                         run) > 0);
    scripts_add(&fixture.scripts, SCRIPT_IS_PROXY_ACTION, "mine", script);
    free(script);
    fixture.lua = scripts_load(&fixture.scripts, &err);
    if (fixture.lua == NULL)
        fail_msg("%s", err.text);
}

/** Ends the wait as the host does. */
static void web_answer(unsigned status, const char *head, const char *body, const char *reason)
{
    struct script_call *call = web.call;

    web.call = NULL;
    if (status != 0)
        script_call_fetched(call, status, span_of(head), span_of(body));
    script_call_end(call, reason);
}

static void a_request_is_sent_and_answered(void **state)
{
    (void)state;
    web_begin("local got, why = amp.http{ url = 'https://crm.example/x', method = 'PUT', body = 'b', timeout = '3s',\n"
              "  headers = { ['X-A'] = 1, Empty = '' } }\n"
              "reply:ok{ S = got.status, B = got.body, K = got.headers.kind, N = got.headers['x-none'] or 'none' }");
    ask("Mine", "");
    assert_int_equal(host.finals, 0);
    assert_non_null(strstr(web.asked, "PUT https://crm.example/x timeout=3000 body=b"));
    assert_non_null(strstr(web.asked, "[X-A: 1]"));
    assert_non_null(strstr(web.asked, "[Empty;]"));
    assert_string_equal(web.user, "dave");
    assert_string_equal(web.script, "mine");
    web_answer(200, "HTTP/1.1 200 OK\r\nKind: a\r\nkind:b  \r\n: x\r\nnonsense\r\n\r\n", "text", NULL);
    assert_string_equal(host.out,
                        "Response: Success\r\nActionID: 9\r\nB: text\r\nK: a, b\r\nN: none\r\nS: 200\r\n\r\n");
    end();
}

static void failures_are_results(void **state)
{
    (void)state;
    web_begin("local got, why = amp.http{ url = a.Url } reply:ok{ Got = tostring(got), Why = why }");
    ask("Mine", "Url: https://crm.example\r\n");
    assert_non_null(strstr(web.asked, "GET https://crm.example timeout=10000"));
    web_answer(0, NULL, NULL, "no route");
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nGot: nil\r\nWhy: no route\r\n\r\n");
    ask("Mine", "Url: ftp://crm.example\r\n");
    assert_non_null(strstr(host.out, "Why: expected a URL that begins with https:// or http://"));
    ask("Mine", "Url: https://crm.example\r\n");
    host.now += 10000;
    script_state_tick(fixture.lua);
    assert_non_null(strstr(host.out, "Why: no answer in time"));
    assert_int_equal(web.left, 1);
    end();
}

/** The host drops the request at once, and the token with it. */
static void the_wait_ends_with_its_asker(void **state)
{
    (void)state;
    web_begin("local got, why = amp.http{ url = 'https://crm.example' } reply:ok{ Why = why }");
    ask("Mine", "");
    script_session_gone(fixture.lua, session);
    assert_int_equal(web.left, 1);
    assert_int_equal(host.replies, 0);
    ask("Mine", "");
    script_state_retire(fixture.lua, host.now + 10);
    host.now += 10;
    script_state_tick(fixture.lua);
    assert_int_equal(web.left, 2);
    assert_non_null(strstr(host.out, "Why: reloading"));
    end();
    web_begin("amp.http{ url = 'https://crm.example' }");
    ask("Mine", "");
    end();
    assert_int_equal(web.left, 1);
}

static void answers_count_as_memory(void **state)
{
    char *long_body = malloc(40 << 20);
    (void)state;

    assert_non_null(long_body);
    memset(long_body, 'x', 40 << 20);
    long_body[(40 << 20) - 1] = '\0';
    web_begin("local got, why = amp.http{ url = 'https://crm.example' } reply:ok{ Why = why }");
    ask("Mine", "");
    web_answer(200, "", long_body, NULL);
    assert_non_null(strstr(host.out, "Why: the answer is too large"));
    end();
    free(long_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_sent_and_answered),
        cmocka_unit_test(failures_are_results),
        cmocka_unit_test(the_wait_ends_with_its_asker),
        cmocka_unit_test(answers_count_as_memory),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
