// core/report/metrics.c: the metrics of the program by name. A row of a table is a family, or a sample of one.
#include "report/metrics_exports.h"
#include "report/metrics_scripts.h"
#include "report/report.h"

#include "base/clock.h"
#include "base/log.h"
#include "report/metrics_bus.h"

#include <event2/event.h>
#include <inttypes.h>
#include <lua.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "astmanproxy_"
#define ONE(key, value) ((const struct exposition_label[]){{key, value}, {NULL, NULL}})
#define TWO(key, value, key2, value2) ((const struct exposition_label[]){{key, value}, {key2, value2}, {NULL, NULL}})

/** One sample: a field of a block, and the label that distinguishes it within its family. */
struct row {
    const char *name; // of a family that begins here; NULL: as the row before
    enum exposition_type type;
    const char *help;
    size_t offset;
    const char *key, *value; // NULL: no label of its own
};

#define W(field) offsetof(struct metrics_worker, field)
#define H(field) offsetof(struct metrics_hub, field)
#define S(field) offsetof(struct metrics_server, field)
#define COUNTER(name, help) PREFIX name, EXPOSITION_COUNTER, help
#define GAUGE(name, help) PREFIX name, EXPOSITION_GAUGE, help
#define SAME NULL, EXPOSITION_COUNTER, NULL

// clang-format off
static const struct row worker_rows[] = {
    {COUNTER("sessions_opened", "Client connections that were taken."), W(opened), NULL, NULL},
    {COUNTER("sessions_ended", "Client connections that ended, by reason."),
     W(ended[METRICS_END_FINISHED]), "reason", "finished"},
    {SAME, W(ended[METRICS_END_STREAM]), "reason", "end_of_stream"},
    {SAME, W(ended[METRICS_END_SLOW]), "reason", "slow"},
    {SAME, W(ended[METRICS_END_IDLE]), "reason", "idle"},
    {SAME, W(ended[METRICS_END_NO_LOGIN]), "reason", "no_login"},
    {SAME, W(ended[METRICS_END_REMOVED]), "reason", "user_removed"},
    {SAME, W(ended[METRICS_END_SHUTDOWN]), "reason", "shutdown"},
    {SAME, W(ended[METRICS_END_ERROR]), "reason", "error"},
    {GAUGE("sessions_detached", "Sessions without a connection (AJAM)."), W(detached), NULL, NULL},
    {COUNTER("logins", "Logins of clients, by result; limited: too many of the address or user, or at once."),
     W(logins), "result", "accepted"},
    {SAME, W(logins_failed), "result", "failed"},
    {SAME, W(logins_limited), "result", "limited"},
    {COUNTER("tls_handshakes", "Handshakes with clients, by result."), W(handshakes), "result", "ok"},
    {SAME, W(handshakes_failed), "result", "failed"},
    {COUNTER("forwarded_requests_refused", "Requests that balancers passed on, refused for their X-Forwarded-For."),
     W(forwarded_address), "reason", "address"},
    {SAME, W(forwarded_limit), "reason", "limit"},
    {SAME, W(forwarded_invalid), "reason", "invalid"},
    {COUNTER("script_http_requests", "Requests of scripts to other programs (amp.http), by outcome."),
     W(requests[METRICS_REQUEST_ANSWERED]), "outcome", "answered"},
    {SAME, W(requests[METRICS_REQUEST_FAILED]), "outcome", "failed"},
    {SAME, W(requests[METRICS_REQUEST_ABANDONED]), "outcome", "abandoned"},
    {SAME, W(requests[METRICS_REQUEST_REFUSED]), "outcome", "refused"},
    {COUNTER("slow_clients", "Clients that read too slowly, by what was done."),
     W(slow_disconnected), "rule", "disconnect"},
    {SAME, W(slow_skipped), "rule", "skip"},
    {COUNTER("events_skipped", "Events that slow clients were not sent."), W(events_skipped), NULL, NULL},
    {GAUGE("backlog_bytes", "Bytes that wait for clients to read."), W(backlog_bytes), NULL, NULL},
    {GAUGE("unsent_bytes", "Bytes that the kernel holds for clients that lag, and has not sent yet."), W(unsent_bytes),
     NULL, NULL},
    {NULL, EXPOSITION_COUNTER, NULL, 0, NULL, NULL},
};

