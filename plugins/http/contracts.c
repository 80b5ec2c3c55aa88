// plugins/http/contracts.c: see contracts.h.
#include "contracts.h"

#include "response.h"

#include <pthread.h>
#include <string.h>

static const struct contract {
    const char *path;
    void (*write)(struct buffer *out);
} contract_list[] = {{"/openapi.json", openapi_write}, {"/asyncapi.json", asyncapi_write}};
#define CONTRACTS (sizeof contract_list / sizeof contract_list[0])

// Global: the documents, which never change. They are written once, at the first request, as a client without a login
// must not make a worker compute.
static struct buffer documents[CONTRACTS];
static pthread_once_t documents_once = PTHREAD_ONCE_INIT;

static void write_documents(void)
{
    for (size_t i = 0; i < CONTRACTS; i++)
        contract_list[i].write(&documents[i]);
}

bool contracts_next(const char **names, struct amp_bytes *name)
{
    const char *start = *names + strspn(*names, " ");
    *name = (struct amp_bytes){start, strcspn(start, " ")};
    *names = start + name->length;
    return name->length > 0;
}

unsigned contracts_names(struct buffer *out, const char *names, char mark)
{
    unsigned count = 0;
    struct amp_bytes name;
    while (contracts_next(&names, &name)) {
        if (mark != '\0' && memchr(name.bytes, mark, name.length) == NULL)
            continue;
        int length = 0;
        while ((size_t)length < name.length && strchr("!*", name.bytes[length]) == NULL)
            length++;
        buffer_print(out, "%s\"%.*s\"", count++ > 0 ? "," : "", length, name.bytes);
    }
    return count;
}

static const struct contract *find_contract(const struct request *request)
{
    for (size_t i = 0; i < CONTRACTS; i++) {
        if (request->path_length == strlen(contract_list[i].path) &&
            memcmp(request->path, contract_list[i].path, request->path_length) == 0)
            return &contract_list[i];
    }
    return NULL;
}

bool contracts_has(const struct request *request)
{
    return find_contract(request) != NULL;
}

static void ignore_report(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
}

bool contracts_serve(struct connection *connection)
{
    if (!contracts_has(connection->request))
        return false;
    if (connection->request->method != REQUEST_GET && connection->request->method != REQUEST_HEAD) {
        response_error(connection, 405, "Contracts are read by GET", "Allow: GET, HEAD\r\n");
        return true;
    }
    if (amp_session_report(connection->session, "alive", ignore_report, NULL) == AMP_REPORT_NONE)
        return false;
    contracts_answer(connection);
    return true;
}

void contracts_answer(struct connection *connection)
{
    pthread_once(&documents_once, write_documents);
    const struct buffer *document = &documents[find_contract(connection->request) - contract_list];
    response_send(
        connection,
        &(struct response){.status = 200, .type = "application/json; charset=utf-8", .length = document->length},
        buffer_bytes(document));
}
