// core/auth/revocations_file.c: see revocations_file.h.
#include "auth/revocations_file.h"

#include "auth/revocations.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_LIMIT ((size_t)64 * 1024 * 1024)

// --- the set ----------------------------------------------------------------------------------------------------

void revocations_set_init(struct revocations_set *set)
{
    map_init(&set->map, false);
}

void revocations_set_fini(struct revocations_set *set)
{
    for (size_t i = 0; i < set->map.size; i++) {
        while (set->map.slots[i] != NULL) {
            struct map_node *node = set->map.slots[i];
            map_remove(&set->map, node);
            free(node);
        }
    }
    map_fini(&set->map);
}

const char *revocations_user(const struct revoked *revoked)
{
    return revoked->key + strlen(revoked->key) + 1;
}

/** Makes the key of a user and label. @param size  of `key` @return its length; 0: they are too long for a token's */
static size_t revocations_key(char *key, struct span user, struct span label)
{
    if (label.length == 0 || label.length > TOKEN_LABEL_BYTES || user.length == 0 || user.length > TOKEN_USER_BYTES)
        return 0;
    memcpy(key, label.bytes, label.length);
    key[label.length] = '\0';
    memcpy(key + label.length + 1, user.bytes, user.length);
    key[label.length + 1 + user.length] = '\0';
    return label.length + 1 + user.length;
}

struct revoked *revocations_set_find(const struct revocations_set *set, struct span user, struct span label)
{
    char key[TOKEN_LABEL_BYTES + TOKEN_USER_BYTES + 2];
    size_t length = revocations_key(key, user, label);

    return length == 0 ? NULL : (struct revoked *)(void *)map_find(&set->map, 0, (struct span){key, length});
}

bool revocations_set_add(struct revocations_set *set, struct span user, struct span label, uint64_t made_us,
                         uint64_t until_s)
{
    struct revoked *revoked = revocations_set_find(set, user, label);

    if (revoked == NULL) {
        char key[TOKEN_LABEL_BYTES + TOKEN_USER_BYTES + 2];
        size_t length = revocations_key(key, user, label);
        if (length == 0 || set->map.count >= REVOCATIONS_MOST)
            return false;
        revoked = memory_zero(1, sizeof *revoked + length + 1);
        memcpy(revoked->key, key, length);
        revoked->key_length = length;
        map_add(&set->map, &revoked->node, 0, (struct span){revoked->key, length});
    }
    revoked->made_us = made_us > revoked->made_us ? made_us : revoked->made_us;
    revoked->until_s = until_s > revoked->until_s ? until_s : revoked->until_s;
    return true;
}

void revocations_set_each(const struct revocations_set *set, void (*visit)(void *visitor, const struct revoked *),
                          void *visitor)
{
    for (size_t i = 0; i < set->map.size; i++) {
        for (struct map_node *node = set->map.slots[i]; node != NULL; node = node->next)
            visit(visitor, (const struct revoked *)(void *)node);
    }
}

struct merging {
    struct revocations_set *into;
    bool changed, full;
};

static void merge_one(void *visitor, const struct revoked *revoked)
{
    struct merging *merging = visitor;
    struct span user = span_of(revocations_user(revoked)), label = span_of(revoked->key);
    const struct revoked *known = revocations_set_find(merging->into, user, label);

    if (known != NULL && known->made_us >= revoked->made_us && known->until_s >= revoked->until_s)
        return;
    if (revocations_set_add(merging->into, user, label, revoked->made_us, revoked->until_s))
        merging->changed = true;
    else
        merging->full = true;
}

bool revocations_set_merge(struct revocations_set *set, const struct revocations_set *from, bool *changed)
{
    struct merging merging = {.into = set};

    revocations_set_each(from, merge_one, &merging);
    *changed = merging.changed;
    return !merging.full;
}

// --- reading ----------------------------------------------------------------------------------------------------

/** Takes the text up to `stop` from `text`. @return false: there is no `stop` */
static bool file_take(struct span *text, char stop, struct span *part)
{
    const char *end = text->length == 0 ? NULL : memchr(text->bytes, stop, text->length);

    if (end == NULL)
        return false;
    *part = (struct span){text->bytes, (size_t)(end - text->bytes)};
    *text = (struct span){end + 1, text->length - part->length - 1};
    return true;
}

static bool parse_line(struct span line, struct revocations_set *set)
{
    struct span made, until, label;
    uint64_t made_us, until_s;

    if (!file_take(&line, ' ', &made) || !file_take(&line, ' ', &until) || !file_take(&line, ' ', &label) ||
        !span_number(made, 0, UINT64_MAX, &made_us) || !span_number(until, 0, UINT64_MAX, &until_s) ||
        (!token_is_label(label) && !span_equals(label, span_of("*"))) || memchr(line.bytes, '\0', line.length) != NULL)
        return false;
    return revocations_set_add(set, line, label, made_us, until_s);
}

