// contrib/ampctl/steer.c: `reload`, `drop`, `kick`, `log`, `unlock`, `server`: what changes the proxy. One proxy action
// each.
#include "steer.h"
#include "access.h"
#include "commands.h"
#include "json.h"
#include "request.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Asks for a proxy action. @return its response; NULL with `err` set */
static struct message *steer_ask(struct connection *connection, const char *action, const char *name, const char *value,
                                 uint64_t timeout_ms, struct error *err)
{
    struct message_builder builder;
    char id[REQUEST_ID];

    request_id(id);
    request_begin(&builder, "ProxyAction", action, id);
    if (name != NULL)
        message_add(&builder, span_of(name), span_of(value));
    request_send(connection, &builder);
    return request_answer(connection, id, timeout_ms, err);
}

/** Writes the values of all headers of that name, a line each. */
static void steer_show(const struct message *answer, const char *header)
{
    struct span name, value;

    for (uint32_t i = 0; i < answer->header_count; i++) {
        message_header(answer, i, &name, &value);
        if (!span_is(name, header))
            continue;
        text_write(stdout, value, isatty(STDOUT_FILENO) == 1 ? TEXT_TERMINAL : TEXT_ONE_LINE);
        putchar('\n');
    }
}

enum ctl_exit steer_proxy(struct event_base *base, const struct ctl_options *options, const char *action,
                          const char *name, struct error *err)
{
    const char *value = name != NULL ? options->arguments[options->argument_count - 1] : NULL;
    struct access access;
    struct connection *connection = NULL;
    struct message *answer = NULL;
    enum ctl_exit code;

    if (value != NULL && (value[0] == '\0' || text_has_control(value))) {
        error_set(err, "%s: expected %s; found \"%s\"", options->command->name, options->command->arguments, value);
        return CTL_USAGE;
    }
    code = access_connect(&access, options, base, &connection, err);
    if (code == CTL_OK)
        answer = steer_ask(connection, action, name, value, options->timeout_ms, err);
    if (code == CTL_OK)
        code = answer == NULL ? CTL_LOST : request_judge(answer, err);
    if (code == CTL_OK && options->json) {
        json_print(json_of_message(answer, true));
    } else if (code == CTL_OK) {
        steer_show(answer, "Message");
        steer_show(answer, "NeedsRestart"); // of a reload
    } else if (code == CTL_REFUSED && answer != NULL && request_is_denied(answer)) {
        error_set(err, "the proxy refused: Permission denied: %s is no user with admin: true",
                  access.user != NULL ? access.user : "the holder of the ProxyKey");
    }
    message_unref(answer);
    connection_close(connection);
    access_fini(&access);
    return code;
}

enum ctl_exit command_reload(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    return steer_proxy(base, options, "Reload", NULL, err);
}

enum ctl_exit command_drop(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    return steer_proxy(base, options, "DropServer", "Server", err);
}

enum ctl_exit command_kick(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    const char *number = options->arguments[0];

    if (number[0] == '\0' || number[strspn(number, "0123456789")] != '\0') {
        error_set(err, "kick: expected a session's number, as `ampctl sessions` shows it; found \"%s\"", number);
        return CTL_USAGE;
    }
    return steer_proxy(base, options, "KickSession", "Session", err);
}

enum ctl_exit command_log(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    return steer_proxy(base, options, "SetLogLevel", "Level", err);
}

enum ctl_exit command_unlock(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    return steer_proxy(base, options, "UnlockAddress", "Address", err);
}

enum ctl_exit command_server(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    const char *verb = options->arguments[0];

    if (strcmp(verb, "drain") == 0)
        return steer_proxy(base, options, "DrainServer", "Server", err);
    if (strcmp(verb, "resume") == 0)
        return steer_proxy(base, options, "ResumeServer", "Server", err);
    error_set(err, "server: expected drain or resume; found \"%s\"", verb);
    return CTL_USAGE;
}
