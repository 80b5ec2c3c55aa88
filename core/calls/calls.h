// core/calls/calls.h: the live channels of all servers, the calls that they form, and the rules that see them. Channels
// belong to one call if they share a Linkedid, or were dialled, bridged or transferred together. Users see their own
// channels (those of the device, context or tenant in their rule), and each channel that shares a call with one of
// these while that one lives, but none of another tenant. A channel that was seen stays visible until its Hangup and
// Cdr. A verdict is a set of bits, one for each rule, so that each message is examined once, whatever the number of
// users. Knows no sessions and no users. Thread: the owner's (a worker).
#ifndef CALLS_CALLS_H
#define CALLS_CALLS_H

#include "ami/message.h"

/** What one user may see. The texts are lent, and copied by calls_create(). */
struct call_rule {
    const char *user;       // identifies the rule when the rules change
    const char *channel;    // the user's device or a prefix (ami/device.h); NULL: channels of any name
    const char *in_context; // messages with another Context are hidden; NULL: any context
    bool more_events;       // also show messages that name no channel
    const char *tenant;     // messages and channels with another Tenantid are hidden; NULL: any
};

struct calls;

/** Makes a calls object without channels. Later functions refer to a rule by its index. @return the caller's */
struct calls *calls_create(const struct call_rule *rules, size_t count);
/** Frees the object. It may be NULL. */
void calls_destroy(struct calls *calls);
/** Changes the rules. A channel that a user has seen stays visible if the user's rule is unchanged. */
void calls_set_rules(struct calls *calls, const struct call_rule *rules, size_t count);
/** Does the same with the rules of `fresh`, which has no channels, and gives it the old rules. Another thread can
 *  prepare `fresh`, which takes long. */
void calls_adopt_rules(struct calls *calls, struct calls *fresh);

/** Updates the channels from an event of a server, and judges the event. It is the current message until the next
 *  calls_observe() or calls_look().
 *  @param message  a reference may be kept, for users who see its channel later
 *  @param now_ms  clock_ms() */
void calls_observe(struct calls *calls, struct message *message, uint64_t now_ms);
/** Judges a message without updating the channels: list items, which other workers do not receive. */
void calls_look(struct calls *calls, const struct message *message);
/** Handles one message of the answer to the `Action: Status` that the hub sends when a server is up: records channels
 *  that were up before. At the end of the list, channels that it does not have are ended. calls_reveal() then returns a
 *  Newchannel, made of the list's item, for the users who see such a channel. */
void calls_list(struct calls *calls, const struct message *message, bool final, uint64_t now_ms);
/** May the user of rule `rule` see the current message? @param own  it answers an action of the user, and so is visible
 *  even if it names no channel */
bool calls_sees(const struct calls *calls, size_t rule, bool own);

/** Does the current message name a channel? */
bool calls_names_channel(const struct calls *calls);

/** Returns the number of earlier messages (Newchannel, then the last Newstate; BridgeCreate) about the channels and
 *  bridges that the current message has made visible to some rule. */
size_t calls_revealed(const struct calls *calls);
/** Returns number `index` of them, lent; NULL: it is not new to the user of `rule`. */
struct message *calls_reveal(const struct calls *calls, size_t index, size_t rule);

/** May the user of `rule` act on a channel of that name or Uniqueid, because it is the user's own or visible to the
 *  user?
 *  @param server  the channel's server; empty: any. On an unknown server only the user's own channels count */
bool calls_may_touch(const struct calls *calls, size_t rule, struct span server, struct span channel);
/** Does the user of `rule` see a live channel with exactly that name on that server, and every other one whose name
 *  begins with it? For actions that accept the beginning of a name: Asterisk may find any of them. */
bool calls_sees_channel(const struct calls *calls, size_t rule, struct span server, struct span name);
/** Calls `each` with the messages of every live channel that `rule` sees, oldest channel first.
 *  @param rule  CALLS_ANY: all channels */
void calls_snapshot(const struct calls *calls, size_t rule, void (*each)(void *context, struct message *message),
                    void *context);
#define CALLS_ANY SIZE_MAX

/** Returns the number of known channels, including ended ones; for statistics. */
size_t calls_count(const struct calls *calls);

#endif
