// tests/unit/session/fake_format.h: formats that count their calls, or fail. For one test at a time.
#ifndef UNIT_SESSION_FAKE_FORMAT_H
#define UNIT_SESSION_FAKE_FORMAT_H

#include "plugin/host.h"

static int fake_encodings, fake_frames;

/** Writes `<` and the message's number of headers `>`. */
static inline void fake_encode(const struct amp_message *message, struct amp_output *out)
{
    char text[] = "<0>";

    text[1] = (char)('0' + ((const struct message *)(const void *)message)->header_count);
    fake_encodings++;
    amp_output_write(out, text, 3);
}

/** Writes nothing: the format has no text for the message. */
static inline void fake_encode_nothing(const struct amp_message *message, struct amp_output *out)
{
    (void)message;
    (void)out;
    fake_encodings++;
}

/** Passes a null pointer, which breaks a rule of the ABI. */
static inline void fake_encode_badly(const struct amp_message *message, struct amp_output *out)
{
    (void)message;
    amp_output_write(out, "half", 4);
    amp_output_write(out, NULL, 4);
}

/** Writes the bytes in brackets. */
static inline void fake_frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                              struct amp_output *out)
{
    (void)message;
    (void)serial;
    fake_frames++;
    amp_output_write(out, "[", 1);
    amp_output_write(out, encoded.bytes, encoded.length);
    amp_output_write(out, "]", 1);
}

static const struct amp_plugin fake_good = {.size = sizeof fake_good, .name = "good", .encode = fake_encode};
static const struct amp_plugin fake_mute = {.size = sizeof fake_mute, .name = "mute", .encode = fake_encode_nothing};
static const struct amp_plugin fake_bad = {.size = sizeof fake_bad, .name = "bad", .encode = fake_encode_badly};

#endif
