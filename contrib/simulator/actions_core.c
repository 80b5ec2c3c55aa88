// actions_core.c: the core of the PBX: settings, channels, modules and the command line.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions.h"
#include "calls.h"
#include "emit.h"
#include "mask.h"
#include "reply.h"

enum { LINES_MOST = 10000000 };

struct listing {
    struct session *session;
    const char *name; // only this channel; "": all
    size_t count;
};

void action_core_settings(struct session *session)
{
    const struct simulator *simulator = session->simulator;
    reply_start(session, "Success");
    reply_line(session, "AMIversion: %s", simulator->options.legacy ? "1.1" : "13.0.0");
    reply_line(session, "AsteriskVersion: %s", simulator->options.legacy ? "1.8.32.3" : "24.0.0-sim");
    reply_line(session, "SystemName: ");
    reply_line(session, "CoreMaxCalls: 0");
    reply_line(session, "CoreMaxLoadAvg: 0.000000");
    reply_line(session, "CoreRunUser: ");
    reply_line(session, "CoreRunGroup: ");
    reply_line(session, "CoreMaxFilehandles: 0");
    reply_line(session, "CoreRealTimeEnabled: No");
    reply_line(session, "CoreCDRenabled: Yes");
    reply_line(session, "CoreHTTPenabled: No");
    reply_line(session, "SoundsSearchCustomDir: No");
    reply_end(session);
}

static void reply_time(struct session *session, const char *what, time_t when)
{
    char text[32];
    time_format(when, text);
    text[10] = '\0';
    reply_line(session, "Core%sDate: %s", what, text);
    reply_line(session, "Core%sTime: %s", what, text + 11);
}

void action_core_status(struct session *session)
{
    const struct simulator *simulator = session->simulator;
    reply_start(session, "Success");
    reply_time(session, "Startup", simulator->started);
    reply_time(session, "Reload", simulator->reloaded);
    reply_line(session, "CoreCurrentCalls: %lu", simulator->live_calls);
    reply_line(session, "CoreProcessedCalls: %lu", simulator->last_call);
    reply_end(session);
}

static void write_channel(void *context, const struct channel *channel, const struct call *call)
{
    struct listing *listing = context;
    struct session *session = listing->session;
    long age = (long)(time(NULL) - channel->created);
    reply_item(session, "CoreShowChannel");
    reply_action_id(session);
    channel_format(&session->reply, "", channel);
    reply_line(session, "Application: %s", channel->application);
    reply_line(session, "ApplicationData: %s", channel->data);
    reply_line(session, "Duration: %02ld:%02ld:%02ld", age / 3600, age / 60 % 60, age % 60);
    reply_line(session, "BridgeId: %s", call == NULL ? "" : call->bridge);
    reply_end(session);
    listing->count++;
}

void action_core_show_channels(struct session *session)
{
    struct listing listing = {session, "", 0};
    reply_list(session, "Channels will follow");
    channels_visit(session->simulator, write_channel, &listing);
    reply_complete(session, "CoreShowChannelsComplete", listing.count);
    reply_end(session);
}

static void write_status(void *context, const struct channel *channel, const struct call *call)
{
    struct listing *listing = context;
    struct session *session = listing->session;
    if (*listing->name != '\0' && strcasecmp(listing->name, channel->name) != 0)
        return;
    reply_item(session, "Status");
    reply_line(session, "Privilege: Call");
    channel_format(&session->reply, "", channel);
    reply_line(session, "Type: %.*s", (int)strcspn(channel->name, "/"), channel->name);
    reply_line(session, "DNID: ");
    reply_line(session, "EffectiveConnectedLineNum: %s", channel->connected_number);
    reply_line(session, "EffectiveConnectedLineName: %s", channel->connected_name);
    reply_line(session, "TimeToHangup: 0");
    reply_line(session, "BridgeID: %s", call == NULL ? "" : call->bridge);
    reply_line(session, "Application: %s", channel->application);
    reply_line(session, "Data: %s", channel->data);
    reply_line(session, "Nativeformats: (slin)\r\nReadformat: slin\r\nReadtrans: ");
    reply_line(session, "Writeformat: slin\r\nWritetrans: \r\nCallgroup: 0\r\nPickupgroup: 0");
    reply_line(session, "Seconds: %ld", (long)(time(NULL) - channel->created));
    reply_action_id(session);
    reply_end(session);
    listing->count++;
}

void action_status(struct session *session)
{
    struct listing listing = {session, argument(session, "Channel"), 0};
    if (*listing.name != '\0' && channel_find(session->simulator, listing.name, NULL) == NULL) {
        reply_error(session, "No such channel");
        return;
    }
    reply_list(session, "Channel status will follow");
    channels_visit(session->simulator, write_status, &listing);
    reply_complete(session, "StatusComplete", listing.count);
    reply_line(session, "Items: %zu", listing.count);
    reply_end(session);
}

static void add_channel_line(void *context, const struct channel *channel, const struct call *call)
{
    char location[3 * NAME_BYTES];
    (void)call;
    snprintf(location, sizeof location, "%s@%s:%d", channel->exten, channel->context, channel->priority);
    text_addf(context, "%-64s %-32s %-7s %s(%s)\n", channel->name, location, channel->state == STATE_UP ? "Up" : "Ring",
              channel->application, channel->data);
}

