// tests/fuzz/fuzz_proxy_header.c: whatever a connection begins with, reading it as a PROXY header gives one answer that
// more bytes do not change, stays within the bytes, and names an address that is written as listeners write it. Inputs
// that begin with a capital F are read as X-Forwarded-For. Runs: 200000
#include "base/forwarded.h"
#include "net/proxy_header.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The text of an address must be read as that address again. */
static void check_printed(const char *printed)
{
    char again[ADDRESS_PRINT_SIZE];
    struct address address = address_of(printed);
    const char *colon = strrchr(printed, ':');

    if (!address.known || colon == NULL)
        abort();
    address_print(&address, (uint16_t)strtoul(colon + 1, NULL, 10), again);
    if (strcmp(printed, again) != 0)
        abort();
}

static void check_forwarded(struct span list)
{
    static struct network trusted[2];
    static const struct network_list trust = {trusted, 2}, nobody = {0};
    char client[ADDRESS_PRINT_SIZE], last[ADDRESS_PRINT_SIZE];
    enum forwarded_result result;

    (void)network_read(span_of("10.0.0.0/8"), &trusted[0]);
    (void)network_read(span_of("fd00::/8"), &trusted[1]);
    result = forwarded_client(list, &trust, client);
    if (result == FORWARDED_CLIENT)
        check_printed(client);
    if (forwarded_client(list, &nobody, last) == FORWARDED_CLIENT)
        check_printed(last);
    else if (result == FORWARDED_CLIENT)
        abort(); // who trusts nobody reads less
}

static void check_header(const char *bytes, size_t size)
{
    struct proxy_header header, part;
    bool maybe;
    enum proxy_header_result whole = proxy_header_read(bytes, size, &header), begun;

    for (size_t i = 0; i < size; i++) {
        begun = proxy_header_read(bytes, i, &part);
        if (begun == PROXY_HEADER_MORE)
            continue;
        if (begun != whole || part.length != header.length || part.local != header.local ||
            strcmp(part.client, header.client) != 0)
            abort();
    }
    if ((whole == PROXY_HEADER_FOUND || whole == PROXY_HEADER_INVALID) != proxy_header_begins(bytes, size, &maybe) &&
        whole != PROXY_HEADER_MORE)
        abort();
    if (whole == PROXY_HEADER_INVALID && header.fault == NULL)
        abort();
    if (whole == PROXY_HEADER_MORE && size >= PROXY_HEADER_MOST)
        abort();
    if (whole != PROXY_HEADER_FOUND)
        return;
    if (header.length > size || header.length > PROXY_HEADER_MOST || (header.local && header.client[0] != '\0'))
        abort();
    if (!header.local && strcmp(header.client, "unix") != 0)
        check_printed(header.client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1); // its own block, so that a byte too many is noticed

    if (copy == NULL)
        return 0;
    memcpy(copy, data, size);
    if (size > 0 && data[0] == 'F')
        check_forwarded((struct span){copy + 1, size - 1});
    else
        check_header(copy, size);
    free(copy);
    return 0;
}
