// core/session/delivery/exported_handover.c: exports go to the process that takes over, or come from the earlier one;
// see exported.h.
#include "session/delivery/exported.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "exports/export.h"
#include "session/client/set.h"
#include "session/delivery/kept.h"

#include <inttypes.h>
#include <stdlib.h>

#define PIECE(bytes, length) ((struct iovec){memory_writable(bytes), length})

bool exported_is_here(const struct sessions *sessions, struct span name)
{
    return hash_mix(hash_span(HASH_START, name)) % kept_workers(sessions->kept.shared) == sessions->worker;
}

static struct exported *exported_first(const struct sessions *sessions)
{
    return LIST_FIRST(&sessions->exports, struct exported, node);
}

// --- the earlier process ----------------------------------------------------------------------------------------

static void exported_write(const struct exported *exported, struct past_file *file)
{
    const char *name = exported->entry->name, *format = exported->entry->format;
    struct past_export head = {
        .name_length = (uint32_t)strlen(name), .format_length = (uint32_t)strlen(format), .number = exported->number};
    struct past_record record = {.kind = PAST_EXPORT};
    struct export_saved saved = export_save(exported->exporter);
    struct iovec pieces[] = {PIECE(&head, sizeof head), PIECE(name, head.name_length),
                             PIECE(format, head.format_length), PIECE(saved.bytes, saved.length)};

    memcpy(head.tag, exported->tag, sizeof head.tag);
    head.dropped = saved.dropped;
    record.count = (uint32_t)saved.count;
    record.length = sizeof head + head.name_length + head.format_length + saved.length;
    uint64_t offset = past_file_add(file, &record);
    past_file_write(file, &offset, pieces, 4);
    free(saved.bytes);
}

void exported_give(struct sessions *sessions, struct past_file *file)
{
    for (struct exported *exported = exported_first(sessions); exported != NULL;
         exported = LIST_NEXT(exported, struct exported, node)) {
        struct session *session = sessions_find(sessions, exported->session);
        if (session != NULL)
            exported_collect(session);
        export_hold(exported->exporter, true);
        exported->held = true;
        exported_write(exported, file);
    }
}

void exported_take_back(struct sessions *sessions)
{
    for (struct exported *exported = exported_first(sessions); exported != NULL;
         exported = LIST_NEXT(exported, struct exported, node)) {
        exported->held = false;
        export_hold(exported->exporter, false);
    }
}

void exported_leave(struct sessions *sessions)
{
    for (struct exported *exported = exported_first(sessions); exported != NULL;
         exported = LIST_NEXT(exported, struct exported, node))
        exported->given = exported->held;
}

// --- the later process ------------------------------------------------------------------------------------------

static struct exported *exported_find(const struct sessions *sessions, struct span name)
{
    struct exported *found = exported_first(sessions);

    while (found != NULL && !span_equals(span_of(found->entry->name), name))
        found = LIST_NEXT(found, struct exported, node);
    return found;
}

/** Logs that an export of the earlier process does not go on. */
static void exported_log_gone(struct span name, uint64_t lost)
{
    char quoted[100];

    if (lost > 0)
        log_warn(NULL, "export ends export=%s messages_lost=%" PRIu64, log_quote(quoted, sizeof quoted, name), lost);
}

void exported_inherit(struct sessions *sessions, const struct past_record *record, struct past_reader inside)
{
    struct past_export head;
    struct exported *exported;
    struct span name, format;

    (void)past_take(&inside, &head, sizeof head); // past_open() has checked the lengths
    name = (struct span){past_bytes(&inside, head.name_length), head.name_length};
    format = (struct span){past_bytes(&inside, head.format_length), head.format_length};
    if (!exported_is_here(sessions, name))
        return;
    exported = exported_find(sessions, name);
    if (exported == NULL) {
        exported_log_gone(name, record->count + head.dropped);
        return;
    }
    exported->inherited = true;
    exported->number = head.number;
    memcpy(exported->tag, head.tag, sizeof exported->tag);
    exported_set_id(exported);
    if (!span_equals(span_of(exported->entry->format), format)) {
        export_note_lost(exported->exporter, record->count + head.dropped);
        return;
    }
    export_note_lost(exported->exporter, head.dropped);
    export_take(exported->exporter, inside.at, (size_t)inside.left);
}
