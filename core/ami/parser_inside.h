// core/ami/parser_inside.h: the definition of `struct parser`, for the files parser*.c only: bytes with one unfinished
// message at their front, and how far they were scanned. Thread: the owner's.
//
//   held ── line ── scan ── end      offsets `line`, `scan` and those of headers count from the first held byte
//
// Bytes before `scan` are not scanned again when more bytes come, so that a message in many pieces costs no more than
// one in a single piece. No decision depends on how reads split the bytes: where later bytes are needed, it waits.
#ifndef AMI_PARSER_INSIDE_H
#define AMI_PARSER_INSIDE_H

#include "ami/assemble.h"
#include "ami/follows.h"
#include "ami/intake.h"
#include "ami/parser.h"
#include "ami/scan.h"

enum line_end { LINE_END_UNKNOWN, LINE_END_CRLF, LINE_END_LF };
enum part { PART_HEADERS, PART_FOLLOWS_HEAD, PART_FOLLOWS_BODY };

/** What to do after a line of a plain message. */
enum plain_step { STEP_ON, STEP_WAIT, STEP_DECLINE, STEP_END };

/** State of a plain message (parser_plain.c). A message that is declined is read line by line from its first byte. */
struct plain {
    bool is_begun, is_declined;
    enum plain_step step;
    struct scan scan;
    struct assemble_facts facts;
    size_t line; // start of a line; all lines before it are within the limit
};

#define KNOWN_PRIVILEGES 8

/** A line that was a Privilege, with its CR LF, and its classes: most messages have one of a few. */
struct known_privilege {
    char line[64];
    uint32_t length; // 0: none
    uint32_t classes;
};

struct parser {
    char *server_name;  // NULL: messages stay as they are
    struct span server; // the same
    follows_known *known;
    void *known_context;
    size_t line_limit, message_limit;
    char fault[96]; // why nothing more is read; empty: no reason
    struct intake intake;
    size_t line; // first byte of the line or text that is being read
    size_t scan; // no line end was found before this offset
    struct header *headers;
    uint32_t count, header_capacity;
    enum line_end line_end;
    enum part part;
    struct follows follows;
    size_t doubt;    // offset after a blank line that is part of a value or ends the message; 0: there is none
    bool is_loose;   // the previous line ended in a bare LF, and the first line of the message did not
    bool is_untidy;  // not all line ends are those of the first line
    bool is_decided; // the header Event or Response has come
    bool is_settled; // parser_settle() was called
    bool has_privilege, has_action_id; // headers before the text of a Follows
    struct plain plain;
    struct known_privilege privileges[KNOWN_PRIVILEGES]; // by known_privilege()
};

/** Returns the held bytes: those of the unfinished message and those after it. */
struct span parser_held(const struct parser *parser);
/** Stops parsing because a limit is exceeded, and sets the text of parser_fault(). */
void parser_fail(struct parser *parser, const char *what, size_t limit, const char *unit);
/** Adds a header to the index, unless that exceeds the limit of lines. */
void parser_add_header(struct parser *parser, struct header header);
/** Finds the next LF. @return false: there is none, and `scan` is at the end */
bool parser_find_feed(struct parser *parser, size_t *feed);
/** Gets the line that ends at `feed`, without its end. @return true: it ends in CR LF */
bool parser_cut_line(struct parser *parser, size_t feed, struct span *content);
/** Reads the lines of a message to its end. @return true: `length` is set; false: more bytes are needed, or it is a
 *  Follows */
bool parser_read_headers(struct parser *parser, size_t *length);
/** Reads a plain message to its end. @param length  set to the number of bytes that it leaves at the front: those of
 *  the message, or none if it has taken over the buffer
 *  @return the message; NULL: more bytes are needed, or it is declined and must be read line by line */
struct message *parser_read_plain(struct parser *parser, size_t *length);
/** Reads the headers of a Follows, up to the first line of its text. */
void parser_read_follows_head(struct parser *parser);
/** Looks for the end of the text of a Follows. @param is_cut  set to whether it ends without its marker
 *  @return true: `length` is set to that of the message; false: more bytes are needed */
bool parser_read_follows_body(struct parser *parser, size_t *length, bool *is_cut);

#endif
