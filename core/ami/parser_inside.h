// core/ami/parser_inside.h: the inside of `struct parser`, for the files parser*.c only: bytes with one unfinished
// message at their front, and how far they were looked through already. Thread: the owner's.
//
//   held ── line ── scan ── end      line, scan and the headers count from the first byte that is held
//
// Nothing left of `scan` is looked at again when more bytes come, so that a message in many pieces costs no more than
// one in a single piece. No decision depends on where reads were cut: what only later bytes can tell waits for them.
#ifndef AMI_PARSER_INSIDE_H
#define AMI_PARSER_INSIDE_H

#include "ami/follows.h"
#include "ami/intake.h"
#include "ami/parser.h"

enum line_end { LINE_END_UNKNOWN, LINE_END_CRLF, LINE_END_LF };
enum part { PART_HEADERS, PART_FOLLOWS_HEAD, PART_FOLLOWS_BODY };

struct parser {
    char *server_name; // NULL: messages stay as they are
    follows_known *known;
    void *known_context;
    size_t line_limit, message_limit;
    char fault[96]; // why nothing more is read; empty: no reason
    struct intake intake;
    size_t line; // first byte of the line, or text, that is being read
    size_t scan; // no end was found left of it
    struct header *headers;
    uint32_t count, header_capacity;
    enum line_end line_end;
    enum part part;
    struct follows follows;
    size_t doubt;    // behind a blank line that may belong to a value, or be the message's end; 0: there is none
    bool is_loose;   // the line before ended in a bare LF, and the message's first did not
    bool is_untidy;  // not all of its ends are those of the first line
    bool is_decided; // Event or Response was seen
    bool is_settled; // nothing more comes for now
    bool has_privilege, has_action_id; // before the text of a Follows
};

/** The bytes that are held: of the unfinished message, and behind it. */
struct span parser_held(const struct parser *parser);
/** Nothing is read from here on: what is held breaks a limit. */
void parser_fail(struct parser *parser, const char *what, size_t limit, const char *unit);
/** Adds a header to the index, unless that breaks the limit of lines. */
void parser_add_header(struct parser *parser, struct header header);
/** Finds the LF that comes next. @return false if there is none; then `scan` is at the end */
bool parser_find_feed(struct parser *parser, size_t *feed);
/** Cuts the line that ends at `feed`. @return does it end in CR LF? */
bool parser_cut_line(struct parser *parser, size_t feed, struct span *content);
/** Reads on to the end of a message of lines. @return true with its length; false if more bytes are needed or it is a
 *          Follows */
bool parser_read_headers(struct parser *parser, size_t *length);
/** Reads the headers of a Follows until a line is none of them. */
void parser_read_follows_head(struct parser *parser);
/** Looks for the end of the text. @return true with the message's length, false if more bytes are needed
 *  @param is_cut  becomes whether it ends without its marker */
bool parser_read_follows_body(struct parser *parser, size_t *length, bool *is_cut);

#endif
