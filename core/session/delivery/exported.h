// core/session/delivery/exported.h: what a session that is exported (`exports:`) is sent, on its way to the room that
// posts it (exports/). Each message carries an id, in a header of its own.  Thread: the worker's.
#ifndef SESSION_DELIVERY_EXPORTED_H
#define SESSION_DELIVERY_EXPORTED_H

#include "base/handles.h"
#include "base/list.h"
#include "base/span.h"
#include "session/delivery/past_file.h"

#define EXPORTED_HEADER "ExportID"

struct amp_plugin;
struct config;
struct exporter;
struct export_config;
struct message;
struct session;
struct sessions;

/** One export of this worker. */
struct exported {
    struct list_node node; // in sessions->exports, or …->exports_ending
    struct sessions *sessions;
    struct handle session; // that sees what is exported
    struct exporter *exporter;
    const struct amp_plugin *format;
    struct config *config; // that `entry` belongs to; one reference
    const struct export_config *entry;
    char tag[RESUME_TAG_SIZE];
    char id[RESUME_ID_SIZE]; // what the ids of its messages begin with
    size_t id_length;
    uint64_t number; // of its last message
    bool leaving;    // the proxy exits: its session gets no more events
    bool ending;     // it has no session, and posts what waits
    bool inherited;  // an earlier process has begun it, and had what it passed on
    bool held;       // another process has got its messages, but does not serve yet
    bool given;      // … and serves
};

/** Sets what ids begin with. */
void exported_set_id(struct exported *exported);
/** Encodes a message as the next one of an export: a struct export_head, texts and bytes. The result is valid as that
 * of encode_message(). */
struct span exported_encode(struct sessions *sessions, struct exported *exported, const struct message *message);
/** Returns the message that tells of `dropped` ones, encoded as by exported_encode(). */
struct span exported_encode_skipped(struct exported *exported, uint64_t dropped);
/** Passes on what the session was sent. */
void exported_collect(struct session *session);

// A process takes over (handover.h):

/** Writes the exports with what waits, and stops posting. */
void exported_give(struct sessions *sessions, struct past_file *file);
/** Goes on posting, as nobody has taken over. */
void exported_take_back(struct sessions *sessions);
/** The other process posts. */
void exported_leave(struct sessions *sessions);
/** Goes on with an export of the earlier process, if the record is about one of this worker's. What it had is lost if
 *  this configuration does not have the export, or has it in another format.
 *  @param inside  what follows the record's head, checked by past_open() */
void exported_inherit(struct sessions *sessions, const struct past_record *record, struct past_reader inside);
/** Does the export of that name belong to this worker? */
bool exported_is_here(const struct sessions *sessions, struct span name);

/** Is the event that is delivered now not to be appended for the export, because another process or node sends it? */
bool exported_withholds(const struct sessions *sessions, const struct exported *exported);

#endif
