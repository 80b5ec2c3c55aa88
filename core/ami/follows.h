// core/ami/follows.h: finds the end of the raw text of a legacy `Response: Follows` (Asterisk <= 13).
//
// Asterisk main/manager.c action_command() of 13 and before: the text as the CLI wrote it, then the marker, CR LF CR
// LF. The text may contain blank lines, lines like headers, and the marker. For ami/ only.  Thread: any; pure.
#ifndef AMI_FOLLOWS_H
#define AMI_FOLLOWS_H

#include "base/span.h"

#define FOLLOWS_MARKER "--END COMMAND--"
#define FOLLOWS_MARKER_BYTES (sizeof FOLLOWS_MARKER - 1)

/** Is this the ActionID of an action that the program has sent and that is not answered yet? */
typedef bool follows_known(void *context, struct span action_id);

/** How far a text was searched. All zero at first, and kept from call to call. */
struct follows {
    size_t marker_looked; // no marker begins before this offset
    size_t answer_looked; // no answer to another action begins before this offset
};

enum follows_end {
    FOLLOWS_OPEN,   // more bytes are needed
    FOLLOWS_MARKED, // the text ends at its marker
    FOLLOWS_CUT     // the marker did not come: an answer to another action follows
};

/** Looks for the end of a text.
 *  @param text      the bytes received so far, from the first of the text on
 *  @param lf_only   the headers before the text ended in a bare LF, and so may the line of the marker
 *  @param known     NULL: only the marker ends the text
 *  @param length    set to the text's length: FOLLOWS_MARKED: with its marker; FOLLOWS_CUT: up to the next message
 *  @param used      FOLLOWS_MARKED: set to the length with the line end and the blank line after the marker;
 *                   FOLLOWS_CUT: as `length` */
enum follows_end follows_look(struct follows *follows, struct span text, bool lf_only, follows_known *known,
                              void *context, size_t *length, size_t *used);

#endif
