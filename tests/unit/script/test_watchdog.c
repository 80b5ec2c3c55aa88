// tests/unit/script/test_watchdog.c: scripts that loop are stopped in time, and the state works afterwards. Times are
// CPU time of this thread, which a busy machine changes little.
#include "unit/script/limits_test.h"

#include <pthread.h>
#include <signal.h>

// The sanitizers make all code slower, also a single C function.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLACK_MS 60
#else
#define SLACK_MS 5
#endif

#define MOST_TRIES 20 // on a busy machine the watchdog may run late
#define LOOP_US 1000  // what the loop of slowness() took on the machine on which each slack was chosen

/** Runs `body` as a filter's message(m), which must fail and leave the state alive. @return how long it took */
static uint64_t stop_once(const char *body)
{
    struct one one;
    struct error err;
    char *script;

    one_begin(&one);
    one.scripts.setup.watchdog = watchdog;
    assert_true(asprintf(&script,
                         "local first = true\nreturn { message = function(m)\n"
                         "if not first then return true end first = false\n%s\nend }",
                         body) > 0);
    if (!one_load(&one, script, &err))
        fail_msg("%s", err.text);
    uint64_t before = thread_cpu_us();
    if (one_judge(&one, EVENT, NULL) != SCRIPT_FAIL)
        fail_msg("did not fail: %s", body);
    uint64_t used = thread_cpu_us() - before;
    if (one_judge(&one, EVENT, NULL) != SCRIPT_PASS)
        fail_msg("the state is broken after: %s", body);
    free(script);
    one_end(&one);
    return used;
}

/** Runs a loop that nobody stops. @return how many times LOOP_US it takes here and now, rounded up */
static uint64_t slowness(void)
{
    struct one one;
    struct error err;

    one_begin(&one);
    assert_true(
        one_load(&one, "return { message = function() local n = 0 for i = 1, 100000 do n = n + i % 7 end end }", &err));
    uint64_t before = thread_cpu_us();
    assert_int_equal(one_judge(&one, EVENT, NULL), SCRIPT_PASS);
    uint64_t used = thread_cpu_us() - before;
    one_end(&one);
    return (used + LOOP_US - 1) / LOOP_US;
}

/** Checks that it fails within the limit and `slack_ms`, or so many times more as this machine is slower. */
static void must_stop(const char *body, unsigned slack_ms)
{
    uint64_t used = 0;
    for (int i = 0; i < MOST_TRIES; i++) {
        used = stop_once(body);
        if (used <= (LIMIT_MS + slack_ms) * UINT64_C(1000) || test_is_emulated() ||
            used <= (LIMIT_MS + slack_ms * slowness()) * 1000)
            return;
    }
    fail_msg("took %u us: %s", (unsigned)used, body);
}

static void test_loops(void **state)
{
    (void)state;
    needs_time_limit();
    must_stop("while true do end", SLACK_MS);
    must_stop("while true do pcall(error) end", SLACK_MS);
    must_stop("while true do pcall(function() while true do end end) end", SLACK_MS);
    must_stop("local function f() while true do pcall(f) end end f()", SLACK_MS);
    must_stop("local function f() pcall(f) return f() end f()", SLACK_MS);
    must_stop("while true do local x <close> = setmetatable({}, { __close = function() while true do end end }) end",
              SLACK_MS);
    must_stop("local x <close> = setmetatable({}, { __close = function() while true do end end }) error('x')",
              SLACK_MS);
    must_stop("repeat local ok = pcall(string.rep, 'x', 1000) until false", SLACK_MS);
    must_stop("goto a ::a:: goto a", SLACK_MS);
    must_stop("for i = 1, math.huge do end", SLACK_MS);
}

static void test_callbacks(void **state)
{
    (void)state;
    needs_time_limit();
    must_stop("local t = {} for i = 1, 5000 do t[i] = i end table.sort(t, function(a, b) while true do end end)",
              SLACK_MS);
    must_stop("while true do local t = {} for i = 1, 5000 do t[i] = i % 7 end pcall(table.sort, t) end", SLACK_MS);
    must_stop("(('a'):rep(1000)):gsub('a', function() while true do end end)", SLACK_MS);
    must_stop("while true do (('a'):rep(1000)):gsub('a', tostring) end", SLACK_MS);
    must_stop("for _ in ('a'):gmatch('a') do while true do end end", SLACK_MS);
    must_stop("local t = setmetatable({}, { __index = function() while true do end end }) return t.x", SLACK_MS);
    must_stop("local t = setmetatable({}, { __tostring = function() while true do end end }) tostring(t)", SLACK_MS);
    must_stop("local t = setmetatable({}, { __lt = function() while true do end end }) return t < t", SLACK_MS);
    must_stop("local t = setmetatable({}, { __len = function() while true do end end }) return #t", SLACK_MS);
    must_stop("local t = setmetatable({}, { __concat = function() while true do end end }) return t .. t", SLACK_MS);
}

