// core/session/delivery/output_piece.h: the private bytes of an output, for output*.c only: a list of pieces, each of
// which owns its bytes or refers to a large message.  Thread: the session's worker.
#ifndef SESSION_DELIVERY_OUTPUT_PIECE_H
#define SESSION_DELIVERY_OUTPUT_PIECE_H

#include "base/spares.h"
#include "session/delivery/output.h"

enum piece_kind { PIECE_ANSWER, PIECE_BEFORE, PIECE_AFTER };

/** Private bytes that are due when the cursor reaches `position`; after them, `skip` bytes of the feed are left out. A
 * piece without bytes is valid: the encoder wrote nothing in place of a message. PIECE_BEFORE and PIECE_AFTER are the
 * session's frame around one message of the feed: they come in pairs, with only that message between them. */
struct output_piece {
    struct output_piece *next;
    enum piece_kind kind;
    spares_shelf shelf; // of the block that it lies in
    uint64_t position, skip;
    size_t written, length, capacity;
    struct message *message; // NULL, or a reference: `bytes` are its own, and `capacity` is `length`
    const char *bytes;       // else `own`
    char own[];
};

/** Frees a piece that is in no list any more, and its reference to a message. */
void output_piece_free(struct output_piece *piece);
/** Returns the position at which a piece that is added now is due: the end of the feed. */
uint64_t output_position(const struct output *output);
/** Appends a piece of `length` bytes of its own. The caller counts them. @param piece  its other fields
 *  @return where its bytes go */
char *output_append(struct output *output, const struct output_piece *piece, size_t length);
/** Adds private bytes (copied) that are due at `position`, and after which `skip` bytes of the feed are left out. */
void output_add_at(struct output *output, uint64_t position, const char *bytes, size_t length, uint64_t skip);

#endif
