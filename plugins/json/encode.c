// plugins/json/encode.c: a message as one JSON object on a line of its own, whatever it holds; brief.c writes most.
//
// Without jansson, as every event is encoded: for an event of 20 headers jansson takes 5.2 µs, this code 1.0 µs.
// Besides, jansson refuses bytes that are not UTF-8, so they would have to be replaced first.
#include "odd.h"

#include <stdlib.h>
#include <string.h>

#define FEW_HEADERS 64 // messages up to here are encoded without allocating
#define NONE UINT32_MAX
#define OUTPUT_BYTES 2048
#define LONGEST_STRING (OUTPUT_BYTES - 8)
#define BLANKS UINT64_C(0x2020202020202020)

/** One header; headers of the same name are linked, as they are one key. */
struct entry {
    struct amp_bytes name, value;
    uint32_t next; // index of the next header of the same name, or NONE
    uint32_t last; // in the first header of a name: index of the last one
    bool repeated; // not the first header of its name
};

static struct amp_bytes json_text(const char *bytes)
{
    return (struct amp_bytes){bytes, strlen(bytes)};
}

/** Bytes on their way to the output, which is called once for many of them. */
struct line {
    struct amp_output *out;
    size_t used;
    char bytes[OUTPUT_BYTES];
};

static void json_flush(struct line *line)
{
    amp_output_write(line->out, line->bytes, line->used);
    line->used = 0;
}

/** Makes room. @param length  at most OUTPUT_BYTES @return where that many bytes are written */
static char *json_reserve(struct line *line, size_t length)
{
    if (length > sizeof line->bytes - line->used)
        json_flush(line);
    return line->bytes + line->used;
}

struct amp_bytes json_escape(char character, bool valid, char buffer[static 8])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)character;
    if (!valid)
        return json_text("\xef\xbf\xbd");
    switch (character) {
    case '"':
        return json_text("\\\"");
    case '\\':
        return json_text("\\\\");
    case '\n':
        return json_text("\\n");
    case '\r':
        return json_text("\\r");
    case '\t':
        return json_text("\\t");
    default:
        if (byte >= 0x20)
            return (struct amp_bytes){NULL, 0};
        memcpy(buffer, "\\u00", 4);
        buffer[4] = hex[byte >> 4];
        buffer[5] = hex[byte & 0xf];
        return (struct amp_bytes){buffer, 6};
    }
}

/** Up to 16 bytes of a string: its first and its last ones, which may overlap. */
struct words {
    uint64_t first, last;
};

/** @param length  at least 8, or what it does not fill are blanks */
static inline struct words words_of(const char *bytes, size_t length)
{
    struct words words = {BLANKS, BLANKS};
    if (length >= 8) {
        memcpy(&words.first, bytes, 8);
        memcpy(&words.last, bytes + length - 8, 8);
    } else if (length >= 4) {
        memcpy(&words.first, bytes, 4);
        memcpy(&words.last, bytes + length - 4, 4);
    } else if (length > 0) {
        memcpy(&words.first, bytes, 1);
        memcpy((char *)&words.first + 1, bytes + length / 2, 1);
        memcpy(&words.last, bytes + length - 1, 1);
    }
    return words;
}

static inline bool is_any(vector marks)
{
    struct words words;
    memcpy(&words, &marks, sizeof words);
    return (words.first | words.last) != 0;
}

/** Copies a string. @return is all of it written as it is? Most strings are */
static inline bool copy_plain(char *to, struct amp_bytes string)
{
    vector odd = {0}, bytes;
    const char *from = string.bytes;
    size_t length = string.length;
    if (length < 16) {
        struct words words = words_of(from, length);
        memcpy(&bytes, &words, sizeof bytes);
        if (length >= 8) {
            memcpy(to, &words.first, 8);
            memcpy(to + length - 8, &words.last, 8);
        } else if (length >= 4) {
            memcpy(to, &words.first, 4);
            memcpy(to + length - 4, &words.last, 4);
        } else {
            for (size_t i = 0; i < length; i++)
                to[i] = from[i];
        }
        return !is_any(odd_of(bytes));
    }
    for (size_t i = 0; i < length - 16; i += 16) {
        memcpy(&bytes, from + i, sizeof bytes);
        memcpy(to + i, &bytes, sizeof bytes);
        odd |= odd_of(bytes);
    }
    memcpy(&bytes, from + length - 16, sizeof bytes);
    memcpy(to + length - 16, &bytes, sizeof bytes);
    return !is_any(odd | odd_of(bytes));
}

