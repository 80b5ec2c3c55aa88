// core/script/files.c: names of the configuration become paths of scripts.
#include "script/script.h"

#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const folders[] = {"filters", "proxyactions"};
// The proxy actions that come with the program (lua/proxyactions).
static const char *const stock[] = {
    "AddServer",     "CreateToken",    "DrainServer",      "DropServer",        "KickSession",
    "ListCluster",   "ListIOHandlers", "ListProxyActions", "ListRevokedTokens", "ListScripts",
    "ListServers",   "ListSessions",   "Logoff",           "ReleaseFilter",     "Reload",
    "ResumeServer",  "RevokeToken",    "ScriptStatus",     "ServerStatus",      "SessionStatus",
    "SetAutoFilter", "SetInputFormat", "SetLogLevel",      "SetOutputFormat",   "SetResume",
    "Stats",         "UnlockAddress"};

static bool files_have(const struct script_files *files, enum script_kind kind, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].kind == kind && strcmp(files->items[i].name, name) == 0)
            return true;
    return false;
}

/** Takes `path`. */
static void files_add(struct script_files *files, enum script_kind kind, const char *name, char *path)
{
    if (files_have(files, kind, name)) {
        free(path);
        return;
    }
    files->items = memory_grow(files->items, (files->count + 1) * sizeof *files->items);
    files->items[files->count++] = (struct script_file){.kind = kind, .name = memory_text(name), .path = path};
}

static char *files_join(const char *folder, const char *name, const char *end)
{
    size_t size = strlen(folder) + strlen(name) + strlen(end) + 2;
    char *path = memory_new(size);
    (void)snprintf(path, size, "%s/%s%s", folder, name, end);
    return path;
}

static int is_script(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 4, ".lua") == 0;
}

bool script_files_add_folder(struct script_files *files, enum script_kind kind, const char *folder, struct error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_script, alphasort);

    if (count < 0)
        return error_set(err, "%s: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *path = files_join(folder, entries[i]->d_name, "");
        entries[i]->d_name[strlen(entries[i]->d_name) - 4] = '\0';
        files_add(files, kind, entries[i]->d_name, path);
        free(entries[i]);
    }
    free(entries);
    return true;
}

/** Adds the stock proxy actions that the folder contains. An operator who does not want all of them names a folder with
 *  fewer files. */
static bool add_stock(struct script_files *files, const char *folder, struct error *err)
{
    bool any = false;

    for (size_t i = 0; i < sizeof stock / sizeof *stock; i++) {
        char *path = files_join(folder, stock[i], ".lua");
        bool is_there = access(path, R_OK) == 0;
        any = any || is_there;
        if (is_there)
            files_add(files, SCRIPT_IS_PROXY_ACTION, stock[i], path);
        else
            free(path);
    }
    return any || error_set(err, "proxy actions 'stock': %s: none of them is here", folder);
}

bool script_files_add(struct script_files *files, const char *root, enum script_kind kind, const char *name,
                      struct error *err)
{
    char *folder = files_join(root, folders[kind], "");
    bool found = true;

    if (files_have(files, kind, name)) {
        free(folder);
        return true;
    }
    if (kind == SCRIPT_IS_PROXY_ACTION && strcmp(name, "stock") == 0) {
        found = add_stock(files, folder, err);
    } else {
        char *path = strchr(name, '/') != NULL ? memory_text(name) : files_join(folder, name, ".lua");
        if (access(path, R_OK) == 0) {
            files_add(files, kind, name, path);
        } else {
            found = error_set(err, "%s '%s': %s: %s", kind == SCRIPT_IS_FILTER ? "filter" : "proxy action", name, path,
                              strerror(errno));
            free(path);
        }
    }
    free(folder);
    return found;
}

void script_files_fini(struct script_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].name);
        free(files->items[i].path);
    }
    free(files->items);
    *files = (struct script_files){.items = NULL};
}
