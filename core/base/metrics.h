// core/base/metrics.h: the program's counters, in blocks of memory with one writer each. Counting is therefore an
// addition without a lock, and no two threads write to the same cache line. Blocks are read on request.
//
//   worker   one for each worker; written by its thread
//   hub      one; written by the hub
//   bus      one; each field is written by one thread
//   server   one for each server, found by name; written by the hub
//   export   one for each export, found by name; written by the worker that has it
//   script   one for each script, or counter of scripts, and worker; written by that worker
//
// Thread: for a block its writer; metrics_gather() any. The lock is taken only to add and remove blocks, and to gather.
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define METRICS_LINE 128 // two cache lines: the processor fetches them in pairs
#define METRICS_REASONS 12
#define METRICS_FORMATS 16
#define METRICS_ENDS 8
#define METRICS_DROPS 5
#define METRICS_REQUESTS 4
#define METRICS_BUCKETS 16
#define METRICS_NAME 128

/** A count, or a level (a gauge). */
struct metric {
    _Atomic uint64_t value;
};

/** Its value now. Any thread. */
static inline uint64_t metric_get(const struct metric *metric)
{
    return atomic_load_explicit(&metric->value, memory_order_relaxed);
}
/** Sets a gauge. Its one writer. */
static inline void metric_set(struct metric *metric, uint64_t value)
{
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}
/** Only for the block's writer: no locked instruction. */
static inline void metric_add(struct metric *metric, uint64_t by)
{
    metric_set(metric, metric_get(metric) + by);
}

/** Adds to a level that several threads change. */
static inline void metric_add_shared(struct metric *metric, uint64_t by)
{
    atomic_fetch_add_explicit(&metric->value, by, memory_order_relaxed);
}
/** Subtracts from such a level. */
static inline void metric_sub_shared(struct metric *metric, uint64_t by)
{
    atomic_fetch_sub_explicit(&metric->value, by, memory_order_relaxed);
}

/** How often an operation took how long. */
struct metric_histogram {
    struct metric buckets[METRICS_BUCKETS]; // not cumulative; the last one counts longer times
    struct metric sum_us;
};
/** Upper ends of all buckets but the last, in microseconds. */
extern const uint64_t metric_bounds_us[METRICS_BUCKETS - 1];
void metric_observe(struct metric_histogram *histogram, uint64_t us);

/** Why a session ended. */
enum metrics_end {
    METRICS_END_FINISHED,
    METRICS_END_STREAM,
    METRICS_END_SLOW,
    METRICS_END_IDLE,
    METRICS_END_NO_LOGIN,
    METRICS_END_REMOVED,
    METRICS_END_SHUTDOWN,
    METRICS_END_ERROR
};
/** How a request of a script (amp.http) ended. */
enum metrics_request {
    METRICS_REQUEST_ANSWERED,  // with any status
    METRICS_REQUEST_FAILED,    // without an answer, or with one that is too long
    METRICS_REQUEST_ABANDONED, // the script's time was over, or it ended
    METRICS_REQUEST_REFUSED    // not sent: scripts.http, scripts.http_at_once
};
/** Why a message from a server was dropped. */
enum metrics_drop {
    METRICS_DROP_UNASKED,
    METRICS_DROP_OWN,
    METRICS_DROP_LATE,
    METRICS_DROP_SHAPELESS,
    METRICS_DROP_TOO_LONG
};

struct metrics_worker {
    struct metric events[METRICS_FORMATS];  // delivered to sessions, by index of the format
    struct metric backlog_bytes;            // a level: not written to clients yet
    struct metric unsent_bytes;             // a level: taken by the kernel for slow clients, not sent yet
    struct metric actions[METRICS_REASONS]; // answered, by enum amp_reason
    struct metric abandoned;                // actions whose session ended before the answer arrived
    struct metric opened, ended[METRICS_ENDS];
    struct metric detached; // a level: sessions without a connection
    struct metric slow_disconnected, slow_skipped, events_skipped;
    struct metric logins, logins_failed, logins_limited;
    struct metric handshakes, handshakes_failed;
    struct metric forwarded_address, forwarded_limit, forwarded_invalid; // requests that were refused for their client
    struct metric requests[METRICS_REQUESTS], request_us;                // of scripts; the time of those that were sent
    struct metric beat_ms; // clock_ms() of the latest sign of life of its loop
} __attribute__((aligned(METRICS_LINE)));

struct metrics_hub {
    struct metric beat_ms;
    struct metric refused_address, refused_limit, refused_files, refused_header; // connections
    struct metric shared;                                                        // coalesced actions
    struct metric reloads, reloads_failed, reload_good, reload_s; // the last one was good; seconds since 1970
    struct metric draining;
} __attribute__((aligned(METRICS_LINE)));

