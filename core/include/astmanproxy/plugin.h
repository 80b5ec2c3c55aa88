/* SPDX-License-Identifier: GPL-2.0-or-later */
/** astmanproxy/plugin.h: the interface for plugins, and the only header that a plugin includes itself.
 *  A plugin is a shared object NAME.so in `plugins.path`. It exports one data symbol, `amp_plugin_v1`, and calls the
 *  amp_* functions below, which the program exports; there is nothing to link against. There are two kinds: a *format*
 *  turns messages into bytes (encode) and bytes into messages (decode); a *protocol* owns the byte stream of a session
 *  and carries formats inside it.
 *  Threads: configure() is called once, before other threads exist. encode() and frames are pure functions: any worker
 *  calls them, several at the same time. A decoder, or the state of a protocol, belongs to one session: only its worker
 *  calls its functions, one at a time; between two calls the session may change to another worker. None may block.
 *  Errors: the program checks what a plugin returns and passes. A plugin must not use more bytes than it was given,
 *  pass NULL with a length, omit a reason, encode without a format, or write too much (encode() and frames: more than
 *  16 times the bytes that they were given plus 1 MiB). If it does, the log names the plugin (`plugin failed
 *  plugin=NAME`) and its session ends; if the encoder of a feed fails, all sessions that read the feed end. Other
 *  sessions go on. A lookup of an index or name that does not exist finds nothing. While close() runs, functions that
 *  act on the session do nothing.
 *  Compatibility: the major version is part of the symbol's name. A minor version may add a field at the end of a
 *  struct that has `size`, a function, a capability bit, or an enum value where the description says "ignore others". A
 *  field that a plugin was compiled without counts as zero. "Since 1.N" marks what 1.0 does not have. */
#ifndef ASTMANPROXY_PLUGIN_H
#define ASTMANPROXY_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AMP_ABI_MINOR 7u /* minor version of this header; a program with an older one refuses the plugin */
#define AMP_EXPORT __attribute__((visibility("default")))

/** Capabilities: what the plugin can do. */
#define AMP_CAN_ENCODE (1u << 0)   /**< its name may be used in `output:` */
#define AMP_CAN_DECODE (1u << 1)   /**< its name may be used in `input:` */
#define AMP_WANTS_BANNER (1u << 2) /**< send the banner line to clients of this input, if their output is text */
#define AMP_IS_PROTOCOL (1u << 3)  /**< has `protocol`; its name may be used in `input:`. Since 1.1 */
/** encode() writes amp_message_text() and nothing else, so the program need not call it; older programs ignore this */
#define AMP_ENCODES_TEXT (1u << 4)

struct amp_message;  /**< one message; immutable; valid during the call that lends it */
struct amp_output;   /**< receives encoded bytes; valid during the call that lends it */
struct amp_input;    /**< receives decoded headers; valid as long as the decoder, or the protocol's state */
struct amp_settings; /**< the plugin's section of the configuration; valid during configure() */
struct amp_session;  /**< one client connection, as its protocol sees it; valid from open() to close() */
struct amp_request;  /**< a connection's request to a session without one; valid until it is answered. Since 1.4 */

/** A sequence of bytes, not NUL-terminated. */
struct amp_bytes {
    const char *bytes;
    size_t length;
};

/** Are the first bytes of a client for this plugin? */
enum amp_guess {
    AMP_GUESS_NO,
    AMP_GUESS_MAYBE, /**< more bytes are needed to decide */
    AMP_GUESS_YES
};

struct amp_protocol;

