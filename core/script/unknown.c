// core/script/unknown.c: see unknown.h. An event or header that is unknown is probably a typing error, because of which
// the filter would never match. It is only a warning, because dialplans create events and headers of their own.
#include "script/unknown.h"

#include "ami/vocabulary.h"
#include "script/set.h"

#include <stdio.h>
#include <string.h>

/** Has there been this warning already? Many users have the same filter. */
static bool is_repeated(struct script_state *state, const struct loaded *file, struct span name)
{
    char key[300];
    int length =
        snprintf(key, sizeof key, "%.200s %.*s", file->shown, (int)(name.length < 64 ? name.length : 64), name.bytes);
    struct span text = {key, (size_t)length};

    if (state->warned == NULL)
        state->warned = set_create(true);
    if (set_has(state->warned, text))
        return true;
    set_add(state->warned, text);
    return false;
}

void script_warn_unknown(struct script_state *state, const struct loaded *file, bool is_event, struct span name,
                         unsigned line)
{
    const char *nearest = is_event ? vocabulary_nearest_event(name) : vocabulary_nearest_header(name);
    char quoted[160], place[32] = "", meant[120] = "";

    if (state->worker != 0 || state->limits.strict || is_repeated(state, file, name))
        return; // one worker warns for all; a trial does not warn again
    if (line > 0)
        (void)snprintf(place, sizeof place, ":%u", line);
    if (nearest != NULL)
        (void)snprintf(meant, sizeof meant, " nearest=%s", nearest);
    log_warn(&state->log, "no Asterisk is known to send this %s script=%s%s name=%s%s", is_event ? "event" : "header",
             file->shown, place, log_quote(quoted, sizeof quoted, name), meant);
}

/** Returns the name as the file spells it. @param line  set to its line; 0: the name comes from the options */
static struct span as_written(const struct loaded *file, struct span name, unsigned *line)
{
    char text[128];
    const char *found;

    *line = 0;
    (void)snprintf(text, sizeof text, "%.*s", (int)name.length, name.bytes);
    found = strcasestr(file->text, text);
    if (found == NULL)
        return name;
    *line = 1;
    for (const char *at = file->text; at < found; at++)
        *line += *at == '\n';
    return (struct span){found, strlen(text)};
}

static bool is_known_beginning(struct span prefix)
{
    for (size_t i = 0; i < vocabulary_count(); i++)
        if (strncasecmp(vocabulary_at(i), prefix.bytes, prefix.length) == 0)
            return true;
    return false;
}

void script_warn_conditions(const struct script_filter *filter)
{
    const struct conditions *conditions = &filter->conditions;
    const struct loaded *file = filter->file;
    unsigned line;

    for (uint32_t i = 0; conditions->events != NULL && i < conditions->events->slot_count; i++) {
        struct span name = conditions->events->slots[i];
        if (name.bytes == NULL || vocabulary_event(name) != NULL)
            continue;
        struct span written = as_written(file, name, &line);
        script_warn_unknown(filter->state, file, true, written, line);
    }
    for (size_t i = 0; i < conditions->event_prefix_count; i++) {
        struct span prefix = span_of(conditions->event_prefixes[i]);
        if (is_known_beginning(prefix))
            continue;
        struct span written = as_written(file, prefix, &line);
        script_warn_unknown(filter->state, file, true, written, line);
    }
    for (size_t i = 0; i < conditions->clause_count; i++) {
        struct span name = span_of(conditions->clauses[i].name->text);
        if (vocabulary_has_header(name))
            continue;
        struct span written = as_written(file, name, &line);
        script_warn_unknown(filter->state, file, false, written, line);
    }
}
