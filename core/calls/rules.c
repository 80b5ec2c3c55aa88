// core/calls/rules.c: sets of rules, and what they say of names and contexts.
#include "calls/inside.h"

#include "base/memory.h"

#include <stdlib.h>

rule_bits bits_new(const struct calls *calls)
{
    return memory_zero(calls->words + 1, sizeof(uint64_t));
}

void bits_clear(const struct calls *calls, rule_bits bits)
{
    for (size_t i = 0; i < calls->words; i++)
        bits[i] = 0;
}

void bits_fill(const struct calls *calls, rule_bits bits)
{
    for (size_t i = 0; i < calls->words; i++)
        bits[i] = UINT64_MAX;
}

void bits_copy(const struct calls *calls, rule_bits to, const uint64_t *from)
{
    for (size_t i = 0; i < calls->words; i++)
        to[i] = from[i];
}

void bits_add(const struct calls *calls, rule_bits to, const uint64_t *more)
{
    for (size_t i = 0; i < calls->words; i++)
        to[i] |= more[i];
}

void bits_keep(const struct calls *calls, rule_bits to, const uint64_t *only)
{
    for (size_t i = 0; i < calls->words; i++)
        to[i] &= only[i];
}

void bits_take(const struct calls *calls, rule_bits from, const uint64_t *less)
{
    for (size_t i = 0; i < calls->words; i++)
        from[i] &= ~less[i];
}

bool bits_any(const struct calls *calls, const uint64_t *bits)
{
    for (size_t i = 0; i < calls->words; i++) {
        if (bits[i] != 0)
            return true;
    }
    return false;
}

static void set(rule_bits bits, size_t rule)
{
    bits[rule / 64] |= UINT64_C(1) << (rule % 64);
}

void rules_match(const struct calls *calls, struct span name, struct span context, rule_bits bits)
{
    bits_clear(calls, bits);
    for (size_t i = 0; i < calls->rule_count; i++) {
        const struct call_rule *rule = &calls->rules[i];
        bool own = rule->channel != NULL ? device_entry_has_channel(calls->entries[i], name)
                                         : rule->in_context != NULL && span_equals(context, span_of(rule->in_context));
        if (own)
            set(bits, i);
    }
}

void rules_match_device(const struct calls *calls, struct span device, rule_bits bits)
{
    for (size_t i = 0; i < calls->rule_count; i++) {
        if (calls->rules[i].channel != NULL && device_entry_lists(calls->entries[i], device))
            set(bits, i);
    }
}

void rules_veto(const struct calls *calls, struct span context, rule_bits bits)
{
    if (context.length == 0)
        return;
    for (size_t i = 0; i < calls->group_count; i++) {
        if (!span_equals(context, span_of(calls->groups[i].context)))
            bits_take(calls, bits, calls->groups[i].rules);
    }
}

void rules_of_context(const struct calls *calls, struct span context, rule_bits bits)
{
    for (size_t i = 0; i < calls->group_count; i++) {
        if (!span_equals(context, span_of(calls->groups[i].context)))
            continue;
        for (size_t word = 0; word < calls->words; word++)
            bits[word] |= calls->groups[i].rules[word] & calls->context_only[word];
    }
}

void rules_free(struct calls *calls)
{
    for (size_t i = 0; i < calls->rule_count; i++) {
        free((void *)(uintptr_t)calls->rules[i].user);
        free((void *)(uintptr_t)calls->rules[i].channel);
        free((void *)(uintptr_t)calls->rules[i].in_context);
    }
    free(calls->rules);
    free(calls->entries);
    for (size_t i = 0; i < calls->group_count; i++) {
        free(calls->groups[i].context);
        free(calls->groups[i].rules);
    }
    free(calls->groups);
    free(calls->more_events);
    free(calls->context_only);
    free(calls->verdict);
    free(calls->verdict_own);
    free(calls->scratch);
    free(calls->fresh);
}

static struct context_group *group_of(struct calls *calls, const char *context)
{
    for (size_t i = 0; i < calls->group_count; i++) {
        if (strcmp(calls->groups[i].context, context) == 0)
            return &calls->groups[i];
    }
    calls->groups = memory_grow(calls->groups, (calls->group_count + 1) * sizeof *calls->groups);
    calls->groups[calls->group_count] = (struct context_group){memory_text(context), bits_new(calls)};
    return &calls->groups[calls->group_count++];
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/** Where the rule stands among `rules`; SIZE_MAX: nowhere. */
static size_t place_of(const struct call_rule *rule, const struct call_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (same_text(rule->user, rules[i].user) && same_text(rule->channel, rules[i].channel) &&
            same_text(rule->in_context, rules[i].in_context))
            return i;
    }
    return SIZE_MAX;
}

static void take_rules(struct calls *calls, const struct call_rule *rules, size_t count)
{
    calls->rules = memory_zero(count + 1, sizeof *calls->rules);
    calls->entries = memory_zero(count + 1, sizeof *calls->entries);
    calls->rule_count = count;
    calls->words = (count + 63) / 64;
    calls->groups = NULL;
    calls->group_count = 0;
    calls->more_events = bits_new(calls);
    calls->context_only = bits_new(calls);
    calls->verdict = bits_new(calls);
    calls->verdict_own = bits_new(calls);
    calls->scratch = bits_new(calls);
    calls->fresh = bits_new(calls);
    for (size_t i = 0; i < count; i++) {
        calls->rules[i] = (struct call_rule){memory_text(rules[i].user), memory_text(rules[i].channel),
                                             memory_text(rules[i].in_context), rules[i].more_events};
        if (rules[i].channel != NULL)
            calls->entries[i] = device_entry_of(calls->rules[i].channel);
        if (rules[i].more_events)
            set(calls->more_events, i);
        if (rules[i].in_context != NULL)
            set(group_of(calls, rules[i].in_context)->rules, i);
        if (rules[i].in_context != NULL && rules[i].channel == NULL)
            set(calls->context_only, i);
    }
}

void calls_set_rules(struct calls *calls, const struct call_rule *rules, size_t count)
{
    size_t old_count = calls->rule_count;
    size_t *kept = memory_new((old_count + 1) * sizeof *kept);

    for (size_t i = 0; i < old_count; i++)
        kept[i] = place_of(&calls->rules[i], rules, count);
    rules_free(calls);
    take_rules(calls, rules, count);
    channels_new_rules(calls, kept, old_count);
    free(kept);
}
