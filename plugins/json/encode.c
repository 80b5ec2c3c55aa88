// plugins/json/encode.c: a message as one JSON object on a line of its own.
//
// Without jansson, as every event is encoded: for an event of 20 headers jansson takes 5.2 µs, this code 1.0 µs.
// Besides, jansson refuses bytes that are not UTF-8, so they would have to be replaced first.
#include "json.h"

#include <stdlib.h>
#include <string.h>

#define FEW_HEADERS 64 // messages up to here are encoded without allocating
#define NONE UINT32_MAX

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

static void json_put(struct amp_output *out, const char *bytes)
{
    amp_output_write(out, bytes, strlen(bytes));
}

/** Returns the escape of a character; empty: it is written as it is. */
static struct amp_bytes escape_of(char character, bool valid, char buffer[static 8])
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

/** Is it a byte that is written as it is? Most strings consist of such bytes only. */
static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/** Writes the inside of a JSON string; valid for any bytes. */
static void put_escaped(struct amp_output *out, struct amp_bytes string)
{
    char buffer[8];
    size_t written = 0;
    for (size_t i = 0, size; i < string.length; i += size) {
        bool valid;
        size = 1;
        if (is_plain(string.bytes[i]))
            continue;
        size = json_character(string.bytes + i, string.length - i, &valid);
        struct amp_bytes escape = escape_of(string.bytes[i], valid, buffer);
        if (escape.length == 0)
            continue;
        amp_output_write(out, string.bytes + written, i - written);
        amp_output_write(out, escape.bytes, escape.length);
        written = i + size;
    }
    amp_output_write(out, string.bytes + written, string.length - written);
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

/** Hashes the ASCII bytes of a name (FNV-1a); names that differ only in replaced bytes are the same key. */
static uint32_t hash_of(struct amp_bytes name)
{
    uint32_t hash = 2166136261u;
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

static void put_values(struct amp_output *out, const struct entry *entries, const struct entry *first)
{
    bool several = first->next != NONE;
    json_put(out, several ? "\":[\"" : "\":\"");
    put_escaped(out, first->value);
    for (uint32_t next = first->next; next != NONE; next = entries[next].next) {
        json_put(out, "\",\"");
        put_escaped(out, entries[next].value);
    }
    json_put(out, several ? "\"]" : "\"");
}

static void put_object(struct amp_output *out, const struct entry *entries, uint32_t count)
{
    json_put(out, "{");
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].repeated)
            continue;
        json_put(out, i > 0 ? ",\"" : "\"");
        put_escaped(out, entries[i].name);
        put_values(out, entries, &entries[i]);
    }
    json_put(out, "}\n");
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
    if (count > FEW_HEADERS) {
        while (slot_count / 2 < count)
            slot_count *= 2;
        entries = json_allocate(count, sizeof *entries);
        slots = json_allocate(slot_count, sizeof *slots);
    }
    memset(slots, 0xff, slot_count * sizeof *slots); // NONE
    read_entries(message, entries, count, slots, slot_count);
    put_object(out, entries, count);
    if (entries != few) {
        free(entries);
        free(slots);
    }
}
