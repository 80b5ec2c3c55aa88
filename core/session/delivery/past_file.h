// core/session/delivery/past_file.h: kept feeds on their way to the process that takes over: a sealed memfd.
//
//   head, record, record, …      in the byte order and layout of this machine
//
// A record is a kept feed with its past, an export with what waits, or the list of what the earlier process has heard.
// The reader trusts nothing: past_open() checks seals, version and every length before anything is used.  Thread: see
// each part.
#ifndef SESSION_DELIVERY_PAST_FILE_H
#define SESSION_DELIVERY_PAST_FILE_H

#include "ami/fingerprint.h"
#include "base/error.h"
#include "session/delivery/resume_id.h"

#include <stdatomic.h>
#include <sys/uio.h>

/** To be raised whenever a struct of this header or the meaning of a field changes. */
#define PAST_VERSION 1u

enum past_kind { PAST_FEED = 1, PAST_HEARD = 2, PAST_EXPORT = 3 };

struct past_head {
    char magic[8];
    uint32_t version;
    uint32_t workers; // ids name workers below this one
    uint64_t size;    // of the whole file
    char epoch[RESUME_EPOCH_SIZE];
};

/** Begins each record. */
struct past_record {
    uint32_t kind;   // enum past_kind
    uint32_t count;  // of its parts: chunks of a feed, events that were heard, messages of an export
    uint64_t length; // of what follows
};

/** A feed; behind it the user's name, the format's name, the filters (each with a NUL), then the chunks. */
struct past_feed {
    char tag[RESUME_TAG_SIZE];
    uint8_t everything, has_user; // 0 or 1
    uint8_t ids;                  // enum resume_ids
    uint32_t worker, mask;
    uint32_t user_length, format_length, filters_length;
    uint64_t count, floor, left_ms; // see struct feed_past and kept_feed
    struct fingerprint view;        // of config_view_text()
    struct fingerprint look;        // of what a message of it looks like, encode_look()
};

/** A chunk of a feed; behind it the ends of its messages, then its bytes. */
struct past_chunk {
    uint64_t before, begun_ms, last_ms; // see struct feed_chunk
    uint32_t end_count, used;
};

/** An export; behind it the export's name, the format's name, then the messages that are not known to be delivered:
 * each a struct export_head (exports/queue.h), texts and bytes. */
struct past_export {
    char tag[RESUME_TAG_SIZE];
    uint32_t name_length, format_length;
    uint64_t number;  // of its last message
    uint64_t dropped; // messages that were dropped and not told of
};

/** An event that the earlier process has heard. */
struct past_heard {
    struct fingerprint text;
    uint64_t ms; // when, clock_ms()
};

// --- writing ----------------------------------------------------------------------------------------------------

/** A file that several threads write to: each reserves a place of its own. */
struct past_file {
    int fd;
    atomic_uint_fast64_t end;
    atomic_bool failed; // what was written is not complete
};

/** Makes an empty file. @return false with `err` */
bool past_file_init(struct past_file *file, struct error *err);
/** Closes the file. */
void past_file_fini(struct past_file *file);
/** Reserves a place for a record, and writes its head. Thread: any. @return where what follows it must be written */
uint64_t past_file_add(struct past_file *file, const struct past_record *record);
/** Writes pieces at `offset`, which is moved behind them. Thread: any. */
void past_file_write(struct past_file *file, uint64_t *offset, const struct iovec *pieces, int count);
/** Writes the head and seals the file: it never changes any more. @return false with `err` */
bool past_file_finish(struct past_file *file, const char *epoch, uint32_t workers, struct error *err);

// --- reading ----------------------------------------------------------------------------------------------------

/** A file that was checked. It is shared; its bytes are lent as long as there is a reference. */
struct past;

/** Reads the file `fd`, which stays the caller's, and checks all of it. @return one reference; NULL with `err` */
struct past *past_open(int fd, struct error *err);
/** Adds a reference. Thread: any. */
struct past *past_ref(struct past *past);
/** Releases a reference; NULL is fine. Thread: any. */
void past_unref(struct past *past);
/** Returns the head of the file; lent as long as `past`. */
const struct past_head *past_head(const struct past *past);

/** A part of the file that is still to be read. */
struct past_reader {
    const char *at;
    uint64_t left;
};

/** Begins at the first record. */
struct past_reader past_begin(const struct past *past);
/** Takes the next record. @param inside  what follows its head @return false: there is none */
bool past_next(struct past_reader *reader, struct past_record *record, struct past_reader *inside);
/** Takes `size` bytes and copies them. @return false: so many are not left */
bool past_take(struct past_reader *reader, void *into, size_t size);
/** Takes `length` bytes. @return lent; NULL: so many are not left */
const char *past_bytes(struct past_reader *reader, uint64_t length);

#endif
