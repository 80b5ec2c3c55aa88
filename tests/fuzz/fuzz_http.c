// tests/fuzz/fuzz_http.c: the http plugin does the same with a client's bytes however they are cut, hands in nothing
// that could be two lines, and keeps little. The first byte says how the bytes are cut, and whether a login is needed.
// Runs: 40000
#include "tests/unit/plugins/http_session.h"

#define KEPT_BYTES 65536

/** The date is the only thing that changes from one run to the next. */
static void mask_dates(struct buffer *written)
{
    static const char name[] = "\r\nDate: ";
    char *found = written->bytes;
    size_t rest = written->length;
    while (rest > 0 && (found = memmem(found, rest, name, sizeof name - 1)) != NULL) {
        found += sizeof name - 1;
        rest = (size_t)(written->bytes + written->length - found);
        for (size_t i = 0; i < rest && found[i] != '\r'; i++)
            found[i] = '-';
    }
}

static void run(struct amp_session *session, const char *bytes, size_t length, size_t piece, bool required)
{
    http_session_init(session, required);
    for (size_t start = 0; start < length; start += piece) {
        size_t part = length - start < piece ? length - start : piece;
        http_session_send(session, bytes + start, part);
        for (int i = 0; i < 4 && session->unread.length > 0 && !session->finished; i++)
            http_session_expire(session); // an answer that never comes
    }
    for (int i = 0; i < 4 && !session->finished; i++)
        http_session_expire(session);
    if (!session->finished)
        amp_plugin_v1.protocol->end(session->state);
    mask_dates(&session->written);
}

static void compare(const struct buffer *left, const struct buffer *right)
{
    http_session_require(left->length == right->length);
    http_session_require(left->length == 0 || memcmp(left->bytes, right->bytes, left->length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct amp_session whole, cut;
    if (size == 0 || size > KEPT_BYTES)
        return 0;
    bool required = (data[0] & 0x80) != 0;
    size_t piece = 1 + data[0] % 64;
    const char *bytes = (const char *)data + 1;
    run(&whole, bytes, size - 1, size, required);
    run(&cut, bytes, size - 1, piece, required);
    compare(&whole.actions, &cut.actions);
    if (whole.frame == NULL && cut.frame == NULL)
        compare(&whole.written, &cut.written);
    http_session_fini(&whole);
    http_session_fini(&cut);
    return 0;
}
