// core/server/merge.c: see merge.h.
#include "server/merge.h"

#include "base/memory.h"
#include "server/answers.h"
#include "server/server.h"

#include <stdio.h>
#include <stdlib.h>

struct merge {
    uint32_t references; // one for each exchange, and one while it is made
    struct ask *ask;     // one reference
    const struct action_info *info;
    uint32_t expected, ended, items;
    bool begun;                    // the one response was sent
    bool over;                     // the answer is complete: messages that still come are dropped
    bool singles;                  // answers are single responses, which are sent as items
    struct message *error;         // the first Error, which is the answer if all servers send one
    struct message *completion;    // the completion of the first server that sent one
    struct message_builder errors; // `ServerErrors:` headers, one for each server that failed
};

struct merge *merge_create(struct ask *ask, uint32_t expected)
{
    struct merge *merge = memory_zero(1, sizeof *merge);

    merge->references = 1;
    merge->ask = ask_ref(ask);
    merge->info = ask->action->info;
    merge->expected = expected;
    message_builder_init(&merge->errors);
    return merge;
}

struct merge *merge_ref(struct merge *merge)
{
    merge->references++;
    return merge;
}

void merge_unref(struct merge *merge)
{
    if (merge == NULL || --merge->references > 0)
        return;
    message_builder_fini(&merge->errors);
    message_unref(merge->error);
    message_unref(merge->completion);
    ask_unref(merge->ask);
    free(merge);
}

static void give_part(struct servers *servers, const struct merge *merge, struct answer_part part)
{
    servers->output.answer(servers->output.context, part, merge->ask);
}

static void merge_give(struct servers *servers, const struct merge *merge, struct message *message, bool final)
{
    give_part(servers, merge, (struct answer_part){.message = message, .final = final});
}

static struct span server_of(const struct message *message)
{
    struct span name;

    message_find(message, "Server", &name);
    return name;
}

/** Builds a message that combines those of servers. */
static struct message *merge_build(struct message_builder *builder)
{
    struct message *message = message_build(builder);

    message->from_server = true; // may be set, as nobody else has a reference yet
    return message;
}

/** Copies the headers of `message` without ActionID. @param server  with `Server`, too */
static void copy_headers(struct message_builder *builder, const struct message *message, bool server)
{
    struct span name, value;

    for (uint32_t i = 0; i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if ((int32_t)i != message->action_id && (server || !span_is(name, "Server")))
            message_add_copy(builder, message, i);
    }
}

static void note_error(struct merge *merge, struct message *message)
{
    struct span text, server = server_of(message);

    if (!message_find(message, "Message", &text))
        text = span_of("the list was cancelled");
    message_addf(&merge->errors, "ServerErrors", "%.*s: %.*s", (int)server.length, server.bytes, (int)text.length,
                 text.bytes);
    if (merge->error == NULL)
        merge->error = message_ref(message);
}

static void begin_singles(struct servers *servers, struct merge *merge)
{
    struct message_builder builder;

    merge->begun = true;
    message_builder_init(&builder);
    message_addf(&builder, "Response", "Success");
    message_addf(&builder, "EventList", "start");
    message_addf(&builder, "Message", "Answers of %u servers will follow", merge->expected);
    merge_give(servers, merge, merge_build(&builder), false);
}

/** Makes an item of one server's response. To an Originate with `Async:` it is `OriginateQueued`, because
 *  OriginateResponse is the event that later says how the call went. */
static struct message *item_of(const struct merge *merge, const struct message *response)
{
    struct span action = message_action(merge->ask->action, NULL);
    const char *what = catalogue_is_async(merge->ask->action) ? "Queued" : "Response";
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%.*s%s", (int)action.length, action.bytes, what);
    copy_headers(&builder, response, true);
    return merge_build(&builder);
}

static void take_single(struct servers *servers, struct merge *merge, const struct message *response)
{
    merge->singles = true;
    if (!merge->begun)
        begin_singles(servers, merge);
    merge->items++;
    give_part(servers, merge, (struct answer_part){.message = item_of(merge, response), .is_response = true});
}

