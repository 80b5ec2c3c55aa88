// tests/plugins/bad_call.c: calls a function that astmanproxy does not have.
#include <astmanproxy/plugin.h>

AMP_EXPORT void amp_not_there(struct amp_output *out);

static void encode(const struct amp_message *message, struct amp_output *out)
{
    (void)message;
    amp_not_there(out);
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "bad-call",
    .capabilities = AMP_CAN_ENCODE,
    .content_type = "text/plain",
    .encode = encode,
};
