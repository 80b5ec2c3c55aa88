// core/session/access/audited.h: what sessions write into the audit log (base/audit.h): logins, refusals, and actions
// that may change something, with their outcome. Values that are secrets are masked. Nothing is done without an audit
// log. Thread: the session's worker; for actions of other nodes, which have no session here, the hub's.
#ifndef SESSION_ACCESS_AUDITED_H
#define SESSION_ACCESS_AUDITED_H

#include "base/audit.h"
#include "letters/letters.h"
#include "session/client/session.h"

/** Records a login. @param reason  why it was refused; NULL: it was accepted @param name  of the user that was named */
void audited_login(const struct session *session, struct span name, const char *reason);
/** Records that an action of a session that has logged in was refused. */
void audited_refusal(const struct session *session, const struct message *action, const char *reason);
/** Begins the record of an action that goes to a server, or of a proxy action.
 *  @param session  NULL: a script's, for nobody @param by  the proxy action that sends it; NULL: none
 *  @return the record, for audited_end() or audit_abandon(); NULL: it only reads, or there is no audit log */
struct audit *audited_begin(const struct session *session, const struct message *action, struct span server,
                            const char *by);
/** Ends the record by the answer, and frees it. @param record  NULL is fine @param reason  of an Error of the proxy */
void audited_end(struct audit *record, const struct message *answer, enum amp_reason reason);
/** audited_end() by the first message of the answer, if the entry is one for an ask of that worker. */
void audited_answer(const struct entry *entry, uint32_t worker);
/** Records what happened to a token. @param session  on whose behalf; NULL: nobody's */
void audited_token(const struct session *session, const char *what, struct span user, struct span label);

#endif
