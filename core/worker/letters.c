// core/worker/letters.c: a table of the kinds of letters, with what a worker does with each.
#include "worker/inside.h"

#include "auth/verifier.h"
#include "calls/calls.h"
#include "letters/request.h"
#include "letters/survey.h"
#include "net/tls.h"
#include "session/connection/move.h"
#include "session/connection/sessions.h"
#include "session/connection/survey.h"
#include "session/delivery/deliver.h"
#include "session/delivery/handover.h"
#include "session/delivery/past_file.h"
#include "session/scripting/scripts.h"

#include <stdlib.h>
#include <unistd.h>

#define MESSAGES_PER_TURN 256 // of a turn; a whole batch is taken, which is what the hub has read in one turn

static void take_batch(struct worker *worker, struct letter *letter)
{
    deliver_batch(worker->sessions, (struct batch *)letter);
}

static void drop_batch(struct letter *letter)
{
    batch_destroy(NULL, (struct batch *)letter);
}

static void take_accepted(struct worker *worker, struct letter *letter)
{
    atomic_fetch_sub_explicit(&worker->expected, 1, memory_order_relaxed);
    sessions_accept(worker->sessions, (struct accepted *)letter);
    free(letter);
}

static void drop_accepted(struct letter *letter)
{
    const struct accepted *accepted = (struct accepted *)letter;

    close(accepted->fd);
    tls_context_unref(accepted->tls);
    free(letter);
}

static void take_servers(struct worker *worker, struct letter *letter)
{
    sessions_set_state(worker->sessions, (struct servers_state *)letter);
}

static void drop_servers(struct letter *letter)
{
    servers_state_destroy((struct servers_state *)letter);
}

static void take_done(struct worker *worker, struct letter *letter)
{
    sessions_command_done(worker->sessions, (struct command *)letter);
    command_destroy((struct command *)letter);
}

static void drop_done(struct letter *letter)
{
    command_destroy((struct command *)letter);
}

static void take_checked(struct worker *worker, struct letter *letter)
{
    sessions_checked(worker->sessions, (struct check *)letter);
    check_destroy((struct check *)letter);
}

static void drop_checked(struct letter *letter)
{
    check_destroy((struct check *)letter);
}

static void take_reconfiguration(struct worker *worker, struct letter *letter)
{
    struct reconfiguration *request = (struct reconfiguration *)letter;

    sessions_reconfigure(worker->sessions, request->config, request->scripts);
    struct calls *replaced = sessions_take_replaced(worker->sessions);
    if (request->dispose != NULL && replaced != NULL)
        request->dispose(request->context, replaced);
    else
        calls_destroy(replaced);
    config_unref(worker->config);
    worker->config = request->config;
    free(request);
}

static void drop_reconfiguration(struct letter *letter)
{
    const struct reconfiguration *request = (struct reconfiguration *)letter;

    config_unref(request->config);
    scripts_destroy(request->scripts);
    free(letter);
}

static void take_close_request(struct worker *worker, struct letter *letter)
{
    const struct close_request *request = (struct close_request *)letter;

    sessions_close_session(worker->sessions, request->session_id, request->idle);
    free(letter);
}

static void take_drain_request(struct worker *worker, struct letter *letter)
{
    sessions_drain(worker->sessions, ((struct drain_request *)letter)->close_by_ms);
    free(letter);
}

static void take_moved(struct worker *worker, struct letter *letter)
{
    atomic_fetch_sub_explicit(&worker->expected, 1, memory_order_relaxed);
    move_arrive(worker->sessions, ((struct moved *)letter)->session);
    free(letter);
}

static void drop_moved(struct letter *letter)
{
    move_discard(((struct moved *)letter)->session);
    free(letter);
}

static void take_handover(struct worker *worker, struct letter *letter)
{
    struct handover *handover = (struct handover *)letter;

    switch (handover->step) {
    case HANDOVER_GIVE:
        handover_give(worker->sessions, handover->file);
        letter->kind = HUB_GIVEN;
        worker_send_to_hub(worker, letter);
        return;
    case HANDOVER_TAKE_BACK:
        handover_take_back(worker->sessions);
        break;
    case HANDOVER_TAKE:
        handover_take(worker->sessions, handover->past);
        past_unref(handover->past);
        break;
    }
    free(letter);
}

