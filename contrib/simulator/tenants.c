// tenants.c: see tenants.h. `--tenants acme,bolt` is a list without blanks.
#include "tenants.h"

#include <stdlib.h>
#include <string.h>

/** Counts the tenants. */
static unsigned long tenants_count(const char *list)
{
    unsigned long count = list == NULL || *list == '\0' ? 0 : 1;

    for (; count > 0 && *list != '\0'; list++)
        count += *list == ',';
    return count;
}

/** Copies tenant `index` of the list. */
static void take_tenant(const char *list, unsigned long index, char to[TENANT_BYTES])
{
    size_t length;

    for (; index > 0; index--)
        list = strchr(list, ',') + 1;
    length = strcspn(list, ",");
    length = length < TENANT_BYTES ? length : TENANT_BYTES - 1;
    memcpy(to, list, length);
    to[length] = '\0';
}

void tenant_of_number(const struct simulator *simulator, struct channel *channel, unsigned long number)
{
    unsigned long count = tenants_count(simulator->options.tenants);

    if (count > 0)
        take_tenant(simulator->options.tenants, number % count, channel->tenant);
}

void tenant_of_endpoint(const struct simulator *simulator, struct channel *channel, const char *device)
{
    const char *number = strncmp(device, "PJSIP/", 6) == 0 ? device + 6 : "";
    char *end;
    unsigned long value = strtoul(number, &end, 10);

    if (*number >= '0' && *number <= '9' && *end == '\0')
        tenant_of_number(simulator, channel, value);
}

/** Is a tenant's id `context`? Then the channel gets it. */
static void tenant_of_context(const struct simulator *simulator, struct channel *channel, const char *context)
{
    unsigned long count = tenants_count(simulator->options.tenants);
    char tenant[TENANT_BYTES];

    for (unsigned long i = 0; i < count; i++) {
        take_tenant(simulator->options.tenants, i, tenant);
        size_t length = strlen(tenant);
        if (strncmp(context, tenant, length) == 0 && (context[length] == '\0' || context[length] == '/'))
            memcpy(channel->tenant, tenant, sizeof tenant);
    }
}

void tenant_by_dialplan(const struct simulator *simulator, struct channel *channel, const char *dial,
                        const char *context)
{
    const char *at = strchr(dial, '@');

    if (channel->tenant[0] == '\0')
        tenant_of_endpoint(simulator, channel, dial);
    if (channel->tenant[0] == '\0')
        tenant_of_context(simulator, channel, at == NULL ? context : at + 1);
}
