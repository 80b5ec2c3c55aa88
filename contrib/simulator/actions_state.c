// actions_state.c: the database, and the states of devices, endpoints, extensions and mailboxes.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions.h"
#include "calls.h"
#include "emit.h"
#include "mask.h"
#include "reply.h"

enum { FIRST_AGENT = 101, AGENTS = 8, KEY_BYTES = 2 * REQUEST_LINE };

static bool database_key(struct session *session, char key[KEY_BYTES], bool whole)
{
    const char *family = argument(session, "Family");
    const char *name = argument(session, "Key");
    if (whole && *family == '\0')
        reply_error(session, "No family specified.");
    else if (whole && *name == '\0')
        reply_error(session, "No key specified.");
    else {
        snprintf(key, KEY_BYTES, "%s%s%s%s", *family == '\0' ? "" : "/", family, *name == '\0' ? "" : "/", name);
        return true;
    }
    return false;
}

void action_db_put(struct session *session)
{
    char key[KEY_BYTES];
    if (!database_key(session, key, true))
        return;
    kv_set(&session->simulator->database, key, argument(session, "Val"));
    reply_success(session, "Updated database successfully");
}

void action_db_get(struct session *session)
{
    char key[KEY_BYTES];
    if (!database_key(session, key, true))
        return;
    const char *value = kv_find(&session->simulator->database, key);
    if (value == NULL) {
        reply_error(session, "Database entry not found");
        return;
    }
    reply_list(session, "Result will follow");
    reply_item(session, "DBGetResponse");
    reply_line(session, "Family: %s", argument(session, "Family"));
    reply_line(session, "Key: %s", argument(session, "Key"));
    reply_line(session, "Val: %s", value);
    reply_action_id(session);
    reply_end(session);
    reply_complete(session, "DBGetComplete", 1);
    reply_end(session);
}

void action_db_del(struct session *session)
{
    char key[KEY_BYTES];
    if (!database_key(session, key, true))
        return;
    if (kv_remove(&session->simulator->database, key, true) > 0)
        reply_success(session, "Key deleted successfully");
    else
        reply_error(session, "Database entry not found");
}

void action_db_del_tree(struct session *session)
{
    char key[KEY_BYTES];
    if (*argument(session, "Family") == '\0') {
        reply_error(session, "No family specified.");
        return;
    }
    database_key(session, key, false);
    strncat(key, "/", sizeof key - strlen(key) - 1);
    if (kv_remove(&session->simulator->database, key, false) > 0)
        reply_success(session, "Key tree deleted successfully");
    else
        reply_error(session, "Database entry not found");
}

void action_db_get_tree(struct session *session)
{
    const struct kv *database = &session->simulator->database;
    char key[KEY_BYTES];
    size_t count = 0;
    database_key(session, key, false);
    reply_list(session, "Result will follow");
    for (size_t i = 0; i < database->count; i++) {
        const char *name = database->pairs[i].name;
        size_t length = strlen(key);
        if (strncmp(name, key, length) != 0 || (name[length] != '/' && name[length] != '\0'))
            continue;
        reply_item(session, "DBGetTreeResponse");
        reply_line(session, "Key: %s", name);
        reply_line(session, "Val: %s", database->pairs[i].value);
        reply_action_id(session);
        reply_end(session);
        count++;
    }
    reply_complete(session, "DBGetTreeComplete", count);
    reply_end(session);
}

static int active_channels(const struct simulator *simulator, int agent)
{
    char prefix[32];
    int count = 0;
    int length = snprintf(prefix, sizeof prefix, "PJSIP/%d-", agent);
    for (const struct call *call = simulator->calls; call != NULL; call = call->next)
        for (size_t i = 0; i < call->count; i++)
            count += !call->channels[i].gone && strncmp(call->channels[i].name, prefix, (size_t)length) == 0;
    return count;
}

