// core/server/exchange.c: see exchange.h.
#include "server/exchange.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "base/memory.h"
#include "server/lane.h"
#include "server/merge.h"
#include "server/server.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <stdlib.h>

#define FEWEST_BUCKETS 256
#define SPARE_EXCHANGES 2048 // kept for the next actions
#define RANDOM_DIGITS 16     // in base 16, at the end of an ActionID: 64 random bits

void exchanges_init(struct exchanges *exchanges)
{
    *exchanges = (struct exchanges){.bucket_count = FEWEST_BUCKETS};
    exchanges->buckets = memory_zero(FEWEST_BUCKETS, sizeof(struct exchange *));
    exchanges->digits_used = sizeof exchanges->digits;
    pool_init(&exchanges->pool, sizeof(struct exchange), SPARE_EXCHANGES);
}

void exchanges_fini(struct exchanges *exchanges)
{
    free(exchanges->buckets);
    pool_fini(&exchanges->pool);
}

uint32_t exchange_hash(struct span id)
{
    uint64_t halves[2] = {0}; // the last 16 bytes: 64 random bits in base 16

    if (id.length >= sizeof halves)
        memcpy(halves, id.bytes + id.length - sizeof halves, sizeof halves);
    return (uint32_t)((halves[0] * UINT64_C(0x9e3779b97f4a7c15) ^ halves[1] * UINT64_C(0xc2b2ae3d27d4eb4f)) >> 32);
}

/** Makes the digits of the next ActionIDs: many at once, so that the compiler can work on many bytes at a time. */
static void make_digits(struct exchanges *exchanges)
{
    unsigned char bytes[sizeof exchanges->digits / 2];
    char *digits = exchanges->digits;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        abort(); // ActionIDs that can be guessed would let one client receive another's answers
    for (size_t i = 0; i < sizeof bytes; i++) {
        unsigned char high = bytes[i] >> 4, low = bytes[i] & 15;
        digits[i] = (char)(high + '0' + (high > 9 ? 'a' - '0' - 10 : 0));
        digits[sizeof bytes + i] = (char)(low + '0' + (low > 9 ? 'a' - '0' - 10 : 0));
    }
    exchanges->digits_used = 0;
}

/** Returns RANDOM_DIGITS random digits in base 16. @return lent, until the next call */
static const char *random_digits(struct exchanges *exchanges)
{
    if (exchanges->digits_used == sizeof exchanges->digits)
        make_digits(exchanges);
    exchanges->digits_used += RANDOM_DIGITS;
    return exchanges->digits + exchanges->digits_used - RANDOM_DIGITS;
}

static void exchanges_grow(struct exchanges *exchanges)
{
    size_t count = exchanges->bucket_count * 2;
    struct exchange **buckets = memory_zero(count, sizeof *buckets);

    for (struct list_node *node = exchanges->all.first; node != NULL; node = node->next) {
        struct exchange *exchange = LIST_OBJECT(node, struct exchange, entry);
        struct exchange **bucket = &buckets[exchange->hash & (count - 1)];
        exchange->next_in_bucket = *bucket;
        *bucket = exchange;
    }
    free(exchanges->buckets);
    exchanges->buckets = buckets;
    exchanges->bucket_count = count;
}

/** Returns the eight digits of `number` in base 16, in the order in which they are in memory. */
static uint64_t hex_of(uint32_t number)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t digits = number, letters;

    digits = (digits | digits << 16) & UINT64_C(0x0000ffff0000ffff);
    digits = (digits | digits << 8) & UINT64_C(0x00ff00ff00ff00ff);
    digits = (digits | digits << 4) & (0x0f * ones);
    letters = (digits + 6 * ones) >> 4 & ones; // 1 where a digit is above 9
    return htobe64(digits + '0' * ones + letters * ('a' - '0' - 10));
}

/** Writes `number` in base 16, with 16 digits. @return the end of what was written */
static char *put_hex16(char *to, uint64_t number)
{
    const uint64_t digits[2] = {hex_of((uint32_t)(number >> 32)), hex_of((uint32_t)number)};

    return mempcpy(to, digits, sizeof digits);
}

/** Writes `number` in base 16, without zeros in front. @return the end of what was written */
static char *put_hex(char *to, uint64_t number)
{
    char digits[16];
    int zeros = __builtin_clzll(number | 1) / 4;

    if (zeros >= 8) { // the first 2^32 numbers
        const uint64_t low = htobe64(be64toh(hex_of((uint32_t)number)) << 4 * 2 * (zeros - 8));
        memcpy(to, &low, sizeof low); // more than is wanted: what follows is longer
        return to + 16 - zeros;
    }
    put_hex16(digits, number);
    return mempcpy(to, digits + zeros, sizeof digits - (size_t)zeros);
}

/** Writes an ActionID: "amp", the session's number, "-", a serial number, "." and random digits. @return its length */
static size_t write_id(char *id, uint64_t session, uint64_t serial, const char *random)
{
    char *to = decimal_write(mempcpy(id, "amp", 3), session);

    *to++ = '-';
    to = put_hex(to, serial);
    *to++ = '.';
    to = mempcpy(to, random, RANDOM_DIGITS);
    *to = '\0';
    return (size_t)(to - id);
}

struct exchange *exchange_create(struct exchanges *exchanges, struct ask *ask, enum exchange_purpose purpose)
{
    struct exchange *exchange = pool_take(&exchanges->pool);
    struct exchange **bucket;

