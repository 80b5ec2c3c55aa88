// core/script/shared.c: the store that all workers share.
#include "script/shared.h"

#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>

struct item {
    struct item *next; // of the same slot
    uint64_t hash;
    uint64_t expires_ms; // 0: never
    struct shared_value value;
    char *text; // of a text
    size_t key_length;
    char key[];
};

struct script_shared {
    pthread_mutex_t lock;
    struct item **slots;
    uint64_t seed; // of the hash
    uint32_t slot_count, count;
    uint32_t sweep;       // the slot that is searched next for expired items
    uint64_t earliest_ms; // no item expires before
    uint64_t bytes, limit;
};

struct script_shared *script_shared_create(uint64_t bytes)
{
    struct script_shared *shared = memory_zero(1, sizeof *shared);
    pthread_mutex_init(&shared->lock, NULL);
    shared->seed = hash_seed();
    shared->slot_count = 64;
    shared->slots = memory_zero(shared->slot_count, sizeof *shared->slots);
    shared->limit = bytes;
    shared->earliest_ms = UINT64_MAX;
    return shared;
}

void script_shared_set_limit(struct script_shared *shared, uint64_t bytes)
{
    pthread_mutex_lock(&shared->lock);
    shared->limit = bytes;
    pthread_mutex_unlock(&shared->lock);
}

static void free_item(struct item *item)
{
    free(item->text);
    free(item);
}

void script_shared_destroy(struct script_shared *shared)
{
    if (shared == NULL)
        return;
    for (uint32_t i = 0; i < shared->slot_count; i++)
        while (shared->slots[i] != NULL) {
            struct item *item = shared->slots[i];
            shared->slots[i] = item->next;
            free_item(item);
        }
    pthread_mutex_destroy(&shared->lock);
    free(shared->slots);
    free(shared);
}

/** Hashes a key with a seed, as keys may come from clients. */
static uint64_t hash_of(const struct script_shared *shared, struct span key)
{
    return hash_mix(hash_span(shared->seed, key));
}

static uint64_t cost_of(size_t key_length, const struct shared_value *value)
{
    return sizeof(struct item) + 16 + key_length + (value->kind == SHARED_TEXT ? value->text.length : 0);
}

static void remove_at(struct script_shared *shared, struct item **link)
{
    struct item *item = *link;
    *link = item->next;
    shared->count--;
    shared->bytes -= cost_of(item->key_length, &item->value);
    free_item(item);
}

static bool is_expired(const struct item *item, uint64_t now)
{
    return item->expires_ms != 0 && item->expires_ms <= now;
}

/** Returns the link to the item of `key`, or the link at which it would be added. Removes it if it has expired. */
static struct item **shared_find(struct script_shared *shared, struct span key, uint64_t now)
{
    uint64_t hash = hash_of(shared, key);
    struct item **link = &shared->slots[hash & (shared->slot_count - 1)];
    while (*link != NULL) {
        struct item *item = *link;
        if (item->hash == hash && span_equals((struct span){item->key, item->key_length}, key)) {
            if (is_expired(item, now)) {
                remove_at(shared, link);
                continue;
            }
            return link;
        }
        link = &item->next;
    }
    return link;
}

static void shared_grow(struct script_shared *shared)
{
    uint32_t count = shared->slot_count * 2;
    struct item **slots = memory_zero(count, sizeof(struct item *));
    for (uint32_t i = 0; i < shared->slot_count; i++)
        while (shared->slots[i] != NULL) {
            struct item *item = shared->slots[i];
            shared->slots[i] = item->next;
            item->next = slots[item->hash & (count - 1)];
            slots[item->hash & (count - 1)] = item;
        }
    free(shared->slots);
    shared->slots = slots;
    shared->slot_count = count;
}

/** Removes expired items of some slots, so that none stays for long. */
static void shared_sweep(struct script_shared *shared, uint64_t now, uint32_t slots)
{
    for (uint32_t i = 0; i < slots; i++) {
        struct item **link = &shared->slots[shared->sweep++ & (shared->slot_count - 1)];
        while (*link != NULL) {
            if (is_expired(*link, now))
                remove_at(shared, link);
            else
                link = &(*link)->next;
        }
    }
}

/** Removes all expired items. @return false: there can be none */
static bool shared_sweep_all(struct script_shared *shared, uint64_t now)
{
    if (now < shared->earliest_ms)
        return false;
    shared_sweep(shared, now, shared->slot_count);
    shared->earliest_ms = UINT64_MAX;
    for (uint32_t i = 0; i < shared->slot_count; i++)
        for (const struct item *item = shared->slots[i]; item != NULL; item = item->next)
            if (item->expires_ms != 0 && item->expires_ms < shared->earliest_ms)
                shared->earliest_ms = item->expires_ms;
    return true;
}

static void shared_store(struct item *item, const struct shared_value *value)
{
    char *text = value->kind == SHARED_TEXT ? memory_text_of(value->text.bytes, value->text.length) : NULL;
    free(item->text);
    item->text = text;
    item->value = *value;
    item->value.text.bytes = text;
}

