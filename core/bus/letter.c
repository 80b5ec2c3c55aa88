// core/bus/letter.c: letters to the hub. Texts and bytes of a message lie in the letter's block, behind it.
#include "bus/letter.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct bus_letter *bus_letter_create(uint32_t letter_kind, enum bus_letter_kind kind)
{
    struct bus_letter *letter = memory_zero(1, sizeof *letter);

    letter->letter.kind = letter_kind;
    letter->kind = kind;
    return letter;
}

static size_t text_size(const char *text)
{
    return text == NULL ? 0 : strlen(text) + 1;
}

/** Copies a text to `*place` and moves on. @return the copy, NULL of NULL */
static const char *place_text(char **place, const char *text)
{
    size_t size = text_size(text);
    const char *copy = *place;

    if (size == 0)
        return NULL;
    memcpy(*place, text, size);
    *place += size;
    return copy;
}

size_t bus_letter_size(const char *subject, const char *reply, size_t head, size_t body)
{
    return sizeof(struct bus_letter) + text_size(subject) + text_size(reply) + head + body + 1;
}

struct bus_letter *bus_letter_of(uint32_t letter_kind, const char *subject, const char *reply, struct message *head,
                                 struct span body)
{
    struct bus_letter *letter = memory_new(bus_letter_size(subject, reply, 0, body.length));
    char *place = (char *)(letter + 1);

    *letter = (struct bus_letter){.letter = {NULL, letter_kind}, .kind = BUS_MESSAGE, .head = head};
    letter->subject = place_text(&place, subject);
    letter->reply = place_text(&place, reply);
    if (body.length > 0)
        memcpy(place, body.bytes, body.length);
    place[body.length] = '\0';
    letter->body = (struct span){place, body.length};
    letter->size = bus_letter_size(subject, reply, head == NULL ? 0 : head->byte_count, body.length);
    return letter;
}
