// core/exports/inside.h: the inside of `struct exporter`, for the files of this room only.  Thread: the exporter's.
#ifndef EXPORTS_INSIDE_H
#define EXPORTS_INSIDE_H

#include "base/log.h"
#include "exports/export.h"

#define EXPORT_HEADER_SIZE 256 // of a header of a post, NUL included

struct event;
struct http_call;
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
    struct http_client *client;
    struct http_call *call; // what is being posted; NULL: nothing
    char *body;             // of it
    struct event *timer;    // until a batch is posted as it is, or a post is repeated
    struct event *limit;    // of export_finish()
    bool waits;             // `timer` is set because a post failed
    bool held, finishing, finished;
    uint32_t failures; // posts that failed, since one was answered
    uint64_t losing;   // messages that were lost since then; the log has told of the first ones
};

/** Returns the context of the export's lines in the log. */
struct log_context export_log(const struct exporter *exporter);
/** Posts the messages that are under way. export_work() follows when their fate is known. */
void export_post(struct exporter *exporter);
/** Posts what is to be posted now. The last thing that its caller does: the exporter may be destroyed. */
void export_work(struct exporter *exporter);

#endif
