// core/session/access/audited.c: see audited.h.
#include "session/access/audited.h"

#include "ami/catalogue.h"
#include "base/memory.h"
#include "session/access/headers.h"
#include "session/access/held_token.h"

#include <stdlib.h>

/** Writes who it is. */
static void audited_who(struct audit *record, const struct session *session)
{
    if (session == NULL)
        return;
    audit_number(record, "session", session->id);
    audit_text(record, "address", span_of(session->address));
    if (session->user != NULL)
        audit_text(record, "user", span_of(session->user->name));
    if (session->token != NULL)
        audit_text(record, "token", span_of(session->token->label));
}

static bool names_secret(struct span name)
{
    static const char *const words[] = {"secret", "passw", "token", "pin", "auth", "credential", "cookie", NULL};

    for (const char *const *word = words; *word != NULL; word++) {
        if (text_contains(name, *word, true))
            return true;
    }
    return span_is(name, "Key") || span_is(name, "ProxyKey");
}

/** Is the header `Value-000001` that of a `Var-000001` which names a secret? */
static bool is_secret_setting(const struct message *action, struct span name)
{
    char var[64] = "Var";
    struct span value;

    if (name.length <= 5 || name.length > 40 || strncasecmp(name.bytes, "Value", 5) != 0)
        return false;
    memcpy(var + 3, name.bytes + 5, name.length - 5);
    return message_find(action, var, &value) && names_secret(value);
}

/** Returns how many bytes of the value may be shown. */
static size_t shown_bytes(const struct message *action, struct span name, struct span value)
{
    const char *sign = value.length == 0 ? NULL : memchr(value.bytes, '=', value.length);
    size_t length = sign == NULL ? 0 : (size_t)(sign - value.bytes);

    if (names_secret(name) || is_secret_setting(action, name) || token_is_like(value))
        return 0;
    if (sign != NULL && names_secret((struct span){value.bytes, length}))
        return length + 1; // Variable: PASSWORD=…
    return value.length;
}

static void audited_headers(struct audit *record, const struct message *action)
{
    struct span name, value;

    if (!audit_begin_list(record, "headers"))
        return;
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        if (name.length == 0 || span_is(name, "Action") || span_is(name, "ProxyAction"))
            continue;
        size_t length = shown_bytes(action, name, value);
        char masked[300];
        if (length < value.length) {
            length = length < sizeof masked - 8 ? length : 0;
            memcpy(masked, value.bytes, length);
            memcpy(masked + length, "***", 3);
            value = (struct span){masked, length + 3};
        }
        audit_item(record, name, value);
    }
    audit_end_list(record);
}

static void audited_name(struct audit *record, const struct message *action)
{
    struct span proxy_action;

    if (message_find(action, "ProxyAction", &proxy_action) && proxy_action.length > 0)
        audit_text(record, "proxy_action", proxy_action);
    else
        audit_text(record, "action", message_action(action, NULL));
}

void audited_login(const struct session *session, struct span name, const char *reason)
{
    struct audit record;

    if (!audit_is_on())
        return;
    audit_begin(&record, "login");
    audited_who(&record, session);
    if (session->user == NULL)
        audit_text(&record, "user", name.length > 0 ? name : span_of("-"));
    audit_text(&record, "outcome", span_of(reason == NULL ? "accepted" : "refused"));
    audit_text(&record, "reason", span_of(reason));
    audit_put(&record);
}

void audited_refusal(const struct session *session, const struct message *action, const char *reason)
{
    struct audit record;

    if (!audit_is_on() || !session->authenticated)
        return;
    audit_begin(&record, "refused");
    audited_who(&record, session);
    audited_name(&record, action);
    audited_headers(&record, action);
    audit_text(&record, "outcome", span_of("refused"));
    audit_text(&record, "reason", span_of(reason));
    audit_put(&record);
}

struct audit *audited_begin(const struct session *session, const struct message *action, struct span server,
                            const char *by)
{
    struct audit *record;

    if (!audit_is_on() || catalogue_message_only_reads(action))
        return NULL;
    record = memory_new(sizeof *record);
    audit_begin(record, "action");
    audited_who(record, session);
    audit_text(record, "by", span_of(by));
    audited_name(record, action);
    audit_text(record, "server", server);
    audited_headers(record, action);
    return record;
}

void audited_end(struct audit *record, const struct message *answer, enum amp_reason reason)
{
    static const char *const outcomes[] = {[AMP_REASON_NONE] = NULL,
                                           [AMP_REASON_INVALID] = "refused",
                                           [AMP_REASON_UNKNOWN_USER] = "refused",
                                           [AMP_REASON_NOT_LOGGED_IN] = "refused",
                                           [AMP_REASON_DENIED] = "refused",
                                           [AMP_REASON_TOO_MANY] = "refused",
                                           [AMP_REASON_NO_SERVER] = "no server",
                                           [AMP_REASON_LOST] = "lost",
                                           [AMP_REASON_TIMEOUT] = "timed out"};
    struct span text, value = {"", 0}, name;

    if (record == NULL)
        return;
    message_header(answer, 0, &name, &value);
    bool is_error = span_is(value, "Error") || span_is(value, "Failure");
    const char *outcome = reason <= AMP_REASON_TIMEOUT ? outcomes[reason] : "refused";
    audit_text(record, "outcome", span_of(outcome != NULL ? outcome : is_error ? "error" : "success"));
    if ((is_error || outcome != NULL) && message_find(answer, "Message", &text))
        audit_text(record, "reason", text);
    audit_put(record);
    free(record);
}

void audited_answer(const struct entry *entry, uint32_t worker)
{
    struct ask *ask = entry->ask;

    if (ask->worker != worker || ask->audit == NULL || !entry_is_in_turn(entry))
        return;
    audited_end(ask->audit, entry->part.message, (enum amp_reason)entry->part.reason);
    ask->audit = NULL;
}

void audited_token(const struct session *session, const char *what, struct span user, struct span label)
{
    struct audit record;

    if (!audit_is_on())
        return;
    audit_begin(&record, "token");
    audited_who(&record, session);
    audit_text(&record, "outcome", span_of(what));
    audit_text(&record, "of_user", user);
    audit_text(&record, "label", label);
    audit_put(&record);
}