    memset(exchange, 0, offsetof(struct exchange, id));
    if (exchanges->count >= exchanges->bucket_count)
        exchanges_grow(exchanges);
    exchange->id_length = (uint8_t)write_id(exchange->id, ask == NULL ? 0 : ask->session_id, ++exchanges->last_number,
                                            random_digits(exchanges));
    exchange->purpose = (uint8_t)purpose;
    exchange->hash = exchange_hash((struct span){exchange->id, exchange->id_length});
    bucket = &exchanges->buckets[exchange->hash & (exchanges->bucket_count - 1)];
    exchange->next_in_bucket = *bucket;
    *bucket = exchange;
    list_add_last(&exchanges->all, &exchange->entry);
    exchanges->count++;
    if (ask != NULL) {
        exchange->ask = ask_ref(ask);
        exchange->info = ask->action->info;
        exchange->async = catalogue_is_async(ask->action);
        exchanges->unanswered++;
    }
    return exchange;
}

void exchange_destroy(struct exchanges *exchanges, struct exchange *exchange)
{
    struct exchange **link = &exchanges->buckets[exchange->hash & (exchanges->bucket_count - 1)];

    if (exchange->line != NULL)
        queue_forget(exchange);
    lane_forget(exchange);
    while (*link != exchange)
        link = &(*link)->next_in_bucket;
    *link = exchange->next_in_bucket;
    list_remove(&exchanges->all, &exchange->entry);
    exchanges->count--;
    if (exchange->ask != NULL && exchange->state <= EXCHANGE_LISTING)
        exchanges->unanswered--;
    ask_unref(exchange->ask);
    message_unref(exchange->text);
    merge_unref(exchange->merge);
    pool_give(&exchanges->pool, exchange);
}

static const char *const state_names[] = {"unsent", "waiting", "listing", "done", "given up"};

/** Returns the log context of the server on whose lane or in whose queue the exchange is; NULL: it is on none. */
static const struct log_context *log_of(const struct exchange *exchange)
{
    const struct server *server = exchange->lane != NULL   ? exchange->lane->server
                                  : exchange->line != NULL ? exchange->line->server
                                                           : NULL;

    return server != NULL ? &server->log : NULL;
}

/** Logs the change. Apart and last, as it is seldom wanted and needs many registers. */
__attribute__((cold, noinline)) static void tell_state(const struct exchange *exchange, enum exchange_state before)
{
    log_debug(log_of(exchange), "exchange state session=%" PRIu64 " id=%.*s from=\"%s\" to=\"%s\"",
              exchange->ask != NULL ? exchange->ask->session_id : 0, (int)exchange->id_length, exchange->id,
              state_names[before], state_names[exchange->state]);
}

void exchange_enter_until(struct exchanges *exchanges, struct exchange *exchange, enum exchange_state next,
                          uint64_t deadline_ms)
{
    enum exchange_state before = (enum exchange_state)exchange->state;

    exchange->state = (uint8_t)next;
    exchange->deadline_ms = deadline_ms;
    if (before <= EXCHANGE_LISTING && next > EXCHANGE_LISTING) {
        if (exchange->ask != NULL)
            exchanges->unanswered--;
        if (exchange->lane != NULL)
            exchange->lane->unanswered--;
    }
    if (next != before && log_enabled(LOG_LEVEL_DEBUG))
        tell_state(exchange, before);
}

void exchange_enter(struct exchanges *exchanges, struct exchange *exchange, enum exchange_state next, uint64_t limit_ms)
{
    exchange_enter_until(exchanges, exchange, next, limit_ms == EXCHANGE_FOREVER ? UINT64_MAX : clock_ms() + limit_ms);
}

struct exchange *exchange_find(const struct exchanges *exchanges, struct span id)
{
    uint32_t hash = exchange_hash(id);
    struct exchange *exchange = exchanges->buckets[hash & (exchanges->bucket_count - 1)];

    while (exchange != NULL && !span_equals((struct span){exchange->id, exchange->id_length}, id))
        exchange = exchange->next_in_bucket;
    return exchange;
}

struct exchange *exchange_find_number(const struct exchanges *exchanges, uint64_t number)
{
    char digits[16];
    struct span end = {digits, sizeof digits};
    uint32_t hash;
    struct exchange *exchange;

    put_hex16(digits, number);
    hash = exchange_hash(end);
    exchange = exchanges->buckets[hash & (exchanges->bucket_count - 1)];
    while (exchange != NULL && memcmp(exchange->id + exchange->id_length - end.length, digits, end.length) != 0)
        exchange = exchange->next_in_bucket;
    return exchange;
}

uint64_t exchange_number(const struct exchange *exchange)
{
    return strtoull(exchange->id + exchange->id_length - 16, NULL, 16);
}

/** Counts the bytes of `id` from `at` on that are among `digits`, up to the first that is not. */
static size_t count_digits(struct span id, size_t at, const char *digits)
{
    size_t first = at;

    while (at < id.length && id.bytes[at] != '\0' && strchr(digits, id.bytes[at]) != NULL)
        at++;
    return at - first;
}

bool exchange_is_ours(struct span id)
{
    size_t at = 3, count; // the parts in the order of write_id()

    if (id.length < at || id.length > WRITER_ID_BYTES || memcmp(id.bytes, "amp", at) != 0)
        return false;
    count = count_digits(id, at, "0123456789");
    at += count;
    if (count == 0 || at == id.length || id.bytes[at++] != '-')
        return false;
    count = count_digits(id, at, "0123456789abcdef");
    at += count;
    if (count == 0 || at == id.length || id.bytes[at++] != '.')
        return false;
    return count_digits(id, at, "0123456789abcdef") == 16 && id.length - at == 16;
}
