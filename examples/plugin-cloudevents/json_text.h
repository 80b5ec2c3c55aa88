// examples/plugin-cloudevents/json_text.h: any bytes as a JSON string.  Thread: any; pure.
#ifndef CLOUDEVENTS_JSON_TEXT_H
#define CLOUDEVENTS_JSON_TEXT_H

#include <astmanproxy/plugin.h>

/** Which characters a string may contain. Bytes that are not UTF-8, and NUL, become U+FFFD in both. */
enum json_text {
    JSON_TEXT_DATA,     /**< control characters are escaped */
    JSON_TEXT_ATTRIBUTE /**< the type String of CloudEvents 1.0: control characters and noncharacters become U+FFFD */
};

/** Writes `text`, with quotes around it. */
void json_text_write(struct amp_output *out, struct amp_bytes text, enum json_text kind);

#endif
