// core/session/connection/detect.c: see detect.h.
#include "session/connection/detect.h"

#include "base/clock.h"
#include "net/proxy_header.h"
#include "net/tls.h"
#include "session/client/due.h"
#include "session/client/set.h"
#include "session/connection/formats.h"
#include "session/delivery/reply.h"

#include <ctype.h>
#include <stdio.h>

#define TLS_RECORD 0x16 // RFC 8446 5.1: a ClientHello is a handshake record
#define SPOKEN_MS 10000 // longest wait for more bytes after the first ones
#define LOOKED_AT 1024  // after so many bytes that no plugin recognises, the client is taken to speak standard

/** Returns the standard format, which main.c requires to be loaded. */
static const struct amp_plugin *fallback_of(const struct session *session)
{
    return registry_find(session->sessions->registry, "standard");
}

/** Does the listener's format send a banner? Then a client that sends nothing may be waiting for it. */
static bool detect_greets(const struct session *session)
{
    const char *input = session->listen->input;
    const struct amp_plugin *plugin = registry_find(session->sessions->registry, input);

    return strcmp(input, "auto") == 0 || (plugin->capabilities & AMP_WANTS_BANNER) != 0;
}

/** May the client be one that never sends a byte, because it need not log in and only receives events? */
static bool may_listen_only(const struct session *session)
{
    const struct amp_plugin *plugin = registry_find(session->sessions->registry, session->listen->input);

    return session->authenticated && (plugin == NULL || (plugin->capabilities & AMP_IS_PROTOCOL) == 0);
}

/** Is a client that sends nothing for `detect_timeout` taken for one that does not encrypt? If not, its first byte is
 *  waited for until the time limit for logging in. */
static bool is_told_by_silence(const struct session *session)
{
    return detect_greets(session) || may_listen_only(session);
}

static void accept_tls(struct session *session)
{
    struct tls_context *tls = session->detection.tls;

    session->detection.tls = NULL;
    session->detection.encrypting = true;
    session_enter(session, SESSION_HANDSHAKE);
    transport_accept_tls(&session->transport, tls);
    tls_context_unref(tls);
}

void detect_begin(struct session *session)
{
    const char *input = session->listen->input;

    tls_context_unref(session->detection.tls);
    session->detection.tls = NULL;
    if (strcmp(input, "auto") == 0)
        due_set_timer(session, clock_ms() + session->listen->detect_timeout_ms);
    else
        formats_speak(session, registry_find(session->sessions->registry, input));
}

void detect_start(struct session *session)
{
    if (session->detection.tls == NULL)
        detect_begin(session);
    else if (session->listen->tls == TLS_REQUIRED)
        accept_tls(session);
    else
        due_set_timer(session, clock_ms() + (is_told_by_silence(session) ? session->listen->detect_timeout_ms
                                                                         : session->sessions->config->auth.timeout_ms));
}

bool detect_is_plain(struct session *session)
{
    unsigned char first;
    ssize_t count = transport_peek(&session->transport, &first, 1);

    if (count == TRANSPORT_AGAIN)
        return false;
    if (count == 1 && first == TLS_RECORD) {
        accept_tls(session);
        return false;
    }
    detect_begin(session); // also at the end of the stream, which input_read() handles
    return true;
}

/** Returns the plugin that recognises these bytes; NULL: none. @param maybe  set to true if a plugin needs more bytes
 */
static const struct amp_plugin *detect_recognise(const struct registry *registry, const char *bytes, size_t length,
                                                 bool *maybe)
{
    *maybe = false;
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct amp_plugin *plugin = registry_at(registry, i);
        enum amp_guess guess = plugin->recognise == NULL ? AMP_GUESS_NO : plugin->recognise(bytes, length);
        if (guess == AMP_GUESS_YES)
            return plugin;
        *maybe = *maybe || guess == AMP_GUESS_MAYBE;
    }
    return NULL;
}

bool detect_format(struct session *session, const char *bytes, size_t length, bool ended)
{
    bool maybe = false;
    const struct amp_plugin *plugin =
        length == 0 ? NULL : detect_recognise(session->sessions->registry, bytes, length, &maybe);

    if (plugin == NULL && maybe && !ended && length < LOOKED_AT) {
        if (!session->detection.spoken)
            due_set_timer(session, clock_ms() + SPOKEN_MS); // a client that sends bytes waits for no banner
        session->detection.spoken = true;
        return false;
    }
    formats_speak(session, plugin != NULL ? plugin : fallback_of(session));
    return session->format.input != NULL && !session_is_dead(session);
}

/** Logs that the client speaks something else than was assumed after `detect_timeout`. */
static void detect_complain(struct session *session, const char *what)
{
    struct log_context log = session_log(session);
    char name[32];
    size_t i = 0;

    for (; what[i] != '\0' && i < sizeof name - 1; i++)
        name[i] = (char)toupper((unsigned char)what[i]);
    name[i] = '\0';
    log_warn(&log, "client speaks %s on a connection that was %s (detect_timeout)", name,
             detect_greets(session) ? "given the AMI banner" : "taken for a plain one");
}

#define HELLO_BYTES 6 // a record's header, and the type of the handshake message in it

/** Do these bytes begin a TLS ClientHello (RFC 8446 5.1 and 4)? 0x16 alone is not enough, as a binary format may begin
 *  with it. @param maybe  set to true if there are too few bytes to decide */
