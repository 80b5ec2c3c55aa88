// core/session/keys.c: see keys.h. A key is kept as its digest alone.
#include "session/keys.h"

#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_BYTES 32

/** What is known of a session. It is in both maps, by its digest and by its number. */
struct keyed {
    struct map_node by_digest; // must be first: a pointer to it is cast to the struct
    struct map_node by_id;
    struct list_node of_plugin; // in `unknown` of its plugin while it has not logged in
    struct plugin_sessions *plugin;
    uint64_t id;
    bool busy; // a secret of it is being checked
    struct session_place place;
    unsigned char digest[DIGEST_BYTES];
};

/** The sessions of one plugin. */
struct plugin_sessions {
    struct plugin_sessions *next;
    const struct amp_plugin *plugin;
    uint64_t count;
    struct list_head unknown; // those that have not logged in (struct keyed), oldest first
};

struct session_keys {
    pthread_mutex_t lock;
    struct plugin_sessions *plugins; // one for each plugin that ever had a session
    struct map by_digest, by_id;
};

struct session_keys *session_keys_create(void)
{
    struct session_keys *keys = memory_zero(1, sizeof *keys);

    pthread_mutex_init(&keys->lock, NULL);
    map_init(&keys->by_digest, false);
    map_init(&keys->by_id, false);
    return keys;
}

void session_keys_destroy(struct session_keys *keys)
{
    if (keys == NULL)
        return;
    for (struct plugin_sessions *plugin = keys->plugins, *next; plugin != NULL; plugin = next) {
        next = plugin->next;
        free(plugin);
    }
    map_fini(&keys->by_digest);
    map_fini(&keys->by_id);
    pthread_mutex_destroy(&keys->lock);
    free(keys);
}

static struct span id_key(const uint64_t *id)
{
    return (struct span){(const char *)id, sizeof *id};
}

static void digest_of(const struct amp_plugin *plugin, const struct amp_key *key, unsigned char digest[DIGEST_BYTES])
{
    unsigned char both[sizeof key->bytes + sizeof(struct amp_plugin *)];

    memcpy(both, key->bytes, sizeof key->bytes);
    memcpy(both + sizeof key->bytes, (const void *)&plugin, sizeof(struct amp_plugin *));
    if (EVP_Digest(both, sizeof both, digest, NULL, EVP_sha256(), NULL) != 1)
        memory_exhausted(DIGEST_BYTES);
    explicit_bzero(both, sizeof both);
}

static struct keyed *find_digest(const struct session_keys *keys, const unsigned char digest[DIGEST_BYTES])
{
    return (struct keyed *)(void *)map_find(&keys->by_digest, 0, (struct span){(const char *)digest, DIGEST_BYTES});
}

static struct plugin_sessions *sessions_of(struct session_keys *keys, const struct amp_plugin *plugin)
{
    struct plugin_sessions *found = keys->plugins;

    while (found != NULL && found->plugin != plugin)
        found = found->next;
    if (found == NULL) {
        found = memory_zero(1, sizeof *found);
        found->plugin = plugin;
        found->next = keys->plugins;
        keys->plugins = found;
    }
    return found;
}

/** Takes one out of all maps and lists; the caller frees it. */
static void take_out(struct session_keys *keys, struct keyed *keyed)
{
    map_remove(&keys->by_digest, &keyed->by_digest);
    map_remove(&keys->by_id, &keyed->by_id);
    list_remove(&keyed->plugin->unknown, &keyed->of_plugin);
    keyed->plugin->count--;
}

/** Makes room: the oldest idle session that has not logged in loses its key. @return its number; 0: there is none */
static uint64_t keys_displace(struct session_keys *keys, const struct plugin_sessions *plugin)
{
    struct keyed *oldest = LIST_FIRST(&plugin->unknown, struct keyed, of_plugin);
    uint64_t id;

    while (oldest != NULL && oldest->busy)
        oldest = LIST_NEXT(oldest, struct keyed, of_plugin);
    if (oldest == NULL)
        return 0;
    id = oldest->id;
    take_out(keys, oldest);
    free(oldest);
    return id;
}

