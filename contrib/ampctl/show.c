// contrib/ampctl/show.c: see show.h.
#include "show.h"

#include "json.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NAME "\033[2m"
#define EVENT "\033[1;36m"
#define GOOD "\033[1;32m"
#define BAD "\033[1;31m"
#define PLAIN "\033[0m"

struct show show_to_stdout(bool json)
{
    return (struct show){
        .terminal = isatty(STDOUT_FILENO) == 1, .colour = text_wants_colour(STDOUT_FILENO) && !json, .json = json};
}

static const char *colour_of_first(struct span name, struct span value)
{
    if (span_is(name, "Event"))
        return EVENT;
    return span_is(value, "Error") || span_is(value, "Failure") ? BAD : GOOD;
}

/** A `Timestamp: 1763902232.123456` is also shown as a time of day. */
static void show_time(struct span value)
{
    const char *point = value.length > 0 ? memchr(value.bytes, '.', value.length) : NULL;
    struct span whole = {value.bytes, point != NULL ? (size_t)(point - value.bytes) : value.length};
    char text[32];
    struct tm local;
    time_t seconds;
    uint64_t number;

    if (!span_number(whole, 100000000, INT32_MAX * UINT64_C(1000), &number))
        return;
    seconds = (time_t)number;
    if (localtime_r(&seconds, &local) != NULL && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local) > 0)
        printf("  (%s)", text);
}

static void show_header(const struct show *show, struct span name, struct span value, bool first)
{
    enum text_escape escape = show->terminal ? TEXT_TERMINAL : TEXT_ONE_LINE;

    if (show->colour)
        fputs(NAME, stdout);
    text_write(stdout, name, escape);
    putchar(':');
    if (show->colour)
        fputs(PLAIN, stdout);
    putchar(' ');
    if (show->colour && first)
        fputs(colour_of_first(name, value), stdout);
    text_write(stdout, value, escape);
    if (show->colour && first)
        fputs(PLAIN, stdout);
    if (show->terminal && span_is(name, "Timestamp"))
        show_time(value);
    putchar('\n');
}

void show_message(const struct show *show, const struct message *message, bool hidden_id)
{
    struct span name, value;

    if (show->json) {
        json_print(json_of_message(message, hidden_id));
        return;
    }
    for (uint32_t i = 0; i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if (hidden_id && span_is(name, "ActionID"))
            continue;
        if (name.length > 0) {
            show_header(show, name, value, i == 0);
        } else { // a line that is no header, or the text of a `Response: Follows`
            text_write(stdout, value, show->terminal ? TEXT_LINES : TEXT_AS_IT_IS);
            putchar('\n');
        }
    }
    putchar('\n');
}

enum show_result show_flush(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return SHOW_WRITTEN;
    if (errno == EPIPE || (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0)) // an earlier write may have failed
        return SHOW_CLOSED;
    errno = errno != 0 ? errno : EIO;
    return SHOW_FAILED;
}
