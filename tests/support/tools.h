/* A table of small tools that do what a transport must cope with, for the tests of proto and net. */
#ifndef TESTS_TOOLS_H
#define TESTS_TOOLS_H

#include <mcp/tool.h>

#include <stdatomic.h>

extern const struct mcp_tool test_tools[];
extern const size_t n_test_tools;

/* What the tools saw; tests read and reset it. */
extern atomic_int test_runs; /* handlers begun */
extern atomic_int test_cancelled; /* handlers that saw their cancellation */

/* A registry of the table, or of the first n rows; fails the program when it cannot be made. */
struct mcp_registry;
struct mcp_registry *test_registry(void);

#endif
