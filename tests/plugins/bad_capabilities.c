// tests/plugins/bad_capabilities.c: can do nothing that this astmanproxy knows.
#include <astmanproxy/plugin.h>

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "bad-capabilities",
    .capabilities = (1u << 31),
    .content_type = "text/plain",
};
