// tests/fuzz/fuzz_heartbeat.c: what comes from a cluster's bus: the first line is the subject, the rest the heartbeat
// of a node. What is accepted can be written again, and is then read as the same; a subject has one form only. Runs:
// 20000
#include "cluster/heartbeat.h"
#include "cluster/subject.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_subject(struct span text)
{
    struct subject subject;
    char again[SUBJECT_BYTES], name[SUBJECT_NAME_BYTES + 1], key[SUBJECT_KEY_BYTES + 1];
    bool fold;
    size_t length;

    if (subject_parse(text, "c1", &subject) != NULL)
        return;
    fold = subject.kind != SUBJECT_NODE && subject.kind != SUBJECT_REPLY;
    length = subject_decode(subject.key, fold, name);
    require(length > 0);
    require(subject_encode((struct span){name, length}, fold, key) == subject.key.length);
    require(memcmp(key, subject.key.bytes, subject.key.length) == 0);
    length = subject.kind == SUBJECT_REPLY ? subject_write_reply("c1", subject.key, subject.boot, subject.id, again)
                                           : subject_write(subject.kind, "c1", subject.key, again);
    require(span_equals(text, (struct span){again, length}));
}

/** Each server is found under its key, and the keys are in order, so that none stands there twice. */
static void check_servers(const struct heartbeat *heartbeat)
{
    require(heartbeat->server_count <= HEARTBEAT_SERVERS && heartbeat->heard_count <= HEARTBEAT_HEARD);
    for (size_t i = 0; i < heartbeat->server_count; i++) {
        const struct heartbeat_server *server = &heartbeat->servers[i];
        require(heartbeat_find(heartbeat, server->key) == server);
        require(i == 0 || key_compare(heartbeat->servers[i - 1].key, server->key) < 0);
        require(server->claim <= EPOCH_MOST && server->sequence <= EPOCH_MOST);
        require(hold_state_word(server->state) != NULL);
    }
}

static void check_heartbeat(struct span body)
{
    const char *fault = NULL;
    struct heartbeat *first = heartbeat_decode(body, &fault), *second;
    size_t length, again_length;
    char *text, *again;

    require((first == NULL) == (fault != NULL));
    if (first == NULL)
        return;
    check_servers(first);
    text = heartbeat_encode(first, &length);
    require(text != NULL);
    second = heartbeat_decode((struct span){text, length}, &fault);
    require(second != NULL);
    again = heartbeat_encode(second, &again_length);
    require(again != NULL && again_length == length && memcmp(text, again, length) == 0);
    require(second->server_count == first->server_count && second->heard_count == first->heard_count);
    heartbeat_free(first);
    heartbeat_free(second);
    free(text);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data, *end = size == 0 ? NULL : memchr(bytes, '\n', size);
    size_t first = end == NULL ? size : (size_t)(end - bytes);

    check_subject((struct span){bytes, first});
    if (end != NULL)
        check_heartbeat((struct span){end + 1, size - first - 1});
    return 0;
}
