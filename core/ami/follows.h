// core/ami/follows.h: the raw text of a legacy `Response: Follows` (Asterisk <= 13), and where it ends.
//
// Asterisk main/manager.c, action_command() of 13 and before: the text as the CLI wrote it, then the marker, CR LF CR
// LF. The text may hold blank lines, lines like headers, and the marker. For ami/ only.  Thread: any; pure.
#ifndef AMI_FOLLOWS_H
#define AMI_FOLLOWS_H

#include "base/span.h"

#define FOLLOWS_MARKER "--END COMMAND--"
#define FOLLOWS_MARKER_BYTES (sizeof FOLLOWS_MARKER - 1)

/** Is that the ActionID of an action that this program has sent and that is not answered yet? */
typedef bool follows_known(void *context, struct span action_id);

/** What was found out of a text; `looked` starts at 0 and is kept from call to call. */
struct follows {
    size_t marker_looked; // no marker begins left of it
    size_t answer_looked; // no answer to another action begins left of it
};

enum follows_end {
    FOLLOWS_OPEN,   // more bytes are needed
    FOLLOWS_MARKED, // at its marker
    FOLLOWS_CUT     // the marker never came: an answer to another action stands where it should have been before
};

/** Looks for the end of a text.
 *  @param text      all of it that is there, from its first byte on
 *  @param lf_only   the lines before it ended in a bare LF: so may the marker's
 *  @param known     NULL: nothing is known, only the marker counts
 *  @param length    of the text: FOLLOWS_MARKED: its marker included; FOLLOWS_CUT: up to where other messages begin
 *  @param used      FOLLOWS_MARKED: with the line end and the blank line behind; FOLLOWS_CUT: as `length` */
enum follows_end follows_look(struct follows *follows, struct span text, bool lf_only, follows_known *known,
                              void *context, size_t *length, size_t *used);

#endif
