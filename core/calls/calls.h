// core/calls/calls.h: the live channels of all servers as one worker knows them, what belongs to one call, and which
// users' rules see what. A call is what shares a Linkedid, and what was dialled, bridged or transferred together. A
// user sees his own channels (those of the device that his rule names) and every channel that shares a call with one of
// them while that one lives; what was seen once stays seen until its Hangup and Cdr. Verdicts are sets of bits, one a
// rule: each message is looked at once, however many users there are. Thread: the owner's (a worker); knows neither
// sessions nor users.
#ifndef CALLS_CALLS_H
#define CALLS_CALLS_H

#include "ami/message.h"

/** What one user may see. Texts are lent, and copied. */
struct call_rule {
    const char *user;       // by which a rule is known again after a change of rules
    const char *channel;    // an entry of ami/device.h: his device, or a prefix; NULL: of any name
    const char *in_context; // messages with another Context are not his; NULL: of any context
    bool more_events;       // also messages that name no channel
};

struct calls;

/** No channels yet. The rules are asked for by their places. @return the caller's */
struct calls *calls_create(const struct call_rule *rules, size_t count);
/** NULL is fine. */
void calls_destroy(struct calls *calls);
/** From now on these rules are asked for, by their places; what a user of the same rule had seen stays seen. */
void calls_set_rules(struct calls *calls, const struct call_rule *rules, size_t count);
/** The same with the rules of `fresh`, which knows no channels and has the earlier rules afterwards: so another thread
 *  can make ready what takes long. */
void calls_adopt_rules(struct calls *calls, struct calls *fresh);

/** Takes note of an event of a server, and judges it. It is the current message until the next of these two calls.
 *  @param message  a reference may be kept, for those who see its channel later
 *  @param now_ms  clock_ms() */
void calls_observe(struct calls *calls, struct message *message, uint64_t now_ms);
/** Judges a message without learning anything from it: items of lists, of which other workers know nothing. */
void calls_look(struct calls *calls, const struct message *message);
/** Takes note of one message of a server's answer to `Action: Status`, asked once it is up: of channels that were there
 *  before. What is not listed till its end has gone while nobody listened. Afterwards calls_reveal() tells what those
 * who see such a channel are to be told of it: a Newchannel made of what the list says. */
void calls_list(struct calls *calls, const struct message *message, bool final, uint64_t now_ms);
/** May the user of rule `rule` see the current message? @param own  it answers an action of his own: then it may also
 *  name no channel at all */
bool calls_sees(const struct calls *calls, size_t rule, bool own);

/** The messages (Newchannel, then the last Newstate; BridgeCreate) of what the current message has made visible.
 *  @return how many; some of them for each rule */
size_t calls_revealed(const struct calls *calls);
/** Number `index` of them. @return NULL if it is nothing new to the user of `rule` */
struct message *calls_reveal(const struct calls *calls, size_t index, size_t rule);

/** May the user of `rule` act upon a channel of that name or Uniqueid: is it his by name, or does he see it?
 *  @param server  on which it is; empty: of any server. Of one that is not known only his own are his */
bool calls_may_touch(const struct calls *calls, size_t rule, struct span server, struct span channel);
/** Does the user of `rule` see a channel now whose name is that, whole, on that server? */
bool calls_sees_channel(const struct calls *calls, size_t rule, struct span server, struct span name);
/** Calls `each` with the messages of every live channel that `rule` sees, in the order in which they came.
 *  @param rule  CALLS_ANY: of all channels */
void calls_snapshot(const struct calls *calls, size_t rule, void (*each)(void *context, struct message *message),
                    void *context);
#define CALLS_ANY SIZE_MAX

/** How many channels are known, ended ones included: for statistics. */
size_t calls_count(const struct calls *calls);

#endif
