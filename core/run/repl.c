// core/run/repl.c: see repl.h. A line is a command, which begins with a dot, or Lua.
#include "run/repl.h"

#include "run/trial_inside.h"

#include <stdlib.h>
#include <unistd.h>

struct repl {
    struct trial trial; // it keeps the messages of the capture
    struct script_repl *lua;
    size_t at; // the next message of the capture; the current one is before it
    bool failed;
};

static const char help[] =
    "An expression shows its value, a statement is run. m is the current message; x = 1 is kept for later lines.\n"
    ".next [EVENT]  goes to the next message, or the next event of that name, and shows what the filters make of it\n"
    ".show          shows the current message\n"
    ".each EXPR     shows the messages of the capture for which the expression is true, and how many\n"
    ".rewind        goes before the first message\n"
    ".quit          ends, as the end of the input does\n";

static struct message *repl_current(const struct repl *repl)
{
    return repl->at == 0 ? NULL : repl->trial.messages[repl->at - 1];
}

static void repl_fail(struct repl *repl, const char *text)
{
    printf("error: %s\n", text);
    repl->failed = true;
}

static void repl_next(struct repl *repl, const char *event)
{
    size_t at = repl->at;

    while (at < repl->trial.kept && event[0] != '\0' &&
           (repl->trial.messages[at]->kind != MESSAGE_EVENT || !span_is(message_name(repl->trial.messages[at]), event)))
        at++;
    if (at >= repl->trial.kept) {
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

    for (size_t i = 0; i < repl->trial.kept; i++) {
        char *shown;
        enum script_repl_result result = script_repl_line(repl->lua, repl->trial.messages[i], expression, &shown);
        if (result == SCRIPT_REPL_TRUE) {
            struct span name = message_name(repl->trial.messages[i]);
            printf("%zu: %.*s  %s\n", i + 1, (int)name.length, name.bytes, shown);
            count++;
        } else if (result == SCRIPT_REPL_FAILED) {
            repl_fail(repl, shown);
            free(shown);
            return;
        }
        free(shown);
    }
    printf("%zu of %zu messages\n", count, repl->trial.kept);
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

int repl_run(const struct config *config, const char *user, const char *capture)
{
    bool asks = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    struct repl repl = {.at = 0};
    struct scratch scratch;

    if (trial_begin(&repl.trial, &scratch, config, user) == NULL)
        return 1;
    if (capture != NULL && !trial_read(&repl.trial, capture, trial_keep)) {
        trial_end(&repl.trial, &scratch);
        return 1;
    }
    const struct view *view = repl.trial.view;
    repl.lua = script_repl_create(repl.trial.state, view == NULL || view->count == 0 ? NULL : view->filters[0]);
    if (asks)
        printf("user %s, %zu messages; .help lists the commands\n", user, repl.trial.kept);
    repl_read(&repl, asks);
    script_repl_destroy(repl.lua);
    trial_end(&repl.trial, &scratch);
    return repl.failed && !asks ? 1 : 0;
}
