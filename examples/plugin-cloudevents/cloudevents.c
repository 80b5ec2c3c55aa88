// examples/plugin-cloudevents/cloudevents.c: messages as CloudEvents 1.0 (the JSON event format), one a line.
#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FEW_HEADERS 32 // messages up to here are encoded without allocating
#define NONE UINT32_MAX
#define LAST_SECOND 253402300799ull // of the year 9999, the last one of RFC 3339

/** `cloudevents:`. Written by cloudevents_configure(), before there are threads; only read afterwards. */
static const char *source_prefix, *type_prefix;
static const char *const *subject_names;

static const char *const usual_subjects[] = {"Channel", "Queue", "Conference", "BridgeUniqueid", "Device",
                                             "Peer",    "AOR",   "Mailbox",    "Exten",          NULL};

// --- settings -------------------------------------------------------------------------------------------------------

static bool is_letter_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

/** May the byte stand in a part of a URI as it is (RFC 3986, `unreserved`)? */
static bool is_unreserved(char byte)
{
    return is_letter_or_digit(byte) || (byte != '\0' && strchr("-._~", byte) != NULL);
}

/** May the text be the beginning of a URI reference? Where its parts are is the operator's choice. */
static bool is_uri(const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        bool is_escape = text[i] == '%' && strspn(text + i + 1, "0123456789abcdefABCDEF") >= 2;
        if (!is_escape && !is_unreserved(text[i]) && strchr(":/?#[]@!$&'()*+,;=", text[i]) == NULL)
            return false;
    }
    return text[0] != '\0';
}

/** Is the text words with dots between them, such as a name in reverse DNS order? */
static bool is_dotted(const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        bool is_dot = text[i] == '.' && i > 0 && text[i - 1] != '.' && text[i + 1] != '\0';
        if (!is_dot && !is_letter_or_digit(text[i]) && text[i] != '-' && text[i] != '_')
            return false;
    }
    return text[0] != '\0';
}

static bool cloudevents_configure(struct amp_settings *settings)
{
    source_prefix = amp_settings_text(settings, "source", "/asterisk/");
    type_prefix = amp_settings_text(settings, "type", "org.asterisk.ami");
    subject_names = amp_settings_list(settings, "subject");
    if (subject_names[0] == NULL)
        subject_names = usual_subjects;
    if (!is_uri(source_prefix))
        amp_settings_fail(settings, "source", "expected the beginning of a URI, such as https://pbx.example/asterisk/");
    else if (!is_dotted(type_prefix))
        amp_settings_fail(settings, "type", "expected words with dots between them, such as org.asterisk.ami");
    return is_uri(source_prefix) && is_dotted(type_prefix);
}

// --- attributes -----------------------------------------------------------------------------------------------------

static void put_text(struct amp_output *out, const char *text)
{
    amp_output_write(out, text, strlen(text));
}

/** Begins a member. @param before  the comma and the name, `,"subject":` */
static void put_attribute(struct amp_output *out, const char *before, struct amp_bytes value)
{
    if (value.length == 0)
        return; // an attribute is absent rather than empty
    put_text(out, before);
    json_text_write(out, value, JSON_TEXT_ATTRIBUTE);
}

static struct amp_bytes value_of(const struct amp_message *message, const char *name)
{
    struct amp_bytes value;

    amp_message_find(message, name, &value);
    return value;
}

/** Finds the proxy's own number of the message, which is the CloudEvent's id and no part of the data. It is the second
 *  header: one of that name in another place was sent by somebody else.
 *  @return its index, NONE if there is none */
static uint32_t number_of(const struct amp_message *message)
{
    struct amp_bytes name, value;

    if (amp_message_count(message) < 2)
        return NONE;
    amp_message_header(message, 1, &name, &value);
    bool is_number = value.length > 0 && name.length == 8 &&
                     (memcmp(name.bytes, "ExportID", 8) == 0 || memcmp(name.bytes, "ResumeID", 8) == 0);
    return is_number ? 1 : NONE;
}

/** The id: the number that the proxy gave to the message, in exports and with `/ws?ids=1`; else a hash of its text (two
 *  of FNV-1a's kind), as encode() must be pure. */
