// contrib/ampctl/secret.c: see secret.h.
#include "secret.h"

#include "base/memory.h"
#include "config/source.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define OTHERS 0007u
#define ENVIRONMENT "AMPCTL_SECRET"

// --- files ------------------------------------------------------------------------------------------------------

static bool read_file(struct secret *secret, const char *path, struct error *err)
{
    struct source file = {0};
    struct error reason;
    struct stat status;
    size_t length;
    bool good = false;

    if (!source_read(path, SECRET_LIMIT, &file, &reason))
        return error_set(err, "secret file %s: %s", path, reason.text);
    length = file.length;
    if (length > 0 && file.bytes[length - 1] == '\n')
        length--;
    if (length > 0 && length < file.length && file.bytes[length - 1] == '\r')
        length--;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && (file.mode & OTHERS) != 0) {
        error_set(err, "secret file %s: expected one that others cannot read (chmod o= FILE); found mode %04o", path,
                  file.mode);
    } else if (length == 0 || memchr(file.bytes, '\0', length) != NULL) {
        error_set(err, "secret file %s: expected a secret; found %s", path,
                  length == 0 ? "nothing" : "control characters");
    } else {
        secret->text = memory_text_of(file.bytes, length);
        good = true;
    }
    source_fini(&file);
    return good;
}

// --- the terminal -----------------------------------------------------------------------------------------------

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0] };

// Global: the signal handler has no argument of ours.
static volatile sig_atomic_t caught;

/** The handling of signals before the prompt. */
struct kept_signals {
    struct sigaction actions[ENDING_SIGNALS];
    sigset_t mask;
};

static void on_signal(int number)
{
    caught = number;
}

/** Makes signals end the prompt, so that the terminal is restored before they take effect. They are blocked except
 *  while the prompt waits; otherwise one could arrive between a check of `caught` and the wait. Signals that the parent
 *  has set to be ignored stay ignored. */
static void catch_signals(struct kept_signals *kept)
{
    struct sigaction action = {.sa_handler = on_signal}; // no SA_RESTART: ppoll() must return
    sigset_t numbers;

    caught = 0;
    sigemptyset(&action.sa_mask);
    sigemptyset(&numbers);
    for (size_t i = 0; i < ENDING_SIGNALS; i++)
        sigaddset(&numbers, ending_signals[i]);
    sigprocmask(SIG_BLOCK, &numbers, &kept->mask);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        sigaction(ending_signals[i], NULL, &kept->actions[i]);
        if (kept->actions[i].sa_handler != SIG_IGN)
            sigaction(ending_signals[i], &action, NULL);
    }
}

static void release_signals(const struct kept_signals *kept)
{
    for (size_t i = 0; i < ENDING_SIGNALS; i++)
        sigaction(ending_signals[i], &kept->actions[i], NULL);
    if (caught != 0)
        raise(caught); // it is blocked, and takes effect with the old mask
    sigprocmask(SIG_SETMASK, &kept->mask, NULL);
}

/** Waits until the terminal accepts or has bytes. @return false: a signal came, or the terminal is gone */
static bool wait_for(int fd, short what, const struct kept_signals *kept)
{
    struct pollfd poll = {.fd = fd, .events = what};

    while (caught == 0) {
        if (ppoll(&poll, 1, NULL, &kept->mask) == 1)
            return true;
        if (errno != EINTR)
            return false;
    }
    return false;
}

/** @param fd  does not block. @return false: interrupted */
static bool write_text(int fd, const char *text, const struct kept_signals *kept)
{
    for (size_t length = strlen(text); length > 0;) {
        ssize_t count = wait_for(fd, POLLOUT, kept) ? write(fd, text, length) : -1;
        if (count > 0) {
            text += count;
            length -= (size_t)count;
        } else if (caught != 0 || errno != EAGAIN) {
            return false;
        }
    }
    return true;
}

/** Reads a line. @param fd  non-blocking, because a signal can discard input after ppoll() has reported it @return its
 *  length without the end; -1: interrupted, or at the end of the input */
