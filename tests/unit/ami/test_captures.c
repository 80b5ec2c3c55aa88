// tests/unit/ami/test_captures.c: what a real Asterisk sent: whole, cut at every byte, byte for byte, and back.
#include "base/memory.h"
#include "unit/ami/parse.h"

#include <dirent.h>
#include <stdio.h>

#define CUT_BYTES ((size_t)64 * 1024) // of the largest file; cuts after these would test nothing new
#define WINDOW 4096                   // bytes around a cut that are parsed, in long files

static const char folder[] = AMP_SOURCE "/tests/data/captures";

static struct span read_capture(const char *name)
{
    char path[4096];
    assert_true(snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    char *bytes = memory_new((size_t)size);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    fclose(file);
    return (struct span){bytes, (size_t)size};
}

/** Takes the banner if there is one. */
static void take_banner(struct parser *parser, struct span bytes, bool *taken)
{
    struct span line;
    if (!*taken && bytes.length >= 8 && memcmp(bytes.bytes, "Asterisk", 8) == 0)
        *taken = parser_line(parser, &line);
    else
        *taken = true;
}

/** Parses `bytes` in pieces of `size`, the first one of `first` bytes. */
static struct list parse_pieces(struct span bytes, size_t first, size_t size, const char *server_name, size_t *pending)
{
    struct parser *parser = parser_create(server_name);
    struct list list = {0};
    bool has_begun = false;
    for (size_t at = 0; at < bytes.length;) {
        size_t wanted = at == 0 && first > 0 ? first : size;
        size_t length = bytes.length - at < wanted ? bytes.length - at : wanted;
        parse_feed(parser, (struct span){bytes.bytes + at, length});
        take_banner(parser, bytes, &has_begun);
        if (has_begun)
            parse_take(parser, &list);
        at += length;
    }
    *pending = parser_pending(parser);
    parser_destroy(parser);
    return list;
}

static void assert_same_bytes(struct span file, const struct list *list, size_t pending)
{
    size_t at = 0;
    if (memcmp(file.bytes, "Asterisk", 8) == 0)
        at = (size_t)((const char *)memchr(file.bytes, '\n', file.length) - file.bytes) + 1;
    for (uint32_t i = 0; i < list->count; i++) {
        struct span wire = message_wire(list->messages[i]);
        assert_true(file.length - at >= wire.length);
        assert_memory_equal(file.bytes + at, wire.bytes, wire.length);
        at += wire.length;
    }
    assert_int_equal(at, file.length);
    assert_int_equal(pending, 0);
}

/** With and without the server's name: the same headers, except Server and LFs at the ends of values. */
static void assert_server_added(const struct list *plain, const struct list *named)
{
    assert_int_equal(plain->count, named->count);
    for (uint32_t i = 0; i < plain->count; i++) {
        const struct message *message = named->messages[i];
        assert_int_equal(message->header_count, plain->messages[i]->header_count + 1);
        assert_header(message, message->header_count - 1, "Server", "pbx");
        for (uint32_t k = 0; k < plain->messages[i]->header_count; k++) {
            struct span name, value, given_name, given_value;
            message_header(plain->messages[i], k, &name, &value);
            message_header(message, k, &given_name, &given_value);
            while (value.length > 0 && value.bytes[value.length - 1] == '\n')
                value.length--;
            assert_true(span_equals(name, given_name) && span_equals(value, given_value));
        }
    }
}

/** Each message must consist of headers only, and be an answer or an event: captures of TCP are clean. */
static void assert_clean(const struct list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct message *message = list->messages[i];
        assert_true(message->kind == MESSAGE_EVENT || message->kind == MESSAGE_RESPONSE);
        for (uint32_t k = 0; k < message->header_count; k++)
            assert_true(message_headers(message)[k].name_length > 0);
    }
}

static void check_cuts(struct span file, size_t begin, size_t end)
{
    size_t pending, cut_pending;
    struct span window = {file.bytes + begin, end - begin};
    struct list whole = parse_pieces(window, 0, window.length, NULL, &pending);
    for (size_t cut = 1; cut < window.length; cut++) {
        struct list list = parse_pieces(window, cut, window.length, NULL, &cut_pending);
        assert_same_lists(&whole, &list);
        assert_int_equal(pending, cut_pending);
        list_fini(&list);
    }
    list_fini(&whole);
}

static void check_file(const char *name)
{
    struct span file = read_capture(name);
    size_t pending, byte_pending;
    struct list whole = parse_pieces(file, 0, file.length, NULL, &pending);
    struct list bytewise = parse_pieces(file, 0, 1, NULL, &byte_pending);
    assert_same_lists(&whole, &bytewise);
    assert_int_equal(pending, byte_pending);
    list_fini(&bytewise);
    if (strcmp(name, "ajam-http.txt") != 0) { // HTTP: opaque bytes, which must do no harm
        assert_same_bytes(file, &whole, pending);
        assert_clean(&whole);
        struct list named = parse_pieces(file, 0, file.length, "pbx", &pending);
        assert_server_added(&whole, &named);
        list_fini(&named);
    }
    list_fini(&whole);
    // Every boundary, each within a window that overlaps the next: a parser remembers nothing of older messages.
    size_t end = file.length < CUT_BYTES ? file.length : CUT_BYTES;
    for (size_t begin = 0; begin < end; begin += WINDOW / 2)
        check_cuts(file, begin, begin + WINDOW < end ? begin + WINDOW : end);
    memory_free(file.bytes);
}

static void test_r25_captures_cut_at_every_byte(void **state)
{
    (void)state;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    int files = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length < 4 || strcmp(entry->d_name + length - 4, ".txt") != 0)
            continue;
        check_file(entry->d_name);
        files++;
    }
    closedir(entries);
    assert_int_equal(files, 11);
}

static uint32_t count_kind(const struct list *list, enum message_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++)
        count += list->messages[i]->kind == kind ? 1 : 0;
    return count;
}

static void known_messages_are_found(void **state)
{
    (void)state;
    struct span file = read_capture("login-md5-challenge.txt");
    size_t pending;
    struct list list = parse_pieces(file, 0, file.length, "pbx", &pending);
    assert_int_equal(list.count, 5);
    assert_int_equal(count_kind(&list, MESSAGE_RESPONSE), 3);
    assert_span(message_name(list.messages[2]), "FullyBooted");
    assert_int_equal(list.messages[2]->classes, 1);
    assert_span(message_name(list.messages[4]), "Goodbye");
    assert_span(message_action_id(list.messages[4]), "c3");
    list_fini(&list);
    memory_free(file.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r25_captures_cut_at_every_byte),
        cmocka_unit_test(known_messages_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
