// core/report/metrics_bus.c: see metrics_bus.h. A row is a family, or a further sample of the one before it.
#include "report/metrics_bus.h"

#define NAME(name) "astmanproxy_bus_" name
#define B(field) offsetof(struct metrics_bus, field)

static const struct {
    const char *name; // NULL: as the row before
    enum exposition_type type;
    const char *help;
    size_t offset;
    const char *key, *value; // NULL: no label
} rows[] = {
    {NAME("up"), EXPOSITION_GAUGE, "1 while the proxy is connected to a NATS server of its cluster.", B(up), NULL,
     NULL},
    {NAME("connections"), EXPOSITION_COUNTER, "Connections to NATS servers that came up.", B(connections), NULL, NULL},
    {NAME("losses"), EXPOSITION_COUNTER, "Connections to NATS servers that were lost.", B(losses), NULL, NULL},
    {NAME("published"), EXPOSITION_COUNTER, "Messages that were given to the NATS server.", B(published), NULL, NULL},
    {NAME("published_bytes"), EXPOSITION_COUNTER, "Their bytes, with what the proxy adds.", B(published_bytes), NULL,
     NULL},
    {NAME("received"), EXPOSITION_COUNTER, "Messages that came from the NATS server.", B(received), NULL, NULL},
    {NAME("received_bytes"), EXPOSITION_COUNTER, "Their bytes, with what the proxy adds.", B(received_bytes), NULL,
     NULL},
    {NAME("dropped"), EXPOSITION_COUNTER,
     "Messages that were dropped: mailbox to the bus full, waited longer than dead_after, not sendable; mailbox from "
     "it "
     "full.",
     B(full_out), "reason", "out_full"},
    {NULL, EXPOSITION_COUNTER, NULL, B(stale), "reason", "out_old"},
    {NULL, EXPOSITION_COUNTER, NULL, B(unsendable), "reason", "out_unsendable"},
    {NULL, EXPOSITION_COUNTER, NULL, B(full_in), "reason", "in_full"},
    {NAME("waiting_bytes"), EXPOSITION_GAUGE, "Bytes in the mailboxes to the bus and from it, of bus_memory each.",
     B(waiting_out), "direction", "out"},
    {NULL, EXPOSITION_GAUGE, NULL, B(waiting_in), "direction", "in"},
    {NAME("owned_servers"), EXPOSITION_GAUGE,
     "Servers that this node serves from its own connection: it owns them, or is alone.", B(owned), NULL, NULL},
    {NAME("nodes"), EXPOSITION_GAUGE, "Other nodes of the cluster that are heard.", B(nodes), NULL, NULL},
    {NAME("gaps"), EXPOSITION_COUNTER, "Times that events of another node's server were missing and asked for.",
     B(gaps), NULL, NULL},
    {NAME("repaired"), EXPOSITION_COUNTER, "Events that came when they were asked for.", B(repaired), NULL, NULL},
    {NAME("lost"), EXPOSITION_COUNTER, "Events that did not come; clients were told (EventsSkipped).", B(lost), NULL,
     NULL},
    {NAME("late_heartbeats"), EXPOSITION_COUNTER,
     "Heartbeats of other nodes that came more than a second after the one before.", B(late_beats), NULL, NULL},
    {NAME("doubts"), EXPOSITION_COUNTER,
     "Times that numbers of events or heartbeats contradicted what their node has told: somebody else sends them.",
     B(doubts), NULL, NULL},
};

void report_bus(const struct metrics_bus *bus, struct exposition *out)
{
    if (metric_get(&bus->exists) == 0)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct exposition_label label[] = {{rows[i].key, rows[i].value}, {NULL, NULL}};
        const char *field = (const char *)bus + rows[i].offset;
        if (rows[i].name != NULL)
            exposition_begin(out, rows[i].name, rows[i].type, rows[i].help);
        exposition_count(out, "", rows[i].key == NULL ? NULL : label,
                         metric_get((const struct metric *)(const void *)field));
    }
}
