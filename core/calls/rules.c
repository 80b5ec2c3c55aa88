// core/calls/rules.c: the users' rules as sets of bits: names, devices, contexts.
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

static void bits_set(rule_bits bits, size_t rule)
{
    bits[rule / 64] |= UINT64_C(1) << (rule % 64);
}

/** Is a channel of that name and context the rule's own? */
static bool is_own(const struct calls *calls, size_t at, const struct device_channel *name, struct span context)
{
    const struct call_rule *rule = &calls->rules[at];

    return rule->channel != NULL ? device_entry_has(calls->entries[at], name)
                                 : rule->in_context != NULL && span_equals(context, span_of(rule->in_context));
}

void rules_match_one(const struct calls *calls, size_t at, struct span name, struct span context, rule_bits bits)
{
    const struct device_channel channel = device_channel_of(name);

    if (is_own(calls, at, &channel, context))
        bits_set(bits, at);
}

void rules_match(const struct calls *calls, struct span name, struct span context, struct span tenant, rule_bits bits)
{
    const struct device_channel channel = device_channel_of(name); // once: there may be thousands of rules

    bits_clear(calls, bits);
    for (size_t i = 0; i < calls->rule_count; i++) {
        if (is_own(calls, i, &channel, context))
            bits_set(bits, i);
    }
    rules_match_tenant(calls, tenant, bits);
}

void rules_keep_named(const struct calls *calls, struct span name, rule_bits bits)
{
    const struct device_channel channel = device_channel_of(name);

    for (size_t i = 0; i < calls->rule_count; i++) {
        if (bits_has(bits, i) && calls->rules[i].channel != NULL && !device_entry_has(calls->entries[i], &channel))
            bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
    }
}

void rules_match_device(const struct calls *calls, struct span technology, struct span device, rule_bits bits)
{
    for (size_t i = 0; i < calls->rule_count; i++) {
        if (calls->rules[i].channel != NULL && device_entry_lists(calls->entries[i], technology, device))
            bits_set(bits, i);
    }
}

static const struct rule_group *rules_find_group(const struct map *groups, struct span text)
{
    return (const struct rule_group *)(const void *)map_find(groups, 0, text);
}

/** Returns the bits of word `word` for the rules of `group` (NULL: none). @param at  position in the group; 0 for the
 *  first word, then kept from word to word */
static uint64_t rules_word_of(const struct rule_group *group, size_t word, size_t *at)
{
    uint64_t bits = 0;

    for (; group != NULL && *at < group->count && group->rules[*at] / 64 == word; (*at)++)
        bits |= UINT64_C(1) << (group->rules[*at] % 64);
    return bits;
}

/** Removes the rules in `having` that are not in the group of `text`. */
static void rules_keep_group(const struct calls *calls, const struct map *groups, const uint64_t *having,
                             struct span text, rule_bits bits)
{
    const struct rule_group *group = rules_find_group(groups, text);
    size_t at = 0;

    for (size_t word = 0; word < calls->words; word++)
        bits[word] &= ~having[word] | rules_word_of(group, word, &at);
}

void rules_veto(const struct calls *calls, struct span context, rule_bits bits)
{
    if (context.length > 0)
        rules_keep_group(calls, &calls->groups, calls->with_context, context, bits);
}

void rules_veto_tenant(const struct calls *calls, struct span tenant, rule_bits bits)
{
    if (calls->has_tenants)
        rules_keep_group(calls, &calls->tenants, calls->with_tenant, tenant, bits);
}

void rules_match_tenant(const struct calls *calls, struct span tenant, rule_bits bits)
{
    const struct rule_group *group = calls->has_tenants ? rules_find_group(&calls->tenants, tenant) : NULL;
    size_t at = 0;

    for (size_t word = 0; group != NULL && word < calls->words; word++)
        bits[word] |= rules_word_of(group, word, &at) & calls->tenant_only[word];
    rules_veto_tenant(calls, tenant, bits);
}

void rules_of_context(const struct calls *calls, struct span context, rule_bits bits)
{
    const struct rule_group *group = rules_find_group(&calls->groups, context);
    size_t at = 0;

    for (size_t word = 0; group != NULL && word < calls->words; word++)
        bits[word] |= rules_word_of(group, word, &at) & calls->context_only[word];
}

static void rules_free_groups(struct map *groups)
{
    for (size_t i = 0; i < groups->size; i++) {
        while (groups->slots[i] != NULL) {
            struct rule_group *group = (struct rule_group *)(void *)groups->slots[i];
            map_remove(groups, &group->node);
            free(group->rules);
            free(group);
        }
    }
    map_fini(groups);
}

void rules_free(struct calls *calls)
{
    rules_free_groups(&calls->groups);
    rules_free_groups(&calls->tenants);
    map_fini(&calls->users);
    free(calls->rule_users);
    for (size_t i = 0; i < calls->rule_count; i++) {
        memory_free(calls->rules[i].user);
        memory_free(calls->rules[i].channel);
        memory_free(calls->rules[i].in_context);
        memory_free(calls->rules[i].tenant);
    }
    free(calls->rules);
    free(calls->entries);
    free(calls->with_context);
    free(calls->with_tenant);
    free(calls->tenant_only);
    free(calls->more_events);
    free(calls->context_only);
    free(calls->verdict);
    free(calls->verdict_own);
    free(calls->scratch);
    free(calls->fresh);
}

