// core/run/trial.c: see trial.h. Each message is one line `VERDICT Event: Newchannel …`, then one line for each header
// that was changed (`  ~`), added (`  +`) or taken out (`  -`).
#include "run/trial_inside.h"

#include "ami/parser.h"
#include "base/memory.h"
#include "config/source.h"
#include "script/shared.h"
#include "script/watchdog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CAPTURE_BYTES ((size_t)256 * 1024 * 1024)
#define ROUNDS 10000         // most rounds in which a filter is measured
#define MEASURED_NS 20000000 // longest time of a measurement

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void show_header(FILE *out, const char *mark, struct span name, struct span value)
{
    fprintf(out, "  %s %.*s%s%.*s\n", mark, (int)name.length, name.bytes, name.length > 0 ? ": " : "",
            (int)value.length, value.bytes);
}

/** Does `message` have the header with this value? */
static bool trial_has(const struct message *message, struct span name, struct span value)
{
    struct span other_name, other_value;

    for (uint32_t i = 0; i < message->header_count; i++) {
        message_header(message, i, &other_name, &other_value);
        if (span_equals(name, other_name) && span_equals(value, other_value))
            return true;
    }
    return false;
}

static void show_changes(FILE *out, const struct message *before, const struct message *after)
{
    struct span name, value;

    for (uint32_t i = 0; i < before->header_count; i++) {
        message_header(before, i, &name, &value);
        if (!trial_has(after, name, value))
            show_header(out, "-", name, value);
    }
    for (uint32_t i = 0; i < after->header_count; i++) {
        message_header(after, i, &name, &value);
        if (!trial_has(before, name, value))
            show_header(out, "+", name, value);
    }
}

/** The judgement of an action. */
struct judged {
    enum script_verdict verdict;
    struct message *action; // one reference, if it was changed
    char reason[200];
    bool done;
};

static void on_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    struct judged *judged = context;
    (void)session;

    judged->verdict = verdict;
    judged->action = verdict == SCRIPT_CHANGE ? message_ref(action) : NULL;
    judged->done = true;
    snprintf(judged->reason, sizeof judged->reason, "%s", reason == NULL ? "" : reason);
}

static struct judged trial_judge(struct trial *trial, struct message *message)
{
    struct judged judged = {.verdict = SCRIPT_PASS, .done = true};

    if (trial->view == NULL)
        return judged;
    if (message->kind == MESSAGE_ACTION) {
        judged.done = false;
        script_chain_action(trial->view->filters, trial->view->count, message, (struct handle){0}, on_judged, &judged);
        return judged;
    }
    script_state_heard(trial->state, message);
    judged.verdict =
        script_chain_message(trial->view->filters, trial->view->count, message,
                             message->kind == MESSAGE_RESPONSE ? SCRIPT_ANSWER : SCRIPT_EVENT, &judged.action);
    return judged;
}

void trial_keep(struct trial *trial, struct message *message)
{
    if (trial->kept == trial->capacity) {
        trial->capacity = trial->capacity * 2 + 64;
        trial->messages = memory_grow(trial->messages, trial->capacity * sizeof *trial->messages);
    }
    trial->messages[trial->kept++] = message_ref(message);
}

void trial_message(struct trial *trial, struct message *message)
{
    static const char *const words[] = {
        [SCRIPT_PASS] = "pass", [SCRIPT_DROP] = "drop", [SCRIPT_CHANGE] = "change", [SCRIPT_FAIL] = "fail"};
    struct span name, value;
    struct judged judged = trial_judge(trial, message);

    trial->count++;
    trial->failed += judged.done && judged.verdict == SCRIPT_FAIL;
    message_header(message, message->decides, &name, &value);
    fprintf(trial->out, "%-6s ", judged.done ? words[judged.verdict] : "waits");
    fprintf(trial->out, "%.*s%s%.*s%s%s\n", (int)name.length, name.bytes, name.length > 0 ? ": " : "",
            (int)value.length, value.bytes, judged.reason[0] != '\0' ? "  # " : "", judged.reason);
    if (judged.done && judged.verdict == SCRIPT_CHANGE)
        show_changes(trial->out, message, judged.action);
    message_unref(judged.action);
}

