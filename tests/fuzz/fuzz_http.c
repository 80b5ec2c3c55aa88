// tests/fuzz/fuzz_http.c: the http plugin does the same with a client's bytes however they are cut, hands in nothing
// that could be two lines, and keeps little. The first byte says how the bytes are cut, and whether a login is needed.
// Runs: 40000
#include "tests/fuzz/http_cuts.h"

static void fuzz_run(struct amp_session *session, const char *bytes, size_t length, size_t piece, bool required)
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
    cuts_mask_dates(&session->written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return cuts_test(data, size, fuzz_run);
}
