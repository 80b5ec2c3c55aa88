// contrib/testkit/testing.c: see astmanproxy/testing.h. What plugins call is the program's own code (core/plugin/).
#include "astmanproxy/testing.h"

#include "base/memory.h"
#include "plugin/host.h"
#include "plugin/registry.h"
#include "plugin/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((size_t)64 * 1024) // the default of limits.message_bytes
#define LEAST_OUTPUT ((size_t)1 << 20) // with 16 times the message: what an encoder may write, as in the proxy

/** The plugin broke the interface. */
static _Noreturn void break_off(const struct amp_plugin *plugin, const char *what)
{
    fprintf(stderr, "astmanproxy/testing.h: plugin %s: %s\n", plugin->name == NULL ? "without a name" : plugin->name,
            what);
    abort();
}

// --- plugins and settings ---------------------------------------------------------------------------------------

/** Keeps plugins and what they were told of the configuration until the program ends. */
static struct registry *testing_registry(void)
{
    // Global: plugins stay loaded until the process ends.
    static struct registry *kept;

    if (kept == NULL)
        kept = registry_create();
    return kept;
}

const struct amp_plugin *amp_test_load(const char *path)
{
    struct error err = {0};

    if (registry_load(testing_registry(), path, &err))
        return registry_at(testing_registry(), registry_count(testing_registry()) - 1);
    fprintf(stderr, "astmanproxy/testing.h: %s\n", err.text);
    return NULL;
}

/** The text has no other section: a name that was mistyped must not pass for an absent section. */
static void report_other_sections(const struct amp_plugin *plugin, const struct yaml_node *root, struct report *report)
{
    for (size_t i = 0; root != NULL && root->kind == YAML_MAP && i < root->child_count; i++) {
        if (strcmp(root->children[i]->key, plugin->name) != 0)
            yaml_tree_report_key(report, root->children[i], "expected the section %s of the plugin and nothing else",
                                 plugin->name);
    }
}

char *amp_test_configure(const struct amp_plugin *plugin, const char *yaml)
{
    struct source source;
    struct report report;

    source_init(&source, "astmanproxy.yaml", span_of(yaml == NULL ? "" : yaml), 0600);
    report_init(&report);
    struct yaml_node *root = yaml_tree_parse(&source, &report);
    report_other_sections(plugin, root, &report);
    bool works = settings_configure_plugin(testing_registry(), plugin, yaml_tree_find(root, plugin->name), &report);
    char *errors = report_finish(&report);
    yaml_tree_free(root);
    source_fini(&source);
    return errors == NULL && !works ? memory_text("the plugin cannot work without its settings\n") : errors;
}

// --- messages and encoding --------------------------------------------------------------------------------------

static void testing_add(struct message_builder *builder, struct span name, struct span value)
{
    if (name.length > 0)
        message_add(builder, name, value);
    else
        message_add_line(builder, value);
}

static void add_line(struct message_builder *builder, struct span line)
{
    const char *colon = memchr(line.bytes, ':', line.length);
    struct span name = {line.bytes, colon == NULL ? 0 : (size_t)(colon - line.bytes)};
    struct span value = line;

    if (name.length > 0) {
        value = (struct span){colon + 1, line.length - name.length - 1};
        if (value.length > 0 && value.bytes[0] == ' ')
            value = (struct span){value.bytes + 1, value.length - 1};
    }
    testing_add(builder, name, value);
}

struct amp_message *amp_test_message(const char *text)
{
    struct message_builder builder;

    message_builder_init(&builder);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        size_t end = length > 0 && text[length - 1] == '\r' ? length - 1 : length;
        add_line(&builder, (struct span){text, end});
        text += length + (text[length] == '\n');
    }
    return (struct amp_message *)message_build(&builder);
}

struct amp_message *amp_test_message_of(const struct amp_bytes *fields, size_t count)
{
    struct message_builder builder;

    message_builder_init(&builder);
    for (size_t i = 0; i < count; i++)
        testing_add(&builder, (struct span){fields[2 * i].bytes, fields[2 * i].length},
                    (struct span){fields[2 * i + 1].bytes, fields[2 * i + 1].length});
    return (struct amp_message *)message_build(&builder);
}

void amp_test_message_free(struct amp_message *message)
{
    message_unref((struct message *)message);
}

static struct amp_output testing_encode(const struct amp_plugin *plugin, const struct amp_message *message)
{
    struct amp_output out = {.limit = ((const struct message *)message)->byte_count * 16 + LEAST_OUTPUT};

    plugin->encode(message, &out);
    if (out.broken)
        break_off(plugin, "encode() wrote too many bytes, or passed a null pointer");
    return out;
}

char *amp_test_encode(const struct amp_plugin *plugin, const struct amp_message *message, size_t *length)
{
    struct amp_output out = testing_encode(plugin, message), again = testing_encode(plugin, message);

    if (out.length != again.length || (out.length > 0 && memcmp(out.bytes, again.bytes, out.length) != 0))
        break_off(plugin, "encode() wrote other bytes when it was given the same message again");
    amp_output_fini(&again);
    if (length != NULL)
        *length = out.length;
    out.limit = 0;
    amp_output_write(&out, "", 1);
    return out.bytes; // the caller's from here on
}

// --- decoding ---------------------------------------------------------------------------------------------------

struct amp_test_decoder {
    const struct amp_plugin *plugin;
    const struct amp_test_client *client;
    void *state;
    struct amp_input input;
    struct amp_output text;
    bool failure_noted;
};

static void decoder_note(struct amp_test_decoder *decoder, struct span text)
{
    amp_output_write(&decoder->text, text.bytes, text.length);
}

