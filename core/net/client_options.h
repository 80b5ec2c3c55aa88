// core/net/client_options.h: the options of clients' sockets. They are set on the listening socket, from which Linux
// gives them to each connection: one call for each option in place of one for each option and connection.
// Thread: any.
#ifndef NET_CLIENT_OPTIONS_H
#define NET_CLIENT_OPTIONS_H

/** Sets what each connection that is accepted from now on begins with: TCP_NODELAY, the limit TRANSPORT_UNSENT, and
 *  probes by which the kernel notices a peer that has vanished. Does nothing to a unix socket, where none of them
 *  means anything.
 *  @param fd  a listening socket, or a connection that came before the options */
void client_options_set(int fd);

#endif
