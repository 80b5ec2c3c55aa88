// tests/unit/session/delivery/test_encode.c: a message on the wire: encoded once, framed once, with an id if wanted.
#include "session/delivery/encode.h"

#include "session/delivery/resume.h"
#include "unit/session/fake_format.h"
#include "unit/session/fake_session.h"

#define HANGUP "Event: Hangup\r\nPrivilege: call,all\r\n\r\n"

static void expect_bytes(struct span bytes, const char *expected)
{
    assert_int_equal(bytes.length, strlen(expected));
    assert_memory_equal(bytes.bytes, expected, bytes.length);
}

static void test_what_was_encoded_last_is_remembered(void **state)
{
    struct fake *fake = *state;
    struct message *first = parse_one(HANGUP), *other = parse_one(HANGUP);

    fake_encodings = fake_frames = 0;
    expect_bytes(encode_message(fake->sessions, first, &fake_good, NULL, 1), "<2>");
    assert_true(encode_has(fake->sessions, first, &fake_good));
    assert_false(encode_has(fake->sessions, first, &fake_mute));
    assert_false(encode_has(fake->sessions, other, &fake_good)); // of the same text, but another one
    expect_bytes(encode_message(fake->sessions, first, &fake_good, fake_frame, 1), "[<2>]");
    expect_bytes(encode_message(fake->sessions, first, &fake_good, fake_frame, 1), "[<2>]");
    expect_bytes(encode_message(fake->sessions, first, &fake_good, NULL, 1), "<2>");
    assert_int_equal(fake_encodings, 1);
    assert_int_equal(fake_frames, 1);
    expect_bytes(encode_message(fake->sessions, other, &fake_good, fake_frame, 2), "[<2>]");
    assert_int_equal(fake_encodings, 2);
    assert_int_equal(fake_frames, 2);
    message_unref(first);
    message_unref(other);
}

static void test_the_message_that_is_remembered_stays_until_it_is_forgotten(void **state)
{
    struct fake *fake = *state;
    struct message *message = parse_one(HANGUP);

    encode_message(fake->sessions, message, &fake_good, NULL, 1);
    assert_int_equal(atomic_load(&message->references), 2); // so that no new message has its address
    encode_forget(fake->sessions);
    encode_forget(fake->sessions);
    assert_int_equal(atomic_load(&message->references), 1);
    assert_false(encode_has(fake->sessions, message, &fake_good));
    message_unref(message);
}

static void test_a_format_that_fails_leaves_no_bytes(void **state)
{
    struct fake *fake = *state;
    struct message *message = parse_one(HANGUP);

    fake_frames = 0;
    assert_int_equal(encode_message(fake->sessions, message, &fake_bad, fake_frame, 1).length, 0);
    assert_true(fake->sessions->encoding_failed);
    assert_int_equal(fake_frames, 0);
    assert_int_equal(encode_message(fake->sessions, message, &fake_bad, NULL, 1).length, 0);
    assert_true(fake->sessions->encoding_failed); // it is remembered, too
    assert_int_equal(encode_message(fake->sessions, message, &fake_mute, NULL, 1).length, 0);
    assert_false(fake->sessions->encoding_failed); // no text is no failure
    message_unref(message);
}

static void test_an_id_is_the_second_header(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "off"));
    struct message *message = parse_one(HANGUP);

    expect_bytes(encode_for(session, message, 1, span_of("ignored")), HANGUP);
    resume_begin_ids(session, RESUME_HEADER_IDS, NULL);
    expect_bytes(encode_for(session, message, 1, (struct span){0}), HANGUP);
    expect_bytes(encode_for(session, message, 1, span_of("7-1")),
                 "Event: Hangup\r\n" RESUME_HEADER ": 7-1\r\nPrivilege: call,all\r\n\r\n");
    expect_bytes(encode_for(session, message, 1, span_of("7-2")), // nothing of the last one is remembered
                 "Event: Hangup\r\n" RESUME_HEADER ": 7-2\r\nPrivilege: call,all\r\n\r\n");
    message_unref(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_what_was_encoded_last_is_remembered),
        FAKE_TEST(test_the_message_that_is_remembered_stays_until_it_is_forgotten),
        FAKE_TEST(test_a_format_that_fails_leaves_no_bytes),
        FAKE_TEST(test_an_id_is_the_second_header),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
