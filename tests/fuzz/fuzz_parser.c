// tests/fuzz/fuzz_parser.c: bytes of a server come out as the same messages wherever reads are cut, and each message
// reads as itself again, with `Server:` added or not, and events like the first one also many at once. The first byte
// chooses how reads are cut.
#include "ami/parser.h"
#include "ami/scan.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>

struct list {
    struct message **messages;
    size_t count, capacity;
};

static void list_fini(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        message_unref(list->messages[i]);
    free(list->messages);
}

static bool is_known(void *context, struct span action_id)
{
    (void)context;
    return action_id.length > 0 && action_id.bytes[0] == 'k';
}

static void take(struct parser *parser, struct list *list)
{
    struct message *message;
    while ((message = parser_next(parser)) != NULL) {
        if (list->count == list->capacity) {
            list->capacity = 2 * list->capacity + 16;
            list->messages = memory_grow(list->messages, list->capacity * sizeof *list->messages);
        }
        list->messages[list->count++] = message;
    }
}

static void feed(struct parser *parser, struct span bytes, struct list *list)
{
    size_t available;
    if (bytes.length > 0) {
        char *room = parser_reserve(parser, bytes.length, &available);
        if (available < bytes.length)
            abort();
        memcpy(room, bytes.bytes, bytes.length);
        parser_commit(parser, bytes.length);
    }
    take(parser, list);
}

/** Parses `bytes` in pieces whose lengths follow from `seed`; seed 0: in one piece. */
static struct list parse(struct span bytes, const char *server_name, uint32_t seed, size_t *pending)
{
    struct list list = {0};
    struct parser *parser = parser_create(server_name);
    if (server_name != NULL) // what was added may not be read again as an answer
        parser_set_known(parser, is_known, NULL);
    uint32_t limit = seed % 61 + 1;
    for (size_t at = 0; at < bytes.length;) {
        uint32_t random = seed = seed * 1664525 + (seed == 0 ? 0 : 1013904223);
        size_t length = random == 0 ? bytes.length : (random >> 16) % limit + 1;
        if (length > bytes.length - at)
            length = bytes.length - at;
        feed(parser, (struct span){bytes.bytes + at, length}, &list);
        at += length;
    }
    parser_settle(parser); // no more bytes come
    take(parser, &list);
    *pending = parser_pending(parser);
    parser_destroy(parser);
    return list;
}

static void check_same_but_bytes(const struct message *a, const struct message *b)
{
    if (a->header_count != b->header_count ||
        memcmp(message_headers(a), message_headers(b), a->header_count * sizeof(struct header)) != 0 ||
        a->kind != b->kind || a->classes != b->classes || a->decides != b->decides || a->follows != b->follows ||
        a->incomplete_list != b->incomplete_list || a->action_id != b->action_id ||
        a->has_privilege != b->has_privilege || a->action != b->action || a->name_start != b->name_start ||
        a->name_length != b->name_length || a->id_start != b->id_start || a->id_length != b->id_length)
        abort();
}

static void check_same(const struct message *a, const struct message *b)
{
    if (!span_equals(message_wire(a), message_wire(b)))
        abort();
    check_same_but_bytes(a, b);
}

/** Its own bytes are one message, the same one. */
static void check_again(const struct message *message)
{
    size_t pending;
    struct list again = parse(message_wire(message), NULL, 0, &pending);
    if (again.count != 1 || pending != 0)
        abort();
    check_same(message, again.messages[0]);
    list_fini(&again);
}

/** Read line by line it is the same, too: which is what a small letter at its front makes of a plain one. */
static void check_line_by_line(const struct message *message)
{
    size_t pending;
    struct span wire = message_wire(message);
    char *bytes = memory_text_of(wire.bytes, wire.length);
    bytes[0] = (char)(bytes[0] == 'E' || bytes[0] == 'R' ? bytes[0] | 0x20 : bytes[0]);
    struct list again = parse((struct span){bytes, wire.length}, NULL, 0, &pending);
    if (again.count != 1 || pending != 0)
        abort();
    check_same_but_bytes(message, again.messages[0]);
    list_fini(&again);
    free(bytes);
}

/** Sums up the places, and stops at some of them once. */
static bool take_place(void *context, size_t at)
{
    size_t *sums = context; // of places; the last one
    if (sums[1] == at)
        return true;
    sums[0] = sums[0] * 31 + at;
    sums[1] = at;
    return sums[0] % 3 != 0;
}

