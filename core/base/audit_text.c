// core/base/audit_text.c: the text of a record: JSON in one line. See audit.h.
#include "base/audit.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROOM 32          // kept for the end of the record
#define VALUE_BYTES 1024 // longest value, before it is escaped

static void audit_add(struct audit *audit, const char *bytes, size_t length)
{
    memcpy(audit->text + audit->length, bytes, length);
    audit->length += length;
}

static bool audit_fits(const struct audit *audit, size_t length)
{
    return audit->length + length + ROOM <= sizeof audit->text;
}

/** Writes the text within the quotes. */
static void audit_escape(struct audit *audit, struct span text)
{
    char piece[8];

    if (text.length > VALUE_BYTES) {
        text.length = VALUE_BYTES;
        audit->cut = true;
    }
    while (text.length > 0) {
        size_t length = utf8_length(text), size;
        unsigned char byte = (unsigned char)text.bytes[0];
        if (length == 0)
            size = (size_t)snprintf(piece, sizeof piece, "\\ufffd");
        else if (byte == '"' || byte == '\\')
            size = (size_t)snprintf(piece, sizeof piece, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f)
            size = (size_t)snprintf(piece, sizeof piece, "\\u%04x", byte);
        else
            memcpy(piece, text.bytes, size = length);
        if (!audit_fits(audit, size + 2)) {
            audit->cut = true;
            return;
        }
        audit_add(audit, piece, size);
        length += length == 0;
        text = (struct span){text.bytes + length, text.length - length};
    }
}

void audit_begin(struct audit *audit, const char *kind)
{
    int64_t seconds;
    int32_t microseconds;
    struct tm parts;
    char stamp[32];

    clock_wall(&seconds, &microseconds);
    time_t whole = (time_t)seconds;
    gmtime_r(&whole, &parts);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
    audit->cut = false;
    audit->length = (size_t)snprintf(audit->text, sizeof audit->text, "{\"time\":\"%s.%06dZ\",\"event\":\"%s\"", stamp,
                                     (int)microseconds, kind);
}

/** Writes the key. @return false: there is no room for it */
static bool audit_key(struct audit *audit, const char *key)
{
    size_t length = strlen(key);

    if (!audit_fits(audit, length + 8)) {
        audit->cut = true;
        return false;
    }
    audit_add(audit, ",\"", 2);
    audit_add(audit, key, length);
    audit_add(audit, "\":", 2);
    return true;
}

void audit_text(struct audit *audit, const char *key, struct span value)
{
    if (value.length == 0 || !audit_key(audit, key))
        return;
    audit_add(audit, "\"", 1);
    audit_escape(audit, value);
    audit_add(audit, "\"", 1);
}

void audit_number(struct audit *audit, const char *key, uint64_t value)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%" PRIu64, value);

    if (!audit_fits(audit, strlen(key) + 40) || !audit_key(audit, key)) {
        audit->cut = true;
        return;
    }
    audit_add(audit, text, (size_t)length);
}

bool audit_begin_list(struct audit *audit, const char *key)
{
    if (!audit_key(audit, key))
        return false;
    audit_add(audit, "[", 1);
    return true;
}

void audit_item(struct audit *audit, struct span name, struct span value)
{
    size_t most = sizeof audit->text / 2; // the rest is for what follows

    if (audit->length + name.length + 16 > most) {
        audit->cut = true;
        return;
    }
    if (audit->text[audit->length - 1] != '[')
        audit_add(audit, ",", 1);
    audit_add(audit, "\"", 1);
    audit_escape(audit, name);
    audit_escape(audit, (struct span){": ", 2});
    if (audit->length + 2 * value.length > most) {
        value.length = (most - audit->length) / 6 < value.length ? (most - audit->length) / 6 : value.length;
        audit->cut = true;
    }
    audit_escape(audit, value);
    audit_add(audit, "\"", 1);
}

void audit_end_list(struct audit *audit)
{
    audit_add(audit, "]", 1);
}
