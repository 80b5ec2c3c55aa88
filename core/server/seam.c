// core/server/seam.c: see seam.h.
#include "server/seam.h"

#include "ami/fingerprint.h"
#include "base/memory.h"

#include <stdlib.h>

#define HELD_BYTES ((size_t)32 << 20) // most that is held; older events go

/** An event that only one stream has had. */
struct seam_event {
    struct map_node node; // must be first
    struct list_node entry;
    struct fingerprint text;
    struct message *message; // one reference, or NULL
    uint64_t came_ms;
};

void seam_side_init(struct seam_side *side)
{
    *side = (struct seam_side){0};
    map_init(&side->map, false);
}

static void side_remove(struct seam_side *side, struct seam_event *event)
{
    map_remove(&side->map, &event->node);
    list_remove(&side->list, &event->entry);
    if (event->message != NULL)
        side->bytes -= event->message->byte_count;
    message_unref(event->message);
    free(event);
}

static struct seam_event *side_first(const struct seam_side *side)
{
    return LIST_FIRST(&side->list, struct seam_event, entry);
}

void seam_side_fini(struct seam_side *side)
{
    struct seam_event *event;

    while ((event = side_first(side)) != NULL)
        side_remove(side, event);
    map_fini(&side->map);
}

/** Forgets what is too old, or too much. */
static void side_age(struct seam_side *side, uint64_t now_ms)
{
    struct seam_event *event;

    while ((event = side_first(side)) != NULL && (event->came_ms + SEAM_MS < now_ms || side->bytes > HELD_BYTES))
        side_remove(side, event);
}

static struct span key_of(const struct fingerprint *text)
{
    return (struct span){(const char *)text->bytes, sizeof text->bytes};
}

/** Takes an event of that text out of a side. @return false: there is none */
static bool side_take(struct seam_side *side, const struct fingerprint *text)
{
    struct map_node *node = map_find(&side->map, 0, key_of(text));

    if (node != NULL)
        side_remove(side, (struct seam_event *)(void *)node);
    return node != NULL;
}

/** @param message  held; NULL: only the text is noted */
static void side_add(struct seam_side *side, const struct fingerprint *text, struct message *message, uint64_t now_ms)
{
    struct seam_event *event = memory_zero(1, sizeof *event);

    event->text = *text;
    event->came_ms = now_ms;
    if (message != NULL) {
        event->message = message_ref(message);
        side->bytes += message->byte_count;
    }
    list_add_last(&side->list, &event->entry);
    map_add(&side->map, &event->node, 0, key_of(&event->text));
    side_age(side, now_ms);
}

void seam_init(struct seam *seam)
{
    seam_side_init(&seam->given);
    seam_side_init(&seam->held);
}

void seam_fini(struct seam *seam)
{
    seam_side_fini(&seam->given);
    seam_side_fini(&seam->held);
}

void seam_give(struct seam *seam, const struct message *message, uint64_t now_ms)
{
    struct fingerprint text = fingerprint_of_message(message);

    if (!side_take(&seam->held, &text))
        side_add(&seam->given, &text, NULL, now_ms);
}

void seam_hold(struct seam *seam, struct message *message, bool keep, uint64_t now_ms)
{
    struct fingerprint text = fingerprint_of_message(message);

    if (!side_take(&seam->given, &text) && keep)
        side_add(&seam->held, &text, message, now_ms);
}

struct message *seam_next(struct seam *seam)
{
    struct seam_event *event = side_first(&seam->held);
    struct message *message;

    if (event == NULL)
        return NULL;
    message = message_ref(event->message);
    side_remove(&seam->held, event);
    return message;
}

struct seam_side seam_end(struct seam *seam)
{
    struct seam_side given = seam->given; // its members do not point to it

    seam_side_init(&seam->given);
    return given;
}

bool seam_side_skips(struct seam_side *side, const struct message *message, uint64_t now_ms)
{
    struct fingerprint text;

    side_age(side, now_ms);
    if (seam_side_is_empty(side))
        return false;
    text = fingerprint_of_message(message);
    return side_take(side, &text);
}

void seam_side_note(struct seam_side *side, const struct message *message, uint64_t now_ms)
{
    struct fingerprint text = fingerprint_of_message(message);

    side_add(side, &text, NULL, now_ms);
}
