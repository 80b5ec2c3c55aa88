// plugins/xml/decode.c: reads actions from documents `<AsteriskManagerInput>` with expat, as the bytes come.
#include "xml.h"

#include "expat_names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TOKEN_BYTES ((size_t)16 * 1024)      // longest tag or comment, and longest text of a header
#define DOCUMENT_BYTES ((size_t)1024 * 1024) // enough for the largest action of Asterisk with each byte as a reference
#define SLICE_BYTES ((size_t)8 * 1024) // most bytes for expat at a time, as it copies those that it cannot use yet

#define MALFORMED "Invalid XML Input"
#define TOO_LONG "Message too long"

/** State of one client's input. */
struct decoder {
    XML_Parser parser;       // of the present document; NULL between documents, so that an idle client uses no memory
    struct expat_salt salt;  // the same for all documents
    struct amp_input *input; // during a call
    size_t fed;              // bytes of the document that were passed to the parser
    size_t end;              // offset of the document's end; 0: not reached
    unsigned depth;          // of elements: 1 in the root, 2 in a header
    bool has_value;          // the header had a Value and was passed on; text in it must be blank
    bool failed;             // the stream is invalid: no more bytes are read
    char *text;              // of a header without Value: its name, then its text
    size_t name_length, text_length, text_capacity;
};

void *xml_decoder_create(void)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder != NULL)
        decoder->salt = expat_salt_make();
    return decoder;
}

/** Frees the present document. */
static void close_document(struct decoder *decoder)
{
    if (decoder->parser != NULL)
        XML_ParserFree(decoder->parser);
    free(decoder->text);
    *decoder = (struct decoder){.salt = decoder->salt, .input = decoder->input, .failed = decoder->failed};
}

void xml_decoder_destroy(void *decoder)
{
    if (decoder != NULL)
        close_document(decoder);
    free(decoder);
}

static void xml_fail(struct decoder *decoder, const char *reason)
{
    if (decoder->failed)
        return;
    decoder->failed = true;
    amp_input_fail(decoder->input, reason);
    if (decoder->parser != NULL)
        XML_StopParser(decoder->parser, XML_FALSE);
}

/** Must a handler do nothing? expat calls some even after it was stopped. */
static bool is_over(struct decoder *decoder)
{
    if (!decoder->failed && decoder->end == 0 && expat_event_length(decoder->parser) > TOKEN_BYTES)
        xml_fail(decoder, TOO_LONG);
    return decoder->failed || decoder->end > 0;
}

/** Keeps text of the present header. */
static void keep_text(struct decoder *decoder, const char *bytes, size_t length)
{
    size_t wanted = decoder->text_length + length;
    if (wanted > TOKEN_BYTES) {
        xml_fail(decoder, TOO_LONG);
        return;
    }
    if (decoder->text == NULL || wanted > decoder->text_capacity) {
        size_t capacity = wanted < 128 ? 256 : wanted * 2;
        char *grown = realloc(decoder->text, capacity);
        if (grown == NULL) {
            xml_fail(decoder, "Out of memory");
            return;
        }
        decoder->text = grown;
        decoder->text_capacity = capacity;
    }
    memcpy(decoder->text + decoder->text_length, bytes, length);
    decoder->text_length = wanted;
}

static struct amp_bytes bytes_of(const char *text)
{
    return (struct amp_bytes){text, strlen(text)};
}

static void hand_over(struct decoder *decoder, struct amp_bytes name, struct amp_bytes value)
{
    if (name.length == 0)
        amp_input_reject(decoder->input, "Failed to parse message: a header without a name");
    else
        amp_input_header(decoder->input, name, value);
}

/** Begins a header: `<Name Value="…">`, `<Name>` or `<Header Name="…" Value="…">`. */
static void begin_header(struct decoder *decoder, const char *name, const char *const *attributes)
{
    bool is_named = strcmp(name, "Header") == 0; // by an attribute
    const char *value = NULL;

    for (; attributes[0] != NULL; attributes += 2) {
        if (strcmp(attributes[0], "Value") == 0)
            value = attributes[1];
        else if (is_named && strcmp(attributes[0], "Name") == 0)
            name = attributes[1];
        else
            amp_input_reject(decoder->input, "Failed to parse message: unknown attribute of a header");
    }
    decoder->has_value = value != NULL;
    decoder->text_length = 0;
    if (value != NULL) {
        hand_over(decoder, bytes_of(name), bytes_of(value));
    } else {
        keep_text(decoder, name, strlen(name));
        decoder->name_length = decoder->text_length;
    }
}

