// core/config/hashes.c: see hashes.h.
#include "config/hashes.h"

#include "auth/hash.h"
#include "base/log.h"

#define KINDS 16 // most different methods and costs that are counted to find the most common

void hashes_check(struct report *report, const struct yaml_node *node, struct user_config *user)
{
    user->hashed = user->secret != NULL && hash_is_known(user->secret);
    const char *fault = user->hashed ? hash_fault(user->secret) : NULL;
    if (fault != NULL)
        yaml_tree_report(report, node, "expected a secret, or a complete hash of mkpasswd(1); found %s", fault);
}

/** Users whose hashes take the same time to be checked. */
struct kind {
    const char *hash; // of one of them
    size_t count;
};

static bool is_of(const struct kind *kind, const char *hash)
{
    size_t length = hash_cost_length(hash);
    return length == hash_cost_length(kind->hash) && memcmp(hash, kind->hash, length) == 0;
}

void hashes_choose(struct config *config)
{
    struct kind kinds[KINDS] = {{0}};
    size_t most = 0;
    for (size_t i = 0; i < config->user_count; i++) {
        const char *hash = config->users[i].secret;
        size_t at = 0;
        while (config->users[i].hashed && at < KINDS && kinds[at].hash != NULL && !is_of(&kinds[at], hash))
            at++;
        if (!config->users[i].hashed || at == KINDS)
            continue;
        if (kinds[at].hash == NULL)
            kinds[at].hash = hash;
        if (++kinds[at].count > most) {
            most = kinds[at].count;
            config->auth.usual_hash = kinds[at].hash;
        }
    }
}

void hashes_warn(const struct config *config)
{
    for (size_t i = 0; i < config->user_count; i++) {
        const struct user_config *user = &config->users[i];
        char name[128];
        if (user->hashed || !hash_is_like(user->secret))
            continue;
        log_warn(NULL, "a secret looks like a hash that libcrypt does not know, and is taken as plain text user=%s",
                 log_quote(name, sizeof name, span_of(user->name)));
    }
}
