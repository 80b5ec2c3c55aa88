// plugins/http/ajam_render.c: see ajam_render.h. Values are escaped. So are the names that a request gives. Asterisk
// writes these unchanged, which would allow a request to put elements of its own into a page.
#include "ajam_render.h"

#include <stdlib.h>
#include <string.h>

#define FORM                                                                                \
    "<form action=\"manager\" method=\"post\">\n"                                           \
    "\tAction: <select name=\"action\">\n"                                                  \
    "\t\t<option value=\"\">-----&gt;</option>\n"                                           \
    "\t\t<option value=\"login\">login</option>\n"                                          \
    "\t\t<option value=\"command\">Command</option>\n"                                      \
    "\t\t<option value=\"waitevent\">waitevent</option>\n"                                  \
    "\t\t<option value=\"listcommands\">listcommands</option>\n"                            \
    "\t</select>\n"                                                                         \
    "\tor <input name=\"action\"><br/>\n"                                                   \
    "\tCLI Command <input name=\"command\"><br>\n"                                          \
    "\tuser <input name=\"username\"> pass <input type=\"password\" name=\"secret\"><br>\n" \
    "\t<input type=\"submit\">\n</form>\n"

#define PAGE_BEGIN                                                                    \
    "<title>Asterisk&trade; Manager Interface</title><body bgcolor=\"#ffffff\">"      \
    "<table align=center bgcolor=\"#f1f1f1\" width=\"500\">\r\n"                      \
    "<tr><td colspan=\"2\" bgcolor=\"#f1f1ff\"><h1>Manager Tester</h1></td></tr>\r\n" \
    "<tr><td colspan=\"2\" bgcolor=\"#f1f1ff\">" FORM "</td></tr>\r\n"
#define PAGE_END "</table></body>\r\n"

#define DIGEST_PAGE_BEGIN                                                                              \
    "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n"                                         \
    "<html><head>\r\n"                                                                                 \
    "<title>Asterisk&trade; Manager Interface</title>\r\n"                                             \
    "</head><body style=\"background-color: #ffffff;\">\r\n"                                           \
    "<form method=\"POST\">\r\n"                                                                       \
    "<table align=\"center\" style=\"background-color: #f1f1f1;\" width=\"500\">\r\n"                  \
    "<tr><th colspan=\"2\" style=\"background-color: #f1f1ff;\"><h1>Manager Tester</h1></th></tr>\r\n" \
    "<tr><th colspan=\"2\" style=\"background-color: #f1f1ff;\">Action: <input name=\"action\" /> "    \
    "Cmd: <input name=\"command\" /><br><input type=\"submit\" value=\"Send request\" /></th></tr>\r\n"
#define DIGEST_PAGE_END "</table></form></body></html>\r\n"

/** Counts how often a header's name has occurred in this message. Names are compared with their case. */
struct seen_name {
    struct amp_bytes name;
    unsigned count;
    size_t slot; // where its number is in `slots`
};

struct rendering {
    struct buffer *body;
    bool xml;
    const struct ajam_names *names;
    bool in_object; // a message has begun
    bool in_opaque; // … and a line without a name: all that follows of it belongs to that
    struct seen_name *seen;
    size_t *slots; // twice as many as `seen` has room for: numbers of names, by the hash; see render_is_taken()
    size_t seen_count, seen_capacity;
};

static void render_add(struct rendering *rendering, const char *text)
{
    buffer_add(rendering->body, text, strlen(text));
}

static bool render_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool render_is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void render_add_escaped(struct rendering *rendering, struct amp_bytes text)
{
    static const char *const names[256] = {
        ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&apos;", ['&'] = "&amp;"};
    size_t start = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char *name = names[(unsigned char)text.bytes[i]];
        if (name == NULL)
            continue;
        buffer_add(rendering->body, text.bytes + start, i - start);
        render_add(rendering, name);
        start = i + 1;
    }
    buffer_add(rendering->body, text.bytes + start, text.length - start);
}

/** Writes the name of an attribute: in lower case, with `_` in place of bytes that are neither letters nor digits, and
 *  before a digit at the beginning. */
