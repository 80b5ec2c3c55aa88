// core/config/secrets.c: secrets in plain text, in the environment and in files of their own.
#include "config/secrets.h"

#include "auth/hash.h"
#include "base/memory.h"
#include "config/exposure.h"
#include "config/values.h"

#include <stdlib.h>

#define OTHERS 0007u

/** Does the secret contain a byte that no header can contain? A TAB can be part of a value. */
static bool has_control(const char *secret)
{
    for (; *secret != '\0'; secret++)
        if (((unsigned char)*secret < 0x20 && *secret != '\t') || *secret == 0x7f)
            return true;
    return false;
}

/** Makes the last checks on any secret. Takes `secret`; `result` gets it if it is valid. */
static enum value_result secret_finish(struct settings *settings, const struct yaml_node *node, char *secret,
                                       char **result)
{
    const char *found = secret[0] == '\0' ? "an empty one" : NULL;
    if (found == NULL && has_control(secret))
        found = "one with control characters (a line break, perhaps)";
    if (found == NULL && (secret[0] == ' ' || secret[0] == '\t'))
        found = "one with a blank in front, which AMI drops from every value";
    if (found == NULL) {
        *result = secret;
        return VALUE_GOOD;
    }
    yaml_tree_report(settings->report, node, "expected a secret; found %s", found);
    source_wipe(secret);
    return VALUE_REPORTED;
}

/** Returns the value in a line `NAME=value` of an EnvironmentFile=, read as systemd.exec(5) says: blanks around it, and
 *  quotes, are removed. NULL: the line is about another variable. The caller frees it. */
static char *value_in_line(struct span line, const char *name)
{
    size_t length = strlen(name);

    while (line.length > 0 && (*line.bytes == ' ' || *line.bytes == '\t'))
        line = (struct span){line.bytes + 1, line.length - 1};
    if (line.length <= length || memcmp(line.bytes, name, length) != 0 || line.bytes[length] != '=')
        return NULL;
    line = (struct span){line.bytes + length + 1, line.length - length - 1};
    while (line.length > 0 && (line.bytes[line.length - 1] == ' ' || line.bytes[line.length - 1] == '\t' ||
                               line.bytes[line.length - 1] == '\r'))
        line.length--;
    while (line.length > 0 && (*line.bytes == ' ' || *line.bytes == '\t'))
        line = (struct span){line.bytes + 1, line.length - 1};
    if (line.length >= 2 && (*line.bytes == '"' || *line.bytes == '\'') && line.bytes[line.length - 1] == *line.bytes)
        line = (struct span){line.bytes + 1, line.length - 2};
    return memory_text_of(line.bytes, line.length);
}

/** Looks for a variable in the file `environment` beside the configuration. The service gets its variables from there,
 *  but an operator who runs `astmanproxy -t` in a shell does not have them. @param looked  set to where it was looked
 *  for, or why not; the caller frees it @return NULL: not found; else the caller frees it */
static char *secret_from_service(struct settings *settings, const char *name, char **looked)
{
    char *path = source_resolve(settings->source, span_of("environment")), *value = NULL;
    struct source file = {0};
    struct error err, reason;

    if (!settings->read(path, SOURCE_LIMIT, &file, &err)) {
        error_set(&reason, "%s (%s)", path, err.text);
    } else {
        error_set(&reason, "%s", path);
        for (size_t at = 0, end; at < file.length; at = end + 1) { // the last assignment counts
            const char *stop = memchr(file.bytes + at, '\n', file.length - at);
            end = stop == NULL ? file.length : (size_t)(stop - file.bytes);
            char *found = value_in_line((struct span){file.bytes + at, end - at}, name);
            if (found != NULL) {
                source_wipe(value);
                value = found;
            }
        }
    }
    if (value != NULL && settings->exposures != NULL)
        exposures_add(settings->exposures, &file);
    *looked = memory_text(reason.text);
    source_fini(&file);
    free(path);
    return value;
}

static enum value_result secret_from_environment(struct settings *settings, const struct yaml_node *node, char **secret)
{
    struct span text = yaml_tree_text(node);
    char *name = memory_text_of(text.bytes + 2, text.length - 3);
    const char *own = getenv(name);
    char *looked = NULL, *value = own != NULL ? memory_text(own) : secret_from_service(settings, name, &looked);
    enum value_result result = VALUE_REPORTED;
    if (strchr(name, '$') != NULL || strchr(name, '}') != NULL || name[0] == '\0')
        yaml_tree_report(settings->report, node, "expected ${NAME} as the whole secret; found more around it");
    else if (value == NULL && settings->outside)
        result = VALUE_GOOD;
    else if (value == NULL)
        yaml_tree_report(
            settings->report, node,
            "expected a variable of the environment; found none of the name \"%s\", neither there nor in %s", name,
            looked);
    else
        result = secret_finish(settings, node, memory_text(value), secret);
    source_wipe(value);
    free(looked);
    free(name);
    return result;
}

