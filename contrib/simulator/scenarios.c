// scenarios.c: what happens in an originated call, in an inbound call and in a call to a queue, as a live Asterisk
// tells it.
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "emit.h"
#include "mask.h"

static void emit_simple(struct call *call, const char *event, const struct channel *channel)
{
    emit_channel(call->simulator, event, CLASS_CALL, channel);
    emit_end(call->simulator);
}

static struct channel *new_channel(struct call *call, const char *device, const char *suffix, int state)
{
    struct channel *channel = call_add_channel(call, device, suffix);
    channel->state = state;
    channel_set(channel->context, call->context);
    channel_set(channel->exten, call->exten);
    emit_cel(call->simulator, channel, "CHAN_START", "");
    emit_simple(call, "Newchannel", channel);
    return channel;
}

static void emit_variables(struct call *call, struct channel *channel)
{
    const char *line = call->variables.bytes;
    while (line != NULL && *line != '\0') {
        const char *end = strchr(line, '\n');
        const char *equals = memchr(line, '=', (size_t)(end - line));
        if (equals != NULL) {
            char key[REQUEST_LINE + 64];
            char value[REQUEST_LINE];
            snprintf(value, sizeof value, "%.*s", (int)(end - equals - 1), equals + 1);
            snprintf(key, sizeof key, "%s|%.*s", channel->uniqueid, (int)(equals - line), line);
            kv_set(&call->simulator->variables, key, value);
            emit_channel(call->simulator, "VarSet", CLASS_DIALPLAN, channel);
            emit_line(call->simulator, "Variable: %.*s", (int)(equals - line), line);
            emit_line(call->simulator, "Value: %s", value);
            emit_end(call->simulator);
        }
        line = end + 1;
    }
}

static void emit_identity(struct call *call, struct channel *channel)
{
    struct simulator *simulator = call->simulator;
    if (call->account[0] != '\0') {
        channel_set(channel->account, call->account);
        emit_channel(simulator, "NewAccountCode", CLASS_CALL, channel);
        emit_line(simulator, "OldAccountCode: ");
        emit_end(simulator);
    }
    if (call->number_shown[0] == '\0' && call->name_shown[0] == '\0')
        return;
    channel_set(channel->number, call->number_shown);
    channel_set(channel->caller, call->name_shown);
    emit_channel(simulator, "NewCallerid", CLASS_CALL, channel);
    emit_line(simulator, "CID-CallingPres: 0 (Presentation Allowed, Not Screened)");
    emit_end(simulator);
    channel_set(channel->connected_number, call->number_shown);
    channel_set(channel->connected_name, call->name_shown);
    emit_simple(call, "NewConnectedLine", channel);
}

static void emit_local_bridge(struct call *call)
{
    struct simulator *simulator = call->simulator;
    emit_start(simulator, "LocalBridge", CLASS_CALL);
    channel_format(&simulator->text, "LocalOne", &call->channels[0]);
    channel_format(&simulator->text, "LocalTwo", &call->channels[1]);
    emit_line(simulator, "Context: %s", call->channels[1].context);
    emit_line(simulator, "Exten: %s", call->channels[1].exten);
    emit_line(simulator, "LocalOptimization: Yes");
    emit_end(simulator);
}

static void originate_begin(struct call *call)
{
    bool local = strncasecmp(call->dial, "Local/", 6) == 0;
    struct channel *first = new_channel(call, call->dial, local ? ";1" : "", STATE_DOWN);
    struct channel *second = local ? new_channel(call, call->dial, ";2", STATE_RING) : NULL;
    call_emit_extension(call, first, "AppDial2", "(Outgoing Line)");
    emit_variables(call, first);
    emit_identity(call, first);
    if (second != NULL) {
        emit_variables(call, second);
        emit_identity(call, second);
        emit_local_bridge(call);
    }
    call_emit_dial(call, "DialBegin", NULL, first, NULL);
    if (second != NULL)
        call_emit_extension(call, second, "Answer", "");
    else
        call_emit_state(call, first, STATE_RINGING);
}

