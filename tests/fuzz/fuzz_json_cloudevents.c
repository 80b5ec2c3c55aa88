// tests/fuzz/fuzz_json_cloudevents.c: whatever a message holds, the example plugin writes one line of JSON that is a
// valid CloudEvent with the same number of values. It is named after json because it needs what that plugin links to.
#include "examples/plugin-cloudevents/cloudevents.c"
#include "examples/plugin-cloudevents/json_text.c"

#include "plugin/host.h"
#include "tests/fuzz/any_message.h"

#include <astmanproxy/testing.h>
#include <jansson.h>

static void require(bool fact)
{
    if (!fact)
        abort();
}

/** How many values does the data hold, those in arrays too? */
static size_t count_values(json_t *object)
{
    size_t count = 0;
    for (void *item = json_object_iter(object); item != NULL; item = json_object_iter_next(object, item)) {
        json_t *value = json_object_iter_value(item);
        require(json_is_string(value) || (json_is_array(value) && json_array_size(value) > 1));
        count += json_is_string(value) ? 1 : json_array_size(value);
    }
    return count;
}

/** Attributes are strings that are not empty, with names of lower case letters, and without control characters. */
static void check_attribute(const char *name, json_t *value)
{
    const char *text = json_string_value(value);
    require(text != NULL && text[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz")] == '\0');
    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)text[i], next = (unsigned char)text[i + 1];
        require(byte >= 0x20 && byte != 0x7f && !(byte == 0xc2 && next < 0xa0));
    }
}

static void check_event(json_t *event, size_t values)
{
    static const char *const required[] = {"specversion", "id", "source", "type", "datacontenttype", "data"};
    require(json_is_object(event));
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        require(json_object_get(event, required[i]) != NULL);
    for (void *item = json_object_iter(event); item != NULL; item = json_object_iter_next(event, item)) {
        const char *name = json_object_iter_key(item);
        if (strcmp(name, "data") != 0)
            check_attribute(name, json_object_iter_value(item));
    }
    require(count_values(json_object_get(event, "data")) == values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (type_prefix == NULL)
        require(amp_test_configure(&amp_plugin_v1, NULL) == NULL);
    struct message *message = any_message((const char *)data, size);
    struct amp_output out = {0};
    cloudevents_encode(amp_message_of(message), &out);
    require(out.length > 0 && memchr(out.bytes, '\n', out.length) == out.bytes + out.length - 1);
    json_t *event = json_loadb(out.bytes, out.length, JSON_REJECT_DUPLICATES, NULL);
    bool has_number = number_of(amp_message_of(message)) != NONE;
    check_event(event, message->header_count - (has_number ? 1 : 0));
    json_decref(event);
    amp_output_fini(&out);
    message_unref(message);
    return 0;
}
