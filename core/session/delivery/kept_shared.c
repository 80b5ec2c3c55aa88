// core/session/delivery/kept_shared.c: what the workers share of their kept feeds; see kept.h.
#include "session/delivery/kept_shared.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct kept_shared *kept_shared_create(uint32_t workers)
{
    struct kept_shared *shared = memory_zero(1, sizeof *shared + workers * sizeof shared->oldest_ms[0]);

    resume_id_random(shared->epoch, sizeof shared->epoch);
    shared->workers = shared->id_workers = workers;
    for (uint32_t i = 0; i < workers; i++)
        atomic_init(&shared->oldest_ms[i], UINT64_MAX);
    return shared;
}

void kept_shared_destroy(struct kept_shared *shared)
{
    free(shared);
}

uint32_t kept_workers(const struct kept_shared *shared)
{
    return shared->workers;
}

const char *kept_epoch(const struct kept_shared *shared)
{
    return shared->epoch;
}

void kept_succeed(struct kept_shared *shared, const char *epoch, uint32_t workers)
{
    memcpy(shared->epoch, epoch, sizeof shared->epoch);
    if (workers > shared->workers)
        shared->id_workers = workers;
}

size_t kept_held_bytes(const struct kept_shared *shared)
{
    return atomic_load_explicit(&shared->held, memory_order_relaxed);
}

uint32_t kept_id_workers(const struct kept_shared *shared)
{
    return shared->id_workers;
}

uint32_t kept_worker_of(const struct kept_shared *shared, uint32_t named)
{
    return named % shared->workers;
}