static bool take_action(void *context, struct message *message, const char *rejected)
{
    struct amp_test_decoder *decoder = context;

    decoder_note(decoder, span_of("<"));
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value;
        message_header(message, i, &name, &value);
        decoder_note(decoder, name);
        decoder_note(decoder, span_of("="));
        decoder_note(decoder, value);
        decoder_note(decoder, span_of(";"));
    }
    if (rejected != NULL) {
        decoder_note(decoder, span_of("!"));
        decoder_note(decoder, span_of(rejected));
    }
    decoder_note(decoder, span_of(">"));
    if (decoder->client->on_action != NULL)
        decoder->client->on_action(decoder->client->context, amp_message_of(message), rejected);
    message_unref(message);
    return !decoder->client->stop;
}

struct amp_test_decoder *amp_test_decoder_create(const struct amp_plugin *plugin, const struct amp_test_client *client)
{
    struct amp_test_decoder *decoder = memory_zero(1, sizeof *decoder);

    decoder->plugin = plugin;
    decoder->client = client;
    if (plugin->decoder_create != NULL) {
        decoder->state = plugin->decoder_create();
        if (decoder->state == NULL)
            break_off(plugin, "decoder_create() gave NULL");
    }
    amp_input_init(&decoder->input, client->most_bytes == 0 ? MOST_BYTES : client->most_bytes, take_action, decoder);
    return decoder;
}

/** After a call of the plugin's. */
static void look_at_input(struct amp_test_decoder *decoder)
{
    if (decoder->input.broken != NULL)
        break_off(decoder->plugin, decoder->input.broken);
    if (decoder->input.failed == NULL || decoder->failure_noted)
        return;
    decoder_note(decoder, span_of("{failed: "));
    decoder_note(decoder, span_of(decoder->input.failed));
    decoder_note(decoder, span_of("}"));
    decoder->failure_noted = true;
}

/** A block that ends where the bytes end, so that a sanitizer sees a read past them. The caller frees it. */
static char *exact_copy(const char *bytes, size_t length)
{
    char *copy = memory_new(length);

    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

size_t amp_test_decoder_give(struct amp_test_decoder *decoder, const char *bytes, size_t length)
{
    char *exact = exact_copy(bytes, length);
    size_t used = decoder->plugin->decode(decoder->state, exact, length, &decoder->input);

    free(exact);
    if (used > length)
        break_off(decoder->plugin, "decode() says that it used up more bytes than it was given");
    look_at_input(decoder);
    return used;
}

void amp_test_decoder_finish(struct amp_test_decoder *decoder, const char *bytes, size_t length)
{
    char *exact = exact_copy(bytes, length);

    if (decoder->plugin->finish != NULL)
        decoder->plugin->finish(decoder->state, exact, length, &decoder->input);
    free(exact);
    look_at_input(decoder);
}

const char *amp_test_decoder_text(struct amp_test_decoder *decoder)
{
    amp_output_write(&decoder->text, "", 1);
    decoder->text.length--; // more may follow
    return decoder->text.bytes;
}

void *amp_test_decoder_state(struct amp_test_decoder *decoder)
{
    return decoder->state;
}

/** @return what was read, the caller's from here on */
static char *decoder_end(struct amp_test_decoder *decoder)
{
    char *text;

    amp_test_decoder_text(decoder);
    text = decoder->text.bytes;
    amp_input_fini(&decoder->input);
    if (decoder->plugin->decoder_destroy != NULL)
        decoder->plugin->decoder_destroy(decoder->state);
    free(decoder);
    return text;
}

void amp_test_decoder_destroy(struct amp_test_decoder *decoder)
{
    free(decoder_end(decoder));
}

/** Calls decode() as long as it uses some of the bytes. @return how many it used */
static size_t give_all(struct amp_test_decoder *decoder, const char *bytes, size_t length)
{
    size_t start = 0;

    for (size_t used = 1; used > 0 && start < length && decoder->input.failed == NULL; start += used)
        used = amp_test_decoder_give(decoder, bytes + start, length - start);
    return start;
}

char *amp_test_decode(const struct amp_plugin *plugin, const struct amp_test_client *client)
{
    struct amp_test_decoder *decoder = amp_test_decoder_create(plugin, client);
    size_t start = 0, piece = client->piece == 0 ? client->length : client->piece;

    for (size_t end = 0; end < client->length && decoder->input.failed == NULL;) {
        end = client->length - end > piece ? end + piece : client->length;
        start += give_all(decoder, client->bytes + start, end - start);
        if (client->most_kept > 0 && end - start > client->most_kept)
            break_off(plugin, "decode() left more bytes than the test allows");
    }
    if (client->finish && decoder->input.failed == NULL)
        amp_test_decoder_finish(decoder, client->bytes + start, client->length - start);
    return decoder_end(decoder);
}

bool amp_test_decodes(const struct amp_plugin *plugin, const struct amp_test_client *client, const char *expected)
{
    static const size_t pieces[] = {0, 1, 2, 3, 7, 1000};
    struct amp_test_client way = *client;
    bool same = true;

    for (size_t i = 0; same && i < 2 * sizeof pieces / sizeof pieces[0]; i++) {
        way.piece = pieces[i / 2];
        way.stop = i % 2 == 1;
        if (way.piece > 0 && way.piece < 1000 && way.length > 20000)
            continue; // byte by byte takes its time
        char *text = amp_test_decode(plugin, &way);
        same = strcmp(text, expected) == 0;
        if (!same)
            fprintf(stderr,
                    "astmanproxy/testing.h: plugin %s: pieces of %zu bytes (0: all)%s: expected\n  %s\nfound\n  %s\n",
                    plugin->name, way.piece, way.stop ? ", stopped after each action" : "", expected, text);
        free(text);
    }
    return same;
}