static ssize_t read_line(int fd, char *line, size_t size, const struct kept_signals *kept)
{
    size_t length = 0;

    while (length < size && wait_for(fd, POLLIN, kept)) {
        ssize_t count = read(fd, line + length, 1);
        if (count == 1 && line[length++] == '\n')
            return (ssize_t)length - 1;
        if (count == 0 || (count == -1 && errno != EAGAIN && errno != EINTR))
            return -1;
    }
    return -1;
}

/** Asks for the secret. Turns echo off before it asks, so that a secret that is typed at once is not shown. */
static ssize_t read_without_echo(int fd, const char *user, char *line, size_t size)
{
    struct termios before, silent;
    struct kept_signals kept;
    ssize_t length = -1;

    if (tcgetattr(fd, &before) == -1)
        return -1;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    catch_signals(&kept);
    tcsetattr(fd, TCSAFLUSH, &silent);
    if (write_text(fd, "Secret of ", &kept) && write_text(fd, user, &kept) && write_text(fd, ": ", &kept))
        length = read_line(fd, line, size, &kept);
    tcsetattr(fd, TCSAFLUSH, &before);
    (void)!write(fd, "\n", 1);
    release_signals(&kept);
    return length;
}

static bool secret_ask(struct secret *secret, const char *user, struct error *err)
{
    char line[1024], *shown;
    ssize_t length;
    // opened here, so that O_NONBLOCK affects no other program
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd == -1)
        return error_set(
            err,
            "no secret for user %s: set " ENVIRONMENT
            ", give --secret-file, or use a terminal (none that can be read is in the configuration, nor in the "
            "file environment beside it)",
            user);
    shown = text_escaped(span_of(user), TEXT_TERMINAL);
    do {
        length = read_without_echo(fd, shown, line, sizeof line);
    } while (length == -1 && caught == SIGTSTP); // the program was stopped and has been resumed
    free(shown);
    close(fd);
    if (length > 0)
        secret->text = memory_text_of(line, (size_t)length);
    explicit_bzero(line, sizeof line);
    return length > 0 || error_set(err, "no secret was typed");
}

// --- all --------------------------------------------------------------------------------------------------------

bool secret_is_given(const struct ctl_options *options)
{
    return options->secret_file != NULL || getenv(ENVIRONMENT) != NULL;
}

/** @param known  the secret that the configuration has; NULL: none that can be used
 *  @param user  whose it is, for people */
static bool secret_look_up(struct secret *secret, const struct ctl_options *options, const char *known,
                           const char *user, struct error *err)
{
    const char *value = getenv(ENVIRONMENT);

    if (options->secret_file != NULL)
        return read_file(secret, options->secret_file, err);
    if (value != NULL) {
        secret->text = memory_text(value);
        return value[0] != '\0' || error_set(err, ENVIRONMENT " is set, but empty");
    }
    if (known == NULL)
        return secret_ask(secret, user, err);
    secret->text = memory_text(known);
    return true;
}

static bool secret_check(const struct secret *secret, struct error *err)
{
    return !text_has_control(secret->text) || error_set(err, "the secret has control characters (a line end, perhaps)");
}

bool secret_find(struct secret *secret, const struct ctl_options *options, const struct config *config,
                 const char *user, struct error *err)
{
    const struct user_config *known = config == NULL ? NULL : config_find_user(config, span_of(user));

    const char *plain = known == NULL || known->hashed ? NULL : known->secret;

    *secret = (struct secret){0};
    if (known != NULL && known->secret != NULL) {
        secret->hashed = known->hashed;
        secret->plain = !known->hashed;
    }
    return secret_look_up(secret, options, plain, user, err) && secret_check(secret, err);
}

bool secret_find_key(struct secret *secret, const struct ctl_options *options, const struct config *config,
                     struct error *err)
{
    *secret = (struct secret){0};
    return secret_look_up(secret, options, config == NULL ? NULL : config->auth.proxy_key, "the ProxyKey", err) &&
           secret_check(secret, err);
}

void secret_fini(struct secret *secret)
{
    source_wipe(secret->text);
    secret->text = NULL;
}