static void put_id(struct amp_output *out, const struct amp_message *message)
{
    struct amp_bytes name, value, text = amp_message_text(message);
    uint64_t one = 14695981039346656037ull, other = 0;
    uint32_t number = number_of(message);
    char hash[2 * 16 + 1];

    if (number != NONE) {
        amp_message_header(message, number, &name, &value);
        put_attribute(out, ",\"id\":", value);
        return;
    }
    for (size_t i = 0; i < text.length; i++) {
        one = (one ^ (unsigned char)text.bytes[i]) * 1099511628211ull;
        other = (other + (unsigned char)text.bytes[i] + 1) * 0x9e3779b97f4a7c15ull;
        other ^= other >> 29;
    }
    snprintf(hash, sizeof hash, "%016llx%016llx", (unsigned long long)one, (unsigned long long)other);
    put_attribute(out, ",\"id\":", (struct amp_bytes){hash, sizeof hash - 1});
}

/** The source: the server, else (in messages of the proxy itself) the prefix alone. */
static void put_source(struct amp_output *out, struct amp_bytes server)
{
    put_text(out, ",\"source\":\"");
    put_text(out, source_prefix); // is_uri(): needs no escapes
    for (size_t i = 0; i < server.length; i++) {
        char text[4];
        int length = snprintf(text, sizeof text, is_unreserved(server.bytes[i]) ? "%c" : "%%%02X",
                              (unsigned char)server.bytes[i]);
        amp_output_write(out, text, (size_t)length);
    }
    put_text(out, "\"");
}

/** The type: `PREFIX.event.Hangup`, `PREFIX.response.Success`. */
static void put_type(struct amp_output *out, const struct amp_message *message)
{
    static const struct {
        const char *header, *kind;
    } kinds[] = {{"Event", ".event."}, {"Response", ".response."}, {"ProxyResponse", ".response."}};
    struct amp_bytes name = {"", 0};
    size_t kind = 0;

    while (kind < 3 && !(amp_message_find(message, kinds[kind].header, &name) && name.length > 0))
        kind++;
    put_text(out, ",\"type\":\"");
    put_text(out, type_prefix);
    put_text(out, kind < 3 ? kinds[kind].kind : ".message");
    for (size_t i = 0; i < name.length; i++)
        amp_output_write(out, is_letter_or_digit(name.bytes[i]) ? name.bytes + i : "_", 1);
    put_text(out, "\"");
}

/** The time, if the server sends any (`timestampevents` in its manager.conf): seconds, a dot, microseconds. */
static void put_time(struct amp_output *out, struct amp_bytes stamp)
{
    unsigned long long seconds = 0;
    unsigned long microseconds = 0, unit = 1000000;
    char text[64];
    struct tm parts;
    size_t at = 0;

    for (; at < stamp.length && at < 12 && stamp.bytes[at] >= '0' && stamp.bytes[at] <= '9'; at++)
        seconds = seconds * 10 + (unsigned long long)(stamp.bytes[at] - '0');
    if (at == 0 || at + 1 >= stamp.length || stamp.bytes[at] != '.' || seconds > LAST_SECOND)
        return;
    for (at++; at < stamp.length; at++) {
        if (stamp.bytes[at] < '0' || stamp.bytes[at] > '9')
            return;
        unit /= 10;
        microseconds += (unsigned long)(stamp.bytes[at] - '0') * unit;
    }
    time_t moment = (time_t)seconds;
    if (gmtime_r(&moment, &parts) == NULL)
        return;
    size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    length += (size_t)snprintf(text + length, sizeof text - length, ".%06luZ", microseconds);
    put_attribute(out, ",\"time\":", (struct amp_bytes){text, length});
}

static struct amp_bytes subject_of(const struct amp_message *message)
{
    struct amp_bytes value = {"", 0};

    for (size_t i = 0; subject_names[i] != NULL && value.length == 0; i++)
        value = value_of(message, subject_names[i]);
    return value;
}

// --- data: the headers as an object, those that are repeated as an array --------------------------------------------

/** One header; headers of the same name are linked, as they are one member. */
struct entry {
    struct amp_bytes name, value;
    uint32_t next; // index of the next header of the same name, or NONE
    uint32_t last; // in the first header of a name: index of the last one
    bool repeated; // not the first header of its name
};

/** A name is printable ASCII: other bytes become `_`. */
static char name_byte(char byte)
{
    return byte > ' ' && byte < 0x7f ? byte : '_';
}

static bool is_same_name(struct amp_bytes one, struct amp_bytes other)
{
    bool same = one.length == other.length;

    for (size_t i = 0; same && i < one.length; i++)
        same = name_byte(one.bytes[i]) == name_byte(other.bytes[i]);
    return same;
}

static uint32_t hash_of(struct amp_bytes name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ (unsigned char)name_byte(name.bytes[i])) * 16777619u;
    return hash;
}

