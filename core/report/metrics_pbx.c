// core/report/metrics_pbx.c: see metrics_pbx.h.
#include "report/metrics_pbx.h"

#include "base/clock.h"
#include "pbx/pbx.h"

#define PREFIX "astmanproxy_pbx_"

static const char *const channel_states[PBX_STATES] = {
    "down", "reserved", "off_hook", "dialing", "ring", "ringing", "up", "busy", "dialing_off_hook", "pre_ring"};
static const char *const member_states[PBX_MEMBER_STATES] = {"unknown", "not_in_use",  "in_use",  "busy",
                                                             "invalid", "unavailable", "ringing", "ringing_in_use",
                                                             "on_hold", "paused"};

static void pbx_sample(struct exposition *out, const char *server, const char *key, const char *value, uint64_t number)
{
    exposition_count(out, "", (const struct exposition_label[]){{"server", server}, {key, value}, {NULL, NULL}},
                     number);
}

static void write_channels(void *context, const struct pbx_server_figures *figures)
{
    for (size_t i = 0; i < PBX_STATES; i++)
        pbx_sample(context, figures->name, "state", channel_states[i], figures->channels[i]);
}

static void write_calls(void *context, const struct pbx_server_figures *figures)
{
    pbx_sample(context, figures->name, NULL, NULL, figures->calls);
}

static void write_ended(void *context, const struct pbx_server_figures *figures)
{
    pbx_sample(context, figures->name, NULL, NULL, figures->calls_ended);
}

static void write_seconds(void *context, const struct pbx_server_figures *figures)
{
    exposition_value(context, "", (const struct exposition_label[]){{"server", figures->name}, {NULL, NULL}},
                     figures->call_s);
}

static void write_waiting(void *context, const char *server, const struct pbx_queue_figures *figures)
{
    pbx_sample(context, server, "queue", figures->name, figures->waiting);
}

static void write_answered(void *context, const char *server, const struct pbx_queue_figures *figures)
{
    pbx_sample(context, server, "queue", figures->name, figures->answered);
}

static void write_in_time(void *context, const char *server, const struct pbx_queue_figures *figures)
{
    pbx_sample(context, server, "queue", figures->name, figures->answered_in_time);
}

static void write_abandoned(void *context, const char *server, const struct pbx_queue_figures *figures)
{
    pbx_sample(context, server, "queue", figures->name, figures->abandoned);
}

static void pbx_seconds(struct exposition *out, const char *server, const char *queue, double seconds)
{
    exposition_value(out, "", (const struct exposition_label[]){{"server", server}, {"queue", queue}, {NULL, NULL}},
                     seconds);
}

static void write_longest(void *context, const char *server, const struct pbx_queue_figures *figures)
{
    pbx_seconds(context, server, figures->name, figures->longest_wait_s);
}

static void write_hold(void *context, const char *server, const struct pbx_queue_figures *figures)
{
    pbx_seconds(context, server, figures->name, figures->hold_s);
}

static void write_members(void *context, const char *server, const struct pbx_queue_figures *figures)
{
    for (size_t i = 0; i < PBX_MEMBER_STATES; i++)
        exposition_count(context, "",
                         (const struct exposition_label[]){
                             {"server", server}, {"queue", figures->name}, {"state", member_states[i]}, {NULL, NULL}},
                         figures->members[i]);
}

/** A family, and the function that writes its samples: of servers, or of queues. */
static const struct {
    const char *name;
    enum exposition_type type;
    const char *help;
    void (*server)(void *context, const struct pbx_server_figures *figures);
    void (*queue)(void *context, const char *server, const struct pbx_queue_figures *figures);
} families[] = {
    {PREFIX "channels", EXPOSITION_GAUGE, "Channels that there are, by state.", write_channels, NULL},
    {PREFIX "calls", EXPOSITION_GAUGE, "Calls: channels with one Linkedid.", write_calls, NULL},
    {PREFIX "calls_ended", EXPOSITION_COUNTER, "Calls that ended.", write_ended, NULL},
    {PREFIX "call_seconds", EXPOSITION_COUNTER, "How long these calls took.", write_seconds, NULL},
    {PREFIX "queue_waiting", EXPOSITION_GAUGE, "Callers that wait.", NULL, write_waiting},
    {PREFIX "queue_longest_wait_seconds", EXPOSITION_GAUGE, "How long the first of them has waited.", NULL,
     write_longest},
    {PREFIX "queue_answered", EXPOSITION_COUNTER, "Callers that a member has answered.", NULL, write_answered},
    {PREFIX "queue_answered_in_time", EXPOSITION_COUNTER, "Those within the service level of the queue.", NULL,
     write_in_time},
    {PREFIX "queue_abandoned", EXPOSITION_COUNTER, "Callers that gave up.", NULL, write_abandoned},
    {PREFIX "queue_hold_seconds", EXPOSITION_COUNTER, "How long callers waited that were answered.", NULL, write_hold},
    {PREFIX "queue_members", EXPOSITION_GAUGE, "Members by state; paused ones are in no other.", NULL, write_members},
};

void metrics_write_pbx(struct exposition *out, struct pbx *pbx)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        exposition_begin(out, families[i].name, families[i].type, families[i].help);
        pbx_each(pbx, clock_ms(), families[i].server, families[i].queue, out);
    }
}
