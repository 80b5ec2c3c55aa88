// plugins/http/ajam_path.h: the paths of AJAM, Asterisk's own HTTP manager, and the format in which each answers.
#ifndef HTTP_AJAM_PATH_H
#define HTTP_AJAM_PATH_H

#include "text.h"

enum ajam_format { AJAM_RAW, AJAM_XML, AJAM_HTML };

struct ajam_path {
    enum ajam_format format;
    bool digest; // the client authenticates each request; otherwise a cookie tells its session
};

/** Is `path` one of AJAM's, with `prefix` (a path, or empty) in front or without? Case does not matter, and a slash may
 *  follow (Asterisk main/http.c: handle_uri). */
bool ajam_path_find(struct amp_bytes path, const char *prefix, struct ajam_path *found);

#endif
