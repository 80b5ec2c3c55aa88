// plugins/http/files.c: see files.h.
#include "files.h"

#include "ajam.h"
#include "media.h"
#include "response.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES (8 << 20)
#define PART_BYTES 255 // of one name in a path

/** Opens one part of a path. Takes `folder`, unless it is `root`. */
static int open_part(int root, int folder, struct amp_bytes part, bool is_last)
{
    char name[PART_BYTES + 1];
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (is_last ? 0 : O_DIRECTORY);
    int opened = -1;
    if (part.length > 0 && part.length <= PART_BYTES && part.bytes[0] != '.' &&
        memchr(part.bytes, '\0', part.length) == NULL) {
        memcpy(name, part.bytes, part.length);
        name[part.length] = '\0';
        opened = openat(folder, name, flags);
    }
    if (folder != root)
        close(folder);
    return opened;
}

int files_open(int root, struct amp_bytes path, struct amp_bytes *name)
{
    int folder = root;
    struct amp_bytes rest = {path.bytes + 1, path.length - 1};
    struct amp_bytes part;
    bool is_folder = path.bytes[path.length - 1] == '/';
    *name = text_of("index.html");
    while (text_next(&rest, '/', &part)) {
        bool is_last = rest.length == 0 && !is_folder;
        folder = open_part(root, folder, part, is_last);
        if (is_last)
            *name = part;
        if (folder == -1 || is_last)
            break;
    }
    if (is_folder && folder != -1)
        folder = open_part(root, folder, *name, true);
    struct stat status;
    if (folder == -1 || folder == root)
        return -1;
    if (fstat(folder, &status) == -1 || !S_ISREG(status.st_mode) || status.st_size > FILE_BYTES) {
        close(folder);
        return -1;
    }
    return folder;
}

static bool read_file(int file, size_t size, struct buffer *out)
{
    char bytes[16384];
    while (out->length < size) {
        size_t wanted = size - out->length < sizeof bytes ? size - out->length : sizeof bytes;
        ssize_t count = read(file, bytes, wanted);
        if (count == -1 && errno == EINTR)
            continue;
        if (count <= 0)
            return false; // it shrank meanwhile
        buffer_add(out, bytes, (size_t)count);
    }
    return true;
}

static bool is_unchanged(const struct request *request, time_t changed)
{
    struct amp_bytes since;
    char text[64];
    struct tm parts = {0};
    if (!request_find(request, "If-Modified-Since", &since) || since.length >= sizeof text)
        return false;
    memcpy(text, since.bytes, since.length);
    text[since.length] = '\0';
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return end != NULL && *end == '\0' && changed <= timegm(&parts);
}

/** Writes the header lines of a file. Only the proxy's own pages and those of `origins` may show it in a frame, because
 *  another page could lay it invisibly over its own buttons. */
static void print_lines(struct buffer *lines, time_t changed)
{
    char date[RESPONSE_DATE_SIZE];
    response_date(changed, date);
    buffer_print(lines, "Last-Modified: %s\r\nContent-Security-Policy: frame-ancestors 'self'", date);
    for (const char *const *origin = settings_get()->origins; *origin != NULL; origin++)
        buffer_print(lines, " %s", *origin);
    buffer_print(lines, "\r\n");
}

static void send_file(struct connection *connection, int file, struct amp_bytes name)
{
    struct stat status;
    struct buffer content = {0};
    struct buffer lines = {0};
    struct response response = {.status = 200, .type = media_of_file(name), .cache = "no-cache"};
    if (fstat(file, &status) == -1 || status.st_size < 0)
        status = (struct stat){0};
    print_lines(&lines, status.st_mtime);
    response.extra = lines.bytes;
    if (is_unchanged(connection->request, status.st_mtime)) {
        response.status = 304;
        response.type = NULL;
    } else if (!read_file(file, (size_t)status.st_size, &content)) {
        response_error(connection, 404, "No such file", NULL);
        buffer_wipe(&content);
        buffer_wipe(&lines);
        return;
    }
    response.length = content.length;
    response_send(connection, &response, buffer_bytes(&content));
    buffer_wipe(&content);
    buffer_wipe(&lines);
}

/** There is no such file. */
static void files_refuse(struct connection *connection, const char *reason)
{
    if (!ajam_refuse_path(connection))
        response_error(connection, 404, reason, NULL);
}

void files_serve(struct connection *connection)
{
    struct request *request = connection->request;
    struct amp_bytes name;
    if (settings_get()->root == -1) {
        files_refuse(connection, "There are no files here (document_root is not set); ask /?Action=Ping");
        return;
    }
    if (!form_decode(request->path, &request->path_length, false)) {
        response_error(connection, 400, "Malformed %-encoding in the path", NULL);
        return;
    }
    int file = files_open(settings_get()->root, (struct amp_bytes){request->path, request->path_length}, &name);
    if (file == -1) {
        files_refuse(connection, "No such file");
        return;
    }
    send_file(connection, file, name);
    close(file);
}
