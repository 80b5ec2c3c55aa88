// core/session/connection/reconfigure.c: changes the sessions of a worker over to another configuration and its
// scripts.
#include "session/connection/reconfigure.h"

#include "base/address_rules.h"
#include "base/memory.h"
#include "config/compare.h"
#include "session/access/by_token.h"
#include "session/access/rights.h"
#include "session/access/token_rights.h"
#include "session/client/due.h"
#include "session/client/publish.h"
#include "session/connection/actions.h"
#include "session/connection/exporting.h"
#include "session/connection/input.h"
#include "session/connection/script_timer.h"
#include "session/connection/sessions.h"
#include "session/delivery/event_actions.h"
#include "session/delivery/exported.h"
#include "session/delivery/feeds.h"
#include "session/delivery/kept.h"
#include "session/delivery/recode.h"
#include "session/delivery/resume.h"
#include "session/scripting/host.h"

#include <stdlib.h>
#include <string.h>

#define MOST_JUDGEMENTS 10 // of one action by scripts

/** Sets the session's listener as the new configuration describes it. If that has none like it, the old one stays. */
static void reconfigure_listen(struct session *session, struct config *config)
{
    size_t index, same;

    if (session->exported != NULL)
        return; // its listener is none of the configuration
    index = (size_t)(session->listen - session->listen_config->listen);
    same = config_same_listen(session->listen_config, index, config);
    if (same == SIZE_MAX)
        return;
    session->listen = &config->listen[same];
    config_unref(session->listen_config);
    session->listen_config = config_ref(config);
}

/** Returns the session's user in the new configuration; NULL: there is none. */
static const struct user_config *reconfigure_user(const struct session *session, const struct config *config)
{
    const struct export_config *exporter =
        session->exported == NULL ? NULL : config_find_export(config, session->exported->entry->name);
    const char *name = exporter != NULL ? exporter->user : session->user != NULL ? session->user->name : NULL;

    return name == NULL ? NULL : config_find_user(config, span_of(name));
}

/** Would the login of the session be refused now? The connection of a protocol whose requests log in by themselves must
 *  ask again then: the credentials of its next request count, not those of an earlier one. Streams and AMI stay. */
static bool reconfigure_is_outdated(const struct session *session, const struct user_config *user)
{
    static const struct network_list nobody = {0};

    if (session->user == NULL || user == NULL || session_is_encoded(session))
        return false;
    return strcmp(session->user->secret, user->secret) != 0 || session->user->hashed != user->hashed ||
           !address_rules_admit(&user->address, &nobody, session->address);
}

void reconfigure_session(struct session *session, struct config *config)
{
    const struct user_config *user = reconfigure_user(session, config);

    if (session->user != NULL && user == NULL) {
        session_end(session, END_USER_REMOVED);
        return;
    }
    session->outdated = session->outdated || reconfigure_is_outdated(session, user);
    reconfigure_listen(session, config);
    session->user = user;
    if (user != NULL) {
        session->read = user->read;
        session->write = user->write;
        session->admin = user->admin;
        token_rights_reduce(session);
    }
    session->view = session->authenticated ? rights_view(session, config, user) : NULL;
    config_unref(session->config);
    session->config = config_ref(config);
    if (!by_token_keep(session))
        return;
    actions_judge_again(session);
    feeds_choose(session);
    publish_session(session);
}

/** Changes the rules of calls. Calls are followed only if a user's entry requires it. */
static void reconfigure_calls(struct sessions *sessions)
{
    struct calls *fresh = scripts_take_calls(sessions->scripts.current);

    calls_destroy(sessions->replaced_rules);
    if (fresh != NULL && sessions->verdicts.calls != NULL) {
        calls_adopt_rules(sessions->verdicts.calls, fresh);
        sessions->replaced_rules = fresh;
        return;
    }
    sessions->replaced_rules = sessions->verdicts.calls;
    sessions->verdicts.calls = fresh;
}

/** Lets an action that scripts of the earlier configuration are judging be judged again. It is refused if that has
 *  happened MOST_JUDGEMENTS times: reloads that follow each other faster than a script decides must not hold it up for
 *  ever. */
static void forget_judgement(struct session *session)
{
    struct held *held = LIST_FIRST(&session->input.held, struct held, node);

    if (session->wait.why != WAIT_VERDICT)
        return;
    script_states_leave_retired(&session->sessions->scripts, session->handle); // their verdict must not come any more
    wait_end(&session->wait, WAIT_VERDICT);
    if (++held->judged_again < MOST_JUDGEMENTS)
        return;
    held->judgement = JUDGEMENT_REFUSED;
    held->reason = memory_text("The scripts were reloaded again and again while they judged the action");
}

void reconfigure_sessions(struct sessions *sessions, struct config *config, struct scripts *scripts)
{
    struct list_walk walk;
    struct list_node *node;

    script_states_change(&sessions->scripts, scripts); // first, so that all scripts hear of sessions that end below
    sessions->verdicts.stateful = scripts_stateful(scripts, &sessions->verdicts.stateful_count);
    struct config *before = sessions->config;
    config_ref(config);
    sessions->config = config;
    recoder_destroy(sessions->recoder);
    sessions->recoder = recoder_create(config);
    kept_reconfigure(sessions, before);
    config_unref(before);
    reconfigure_calls(sessions);
    sessions_change_audience(sessions, 0);
    list_begin(&walk, &sessions->all);
    while ((node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, all);
        forget_judgement(session);
        reconfigure_session(session, config);
    }
    exporting_reconfigure(sessions);
    script_states_sweep(&sessions->scripts);
    list_begin(&walk, &sessions->all);
    while ((node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, all);
        resume_settle(session); // its feed may be another one
        if (session_is_dead(session))
            continue;
        event_actions_give_up(session); // it waited for an event under the earlier configuration
        input_resume(session);          // actions that waited for a verdict
        due_watch(session);             // its limits may be others
    }
    sessions_flush(sessions);
    script_timer_rest(sessions);
}
