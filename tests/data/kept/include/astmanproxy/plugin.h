/* SPDX-License-Identifier: GPL-2.0-or-later */
/** astmanproxy/plugin.h: the interface of plugins, and the only header that a plugin includes.
 *
 *  A plugin is a shared object NAME.so in `plugins.path`. It exports one data symbol, `amp_plugin_v1`, and calls the
 *  amp_* functions below, which the program itself exports; there is nothing to link against. Two kinds exist: a
 *  *format* turns messages into bytes (encode) and bytes into messages (decode); a *protocol* owns the byte stream of
 *  a session and carries formats inside it.
 *
 *  Threads: configure() is called once, before there are others. encode() and frames are pure: called on any worker,
 *  on several at once. A decoder or a protocol's state belongs to one session and is called on that session's worker
 *  alone, never twice at once. Nothing here may block.
 *
 *  Compatibility: the major version is part of the symbol's name. A minor version may add a field at the end of a
 *  struct that has `size`, a function, a capability bit, or an enum value where it says "ignore others". What a plugin
 *  was compiled without is zero. "Since 1.N" is said where it is not 1.0. */
#ifndef ASTMANPROXY_PLUGIN_H
#define ASTMANPROXY_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AMP_ABI_MINOR 2u /* what is compiled with it needs a program of this minor version or a later one */
#define AMP_EXPORT __attribute__((visibility("default")))

/** Capabilities: what the plugin's functions can do. */
#define AMP_CAN_ENCODE (1u << 0)   /**< may stand in `output:` */
#define AMP_CAN_DECODE (1u << 1)   /**< may stand in `input:` */
#define AMP_WANTS_BANNER (1u << 2) /**< clients of this input are greeted with the banner line */
#define AMP_IS_PROTOCOL (1u << 3)  /**< has `protocol`; may stand in `input:`. Since 1.1 */

struct amp_message;  /**< one message; immutable; valid during the call that lends it */
struct amp_output;   /**< where encoded bytes go; valid during the call that lends it */
struct amp_input;    /**< where decoded headers go; valid as long as the decoder, or the protocol's state */
struct amp_settings; /**< the plugin's section of the configuration; valid during configure() */
struct amp_session;  /**< one client connection, as its protocol sees it; valid from open() to close() */

/** A run of bytes, not NUL-terminated. */
struct amp_bytes {
    const char *bytes;
    size_t length;
};

/** Do the first bytes of a client belong to this plugin? */
enum amp_guess {
    AMP_GUESS_NO,
    AMP_GUESS_MAYBE, /**< so far; more bytes are needed */
    AMP_GUESS_YES
};

struct amp_protocol;

/** The plugin's description: a constant that lives as long as the plugin. */
struct amp_plugin {
    uint32_t size;            /**< sizeof(struct amp_plugin) */
    uint32_t abi_minor;       /**< AMP_ABI_MINOR it was compiled with; a larger one than the program's is refused */
    const char *name;         /**< what users write in `input:` and `output:`, and the name of its section of the
                                   configuration; 1 to 32 lower case letters, digits, `-`; the file's may differ */
    uint32_t capabilities;    /**< AMP_CAN_… */
    const char *content_type; /**< MIME type of what encode() writes; with AMP_CAN_ENCODE only */
    /** Writes `message` to `out`: the same message gives the same bytes, always. Borrows both. */
    void (*encode)(const struct amp_message *message, struct amp_output *out);
    /** State of one session's input; NULL if it could not be made (the session is closed). Called on the session's
     *  worker. May be absent, together with decoder_destroy(): `decoder` is NULL then. */
    void *(*decoder_create)(void);
    void (*decoder_destroy)(void *decoder);
    /** Reads bytes of a client and hands headers to `input`. Called again with what was left and what came since.
     *  @return how many bytes were used up; the rest is kept by the program, up to `limits.message_bytes`: a client of
     *          which more is left ends with an Error. Stops early after amp_input_end() said false (the session takes
     *          no more for now). */
    size_t (*decode)(void *decoder, const char *bytes, size_t length, struct amp_input *input);

    /* Since 1.1; each may be absent. */