/** Passes on a message that comes after the answer of its server, also before those of other servers. A response
 * becomes an item, because the one response has been sent. */
static void take_late(struct servers *servers, const struct merge *merge, struct message *message)
{
    bool is_response = message->kind == MESSAGE_RESPONSE;
    struct message *shown = is_response ? item_of(merge, message) : message_ref(message);

    give_part(servers, merge,
              (struct answer_part){.message = shown, .kind = ANSWER_PART_LATE, .is_response = is_response});
}

/** Sends the response of the first list that begins. The responses of the other servers say the same. */
static void begin_list(struct servers *servers, struct merge *merge, const struct message *response)
{
    struct message_builder builder;

    if (merge->begun)
        return;
    merge->begun = true;
    message_builder_init(&builder);
    copy_headers(&builder, response, false);
    if (!response->incomplete_list)
        message_addf(&builder, "EventList", "start");
    merge_give(servers, merge, merge_build(&builder), false);
}

static void merge_end(struct servers *servers, struct merge *merge)
{
    struct message_builder builder;
    struct message *errors = message_build(&merge->errors);
    struct span name, value;

    if (!merge->begun) {
        merge_give(servers, merge, message_ref(merge->error), true);
    } else {
        answers_begin_completion(&builder, merge->ask, merge->info, "Complete", merge->items);
        for (uint32_t i = 0; merge->completion != NULL && i < merge->completion->header_count; i++) {
            message_header(merge->completion, i, &name, &value); // further headers of the first completion
            if (i != merge->completion->decides && (int32_t)i != merge->completion->action_id &&
                !span_is(name, "EventList") && !span_is(name, "ListItems") && !span_is(name, "Server") &&
                name.length > 0)
                message_add(&builder, name, value);
        }
        copy_headers(&builder, errors, true);
        merge_give(servers, merge, merge_build(&builder), true);
    }
    message_unref(errors);
    merge->over = true;
}

/** Handles the final message of one server. @param told  an Error came before, inside its list */
static void take_final(struct servers *servers, struct merge *merge, struct message *message, bool listing, bool told)
{
    bool lists = merge->info != NULL && merge->info->shape == ANSWER_LIST;

    if (listing && merge->info != NULL && merge->info->shape == ANSWER_EVENT &&
        span_is(message_name(message), merge->info->name)) {
        merge->items++; // the answer is this one event
        merge_give(servers, merge, message_ref(message), false);
    } else if (listing) { // a completion
        struct span how;
        bool is_cancelled = message_find(message, "EventList", &how) && span_is(how, "Cancelled");
        if (is_cancelled && !told)
            note_error(merge, message);
        else if (!is_cancelled && merge->completion == NULL)
            merge->completion = message_ref(message);
    } else if (lists && !span_is(message_name(message), "Success")) {
        note_error(merge, message);
    } else if (lists) {
        begin_list(servers, merge, message); // a Success without items
    } else {
        take_single(servers, merge, message);
    }
    merge->ended++;
}

void merge_take(struct servers *servers, struct exchange *exchange, struct answer_part part)
{
    struct merge *merge = exchange->merge;
    struct message *message = part.message;

    if (part.kind == ANSWER_PART_LATE) {
        take_late(servers, merge, message);
        message_unref(message);
        return;
    }
    if (merge->over) { // after the one answer, nobody waits for more
        message_unref(message);
        return;
    }
    if (part.final) {
        take_final(servers, merge, message, exchange->state == EXCHANGE_LISTING, exchange->broken_list);
    } else if (message->kind == MESSAGE_RESPONSE && exchange->items == 0 && !exchange->broken_list) {
        begin_list(servers, merge, message);
    } else if (answers_is_text(exchange)) {
        take_single(servers, merge, message);
    } else if (message->kind == MESSAGE_EVENT) {
        merge->items++;
        merge_give(servers, merge, message_ref(message), false);
    } else {
        note_error(merge, message);
    }
    message_unref(message);
    if (merge->ended == merge->expected)
        merge_end(servers, merge);
}