/** Ends a header without Value: its text, without surrounding blanks, is the value. */
static void end_header(struct decoder *decoder)
{
    const char *begin = decoder->text + decoder->name_length;
    const char *end = decoder->text + decoder->text_length;

    while (begin < end && xml_is_blank(*begin))
        begin++;
    while (begin < end && xml_is_blank(end[-1]))
        end--;
    hand_over(decoder, (struct amp_bytes){decoder->text, decoder->name_length},
              (struct amp_bytes){begin, (size_t)(end - begin)});
}

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct decoder *decoder = context;
    if (is_over(decoder))
        return;
    decoder->depth++;
    if (decoder->depth > 2)
        xml_fail(decoder, MALFORMED ": elements within a header");
    else if (decoder->depth == 2)
        begin_header(decoder, name, (const char *const *)attributes);
    else if (strcmp(name, "AsteriskManagerInput") != 0)
        xml_fail(decoder, MALFORMED ": the root element is not AsteriskManagerInput");
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
    struct decoder *decoder = context;
    (void)name;
    if (is_over(decoder))
        return;
    decoder->depth--;
    if (decoder->depth == 1 && !decoder->has_value) {
        end_header(decoder);
    } else if (decoder->depth == 0) {
        decoder->end = (size_t)expat_event_offset(decoder->parser) + expat_event_length(decoder->parser);
        XML_StopParser(decoder->parser, XML_FALSE); // another document follows
    }
}

static void XMLCALL on_text(void *context, const XML_Char *bytes, int length)
{
    struct decoder *decoder = context;
    if (decoder->failed || decoder->end > 0)
        return; // not is_over(), as a long text comes in pieces
    if (decoder->depth == 2 && !decoder->has_value) {
        keep_text(decoder, bytes, (size_t)length);
        return;
    }
    for (int i = 0; i < length; i++) {
        if (!xml_is_blank(bytes[i])) {
            amp_input_reject(decoder->input, decoder->depth == 2
                                                 ? "Failed to parse message: a header with a Value and a text"
                                                 : "Failed to parse message: text that is in no header");
            return;
        }
    }
}

/** Limits comments and processing instructions, which are ignored. */
static void XMLCALL on_comment(void *context, const XML_Char *text)
{
    (void)text;
    (void)is_over(context);
}

static void XMLCALL on_instruction(void *context, const XML_Char *target, const XML_Char *text)
{
    (void)target;
    (void)text;
    (void)is_over(context);
}

static void XMLCALL on_declaration(void *context, const XML_Char *version, const XML_Char *encoding, int standalone)
{
    (void)version;
    (void)standalone;
    if (!is_over(context) && encoding != NULL && strcasecmp(encoding, "UTF-8") != 0 &&
        strcasecmp(encoding, "US-ASCII") != 0)
        xml_fail(context, MALFORMED ": the encoding is not UTF-8");
}

/** Refuses a DTD. Entities are declared only in a DTD, so nothing can be expanded or fetched. */
static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                               int has_internal_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_internal_subset;
    xml_fail(context, MALFORMED ": a document type is not allowed");
}

/** Begins a document. @param first  its first byte, which is checked before more bytes come */
static void open_document(struct decoder *decoder, char first)
{
    if (first != '<' && first != '\xEF') {
        xml_fail(decoder, MALFORMED);
        return;
    }
    decoder->parser = XML_ParserCreate("UTF-8");
    if (decoder->parser == NULL) {
        xml_fail(decoder, "Out of memory");
        return;
    }
    expat_salt_set(decoder->parser, &decoder->salt);
    if (XML_SetReparseDeferralEnabled != NULL)
        XML_SetReparseDeferralEnabled(decoder->parser, XML_FALSE); // it would delay a complete action
    XML_SetUserData(decoder->parser, decoder);
    XML_SetElementHandler(decoder->parser, on_start, on_end);
    XML_SetCharacterDataHandler(decoder->parser, on_text);
    XML_SetCommentHandler(decoder->parser, on_comment);
    XML_SetProcessingInstructionHandler(decoder->parser, on_instruction);
    XML_SetXmlDeclHandler(decoder->parser, on_declaration);
    XML_SetStartDoctypeDeclHandler(decoder->parser, on_doctype);
}

