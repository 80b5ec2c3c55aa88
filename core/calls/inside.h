// core/calls/inside.h: the definition of `struct calls`, for the files of this room only.
#ifndef CALLS_INSIDE_H
#define CALLS_INSIDE_H

#include "ami/device.h"
#include "base/list.h"
#include "base/map.h"
#include "calls/calls.h"
#include "calls/identity.h"

/** A set of rules: an array of `calls->words` words. */
typedef uint64_t *rule_bits;

struct channel {
    struct map_node by_id, by_name;
    struct call *call;
    struct list_node of_call;
    struct list_node by_age; // in the list of live channels, then in that of ended ones
    struct bridge *bridge;   // the bridge that it is in, NULL: none
    struct list_node of_bridge;
    uint32_t server; // index of its server
    bool ended;
    uint32_t listing; // the server's `listing` when the channel was last named
    uint64_t ended_ms;
    char *id, *name, *context;       // context NULL: not known
    char *tenant;                    // its last Tenantid that was not empty; NULL: it has had none
    rule_bits own, seen;             // one block
    struct message *created, *state; // Newchannel and the last Newstate; NULL: none
};

/** Channels that belong together. */
struct call {
    struct list_head channels;
    struct link *links; // the Linkedids of its channels
    rule_bits owners;   // rules with a live channel of their own in it
    char *tenant;       // of its live channels that have one; "": of several; NULL: it has had none. See tenants.c
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
    struct list_head channels; // the one that entered last is first
    struct message *created;
    rule_bits seen;
    char id[];
};

#define FIRST_OF_CALL(call) LIST_FIRST(&(call)->channels, struct channel, of_call)
#define NEXT_OF_CALL(channel) LIST_NEXT(channel, struct channel, of_call)
#define OLDEST_CHANNEL(list) LIST_FIRST(list, struct channel, by_age)
#define NEWER_CHANNEL(channel) LIST_NEXT(channel, struct channel, by_age)
#define LATEST_OF_BRIDGE(bridge) LIST_FIRST(&(bridge)->channels, struct channel, of_bridge)

/** An earlier message that the current message has made visible. */
struct reveal {
    struct message *message; // one reference
    rule_bits bits;
};

/** A server that has sent a message. */
struct known_server {
    char *name;
    uint32_t listing; // number of its last list of channels that has begun
    bool is_spoiled;  // that list contained an Error: channels that it does not have may be up
};

/** Rules with the same in_context, or the same tenant. */
struct rule_group {
    struct map_node node; // must be first; its key is that text, owned by the first of the rules
    size_t *rules;        // their indexes, ascending
    size_t count;
};

/** The index of a user's rule. */
struct rule_user {
    struct map_node node; // must be first; its key is the user's name
    size_t place;
};

struct calls {
    struct call_rule *rules;      // with their texts
    struct device_entry *entries; // the parsed `channel` of each rule that has one
    size_t rule_count, words;
    struct map users; // struct rule_user
    struct rule_user *rule_users;
    rule_bits more_events;  // rules with more_events
    rule_bits context_only; // rules with in_context and without channel
    struct map groups;      // struct rule_group, by in_context
    rule_bits with_context; // rules with in_context
    struct map tenants;     // struct rule_group, by tenant
    rule_bits with_tenant;  // rules with tenant
    rule_bits tenant_only;  // … and with neither channel nor in_context
    bool has_tenants;       // is any rule in with_tenant?

    struct known_server *servers; // a channel's `server` is an index of this array
    uint32_t server_count;
    struct map ids, names, links, bridges;
    struct list_head live, ended; // channels, oldest first
    size_t ended_count;

    struct identity identity; // of the current message
    rule_bits verdict;        // rules that see the current message
    rule_bits verdict_own;    // … if it answers an action of their own user
    rule_bits scratch, fresh;
    struct reveal *reveals;
    size_t reveal_count, reveal_capacity;
};