static void emit_originate_response(struct call *call, bool answered)
{
    static const int reasons[] = {[OUTCOME_ANSWER] = 4, [OUTCOME_BUSY] = 5, [OUTCOME_NO_ANSWER] = 3};
    struct simulator *simulator = call->simulator;
    const struct channel *channel = &call->channels[0];
    if (!call->async)
        return;
    emit_start(simulator, "OriginateResponse", CLASS_CALL);
    if (call->action_id[0] != '\0')
        emit_line(simulator, "ActionID: %s", call->action_id);
    emit_line(simulator, "Response: %s", answered ? "Success" : "Failure");
    emit_line(simulator, "Channel: %s", answered ? channel->name : call->dial);
    if (call->is_application) {
        emit_line(simulator, "Application: %s", call->application);
        emit_line(simulator, "Data: %s", call->data);
    } else {
        emit_line(simulator, "Context: %s", call->context);
        emit_line(simulator, "Exten: %s", call->exten);
    }
    emit_line(simulator, "Reason: %d", answered ? 4 : reasons[call->outcome]);
    emit_line(simulator, "Uniqueid: %s", answered ? channel->uniqueid : "<unknown>");
    emit_line(simulator, "CallerIDNum: %s", call->number_shown[0] != '\0' ? call->number_shown : "<unknown>");
    emit_line(simulator, "CallerIDName: %s", call->name_shown[0] != '\0' ? call->name_shown : "<unknown>");
    emit_end(simulator);
}

static void originate_answer(struct call *call)
{
    struct channel *first = &call->channels[0];
    call_emit_state(call, first, STATE_UP);
    call_emit_dial(call, "DialEnd", NULL, first, "ANSWER");
    emit_originate_response(call, true);
    if (call->is_application)
        call_emit_extension(call, first, call->application, call->data);
    else
        call_emit_extension(call, first, "Answer", "");
    if (call->count > 1)
        call_emit_state(call, &call->channels[1], STATE_UP);
}

static void end_channels(struct call *call)
{
    for (size_t i = call->count; i-- > 0;) {
        const char *other = i == 0 && call->bridge[0] != '\0' ? call->channels[1].name : "";
        emit_cdr(call->simulator, &call->channels[i], other);
        call_emit_hangup(call, &call->channels[i]);
    }
    emit_cel(call->simulator, &call->channels[0], "LINKEDID_END", "");
}

static void originate_end(struct call *call)
{
    struct channel *first = &call->channels[0];
    if (first->answered == 0) {
        call_emit_dial(call, "DialEnd", NULL, first, call->outcome == OUTCOME_BUSY ? "BUSY" : "NOANSWER");
        emit_originate_response(call, false);
    } else {
        first->priority++;
        call_emit_extension(call, first, "Hangup", "");
    }
    end_channels(call);
}

static struct channel *begin_caller(struct call *call, const char *exten)
{
    channel_set(call->context, "from-trunk");
    channel_set(call->exten, exten);
    struct channel *caller = new_channel(call, "PJSIP/trunk", "", STATE_RING);
    emit_identity(call, caller);
    return caller;
}

static struct channel *begin_agent(struct call *call, struct channel *caller)
{
    channel_set(call->context, "internal");
    channel_set(call->exten, strchr(call->dial, '/') == NULL ? call->dial : strchr(call->dial, '/') + 1);
    struct channel *agent = new_channel(call, call->dial, "", STATE_DOWN);
    channel_set(agent->number, call->exten);
    if (call->member != NULL)
        channel_set(agent->caller, call->member->name);
    else
        snprintf(agent->caller, sizeof agent->caller, "Phone %.100s", call->exten);
    channel_set(agent->connected_number, caller->number);
    channel_set(agent->connected_name, caller->caller);
    emit_simple(call, "NewConnectedLine", agent);
    return agent;
}

static void ring_agent(struct call *call, struct channel *caller, struct channel *agent)
{
    call_emit_dial(call, "DialBegin", caller, agent, NULL);
    call_emit_state(call, agent, STATE_RINGING);
}

static void enter_bridge(struct call *call, struct channel *caller, struct channel *agent)
{
    uint64_t random = simulator_random(call->simulator, call->number ^ 0xb51d6e);
    snprintf(call->bridge, sizeof call->bridge, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)random,
             (unsigned)(random >> 32) & 0xffff, (unsigned)(random >> 40) & 0xfff, (unsigned)(random >> 20) & 0xfff,
             (unsigned long long)(random * 0x9e3779b97f4a7c15ULL) & 0xffffffffffffULL);
    call_emit_bridge(call, "BridgeCreate", NULL, 0);
    call_emit_bridge(call, "BridgeEnter", agent, 1);
    emit_cel(call->simulator, agent, "BRIDGE_ENTER", "");
    call_emit_bridge(call, "BridgeEnter", caller, 2);
    emit_cel(call->simulator, caller, "BRIDGE_ENTER", "");
}

static void leave_bridge(struct call *call)
{
    if (call->bridge[0] == '\0')
        return;
    for (int i = 1; i >= 0; i--) {
        emit_cel(call->simulator, &call->channels[i], "BRIDGE_EXIT", "");
        call_emit_bridge(call, "BridgeLeave", &call->channels[i], i);
    }
    call_emit_bridge(call, "BridgeDestroy", NULL, 0);
}

