// plugins/json/brief.c: an event of a server as nearly all are, as a JSON object: in one pass over its text, 16 bytes
// at a time, without its headers' index. All other messages are left to encode.c, which writes the same for these.
#include "odd.h"

#define BUFFER_BYTES 2048
#define MOST_HEADERS 64
#define SLOT_BITS 7
#define SLOTS (1U << SLOT_BITS)                                 // twice as many, so that a free one is near
#define MOST_TEXT (BUFFER_BYTES - 3 * MOST_HEADERS - 4 * WIDTH) // a line grows by 3 bytes at most, but for escapes

/** An event on its way from its text into a buffer. */
struct brief {
    const char *at, *end; // of the text: what is left; WIDTH NULs follow, which end all that is looked for
    char *to, *limit;     // bytes of escapes end before `limit`, so that the rest has room
    uint32_t seen[SLOTS]; // hashes of names, where they belong or behind it; 0: none
};

/** Returns the next bytes of the text, and NULs behind its end. */
static inline vector brief_peek(const char *at)
{
    vector bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/** Is a name another one than all before it? @param hash  is never 0 @return false: probably not */
static inline bool brief_is_new(struct brief *brief, uint32_t hash)
{
    size_t slot = hash >> (32 - SLOT_BITS);
    for (; brief->seen[slot] != 0; slot = (slot + 1) % SLOTS) {
        if (brief->seen[slot] == hash)
            return false;
    }
    brief->seen[slot] = hash;
    return true;
}

/** Writes the name of the next line and what follows it. @return false: it has odd bytes, or came before */
static inline bool brief_name(struct brief *brief)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    const char *start = brief->at;
    uint64_t mixed = 0;
    for (size_t place = WIDTH; place == WIDTH;) {
        uint64_t words[2];
        vector bytes = brief_peek(brief->at), known;
        memcpy(brief->to, &bytes, sizeof bytes);
        place = first_mark(odd_of(bytes) | (bytes == ':'));
        known = bytes & first_ones(place);
        memcpy(words, &known, sizeof words);
        mixed = ((mixed + words[0]) * factor ^ (words[1] + place)) * factor;
        brief->at += place;
        brief->to += place;
    }
    if (*brief->at != ':' || brief->at == start || !brief_is_new(brief, (uint32_t)(mixed >> 32) | 1))
        return false;
    brief->at++;
    memcpy(brief->to, "\":\"", 3);
    brief->to += 3;
    return true;
}

/** Writes the rest of a value, which has odd bytes. @return false: there is no room, or its end is not that of a line
 */
static bool brief_escape(struct brief *brief)
{
    const char *feed = memchr(brief->at, '\n', (size_t)(brief->end - brief->at));
    if (feed == NULL || feed[-1] != '\r')
        return false;
    size_t length = (size_t)(feed - 1 - brief->at);
    char buffer[8];
    for (size_t i = 0, size; i < length; i += size) {
        bool valid;
        size = json_character(brief->at + i, length - i, &valid);
        struct amp_bytes written = json_escape(brief->at[i], valid, buffer);
        if (written.length == 0)
            written = (struct amp_bytes){brief->at + i, size};
        if (brief->to + written.length > brief->limit - (brief->end - brief->at - (ptrdiff_t)i))
            return false;
        memcpy(brief->to, written.bytes, written.length);
        brief->to += written.length;
    }
    brief->at += length;
    return true;
}

/** Writes the value of the line, and what stands before the next name. @return false: its end is not that of a line */
static inline bool brief_value(struct brief *brief)
{
    brief->at += *brief->at == ' ';
    for (size_t place = WIDTH; place == WIDTH;) {
        vector bytes = brief_peek(brief->at);
        memcpy(brief->to, &bytes, sizeof bytes);
        place = first_mark(odd_of(bytes));
        brief->at += place;
        brief->to += place;
    }
    if ((brief->at[0] != '\r' || brief->at[1] != '\n') && !brief_escape(brief))
        return false;
    brief->at += 2;
    memcpy(brief->to, "\",\"", 3);
    brief->to += 3;
    return true;
}

bool json_encode_brief(const struct amp_message *message, struct amp_output *out)
{
    static const char event[] = "Event: ";
    struct amp_bytes text = amp_message_text(message);
    uint32_t count = amp_message_count(message);
    char line[BUFFER_BYTES], copy[MOST_TEXT + WIDTH];
    // Bare text begins with other words, and what the proxy has made itself may be a text, too.
    if (count == 0 || count > MOST_HEADERS || text.length > MOST_TEXT || text.length < sizeof event ||
        memcmp(text.bytes, event, sizeof event - 1) != 0 || amp_message_is_own(message))
        return false;
    struct brief brief = {.at = copy,
                          .end = copy + text.length,
                          .to = line + 2,
                          .limit = line + sizeof line - 3 * MOST_HEADERS - 2 * WIDTH};
    memcpy(copy, text.bytes, text.length); // costs less than to look each time how near the end is
    memset(copy + text.length, 0, WIDTH);
    memcpy(line, "{\"", 2);
    for (uint32_t i = 0; i < count; i++) {
        if (!brief_name(&brief) || !brief_value(&brief))
            return false;
    }
    if (brief.end - brief.at != 2 || memcmp(brief.at, "\r\n", 2) != 0)
        return false;               // a value has the line end of another line
    memcpy(brief.to - 2, "}\n", 2); // in place of what stands before the next name
    amp_output_write(out, line, (size_t)(brief.to - line));
    return true;
}