static void test_recursion(void **state)
{
    (void)state;
    needs_time_limit();
    must_stop("local function f(n) return 1 + f(n + 1) end f(1)", SLACK_MS + 20);
    must_stop("local function f(s) return f(s .. 'x') .. 'y' end f('')", SLACK_MS + 20);
    must_stop(
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k .. 'x'] end return t.x",
        SLACK_MS + 20);
    must_stop("local function f(...) return f(1, ...) end f()", SLACK_MS + 30);
}

static void test_patterns(void **state)
{
    (void)state;
    needs_time_limit();
    must_stop("('a'):rep(2000):find('.-.-b')", SLACK_MS);
    must_stop("('a'):rep(24):find('.-.-.-.-.-.-.-.-.-.-b')", SLACK_MS);
    must_stop("while true do pcall(string.find, ('a'):rep(2000), '.-.-b') end", SLACK_MS);
    must_stop("('a'):rep(2000):gsub('.-.-b', '')", SLACK_MS);
    must_stop("for _ in ('a'):rep(2000):gmatch('.*.*.*b') do end", SLACK_MS);
    must_stop("(('('):rep(100000)):find('%b()' , 1) error('x')", SLACK_MS);
    must_stop("while true do pcall(string.gsub, ('x y '):rep(10000), '%s+', '') end", SLACK_MS);
    must_stop("('a'):rep(60000):find('[^' .. ('b'):rep(60000) .. ']*b') error('x')", SLACK_MS);
    must_stop("('a'):rep(60000):find('%f[' .. ('b'):rep(60000) .. ']') error('x')", SLACK_MS);
    must_stop("('a'):rep(200000):find('^(.*)%1b') error('x')", SLACK_MS);
}

static void test_long_c_functions(void **state)
{
    (void)state;
    needs_time_limit();
    must_stop("('x'):rep(1 << 30)", SLACK_MS + 25);
    must_stop("('x'):rep(1 << 62, 'y')", SLACK_MS + 25);
    must_stop("(''):rep(1 << 62) error('x')", SLACK_MS);
    must_stop("local t = {} for i = 1, 20000 do t[i] = i end table.sort(t)", SLACK_MS + 25);
    must_stop("local s = ('x'):rep(1000000) local t = {} for i = 1, 9999 do t[i] = s end table.sort(t)", SLACK_MS + 25);
    must_stop("table.unpack({}, 1, 1 << 62)", SLACK_MS);
    must_stop("table.concat({}, '', 1, 1 << 62)", SLACK_MS);
    must_stop("table.concat(setmetatable({}, { __index = type }), '', 1, 1 << 62)", SLACK_MS);
    must_stop(
        "table.insert(setmetatable({}, { __len = function() return 1 << 60 end, __index = type }), 1, 2) error('x')",
        SLACK_MS);
    must_stop("return table.move({}, 1, 1 << 62, 2)", SLACK_MS);
    must_stop("os.date(('%c'):rep(100000))", SLACK_MS);
    must_stop("local t = {} for i = 1, 100000 do t[i] = '' end while true do table.concat(t) end", SLACK_MS);
    must_stop("while true do m:copy() end", SLACK_MS + 10);
    must_stop("while true do amp.set{'a', 'b', 'c'} end", SLACK_MS + 10);
}

/** Lua calls `__call` of a table that is `__call` of itself again and again, within one instruction. */
static void test_calls_of_tables(void **state)
{
    (void)state;
    needs_time_limit();
    must_stop("local t = setmetatable({}, {}) getmetatable(t).__call = t return t()", SLACK_MS + 60);
    must_stop("local t = setmetatable({}, {}) getmetatable(t).__call = t while true do pcall(t) end", SLACK_MS + 60);
    must_stop("local a, b = {}, {} setmetatable(a, { __call = b }) setmetatable(b, { __call = a }) a(m)",
              SLACK_MS + 60);
}