/** Writes the inside of a JSON string that has odd bytes; valid for any. */
static void put_odd(struct line *line, struct amp_bytes string)
{
    char buffer[8];
    size_t written = 0;
    json_flush(line);
    for (size_t i = 0, size; i < string.length; i += size) {
        bool valid;
        size = json_character(string.bytes + i, string.length - i, &valid);
        struct amp_bytes escape = json_escape(string.bytes[i], valid, buffer);
        if (escape.length == 0)
            continue;
        amp_output_write(line->out, string.bytes + written, i - written);
        amp_output_write(line->out, escape.bytes, escape.length);
        written = i + size;
    }
    amp_output_write(line->out, string.bytes + written, string.length - written);
}

/** What stands between strings: `length` of four bytes, as four are copied faster than one. */
struct mark {
    char bytes[4];
    size_t length;
};

static const struct mark quote = {"\"", 1}, next_string = {",\"", 2}, end_of_name = {"\":", 2},
                         first_of_list = {"[\"", 2}, end_of_list = {"\"]", 2};

static inline char *put_mark(char *to, struct mark mark)
{
    memcpy(to, mark.bytes, sizeof mark.bytes);
    return to + mark.length;
}

/** Writes the inside of a JSON string with what stands around it. */
static inline void put_string(struct line *line, struct mark before, struct amp_bytes string, struct mark after)
{
    size_t length = string.length <= LONGEST_STRING ? string.length : 0;
    char *to = put_mark(json_reserve(line, length + 2 * sizeof before.bytes), before);
    if (string.length <= LONGEST_STRING && copy_plain(to, string)) {
        line->used = (size_t)(put_mark(to + length, after) - line->bytes);
        return;
    }
    line->used += before.length;
    put_odd(line, string);
    line->used = (size_t)(put_mark(json_reserve(line, sizeof after.bytes), after) - line->bytes);
}

/** Are both the same key when they are written? */
static bool is_same_name(struct amp_bytes one, struct amp_bytes other)
{
    if (one.length == other.length && memcmp(one.bytes, other.bytes, one.length) == 0)
        return true;
    size_t i = 0;
    size_t k = 0;
    while (i < one.length && k < other.length) {
        bool valid;
        bool other_valid;
        size_t size = json_character(one.bytes + i, one.length - i, &valid);
        size_t other_size = json_character(other.bytes + k, other.length - k, &other_valid);
        struct amp_bytes character = valid ? (struct amp_bytes){one.bytes + i, size} : json_text("\xef\xbf\xbd");
        struct amp_bytes other_character =
            other_valid ? (struct amp_bytes){other.bytes + k, other_size} : json_text("\xef\xbf\xbd");
        if (character.length != other_character.length ||
            memcmp(character.bytes, other_character.bytes, character.length) != 0)
            return false;
        i += size;
        k += other_size;
    }
    return i == one.length && k == other.length;
}

/** Hashes a name, eight bytes at a time if it is all ASCII. Names that differ only in replaced bytes are the same key;
 *  of those the ASCII bytes count (FNV-1a). */
static uint32_t hash_of(struct amp_bytes name)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint32_t hash = 2166136261u;
    struct words words = words_of(name.bytes, name.length);
    uint64_t mixed = (words.first + name.length) * factor ^ words.last;
    vector bytes;
    memcpy(&bytes, &words, sizeof bytes);
    vector odd = (vector)(bytes <= 0);
    for (size_t i = 8; i + 8 < name.length; i += 8) { // between those ends
        memcpy(&words.last, name.bytes + i, sizeof words.last);
        memcpy(&bytes, &words, sizeof bytes);
        odd |= (vector)(bytes <= 0);
        mixed = mixed * factor ^ words.last;
    }
    if (!is_any(odd))
        return (uint32_t)((mixed ^ mixed >> 32) * factor >> 32); // or the low bits would not depend on the last bytes
    for (size_t i = 0; i < name.length; i++) {
        unsigned char byte = (unsigned char)name.bytes[i];
        if (byte > 0 && byte < 0x80)
            hash = (hash ^ byte) * 16777619u;
    }
    return hash;
}