/** The description of a plugin: a constant that is valid as long as the plugin is loaded. */
struct amp_plugin {
    uint32_t size;            /**< sizeof(struct amp_plugin) */
    uint32_t abi_minor;       /**< AMP_ABI_MINOR; the program refuses a plugin with a larger one than its own */
    const char *name;         /**< the name in `input:` and `output:`, and of the plugin's section of the configuration:
                                   1 to 32 lower case letters, digits and `-`; may differ from the file's name */
    uint32_t capabilities;    /**< bits AMP_CAN_ENCODE … AMP_IS_PROTOCOL */
    const char *content_type; /**< MIME type of the output of encode(); required with AMP_CAN_ENCODE */
    /** Writes `message` to `out`. Must always write the same bytes for the same message. Borrows both. */
    void (*encode)(const struct amp_message *message, struct amp_output *out);
    /** Makes the state of one session's input, on the session's worker. @return NULL: it failed, and the session ends.
     *  Optional, together with decoder_destroy(); without them `decoder` is NULL. */
    void *(*decoder_create)(void);
    /** Frees the state. */
    void (*decoder_destroy)(void *decoder);
    /** Reads bytes of a client and passes headers to `input`. Must return soon after amp_input_end() has returned false
     *  (the session accepts no more for now).
     *  @return number of bytes that were used. The program keeps the rest, and calls again with it and the bytes that
     *          came since. A client whose rest exceeds `limits.message_bytes` is sent an Error and closed. */
    size_t (*decode)(void *decoder, const char *bytes, size_t length, struct amp_input *input);

    /* Since 1.1; each is optional. */

    /** Called when the client will send no more, with the bytes that decode() has not used. Must complete an action
     *  that lacks only its end mark (such as the end of the last line), and reject an action that lacks more.
     *  Afterwards only decoder_destroy() is called, so the result of amp_input_end() does not matter. */
    void (*finish)(void *decoder, const char *bytes, size_t length, struct amp_input *input);
    /** With `input: auto`: checks all bytes that a client has sent so far (length > 0). Pure. The program asks the
     *  plugins in the order in which they were loaded, and takes the first one that returns AMP_GUESS_YES. */
    enum amp_guess (*recognise)(const char *bytes, size_t length);
    /** Reads the section of the configuration that has the plugin's name, with the amp_settings_… functions. Called
     *  once, before any session, also if there is no such section. A key that the plugin has not read is an error. The
     *  values are valid as long as the plugin.
     *  @return false: the plugin cannot work; it has called amp_settings_fail() with the reason */
    bool (*configure)(struct amp_settings *settings);
    /** Texts that combine several encoded messages to one document, for protocols that must send one: list_begin,
     *  message, list_between, message, …, list_end. A single message is sent without them. NULL: messages follow each
     *  other directly. */
    const char *list_begin, *list_between, *list_end;
    const struct amp_protocol *protocol; /**< required with AMP_IS_PROTOCOL */
    const char *list_content_type;       /**< MIME type of what begins with list_begin; NULL: content_type. Since 1.7 */
};

/* --- messages ---------------------------------------------------------------------------------------------------- */

/** Returns the number of headers of a message. */
AMP_EXPORT uint32_t amp_message_count(const struct amp_message *message);
/** Gets name and value of header `index` (< amp_message_count()). If the name is empty, the line is not a header, and
 *  `value` is the whole line. Both are valid as long as the message. */
AMP_EXPORT void amp_message_header(const struct amp_message *message, uint32_t index, struct amp_bytes *name,
                                   struct amp_bytes *value);
/** Returns the message as AMI text, with the final blank line. Valid as long as the message. */
AMP_EXPORT struct amp_bytes amp_message_text(const struct amp_message *message);
/** Finds the first header `name` (in any case). @return false: there is none, and `value` is empty. Since 1.1 */
AMP_EXPORT bool amp_message_find(const struct amp_message *message, const char *name, struct amp_bytes *value);
/** Does the message come from the proxy itself (answers to Login, ProxyAction …), not from a server? Since 1.1 */
AMP_EXPORT bool amp_message_is_own(const struct amp_message *message);

/* --- writing ----------------------------------------------------------------------------------------------------- */

