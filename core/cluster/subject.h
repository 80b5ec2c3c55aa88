// core/cluster/subject.h: names on the bus. A subject is `amp.CLUSTER.KIND.NAME`; names are written with
// [A-Za-z0-9_-], every other byte as %XX. Names of servers compare without case, so their form in subjects, the key, is
// in lower case; it is also how all of core/cluster/ calls a server. What comes from the bus is not trusted.
// Thread: any; pure.
#ifndef CLUSTER_SUBJECT_H
#define CLUSTER_SUBJECT_H

#include "base/span.h"

#define SUBJECT_NAME_BYTES 128                     // longest name of a server, node or cluster, not encoded
#define SUBJECT_KEY_BYTES (3 * SUBJECT_NAME_BYTES) // … encoded
#define SUBJECT_BYTES 1024                         // room for every subject, with the NUL

enum subject_kind {
    SUBJECT_NODE,  // heartbeats of a node
    SUBJECT_EV,    // events of a server
    SUBJECT_DO,    // actions for a server, that a process owns: amp.CLUSTER.do.SERVER.BOOT
    SUBJECT_STATE, // state of a server
    SUBJECT_GAP,   // events of a server once more
    SUBJECT_REPLY  // an answer to a request: amp.CLUSTER.re.NODE.BOOT.ID
};

/** A subject that came from the bus, taken apart. */
struct subject {
    enum subject_kind kind;
    struct span key; // of the server or node, as it is in the subject (lent)
    uint64_t boot;   // SUBJECT_DO: of the process that is asked; SUBJECT_REPLY: … that asked
    uint64_t id;     // SUBJECT_REPLY: of the request
};

/** Writes a name as subjects have it, with a NUL. @param fold  in lower case: for servers
 *  @return its length; 0: the name is empty or longer than SUBJECT_NAME_BYTES */
size_t subject_encode(struct span name, bool fold, char key[SUBJECT_KEY_BYTES + 1]);
/** Reads such a name, with a NUL. Accepts only what subject_encode() writes, so that no name has two forms.
 *  @param fold  as it was encoded @return its length; 0: it is none */
size_t subject_decode(struct span key, bool fold, char name[SUBJECT_NAME_BYTES + 1]);

/** Writes a subject with a NUL. @param cluster  the cluster's name, encoded
 *  @param kind  not SUBJECT_DO or SUBJECT_REPLY
 *  @param key  of a node (SUBJECT_NODE) or a server (all others), encoded; `*` for all of them
 *  @return its length; 0: it does not fit */
size_t subject_write(enum subject_kind kind, const char *cluster, struct span key, char text[SUBJECT_BYTES]);
/** Writes the subject for actions for a server to a process. @param key  of the server; `*` for all of them
 *  @return its length; 0: it does not fit */
size_t subject_write_action(const char *cluster, struct span key, uint64_t boot, char text[SUBJECT_BYTES]);
/** Writes the subject for answers to request `id` of a process. @param id  0: `*`, for all of its requests
 *  @return its length; 0: it does not fit */
size_t subject_write_reply(const char *cluster, struct span node, uint64_t boot, uint64_t id, char text[SUBJECT_BYTES]);
/** Takes a subject apart. @param subject  set on success, lends `text`
 *  @return NULL, or what is wrong with it */
const char *subject_parse(struct span text, const char *cluster, struct subject *subject);

/** Reads a boot id: 16 hexadecimal digits, small letters, not zero. @param boot  set only on success */
bool subject_read_boot(struct span text, uint64_t *boot);

#endif
