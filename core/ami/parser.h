// core/ami/parser.h: cuts the bytes of a server into messages. What Asterisk sends is kept as it is; only a limit ends
// it.
//
// A line ends at a LF, with or without a CR before it; a message at its first blank line (CR LF or LF). Where the first
// line of a message ended in CR LF, a line that ended in a bare LF is looked at twice, as values may hold raw LFs:
// - if the next line is no header (a word, a colon, a blank), it is more of the same value;
// - if the next line is blank, it is the message's end if another blank line or the beginning of a message (`Event: `,
//   `Response: `, `Privilege: `) follows, which is how texts of Asterisk that end in a LF come; else it is part of the
//   value. Until a following line tells, the message waits: parser_is_doubtful().
// A line of blanks or controls is not blank. Superfluous blank lines are skipped. A legacy `Response: Follows`
// (Asterisk <= 13) runs to `--END COMMAND--`, blank lines and all; its text is one nameless header (ami/follows.h).
// tests/unit/ami/test_message_ends.c has the table.  Thread: its owner's.
#ifndef AMI_PARSER_H
#define AMI_PARSER_H

#include "ami/follows.h"
#include "ami/message.h"

#define PARSER_BANNER_BYTES 1024 // of the line that parser_line() takes

struct parser;

/** @param server_name  appended to each message as `Server: NAME` (copied), the last header (before the text of a
 *                      `Response: Follows`). A bare LF at the end of a value is dropped then, since a client that
 *                      takes LF for a line end would see the message end before it, and the message's last
 *                      ends are CR LF if its first is. NULL: messages are the same bytes as received. */
struct parser *parser_create(const char *server_name);
void parser_destroy(struct parser *parser);
/** Tells which ActionIDs wait for an answer, so that a Follows whose marker never comes ends where another action is
 *  answered; the marker is added. @param known  called within parser_next() */
void parser_set_known(struct parser *parser, follows_known *known, void *context);
/** Longest line and message from now on, without regard to what is longer than 1 GiB. What breaks a limit is neither
 *  cut nor passed on: see parser_fault(). */
void parser_set_limits(struct parser *parser, size_t line, size_t message);
/** Which limit was broken, in words; NULL: none. Nothing is read from there on; the connection is to be closed. */
const char *parser_fault(const struct parser *parser);
/** Is the text of a Follows being read? */
bool parser_is_in_text(const struct parser *parser);
/** Could a message be complete, which only its next bytes will tell? */
bool parser_is_doubtful(const struct parser *parser);
/** No bytes have come for a while: what is doubtful is complete, as parser_next() then says. */
void parser_settle(struct parser *parser);
/** Room for at least `wanted` (> 0) bytes to read(2) into. Valid until the next call. */
char *parser_reserve(struct parser *parser, size_t wanted, size_t *available);
/** Says that `count` bytes were written into the reserved room. */
void parser_commit(struct parser *parser, size_t count);
/** Takes one line (without its end) off the front: for the banner, before any message was read.
 *  @return false if none is complete yet, or it is longer than PARSER_BANNER_BYTES: parser_fault(). The span is valid
 * until the next call. */
bool parser_line(struct parser *parser, struct span *line);
/** The next complete message, NULL if more bytes are needed. The caller owns it. */
struct message *parser_next(struct parser *parser);
/** Bytes held that belong to no complete message yet. */
size_t parser_pending(const struct parser *parser);
/** Forgets everything held: the connection was lost. */
void parser_reset(struct parser *parser);

#endif
