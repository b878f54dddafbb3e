/* A whole server program: options, sub-commands, serving. */
#ifndef COST_PROGRAM_H
#define COST_PROGRAM_H

#include <cost/tools.h>

/* call, doctor, config, import, health, or serving over stdio and HTTP. The exit status: 0 answer,
 * 1 tool error, 2 usage. */
int cost_main(const struct cost_server_spec *spec, int argc, char **argv);

#endif