// --- sets of rules (rules.c) ---
/** bits_new() makes an empty set, which the caller frees. bits_fill() sets all bits. bits_add() is the union,
 *  bits_keep() the intersection, bits_take() the difference of two sets. bits_any(): is the set not empty? bits_has():
 *  is the rule in the set? */
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
/** Adds rule `at` to `bits` if a channel of that name and context is the rule's own. */
void rules_match_one(const struct calls *calls, size_t at, struct span name, struct span context, rule_bits bits);
/** Removes the rules with a device that have no channel of that name. */
void rules_keep_named(const struct calls *calls, struct span name, rule_bits bits);
/** Sets `bits` to the rules that own a channel with this name, context (empty: not known) and tenant (empty: none). */
void rules_match(const struct calls *calls, struct span name, struct span context, struct span tenant, rule_bits bits);
/** Adds the rules that have that tenant alone, and removes those that have another one. */
void rules_match_tenant(const struct calls *calls, struct span tenant, rule_bits bits);
/** Adds the rules that own the device. */
void rules_match_device(const struct calls *calls, struct span technology, struct span device, rule_bits bits);
/** Removes the rules that require another context. @param context  empty: none is removed */
void rules_veto(const struct calls *calls, struct span context, rule_bits bits);
/** Removes the rules that have another tenant. @param tenant  empty: all rules with a tenant are removed */
void rules_veto_tenant(const struct calls *calls, struct span tenant, rule_bits bits);
/** Adds the rules that require exactly this context and have no channel. */
void rules_of_context(const struct calls *calls, struct span context, rule_bits bits);

/** Adds to `to`, a set of new rules, those that are in `from`, a set of old ones. @param kept  the new index of each
 * old rule, SIZE_MAX: it was removed */
void rules_carry_over(const size_t *kept, size_t old_count, const uint64_t *from, rule_bits to);
/** Sets the rules of an object that has none. The texts are copied. */
void rules_take(struct calls *calls, const struct call_rule *rules, size_t count);
/** Frees the rules and every set that rules_take() made. */
void rules_free(struct calls *calls);

// --- updates by events (learn.c) ---
#define NAME_LENGTH 512 // a channel with a longer id or name belongs to nobody

/** How an event changes channels and bridges. */
enum update {
    UPDATE_NONE,
    UPDATE_CREATED, // Newchannel
    UPDATE_STATE,
    UPDATE_JOINED, // all channels that it names belong to one call
    UPDATE_ENTERED,
    UPDATE_LEFT,
    UPDATE_BRIDGE,
    UPDATE_BRIDGE_GONE,
    UPDATE_RENAMED,
    UPDATE_ENDED,
    UPDATE_SHUTDOWN // the server exits
};

/** Finds a named channel by its id, or by its name if it has no id. @return NULL: it is not known */
struct channel *learn_find(const struct calls *calls, uint32_t server, const struct named_channel *named);
/** Applies the changes that must precede the judgement of the current message.
 *  @param channels  set to the channels that it names; NULL for one that is not known and has no id */
enum update learn_before(struct calls *calls, uint32_t server, struct message *message, struct channel **channels);
/** Finds a named channel, or makes it if it has an id, and updates it. A record (CEL, Cdr), which may be late, makes
 *  none and renames none. @param renamed  `named` has the old name
 *  @return NULL: it is not known, and was not made */
struct channel *learn_channel(struct calls *calls, uint32_t server, const struct named_channel *named, bool renamed);
/** Applies the changes that must follow the judgement. @param channel  the first channel that the message names, or
 *  NULL */
void learn_after(struct calls *calls, uint32_t server, enum update update, struct channel *channel,
                 struct message *message, uint64_t now_ms);