void action_pjsip_show_endpoints(struct session *session)
{
    reply_list(session, "A listing of Endpoints follows, presented as EndpointList events");
    for (int agent = FIRST_AGENT; agent < FIRST_AGENT + AGENTS; agent++) {
        int active = active_channels(session->simulator, agent);
        reply_item(session, "EndpointList");
        reply_action_id(session);
        reply_line(session, "ObjectType: endpoint\r\nObjectName: %d", agent);
        reply_line(session, "Transport: transport-udp\r\nAor: %d\r\nAuths: %d", agent, agent);
        reply_line(session, "OutboundAuths: \r\nContacts: %d/sip:%d@127.0.0.1:5060,", agent, agent);
        reply_line(session, "DeviceState: %s\r\nActiveChannels: %d", active > 0 ? "In use" : "Not in use", active);
        reply_end(session);
    }
    reply_complete(session, "EndpointListComplete", AGENTS);
    reply_end(session);
}

// --- maintenance, since 20.20, 22.10 and 23.4: which endpoints, in the AstDB below MAINTENANCE ---

#define MAINTENANCE "maintenance/"

static bool is_endpoint(const char *name)
{
    long number = strtol(name, NULL, 10);

    return name[strspn(name, "0123456789")] == '\0' && number >= FIRST_AGENT && number < FIRST_AGENT + AGENTS;
}

static bool is_maintained(struct simulator *simulator, const char *endpoint)
{
    char key[64];

    snprintf(key, sizeof key, MAINTENANCE "%.40s", endpoint);
    return kv_find(&simulator->variables, key) != NULL;
}

/** @return did it change? */
static bool set_maintenance(struct simulator *simulator, const char *endpoint, bool on)
{
    char key[64];

    if (is_maintained(simulator, endpoint) == on)
        return false;
    snprintf(key, sizeof key, MAINTENANCE "%.40s", endpoint);
    if (on)
        kv_set(&simulator->variables, key, "on");
    else
        kv_remove(&simulator->variables, key, true);
    return true;
}

void action_pjsip_set_maintenance(struct session *session)
{
    const char *endpoint = argument(session, "Endpoint"), *state = argument(session, "State");
    bool on = strcasecmp(state, "on") == 0, all = strcasecmp(endpoint, "all") == 0, changed = false;
    char name[16], text[80];

    if (*endpoint == '\0' || *state == '\0') {
        reply_error(session, *endpoint == '\0' ? "Endpoint parameter missing" : "State parameter missing");
        return;
    }
    if (!on && strcasecmp(state, "off") != 0) {
        reply_error(session, "State must be 'on' or 'off'");
        return;
    }
    if (!all && !is_endpoint(endpoint)) {
        reply_error(session, "Endpoint '%s' not found", endpoint);
        return;
    }
    for (int agent = FIRST_AGENT; agent < FIRST_AGENT + AGENTS; agent++) {
        snprintf(name, sizeof name, "%d", agent);
        if (all || strcmp(name, endpoint) == 0)
            changed = set_maintenance(session->simulator, name, on) || changed;
    }
    if (changed) {
        emit_start(session->simulator, "PJSIPMaintenanceStatus", CLASS_SYSTEM);
        emit_line(session->simulator, "Endpoint: %s", all ? "all" : endpoint);
        emit_line(session->simulator, "Status: %s", on ? "enabled" : "disabled");
        emit_end(session->simulator);
    }
    snprintf(text, sizeof text, "Maintenance mode %s%s", on ? "enabled" : "disabled", all ? " for all endpoints" : "");
    reply_success(session, text);
}

static void reply_maintenance(struct session *session, const char *endpoint)
{
    reply_item(session, "PJSIPMaintenanceStatus");
    reply_action_id(session);
    reply_line(session, "Endpoint: %s", endpoint);
    reply_line(session, "Status: %s", is_maintained(session->simulator, endpoint) ? "enabled" : "disabled");
    reply_end(session);
}