    /** No more bytes follow: called with those that decode() left unused. Completes the action if it is whole but for
     *  its end mark (a last line without its end), rejects it if a part is missing, does nothing if none had begun.
     *  The decoder is not called again but to be destroyed, so what amp_input_end() returns does not matter. */
    void (*finish)(void *decoder, const char *bytes, size_t length, struct amp_input *input);
    /** `input: auto`: looks at all that a client has sent so far (length > 0). Pure. Plugins are asked in the order in
     *  which they were loaded; the first YES wins. */
    enum amp_guess (*recognise)(const char *bytes, size_t length);
    /** Reads the section of the configuration that has the plugin's name, once, before any session; also if there is
     *  none. Keys that it did not ask for are an error. Values live as long as the plugin.
     *  @return false: the plugin cannot work; the reason was given to amp_settings_fail() */
    bool (*configure)(struct amp_settings *settings);
    /** What makes one document of several encoded messages, for a protocol that must send one: begin, message, between,
     *  message, …, end. A single message is sent without. NULL: messages just follow each other. */
    const char *list_begin, *list_between, *list_end;
    /** For AMP_IS_PROTOCOL. */
    const struct amp_protocol *protocol;
};

/* --- messages ---------------------------------------------------------------------------------------------------- */

/** Number of headers of a message. */
AMP_EXPORT uint32_t amp_message_count(const struct amp_message *message);
/** Name and value of header `index` (< count). An empty name: the line is no header, `value` is all of it. */
AMP_EXPORT void amp_message_header(const struct amp_message *message, uint32_t index, struct amp_bytes *name,
                                   struct amp_bytes *value);
/** The message as AMI text, blank line included. */
AMP_EXPORT struct amp_bytes amp_message_text(const struct amp_message *message);
/** The first header `name` (without regard to case). @return false if absent, then `value` is empty. Since 1.1 */
AMP_EXPORT bool amp_message_find(const struct amp_message *message, const char *name, struct amp_bytes *value);
/** Is the message the proxy's own (answers to Login, ProxyAction …), not a server's? Since 1.1 */
AMP_EXPORT bool amp_message_is_own(const struct amp_message *message);

/* --- writing ----------------------------------------------------------------------------------------------------- */

/** Appends bytes (copied). Never fails. */
AMP_EXPORT void amp_output_write(struct amp_output *out, const char *bytes, size_t length);

/* --- reading ----------------------------------------------------------------------------------------------------- */

/** Adds one header to the action being read. The bytes are copied; blanks in front of a value are not kept. A CR, LF or
 * NUL in name or value rejects the action, and the header is left out; other things that a server must not see are
 * found later and answered with an Error. */
AMP_EXPORT void amp_input_header(struct amp_input *input, struct amp_bytes name, struct amp_bytes value);
/** Marks the action being read as unusable: it will be answered by `Response: Error` with `reason` (static text) and
 *  the ActionID if that was among its headers. The first reason counts. */
AMP_EXPORT void amp_input_reject(struct amp_input *input, const char *reason);
/** The action is complete: it is judged and sent. Without a header and without a reject nothing happens.
 *  @return false: stop decoding now, the session takes no more for the moment (or is closed) */
AMP_EXPORT bool amp_input_end(struct amp_input *input);
/** The stream makes no sense any more: one Error with `reason` (static text) is sent (to a protocol: as a final answer,
 *  AMP_REASON_INVALID) and the session closed. */
AMP_EXPORT void amp_input_fail(struct amp_input *input, const char *reason);

/* --- configuration. Since 1.1 ------------------------------------------------------------------------------------
 * Each function asks for one key of the plugin's section. Absent: the fallback. A wrong value is reported by the
 * program with file, line and what was expected; the plugin goes on with the fallback and the start fails later. */

AMP_EXPORT bool amp_settings_flag(struct amp_settings *settings, const char *key, bool fallback);
/** Text; NULL only if that is the fallback. Lives as long as the program. */
AMP_EXPORT const char *amp_settings_text(struct amp_settings *settings, const char *key, const char *fallback);
/** A path; relative ones start at the configuration file's folder. Lives as long as the program. NULL if absent. */
AMP_EXPORT const char *amp_settings_path(struct amp_settings *settings, const char *key);
/** Index of the value in `choices` (NULL-terminated). */
AMP_EXPORT unsigned amp_settings_choice(struct amp_settings *settings, const char *key, const char *const *choices,
                                        unsigned fallback);
