// tests/unit/ami/ends.h: messages with unusual ends, as Asterisk sends them.
#ifndef UNIT_ENDS_H
#define UNIT_ENDS_H

#include <stdio.h>

#include "unit/ami/parse.h"

/** ActionIDs that wait for an answer. */
static inline bool is_known(void *context, struct span action_id)
{
    (void)context;
    return span_is(action_id, "amp1-1.aaaaaaaaaaaaaaaa") || span_is(action_id, "amp0-2.bbbbbbbbbbbbbbbb");
}
#define OURS "ActionID: amp1-1.aaaaaaaaaaaaaaaa\r\n"
#define OURS_TOO "ActionID: amp0-2.bbbbbbbbbbbbbbbb\r\n"

/** Shows messages as readers see them: one line per message, `Name=value` for each header, CR, LF and NUL as \r,
 *  , \0. */
static inline void describe(const struct list *list, char *text, size_t size)
{
    FILE *out = fmemopen(text, size, "w");

    for (uint32_t i = 0; i < list->count; i++) {
        const struct message *message = list->messages[i];
        for (uint32_t k = 0; k < message->header_count; k++) {
            struct span name, value;
            message_header(message, k, &name, &value);
            fprintf(out, "%s%.*s=", k > 0 ? "|" : "", (int)name.length, name.bytes);
            for (size_t at = 0; at < value.length; at++) {
                char byte = value.bytes[at];
                if (byte == '\r' || byte == '\n' || byte == '\0')
                    fprintf(out, "\\%c", byte == '\r' ? 'r' : byte == '\n' ? 'n' : '0');
                else
                    fputc(byte, out);
            }
        }
        fputc('\n', out);
    }
    fclose(out);
}

/** Parses pieces: the first of `first` bytes, the others of `size`. No more bytes follow. */
static inline struct list parse_pieces(struct span bytes, size_t first, size_t size, const char *server)
{
    struct parser *parser = parser_create(server);
    struct list list = {0};

    parser_set_known(parser, is_known, NULL);
    for (size_t at = 0; at < bytes.length;) {
        size_t length = at == 0 ? first : size;
        length = length < bytes.length - at ? length : bytes.length - at;
        parse_feed(parser, (struct span){bytes.bytes + at, length});
        parse_take(parser, &list);
        at += length;
    }
    parser_settle(parser);
    parse_take(parser, &list);
    parser_destroy(parser);
    return list;
}

/** Parses in all ways: the messages must not depend on where reads were cut. */
static inline struct list parse_all_ways(struct span bytes, const char *server)
{
    struct list whole = parse_pieces(bytes, bytes.length, 1, server);

    for (size_t cut = 1; cut < bytes.length; cut++) {
        struct list list = parse_pieces(bytes, cut, bytes.length, server);
        assert_same_lists(&whole, &list);
        list_fini(&list);
        list = parse_pieces(bytes, cut, cut, server);
        assert_same_lists(&whole, &list);
        list_fini(&list);
    }
    return whole;
}

struct row {
    const char *bytes; // may hold \0: `length`
    size_t length;
    const char *expected;
};
// clang-format off
#define ROW(bytes, expected) {(bytes), sizeof(bytes) - 1, expected}
// clang-format on

static inline void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[4096] = "", named[4096] = "", again[4096] = "";
        struct span bytes = {rows[i].bytes, rows[i].length};
        struct list list = parse_all_ways(bytes, "s");
        describe(&list, named, sizeof named);
        if (strcmp(named, rows[i].expected) != 0)
            print_message("row %zu: %s\nis:\n%s\nnot:\n%s\n", i, rows[i].bytes, named, rows[i].expected);
        assert_string_equal(named, rows[i].expected);

        // bytes for clients read the same for clients that know only CR LF, and for those that take LF for an end
        struct parser *parser = parser_create(NULL);
        struct list read = {0};
        for (uint32_t k = 0; k < list.count; k++)
            parse_feed(parser, message_wire(list.messages[k]));
        parse_take(parser, &read);
        assert_int_equal(parser_pending(parser), 0);
        parser_destroy(parser);
        describe(&read, again, sizeof again);
        assert_string_equal(again, rows[i].expected);
        list_fini(&read);
        list_fini(&list);
        list = parse_all_ways(bytes, NULL); // as it came
        describe(&list, text, sizeof text);
        assert_true(list.count > 0);
        list_fini(&list);
    }
}

#define NEXT "Event: B\r\nPrivilege: user,all\r\n\r\n"
#define NEXT_SEEN "Event=B|Privilege=user,all|Server=s\n"

#endif
