// calls.c: the life of a call: begin, ring, answer, talk, end; and the dialer that keeps a number of them going.
#include "calls.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "mask.h"
#include "tenants.h"

enum { DIALER_MS = 250 };

static void call_free(struct call *call)
{
    event_free(call->timer);
    text_fini(&call->variables);
    free(call);
}

static void call_remove(struct call *call)
{
    struct call **at = &call->simulator->calls;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    call->simulator->live_calls--;
    call_free(call);
}

static void call_wait(struct call *call, int64_t ms)
{
    struct timeval wait = {ms / 1000, ms % 1000 * 1000};
    event_add(call->timer, &wait);
}

static void on_call_timer(evutil_socket_t fd, short what, void *data)
{
    struct call *call = data;
    (void)fd;
    (void)what;
    switch (call->phase) {
    case CALL_NEW:
        call->phase = CALL_RINGING;
        call->scenario->begin(call);
        call_wait(call, call->ring_ms);
        return;
    case CALL_RINGING:
        if (call->outcome == OUTCOME_ANSWER) {
            call->phase = CALL_TALKING;
            call->scenario->answer(call);
            call_wait(call, call->talk_ms);
            return;
        }
        call->cause = call->outcome == OUTCOME_BUSY ? 17 : 19;
        break;
    case CALL_TALKING:
    case CALL_ENDED:
        break;
    }
    call->scenario->end(call);
    call->simulator->calls_done++;
    for (size_t i = 0; i < call->count; i++) {
        char prefix[64];
        snprintf(prefix, sizeof prefix, "%s|", call->channels[i].uniqueid);
        kv_remove(&call->simulator->variables, prefix, false);
    }
    call_remove(call);
}

struct call *call_create(struct simulator *simulator, const struct scenario *scenario)
{
    struct call *call = must_calloc(1, sizeof *call);
    struct call **end = &simulator->calls;
    call->simulator = simulator;
    call->scenario = scenario;
    call->number = ++simulator->last_call;
    call->cause = 16;
    call->timer = event_new(simulator->base, -1, 0, on_call_timer, call);
    if (call->timer == NULL)
        abort();
    while (*end != NULL)
        end = &(*end)->next;
    *end = call;
    simulator->live_calls++;
    return call;
}

void call_start(struct call *call)
{
    on_call_timer(-1, 0, call);
}

void call_hangup(struct call *call, int cause)
{
    if (call->phase == CALL_TALKING || call->phase == CALL_ENDED)
        call->cause = cause;
    else
        call->outcome = OUTCOME_NO_ANSWER;
    event_del(call->timer);
    event_active(call->timer, EV_TIMEOUT, 0);
}

struct call *call_find(const struct simulator *simulator, unsigned long number)
{
    struct call *call = simulator->calls;
    while (call != NULL && call->number != number)
        call = call->next;
    return call;
}

void calls_clear(struct simulator *simulator)
{
    while (simulator->calls != NULL)
        call_remove(simulator->calls);
}

/** Chooses a phone of nobody in the queues that is in no call. */
static void pick_phone(const struct simulator *simulator, uint64_t random, char dial[NAME_BYTES])
{
    uint64_t phones = 2 * (uint64_t)simulator->calls_wanted + 8; // half of them are free, whatever the calls do
    bool taken = true;
    for (uint64_t i = 0; taken && i < phones; i++) {
        uint64_t phone = 201 + (random + i) % phones;
        snprintf(dial, NAME_BYTES, "PJSIP/%" PRIu64, phone);
        taken = false;
        for (const struct call *call = simulator->calls; call != NULL && !taken; call = call->next)
            taken = strcmp(call->dial, dial) == 0;
    }
}

static void start_random_call(struct simulator *simulator)
{
    static const char *const names[] = {"Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi"};
    uint64_t random = simulator_random(simulator, simulator->last_call + 1);
    struct queue_member *member = NULL;
    struct queue *queue = queue_pick(simulator, random >> 8, &member);
    bool is_direct = queue == NULL || random % 3 == 0;
    char dial[NAME_BYTES];
    if (queue != NULL)
        channel_set(dial, member->interface);
    else
        pick_phone(simulator, random >> 8, dial);
    struct call *call = call_create(simulator, is_direct ? &scenario_inbound : &scenario_queue);
    call->queue = is_direct ? NULL : queue;
    call->member = member;
    channel_set(call->dial, dial);
    call->outcome = random % 7 == 0 ? OUTCOME_NO_ANSWER : OUTCOME_ANSWER;
    call->ring_ms = 500 + (int64_t)(random >> 16) % 3000;
    call->talk_ms = 2000 + (int64_t)((random >> 32) % 12000);
    snprintf(call->number_shown, sizeof call->number_shown, "0%llu", (unsigned long long)(600000000 + random % 99999));
    channel_set(call->name_shown, names[(random >> 24) % 8]);
    call_start(call);
}

