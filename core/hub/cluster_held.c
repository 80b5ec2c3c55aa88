// core/hub/cluster_held.c: events that come before what is missing, or of the stream that will be followed, are held.
#include "hub/cluster_inside.h"

bool held_is_followed(const struct stream *stream, const struct bus_letter *letter)
{
    return stream->known && cluster_number(letter->head, "Boot", 16) == stream->boot &&
           cluster_number(letter->head, "Epoch", 10) == stream->epoch;
}

void held_add(struct stream *stream, struct bus_letter *letter)
{
    letter->letter.next = NULL;
    *stream->held_end = &letter->letter;
    stream->held_end = &letter->letter.next;
    stream->held_bytes += letter->body.length;
}

struct bus_letter *held_take(struct stream *stream)
{
    for (struct letter **link = &stream->held; *link != NULL; link = &(*link)->next) {
        struct bus_letter *letter = (struct bus_letter *)*link;
        if (!held_is_followed(stream, letter))
            continue;
        *link = letter->letter.next;
        if (*link == NULL)
            stream->held_end = link;
        stream->held_bytes -= letter->body.length;
        return letter;
    }
    return NULL;
}

void held_put_back(struct stream *stream, struct bus_letter *letter)
{
    letter->letter.next = stream->held;
    if (stream->held == NULL)
        stream->held_end = &letter->letter.next;
    stream->held = &letter->letter;
    stream->held_bytes += letter->body.length;
}

void held_drop_opener(struct shared_server *shared)
{
    struct stream *stream = &shared->stream;
    struct bus_letter *letter = held_take(stream);

    if (letter == NULL)
        return;
    if (cluster_number(letter->head, "First", 10) == stream->gap_last + 1)
        bus_letter_destroy(shared->cluster->bus, letter);
    else
        held_put_back(stream, letter);
}

void held_clear(struct shared_server *shared)
{
    struct stream *stream = &shared->stream;

    for (struct letter *letter = stream->held, *next; letter != NULL; letter = next) {
        next = letter->next;
        bus_letter_destroy(shared->cluster->bus, (struct bus_letter *)letter);
    }
    stream->held = NULL;
    stream->held_end = &stream->held;
    stream->held_bytes = 0;
}
