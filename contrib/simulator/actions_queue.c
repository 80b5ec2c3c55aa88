// actions_queue.c: actions on queues.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions.h"
#include "calls.h"
#include "mask.h"
#include "queues.h"
#include "reply.h"

static bool check_arguments(struct session *session)
{
    if (*argument(session, "Queue") == '\0')
        reply_error(session, "'Queue' not specified.");
    else if (*argument(session, "Interface") == '\0')
        reply_error(session, "'Interface' not specified.");
    else
        return true;
    return false;
}

void action_queue_add(struct session *session)
{
    const char *interface = argument(session, "Interface");
    const char *name = argument(session, "MemberName");
    const char *state = argument(session, "StateInterface");
    if (!check_arguments(session))
        return;
    struct queue *queue = queue_find(session->simulator, argument(session, "Queue"));
    if (queue == NULL) {
        reply_error(session, "Unable to add interface to queue: No such queue");
        return;
    }
    struct queue_member *member =
        queue_member_find(queue, interface) == NULL ? queue_member_place(session->simulator, queue) : NULL;
    if (member == NULL) {
        reply_error(session, "Unable to add interface: Already there");
        return;
    }
    *member = (struct queue_member){
        .queue = queue, .login = time(NULL), .state = MEMBER_NOT_IN_USE, .present = true, .dynamic = true};
    channel_set(member->interface, interface);
    channel_set(member->name, *name == '\0' ? interface : name);
    channel_set(member->state_interface, *state == '\0' ? interface : state);
    member->state = queue_device_state(session->simulator, member->state_interface);
    member->penalty = (int)strtol(argument(session, "Penalty"), NULL, 10);
    member->paused = mask_is_true(argument(session, "Paused"));
    emit_queue_member(session->simulator, "QueueMemberAdded", member);
    reply_success(session, "Added interface to queue");
}

void action_queue_remove(struct session *session)
{
    if (!check_arguments(session))
        return;
    struct queue *queue = queue_find(session->simulator, argument(session, "Queue"));
    if (queue == NULL) {
        reply_error(session, "Unable to remove interface from queue: No such queue");
        return;
    }
    struct queue_member *member = queue_member_find(queue, argument(session, "Interface"));
    if (member == NULL) {
        reply_error(session, "Unable to remove interface: Not there");
        return;
    }
    emit_queue_member(session->simulator, "QueueMemberRemoved", member);
    member->present = false;
    reply_success(session, "Removed interface from queue");
}

void action_queue_pause(struct session *session)
{
    const char *interface = argument(session, "Interface");
    const char *paused = argument(session, "Paused");
    const char *name = argument(session, "Queue");
    bool found = false;
    if (*interface == '\0' || *paused == '\0') {
        reply_error(session, "Need 'Interface' and 'Paused' parameters.");
        return;
    }
    for (struct queue *queue = session->simulator->queues; queue->name != NULL; queue++) {
        struct queue_member *member = queue_member_find(queue, interface);
        if (member == NULL || (*name != '\0' && strcasecmp(name, queue->name) != 0))
            continue;
        found = true;
        member->paused = mask_is_true(paused);
        if (member->paused)
            member->last_pause = time(NULL);
        channel_set(member->reason, member->paused ? argument(session, "Reason") : "");
        emit_queue_member(session->simulator, "QueueMemberPause", member);
    }
    if (!found)
        reply_error(session, "Interface not found");
    else
        reply_success(session,
                      mask_is_true(paused) ? "Interface paused successfully" : "Interface unpaused successfully");
}

static void write_params(struct session *session, const struct queue *queue)
{
    reply_item(session, "QueueParams");
    reply_line(session, "Queue: %s\r\nMax: 0\r\nStrategy: ringall", queue->name);
    reply_line(session, "Calls: %zu", queue_callers(session->simulator, queue));
    uint64_t count = queue->completed > 0 ? queue->completed : 1;
    double in_time = 100.0 * queue->in_time / (double)count;
    reply_line(session, "Holdtime: %" PRIu64 "\r\nTalkTime: %" PRIu64, queue->hold_s / count, queue->talk_s / count);
    reply_line(session, "Completed: %u\r\nAbandoned: %u", queue->completed, queue->abandoned);
    reply_line(session, "ServiceLevel: %d\r\nServicelevelPerf: %.1f\r\nServicelevelPerf2: %.1f\r\nWeight: 0",
               SERVICE_LEVEL, in_time, in_time);
    reply_action_id(session);
    reply_end(session);
}