/** Visits all messages of the capture. A banner line is skipped. */
static void trial_visit(const struct source *capture, void (*visit)(struct trial *trial, struct message *message),
                        struct trial *trial)
{
    struct parser *parser = parser_create(NULL);
    const char *at = capture->bytes, *end = at + capture->length;
    struct message *message;

    if (capture->length > 22 && memcmp(at, "Asterisk Call Manager/", 22) == 0 &&
        memchr(at, '\n', capture->length) != NULL)
        at = (const char *)memchr(at, '\n', capture->length) + 1;
    for (bool more = true; more;) {
        size_t room;
        char *bytes = parser_reserve(parser, 65536, &room);
        size_t count = (size_t)(end - at) < room ? (size_t)(end - at) : room;
        memcpy(bytes, at, count);
        parser_commit(parser, count);
        at += count;
        more = at < end;
        if (!more)
            parser_settle(parser);
        while ((message = parser_next(parser)) != NULL) {
            visit(trial, message);
            message_unref(message);
        }
    }
    parser_destroy(parser);
}

bool trial_read(struct trial *trial, const char *path, void (*visit)(struct trial *trial, struct message *message))
{
    struct source capture = {0};
    struct error err;

    if (!source_read(path, CAPTURE_BYTES, &capture, &err)) {
        fprintf(stderr, "astmanproxy: %s: %s\n", path, err.text);
        return false;
    }
    trial_visit(&capture, visit, trial);
    source_fini(&capture);
    return true;
}

/** Shows a message, and keeps it for the measurement of the filters afterwards. */
static void on_message(struct trial *trial, struct message *message)
{
    trial_message(trial, message);
    if (message->kind != MESSAGE_ACTION)
        trial_keep(trial, message);
}

/** Shows the first line that differs. @return false: one differs, or the file cannot be read */
static bool trial_compare(const char *shown, size_t length, const char *expected)
{
    struct source wanted = {0};
    struct error err;
    size_t line = 1, i = 0;

    if (!source_read(expected, CAPTURE_BYTES, &wanted, &err)) {
        fprintf(stderr, "astmanproxy: %s: %s\n", expected, err.text);
        return false;
    }
    while (i < length && i < wanted.length && shown[i] == wanted.bytes[i])
        line += shown[i++] == '\n';
    bool same = i == length && i == wanted.length;
    if (!same) {
        struct source got;
        source_init(&got, "-", (struct span){shown, length}, 0);
        struct span is = source_line(&got, line), should = source_line(&wanted, line);
        printf("%s:%zu: expected: %.*s\n%s:%zu: found:    %.*s\n", expected, line, (int)should.length, should.bytes,
               expected, line, (int)is.length, is.bytes);
        source_fini(&got);
    }
    source_fini(&wanted);
    return same;
}

/** Loads the scripts. @param strict  see struct scripts_place @return false: `err` is set */
static bool scratch_init(struct scratch *scratch, const struct config *config, bool strict, struct error *err)
{
    scratch->place = (struct scripts_place){
        .watchdog = script_watchdog_create(), .shared = script_shared_create(config->scripts.shared), .strict = strict};
    scratch->scripts = scripts_create(config, &scratch->place, err);
    return scratch->scripts != NULL;
}

static void scratch_fini(struct scratch *scratch)
{
    scripts_destroy(scratch->scripts);
    script_shared_destroy(scratch->place.shared);
    script_watchdog_destroy(scratch->place.watchdog);
}

/** Measures the filter alone. @return nanoseconds for one message: the mean of as many rounds as fit into MEASURED_NS.
 *  The clock is read once a round, because reading it costs more than a filter. */
