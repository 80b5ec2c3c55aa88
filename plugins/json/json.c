// plugins/json/json.c: messages as JSON objects, one a line.
#include "json.h"

#include <jansson.h>

static bool json_configure(struct amp_settings *settings)
{
    (void)settings;      // there are none
    json_object_seed(0); // seeds jansson's hash tables; must be done before other threads exist
    return true;
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "json",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE,
    .content_type = "application/json",
    .encode = json_encode,
    .decoder_create = json_decoder_create,
    .decoder_destroy = json_decoder_destroy,
    .decode = json_decode,
    .finish = json_finish,
    .recognise = json_recognise,
    .configure = json_configure,
    .list_begin = "[",
    .list_between = ",",
    .list_end = "]\n",
};
