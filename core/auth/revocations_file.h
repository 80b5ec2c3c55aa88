// core/auth/revocations_file.h: the file of revocations.h: reading and replacing it. Thread: any, with a set of its
// own.
#ifndef AUTH_REVOCATIONS_FILE_H
#define AUTH_REVOCATIONS_FILE_H

#include "base/error.h"
#include "base/map.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/** A set of revocations by user and label. All zero after revocations_set_init(): empty. */
struct revocations_set {
    struct map map; // of struct revoked
};

struct revoked {
    struct map_node node; // must be first
    uint64_t made_us, until_s;
    size_t key_length;
    char key[]; // label, NUL, user, NUL
};

void revocations_set_init(struct revocations_set *set);
void revocations_set_fini(struct revocations_set *set);
/** Finds the revocation of a user and label. @return NULL: there is none */
struct revoked *revocations_set_find(const struct revocations_set *set, struct span user, struct span label);
/** Adds a revocation, or widens the one that is there. @return false: the set is full */
bool revocations_set_add(struct revocations_set *set, struct span user, struct span label, uint64_t made_us,
                         uint64_t until_s);
/** Adds all of `from` to `set`. @param changed  set: was something new? @return false: not all of it had room */
bool revocations_set_merge(struct revocations_set *set, const struct revocations_set *from, bool *changed);
/** Calls `visit` for each. */
void revocations_set_each(const struct revocations_set *set, void (*visit)(void *visitor, const struct revoked *),
                          void *visitor);
/** Returns the user of a revocation; its label is the key. */
const char *revocations_user(const struct revoked *revoked);

/** What tells one state of a file from another. */
struct revocations_looks {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
};

/** Reads the file's text into the empty `set`. @return false: `err` is set */
bool revocations_parse(struct span text, struct revocations_set *set, struct error *err);
/** Reads the file into the empty `set`. @return false: `err` is set to the reason */
bool revocations_read(const char *path, struct revocations_set *set, struct error *err);
/** Looks at the file without reading it. */
struct revocations_looks revocations_look_at(const char *path);
bool revocations_looks_equal(const struct revocations_looks *one, const struct revocations_looks *other);
/** Locks the file against other processes. @param wait_ms  how long one of these may keep it @return the descriptor
 * that holds the lock, for close(); -1: `err` is set */
int revocations_lock(const char *path, uint64_t wait_ms, struct error *err);
/** Replaces the file by the revocations that are kept for longer than `now_s`, and waits for the disk. Call it under
 * the lock. @return false: `err` is set, and the file is as before */
bool revocations_write(const char *path, const struct revocations_set *set, uint64_t now_s, struct error *err);

#endif
