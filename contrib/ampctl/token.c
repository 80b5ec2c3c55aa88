// contrib/ampctl/token.c: `token`: makes, revokes and lists tokens. One proxy action each.
#include "access.h"
#include "commands.h"
#include "json.h"
#include "request.h"
#include "table.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct verb {
    const char *name, *action;
    size_t fewest; // arguments behind the verb
} verbs[] = {{"create", "CreateToken", 2}, {"revoke", "RevokeToken", 1}, {"list-revoked", "ListRevokedTokens", 0}};

static const struct verb *token_find_verb(const struct ctl_options *options, struct error *err)
{
    const char *name = options->arguments[0];

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(name, verbs[i].name) != 0)
            continue;
        if (options->argument_count - 1 >= verbs[i].fewest && (verbs[i].fewest > 0 || options->argument_count == 1))
            return &verbs[i];
        error_set(err, "token %s: expected %s", name,
                  i == 0   ? "LABEL and Life=TIME (or Ends=SECONDS)"
                  : i == 1 ? "LABEL"
                           : "nothing more");
        return NULL;
    }
    error_set(err, "token: expected create, revoke or list-revoked; found \"%s\"", name);
    return NULL;
}

/** Adds the label and the arguments HEADER=VALUE. @return false: `err` is set */
static bool token_add_arguments(struct message_builder *builder, const struct ctl_options *options, struct error *err)
{
    for (size_t i = 1; i < options->argument_count; i++) {
        const char *argument = options->arguments[i], *sign = strchr(argument, '=');
        if (text_has_control(argument) || argument[0] == '\0')
            return error_set(err, "token: expected a text without control characters; found \"%s\"", argument);
        if (i == 1) {
            message_add(builder, span_of("Label"), span_of(argument));
            continue;
        }
        if (sign == NULL || sign == argument)
            return error_set(err, "token: expected HEADER=VALUE; found \"%s\"", argument);
        message_add(builder, (struct span){argument, (size_t)(sign - argument)}, span_of(sign + 1));
    }
    return true;
}

/** Shows the items of the list as a table, until its end. */
static enum ctl_exit token_show_list(struct connection *connection, const struct ctl_options *options, const char *id,
                                     struct error *err)
{
    static const struct table_column columns[] = {{"USER", "user", TABLE_TEXT},
                                                  {"LABEL", "label", TABLE_TEXT},
                                                  {"MADE UNTIL", "made", TABLE_NUMBER},
                                                  {"KEPT UNTIL", "until", TABLE_NUMBER}};
    static const char *const headers[] = {"User", "Label", "Made", "Until"};
    struct table *table = table_create(columns, 4);
    struct message *message;
    bool ended = false;

    while (!ended && (message = request_answer(connection, id, options->timeout_ms, err)) != NULL) {
        struct span value;
        ended = message_find(message, "Event", &value) && span_is(value, "ListRevokedTokensComplete");
        size_t row = ended ? 0 : table_add_row(table);
        for (size_t i = 0; !ended && i < 4; i++) {
            message_find(message, headers[i], &value);
            table_set(table, row, i, value);
        }
        message_unref(message);
    }
    if (ended)
        table_print(table, options->json, isatty(STDOUT_FILENO) == 1);
    table_destroy(table);
    return ended ? CTL_OK : CTL_LOST;
}

/** Shows the token, or the proxy's text. */
static void token_show(const struct message *answer)
{
    struct span text;

    if (!message_find(answer, "Token", &text))
        message_find(answer, "Message", &text);
    text_write(stdout, text, isatty(STDOUT_FILENO) == 1 ? TEXT_TERMINAL : TEXT_ONE_LINE);
    putchar('\n');
}

enum ctl_exit command_token(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    const struct verb *verb = token_find_verb(options, err);
    struct message_builder builder;
    struct connection *connection = NULL;
    struct access access;
    struct message *answer = NULL;
    char id[REQUEST_ID];
    enum ctl_exit code = CTL_USAGE;

    if (verb == NULL)
        return CTL_USAGE;
    request_id(id);
    request_begin(&builder, "ProxyAction", verb->action, id);
    if (!token_add_arguments(&builder, options, err)) {
        message_builder_fini(&builder);
        return CTL_USAGE;
    }
    code = access_connect(&access, options, base, &connection, err);
    if (code == CTL_OK)
        code = request_ask(connection, &builder, id, options->timeout_ms, &answer, err);
    else
        message_builder_fini(&builder);
    if (code == CTL_OK && verb->fewest == 0)
        code = token_show_list(connection, options, id, err);
    else if (code == CTL_OK && options->json)
        json_print(json_of_message(answer, true));
    else if (code == CTL_OK)
        token_show(answer);
    message_unref(answer);
    connection_close(connection);
    access_fini(&access);
    return code;
}
