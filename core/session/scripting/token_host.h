// core/session/scripting/token_host.h: the functions of scripts for tokens (struct script_host of script/script.h).
// Thread: the worker's.
#ifndef SESSION_SCRIPTING_TOKEN_HOST_H
#define SESSION_SCRIPTING_TOKEN_HOST_H

#include "session/client/set.h"

/** May tokens be revoked on behalf of that session? If it has logged in by one, only those of its label.
 *  @param arguments  User and Label */
bool token_host_may_revoke(const struct sessions *sessions, struct handle session, const struct message *arguments);
/** create_token() of struct script_host. @param context  the sessions */
char *token_host_create(void *context, struct handle session, const struct script_token_wish *wish, struct error *err);
/** each_revoked() of struct script_host. @param context  the sessions */
void token_host_each_revoked(void *context,
                             void (*visit)(void *visitor, const char *user, const char *label, uint64_t made_us,
                                           uint64_t until_s),
                             void *visitor);

#endif
