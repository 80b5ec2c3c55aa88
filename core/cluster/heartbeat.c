// core/cluster/heartbeat.c: see heartbeat.h. Writing; what both sides share.
#include "cluster/heartbeat.h"

#include "base/memory.h"
#include "cluster/heartbeat_words.h"
#include "cluster/subject.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// A name, and the longest rest of a line: ten numbers and words of at most 24 bytes.
#define LINE_BYTES (SUBJECT_KEY_BYTES + 256)

const char *const hold_words[HOLD_WORDS] = {
    [HOLD_NOTHING] = "none",  [HOLD_OPENING] = "opening", [HOLD_UP] = "up",     [HOLD_RELEASING] = "releasing",
    [HOLD_TAKING] = "taking", [HOLD_READY] = "ready",     [HOLD_WARM] = "warm", [HOLD_LOCAL] = "local",
};

const char *hold_state_word(enum hold_state state)
{
    return hold_words[state];
}

int key_compare(struct span a, struct span b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common == 0 ? 0 : memcmp(a.bytes, b.bytes, common);

    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

struct text {
    char *bytes;
    size_t length, capacity;
};

static void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Appends a piece of a line, of at most LINE_BYTES. */
static void text_add(struct text *text, const char *format, ...)
{
    va_list values;

    if (text->capacity - text->length < LINE_BYTES) {
        text->capacity = text->capacity == 0 ? (size_t)8 << 10 : text->capacity * 2;
        text->bytes = memory_grow(text->bytes, text->capacity);
    }
    va_start(values, format);
    int length = vsnprintf(text->bytes + text->length, text->capacity - text->length, format, values);
    va_end(values);
    text->length += length > 0 && length < LINE_BYTES ? (size_t)length : 0;
}

static void add_head(struct text *text, const struct heartbeat *heartbeat)
{
    text_add(text, "Amp: %d\nNode: %.*s\n", HEARTBEAT_VERSION, (int)heartbeat->member.node.length,
             heartbeat->member.node.bytes);
    text_add(text, "Boot: %016" PRIx64 "\nStarted: %" PRIu64 "\nBeat: %" PRIu64 "\nSent: %" PRIu64 "\n",
             heartbeat->member.boot, heartbeat->member.started, heartbeat->beat, heartbeat->sent);
    if (heartbeat->program.length > 0)
        text_add(text, "Program: %.*s\n", (int)heartbeat->program.length, heartbeat->program.bytes);
    text_add(text, "Sessions: %" PRIu64 "\n%s%s%s", heartbeat->sessions, heartbeat->draining ? "Draining: 1\n" : "",
             heartbeat->leaving ? "Leaving: 1\n" : "", heartbeat->waking ? "Waking: 1\n" : "");
    for (size_t i = 0; i < heartbeat->heard_count; i++) {
        const struct heartbeat_heard *heard = &heartbeat->heard[i];
        text_add(text, "Heard: %.*s %016" PRIx64 " %" PRIu64 "\n", (int)heard->member.node.length,
                 heard->member.node.bytes, heard->member.boot, heard->beat);
    }
}

static void add_server(struct text *text, const struct heartbeat_server *server)
{
    text_add(text, "Server: %.*s", (int)server->key.length, server->key.bytes);
    if (server->unreached)
        text_add(text, " reach=0");
    if (server->state != HOLD_NOTHING)
        text_add(text, " state=%s", hold_words[server->state]);
    if (server->claim != 0)
        text_add(text, " claim=%" PRIu64 " sequence=%" PRIu64, server->claim, server->sequence);
    if (server->after_epoch != 0)
        text_add(text, " after=%" PRIu64 "/%" PRIu64, server->after_epoch, server->after_sequence);
    if (server->ended_epoch != 0)
        text_add(text, " ended=%" PRIu64 "/%" PRIu64, server->ended_epoch, server->ended_sequence);
    if (server->give.boot != 0)
        text_add(text, " give=%.*s/%016" PRIx64, (int)server->give.node.length, server->give.node.bytes,
                 server->give.boot);
    text_add(text, "\n");
}

char *heartbeat_encode(const struct heartbeat *heartbeat, size_t *length)
{
    struct text text = {0};

    add_head(&text, heartbeat);
    for (size_t i = 0; i < heartbeat->server_count && text.length <= HEARTBEAT_BYTES; i++)
        add_server(&text, &heartbeat->servers[i]);
    if (text.length > HEARTBEAT_BYTES) {
        free(text.bytes);
        return NULL;
    }
    *length = text.length;
    return text.bytes;
}

void heartbeat_free(struct heartbeat *heartbeat)
{
    free(heartbeat); // one block
}

const struct heartbeat_server *heartbeat_find(const struct heartbeat *heartbeat, struct span key)
{
    size_t low = 0, high = heartbeat->server_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = key_compare(heartbeat->servers[middle].key, key);
        if (order == 0)
            return &heartbeat->servers[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

uint64_t heartbeat_echo(const struct heartbeat *heartbeat, const struct member_id *me)
{
    for (size_t i = 0; i < heartbeat->heard_count; i++) {
        if (member_equals(&heartbeat->heard[i].member, me))
            return heartbeat->heard[i].beat;
    }
    return 0;
}