/** The pass over many bytes at a time finds what the one byte by byte finds. */
static void check_scan(struct span bytes)
{
    struct scan fast = {.at = 1, .letters = {'a', 'p'}}, plain = fast;
    size_t by_fast[2] = {0}, by_plain[2] = {0};
    for (bool again = bytes.length > 0; again;) {
        again = scan_run(&fast, bytes, take_place, by_fast);
        if (again != scan_plainly(&plain, bytes, take_place, by_plain) || fast.at != plain.at ||
            fast.lines != plain.lines || fast.is_untidy != plain.is_untidy || by_fast[0] != by_plain[0])
            abort();
    }
}

/** Headers stand in the wire bytes in order, and taking the ActionID out and in again leaves the others alone. */
static void check_message(const struct message *message)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < message->header_count; i++) {
        const struct header *header = &message_headers(message)[i];
        if (header->start < at || header->value < header->start + header->name_length)
            abort();
        at = header->value + header->value_length;
    }
    if (message->header_count == 0 || at >= message->byte_count)
        abort();
    struct span id = {"x", 1};
    struct message *with = message_with_action_id(message, &id);
    if (!span_equals(message_action_id(with), id))
        abort();
    check_again(with);
    message_unref(with);
    struct message *without = message_with_action_id(message, NULL);
    if (without->header_count != message->header_count - (message->action_id < 0 ? 0 : 1))
        abort();
    message_unref(without);
}

/** Checks that `bytes` begin as those of the message, which has another ActionID there. @return what follows */
static struct span check_item(struct span bytes, const struct message *message, struct span shown)
{
    struct message *copy = message_with_action_id(message, shown.length > 0 ? &shown : NULL);
    struct span wire = message_wire(copy);
    if (bytes.length < wire.length || memcmp(bytes.bytes, wire.bytes, wire.length) != 0)
        abort();
    message_unref(copy);
    return (struct span){bytes.bytes + wire.length, bytes.length - wire.length};
}

/** Events like the first one with an ActionID have the same bytes if they are taken many at once. */
static void check_items(struct span bytes, const char *server_name, const struct list *whole)
{
    struct parser *parser = parser_create(server_name);
    struct parser_form form = {.shown = {"x", bytes.length % 2}};
    struct parser_items items;
    size_t room, at = 0;
    if (server_name != NULL)
        parser_set_known(parser, is_known, NULL);
    for (size_t i = 0; i < whole->count && form.id.length == 0; i++)
        form =
            (struct parser_form){message_name(whole->messages[i]), message_action_id(whole->messages[i]), form.shown};
    if (bytes.length > 0) {
        memcpy(parser_reserve(parser, bytes.length, &room), bytes.bytes, bytes.length);
        parser_commit(parser, bytes.length);
    }
    for (struct message *message = NULL; form.id.length > 0; message_unref(message)) {
        if (parser_items(parser, &form, &items)) {
            struct span rest = message_wire(items.message);
            for (uint32_t i = 0; i < items.count && at < whole->count; i++)
                rest = check_item(rest, whole->messages[at++], form.shown);
            if (rest.length > 0)
                abort();
            message_unref(items.message);
        }
        message = parser_next(parser);
        if (message == NULL)
            break;
        if (at == whole->count)
            abort();
        check_same(message, whole->messages[at++]);
    }
    parser_destroy(parser);
}

static void check(struct span bytes, const char *server_name, uint32_t seed)
{
    size_t whole_pending, pending, total = 0;
    struct list whole = parse(bytes, server_name, 0, &whole_pending);
    struct list pieces = parse(bytes, server_name, seed, &pending);
    if (whole.count != pieces.count)
        abort();
    for (size_t i = 0; i < whole.count; i++) {
        check_same(whole.messages[i], pieces.messages[i]);
        check_again(whole.messages[i]);
        check_line_by_line(whole.messages[i]);
        check_message(whole.messages[i]);
        total += whole.messages[i]->byte_count;
    }
    check_items(bytes, server_name, &whole);
    if (server_name == NULL && total + whole_pending > bytes.length)
        abort();
    list_fini(&whole);
    list_fini(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct span bytes = {(const char *)data + 1, size - 1};
    check_scan(bytes);
    check(bytes, NULL, data[0] * 2654435761u + 1);
    check(bytes, "pbx", data[0] * 2654435761u + 7);
    return 0;
}
