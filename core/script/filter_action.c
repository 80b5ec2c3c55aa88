// core/script/filter_action.c: a filter's verdict on what a client asks; the script may wait.
#include "script/filter.h"

#include "base/memory.h"
#include "script/lua_message.h"
#include "script/lua_session.h"
#include "script/task.h"

#include <stdio.h>
#include <stdlib.h>

#define REASON_BYTES 256

/** One action that is judged. */
struct judging {
    struct script_filter *filter;
    struct message *action; // one reference
    struct handle session;
    const char *by; // the proxy action that sends it, NULL: none
    script_judged *done;
    void (*forget)(void *context);
    void *context;
    struct lua_message *object; // lent to the script, kept alive by `ref`
    int ref;
};

static int lua_prepare(lua_State *L)
{
    struct judging *judging = lua_touserdata(L, 1);
    struct lua_message *object = lua_push_message(L, judging->action, true);
    object->guarded = true;
    lua_pushvalue(L, -1);
    judging->ref = luaL_ref(L, LUA_REGISTRYINDEX); // may raise for lack of memory
    judging->object = object;
    lua_rawgeti(L, LUA_REGISTRYINDEX, judging->filter->action);
    lua_insert(L, -2);
    lua_push_session(L, judging->session);
    lua_pushstring(L, judging->by);
    return 4;
}

/** Takes the action away from the script. @return the changed action, which the caller owns; NULL: the script has not
 *  changed it */
static struct message *close_judging(struct judging *judging)
{
    struct message *changed = judging->object == NULL ? NULL : script_message_close(judging->object);
    luaL_unref(judging->filter->state->L, LUA_REGISTRYINDEX, judging->ref);
    return changed;
}

static void judging_tell(struct judging *judging, enum script_verdict verdict, struct message *changed,
                         const char *reason)
{
    struct script_filter *filter = judging->filter;
    bool observed = filter->observe;

    filter->passed += verdict == SCRIPT_PASS;
    filter->changed += verdict == SCRIPT_CHANGE;
    filter->dropped += verdict == SCRIPT_DROP;
    if (verdict == SCRIPT_FAIL && filter->failing == SCRIPT_PASS)
        verdict = SCRIPT_PASS;
    if (observed)
        judging->done(judging->context, judging->session, SCRIPT_PASS, judging->action, NULL);
    else
        judging->done(judging->context, judging->session, verdict, changed != NULL ? changed : judging->action, reason);
    message_unref(changed);
    message_unref(judging->action);
    free(judging);
}

/** Copies the reason at index 2, if it is one, as one line. @return false: it is something else */
static bool read_reason(lua_State *L, char *reason)
{
    if (lua_isnoneornil(L, 2))
        return true;
    if (lua_type(L, 2) != LUA_TSTRING)
        return false;
    (void)snprintf(reason, REASON_BYTES, "%s", lua_tostring(L, 2));
    for (char *at = reason; *at != '\0'; at++)
        if (*at == '\r' || *at == '\n')
            *at = ' ';
    return true;
}

/** Reads the results: true, none, or false and a reason. A nil is a mistake, because most often it is a forgotten
 *  value, as in `return nil, "reason"`. @param wrong  set to the mistake, for the script's author;
 *  NULL: there is none */
static enum script_verdict read_results(lua_State *L, char *reason, const char **wrong)
{
    int count = lua_gettop(L);

    *wrong = NULL;
    if (count == 0)
        return SCRIPT_PASS;
    if (!lua_isboolean(L, 1) || !read_reason(L, reason) || count > 2)
        *wrong = "'action' returns true, nothing, or false and a reason";
    if (lua_isboolean(L, 1) && !lua_toboolean(L, 1))
        return SCRIPT_DROP; // whatever follows it
    return *wrong == NULL ? SCRIPT_PASS : SCRIPT_FAIL;
}

static void on_done(struct task *task, const char *error)
{
    struct judging *judging = task->context;
    char reason[REASON_BYTES] = "Action Filtered";
    enum script_verdict verdict = SCRIPT_FAIL;
    struct message *changed = close_judging(judging);

    if (error == task_gone) {
        if (judging->forget != NULL)
            judging->forget(judging->context);
        message_unref(changed);
        message_unref(judging->action);
        free(judging);
        return;
    }
    if (error == NULL) {
        verdict = read_results(task->L, reason, &error);
    }
    if (error != NULL)
        script_filter_failed(judging->filter, "action", error);
    if (verdict == SCRIPT_PASS && changed != NULL)
        verdict = SCRIPT_CHANGE;
    if (verdict != SCRIPT_CHANGE) {
        message_unref(changed);
        changed = NULL;
    }
    judging_tell(judging, verdict, changed,
                 verdict == SCRIPT_DROP   ? reason
                 : verdict == SCRIPT_FAIL ? "Action Filtered"
                                          : NULL);
}

void script_filter_judge_action(struct script_filter *filter, struct message *action, struct handle session,
                                const char *by, script_judged *done, void (*forget)(void *context), void *context)
{
    struct script_state *state = filter->state;
    struct error err;

    if (filter->action == LUA_NOREF) {
        done(context, session, SCRIPT_PASS, action, NULL);
        return;
    }
    struct judging *judging = memory_zero(1, sizeof *judging);
    *judging = (struct judging){.filter = filter,
                                .action = message_ref(action),
                                .session = session,
                                .by = by,
                                .done = done,
                                .forget = forget,
                                .context = context,
                                .ref = LUA_NOREF};
    filter->seen++;
    if (filter->quarantined) {
        judging_tell(judging, SCRIPT_FAIL, NULL, "Action Filtered");
        return;
    }
    filter->entered++;
    struct task_plan plan = {.owner = {filter->file, filter},
                             .prepare = lua_prepare,
                             .argument = judging,
                             .done = on_done,
                             .context = judging,
                             .session = session};
    if (script_task_start(state, &plan, &err))
        return;
    message_unref(close_judging(judging));
    script_filter_failed(filter, "action", err.text);
    judging_tell(judging, SCRIPT_FAIL, NULL, "Action Filtered");
}

void script_filter_action(struct script_filter *filter, struct message *action, struct handle session,
                          script_judged *done, void *context)
{
    script_filter_judge_action(filter, action, session, NULL, done, NULL, context);
}
