// core/exports/export.h: one export: messages that a user sees go to another program, in order, each at least once as
// long as there is room for them. A post that fails is repeated; nothing else is posted meanwhile.
// Thread: the worker's whose sessions feed it.
#ifndef EXPORTS_EXPORT_H
#define EXPORTS_EXPORT_H

#include "base/metrics.h"
#include "base/span.h"
#include "config/config.h"
#include "exports/queue.h"

struct event_base;
struct exporter;

/** How the format's messages become the body of a post. Texts are static, or those of a plugin; NULL: none. */
struct export_form {
    const char *content_type, *list_content_type, *list_begin, *list_between, *list_end;
};

/** The messages of an export, one behind the other: a struct export_head, texts and bytes of each. */
struct export_saved {
    char *bytes; // the caller frees them
    size_t length;
    uint64_t count;   // messages
    uint64_t dropped; // messages that were dropped and not told of
};

/** What became of messages that were to be published on the bus. */
struct export_published {
    uint64_t serial;         // of `publish`
    uint64_t taken, refused; // messages from the first one on; of these, messages that cannot be published
    bool is_down;            // there is no connection to the bus
};

/** What an export needs of its owner. */
struct export_owner {
    /** Returns a message that tells that `dropped` ones are missing, as export_write_head() and the texts; lent until
     *  the next call; empty: there is none. */
    struct span (*skipped)(void *context, uint64_t dropped);
    /** Publishes messages on the bus (`to: nats:…`). @param serial  for export_published()  @param records  their bytes
     *  are taken */
    void (*publish)(void *context, uint64_t serial, struct export_saved records);
    /** After export_finish(): everything is delivered, or the time is over. May destroy the export. */
    void (*finished)(void *context);
    void *context;
};

/** Makes an export. @param config  of the entry that export_configure() names next; lent until then */
struct exporter *export_create(struct event_base *base, const struct export_config *config,
                               const struct export_form *form, const struct export_owner *owner,
                               struct metrics *metrics);
/** Changes to another entry of the same name and format. What waits goes to the new place. */
void export_configure(struct exporter *exporter, const struct export_config *config);
/** Frees an export. What waits is lost, which is counted and logged. */
void export_destroy(struct exporter *exporter);
/** Frees an export whose messages another process has got. Nothing is counted. */
void export_forget(struct exporter *exporter);

/** Sets what the ids of messages begin with (copied); the number of a message follows. */
void export_set_id(struct exporter *exporter, struct span beginning);
/** Takes bytes of messages: a struct export_head, server, event and bytes of each. `queued_ms` is set here if it is 0.
 *  Messages may be cut anywhere. */
void export_take(struct exporter *exporter, const char *bytes, size_t length);
/** Notes that messages were lost before they came here, so that the receiver is told. */
void export_note_lost(struct exporter *exporter, uint64_t count);
/** Stops posting, or goes on. What is being posted is not stopped. */
void export_hold(struct exporter *exporter, bool hold);
/** Posts what waits without waiting for more, and calls `finished` when nothing is left, or after `limit_ms`; not
 * during this call. */
void export_finish(struct exporter *exporter, uint64_t limit_ms);
/** Is nothing left to be posted or told? */
bool export_is_empty(const struct exporter *exporter);
/** Returns the subject of an entry for the bus, with {server} and {event}; NULL: the entry is for HTTP. Lent. */
const char *export_subject(const struct export_config *config);
/** Says what became of the messages of `publish`. @return false: this export has not published them, or not lately */
bool export_published(struct exporter *exporter, const struct export_published *published);
/** Copies the messages that are not known to be delivered, for export_take() of another process. */
struct export_saved export_save(const struct exporter *exporter);

#endif