static void write_member(struct session *session, const struct queue_member *member)
{
    reply_item(session, "QueueMember");
    reply_line(session, "Queue: %s", member->queue->name);
    reply_line(session, "Name: %s", member->name);
    reply_line(session, "Location: %s", member->interface);
    reply_line(session, "StateInterface: %s", member->state_interface);
    reply_line(session, "Membership: %s", member->dynamic ? "dynamic" : "static");
    reply_line(session, "Penalty: %d\r\nCallsTaken: %u", member->penalty, member->calls);
    reply_line(session, "LastCall: %lld\r\nLastPause: %lld\r\nLoginTime: %lld", (long long)member->last_call,
               (long long)member->last_pause, (long long)member->login);
    reply_line(session, "InCall: %d", member->state == MEMBER_IN_USE || member->state == MEMBER_RINGING_IN_USE);
    reply_line(session, "Status: %d\r\nPaused: %d\r\nPausedReason: %s", (int)member->state, member->paused,
               member->reason);
    reply_line(session, "Wrapuptime: 0");
    reply_action_id(session);
    reply_end(session);
}

static size_t write_callers(struct session *session, const struct queue *queue)
{
    size_t position = 0;
    for (const struct call *call = session->simulator->calls; call != NULL; call = call->next) {
        const struct channel *channel = &call->channels[0];
        if (call->scenario != &scenario_queue || call->queue != queue || call->bridge[0] != '\0')
            continue;
        reply_item(session, "QueueEntry");
        reply_line(session, "Queue: %s\r\nPosition: %zu", queue->name, ++position);
        reply_line(session, "Channel: %s\r\nUniqueid: %s", channel->name, channel->uniqueid);
        reply_line(session, "CallerIDNum: %s\r\nCallerIDName: %s", channel->number, channel->caller);
        reply_line(session, "ConnectedLineNum: unknown\r\nConnectedLineName: unknown");
        reply_line(session, "Wait: %ld\r\nPriority: 0", (long)(time(NULL) - channel->created));
        reply_action_id(session);
        reply_end(session);
    }
    return position;
}

void action_queue_status(struct session *session)
{
    const char *only = argument(session, "Queue");
    const char *only_member = argument(session, "Member");
    size_t count = 0;
    reply_list(session, "Queue status will follow");
    for (struct queue *queue = session->simulator->queues; queue->name != NULL; queue++) {
        if (*only != '\0' && strcasecmp(only, queue->name) != 0)
            continue;
        write_params(session, queue);
        count++;
        for (int i = 0; i < QUEUE_MEMBERS; i++) {
            const struct queue_member *member = &queue->members[i];
            if (!member->present || (*only_member != '\0' && strcasecmp(only_member, member->interface) != 0))
                continue;
            write_member(session, member);
            count++;
        }
        count += write_callers(session, queue);
    }
    reply_complete(session, "QueueStatusComplete", count);
    reply_end(session);
}

void action_queue_summary(struct session *session)
{
    const char *only = argument(session, "Queue");
    size_t count = 0;
    reply_list(session, "Queue summary will follow");
    for (struct queue *queue = session->simulator->queues; queue->name != NULL; queue++) {
        int present = 0;
        int available = 0;
        if (*only != '\0' && strcasecmp(only, queue->name) != 0)
            continue;
        for (int i = 0; i < QUEUE_MEMBERS; i++) {
            const struct queue_member *member = &queue->members[i];
            present += member->present;
            available += member->present && !member->paused && member->state == MEMBER_NOT_IN_USE;
        }
        reply_item(session, "QueueSummary");
        reply_line(session, "Queue: %s\r\nLoggedIn: %d\r\nAvailable: %d", queue->name, present, available);
        reply_line(session, "Callers: %zu", queue_callers(session->simulator, queue));
        reply_line(session, "HoldTime: 0\r\nTalkTime: 0\r\nLongestHoldTime: 0");
        reply_action_id(session);
        reply_end(session);
        count++;
    }
    reply_complete(session, "QueueSummaryComplete", count);
    reply_end(session);
}
