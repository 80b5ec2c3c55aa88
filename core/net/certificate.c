// core/net/certificate.c: see certificate.h.
#include "net/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

static bool certificate_end(const X509 *certificate, int64_t *end_s)
{
    struct tm parts;

    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
        return false;
    *end_s = (int64_t)timegm(&parts);
    return true;
}

bool certificate_read_end(const char *path, enum certificate_kind kind, int64_t *end_s)
{
    BIO *file = BIO_new_file(path, "r");
    X509 *certificate;
    bool found = false;
    int64_t end;

    while (file != NULL && (certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        bool better =
            certificate_end(certificate, &end) && (!found || (kind == CERTIFICATE_CHAIN ? end < *end_s : end > *end_s));
        if (better) {
            *end_s = end;
            found = true;
        }
        X509_free(certificate);
    }
    BIO_free(file);
    ERR_clear_error(); // of the end of the file
    return found;
}
