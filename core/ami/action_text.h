// core/ami/action_text.h: reads an action as nearly all clients write it: lines `Name: value` that end in CR LF, then a
// blank line. One pass over its bytes, which become those of the message. Whatever else comes is declined, and is for
// the decoder, which reads line by line. tests/fuzz/fuzz_standard.c compares both ways.  Thread: any; pure.
#ifndef AMI_ACTION_TEXT_H
#define AMI_ACTION_TEXT_H

#include "ami/message.h"

/** Reads the action at the front of `bytes`.
 *  @param most_headers  an action of more is declined
 *  @param used          set to its length, with the blank line
 *  @return the message, which the caller owns. NULL: the action is not complete, or not written in this way, or has a
 *          line or a number of lines that no server reads */
struct message *action_text_read(struct span bytes, uint64_t most_headers, size_t *used);

#endif
