// contrib/ampctl/text.c: see text.h.
#include "text.h"

#include "base/memory.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

/** Is it a character that changes the direction of what follows? It could make a line look like another. */
static bool is_direction(wchar_t character)
{
    return (character >= 0x200e && character <= 0x200f) || (character >= 0x202a && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0x061c;
}

/** Returns the length of the first character if the locale can print it; 0: it cannot, or is no character. */
static size_t printable_length(struct span text)
{
    mbstate_t state = {0};
    wchar_t character;
    size_t length = mbrtowc(&character, text.bytes, text.length, &state);

    if (length == 0 || length > text.length) // NUL, or an error
        return 0;
    return iswprint((wint_t)character) != 0 && !is_direction(character) ? length : 0;
}

/** Returns how many of the first bytes are written unchanged; 0: the first must be escaped. */
static size_t plain_length(struct span text, enum text_escape escape)
{
    switch (escape) {
    case TEXT_AS_IT_IS:
        return text.length;
    case TEXT_ONE_LINE:
        return memchr("\r\n\t", text.bytes[0], 4) == NULL; // also NUL
    case TEXT_LINES:
        if (text.bytes[0] == '\n' || text.bytes[0] == '\t')
            return 1;
        return printable_length(text);
    case TEXT_TERMINAL:
        break;
    }
    return printable_length(text);
}

void text_write(FILE *out, struct span text, enum text_escape escape)
{
    while (text.length > 0) {
        size_t length = plain_length(text, escape);
        if (length > 0) {
            fwrite(text.bytes, 1, length, out);
        } else {
            bool ends_line = escape == TEXT_LINES && text.length > 1 && text.bytes[0] == '\r' && text.bytes[1] == '\n';
            if (!ends_line)
                fprintf(out, "\\x%02x", (unsigned char)text.bytes[0]);
            length = 1;
        }
        text = (struct span){text.bytes + length, text.length - length};
    }
}

char *text_escaped(struct span text, enum text_escape escape)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);

    if (out == NULL)
        return memory_text("?");
    text_write(out, text, escape);
    fclose(out);
    return result;
}

bool text_wants_colour(int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fd) == 1 && (no_color == NULL || no_color[0] == '\0') && (term == NULL || strcmp(term, "dumb") != 0);
}

const char *text_duration(char *buffer, size_t size, uint64_t seconds)
{
    uint64_t days = seconds / 86400;
    char front[32] = "";

    if (days > 0)
        snprintf(front, sizeof front, "%" PRIu64 "d ", days);
    snprintf(buffer, size, "%s%02u:%02u:%02u", front, (unsigned)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60),
             (unsigned)(seconds % 60));
    return buffer;
}

const char *text_bytes(char *buffer, size_t size, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 1024 && unit < sizeof units / sizeof units[0] - 1) {
        value /= 1024;
        unit++;
    }
    snprintf(buffer, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return buffer;
}

static bool is_same_char(char a, char b, bool fold)
{
    return a == b || (fold && tolower((unsigned char)a) == tolower((unsigned char)b));
}

bool text_matches(struct span text, const char *pattern, bool fold)
{
    const char *star = NULL;  // the last star
    size_t at = 0, after = 0; // end of what the star has matched

    while (at < text.length) {
        if (*pattern == '*') {
            star = pattern++;
            after = at;
        } else if (*pattern != '\0' && is_same_char(text.bytes[at], *pattern, fold)) {
            pattern++;
            at++;
        } else if (star != NULL) {
            pattern = star + 1;
            at = ++after;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool text_has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 127)
            return true;
    }
    return false;
}
