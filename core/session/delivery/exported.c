// core/session/delivery/exported.c: see exported.h.
#include "session/delivery/exported.h"

#include "base/clock.h"
#include "exports/export.h"
#include "session/client/set.h"
#include "session/delivery/encode.h"
#include "session/delivery/kept.h"
#include "session/delivery/recode.h"

#include <inttypes.h>

#define LONGEST_NAME 255 // of a server or event

void exported_set_id(struct exported *exported)
{
    const struct sessions *sessions = exported->sessions;

    exported->id_length =
        resume_id_begin(exported->id, kept_epoch(sessions->kept.shared), sessions->worker, exported->tag);
    export_set_id(exported->exporter, (struct span){exported->id, exported->id_length});
}

static struct span exported_name(struct span name)
{
    return (struct span){name.bytes, name.length > LONGEST_NAME ? LONGEST_NAME : name.length};
}

/** Puts head and texts in front of the encoded message, in `framed`. */
static struct span exported_frame(struct sessions *sessions, const struct message *message, struct span encoded,
                                  uint64_t number)
{
    struct amp_output *output = &sessions->framed;
    struct span server = {0}, event = exported_name(message_name(message));

    (void)message_find(message, "Server", &server);
    server = exported_name(server);
    struct export_head head = {.number = number,
                               .length = (uint32_t)encoded.length,
                               .server_length = (uint32_t)server.length,
                               .event_length = (uint32_t)event.length};
    amp_output_begin(output, encoded.length + sizeof head + server.length + event.length);
    amp_output_write(output, (const char *)&head, sizeof head);
    if (server.length > 0)
        amp_output_write(output, server.bytes, server.length);
    if (event.length > 0)
        amp_output_write(output, event.bytes, event.length);
    amp_output_write(output, encoded.bytes, encoded.length);
    return (struct span){output->bytes, output->length};
}

struct span exported_encode(struct sessions *sessions, struct exported *exported, const struct message *message)
{
    struct amp_output *output = &sessions->scratch;
    uint64_t number = ++exported->number;
    char text[RESUME_ID_SIZE];
    struct span id = resume_id_write(text, (struct span){exported->id, exported->id_length}, number);
    struct message *carrier = message_with_header(message, span_of(EXPORTED_HEADER), id);

    encode_forget(sessions);
    sessions->framed_by = NULL;
    amp_output_begin(output, carrier->byte_count);
    recode_encode(sessions, exported->format, carrier, output);
    sessions->encoding_failed = output->broken;
    struct span encoded = {output->bytes, output->broken ? 0 : output->length};
    if (encoded.length > 0)
        encoded = exported_frame(sessions, message, encoded, number);
    message_unref(carrier);
    return encoded;
}

struct span exported_encode_skipped(struct exported *exported, uint64_t dropped)
{
    struct message_builder builder;
    struct message *message;
    struct span record;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "EventsSkipped");
    message_addf(&builder, "Privilege", "system,all");
    message_addf(&builder, "Dropped", "%" PRIu64, dropped);
    message = message_build(&builder);
    record = exported_encode(exported->sessions, exported, message);
    message_unref(message);
    return record;
}

static void exported_pass_on(void *context, const char *bytes, size_t length)
{
    export_take(context, bytes, length);
}

void exported_collect(struct session *session)
{
    if (!output_is_empty(&session->output))
        output_take(&session->output, exported_pass_on, session->exported->exporter);
}

bool exported_withholds(const struct sessions *sessions, const struct exported *exported)
{
    return exported->given || sessions->kept.from_afar || (exported->inherited && sessions->kept.passed_on);
}
