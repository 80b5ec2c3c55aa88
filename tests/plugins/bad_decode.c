// tests/plugins/bad_decode.c: promises to decode and has no function for it.
#include <astmanproxy/plugin.h>

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "bad-decode",
    .capabilities = AMP_CAN_DECODE,
    .content_type = "text/plain",
};