static void render_add_attribute_name(struct rendering *rendering, struct amp_bytes name)
{
    if (name.length > 0 && render_is_digit(name.bytes[0]))
        render_add(rendering, "_");
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.bytes[i];
        if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte - 'A' + 'a');
        else if (!render_is_letter(byte) && !render_is_digit(byte))
            byte = '_';
        buffer_add(rendering->body, &byte, 1);
    }
}

/** Writes the name of an element: first a letter or `_`, then also digits, `-` and `.`. Other bytes become `_`. */
static void render_add_element_name(struct rendering *rendering, struct amp_bytes name)
{
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.bytes[i];
        bool is_later = i > 0 && (render_is_digit(byte) || byte == '-' || byte == '.');
        if (!render_is_letter(byte) && byte != '_' && !is_later)
            byte = '_';
        buffer_add(rendering->body, &byte, 1);
    }
}

static void render_begin_object(struct rendering *rendering)
{
    struct amp_bytes unknown = text_of("unknown"), generic = text_of("generic");
    rendering->in_object = true;
    rendering->seen_count = 0;
    if (!rendering->xml)
        return;
    render_add(rendering, "<response type='object' id='");
    render_add_escaped(rendering, rendering->names->dest.length > 0 ? rendering->names->dest : unknown);
    render_add(rendering, "'><");
    render_add_element_name(rendering, rendering->names->object.length > 0 ? rendering->names->object : generic);
}

static void render_end_object(struct rendering *rendering)
{
    if (rendering->in_opaque)
        render_add(rendering, rendering->xml ? "'" : "</td></tr>\n");
    if (rendering->in_object)
        render_add(rendering, rendering->xml ? " /></response>\n" : "<tr><td colspan=\"2\"><hr></td></tr>\r\n");
    rendering->in_object = rendering->in_opaque = false;
}

/** Does the slot hold the number of a name of this message? Numbers that earlier messages have left are not cleared;
 * they are told by their name, which is of this message and has another slot, or is none. */
static bool render_is_taken(const struct rendering *rendering, size_t slot)
{
    size_t number = rendering->slots[slot];
    return number < rendering->seen_count && rendering->seen[number].slot == slot;
}

/** Returns the slot of the name, or the free one in which it belongs. The answer to GetConfig has a name for each line
 *  of the file, so that they cannot be compared one by one. */
static size_t render_slot_of(const struct rendering *rendering, struct amp_bytes name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); // FNV-1a
    size_t last = 2 * rendering->seen_capacity - 1;
    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ (unsigned char)name.bytes[i]) * UINT64_C(0x100000001b3);
    size_t slot = (size_t)(hash ^ hash >> 32) & last;
    while (render_is_taken(rendering, slot)) {
        struct amp_bytes other = rendering->seen[rendering->slots[slot]].name;
        if (other.length == name.length && (name.length == 0 || memcmp(other.bytes, name.bytes, name.length) == 0))
            break;
        slot = (slot + 1) & last;
    }
    return slot;
}

static void render_add_name(struct rendering *rendering, struct seen_name name)
{
    name.slot = render_slot_of(rendering, name.name);
    rendering->slots[name.slot] = rendering->seen_count;
    rendering->seen[rendering->seen_count++] = name;
}

/** Makes room for more names. */
static void render_grow(struct rendering *rendering)
{
    size_t count = rendering->seen_count;
    rendering->seen_capacity = rendering->seen_capacity == 0 ? 32 : 2 * rendering->seen_capacity;
    struct seen_name *seen = realloc(rendering->seen, rendering->seen_capacity * sizeof *seen);
    free(rendering->slots);
    rendering->slots = calloc(2 * rendering->seen_capacity, sizeof *rendering->slots);
    if (seen == NULL || rendering->slots == NULL)
        abort(); // messages are bounded: there is no memory at all
    rendering->seen = seen;
    rendering->seen_count = 0;
    while (rendering->seen_count < count)
        render_add_name(rendering, seen[rendering->seen_count]);
}

