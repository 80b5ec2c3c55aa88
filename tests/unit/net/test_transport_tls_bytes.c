// tests/unit/net/test_transport_tls_bytes.c: how much work one read of an encrypted transport is.
#include "net/transport_tls.h"
#include "unit/net/secured.h"

#include <sys/ioctl.h>

/** A peer that changes its keys all the time sends no bytes for the reader, but must not keep it from other work. */
static void one_read_ends_although_key_updates_go_on(void **state)
{
    (void)state;
    struct secured secured;
    char bytes[100], *sent;
    int before, after;
    open_both(&secured, 1 << 20);
    struct end *left = &secured.ends.left, *right = &secured.ends.right;
    transport_set_reading(&right->transport, false);
    BIO *collected = BIO_new(BIO_s_mem()); // the socket takes many bytes at once, but not so many small pieces
    SSL_set0_wbio(ssl_of(left), collected);
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(SSL_key_update(ssl_of(left), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        assert_int_equal(SSL_do_handshake(ssl_of(left)), 1);
    }
    give(left, "last", 4);
    long length = BIO_get_mem_data(collected, &sent);
    assert_int_equal(write(left->transport.fd, sent, (size_t)length), length);
    assert_int_equal(ioctl(right->transport.fd, FIONREAD, &before), 0);
    assert_int_equal(transport_read(&right->transport, bytes, sizeof bytes), TRANSPORT_AGAIN);
    assert_int_equal(ioctl(right->transport.fd, FIONREAD, &after), 0);
    assert_true(after > before / 2);
    transport_set_reading(&right->transport, true);
    RUN_UNTIL(&secured.ends, right->received_length == 4);
    end_all(&secured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_read_ends_although_key_updates_go_on),
    };
    signal(SIGPIPE, SIG_IGN); // as main.c does
    return cmocka_run_group_tests(tests, NULL, NULL);
}
