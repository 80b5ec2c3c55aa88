// tests/plugins/bad_encode.c: promises to encode and has no function for it.
#include <astmanproxy/plugin.h>

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "bad-encode",
    .capabilities = AMP_CAN_ENCODE,
    .content_type = "text/plain",
};
