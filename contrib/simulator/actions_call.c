// actions_call.c: actions on calls: originate, hangup, transfer, variables.
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions.h"
#include "calls.h"
#include "emit.h"
#include "mask.h"
#include "reply.h"

enum { ORIGINATE_TIMEOUT_MS = 30000 };

/** Copies `Name <number>` or a bare number to the caller that the call shows. */
static void set_caller(struct call *call, const char *caller_id)
{
    char name[NAME_BYTES];
    char number[NAME_BYTES];
    channel_set(name, caller_id);
    char *open = strchr(name, '<');
    if (open == NULL) {
        bool digits = name[strspn(name, "0123456789+*#")] == '\0';
        channel_set(digits ? call->number_shown : call->name_shown, name);
        return;
    }
    channel_set(number, open + 1);
    number[strcspn(number, ">")] = '\0';
    channel_set(call->number_shown, number);
    while (open > name && (open[-1] == ' ' || open[-1] == '"'))
        open--;
    *open = '\0';
    channel_set(call->name_shown, name[0] == '"' ? name + 1 : name);
}

static void set_variables(struct call *call, const struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        const char *value = request_value(request->lines[i], "Variable");
        for (; value != NULL && *value != '\0'; value += *value == ',') {
            size_t length = strcspn(value, ",");
            text_add(&call->variables, value, length);
            text_add(&call->variables, "\n", 1);
            value += length;
        }
    }
}

static bool check_originate(struct session *session)
{
    const char *channel = argument(session, "Channel");
    const char *timeout = argument(session, "Timeout");
    const char *priority = argument(session, "Priority");
    bool application = *argument(session, "Application") != '\0';
    bool complete = *argument(session, "Exten") != '\0' && *argument(session, "Context") != '\0' && *priority != '\0';
    const char *slash = strchr(channel, '/');
    if (*channel == '\0')
        reply_error(session, "Channel not specified");
    else if (*priority != '\0' && strtol(priority, NULL, 10) < 1)
        reply_error(session, "Invalid priority");
    else if (timeout[strspn(timeout, "0123456789")] != '\0')
        reply_error(session, "Invalid timeout");
    else if (slash == NULL || slash[1] == '\0')
        reply_error(session, "Invalid channel");
    else if (!application && !complete)
        reply_error(session, "Originate with 'Exten' requires 'Context' and 'Priority'");
    else
        return true;
    return false;
}

static void set_outcome(struct call *call, int64_t timeout_ms)
{
    call->ring_ms = call->simulator->options.answer_ms;
    call->talk_ms = call->simulator->options.talk_ms;
    if (strstr(call->dial, "busy") != NULL)
        call->outcome = OUTCOME_BUSY;
    if (strstr(call->dial, "noanswer") != NULL || call->ring_ms > timeout_ms) {
        call->outcome = OUTCOME_NO_ANSWER;
        call->ring_ms = timeout_ms;
    }
}

static struct call *create_call(struct session *session)
{
    const char *timeout = argument(session, "Timeout");
    struct call *call = call_create(session->simulator, &scenario_originate);
    channel_set(call->dial, argument(session, "Channel"));
    channel_set(call->context, *argument(session, "Context") != '\0' ? argument(session, "Context") : "default");
    channel_set(call->exten, *argument(session, "Exten") != '\0' ? argument(session, "Exten") : "s");
    channel_set(call->application, argument(session, "Application"));
    channel_set(call->data, argument(session, "Data"));
    channel_set(call->account, argument(session, "Account"));
    call->is_application = call->application[0] != '\0';
    call->async = mask_is_true(argument(session, "Async"));
    snprintf(call->action_id, sizeof call->action_id, "%s", argument(session, "ActionID"));
    set_caller(call, argument(session, "CallerID"));
    set_variables(call, &session->request);
    set_outcome(call, *timeout == '\0' ? ORIGINATE_TIMEOUT_MS : strtoll(timeout, NULL, 10));
    return call;
}

static void on_originate_done(struct session *session)
{
    const struct call *call = call_find(session->simulator, session->call);
    if (call != NULL && call->phase == CALL_RINGING && call->outcome == OUTCOME_ANSWER) {
        session_block(session, 1, on_originate_done); // the timer of the call comes in this turn of the loop
        return;
    }
    if (call != NULL && call->phase == CALL_TALKING)
        reply_success(session, "Originate successfully queued");
    else
        reply_error(session, "Originate failed");
    session_finish(session);
}

void action_originate(struct session *session)
{
    if (!check_originate(session))
        return;
    struct call *call = create_call(session);
    session->call = call->number;
    if (call->async)
        reply_success(session, "Originate successfully queued");
    else
        session_block(session, call->ring_ms, on_originate_done);
    call_start(call);
}

struct hunt {
    struct session *session;
    regex_t *expression;
    size_t count;
};

