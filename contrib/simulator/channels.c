// channels.c: what a channel looks like in events and lists, as learnt from a live Asterisk.
#include "channels.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "calls.h"
#include "emit.h"
#include "mask.h"
#include "tenants.h"

static const char *state_name(int state)
{
    switch (state) {
    case STATE_DOWN:
        return "Down";
    case STATE_RING:
        return "Ring";
    case STATE_RINGING:
        return "Ringing";
    default:
        return "Up";
    }
}

void channel_set(char field[NAME_BYTES], const char *value)
{
    size_t length = strnlen(value, NAME_BYTES - 1);
    memcpy(field, value, length);
    field[length] = '\0';
}

void time_format(time_t when, char out[32])
{
    struct tm parts;
    gmtime_r(&when, &parts);
    strftime(out, 32, "%Y-%m-%d %H:%M:%S", &parts);
}

void channel_init(struct simulator *simulator, struct channel *channel, const char *device, const char *suffix)
{
    unsigned long epoch = 1700000000UL + (unsigned long)(simulator->options.seed % 100000000);
    *channel = (struct channel){.priority = 1, .created = time(NULL)};
    if (*suffix == '\0' || strcmp(suffix, ";1") == 0)
        simulator->last_channel++;
    snprintf(channel->name, sizeof channel->name, "%.140s-%08lx%s", device, simulator->last_channel, suffix);
    snprintf(channel->uniqueid, sizeof channel->uniqueid, "%lu.%lu", epoch, ++simulator->last_unique);
    strcpy(channel->linkedid, channel->uniqueid);
    strcpy(channel->number, "<unknown>");
    strcpy(channel->caller, "<unknown>");
    strcpy(channel->connected_number, "<unknown>");
    strcpy(channel->connected_name, "<unknown>");
}

void channel_format(struct text *text, const char *prefix, const struct channel *channel)
{
    const char *p = prefix;
    text_addf(text, "%sChannel: %s\r\n%sChannelState: %d\r\n%sChannelStateDesc: %s\r\n", p, channel->name, p,
              channel->state, p, state_name(channel->state));
    text_addf(text, "%sCallerIDNum: %s\r\n%sCallerIDName: %s\r\n", p, channel->number, p, channel->caller);
    text_addf(text, "%sConnectedLineNum: %s\r\n%sConnectedLineName: %s\r\n", p, channel->connected_number, p,
              channel->connected_name);
    text_addf(text, "%sLanguage: en\r\n%sAccountCode: %s\r\n%sContext: %s\r\n%sExten: %s\r\n%sPriority: %d\r\n", p, p,
              channel->account, p, channel->context, p, channel->exten, p, channel->priority);
    text_addf(text, "%sUniqueid: %s\r\n%sLinkedid: %s\r\n", p, channel->uniqueid, p, channel->linkedid);
    if (channel->tenant[0] != '\0')
        text_addf(text, "%sTenantid: %s\r\n", p, channel->tenant);
}

static void fixed_channel(const struct simulator *simulator, int64_t number, struct channel *channel)
{
    unsigned long epoch = 1700000000UL + (unsigned long)(simulator->options.seed % 100000000);
    *channel = (struct channel){.priority = 3, .state = STATE_UP, .created = simulator->started};
    channel->answered = channel->created;
    snprintf(channel->name, sizeof channel->name, "PJSIP/fixed-%08llx", (unsigned long long)number);
    snprintf(channel->uniqueid, sizeof channel->uniqueid, "%lu.f%lld", epoch, (long long)number);
    strcpy(channel->linkedid, channel->uniqueid);
    snprintf(channel->number, sizeof channel->number, "%lld", (long long)(2000 + number % 1000));
    snprintf(channel->caller, sizeof channel->caller, "Caller %lld", (long long)number);
    strcpy(channel->connected_number, "100");
    strcpy(channel->connected_name, "Echo");
    strcpy(channel->context, "default");
    strcpy(channel->exten, "echo");
    strcpy(channel->application, "Echo");
    tenant_of_number(simulator, channel, (unsigned long)number);
}

void channels_visit(const struct simulator *simulator, channel_visit *visit, void *context)
{
    struct channel fixed;
    for (const struct call *call = simulator->calls; call != NULL; call = call->next)
        for (size_t i = 0; i < call->count; i++)
            if (!call->channels[i].gone)
                visit(context, &call->channels[i], call);
    for (int64_t i = 0; i < simulator->options.lists; i++) {
        fixed_channel(simulator, i, &fixed);
        visit(context, &fixed, NULL);
    }
}

