// plugins/http/ajam_render.h: AMI text as the body of an AJAM answer, byte for byte as Asterisk writes it
// (main/manager.c: generic_http_callback, auth_http_callback, xml_translate).
#ifndef HTTP_AJAM_RENDER_H
#define HTTP_AJAM_RENDER_H

#include "ajam_path.h"

/** Names that a request may give to the parts of an XML answer. */
struct ajam_names {
    struct amp_bytes dest;   // `ajaxdest`; empty: `unknown`
    struct amp_bytes object; // `ajaxobjtype`; empty: `generic`
};

/** Appends `text`, any number of messages, to `body` in the format of `path`, whole with beginning and end. */
void ajam_render(struct ajam_path path, const struct ajam_names *names, struct amp_bytes text, struct buffer *body);

#endif