// --- channels and calls (channels.c) ---
/** Makes the call's live channels visible to its owners. */
void channels_see_all(struct calls *calls, const struct call *call);
/** Computes the owners of a call again, after one of its channels has ended or has got another tenant. */
void channels_count_owners(struct calls *calls, struct call *call);
/** Frees a channel whose Uniqueid a new one has. */
void channels_drop(struct calls *calls, struct channel *channel);
/** Find a channel by Uniqueid or by name. @return NULL: it is not known */
struct channel *channels_find_id(const struct calls *calls, uint32_t server, struct span id);
struct channel *channels_find_name(const struct calls *calls, uint32_t server, struct span name);
/** Makes a channel in a call of its own. */
struct channel *channels_create(struct calls *calls, uint32_t server, struct span id, struct span name);
/** Changes the name of a channel. */
void channels_rename(struct calls *calls, struct channel *channel, struct span name);
/** Adds a Linkedid to the channel's call, and merges it with the call that already has that Linkedid. */
void channels_link(struct calls *calls, struct channel *channel, struct span linked_id);
/** Merges the calls of two channels. */
void channels_join(struct calls *calls, struct channel *channel, struct channel *other);
/** Computes the owners of the channel anew, because its name or context may have changed. */
void channels_judge(struct calls *calls, struct channel *channel, struct span context);
/** Takes a live channel that was renamed from those who own it as a channel of their device, if its name is not such a
 *  channel's any more. They see it as before. */
void channels_disown(struct calls *calls, struct channel *channel);
/** Ends a channel that has hung up. It is kept for a while for its Cdr. */
void channels_end(struct calls *calls, struct channel *channel, uint64_t now_ms);
/** Frees channels that ended long ago. */
void channels_purge(struct calls *calls, uint64_t now_ms);
/** Frees all channels and calls. */
void channels_free_all(struct calls *calls);
/** Finds the call of a Linkedid. @return NULL: there is none */
struct call *channels_find_call(const struct calls *calls, uint32_t server, struct span linked_id);
/** Computes again who owns and sees each channel, after the rules have changed.
 *  @param kept  the new index of each old rule, SIZE_MAX: it was removed
 *  @param old_count  number of old rules */
void channels_new_rules(struct calls *calls, const size_t *kept, size_t old_count);

// --- tenants (tenants.c) ---
/** Returns the tenant who may see the channel: its own, else that of its call; empty: none. */
struct span tenants_of(const struct channel *channel);
/** Notes the Tenantid of a live channel (empty: does nothing), and takes the channel from users of other tenants. */
void tenants_note(struct calls *calls, struct channel *channel, struct span tenant);
/** Determines the tenant of the call anew, after its channels have changed. @param merged  channels of another call
 * have joined it
 *  @return true: channels_see_all() is due */
bool tenants_weigh(struct calls *calls, struct call *call, bool merged);
/** Moves what is known of the tenant of `gone`, whose channels are `into`'s now. */
void tenants_merge(struct calls *calls, struct call *into, const struct call *gone);
/** Removes the rules that have another tenant than the current message from `bits`. */
void tenants_veto_message(const struct calls *calls, rule_bits bits);

// --- bridges (bridges.c) ---
/** Finds a bridge. @return NULL: it is not known */
struct bridge *bridges_find(const struct calls *calls, uint32_t server, struct span id);
/** Finds a bridge, or makes it. */
struct bridge *bridges_get(struct calls *calls, uint32_t server, struct span id);
/** Puts a channel into the bridge, out of its present one. */
void bridges_enter(struct calls *calls, struct bridge *bridge, struct channel *channel);
/** Takes a channel out of its bridge. Does nothing if it is in none. */
void bridges_leave(struct channel *channel);
/** Makes the bridge visible to the rules in `bits`, which see a channel in it. */
void bridges_see(struct calls *calls, struct bridge *bridge, const uint64_t *bits);
/** Frees a bridge, after all channels have left it. */
void bridges_destroy(struct calls *calls, struct bridge *bridge);
/** Frees all bridges. */
void bridges_free_all(struct calls *calls);
/** Computes again who sees each bridge, after the rules have changed: see channels_new_rules(). */
void bridges_new_rules(struct calls *calls, const size_t *kept, size_t old_count);

/** Forgets the messages that the previous message has revealed. */
void calls_begin(struct calls *calls);
/** Returns the index of a server, which is added if it is new. */
uint32_t calls_server(struct calls *calls, struct span name);
/** Adds `message` (NULL: does nothing) to those that the current message reveals to the rules in `bits`. */
void calls_add_reveal(struct calls *calls, struct message *message, const uint64_t *bits);

#endif
