// tests/fuzz/fuzz_privileges.c: whatever a server answers to ListCommands, each line of it that tells of classes is
// found again by its name, and nobody may do more than every line of that name allows.
#include "ami/event_class.h"
#include "ami/parser.h"
#include "ami/privileges.h"

#include <stdint.h>
#include <stdlib.h>

static bool is_taken(struct span name)
{
    return name.length > 0 && name.length < PRIVILEGES_NAME_BYTES && memchr(name.bytes, '\0', name.length) == NULL;
}

/** What the list as a whole says of one of its lines. */
static void check_line(const struct privileges *privileges, struct span name, uint32_t told)
{
    const struct action_info *info = catalogue_find(name);
    uint32_t classes;

    if (!privileges_find(privileges, name, &classes) || classes == CLASS_ALL)
        abort();
    for (uint32_t bit = 1; bit <= CLASS_MESSAGE; bit <<= 1) {
        if (bit == CLASS_UNKNOWN)
            continue; // stands for all of them: nobody has it alone
        if (privileges_allow(privileges, name, bit) && !privileges_permit(told, info, bit))
            abort();
    }
    if (!privileges_allow(privileges, name, CLASS_ALL))
        abort();
}

static void check(const struct message *answer)
{
    struct privileges *privileges = privileges_parse(answer);
    struct span name, value;
    uint32_t told, lines = 0;

    for (uint32_t i = 1; i < answer->header_count; i++) {
        message_header(answer, i, &name, &value);
        if (!is_taken(name) || !privileges_read(value, &told) || lines >= PRIVILEGES_MOST)
            continue;
        lines++;
        if (privileges != NULL)
            check_line(privileges, name, told);
        else if (answer->kind == MESSAGE_RESPONSE && span_is(message_name(answer), "Success"))
            abort();
    }
    if (privileges_count(privileges) > lines)
        abort();
    privileges_unref(privileges);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct parser *parser = parser_create("pbx");
    struct message *message;
    size_t room;

    if (size > 0) {
        char *bytes = parser_reserve(parser, size, &room);
        memcpy(bytes, data, size);
        parser_commit(parser, size);
    }
    while ((message = parser_next(parser)) != NULL) {
        check(message);
        message_unref(message);
    }
    parser_destroy(parser);
    return 0;
}
