// tenants.h: Asterisk's Tenantid, with --tenants: which tenant an endpoint and a place of the dialplan have.
#pragma once
#include "channels.h"

/** Gives a new channel the tenant of its endpoint: `PJSIP/NUMBER` have one, the tenants in turn; others have none. */
void tenant_of_endpoint(const struct simulator *simulator, struct channel *channel, const char *device);

/** Gives a channel without a tenant the one that a dialplan would set: of the endpoint that it calls, or of the context
 *  (`Local/5@acme`, `acme`) that has a tenant's name. */
void tenant_by_dialplan(const struct simulator *simulator, struct channel *channel, const char *dial,
                        const char *context);

/** Gives fixed channel `number` a tenant. */
void tenant_of_number(const struct simulator *simulator, struct channel *channel, unsigned long number);
