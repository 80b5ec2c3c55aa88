// core/session/directory.h: the sessions of all workers, for ListSessions and counts.
// Thread: any; one lock, which is taken when a session opens, logs in or out, changes or ends, never per message.
#ifndef SESSION_DIRECTORY_H
#define SESSION_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

struct directory;

/** What others are shown of a session. */
struct directory_entry {
    uint64_t id;
    // Texts are lent and of any length. In an entry of the directory none is NULL; directory_put() accepts NULL for an
    // empty one.
    const char *user;    // empty: not logged in, or by ProxyKey
    const char *address; // "192.0.2.7:51234"
    const char *input, *output;
    const char *action_id; // autofilter: the ActionID, or the beginning of those, that the session's answers have
    const char *token;     // label of the token by which it has logged in; empty: by none
    uint32_t autofilter, write, listener;
    bool admin, authenticated, encrypted;
    bool by_key;   // logged in by ProxyKey
    bool detached; // has no connection
};

/** Makes an empty directory. */
struct directory *directory_create(void);
/** Frees the directory. It may be NULL. */
void directory_destroy(struct directory *directory);
/** Adds a session, or replaces its entry. */
void directory_put(struct directory *directory, const struct directory_entry *entry);
/** Removes a session. Does nothing if it is not there. */
void directory_remove(struct directory *directory, uint64_t id);
/** Is there a session with that number? */
bool directory_has(struct directory *directory, uint64_t id);
/** Visits all entries, oldest first, then calls `end`; the lock is held all the time, so entries are valid until `end`
 *  returns. */
void directory_each(struct directory *directory, void (*visit)(void *visitor, const struct directory_entry *entry),
                    void (*end)(void *visitor), void *visitor);
/** Which entries directory_list() copies. */
struct directory_range {
    uint64_t before;  // only sessions with a lower id, which are older
    uint32_t most;    // at most so many
    const char *user; // only sessions of this user; NULL: of all, and those that are not logged in
};

#define DIRECTORY_ALL ((struct directory_range){.before = UINT64_MAX, .most = UINT32_MAX})

/** Copies entries, newest first, with their texts. @param entries  set to one block, which the caller frees; NULL if
 *  there are none @return their number */
uint32_t directory_list(struct directory *directory, struct directory_range range, struct directory_entry **entries);

#endif
