// tests/plugins/bad_symbol.c: exports something else.
#include <astmanproxy/plugin.h>

extern AMP_EXPORT const struct amp_plugin amp_plugin_v9;
AMP_EXPORT const struct amp_plugin amp_plugin_v9 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "bad-symbol",
    .capabilities = AMP_CAN_ENCODE,
    .content_type = "text/plain",
};