static const struct row hub_rows[] = {
    {COUNTER("connections_refused", "Client connections that were closed at once, by reason."),
     H(refused_address), "reason", "address"},
    {SAME, H(refused_limit), "reason", "limit"},
    {SAME, H(refused_files), "reason", "open_files"},
    {SAME, H(refused_header), "reason", "proxy_header"},
    {COUNTER("shared_answers", "Actions that were answered by the answer to an equal one (share)."),
     H(shared), NULL, NULL},
    {COUNTER("reloads", "Reloads of the configuration, by result."), H(reloads), "result", "ok"},
    {SAME, H(reloads_failed), "result", "failed"},
    {GAUGE("draining", "1 while the program ends."), H(draining), NULL, NULL},
    {NULL, EXPOSITION_COUNTER, NULL, 0, NULL, NULL},
};

static const struct row server_rows[] = {
    {GAUGE("server_up", "1 while the server is logged in to."), S(up), NULL, NULL},
    {GAUGE("server_lanes", "Connections that are logged in."), S(lanes), NULL, NULL},
    {GAUGE("server_actions_in_flight", "Actions that wait for their answers, the proxy's own too."),
     S(in_flight), NULL, NULL},
    {GAUGE("server_actions_waiting", "Actions that wait in the proxy until blocking ones are answered."),
     S(waiting), NULL, NULL},
    {COUNTER("server_connection_attempts", "Attempts to connect (not of lanes for blocking actions)."),
     S(attempts), NULL, NULL},
    {COUNTER("server_connections", "How often the server came up."), S(connected), NULL, NULL},
    {COUNTER("server_losses", "How often a server that was up was lost."), S(disconnected), NULL, NULL},
    {COUNTER("server_logins_refused", "Logins that the server refused."), S(refused), NULL, NULL},
    {COUNTER("server_tls_handshakes", "Handshakes with the server, by result."), S(handshakes), "result", "ok"},
    {SAME, S(handshakes_failed), "result", "failed"},
    {COUNTER("events_received", "Events that the server sent, those of answers included."), S(events), NULL, NULL},
    {COUNTER("responses_received", "Responses that the server sent."), S(responses), NULL, NULL},
    {COUNTER("messages_dropped", "Messages of the server that were for nobody, by reason."),
     S(dropped[METRICS_DROP_UNASKED]), "reason", "unasked"},
    {SAME, S(dropped[METRICS_DROP_OWN]), "reason", "own"},
    {SAME, S(dropped[METRICS_DROP_LATE]), "reason", "late"},
    {SAME, S(dropped[METRICS_DROP_SHAPELESS]), "reason", "shapeless"},
    {SAME, S(dropped[METRICS_DROP_TOO_LONG]), "reason", "too_long"},
    {COUNTER("server_received_bytes", "Bytes that the server sent."), S(received_bytes), NULL, NULL},
    {COUNTER("server_sent_bytes", "Bytes that the server was sent."), S(sent_bytes), NULL, NULL},
    {COUNTER("server_actions", "Actions of clients and scripts that the server was given."), S(actions), NULL, NULL},
    {COUNTER("server_actions_failed", "Those that it did not answer or was not sent, by reason."), S(timed_out), "reason", "timeout"},
    {SAME, S(lost), "reason", "lost"},
    {SAME, S(not_sent), "reason", "not_sent"},
    {NULL, EXPOSITION_COUNTER, NULL, 0, NULL, NULL},
};
// clang-format on

static const struct metric *field_of(const void *block, size_t offset)
{
    return (const struct metric *)(const void *)((const char *)block + offset);
}

/** Writes one row. @param value  its sample; of the workers' rows the sum over all workers */
static void write_row(struct exposition *out, const struct row *row, uint64_t value)
{
    if (row->name != NULL)
        exposition_begin(out, row->name, row->type, row->help);
    exposition_count(out, "", row->key != NULL ? ONE(row->key, row->value) : NULL, value);
}

static bool is_row(const struct row *row)
{
    return row->name != NULL || row->key != NULL;
}

static uint64_t sum_of_workers(const struct reporter *reporter, size_t offset)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < metrics_workers(reporter->metrics); i++)
        sum += metric_get(field_of(metrics_worker(reporter->metrics, i), offset));
    return sum;
}

