// core/ami/reread.c: see reread.h.
#include "ami/reread.h"

#include "ami/parser.h"
#include "base/memory.h"

#include <stdlib.h>

struct reread {
    struct parser *of_server; // marks its messages as a server's, and adds no header: its name is empty
    struct parser *of_proxy;
};

struct reread *reread_create(void)
{
    struct reread *reread = memory_zero(1, sizeof *reread);

    reread->of_server = parser_create("");
    reread->of_proxy = parser_create(NULL);
    return reread;
}

void reread_destroy(struct reread *reread)
{
    if (reread == NULL)
        return;
    parser_destroy(reread->of_server);
    parser_destroy(reread->of_proxy);
    free(reread);
}

struct message *reread_message(struct reread *reread, struct span wire, bool from_server)
{
    struct parser *parser = from_server ? reread->of_server : reread->of_proxy;
    struct message *message;
    size_t room;

    if (wire.length == 0)
        return NULL;
    memcpy(parser_reserve(parser, wire.length, &room), wire.bytes, wire.length);
    parser_commit(parser, wire.length);
    message = parser_next(parser);
    if (message == NULL && parser_is_doubtful(parser)) {
        parser_settle(parser);
        message = parser_next(parser);
    }
    if (message != NULL && parser_pending(parser) == 0)
        return message;
    message_unref(message);
    parser_reset(parser);
    return NULL;
}
