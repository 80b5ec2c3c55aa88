// plugins/http/openapi.c: the description of the HTTP interface, OpenAPI 3.1 (spec.openapis.org). Its names come from
// tables and hold letters, digits, `-` and `_` alone, so that none must be escaped.
#include "contracts.h"

#include "settings.h"

#include <string.h>

// --- what all operations share ----------------------------------------------------------------------------------

static const char head[] =
    "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"astmanproxy\",\"version\":\"1\",\"description\":"
    "\"Actions of Asterisk's Manager Interface over HTTP. One request is one action. x-class: the write classes, any "
    "of "
    "which allows the action; x-effect: session, local (answered by the proxy), reads or changes; x-shape: the form of "
    "the answer.\"},\"security\":[{\"basic\":[]},{\"bearer\":[]}],\"paths\":{";

static const char schemas_head[] =
    "},\"components\":{\"securitySchemes\":{\"basic\":{\"type\":\"http\",\"scheme\":\"basic\"},"
    "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"name:secret, or a token\"}},\"schemas\":{"
    "\"Value\":{\"type\":[\"string\",\"number\",\"boolean\"]},"
    "\"Values\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/Value\"},"
    "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Value\"}}]},"
    "\"Variables\":{\"description\":\"NAME=VALUE, as Asterisk reads it; or the variables with their exact "
    "values\",\"oneOf\":["
    "{\"$ref\":\"#/components/schemas/Values\"},"
    "{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/components/schemas/Value\"}}]}," CONTRACTS_SCHEMAS ","
    "\"Response\":{\"allOf\":[{\"$ref\":\"#/components/schemas/Message\"}],\"type\":\"object\","
    "\"properties\":{\"Response\":{\"type\":\"string\",\"description\":\"Success, or Error of Asterisk\"},"
    "\"ActionID\":{\"type\":\"string\"},\"Message\":{\"type\":\"string\"}}},"
    "\"Text\":{\"type\":\"object\",\"properties\":{\"UnparsedText\":{\"$ref\":\"#/components/schemas/Header\"}},"
    "\"additionalProperties\":{\"$ref\":\"#/components/schemas/Header\"}},"
    "\"Problem\":{\"type\":\"object\",\"description\":\"RFC 9457\","
    "\"required\":[\"type\",\"title\",\"status\",\"detail\",\"code\",\"Message\"],\"properties\":{"
    "\"type\":{\"const\":\"about:blank\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
    "\"detail\":{\"type\":\"string\"},\"Response\":{\"type\":\"string\"},\"ProxyResponse\":{\"type\":\"string\"},"
    "\"Message\":{\"type\":\"string\"},\"ActionID\":{\"type\":\"string\"},\"code\":{\"type\":\"string\",\"enum\":[";

static const char responses[] =
    "},\"responses\":{\"Problem\":{\"description\":\"The proxy refuses, or has no answer\",\"content\":"
    "{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}}}\n";

static const char problem[] = "\"default\":{\"$ref\":\"#/components/responses/Problem\"}";

// --- one action -------------------------------------------------------------------------------------------------

/** Writes the schema of the request's headers. */
static void put_arguments(struct buffer *out, const struct amp_action_info *action)
{
    const char *names = action->arguments == NULL ? "" : action->arguments;
    struct buffer required = {0};
    struct amp_bytes name;
    buffer_text(out, "{\"type\":\"object\",\"properties\":{\"ActionID\":{\"type\":\"string\"},"
                     "\"Server\":{\"type\":\"string\",\"description\":\"a server's name, or * for all\"}");
    while (contracts_next(&names, &name)) {
        size_t length = name.length;
        while (strchr("!*", name.bytes[length - 1]) != NULL)
            length--;
        bool repeats = memchr(name.bytes, '*', name.length) != NULL;
        bool is_variable = repeats && text_is((struct amp_bytes){name.bytes, length}, "Variable");
        buffer_print(out, ",\"%.*s\":{\"$ref\":\"#/components/schemas/%s\"}", (int)length, name.bytes,
                     is_variable ? "Variables"
                     : repeats   ? "Values"
                                 : "Value");
    }
    buffer_text(out, "},\"additionalProperties\":{\"$ref\":\"#/components/schemas/Variables\"}");
    if (contracts_names(&required, action->arguments == NULL ? "" : action->arguments, '!') > 0) {
        buffer_text(out, ",\"required\":[");
        buffer_add(out, required.bytes, required.length);
        buffer_text(out, "]");
    }
    buffer_wipe(&required);
    buffer_text(out, "}");
}

