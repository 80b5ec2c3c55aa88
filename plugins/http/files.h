// plugins/http/files.h: static files from `document_root`. No path leads out of it: each part of a path is opened by
// itself; links and hidden names are refused.
#ifndef HTTP_FILES_H
#define HTTP_FILES_H

#include "connection.h"

/** Answers a GET or HEAD of the request's path. */
void files_serve(struct connection *connection);
/** Opens `path` (decoded, begins with a slash) below the folder `root`. `index.html` stands for a folder.
 *  @param name  the last part of the path; into `path`, or static
 *  @return a descriptor of a regular file, -1: there is none */
int files_open(int root, struct amp_bytes path, struct amp_bytes *name);

#endif
