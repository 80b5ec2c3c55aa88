// core/script/call.c: calls in flight: created by amp.call, answered by the host.
#include "script/call.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

// The analyzer takes a call that was detached and freed for one that is still in the list.
// NOLINTBEGIN(clang-analyzer-unix.Malloc)

static struct script_call *first_call(const struct script_state *state)
{
    return LIST_FIRST(&state->calls, struct script_call, of_state);
}

static struct script_call *next_call(const struct script_call *call)
{
    return LIST_NEXT(call, struct script_call, of_state);
}

struct script_call *script_call_create(struct task *task, struct lua_answer *answer, uint64_t timeout_ms)
{
    struct script_state *state = task->thread.state;
    struct script_call *call = memory_zero(1, sizeof *call);

    call->state = state;
    call->task = task;
    call->answer = answer;
    call->deadline_ms = script_now(state) + timeout_ms;
    call->number = ++state->last_call;
    list_add_first(&state->calls, &call->of_state);
    task->pending++;
    return call;
}

struct handle script_call_session(const struct script_call *call, const char **by)
{
    *by = call->task == NULL ? NULL : call->task->by;
    return *by == NULL ? (struct handle){0} : call->task->session;
}

bool script_call_is_awaited(const struct script_call *call)
{
    return call->state != NULL;
}

/** Detaches the call from its task, which no longer waits for it.
 *  @return true: the host has dropped the call, which the caller frees */
static bool call_detach(struct script_call *call)
{
    bool dropped = false;

    if (call->state == NULL)
        return false;
    if (call->state->host.leave != NULL)
        dropped = call->state->host.leave(call->state->host.context, call);
    list_remove(&call->state->calls, &call->of_state);
    call->state = NULL;
    call->task = NULL;
    call->answer = NULL;
    return dropped;
}

/** Detaches a call that the host may still end. */
static void call_leave(struct script_call *call)
{
    if (call_detach(call))
        free(call);
}

/** Completes the answer, and wakes the task. @param ended  the host has ended the call, which is freed */
static void call_finish(struct script_call *call, const char *reason, bool ended)
{
    struct task *task = call->task;
    struct lua_answer *answer = call->answer;

    if (call_detach(call) || ended)
        free(call);
    if (task == NULL)
        return;
    answer->done = true;
    if (reason != NULL && answer->reason[0] == '\0')
        (void)snprintf(answer->reason, sizeof answer->reason, "%s", reason);
    if (--task->pending == 0 && task->wake_ms == 0)
        script_task_wake(task);
}

void script_calls_drop(struct script_state *state, const struct lua_answer *answer)
{
    for (struct script_call *call = first_call(state); call != NULL; call = next_call(call)) {
        if (call->answer != answer)
            continue;
        struct task *task = call->task;
        call_leave(call);
        if (--task->pending == 0 && task->wake_ms == 0 && task->yielded)
            task->ready = true; // Lua's collector runs now, and so no script: it continues at the next tick
        return;
    }
}

void script_call_message(struct script_call *call, struct message *message)
{
    struct lua_answer *answer = call->answer;

    if (answer == NULL || answer->reason[0] != '\0')
        return;
    size_t bytes = sizeof *message + message->byte_count + message->header_count * sizeof(struct header);
    if (call->state->answer_bytes + bytes > call->state->limits.memory) {
        (void)snprintf(answer->reason, sizeof answer->reason, "the answer is too large");
        return;
    }
    if (answer->count == answer->capacity) {
        answer->capacity = answer->capacity == 0 ? 4 : answer->capacity * 2;
        answer->messages = memory_grow(answer->messages, answer->capacity * sizeof *answer->messages);
    }
    answer->messages[answer->count++] = message_ref(message);
    answer->bytes += bytes;
    call->state->answer_bytes += bytes;
}

void script_call_end(struct script_call *call, const char *reason)
{
    call_finish(call, reason, true);
}

static char *copy_bytes(struct span bytes)
{
    char *copy = memory_new(bytes.length + 1);

    if (bytes.length > 0)
        memcpy(copy, bytes.bytes, bytes.length);
    return copy;
}

void script_call_fetched(struct script_call *call, unsigned status, struct span head, struct span body)
{
    struct lua_answer *answer = call->answer;
    size_t bytes = head.length + body.length;

    if (answer == NULL || answer->reason[0] != '\0')
        return;
    if (call->state->answer_bytes + bytes > call->state->limits.memory) {
        (void)snprintf(answer->reason, sizeof answer->reason, "the answer is too large");
        return;
    }
    answer->status = status;
    answer->head = copy_bytes(head);
    answer->head_length = head.length;
    answer->body = copy_bytes(body);
    answer->body_length = body.length;
    answer->bytes += bytes;
    call->state->answer_bytes += bytes;
}

void script_calls_forget(const struct task *task)
{
    struct script_call *next;
    for (struct script_call *call = first_call(task->thread.state); call != NULL; call = next) {
        next = next_call(call);
        if (call->task == task)
            call_leave(call);
    }
}

void script_calls_tick(struct script_state *state, uint64_t now, const char *reason)
{
    struct script_call *call = first_call(state);
    uint64_t last = state->last_call;
    while (call != NULL) {
        if (call->number > last || (reason == NULL && call->deadline_ms > now)) {
            call = next_call(call);
            continue;
        }
        call_finish(call, reason != NULL ? reason : "no answer in time", false);
        call = first_call(state); // a script may have run
    }
}

uint64_t script_calls_due(const struct script_state *state)
{
    uint64_t due = UINT64_MAX;
    for (const struct script_call *call = first_call(state); call != NULL; call = next_call(call))
        if (call->deadline_ms < due)
            due = call->deadline_ms;
    return due;
}

void script_calls_fini(struct script_state *state)
{
    struct script_call *call;

    while ((call = first_call(state)) != NULL) {
        if (call->task != NULL)
            call->task->pending--;
        call_leave(call);
    }
}
// NOLINTEND(clang-analyzer-unix.Malloc)
