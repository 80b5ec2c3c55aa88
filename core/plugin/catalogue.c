// core/plugin/catalogue.c: the tables of actions, events and errors for plugins (astmanproxy/catalogue.h).
#include "ami/catalogue.h"

#include "ami/action_details.h"
#include "ami/event_class.h"
#include "ami/events.h"
#include "ami/vocabulary.h"
#include "plugin/error_codes.h"

#include <string.h>

#define CLASSES_BYTES 64
#define MOST_ACTIONS 512

static const char *const effects[] = {
    [EFFECT_SESSION] = "session", [EFFECT_LOCAL] = "local", [EFFECT_STABLE] = "reads",
    [EFFECT_VOLATILE] = "reads",  [EFFECT_OWN] = "reads",   [EFFECT_CHANGES] = "changes",
};
static const char *const shapes[] = {
    [ANSWER_SINGLE] = "single",
    [ANSWER_LIST] = "list",
    [ANSWER_EVENT] = "event",
    [ANSWER_TEXT] = "text",
};

// Global: the classes of each action as text. Filled before main(), and only read afterwards.
static char class_texts[MOST_ACTIONS][CLASSES_BYTES];

__attribute__((constructor)) static void fill_class_texts(void)
{
    for (uint32_t i = 0; i < catalogue_count() && i < MOST_ACTIONS; i++)
        event_class_print(catalogue_at(i)->classes, class_texts[i], sizeof class_texts[i]);
}

/** Copies as much as the caller, who may be compiled with an older header, has room for. */
static void give_info(void *to, uint32_t size, const void *info, uint32_t known)
{
    uint32_t length = size < known ? size : known;

    if (length > sizeof size)
        memcpy((char *)to + sizeof size, (const char *)info + sizeof size, length - sizeof size);
}

bool amp_action_info(uint32_t index, struct amp_action_info *info)
{
    if (index >= catalogue_count() || index >= MOST_ACTIONS)
        return false;
    const struct action_info *action = catalogue_at(index);
    const struct action_details *details = action_details_find(action->name);
    struct amp_action_info found = {
        .name = action->name,
        .classes = class_texts[index],
        .effect = effects[action->effect],
        .shape = shapes[action->shape],
        .completion = action->completion,
        .arguments = details == NULL ? NULL : details->arguments,
        .items = details == NULL ? NULL : details->items,
    };
    give_info(info, info->size, &found, sizeof found);
    return true;
}

bool amp_event_info(uint32_t index, struct amp_event_info *info)
{
    if (index >= events_count())
        return false;
    const struct event_info *event = events_at(index);
    struct amp_event_info found = {
        .name = event->name,
        .classes = event->classes,
        .channels = event->channels,
        .bridges = event->bridges,
        .headers = event->headers,
        .until = event->until,
        .is_own = events_is_own(event),
    };
    give_info(info, info->size, &found, sizeof found);
    return true;
}

const char *amp_event_block(bool bridge, uint32_t index)
{
    return bridge ? vocabulary_bridge_header(index) : vocabulary_channel_header(index);
}

const char *amp_error_code_at(uint32_t index)
{
    const char *last = NULL;

    for (size_t i = 0, count = 0; i < error_code_count(); i++) {
        const char *code = error_code_at(i)->code;
        if (last != NULL && strcmp(last, code) == 0)
            continue;
        last = code;
        if (count++ == index)
            return code;
    }
    return NULL;
}
