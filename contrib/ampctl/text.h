// contrib/ampctl/text.h: writes texts of servers to a terminal, and other things for people. A value may contain escape
// sequences that would control the terminal, so bytes that are not printable are shown as \xNN.
// Thread: main's (the locale's).
#ifndef AMPCTL_TEXT_H
#define AMPCTL_TEXT_H

#include "base/span.h"

#include <stdint.h>
#include <stdio.h>

/** The reader of a text. */
enum text_escape {
    TEXT_AS_IT_IS, // a program: every byte
    TEXT_ONE_LINE, // a program that reads lines: CR, LF, tab and NUL are escaped
    TEXT_TERMINAL, // a terminal: all that is not printable, line ends included
    TEXT_LINES     // a terminal, a text of several lines: LF and tab stay, a CR before LF is left out
};

/** Writes `text`. */
void text_write(FILE *out, struct span text, enum text_escape escape);
/** Returns the same as a new text, the caller's. */
char *text_escaped(struct span text, enum text_escape escape);
/** Is that descriptor a terminal that shows colours, and does the user want them (NO_COLOR, TERM)? */
bool text_wants_colour(int fd);
/** "3d 04:05:06". @return `buffer` */
const char *text_duration(char *buffer, size_t size, uint64_t seconds);
/** "3.2 MiB". @return `buffer` */
const char *text_bytes(char *buffer, size_t size, uint64_t bytes);
/** Does `text` match `pattern`, in which `*` stands for anything? @param fold  without regard to the case of ASCII
 *  letters */
bool text_matches(struct span text, const char *pattern, bool fold);
/** Does the text contain bytes that a header cannot contain? */
bool text_has_control(const char *text);

#endif
