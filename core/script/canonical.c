// core/script/canonical.c: see canonical.h.
#include "script/canonical.h"

#include "ami/catalogue.h"
#include "ami/vocabulary.h"

#include <strings.h>

enum header_role script_role_of(struct span name)
{
    switch (name.length) {
    case 5:
        return span_is(name, "Event") ? ROLE_EVENT : ROLE_PLAIN;
    case 6:
        return span_is(name, "Action") ? ROLE_ACTION : span_is(name, "Server") ? ROLE_SERVER : ROLE_PLAIN;
    case 11:
        return span_is(name, "ProxyAction") ? ROLE_PROXY_ACTION : ROLE_PLAIN;
    default:
        return ROLE_PLAIN;
    }
}

/** Removes bytes up to 0x20 from both ends, as Asterisk does. */
static struct span canonical_trimmed(struct span text)
{
    while (text.length > 0 && (unsigned char)text.bytes[0] <= ' ') {
        text.bytes++;
        text.length--;
    }
    while (text.length > 0 && (unsigned char)text.bytes[text.length - 1] <= ' ')
        text.length--;
    return text;
}

/** A search for a server by name. */
struct wanted {
    struct span name;
    struct span found; // bytes NULL: not found yet
};

static void on_server(void *visitor, const struct script_server_info *info)
{
    struct wanted *wanted = visitor;

    if (wanted->found.bytes == NULL && span_is(wanted->name, info->name))
        wanted->found = span_of(info->name);
}

static struct span server_named(const struct script_state *state, struct span name)
{
    struct wanted wanted = {.name = name};

    if (state->host.each_server != NULL)
        state->host.each_server(state->host.context, on_server, &wanted);
    return wanted.found;
}

static struct span text_or_none(const char *text)
{
    return text == NULL ? (struct span){NULL, 0} : span_of(text);
}

struct span script_canonical(const struct script_state *state, enum header_role role, struct span value)
{
    struct span name = canonical_trimmed(value), known = {NULL, 0};
    const struct action_info *action;
    const struct script_action *proxy_action;

    if (name.length == 0)
        return value;
    switch (role) {
    case ROLE_PLAIN:
        return value;
    case ROLE_ACTION:
        action = catalogue_find(name);
        known = text_or_none(action == NULL ? NULL : action->name);
        break;
    case ROLE_EVENT:
        known = text_or_none(vocabulary_event(name));
        break;
    case ROLE_PROXY_ACTION:
        proxy_action = script_action_find(state, name);
        known = text_or_none(proxy_action == NULL ? NULL : script_action_info(proxy_action)->name);
        break;
    case ROLE_SERVER:
        known = server_named(state, name);
        break;
    }
    return known.bytes == NULL ? value : known;
}

bool script_find_name(const struct script_state *state, const struct message *message, const struct edit *edit,
                      enum header_role role, struct span name, struct span *value)
{
    uint32_t count = edit != NULL ? edit->count : message->header_count;
    struct span header, found, empty = {NULL, 0};

    for (uint32_t i = 0; i < count; i++) {
        if (edit != NULL)
            edit_header(edit, i, &header, &found);
        else
            message_header(message, i, &header, &found);
        if (header.length != name.length || !span_equals_nocase(header, name))
            continue;
        if (canonical_trimmed(found).length > 0) {
            *value = script_canonical(state, role, found);
            return true;
        }
        if (empty.bytes == NULL)
            empty = found;
    }
    *value = empty;
    return empty.bytes != NULL;
}
