// core/ami/parser.h: splits the bytes of a server into messages, and keeps their bytes as Asterisk sent them.
//
// A line ends at a LF, with or without a CR before it; a message ends at its first blank line (CR LF or LF). If the
// first line of a message ends in CR LF, a line that ends in a bare LF may be part of a value, as values may contain
// LFs:
// - If the next line is not a header (a word, a colon, a blank), it continues the value.
// - If the next line is blank, it ends the message if another blank line or the beginning of a message (`Event: `,
//   `Response: `, `Privilege: `) follows, because Asterisk sends texts that end in a LF so. Otherwise it is part of the
//   value. Until the following line decides, the message waits: parser_is_doubtful().
// A line of blanks or control characters is not a blank line. Superfluous blank lines are skipped. A legacy
// `Response: Follows` (Asterisk <= 13) ends at `--END COMMAND--`, and its text, with all blank lines, is one header
// without name (ami/follows.h). tests/unit/ami/test_message_ends.c has a table of all cases.  Thread: its owner's.
#ifndef AMI_PARSER_H
#define AMI_PARSER_H

#include "ami/follows.h"
#include "ami/message.h"

#define PARSER_BANNER_BYTES 1024 // longest line of parser_line()

struct parser;

/** Makes a parser.
 *  @param server_name  added to each message as its last header `Server: NAME` (copied), before the text of a
 *                      `Response: Follows`. Then a bare LF at the end of a value is removed, because a client that
 *                      takes LF for a line end would see the end of the message before the new header, and the last
 *                      line ends become that of the first line. NULL: messages keep the bytes as received. */
struct parser *parser_create(const char *server_name);
/** Frees a parser. It may be NULL. */
void parser_destroy(struct parser *parser);
/** Sets the function that knows which ActionIDs wait for an answer. With it, a Follows whose marker does not come ends
 *  where the answer to another action begins, and the marker is added. @param known  called by parser_next() */
void parser_set_known(struct parser *parser, follows_known *known, void *context);
/** Sets the longest line and the longest message in bytes, at most 1 GiB. A message that exceeds a limit is neither cut
 *  nor returned: see parser_fault(). */
void parser_set_limits(struct parser *parser, size_t line, size_t message);
/** Returns a text that says which limit was exceeded; NULL: none. After a fault no message is returned: the caller must
 *  close the connection. */
const char *parser_fault(const struct parser *parser);
/** Is the text of a Follows being read? */
bool parser_is_in_text(const struct parser *parser);
/** Is there a message that may be complete, which only the next bytes can decide? */
bool parser_is_doubtful(const struct parser *parser);
/** Decides that a doubtful message is complete, because no bytes have come for a while. parser_next() returns it. */
void parser_settle(struct parser *parser);
/** Makes room for at least `wanted` (> 0) bytes from read(2). @param available  set to the room
 *  @return the place for the bytes, valid until the next call */
char *parser_reserve(struct parser *parser, size_t wanted, size_t *available);
/** Notes that `count` bytes were written to the place that parser_reserve() returned. */
void parser_commit(struct parser *parser, size_t count);
/** Takes one line (without its end) off the front: for the banner, before any message was read.
 *  @param line  valid until the next call
 *  @return false: no line is complete yet, or it is longer than PARSER_BANNER_BYTES (parser_fault()) */
bool parser_line(struct parser *parser, struct span *line);
/** Returns the next complete message, which the caller owns; NULL: more bytes are needed. */
struct message *parser_next(struct parser *parser);

#define PARSER_ITEMS 64     // most items that are taken at once
#define PARSER_ITEM_NAME 64 // longest name of their event

/** How the items of a list look, and what is made of them. */
struct parser_form {
    struct span name;  // of the event: the first line is `Event: NAME`
    struct span id;    // of their ActionID, which is not empty
    struct span shown; // in place of it; empty: its line is left out
};

/** Items of a list. */
struct parser_items {
    struct message *message; // a block of all their bytes, one after another; it has no headers
    uint32_t count, longest; // of the items; the longest has so many bytes
};

/** Takes as many items of that form off the front as are complete, PARSER_ITEMS at most: each as the message that
 *  parser_next() would return, with the other ActionID. An item ends this and is left to parser_next() if it is large,
 *  has no ActionID or two, a header that may be `EventList`, or a line that does not end in CR LF.
 *  @param items  set if there are any; the caller owns the message @return are there any? */
bool parser_items(struct parser *parser, const struct parser_form *form, struct parser_items *items);
/** Returns the number of bytes that belong to no complete message yet. */
size_t parser_pending(const struct parser *parser);
/** Forgets all bytes, because the connection was lost. */
void parser_reset(struct parser *parser);

#endif
