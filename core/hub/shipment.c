// core/hub/shipment.c: see shipment.h.
#include "hub/shipment.h"

#include "base/memory.h"
#include "bus/bus.h"
#include "cluster/subject.h"
#include "exports/queue.h"
#include "hub/cluster.h"
#include "hub/inside.h"
#include "letters/letters.h"

#include <inttypes.h>
#include <string.h>

/** Appends bytes, and a NUL. @return the new length; 0: they do not fit */
static size_t shipment_append(char text[SHIPMENT_SUBJECT_BYTES], size_t length, struct span more)
{
    if (more.length >= SHIPMENT_SUBJECT_BYTES - length)
        return 0;
    memcpy(text + length, more.bytes, more.length);
    text[length + more.length] = '\0';
    return length + more.length;
}

/** Encodes a name; `-` if it is empty or too long. */
static struct span shipment_name(struct span name, bool fold, char key[SUBJECT_KEY_BYTES + 1])
{
    size_t length = subject_encode(name, fold, key);

    return length == 0 ? span_of("-") : (struct span){key, length};
}

size_t shipment_subject(const char *pattern, struct span server, struct span event, char text[SHIPMENT_SUBJECT_BYTES])
{
    char server_key[SUBJECT_KEY_BYTES + 1], event_key[SUBJECT_KEY_BYTES + 1];
    size_t length = 0;

    while (*pattern != '\0') {
        struct span part = {pattern, strcspn(pattern, "{")};
        if (part.length == 0 && strncmp(pattern, "{server}", 8) == 0) {
            part = shipment_name(server, true, server_key);
            pattern += 8;
        } else if (part.length == 0 && strncmp(pattern, "{event}", 7) == 0) {
            part = shipment_name(event, false, event_key);
            pattern += 7;
        } else if (part.length == 0) {
            return 0; // the configuration has checked it
        } else {
            pattern += part.length;
        }
        length = shipment_append(text, length, part);
        if (length == 0)
            return 0;
    }
    return length;
}

/** What one message is about, and its bytes. */
struct shipment_message {
    struct export_head head;
    struct span server, event, bytes;
};

/** Takes the message at `at`. @return where the next one begins; 0: there is none */
static size_t shipment_read(const struct shipment *shipment, size_t at, struct shipment_message *message)
{
    const char *text = shipment->bytes + at + sizeof message->head;

    if (shipment->length - at < sizeof message->head)
        return 0;
    memcpy(&message->head, shipment->bytes + at, sizeof message->head);
    message->server = (struct span){text, message->head.server_length};
    message->event = (struct span){text + message->server.length, message->head.event_length};
    message->bytes = (struct span){message->event.bytes + message->event.length, message->head.length};
    return (size_t)(message->bytes.bytes + message->bytes.length - shipment->bytes);
}

/** Publishes a message. @return false: the bus has no room */
static bool shipment_publish_one(struct shipment *shipment, struct bus *bus, const struct shipment_message *message)
{
    char subject[SHIPMENT_SUBJECT_BYTES];
    struct message_builder head;
    struct bus_body *body;

    if (message->bytes.length > BUS_BODY_LIMIT ||
        shipment_subject(shipment->subject, message->server, message->event, subject) == 0) {
        shipment->refused++;
        return true;
    }
    message_builder_init(&head);
    message_addf(&head, "Astmanproxy-Export", "%s", shipment->name);
    message_addf(&head, "Astmanproxy-ID", "%s%" PRIu64, shipment->id, message->head.number);
    body = bus_body_create();
    bus_body_add_bytes(body, message->bytes);
    return bus_publish(bus, BUS_PLAIN, subject, NULL, message_build(&head), body);
}

void shipment_publish(struct shipment *shipment, struct bus *bus)
{
    struct shipment_message message;

    shipment->is_down = bus == NULL || !bus_is_up(bus);
    if (shipment->is_down)
        return;
    for (size_t at = 0, next; (next = shipment_read(shipment, at, &message)) > 0; at = next) {
        if (!shipment_publish_one(shipment, bus, &message))
            return;
        shipment->taken++;
    }
}

void shipment_take(struct hub *hub, struct letter *letter)
{
    struct shipment *shipment = (struct shipment *)letter;

    shipment_publish(shipment, hub_cluster_bus(hub->cluster));
    letter->kind = WORKER_SHIPMENT;
    worker_send(hub->outboxes[shipment->worker].worker, letter);
}

void shipment_drop(struct letter *letter)
{
    shipment_destroy((struct shipment *)letter);
}

void hub_end_exports(struct hub *hub)
{
    hub_send_batches(hub); // what came until now is exported
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct letter *letter = memory_zero(1, sizeof *letter);
        letter->kind = WORKER_END_EXPORTS;
        worker_send(hub->outboxes[i].worker, letter);
    }
}
