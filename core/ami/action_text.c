// core/ami/action_text.c: see action_text.h.
#include "ami/action_text.h"

#include "ami/assemble.h"
#include "ami/catalogue.h"
#include "ami/writer.h"
#include "base/scan.h"

#define MOST_LINES (WRITER_HEADERS - 1) // and the proxy's ActionID
#define SHORTEST 8                      // bytes: what is shorter is for the other way
#define SIGNS (0x80 * SCAN_ONES)

/** What is known of the action so far. */
struct draft {
    struct header headers[MOST_LINES];
    uint32_t count;
    uint64_t names;     // as in struct message
    int32_t action, id; // as in struct message
    bool begins;        // the first header is an Action, be it empty
    bool is_sent_whole; // nothing but the first ActionID is left out on the way to a server
};

/** Reads eight bytes; those behind `end`, before which are at least eight, are 0. The lowest byte of the result is the
 * first. */
static inline uint64_t word_at(const char *at, const char *end)
{
    uint64_t word;

    if (__builtin_expect(at <= end - sizeof word, 1)) {
        memcpy(&word, at, sizeof word);
    } else {
        word = 0;
        memcpy(&word, at, (size_t)(end - at));
    }
    return le64toh(word);
}

/** Marks the bytes of a word that are below `limit`. Of the marks, the lowest is right. */
static inline uint64_t mark_less(uint64_t word, uint64_t limit)
{
    return (word - limit * SCAN_ONES) & ~word & SIGNS;
}

/** Marks the bytes of a word that are `byte`. Of the marks, the lowest is right. */
static inline uint64_t mark_byte(uint64_t word, char byte)
{
    return mark_less(word ^ (unsigned char)byte * SCAN_ONES, 1);
}

/** Returns the number of the first byte that is marked. */
static inline size_t first_mark(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

/** Marks the bytes that cannot be part of a name. Of the marks, the lowest is right. */
static inline uint64_t mark_no_name(uint64_t word)
{
    return mark_less(word, ' ' + 1) | mark_byte(word, 0x7f) | mark_byte(word, ':');
}

// A known name of at most eight letters as a number, in lower case. Written so that it is a constant.
#define KEY(a, b, c, d, e, f, g, h)                                                                         \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | (uint64_t)(e) << 32 | \
     (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)
#define KEY_ACTION KEY('a', 'c', 't', 'i', 'o', 'n', 0, 0)
#define KEY_ACTION_ID KEY('a', 'c', 't', 'i', 'o', 'n', 'i', 'd')
#define KEY_SERVER KEY('s', 'e', 'r', 'v', 'e', 'r', 0, 0)
#define KEY_PROXY_KEY KEY('p', 'r', 'o', 'x', 'y', 'k', 'e', 'y')
#define KEY_EVENT KEY('e', 'v', 'e', 'n', 't', 0, 0, 0)
#define KEY_RESPONSE KEY('r', 'e', 's', 'p', 'o', 'n', 's', 'e')

/** Returns the first byte that cannot be part of a name.
 *  @param key  set to a number that is that of a known name if it is this name, else another one */
static inline const char *name_end(const char *at, const char *end, uint64_t *key)
{
    uint64_t word = word_at(at, end), marks = mark_no_name(word);

    *key = word | 0x20 * SCAN_ONES; // letters in lower case; no other byte becomes a letter
    if (marks != 0) {
        uint64_t first = (marks & -marks) >> 7; // the lowest bit of the first byte behind the name
        *key &= first - 1;
        return at + first_mark(marks);
    }
    at += sizeof word;
    if (at < end && *at != ':')
        *key = 0; // longer than any known name
    for (; at < end; at += sizeof word) {
        marks = mark_no_name(word_at(at, end));
        if (marks != 0)
            return at + first_mark(marks);
    }
    return end;
}

/** Returns the first control byte: the line's end, or one that is rare in a value. */
static inline const char *value_end(const char *at, const char *end)
{
    for (; at < end; at += sizeof(uint64_t)) {
        uint64_t marks = mark_less(word_at(at, end), ' ');
        if (marks != 0)
            return at + first_mark(marks);
    }
    return end;
}

/** Notes what the header that was read last says of the action. @return false: it is for the other way */
static inline bool note_name(struct draft *draft, uint64_t key, uint32_t value_length)
{
    int32_t index = (int32_t)draft->count;

    if (key == KEY_ACTION) {
        draft->begins = draft->begins || index == 0;
        if (value_length > 0 && draft->action < 0)
            draft->action = index;
    } else if (key == KEY_ACTION_ID) {
        if (draft->id >= 0)
            draft->is_sent_whole = false;
        else
            draft->id = index;
    } else if (key == KEY_SERVER || key == KEY_PROXY_KEY) {
        draft->is_sent_whole = false;
    } else if (index == 0 && (key == KEY_EVENT || key == KEY_RESPONSE)) {
        return false;
    }
    return true;
}

/** Reads the line at `at`. @return the next line; NULL: the action is for the other way */
static inline const char *read_line(struct draft *draft, const char *start, const char *at, const char *end)
{
    uint64_t key;
    const char *colon = name_end(at, end, &key), *value = colon + 2;

    if (colon == at || end - colon < 4 || memcmp(colon, ": ", 2) != 0)
        return NULL;
    const char *behind = (unsigned char)*value <= ' ' ? value : value_end(value, end);
    if (end - behind < 2 || memcmp(behind, "\r\n", 2) != 0 || behind - at > WRITER_LINE_BYTES)
        return NULL;
    uint32_t name_length = (uint32_t)(colon - at), value_length = (uint32_t)(behind - value);
    if (!note_name(draft, key, value_length))
        return NULL;
    draft->names |= message_name_bit(at, name_length);
    draft->headers[draft->count++] =
        (struct header){(uint32_t)(at - start), name_length, (uint32_t)(value - start), value_length};
    return behind + 2;
}

/** Makes the message of these bytes. */
static struct message *make_action(const struct draft *draft, struct span wire)
{
    struct message *message = assemble_begin(draft->count, wire.length);

    memcpy(message->own_headers, draft->headers, draft->count * sizeof(struct header));
    memcpy(message->bytes, wire.bytes, wire.length);
    if (draft->begins)
        message->kind = MESSAGE_ACTION;
    message->action = draft->action;
    message->action_id = draft->id;
    message->names = draft->names;
    message->clean = true;
    message->is_sent_whole = draft->is_sent_whole && draft->action == 0;
    if (draft->action >= 0)
        message->info = catalogue_find(message_action(message, NULL));
    assemble_places(message);
    return message;
}

struct message *action_text_read(struct span bytes, uint64_t most_headers, size_t *used)
{
    const char *at = bytes.bytes, *end = at + bytes.length;
    uint32_t most = most_headers < MOST_LINES ? (uint32_t)most_headers : MOST_LINES;
    if (bytes.length < SHORTEST)
        return NULL;
    struct draft draft; // not set as a whole: of the headers, only `count` are

    draft.count = 0;
    draft.names = 0;
    draft.action = draft.id = -1;
    draft.is_sent_whole = true;
    draft.begins = false;
    while (at < end && *at != '\r') {
        if (draft.count == most)
            return NULL;
        at = read_line(&draft, bytes.bytes, at, end);
        if (at == NULL)
            return NULL;
    }
    if (draft.count == 0 || end - at < 2 || memcmp(at, "\r\n", 2) != 0)
        return NULL;
    *used = (size_t)(at + 2 - bytes.bytes);
    return make_action(&draft, (struct span){bytes.bytes, *used});
}
