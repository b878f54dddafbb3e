/* The four tools of every server, registered once and dispatching to the server's source. */
#ifndef COST_TOOLS_H
#define COST_TOOLS_H

#include <cost/budget.h>
#include <cost/live.h>
#include <cost/result_cache.h>
#include <cost/source.h>
#include <mcp/prompt.h>
#include <mcp/resource.h>
#include <mcp/tool.h>

/* Static description of one server; its main.c holds one and calls cost_main. */
struct cost_server_spec {
    const char *name; /* "mcp-aws" */
    const char *title; /* "AWS costs" */
    const char *description;
    const char *instructions;
    const char *family; /* "aws"; NULL: every family */
    bool kubernetes; /* mcp-opencost */
    bool budgets; /* mcp-policy */
    enum cost_metric default_metric;
    const char *const *contains; /* for scope{contains}: NULL-terminated, or NULL */
    const char *const *overlaps_with;
    const struct cost_live_spec *live; /* NULL: files only */
};

/* How the text block is rendered; the default is the table for a model. */
enum cost_text_form { COST_TEXT_MODEL, COST_TEXT_TABLE, COST_TEXT_CSV };

/* mcp_call_user() of the four tools. Read-only while serving but for the cache, which locks. */
struct cost_tools {
    const struct cost_server_spec *spec; /* borrowed */
    struct cost_source source;
    struct cost_result_cache *cache; /* borrowed; NULL: no caching */
    const struct cost_budgets *budgets; /* borrowed; NULL: none configured */
    mcp_str budgets_path; /* the option, or missing */
    enum cost_text_form form;
    unsigned width; /* COST_TEXT_TABLE: columns */
    bool bridge; /* always print the bridge (call --json) */
};

/* Sorted by name; the schemas are those of schemas/. */
extern const struct mcp_tool cost_tool_rows[];
extern const size_t cost_n_tool_rows;
/* schema://TOOL.in, schema://TOOL.out, cost://dimensions, cost://freshness. */
extern const struct mcp_resource cost_resource_rows[];
extern const size_t cost_n_resource_rows;
/* Monthly review, why did cost change, savings plan. */
extern const struct mcp_prompt cost_prompt_rows[];
extern const size_t cost_n_prompt_rows;

#endif
