// core/ami/events.c: see events.h.
#include "ami/events.h"

static const struct event_info documented[] = {
#include "ami/events.rows"
};

// server/events.c, session/delivery/resume.c and slow.c, session/connection/drain.c make these.
static const struct event_info own[] = {
    {"ServerDown", "system", "", "", "", "Server Reason"},
    {"ServerUp", "system", "", "", "", "Server"},
    {"EventsSkipped", "system", "", "", "", "Server Dropped Reason ResumeID"},
    {"ResumePoint", "system", "", "", "", "ResumeID"},
    {"Resumed", "system", "", "", "", "Events ResumeID"},
    {"ProxyShutdown", "system", "", "", "", ""},
};

#define DOCUMENTED (sizeof documented / sizeof *documented)

size_t events_count(void)
{
    return DOCUMENTED + sizeof own / sizeof *own;
}

const struct event_info *events_at(size_t index)
{
    return index < DOCUMENTED ? &documented[index] : &own[index - DOCUMENTED];
}

bool events_is_own(const struct event_info *event)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (event == &own[i])
            return true;
    }
    return false;
}
