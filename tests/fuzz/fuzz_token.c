// tests/fuzz/fuzz_token.c: whatever a text claims, reading it as a token stays within its bounds; what is read, and
// made again, is the same text; and only what was signed with the key is signed. Inputs that begin with a capital K are
// read as a file of keys, those with R as a file of revoked tokens. Runs: 200000
#include "auth/revocations_file.h"
#include "auth/token.h"

#include <stdint.h>
#include <stdlib.h>

static void check_token(struct span text)
{
    static const struct token_keys keys = {.count = 2, .key = {{1}, {2}}};
    struct token token, again;
    char made[TOKEN_BYTES + 1];
    struct span secret = {"secret", 6}, list, name;

    if (!token_read(text, &token))
        return;
    list = token.claims.actions;
    while (token_next_action(&list, &name)) {
        if (!token_lists(&token.claims, name))
            abort();
    }
    if (token_is_signed(&token, text, &keys, (struct span){"another", 7}))
        abort();
    if (token_make(&token.claims, &keys, secret, made) != NULL)
        abort(); // each that can be read can be made
    if (!token_read(span_of(made), &again) || !token_is_signed(&again, span_of(made), &keys, secret))
        abort();
    if (again.signed_length != token.signed_length || memcmp(made, text.bytes, token.signed_length) != 0)
        abort(); // each value has one text
    if (token_is_signed(&token, text, &keys, secret) && !span_equals(span_of(made), text) &&
        memcmp(again.signature, token.signature, sizeof again.signature) == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    struct token_keys keys;
    struct revocations_set set;
    struct error err;

    if (size == 0)
        return 0;
    if (data[0] == 'K') {
        (void)token_read_keys((struct span){text.bytes + 1, size - 1}, &keys);
    } else if (data[0] == 'R') {
        revocations_set_init(&set);
        (void)revocations_parse((struct span){text.bytes + 1, size - 1}, &set, &err);
        revocations_set_fini(&set);
    } else {
        check_token(text);
    }
    return 0;
}
