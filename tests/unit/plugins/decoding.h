// tests/unit/plugins/decoding.h: runs a format's decoder over bytes that come in pieces, and keeps what it read. For
// unit tests and fuzz targets; a broken contract ends the program.
#ifndef TESTS_DECODING_H
#define TESTS_DECODING_H

#include "base/memory.h"
#include "plugin/host.h"

#include <stdlib.h>
#include <string.h>

/** What a client sent, and how. */
struct decoding {
    const char *bytes;
    size_t length;
    size_t piece; // so many bytes come at a time
    bool stop;    // the session says "no more for now" after each action
    bool finish;  // the client ends its stream
    size_t byte_limit;
    size_t kept; // most bytes that the session has to keep between two calls; 0: any
    void (*on_usable)(const struct message *message); // sees each action that was not rejected; may be NULL
};

struct decoding_record {
    struct amp_output text; // `<Name=value;…!reason>` for each action, then `{failed: reason}`
    const struct decoding *what;
};

static inline void decoding_note(struct decoding_record *record, const char *text)
{
    amp_output_write(&record->text, text, strlen(text));
}

static inline bool decoding_take(void *context, struct message *message, const char *rejected)
{
    struct decoding_record *record = context;
    decoding_note(record, "<");
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value;
        message_header(message, i, &name, &value);
        amp_output_write(&record->text, name.bytes, name.length);
        decoding_note(record, "=");
        amp_output_write(&record->text, value.bytes, value.length);
        decoding_note(record, ";");
    }
    if (rejected != NULL) {
        decoding_note(record, "!");
        decoding_note(record, rejected);
    } else if (record->what->on_usable != NULL) {
        record->what->on_usable(message);
    }
    decoding_note(record, ">");
    message_unref(message);
    return !record->what->stop;
}

/** Calls decode() with `bytes` as long as it uses some. @return how many it used */
static inline size_t decoding_feed(const struct amp_plugin *plugin, void *decoder, const char *bytes, size_t length,
                                   struct amp_input *input)
{
    size_t start = 0;
    for (size_t used = 1; used > 0 && start < length && input->failed == NULL; start += used) {
        char *exact = memory_new(length - start); // so that a read past the end is seen
        memcpy(exact, bytes + start, length - start);
        used = plugin->decode(decoder, exact, length - start, input);
        free(exact);
        if (used > length - start)
            abort();
    }
    return start;
}

/** Decodes as a session does: what is left is given again with what came since.
 *  @return what came out, as text that ends with a NUL; the caller frees it by amp_output_fini() */
static inline struct amp_output decoding_run(const struct amp_plugin *plugin, const struct decoding *what)
{
    struct decoding_record record = {.what = what};
    struct amp_input input;
    void *decoder = plugin->decoder_create != NULL ? plugin->decoder_create() : NULL;
    size_t start = 0;
    amp_input_init(&input, what->byte_limit, decoding_take, &record);
    for (size_t end = 0; end < what->length && input.failed == NULL;) {
        end = what->length - end > what->piece ? end + what->piece : what->length;
        start += decoding_feed(plugin, decoder, what->bytes + start, end - start, &input);
        if (what->kept > 0 && end - start > what->kept)
            abort();
    }
    if (what->finish && input.failed == NULL)
        plugin->finish(decoder, what->bytes + start, what->length - start, &input);
    if (input.failed != NULL) {
        decoding_note(&record, "{failed: ");
        decoding_note(&record, input.failed);
        decoding_note(&record, "}");
    }
    amp_output_write(&record.text, "", 1);
    amp_input_fini(&input);
    if (plugin->decoder_destroy != NULL)
        plugin->decoder_destroy(decoder);
    return record.text;
}

#endif
