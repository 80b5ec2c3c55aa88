// core/session/access/functions.c: see functions.h.
#include "session/access/functions.h"

#include "session/access/headers.h"

static bool contains_any(struct span text, const char *const *words, bool nocase)
{
    for (; *words != NULL; words++) {
        if (contains(text, *words, nocase))
            return true;
    }
    return false;
}

/** Is it a call of a dialplan function, `NAME(…)`, that reads more than the channel's own facts? */
static bool is_function(struct span variable)
{
    static const char *const harmless[] = {"CALLERID(", "CONNECTEDLINE(", "CDR(", "LEN(", NULL};

    if (memchr(variable.bytes, '(', variable.length) == NULL)
        return false;
    for (const char *const *name = harmless; *name != NULL; name++) {
        if (begins(variable, *name) && !contains(variable, "${", false))
            return false;
    }
    return true;
}

/** The part of `NAME=value` before the sign. */
static struct span name_part(struct span assignment)
{
    const char *sign = memchr(assignment.bytes, '=', assignment.length);

    return sign == NULL ? assignment : (struct span){assignment.bytes, (size_t)(sign - assignment.bytes)};
}

static bool is_forbidden(const struct user_config *user, struct span value, bool is_reading)
{
    struct span name = is_reading ? value : name_part(value);
    bool calls_function = memchr(name.bytes, '(', name.length) != NULL;

    if (user->account != NULL && calls_function && contains(name, "accountcode", true) && !is_reading)
        return true;
    return config_is_tied(user) && (is_reading ? is_function(name) : calls_function);
}

bool functions_are_forbidden(const struct user_config *user, const struct message *action)
{
    static const char *const headers[] = {"Variable", "Variables", NULL};
    struct span action_name = message_action(action, NULL), value;
    bool is_reading = span_is(action_name, "Getvar") || span_is(action_name, "Status");

    for (const char *const *header = headers; *header != NULL; header++) {
        uint32_t index = 0;
        while (headers_next(action, *header, &index, &value)) {
            if (is_forbidden(user, value, is_reading))
                return true;
        }
    }
    return false;
}

// --- Asterisk's own rules for users without the class `system` --------------------------------------------------

/** Asterisk main/manager.c: action_originate. */
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
        if (contains_any(value, data, false) || (is_queue && contains(value, "agi", true)))
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
