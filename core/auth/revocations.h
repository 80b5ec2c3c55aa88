// core/auth/revocations.h: the tokens that were revoked, of the file `auth.revoked`. In memory a revocation counts at
// once; a thread of its own writes the file, so that no loop waits for a disk, and looks each second whether another
// process (the next one of a takeover, another proxy with the same file) has written it. As long as the file cannot be
// read, no token is accepted. The file is replaced as a whole (a new one, fsync, rename) under a lock, PATH.lock.
// Nobody waits longer than 2 s for a process that holds this lock. What could not be written is tried again each
// second, and once at the end.
//
// Its lines are `MADE UNTIL LABEL USER`: tokens of that user and label (`*`: of any) made up to MADE (microseconds
// since 1970) are revoked; the line is kept until UNTIL (seconds since 1970), when none of them can be valid any more.
// The last line is `end COUNT`. Lines that begin with # are ignored; an empty file has no revocations. Thread: any; one
// lock, which is not held during I/O.
#ifndef AUTH_REVOCATIONS_H
#define AUTH_REVOCATIONS_H

#include "base/error.h"
#include "base/mailbox.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REVOCATIONS_MOST 100000  // revocations at once
#define REVOCATIONS_OF_USER 1000 // labels of one user, so that no user takes the room of all

struct revocations;

/** A revocation, for lists. Texts are lent during the call. */
struct revocation {
    const char *user, *label;
    uint64_t made_us; // tokens made up to then are revoked
    uint64_t until_s; // when it is forgotten
};

/** Makes an empty store without a file and without a thread. */
struct revocations *revocations_create(void);
/** Reads the file, and starts the thread. @return false: `err` is set */
bool revocations_start(struct revocations *store, struct error *err);
/** Sets the file. Its thread reads it soon, if it is another one. @param path  copied; NULL: none, no token is accepted
 */
void revocations_set_path(struct revocations *store, const char *path);
/** Ends the thread after what revocations_add() was given. `store` may be NULL. */
void revocations_stop(struct revocations *store);
/** Frees the store, after revocations_stop(). It may be NULL. */
void revocations_destroy(struct revocations *store);

/** Was the file read, so that it is known which tokens are revoked? */
bool revocations_are_known(struct revocations *store);
/** Returns when the last of the user's tokens of that label that are revoked was made, in microseconds; 0: none is. */
uint64_t revocations_until(struct revocations *store, struct span user, struct span label);
/** Is the token of that user and label, made at `made_us`, revoked? */
bool revocations_has(struct revocations *store, struct span user, struct span label, uint64_t made_us);
/** Returns a number that changes with each revocation. While it stays the same, so does each answer. No lock. */
uint64_t revocations_generation(const struct revocations *store);
/** Revokes the tokens made up to now, by any clock that differs by less than TOKEN_SKEW_S. Counts at once; `done` comes
 * back when the file is written.
 *  @param label  `*`: all of the user
 *  @param done  taken; put into `to` by the store's thread, or by revocations_stop()
 *  @param reason  of `size` bytes, lives as long as `done`: set to why it could not be written, or to "" */
void revocations_add(struct revocations *store, struct span user, struct span label, struct letter *done, char *reason,
                     size_t size, struct mailbox *to);
/** Visits all revocations, under the lock. */
void revocations_each(struct revocations *store, void (*visit)(void *visitor, const struct revocation *),
                      void *visitor);
/** Can the file be used? For `-t`. @return false: `err` is set */
bool revocations_check(const char *path, struct error *err);

#endif
