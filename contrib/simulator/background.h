// background.h: a stream of events at a fixed rate, numbered so that loss and reordering show, stamped for latency.
#pragma once
#include <stdint.h>

struct background;
struct simulator;

struct background *background_create(struct simulator *simulator);
void background_destroy(struct background *background);

/** Sets the rate in events a second; 0 stops. */
void background_rate(struct background *background, int64_t rate);

/** Stops after `events` further events; 0: no end. */
void background_limit(struct background *background, int64_t events);

/** To be called when a session has become able to receive: the stream flows only while one is. */
void background_wake(struct background *background);