/** A plain number from `least` to `most`. */
AMP_EXPORT uint64_t amp_settings_number(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                                        uint64_t fallback);
/** Milliseconds, written with a unit: `500ms`, `30s`, `5m`, `1h`. */
AMP_EXPORT uint64_t amp_settings_duration(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                                          uint64_t fallback);
/** Bytes, written with a unit: `512B`, `64KiB`, `8MiB`, `1GiB`. */
AMP_EXPORT uint64_t amp_settings_size(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                                      uint64_t fallback);
/** A list of texts, NULL-terminated; lives as long as the program. Absent: an empty list. */
AMP_EXPORT const char *const *amp_settings_list(struct amp_settings *settings, const char *key);
/** configure() cannot go on. @param reason  copied; what was expected and what was found */
AMP_EXPORT void amp_settings_fail(struct amp_settings *settings, const char *key, const char *reason);

/* --- protocols. Since 1.1 ----------------------------------------------------------------------------------------
 * A protocol hands actions to amp_session_input() like a decoder (with headers of its own making, or through the
 * decoder of a format), and is told of answers by message(). Logging in is an action too (`Action: Login`). All these
 * functions may be called only on the session's worker, inside a callback of that session. */

/** Why a message of the proxy's own is an Error; ignore others. */
enum amp_reason {
    AMP_REASON_NONE,          /**< not an error of the proxy's */
    AMP_REASON_INVALID,       /**< the action could not be read or must not reach a server */
    AMP_REASON_UNKNOWN_USER,  /**< the login or key was wrong */
    AMP_REASON_NOT_LOGGED_IN, /**< the action needs a login */
    AMP_REASON_DENIED,        /**< the user may not do that */
    AMP_REASON_TOO_MANY,      /**< a limit was reached; later it may work */
    AMP_REASON_NO_SERVER,     /**< no server is up, or not the one that was named */
    AMP_REASON_LOST,          /**< the server was lost before it answered */
    AMP_REASON_TIMEOUT        /**< the server did not answer in time */
};

/** What a message is to the session that it is handed to; ignore others. */
enum amp_delivery_kind {
    AMP_DELIVERY_ANSWER, /**< part of the answer to one of its actions */
    AMP_DELIVERY_LATE,   /**< belongs to an action that was answered before (OriginateResponse …) */
    AMP_DELIVERY_EVENT,  /**< an event for everybody; only after amp_session_listen() */
    AMP_DELIVERY_NOTICE  /**< of the proxy itself: it shuts down, messages were dropped … */
};

struct amp_delivery {
    uint32_t size; /**< sizeof of the program's struct */
    enum amp_delivery_kind kind;
    bool final;             /**< the last message of the action's answer: each action handed in gets exactly one */
    enum amp_reason reason; /**< of an Error that the proxy itself made */
};

/** Wraps the encoding of a message for the wire (a WebSocket frame, a server-sent event). Pure: one call serves all
 *  sessions that have the same format and frame.
 *  @param serial  number of the message among all that came from servers, growing, the same for every session; 0 for
 *                 messages for one session alone */
typedef void amp_frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                       struct amp_output *out);

/** The functions of a protocol, all required but for those that say otherwise. `state` is what open() gave. All on the
 * session's worker. */
struct amp_protocol {
    uint32_t size; /**< sizeof(struct amp_protocol) */
    /** A client of this protocol is there. @return its state; NULL: could not be made (the session is closed) */
    void *(*open)(struct amp_session *session);
    /** Frees the state. The session must not be used any more. */
    void (*close)(void *state);
    /** Bytes of the client: what was left unused and what came since. Called again after any other callback of the
     *  session as long as bytes are unused. @return how many were used up */
    size_t (*input)(void *state, const char *bytes, size_t length);
    /** The client will send no more. What it asked before should still be answered; the protocol then finishes the
     *  session. */
    void (*end)(void *state);
    /** A message for this session alone (see amp_delivery_kind); lent. May be called from inside amp_input_end().
     *  Not called after amp_session_stream(). */
    void (*message)(void *state, const struct amp_message *message, const struct amp_delivery *delivery);
    /** The time of amp_session_set_timer() has come. */
    void (*timer)(void *state);

    /* Since 1.2; may be absent. */

    /** The proxy is going down. First with `now` false: what the client asked is still answered, what it asks from now
     *  on gets an Error; the protocol may finish the session once nothing is on its way. Later, if the session is still
     *  there, with `now` true: the protocol says its last words, and the program finishes the session. */
    void (*leave)(void *state, bool now);
};

