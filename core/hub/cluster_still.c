// core/hub/cluster_still.c: answers that were lost on the bus. Who waits for an answer asks the process that was sent
// the action, from time to time, whether it still works on it. If it does not, twice, the action or its answer is lost:
// the process's reply comes after all answers that it has sent, and so does its last heartbeat. Such an action is not
// sent again: see core/cluster/README.md.
#include "hub/cluster_inside.h"

#include "base/memory.h"
#include "server/role.h"
#include "server/server.h"

#include <stdio.h>
#include <stdlib.h>

#define STILL_MS 1000  // between two questions, and how old an action is before
#define STILL_MOST 100 // actions of one question

/** An action of another node that is not answered yet. */
struct bus_ask {
    struct map_node node; // by the subject for its answers; must be first
    struct list_node entry;
    char reply[];
};

// --- the owner ------------------------------------------------------------------------------------------------------

void still_note(struct hub_cluster *cluster, const char *reply)
{
    size_t length = strlen(reply);
    struct bus_ask *known = memory_zero(1, sizeof *known + length + 1);

    memcpy(known->reply, reply, length);
    map_add(&cluster->asks, &known->node, 0, (struct span){known->reply, length});
    list_add_last(&cluster->ask_list, &known->entry);
}

static void forget_ask(struct hub_cluster *cluster, struct bus_ask *known)
{
    map_remove(&cluster->asks, &known->node);
    list_remove(&cluster->ask_list, &known->entry);
    free(known);
}

void still_end(struct hub_cluster *cluster, const char *reply)
{
    struct map_node *node = map_find(&cluster->asks, 0, span_of(reply));

    if (node != NULL)
        forget_ask(cluster, (struct bus_ask *)(void *)node);
}

void still_clear(struct hub_cluster *cluster)
{
    while (cluster->ask_list.first != NULL)
        forget_ask(cluster, LIST_OBJECT(cluster->ask_list.first, struct bus_ask, entry));
}

/** Takes the next word off the front. @return false: there is none */
static bool next_word(struct span *words, struct span *word)
{
    const char *blank = words->length == 0 ? NULL : memchr(words->bytes, ' ', words->length);

    if (blank == NULL)
        return false;
    *word = (struct span){words->bytes, (size_t)(blank - words->bytes)};
    words->bytes += word->length + 1;
    words->length -= word->length + 1;
    return true;
}

/** Writes the subject for answers whose last part is `word`, in the place of that of `like`. @return false: too long */
static bool subject_like(const char *like, struct span word, char subject[SUBJECT_BYTES])
{
    const char *dot = strrchr(like, '.');
    int prefix = dot == NULL ? 0 : (int)(dot + 1 - like);

    return snprintf(subject, SUBJECT_BYTES, "%.*s%.*s", prefix, like, (int)word.length, word.bytes) < SUBJECT_BYTES;
}

void still_answer(struct shared_server *shared, const struct bus_letter *letter)
{
    struct hub_cluster *cluster = shared->cluster;
    struct bus_body *body = bus_body_create();
    struct span words = letter->body, word;
    struct message_builder head;
    char subject[SUBJECT_BYTES];

    while (next_word(&words, &word)) {
        if (!subject_like(letter->reply, word, subject) || map_find(&cluster->asks, 0, span_of(subject)) != NULL)
            continue;
        bus_body_add_bytes(body, word);
        bus_body_add_bytes(body, (struct span){" ", 1});
    }
    if (bus_body_length(body) == 0) {
        bus_body_destroy(body);
        return;
    }
    out_flush(shared);
    cluster_begin_head(cluster, &head);
    bus_publish(cluster->bus, BUS_IMPORTANT, letter->reply, NULL, message_build(&head), body);
}

// --- who waits ------------------------------------------------------------------------------------------------------

/** Asks a process for those of its actions that are not answered for long. @param reply  the subject for its answer */
static void ask_process(struct shared_server *shared, uint64_t boot, const char *reply)
{
    struct hub_cluster *cluster = shared->cluster;
    uint64_t numbers[STILL_MOST];
    size_t count = remote_list_old(shared->server, (uint32_t)boot, STILL_MS, numbers, STILL_MOST);
    struct message_builder head;
    struct bus_body *body;
    char subject[SUBJECT_BYTES];

    if (count == 0)
        return;
    body = bus_body_create();
    for (size_t i = 0; i < count; i++) {
        cluster_request(cluster, numbers[i], subject);
        bus_body_add_bytes(body, span_of(strrchr(subject, '.') + 1));
        bus_body_add_bytes(body, (struct span){" ", 1});
    }
    cluster_begin_head(cluster, &head);
    message_addf(&head, "Still", "1");
    cluster_send_action(shared, boot, reply, &head, body);
}

static void still_ask(struct shared_server *shared, uint64_t now)
{
    struct hub_cluster *cluster = shared->cluster;
    const struct nodes *nodes = &cluster->ownership->nodes;
    char reply[SUBJECT_BYTES];

    if (now - shared->still_ms < STILL_MS || !cluster->is_up)
        return;
    shared->still_ms = now;
    await_begin(shared, AWAIT_STILL, reply);
    for (size_t i = 0; i < nodes->count; i++) {
        if (nodes->members[i]->alive)
            ask_process(shared, nodes->members[i]->beat->member.boot, reply);
    }
}

static bool is_gone(void *context, uint32_t process)
{
    return cluster_boot_of(context, process) == 0;
}

void still_tick(struct shared_server *shared, uint64_t now)
{
    const struct list_head *exchanges = &shared->server->role->afar.exchanges;

    if (exchanges->first != NULL)
        still_ask(shared, now);
    if (exchanges->first != NULL)
        remote_fail(shared->server, is_gone, shared->cluster, "its owner is gone");
}

void still_take(struct shared_server *shared, const struct bus_letter *letter)
{
    struct hub_cluster *cluster = shared->cluster;
    uint32_t process = (uint32_t)cluster_number(letter->head, "Boot", 16);
    struct span words = letter->body, word;
    struct subject subject;
    char text[SUBJECT_BYTES];

    while (next_word(&words, &word)) {
        if (subject_like(letter->subject, word, text) && subject_parse(span_of(text), cluster->name, &subject) == NULL)
            remote_doubt(cluster->hub->servers, subject.id, process);
    }
}
