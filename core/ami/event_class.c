// core/ami/event_class.c: the table of classes, and their names as Asterisk reads them.
#include "ami/event_class.h"

#include <limits.h>
#include <stdio.h>

#define TRUTH_COUNT 5

// In Asterisk's order; `all` and `none` are names in its table, too.
static const struct event_class {
    const char *name;
    uint32_t bits;
} classes[] = {
    {"system", CLASS_SYSTEM},
    {"call", CLASS_CALL},
    {"log", CLASS_LOG},
    {"verbose", CLASS_VERBOSE},
    {"command", CLASS_COMMAND},
    {"agent", CLASS_AGENT},
    {"user", CLASS_USER},
    {"config", CLASS_CONFIG},
    {"dtmf", CLASS_DTMF},
    {"reporting", CLASS_REPORTING},
    {"cdr", CLASS_CDR},
    {"dialplan", CLASS_DIALPLAN},
    {"originate", CLASS_ORIGINATE},
    {"agi", CLASS_AGI},
    {"cc", CLASS_CC},
    {"aoc", CLASS_AOC},
    {"test", CLASS_TEST},
    {"security", CLASS_SECURITY},
    {"message", CLASS_MESSAGE},
    {"all", CLASS_ALL},
    {"none", 0},
};
#define CLASS_COUNT (sizeof classes / sizeof *classes)

/** Takes the text up to the next comma off the front of `rest`. @return false: it was the last token */
static bool take_token(struct span *rest, struct span *token)
{
    const char *comma = rest->length == 0 ? NULL : memchr(rest->bytes, ',', rest->length);
    *token = *rest;
    if (comma == NULL)
        return false;
    token->length = (size_t)(comma - rest->bytes);
    *rest = (struct span){comma + 1, rest->length - token->length - 1};
    return true;
}

static struct span trim_blanks(struct span text)
{
    while (text.length > 0 && (unsigned char)text.bytes[0] <= ' ')
        text = (struct span){text.bytes + 1, text.length - 1};
    while (text.length > 0 && (unsigned char)text.bytes[text.length - 1] <= ' ')
        text.length--;
    return text;
}

/** Returns the bits of one name of a `Privilege:` header. */
static uint32_t bits_of_name(struct span name)
{
    if (name.length == 0 || span_is(name, "<none>") || span_is(name, "all"))
        return 0;
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        if (span_is(name, classes[i].name))
            return classes[i].bits;
    }
    return CLASS_UNKNOWN;
}

uint32_t event_class_of_privilege(struct span privilege)
{
    uint32_t bits = 0;
    struct span token;
    for (bool more = true; more;) {
        more = take_token(&privilege, &token);
        bits |= bits_of_name(trim_blanks(token));
    }
    return bits;
}

bool event_class_find(struct span name, uint32_t *bits)
{
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        if (span_equals(name, span_of(classes[i].name))) {
            *bits = classes[i].bits;
            return true;
        }
    }
    return false;
}

void event_class_print(uint32_t bits, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < CLASS_COUNT && length < size; i++) {
        if ((classes[i].bits & bits) != 0 && classes[i].bits != CLASS_ALL)
            length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? "," : "", classes[i].name);
    }
}

static bool is_one_of(struct span text, const char *const words[TRUTH_COUNT])
{
    for (size_t i = 0; i < TRUTH_COUNT; i++)
        if (span_is(text, words[i]))
            return true;
    return false;
}

static bool is_number(struct span text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
    return true;
}

/** Does what atoi() of glibc does: a saturated long, whose low 32 bits are the result. */
static uint32_t number_of(struct span digits)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.length; i++) {
        uint64_t digit = (uint64_t)(digits.bytes[i] - '0');
        if (number > ((uint64_t)INT64_MAX - digit) / 10)
            return (uint32_t)INT64_MAX;
        number = 10 * number + digit;
    }
    return (uint32_t)number;
}

/** Returns the bits of all classes that begin with `prefix`. */
static uint32_t bits_of_prefix(struct span prefix)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (prefix.length <= strlen(classes[i].name) &&
            (prefix.length == 0 || memcmp(classes[i].name, prefix.bytes, prefix.length) == 0))
            bits |= classes[i].bits;
    return bits;
}

bool event_mask_parse(struct span text, uint32_t *mask)
{
    static const char *const off[TRUTH_COUNT] = {"no", "false", "n", "f", "off"};
    static const char *const on[TRUTH_COUNT] = {"yes", "true", "y", "t", "on"};
    if (text.length == 0)
        return false;
    uint32_t bits = 0;
    if (is_number(text)) {
        bits = number_of(text);
        if (bits > (uint32_t)INT32_MAX)
            return false;
    } else if (is_one_of(text, on)) {
        bits = CLASS_ALL;
    } else if (!is_one_of(text, off)) {
        struct span token;
        while (text.length > 0 && take_token(&text, &token)) // the text after the last comma may be empty
            bits |= bits_of_prefix(token);
        uint32_t last;
        if (text.length > 0 && event_class_find(text, &last))
            bits |= last;
    }
    *mask = bits;
    return true;
}

bool event_is_user_event(struct span name)
{
    static const char user[] = "UserEvent"; // and UserEventNAME of Asterisk 1.0 and 1.2 (apps/app_userevent.c)
    size_t length = sizeof user - 1;

    return name.length >= length && strncasecmp(name.bytes, user, length) == 0;
}