bool revocations_parse(struct span text, struct revocations_set *set, struct error *err)
{
    struct span line = {"", 0};
    uint64_t count = 0, told = 0, number = 0;
    bool ended = false;

    while (file_take(&text, '\n', &line)) {
        number++;
        if (line.length == 0 || line.bytes[0] == '#')
            continue;
        if (ended)
            return error_set(err, "line %" PRIu64 " follows the last one, `end COUNT`", number);
        if (line.length > 4 && memcmp(line.bytes, "end ", 4) == 0)
            ended = span_number((struct span){line.bytes + 4, line.length - 4}, 0, UINT64_MAX, &told) && told == count;
        else if (parse_line(line, set))
            count++;
        else
            return error_set(err, "line %" PRIu64 " is no revocation", number);
        if (!ended && line.length > 4 && memcmp(line.bytes, "end ", 4) == 0)
            return error_set(err, "the last line tells of another number of lines than the %" PRIu64 " found", count);
    }
    if (text.length > 0 || (count > 0 && !ended))
        return error_set(err, "it is cut off: the last line, `end COUNT`, is missing");
    return true;
}

struct revocations_looks revocations_look_at(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return (struct revocations_looks){0};
    return (struct revocations_looks){status.st_dev, status.st_ino, status.st_size, status.st_mtim, status.st_ctim};
}

bool revocations_looks_equal(const struct revocations_looks *one, const struct revocations_looks *other)
{
    return one->device == other->device && one->inode == other->inode && one->size == other->size &&
           one->modified.tv_sec == other->modified.tv_sec && one->modified.tv_nsec == other->modified.tv_nsec &&
           one->changed.tv_sec == other->changed.tv_sec && one->changed.tv_nsec == other->changed.tv_nsec;
}

bool revocations_read(const char *path, struct revocations_set *set, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    size_t length = 0;
    char *text;

    if (fd == -1)
        return error_set(err, "%s", strerror(errno));
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (size_t)status.st_size > FILE_LIMIT) {
        close(fd);
        return error_set(err, "it is not a file, or longer than 64 MiB");
    }
    text = memory_new((size_t)status.st_size + 1);
    for (ssize_t got; (got = read(fd, text + length, (size_t)status.st_size - length)) != 0;) {
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1) {
            error_set(err, "%s", strerror(errno));
            free(text);
            close(fd);
            return false;
        }
        length += (size_t)got;
    }
    close(fd);
    bool fine = revocations_parse((struct span){text, length}, set, err);
    free(text);
    return fine;
}

// --- writing ----------------------------------------------------------------------------------------------------

int revocations_lock(const char *path, uint64_t wait_ms, struct error *err)
{
    static const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    uint64_t end_ms = clock_ms() + wait_ms;
    char name[4200];
    int fd;

    snprintf(name, sizeof name, "%s.lock", path);
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int failure = errno;
        if (failure == EINTR || (failure == EWOULDBLOCK && clock_ms() < end_ms)) {
            nanosleep(&pause, NULL); // a lock has no time limit of its own
            continue;
        }
        close(fd);
        error_set(err, "%s: %s", name, failure == EWOULDBLOCK ? "another process holds the lock" : strerror(failure));
        return -1;
    }
    if (fd == -1)
        error_set(err, "%s: %s", name, strerror(errno));
    return fd;
}

struct writing {
    FILE *out;
    uint64_t now_s, count;
};

static void write_one(void *visitor, const struct revoked *revoked)
{
    struct writing *writing = visitor;

    if (revoked->until_s < writing->now_s)
        return;
    fprintf(writing->out, "%" PRIu64 " %" PRIu64 " %s %s\n", revoked->made_us, revoked->until_s, revoked->key,
            revocations_user(revoked));
    writing->count++;
}

/** Writes the new file. @return false: errno is set */
static bool write_file(const char *name, const struct revocations_set *set, uint64_t now_s)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct writing writing = {.out = fd == -1 ? NULL : fdopen(fd, "w"), .now_s = now_s};

    if (writing.out == NULL)
        return false;
    fputs("# Tokens that were revoked. astmanproxy writes this file; without it, it accepts no token.\n", writing.out);
    revocations_set_each(set, write_one, &writing);
    fprintf(writing.out, "end %" PRIu64 "\n", writing.count);
    bool fine = fflush(writing.out) == 0 && ferror(writing.out) == 0 && fsync(fd) == 0;
    int failure = errno;
    fine = fclose(writing.out) == 0 && fine;
    errno = failure;
    return fine;
}

/** Waits until the folder of the file, and so its name, is on the disk. */
static bool sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? memory_text(".") : memory_text_of(path, (size_t)(slash - path) + 1);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fine = fd != -1 && fsync(fd) == 0;

    if (fd != -1)
        close(fd);
    free(folder);
    return fine;
}

bool revocations_write(const char *path, const struct revocations_set *set, uint64_t now_s, struct error *err)
{
    char name[4200];

    snprintf(name, sizeof name, "%s.new", path);
    if (!write_file(name, set, now_s)) {
        error_set(err, "%s: %s", name, strerror(errno));
        (void)unlink(name);
        return false;
    }
    if (rename(name, path) != 0 || !sync_folder(path))
        return error_set(err, "%s: %s", path, strerror(errno));
    return true;
}
