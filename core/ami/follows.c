// core/ami/follows.c: see follows.h.
#include "ami/follows.h"

#define RESPONSE "Response: "
#define ANSWER_BYTES 4096 // most bytes of those lines
#define ANSWER_LINES 6    // the ActionID is in the first lines of a response (the second, in a Follows the third)

/** Returns the length of the two line ends at the front; 0: there is something else; -1: more bytes are needed. */
static int measure_line_ends(struct span span, bool lf_only)
{
    size_t at = 0;

    for (int i = 0; i < 2; i++) {
        bool has_return = at < span.length && span.bytes[at] == '\r';
        at += has_return;
        if (at == span.length)
            return -1;
        if (span.bytes[at++] != '\n' || (i == 0 && !has_return && !lf_only))
            return 0; // the lines of the text itself end in a bare LF
    }
    return (int)at;
}

/** Finds the marker with a line end and a blank line after it. A marker without these is part of the text.
 *  @param ends  set to the number of bytes after the marker; 0: there is no marker, or more bytes must decide
 *  @return the offset of the marker, or of one that more bytes must decide; the text's length: there is none */
static size_t find_marker(struct follows *follows, struct span text, bool lf_only, size_t *ends)
{
    *ends = 0;
    for (;;) {
        size_t from = follows->marker_looked;
        const char *marker = memmem(text.bytes + from, text.length - from, FOLLOWS_MARKER, FOLLOWS_MARKER_BYTES);
        if (marker == NULL) {
            size_t looked = text.length < FOLLOWS_MARKER_BYTES ? 0 : text.length - FOLLOWS_MARKER_BYTES + 1;
            follows->marker_looked = looked > from ? looked : from;
            return text.length;
        }
        size_t place = (size_t)(marker - text.bytes), after = place + FOLLOWS_MARKER_BYTES;
        int found = measure_line_ends((struct span){text.bytes + after, text.length - after}, lf_only);
        follows->marker_looked = place + (found == 0 ? 1 : 0);
        if (found == 0)
            continue;
        *ends = found > 0 ? (size_t)found : 0;
        return place;
    }
}

/** Takes a line, without its end, off the front. @return false: there is no complete line */
static bool take_line(struct span *rest, struct span *line)
{
    const char *feed = rest->length == 0 ? NULL : memchr(rest->bytes, '\n', rest->length);

    if (feed == NULL)
        return false;
    *line = (struct span){rest->bytes, (size_t)(feed - rest->bytes)};
    *rest = (struct span){feed + 1, rest->length - line->length - 1};
    if (line->length > 0 && line->bytes[line->length - 1] == '\r')
        line->length--;
    return true;
}

static bool starts_with(struct span text, const char *word)
{
    size_t length = strlen(word);

    return text.length >= length && span_is((struct span){text.bytes, length}, word);
}

/** Does an answer to an action of this program begin here? @return 1: yes, 0: no, -1: more bytes are needed */
static int is_answer(struct span text, follows_known *known, void *context)
{
    struct span line;
    bool is_long = text.length >= ANSWER_BYTES; // only the first ANSWER_BYTES are searched

    if (is_long)
        text.length = ANSWER_BYTES;
    for (int i = 0; i < ANSWER_LINES; i++) {
        if (!take_line(&text, &line))
            return is_long ? 0 : -1;
        if (line.length == 0 || (i == 0 && !starts_with(line, RESPONSE)))
            return 0;
        if (starts_with(line, "ActionID: "))
            return known(context, (struct span){line.bytes + 10, line.length - 10}) ? 1 : 0;
    }
    return 0;
}

/** Returns the offset of the next line, from `from` on, that begins like an answer; SIZE_MAX: none. */
static size_t next_response(struct span text, size_t from)
{
    if (from == 0 && starts_with(text, RESPONSE))
        return 0;
    from = from == 0 ? 0 : from - 1; // include the end of the previous line
    if (from > text.length)
        return SIZE_MAX;
    const char *found = memmem(text.bytes + from, text.length - from, "\n" RESPONSE, sizeof RESPONSE);

    return found == NULL ? SIZE_MAX : (size_t)(found - text.bytes) + 1;
}

/** Returns the offset of an answer to another action, which Asterisk sends only after the text; SIZE_MAX: none yet. */
static size_t find_answer(struct follows *follows, struct span text, follows_known *known, void *context)
{
    for (;;) {
        size_t place = next_response(text, follows->answer_looked);
        if (place == SIZE_MAX) {
            size_t tail = sizeof RESPONSE; // the last bytes may be the beginning of an answer
            if (text.length > tail && text.length - tail > follows->answer_looked)
                follows->answer_looked = text.length - tail;
            return SIZE_MAX;
        }
        int found = is_answer((struct span){text.bytes + place, text.length - place}, known, context);
        follows->answer_looked = place + (found == 0 ? 1 : 0);
        if (found != 0)
            return found > 0 ? place : SIZE_MAX;
    }
}

/** Does an event or list item begin here, not a line of the text? Events have a Privilege, items an ActionID, and the
 *  lines of both end in CR LF, unlike those of the CLI. */
static bool is_event(struct span text)
{
    struct span event, second, rest = text;

    return take_line(&rest, &event) && starts_with(event, "Event: ") && event.bytes[event.length] == '\r' &&
           take_line(&rest, &second) && second.bytes[second.length] == '\r' &&
           (starts_with(second, "Privilege: ") || starts_with(second, "ActionID: "));
}

/** Returns the offset of the first message in a text whose marker was lost. */
static size_t first_message(struct span text)
{
    struct span rest = text, line;

    while (rest.length > 0 && !is_event(rest) && take_line(&rest, &line))
        continue;
    return text.length - rest.length;
}

enum follows_end follows_look(struct follows *follows, struct span text, bool lf_only, follows_known *known,
                              void *context, size_t *length, size_t *used)
{
    size_t ends, marker = find_marker(follows, text, lf_only, &ends), answer = SIZE_MAX;
    struct span before = {text.bytes, marker}; // bytes after a possible marker must not decide before it does

    if (known != NULL)
        answer = find_answer(follows, before, known, context);
    if (answer != SIZE_MAX) {
        *used = *length = first_message((struct span){text.bytes, answer});
        return FOLLOWS_CUT;
    }
    if (ends == 0)
        return FOLLOWS_OPEN;
    *length = marker + FOLLOWS_MARKER_BYTES;
    *used = *length + ends;
    return FOLLOWS_MARKED;
}
