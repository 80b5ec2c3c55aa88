// contrib/ampctl/send.c: `send`: one action and its whole answer. A session's answers arrive in the order of its
// actions. So ampctl sends a Ping after the action: the answer to the Ping shows that the action's answer is complete,
// however it ended. The Ping is sent after the first message of the answer, because some actions (WaitEvent) last until
// the client sends another action.
#include "access.h"
#include "base/clock.h"
#include "commands.h"
#include "request.h"
#include "show.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static struct span name_of(const char *argument)
{
    return (struct span){argument, strcspn(argument, "=")};
}

/** What the command line asks for. */
struct asked {
    const char *kind, *action; // lent by argv
    struct span id;            // empty: ampctl chooses one
};

static bool check_argument(const char *argument, struct error *err)
{
    size_t length = strcspn(argument, "=");

    if (argument[length] == '\0' || length == 0)
        return error_set(err, "send: expected HEADER=VALUE; found \"%s\"", argument);
    if (text_has_control(argument) || memchr(argument, ' ', length) != NULL || memchr(argument, ':', length) != NULL)
        return error_set(err, "send: expected a header's name without blanks and colons, and one line; found \"%s\"",
                         argument);
    return true;
}

static bool read_arguments(struct asked *asked, const struct ctl_options *options, struct error *err)
{
    *asked = (struct asked){0};
    for (size_t i = 0; i < options->argument_count; i++) {
        const char *argument = options->arguments[i];
        if (!check_argument(argument, err))
            return false;
        struct span name = name_of(argument);
        const char *value = argument + name.length + 1;
        bool is_action = span_is(name, "Action"), is_proxy = span_is(name, "ProxyAction");
        if ((is_action || is_proxy) && asked->action != NULL)
            return error_set(err, "send: expected one Action or ProxyAction; found \"%s\", too", argument);
        if (is_action || is_proxy) {
            asked->kind = is_action ? "Action" : "ProxyAction";
            asked->action = value;
        }
        if (span_is(name, "ActionID"))
            asked->id = span_of(value);
    }
    if (asked->action == NULL || asked->action[0] == '\0')
        return error_set(err, "send: expected Action=NAME or ProxyAction=NAME among the headers");
    return true;
}

/** Builds the action as a message. */
static void send_build(struct message_builder *builder, const struct asked *asked, const char *id,
                       const struct ctl_options *options)
{
    request_begin(builder, asked->kind, asked->action, id);
    for (size_t i = 0; i < options->argument_count; i++) {
        struct span name = name_of(options->arguments[i]);
        if (!span_is(name, asked->kind) && !span_is(name, "ActionID"))
            message_add(builder, name, span_of(options->arguments[i] + name.length + 1));
    }
}

static void send_fence(struct connection *connection, char id[REQUEST_ID])
{
    struct message_builder builder;

    request_id(id);
    request_begin(&builder, "Action", "Ping", id);
    request_send(connection, &builder);
}

/** An answer that is being received. */
struct answer {
    const char *id;
    char fence[REQUEST_ID]; // empty: not sent yet
    bool hidden_id, refused, goodbye, over;
};

static void answer_take(struct answer *answer, struct connection *connection, const struct show *show,
                        const struct message *message)
{
    struct span id = message_action_id(message), name, value;

    if (answer->fence[0] != '\0' && span_equals(id, span_of(answer->fence))) {
        answer->over = true;
        return;
    }
    if (!span_equals(id, span_of(answer->id)))
        return;
    show_message(show, message, answer->hidden_id);
    answer->refused = answer->refused || request_is_error(message);
    message_header(message, message->decides, &name, &value);
    answer->goodbye = answer->goodbye || span_is(value, "Goodbye");
    if (answer->fence[0] == '\0' && request_is_response(message) && !answer->goodbye)
        send_fence(connection, answer->fence);
}

static enum ctl_exit answer_receive(struct answer *answer, struct connection *connection,
                                    const struct ctl_options *options, struct error *err)
{
    struct show show = show_to_stdout(options->json);

    while (!answer->over) {
        struct message *message;
        enum connection_result result = connection_next(connection, options->timeout_ms, &message);
        if (result == CONNECTION_LOST && answer->goodbye)
            break;
        if (result != CONNECTION_READY) {
            connection_error(connection, result, err);
            return CTL_LOST;
        }
        answer_take(answer, connection, &show, message);
        message_unref(message);
        if (ferror(stdout) != 0)
            return CTL_OK; // main() reports the reason
    }
    return answer->refused ? CTL_REFUSED : CTL_OK;
}

enum ctl_exit command_send(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    struct access access;
    struct asked asked;
    struct connection *connection = NULL;
    struct message_builder builder;
    char id[REQUEST_ID];
    enum ctl_exit code;

    if (!read_arguments(&asked, options, err))
        return CTL_USAGE;
    code = access_connect(&access, options, base, &connection, err);
    if (code == CTL_OK) {
        struct answer answer = {.id = asked.id.length > 0 ? asked.id.bytes : id, .hidden_id = asked.id.length == 0};
        request_id(id);
        send_build(&builder, &asked, answer.id, options);
        request_send(connection, &builder);
        code = answer_receive(&answer, connection, options, err);
    }
    connection_close(connection);
    access_fini(&access);
    return code;
}