static void answer_agent(struct call *call)
{
    struct channel *caller = &call->channels[0];
    struct channel *agent = &call->channels[1];
    call_emit_state(call, agent, STATE_UP);
    if (caller->state != STATE_UP)
        call_emit_state(call, caller, STATE_UP);
    call_emit_dial(call, "DialEnd", caller, agent, "ANSWER");
}

static void inbound_begin(struct call *call)
{
    struct channel *caller = begin_caller(call, "100");
    call_emit_extension(call, caller, "Dial", call->dial);
    ring_agent(call, caller, begin_agent(call, caller));
}

static void inbound_answer(struct call *call)
{
    answer_agent(call);
    enter_bridge(call, &call->channels[0], &call->channels[1]);
}

static void inbound_end(struct call *call)
{
    leave_bridge(call);
    if (call->bridge[0] == '\0')
        call_emit_dial(call, "DialEnd", &call->channels[0], &call->channels[1], "NOANSWER");
    end_channels(call);
}

static void emit_agent(struct call *call, const char *event)
{
    struct simulator *simulator = call->simulator;
    emit_channel(simulator, event, CLASS_AGENT, &call->channels[0]);
    channel_format(&simulator->text, "Dest", &call->channels[1]);
    emit_line(simulator, "Queue: %s", call->queue->name);
    emit_line(simulator, "Interface: %s", call->member->interface);
    emit_line(simulator, "MemberName: %s", call->member->name);
}

static void emit_caller(struct call *call, const char *event)
{
    struct simulator *simulator = call->simulator;
    bool leaves = strcmp(event, "QueueCallerLeave") == 0;
    emit_channel(simulator, event, CLASS_AGENT, &call->channels[0]);
    emit_line(simulator, "Queue: %s", call->queue->name);
    emit_line(simulator, "Position: 1");
    if (strcmp(event, "QueueCallerAbandon") == 0) {
        emit_line(simulator, "OriginalPosition: 1");
        emit_line(simulator, "HoldTime: %lld", (long long)call->ring_ms / 1000);
    } else {
        emit_line(simulator, "Count: %zu", queue_callers(simulator, call->queue) - (leaves ? 1 : 0));
    }
    emit_end(simulator);
}

static void queue_begin(struct call *call)
{
    struct channel *caller = begin_caller(call, "queue");
    channel_set(call->dial, call->member->interface);
    call_emit_state(call, caller, STATE_UP);
    call_emit_extension(call, caller, "Queue", call->queue->name);
    emit_caller(call, "QueueCallerJoin");
    struct channel *agent = begin_agent(call, caller);
    emit_agent(call, "AgentCalled");
    emit_end(call->simulator);
    ring_agent(call, caller, agent);
}

static void queue_answer(struct call *call)
{
    answer_agent(call);
    emit_caller(call, "QueueCallerLeave");
    emit_agent(call, "AgentConnect");
    emit_line(call->simulator, "HoldTime: %lld", (long long)call->ring_ms / 1000);
    emit_line(call->simulator, "RingTime: %lld", (long long)call->ring_ms / 1000);
    emit_end(call->simulator);
    enter_bridge(call, &call->channels[0], &call->channels[1]);
}

static void queue_end(struct call *call)
{
    if (call->bridge[0] != '\0') {
        emit_agent(call, "AgentComplete");
        emit_line(call->simulator, "HoldTime: %lld", (long long)call->ring_ms / 1000);
        emit_line(call->simulator, "TalkTime: %lld", (long long)call->talk_ms / 1000);
        emit_line(call->simulator, "Reason: agent");
        emit_end(call->simulator);
        call->member->calls++;
        call->member->last_call = time(NULL);
        call->queue->completed++;
        call->queue->in_time += call->ring_ms / 1000 <= SERVICE_LEVEL;
        call->queue->hold_s += (uint64_t)call->ring_ms / 1000;
        call->queue->talk_s += (uint64_t)call->talk_ms / 1000;
    } else {
        call_emit_dial(call, "DialEnd", &call->channels[0], &call->channels[1], "NOANSWER");
        emit_agent(call, "AgentRingNoAnswer");
        emit_line(call->simulator, "RingTime: %lld", (long long)call->ring_ms);
        emit_end(call->simulator);
        emit_caller(call, "QueueCallerAbandon");
        emit_caller(call, "QueueCallerLeave");
        call->queue->abandoned++;
    }
    leave_bridge(call);
    end_channels(call);
}

const struct scenario scenario_originate = {originate_begin, originate_answer, originate_end};
const struct scenario scenario_inbound = {inbound_begin, inbound_answer, inbound_end};
const struct scenario scenario_queue = {queue_begin, queue_answer, queue_end};
