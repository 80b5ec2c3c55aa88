// core/cluster/heartbeat_read.c: reading; see heartbeat.h.
#include "base/memory.h"
#include "cluster/heartbeat_words.h"
#include "cluster/subject.h"

#define PROGRAM_BYTES 32 // longest version of a program

/** What is read, and which lines were there. */
struct reading {
    struct heartbeat *heartbeat;
    unsigned seen; // a bit for each row of `lines`
};

/** Cuts the text in front of the next `end` off; the whole rest if there is none. */
static struct span cut_at(struct span *rest, char end)
{
    const char *found = rest->length == 0 ? NULL : memchr(rest->bytes, end, rest->length);
    struct span piece = {rest->bytes, found == NULL ? rest->length : (size_t)(found - rest->bytes)};
    size_t passed = piece.length + (found != NULL);

    *rest = (struct span){passed == 0 ? rest->bytes : rest->bytes + passed, rest->length - passed};
    return piece;
}

static struct span cut_line(struct span *rest)
{
    struct span line = cut_at(rest, '\n');

    if (line.length > 0 && line.bytes[line.length - 1] == '\r')
        line.length--;
    return line;
}

static bool is_key(struct span text, bool of_server)
{
    char name[SUBJECT_NAME_BYTES + 1];

    return subject_decode(text, of_server, name) > 0;
}

static bool read_number(struct span text, uint64_t *number)
{
    return span_number(text, 0, EPOCH_MOST, number);
}

static const char *read_node(struct heartbeat *heartbeat, struct span value)
{
    if (!is_key(value, false))
        return "the name of its node is none";
    heartbeat->member.node = value;
    return NULL;
}

static const char *read_boot(struct heartbeat *heartbeat, struct span value)
{
    return subject_read_boot(value, &heartbeat->member.boot) ? NULL : "its boot id is none";
}

static const char *read_started(struct heartbeat *heartbeat, struct span value)
{
    return read_number(value, &heartbeat->member.started) ? NULL : "the time of its start is none";
}

static const char *read_beat(struct heartbeat *heartbeat, struct span value)
{
    return read_number(value, &heartbeat->beat) && heartbeat->beat > 0 ? NULL : "its number is none";
}

static const char *read_sent(struct heartbeat *heartbeat, struct span value)
{
    return read_number(value, &heartbeat->sent) ? NULL : "its time is none";
}

static const char *read_sessions(struct heartbeat *heartbeat, struct span value)
{
    return read_number(value, &heartbeat->sessions) ? NULL : "its number of sessions is none";
}

static const char *read_program(struct heartbeat *heartbeat, struct span value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.length > PROGRAM_BYTES || value.bytes[i] <= ' ' || value.bytes[i] >= 0x7f)
            return "its version is none";
    }
    heartbeat->program = value;
    return NULL;
}

static const char *read_draining(struct heartbeat *heartbeat, struct span value)
{
    heartbeat->draining = span_is(value, "1");
    return NULL;
}

static const char *read_leaving(struct heartbeat *heartbeat, struct span value)
{
    heartbeat->leaving = span_is(value, "1");
    return NULL;
}

static const char *read_waking(struct heartbeat *heartbeat, struct span value)
{
    heartbeat->waking = span_is(value, "1");
    return NULL;
}

static const char *read_heard(struct heartbeat *heartbeat, struct span value)
{
    struct heartbeat_heard *heard = &heartbeat->heard[heartbeat->heard_count];

    heard->member.node = cut_at(&value, ' ');
    if (!is_key(heard->member.node, false) || !subject_read_boot(cut_at(&value, ' '), &heard->member.boot) ||
        !read_number(cut_at(&value, ' '), &heard->beat))
        return "a process that it heard is none";
    heartbeat->heard_count++;
    return NULL;
}

static bool read_state(struct span value, enum hold_state *state)
{
    for (unsigned i = 0; i < HOLD_WORDS; i++) {
        if (span_equals(value, span_of(hold_words[i]))) {
            *state = (enum hold_state)i;
            return true;
        }
    }
    return false;
}

static bool read_give(struct span value, struct member_id *give)
{
    give->node = cut_at(&value, '/');
    return is_key(give->node, false) && subject_read_boot(value, &give->boot);
}

/** Reads `epoch/number`. */
static bool read_place(struct span word, uint64_t *epoch, uint64_t *number)
{
    return read_number(cut_at(&word, '/'), epoch) && read_number(word, number);
}

/** Reads `name=value`. @return false: the value is none */
static bool read_word(struct heartbeat_server *server, struct span word)
{
    struct span name = cut_at(&word, '=');

    if (span_is(name, "reach"))
        server->unreached = span_is(word, "0");
    else if (span_is(name, "state"))
        return read_state(word, &server->state);
    else if (span_is(name, "claim"))
        return read_number(word, &server->claim);
    else if (span_is(name, "sequence"))
        return read_number(word, &server->sequence);
    else if (span_is(name, "after"))
        return read_place(word, &server->after_epoch, &server->after_sequence);
    else if (span_is(name, "ended"))
        return read_place(word, &server->ended_epoch, &server->ended_sequence);
    else if (span_is(name, "give"))
        return read_give(word, &server->give);
    return true;
}