/** Appends bytes (copied). Does not fail; see "Errors" above for the limit. */
AMP_EXPORT void amp_output_write(struct amp_output *out, const char *bytes, size_t length);

/* --- reading ----------------------------------------------------------------------------------------------------- */

/** Adds one header (copied) to the present action. Blanks at the front of the value are removed. A CR, LF or NUL in
 *  name or value rejects the action, and the header is left out. The program finds anything else that a server must not
 *  receive later, and answers by an Error. */
AMP_EXPORT void amp_input_header(struct amp_input *input, struct amp_bytes name, struct amp_bytes value);
/** Adds the header `header: NAME=VALUE` that sets a variable of a channel (`Variable` of Originate): in the value, what
 *  separates or groups arguments for Asterisk is escaped, so that the variable gets exactly these bytes. A name that is
 *  empty or has one of `=,"\\` rejects the action; what amp_input_header() rejects, too. Since 1.7 */
AMP_EXPORT void amp_input_variable(struct amp_input *input, const char *header, struct amp_bytes name,
                                   struct amp_bytes value);
/** Marks the present action as unusable. It will be answered by `Response: Error` with `reason` (static text), and with
 *  its ActionID if that is among its headers. The first reason counts. */
AMP_EXPORT void amp_input_reject(struct amp_input *input, const char *reason);
/** Completes the present action, which is then judged and sent. Does nothing if it has no header and was not rejected.
 *  @return false: stop decoding now; the session accepts no more for the moment, or has ended */
AMP_EXPORT bool amp_input_end(struct amp_input *input);
/** Reads the whole action at the front of `bytes`, if it is AMI text as most clients write it. `go_on` is set as by
 *  amp_input_end(). @return number of bytes used; 0: read it line by line, see astmanproxy-plugin(3). Since 1.6 */
AMP_EXPORT size_t amp_input_text(struct amp_input *input, const char *bytes, size_t length, bool *go_on);
/** Ends the session because its input is invalid. The client is sent one Error with `reason` (static text); a protocol
 *  receives it as a final answer with AMP_REASON_INVALID. The Error has the ActionID if that is among the headers of
 *  the present action, or is added directly after this call; all other headers are ignored then. */
AMP_EXPORT void amp_input_fail(struct amp_input *input, const char *reason);

/* --- configuration. Since 1.1 ------------------------------------------------------------------------------------
 * Each function reads one key of the plugin's section, and returns `fallback` if the key is absent. A wrong value is
 * reported with file, line and what was expected; the function returns `fallback`, and the program does not start. */

/** Reads `true` or `false`. */
AMP_EXPORT bool amp_settings_flag(struct amp_settings *settings, const char *key, bool fallback);
/** Reads a text. @return valid as long as the program; NULL only if that is the fallback */
AMP_EXPORT const char *amp_settings_text(struct amp_settings *settings, const char *key, const char *fallback);
/** Reads a path; a relative one starts at the configuration file's folder. @return NULL: no such key */
AMP_EXPORT const char *amp_settings_path(struct amp_settings *settings, const char *key);
/** Reads one of several words. @param choices  the words, NULL-terminated @return the index of the word */
AMP_EXPORT unsigned amp_settings_choice(struct amp_settings *settings, const char *key, const char *const *choices,
                                        unsigned fallback);
