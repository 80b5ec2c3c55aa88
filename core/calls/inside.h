// core/calls/inside.h: the inside of `struct calls`, for the files of this room only.
#ifndef CALLS_INSIDE_H
#define CALLS_INSIDE_H

#include "ami/device.h"
#include "base/list.h"
#include "base/map.h"
#include "calls/calls.h"
#include "calls/identity.h"

/** A set of rules: `calls->words` words. */
typedef uint64_t *rule_bits;

struct channel {
    struct map_node by_id, by_name;
    struct call *call;
    struct list_node of_call;
    struct list_node by_age; // in the list of live channels, then in that of ended ones
    struct bridge *bridge;   // it is in this one, NULL: in none
    struct list_node of_bridge;
    uint32_t server;
    bool ended;
    uint32_t listing; // the server's listing since which it was heard of
    uint64_t ended_ms;
    char *id, *name, *context;       // context NULL: not known
    rule_bits own, seen;             // one block
    struct message *created, *state; // Newchannel and the last Newstate; NULL: none
};

/** Channels that belong together. */
struct call {
    struct list_head channels;
    struct link *links; // the Linkedids by which it is known
    rule_bits owners;   // of those who have a channel of their own that lives in it
};

/** A Linkedid. */
struct link {
    struct map_node node;
    struct link *next; // of the call
    struct call *call;
    char text[];
};

struct bridge {
    struct map_node node;
    struct list_head channels; // the latest to enter comes first
    struct message *created;
    rule_bits seen;
    char id[];
};

#define FIRST_OF_CALL(call) LIST_FIRST(&(call)->channels, struct channel, of_call)
#define NEXT_OF_CALL(channel) LIST_NEXT(channel, struct channel, of_call)
#define OLDEST_CHANNEL(list) LIST_FIRST(list, struct channel, by_age)
#define NEWER_CHANNEL(channel) LIST_NEXT(channel, struct channel, by_age)
#define LATEST_OF_BRIDGE(bridge) LIST_FIRST(&(bridge)->channels, struct channel, of_bridge)

/** What the current message made visible. */
struct reveal {
    struct message *message; // one reference
    rule_bits bits;
};

/** A server of which something was heard. */
struct known_server {
    char *name;
    uint32_t listing; // number of its last listing that began
    bool is_spoiled;  // that listing said Error: what it does not name may be up nevertheless
};

/** Rules that agree in their in_context. */
struct context_group {
    struct map_node node; // first; its key is the context, which the first of the rules owns
    size_t *rules;        // their places, growing
    size_t count;
};

/** A rule by its user, who has one. */
struct rule_user {
    struct map_node node; // first
    size_t place;
};

struct calls {
    struct call_rule *rules;      // texts owned
    struct device_entry *entries; // what the channel of each means, where there is one
    size_t rule_count, words;
    struct map users; // of rules: struct rule_user
    struct rule_user *rule_users;
    rule_bits more_events;  // rules with it
    rule_bits context_only; // … and no channel
    struct map groups;      // of in_context: struct context_group
    rule_bits with_context; // rules that are in one

    struct known_server *servers; // a channel's `server` is a place in it
    uint32_t server_count;
    struct map ids, names, links, bridges;
    struct list_head live, ended; // channels, oldest first
    size_t ended_count;

    struct identity identity; // of the current message
    rule_bits verdict;        // who sees it
    rule_bits verdict_own;    // … as an answer to an action of his own
    rule_bits scratch, fresh;
    struct reveal *reveals;
    size_t reveal_count, reveal_capacity;
};

// --- sets of rules (rules.c) ---
rule_bits bits_new(const struct calls *calls);
void bits_clear(const struct calls *calls, rule_bits bits);
void bits_fill(const struct calls *calls, rule_bits bits);
void bits_copy(const struct calls *calls, rule_bits to, const uint64_t *from);
void bits_add(const struct calls *calls, rule_bits to, const uint64_t *more);
void bits_keep(const struct calls *calls, rule_bits to, const uint64_t *only);
void bits_take(const struct calls *calls, rule_bits from, const uint64_t *less);
bool bits_any(const struct calls *calls, const uint64_t *bits);
static inline bool bits_has(const uint64_t *bits, size_t rule)
{
    return (bits[rule / 64] >> (rule % 64) & 1) != 0;
}
/** The same for one rule, whose bit is set if it is his, and stays else. */
void rules_match_one(const struct calls *calls, size_t at, struct span name, struct span context, rule_bits bits);
/** The rules for which a channel of that name, in that context (empty: not known), is their own. */
void rules_match(const struct calls *calls, struct span name, struct span context, rule_bits bits);
/** Adds the rules for which the device is their own. */
void rules_match_device(const struct calls *calls, struct span technology, struct span device, rule_bits bits);
/** Takes out the rules that want another context. @param context  empty: nothing is taken out */
void rules_veto(const struct calls *calls, struct span context, rule_bits bits);
/** Adds the rules that want exactly this context and name no channel. */
void rules_of_context(const struct calls *calls, struct span context, rule_bits bits);

