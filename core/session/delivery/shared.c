// core/session/delivery/shared.c: see shared.h.
#include "session/delivery/shared.h"

#include "ami/message.h"
#include "base/memory.h"
#include "session/client/set.h"
#include "session/delivery/encode.h"
#include "session/delivery/recode.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)192 * 1024) // more than the text of what the hub reads in one turn, so that one is enough
#define LIKELY_MORE 256                  // bytes by which a format makes most messages longer

struct shared *shared_enter(struct sessions *sessions, const struct amp_plugin *format, amp_frame *frame)
{
    struct shared *found = sessions->shared;

    while (found != NULL && (found->format != format || found->frame != frame))
        found = found->next;
    if (found == NULL) {
        found = memory_zero(1, sizeof *found);
        found->format = format;
        found->frame = frame;
        found->next = sessions->shared;
        sessions->shared = found;
    }
    found->feeds++;
    return found;
}

void shared_leave(struct sessions *sessions, struct shared *shared)
{
    struct shared **link = &sessions->shared;

    if (shared == NULL || --shared->feeds > 0)
        return;
    while (*link != shared)
        link = &(*link)->next;
    *link = shared->next;
    feed_block_unref(shared->block);
    free(shared);
}

/** Makes room in the block, in a new one if there is not enough. @return where the next message is written */
static char *shared_room(struct shared *shared, size_t wanted)
{
    const struct feed_block *block = shared->block;

    if (block == NULL || block->capacity - block->used < wanted) {
        feed_block_unref(shared->block);
        shared->block = feed_block_create(wanted < BLOCK_BYTES ? BLOCK_BYTES : wanted);
    }
    return shared->block->bytes + shared->block->used;
}

/** Has the plugin write to the block itself. @return the bytes, elsewhere if there was not enough room */
static struct span shared_encode_in_place(struct sessions *sessions, struct shared *shared,
                                          const struct message *message, struct amp_output *output)
{
    output->bytes = shared_room(shared, message->byte_count + LIKELY_MORE);
    output->capacity = shared->block->capacity - shared->block->used;
    output->is_lent = true;
    amp_output_begin(output, message->byte_count);
    recode_encode(sessions, shared->format, message, output);
    sessions->encoding_failed = output->broken;
    return (struct span){output->bytes, output->broken ? 0 : output->length};
}

/** Writes the message as a format does that writes its text. @return the bytes, in the block */
static struct span shared_put_text(struct sessions *sessions, struct shared *shared, const struct message *message)
{
    struct span text = message_wire(message);
    char *to = shared_room(shared, text.length);

    memcpy(to, text.bytes, text.length);
    sessions->encoding_failed = false;
    return (struct span){to, text.length};
}

/** Has the format write the message to the block. @return the bytes, in the block; none if there are none */
static struct span shared_put(struct sessions *sessions, struct shared *shared, const struct message *message,
                              uint64_t serial)
{
    bool in_place = shared->frame == NULL && !encode_has(sessions, message, shared->format);
    struct amp_output own = {0};
    struct span bytes = in_place ? shared_encode_in_place(sessions, shared, message, &own)
                                 : encode_message(sessions, message, shared->format, shared->frame, serial);

    if (bytes.length > 0 && !own.is_lent) { // they are elsewhere
        char *to = shared_room(shared, bytes.length);
        memcpy(to, bytes.bytes, bytes.length);
        bytes.bytes = to;
    }
    if (!own.is_lent)
        amp_output_fini(&own);
    return bytes;
}

static void shared_encode(struct sessions *sessions, struct shared *shared, const struct message *message,
                          uint64_t serial)
{
    bool is_text = shared->frame == NULL && (shared->format->capabilities & AMP_ENCODES_TEXT) != 0;

    shared->encoded =
        is_text ? shared_put_text(sessions, shared, message) : shared_put(sessions, shared, message, serial);
    shared->message = message;
    shared->delivered = sessions->delivered;
    shared->failed = sessions->encoding_failed;
    if (shared->encoded.length > 0) {
        shared->index = feed_block_end_message(shared->block, shared->encoded.length);
        shared->written += shared->encoded.length;
    }
}

struct span shared_append(struct sessions *sessions, struct view_feed *feed, const struct message *message,
                          uint64_t serial)
{
    struct shared *shared = feed->shared;

    if (shared->message != message || shared->delivered != sessions->delivered)
        shared_encode(sessions, shared, message, serial);
    sessions->encoding_failed = shared->failed;
    if (shared->encoded.length > 0)
        feed_append_shared(&feed->feed, shared->block, shared->index);
    return shared->encoded;
}

static bool shared_is_read(const struct view_feed *feed)
{
    for (struct list_node *node = feed->readers.first; node != NULL; node = node->next) {
        const struct session *session = SESSION_AT(node, feed);
        if (session->output.cursor.position != feed->feed.end)
            return false;
    }
    return true;
}

void shared_settle(struct sessions *sessions)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &sessions->grown);
    while ((node = list_step(&walk)) != NULL) {
        struct view_feed *feed = LIST_OBJECT(node, struct view_feed, grown);
        if (feed->grew)
            continue; // since its readers were flushed
        feed_settle(&feed->feed, shared_is_read(feed), feed->shared == NULL ? 0 : feed->shared->written);
        list_remove(&sessions->grown, &feed->grown);
    }
    if (sessions->grown.first != NULL)
        return;
    for (struct shared *shared = sessions->shared; shared != NULL; shared = shared->next) {
        shared->written = 0;
        if (shared->block == NULL || shared->block->used == 0)
            continue;
        shared->message = NULL;
        if (shared->block->references == 1) {
            feed_block_reset(shared->block);
        } else {
            feed_block_unref(shared->block);
            shared->block = NULL;
        }
    }
}