static void hangup_matching(void *context, const struct channel *channel, const struct call *call)
{
    struct hunt *hunt = context;
    if (call == NULL || regexec(hunt->expression, channel->name, 0, NULL, 0) != 0)
        return;
    reply_item(hunt->session, "ChannelHungup");
    reply_line(hunt->session, "Channel: %s", channel->name);
    reply_action_id(hunt->session);
    reply_end(hunt->session);
    call_hangup(call_find(hunt->session->simulator, call->number), 16);
    hunt->count++;
}

static void hangup_expression(struct session *session, const char *pattern)
{
    char expression[REQUEST_LINE];
    regex_t compiled;
    snprintf(expression, sizeof expression, "%.*s", (int)strlen(pattern) - 2, pattern + 1);
    if (regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) != 0) {
        reply_error(session, "Regex compile error");
        return;
    }
    struct hunt hunt = {session, &compiled, 0};
    reply_list(session, "Channels hung up will follow");
    channels_visit(session->simulator, hangup_matching, &hunt);
    reply_complete(session, "ChannelsHungupListComplete", hunt.count);
    reply_end(session);
    regfree(&compiled);
}

void action_hangup(struct session *session)
{
    const char *name = argument(session, "Channel");
    const char *cause = argument(session, "Cause");
    size_t length = strlen(name);
    struct call *call = NULL;
    if (length == 0) {
        reply_error(session, "No channel specified");
    } else if (length > 2 && name[0] == '/' && name[length - 1] == '/') {
        hangup_expression(session, name);
    } else if (channel_find(session->simulator, name, &call) == NULL) {
        reply_error(session, "No such channel");
    } else {
        call_hangup(call, *cause == '\0' ? 16 : (int)strtol(cause, NULL, 10));
        reply_success(session, "Channel Hungup");
    }
}

static void transfer_call(struct session *session, const char *done)
{
    const char *name = argument(session, "Channel");
    struct channel *channel = channel_find(session->simulator, name, NULL);
    if (*name == '\0') {
        reply_error(session, "Channel not specified");
    } else if (channel == NULL) {
        reply_error(session, "No such channel");
    } else {
        if (*argument(session, "Exten") != '\0')
            channel_set(channel->exten, argument(session, "Exten"));
        if (*argument(session, "Context") != '\0')
            channel_set(channel->context, argument(session, "Context"));
        reply_success(session, done);
    }
}

void action_redirect(struct session *session)
{
    transfer_call(session, "Redirect successful");
}

void action_atxfer(struct session *session)
{
    transfer_call(session, "Atxfer successfully queued");
}

/** Builds the key of a variable, of the channel named in the request or global. @return false: replied with an error */
static bool variable_key(struct session *session, char key[REQUEST_LINE + 64], const struct channel **channel)
{
    const char *name = argument(session, "Variable");
    const char *channel_name = argument(session, "Channel");
    *channel = NULL;
    if (*name == '\0') {
        reply_error(session, "No variable specified");
        return false;
    }
    if (*channel_name != '\0') {
        *channel = channel_find(session->simulator, channel_name, NULL);
        if (*channel == NULL) {
            reply_error(session, "No such channel");
            return false;
        }
        snprintf(key, REQUEST_LINE + 64, "%s|%s", (*channel)->uniqueid, name);
        return true;
    }
    size_t length = strlen(name);
    bool global = strncasecmp(name, "GLOBAL(", 7) == 0 && name[length - 1] == ')';
    snprintf(key, REQUEST_LINE + 64, "%.*s", (int)(global ? length - 8 : length), global ? name + 7 : name);
    return true;
}

void action_getvar(struct session *session)
{
    char key[REQUEST_LINE + 64];
    const struct channel *channel = NULL;
    if (!variable_key(session, key, &channel))
        return;
    const char *value = kv_find(&session->simulator->variables, key);
    reply_start(session, "Success");
    reply_line(session, "Variable: %s", argument(session, "Variable"));
    reply_line(session, "Value: %s", value == NULL ? "" : value);
    reply_end(session);
}

void action_setvar(struct session *session)
{
    struct simulator *simulator = session->simulator;
    char key[REQUEST_LINE + 64];
    const struct channel *channel = NULL;
    if (!variable_key(session, key, &channel))
        return;
    kv_set(&simulator->variables, key, argument(session, "Value"));
    if (channel != NULL) {
        emit_channel(simulator, "VarSet", CLASS_DIALPLAN, channel);
    } else {
        emit_start(simulator, "VarSet", CLASS_DIALPLAN);
        emit_line(simulator, "Channel: none");
        emit_line(simulator, "Uniqueid: none");
    }
    emit_line(simulator, "Variable: %s", argument(session, "Variable"));
    emit_line(simulator, "Value: %s", argument(session, "Value"));
    emit_end(simulator);
    reply_success(session, "Variable Set");
}
