// actions.h: the table of actions and what runs them. A handler answers with reply_*() or blocks with session_block().
#pragma once
#include "session.h"

struct action {
    const char *name;
    uint32_t classes; // any one of them is needed; 0: every user
    const char *synopsis;
    void (*run)(struct session *session);
};

/** Runs the request of `session`, with the checks and in the order of Asterisk. */
void action_run(struct session *session);

/** The table in order of name; its last entry has no name. */
extern const struct action actions[];

/** Goes on with a WaitEvent when an event has come or its time is over. */
session_resume action_wait_event_resume;

/** Lends the value of a header of the running action, "" if absent. */
const char *argument(const struct session *session, const char *name);

// actions_session.c
void action_login(struct session *session);
void action_challenge(struct session *session);
void action_logoff(struct session *session);
void action_events(struct session *session);
void action_filter(struct session *session);
void action_ping(struct session *session);
void action_wait_event(struct session *session);
void action_list_commands(struct session *session);
void action_user_event(struct session *session);

// actions_core.c
void action_core_settings(struct session *session);
void action_core_status(struct session *session);
void action_core_show_channels(struct session *session);
void action_status(struct session *session);
void action_command(struct session *session);
void action_reload(struct session *session);
void action_module_load(struct session *session);
void action_update_config(struct session *session);
void action_module_check(struct session *session);

// actions_call.c
void action_originate(struct session *session);
void action_hangup(struct session *session);
void action_redirect(struct session *session);
void action_atxfer(struct session *session);
void action_getvar(struct session *session);
void action_setvar(struct session *session);

// actions_queue.c
void action_queue_add(struct session *session);
void action_queue_remove(struct session *session);
void action_queue_pause(struct session *session);
void action_queue_status(struct session *session);
void action_queue_summary(struct session *session);

// actions_state.c
void action_db_put(struct session *session);
void action_db_get(struct session *session);
void action_db_del(struct session *session);
void action_db_del_tree(struct session *session);
void action_db_get_tree(struct session *session);
void action_pjsip_set_maintenance(struct session *session);
void action_pjsip_show_endpoints(struct session *session);
void action_pjsip_show_maintenance(struct session *session);
void action_device_state_list(struct session *session);
void action_bridge_list(struct session *session);
void action_parked_calls(struct session *session);
void action_extension_state(struct session *session);
void action_mailbox_count(struct session *session);
void action_mailbox_status(struct session *session);

// control.c
void action_sim_control(struct session *session);
