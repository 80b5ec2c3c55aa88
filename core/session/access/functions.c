// core/session/access/functions.c: see functions.h.
#include "session/access/functions.h"

#include "ami/arguments.h"
#include "session/access/headers.h"

#include <ctype.h>

static bool contains_any(struct span text, const char *const *words, bool nocase)
{
    for (; *words != NULL; words++) {
        if (text_contains(text, *words, nocase))
            return true;
    }
    return false;
}

// --- variables of tied users ------------------------------------------------------------------------------------

static bool has_bracket(struct span name)
{
    return memchr(name.bytes, '(', name.length) != NULL || memchr(name.bytes, ')', name.length) != NULL;
}

/** Is it a function that only reads data of the channel itself, with only words in its brackets? */
static bool is_harmless_function(struct span text)
{
    static const char *const harmless[] = {"CALLERID(", "CONNECTEDLINE(", "CDR(", "LEN(", NULL};

    for (const char *const *name = harmless; *name != NULL; name++) {
        size_t length = strlen(*name);
        if (text.length <= length || memcmp(text.bytes, *name, length) != 0 || text.bytes[text.length - 1] != ')')
            continue;
        for (size_t i = length; i < text.length - 1; i++) {
            if (!isalnum((unsigned char)text.bytes[i]) && strchr("-_,. ", text.bytes[i]) == NULL)
                return false;
        }
        return true;
    }
    return false;
}

/** Is it a variable that every channel has (main/pbx_variables.c: ast_str_retrieve_variable), or a part of it
 *  (`EXTEN:1:2`)? Asterisk looks up others among the global variables, too. */
static bool is_builtin(struct span text)
{
    static const char *const names[] = {"CALLINGPRES", "CALLINGANI2", "CALLINGTON", "CALLINGTNS", "EXTEN",
                                        "CONTEXT",     "PRIORITY",    "CHANNEL",    "UNIQUEID",   "HANGUPCAUSE",
                                        "HINT",        "HINTNAME",    NULL};
    const char *colon = memchr(text.bytes, ':', text.length);
    struct span name = {text.bytes, colon == NULL ? text.length : (size_t)(colon - text.bytes)};

    for (size_t i = name.length; i < text.length; i++) {
        if (!isdigit((unsigned char)text.bytes[i]) && strchr(":-", text.bytes[i]) == NULL)
            return false;
    }
    for (const char *const *builtin = names; *builtin != NULL; builtin++) {
        if (span_equals(name, span_of(*builtin)))
            return true;
    }
    return false;
}

bool functions_may_get(const struct user_config *user, struct span text)
{
    if (text.length == 0)
        return true; // Asterisk has no variable without a name
    for (size_t i = 0; i < user->variable_count; i++) {
        if (span_equals(text, span_of(user->variables[i])))
            return true;
    }
    return has_bracket(text) ? is_harmless_function(text) : is_builtin(text);
}

/** Variables that have an effect in Asterisk itself if a channel has them. */
struct special {
    const char *name; // with `*` at its end a prefix, with `*` at its start a suffix
    enum { RUNS, GOES_ON, REACHES } effect;
};

static const struct special specials[] = {
    // RUNS: programs, and texts that become a command line, arguments of an application or are substituted
    // (res_monitor.c, app_queue.c, app_meetme.c, app_minivm.c, pbx_dundi.c; features.c: bridge_check_monitor() runs
    // Monitor with AUTO_MONITOR, and Monitor a shell with the name of its file).
    {"MONITOR_*", RUNS},
    {"AUTO_MONITOR", RUNS},
    {"MEETME_AGI_BACKGROUND", RUNS},
    {"MVM_FILENAME", RUNS},
    {"MVM_FORMAT", RUNS},
    {"DUNDIDIALARGS", RUNS},
    // GOES_ON: where a call continues in the dialplan, and subroutines that it runs (features.c, app_dial.c, channel.c:
    // ast_channel_connected_line_sub() and similar functions; bridge_basic.c: get_transfer_exten(); app_while.c,
    // app_if.c and, in 1.4, app_stack.c keep the places to which they return).
    {"*CONTEXT", GOES_ON},
    {"*GOTO_ON_BLINDXFR", GOES_ON},
    {"*_SEND_SUB", GOES_ON},
    {"*_SEND_MACRO", GOES_ON},
    {"GOSUB_RESULT", GOES_ON},
    {"MACRO_RESULT", GOES_ON},
    {"TRANSFER_EXTEN", GOES_ON},
    {"WHILE_*", GOES_ON},
    {"END_WHILE_*", GOES_ON},
    {"IF_*", GOES_ON},
    {"END_IF_*", GOES_ON},
    {"~GOSUB~*", GOES_ON},
    // REACHES: files, parking lots, devices to ring and features, as in headers of actions (features.c, res_parking.c).
    // A sound can be any file, such as the voice mail of others (bridge.c, features.c, app_meetme.c, chan_agent.c).
    {"TOUCH_MONITOR*", REACHES},
    {"TOUCH_MIXMONITOR*", REACHES},
    {"MEETME_RECORDINGFILE", REACHES},
    {"BRIDGE_PLAY_SOUND", REACHES},
    {"ATTENDED_TRANSFER_COMPLETE_SOUND", REACHES},
    {"*LIMIT_CONNECT_FILE", REACHES},
    {"*LIMIT_TIMEOUT_FILE", REACHES},
    {"*LIMIT_WARNING_FILE", REACHES},
    {"AGENTGOODBYE", REACHES},
    {"CALLWAITDELUXEANNOUNCEMENT", REACHES},
    {"PARKINGLOT", REACHES},
    {"PARKINGEXTEN", REACHES},
    {"PARKINGDYN*", REACHES},
    {"BLINDTRANSFER", REACHES},
    {"ATTENDEDTRANSFER", REACHES},
    {"DYNAMIC_FEATURES", REACHES},
};

