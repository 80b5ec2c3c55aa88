// core/hub/cluster.c: see cluster.h.
#include "hub/cluster.h"

#include "base/memory.h"
#include "bus/bus.h"
#include "hub/inside.h"
#include "letters/letters.h"

#include <stdlib.h>

struct hub_cluster {
    struct bus *bus;
};

bool hub_cluster_create(struct hub *hub, struct hub_cluster **cluster, struct error *err)
{
    *cluster = NULL;
    if (!config_has_cluster(hub->config))
        return true;
    struct bus *bus = bus_create(&hub->config->cluster, &hub->inbox, HUB_BUS, hub->shared.metrics, err);
    if (bus == NULL)
        return false;
    *cluster = memory_zero(1, sizeof **cluster);
    (*cluster)->bus = bus;
    return true;
}

bool hub_cluster_start(struct hub_cluster *cluster, struct error *err)
{
    return cluster == NULL || bus_start(cluster->bus, err);
}

void hub_cluster_destroy(struct hub_cluster *cluster)
{
    if (cluster == NULL)
        return;
    bus_destroy(cluster->bus);
    free(cluster);
}

void hub_cluster_take(struct hub_cluster *cluster, struct letter *letter)
{
    bus_letter_destroy(cluster->bus, (struct bus_letter *)letter);
}

void hub_cluster_drop(struct letter *letter)
{
    bus_letter_destroy(NULL, (struct bus_letter *)letter);
}
