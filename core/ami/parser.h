// core/ami/parser.h: cuts the bytes of a server into messages. Never fails: what Asterisk sends is kept as it is.
//
// Lines end as the first line of their message did: after CR LF a bare LF is data (values may hold raw LF, and some
// texts of Asterisk end in one), after LF both LF and CR LF are ends. Superfluous blank lines are skipped. A legacy
// `Response: Follows` (Asterisk <= 13) runs to `--END COMMAND--`, blank lines and all; its text is one nameless header.
// Thread: its owner's.
#ifndef AMI_PARSER_H
#define AMI_PARSER_H

#include "ami/message.h"

struct parser;

/** @param server_name  appended to each message as `Server: NAME` (copied), the last header (before the text of a
 *                      `Response: Follows`); a bare LF at the end of a value is dropped then, since a client that
 *                      takes LF for a line end would see the message end before it. NULL: messages are the same
 *                      bytes as received. */
struct parser *parser_create(const char *server_name);
void parser_destroy(struct parser *parser);
/** Room for at least `wanted` (> 0) bytes to read(2) into. Valid until the next call. */
char *parser_reserve(struct parser *parser, size_t wanted, size_t *available);
/** Says that `count` bytes were written into the reserved room. */
void parser_commit(struct parser *parser, size_t count);
/** Takes one line (without its end) off the front: for the banner, before any message was read.
 *  @return false if none is complete yet. The span is valid until the next call. */
bool parser_line(struct parser *parser, struct span *line);
/** The next complete message, NULL if more bytes are needed. The caller owns it. */
struct message *parser_next(struct parser *parser);
/** Bytes held that belong to no complete message yet. */
size_t parser_pending(const struct parser *parser);
/** Forgets everything held: the connection was lost. */
void parser_reset(struct parser *parser);

#endif
