// background.c: a stream of events at a fixed rate. The events of a call are rendered once; for each event its numbers
// are patched in. What one turn of the loop sends is built once and given to every session as one block.
#include "background.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mask.h"
#include "session.h"

enum { STEPS = 10, SLOTS = 8, PATCHES = 8, TICK_US = 1000, MOST_A_TICK = 4000, DIGITS = 8 };

struct event_template {
    struct text text;
    uint32_t classes;
    size_t patches[PATCHES]; // where the number of the call stands, DIGITS wide
    size_t patch_count;
};

struct background {
    struct simulator *simulator;
    struct event *timer;
    struct event_template templates[STEPS];
    struct text batch;
    size_t lengths[MOST_A_TICK];
    uint32_t classes[MOST_A_TICK];
    int64_t rate;
    int64_t left; // events until it stops, < 0: no end
    uint64_t sequence;
    uint64_t last_ns;
    double due; // events owed, with the fraction
};

static const struct {
    const char *name;
    const char *privilege;
    uint32_t classes;
    int state;
    const char *more;
} steps[STEPS] = {
    {"Newchannel", "call,all", CLASS_CALL, 4, ""},
    {"VarSet", "dialplan,all", CLASS_DIALPLAN, 4, "Variable: TENANT\r\nValue: tenant-a\r\n"},
    {"Newexten", "dialplan,all", CLASS_DIALPLAN, 4,
     "Extension: 100\r\nApplication: Dial\r\nAppData: PJSIP/101,30,tT\r\n"},
    {"NewConnectedLine", "call,all", CLASS_CALL, 4, ""},
    {"Newstate", "call,all", CLASS_CALL, 6, ""},
    {"VarSet", "dialplan,all", CLASS_DIALPLAN, 6, "Variable: BRIDGEPEER\r\nValue: PJSIP/101-0000002a\r\n"},
    {"Newexten", "dialplan,all", CLASS_DIALPLAN, 6,
     "Extension: 100\r\nApplication: UserEvent\r\nAppData: Busy,Tag: one\r\n"},
    {"VarSet", "dialplan,all", CLASS_DIALPLAN, 6, "Variable: ANSWEREDTIME\r\nValue: 12\r\n"},
    {"SoftHangupRequest", "call,all", CLASS_CALL, 6, "Cause: 16\r\n"},
    {"Hangup", "call,all", CLASS_CALL, 6, "Cause: 16\r\nCause-txt: Normal Clearing\r\n"},
};

static void render_template(struct event_template *event, int step, unsigned long epoch)
{
    static const char mark[] = "########";
    text_addf(&event->text, "Event: %s\r\nPrivilege: %s\r\n", steps[step].name, steps[step].privilege);
    text_addf(&event->text, "Channel: PJSIP/load-%s\r\nChannelState: %d\r\nChannelStateDesc: %s\r\n", mark,
              steps[step].state, steps[step].state == 6 ? "Up" : "Ring");
    text_addf(&event->text, "CallerIDNum: 2001\r\nCallerIDName: Load\r\nConnectedLineNum: 101\r\n"
                            "ConnectedLineName: Agent 101\r\nLanguage: en\r\nAccountCode: tenant-a\r\n"
                            "Context: from-trunk\r\nExten: 100\r\nPriority: 1\r\n");
    text_addf(&event->text, "Uniqueid: %lu.%s\r\nLinkedid: %lu.%s\r\n%s", epoch, mark, epoch, mark, steps[step].more);
    event->classes = steps[step].classes;
    for (const char *at = event->text.bytes; (at = strstr(at, mark)) != NULL; at += DIGITS)
        event->patches[event->patch_count++] = (size_t)(at - event->text.bytes);
}

/** Writes `number` in decimal. @return the first digit, before `end` */
static char *write_number(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return end;
}

static void add_number(struct text *text, const char *name, size_t length, uint64_t number)
{
    char digits[24];
    char *first = write_number(digits + sizeof digits, number);
    text_add(text, name, length);
    text_add(text, first, (size_t)(digits + sizeof digits - first));
}

