// core/session/keys.h: the sessions without a connection of all workers, by the keys that their plugins gave them.
// Thread: any; one lock, taken when such a session comes, goes, or is asked for.
#ifndef SESSION_KEYS_H
#define SESSION_KEYS_H

#include "astmanproxy/plugin.h"
#include "letters/request.h"

struct session_keys;

enum session_keys_answer { SESSION_KEYS_ADDED, SESSION_KEYS_FULL, SESSION_KEYS_TAKEN };

struct session_keys *session_keys_create(void);
/** No key is left in it. NULL is fine. */
void session_keys_destroy(struct session_keys *keys);
/** Notes a session that is about to come. @param id  of the session, not 0  @param plugin  whose key it is: others do
 * not find it
 *  @param most  sessions with keys of this plugin that there may be, this one included
 *  @param displaced  set to the number of the session that has made room, and has no key any more: the oldest that had
 *                    not logged in and whose secret was not being checked; 0: none had to */
enum session_keys_answer session_keys_add(struct session_keys *keys, const struct amp_plugin *plugin,
                                          const struct amp_key *key, uint64_t id, uint64_t most, uint64_t *displaced);
/** Where the session of that number is; until this is said it is nowhere. */
void session_keys_place(struct session_keys *keys, uint64_t id, struct session_place place);
/** Forgets the session of that number; nothing happens if there is none. */
void session_keys_remove(struct session_keys *keys, uint64_t id);
/** Has the session of that number logged in? */
void session_keys_set_known(struct session_keys *keys, uint64_t id, bool known);
/** Is a secret of the session of that number being checked? Then it does not make room for another. */
void session_keys_set_busy(struct session_keys *keys, uint64_t id, bool busy);
/** Where the session of that key is. Keys are compared by their digests: how long it takes tells nothing of a key.
 *  @param known  has it logged in?
 *  @return false: there is none */
bool session_keys_find(struct session_keys *keys, const struct amp_plugin *plugin, const struct amp_key *key,
                       struct session_place *place, bool *known);

#endif
