// core/ami/parser_plain.c: a message as Asterisk writes nearly all: `Event: ` or `Response: ` first, each line ends in
// CR LF. One pass over its bytes finds its end and the few headers that say where it goes; its index is made by who
// asks for it. Whatever else comes is declined, and read line by line (parser_lines.c).
#include "ami/parser_inside.h"

#include "ami/assemble.h"
#include "ami/event_class.h"
#include "base/marks.h"

#define HEADER_BYTES sizeof(struct header)
#define LONGEST_NAME 10            // and the colon
#define SHORT_LINES 8              // of a response that is read line by line
#define SHORT_BYTES 1024           // most of them
#define LEAST_PRIVILEGE 14         // bytes of `Privilege: a` with its end
#define HEAD_BYTES 192             // at least, if the first two lines of an event shall be read at once
#define LARGE ((size_t)256 * 1024) // bytes of a message that is not copied

/** Do the bytes begin with the prefix, as far as they have come? Always inline: for a literal, no call is left. */
__attribute__((always_inline)) static inline bool has_prefix(struct span held, const char *prefix)
{
    size_t length = strlen(prefix);

    return held.length >= length ? memcmp(held.bytes, prefix, length) == 0
                                 : memcmp(held.bytes, prefix, held.length) == 0;
}

/** Decides by the first bytes whether the message may be a plain one. */
static enum plain_step plain_begin(struct plain *plain, struct span held)
{
    const struct span follows = {"Follows", 7};
    size_t length = strlen("Event: ");

    if (has_prefix(held, "Event: ")) {
        plain->facts = (struct assemble_facts){.kind = MESSAGE_EVENT, .action_id = -1, .action = -1};
        plain->scan = (struct scan){.at = length, .letters = {'a', 'p'}, .thirds = {'t', 'i'}};
    } else if (has_prefix(held, "Response: ")) {
        length = strlen("Response: ");
        plain->facts = (struct assemble_facts){.kind = MESSAGE_RESPONSE, .action_id = -1, .action = -1};
        plain->scan = (struct scan){.at = length, .letters = {'a', 'e'}, .thirds = {'t', 'e'}};
        if (held.length >= length + follows.length &&
            span_equals_nocase((struct span){held.bytes + length, follows.length}, follows))
            return STEP_DECLINE; // the text of a legacy answer has rules of its own
        if (held.length < length + follows.length && memchr(held.bytes, '\n', held.length) == NULL)
            return STEP_WAIT;
    } else {
        return STEP_DECLINE;
    }
    if (held.length < length)
        return STEP_WAIT;
    plain->facts.name.start = (uint32_t)length;
    plain->is_begun = true;
    return STEP_ON;
}

/** Finds the value of the header whose colon is before `at`. @param place  set to it */
static enum plain_step read_value(struct span held, size_t at, struct place *place)
{
    const char *feed = memchr(held.bytes + at, '\n', held.length - at);

    if (feed == NULL)
        return STEP_WAIT;
    if (feed[-1] != '\r')
        return STEP_DECLINE;
    size_t end = (size_t)(feed - held.bytes) - 1;
    at += at < end && held.bytes[at] == ' ';
    *place = (struct place){(uint32_t)at, (uint32_t)(end - at)};
    return STEP_ON;
}

/** Returns where a Privilege is remembered. @param line  at least LEAST_PRIVILEGE bytes */
static inline struct known_privilege *known_privilege(struct parser *parser, const char *line)
{
    const char *value = line + strlen("Privilege: ");

    return &parser->privileges[(unsigned char)(value[0] ^ value[2]) % KNOWN_PRIVILEGES];
}

/** Returns the classes of a Privilege. @param line  with its CR LF */
static uint32_t classes_of(struct parser *parser, struct span line, struct span value)
{
    uint32_t classes = event_class_of_privilege(value);

    if (line.length >= LEAST_PRIVILEGE && line.length <= sizeof parser->privileges[0].line) {
        struct known_privilege *known = known_privilege(parser, line.bytes);
        memcpy(known->line, line.bytes, line.length);
        known->length = (uint32_t)line.length;
        known->classes = classes;
    }
    return classes;
}

/** From then on the pass looks for the first of the headers that matter. */
static void seek_one(struct scan *scan)
{
    scan->letters[1] = scan->letters[0];
    scan->thirds[1] = scan->thirds[0];
}