static uint64_t trial_measure(const struct trial *trial, struct script_filter *filter)
{
    uint64_t spent = 0, judged = 0;

    for (unsigned round = 0; round < ROUNDS && spent < MEASURED_NS && trial->kept > 0; round++) {
        uint64_t start = now_ns();
        for (size_t i = 0; i < trial->kept; i++) {
            struct message *changed;
            (void)script_filter_message(filter, trial->messages[i],
                                        trial->messages[i]->kind == MESSAGE_RESPONSE ? SCRIPT_ANSWER : SCRIPT_EVENT,
                                        &changed);
            message_unref(changed);
        }
        spent += now_ns() - start;
        judged += trial->kept;
    }
    return judged > 0 ? spent / judged : 0;
}

/** Writes a line for each filter to stderr; stdout is compared by --expect. */
static void show_figures(const struct trial *trial, const struct config *config, const struct user_config *user)
{
    struct scratch fresh; // so that the state of the filters is not changed, and messages are passed as in service
    struct error err;
    size_t count = trial->view == NULL ? 0 : trial->view->count;
    bool times = count > 0 && trial->failed == 0 && scratch_init(&fresh, config, false, &err);
    const struct view *view = times ? scripts_view(fresh.scripts, config, user) : NULL;

    for (size_t i = 0; i < count; i++) {
        struct script_report report = script_filter_report(trial->view->filters[i]);
        fprintf(stderr, "filter %s: asked %" PRIu64 " times, entered Lua %" PRIu64, report.name, report.seen,
                report.entered);
        if (view != NULL)
            fprintf(stderr, ", %" PRIu64 " ns each", trial_measure(trial, view->filters[i]));
        fprintf(stderr, "\n");
    }
    fprintf(stderr, "%" PRIu64 " messages, %zu filters\n", trial->count, count);
    if (times)
        scratch_fini(&fresh);
}

/** Runs the capture through the filters. @return the exit code */
static int trial_run(struct trial *trial, const struct config *config, const struct user_config *user, const char *path,
                     const char *expected)
{
    char *shown = NULL;
    size_t length = 0;

    if (expected != NULL)
        trial->out = open_memstream(&shown, &length);
    bool good = trial_read(trial, path, on_message);
    if (expected != NULL) {
        fclose(trial->out);
        good = good && trial_compare(shown, length, expected);
        free(shown);
        return good ? 0 : 1;
    }
    if (!good)
        return 1;
    fflush(stdout);
    show_figures(trial, config, user);
    if (trial->failed > 0) // stderr has the log, which says where and why
        fprintf(stderr, "astmanproxy: %s: the filters failed on %" PRIu64 " messages\n", path, trial->failed);
    return trial->failed > 0 ? 1 : 0;
}

const struct user_config *trial_begin(struct trial *trial, struct scratch *scratch, const struct config *config,
                                      const char *user)
{
    const struct user_config *entry = config_find_user(config, span_of(user));
    struct error err;

    if (entry == NULL) {
        fprintf(stderr, "astmanproxy: there is no user %s in %s\n", user, config->path);
        return NULL;
    }
    if (!scratch_init(scratch, config, true, &err)) {
        fprintf(stderr, "astmanproxy: %s\n", err.text);
        scratch_fini(scratch);
        return NULL;
    }
    *trial = (struct trial){
        .view = scripts_view(scratch->scripts, config, entry), .state = scripts_state(scratch->scripts), .out = stdout};
    return entry;
}

void trial_end(struct trial *trial, struct scratch *scratch)
{
    for (size_t i = 0; i < trial->kept; i++)
        message_unref(trial->messages[i]);
    free(trial->messages);
    scratch_fini(scratch);
}

int try_capture(const struct config *config, const char *user, const char *capture, const char *expected)
{
    struct trial trial;
    struct scratch scratch;
    const struct user_config *entry = trial_begin(&trial, &scratch, config, user);

    if (entry == NULL)
        return 1;
    int code = trial_run(&trial, config, entry, capture, expected);
    trial_end(&trial, &scratch);
    return code;
}

bool try_tests(const struct config *config, struct error *err)
{
    struct scratch scratch;
    bool passed = scratch_init(&scratch, config, true, err) && scripts_test(scratch.scripts, err);

    scratch_fini(&scratch);
    return passed;
}