/** Where the session's actions are handed in. */
AMP_EXPORT struct amp_input *amp_session_input(struct amp_session *session);
/** From now on actions that are handed in are kept and not judged, until amp_session_release(): a protocol that takes
 *  one action at a time learns in this way how many a document holds, before anything is sent. */
AMP_EXPORT void amp_session_hold(struct amp_session *session);
/** How many actions are kept. Ones that were rejected count; after amp_input_fail() there may be none. */
AMP_EXPORT uint32_t amp_session_held(const struct amp_session *session);
/** Ends amp_session_hold(). @param judge  true: the kept actions are judged in their order; false: they are forgotten
 */
AMP_EXPORT void amp_session_release(struct amp_session *session, bool judge);
/** What `format` (must have AMP_CAN_ENCODE) makes of `message`. Valid until the next amp_* call, which may be the
 *  amp_session_write() that sends it. */
AMP_EXPORT struct amp_bytes amp_session_encode(struct amp_session *session, const struct amp_plugin *format,
                                               const struct amp_message *message);
/** Sends bytes (copied), after all that was sent before. */
AMP_EXPORT void amp_session_write(struct amp_session *session, const char *bytes, size_t length);
/** Ends the session once everything was written. No more input is taken. */
AMP_EXPORT void amp_session_finish(struct amp_session *session);
/** timer() is called once, `ms` from now (at least; to a tenth of a second). 0: not any more. Replaces an earlier one.
 */
AMP_EXPORT void amp_session_set_timer(struct amp_session *session, uint64_t ms);
/** A loaded plugin by name; NULL: none. `name` NULL or empty: what `output:` says for this session's listener. */
AMP_EXPORT const struct amp_plugin *amp_session_format(struct amp_session *session, const char *name);
/** From now on everything for this session (events as its user and mask allow, answers, notices) is encoded by
 *  `format` (must have AMP_CAN_ENCODE), wrapped by `frame`, and sent; message() is not called any more. Encodings are
 *  shared with all sessions that stream the same way. */
AMP_EXPORT void amp_session_stream(struct amp_session *session, const struct amp_plugin *format, amp_frame *frame);
/** Whether events, too, come to message(). For short use by few sessions: they are handed over one by one. */
AMP_EXPORT void amp_session_listen(struct amp_session *session, bool on);
/** Forgets who the session is logged in as; it is as when it was opened. */
AMP_EXPORT void amp_session_log_out(struct amp_session *session);
/** May the session send actions (it is logged in, or no login is required)? */
AMP_EXPORT bool amp_session_is_authenticated(const struct amp_session *session);
/** Is the connection encrypted? */
AMP_EXPORT bool amp_session_is_encrypted(const struct amp_session *session);
/** Is `host` (no port, no brackets) a name or address at which this session's listener is reached: the configured one,
 *  the connection's own, or localhost for a loopback one? */
AMP_EXPORT bool amp_session_is_host(const struct amp_session *session, struct amp_bytes host);
/** One line in the log, with the session's number, user and address. @param text  without secrets; control bytes are
 *  escaped */
AMP_EXPORT void amp_session_warn(const struct amp_session *session, const char *text);
/** What a report says; ignore others. Since 1.2 */
enum amp_report {
    AMP_REPORT_NONE, /**< there is no such report, or not for this session: nothing was written */
    AMP_REPORT_GOOD,
    AMP_REPORT_BAD /**< the program is not well; what was written says why */
};
/** Asks the program for a report on itself, for clients of listeners that say `reports: true`, with or without a
 *  login. There are `metrics` (Prometheus' text format 0.0.4), `openmetrics` (OpenMetrics 1.0.0), `alive` (do all loops
 *  turn?) and `ready` (may clients be sent here?); the last two are a line of text for each reason.
 *  @param write  called once or more before this returns, with bytes that it must copy. Since 1.2 */
AMP_EXPORT enum amp_report amp_session_report(const struct amp_session *session, const char *name,
                                              void (*write)(void *context, const char *bytes, size_t length),
                                              void *context);
/** Does the action of that name (`QueueStatus`) only read? Unknown ones do not. */
AMP_EXPORT bool amp_action_only_reads(struct amp_bytes action);

/** What the program looks up in the shared object. */
extern AMP_EXPORT const struct amp_plugin amp_plugin_v1;

#ifdef __cplusplus
}
#endif
#endif
