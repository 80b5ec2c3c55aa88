// core/plugin/error_codes.c: see error_codes.h.
#include "plugin/error_codes.h"

#include <string.h>

#define ANY AMP_REASON_NONE

// clang-format off
// The first row that fits counts. A code is a promise: rows may be added, but a text keeps its code.
static const struct error_code rows[] = {
    {"not-logged-in", "Permission denied", AMP_REASON_NOT_LOGGED_IN},
    {"not-logged-in", "Authentication is required", ANY},
    {"invalid-credentials", "Authorization is Basic, or Bearer with name:secret", ANY},
    {"login-failed", "Authentication failed", ANY},
    {"address-locked", "Too many failed logins, please try again in a minute", ANY},
    {"login-busy", "Too many logins at once, please try again", ANY},
    {"user-limit", "Too many sessions of this user", ANY},
    {"session-limit", "Too many sessions", ANY},
    {"session-limit", "Too many sessions of this address", ANY},
    {"session-limit", "Too many sessions of this address that have not logged in", ANY},
    {"session-limit", "Too many sessions that have not logged in", ANY},
    {"session-limit", "Too many sessions of your address", ANY},
    {"session-limit", "Too many open files", ANY},
    {"unknown-auth-type", "Must specify AuthType", ANY},

    {"permission-denied", "Permission denied", ANY},
    {"permission-denied", "Permission denied since a reload: the action was not sent", ANY},
    {"permission-denied", "Originate Access Forbidden: app or data blacklisted", ANY},
    {"permission-denied", "GetVar Access Forbidden: Variable", ANY},
    {"permission-denied", "Status Access Forbidden: Variables", ANY},
    {"action-filtered", "Action Filtered", ANY},
    {"get-refused", "By GET, actions may only read (allow_get: read)", ANY},
    {"get-refused", "Without a login, by GET, actions may only read*", ANY},
    {"get-refused", "Actions are taken by POST only*", ANY},
    {"origin-refused", "Requests of other sites' pages are refused: see `origins` in the configuration", ANY},
    {"address-refused", "Your address may not use this listener", ANY},
    {"unknown-host", "This host is not served here: see `hosts` in the configuration", ANY},

    {"unknown-server", "Unknown server: *", ANY},
    {"no-server-up", "No server is up", ANY},
    {"no-server-up", "Every server that is up is drained", ANY},
    {"server-down", "Server * is down", ANY},
    {"server-down", "Server * is drained", ANY},
    {"server-down", "Server * was lost: *; the action was not sent", ANY},
    {"server-down", "No node serves *: the action was not sent", ANY},
    {"server-busy", "Server * was busy with other actions for * ms: the action was not sent", ANY},
    {"server-busy", "Nobody waited for the action: it was not sent", ANY},
    {"server-lost", "Server * was lost: *; the action may have been executed", ANY},
    {"server-lost", "The answer of * was lost on the bus: the action may have been executed", ANY},
    {"server-lost", "The proxy is going down, and server * has not answered: the action may have been executed", ANY},
    {"timeout", "No answer from server * in time: the action may have been executed", ANY},
    {"timeout", "No answer in time: the action may have been executed", ANY},
    {"going-down", "The proxy is going down", ANY},
    {"going-down", "The proxy is going down; the action was not sent", ANY},
    {"going-down", "The proxy ends", ANY},

    {"missing-action", "Missing action in request", ANY},
    {"missing-action", "The message holds no action", ANY},
    {"missing-action", "The body holds no action, or not one in the format of its Content-Type", ANY},
    {"several-actions", "One action in a request, please", ANY},
    {"several-actions", "One action in a message, please", ANY},
    {"several-actions", "Action and ProxyAction in one request: please send one of them", ANY},
    {"several-actions", "The path names the action: no Action or ProxyAction beside it, please", ANY},
    {"unknown-proxy-action", "Invalid Proxy Action", ANY},
    {"missing-argument", "Missing argument: *", ANY},
    {"invalid-argument", "*: expected *", ANY},
    {"invalid-argument", "Actions: * does not only read", ANY},
    {"invalid-argument", "Actions: together with User and Label they are too long", ANY},
    {"invalid-argument", "A token lives for at most * seconds (auth.token_life)", ANY},
    {"unknown-format", "Unknown format", ANY},
    {"unknown-format", "No such format for this", ANY},
    {"unknown-format", "Server-sent events are text: this format is bytes, for /ws", ANY},
    {"invalid-mask", "Invalid event mask", ANY},
    {"invalid-filter", "Unknown operation", ANY},
    {"invalid-filter", "Filter did not compile.  Check the syntax of the filter given.", ANY},
    {"invalid-filter", "Filter was formatted incorrectly.  Check the syntax of the filter given.", ANY},
    {"invalid-filter", "Too many filters", ANY},
    {"no-such-session", "There is no session *", ANY},
    {"no-such-user", "There is no such user", ANY},
    {"no-such-server", "There is no server *", ANY},
    {"no-such-server", "Could not add *", ANY},
    {"no-such-server", "Cannot Drop Server *, Does Not Exist", ANY},
    {"not-configured", "There are no tokens here (auth.token_keys)", ANY},
    {"not-configured", "Nothing is kept for sessions that come back (resume.keep), *", ANY},
    {"not-configured", "There is no cluster: the configuration has no section `cluster`", ANY},
    {"unchanged", "Server * is drained already", ANY},
    {"unchanged", "Server * is not drained", ANY},
    {"unchanged", "No filter of that name is in quarantine", ANY},
    {"unchanged", "No failed logins of * are known", ANY},
    {"token-store", "The file of revoked tokens cannot be read", ANY},
    {"token-store", "The tokens are revoked only until the proxy ends: *", ANY},
    {"token-store", "That label was revoked at a later time than the clock says now", ANY},
    {"token-store", "Too many revoked labels of this user: revoke all (Label: *)", ANY},
    {"token-store", "Too many revocations, or a name that no token can have", ANY},
    {"token-store", "the signature could not be made", ANY},
    {"script-failed", "Proxy action failed", ANY},
    {"script-failed", "The scripts were reloaded while this proxy action waited", ANY},
    {"script-failed", "The scripts were reloaded again and again while they judged the action", ANY},

    {"invalid-json", "Failed to parse JSON: *", ANY},
    {"invalid-csv", "Failed to parse CSV: *", ANY},
    {"invalid-xml", "Invalid XML Input*", ANY},
    {"invalid-message", "Failed to parse message: *", ANY},
    {"invalid-message", "The input could not be read", ANY},
    {"invalid-message", "This is AMI, not HTTP", ANY},
    {"invalid-message", "This listener speaks *, not *", ANY},
    {"message-too-long", "Message too long", ANY},
    {"message-too-long", "Too many headers", ANY},
    {"message-too-long", "Too many lines in message or allocation failure", ANY},
    {"out-of-memory", "Out of memory", ANY},

    {"invalid-field", "Malformed %-encoding in a field", ANY},
    {"invalid-field", "A field without a name", ANY},
    {"invalid-field", "Line end or NUL in a field", ANY},
    {"invalid-field", "Too many fields", ANY},
    {"invalid-field", "X-Maxtime is a number of milliseconds", ANY},
    {"invalid-field", "X-Until-Event is the name of an event", ANY},
    {"not-found", "No such file", ANY},
    {"not-found", "There are no files here (document_root is not set); ask /?Action=Ping", ANY},
    {"not-found", "The path names no action: letters, digits, _ . - and at most 80 of them", ANY},
    {"unknown-method", "Use GET, HEAD, POST or OPTIONS", ANY},
    {"unknown-method", "Unknown method", ANY},
    {"unknown-method", "HEAD is for files", ANY},
    {"unknown-method", "Reports are read by GET", ANY},
    {"unknown-method", "Contracts are read by GET", ANY},
    {"unknown-method", "Actions of this path are sent by POST", ANY},
    {"unknown-body-type", "Send a form, JSON, XML, CSV or text/plain", ANY},
    {"request-too-long", "Body too long", ANY},
    {"request-too-long", "Request line too long", ANY},
    {"request-too-long", "Headers too long", ANY},
    {"request-too-slow", "The request took too long", ANY},
    {"no-websocket", "This is for WebSockets", ANY},
    {"no-websocket", "Version 13 of WebSocket is spoken here", ANY},
    {"no-websocket", "Malformed Sec-WebSocket-Key", ANY},
    {"invalid-request", "Malformed *", ANY},
    {"invalid-request", "A line must end in CR LF", ANY},
    {"invalid-request", "Empty lines in place of a request", ANY},
    {"invalid-request", "HTTP/1.1 and HTTP/1.0 are spoken here", ANY},
    {"invalid-request", "Folded header", ANY},
    {"invalid-request", "X-Forwarded-For is not a list of addresses", ANY},
    {"invalid-request", "Control byte in a header", ANY},
    {"invalid-request", "Chunk size too long", ANY},
    {"invalid-request", "The target and the Host header name different hosts", ANY},
    {"invalid-request", "More than one Host header", ANY},
    {"invalid-request", "The Host header is missing", ANY},
    {"invalid-request", "More than one Content-Length or Transfer-Encoding", ANY},
    {"invalid-request", "The one Transfer-Encoding that is taken is chunked, in HTTP/1.1", ANY},
    {"invalid-request", "Unknown expectation", ANY},
    {"invalid-request", "Content-Length is missing", ANY},
    {"invalid-request", "GET and HEAD have no body", ANY},
};

