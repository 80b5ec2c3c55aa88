// tests/fuzz/http_cuts.h: what the fuzz targets of the http plugin share: the same bytes, whole and cut into pieces,
// must lead to the same actions and the same answers.
#ifndef FUZZ_HTTP_CUTS_H
#define FUZZ_HTTP_CUTS_H

#include "tests/unit/plugins/http_balancer.h"
#include "tests/unit/plugins/http_session.h"

#define CUTS_MOST_BYTES 65536

/** Begins a session, gives it the bytes in pieces of `piece` bytes, and ends it. */
typedef void cuts_run(struct amp_session *session, const char *bytes, size_t length, size_t piece, bool required);

/** Overwrites the dates of answers, which change from one run to the next. */
static inline void cuts_mask_dates(struct buffer *written)
{
    static const char name[] = "\r\nDate: ";
    if (written->length == 0)
        return;
    char *found = written->bytes, *end = written->bytes + written->length;
    while ((found = memmem(found, (size_t)(end - found), name, sizeof name - 1)) != NULL) {
        for (found += sizeof name - 1; found < end && *found != '\r'; found++)
            *found = '-';
    }
}

static inline void cuts_compare(const struct buffer *left, const struct buffer *right)
{
    http_session_require(left->length == right->length);
    http_session_require(left->length == 0 || memcmp(left->bytes, right->bytes, left->length) == 0);
}

/** Runs the bytes whole and cut, and compares what came of them. The first byte of `data` says how the bytes are cut,
 *  and whether a login is needed. */
static inline int cuts_test(const uint8_t *data, size_t size, cuts_run *run)
{
    static struct amp_session whole, cut;
    if (size == 0 || size > CUTS_MOST_BYTES)
        return 0;
    bool required = (data[0] & 0x80) != 0;
    const char *bytes = (const char *)data + 1;
    run(&whole, bytes, size - 1, size, required);
    run(&cut, bytes, size - 1, 1 + data[0] % 64, required);
    cuts_compare(&whole.actions, &cut.actions);
    if (whole.frame == NULL && cut.frame == NULL)
        cuts_compare(&whole.written, &cut.written);
    http_session_fini(&whole);
    http_session_fini(&cut);
    return 0;
}

#endif
