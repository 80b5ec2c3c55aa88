// core/server/seam.h: two streams of the events of one server, of which clients get one, and then the other: each event
// once. Both have the same events, soon after each other, and perhaps in another order; they are compared by their text
// without ActionID, and counted. What one stream had and the other had not yet is remembered for SEAM_MS.
// Thread: the hub's.
#ifndef SERVER_SEAM_H
#define SERVER_SEAM_H

#include "ami/message.h"
#include "base/list.h"
#include "base/map.h"

#define SEAM_MS 10000

/** The events of one stream that the other one has not had yet. */
struct seam_side {
    struct map map; // by fingerprint
    struct list_head list;
    size_t bytes; // of messages that are held
};

struct seam {
    struct seam_side given; // what clients have got
    struct seam_side held;  // what the other stream had, with the messages
};

/** Makes an empty seam. */
void seam_init(struct seam *seam);
/** Frees it. */
void seam_fini(struct seam *seam);
/** Clients get this event (lent) of the stream that is given. */
void seam_give(struct seam *seam, const struct message *message, uint64_t now_ms);
/** The other stream has this event (lent). @param keep  clients may get it, if they have not and shall not by the first
 *  stream: a reference is held */
void seam_hold(struct seam *seam, struct message *message, bool keep, uint64_t now_ms);
/** The first stream has ended: returns the next event of the other one that clients have not got. @return the caller's;
 *  NULL: there is no more */
struct message *seam_next(struct seam *seam);
/** After that: what clients have got of the first stream, and the other one has not had yet. The seam is empty then.
 *  seam_side_fini() frees it. */
struct seam_side seam_end(struct seam *seam);
/** Makes an empty side. */
void seam_side_init(struct seam_side *side);
/** Frees a side. */
void seam_side_fini(struct seam_side *side);
/** Have clients got this event (lent) of the other stream already? It is forgotten if so. */
bool seam_side_skips(struct seam_side *side, const struct message *message, uint64_t now_ms);
/** Notes that clients have got this event (lent). */
void seam_side_note(struct seam_side *side, const struct message *message, uint64_t now_ms);
/** Is there nothing left in it? */
static inline bool seam_side_is_empty(const struct seam_side *side)
{
    return side->list.first == NULL;
}

#endif
