/* Servers for the tests of the client: our own over stdio, and a legacy one that misbehaves. */
#ifndef TESTS_CLIENT_ACTOR_H
#define TESTS_CLIENT_ACTOR_H

#include <mcp/client.h>

/* The test program plays the server when it is called with --act=NAME. First thing in main: the
 * exit status, or -1 when this is the test itself.
 *   serve     the library's own server with the table of tools.h
 *   legacy    -32601 to server/discover; knows tools by their names, see actor.c
 *   silent    the same, but silent to server/discover
 *   dies      the same, but exits at server/discover
 *   old       refuses server/discover without an id, speaks 2024-11-05
 *   future    refuses with the versions it supports, none of them ours
 *   mixed     lists both eras in its discover result, but only a legacy one of ours
 *   odd       takes initialize, and answers with a revision that nobody knows
 *   deaf      as legacy, and ignores the end of its input and SIGTERM
 *   nothing   exits at once with status 3
 *   late      as serve, but only after 300 ms */
int actor_main(int argc, char **argv);
/* Options to start this program as that actor; valid until the next call. */
struct mcp_client_options actor_options(const char *act);

#endif