/** Returns the text between `from` and `end` from the first byte that is not in `passed` up to the first of `ends`. */
static struct amp_bytes text_between(const char *from, const char *end, const char *passed, const char *ends)
{
    while (from < end && *from != '\0' && strchr(passed, *from) != NULL)
        from++;
    const char *last = from;
    while (last < end && *last != '\0' && strchr(ends, *last) == NULL)
        last++;
    return (struct amp_bytes){from, (size_t)(last - from)};
}

/** Looks for the ActionID in the rest of an invalid document, for the answer: `<ActionID Value="…"`, `<ActionID>…` or
 *  `Name="ActionID" Value="…"`, without references. */
static void add_id(struct decoder *decoder, const char *bytes, size_t length)
{
    static const char name[] = "ActionID";
    const size_t name_length = sizeof name - 1;
    const char *root = memmem(bytes, length, "</AsteriskManagerInput", 22);
    const char *end = root == NULL ? bytes + length : root; // another document follows
    for (const char *at = bytes + 1; length > 0 && end - at > (ptrdiff_t)name_length; at++) {
        const char *behind = at + name_length;
        if (at[-1] == '\0' || strchr("<\"'", at[-1]) == NULL || strncasecmp(at, name, name_length) != 0 ||
            strchr("\"'> \t\r\n", *behind) == NULL)
            continue;
        struct amp_bytes value = text_between(behind, end, "\"' \t\r\n", "\"'< \t\r\n=");
        if (value.length > 0 && value.bytes[0] == '>')
            value = text_between(value.bytes, end, "> \t\r\n", "< \t\r\n");
        else
            value = text_between(value.bytes + value.length, end, "= \t\r\n\"'", "\"'<");
        if (value.length > 0 && memchr(value.bytes, '&', value.length) == NULL)
            amp_input_header(decoder->input, (struct amp_bytes){name, name_length}, value);
        return;
    }
}

/** Passes bytes of the document to expat. @return number of bytes of this document, as far as is known */
static size_t xml_feed(struct decoder *decoder, const char *bytes, size_t length)
{
    size_t before = decoder->fed;
    size_t slice = length < SLICE_BYTES ? length : SLICE_BYTES;
    if (slice > DOCUMENT_BYTES - before)
        slice = DOCUMENT_BYTES - before;
    if (slice == 0) {
        xml_fail(decoder, TOO_LONG);
        return 0;
    }
    decoder->fed += slice;
    enum XML_Status status = XML_Parse(decoder->parser, bytes, (int)slice, XML_FALSE);
    if (decoder->end > 0)
        return decoder->end - before;
    if (status != XML_STATUS_OK) {
        xml_fail(decoder, MALFORMED);
        return slice;
    }
    int64_t at = expat_event_offset(decoder->parser); // where the incomplete token begins
    if (at >= 0 && decoder->fed - (size_t)at > TOKEN_BYTES)
        xml_fail(decoder, TOO_LONG);
    return slice;
}

size_t xml_decode(void *state, const char *bytes, size_t length, struct amp_input *input)
{
    struct decoder *decoder = state;
    size_t used = 0;
    bool go_on = true;

    decoder->input = input;
    while (go_on && used < length && !decoder->failed) {
        if (decoder->parser == NULL && xml_is_blank(bytes[used])) {
            used++; // not for expat: an XML declaration must be the first of a document
            continue;
        }
        if (decoder->parser == NULL)
            open_document(decoder, bytes[used]);
        size_t before = used;
        if (!decoder->failed)
            used += xml_feed(decoder, bytes + used, length - used);
        if (decoder->failed)
            add_id(decoder, bytes + before, length - before);
        if (decoder->end > 0) {
            close_document(decoder);
            go_on = amp_input_end(input);
        }
    }
    if (!decoder->failed)
        return used;
    close_document(decoder);
    return length;
}

void xml_finish(void *state, const char *bytes, size_t length, struct amp_input *input)
{
    struct decoder *decoder = state;
    while (length > 0) { // documents that the session has not accepted yet
        size_t used = xml_decode(decoder, bytes, length, input);
        bytes += used;
        length -= used;
    }
    if (decoder->parser == NULL)
        return;
    (void)XML_Parse(decoder->parser, "", 0, XML_TRUE);
    // that nothing began but comments is told by the depth and, since there may be half a tag, by expat
    if (decoder->depth > 0 || XML_GetErrorCode(decoder->parser) != XML_ERROR_NO_ELEMENTS) {
        amp_input_reject(input, MALFORMED);
        (void)amp_input_end(input);
    }
    close_document(decoder);
}
