/* Builds the dataset that --demo or --data needs, beside the calls that wait for it. */
#ifndef COST_SERVER_BUILDER_H
#define COST_SERVER_BUILDER_H

#include <mcp/call.h>

struct cost__builder;

/* paths: FOCUS files and folders; none: the demo dataset. Everything is borrowed for the life of
 * the builder. Nothing is opened or started yet. */
struct cost__builder *cost__builder_new(const mcp_str *paths, size_t n_paths);
/* Stops a build that runs (the next one begins anew) and waits for its thread. */
void cost__builder_free(struct cost__builder *builder);

/* The dataset's path once it is built; lives as long as the builder. Starts the build at the first
 * call. Waits for it under the call's deadline; then MCP_EBUILDING with the rows read so far and
 * the time left, and the build goes on. What made a build fail is told to every call, and the next
 * call after that tries again. */
int cost__builder_path(struct cost__builder *builder, struct mcp_call *call, mcp_str *path,
                       struct mcp_error *err);
/* Without waiting: true when it is built. */
bool cost__builder_ready(struct cost__builder *builder, mcp_str *path);

#endif
