// core/bus/bus_none.c: the bus of a program that is built without libnats: there is none. The configuration refuses the
// section `cluster`, so that nothing but bus_is_built() is ever called.
#include "bus/bus.h"

#ifndef AMP_WITH_NATS

#include <stdlib.h>

bool bus_is_built(void)
{
    return false;
}

struct bus *bus_create(const struct cluster_config *config, struct mailbox *inbox, uint32_t letter_kind,
                       struct metrics *metrics, struct error *err)
{
    (void)config, (void)inbox, (void)letter_kind, (void)metrics;
    error_set(err, "cluster: built without a bus (libnats)");
    return NULL;
}

bool bus_start(struct bus *bus, struct error *err)
{
    (void)bus;
    return error_set(err, "cluster: built without a bus (libnats)");
}

void bus_destroy(struct bus *bus)
{
    (void)bus;
}

bool bus_is_up(const struct bus *bus)
{
    (void)bus;
    return false;
}

bool bus_publish(struct bus *bus, enum bus_weight weight, const char *subject, const char *reply, struct message *head,
                 struct bus_body *body)
{
    (void)bus, (void)weight, (void)subject, (void)reply;
    message_unref(head);
    bus_body_destroy(body);
    return false;
}

void bus_subscribe(struct bus *bus, const char *subject)
{
    (void)bus, (void)subject;
}

void bus_unsubscribe(struct bus *bus, const char *subject)
{
    (void)bus, (void)subject;
}

void bus_letter_destroy(struct bus *bus, struct bus_letter *letter)
{
    (void)bus;
    message_unref(letter->head);
    free(letter);
}

#endif
