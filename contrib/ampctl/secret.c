// contrib/ampctl/secret.c: see secret.h.
#include "secret.h"

#include "base/memory.h"
#include "config/source.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
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

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

/** Reads a line. @return its length without the end, -1: interrupted or at the end */
static ssize_t read_line(int fd, char *line, size_t size)
{
    size_t length = 0;

    while (length < size) {
        ssize_t count = read(fd, line + length, 1);
        if (count != 1)
            return -1;
        if (line[length] == '\n')
            return (ssize_t)length;
        length++;
    }
    return -1;
}

/** Signals end the prompt, and whatever they do then finds the terminal as it was. */
static void catch_signals(struct sigaction *old, const int *numbers, size_t count)
{
    struct sigaction action = {.sa_handler = on_signal}; // no SA_RESTART: read() must return

    caught = 0;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < count; i++)
        sigaction(numbers[i], &action, &old[i]);
}

/** The question is put once nothing is shown any more: who answers at once must not be read over the shoulder. */
static ssize_t read_without_echo(int fd, const char *user, char *line, size_t size)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    struct sigaction old[sizeof numbers / sizeof numbers[0]];
    struct termios before, silent;
    ssize_t length;
    int number;

    if (tcgetattr(fd, &before) == -1)
        return -1;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    catch_signals(old, numbers, sizeof numbers / sizeof numbers[0]);
    tcsetattr(fd, TCSAFLUSH, &silent);
    dprintf(fd, "Secret of %s: ", user);
    length = read_line(fd, line, size);
    tcsetattr(fd, TCSAFLUSH, &before);
    (void)!write(fd, "\n", 1);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &old[i], NULL);
    number = caught;
    if (number != 0)
        raise(number);
    return length;
}

static bool ask(struct secret *secret, const char *user, struct error *err)
{
    char line[1024], *shown;
    ssize_t length;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (fd == -1)
        return error_set(err, "no secret for user %s: set " ENVIRONMENT ", give --secret-file, or use a terminal",
                         user);
    shown = text_escaped(span_of(user), TEXT_TERMINAL);
    length = read_without_echo(fd, shown, line, sizeof line);
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

static bool find(struct secret *secret, const struct ctl_options *options, const struct user_config *known,
                 const char *user, struct error *err)
{
    const char *value = getenv(ENVIRONMENT);

    if (options->secret_file != NULL)
        return read_file(secret, options->secret_file, err);
    if (value != NULL) {
        secret->text = memory_text(value);
        return value[0] != '\0' || error_set(err, ENVIRONMENT " is set, but empty");
    }
    if (known == NULL || known->secret == NULL || known->hashed)
        return ask(secret, user, err);
    secret->text = memory_text(known->secret);
    return true;
}

bool secret_find(struct secret *secret, const struct ctl_options *options, const struct config *config,
                 const char *user, struct error *err)
{
    const struct user_config *known = config == NULL ? NULL : config_find_user(config, span_of(user));

    *secret = (struct secret){0};
    if (known != NULL && known->secret != NULL) {
        secret->hashed = known->hashed;
        secret->plain = !known->hashed;
    }
    if (!find(secret, options, known, user, err))
        return false;
    return !text_has_control(secret->text) || error_set(err, "the secret has control characters (a line end, perhaps)");
}

void secret_fini(struct secret *secret)
{
    source_wipe(secret->text);
    secret->text = NULL;
}
