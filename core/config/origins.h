// core/config/origins.h: to which hosts scripts may send requests (`scripts.http`).  Thread: any, once loaded.
#ifndef CONFIG_ORIGINS_H
#define CONFIG_ORIGINS_H

#include <stdbool.h>
#include <stddef.h>

/** One entry of `scripts.http:`. */
struct origin_config {
    char *origin;   // as url_origin() writes it
    char **scripts; // names of the filters and proxy actions that may use it
    size_t script_count;
    bool for_all; // all scripts may
};

struct origin_list {
    struct origin_config *items;
    size_t count;
};

/** May the script `name` send requests to this URL? Scheme, host and port must be those of an entry.
 *  @param url  url_fault() finds none */
bool origins_permit(const struct origin_list *list, const char *name, const char *url);
/** Frees what reader_origins() made. */
void origins_free(struct origin_list *list);

#endif
