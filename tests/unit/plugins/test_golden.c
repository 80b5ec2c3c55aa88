// tests/unit/plugins/test_golden.c: every format writes the captures of a real Asterisk, and odd bytes, as the files in
// tests/data/golden say. UPDATE_GOLDEN=1 in the environment writes these files.
#include "plugin/configure.h"
#include "plugin/host.h"
#include "plugin/registry.h"
#include "unit/ami/parse.h"
#include "unit/config/parse.h"
#include "unit/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CAPTURES AMP_SOURCE "/tests/data/captures"
#define GOLDEN AMP_SOURCE "/tests/data/golden"
#define PLUGINS AMP_BUILD "/plugins"
#define MESSAGES 30 // of each file; more would test nothing new
#define PATH_BYTES 4096

/** A file of messages. */
struct capture {
    const char *folder;
    char name[256]; // without its end `.txt`
};

struct captures {
    struct capture list[64];
    size_t count;
};

static bool is_update(void)
{
    const char *update = getenv("UPDATE_GOLDEN");
    return update != NULL && strcmp(update, "1") == 0;
}

static bool has_end(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);
    return length > end_length && strcmp(name + length - end_length, end) == 0;
}

/** Appends the whole file. @return false: there is none */
static bool read_file(const char *path, struct amp_output *bytes)
{
    char buffer[65536];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    for (size_t count; (count = fread(buffer, 1, sizeof buffer, file)) > 0;)
        amp_output_write(bytes, buffer, count);
    assert_int_equal(ferror(file), 0);
    fclose(file);
    return true;
}

static void write_file(const char *path, const struct amp_output *bytes)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        fail_msg("%s cannot be written", path);
    assert_int_equal(fwrite(bytes->bytes, 1, bytes->length, file), bytes->length);
    assert_int_equal(fclose(file), 0);
}

static void add_captures(struct captures *captures, const char *folder)
{
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (!has_end(entry->d_name, ".txt"))
            continue;
        assert_true(captures->count < sizeof captures->list / sizeof captures->list[0]);
        struct capture *capture = &captures->list[captures->count++];
        capture->folder = folder;
        snprintf(capture->name, sizeof capture->name, "%.*s", (int)strlen(entry->d_name) - 4, entry->d_name);
    }
    closedir(entries);
}

/** The capture's first messages, a banner left out. */
static struct list read_messages(const struct capture *capture)
{
    char path[PATH_BYTES];
    struct amp_output bytes = {0};
    struct list list = {0};
    struct span banner;
    struct parser *parser = parser_create("pbx");
    snprintf(path, sizeof path, "%s/%s.txt", capture->folder, capture->name);
    assert_true(read_file(path, &bytes));
    parse_feed(parser, (struct span){bytes.bytes, bytes.length});
    if (bytes.length > 8 && memcmp(bytes.bytes, "Asterisk", 8) == 0)
        assert_true(parser_line(parser, &banner));
    parse_take(parser, &list);
    while (list.count > MESSAGES)
        message_unref(list.messages[--list.count]);
    parser_destroy(parser);
    amp_output_fini(&bytes);
    assert_true(list.count > 0);
    return list;
}

/** @return false: the file has another content, which was reported */
static bool compare(const char *path, const struct amp_output *out)
{
    struct amp_output golden = {0};
    size_t at = 0;
    unsigned line = 1;
    if (!read_file(path, &golden)) {
        print_error("%s is missing\n", path);
        return false;
    }
    while (at < golden.length && at < out->length && golden.bytes[at] == out->bytes[at])
        line += golden.bytes[at++] == '\n' ? 1 : 0;
    bool is_same = at == golden.length && at == out->length;
    if (!is_same)
        print_error("%s: line %u (byte %zu) is not what is written now: %.*s\n", path, line, at,
                    (int)(out->length - at < 80 ? out->length - at : 80), out->bytes + at);
    amp_output_fini(&golden);
    return is_same;
}