/** Memory that is refused because the time is up does not count as memory that is used up. */
static void test_late_memory_is_no_lack_of_it(void **state)
{
    struct one one;
    struct error err;
    (void)state;
    needs_time_limit();
    one_begin(&one);
    one.scripts.setup.watchdog = watchdog;
    assert_true(
        one_load(&one, "return { message = function() local t = {} setmetatable(t, { __call = t }) t() end }", &err));
    for (int i = 0; i < 3; i++)
        assert_int_equal(one_judge(&one, EVENT, NULL), SCRIPT_FAIL);
    assert_false(script_state_is_exhausted(one.state));
    one_end(&one);
}

static void test_memory(void **state)
{
    (void)state;
    needs_time_limit();
    must_stop("local t = {} for i = 1, 1e9 do t[i] = { i } end", SLACK_MS + 60);
    must_stop("local s = 'x' while true do s = s .. s end", SLACK_MS + 60);
    must_stop("local s = 'x' while true do pcall(function() s = s .. s end) end", SLACK_MS + 60);
    must_stop("local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end", SLACK_MS + 60);
    must_stop("local t = {} for i = 1, 1e9 do t[i] = function() return t end end", SLACK_MS + 60);
}

static void *worker_main(void *argument)
{
    struct one *one = argument;
    for (int i = 0; i < 5; i++)
        assert_int_equal(one_judge(one, EVENT, NULL), SCRIPT_FAIL);
    return NULL;
}

/** Two workers that loop at the same time are both stopped, and a third, which does not loop, is not. */
static void test_two_threads(void **state)
{
    struct one one[2];
    pthread_t threads[2];
    struct error err;
    (void)state;
    needs_time_limit();
    for (int i = 0; i < 2; i++) {
        one_begin(&one[i]);
        one[i].scripts.setup.watchdog = watchdog;
        assert_true(one_load(&one[i], "return { message = function(m) while true do end end }", &err));
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, worker_main, &one[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++)
        one_end(&one[i]);
}

static void *destroy_main(void *state)
{
    script_state_destroy(state);
    return NULL;
}

/** A signal comes to the thread that has made a state, after another one has freed it. */
static void test_signal_to_the_thread_that_made_a_state(void **state)
{
    struct one one;
    struct error err;
    pthread_t thread;
    (void)state;
    one_begin(&one);
    one.scripts.setup.watchdog = watchdog;
    assert_true(one_load(&one, "return { message = function(m) end }", &err));
    script_filter_unref(one.filter);
    script_state_leave_thread(one.state);
    assert_int_equal(pthread_create(&thread, NULL, destroy_main, one.state), 0);
    pthread_join(thread, NULL);
    assert_int_equal(pthread_sigqueue(pthread_self(), SIGRTMIN + 3, (union sigval){.sival_int = 0}), 0);
    assert_int_equal(raise(SIGRTMIN + 3), 0);
    scripts_end(&one.scripts);
}

/** After a pause the watchdog sleeps; the next long call wakes it. */
static void test_after_a_pause(void **state)
{
    (void)state;
    needs_time_limit();
    for (int i = 0; i < 3; i++) {
        (void)usleep(150000 + i * 7000);
        must_stop("while true do end", SLACK_MS);
    }
}

/** Calls within their time limit are never stopped, however many they are. */
static void test_short_calls_are_left_alone(void **state)
{
    struct one one;
    struct error err;
    (void)state;
    one_begin(&one);
    one.scripts.setup.watchdog = watchdog;
    assert_true(
        one_load(&one, "return { message = function(m) local n = 0 for i = 1, 1000 do n = n + i end end }", &err));
    struct message *message = message_of(EVENT), *changed;
    uint64_t before = thread_cpu_us();
    while (thread_cpu_us() - before < 300000)
        assert_int_equal(script_filter_message(one.filter, message, SCRIPT_EVENT, &changed), SCRIPT_PASS);
    message_unref(message);
    one_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_calls_are_left_alone),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_callbacks),
        cmocka_unit_test(test_recursion),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_long_c_functions),
        cmocka_unit_test(test_calls_of_tables),
        cmocka_unit_test(test_late_memory_is_no_lack_of_it),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_two_threads),
        cmocka_unit_test(test_signal_to_the_thread_that_made_a_state),
        cmocka_unit_test(test_after_a_pause),
    };
    log_set_level(LOG_LEVEL_ERROR);
    watchdog = script_watchdog_create();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    script_watchdog_destroy(watchdog);
    return failed;
}