/** Makes rules of calls that have none; the texts are copied. */
void rules_take(struct calls *calls, const struct call_rule *rules, size_t count);
/** Frees the rules and every set that rules_take() made. */
void rules_free(struct calls *calls);

// --- what events teach (learn.c) ---
#define NAME_LENGTH 512 // a longer id or name is nobody's

/** What an event teaches. */
enum lesson {
    LESSON_NONE,
    LESSON_CREATED, // Newchannel
    LESSON_STATE,
    LESSON_JOINED, // all channels that it names belong together
    LESSON_ENTERED,
    LESSON_LEFT,
    LESSON_BRIDGE,
    LESSON_BRIDGE_GONE,
    LESSON_RENAMED,
    LESSON_ENDED,
    LESSON_SHUTDOWN // the server ends
};

/** The channel that is named: by its id, else by its name. NULL: not known. */
struct channel *learn_find(const struct calls *calls, uint32_t server, const struct named_channel *named);
/** Notes what must be known before the current message is judged.
 *  @param channels  becomes the channels that it names; NULL where one is not known and has no id */
enum lesson learn_before(struct calls *calls, uint32_t server, struct message *message, struct channel **channels);
/** The channel that is named, made if it has an id; what is said of it is noted. @param renamed  its name is the old
 * one
 *  @return NULL: not known */
struct channel *learn_channel(struct calls *calls, uint32_t server, const struct named_channel *named, bool renamed);
/** Notes what is only true once it was judged. @param channel  the first that it names, or NULL */
void learn_after(struct calls *calls, uint32_t server, enum lesson lesson, struct channel *channel,
                 struct message *message, uint64_t now_ms);

// --- channels and calls (channels.c) ---
struct channel *channels_find_id(const struct calls *calls, uint32_t server, struct span id);
struct channel *channels_find_name(const struct calls *calls, uint32_t server, struct span name);
/** A new channel in a call of its own. */
struct channel *channels_create(struct calls *calls, uint32_t server, struct span id, struct span name);
void channels_rename(struct calls *calls, struct channel *channel, struct span name);
/** Its own call is known by that Linkedid too: joins what is known by it already. */
void channels_link(struct calls *calls, struct channel *channel, struct span linked_id);
/** Both belong to one call from now on. */
void channels_join(struct calls *calls, struct channel *channel, struct channel *other);
/** Name or context may have changed: is it somebody's own now? */
void channels_judge(struct calls *calls, struct channel *channel, struct span context);
/** It hung up: kept for a while for its Cdr. */
void channels_end(struct calls *calls, struct channel *channel, uint64_t now_ms);
/** Frees what ended long ago. */
void channels_purge(struct calls *calls, uint64_t now_ms);
void channels_free_all(struct calls *calls);
/** The call of a Linkedid, or NULL. */
struct call *channels_find_call(const struct calls *calls, uint32_t server, struct span linked_id);
/** Rules changed: who owns and sees what. @param kept  place of each old rule among the new ones, SIZE_MAX: gone
 *  @param old_count  how many there were */
void channels_new_rules(struct calls *calls, const size_t *kept, size_t old_count);

// --- bridges (bridges.c) ---
struct bridge *bridges_find(const struct calls *calls, uint32_t server, struct span id);
struct bridge *bridges_get(struct calls *calls, uint32_t server, struct span id);
void bridges_enter(struct calls *calls, struct bridge *bridge, struct channel *channel);
void bridges_leave(struct channel *channel);
/** `bits` see a channel in it. */
void bridges_see(struct calls *calls, struct bridge *bridge, const uint64_t *bits);
void bridges_destroy(struct calls *calls, struct bridge *bridge);
void bridges_free_all(struct calls *calls);
void bridges_new_rules(struct calls *calls);

/** Another message: forgets what the last one made visible. */
void calls_begin(struct calls *calls);
/** The place of a server's name, which is made if there is none. */
uint32_t calls_server(struct calls *calls, struct span name);
/** The current message has made `message` visible to `bits`. NULL: nothing to show. */
void calls_add_reveal(struct calls *calls, struct message *message, const uint64_t *bits);

#endif
