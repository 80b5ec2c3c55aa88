// tests/plugins/bad_size.c: says that its description is shorter than any was.
#include <astmanproxy/plugin.h>

static void encode(const struct amp_message *message, struct amp_output *out)
{
    struct amp_bytes text = amp_message_text(message);
    amp_output_write(out, text.bytes, text.length);
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = 16,
    .abi_minor = AMP_ABI_MINOR,
    .name = "bad-size",
    .capabilities = AMP_CAN_ENCODE,
    .content_type = "text/plain",
    .encode = encode,
};
