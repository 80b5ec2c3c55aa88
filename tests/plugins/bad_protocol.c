// tests/plugins/bad_protocol.c: says that it is a protocol and lacks most of its functions.
#include <astmanproxy/plugin.h>

static void timer(void *state)
{
    (void)state;
}

static const struct amp_protocol protocol = {.size = sizeof protocol, .timer = timer};

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "bad-protocol",
    .capabilities = AMP_IS_PROTOCOL,
    .protocol = &protocol,
};
