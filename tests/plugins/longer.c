// tests/plugins/longer.c: made with a later header whose description has one field more.
#include <astmanproxy/plugin.h>

static void encode(const struct amp_message *message, struct amp_output *out)
{
    struct amp_bytes text = amp_message_text(message);
    amp_output_write(out, text.bytes, text.length);
}

struct longer {
    struct amp_plugin known;
    const char *later;
};

AMP_EXPORT const struct longer later_description __asm__("amp_plugin_v1");
const struct longer later_description = {
    .known = {.size = sizeof(struct longer),
              .abi_minor = AMP_ABI_MINOR,
              .name = "longer",
              .capabilities = AMP_CAN_ENCODE,
              .content_type = "text/plain",
              .encode = encode},
    .later = "not known yet",
};
