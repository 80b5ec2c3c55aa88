// actions.c: the table of actions, and the checks that come before an action runs.
#include "actions.h"

#include <string.h>
#include <strings.h>

#include "mask.h"
#include "reply.h"

enum { CORE_READ = CLASS_SYSTEM | CLASS_REPORTING, CALL_READ = CLASS_CALL | CLASS_REPORTING };

const struct action actions[] = {
    {"Atxfer", CLASS_CALL, "Attended transfer.", action_atxfer},
    {"BridgeList", 0, "Get a list of bridges in the system.", action_bridge_list},
    {"Challenge", 0, "Generate Challenge for MD5 Auth.", action_challenge},
    {"Command", CLASS_COMMAND, "Execute Asterisk CLI Command.", action_command},
    {"CoreSettings", CORE_READ, "Show PBX core settings (version etc).", action_core_settings},
    {"CoreShowChannels", CORE_READ, "List currently active channels.", action_core_show_channels},
    {"CoreStatus", CORE_READ, "Show PBX core status variables.", action_core_status},
    {"DBDel", CLASS_SYSTEM, "Delete DB entry.", action_db_del},
    {"DBDelTree", CLASS_SYSTEM, "Delete DB Tree.", action_db_del_tree},
    {"DBGet", CORE_READ, "Get DB Entry.", action_db_get},
    {"DBGetTree", CORE_READ, "Get DB entries, optionally at a particular family/key", action_db_get_tree},
    {"DBPut", CLASS_SYSTEM, "Put DB entry.", action_db_put},
    {"DeviceStateList", CALL_READ, "List the current known device states.", action_device_state_list},
    {"Events", 0, "Control Event Flow.", action_events},
    {"ExtensionState", CALL_READ, "Check Extension Status.", action_extension_state},
    {"Filter", CLASS_SYSTEM, "Dynamically add filters for the current manager session.", action_filter},
    {"Getvar", CALL_READ, "Gets a channel variable or function value.", action_getvar},
    {"Hangup", CLASS_SYSTEM | CLASS_CALL, "Hangup channel.", action_hangup},
    {"ListCommands", 0, "List available manager commands.", action_list_commands},
    {"Login", 0, "Login Manager.", action_login},
    {"Logoff", 0, "Logoff Manager.", action_logoff},
    {"MailboxCount", CALL_READ, "Check Mailbox Message Count.", action_mailbox_count},
    {"MailboxStatus", CALL_READ, "Check mailbox.", action_mailbox_status},
    {"ModuleCheck", CLASS_SYSTEM, "Check if module is loaded.", action_module_check},
    {"ModuleLoad", CLASS_SYSTEM, "Module management.", action_module_load},
    {"Originate", CLASS_ORIGINATE, "Originate a call.", action_originate},
    {"ParkedCalls", CLASS_CALL, "List parked calls.", action_parked_calls},
    {"Ping", 0, "Keepalive command.", action_ping},
    {"PJSIPSetMaintenance", CLASS_SYSTEM, "Sets the maintenance of a PJSIP endpoint.", action_pjsip_set_maintenance},
    {"PJSIPShowEndpoints", CLASS_SYSTEM, "Lists PJSIP endpoints.", action_pjsip_show_endpoints},
    {"PJSIPShowMaintenance", CLASS_SYSTEM | CLASS_REPORTING, "Lists the maintenance of PJSIP endpoints.",
     action_pjsip_show_maintenance},
    {"QueueAdd", CLASS_AGENT, "Add interface to queue.", action_queue_add},
    {"QueuePause", CLASS_AGENT, "Makes a queue member temporarily unavailable.", action_queue_pause},
    {"QueueRemove", CLASS_AGENT, "Remove interface from queue.", action_queue_remove},
    {"QueueStatus", 0, "Show queue status.", action_queue_status},
    {"QueueSummary", 0, "Show queue summary.", action_queue_summary},
    {"Redirect", CLASS_CALL, "Redirect (transfer) a call.", action_redirect},
    {"Reload", CLASS_SYSTEM | CLASS_CONFIG, "Send a reload event.", action_reload},
    {"Setvar", CLASS_CALL, "Sets a channel variable or function value.", action_setvar},
    {"SimControl", 0, "Control the simulator: rate, calls and faults.", action_sim_control},
    {"Status", CLASS_SYSTEM | CALL_READ, "List channel status.", action_status},
    {"UpdateConfig", CLASS_CONFIG, "Update basic configuration.", action_update_config},
    {"UserEvent", CLASS_USER, "Send an arbitrary event.", action_user_event},
    {"WaitEvent", 0, "Wait for an event to occur.", action_wait_event},
    {NULL, 0, NULL, NULL},
};

const char *argument(const struct session *session, const char *name)
{
    return request_find(&session->request, name);
}

static bool is_open_to_all(const char *name)
{
    return strcasecmp(name, "Login") == 0 || strcasecmp(name, "Logoff") == 0 || strcasecmp(name, "Challenge") == 0;
}

void action_run(struct session *session)
{
    const char *name = request_action(&session->request);
    const struct action *action = actions;
    if (*name == '\0') {
        reply_error(session, "Missing action in request");
        return;
    }
    if (!session->authenticated && !is_open_to_all(name)) {
        reply_error(session, "Permission denied");
        return;
    }
    while (action->name != NULL && strcasecmp(action->name, name) != 0)
        action++;
    if (action->name == NULL)
        reply_error(session, "Invalid/unknown command: %s. Use Action: ListCommands to show available commands.", name);
    else if (action->classes != 0 && (action->classes & session->simulator->options.write_mask) == 0)
        reply_error(session, "Permission denied");
    else
        action->run(session);
}
