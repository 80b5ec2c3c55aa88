// tests/fuzz/standalone_main.c: runs a fuzz target once over each file named, or over each file of a folder named.
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay_file(const char *path, off_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1); // exact, so that a read past the end is seen
    bool read = file != NULL && data != NULL && fread(data, 1, (size_t)size, file) == (size_t)size;
    if (read)
        LLVMFuzzerTestOneInput(data, (size_t)size);
    else
        perror(path);
    free(data);
    if (file != NULL)
        fclose(file);
    return read;
}

static bool replay(const char *path, unsigned *count);

static bool replay_folder(const char *path, unsigned *count)
{
    struct dirent **entries = NULL;
    int found = scandir(path, &entries, NULL, alphasort);
    bool read = found != -1;
    for (int i = 0; i < found; i++) {
        char inner[4096];
        int length = snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && length < (int)sizeof inner)
            read = replay(inner, count) && read;
        free(entries[i]);
    }
    free(entries);
    return read;
}

static bool replay(const char *path, unsigned *count)
{
    struct stat status;
    if (stat(path, &status) == -1)
        return true; // a target without a kept corpus
    if (S_ISDIR(status.st_mode))
        return replay_folder(path, count);
    (*count)++;
    return replay_file(path, status.st_size);
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    bool read = true;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        read = replay(argv[i], &count) && read;
    printf("%u inputs replayed\n", count);
    return read ? EXIT_SUCCESS : EXIT_FAILURE;
}