/** Adds rule `at` to the group of `text` (NULL: does nothing), and to the set `having`. */
static void rules_add_to_group(struct map *groups, const char *text, size_t at, rule_bits having)
{
    struct rule_group *group = (struct rule_group *)(void *)map_find(groups, 0, span_of(text));

    if (text == NULL)
        return;
    if (group == NULL) {
        group = memory_zero(1, sizeof *group);
        map_add(groups, &group->node, 0, span_of(text));
    }
    if ((group->count & (group->count + 1)) == 0) // full at 0, 1, 3, 7, …
        group->rules = memory_grow(group->rules, (group->count + 1) * 2 * sizeof group->rules[0]);
    group->rules[group->count++] = at;
    bits_set(having, at);
}

static bool rules_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/** Finds the index of each rule of `calls` among those of `fresh`; SIZE_MAX: it is not there. @return true: both have
 *  the same rules in the same order */
static bool rules_find_places(const struct calls *calls, const struct calls *fresh, size_t *kept)
{
    bool same = calls->rule_count == fresh->rule_count;

    for (size_t i = 0; i < calls->rule_count; i++) {
        const struct call_rule *old = &calls->rules[i];
        const struct map_node *node = map_find(&fresh->users, 0, span_of(old->user));
        size_t place = node == NULL ? 0 : ((const struct rule_user *)(const void *)node)->place;
        bool stays = node != NULL && rules_same_text(old->channel, fresh->rules[place].channel) &&
                     rules_same_text(old->in_context, fresh->rules[place].in_context) &&
                     rules_same_text(old->tenant, fresh->rules[place].tenant);
        kept[i] = stays ? place : SIZE_MAX;
        same = same && kept[i] == i;
    }
    return same;
}

void rules_take(struct calls *calls, const struct call_rule *rules, size_t count)
{
    calls->rules = memory_zero(count + 1, sizeof *calls->rules);
    calls->entries = memory_zero(count + 1, sizeof *calls->entries);
    calls->rule_count = count;
    calls->words = (count + 63) / 64;
    map_init(&calls->groups, false);
    map_init(&calls->tenants, false);
    map_init(&calls->users, false);
    calls->rule_users = memory_zero(count + 1, sizeof *calls->rule_users);
    calls->with_context = bits_new(calls);
    calls->with_tenant = bits_new(calls);
    calls->tenant_only = bits_new(calls);
    calls->more_events = bits_new(calls);
    calls->context_only = bits_new(calls);
    calls->verdict = bits_new(calls);
    calls->verdict_own = bits_new(calls);
    calls->scratch = bits_new(calls);
    calls->fresh = bits_new(calls);
    for (size_t i = 0; i < count; i++) {
        calls->rules[i] =
            (struct call_rule){memory_text(rules[i].user), memory_text(rules[i].channel),
                               memory_text(rules[i].in_context), rules[i].more_events, memory_text(rules[i].tenant)};
        calls->rule_users[i].place = i;
        map_add(&calls->users, &calls->rule_users[i].node, 0, span_of(calls->rules[i].user));
        if (rules[i].channel != NULL)
            calls->entries[i] = device_entry_of(calls->rules[i].channel);
        if (rules[i].more_events)
            bits_set(calls->more_events, i);
        rules_add_to_group(&calls->groups, calls->rules[i].in_context, i, calls->with_context);
        rules_add_to_group(&calls->tenants, calls->rules[i].tenant, i, calls->with_tenant);
        if (rules[i].in_context != NULL && rules[i].channel == NULL)
            bits_set(calls->context_only, i);
        if (rules[i].tenant != NULL && rules[i].in_context == NULL && rules[i].channel == NULL)
            bits_set(calls->tenant_only, i);
    }
    calls->has_tenants = bits_any(calls, calls->with_tenant);
}

void rules_carry_over(const size_t *kept, size_t old_count, const uint64_t *from, rule_bits to)
{
    for (size_t word = 0; word * 64 < old_count; word++) {
        for (uint64_t left = from[word]; left != 0; left &= left - 1) {
            size_t old = word * 64 + (size_t)__builtin_ctzll(left);
            if (old < old_count && kept[old] != SIZE_MAX)
                bits_set(to, kept[old]);
        }
    }
}

#define EXCHANGE(a, b, field)                      \
    do {                                           \
        __typeof__((a)->field) kept_ = (a)->field; \
        (a)->field = (b)->field;                   \
        (b)->field = kept_;                        \
    } while (0)

void calls_adopt_rules(struct calls *calls, struct calls *fresh)
{
    size_t old_count = calls->rule_count;
    size_t *kept = memory_new((old_count + 1) * sizeof *kept);
    bool same = rules_find_places(calls, fresh, kept);

    EXCHANGE(calls, fresh, rules);
    EXCHANGE(calls, fresh, entries);
    EXCHANGE(calls, fresh, rule_count);
    EXCHANGE(calls, fresh, words);
    EXCHANGE(calls, fresh, users);
    EXCHANGE(calls, fresh, rule_users);
    EXCHANGE(calls, fresh, groups);
    EXCHANGE(calls, fresh, more_events);
    EXCHANGE(calls, fresh, context_only);
    EXCHANGE(calls, fresh, with_context);
    EXCHANGE(calls, fresh, tenants);
    EXCHANGE(calls, fresh, with_tenant);
    EXCHANGE(calls, fresh, tenant_only);
    EXCHANGE(calls, fresh, has_tenants);
    EXCHANGE(calls, fresh, verdict);
    EXCHANGE(calls, fresh, verdict_own);
    EXCHANGE(calls, fresh, scratch);
    EXCHANGE(calls, fresh, fresh);
    if (!same)
        channels_new_rules(calls, kept, old_count);
    free(kept);
}

void calls_set_rules(struct calls *calls, const struct call_rule *rules, size_t count)
{
    struct calls *fresh = calls_create(rules, count);

    calls_adopt_rules(calls, fresh);
    calls_destroy(fresh);
}
