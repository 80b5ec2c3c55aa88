// tests/unit/net/test_certificate.c: which of a file's certificates says until when it is of use.
#include "net/certificate.h"

#include "unit/test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static char path[] = "/tmp/amp-certificate-XXXXXX";

static void write_certificate(FILE *file, int64_t end_s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    time_t end = (time_t)end_s;

    assert_non_null(key);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate), 0));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), end));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int open_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    FILE *file = fd == -1 ? NULL : fdopen(fd, "w");
    assert_non_null(file);
    fputs("text in front\n", file);
    write_certificate(file, 2000000000);
    write_certificate(file, 1000000000);          // ended
    write_certificate(file, INT64_C(5000000000)); // after 2038, and after 2050: written in the other form
    fclose(file);
    return 0;
}

static int close_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void test_a_chain_ends_with_the_first_and_authorities_with_the_last(void **state)
{
    int64_t end;

    (void)state;
    assert_true(certificate_read_end(path, CERTIFICATE_CHAIN, &end));
    assert_int_equal(end, 1000000000);
    assert_true(certificate_read_end(path, CERTIFICATE_AUTHORITIES, &end));
    assert_true(end == INT64_C(5000000000));
}

static void test_files_without_certificates_have_no_end(void **state)
{
    int64_t end;

    (void)state;
    assert_false(certificate_read_end("/dev/null", CERTIFICATE_CHAIN, &end));
    assert_false(certificate_read_end("/nowhere", CERTIFICATE_CHAIN, &end));
    assert_false(certificate_read_end("/", CERTIFICATE_CHAIN, &end));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain_ends_with_the_first_and_authorities_with_the_last),
        cmocka_unit_test(test_files_without_certificates_have_no_end),
    };
    return cmocka_run_group_tests(tests, open_file, close_file);
}
