// core/session/keys.h: the sessions without a connection of all workers, by the keys that their plugins gave them.
// Thread: any; one lock, taken when such a session comes, goes, or is asked for.
#ifndef SESSION_KEYS_H
#define SESSION_KEYS_H

#include "astmanproxy/plugin.h"
#include "letters/request.h"

struct session_keys;

enum session_keys_answer {
    SESSION_KEYS_ADDED,
    SESSION_KEYS_FULL, // the plugin has `most` sessions, and none of them makes room
    SESSION_KEYS_TAKEN // the key belongs to a session already
};

/** Makes an empty table. */
struct session_keys *session_keys_create(void);
/** Frees the table, in which no key may be left. `keys` may be NULL. */
void session_keys_destroy(struct session_keys *keys);
/** Adds the key of a session that is about to be opened.
 *  @param plugin  the plugin that has made the key; other plugins do not find it
 *  @param id  number of the session, not 0
 *  @param most  sessions with keys of this plugin that there may be, this one included
 *  @param displaced  set to the number of the session that has made room, and has no key any more: the oldest that had
 *                    not logged in and whose secret was not being checked; 0: none had to */
enum session_keys_answer session_keys_add(struct session_keys *keys, const struct amp_plugin *plugin,
                                          const struct amp_key *key, uint64_t id, uint64_t most, uint64_t *displaced);
/** Sets where the session of that number is. Before, session_keys_find() returns a place without a session. */
void session_keys_place(struct session_keys *keys, uint64_t id, struct session_place place);
/** Removes the key of the session of that number. Does nothing if it has none. */
void session_keys_remove(struct session_keys *keys, uint64_t id);
/** Sets whether the session of that number has logged in. */
void session_keys_set_known(struct session_keys *keys, uint64_t id, bool known);
/** Sets whether a secret of the session of that number is being checked. Such a session does not make room for others.
 */
void session_keys_set_busy(struct session_keys *keys, uint64_t id, bool busy);
/** Finds the session of that key. Keys are compared by their digests, so that the time shows nothing of a key.
 *  @param known  set to whether the session has logged in
 *  @return false: there is none */
bool session_keys_find(struct session_keys *keys, const struct amp_plugin *plugin, const struct amp_key *key,
                       struct session_place *place, bool *known);

#endif
