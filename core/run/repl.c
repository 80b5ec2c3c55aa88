// core/run/repl.c: see repl.h. A line is a command, which begins with a dot, or Lua.
#include "run/repl.h"

#include "base/memory.h"
#include "run/trial_inside.h"

#include <stdlib.h>
#include <unistd.h>

struct repl {
    struct trial trial;
    struct script_repl *lua;
    struct message **messages; // of the capture
    size_t count, at;          // `at`: the next one; the current one is before it
    bool failed;
};

static const char help[] =
    "An expression shows its value, a statement is run. m is the current message; x = 1 is kept for later lines.\n"
    ".next [EVENT]  goes to the next message, or the next event of that name, and shows what the filters make of it\n"
    ".show          shows the current message\n"
    ".each EXPR     shows the messages of the capture for which the expression is true, and how many\n"
    ".rewind        goes before the first message\n"
    ".quit          ends, as the end of the input does\n";

static void on_message(void *context, struct message *message)
{
    struct repl *repl = context;

    repl->messages = memory_grow(repl->messages, (repl->count + 1) * sizeof(struct message *));
    repl->messages[repl->count++] = message_ref(message);
}

static struct message *repl_current(const struct repl *repl)
{
    return repl->at == 0 ? NULL : repl->messages[repl->at - 1];
}

static void repl_fail(struct repl *repl, const char *text)
{
    printf("error: %s\n", text);
    repl->failed = true;
}

static void repl_next(struct repl *repl, const char *event)
{
    size_t at = repl->at;

    while (at < repl->count && event[0] != '\0' &&
           (repl->messages[at]->kind != MESSAGE_EVENT || !span_is(message_name(repl->messages[at]), event)))
        at++;
    if (at >= repl->count) {
        repl_fail(repl, "no further message");
        return;
    }
    repl->at = at + 1;
    trial_message(&repl->trial, repl_current(repl));
}

static void repl_show(struct repl *repl)
{
    const struct message *message = repl_current(repl);

    if (message == NULL)
        repl_fail(repl, "there is no current message: .next");
    else
        fwrite(message_wire(message).bytes, 1, message_wire(message).length, stdout);
}

static void repl_each(struct repl *repl, const char *expression)
{
    size_t count = 0;

    for (size_t i = 0; i < repl->count; i++) {
        char *shown;
        enum script_repl_result result = script_repl_line(repl->lua, repl->messages[i], expression, &shown);
        if (result == SCRIPT_REPL_TRUE) {
            struct span name = message_name(repl->messages[i]);
            printf("%zu: %.*s  %s\n", i + 1, (int)name.length, name.bytes, shown);
            count++;
        } else if (result == SCRIPT_REPL_FAILED) {
            repl_fail(repl, shown);
            free(shown);
            return;
        }
        free(shown);
    }
    printf("%zu of %zu messages\n", count, repl->count);
}

static void repl_lua(struct repl *repl, const char *line)
{
    char *shown;

    if (script_repl_line(repl->lua, repl_current(repl), line, &shown) == SCRIPT_REPL_FAILED)
        repl_fail(repl, shown);
    else if (shown[0] != '\0')
        printf("%s\n", shown);
    free(shown);
}

/** @return the text behind the command `name` in `line`; NULL: it is another command */
static const char *repl_command(const char *line, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(line, name, length) != 0 || (line[length] != '\0' && line[length] != ' '))
        return NULL;
    return line + length + strspn(line + length, " ");
}

/** @return false: the user wants to end */
static bool repl_line(struct repl *repl, const char *line)
{
    const char *rest;

    if (repl_command(line, ".quit") != NULL)
        return false;
    if ((rest = repl_command(line, ".next")) != NULL)
        repl_next(repl, rest);
    else if ((rest = repl_command(line, ".each")) != NULL)
        repl_each(repl, rest);
    else if (repl_command(line, ".show") != NULL)
        repl_show(repl);
    else if (repl_command(line, ".rewind") != NULL)
        repl->at = 0;
    else if (repl_command(line, ".help") != NULL)
        fputs(help, stdout);
    else if (line[0] == '.')
        repl_fail(repl, "unknown command: .help lists them");
    else if (line[0] != '\0')
        repl_lua(repl, line);
    return true;
}

static void repl_read(struct repl *repl, bool asks)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    for (;;) {
        if (asks)
            fputs("> ", stdout);
        fflush(stdout);
        length = getline(&line, &size, stdin);
        if (length < 0)
            break;
        line[strcspn(line, "\r\n")] = '\0';
        if (!repl_line(repl, line + strspn(line, " \t")))
            break;
    }
    if (length < 0 && asks)
        fputs("\n", stdout);
    free(line);
}

static int repl_with(const struct config *config, const struct user_config *user, struct scratch *scratch,
                     const char *path)
{
    struct source capture = {0};
    struct error err;
    bool asks = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    struct repl repl = {.trial = {.view = scripts_view(scratch->scripts, config, user),
                                  .state = scripts_state(scratch->scripts),
                                  .out = stdout}};

    if (path != NULL && !source_read(path, CAPTURE_BYTES, &capture, &err)) {
        fprintf(stderr, "astmanproxy: %s: %s\n", path, err.text);
        return 1;
    }
    if (path != NULL)
        trial_read(&capture, on_message, &repl);
    const struct view *view = repl.trial.view;
    repl.lua = script_repl_create(repl.trial.state, view == NULL || view->count == 0 ? NULL : view->filters[0]);
    if (asks)
        printf("user %s, %zu messages; .help lists the commands\n", user->name, repl.count);
    repl_read(&repl, asks);
    script_repl_destroy(repl.lua);
    trial_forget(&repl.trial);
    for (size_t i = 0; i < repl.count; i++)
        message_unref(repl.messages[i]);
    free(repl.messages);
    source_fini(&capture);
    return repl.failed && !asks ? 1 : 0;
}

int repl_run(const struct config *config, const char *user, const char *capture)
{
    const struct user_config *entry = config_find_user(config, span_of(user));
    struct scratch scratch;
    struct error err;
    int code = 1;

    if (entry == NULL) {
        fprintf(stderr, "astmanproxy: there is no user %s in %s\n", user, config->path);
        return 1;
    }
    if (scratch_init(&scratch, config, true, &err))
        code = repl_with(config, entry, &scratch, capture);
    else
        fprintf(stderr, "astmanproxy: %s\n", err.text);
    scratch_fini(&scratch);
    return code;
}
