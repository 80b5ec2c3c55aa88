// tests/unit/session/delivery/test_output_frames.c: a session's own frames stand around the feed's messages, wherever
// writing stops and whatever is given up.
#include "session/delivery/output.c"

#include "unit/test.h"

#include <stdio.h>

#define MOST 65536

/** What is to come out, piece by piece, beside the output under test. */
struct token {
    char text[40];
    bool is_event; // whole, with its frame
    size_t written;
};

struct fixture {
    struct feed feed;
    struct output output;
    struct token tokens[200]; // not written completely
    size_t count;
    char got[MOST], expected[MOST];
    size_t got_length, expected_length;
    unsigned serial;
    uint32_t random;
};

static void set_up(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    feed_init(&f->feed);
    feed_enter(&f->feed, &f->output.cursor);
}

static void tear_down(struct fixture *f)
{
    output_fini(&f->output);
    feed_fini(&f->feed);
}

static void remember(struct fixture *f, bool is_event, const char *text)
{
    struct token *token = &f->tokens[f->count++];

    assert_true(f->count <= sizeof f->tokens / sizeof f->tokens[0]);
    *token = (struct token){.is_event = is_event};
    snprintf(token->text, sizeof token->text, "%s", text);
}

static struct span text_span(const char *text)
{
    return (struct span){text, strlen(text)};
}

static void frame_event(struct fixture *f, const char *before, const char *message, const char *after)
{
    char whole[40];

    feed_append(&f->feed, message, strlen(message));
    output_frame(&f->output, text_span(before), text_span(after), strlen(message));
    snprintf(whole, sizeof whole, "%s%s%s", before, message, after);
    remember(f, true, whole);
}

static void add_answer(struct fixture *f, const char *text)
{
    output_add(&f->output, text, strlen(text));
    remember(f, false, text);
}

/** The session's own copy in place of a message that others get. */
static void replace_event(struct fixture *f, const char *message, const char *own)
{
    feed_append(&f->feed, message, strlen(message));
    output_replace(&f->output, own, strlen(own), strlen(message));
    remember(f, false, own);
}

/** Takes at most `most` bytes of the output, as a transport does. @return how many there were */
static size_t take(struct fixture *f, size_t most)
{
    struct iovec pieces[PIECES];
    int count = output_collect(&f->output, pieces);
    size_t taken = 0;

    for (int i = 0; i < count && taken < most; i++) {
        size_t part = pieces[i].iov_len < most - taken ? pieces[i].iov_len : most - taken;
        assert_true(f->got_length + part < MOST);
        memcpy(f->got + f->got_length, pieces[i].iov_base, part);
        f->got_length += part;
        taken += part;
    }
    output_consume(&f->output, taken);
    for (size_t left = taken; left > 0;) {
        struct token *token = f->tokens;
        size_t part = strlen(token->text) - token->written;
        part = part < left ? part : left;
        assert_true(f->count > 0);
        memcpy(f->expected + f->expected_length, token->text + token->written, part);
        f->expected_length += part;
        token->written += part;
        left -= part;
        if (token->text[token->written] == '\0')
            memmove(f->tokens, f->tokens + 1, --f->count * sizeof *f->tokens);
    }
    return taken;
}

static void take_all(struct fixture *f)
{
    while (take(f, MOST) > 0) {
    }
    output_consume(&f->output, 0);
    assert_int_equal(f->count, 0);
    assert_int_equal(f->got_length, f->expected_length);
    assert_memory_equal(f->got, f->expected, f->got_length);
    assert_int_equal(output_backlog(&f->output), 0);
    assert_int_equal(f->output.private_bytes + f->output.frame_bytes, 0);
}

/** output_skip(), and what it must leave: answers, and an event of which something was written. */
static void give_up(struct fixture *f)
{
    size_t kept = 0;

    output_skip(&f->output);
    for (size_t i = 0; i < f->count; i++) {
        if (!f->tokens[i].is_event || f->tokens[i].written > 0)
            f->tokens[kept++] = f->tokens[i];
    }
    f->count = kept;
}

static void test_f56_each_message_has_its_frame(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    (void)state;
    set_up(f);
    add_answer(f, "[login]");
    frame_event(f, "<1 ", "one", ">");
    frame_event(f, "<22 ", "two", "");
    add_answer(f, "[ping]");
    frame_event(f, "", "three", ">");
    frame_event(f, "", "four", "");
    replace_event(f, "five", "{mine}");
    add_answer(f, "[end]");
    take_all(f);
    assert_string_equal(f->got, "[login]<1 one><22 two[ping]three>four{mine}[end]");
    tear_down(f);
    free(f);
}

/** Writing stops at each byte; then what is unread is given up: no half of a frame, no frame without its message. */
static void test_f56_skip_leaves_whole_frames(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    (void)state;
    for (size_t stop = 0; stop < 45; stop++) {
        set_up(f);
        add_answer(f, "[login]");
        frame_event(f, "<1 ", "one", ">");
        frame_event(f, "<2 ", "two", ">");
        add_answer(f, "[ping]");
        replace_event(f, "five", "{mine}");
        frame_event(f, "<3 ", "three", ">");
        for (size_t left = stop, taken = 1; taken > 0 && left > 0; left -= taken)
            taken = take(f, left);
        give_up(f);
        add_answer(f, "[skipped]");
        frame_event(f, "<4 ", "four", ">");
        take_all(f);
        tear_down(f);
    }
    free(f);
}

static unsigned random_below(struct fixture *f, unsigned limit)
{
    f->random = f->random * 1664525u + 1013904223u;
    return (f->random >> 16) % limit;
}

static void act(struct fixture *f)
{
    char text[16], before[8];
    unsigned what = random_below(f, 12);

    f->serial++;
    snprintf(text, sizeof text, "m%u", f->serial);
    snprintf(before, sizeof before, "%.*s", (int)random_below(f, 4), "<<<");
    if (what < 5)
        frame_event(f, before, text, random_below(f, 2) == 0 ? ">" : "");
    else if (what < 7)
        add_answer(f, text);
    else if (what < 8)
        replace_event(f, text, "{mine}");
    else if (what < 11)
        take(f, 1 + random_below(f, 30));
    else
        give_up(f);
}

static void test_f56_any_order_of_what_happens(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    (void)state;
    for (uint32_t seed = 0; seed < 400; seed++) {
        set_up(f);
        f->random = seed;
        for (int i = 0; i < 100; i++)
            act(f);
        output_change_feed(&f->output, NULL); // what was given is still written, with its frames
        take_all(f);
        tear_down(f);
    }
    free(f);
}

/** Frames count as backlog, so that a client that does not read is slow; they are no answers. */
static void test_f56_frames_are_backlog(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    (void)state;
    set_up(f);
    frame_event(f, "<1 ", "one", ">");
    assert_int_equal(output_backlog(&f->output), 7);
    assert_int_equal(f->output.private_bytes, 0);
    take(f, 2);
    assert_int_equal(output_backlog(&f->output), 5);
    take_all(f);
    tear_down(f);
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f56_each_message_has_its_frame),
        cmocka_unit_test(test_f56_skip_leaves_whole_frames),
        cmocka_unit_test(test_f56_any_order_of_what_happens),
        cmocka_unit_test(test_f56_frames_are_backlog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
