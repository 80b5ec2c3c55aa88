// core/hub/certificates.c: see certificates.h.
#include "hub/certificates.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/certificate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400

struct certificates {
    struct metrics_certificate *items;
    size_t count;
    int64_t now_s;
};

static void certificates_warn(const struct metrics_certificate *item, int64_t now_s)
{
    char when[32], file[300];
    time_t end = (time_t)item->end_s;
    struct tm parts;

    if (item->end_s - now_s >= (int64_t)CERTIFICATES_WARN_DAYS * DAY_S)
        return;
    gmtime_r(&end, &parts);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    log_text(file, sizeof file, item->file);
    if (item->end_s <= now_s)
        log_warn(NULL, "certificate has ended use=%s file=%s ended=%s", item->use, file, when);
    else
        log_warn(NULL, "certificate ends soon use=%s file=%s ends=%s days=%" PRId64, item->use, file, when,
                 (item->end_s - now_s) / DAY_S);
}

/** Adds the certificate of a file once for each use. @param file  NULL: none is named */
static void certificates_add(struct certificates *all, const char *use, const char *file, enum certificate_kind kind)
{
    struct metrics_certificate item = {.use = use};

    for (size_t i = 0; file != NULL && i < all->count; i++) {
        if (strcmp(all->items[i].use, use) == 0 && strcmp(all->items[i].file, file) == 0)
            return;
    }
    if (file == NULL || !certificate_read_end(file, kind, &item.end_s))
        return; // who needs the file has told what is wrong with it
    item.file = memory_text(file);
    certificates_warn(&item, all->now_s);
    all->items = memory_grow(all->items, (all->count + 1) * sizeof *all->items);
    all->items[all->count++] = item;
}

void certificates_look(const struct config *config, struct metrics *metrics)
{
    struct certificates all = {0};
    int32_t microseconds;

    clock_wall(&all.now_s, &microseconds);
    certificates_add(&all, "tls.certificate", config->tls.certificate, CERTIFICATE_CHAIN);
    certificates_add(&all, "tls.client_ca", config->tls.client_ca, CERTIFICATE_AUTHORITIES);
    for (size_t i = 0; i < config->server_count; i++) {
        if (config->servers[i].tls == SERVER_TLS_VERIFY)
            certificates_add(&all, "servers.ca_file", config->servers[i].ca_file, CERTIFICATE_AUTHORITIES);
    }
    for (size_t i = 0; i < config->export_count; i++)
        certificates_add(&all, "exports.ca_file", config->exports[i].ca_file, CERTIFICATE_AUTHORITIES);
    certificates_add(&all, "cluster.tls.certificate", config->cluster.tls.certificate, CERTIFICATE_CHAIN);
    certificates_add(&all, "cluster.tls.ca", config->cluster.tls.ca, CERTIFICATE_AUTHORITIES);
    metrics_set_certificates(metrics, all.items, all.count);
}