static void drop_handover(struct letter *letter)
{
    past_unref(((struct handover *)letter)->past);
    free(letter);
}

static void take_request(struct worker *worker, struct letter *letter)
{
    sessions_take_request(worker->sessions, (struct session_request *)letter);
}

static void drop_request(struct letter *letter)
{
    session_request_unref((struct session_request *)letter);
}

static void take_shipment(struct worker *worker, struct letter *letter)
{
    sessions_take_shipment(worker->sessions, (struct shipment *)letter);
    shipment_destroy((struct shipment *)letter);
}

static void drop_shipment(struct letter *letter)
{
    shipment_destroy((struct shipment *)letter);
}

static void take_survey(struct worker *worker, struct letter *letter)
{
    survey_answer(worker->sessions, (struct survey *)letter);
    letter->kind = HUB_SURVEYED;
    worker_send_to_hub(worker, letter);
}

static void drop_survey(struct letter *letter)
{
    survey_destroy((struct survey *)letter);
}

static void take_end_exports(struct worker *worker, struct letter *letter)
{
    sessions_end_exports(worker->sessions);
    free(letter);
}

static void take_probe(struct worker *worker, struct letter *letter)
{
    (void)letter;
    atomic_store_explicit(&worker->probe_is_out, false, memory_order_release);
}

static void take_leave(struct worker *worker, struct letter *letter)
{
    worker->leave = true;
    free(letter);
}

static void drop_plain(struct letter *letter)
{
    free(letter);
}

/** What is done with each kind of letter: take() handles and frees it; drop() only frees it, and is NULL if the letter
 *  is a part of the worker. */
static const struct {
    void (*take)(struct worker *worker, struct letter *letter);
    void (*drop)(struct letter *letter);
} kinds[] = {
    [WORKER_BATCH] = {take_batch, drop_batch},
    [WORKER_ACCEPTED] = {take_accepted, drop_accepted},
    [WORKER_SERVERS] = {take_servers, drop_servers},
    [WORKER_DONE] = {take_done, drop_done},
    [WORKER_CHECKED] = {take_checked, drop_checked},
    [WORKER_RECONFIGURE] = {take_reconfiguration, drop_reconfiguration},
    [WORKER_CLOSE_SESSION] = {take_close_request, drop_plain},
    [WORKER_DRAIN] = {take_drain_request, drop_plain},
    [WORKER_MOVED] = {take_moved, drop_moved},
    [WORKER_HANDOVER] = {take_handover, drop_handover},
    [WORKER_REQUEST] = {take_request, drop_request},
    [WORKER_END_EXPORTS] = {take_end_exports, drop_plain},
    [WORKER_SURVEY] = {take_survey, drop_survey},
    [WORKER_SHIPMENT] = {take_shipment, drop_shipment},
    [WORKER_LEAVE] = {take_leave, drop_plain},
    [WORKER_PROBE] = {take_probe, NULL},
};

void worker_take_letter(struct worker *worker, struct letter *letter)
{
    kinds[letter->kind].take(worker, letter);
}

bool worker_take_letters(struct worker *worker)
{
    uint32_t messages = 0;

    mailbox_gather(&worker->inbox, &worker->letters);
    for (struct letter *letter; messages < MESSAGES_PER_TURN && (letter = mailbox_next(&worker->letters)) != NULL;) {
        if (letter->kind == WORKER_BATCH)
            messages += ((const struct batch *)letter)->count; // its messages cost most of the time
        worker_take_letter(worker, letter);
    }
    return worker->letters.first != NULL;
}

void worker_take_batches(struct worker *worker)
{
    mailbox_gather(&worker->inbox, &worker->letters);
    while (worker->letters.first != NULL && worker->letters.first->kind == WORKER_BATCH)
        worker_take_letter(worker, mailbox_next(&worker->letters));
}

void worker_drop_letter(struct letter *letter)
{
    if (kinds[letter->kind].drop != NULL)
        kinds[letter->kind].drop(letter);
}
