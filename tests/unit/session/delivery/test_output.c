// tests/unit/session/test_output.c: a session's own answers stand between the feed's messages where they arrived.
#include "session/delivery/output.h"

#include "ami/message.h"

#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/** An output whose transport is one end of a socket pair. */
struct fixture {
    struct event_base *base;
    struct transport transport;
    int peer;
    struct feed feed;
    struct output output;
};

static void ignore(struct transport *transport, enum transport_event event, void *context)
{
    (void)transport;
    (void)event;
    (void)context;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    f->base = event_base_new();
    transport_init(&f->transport, f->base, fds[0], ignore, NULL);
    f->peer = fds[1];
    fcntl(f->peer, F_SETFL, O_NONBLOCK);
    feed_init(&f->feed);
    feed_enter(&f->feed, &f->output.cursor);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    output_fini(&f->output);
    feed_fini(&f->feed);
    transport_close(&f->transport);
    close(f->peer);
    event_base_free(f->base);
    free(f);
    return 0;
}

static void append(struct fixture *f, const char *text)
{
    feed_append(&f->feed, text, strlen(text));
}

static void add(struct fixture *f, const char *text)
{
    output_add(&f->output, text, strlen(text));
}

static void expect(struct fixture *f, const char *text)
{
    char got[1024] = "";
    ssize_t count;

    assert_int_equal(output_flush(&f->output, &f->transport), OUTPUT_DRAINED);
    assert_int_equal(output_backlog(&f->output), 0);
    count = read(f->peer, got, sizeof got - 1);
    assert_int_equal(count, (ssize_t)strlen(text));
    assert_string_equal(got, text);
}

static void test_answers_keep_their_place_between_events(void **state)
{
    struct fixture *f = *state;

    add(f, "[0]");
    append(f, "a");
    append(f, "b");
    add(f, "[1]");
    add(f, "[2]");
    append(f, "c");
    add(f, "[3]");
    expect(f, "[0]ab[1][2]c[3]");
    append(f, "d");
    expect(f, "d");
}

static void test_own_copy_replaces_the_shared_one(void **state)
{
    struct fixture *f = *state;

    append(f, "a");
    append(f, "shared");
    output_replace(&f->output, "own", 3, 6);
    append(f, "b");
    add(f, "[1]");
    expect(f, "aownb[1]");
}

static void test_change_of_feed_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct feed other;

    feed_init(&other);
    append(f, "a");
    add(f, "[1]");
    append(f, "b");
    output_change_feed(&f->output, &other);
    append(f, "not for us");
    feed_append(&other, "x", 1);
    add(f, "[2]");
    expect(f, "a[1]bx[2]");
    output_change_feed(&f->output, NULL);
    add(f, "[3]");
    expect(f, "[3]");
    feed_fini(&other);
}

static void test_partial_writes_continue_at_the_byte(void **state)
{
    struct fixture *f = *state;
    enum { ROUNDS = 3000 };
    size_t length = 0, got = 0;
    char *expected = malloc(ROUNDS * 400), *text = malloc(ROUNDS * 400);

    for (int i = 0; i < ROUNDS; i++) {
        char message[400];
        int size = snprintf(message, sizeof message, "<%d:%*s>", i, i % 300, "");
        if (i % 3 == 0)
            add(f, message);
        else
            append(f, message);
        memcpy(expected + length, message, (size_t)size);
        length += (size_t)size;
    }
    for (int turn = 0; turn < 100000 && got < length; turn++) {
        ssize_t count;
        assert_int_not_equal(output_flush(&f->output, &f->transport), OUTPUT_FAILED);
        while ((count = read(f->peer, text + got, 777)) > 0)
            got += (size_t)count;
    }
    assert_int_equal(got, length);
    assert_memory_equal(text, expected, length);
    free(expected);
    free(text);
}

static void test_skip_finishes_the_message_and_counts_the_rest(void **state)
{
    struct fixture *f = *state;

    append(f, "12345");
    append(f, "678");
    append(f, "9");
    feed_advance(&f->output.cursor, 2); // two bytes of the first message were written
    add(f, "[1]");
    assert_int_equal(output_skip(&f->output), 2);
    append(f, "z");
    expect(f, "345[1]z");
}

/** A copy of the session's own stays, as an answer does: the shared one in its place is not lost. */
static void test_skip_counts_no_event_of_which_a_copy_stays(void **state)
{
    struct fixture *f = *state;

    append(f, "a");
    append(f, "shared");
    output_replace(&f->output, "own", 3, 6);
    append(f, "b");
    append(f, "had");
    output_replace(&f->output, "", 0, 3);
    assert_int_equal(output_skip(&f->output), 2);
    append(f, "z");
    expect(f, "ownz");
}

static void test_one_large_answer_is_no_backlog(void **state)
{
    struct fixture *f = *state;
    char *large = calloc(1, 100000);

    output_add(&f->output, large, 100000);
    assert_int_equal(output_backlog(&f->output), 0);
    output_add(&f->output, large, 500);
    assert_int_equal(output_backlog(&f->output), 500);
    append(f, "abc");
    assert_int_equal(output_backlog(&f->output), 503);
    free(large);
}