struct channel *channel_find(const struct simulator *simulator, const char *name, struct call **found)
{
    for (struct call *call = simulator->calls; call != NULL; call = call->next) {
        for (size_t i = 0; i < call->count; i++) {
            struct channel *channel = &call->channels[i];
            if (channel->gone || (strcasecmp(channel->name, name) != 0 && strcmp(channel->uniqueid, name) != 0))
                continue;
            if (found != NULL)
                *found = call;
            return channel;
        }
    }
    return NULL;
}

void emit_channel(struct simulator *simulator, const char *event, unsigned classes, const struct channel *channel)
{
    emit_start(simulator, event, classes);
    channel_format(&simulator->text, "", channel);
}

static const char *known_value(const char *value)
{
    return strcmp(value, "<unknown>") == 0 ? "" : value;
}

void emit_cel(struct simulator *simulator, const struct channel *channel, const char *name, const char *extra)
{
    char now[32];
    time_format(time(NULL), now);
    emit_start(simulator, "CEL", CLASS_CALL);
    emit_line(simulator, "EventName: %s", name);
    emit_line(simulator, "AccountCode: %s", channel->account);
    emit_line(simulator, "CallerIDnum: %s", known_value(channel->number));
    emit_line(simulator, "CallerIDname: %s", known_value(channel->caller));
    emit_line(simulator, "CallerIDani: %s", known_value(channel->number));
    emit_line(simulator, "CallerIDrdnis: ");
    emit_line(simulator, "CallerIDdnid: ");
    emit_line(simulator, "Exten: %s", channel->exten);
    emit_line(simulator, "Context: %s", channel->context);
    emit_line(simulator, "Channel: %s", channel->name);
    emit_line(simulator, "Application: %s", channel->application);
    emit_line(simulator, "AppData: %s", channel->data);
    emit_line(simulator, "EventTime: %s", now);
    emit_line(simulator, "AMAFlags: DOCUMENTATION");
    emit_line(simulator, "UniqueID: %s", channel->uniqueid);
    emit_line(simulator, "LinkedID: %s", channel->linkedid);
    if (channel->tenant[0] != '\0')
        emit_line(simulator, "TenantID: %s", channel->tenant);
    emit_line(simulator, "Userfield: ");
    emit_line(simulator, "Peer: ");
    emit_line(simulator, "PeerAccount: %s", channel->account);
    emit_line(simulator, "Extra: %s", extra);
    emit_end(simulator);
}

void emit_cdr(struct simulator *simulator, const struct channel *channel, const char *other)
{
    char start[32];
    char answer[32] = "";
    char end[32];
    time_t now = time(NULL);
    bool answered = channel->answered != 0;
    time_format(channel->created, start);
    time_format(now, end);
    if (answered)
        time_format(channel->answered, answer);
    emit_start(simulator, "Cdr", CLASS_CDR);
    emit_line(simulator, "AccountCode: %s", channel->account);
    emit_line(simulator, "Source: %s", known_value(channel->number));
    emit_line(simulator, "Destination: %s", channel->exten);
    emit_line(simulator, "DestinationContext: %s", channel->context);
    emit_line(simulator, "CallerID: \"%s\" <%s>", known_value(channel->caller), known_value(channel->number));
    emit_line(simulator, "Channel: %s", channel->name);
    emit_line(simulator, "DestinationChannel: %s", other);
    emit_line(simulator, "LastApplication: %s", channel->application);
    emit_line(simulator, "LastData: %s", channel->data);
    emit_line(simulator, "StartTime: %s", start);
    emit_line(simulator, "AnswerTime: %s", answer);
    emit_line(simulator, "EndTime: %s", end);
    emit_line(simulator, "Duration: %ld", (long)(now - channel->created));
    emit_line(simulator, "BillableSeconds: %ld", answered ? (long)(now - channel->answered) : 0L);
    emit_line(simulator, "Disposition: %s", answered ? "ANSWERED" : "NO ANSWER");
    emit_line(simulator, "AMAFlags: DOCUMENTATION");
    emit_line(simulator, "UniqueID: %s", channel->uniqueid);
    emit_line(simulator, "UserField: ");
    emit_end(simulator);
}
