// tests/bench/bench_filters.c: what one filter costs per user and message, in nanoseconds of CPU time, best of nine.
// bench_filters [ROW [CALLS]]: only rows with this text in their name; few calls are enough to count instructions.
#include "script/script.h"
#include "script/watchdog.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 9
#define CALLS 300000

static int calls = CALLS;

static const char *const headers[] = {
    "Privilege: dialplan,all",
    "Channel: PJSIP/100-0000001f",
    "ChannelState: 6",
    "ChannelStateDesc: Up",
    "CallerIDNum: 100",
    "CallerIDName: Anna",
    "ConnectedLineNum: <unknown>",
    "ConnectedLineName: <unknown>",
    "Language: en",
    "AccountCode: tenant-a",
    "Context: tenant-a",
    "Exten: 200",
    "Priority: 3",
    "Uniqueid: 1795393947.17",
    "Linkedid: 1795393947.17",
    "Variable: DIALSTATUS",
    "Value: ANSWER",
    "Server: pbx1",
};

static const struct {
    const char *what, *script;
    double goal_ns;
} rows[] = {
    {"not subscribed", "return { events = {'Hangup'}, message = function(m) end }", 5},
    {"native, event alone", "return { events = {'VarSet'}, otherwise = true }", 0},
    {"native, 1 clause", "return { where = { Context = 'tenant-a' }, otherwise = false }", 13},
    {"native, 3 clauses",
     "return { where = { Context = 'tenant-a', Exten = '200', Variable = 'DIALSTATUS' }, otherwise = false }", 29},
    {"native, 1 clause with a set", "return { where = { Context = amp.set{'tenant-a', 'b', 'c'} }, otherwise = false }",
     0},
    {"Lua, nothing", "return { message = function(m) end }", 0},
    {"Lua, 1 header", "return { message = function(m) return m.Context == 'tenant-a' end }", 80},
    {"Lua, 4 headers",
     "return { message = function(m) return m.Event == 'VarSet' and m.Context == 'tenant-a' and m.Exten == '200' and "
     "m.Variable == 'DIALSTATUS' end }",
     215},
    {"Lua, m:starts", "return { message = function(m) return m:starts('Channel', 'PJSIP/') end }", 0},
    {"Lua, sub", "return { message = function(m) return m.Channel:sub(1, 6) == 'PJSIP/' end }", 0},
    {"Lua, match with a capture",
     "return { message = function(m) return m.Channel:match('^PJSIP/(%d+)') == '100' end }", 0},
    {"Lua, 1 write", "return { message = function(m) m.AccountCode = 'x' end }", 200},
    {"Lua, 1 header taken out", "return { message = function(m) m.AccountCode = nil end }", 0},
    {"Lua, 4 writes",
     "return { message = function(m) m.CallerIDNum = '1' m.Exten = '2' m.New = 'x' m.ConnectedLineNum = nil end }", 0},
    {"Lua, error", "return { message = function(m) error('x') end }", 0},
};

static struct message *make_message(void)
{
    struct message_builder builder;
    message_builder_init(&builder);
    message_addf(&builder, "Event", "VarSet");
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const char *colon = strchr(headers[i], ':');
        message_add(&builder, (struct span){headers[i], (size_t)(colon - headers[i])}, span_of(colon + 2));
    }
    return message_build(&builder);
}

static double cpu_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double measure(struct script_filter *filter, struct message *const messages[2])
{
    double best = 1e18;
    struct message *changed;
    for (int round = 0; round < ROUNDS; round++) {
        double before = cpu_ns();
        for (int i = 0; i < calls; i++) {
            (void)script_filter_message(filter, messages[i & 1], SCRIPT_EVENT, &changed);
            message_unref(changed);
        }
        double used = (cpu_ns() - before) / calls;
        best = used < best ? used : best;
    }
    return best;
}

/** A state of one filter with this text. */
static struct script_state *load(const char *text, struct script_watchdog *watchdog, struct script_filter **filter)
{
    char path[] = "/tmp/amp-bench-XXXXXX.lua";
    int fd = mkstemps(path, 4);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        perror(path);
        exit(1);
    }
    (void)close(fd);
    struct script_file file = {SCRIPT_IS_FILTER, "bench", path};
    struct script_files files = {&file, 1};
    struct script_setup setup = {.files = &files, .watchdog = watchdog};
    struct error err = {""};
    script_limits_default(&setup.limits);
    setup.limits.quarantine = 0;
    struct script_state *state = script_state_create(&setup, &err);
    *filter = state == NULL ? NULL : script_filter_create(state, "bench", NULL, NULL, false, &err);
    (void)unlink(path);
    if (*filter == NULL) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return state;
}

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "";
    struct script_watchdog *watchdog = script_watchdog_create();
    // A second user asks of the same message, or each message is asked for once.
    struct message *in_turn[] = {make_message(), make_message()}, *same[] = {in_turn[0], in_turn[0]};

    if (argc > 2)
        calls = atoi(argv[2]);
    log_set_level(LOG_LEVEL_ERROR);
    if (freopen("/dev/null", "w", stderr) == NULL) // failures that are meant
        return 1;
    (void)printf("| filter | ns | first user, ns | goal |\n| --- | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script_filter *filter;
        if (strstr(rows[i].what, wanted) == NULL)
            continue;
        struct script_state *state = load(rows[i].script, watchdog, &filter);
        (void)printf("| %s | %.1f | %.1f | ", rows[i].what, measure(filter, same), measure(filter, in_turn));
        if (rows[i].goal_ns > 0)
            (void)printf("%.0f ", rows[i].goal_ns);
        (void)printf("|\n");
        script_filter_unref(filter);
        script_state_destroy(state);
    }
    message_unref(in_turn[0]);
    message_unref(in_turn[1]);
    script_watchdog_destroy(watchdog);
    return 0;
}