/** Reads a number without a unit, from `least` to `most`. */
AMP_EXPORT uint64_t amp_settings_number(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                                        uint64_t fallback);
/** Reads a duration with a unit: `500ms`, `30s`, `5m`, `1h`. @return milliseconds */
AMP_EXPORT uint64_t amp_settings_duration(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                                          uint64_t fallback);
/** Reads a size with a unit: `512B`, `64KiB`, `8MiB`, `1GiB`. @return bytes */
AMP_EXPORT uint64_t amp_settings_size(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                                      uint64_t fallback);
/** Reads a list of texts. @return NULL-terminated, valid as long as the program; empty if the key is absent */
AMP_EXPORT const char *const *amp_settings_list(struct amp_settings *settings, const char *key);
/** Gets a section inside the section, for these functions. @return NULL: absent. Valid in configure(). Since 1.4 */
AMP_EXPORT struct amp_settings *amp_settings_section(struct amp_settings *settings, const char *key);
/** Says that `key` lets users log in by digests: the program warns of users whose secret is a hash. Since 1.4 */
AMP_EXPORT void amp_settings_uses_digests(struct amp_settings *settings, const char *key);
/** Reports why configure() fails. @param reason  copied; what was expected, and what was found */
AMP_EXPORT void amp_settings_fail(struct amp_settings *settings, const char *key, const char *reason);

/* --- protocols. Since 1.1 ----------------------------------------------------------------------------------------
 * A protocol passes actions to amp_session_input() like a decoder (headers of its own, or through the decoder of a
 * format), and receives their answers through message(). A login is an action, too (`Action: Login`). These functions
 * may be called only on the session's worker, during a callback of that session. */

/** Why the proxy itself answers by an Error; ignore others. */
enum amp_reason {
    AMP_REASON_NONE,          /**< the message is not an Error of the proxy */
    AMP_REASON_INVALID,       /**< the action could not be read, or must not be sent to a server */
    AMP_REASON_UNKNOWN_USER,  /**< wrong login or key */
    AMP_REASON_NOT_LOGGED_IN, /**< the action requires a login */
    AMP_REASON_DENIED,        /**< the user may not send the action */
    AMP_REASON_TOO_MANY,      /**< a limit is reached; the action may succeed later */
    AMP_REASON_NO_SERVER,     /**< no server is up, or the named one is not */
    AMP_REASON_LOST,          /**< the connection to the server was lost before it answered */
    AMP_REASON_TIMEOUT        /**< the server did not answer in time */
};

/** What a message is for the session that receives it; ignore others. */
enum amp_delivery_kind {
    AMP_DELIVERY_ANSWER, /**< part of the answer to an action of the session */
    AMP_DELIVERY_LATE,   /**< belongs to an action that was answered before (OriginateResponse …) */
    AMP_DELIVERY_EVENT,  /**< an event; only after amp_session_listen() */
    AMP_DELIVERY_NOTICE  /**< a notice of the proxy: it shuts down, messages were dropped … */
};

/** Details of a message that a protocol receives. */
struct amp_delivery {
    uint32_t size; /**< sizeof(struct amp_delivery) in the program */
    enum amp_delivery_kind kind;
    bool final;             /**< the last message of the answer; each action gets exactly one final message */
    enum amp_reason reason; /**< of an Error that the proxy itself has made */
};

/** Wraps an encoded message for the wire (a WebSocket frame, a server-sent event). Pure: one call serves all sessions
 *  with the same format and frame.
 *  @param serial  number of the message among all of servers, increases, same for all sessions; 0: to one session */
typedef void amp_frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                       struct amp_output *out);

/** The same for amp_session_stream_ids(). One call serves all sessions of one user with the same format and frame.
 *  @param id  the place of the message in the stream; empty: it has none, or carries it itself. Letters, digits, dots;
 *             at most 79 bytes. Since 1.4 */
typedef void amp_id_frame(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                          struct amp_output *out);

/** The functions of a protocol, required unless marked as optional; called on its worker. `state`: result of open() */
struct amp_protocol {
    uint32_t size; /**< sizeof(struct amp_protocol) */
    /** Called when a client of this protocol has connected. @return the state; NULL: it failed, and the session ends */
    void *(*open)(struct amp_session *session);
    /** Frees the state. The session must not be used any more. */
    void (*close)(void *state);
    /** Reads bytes of the client: those that were not used before, and new ones. While bytes are unused, it is called
     *  again after any other callback of the session. @return number of bytes that were used */
    size_t (*input)(void *state, const char *bytes, size_t length);
    /** Called when the client will send no more. The protocol should send the answers that are still missing, and then
     *  finish the session. */
    void (*end)(void *state);
    /** Receives a message (lent) for this session alone; see amp_delivery_kind. May be called during amp_input_end().
     *  Not called after amp_session_stream(). */
    void (*message)(void *state, const struct amp_message *message, const struct amp_delivery *delivery);
    /** Called when the time of amp_session_set_timer() has come. */
    void (*timer)(void *state);