/** Notes that the current file contains a secret in plain text. */
static void secrets_note(struct settings *settings, const struct setting *row, const struct yaml_node *node)
{
    struct source *source = settings->source;
    if (row->may_hash && hash_is_known(node->text))
        source->has_hash = true;
    else if (source->plain_node == NULL)
        source->plain_node = node;
}

enum value_result secret_read(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                              char **secret)
{
    struct span text = yaml_tree_text(node);
    if (node->kind != YAML_SCALAR || text.length == 0)
        return VALUE_WRONG;
    if (text.length > 2 && memcmp(text.bytes, "${", 2) == 0) {
        if (text.bytes[text.length - 1] == '}')
            return secret_from_environment(settings, node, secret);
        yaml_tree_report(settings->report, node,
                         "expected ${NAME} as the whole secret; found more around it "
                         "(a secret that begins so can stand in a secret_file)");
        return VALUE_REPORTED;
    }
    secrets_note(settings, row, node);
    return secret_finish(settings, node, memory_text_of(text.bytes, text.length), secret);
}

/** Reads the file that `node` names, unless others may read it, too. @return VALUE_GOOD: `file` is read; else there is
 *  nothing to free */
static enum value_result secret_open_file(struct settings *settings, const struct yaml_node *node, struct source *file)
{
    struct span text = yaml_tree_text(node);
    if (text.length == 0 || value_has_control(text))
        return VALUE_WRONG;
    struct error err;
    enum value_result result = VALUE_GOOD;
    char *path = source_resolve(settings->source, text);
    if (!settings->read(path, SECRET_LIMIT, file, &err)) {
        if (!settings->outside)
            yaml_tree_report(settings->report, node, "expected a file that can be read; found %s: %s", path, err.text);
        result = VALUE_REPORTED;
    } else if ((file->mode & OTHERS) != 0 && !settings->source->open_secrets) {
        yaml_tree_report(
            settings->report, node,
            "expected a file that others cannot read (chmod o= FILE, or `insecure_permissions: allow` here); "
            "found %s with mode %04o",
            path, file->mode);
        source_fini(file);
        result = VALUE_REPORTED;
    }
    free(path);
    return result;
}

enum value_result secret_read_file(struct settings *settings, const struct yaml_node *node, char **secret)
{
    struct source file = {0};
    enum value_result result = secret_open_file(settings, node, &file);
    if (result != VALUE_GOOD)
        return result;
    size_t length = file.length;
    if (length > 0 && file.bytes[length - 1] == '\n')
        length--;
    if (length > 0 && length < file.length && file.bytes[length - 1] == '\r')
        length--;
    if (memchr(file.bytes, '\0', length) != NULL) {
        yaml_tree_report(settings->report, node, "expected a secret; found one with control characters");
        result = VALUE_REPORTED;
    } else {
        result = secret_finish(settings, node, memory_text_of(file.bytes, length), secret);
    }
    if (settings->exposures != NULL && result == VALUE_GOOD)
        exposures_add(settings->exposures, &file);
    source_fini(&file);
    return result;
}

enum value_result secret_read_lines(struct settings *settings, const struct yaml_node *node, char **secret)
{
    struct source file = {0};
    enum value_result result = secret_open_file(settings, node, &file);
    if (result != VALUE_GOOD)
        return result;
    if (file.length == 0 || memchr(file.bytes, '\0', file.length) != NULL) {
        yaml_tree_report(settings->report, node, "expected a file with secrets; found %s",
                         file.length == 0 ? "an empty one" : "one with control characters");
        result = VALUE_REPORTED;
    } else {
        *secret = memory_text_of(file.bytes, file.length);
    }
    if (settings->exposures != NULL && result == VALUE_GOOD)
        exposures_add(settings->exposures, &file);
    source_fini(&file);
    return result;
}

void secrets_check_permissions(struct settings *settings)
{
    const struct source *source = settings->source;
    const struct yaml_node *node = source->plain_node;
    bool is_refused = node != NULL && (source->mode & OTHERS) != 0 && !source->open_secrets;
    if (is_refused)
        yaml_tree_report(
            settings->report, node,
            "expected a file that others cannot read, as it holds a plain secret (chmod o= FILE, ${ENVIRONMENT}, "
            "secret_file: or `insecure_permissions: allow`); found mode %04o",
            source->mode);
    else if (settings->exposures != NULL && (node != NULL || source->has_hash))
        exposures_add(settings->exposures, source);
}
