// tests/fuzz/fuzz_http_ajam.c: AJAM does the same with a client's bytes however they are cut: paths, cookies, digests,
// forms. What it hands in cannot be two lines, each request is answered once, and no secret of a nonce is needed to be
// safe. There is one session for cookies and one for digests, which any cookie and any right nonce finds once it is
// open. The first byte says how the bytes are cut, and whether a login is needed. Runs: 40000
#define HTTP_SESSION_DETACHED
#include "tests/fuzz/http_cuts.h"

struct amp_request {
    struct amp_session *from;
    bool answered;
};

static struct amp_session *sessions[2]; // by cookie, by digest; NULL: not open
static struct buffer taken;             // the actions of sessions that are over

static void fuzz_answer(struct amp_request *request, struct amp_bytes answer)
{
    request->answered = true;
    amp_plugin_v1.protocol->answer(request->from->state, answer);
}

static void fuzz_close(size_t place)
{
    struct amp_session *gone = sessions[place];
    if (gone == NULL)
        return;
    sessions[place] = NULL;
    amp_plugin_v1.protocol->close(gone->state);
    buffer_add(&taken, gone->actions.bytes, gone->actions.length);
    amp_input_fini(&gone->input);
    buffer_wipe(&gone->actions);
    amp_output_fini(&gone->scratch);
    free(gone);
}

enum amp_opened amp_session_open_detached(struct amp_session *session, const struct amp_key *key, uint64_t most)
{
    size_t place = session->state != NULL && ((struct connection *)session->state)->ajam->path.digest ? 1 : 0;
    (void)key;
    http_session_require(most > 0);
    if (sessions[place] != NULL)
        return AMP_OPENED_FULL;
    struct amp_session *opened = memory_zero(1, sizeof *opened);
    opened->required = session->required;
    opened->authenticated = !session->required;
    amp_input_init(&opened->input, 65536, http_session_take, opened);
    opened->state = amp_plugin_v1.protocol->open_detached(opened);
    sessions[place] = opened;
    return AMP_OPENED;
}

/** The session's answer comes at once, which the program does not do: the connection must be waiting by then, so it is
 *  kept and given by fuzz_deliver(). */
static struct {
    struct amp_request request;
    struct buffer bytes;
    size_t place;
    bool waits;
} letter;

bool amp_session_request(struct amp_session *session, const struct amp_key *key, struct amp_bytes request)
{
    size_t place = request.length > 0 && request.bytes[0] == AJAM_NEEDS_DIGEST ? 1 : 0;
    (void)key;
    http_session_require(!letter.waits && request.length > 0);
    if (sessions[place] == NULL)
        return false;
    buffer_wipe(&letter.bytes);
    buffer_add(&letter.bytes, request.bytes, request.length);
    letter.request = (struct amp_request){session, false};
    letter.place = place;
    letter.waits = true;
    return true;
}

void amp_request_answer(struct amp_request *request, struct amp_bytes answer)
{
    http_session_require(!request->answered);
    fuzz_answer(request, answer);
}

bool amp_request_is_withdrawn(const struct amp_request *request)
{
    return request->from->finished;
}

void amp_session_collect(struct amp_session *session, const struct amp_plugin *format)
{
    http_session_require(session != NULL && format != NULL);
}

bool amp_session_take(struct amp_session *session, void (*write)(void *context, const char *bytes, size_t length),
                      void *context)
{
    static const char event[] = "Event: Hold\r\nChannel: SIP/<1>\r\n\r\n";
    http_session_require(session != NULL);
    write(context, event, sizeof event - 1);
    return true;
}

enum amp_reason amp_session_check_digest(struct amp_session *session, const struct amp_digest *digest)
{
    (void)session;
    http_session_require(digest->response.length == 32 && digest->user.length > 0 && digest->uri.length > 0);
    http_session_require((digest->nc.length == 0) == (digest->cnonce.length == 0));
    switch (digest->response.bytes[0]) {
    case 'a':
        return AMP_REASON_NONE;
    case 'b':
        return AMP_REASON_DENIED;
    case 'c':
        return AMP_REASON_TOO_MANY;
    default:
        return AMP_REASON_UNKNOWN_USER;
    }
}

void amp_session_log_in_digest(struct amp_session *session, const struct amp_digest *digest)
{
    session->authenticated = true;
    if (digest->response.bytes[1] == 'a')
        http_session_give(session, "Response: Success", AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
}

/** Gives the session its request; one that is not answered then is one whose Login was not: it ends. */
static void fuzz_deliver(void)
{
    if (!letter.waits)
        return;
    letter.waits = false;
    struct amp_session *session = sessions[letter.place];
    struct buffer bytes = letter.bytes;
    letter.bytes = (struct buffer){0};
    if (session != NULL)
        amp_plugin_v1.protocol->request(session->state, &letter.request, buffer_bytes(&bytes));
    buffer_wipe(&bytes);
    bool answered = letter.request.answered;
    if (session == NULL || !answered || session->finished)
        fuzz_close(letter.place);
    if (!answered)
        fuzz_answer(&letter.request, (struct amp_bytes){NULL, 0});
}

/** Cookies, nonces and dates differ from run to run. */
static void fuzz_mask(struct buffer *written)
{
    for (size_t i = 0, run = 0; i < written->length; i++) {
        run = text_hex_digit(written->bytes[i]) >= 0 ? run + 1 : 0;
        if (run >= 32)
            memset(written->bytes + i + 1 - run, '-', run);
    }
    cuts_mask_dates(written);
}

static void fuzz_run(struct amp_session *session, const char *bytes, size_t length, size_t piece, bool required)
{
    http_session_init(session, required);
    for (size_t start = 0; start < length; start += piece) {
        http_session_send(session, bytes + start, length - start < piece ? length - start : piece);
        for (int i = 0; i < 2000 && (letter.waits || session->unread.length > 0) && !session->finished; i++) {
            bool waited = letter.waits;
            size_t unread = session->unread.length, written = session->written.length;
            fuzz_deliver();
            if (!waited && ((struct connection *)session->state)->state != CONNECTION_READING)
                http_session_expire(session); // an answer that never comes, or a digest that was wrong
            else
                http_session_resume(session);
            if (!waited && !letter.waits && session->unread.length == unread && session->written.length == written)
                break;
        }
    }
    for (int i = 0; i < 4 && !session->finished; i++)
        http_session_expire(session);
    for (size_t place = 0; place < 2; place++)
        fuzz_close(place);
    letter.waits = false;
    buffer_add(&session->actions, taken.bytes, taken.length);
    buffer_wipe(&taken);
    buffer_wipe(&letter.bytes);
    fuzz_mask(&session->written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    settings.ajam.on = settings.ajam.digest = true;
    return cuts_test(data, size, fuzz_run);
}