    /* Since 1.2; optional. */

    /** Called when the proxy is going down. First with `now` false: earlier actions are still answered, new ones get an
     *  Error; the protocol may finish the session when no answer is missing. Later, if the session has not ended, with
     *  `now` true: the protocol may write its last bytes, then the program finishes the session. */
    void (*leave)(void *state, bool now);

    /* Since 1.3; optional. */

    /** Writes bytes of this session alone before and after a message that amp_session_stream() sends, such as a
     *  counter. Called once for each message when it is queued, in the order of sending; not for a message for which
     *  the format writes nothing. A slow client (`slow_client: skip`) may lose queued messages, together with these
     *  bytes. The bytes of encode() and of the shared frame remain shared. The function may only write to `before` and
     *  `after`. It must not call functions that act on the session (amp_session_write(), _encode(), _stream(),
     *  _finish(), _log_out(), _release(), amp_input_end()): such a call ends the session.
     *  @param serial, encoded  as for amp_frame; `encoded` is the output of the shared frame */
    void (*own_frame)(void *state, const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                      struct amp_output *before, struct amp_output *after);

    /* Since 1.4; optional, all four or none: see amp_session_open_detached(). */

    /** As open(), for a session without a connection. input() and end() are never called for it. */
    void *(*open_detached)(struct amp_session *session);
    /** Called when a connection passes a request to a session without one. Answer it by amp_request_answer(). When the
     *  session ends, the program answers open requests, without bytes. @param bytes  lent */
    void (*request)(void *state, struct amp_request *request, struct amp_bytes bytes);
    /** Answers a connection's request. @param answer  lent; `bytes` NULL: the session ended without an answer */
    void (*answer)(void *state, struct amp_bytes answer);
    /** Something waits for amp_session_take(). Called at the end of a turn of the loop. */
    void (*collected)(void *state);

    /** All frames for amp_session_stream_ids(), then NULL: see astmanproxy-plugin(3). Since 1.5; optional */
    amp_id_frame *const *id_frames;
};

/** Returns the input to which the session's actions are passed. */
AMP_EXPORT struct amp_input *amp_session_input(struct amp_session *session);
/** Keeps the actions that are passed from now on, without judging them, until amp_session_release(). With it a protocol
 *  that accepts one action at a time can count those in a document before anything is sent. */
AMP_EXPORT void amp_session_hold(struct amp_session *session);
/** Returns the number of kept actions, including rejected ones. An action for which amp_input_fail() was called counts
 *  as rejected: as the whole document was passed, the session need not end, and the input can be used again. */
AMP_EXPORT uint32_t amp_session_held(const struct amp_session *session);
/** Returns how many headers `name` (in any case) the kept actions have together. Since 1.7 */
AMP_EXPORT uint32_t amp_session_held_headers(const struct amp_session *session, const char *name);
/** Ends amp_session_hold(). @param judge  true: judges the kept actions in their order; false: drops them */
AMP_EXPORT void amp_session_release(struct amp_session *session, bool judge);
/** Encodes `message` in `format`, which must have AMP_CAN_ENCODE. @return valid until the next amp_* call returns, so
 *  it may be passed to amp_session_write() */
AMP_EXPORT struct amp_bytes amp_session_encode(struct amp_session *session, const struct amp_plugin *format,
                                               const struct amp_message *message);