/** Reads the headers, and links those of the same name.
 *  @param slots  a hash table of first entries, by name. All NONE at first; a power of two, more than there are headers
 */
static void read_entries(const struct amp_message *message, struct entry *entries, uint32_t count, uint32_t *slots,
                         uint32_t slot_count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct entry *entry = &entries[i];
        *entry = (struct entry){.next = NONE, .last = i};
        amp_message_header(message, i, &entry->name, &entry->value);
        if (entry->name.length == 0)
            entry->name = json_text("UnparsedText");
        uint32_t slot = hash_of(entry->name) & (slot_count - 1);
        while (slots[slot] != NONE && !is_same_name(entries[slots[slot]].name, entry->name))
            slot = (slot + 1) & (slot_count - 1);
        if (slots[slot] == NONE) {
            slots[slot] = i;
            continue;
        }
        struct entry *first = &entries[slots[slot]];
        entries[first->last].next = i;
        first->last = i;
        entry->repeated = true;
    }
}

/** Returns the code of an Error that the proxy has made, for the member `code`; NULL: the message is none, or has a
 *  header of that name. The reason is not known here: see astmanproxy(8), ERROR CODES. */
static const char *code_of(const struct amp_message *message, const struct entry *entries, uint32_t count)
{
    struct amp_bytes text = {"", 0};
    if (count == 0 || entries[0].value.length != 5 || memcmp(entries[0].value.bytes, "Error", 5) != 0 ||
        !(is_same_name(entries[0].name, json_text("Response")) ||
          is_same_name(entries[0].name, json_text("ProxyResponse"))) ||
        !amp_message_is_own(message) || amp_message_find(message, "code", &text))
        return NULL;
    amp_message_find(message, "Message", &text);
    return amp_error_code(text, AMP_REASON_NONE);
}

/** @param code  NULL: there is none */
static void put_object(struct amp_output *out, const struct entry *entries, uint32_t count, const char *code)
{
    struct line line;
    line.out = out;
    line.used = 0;
    *json_reserve(&line, 1) = '{';
    line.used++;
    for (uint32_t i = 0; i < count; i++) {
        const struct entry *entry = &entries[i];
        if (entry->repeated)
            continue;
        put_string(&line, i > 0 ? next_string : quote, entry->name, end_of_name);
        put_string(&line, entry->next != NONE ? first_of_list : quote, entry->value, quote);
        for (uint32_t next = entry->next; next != NONE; next = entries[next].next)
            put_string(&line, next_string, entries[next].value, entries[next].next != NONE ? quote : end_of_list);
    }
    if (code != NULL) {
        put_string(&line, next_string, json_text("code"), end_of_name);
        put_string(&line, quote, json_text(code), quote);
    }
    memcpy(json_reserve(&line, 2), "}\n", 2);
    line.used += 2;
    json_flush(&line);
}

static void *json_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        abort(); // as the program does
    return memory;
}

void json_encode(const struct amp_message *message, struct amp_output *out)
{
    struct entry few[FEW_HEADERS];
    uint32_t few_slots[2 * FEW_HEADERS];
    uint32_t count = amp_message_count(message);
    uint32_t slot_count = 2 * FEW_HEADERS;
    struct entry *entries = few;
    uint32_t *slots = few_slots;
    if (json_encode_brief(message, out))
        return;
    if (count > FEW_HEADERS) {
        while (slot_count / 2 < count)
            slot_count *= 2;
        entries = json_allocate(count, sizeof *entries);
        slots = json_allocate(slot_count, sizeof *slots);
    }
    memset(slots, 0xff, slot_count * sizeof *slots); // NONE
    read_entries(message, entries, count, slots, slot_count);
    put_object(out, entries, count, code_of(message, entries, count));
    if (entries != few) {
        free(entries);
        free(slots);
    }
}
