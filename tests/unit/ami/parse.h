// tests/unit/ami/parse.h: parses bytes to a list of messages, and ways to look at them.
#ifndef UNIT_AMI_PARSE_H
#define UNIT_AMI_PARSE_H

#include "unit/test.h"

#include "ami/parser.h"
#include "base/memory.h"

#include <stdlib.h>

struct list {
    struct message **messages;
    uint32_t count, capacity;
};

static inline void list_fini(struct list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        message_unref(list->messages[i]);
    free(list->messages);
    *list = (struct list){0};
}

static inline void parse_feed(struct parser *parser, struct span bytes)
{
    size_t available;
    if (bytes.length == 0)
        return;
    char *room = parser_reserve(parser, bytes.length, &available);
    assert_true(available >= bytes.length);
    memcpy(room, bytes.bytes, bytes.length);
    parser_commit(parser, bytes.length);
}

/** Takes all complete messages. */
static inline void parse_take(struct parser *parser, struct list *list)
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

/** Parses two pieces, the second after all of the first was used. */
static inline struct list parse_cut(struct span bytes, size_t cut, const char *server_name, size_t *pending)
{
    struct list list = {0};
    struct parser *parser = parser_create(server_name);
    parse_feed(parser, (struct span){bytes.bytes, cut});
    parse_take(parser, &list);
    parse_feed(parser, (struct span){bytes.bytes + cut, bytes.length - cut});
    parse_take(parser, &list);
    if (pending != NULL)
        *pending = parser_pending(parser);
    parser_destroy(parser);
    return list;
}

static inline bool is_same_message(const struct message *a, const struct message *b)
{
    return span_equals(message_wire(a), message_wire(b)) && a->header_count == b->header_count &&
           memcmp(message_headers(a), message_headers(b), a->header_count * sizeof(struct header)) == 0 &&
           a->kind == b->kind && a->classes == b->classes && a->follows == b->follows &&
           a->incomplete_list == b->incomplete_list && a->action_id == b->action_id && a->decides == b->decides &&
           a->has_privilege == b->has_privilege && span_equals(message_name(a), message_name(b)) &&
           span_equals(message_action_id(a), message_action_id(b));
}

static inline void assert_same_lists(const struct list *a, const struct list *b)
{
    assert_int_equal(a->count, b->count);
    for (uint32_t i = 0; i < a->count; i++)
        assert_true(is_same_message(a->messages[i], b->messages[i]));
}

/** Parses `bytes` whole, and in two pieces cut at every byte; the results must be equal. */
static inline struct list parse_bytes(struct span bytes, const char *server_name)
{
    size_t pending, cut_pending;
    struct list whole = parse_cut(bytes, 0, server_name, &pending);
    for (size_t cut = 1; cut < bytes.length; cut++) {
        struct list pieces = parse_cut(bytes, cut, server_name, &cut_pending);
        assert_same_lists(&whole, &pieces);
        assert_int_equal(pending, cut_pending);
        list_fini(&pieces);
    }
    return whole;
}

#define PARSE(text) parse_bytes((struct span){text, sizeof(text) - 1}, NULL)
#define PARSE_NAMED(text, name) parse_bytes((struct span){text, sizeof(text) - 1}, name)

#define assert_span(given, text)                                                  \
    do {                                                                          \
        struct span assert_span_given = (given);                                  \
        assert_int_equal(assert_span_given.length, sizeof(text) - 1);             \
        if (sizeof(text) > 1)                                                     \
            assert_memory_equal(assert_span_given.bytes, text, sizeof(text) - 1); \
    } while (0)

#define assert_header(message, index, expected_name, expected_value)               \
    do {                                                                           \
        struct span assert_header_name, assert_header_value;                       \
        assert_true((index) < (message)->header_count);                            \
        message_header(message, index, &assert_header_name, &assert_header_value); \
        assert_span(assert_header_name, expected_name);                            \
        assert_span(assert_header_value, expected_value);                          \
    } while (0)

/** Returns the one message of the text; the caller owns it. */
static inline struct message *parse_one(const char *text)
{
    struct list list = parse_bytes(span_of(text), NULL);
    assert_int_equal(list.count, 1);
    struct message *message = message_ref(list.messages[0]);
    list_fini(&list);
    return message;
}

#endif