static bool run_command(const struct simulator *simulator, const char *command, struct text *out)
{
    if (strcasecmp(command, "core show channels") == 0) {
        text_addf(out, "%-64s %-32s %-7s %s\n", "Channel", "Location", "State", "Application(Data)             ");
        channels_visit(simulator, add_channel_line, out);
        text_addf(out, "%lu active calls\n%lu calls processed\n", simulator->live_calls, simulator->last_call);
    } else if (strcasecmp(command, "core show version") == 0) {
        text_addf(out, "Asterisk %s built by root @ simulator on a x86_64 running Linux on 2026-01-01 00:00:00 UTC\n",
                  simulator->options.legacy ? "1.8.32.3" : "24.0.0-sim");
    } else if (strncasecmp(command, "lines ", 6) == 0) {
        long count = strtol(command + 6, NULL, 10);
        for (long i = 1; i <= count && i <= LINES_MOST; i++)
            text_addf(out, "line %ld of %ld\n", i, count);
    } else if (strncasecmp(command, "sleep ", 6) == 0) {
        text_addf(out, "slept %ld ms\n", strtol(command + 6, NULL, 10));
    } else {
        const char *blank = strchr(command, ' ');
        size_t words = blank == NULL ? strlen(command) : (size_t)(blank - command) + 1 + strcspn(blank + 1, " ");
        text_addf(out, "No such command '%s' (type 'core show help %.*s' for other possible commands)\n", command,
                  (int)words, command);
        return false;
    }
    return true;
}

static void write_output(struct session *session, const struct text *out, bool succeeded)
{
    if (session->simulator->options.legacy) {
        text_clear(&session->reply);
        reply_line(session, "Response: Follows");
        reply_line(session, "Privilege: Command");
        reply_action_id(session);
        text_add(&session->reply, out->bytes, out->length);
        reply_line(session, "--END COMMAND--");
        reply_end(session);
        return;
    }
    reply_start(session, succeeded ? "Success" : "Error");
    reply_line(session, "Message: Command output follows");
    const char *end = out->bytes + out->length;
    for (const char *line = out->bytes; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        text_add(&session->reply, "Output: ", 8);
        text_add(&session->reply, line, (size_t)((stop == NULL ? end : stop) - line));
        text_add(&session->reply, "\r\n", 2);
        line = stop == NULL ? end : stop + 1;
    }
    reply_end(session);
}

static void write_command(struct session *session)
{
    struct text out = {0};
    bool succeeded = run_command(session->simulator, argument(session, "Command"), &out);
    text_addf(&out, "%s", "");
    write_output(session, &out, succeeded);
    text_fini(&out);
}

static void on_command_done(struct session *session)
{
    write_command(session);
    session_finish(session);
}

void action_command(struct session *session)
{
    const char *command = argument(session, "Command");
    if (*command == '\0')
        reply_error(session, "No command provided");
    else if (strncasecmp(command, "module load", 11) == 0 || strncasecmp(command, "module unload", 13) == 0 ||
             strncasecmp(command, "restart gracefully", 18) == 0)
        reply_error(session, "Command blacklisted");
    else if (strncasecmp(command, "sleep ", 6) == 0)
        session_block(session, labs(strtol(command + 6, NULL, 10)), on_command_done);
    else
        write_command(session);
}

static void emit_reload(struct simulator *simulator, const char *module)
{
    simulator->reloaded = time(NULL);
    emit_start(simulator, "Reload", CLASS_SYSTEM);
    emit_line(simulator, "Module: %s", module);
    emit_line(simulator, "Status: 0");
    emit_end(simulator);
}

void action_reload(struct session *session)
{
    const char *module = argument(session, "Module");
    emit_reload(session->simulator, *module == '\0' ? "All" : module);
    reply_success(session, "Module Reloaded");
}

void action_update_config(struct session *session)
{
    if (*argument(session, "SrcFilename") == '\0' || *argument(session, "DstFilename") == '\0') {
        reply_error(session, "Filename not specified");
        return;
    }
    reply_start(session, "Success"); // there are no files here to change
    reply_end(session);
}

void action_module_load(struct session *session)
{
    struct simulator *simulator = session->simulator;
    const char *module = argument(session, "Module");
    const char *type = argument(session, "LoadType");
    bool load = strcasecmp(type, "load") == 0;
    if (strcasecmp(type, "reload") == 0) {
        emit_reload(simulator, *module == '\0' ? "All" : module);
        reply_success(session, "Module Reloaded");
    } else if (*module == '\0') {
        reply_error(session, "Need module name");
    } else if (load || strcasecmp(type, "unload") == 0) {
        emit_start(simulator, load ? "Load" : "Unload", CLASS_SYSTEM);
        emit_line(simulator, "Module: %s", module);
        emit_line(simulator, "Status: Success");
        emit_end(simulator);
        reply_success(session, load ? "Module loaded" : "Module unloaded");
    } else {
        reply_error(session, "Incomplete ModuleLoad action.");
    }
}

void action_module_check(struct session *session)
{
    const char *module = argument(session, "Module");
    if (strncmp(module, "app_", 4) != 0 && strncmp(module, "res_", 4) != 0 && strncmp(module, "chan_", 5) != 0) {
        reply_error(session, "Module not loaded");
        return;
    }
    reply_start(session, "Success");
    reply_line(session, "Version: ");
    reply_end(session);
}