/** Counts a header's name. @return how often it has occurred in this message, this time included */
static unsigned render_count_name(struct rendering *rendering, struct amp_bytes name)
{
    if (rendering->seen_count == rendering->seen_capacity)
        render_grow(rendering);
    size_t slot = render_slot_of(rendering, name);
    if (render_is_taken(rendering, slot))
        return ++rendering->seen[rendering->slots[slot]].count;
    render_add_name(rendering, (struct seen_name){.name = name, .count = 1});
    return 1;
}

static bool render_is_blank(char byte)
{
    return (unsigned char)byte <= ' ';
}

static struct amp_bytes render_without_end_blanks(struct amp_bytes text)
{
    while (text.length > 0 && render_is_blank(text.bytes[text.length - 1]))
        text.length--;
    return text;
}

static void render_add_header(struct rendering *rendering, struct amp_bytes name, struct amp_bytes value)
{
    unsigned count = render_count_name(rendering, name);
    render_add(rendering, rendering->xml ? " " : "<tr><td>");
    if (rendering->xml)
        render_add_attribute_name(rendering, name);
    else
        render_add_escaped(rendering, name);
    if (count > 1)
        buffer_print(rendering->body, "-%u", count);
    render_add(rendering, rendering->xml ? "='" : "</td><td>");
    render_add_escaped(rendering, value);
    if (!rendering->in_opaque)
        render_add(rendering, rendering->xml ? "'" : "</td></tr>\n");
}

static void render_add_line(struct rendering *rendering, struct amp_bytes line)
{
    line = render_without_end_blanks(line);
    if (line.length == 0) {
        render_end_object(rendering);
        return;
    }
    if (!rendering->in_object)
        render_begin_object(rendering);
    if (rendering->in_opaque) {
        render_add(rendering, rendering->xml ? "\n" : "<br>\n");
        render_add_escaped(rendering, line);
        return;
    }
    const char *colon = memchr(line.bytes, ':', line.length);
    if (colon == NULL) {
        rendering->in_opaque = true;
        render_add_header(rendering, text_of("Opaque-data"), line);
        return;
    }
    struct amp_bytes name = {line.bytes, (size_t)(colon - line.bytes)};
    struct amp_bytes value = {colon + 1, line.length - name.length - 1};
    while (value.length > 0 && render_is_blank(value.bytes[0]))
        value = (struct amp_bytes){value.bytes + 1, value.length - 1};
    render_add_header(rendering, render_without_end_blanks(name), value);
}

static size_t render_line_length(struct amp_bytes text)
{
    size_t length = 0;
    while (length < text.length && text.bytes[length] != '\r' && text.bytes[length] != '\n')
        length++;
    return length;
}

/** Lines end in CR LF, or in one of these. */
static void render_add_lines(struct rendering *rendering, struct amp_bytes text)
{
    while (text.length > 0) {
        size_t length = render_line_length(text);
        size_t end = length < text.length ? length + 1 : length;
        if (end < text.length && text.bytes[end] == '\n')
            end++;
        render_add_line(rendering, (struct amp_bytes){text.bytes, length});
        text = (struct amp_bytes){text.bytes + end, text.length - end};
    }
    render_end_object(rendering);
    free(rendering->seen);
    free(rendering->slots);
}

void ajam_render(struct ajam_path path, const struct ajam_names *names, struct amp_bytes text, struct buffer *body)
{
    struct rendering rendering = {.body = body, .xml = path.format == AJAM_XML, .names = names};
    switch (path.format) {
    case AJAM_RAW:
        buffer_add(body, text.bytes, text.length);
        break;
    case AJAM_XML:
        render_add(&rendering, "<ajax-response>\n");
        render_add_lines(&rendering, text);
        render_add(&rendering, "</ajax-response>\n");
        break;
    case AJAM_HTML:
        render_add(&rendering, path.digest ? DIGEST_PAGE_BEGIN : PAGE_BEGIN);
        render_add_lines(&rendering, text);
        render_add(&rendering, path.digest ? DIGEST_PAGE_END : PAGE_END);
        break;
    }
}
