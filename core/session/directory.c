// core/session/directory.c: see directory.h. An array sorted by id, which is the order of opening.
#include "session/directory.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct directory {
    pthread_mutex_t lock;
    struct directory_entry **entries; // each its own block, so that inserting and removing moves only pointers
    uint32_t count, capacity;
};

struct directory *directory_create(void)
{
    struct directory *directory = memory_zero(1, sizeof *directory);

    pthread_mutex_init(&directory->lock, NULL);
    return directory;
}

void directory_destroy(struct directory *directory)
{
    if (directory == NULL)
        return;
    pthread_mutex_destroy(&directory->lock);
    for (uint32_t i = 0; i < directory->count; i++)
        free(directory->entries[i]);
    free(directory->entries);
    free(directory);
}

/** Returns the index of the session's entry, or the index at which it would be inserted. */
static uint32_t directory_place_of(const struct directory *directory, uint64_t id)
{
    uint32_t low = 0, high = directory->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (directory->entries[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t directory_size_of_text(const char *text)
{
    return text == NULL ? 1 : strlen(text) + 1;
}

/** Returns the bytes of the entry's texts. */
static size_t directory_size_of_texts(const struct directory_entry *entry)
{
    return directory_size_of_text(entry->user) + directory_size_of_text(entry->address) +
           directory_size_of_text(entry->input) + directory_size_of_text(entry->output) +
           directory_size_of_text(entry->action_id) + directory_size_of_text(entry->token);
}

/** Copies a text to `*end`, and moves `*end` behind it. */
static void directory_move_text(const char **text, char **end)
{
    char *start = *end;

    *end = stpcpy(start, *text == NULL ? "" : *text) + 1;
    *text = start;
}

/** Copies an entry, and its texts to `end`. @return the end of the texts */
static char *directory_copy(struct directory_entry *copy, const struct directory_entry *entry, char *end)
{
    *copy = *entry;
    directory_move_text(&copy->user, &end);
    directory_move_text(&copy->address, &end);
    directory_move_text(&copy->input, &end);
    directory_move_text(&copy->output, &end);
    directory_move_text(&copy->action_id, &end);
    directory_move_text(&copy->token, &end);
    return end;
}

/** Makes a copy in one block: the entry, then its texts. */
static struct directory_entry *directory_copy_of(const struct directory_entry *entry)
{
    struct directory_entry *copy = memory_new(sizeof *copy + directory_size_of_texts(entry));

    directory_copy(copy, entry, (char *)(copy + 1));
    return copy;
}

void directory_put(struct directory *directory, const struct directory_entry *entry)
{
    pthread_mutex_lock(&directory->lock);
    uint32_t place = directory_place_of(directory, entry->id);
    if (place == directory->count || directory->entries[place]->id != entry->id) {
        if (directory->count == directory->capacity) {
            directory->capacity = directory->capacity * 2 + 16;
            directory->entries =
                memory_grow(directory->entries, directory->capacity * sizeof(struct directory_entry *));
        }
        memmove(directory->entries + place + 1, directory->entries + place,
                (directory->count - place) * sizeof(struct directory_entry *));
        directory->entries[place] = NULL;
        directory->count++;
    }
    free(directory->entries[place]);
    directory->entries[place] = directory_copy_of(entry);
    pthread_mutex_unlock(&directory->lock);
}

void directory_remove(struct directory *directory, uint64_t id)
{
    pthread_mutex_lock(&directory->lock);
    uint32_t place = directory_place_of(directory, id);
    if (place < directory->count && directory->entries[place]->id == id) {
        free(directory->entries[place]);
        directory->count--;
        memmove(directory->entries + place, directory->entries + place + 1,
                (directory->count - place) * sizeof(struct directory_entry *));
    }
    pthread_mutex_unlock(&directory->lock);
}

bool directory_has(struct directory *directory, uint64_t id)
{
    pthread_mutex_lock(&directory->lock);
    uint32_t place = directory_place_of(directory, id);
    bool found = place < directory->count && directory->entries[place]->id == id;
    pthread_mutex_unlock(&directory->lock);
    return found;
}

void directory_each(struct directory *directory, void (*visit)(void *visitor, const struct directory_entry *entry),
                    void (*end)(void *visitor), void *visitor)
{
    pthread_mutex_lock(&directory->lock);
    for (uint32_t i = 0; i < directory->count; i++)
        visit(visitor, directory->entries[i]);
    end(visitor);
    pthread_mutex_unlock(&directory->lock);
}

static bool is_of_user(const struct directory_entry *entry, const char *user)
{
    return user == NULL || strcmp(entry->user, user) == 0;
}

uint32_t directory_list(struct directory *directory, struct directory_range range, struct directory_entry **entries)
{
    uint32_t count = 0, end;
    size_t size = 0;
    char *texts;

    *entries = NULL;
    pthread_mutex_lock(&directory->lock);
    end = directory_place_of(directory, range.before);
    for (uint32_t i = end; i-- > 0 && count < range.most;) {
        if (!is_of_user(directory->entries[i], range.user))
            continue;
        size += sizeof **entries + directory_size_of_texts(directory->entries[i]);
        count++;
    }
    if (count > 0) {
        *entries = memory_new(size);
        texts = (char *)(*entries + count);
        for (uint32_t i = end, filled = 0; filled < count;) {
            const struct directory_entry *entry = directory->entries[--i];
            if (!is_of_user(entry, range.user))
                continue;
            texts = directory_copy(&(*entries)[filled++], entry, texts);
        }
    }
    pthread_mutex_unlock(&directory->lock);
    return count;
}
