// plugins/http/contracts.h: GET /openapi.json and GET /asyncapi.json: what can be asked here and what is told, for
// programs that read it. Both are made from the program's own tables (astmanproxy/catalogue.h).
#ifndef HTTP_CONTRACTS_H
#define HTTP_CONTRACTS_H

#include "connection.h"

/** Is the request for a contract? */
bool contracts_has(const struct request *request);
/** Answers a request for a contract without a login, where reports are shown without one. @return false: a login is
 *  required, or it is another request */
bool contracts_serve(struct connection *connection);
/** Answers by the contract; the client may have it. */
void contracts_answer(struct connection *connection);

/** Schemas of both documents: a header's value, one or several, and a message. */
#define CONTRACTS_SCHEMAS                                                                                  \
    "\"Header\":{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":\"string\"}}]}," \
    "\"Message\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/components/schemas/Header\"}}"

/** Write the documents. */
void openapi_write(struct buffer *out);
void asyncapi_write(struct buffer *out);
/** Writes `"a","b"` for a list of names that are separated by blanks, without the marks `!` and `*`. @param mark  0, or
 *  only those that have this mark @return number of names */
unsigned contracts_names(struct buffer *out, const char *names, char mark);
/** Takes the next name off a list that is separated by blanks. @return false: there is none */
bool contracts_next(const char **names, struct amp_bytes *name);

#endif
