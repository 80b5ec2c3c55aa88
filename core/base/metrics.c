// core/base/metrics.c: see metrics.h.
#include "base/metrics.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct metrics {
    struct metrics_hub hub;
    struct metrics_bus bus;
    pthread_mutex_t lock; // of the lists
    struct metrics_server *servers;
    struct metrics_export *exports;
    struct metrics_script *scripts;
    struct metrics_certificate *certificates;
    size_t certificate_count;
    uint32_t worker_count;
    struct metrics_worker *workers;
};

const uint64_t metric_bounds_us[METRICS_BUCKETS - 1] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000};

void metric_observe(struct metric_histogram *histogram, uint64_t us)
{
    unsigned bucket = 0;

    while (bucket < METRICS_BUCKETS - 1 && us > metric_bounds_us[bucket])
        bucket++;
    metric_add(&histogram->buckets[bucket], 1);
    metric_add(&histogram->sum_us, us);
}

/** Allocates a block that shares no cache line with others. */
static void *create_block(size_t size)
{
    return memory_aligned(METRICS_LINE, size);
}

struct metrics *metrics_create(uint32_t workers)
{
    struct metrics *metrics = create_block(sizeof *metrics);

    pthread_mutex_init(&metrics->lock, NULL);
    metrics->worker_count = workers;
    metrics->workers = create_block(workers * sizeof *metrics->workers);
    return metrics;
}

void metrics_destroy(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    while (metrics->servers != NULL) {
        struct metrics_server *gone = metrics->servers;
        metrics->servers = gone->next;
        free(gone);
    }
    while (metrics->exports != NULL) {
        struct metrics_export *gone = metrics->exports;
        metrics->exports = gone->next;
        free(gone);
    }
    while (metrics->scripts != NULL) {
        struct metrics_script *gone = metrics->scripts;
        metrics->scripts = gone->next;
        free(gone);
    }
    metrics_set_certificates(metrics, NULL, 0);
    pthread_mutex_destroy(&metrics->lock);
    free(metrics->workers);
    free(metrics);
}

struct metrics_hub *metrics_hub(struct metrics *metrics)
{
    return &metrics->hub;
}

struct metrics_bus *metrics_bus(struct metrics *metrics)
{
    return &metrics->bus;
}

struct metrics_worker *metrics_worker(struct metrics *metrics, uint32_t index)
{
    return &metrics->workers[index];
}

uint32_t metrics_workers(const struct metrics *metrics)
{
    return metrics->worker_count;
}

struct metrics_server *metrics_server_enter(struct metrics *metrics, const char *name)
{
    struct metrics_server **link = &metrics->servers;

    pthread_mutex_lock(&metrics->lock);
    while (*link != NULL && strncmp((*link)->name, name, METRICS_NAME - 1) != 0)
        link = &(*link)->next;
    if (*link == NULL) {
        *link = create_block(sizeof **link);
        snprintf((*link)->name, METRICS_NAME, "%s", name);
    }
    struct metrics_server *server = *link;
    server->users++;
    pthread_mutex_unlock(&metrics->lock);
    return server;
}

void metrics_server_leave(struct metrics *metrics, struct metrics_server *server)
{
    struct metrics_server **link = &metrics->servers;
    bool is_last;

    pthread_mutex_lock(&metrics->lock);
    is_last = --server->users == 0;
    if (is_last) {
        while (*link != server)
            link = &(*link)->next;
        *link = server->next;
    }
    pthread_mutex_unlock(&metrics->lock);
    if (is_last)
        free(server);
}

struct metrics_export *metrics_export_enter(struct metrics *metrics, const char *name)
{
    struct metrics_export **link = &metrics->exports;

    pthread_mutex_lock(&metrics->lock);
    while (*link != NULL && strncmp((*link)->name, name, METRICS_NAME - 1) != 0)
        link = &(*link)->next;
    if (*link == NULL) {
        *link = create_block(sizeof **link);
        snprintf((*link)->name, METRICS_NAME, "%s", name);
    }
    struct metrics_export *exporter = *link;
    exporter->users++;
    pthread_mutex_unlock(&metrics->lock);
    return exporter;
}

void metrics_export_leave(struct metrics *metrics, struct metrics_export *exporter)
{
    struct metrics_export **link = &metrics->exports;
    bool is_last;

    pthread_mutex_lock(&metrics->lock);
    is_last = --exporter->users == 0;
    if (is_last) {
        while (*link != exporter)
            link = &(*link)->next;
        *link = exporter->next;
    }
    pthread_mutex_unlock(&metrics->lock);
    if (is_last)
        free(exporter);
}

struct metrics_script *metrics_script(struct metrics *metrics, uint32_t worker, enum metrics_script_kind kind,
                                      const char *name)
{
    struct metrics_script **link = &metrics->scripts;

    pthread_mutex_lock(&metrics->lock);
    while (*link != NULL &&
           ((*link)->worker != worker || (*link)->kind != kind || strncmp((*link)->name, name, METRICS_NAME - 1) != 0))
        link = &(*link)->next;
    if (*link == NULL) {
        *link = create_block(sizeof **link);
        (*link)->worker = worker;
        (*link)->kind = kind;
        snprintf((*link)->name, METRICS_NAME, "%s", name);
    }
    struct metrics_script *script = *link;
    pthread_mutex_unlock(&metrics->lock);
    return script;
}

void metrics_set_certificates(struct metrics *metrics, struct metrics_certificate *items, size_t count)
{
    struct metrics_certificate *old;
    size_t old_count;

    pthread_mutex_lock(&metrics->lock);
    old = metrics->certificates;
    old_count = metrics->certificate_count;
    metrics->certificates = items;
    metrics->certificate_count = count;
    pthread_mutex_unlock(&metrics->lock);
    for (size_t i = 0; i < old_count; i++)
        free(old[i].file);
    free(old);
}

void metrics_gather(struct metrics *metrics, void (*visit)(void *visitor, const struct metrics_lists *lists),
                    void *visitor)
{
    pthread_mutex_lock(&metrics->lock);
    visit(visitor, &(struct metrics_lists){metrics->servers, metrics->exports, metrics->scripts, metrics->certificates,
                                           metrics->certificate_count});
    pthread_mutex_unlock(&metrics->lock);
}