/** Writes the schema of an answer that may be several messages: one alone is no array. */
static void put_list(struct buffer *out, const struct amp_action_info *action)
{
    bool is_event = action->completion == NULL;
    bool is_known = action->items != NULL && action->items[0] != '\0';
    buffer_text(out,
                "{\"oneOf\":[{\"$ref\":\"#/components/schemas/Response\"},{\"type\":\"array\",\"items\":{\"anyOf\":["
                "{\"$ref\":\"#/components/schemas/Response\"},{\"allOf\":[{\"$ref\":\"#/components/schemas/Message\"}],"
                "\"type\":\"object\",\"required\":[\"Event\"],\"properties\":{\"Event\":{\"type\":\"string\"");
    if (is_known || is_event) {
        buffer_text(out, ",\"enum\":[");
        if (is_known)
            contracts_names(out, action->items, '\0');
        else
            buffer_print(out, "\"%s\"", action->name);
        if (!is_event)
            buffer_print(out, ",\"%s\"", action->completion);
        buffer_text(out, "]");
    }
    buffer_text(out, "}}}]}}]}");
}

static void put_answer(struct buffer *out, const struct amp_action_info *action)
{
    buffer_text(out, "{\"200\":{\"description\":\"The answer\",\"content\":{\"application/json\":{\"schema\":");
    if (strcmp(action->shape, "list") == 0 || strcmp(action->shape, "event") == 0)
        put_list(out, action);
    else
        buffer_print(out, "{\"$ref\":\"#/components/schemas/%s\"}",
                     strcmp(action->shape, "text") == 0 ? "Text" : "Response");
    buffer_text(out, "},\"text/plain\":{\"schema\":{\"type\":\"string\"}}}},");
    buffer_text(out, problem);
    buffer_text(out, "}");
}

static void put_action(struct buffer *out, const struct amp_action_info *action)
{
    const char *list = action->items == NULL || action->items[0] == '\0' ? NULL : action->items;
    buffer_print(out,
                 "\"/actions/%s\":{\"post\":{\"operationId\":\"%s\",\"tags\":[\"actions\"],\"x-class\":\"%s\","
                 "\"x-effect\":\"%s\",\"x-shape\":\"%s\"",
                 action->name, action->name, action->classes, action->effect, action->shape);
    if (action->completion != NULL)
        buffer_print(out, ",\"x-completion\":\"%s\"", action->completion);
    if (list != NULL) {
        buffer_text(out, ",\"x-items\":[");
        contracts_names(out, list, '\0');
        buffer_text(out, "]");
    }
    buffer_text(out, ",\"requestBody\":{\"content\":{\"application/json\":{\"schema\":");
    put_arguments(out, action);
    buffer_text(out, "},\"application/x-www-form-urlencoded\":{\"schema\":{\"type\":\"object\"}}}},\"responses\":");
    put_answer(out, action);
    buffer_text(out, "}}");
}

// --- the document -----------------------------------------------------------------------------------------------

/** Writes the paths that are for no single action. */
static void put_other_paths(struct buffer *out)
{
    static const char message[] =
        "\"responses\":{\"200\":{\"description\":\"The answer: one message, or a list\",\"content\":"
        "{\"application/json\":{\"schema\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/Message\"},"
        "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Message\"}}]}}}},";
    static const char body[] = "\"requestBody\":{\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\","
                               "\"additionalProperties\":{\"$ref\":\"#/components/schemas/Variables\"}}}}},";
    buffer_print(
        out,
        "\"/\":{\"post\":{\"operationId\":\"send\",\"description\":\"Any action; the body names it by Action or "
        "ProxyAction\",%s%s%s}}},",
        body, message, problem);
    buffer_print(
        out,
        "\"/proxyactions/{name}\":{\"post\":{\"operationId\":\"proxyAction\",\"tags\":[\"proxyactions\"],"
        "\"parameters\":[{\"name\":\"name\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"}}],"
        "%s%s%s}}},",
        body, message, problem);
    buffer_print(
        out,
        "\"/events\":{\"get\":{\"operationId\":\"events\",\"description\":\"Server-sent events: see "
        "/asyncapi.json\",\"parameters\":[{\"name\":\"events\",\"in\":\"query\",\"description\":\"event classes\","
        "\"schema\":{\"type\":\"string\"}}],\"responses\":{\"200\":{\"description\":\"A stream\",\"content\":"
        "{\"text/event-stream\":{\"schema\":{\"type\":\"string\"}}}},%s}}}",
        problem);
}

void openapi_write(struct buffer *out)
{
    struct amp_action_info action = {.size = sizeof action};
    const char *code;
    buffer_text(out, head);
    put_other_paths(out);
    for (uint32_t i = 0; amp_action_info(i, &action); i++) {
        buffer_text(out, ",");
        put_action(out, &action);
    }
    buffer_text(out, schemas_head);
    for (uint32_t i = 0; (code = amp_error_code_at(i)) != NULL; i++)
        buffer_print(out, "%s\"%s\"", i > 0 ? "," : "", code);
    buffer_text(out, "]}}}");
    buffer_text(out, responses);
}
