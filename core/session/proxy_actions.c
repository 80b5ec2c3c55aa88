// core/session/proxy_actions.c: see proxy_actions.h. The answers' headers are those of the old astmanproxy.
#include "session/proxy_actions.h"

#include "session/actions.h"
#include "session/login.h"
#include "session/set.h"

#include <stdio.h>

static void refuse(struct session *session, const struct message *action, const char *text)
{
    struct message_builder answer;

    actions_begin_proxy(&answer, action, "Error");
    message_addf(&answer, "Message", "%s", text);
    session_give(session, message_build(&answer), AMP_DELIVERY_ANSWER, true, AMP_REASON_INVALID);
}

/** The loaded plugin that header `name` asks for; NULL: none that has `capability`, and the client was told. */
static const struct amp_plugin *find_format(struct session *session, const struct message *action, const char *name,
                                            uint32_t capability)
{
    const struct registry *registry = session->sessions->registry;
    struct span wanted;

    message_find(action, name, &wanted);
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct amp_plugin *plugin = registry_at(registry, i);
        if (span_is(wanted, plugin->name) && (plugin->capabilities & capability) != 0)
            return plugin;
    }
    refuse(session, action, wanted.length == 0 ? "Missing format" : "Unknown format");
    return NULL;
}

static void answer_format(struct session *session, const struct message *action, const char *header, const char *format)
{
    struct message_builder answer;

    actions_begin_proxy(&answer, action, "Success");
    message_addf(&answer, header, "%s", format);
    session_send(session, message_build(&answer));
}

static void set_output_format(struct session *session, const struct message *action)
{
    const struct amp_plugin *plugin = find_format(session, action, "OutputFormat", AMP_CAN_ENCODE);

    if (plugin == NULL)
        return;
    session->output_format = plugin;
    session_choose_feed(session);
    answer_format(session, action, "OutputFormat", plugin->name);
}

static void set_input_format(struct session *session, const struct message *action)
{
    const struct amp_plugin *plugin;

    if (session->protocol != NULL) {
        refuse(session, action, "The input format of this protocol cannot be changed");
        return;
    }
    plugin = find_format(session, action, "InputFormat", AMP_CAN_DECODE);
    if (plugin == NULL)
        return;
    session->next_format = plugin; // the decoder that is at work now is exchanged when it returns
    answer_format(session, action, "InputFormat", plugin->name);
}

static void list_io_handlers(struct session *session, const struct message *action)
{
    const struct registry *registry = session->sessions->registry;
    struct message_builder answer;

    actions_begin_proxy(&answer, action, "Success");
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct amp_plugin *plugin = registry_at(registry, i);
        if ((plugin->capabilities & (AMP_CAN_DECODE | AMP_IS_PROTOCOL)) != 0)
            message_addf(&answer, "InputHandler", "%s", plugin->name);
        if ((plugin->capabilities & AMP_CAN_ENCODE) != 0)
            message_addf(&answer, "OutputHandler", "%s", plugin->name);
    }
    session_send(session, message_build(&answer));
}

static const struct {
    const char *name;
    void (*run)(struct session *session, const struct message *action);
} proxy_actions[] = {
    {"ListIOHandlers", list_io_handlers},
    {"Logoff", login_logoff},
    {"SetInputFormat", set_input_format},
    {"SetOutputFormat", set_output_format},
};

void proxy_actions_run(struct session *session, const struct message *action, struct span name)
{
    for (size_t i = 0; i < sizeof proxy_actions / sizeof proxy_actions[0]; i++) {
        if (span_is(name, proxy_actions[i].name)) {
            proxy_actions[i].run(session, action);
            return;
        }
    }
    refuse(session, action, "Invalid Proxy Action");
}
