/* Small tools that do what a transport must cope with, for the tests of proto and net. */
#ifndef TESTS_TOOLS_H
#define TESTS_TOOLS_H

#include <mcp/tool.h>

#include <stdatomic.h>

struct mcp_registry;

/* rows.c: tools that need nothing but proto. */
extern const struct mcp_tool test_pure_tools[];
extern const size_t n_test_pure_tools;
extern const struct mcp_schema_text test_in_any;
extern const struct mcp_schema_text test_in_number;
extern atomic_int test_runs; /* handlers of echo and wait begun */
int test_run_echo(struct mcp_call *call, struct mcp_error *err);
int test_run_huge(struct mcp_call *call, struct mcp_error *err);
/* Ends the program when the table cannot be compiled. */
struct mcp_registry *test_registry_of(const struct mcp_tool *tools, size_t n);

/* tools.c: those and the ones that wait. */
extern atomic_int test_cancelled; /* handlers that saw their cancellation */
struct mcp_registry *test_registry(void);

#endif