struct metrics_server {
    struct metric events, responses, dropped[METRICS_DROPS], received_bytes;
    struct metric actions, sent_bytes, timed_out, lost, not_sent;
    struct metric_histogram latency; // of answered actions
    struct metric up, lanes, in_flight, waiting;
    struct metric attempts, connected, disconnected, refused; // of the main lane
    struct metric handshakes, handshakes_failed;
    struct metrics_server *next; // by name; the registry's
    uint32_t users;              // the registry's
    char name[METRICS_NAME];
} __attribute__((aligned(METRICS_LINE)));

/** The bus of a cluster. `hub` fields are written by the hub, `delivery` ones by the thread that libnats delivers on,
 * the others by the bus thread. */
struct metrics_bus {
    struct metric exists;                                        // hub: 1 while there is a bus
    struct metric up;                                            // 1 while it is connected
    struct metric connections;                                   // that came up
    struct metric losses;                                        // of a connection
    struct metric published, published_bytes, stale, unsendable; // the last two: messages that were dropped
    struct metric full_out;                                      // hub: dropped because the mailbox was full
    struct metric received, received_bytes, full_in;             // delivery; the last one as above
    struct metric waiting_out, waiting_in;                       // levels: bytes in the mailboxes; several threads'
    struct metric owned, nodes;                                  // hub: levels: servers of own connections; other nodes
    struct metric gaps, repaired, lost;                          // hub: holes in streams of events; events of them
    struct metric late_beats;                                    // hub: of other nodes
    struct metric doubts; // hub: times that numbers of events or heartbeats contradicted what their node has told
} __attribute__((aligned(METRICS_LINE)));

struct metrics_export {
    struct metric posted, refused, lost;           // messages
    struct metric failed;                          // posts that were or will be repeated
    struct metric queued, queued_bytes, oldest_ms; // levels; clock_ms() of the oldest one, 0: none
    struct metrics_export *next;                   // by name; the registry's
    uint32_t users;                                // the registry's
    char name[METRICS_NAME];
} __attribute__((aligned(METRICS_LINE)));

enum metrics_script_kind { METRICS_FILTER, METRICS_PROXY_ACTION, METRICS_COUNTER };

struct metrics_script {
    struct metric calls, failures; // calls of a METRICS_COUNTER: its value
    struct metric time_us;         // of all calls, estimated from some
    struct metric quarantined;     // a level: filters of that script that are disabled after too many errors
    struct metrics_script *next;   // the registry's
    uint32_t worker;
    enum metrics_script_kind kind;
    char name[METRICS_NAME];
} __attribute__((aligned(METRICS_LINE)));

/** The certificates of a file. */
struct metrics_certificate {
    const char *use; // the key that names the file; static text
    char *file;
    int64_t end_s; // until when they are valid, in seconds since 1970
};

/** All blocks. Only holders of the lock may read the lists. */
struct metrics;

/** One block for the hub and one for each of `workers`, all 0. */
struct metrics *metrics_create(uint32_t workers);
/** Frees; nobody counts any more. NULL is fine. */
void metrics_destroy(struct metrics *metrics);
/** The hub's block; lent. */
struct metrics_hub *metrics_hub(struct metrics *metrics);
/** The bus's block; lent. */
struct metrics_bus *metrics_bus(struct metrics *metrics);
/** The block of a worker; lent. */
struct metrics_worker *metrics_worker(struct metrics *metrics, uint32_t index);
/** How many workers have a block. */
uint32_t metrics_workers(const struct metrics *metrics);
/** The block of the server of that name, the same one while anybody holds it. Return it with metrics_server_leave(). */
struct metrics_server *metrics_server_enter(struct metrics *metrics, const char *name);
void metrics_server_leave(struct metrics *metrics, struct metrics_server *server);
/** The block of the export of that name, as metrics_server_enter(). Return it with metrics_export_leave(). */
struct metrics_export *metrics_export_enter(struct metrics *metrics, const char *name);
void metrics_export_leave(struct metrics *metrics, struct metrics_export *exporter);
/** The block of a script in a worker: the same one after a reload. Lives as long as the registry. */
struct metrics_script *metrics_script(struct metrics *metrics, uint32_t worker, enum metrics_script_kind kind,
                                      const char *name);
/** The lists of blocks, each in the order in which they came; NULL: none. */
struct metrics_lists {
    const struct metrics_server *servers;
    const struct metrics_export *exports;
    const struct metrics_script *scripts;
    const struct metrics_certificate *certificates; // an array, replaced as a whole
    size_t certificate_count;
};
/** Replaces the certificates. @param items  taken, with their files; NULL: none */
void metrics_set_certificates(struct metrics *metrics, struct metrics_certificate *items, size_t count);
/** Calls `visit` with the lists, with the lock held, so that no block is removed meanwhile. */
void metrics_gather(struct metrics *metrics, void (*visit)(void *visitor, const struct metrics_lists *lists),
                    void *visitor);

#endif
