// queues.c: call queues and their members.
#include "queues.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "calls.h"
#include "emit.h"
#include "mask.h"

enum { QUEUES = 2, AGENTS = 4 };

void queues_init(struct simulator *simulator)
{
    static const char *const names[QUEUES] = {"support", "sales"};
    struct queue *queues = must_calloc(QUEUES + 1, sizeof *queues);
    for (int i = 0; i < QUEUES; i++) {
        queues[i].name = names[i];
        for (int j = 0; j < AGENTS; j++) {
            struct queue_member *member = &queues[i].members[j];
            int number = 101 + i * AGENTS + j;
            *member = (struct queue_member){
                .queue = &queues[i], .login = simulator->started, .state = MEMBER_NOT_IN_USE, .present = true};
            snprintf(member->interface, sizeof member->interface, "PJSIP/%d", number);
            snprintf(member->name, sizeof member->name, "Agent %d", number);
            channel_set(member->state_interface, member->interface);
        }
    }
    simulator->queues = queues;
}

void queues_fini(struct simulator *simulator)
{
    free(simulator->queues);
    simulator->queues = NULL;
}

struct queue *queue_find(const struct simulator *simulator, const char *name)
{
    for (struct queue *queue = simulator->queues; queue->name != NULL; queue++)
        if (strcasecmp(queue->name, name) == 0)
            return queue;
    return NULL;
}

struct queue_member *queue_member_find(struct queue *queue, const char *interface)
{
    for (int i = 0; i < QUEUE_MEMBERS; i++)
        if (queue->members[i].present && strcasecmp(queue->members[i].interface, interface) == 0)
            return &queue->members[i];
    return NULL;
}

/** Is `channel` one of `device`? `PJSIP/101-0000002a` is one of `PJSIP/101`. */
static bool is_at(const struct channel *channel, const char *device)
{
    size_t length = strlen(device);
    return !channel->gone && strncasecmp(channel->name, device, length) == 0 && channel->name[length] == '-';
}

enum member_state queue_device_state(const struct simulator *simulator, const char *device)
{
    bool rings = false;
    bool talks = false;
    for (const struct call *call = simulator->calls; call != NULL; call = call->next) {
        for (size_t i = 0; i < call->count; i++) {
            if (!is_at(&call->channels[i], device))
                continue;
            rings |= call->channels[i].state == STATE_RINGING;
            talks |= call->channels[i].state == STATE_RING || call->channels[i].state == STATE_UP;
        }
    }
    if (talks)
        return rings ? MEMBER_RINGING_IN_USE : MEMBER_IN_USE;
    return rings ? MEMBER_RINGING : MEMBER_NOT_IN_USE;
}

/** Is a call at this device, or on its way there? */
static bool is_used(const struct simulator *simulator, const char *device)
{
    for (const struct call *call = simulator->calls; call != NULL; call = call->next) {
        if (strcasecmp(call->dial, device) == 0)
            return true;
        for (size_t i = 0; i < call->count; i++)
            if (is_at(&call->channels[i], device))
                return true;
    }
    return false;
}

/** Does a call point at this member? */
static bool is_called(const struct simulator *simulator, const struct queue_member *member)
{
    for (const struct call *call = simulator->calls; call != NULL; call = call->next)
        if (call->member == member)
            return true;
    return false;
}

struct queue_member *queue_member_place(const struct simulator *simulator, struct queue *queue)
{
    for (int i = 0; i < QUEUE_MEMBERS; i++)
        if (!queue->members[i].present && !is_called(simulator, &queue->members[i]))
            return &queue->members[i];
    return NULL;
}

struct queue *queue_pick(struct simulator *simulator, uint64_t random, struct queue_member **found)
{
    for (int i = 0; i < QUEUES; i++) {
        struct queue *queue = &simulator->queues[(random + (uint64_t)i) % QUEUES];
        for (int j = 0; j < QUEUE_MEMBERS; j++) {
            int place = j < AGENTS ? (int)((random / QUEUES + (uint64_t)j) % AGENTS) : j; // all of them get calls
            struct queue_member *member = &queue->members[place];
            if (!member->present || member->paused || is_used(simulator, member->state_interface))
                continue;
            *found = member;
            return queue;
        }
    }
    return NULL;
}

size_t queue_callers(const struct simulator *simulator, const struct queue *queue)
{
    size_t count = 0;
    for (const struct call *call = simulator->calls; call != NULL; call = call->next)
        if (call->scenario == &scenario_queue && call->queue == queue && call->bridge[0] == '\0')
            count++;
    return count;
}

void emit_queue_member(struct simulator *simulator, const char *event, const struct queue_member *member)
{
    emit_start(simulator, event, CLASS_AGENT);
    emit_line(simulator, "Queue: %s", member->queue->name);
    emit_line(simulator, "MemberName: %s", member->name);
    emit_line(simulator, "Interface: %s", member->interface);
    emit_line(simulator, "StateInterface: %s", member->state_interface);
    emit_line(simulator, "Membership: %s", member->dynamic ? "dynamic" : "static");
    emit_line(simulator, "Penalty: %d", member->penalty);
    emit_line(simulator, "CallsTaken: %u", member->calls);
    emit_line(simulator, "LastCall: %lld", (long long)member->last_call);
    emit_line(simulator, "LastPause: %lld", (long long)member->last_pause);
    emit_line(simulator, "LoginTime: %lld", (long long)member->login);
    emit_line(simulator, "InCall: %d", member->state == MEMBER_IN_USE || member->state == MEMBER_RINGING_IN_USE);
    emit_line(simulator, "Status: %d", (int)member->state);
    emit_line(simulator, "Paused: %d", member->paused);
    emit_line(simulator, "PausedReason: %s", member->reason);
    emit_line(simulator, "Ringinuse: 1");
    emit_line(simulator, "Wrapuptime: 0");
    emit_end(simulator);
}

void queue_channel_changed(struct simulator *simulator, const struct channel *channel)
{
    for (struct queue *queue = simulator->queues; queue->name != NULL; queue++) {
        for (int i = 0; i < QUEUE_MEMBERS; i++) {
            struct queue_member *member = &queue->members[i];
            size_t length = strlen(member->state_interface);
            if (!member->present || length == 0 || strncasecmp(channel->name, member->state_interface, length) != 0 ||
                channel->name[length] != '-')
                continue;
            enum member_state state = queue_device_state(simulator, member->state_interface);
            if (state == member->state)
                continue;
            member->state = state;
            emit_queue_member(simulator, "QueueMemberStatus", member);
        }
    }
}