/** Sends bytes (copied) after all earlier ones. */
AMP_EXPORT void amp_session_write(struct amp_session *session, const char *bytes, size_t length);
/** Ends the session after everything was written. No more input is read. */
AMP_EXPORT void amp_session_finish(struct amp_session *session);
/** Sets when timer() is called, once: in `ms` to `ms` + 2 milliseconds. Replaces the time set before. 0: never */
AMP_EXPORT void amp_session_set_timer(struct amp_session *session, uint64_t ms);
/** Finds a loaded plugin. @param name  NULL, empty: the `output:` of the session's listener @return NULL: none */
AMP_EXPORT const struct amp_plugin *amp_session_format(struct amp_session *session, const char *name);
/** Changes the session to streaming: from now on all its messages (answers, notices, and the events that its user and
 *  mask allow) are encoded by `format`, which must have AMP_CAN_ENCODE, wrapped by `frame` (may be NULL), and sent.
 *  message() is not called any more. Sessions that stream in the same way share the encoded bytes. */
AMP_EXPORT void amp_session_stream(struct amp_session *session, const struct amp_plugin *format, amp_frame *frame);
/** As amp_session_stream(), for a client that may come back after a loss (amp_session_resume()): each message of the
 *  stream carries an id. The stream begins with a message that says where it stands: `Event: ResumePoint`, `Resumed` or
 *  `EventsSkipped`; it carries an id, too.
 *  @param in_message  true: the id is a header of the message, `ResumeID`, and `frame`, which may be NULL, gets none
 *  @return false: `resume.keep` is 0s, or the protocol has own_frame(): call amp_session_stream() instead. Since 1.4 */
AMP_EXPORT bool amp_session_stream_ids(struct amp_session *session, const struct amp_plugin *format,
                                       amp_id_frame *frame, bool in_message);
/** The client says that it has received everything up to `id` (copied; any bytes; empty: it does not), over an earlier
 *  connection. Call this before the stream begins. What the client has missed is sent first if it is kept, of the same
 *  user and stream; else the client is told how much it has missed (`Event: EventsSkipped`). Since 1.4 */
AMP_EXPORT void amp_session_resume(struct amp_session *session, struct amp_bytes id);
/** Sets whether message() receives events, too, one by one: meant for few sessions and short times. */
AMP_EXPORT void amp_session_listen(struct amp_session *session, bool on);
/** Logs the session out, so that it is as when it was opened. */
AMP_EXPORT void amp_session_log_out(struct amp_session *session);
/** How an HTTP client proves that it knows a secret: RFC 2617 with MD5, `qop=auth`; `nc` empty: RFC 2069. Since 1.4 */
struct amp_digest {
    uint32_t size; /**< sizeof(struct amp_digest) */
    struct amp_bytes user, realm, method, uri, nonce, nc, cnonce, response;
};
/** Checks a digest, whatever its nonce is; failures count as those of logins. @return AMP_REASON_NONE: it is right;
 *  _DENIED: right, but the user may not log in from here; _UNKNOWN_USER: wrong; _TOO_MANY: not checked. Since 1.4 */
AMP_EXPORT enum amp_reason amp_session_check_digest(struct amp_session *session, const struct amp_digest *digest);
/** Logs the session in by a digest; answered as a Login. Since 1.4 */
AMP_EXPORT void amp_session_log_in_digest(struct amp_session *session, const struct amp_digest *digest);
/** May the session send actions? It is logged in, by credentials that are still good, or no login is required. */
AMP_EXPORT bool amp_session_is_authenticated(const struct amp_session *session);
/** Is the connection encrypted? */
AMP_EXPORT bool amp_session_is_encrypted(const struct amp_session *session);
/** The client of a request. SAME: that of the last one; OTHER: another one, so the session was logged out; DENIED: it
 * may not use the listener; LIMITED: not now; INVALID: `forwarded` names none. Treat others as INVALID. Since 1.7 */