static bool is_special(struct span name, const char *pattern)
{
    size_t length = strlen(pattern);

    if (pattern[0] == '*')
        return text_ends(name, pattern + 1);
    if (pattern[length - 1] == '*')
        return name.length >= length - 1 && strncasecmp(name.bytes, pattern, length - 1) == 0;
    return span_is(name, pattern);
}

bool functions_may_set(const struct user_config *user, struct span name)
{
    if (has_bracket(name))
        return false;
    while (name.length > 0 && ((unsigned char)name.bytes[0] <= ' ' || name.bytes[0] == '_')) {
        name.bytes++; // `_` and `__`: inherited by new channels
        name.length--;
    }
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        bool may = specials[i].effect == GOES_ON   ? user->out_context == NULL
                   : specials[i].effect == REACHES ? user->write_given
                                                   : false;
        if (!may && is_special(name, specials[i].name))
            return false;
    }
    return true;
}

/** Gets the name in `NAME=value`. @return false: there is no `=`, or no name before it */
static bool name_part(struct span assignment, struct span *name)
{
    const char *sign = assignment.length == 0 ? NULL : memchr(assignment.bytes, '=', assignment.length);

    *name = (struct span){assignment.bytes, sign == NULL ? 0 : (size_t)(sign - assignment.bytes)};
    return name->length > 0;
}

static bool may_get_item(void *context, struct span item)
{
    const struct user_config *const *user = context;

    return functions_may_get(*user, item);
}

bool functions_may_get_all(const struct user_config *user, struct span list)
{
    return arguments_each(list, false, may_get_item, &user);
}

static bool may_assign_item(void *context, struct span item)
{
    const struct user_config *const *user = context;
    struct span name;

    return !name_part(item, &name) || functions_may_set(*user, name);
}

bool functions_may_assign(const struct user_config *user, struct span list)
{
    return arguments_each(list, true, may_assign_item, &user);
}

// --- the forced account -----------------------------------------------------------------------------------------

/** Does the text contain `accountcode`, possibly with quotes and backslashes in it? A function that splits its
 *  arguments removes these a second time: `ARRAY(CDR(account\\code))`. */
static bool has_account_code(struct span text)
{
    static const char code[] = "accountcode"; // its first letter is not repeated, which makes the search simple
    const char *next = code;

    for (size_t i = 0; i < text.length && *next != '\0'; i++) {
        char small = (char)(text.bytes[i] | 0x20); // lower case, if it is a letter
        if (text.bytes[i] == '"' || text.bytes[i] == '\\')
            continue;
        next = small == *next ? next + 1 : code + (small == code[0]);
    }
    return *next == '\0';
}

static bool is_no_account(void *context, struct span item)
{
    struct span name;

    (void)context;
    if (!name_part(item, &name))
        name = item;
    return memchr(name.bytes, '(', name.length) == NULL || !has_account_code(name);
}

bool functions_set_account(const struct message *action)
{
    struct span action_name = message_action(action, NULL), value;
    uint32_t index = 0;

    if (span_is(action_name, "Getvar"))
        return false;
    while (headers_next(action, "Variable", &index, &value)) {
        if (!is_no_account(NULL, value) || !arguments_each(value, true, is_no_account, NULL))
            return true;
    }
    for (index = 0; span_is(action_name, "Originate") && headers_next(action, "Data", &index, &value);) {
        if (has_account_code(value))
            return true; // arguments of an application that sets it
    }
    for (index = 0; span_is(action_name, "Originate") && headers_next(action, "Application", &index, &value);) {
        if (span_is(value, "SetAccount") || span_is(value, "Account"))
            return true; // applications of Asterisk 1.0 to 1.4
    }
    return false;
}

// --- Asterisk's own rules for users without the class `system` --------------------------------------------------

/** Checks application and data as Asterisk does (main/manager.c: action_originate). */
static const char *check_application(const struct message *action)
{
    static const char *const applications[] = {"agi",       "dbdeltree", "exec",   "externalivr", "mixmonitor",
                                               "originate", "reload",    "system", NULL};
    static const char *const data[] = {"CURL", "DB", "EVAL", "FILE", "ODBC", "REALTIME", "SHELL", NULL};
    uint32_t index = 0;
    struct span value;
    bool is_queue = false;

    while (headers_next(action, "Application", &index, &value)) {
        is_queue = is_queue || span_is(value, "Queue");
        if (contains_any(value, applications, true))
            return "Originate Access Forbidden: app or data blacklisted";
    }
    for (index = 0; headers_next(action, "Data", &index, &value);) {
        if (contains_any(value, data, false) || (is_queue && text_contains(value, "agi", true)))
            return "Originate Access Forbidden: app or data blacklisted";
    }
    return NULL;
}

static const char *check_functions(const struct message *action, const char *header, const char *text)
{
    static const char *const functions[] = {"SHELL", "EVAL", NULL};
    uint32_t index = 0;
    struct span value;

    while (headers_next(action, header, &index, &value)) {
        if (contains_any(value, functions, true))
            return text;
    }
    return NULL;
}

const char *functions_refuse(const struct message *action)
{
    struct span name = message_action(action, NULL);

    if (span_is(name, "Originate"))
        return check_application(action);
    if (span_is(name, "Getvar"))
        return check_functions(action, "Variable", "GetVar Access Forbidden: Variable");
    if (span_is(name, "Status"))
        return check_functions(action, "Variables", "Status Access Forbidden: Variables");
    return NULL;
}
