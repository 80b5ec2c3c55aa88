// core/calls/tenants.c: the tenants of channels and calls. A channel's Tenantid comes from Asterisk. It may be missing:
// a channel of a shared trunk has none, and Asterisk takes it from one that is bridged with an older channel without
// it. So the last one that was not empty counts, and a channel that has had none follows its call: it is the tenant's
// whose live channels are the only ones in the call with a Tenantid, and nobody's while there are two tenants.
#include "base/memory.h"
#include "calls/inside.h"

#include <stdlib.h>

#define SEVERAL "" // no rule has it

struct span tenants_of(const struct channel *channel)
{
    return span_of(channel->tenant != NULL ? channel->tenant : channel->call->tenant);
}

/** Returns the tenant of the call's live channels, lent. @return NULL: none has one; SEVERAL: they differ */
static const char *tenants_of_live(const struct call *call)
{
    const char *found = NULL;

    for (const struct channel *channel = FIRST_OF_CALL(call); channel != NULL; channel = NEXT_OF_CALL(channel)) {
        if (channel->ended || channel->tenant == NULL)
            continue;
        if (found != NULL && strcmp(found, channel->tenant) != 0)
            return SEVERAL;
        found = channel->tenant;
    }
    return found;
}

bool tenants_weigh(struct calls *calls, struct call *call, bool merged)
{
    const char *found = calls->has_tenants ? tenants_of_live(call) : NULL;
    bool changed = found != NULL && (call->tenant == NULL || strcmp(found, call->tenant) != 0);

    if (changed) {
        free(call->tenant);
        call->tenant = memory_text(found);
    }
    if (!calls->has_tenants || (!changed && !merged))
        return false;
    for (struct channel *channel = FIRST_OF_CALL(call); channel != NULL; channel = NEXT_OF_CALL(channel)) {
        if (!channel->ended && channel->tenant == NULL)
            rules_veto_tenant(calls, span_of(call->tenant), channel->seen);
    }
    return changed;
}

void tenants_merge(struct calls *calls, struct call *into, const struct call *gone)
{
    if (!calls->has_tenants)
        return;
    if (gone->tenant != NULL && (into->tenant == NULL || strcmp(into->tenant, gone->tenant) != 0)) {
        char *both = memory_text(into->tenant == NULL ? gone->tenant : SEVERAL);
        free(into->tenant);
        into->tenant = both;
    }
    (void)tenants_weigh(calls, into, true);
}

void tenants_note(struct calls *calls, struct channel *channel, struct span tenant)
{
    if (tenant.length == 0 ||
        (channel->tenant != NULL && (calls->identity.is_record || span_equals(tenant, span_of(channel->tenant)))))
        return;
    free(channel->tenant);
    channel->tenant = memory_text_of(tenant.bytes, tenant.length);
    if (!calls->has_tenants)
        return;
    rules_veto_tenant(calls, tenant, channel->own);
    rules_veto_tenant(calls, tenant, channel->seen);
    channels_count_owners(calls, channel->call);
    if (tenants_weigh(calls, channel->call, false))
        channels_see_all(calls, channel->call);
}

void tenants_veto_message(const struct calls *calls, rule_bits bits)
{
    const struct identity *identity = &calls->identity;

    if (identity->tenant.length > 0)
        rules_veto_tenant(calls, identity->tenants_differ ? span_of(SEVERAL) : identity->tenant, bits);
}