void action_pjsip_show_maintenance(struct session *session)
{
    const char *endpoint = argument(session, "Endpoint");
    int count = 0;

    reply_list(session, "Maintenance status events follow");
    if (*endpoint != '\0') {
        reply_maintenance(session, endpoint);
        count = 1;
    }
    for (int agent = FIRST_AGENT; *endpoint == '\0' && agent < FIRST_AGENT + AGENTS; agent++) {
        char name[16];
        snprintf(name, sizeof name, "%d", agent);
        if (!is_maintained(session->simulator, name))
            continue;
        reply_maintenance(session, name);
        count++;
    }
    reply_complete(session, "PJSIPMaintenanceStatusComplete", count);
    reply_end(session);
}

void action_device_state_list(struct session *session)
{
    reply_list(session, "Device State Changes will follow");
    for (int agent = FIRST_AGENT; agent < FIRST_AGENT + AGENTS; agent++) {
        reply_item(session, "DeviceStateChange");
        reply_action_id(session);
        reply_line(session, "Device: PJSIP/%d", agent);
        reply_line(session, "State: %s", active_channels(session->simulator, agent) > 0 ? "INUSE" : "NOT_INUSE");
        reply_end(session);
    }
    reply_complete(session, "DeviceStateListComplete", AGENTS);
    reply_end(session);
}

void action_bridge_list(struct session *session)
{
    size_t count = 0;
    reply_list(session, "Bridge listing will follow");
    for (const struct call *call = session->simulator->calls; call != NULL; call = call->next) {
        if (call->bridge[0] == '\0')
            continue;
        reply_item(session, "BridgeListItem");
        reply_action_id(session);
        reply_line(session, "BridgeUniqueid: %s\r\nBridgeType: basic", call->bridge);
        reply_line(session, "BridgeTechnology: simple_bridge\r\nBridgeCreator: <unknown>\r\nBridgeName: <unknown>");
        reply_line(session, "BridgeNumChannels: 2\r\nBridgeVideoSourceMode: none");
        reply_end(session);
        count++;
    }
    reply_complete(session, "BridgeListComplete", count);
    reply_end(session);
}

void action_parked_calls(struct session *session)
{
    reply_list(session, "Parked calls will follow");
    reply_complete(session, "ParkedCallsComplete", 0);
    reply_line(session, "Total: 0");
    reply_end(session);
}

void action_extension_state(struct session *session)
{
    const char *exten = argument(session, "Exten");
    const char *context = argument(session, "Context");
    int agent = 0;
    if (*exten == '\0') {
        reply_error(session, "Extension not specified");
        return;
    }
    for (int i = FIRST_AGENT; i < FIRST_AGENT + AGENTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        if (strcmp(name, exten) == 0)
            agent = i;
    }
    bool busy = agent != 0 && active_channels(session->simulator, agent) > 0;
    reply_start(session, "Success");
    reply_line(session, "Message: Extension Status");
    reply_line(session, "Exten: %s", exten);
    reply_line(session, "Context: %s", *context == '\0' ? "default" : context);
    reply_line(session, "Hint: %s%s", agent == 0 ? "" : "PJSIP/", agent == 0 ? "" : exten);
    reply_line(session, "Status: %d", agent == 0 ? -1 : busy);
    reply_line(session, "StatusText: %s", agent == 0 ? "Unknown" : busy ? "InUse" : "Idle");
    reply_end(session);
}

static bool start_mailbox(struct session *session, const char *message)
{
    if (*argument(session, "Mailbox") == '\0') {
        reply_error(session, "Mailbox not specified");
        return false;
    }
    reply_start(session, "Success");
    reply_line(session, "Message: %s", message);
    reply_line(session, "Mailbox: %s", argument(session, "Mailbox"));
    return true;
}

void action_mailbox_count(struct session *session)
{
    if (!start_mailbox(session, "Mailbox Message Count"))
        return;
    reply_line(session, "UrgMessages: 0\r\nNewMessages: 1\r\nOldMessages: 2");
    reply_end(session);
}

void action_mailbox_status(struct session *session)
{
    if (!start_mailbox(session, "Mailbox Status"))
        return;
    reply_line(session, "Waiting: 1");
    reply_end(session);
}
