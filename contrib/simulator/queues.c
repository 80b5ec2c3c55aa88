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

static bool is_used(const struct simulator *simulator, const struct queue_member *member)
{
    for (const struct call *call = simulator->calls; call != NULL; call = call->next)
        if (call->member == member)
            return true;
    return false;
}

struct queue_member *queue_member_place(struct queue *queue)
{
    for (int i = 0; i < QUEUE_MEMBERS; i++)
        if (!queue->members[i].present && queue->members[i].state <= MEMBER_NOT_IN_USE)
            return &queue->members[i];
    return NULL;
}

struct queue *queue_pick(struct simulator *simulator, uint64_t random, struct queue_member **found)
{
    for (int i = 0; i < QUEUES; i++) {
        struct queue *queue = &simulator->queues[(random + (uint64_t)i) % QUEUES];
        for (int j = 0; j < QUEUE_MEMBERS; j++) {
            struct queue_member *member = &queue->members[j];
            if (!member->present || member->paused || member->state != MEMBER_NOT_IN_USE || is_used(simulator, member))
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
    emit_line(simulator, "InCall: %d", member->state == MEMBER_IN_USE);
    emit_line(simulator, "Status: %d", (int)member->state);
    emit_line(simulator, "Paused: %d", member->paused);
    emit_line(simulator, "PausedReason: %s", member->reason);
    emit_line(simulator, "Ringinuse: 1");
    emit_line(simulator, "Wrapuptime: 0");
    emit_end(simulator);
}

void queue_member_state(struct simulator *simulator, struct queue_member *member, enum member_state state)
{
    member->state = state;
    if (member->present)
        emit_queue_member(simulator, "QueueMemberStatus", member);
}
