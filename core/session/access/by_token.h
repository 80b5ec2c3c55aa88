// core/session/access/by_token.h: sessions that have logged in by a token (auth/token.h) in place of their user's
// secret; token_rights.h says what a token permits. Such a session ends when its token does: at its end, when
// it is revoked, when its user, the user's secret or its key is gone.  Thread: the session's worker.
#ifndef SESSION_ACCESS_BY_TOKEN_H
#define SESSION_ACCESS_BY_TOKEN_H

#include "session/access/credentials.h"
#include "session/access/held_token.h"

/** Checks a token in place of a Secret.
 *  @param text  token_is_like()
 *  @param credentials  its `user` is set if the token is right, and its `token` (the caller's); else `reason`
 *  @return CREDENTIALS_RIGHT, CREDENTIALS_WRONG or CREDENTIALS_LIMITED */
enum credentials_result by_token_check(const struct session *session, const struct message *action, struct span text,
                                       struct credentials *credentials);
/** Copies the name of the user that a token claims to be of. @return its span in `buffer`; empty: it is no token */
struct span by_token_user(struct span text, char buffer[TOKEN_USER_BYTES + 1]);
/** Makes the session one of that token (taken), before its rights are set. */
void by_token_begin(struct session *session, struct by_token *token);
/** Frees a token that no session gets. It may be NULL. */
void by_token_discard(struct by_token *token);
/** Makes it one of no token; does nothing if it is one. */
void by_token_end(struct session *session);
/** A session that goes to another worker leaves the list of this one, and arrives at that of its new one. */
void by_token_leave(struct session *session);
void by_token_arrive(struct session *session);
/** Is the session's token at its end, or revoked? */
bool by_token_is_over(const struct session *session);
/** Ends the sessions whose tokens are over. Call it every second. */
void by_token_sweep(struct sessions *sessions);
/** Is the token still right by the session's present configuration? If not, the session ends.
 *  @return false: it has ended */
bool by_token_keep(struct session *session);

#endif