static void write_about(struct exposition *out)
{
    exposition_begin(out, PREFIX "build_info", EXPOSITION_GAUGE, "Always 1; the labels say what is running.");
    exposition_count(out, "",
                     (const struct exposition_label[]){{"version", AMP_VERSION},
                                                       {"lua", LUA_RELEASE},
                                                       {"libevent", event_get_version()},
                                                       {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
                                                       {NULL, NULL}},
                     1);
}

// --- sessions ---------------------------------------------------------------------------------------------------

#define KINDS 128

/** Sessions with equal labels: one of them as the example, and their number. */
struct kind {
    const struct directory_entry *example; // valid while the directory is locked
    uint64_t count;
};

struct kinds {
    const struct reporter *reporter;
    struct exposition *out;
    struct kind items[KINDS];
    size_t count;
};

static bool is_same_kind(const struct directory_entry *a, const struct directory_entry *b)
{
    return a->listener == b->listener && a->authenticated == b->authenticated && a->encrypted == b->encrypted &&
           strcmp(a->input, b->input) == 0 && strcmp(a->output, b->output) == 0;
}

static void count_session(void *visitor, const struct directory_entry *entry)
{
    struct kinds *kinds = visitor;
    size_t at = 0;

    while (at < kinds->count && !is_same_kind(kinds->items[at].example, entry))
        at++;
    if (at == KINDS)
        return; // more kinds than formats and listeners make in earnest
    if (at == kinds->count)
        kinds->items[kinds->count++].example = entry;
    kinds->items[at].count++;
}

static void write_kind(const struct kinds *kinds, const struct kind *kind)
{
    const struct reporter *reporter = kinds->reporter;
    const struct directory_entry *entry = kind->example;
    const char *listener = entry->listener < atomic_load_explicit(&reporter->listener_count, memory_order_acquire)
                               ? reporter->listeners[entry->listener]
                               : "unknown";

    exposition_count(kinds->out, "",
                     (const struct exposition_label[]){{"listener", listener},
                                                       {"input", entry->input},
                                                       {"output", entry->output},
                                                       {"encrypted", entry->encrypted ? "yes" : "no"},
                                                       {"logged_in", entry->authenticated ? "yes" : "no"},
                                                       {NULL, NULL}},
                     kind->count);
}

static void write_kinds(void *visitor)
{
    const struct kinds *kinds = visitor;

    for (size_t i = 0; i < kinds->count; i++)
        write_kind(kinds, &kinds->items[i]);
}

static void write_sessions(const struct reporter *reporter, struct exposition *out)
{
    struct kinds kinds = {.reporter = reporter, .out = out};

    exposition_begin(out, PREFIX "sessions", EXPOSITION_GAUGE, "Client connections, by listener and formats.");
    directory_each(reporter->directory, count_session, write_kinds, &kinds);
}

static void write_events(const struct reporter *reporter, struct exposition *out)
{
    exposition_begin(
        out, PREFIX "events_sent", EXPOSITION_COUNTER,
        "Events that were handed to clients, by format; a client that left may not have read all of them.");
    for (size_t i = 0; i < registry_count(reporter->registry) && i < METRICS_FORMATS; i++)
        exposition_count(out, "", ONE("format", registry_at(reporter->registry, i)->name),
                         sum_of_workers(reporter, W(events) + i * sizeof(struct metric)));
}

/** Writes the outcomes of actions: the answer, or why there was none. */
static void write_actions(const struct reporter *reporter, struct exposition *out)
{
    static const struct {
        const char *outcome, *reason;
    } outcomes[] = {
        [AMP_REASON_NONE] = {"answered", ""},
        [AMP_REASON_INVALID] = {"refused", "invalid"},
        [AMP_REASON_UNKNOWN_USER] = {"refused", "unknown_user"},
        [AMP_REASON_NOT_LOGGED_IN] = {"refused", "not_logged_in"},
        [AMP_REASON_DENIED] = {"refused", "denied"},
        [AMP_REASON_TOO_MANY] = {"refused", "too_many"},
        [AMP_REASON_NO_SERVER] = {"refused", "no_server"},
        [AMP_REASON_LOST] = {"lost", ""},
        [AMP_REASON_TIMEOUT] = {"timeout", ""},
    };

    exposition_begin(out, PREFIX "actions", EXPOSITION_COUNTER,
                     "Actions of clients by outcome; abandoned: the client left before its answer came.");
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        exposition_count(out, "", TWO("outcome", outcomes[i].outcome, "reason", outcomes[i].reason),
                         sum_of_workers(reporter, W(actions) + i * sizeof(struct metric)));
    exposition_count(out, "", TWO("outcome", "abandoned", "reason", ""), sum_of_workers(reporter, W(abandoned)));
}

// --- servers ----------------------------------------------------------------------------------------

static void write_server_rows(struct exposition *out, const struct metrics_server *servers)
{
    for (const struct row *row = server_rows; is_row(row); row++) {
        if (row->name == NULL)
            continue; // written with the first of its family
        exposition_begin(out, row->name, row->type, row->help);
        for (const struct metrics_server *server = servers; server != NULL; server = server->next) {
            const struct row *part = row;
            do {
                uint64_t value = metric_get(field_of(server, part->offset));
                exposition_count(out, "",
                                 part->key != NULL ? TWO("server", server->name, part->key, part->value)
                                                   : ONE("server", server->name),
                                 value);
                part++;
            } while (part->name == NULL && part->key != NULL);
        }
    }
}

/** Writes a histogram. Counts are cumulative: each one includes all shorter durations. */
static void write_latency(struct exposition *out, const struct metrics_server *servers)
{
    // The same as metric_bounds_us, in seconds; OpenMetrics requires a decimal point.
    static const char *const bounds[METRICS_BUCKETS] = {"0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025",
                                                        "0.05",   "0.1",   "0.25",   "0.5",   "1.0",  "2.5",
                                                        "5.0",    "10.0",  "30.0",   "+Inf"};

    exposition_begin(out, PREFIX "server_action_duration_seconds", EXPOSITION_HISTOGRAM,
                     "From an action to the end of its answer.");
    for (const struct metrics_server *server = servers; server != NULL; server = server->next) {
        uint64_t count = 0;
        for (size_t i = 0; i < METRICS_BUCKETS; i++) {
            count += metric_get(&server->latency.buckets[i]);
            exposition_count(out, "_bucket", TWO("server", server->name, "le", bounds[i]), count);
        }
        exposition_value(out, "_sum", ONE("server", server->name), (double)metric_get(&server->latency.sum_us) / 1e6);
        exposition_count(out, "_count", ONE("server", server->name), count);
    }
}

static void write_certificates(struct exposition *out, const struct metrics_lists *lists)
{
    if (lists->certificate_count == 0)
        return;
    exposition_begin(out, PREFIX "certificate_expiry_timestamp_seconds", EXPOSITION_GAUGE,
                     "Until when the certificates of a file are valid, in seconds since 1970.");
    for (size_t i = 0; i < lists->certificate_count; i++) {
        const struct metrics_certificate *certificate = &lists->certificates[i];
        exposition_value(out, "", TWO("use", certificate->use, "file", certificate->file), (double)certificate->end_s);
    }
}

static void write_lists(void *visitor, const struct metrics_lists *lists)
{
    write_server_rows(visitor, lists->servers);
    write_latency(visitor, lists->servers);
    metrics_write_exports(visitor, lists->exports);
    metrics_write_scripts(visitor, lists->scripts);
    write_certificates(visitor, lists);
}

void report_metrics(const struct reporter *reporter, struct exposition *out)
{
    const struct metrics_hub *hub = metrics_hub(reporter->metrics);

    write_about(out);
    write_sessions(reporter, out);
    for (const struct row *row = worker_rows; is_row(row); row++)
        write_row(out, row, sum_of_workers(reporter, row->offset));
    write_events(reporter, out);
    write_actions(reporter, out);
    for (const struct row *row = hub_rows; is_row(row); row++)
        write_row(out, row, metric_get(field_of(hub, row->offset)));
    if (metric_get(&hub->reloads) + metric_get(&hub->reloads_failed) > 0) {
        exposition_begin(out, PREFIX "last_reload_successful", EXPOSITION_GAUGE, "1: the latest reload was taken.");
        exposition_count(out, "", NULL, metric_get(&hub->reload_good));
    }
    if (metric_get(&hub->reload_s) > 0) {
        exposition_begin(out, PREFIX "last_reload_timestamp_seconds", EXPOSITION_GAUGE,
                         "When the configuration was last taken by a reload, in seconds since 1970.");
        exposition_count(out, "", NULL, metric_get(&hub->reload_s));
    }
    exposition_begin(out, PREFIX "script_http_seconds", EXPOSITION_COUNTER,
                     "Time in which scripts waited for answers to requests (amp.http).");
    exposition_value(out, "", NULL, (double)sum_of_workers(reporter, W(request_us)) / 1e6);
    report_bus(metrics_bus(reporter->metrics), out);
    metrics_gather(reporter->metrics, write_lists, out);
    exposition_begin(out, PREFIX "log_lines_suppressed", EXPOSITION_COUNTER,
                     "Lines of the log that were left out, as too many alike came.");
    exposition_count(out, "", NULL, log_suppressed());
    exposition_begin(out, PREFIX "log_lines_lost", EXPOSITION_COUNTER,
                     "Lines of the log that could not be written: a full disk, or a log daemon that is away.");
    exposition_count(out, "", NULL, log_lost());
    report_audit(out);
}