static bool is_hello(const char *bytes, size_t length, bool *maybe)
{
    static const unsigned char values[HELLO_BYTES] = {TLS_RECORD, 0x03, 0, 0, 0, 0x01},
                               masks[HELLO_BYTES] = {0xff, 0xff, 0xf8, 0, 0, 0xff};

    for (size_t i = 0; i < HELLO_BYTES && i < length; i++) {
        if (((unsigned char)bytes[i] & masks[i]) != values[i])
            return false;
    }
    *maybe = length < HELLO_BYTES;
    return !*maybe;
}

/** Is it certain that these bytes are not for `plugin`? */
static bool is_not_for(const struct amp_plugin *plugin, const char *bytes, size_t length)
{
    if (plugin->recognise != NULL)
        return plugin->recognise(bytes, length) == AMP_GUESS_NO;
    return strcmp(plugin->name, "standard") == 0; // what other plugins recognise never begins an AMI message
}

/** On a listener with `input: NAME`: do these bytes belong to another plugin? If so the client is sent an Error, as it
 *  would wait for an answer for ever. @param maybe  set to true if more bytes are needed to decide */
static bool is_foreign(struct session *session, const char *bytes, size_t length, bool *maybe)
{
    const struct amp_plugin *plugin = detect_recognise(session->sessions->registry, bytes, length, maybe);
    struct log_context log = session_log(session);
    char text[160];

    if (plugin == NULL || !is_not_for(session->format.input, bytes, length) ||
        (plugin->capabilities & AMP_IS_PROTOCOL) != 0 || (session->format.input->capabilities & AMP_IS_PROTOCOL) != 0)
        return false; // a protocol's plugin refuses other input itself, and an Error of AMI would not be understood
    log_warn(&log, "client speaks %s on a listener with input: %s", plugin->name, session->listen->input);
    snprintf(text, sizeof text, "This listener speaks %s, not %s", session->listen->input, plugin->name);
    reply_refuse(session, NULL, AMP_REASON_INVALID, text);
    return true;
}

/** Ends a session that begins with a PROXY header. The hub has taken those that count (hub/arrival.c): this one comes
 *  from an address that is not trusted, or too late, and its client must not be taken for the balancer.
 *  @param maybe  set to: more bytes are needed to tell */
static bool refuse_proxy_header(struct session *session, const char *bytes, size_t length, bool *maybe)
{
    struct log_context log = session_log(session);

    if (!proxy_header_begins(bytes, length, maybe)) {
        *maybe = *maybe && !session->input.ended;
        return false;
    }
    log_warn(&log, "PROXY header refused reason=\"%s\"",
             session->balancer == NULL ? "the address is not in the listener's trust" : "it came after detect_timeout");
    session_finish(session);
    return true;
}

bool detect_first(struct session *session, const char *bytes, size_t length)
{
    bool is_auto = strcmp(session->listen->input, "auto") == 0, maybe = false, half = false;

    if (session->detection.judged || length == 0 || session->detection.was_silent)
        return true; // detect_late() checks a client that was silent
    if (refuse_proxy_header(session, bytes, length, &maybe) || maybe)
        return false;
    session->detection.judged = true;
    if (session->listen->tls == TLS_OFF && is_hello(bytes, length, &half)) {
        struct log_context log = session_log(session);
        log_warn(&log, "client speaks TLS on a listener with tls: off");
    } else if (is_auto || session->format.input == NULL || !is_foreign(session, bytes, length, &maybe)) {
        session->detection.judged = !half && (!maybe || length >= LOOKED_AT);
        return true;
    }
    session_finish(session);
    return false;
}

bool detect_late(struct session *session, const char *bytes, size_t length, bool ended)
{
    const struct amp_plugin *plugin = NULL;
    bool maybe = false;

    if (length > 0 && (refuse_proxy_header(session, bytes, length, &maybe) || maybe))
        return false;
    if (length > 0 && (unsigned char)bytes[0] == TLS_RECORD) {
        detect_complain(session, "TLS");
        session_finish(session);
        return false;
    }
    if (length > 0 && strcmp(session->listen->input, "auto") == 0)
        plugin = detect_recognise(session->sessions->registry, bytes, length, &maybe);
    if (plugin == NULL && maybe && !ended && length < LOOKED_AT)
        return false;
    session->detection.was_silent = false;
    if (plugin == NULL || plugin == session->format.input)
        return true;
    detect_complain(session, plugin->name);
    if ((plugin->capabilities & AMP_IS_PROTOCOL) != 0)
        session_finish(session); // the banner was sent already, where the client expects its first answer
    else
        formats_speak(session, plugin);
    return !session_is_ending(session);
}

void detect_expire(struct session *session)
{
    if (session->detection.tls != NULL && !is_told_by_silence(session)) {
        session_end(session, END_SILENT);
        return;
    }
    session->detection.was_silent = true;
    if (session->detection.tls != NULL) {
        detect_begin(session); // not a TLS client
        if (session->format.input == NULL)
            formats_speak(session, fallback_of(session)); // detect_timeout has passed: do not wait a second time
    } else if (transport_is_pending(&session->transport)) {
        session_end(session, END_HANDSHAKE_TOO_LONG);
    } else {
        formats_speak(session, fallback_of(session));
    }
}
