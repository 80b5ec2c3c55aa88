// tests/unit/net/test_transport_tls.c: encrypted transports, once open, behave like plain ones.
#include "net/transport_tls.h"
#include "unit/net/secured.h"

#include <fcntl.h>

// --- bytes ------------------------------------------------------------------------------------------------------

static void exchange_megabytes(int version, bool one_read)
{
    enum { LENGTH = 4 << 20 };
    char *noise = make_noise(LENGTH, 7);
    struct secured secured;
    struct end *left = &secured.ends.left, *right = &secured.ends.right;
    begin(&secured, 4096, "server", NULL, "localhost");
    SSL_set_max_proto_version(ssl_of(left), version);
    right->one_read = left->one_read = one_read;
    left->read_size = one_read ? 1000 : 0;
    right->read_size = one_read ? 20000 : 5000;
    RUN_UNTIL(&secured.ends, left->opened == 1 && right->opened == 1);
    assert_string_equal(transport_tls_version(&left->transport), version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2");
    assert_true(transport_is_encrypted(&right->transport));
    give(left, noise, LENGTH);
    give(right, noise, LENGTH);
    assert_true(transport_is_pending(&left->transport));
    RUN_UNTIL(&secured.ends, left->received_length >= LENGTH / 2);
    if (version == TLS1_3_VERSION) {
        SSL_key_update(ssl_of(left), SSL_KEY_UPDATE_REQUESTED);
        SSL_key_update(ssl_of(right), SSL_KEY_UPDATE_REQUESTED);
    }
    RUN_UNTIL(&secured.ends, left->received_length == LENGTH && right->received_length == LENGTH);
    assert_memory_equal(left->received, noise, LENGTH);
    assert_memory_equal(right->received, noise, LENGTH);
    ends_settle(&secured.ends);
    assert_false(transport_is_pending(&left->transport) || transport_is_pending(&right->transport));
    assert_null(right->transport.tls->blocked);
    end_all(&secured);
    free(noise);
}

static void megabytes_arrive_with_tls_1_3(void **state)
{
    (void)state;
    exchange_megabytes(TLS1_3_VERSION, false);
}

static void megabytes_arrive_with_tls_1_2(void **state)
{
    (void)state;
    exchange_megabytes(TLS1_2_VERSION, false);
}

static void one_read_per_event_leaves_nothing_behind(void **state)
{
    (void)state;
    exchange_megabytes(TLS1_3_VERSION, true);
    exchange_megabytes(TLS1_2_VERSION, true);
}

static void many_small_pieces_are_one_record(void **state)
{
    (void)state;
    struct secured secured;
    struct iovec pieces[64];
    open_both(&secured, 0);
    for (int i = 0; i < 64; i++)
        pieces[i] = (struct iovec){"Event: Newchannel\r\n", i % 3 == 0 ? 0 : 19};
    int before = secured.ends.right.readable;
    assert_int_equal(transport_write(&secured.ends.left.transport, pieces, 64), 42 * 19);
    assert_int_equal(transport_write(&secured.ends.left.transport, pieces, 1), 0);
    RUN_UNTIL(&secured.ends, secured.ends.right.received_length == 42 * 19);
    assert_int_equal(secured.ends.right.readable, before + 1);
    end_all(&secured);
}

static void bytes_inside_openssl_come_when_reading_goes_on(void **state)
{
    (void)state;
    struct secured secured;
    char *noise = make_noise(10000, 3);
    open_both(&secured, 0);
    struct end *right = &secured.ends.right;
    right->one_read = true;
    right->read_size = 10;
    give(&secured.ends.left, noise, 10000);
    while (right->received_length < 10000) {
        size_t before = right->received_length;
        RUN_UNTIL(&secured.ends, right->received_length > before);
        transport_set_reading(&right->transport, false);
        before = right->received_length;
        if (before < 100)
            ends_settle(&secured.ends);
        else
            event_base_loop(secured.ends.base, EVLOOP_NONBLOCK);
        assert_int_equal(right->received_length, before);
        transport_set_reading(&right->transport, true);
    }
    assert_memory_equal(right->received, noise, 10000);
    int readable = right->readable;
    ends_settle(&secured.ends); // nothing more: no event comes again and again
    assert_true(right->readable <= readable + 1);
    end_all(&secured);
    free(noise);
}

static void the_loop_turns_while_bytes_wait_inside_openssl(void **state)
{
    (void)state;
    struct secured secured;
    bool fired = false;
    open_both(&secured, 0);
    struct event *timer = evtimer_new(secured.ends.base, ends_on_limit, &fired);
    secured.ends.right.one_read = true;
    secured.ends.right.read_size = 1;
    char *noise = make_noise(16000, 3);
    give(&secured.ends.left, noise, 16000);
    RUN_UNTIL(&secured.ends, secured.ends.right.received_length > 0);
    event_add(timer, &(struct timeval){0, 0});
    RUN_UNTIL(&secured.ends, fired);
    assert_true(secured.ends.right.received_length < 1000);
    event_free(timer);
    end_all(&secured);
    free(noise);
}

static void what_is_written_in_the_handshake_goes_out_after_it(void **state)
{
    (void)state;
    struct secured secured;
    char bytes[4];
    begin(&secured, 0, "server", NULL, "localhost");
    struct end *right = &secured.ends.right;
    assert_true(transport_is_pending(&right->transport));
    assert_false(transport_is_encrypted(&right->transport));
    assert_null(transport_tls_version(&right->transport));
    assert_int_equal(transport_peek(&right->transport, bytes, 1), TRANSPORT_AGAIN);
    assert_int_equal(transport_read(&right->transport, bytes, 4), TRANSPORT_AGAIN);
    give(right, "banner\r\n", 8);
    assert_int_equal(right->sent, 0);
    RUN_UNTIL(&secured.ends, secured.ends.left.received_length == 8);
    assert_int_equal(right->opened, 1);
    assert_int_equal(right->writable, 1);
    assert_false(transport_is_pending(&right->transport));
    end_all(&secured);
}

// --- the end ----------------------------------------------------------------------------------------------------

static void shutdown_waits_for_what_was_taken(void **state)
{
    (void)state;
    struct secured secured;
    char *noise = make_noise(100000, 3);
    open_both(&secured, 4096);
    struct end *left = &secured.ends.left, *right = &secured.ends.right;
    struct iovec piece = {noise, 100000};
    ssize_t taken = transport_write(&left->transport, &piece, 1);
    assert_true(taken > 0 && taken < 100000);
    assert_true(transport_is_pending(&left->transport));
    transport_shutdown(&left->transport);
    transport_shutdown(&left->transport);
    RUN_UNTIL(&secured.ends, right->ended == 1);
    assert_string_equal(right->reason, "end of stream");
    assert_int_equal(right->received_length, taken);
    assert_memory_equal(right->received, noise, (size_t)taken);
    assert_false(transport_is_pending(&left->transport));
    assert_int_equal(transport_write(&left->transport, &piece, 1), TRANSPORT_END);
    end_all(&secured);
    free(noise);
}

static void after_shutdown_the_other_way_still_works(void **state)
{
    (void)state;
    struct secured secured;
    open_both(&secured, 0);
    give(&secured.ends.left, "question", 8);
    transport_shutdown(&secured.ends.left.transport);
    RUN_UNTIL(&secured.ends, secured.ends.right.ended == 1);
    assert_int_equal(secured.ends.right.received_length, 8);
    give(&secured.ends.right, "answer", 6);
    RUN_UNTIL(&secured.ends, secured.ends.left.received_length == 6);
    transport_shutdown(&secured.ends.right.transport);
    RUN_UNTIL(&secured.ends, secured.ends.left.ended == 1);
    assert_string_equal(secured.ends.left.reason, "end of stream");
    end_all(&secured);
}

static void a_close_notify_without_fin_is_an_end(void **state)
{
    (void)state;
    struct secured secured;
    open_both(&secured, 0);
    struct end *right = &secured.ends.right;
    give(&secured.ends.left, "last", 4);
    SSL_shutdown(ssl_of(&secured.ends.left)); // and the descriptor stays open: no event comes from it
    RUN_UNTIL(&secured.ends, right->ended == 1);
    assert_int_equal(right->received_length, 4);
    assert_string_equal(right->reason, "end of stream");
    transport_set_reading(&right->transport, true); // reading again reports it again
    RUN_UNTIL(&secured.ends, right->ended == 2);
    end_all(&secured);
}

static void close_says_goodbye(void **state)
{
    (void)state;
    struct secured secured;
    open_both(&secured, 0);
    transport_close(&secured.ends.left.transport);
    transport_close(&secured.ends.left.transport);
    RUN_UNTIL(&secured.ends, secured.ends.right.ended == 1);
    assert_int_equal(SSL_get_shutdown(ssl_of(&secured.ends.right)), SSL_RECEIVED_SHUTDOWN);
    assert_int_equal(secured.ends.right.transport.error, 0);
    end_all(&secured);
}

static void an_end_without_close_notify_is_an_end(void **state)
{
    (void)state;
    struct secured secured;
    open_both(&secured, 0);
    shutdown(secured.ends.left.transport.fd, SHUT_RDWR);
    RUN_UNTIL(&secured.ends, secured.ends.right.ended == 1);
    assert_string_equal(secured.ends.right.reason, "end of stream");
    end_all(&secured);
}

static void junk_in_the_stream_is_a_failure(void **state)
{
    (void)state;
    struct secured secured;
    open_both(&secured, 0);
    struct end *right = &secured.ends.right;
    assert_int_equal(write(secured.ends.left.transport.fd, "Action: Ping\r\n\r\n", 16), 16);
    RUN_UNTIL(&secured.ends, right->ended == 1);
    bool is_old = strcmp(right->reason, "TLS failed: wrong version number") == 0; // OpenSSL 3.0
    assert_true(is_old || strcmp(right->reason, "TLS failed: bad record type") == 0);
    assert_int_equal(right->transport.error, EPROTO);
    struct iovec piece = {"x", 1};
    assert_int_equal(transport_write(&right->transport, &piece, 1), TRANSPORT_END);
    transport_shutdown(&right->transport);
    end_all(&secured);
}

static void a_peer_that_is_gone_fails_the_write(void **state)
{
    (void)state;
    struct secured secured;
    open_both(&secured, 0);
    struct end *right = &secured.ends.right;
    transport_set_reading(&right->transport, false);
    close(secured.ends.left.transport.fd);
    secured.ends.left.transport.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct iovec piece = {"x", 1};
    assert_int_equal(transport_write(&right->transport, &piece, 1), TRANSPORT_END);
    assert_string_equal(transport_reason(&right->transport), "TLS failed: Broken pipe");
    assert_int_equal(right->transport.error, EPIPE);
    end_all(&secured);
}

static void may_be_closed_from_inside_the_callback(void **state)
{
    (void)state;
    for (int opened = 0; opened < 2; opened++) {
        struct secured secured;
        begin(&secured, 0, "server", NULL, "localhost");
        if (opened == 1)
            RUN_UNTIL(&secured.ends, secured.ends.left.opened == 1 && secured.ends.right.opened == 1);
        secured.ends.right.closes = true;
        give(&secured.ends.left, "bytes", 5);
        RUN_UNTIL(&secured.ends, secured.ends.right.transport.fd == -1);
        RUN_UNTIL(&secured.ends, secured.ends.left.ended == 1);
        end_all(&secured);
    }
}

// --- one direction waits for the other ---------------------------------------------------------------------------

/** Replaces OpenSSL's I/O functions, and once reports that one direction waits for the other. */
static struct {
    BIO_METHOD *method;
    bool cross_read, cross_write;
} crossing;

static int crossing_read(BIO *bio, char *bytes, int size)
{
    BIO_clear_retry_flags(bio);
    if (crossing.cross_read) {
        crossing.cross_read = false;
        BIO_set_retry_write(bio);
        return -1;
    }
    int count = BIO_read(BIO_next(bio), bytes, size);
    BIO_copy_next_retry(bio);
    return count;
}

static int crossing_write(BIO *bio, const char *bytes, int size)
{
    BIO_clear_retry_flags(bio);
    if (crossing.cross_write) {
        crossing.cross_write = false;
        BIO_set_retry_read(bio);
        return -1;
    }
    int count = BIO_write(BIO_next(bio), bytes, size);
    BIO_copy_next_retry(bio);
    return count;
}

static long crossing_control(BIO *bio, int command, long number, void *argument)
{
    return BIO_next(bio) == NULL ? 0 : BIO_ctrl(BIO_next(bio), command, number, argument);
}

static void reading_may_wait_for_room_and_writing_for_bytes(void **state)
{
    (void)state;
    struct secured secured;
    open_both(&secured, 0);
    struct end *left = &secured.ends.left, *right = &secured.ends.right;
    crossing.method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_FILTER, "crossing");
    BIO_meth_set_read(crossing.method, crossing_read);
    BIO_meth_set_write(crossing.method, crossing_write);
    BIO_meth_set_ctrl(crossing.method, crossing_control);
    BIO *socket_bio = SSL_get_rbio(ssl_of(right));
    BIO_up_ref(socket_bio);
    BIO *bio = BIO_push(BIO_new(crossing.method), socket_bio);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_of(right), bio, bio);

    crossing.cross_read = true;
    give(left, "one", 3);
    RUN_UNTIL(&secured.ends, right->received_length == 3);
    assert_false(crossing.cross_read);
    assert_int_equal(right->writable, 0);

    crossing.cross_read = true; // and reading is switched off meanwhile
    give(left, "two", 3);
    RUN_UNTIL(&secured.ends, !crossing.cross_read);
    transport_set_reading(&right->transport, false);
    ends_settle(&secured.ends);
    assert_int_equal(right->received_length, 3);
    transport_set_reading(&right->transport, true);
    RUN_UNTIL(&secured.ends, right->received_length == 6);

    for (int reading = 0; reading < 2; reading++) {
        transport_set_reading(&right->transport, reading == 1);
        crossing.cross_write = true;
        right->writable = 0;
        size_t before = left->received_length;
        give(right, "answer", 6);
        assert_int_equal(right->sent, 6);
        assert_true(transport_is_pending(&right->transport));
        ends_settle(&secured.ends);
        assert_int_equal(right->writable, 0);
        give(left, "go on", 5);
        RUN_UNTIL(&secured.ends, left->received_length == before + 6);
        RUN_UNTIL(&secured.ends, right->writable == 1);
        transport_set_reading(&right->transport, true);
        RUN_UNTIL(&secured.ends, right->received_length == 6 + 5 * (size_t)(reading + 1));
    }
    end_all(&secured);
    BIO_meth_free(crossing.method);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(megabytes_arrive_with_tls_1_3),
        cmocka_unit_test(megabytes_arrive_with_tls_1_2),
        cmocka_unit_test(one_read_per_event_leaves_nothing_behind),
        cmocka_unit_test(many_small_pieces_are_one_record),
        cmocka_unit_test(bytes_inside_openssl_come_when_reading_goes_on),
        cmocka_unit_test(the_loop_turns_while_bytes_wait_inside_openssl),
        cmocka_unit_test(what_is_written_in_the_handshake_goes_out_after_it),
        cmocka_unit_test(shutdown_waits_for_what_was_taken),
        cmocka_unit_test(after_shutdown_the_other_way_still_works),
        cmocka_unit_test(a_close_notify_without_fin_is_an_end),
        cmocka_unit_test(close_says_goodbye),
        cmocka_unit_test(an_end_without_close_notify_is_an_end),
        cmocka_unit_test(junk_in_the_stream_is_a_failure),
        cmocka_unit_test(a_peer_that_is_gone_fails_the_write),
        cmocka_unit_test(may_be_closed_from_inside_the_callback),
        cmocka_unit_test(reading_may_wait_for_room_and_writing_for_bytes),
    };
    signal(SIGPIPE, SIG_IGN); // as main.c does
    return cmocka_run_group_tests(tests, NULL, NULL);
}