/** Reads the headers, and links those of the same name. A message can have a hundred thousand of them.
 *  @param slots  a hash table of first entries, all NONE; a power of two, more than there are headers */
static void read_entries(const struct amp_message *message, struct entry *entries, uint32_t count, uint32_t *slots,
                         uint32_t slot_count)
{
    uint32_t number = number_of(message);

    for (uint32_t i = 0; i < count; i++) {
        struct entry *entry = &entries[i];
        *entry = (struct entry){.next = NONE, .last = i};
        amp_message_header(message, i, &entry->name, &entry->value);
        if (i == number) {
            entry->repeated = true; // it is written as the id
            continue;
        }
        if (entry->name.length == 0) // the line of a text answer, which has no name
            entry->name = (struct amp_bytes){"UnparsedText", 12};
        uint32_t slot = hash_of(entry->name) & (slot_count - 1);
        while (slots[slot] != NONE && !is_same_name(entries[slots[slot]].name, entry->name))
            slot = (slot + 1) & (slot_count - 1);
        if (slots[slot] == NONE) {
            slots[slot] = i;
            continue;
        }
        struct entry *first = &entries[slots[slot]];
        entries[first->last].next = i;
        first->last = i;
        entry->repeated = true;
    }
}

static void put_name(struct amp_output *out, struct amp_bytes name)
{
    put_text(out, "\"");
    for (size_t i = 0; i < name.length; i++) {
        char byte = name_byte(name.bytes[i]);
        if (byte == '"' || byte == '\\')
            put_text(out, "\\");
        amp_output_write(out, &byte, 1);
    }
    put_text(out, "\":");
}

static void put_entries(struct amp_output *out, const struct entry *entries, uint32_t count)
{
    const char *before = "{";

    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].repeated)
            continue;
        put_text(out, before);
        before = ",";
        put_name(out, entries[i].name);
        put_text(out, entries[i].next == NONE ? "" : "[");
        json_text_write(out, entries[i].value, JSON_TEXT_DATA);
        for (uint32_t next = entries[i].next; next != NONE; next = entries[next].next) {
            put_text(out, ",");
            json_text_write(out, entries[next].value, JSON_TEXT_DATA);
        }
        put_text(out, entries[i].next == NONE ? "" : "]");
    }
    put_text(out, before[0] == '{' ? "{}" : "}");
}

static void put_data(struct amp_output *out, const struct amp_message *message)
{
    struct entry few[FEW_HEADERS], *entries = few;
    uint32_t few_slots[2 * FEW_HEADERS], *slots = few_slots, slot_count = 2 * FEW_HEADERS;
    uint32_t count = amp_message_count(message);

    while (slot_count / 2 < count)
        slot_count *= 2;
    if (count > FEW_HEADERS) {
        entries = (struct entry *)calloc(count, sizeof *entries);
        slots = (uint32_t *)calloc(slot_count, sizeof *slots);
        if (entries == NULL || slots == NULL)
            abort(); // as the program does
    }
    memset(slots, 0xff, slot_count * sizeof *slots); // NONE
    read_entries(message, entries, count, slots, slot_count);
    put_text(out, ",\"datacontenttype\":\"application/json\",\"data\":");
    put_entries(out, entries, count);
    if (entries != few) {
        free(entries);
        free(slots);
    }
}

// --- the plugin -----------------------------------------------------------------------------------------------------

static void cloudevents_encode(const struct amp_message *message, struct amp_output *out)
{
    struct amp_bytes server = value_of(message, "Server"), call = value_of(message, "Linkedid");

    if (call.length == 0)
        call = value_of(message, "Uniqueid");
    put_text(out, "{\"specversion\":\"1.0\"");
    put_id(out, message);
    put_source(out, server);
    put_type(out, message);
    put_time(out, value_of(message, "Timestamp"));
    put_attribute(out, ",\"subject\":", subject_of(message));
    put_attribute(out, ",\"partitionkey\":", call);
    put_attribute(out, ",\"server\":", server);
    put_attribute(out, ",\"actionid\":", value_of(message, "ActionID"));
    put_data(out, message);
    put_text(out, "}\n");
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "cloudevents",
    .capabilities = AMP_CAN_ENCODE,
    .content_type = "application/cloudevents+json",
    .encode = cloudevents_encode,
    .configure = cloudevents_configure,
    .list_begin = "[",
    .list_between = ",",
    .list_end = "]\n",
    .list_content_type = "application/cloudevents-batch+json",
};