static bool check_capture(const struct amp_plugin *plugin, const struct capture *capture)
{
    char path[PATH_BYTES];
    struct amp_output out = {0};
    struct list list = read_messages(capture);
    bool is_right = true;
    for (uint32_t i = 0; i < list.count; i++)
        plugin->encode(amp_message_of(list.messages[i]), &out);
    snprintf(path, sizeof path, GOLDEN "/%s/%s.%s", plugin->name, capture->name, plugin->name);
    if (is_update())
        write_file(path, &out);
    else
        is_right = compare(path, &out);
    list_fini(&list);
    amp_output_fini(&out);
    return is_right;
}

/** Is there a capture for each file of the format? */
static bool has_captures(const struct amp_plugin *plugin, const struct captures *captures)
{
    char path[PATH_BYTES], end[64];
    bool is_right = true;
    snprintf(path, sizeof path, GOLDEN "/%s", plugin->name);
    snprintf(end, sizeof end, ".%s", plugin->name);
    DIR *entries = opendir(path);
    if (entries == NULL) {
        print_error("%s is missing\n", path);
        return false;
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        bool is_found = entry->d_name[0] == '.';
        for (size_t i = 0; i < captures->count && !is_found; i++) {
            size_t length = strlen(captures->list[i].name);
            is_found =
                strncmp(entry->d_name, captures->list[i].name, length) == 0 && strcmp(entry->d_name + length, end) == 0;
        }
        if (!is_found)
            print_error("%s/%s has no capture\n", path, entry->d_name);
        is_right = is_right && is_found;
    }
    closedir(entries);
    return is_right;
}

static void formats_write_what_the_files_say(void **state)
{
    const struct registry *registry = *state;
    static struct captures captures;
    bool is_right = true;
    unsigned formats = 0;
    add_captures(&captures, CAPTURES);
    add_captures(&captures, GOLDEN);
    assert_int_equal(captures.count, 12); // none gets lost
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct amp_plugin *plugin = registry_at(registry, i);
        char path[PATH_BYTES];
        if ((plugin->capabilities & AMP_CAN_ENCODE) == 0)
            continue;
        formats++;
        snprintf(path, sizeof path, GOLDEN "/%s", plugin->name);
        if (is_update())
            (void)mkdir(path, 0777); // it may be there
        for (size_t k = 0; k < captures.count; k++)
            is_right = check_capture(plugin, &captures.list[k]) && is_right;
        is_right = has_captures(plugin, &captures) && is_right;
    }
    assert_true(is_right);
    assert_true(formats >= 1);
}

static void each_folder_has_its_plugin(void **state)
{
    const struct registry *registry = *state;
    DIR *entries = opendir(GOLDEN);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char path[PATH_BYTES];
        struct stat status;
        snprintf(path, sizeof path, GOLDEN "/%s", entry->d_name);
        if (entry->d_name[0] == '.' || stat(path, &status) == -1 || !S_ISDIR(status.st_mode))
            continue;
        const struct amp_plugin *plugin = registry_find(registry, entry->d_name);
        if (plugin == NULL || (plugin->capabilities & AMP_CAN_ENCODE) == 0)
            fail_msg("%s has no plugin in " PLUGINS " that encodes", path);
    }
    closedir(entries);
}

/** Loads all plugins that were built, with an empty configuration. */
static int load(void **state)
{
    struct registry *registry = registry_create();
    DIR *entries = opendir(PLUGINS);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char path[PATH_BYTES];
        struct error err = {""};
        snprintf(path, sizeof path, PLUGINS "/%s", entry->d_name);
        if (has_end(entry->d_name, ".so") && !registry_load(registry, path, &err))
            fail_msg("%s", err.text);
    }
    closedir(entries);
    char *errors = NULL;
    struct config *config =
        expect_good("servers: [{name: pbx, host: localhost, username: u, secret: s}]\nauth: {required: false}\n");
    if (!configure_plugins(registry, config, &errors))
        fail_msg("%s", errors);
    config_unref(config);
    *state = registry;
    return 0;
}

static int unload(void **state)
{
    registry_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_write_what_the_files_say),
        cmocka_unit_test(each_folder_has_its_plugin),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
