// core/exports/inside.h: the inside of `struct exporter`, for the files of this room only.  Thread: the exporter's.
#ifndef EXPORTS_INSIDE_H
#define EXPORTS_INSIDE_H

#include "base/log.h"
#include "exports/export.h"

#define EXPORT_HEADER_SIZE 256 // of a header of a post, NUL included

struct event;
struct http_client;

struct exporter {
    struct event_base *base;
    const struct export_config *config;
    struct export_form form;
    struct export_owner owner;
    struct metrics *registry;
    struct metrics_export *metrics;
    struct export_queue queue;
    char *part; // the beginning of a message whose rest has not come
    size_t part_length;
    char id[EXPORT_HEADER_SIZE];
    struct http_client *client; // NULL: it goes to the bus
    char *body;                 // of the latest post
    uint64_t serial;            // of the latest messages that were given to the bus
    struct event *timer;        // until a batch is posted as it is, or a post is repeated
    struct event *limit;        // of export_finish()
    bool waits;                 // `timer` is set because a post failed
    bool posting;               // messages are under way
    bool held, finishing, finished;
    uint32_t failures; // posts that failed, since one was answered
    uint64_t losing;   // messages that were lost since then; the log has told of the first ones
};

/** Returns the context of the export's lines in the log. */
struct log_context export_log(const struct exporter *exporter);
/** The result of a delivery, for all messages that were under way. */
struct export_outcome {
    size_t over, refused; // messages, from the first one on, that are not sent again; of these, those that were refused
    const char *failure;  // why the others must be sent again; NULL: there are none
    uint64_t retry_after_ms; // the receiver asks for so long a wait; 0: it does not
};

/** Sends the first messages that wait on their way. export_work() follows when their fate is known. */
void export_send(struct exporter *exporter);
/** Posts the messages that are under way. export_settle() follows. */
void export_post(struct exporter *exporter);
/** Handles the result of a delivery, then goes on. The exporter may be destroyed. */
void export_settle(struct exporter *exporter, const struct export_outcome *outcome);
/** Copies the first `count` messages. */
struct export_saved export_copy(const struct exporter *exporter, size_t count);
/** Posts what is to be posted now. The last thing that its caller does: the exporter may be destroyed. */
void export_work(struct exporter *exporter);

#endif
