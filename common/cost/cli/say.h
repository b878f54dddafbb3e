/* What a program says to the person at the terminal: failures, texts that fit, its last word. */
#ifndef COST_CLI_SAY_H
#define COST_CLI_SAY_H

#include <cost/tools.h>
#include <mcp/error.h>

enum { COST__EXIT_OK = 0, COST__EXIT_ERROR = 1, COST__EXIT_USAGE = 2 };

/* "mcp-aws: message" and the next step, on stderr. Returns the status given. */
int cost__cli_fail(const struct cost_server_spec *spec, int status, const struct mcp_error *err);
/* The text of an answer with isError, taken apart for people: what is wrong, and what to do next (may
 * be missing). */
void cost__cli_refusal(mcp_str text, mcp_str *message, mcp_str *next);
/* What was printed has reached stdout: COST__EXIT_OK, else COST__EXIT_ERROR. */
int cost__cli_done(void);
/* Columns of the terminal on stdout, at least 40; 100 when it is none. */
unsigned cost__cli_width(void);
/* text on stdout with a line end at last; on a terminal its lines are broken between words, where
 * they would not fit, and go on indented. */
void cost__cli_print(mcp_str text);

#endif