enum session_keys_answer session_keys_add(struct session_keys *keys, const struct amp_plugin *plugin,
                                          const struct amp_key *key, uint64_t id, uint64_t most, uint64_t *displaced)
{
    enum session_keys_answer answer = SESSION_KEYS_ADDED;
    struct keyed *keyed = memory_zero(1, sizeof *keyed);

    *displaced = 0;
    keyed->id = id;
    digest_of(plugin, key, keyed->digest);
    pthread_mutex_lock(&keys->lock);
    keyed->plugin = sessions_of(keys, plugin);
    if (find_digest(keys, keyed->digest) != NULL)
        answer = SESSION_KEYS_TAKEN;
    else if (keyed->plugin->count >= most && (*displaced = keys_displace(keys, keyed->plugin)) == 0)
        answer = SESSION_KEYS_FULL;
    if (answer == SESSION_KEYS_ADDED) {
        map_add(&keys->by_digest, &keyed->by_digest, 0, (struct span){(const char *)keyed->digest, DIGEST_BYTES});
        map_add(&keys->by_id, &keyed->by_id, 0, id_key(&keyed->id));
        list_add_last(&keyed->plugin->unknown, &keyed->of_plugin);
        keyed->plugin->count++;
    }
    pthread_mutex_unlock(&keys->lock);
    if (answer != SESSION_KEYS_ADDED)
        free(keyed);
    return answer;
}

static struct keyed *find_id(const struct session_keys *keys, uint64_t id)
{
    struct map_node *node = map_find(&keys->by_id, 0, id_key(&id));

    return node == NULL ? NULL : LIST_OBJECT(node, struct keyed, by_id);
}

void session_keys_place(struct session_keys *keys, uint64_t id, struct session_place place)
{
    struct keyed *keyed;

    pthread_mutex_lock(&keys->lock);
    keyed = find_id(keys, id);
    if (keyed != NULL)
        keyed->place = place;
    pthread_mutex_unlock(&keys->lock);
}

void session_keys_set_known(struct session_keys *keys, uint64_t id, bool known)
{
    struct keyed *keyed;

    pthread_mutex_lock(&keys->lock);
    keyed = find_id(keys, id);
    if (keyed != NULL && known)
        list_remove(&keyed->plugin->unknown, &keyed->of_plugin);
    else if (keyed != NULL && !list_has(&keyed->plugin->unknown, &keyed->of_plugin))
        list_add_last(&keyed->plugin->unknown, &keyed->of_plugin);
    pthread_mutex_unlock(&keys->lock);
}

void session_keys_set_busy(struct session_keys *keys, uint64_t id, bool busy)
{
    struct keyed *keyed;

    pthread_mutex_lock(&keys->lock);
    keyed = find_id(keys, id);
    if (keyed != NULL)
        keyed->busy = busy;
    pthread_mutex_unlock(&keys->lock);
}

void session_keys_remove(struct session_keys *keys, uint64_t id)
{
    struct keyed *keyed;

    pthread_mutex_lock(&keys->lock);
    keyed = find_id(keys, id);
    if (keyed != NULL)
        take_out(keys, keyed);
    pthread_mutex_unlock(&keys->lock);
    free(keyed);
}

bool session_keys_find(struct session_keys *keys, const struct amp_plugin *plugin, const struct amp_key *key,
                       struct session_place *place, bool *known)
{
    unsigned char digest[DIGEST_BYTES];
    const struct keyed *keyed;

    digest_of(plugin, key, digest);
    pthread_mutex_lock(&keys->lock);
    keyed = find_digest(keys, digest);
    if (keyed != NULL) {
        *place = keyed->place;
        *known = !list_has(&keyed->plugin->unknown, &keyed->of_plugin);
    }
    pthread_mutex_unlock(&keys->lock);
    return keyed != NULL;
}
