// core/session/delivery/resume_id.h: the id with which a client names the last message that it has received:
//
//   EPOCH.WORKER.TAG.NUMBER     the process, the worker, the secret name of a feed, and the message in that feed
//
// It is opaque to clients. TAG has 96 random bits, so that a client cannot guess an id of another's feed.  Thread: any.
#ifndef SESSION_DELIVERY_RESUME_ID_H
#define SESSION_DELIVERY_RESUME_ID_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define RESUME_EPOCH_SIZE 13 // 48 bits in hexadecimal, and a NUL
#define RESUME_TAG_SIZE 25
#define RESUME_ID_SIZE 80 // any id, with a NUL

/** How the messages for a session carry ids. */
enum resume_ids {
    RESUME_NO_IDS,
    RESUME_FRAME_IDS, // its protocol's frame writes them
    RESUME_HEADER_IDS // a header of each message
};

struct resume_id {
    char epoch[RESUME_EPOCH_SIZE];
    uint32_t worker;
    char tag[RESUME_TAG_SIZE];
    uint64_t number;
};

/** Fills `text` with `size` - 1 unpredictable hexadecimal digits and a NUL. Ends the program if there
 *  is no randomness. */
void resume_id_random(char *text, size_t size);
/** Writes what the ids of all messages of a feed begin with: `EPOCH.WORKER.TAG.` @return its length */
size_t resume_id_begin(char text[RESUME_ID_SIZE], const char *epoch, uint32_t worker, const char *tag);
/** Writes the id of message `number` of the feed whose ids begin with `beginning`, and a NUL. @return `text` */
struct span resume_id_write(char text[RESUME_ID_SIZE], struct span beginning, uint64_t number);
/** Parses an id. @return false: the text is not an id of an astmanproxy */
bool resume_id_parse(struct span text, struct resume_id *id);
/** Are both tags equal? Compares in constant time. */
bool resume_id_is_tag(const char *tag, const char *other);

#endif
