// tests/plugins/subscriber_1_1.c: subscriber.c as the header 1.1 would have compiled it: its struct amp_protocol ends
// before leave() and own_frame(), and what lies behind it must not be looked at.
#include <astmanproxy/plugin.h>

#define SIZE offsetof(struct amp_protocol, leave)
#define MINOR 1
#define NAME "subscriber-1-1"
#include "subscriber.c" // NOLINT(bugprone-suspicious-include): the same plugin
