// core/cluster/subject.c: see subject.h.
#include "cluster/subject.h"

#include <inttypes.h>
#include <stdio.h>

#define BOOT_DIGITS 16

static const char *const subject_words[] = {
    [SUBJECT_NODE] = "node",   [SUBJECT_EV] = "ev",   [SUBJECT_DO] = "do",
    [SUBJECT_STATE] = "state", [SUBJECT_GAP] = "gap", [SUBJECT_REPLY] = "re",
};

static bool is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-';
}

size_t subject_encode(struct span name, bool fold, char key[SUBJECT_KEY_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";
    size_t length = 0;

    if (name.length == 0 || name.length > SUBJECT_NAME_BYTES)
        return 0;
    for (size_t i = 0; i < name.length; i++) {
        unsigned char byte = (unsigned char)name.bytes[i];
        if (is_plain(name.bytes[i])) {
            key[length++] = (char)(fold ? span_fold(name.bytes[i]) : byte);
        } else {
            key[length++] = '%';
            key[length++] = digits[byte >> 4];
            key[length++] = digits[byte & 15];
        }
    }
    key[length] = '\0';
    return length;
}

/** @return 0 … 15; -1: it is no digit that subject_encode() writes */
static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/** Reads one byte of a name. @return how many bytes of `key` it took; 0: it is wrong */
static size_t decode_byte(struct span key, bool fold, char *byte)
{
    int high, low;

    if (is_plain(key.bytes[0])) {
        *byte = key.bytes[0];
        return fold && *byte >= 'A' && *byte <= 'Z' ? 0 : 1;
    }
    if (key.bytes[0] != '%' || key.length < 3)
        return 0;
    high = digit_of(key.bytes[1]);
    low = digit_of(key.bytes[2]);
    if (high < 0 || low < 0)
        return 0;
    *byte = (char)(high << 4 | low);
    return is_plain(*byte) ? 0 : 3;
}

size_t subject_decode(struct span key, bool fold, char name[SUBJECT_NAME_BYTES + 1])
{
    size_t length = 0;

    for (size_t at = 0, took; at < key.length; at += took) {
        if (length == SUBJECT_NAME_BYTES)
            return 0;
        took = decode_byte((struct span){key.bytes + at, key.length - at}, fold, &name[length++]);
        if (took == 0)
            return 0;
    }
    name[length] = '\0';
    return length;
}

static size_t length_written(int length)
{
    return length > 0 && length < SUBJECT_BYTES ? (size_t)length : 0;
}

size_t subject_write(enum subject_kind kind, const char *cluster, struct span key, char text[SUBJECT_BYTES])
{
    return length_written(
        snprintf(text, SUBJECT_BYTES, "amp.%s.%s.%.*s", cluster, subject_words[kind], (int)key.length, key.bytes));
}

size_t subject_write_action(const char *cluster, struct span key, uint64_t boot, char text[SUBJECT_BYTES])
{
    return length_written(
        snprintf(text, SUBJECT_BYTES, "amp.%s.do.%.*s.%016" PRIx64, cluster, (int)key.length, key.bytes, boot));
}

size_t subject_write_reply(const char *cluster, struct span node, uint64_t boot, uint64_t id, char text[SUBJECT_BYTES])
{
    char number[24] = "*";

    if (id != 0)
        snprintf(number, sizeof number, "%" PRIu64, id);
    return length_written(snprintf(text, SUBJECT_BYTES, "amp.%s.re.%.*s.%016" PRIx64 ".%s", cluster, (int)node.length,
                                   node.bytes, boot, number));
}

/** Takes the word in front of the next dot, or the last one. */
static struct span take_word(struct span *rest)
{
    const char *dot = rest->length == 0 ? NULL : memchr(rest->bytes, '.', rest->length);
    struct span word = {rest->bytes, dot == NULL ? rest->length : (size_t)(dot - rest->bytes)};
    size_t passed = word.length + (dot != NULL);

    *rest = (struct span){passed == 0 ? rest->bytes : rest->bytes + passed, rest->length - passed};
    return word;
}

bool subject_read_boot(struct span text, uint64_t *boot)
{
    uint64_t number = 0;

    if (text.length != BOOT_DIGITS)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        int digit = digit_of(text.bytes[i]);
        if (digit < 0)
            return false;
        number = number << 4 | (uint64_t)digit;
    }
    if (number == 0)
        return false;
    *boot = number;
    return true;
}

/** Reads what follows the name: a boot id, and in subjects for answers a number. */
static const char *parse_rest(struct span rest, struct subject *subject)
{
    bool has_boot = subject->kind == SUBJECT_DO || subject->kind == SUBJECT_REPLY;

    if (has_boot && !subject_read_boot(take_word(&rest), &subject->boot))
        return "its boot id is none";
    if (subject->kind == SUBJECT_REPLY) {
        struct span number = take_word(&rest);
        if (!span_number(number, 1, UINT64_MAX, &subject->id) || number.bytes[0] == '0')
            return "its number is none";
    }
    return rest.length > 0 ? "it is too long" : NULL;
}

const char *subject_parse(struct span text, const char *cluster, struct subject *subject)
{
    char name[SUBJECT_NAME_BYTES + 1];
    struct span rest = text, word;
    size_t kind = 0;

    if (!span_equals(take_word(&rest), span_of("amp")) || !span_equals(take_word(&rest), span_of(cluster)))
        return "it is not of this cluster";
    if (text.bytes[text.length - 1] == '.')
        return "it ends in a dot";
    word = take_word(&rest);
    while (kind <= SUBJECT_REPLY && !span_equals(word, span_of(subject_words[kind])))
        kind++;
    if (kind > SUBJECT_REPLY)
        return "its kind is not known";
    *subject = (struct subject){.kind = (enum subject_kind)kind, .key = take_word(&rest)};
    bool of_node = kind == SUBJECT_NODE || kind == SUBJECT_REPLY;
    if (subject_decode(subject->key, !of_node, name) == 0)
        return "its name is none";
    return parse_rest(rest, subject);
}