/** For texts of scripts and plugins that do not come with the program. */
static const char *const of_reasons[] = {
    [AMP_REASON_NONE] = "error",
    [AMP_REASON_INVALID] = "invalid-message",
    [AMP_REASON_UNKNOWN_USER] = "login-failed",
    [AMP_REASON_NOT_LOGGED_IN] = "not-logged-in",
    [AMP_REASON_DENIED] = "action-filtered",
    [AMP_REASON_TOO_MANY] = "server-busy",
    [AMP_REASON_NO_SERVER] = "no-server-up",
    [AMP_REASON_LOST] = "server-lost",
    [AMP_REASON_TIMEOUT] = "timeout",
};
// clang-format on

/** Does the text fit the pattern? As each `*` takes the fewest bytes that let the next piece fit, no step is repeated
 *  more often than the text has bytes. */
static bool error_code_fits(const char *pattern, struct span text)
{
    const char *star = NULL;  // the last `*`
    size_t at = 0, taken = 0; // the byte to compare; the first one that the last `*` has not taken

    while (at < text.length) {
        if (*pattern == '*') {
            star = pattern++;
            taken = at;
        } else if (*pattern == text.bytes[at] && *pattern != '\0') {
            pattern++;
            at++;
        } else if (star != NULL) {
            pattern = star + 1;
            at = ++taken;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

const char *error_code_find(struct span text, enum amp_reason reason)
{
    for (size_t i = 0; i < error_code_count(); i++) {
        if ((rows[i].reason == ANY || rows[i].reason == reason) && error_code_fits(rows[i].text, text))
            return rows[i].code;
    }
    return reason < sizeof of_reasons / sizeof of_reasons[0] ? of_reasons[reason] : of_reasons[AMP_REASON_NONE];
}

size_t error_code_count(void)
{
    return sizeof rows / sizeof rows[0];
}

const struct error_code *error_code_at(size_t index)
{
    return &rows[index];
}

const char *amp_error_code(struct amp_bytes text, enum amp_reason reason)
{
    return error_code_find((struct span){text.bytes, text.length}, reason);
}
