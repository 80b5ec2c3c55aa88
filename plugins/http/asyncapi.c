// plugins/http/asyncapi.c: the description of what is sent without a request, AsyncAPI 3.0 (asyncapi.com). Its names
// come from tables and hold letters, digits, `-` and `_` alone, so that none must be escaped.
#include "contracts.h"

static const char async_head[] =
    "{\"asyncapi\":\"3.0.0\",\"info\":{\"title\":\"astmanproxy\",\"version\":\"1\",\"description\":\"Events of "
    "Asterisk 18 to 24 "
    "and of the proxy, as far as the user may see them. Modules and dialplans make others. Each message from a server "
    "has "
    "Server, its name.\"},\"defaultContentType\":\"application/json\",\"channels\":{"
    "\"events\":{\"address\":\"/events\",\"title\":\"Server-sent events (GET)\",\"messages\":{";
static const char async_socket[] =
    "}},\"ws\":{\"address\":\"/ws\",\"title\":\"A WebSocket with the subprotocol ami.json\",\"messages\":{"
    "\"Action\":{\"$ref\":\"#/components/messages/Action\"},"
    "\"Answer\":{\"$ref\":\"#/components/messages/Answer\"}";
static const char async_exports[] = "}},\"exports\":{\"address\":null,\"title\":\"Posts and NATS messages to other "
                                    "programs, where the configuration has "
                                    "exports\",\"messages\":{";
static const char async_operations[] =
    "}}},\"operations\":{"
    "\"streamEvents\":{\"action\":\"send\",\"channel\":{\"$ref\":\"#/channels/events\"}},"
    "\"receiveActions\":{\"action\":\"receive\",\"channel\":{\"$ref\":\"#/channels/ws\"},"
    "\"messages\":[{\"$ref\":\"#/channels/ws/messages/Action\"}],"
    "\"reply\":{\"channel\":{\"$ref\":\"#/channels/ws\"},\"messages\":[{\"$ref\":\"#/channels/ws/messages/Answer\"}]}},"
    "\"sendEvents\":{\"action\":\"send\",\"channel\":{\"$ref\":\"#/channels/ws\"}},"
    "\"exportEvents\":{\"action\":\"send\",\"channel\":{\"$ref\":\"#/channels/exports\"}}},"
    "\"components\":{\"messages\":{"
    "\"Action\":{\"payload\":{\"type\":\"object\",\"description\":\"See /openapi.json\"}},"
    "\"Answer\":{\"payload\":{\"$ref\":\"#/components/schemas/Message\"}}";
static const char async_schemas[] = "},\"schemas\":{" CONTRACTS_SCHEMAS;

/** Writes references to the messages of all events. @param first  do they begin the list? */
static void put_references(struct buffer *out, bool first)
{
    struct amp_event_info event = {.size = sizeof event};
    for (uint32_t i = 0; amp_event_info(i, &event); i++)
        buffer_print(out, "%s\"%s\":{\"$ref\":\"#/components/messages/%s\"}", first && i == 0 ? "" : ",", event.name,
                     event.name);
}

/** Calls `write` for each prefix in the list. */
static void put_blocks(struct buffer *out, const char *prefixes, const char *kind)
{
    struct amp_bytes prefix;
    while (contracts_next(&prefixes, &prefix)) {
        if (prefix.bytes[0] == '.')
            prefix.length = 0;
        buffer_print(out, ",{\"$ref\":\"#/components/schemas/%.*s%s\"}", (int)prefix.length, prefix.bytes, kind);
    }
}

static void put_event(struct buffer *out, const struct amp_event_info *event)
{
    const char *names = event->headers;
    struct amp_bytes name;
    buffer_print(out, ",\"%s\":{\"name\":\"%s\",\"x-class\":\"%s\",\"x-origin\":\"%s\"", event->name, event->name,
                 event->classes, event->is_own ? "proxy" : "asterisk");
    if (event->until[0] != '\0')
        buffer_print(out, ",\"x-until\":\"%s\"", event->until);
    buffer_text(out, ",\"payload\":{\"allOf\":[{\"$ref\":\"#/components/schemas/Message\"}");
    put_blocks(out, event->channels, "ChannelBlock");
    put_blocks(out, event->bridges, "BridgeBlock");
    buffer_print(out, ",{\"type\":\"object\",\"required\":[\"Event\"],\"properties\":{\"Event\":{\"const\":\"%s\"}",
                 event->name);
    while (contracts_next(&names, &name))
        buffer_print(out, ",\"%.*s\":{\"$ref\":\"#/components/schemas/Header\"}", (int)name.length, name.bytes);
    buffer_text(out, "}}]}}");
}

/** Is it one of the names in the list? */
static bool has_name(const char *list, struct amp_bytes wanted)
{
    struct amp_bytes name;
    while (contracts_next(&list, &name)) {
        if (text_equals(name, wanted))
            return true;
    }
    return false;
}

static void put_block(struct buffer *out, struct amp_bytes prefix, bool bridge)
{
    const char *header;
    int length = prefix.bytes[0] == '.' ? 0 : (int)prefix.length;
    buffer_print(out, ",\"%.*s%s\":{\"type\":\"object\",\"properties\":{", length, prefix.bytes,
                 bridge ? "BridgeBlock" : "ChannelBlock");
    for (uint32_t i = 0; (header = amp_event_block(bridge, i)) != NULL; i++)
        buffer_print(out, "%s\"%.*s%s\":{\"$ref\":\"#/components/schemas/Header\"}", i > 0 ? "," : "", length,
                     prefix.bytes, header);
    buffer_text(out, "}}");
}

/** Writes a schema for each prefix that an event has, once. */
static void put_all_blocks(struct buffer *out, bool bridge)
{
    struct amp_event_info event = {.size = sizeof event}, earlier = {.size = sizeof earlier};
    for (uint32_t i = 0; amp_event_info(i, &event); i++) {
        const char *prefixes = bridge ? event.bridges : event.channels;
        struct amp_bytes prefix;
        while (contracts_next(&prefixes, &prefix)) {
            bool is_written = false;
            for (uint32_t k = 0; k < i && !is_written && amp_event_info(k, &earlier); k++)
                is_written = has_name(bridge ? earlier.bridges : earlier.channels, prefix);
            if (!is_written)
                put_block(out, prefix, bridge);
        }
    }
}

void asyncapi_write(struct buffer *out)
{
    struct amp_event_info event = {.size = sizeof event};
    buffer_text(out, async_head);
    put_references(out, true);
    buffer_text(out, async_socket);
    put_references(out, false);
    buffer_text(out, async_exports);
    put_references(out, true);
    buffer_text(out, async_operations);
    for (uint32_t i = 0; amp_event_info(i, &event); i++)
        put_event(out, &event);
    buffer_text(out, async_schemas);
    put_all_blocks(out, false);
    put_all_blocks(out, true);
    buffer_text(out, "}}}\n");
}