/** Reads the first lines of an event, if they are here and as usual: the second one is a Privilege that is known. */
static void read_event_head(struct parser *parser, struct span held)
{
    struct assemble_facts *facts = &parser->plain.facts;
    struct scan *scan = &parser->plain.scan;
    const char *feed = NULL;

    if (held.length >= HEAD_BYTES)
        feed = memchr(held.bytes, '\n', HEAD_BYTES - sizeof parser->privileges[0].line);
    if (feed == NULL || feed[-1] != '\r')
        return;
    const char *line = feed + 1;
    facts->name.length = (uint32_t)(feed - held.bytes) - 1 - facts->name.start;
    scan->at = (size_t)(line - held.bytes);
    scan->lines = 1;
    const struct known_privilege *known = known_privilege(parser, line);
    if (known->length == 0 || memcmp(line, known->line, known->length) != 0)
        return;
    facts->has_privilege = true;
    facts->classes = known->classes;
    scan->at += known->length;
    scan->lines = 2;
    seek_one(scan);
}

/** Counts the lines before `at`. Called for headers that a message has once, near its front. */
static int32_t lines_before(struct span held, size_t at)
{
    const char *from = held.bytes, *to = held.bytes + at, *feed;
    int32_t lines = 0;

    while ((feed = memchr(from, '\n', (size_t)(to - from))) != NULL) {
        from = feed + 1;
        lines++;
    }
    return lines;
}

/** A header that sets a field of the message. */
enum noted { NOTED_NONE, NOTED_ID, NOTED_ACTION, NOTED_PRIVILEGE, NOTED_LIST };

/** Which one does a line begin? Always inline: for each line that may matter. @param length  set to that of its name */
__attribute__((always_inline)) static inline enum noted what_begins(const struct assemble_facts *facts,
                                                                    const char name[LONGEST_NAME], size_t *length)
{
    *length = name[6] == ':' ? 6 : name[8] == ':' ? 8 : 9;
    struct span text = {name, *length};
    bool is_event = facts->kind == MESSAGE_EVENT;

    if (name[*length] != ':')
        return NOTED_NONE; // most lines with these letters
    if (*length == 8)
        return facts->action_id < 0 && span_is(text, "ActionID") ? NOTED_ID : NOTED_NONE;
    if (*length == 6)
        return facts->action < 0 && span_is(text, "Action") ? NOTED_ACTION : NOTED_NONE;
    if (is_event)
        return !facts->has_privilege && span_is(text, "Privilege") ? NOTED_PRIVILEGE : NOTED_NONE;
    return span_is(text, "EventList") ? NOTED_LIST : NOTED_NONE;
}

/** Notes the header at `at` if it sets a field of the message. */
static enum plain_step plain_note(struct parser *parser, struct span held, size_t at)
{
    struct plain *plain = &parser->plain;
    struct assemble_facts *facts = &plain->facts;
    size_t left = held.length - at, length;
    char name[LONGEST_NAME] = {0};
    struct place place;

    if (left >= sizeof name) {
        memcpy(name, held.bytes + at, sizeof name);
    } else {
        memcpy(name, held.bytes + at, left);
        if (memchr(name, '\n', left) == NULL)
            return STEP_WAIT;
    }
    enum noted noted = what_begins(facts, name, &length);
    if (noted == NOTED_NONE)
        return STEP_ON;
    enum plain_step step = read_value(held, at + length + 1, &place);
    if (step != STEP_ON)
        return step;
    struct span value = {held.bytes + place.start, place.length};
    if (noted == NOTED_ID) {
        facts->action_id = lines_before(held, at);
        facts->id = place;
    } else if (noted == NOTED_ACTION && place.length > 0) {
        facts->action = lines_before(held, at);
    } else if (noted == NOTED_PRIVILEGE) {
        facts->has_privilege = true;
        facts->classes = classes_of(parser, (struct span){held.bytes + at, place.start + place.length + 2 - at}, value);
        seek_one(&plain->scan); // no other one matters
    } else if (noted == NOTED_LIST) {
        facts->incomplete_list = facts->incomplete_list || span_is(value, "start");
    }
    return STEP_ON;
}

/** Notes a line of a response as plain_note() does. `line` has its CR LF, `number` lines are before it. */
static inline void note_line(struct assemble_facts *facts, struct span held, struct span line, int32_t number)
{
    size_t length, at = (size_t)(line.bytes - held.bytes);

    if (line.length < LONGEST_NAME)
        return; // even `Action:` with a value is as long
    enum noted noted = what_begins(facts, line.bytes, &length);
    if (noted == NOTED_NONE)
        return;
    size_t end = line.length - 2, start = length + 1;
    start += start < end && line.bytes[start] == ' ';
    if (noted == NOTED_ID) {
        facts->action_id = number;
        facts->id = (struct place){(uint32_t)(at + start), (uint32_t)(end - start)};
    } else if (noted == NOTED_ACTION && end > start) {
        facts->action = number;
    } else if (noted == NOTED_LIST) {
        facts->incomplete_list =
            facts->incomplete_list || span_is((struct span){line.bytes + start, end - start}, "start");
    }
}

