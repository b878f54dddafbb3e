/* For tests of the sub-commands: what they print on stdout and stderr, and their exit status. */
#ifndef TEST_CLI_HELP_H
#define TEST_CLI_HELP_H

#include "cost/cli/cli.h"
#include "cost/cli/say.h"

#include "../server/server_help.h"

/* Between the two, both streams go into files. They are no terminal. */
void cli_capture(void);
/* Back to the terminal. What was printed lives until the next cli_capture. */
void cli_release(void);
const char *cli_out(void);
const char *cli_err(void);

/* A whole program (cost_main) with these words, separated by spaces; its status. Captured. */
int cli_main(const struct cost_server_spec *spec, const char *words);

/* Fails the test unless text contains part. */
void cli_says(const char *text, const char *part);

#endif
