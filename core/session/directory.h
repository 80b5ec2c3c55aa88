// core/session/directory.h: the sessions of all workers, for ListSessions and counts: who is there, not what they do.
// Thread: any; one lock, taken when a session comes, goes or changes who it is, never per message.
#ifndef SESSION_DIRECTORY_H
#define SESSION_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

struct directory;

/** What is shown of a session. */
struct directory_entry {
    uint64_t id;
    const char
        *user; // never NULL; empty: nobody, or by ProxyKey. Lent to directory_put(); of any length, as it is compared
    char address[64]; // "192.0.2.7:51234"
    char input[33], output[33];
    char action_id[128]; // autofilter: the id or prefix that answers are told by
    uint32_t autofilter, write, listener;
    bool admin, authenticated, encrypted;
    bool by_key; // logged in by the ProxyKey
};

struct directory *directory_create(void);
void directory_destroy(struct directory *directory);
/** Adds a session, or replaces what is known of it. */
void directory_put(struct directory *directory, const struct directory_entry *entry);
void directory_remove(struct directory *directory, uint64_t id);
/** Is that session there? */
bool directory_has(struct directory *directory, uint64_t id);
/** Shows all entries, oldest first, then calls `end`, all with the lock held: what is shown stays till then. */
void directory_each(struct directory *directory, void (*visit)(void *visitor, const struct directory_entry *entry),
                    void (*end)(void *visitor), void *visitor);
/** Copies all entries, newest first, with their texts. @return how many; `entries` is the caller's to free (one block),
 *  NULL if there are none */
uint32_t directory_list(struct directory *directory, struct directory_entry **entries);

#endif