enum amp_client { AMP_CLIENT_SAME, AMP_CLIENT_OTHER, AMP_CLIENT_DENIED, AMP_CLIENT_LIMITED, AMP_CLIENT_INVALID };
/** Sets the client of the next request; call it before anything else is done for the request. Without effect unless the
 *  listener trusts the peer. @param forwarded  the values of X-Forwarded-For, with commas between them; empty: the
 *  client is the peer. Since 1.7 */
AMP_EXPORT enum amp_client amp_session_client(struct amp_session *session, struct amp_bytes forwarded);
/** Is `host` (without port and brackets) a name or address of the session's listener: the configured one, the local
 *  address of the connection, or localhost for a loopback address? */
AMP_EXPORT bool amp_session_is_host(const struct amp_session *session, struct amp_bytes host);
/** Writes a warning to the log, with the session's number, user, address. @param text  escaped; holds no secret */
AMP_EXPORT void amp_session_warn(const struct amp_session *session, const char *text);
/** The result of a report; ignore others. Since 1.2 */
enum amp_report {
    AMP_REPORT_NONE, /**< there is no such report, or not for this session; nothing was written */
    AMP_REPORT_GOOD,
    AMP_REPORT_BAD /**< the program has a problem; the report says which */
};
/** Writes a report about the program, for clients of a listener with `reports: true`, logged in or not.
 *  @param name  `metrics` (Prometheus text format 0.0.4), `openmetrics` (OpenMetrics 1.0.0), `alive` (do all event
 *               loops turn?) or `ready` (can clients be served?); the last two write a line of text for each problem
 *  @param write  called once or more before the function returns, with bytes that it must copy. Since 1.2 */
AMP_EXPORT enum amp_report amp_session_report(const struct amp_session *session, const char *name,
                                              void (*write)(void *context, const char *bytes, size_t length),
                                              void *context);
/* --- sessions without a connection. Since 1.4 --------------------------------------------------------------------
 * Such a session outlives connections, which find it by its key and pass it requests. What comes for it is collected,
 * up to `limits.output_backlog`. */

/** The key of a session without a connection: 128 random bits. Who has it can use the session; keep it out of logs. */
struct amp_key {
    unsigned char bytes[16];
};
/** Results of amp_session_open_detached(); ignore others. NOT: a limit is reached. FULL: there are `most` of them. */
enum amp_opened { AMP_OPENED, AMP_OPENED_NOT, AMP_OPENED_FULL };
/** Opens such a session, with the listener and address of `session`, which has a connection; calls open_detached(). */
AMP_EXPORT enum amp_opened amp_session_open_detached(struct amp_session *session, const struct amp_key *key,
                                                     uint64_t most);
/** Passes a request (copied) to the session with that key, one at a time. answer() is called later, never during this
 *  call. @return false: there is no such session */
AMP_EXPORT bool amp_session_request(struct amp_session *session, const struct amp_key *key, struct amp_bytes request);
/** Answers a request (the bytes are copied); it is invalid from then on. Not in close(): all are answered by then. */
AMP_EXPORT void amp_request_answer(struct amp_request *request, struct amp_bytes answer);
/** Is the connection that made the request gone? */
AMP_EXPORT bool amp_request_is_withdrawn(const struct amp_request *request);
/** For open_detached(): events and notices are collected as `format`. The protocol does the waiting of WaitEvent. */
AMP_EXPORT void amp_session_collect(struct amp_session *session, const struct amp_plugin *format);
/** Hands all that was collected to `write`, which must copy it. @return false: there was nothing */
AMP_EXPORT bool amp_session_take(struct amp_session *session,
                                 void (*write)(void *context, const char *bytes, size_t length), void *context);

#include <astmanproxy/catalogue.h>

/** The symbol that the program looks up in the shared object; the plugin defines it. */
extern AMP_EXPORT const struct amp_plugin amp_plugin_v1;

#ifdef __cplusplus
}
#endif
#endif