/** Sets the item at `link`, or adds it there. */
static enum shared_result shared_put(struct script_shared *shared, struct item **link, struct span key,
                                     const struct shared_value *value, uint64_t expires_ms)
{
    uint64_t before = *link == NULL ? 0 : cost_of(key.length, &(*link)->value);
    uint64_t after = cost_of(key.length, value);
    if (shared->bytes - before + after > shared->limit)
        return SHARED_FULL;
    if (*link == NULL) {
        struct item *item = memory_zero(1, sizeof *item + key.length + 1);
        item->hash = hash_of(shared, key);
        item->key_length = key.length;
        memcpy(item->key, key.bytes, key.length);
        *link = item;
        shared->count++;
    }
    shared_store(*link, value);
    (*link)->expires_ms = expires_ms;
    if (expires_ms != 0 && expires_ms < shared->earliest_ms)
        shared->earliest_ms = expires_ms;
    shared->bytes = shared->bytes - before + after;
    if (shared->count > shared->slot_count)
        shared_grow(shared);
    return SHARED_OK;
}

/** Sets the item of `key`, or adds it. If there is no room, expired items may use it. */
static enum shared_result shared_put_key(struct script_shared *shared, struct span key,
                                         const struct shared_value *value, uint64_t expires_ms, uint64_t now)
{
    enum shared_result result = shared_put(shared, shared_find(shared, key, now), key, value, expires_ms);

    if (result == SHARED_FULL && shared_sweep_all(shared, now))
        result = shared_put(shared, shared_find(shared, key, now), key, value, expires_ms);
    return result;
}

struct shared_value shared_get(struct script_shared *shared, struct span key, uint64_t now)
{
    struct shared_value value = {.kind = SHARED_NONE};
    pthread_mutex_lock(&shared->lock);
    struct item *item = *shared_find(shared, key, now);
    if (item != NULL)
        value = item->value;
    if (value.kind == SHARED_TEXT)
        value.text.bytes = memory_text_of(item->text, value.text.length);
    pthread_mutex_unlock(&shared->lock);
    return value;
}

enum shared_result shared_set(struct script_shared *shared, struct span key, const struct shared_value *value,
                              bool only_new, uint64_t life_ms, uint64_t now)
{
    enum shared_result result = SHARED_EXISTS;
    uint64_t expires_ms = life_ms == 0 ? 0 : now + life_ms;

    pthread_mutex_lock(&shared->lock);
    shared_sweep(shared, now, 2);
    if (!only_new || *shared_find(shared, key, now) == NULL)
        result = shared_put_key(shared, key, value, expires_ms, now);
    pthread_mutex_unlock(&shared->lock);
    return result;
}

enum shared_result shared_incr(struct script_shared *shared, struct span key, int64_t by, uint64_t life_ms,
                               uint64_t now, int64_t *result)
{
    enum shared_result status = SHARED_OK;

    pthread_mutex_lock(&shared->lock);
    shared_sweep(shared, now, 2);
    struct item **link = shared_find(shared, key, now);
    if (*link == NULL) {
        struct shared_value value = {.kind = SHARED_INTEGER, .integer = by};
        status = shared_put_key(shared, key, &value, life_ms == 0 ? 0 : now + life_ms, now);
        *result = by;
    } else if ((*link)->value.kind != SHARED_INTEGER) {
        status = SHARED_NO_NUMBER;
    } else {
        (*link)->value.integer = (int64_t)((uint64_t)(*link)->value.integer + (uint64_t)by);
        *result = (*link)->value.integer;
    }
    pthread_mutex_unlock(&shared->lock);
    return status;
}

bool shared_delete(struct script_shared *shared, struct span key, uint64_t now)
{
    pthread_mutex_lock(&shared->lock);
    struct item **link = shared_find(shared, key, now);
    bool found = *link != NULL;
    if (found)
        remove_at(shared, link);
    pthread_mutex_unlock(&shared->lock);
    return found;
}

void shared_keys(struct script_shared *shared, struct span prefix, uint64_t now, uint32_t most,
                 void (*visit)(void *visitor, struct span key), void *visitor)
{
    pthread_mutex_lock(&shared->lock);
    for (uint32_t i = 0; i < shared->slot_count; i++)
        for (struct item *item = shared->slots[i]; item != NULL && most > 0; item = item->next)
            if (!is_expired(item, now) && item->key_length >= prefix.length &&
                memcmp(item->key, prefix.bytes, prefix.length) == 0) {
                visit(visitor, (struct span){item->key, item->key_length});
                most--;
            }
    pthread_mutex_unlock(&shared->lock);
}

uint64_t script_shared_bytes(struct script_shared *shared)
{
    pthread_mutex_lock(&shared->lock);
    uint64_t bytes = shared->bytes;
    pthread_mutex_unlock(&shared->lock);
    return bytes;
}
