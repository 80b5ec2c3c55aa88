// tests/unit/script/script_test.h: states with scripts from texts; each script is written to a file of its own.
#ifndef SCRIPT_TEST_H
#define SCRIPT_TEST_H

#include "ami/parser.h"
#include "script/script.h"
#include "script/shared.h"
#include "script/watchdog.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "unit/test.h"

/** Makes a message from AMI text; the caller owns it. */
static inline struct message *message_of(const char *text)
{
    struct parser *parser = parser_create(NULL);
    size_t length = strlen(text), room;
    memcpy(parser_reserve(parser, length + 4, &room), text, length);
    parser_commit(parser, length);
    struct message *message = parser_next(parser);
    parser_destroy(parser);
    assert_non_null(message);
    return message;
}

struct scripts {
    char folder[64];
    struct script_files files;
    struct script_setup setup;
};

static inline void scripts_begin(struct scripts *scripts)
{
    memset(scripts, 0, sizeof *scripts);
    strcpy(scripts->folder, "/tmp/amp-script-test-XXXXXX");
    assert_non_null(mkdtemp(scripts->folder));
    script_limits_default(&scripts->setup.limits);
    scripts->setup.root = scripts->folder;
}

/** Adds a script; its name is that of the file without .lua. */
static inline void scripts_add(struct scripts *scripts, enum script_kind kind, const char *name, const char *text)
{
    char path[256];
    struct error err;
    (void)snprintf(path, sizeof path, "%s/%s.lua", scripts->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    (void)fclose(file);
    assert_true(script_files_add(&scripts->files, scripts->folder, kind, path, &err));
    free(scripts->files.items[scripts->files.count - 1].name);
    scripts->files.items[scripts->files.count - 1].name = strdup(name);
}

static inline struct script_state *scripts_load(struct scripts *scripts, struct error *err)
{
    scripts->setup.files = &scripts->files;
    err->text[0] = '\0';
    return script_state_create(&scripts->setup, err);
}

static inline void scripts_end(struct scripts *scripts)
{
    for (size_t i = 0; i < scripts->files.count; i++)
        (void)unlink(scripts->files.items[i].path);
    (void)rmdir(scripts->folder);
    script_files_fini(&scripts->files);
}

/** Makes a state with one filter `f` of this text, for the user dave. */
struct one {
    struct scripts scripts;
    struct script_state *state;
    struct script_filter *filter;
};

static inline void one_begin(struct one *one)
{
    memset(one, 0, sizeof *one);
    scripts_begin(&one->scripts);
}

static inline bool one_load(struct one *one, const char *text, struct error *err)
{
    struct script_user dave = {.name = "dave", .account = "acct", .read = 2, .write = 2};
    scripts_add(&one->scripts, SCRIPT_IS_FILTER, "f", text);
    one->state = scripts_load(&one->scripts, err);
    if (one->state != NULL)
        one->filter = script_filter_create(one->state, "f", NULL, &dave, false, err);
    return one->filter != NULL;
}

static inline void one_end(struct one *one)
{
    script_filter_unref(one->filter);
    script_state_destroy(one->state);
    scripts_end(&one->scripts);
}

/** Returns the verdict on an event of this text; `changed` (may be NULL) gets a changed copy. */
static inline enum script_verdict one_judge(struct one *one, const char *text, struct message **changed)
{
    struct message *message = message_of(text), *copy;
    enum script_verdict verdict = script_filter_message(one->filter, message, SCRIPT_EVENT, &copy);
    message_unref(message);
    if (changed != NULL)
        *changed = copy;
    else
        message_unref(copy);
    return verdict;
}

/** Runs `text` as the `message` of a filter; fails the test if it raises. */
static inline void lua_ok(const char *text)
{
    struct one one;
    struct error err;
    char *script;

    one_begin(&one);
    assert_true(asprintf(&script, "return { message = function(m)\n%s\nend }", text) > 0);
    if (!one_load(&one, script, &err))
        fail_msg("%s", err.text);
    free(script);
    enum script_verdict verdict =
        one_judge(&one, "Event: Test\r\nChannel: SIP/100-1\r\nTwo: a\r\nTwo: b\r\n\r\n", NULL);
    if (verdict == SCRIPT_FAIL)
        fail_msg("failed: %s", text);
    one_end(&one);
}

/** Runs it; the test fails unless the script fails. */
static inline void lua_bad(const char *text)
{
    struct one one;
    struct error err;
    char *script;

    one_begin(&one);
    assert_true(asprintf(&script, "return { message = function(m)\n%s\nend }", text) > 0);
    if (!one_load(&one, script, &err))
        fail_msg("%s", err.text);
    free(script);
    if (one_judge(&one, "Event: Test\r\nChannel: SIP/100-1\r\n\r\n", NULL) != SCRIPT_FAIL)
        fail_msg("did not fail: %s", text);
    one_end(&one);
}

/** Checks that the start is refused with a text that contains `part`. */
static inline void load_bad(const char *text, const char *part)
{
    struct one one;
    struct error err;

    one_begin(&one);
    if (one_load(&one, text, &err))
        fail_msg("loaded: %s", text);
    if (strstr(err.text, part) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", part, err.text);
    one_end(&one);
}

static inline uint64_t thread_cpu_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

#endif