static void on_dialer(evutil_socket_t fd, short what, void *data)
{
    struct simulator *simulator = data;
    (void)fd;
    (void)what;
    // Some at a time, so that calls do not go through their lives in step.
    for (int i = 0; i < 20 && (int64_t)simulator->live_calls < simulator->calls_wanted; i++)
        start_random_call(simulator);
    if (simulator->calls_wanted > 0) {
        struct timeval wait = {0, DIALER_MS * 1000};
        event_add(simulator->dialer, &wait);
    }
}

void calls_dial(struct simulator *simulator)
{
    if (simulator->dialer == NULL)
        simulator->dialer = event_new(simulator->base, -1, 0, on_dialer, simulator);
    event_active(simulator->dialer, EV_TIMEOUT, 0);
}

struct channel *call_add_channel(struct call *call, const char *device, const char *suffix)
{
    struct channel *channel = &call->channels[call->count++];
    channel_init(call->simulator, channel, device, suffix);
    if (call->count > 1) {
        memcpy(channel->linkedid, call->channels[0].uniqueid, sizeof channel->linkedid);
        if (strncmp(device, "PJSIP/", 6) != 0) // inherited with the Linkedid, but an endpoint has its own, or none
            memcpy(channel->tenant, call->channels[0].tenant, sizeof channel->tenant);
    }
    tenant_of_endpoint(call->simulator, channel, device);
    return channel;
}

void call_emit_extension(struct call *call, struct channel *channel, const char *application, const char *data)
{
    channel_set(channel->application, application);
    channel_set(channel->data, data);
    emit_channel(call->simulator, "Newexten", CLASS_DIALPLAN, channel);
    emit_line(call->simulator, "Extension: %s", channel->exten);
    emit_line(call->simulator, "Application: %s", application);
    emit_line(call->simulator, "AppData: %s", data);
    emit_end(call->simulator);
    tenant_by_dialplan(call->simulator, channel, call->member != NULL ? call->member->interface : call->dial,
                       call->context);
}

void call_emit_state(struct call *call, struct channel *channel, int state)
{
    channel->state = state;
    if (state == STATE_UP) {
        channel->answered = time(NULL);
        emit_cel(call->simulator, channel, "ANSWER", "");
    }
    emit_channel(call->simulator, "Newstate", CLASS_CALL, channel);
    emit_end(call->simulator);
    queue_channel_changed(call->simulator, channel);
}

void call_emit_dial(struct call *call, const char *event, struct channel *caller, struct channel *agent,
                    const char *status)
{
    emit_start(call->simulator, event, CLASS_CALL);
    if (caller != NULL)
        channel_format(&call->simulator->text, "", caller);
    channel_format(&call->simulator->text, "Dest", agent);
    if (status != NULL) {
        emit_line(call->simulator, "DialStatus: %s", status);
    } else {
        const char *slash = strchr(call->dial, '/');
        emit_line(call->simulator, "DialString: %s", slash == NULL ? call->dial : slash + 1);
    }
    emit_end(call->simulator);
}

void call_emit_bridge(struct call *call, const char *event, const struct channel *channel, int channels)
{
    struct simulator *simulator = call->simulator;
    emit_start(simulator, event, CLASS_CALL);
    emit_line(simulator, "BridgeUniqueid: %s", call->bridge);
    emit_line(simulator, "BridgeType: basic");
    emit_line(simulator, "BridgeTechnology: simple_bridge");
    emit_line(simulator, "BridgeCreator: <unknown>");
    emit_line(simulator, "BridgeName: <unknown>");
    emit_line(simulator, "BridgeNumChannels: %d", channels);
    emit_line(simulator, "BridgeVideoSourceMode: none");
    if (channel != NULL)
        channel_format(&simulator->text, "", channel);
    emit_end(simulator);
}

void call_emit_hangup(struct call *call, struct channel *channel)
{
    struct simulator *simulator = call->simulator;
    char extra[100];
    const char *text = call->cause == 17 ? "User busy" : call->cause == 19 ? "User alerting, no answer" : NULL;
    if (text == NULL)
        text = call->cause == 16 ? "Normal Clearing" : "Unknown";
    snprintf(extra, sizeof extra, "{\"hangupcause\":%d,\"hangupsource\":\"\",\"dialstatus\":\"\"}", call->cause);
    emit_channel(simulator, "SoftHangupRequest", CLASS_CALL, channel);
    emit_line(simulator, "Cause: %d", call->cause);
    emit_end(simulator);
    emit_cel(simulator, channel, "HANGUP", extra);
    emit_cel(simulator, channel, "CHAN_END", "");
    channel->gone = true;
    emit_channel(simulator, "Hangup", CLASS_CALL, channel);
    emit_line(simulator, "Cause: %d", call->cause);
    emit_line(simulator, "Cause-txt: %s", text);
    if (!simulator->options.legacy && call->cause != 16) // since 20.17, 22.7 and 23.1; not after a normal end
        emit_line(simulator, "TechCause: %d", call->cause == 17 ? 486 : 480);
    emit_end(simulator);
    queue_channel_changed(simulator, channel);
}