/** Makes a message with a value of `length` bytes. */
static struct message *large_message(size_t length)
{
    struct message_builder builder;
    char *text = calloc(1, length + 1);
    struct message *message;

    memset(text, 'v', length);
    message_builder_init(&builder);
    message_addf(&builder, "Response", "Success");
    message_addf(&builder, "Output", "%s", text);
    message = message_build(&builder);
    free(text);
    return message;
}

/** Adds an answer: "ActionID: 1", and the message's own bytes. @return how many */
static size_t add_message(struct output *output, struct message *message)
{
    struct span pieces[] = {span_of("ActionID: 1\r\n"), {message->bytes, message->byte_count}};

    output_add_message(output, message, pieces, 2);
    return pieces[0].length + pieces[1].length;
}

static unsigned references(const struct message *message)
{
    return (unsigned)atomic_load(&message->references);
}

/** Reads all that the output holds: `wanted` bytes that end in `last`. */
static void expect_end(struct fixture *f, size_t wanted, const char *last)
{
    char *all = calloc(1, wanted + 1);
    size_t got = 0;
    enum output_result result;

    do {
        ssize_t count;
        result = output_flush(&f->output, &f->transport);
        assert_int_not_equal(result, OUTPUT_FAILED);
        while (got < wanted && (count = read(f->peer, all + got, wanted - got)) > 0)
            got += (size_t)count;
    } while (result != OUTPUT_DRAINED);
    assert_int_equal(got, wanted);
    assert_string_equal(all + wanted - strlen(last), last);
    free(all);
}

static void test_i15_a_large_answer_is_not_copied(void **state)
{
    struct fixture *f = *state;
    struct message *message = large_message(1000000), *small = large_message(1000);

    append(f, "event 1");
    size_t size = add_message(&f->output, message);
    assert_int_equal(references(message), 2); // its bytes are the message's own
    assert_int_equal(output_backlog(&f->output), 7);
    size += add_message(&f->output, small);
    assert_int_equal(references(small), 1); // it shares a block with others
    append(f, "event 2");
    expect_end(f, size + 14, "event 2");
    assert_int_equal(references(message), 1);
    message_unref(message);
    message_unref(small);
}

static void test_i15_a_large_answer_changes_feed_or_ends(void **state)
{
    struct fixture *f = *state;
    struct message *message = large_message(100000);

    append(f, "event 1");
    size_t size = add_message(&f->output, message);
    append(f, "event 2");
    output_change_feed(&f->output, NULL);
    assert_int_equal(references(message), 1);
    expect_end(f, size + 14, "event 2");
    add_message(&f->output, message);
    assert_int_equal(references(message), 2);
    output_fini(&f->output);
    assert_int_equal(references(message), 1);
    message_unref(message);
}

/** An encoder that writes nothing for one of two copies: of the own one, wherever the reader stands. */
static void test_f29_an_own_copy_of_no_bytes(void **state)
{
    struct fixture *f = *state;

    append(f, "first ");
    append(f, "shared ");
    output_replace(&f->output, "", 0, 7);
    append(f, "third");
    expect(f, "first third");
    append(f, "shared");
    output_replace(&f->output, "", 0, 6);
    assert_int_equal(output_flush(&f->output, &f->transport), OUTPUT_DRAINED);
    assert_int_equal(output_backlog(&f->output), 0);
    append(f, "one ");
    for (int i = 0; i < 100; i++) { // more than one call takes
        append(f, "shared ");
        output_replace(&f->output, "", 0, 7);
    }
    append(f, "two");
    expect(f, "one two");
}

/** The same with a reader that lags: what is written ends before the piece without bytes is due. */
static void test_f29_no_bytes_behind_what_is_not_written_yet(void **state)
{
    struct fixture *f = *state;
    size_t size = 4000000, got = 0;
    char *large = malloc(size), *sink = malloc(65536);

    memset(large, 'x', size);
    feed_append(&f->feed, large, size);
    append(f, "shared ");
    output_replace(&f->output, "", 0, 7);
    output_add(&f->output, "", 0);
    append(f, "end");
    while (got < size + 3) {
        ssize_t count;
        assert_int_not_equal(output_flush(&f->output, &f->transport), OUTPUT_FAILED);
        while ((count = read(f->peer, sink, 65536)) > 0)
            got += (size_t)count;
    }
    assert_int_equal(got, size + 3);
    assert_int_equal(output_flush(&f->output, &f->transport), OUTPUT_DRAINED);
    assert_int_equal(output_backlog(&f->output), 0);
    free(large);
    free(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers_keep_their_place_between_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_own_copy_replaces_the_shared_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_f29_an_own_copy_of_no_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_f29_no_bytes_behind_what_is_not_written_yet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_change_of_feed_loses_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_partial_writes_continue_at_the_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_skip_finishes_the_message_and_counts_the_rest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_skip_counts_no_event_of_which_a_copy_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_large_answer_is_no_backlog, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_i15_a_large_answer_is_not_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_i15_a_large_answer_changes_feed_or_ends, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