static void build_event(struct background *background, size_t index, uint64_t now_ns)
{
    uint64_t number = background->sequence++;
    uint64_t call = number / (SLOTS * STEPS) * SLOTS + number % SLOTS;
    struct event_template *event = &background->templates[number / SLOTS % STEPS];
    size_t start = background->batch.length;
    char digits[DIGITS];
    for (int i = DIGITS - 1; i >= 0; i--, call /= 10)
        digits[i] = (char)('0' + call % 10);
    for (size_t i = 0; i < event->patch_count; i++)
        memcpy(event->text.bytes + event->patches[i], digits, DIGITS);
    text_add(&background->batch, event->text.bytes, event->text.length);
    add_number(&background->batch, "SimSequence: ", 13, number + 1);
    add_number(&background->batch, "\r\nSimTime: ", 11, now_ns);
    text_add(&background->batch, "\r\n\r\n", 4);
    background->lengths[index] = background->batch.length - start;
    background->classes[index] = event->classes;
}

static void send_batch(struct background *background, size_t count, uint32_t classes)
{
    const struct text *batch = &background->batch;
    for (struct session *session = background->simulator->sessions; session != NULL; session = session->next) {
        if (session_takes_bulk(session, classes)) {
            outbox_bulk(&session->outbox, batch->bytes, batch->length);
            session_check_backlog(session);
            continue;
        }
        size_t offset = 0;
        for (size_t i = 0; i < count; offset += background->lengths[i++])
            session_event(session, background->classes[i], batch->bytes + offset, background->lengths[i]);
    }
}

static bool has_listener(const struct background *background)
{
    for (const struct session *session = background->simulator->sessions; session != NULL; session = session->next)
        if (session->authenticated && session->mask != 0 && !session->closing)
            return true;
    return false;
}

static bool is_running(const struct background *background)
{
    return background->rate > 0 && background->left != 0 && has_listener(background);
}

static void on_tick(evutil_socket_t fd, short what, void *data)
{
    struct background *background = data;
    uint64_t now = clock_ns();
    uint32_t classes = 0;
    (void)fd;
    (void)what;
    background->due += (double)(now - background->last_ns) * 1e-9 * (double)background->rate;
    background->last_ns = now;
    size_t count = background->due > MOST_A_TICK ? MOST_A_TICK : (size_t)background->due;
    if (background->left >= 0 && (int64_t)count > background->left)
        count = (size_t)background->left;
    background->due -= (double)count;
    if (background->due > (double)background->rate) // more than a second behind: that cannot be made good
        background->due = (double)background->rate;
    text_clear(&background->batch);
    for (size_t i = 0; i < count; i++) {
        build_event(background, i, now);
        classes |= background->classes[i];
    }
    if (background->left > 0)
        background->left -= (int64_t)count;
    if (count > 0)
        send_batch(background, count, classes);
    if (!is_running(background))
        event_del(background->timer);
}

struct background *background_create(struct simulator *simulator)
{
    struct background *background = must_calloc(1, sizeof *background);
    unsigned long epoch = 1700000000UL + (unsigned long)(simulator->options.seed % 100000000);
    background->simulator = simulator;
    background->timer = event_new(simulator->base, -1, EV_PERSIST, on_tick, background);
    if (background->timer == NULL)
        abort();
    for (int i = 0; i < STEPS; i++)
        render_template(&background->templates[i], i, epoch);
    background->rate = simulator->options.rate;
    background_limit(background, simulator->options.events);
    return background;
}

void background_destroy(struct background *background)
{
    for (int i = 0; i < STEPS; i++)
        text_fini(&background->templates[i].text);
    text_fini(&background->batch);
    event_free(background->timer);
    free(background);
}

void background_wake(struct background *background)
{
    struct timeval tick = {0, TICK_US};
    if (!is_running(background) || event_pending(background->timer, EV_TIMEOUT, NULL))
        return;
    background->last_ns = clock_ns();
    background->due = 0;
    event_add(background->timer, &tick);
}

void background_rate(struct background *background, int64_t rate)
{
    background->rate = rate > 0 ? rate : 0;
    background_wake(background);
}

void background_limit(struct background *background, int64_t events)
{
    background->left = events > 0 ? events : -1;
    background_wake(background);
}