static const char *read_server(struct heartbeat *heartbeat, struct span value)
{
    struct heartbeat_server *server = &heartbeat->servers[heartbeat->server_count];

    server->key = cut_at(&value, ' ');
    if (!is_key(server->key, true))
        return "the name of a server is none";
    if (heartbeat->server_count > 0 && key_compare(server[-1].key, server->key) >= 0)
        return "its servers are not in order, or one is there twice";
    while (value.length > 0) {
        if (!read_word(server, cut_at(&value, ' ')))
            return "what it says of a server is not valid";
    }
    if (hold_is_claim(server->state) != (server->claim > 0) ||
        (server->after_epoch > 0 && server->after_epoch >= server->claim))
        return "the epochs of a server contradict each other";
    heartbeat->server_count++;
    return NULL;
}

static const struct {
    const char *name;
    bool needed, many;
    const char *(*read)(struct heartbeat *heartbeat, struct span value);
} lines[] = {
    {"Node", true, false, read_node},        {"Boot", true, false, read_boot},
    {"Started", true, false, read_started},  {"Beat", true, false, read_beat},
    {"Sent", false, false, read_sent},       {"Sessions", false, false, read_sessions},
    {"Program", false, false, read_program}, {"Draining", false, false, read_draining},
    {"Leaving", false, false, read_leaving}, {"Waking", false, false, read_waking},
    {"Heard", false, true, read_heard},      {"Server", false, true, read_server},
};
#define LINES (sizeof lines / sizeof lines[0])

/** Reads a line. @return NULL or what is wrong */
static const char *read_line(struct reading *reading, struct span line)
{
    struct span name = cut_at(&line, ':');

    if (line.length > 0 && line.bytes[0] == ' ')
        line = (struct span){line.bytes + 1, line.length - 1};
    for (unsigned i = 0; i < LINES; i++) {
        if (!span_equals(name, span_of(lines[i].name)))
            continue;
        if (!lines[i].many && (reading->seen & 1U << i) != 0)
            return "a line is there twice";
        reading->seen |= 1U << i;
        return lines[i].read(reading->heartbeat, line);
    }
    return NULL;
}

/** Counts the lines of these names, so that the whole takes one block. */
static const char *count_lines(struct span rest, size_t *servers, size_t *heard)
{
    *servers = *heard = 0;
    while (rest.length > 0) {
        struct span line = cut_line(&rest), name = cut_at(&line, ':');
        *servers += span_equals(name, span_of("Server"));
        *heard += span_equals(name, span_of("Heard"));
    }
    if (*servers > HEARTBEAT_SERVERS)
        return "it has too many servers";
    return *heard > HEARTBEAT_HEARD ? "it has heard too many processes" : NULL;
}

/** Makes an empty heartbeat with room for that, and a copy of the text. */
static struct heartbeat *heartbeat_new(struct span body, size_t servers, size_t heard)
{
    size_t server_bytes = servers * sizeof(struct heartbeat_server),
           heard_bytes = heard * sizeof(struct heartbeat_heard);
    struct heartbeat *heartbeat = memory_zero(1, sizeof *heartbeat + server_bytes + heard_bytes + body.length);
    char *at = (char *)(heartbeat + 1);

    heartbeat->servers = (void *)at;
    heartbeat->heard = (void *)(at + server_bytes);
    heartbeat->text = at + server_bytes + heard_bytes;
    memcpy(heartbeat->text, body.bytes, body.length);
    return heartbeat;
}

static const char *read_all(struct reading *reading, struct span rest)
{
    while (rest.length > 0) {
        const char *fault = read_line(reading, cut_line(&rest));
        if (fault != NULL)
            return fault;
    }
    for (unsigned i = 0; i < LINES; i++) {
        if (lines[i].needed && (reading->seen & 1U << i) == 0)
            return "a line is missing";
    }
    return NULL;
}

static bool is_our_version(struct span rest)
{
    struct span line = cut_line(&rest);

    return span_equals(line, span_of("Amp: 1"));
}

struct heartbeat *heartbeat_decode(struct span body, const char **fault)
{
    struct reading reading = {0};
    size_t servers, heard;

    *fault = NULL;
    if (body.length > HEARTBEAT_BYTES)
        *fault = "it is too long";
    else if (!is_our_version(body))
        *fault = "its version is not known";
    else
        *fault = count_lines(body, &servers, &heard);
    if (*fault != NULL)
        return NULL;
    reading.heartbeat = heartbeat_new(body, servers, heard);
    *fault = read_all(&reading, (struct span){reading.heartbeat->text, body.length});
    if (*fault == NULL)
        return reading.heartbeat;
    heartbeat_free(reading.heartbeat);
    return NULL;
}
