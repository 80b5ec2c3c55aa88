// core/session/delivery/past_file.c: see past_file.h.
#include "session/delivery/past_file.h"

#include "base/memory.h"
#include "exports/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "amp-past"
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define MOST_PIECES 8
#define LEAST_TEXT 2 // of a filter: what divides its halves, and the NUL

struct past {
    atomic_uint references;
    struct past_head head;
    const char *bytes; // mapped
};

// --- writing ----------------------------------------------------------------------------------------------------

bool past_file_init(struct past_file *file, struct error *err)
{
    file->fd = memfd_create("astmanproxy past", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    atomic_init(&file->end, sizeof(struct past_head));
    atomic_init(&file->failed, false);
    return file->fd != -1 || error_set(err, "no memory for it: %s", strerror(errno));
}

void past_file_fini(struct past_file *file)
{
    if (file->fd != -1)
        close(file->fd);
    file->fd = -1;
}

void past_file_write(struct past_file *file, uint64_t *offset, const struct iovec *pieces, int count)
{
    struct iovec left[MOST_PIECES];
    int first = 0;

    memcpy(left, pieces, (size_t)count * sizeof *pieces);
    while (first < count) {
        if (left[first].iov_len == 0) {
            first++;
            continue;
        }
        ssize_t written = pwritev(file->fd, left + first, count - first, (off_t)*offset);
        if (written <= 0) {
            atomic_store(&file->failed, true);
            return;
        }
        *offset += (uint64_t)written;
        for (; first < count && (size_t)written >= left[first].iov_len; first++)
            written -= (ssize_t)left[first].iov_len;
        if (first < count) {
            left[first].iov_base = (char *)left[first].iov_base + written;
            left[first].iov_len -= (size_t)written;
        }
    }
}

uint64_t past_file_add(struct past_file *file, const struct past_record *record)
{
    uint64_t offset = atomic_fetch_add(&file->end, sizeof *record + record->length);
    struct past_record head = *record;

    past_file_write(file, &offset, &(struct iovec){&head, sizeof head}, 1);
    return offset;
}

bool past_file_finish(struct past_file *file, const char *epoch, uint32_t workers, struct error *err)
{
    struct past_head head = {.magic = MAGIC, .version = PAST_VERSION, .workers = workers};
    uint64_t offset = 0;

    head.size = atomic_load(&file->end);
    memcpy(head.epoch, epoch, sizeof head.epoch);
    past_file_write(file, &offset, &(struct iovec){&head, sizeof head}, 1);
    if (atomic_load(&file->failed))
        return error_set(err, "it could not be written");
    if (fcntl(file->fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == -1)
        return error_set(err, "it could not be sealed: %s", strerror(errno));
    return true;
}

// --- reading ----------------------------------------------------------------------------------------------------

struct past *past_ref(struct past *past)
{
    atomic_fetch_add(&past->references, 1);
    return past;
}

void past_unref(struct past *past)
{
    if (past == NULL || atomic_fetch_sub(&past->references, 1) != 1)
        return;
    munmap(memory_writable(past->bytes), past->head.size);
    free(past);
}

const struct past_head *past_head(const struct past *past)
{
    return &past->head;
}

struct past_reader past_begin(const struct past *past)
{
    return (struct past_reader){past->bytes + sizeof past->head, past->head.size - sizeof past->head};
}

const char *past_bytes(struct past_reader *reader, uint64_t length)
{
    const char *bytes = reader->at;

    if (length > reader->left)
        return NULL;
    reader->at += length;
    reader->left -= length;
    return bytes;
}

bool past_take(struct past_reader *reader, void *into, size_t size)
{
    const char *bytes = past_bytes(reader, size);

    if (bytes != NULL)
        memcpy(into, bytes, size);
    return bytes != NULL;
}

bool past_next(struct past_reader *reader, struct past_record *record, struct past_reader *inside)
{
    if (!past_take(reader, record, sizeof *record) || record->length > reader->left)
        return false;
    *inside = (struct past_reader){reader->at, record->length};
    return past_bytes(reader, record->length) != NULL;
}

/** Is the chunk whole, and do its messages end one behind the other? */
static bool is_chunk(struct past_reader *reader, uint64_t before)
{
    struct past_chunk chunk;
    uint32_t last = 0;

    if (!past_take(reader, &chunk, sizeof chunk) || chunk.end_count == 0 || chunk.before != before ||
        chunk.begun_ms > chunk.last_ms || chunk.last_ms == UINT64_MAX)
        return false;
    for (uint32_t i = 0; i < chunk.end_count; i++) {
        uint32_t end;
        if (!past_take(reader, &end, sizeof end) || end <= last)
            return false;
        last = end;
    }
    return last == chunk.used && past_bytes(reader, chunk.used) != NULL;
}

/** Is it the text of something without a NUL, of that length? */
static bool is_text(struct past_reader *reader, uint32_t length)
{
    const char *text = past_bytes(reader, length);

    return text != NULL && memchr(text, '\0', length) == NULL;
}

static bool is_feed(struct past_reader inside, uint32_t chunks, uint32_t workers)
{
    struct past_feed feed;
    struct resume_id id;
    char text[RESUME_ID_SIZE];
    const char *filters;

    if (!past_take(&inside, &feed, sizeof feed) || feed.tag[sizeof feed.tag - 1] != '\0' || feed.worker >= workers ||
        feed.floor > feed.count || feed.everything > 1 || feed.has_user > 1 || !is_text(&inside, feed.user_length) ||
        !is_text(&inside, feed.format_length))
        return false;
    size_t length = resume_id_begin(text, "000000000000", feed.worker, feed.tag);
    if (!resume_id_parse(resume_id_write(text, (struct span){text, length}, feed.count), &id))
        return false;
    filters = past_bytes(&inside, feed.filters_length);
    if (filters == NULL ||
        (feed.filters_length > 0 && (feed.filters_length < LEAST_TEXT || filters[feed.filters_length - 1] != '\0')))
        return false;
    uint64_t before = feed.floor;
    for (uint32_t i = 0; i < chunks; i++) {
        struct past_chunk chunk;
        struct past_reader ahead = inside;
        if (!is_chunk(&inside, before) || !past_take(&ahead, &chunk, sizeof chunk))
            return false;
        before += chunk.end_count;
    }
    return before == feed.count && inside.left == 0;
}

/** Is it `count` messages of an export, one behind the other, with numbers up to `last`? */
static bool is_messages(struct past_reader inside, uint32_t count, uint64_t last)
{
    struct export_head head;
    uint64_t before = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (!past_take(&inside, &head, sizeof head) || head.number > last || head.queued_ms == 0 || head.length == 0 ||
            (head.skipped == 0 && head.number <= before))
            return false;
        if (past_bytes(&inside, (uint64_t)head.server_length + head.event_length + head.length) == NULL)
            return false;
        before = head.skipped == 0 ? head.number : before;
    }
    return inside.left == 0;
}

static bool is_export(struct past_reader inside, uint32_t count)
{
    struct past_export saved;
    struct resume_id id;
    char text[RESUME_ID_SIZE];

    if (!past_take(&inside, &saved, sizeof saved) || saved.tag[sizeof saved.tag - 1] != '\0' ||
        !is_text(&inside, saved.name_length) || !is_text(&inside, saved.format_length))
        return false;
    size_t length = resume_id_begin(text, "000000000000", 0, saved.tag);
    return resume_id_parse(resume_id_write(text, (struct span){text, length}, saved.number), &id) &&
           is_messages(inside, count, saved.number);
}

/** Is what follows the record's head as the record says? */
static bool is_record(const struct past *past, const struct past_record *record, struct past_reader inside)
{
    switch ((enum past_kind)record->kind) {
    case PAST_FEED:
        return is_feed(inside, record->count, past->head.workers);
    case PAST_EXPORT:
        return is_export(inside, record->count);
    case PAST_HEARD:
        return record->length == record->count * (uint64_t)sizeof(struct past_heard);
    }
    return false;
}

static bool is_whole(const struct past *past)
{
    struct past_reader reader = past_begin(past), inside;
    struct past_record record;

    while (reader.left > 0) {
        if (!past_next(&reader, &record, &inside) || !is_record(past, &record, inside))
            return false;
    }
    return true;
}

static bool is_head(const struct past_head *head, uint64_t size, struct error *err)
{
    struct resume_id id;
    char text[RESUME_ID_SIZE];

    if (memcmp(head->magic, MAGIC, sizeof head->magic) != 0)
        return error_set(err, "it is none");
    if (head->version != PAST_VERSION)
        return error_set(err, "its version is %u, expected %u", head->version, PAST_VERSION);
    if (head->size != size || head->workers == 0 || head->epoch[sizeof head->epoch - 1] != '\0')
        return error_set(err, "it is damaged");
    size_t length = resume_id_begin(text, head->epoch, 0, "000000000000000000000000");
    return resume_id_parse(resume_id_write(text, (struct span){text, length}, 0), &id) ||
           error_set(err, "it is damaged");
}

struct past *past_open(int fd, struct error *err)
{
    int seals = fcntl(fd, F_GET_SEALS);
    struct past_head head;
    struct stat about;
    struct past *past;
    void *bytes;

    if (seals == -1 || (seals & SEALS) != SEALS) {
        error_set(err, "it is not sealed");
        return NULL;
    }
    if (fstat(fd, &about) == -1 || about.st_size < (off_t)sizeof head ||
        pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head) {
        error_set(err, "it is too short");
        return NULL;
    }
    if (!is_head(&head, (uint64_t)about.st_size, err))
        return NULL;
    bytes = mmap(NULL, head.size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        error_set(err, "it cannot be read: %s", strerror(errno));
        return NULL;
    }
    past = memory_zero(1, sizeof *past);
    atomic_init(&past->references, 1);
    past->head = head;
    past->bytes = bytes;
    if (is_whole(past))
        return past;
    error_set(err, "it is damaged");
    past_unref(past);
    return NULL;
}
