// core/session/delivery/recode.c: see recode.h.
#include "session/delivery/recode.h"

#include "base/charset.h"
#include "base/memory.h"

#include <stdlib.h>

struct recoder {
    size_t count;
    struct recoded_server {
        char *name;
        struct charset *charset;
    } servers[];
};

struct recoder *recoder_create(const struct config *config)
{
    struct recoder *recoder = memory_zero(1, sizeof *recoder + config->server_count * sizeof recoder->servers[0]);

    for (size_t i = 0; i < config->server_count; i++) {
        const struct server_config *server = &config->servers[i];
        struct charset *charset = server->encoding == NULL ? NULL : charset_open(server->encoding);
        if (charset != NULL)
            recoder->servers[recoder->count++] = (struct recoded_server){memory_text(server->name), charset};
    }
    if (recoder->count > 0)
        return recoder;
    free(recoder);
    return NULL;
}

void recoder_destroy(struct recoder *recoder)
{
    for (size_t i = 0; recoder != NULL && i < recoder->count; i++) {
        free(recoder->servers[i].name);
        charset_close(recoder->servers[i].charset);
    }
    free(recoder);
}

/** Finds the encoding of the message's server, which its last `Server` names: others may be text of callers.
 *  @param index  set to that header @return NULL: none */
static struct charset *recode_charset(const struct recoder *recoder, const struct message *message, uint32_t *index)
{
    struct span name, value;

    for (uint32_t i = message->header_count; i > 0; i--) {
        message_header(message, i - 1, &name, &value);
        if (!span_is(name, "Server"))
            continue;
        *index = i - 1;
        for (size_t k = 0; k < recoder->count; k++) {
            if (span_is(value, recoder->servers[k].name))
                return recoder->servers[k].charset;
        }
        break;
    }
    return NULL;
}

/** Returns the text in UTF-8, at `*to`, which is set behind it. */
static struct span recode_text(struct charset *charset, struct span text, char **to)
{
    struct span made = {*to, 0};

    if (charset_is_plain(text))
        return text;
    made.length = charset_to_utf8(charset, text, *to);
    *to += made.length;
    return made;
}

struct message *recode_message(struct recoder *recoder, const struct message *message)
{
    struct message_builder builder;
    struct message *made;
    struct span name, value;
    uint32_t own = 0;

    if (!message->from_server || charset_is_plain(message_wire(message)))
        return NULL;
    struct charset *charset = recode_charset(recoder, message, &own);
    if (charset == NULL)
        return NULL;
    char *texts = memory_new(message->byte_count * (size_t)CHARSET_GROWTH), *to = texts;
    message_builder_init(&builder);
    for (uint32_t i = 0; i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if (i == own)
            message_add_copy(&builder, message, i);
        else if (name.length == 0)
            message_add_line(&builder, recode_text(charset, value, &to));
        else {
            struct span written = recode_text(charset, name, &to);
            message_add(&builder, written, recode_text(charset, value, &to));
        }
    }
    made = message_build(&builder);
    made->from_server = true; // may be set, as nobody else has a reference yet
    free(texts);
    return made;
}
