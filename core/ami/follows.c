// core/ami/follows.c: see follows.h.
#include "ami/follows.h"

#define RESPONSE "Response: "
#define ANSWER_BYTES 4096 // of those lines
#define ANSWER_LINES 6    // of a response, among which its ActionID is (Asterisk: the second, in a Follows the third)

/** Length of the two line ends at the front. @return 0 if something else is there, -1 if more bytes are needed */
static int measure_line_ends(struct span span, bool lf_only)
{
    size_t at = 0;

    for (int i = 0; i < 2; i++) {
        bool has_return = at < span.length && span.bytes[at] == '\r';
        at += has_return;
        if (at == span.length)
            return -1;
        if (span.bytes[at++] != '\n' || (i == 0 && !has_return && !lf_only))
            return 0; // a text's own lines end in a bare LF
    }
    return (int)at;
}

/** The marker with its line's end and the blank line behind it: within the text it does not count.
 *  @param ends  becomes the bytes behind it; 0: it is not there, or more bytes must tell whether it counts
 *  @return its place, or that of one of which more bytes must tell; the text's length: there is none */
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

/** Takes a line off the front, without its end. @return false: it is not complete */
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

/** Does an answer to an action of ours begin here? @return 1: yes, 0: no, -1: more bytes are needed */
static int is_answer(struct span text, follows_known *known, void *context)
{
    struct span line;
    bool is_long = text.length >= ANSWER_BYTES; // no more than these are looked at, however many have come

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

/** The next line that begins like an answer, from `from` on. @return SIZE_MAX: none */
static size_t next_response(struct span text, size_t from)
{
    if (from == 0 && starts_with(text, RESPONSE))
        return 0;
    from = from == 0 ? 0 : from - 1; // the end of the line before
    if (from > text.length)
        return SIZE_MAX;
    const char *found = memmem(text.bytes + from, text.length - from, "\n" RESPONSE, sizeof RESPONSE);

    return found == NULL ? SIZE_MAX : (size_t)(found - text.bytes) + 1;
}

/** An answer to another action, which Asterisk can only have sent once the text was over. @return SIZE_MAX: none yet */
static size_t find_answer(struct follows *follows, struct span text, follows_known *known, void *context)
{
    for (;;) {
        size_t place = next_response(text, follows->answer_looked);
        if (place == SIZE_MAX) {
            size_t tail = sizeof RESPONSE; // may be the first part of one
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

/** Is this a message that Asterisk wrote, and no line of a text: events have a Privilege, items an ActionID, and both
 * end their lines in CR LF, which the CLI does not? */
static bool is_event(struct span text)
{
    struct span event, second, rest = text;

    return take_line(&rest, &event) && starts_with(event, "Event: ") && event.bytes[event.length] == '\r' &&
           take_line(&rest, &second) && second.bytes[second.length] == '\r' &&
           (starts_with(second, "Privilege: ") || starts_with(second, "ActionID: "));
}

/** Where messages begin in a text that has lost its marker. */
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
    struct span before = {text.bytes,
                          marker}; // of what may be the marker, too: nothing behind it may decide before it does

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
