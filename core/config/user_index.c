// core/config/user_index.c: see user_index.h.
#include "config/user_index.h"

#include "base/map.h"
#include "base/memory.h"

#include <stdlib.h>

struct user_index {
    struct map by_name;
    struct map_node nodes[]; // one for each of config->users
};

const struct user_config *user_index_add(struct config *config, size_t at)
{
    struct span name = span_of(config->users[at].name);
    struct user_index *index = config->user_index;
    const struct user_config *other;

    if (index == NULL) {
        index = memory_zero(1, sizeof *index + config->user_count * sizeof index->nodes[0]);
        map_init(&index->by_name, false);
        config->user_index = index;
    }
    other = user_index_find(config, name);
    if (other == NULL)
        map_add(&index->by_name, &index->nodes[at], 0, name);
    return other;
}

const struct user_config *user_index_find(const struct config *config, struct span name)
{
    const struct user_index *index = config->user_index;
    const struct map_node *node = index == NULL ? NULL : map_find(&index->by_name, 0, name);

    return node == NULL ? NULL : &config->users[node - index->nodes];
}

void user_index_free(struct config *config)
{
    if (config->user_index != NULL)
        map_fini(&config->user_index->by_name);
    free(config->user_index);
    config->user_index = NULL;
}