/** Reads a response of a few short lines, as nearly all are, line by line: a pass has cost more before it finds its
 *  first line. @return is it one, and all of it is here? Then it was read to its end */
static bool read_short(struct plain *plain, struct span held)
{
    struct assemble_facts *facts = &plain->facts;
    const char *line = held.bytes, *feed;
    struct marks_walk walk = marks_walk(line, line + (held.length < SHORT_BYTES ? held.length : SHORT_BYTES));

    for (uint32_t lines = 0; lines <= SHORT_LINES && (feed = marks_next_feed(&walk)) != NULL; lines++) {
        if (feed == line || feed[-1] != '\r')
            return false;
        if (feed == line + 1) {
            plain->scan.at = (size_t)(line - held.bytes);
            plain->scan.lines = lines;
            return true;
        }
        char letter = (char)(*line | 0x20);
        if (lines == 0)
            facts->name.length = (uint32_t)(feed - held.bytes) - 1 - facts->name.start;
        else if (letter == plain->scan.letters[0] || letter == plain->scan.letters[1])
            note_line(facts, held, (struct span){line, (size_t)(feed + 1 - line)}, (int32_t)lines);
        line = feed + 1;
    }
    return false;
}

/** Is every line within its limit? What is longer than the limit is looked at in steps of its length. */
static bool check_lines(struct parser *parser, struct span held, size_t end)
{
    size_t *line = &parser->plain.line;

    while (end - *line > parser->line_limit) {
        const char *feed = memrchr(held.bytes + *line, '\n', parser->line_limit + 1);
        if (feed == NULL)
            return false;
        *line = (size_t)(feed - held.bytes) + 1;
    }
    return true;
}

/** Handles the line at `at`, which may matter (scan_take). @return false: `plain.step` says what to do next */
static bool take_line(void *context, size_t at)
{
    struct parser *parser = context;
    struct plain *plain = &parser->plain;
    struct span held = parser_held(parser);

    if (held.bytes[at] != '\r')
        plain->step = plain_note(parser, held, at);
    else if (at + 1 == held.length)
        plain->step = STEP_WAIT;
    else if (held.bytes[at + 1] == '\n')
        plain->step = STEP_END;
    return plain->step == STEP_ON;
}

static enum plain_step read_on(struct parser *parser, struct span held)
{
    struct plain *plain = &parser->plain;

    bool is_new = !plain->is_begun;

    plain->step = is_new ? plain_begin(plain, held) : STEP_ON;
    if (plain->step != STEP_ON)
        return plain->step;
    if (is_new && plain->facts.kind == MESSAGE_RESPONSE) {
        const struct assemble_facts begun = plain->facts;
        if (read_short(plain, held))
            return STEP_END;
        plain->facts = begun;
    }
    if (is_new && plain->facts.kind == MESSAGE_EVENT)
        read_event_head(parser, held);
    if (!scan_run(&plain->scan, held, take_line, parser))
        plain->step = STEP_WAIT;
    return plain->scan.is_untidy ? STEP_DECLINE : plain->step;
}

struct message *parser_read_plain(struct parser *parser, size_t *length)
{
    struct plain *plain = &parser->plain;
    struct assemble_facts *facts = &plain->facts;
    struct span held = parser_held(parser);
    enum plain_step step = read_on(parser, held);
    size_t end = step == STEP_END ? plain->scan.at + 2 : held.length;

    if (step != STEP_DECLINE && (end > parser->message_limit || !check_lines(parser, held, end) ||
                                 plain->scan.lines >= parser->message_limit / HEADER_BYTES))
        step = STEP_DECLINE; // the other way says which limit is broken
    plain->is_declined = step == STEP_DECLINE;
    if (step != STEP_END)
        return NULL;
    if (facts->name.length == 0) { // it was not seen yet, or is empty
        const char *value = held.bytes + facts->name.start;
        const char *feed = memchr(value, '\n', end - facts->name.start); // there is one
        facts->name.length = (uint32_t)(feed - value) - 1;
    }
    facts->header_count = plain->scan.lines;
    if (end >= LARGE && parser->intake.start <= LARGE / 2) { // else the buffer is mostly not the message's
        size_t at;
        char *block = intake_give_away(&parser->intake, end, assemble_added(parser->server), &at);
        *length = 0;
        return assemble_large(facts, block, at, end, parser->server, parser->server_name != NULL);
    }
    *length = end;
    return assemble_plain(facts, (struct span){held.bytes, end}, parser->server, parser->server_name != NULL);
}
