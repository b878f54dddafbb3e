/* SIGINT, SIGTERM and SIGHUP: the first asks for an orderly end, the second one ends. */
#ifndef MCP_SERVER_SIGNALS_H
#define MCP_SERVER_SIGNALS_H

#include <stdbool.h>

struct mcp_serve;

/* From here to the end the signals stop serve (NULL: they are only noted). One at a time in a
 * process; the dispositions from before come back with the end. */
void mcp__signals_begin(struct mcp_serve *serve);
void mcp__signals_end(void);
/* One came since the begin. */
bool mcp__signals_seen(void);

#endif
