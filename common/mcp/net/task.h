/* How a call in flight becomes a task, what its client asks about it, and who is told of it. */
#ifndef MCP_NET_TASK_H
#define MCP_NET_TASK_H

#include "mcp/net/flight.h"
#include "mcp/net/watcher.h"

/* Answers the client of a flight with a task, and goes on without it: when the client speaks of
 * tasks, the tool may become one, and there is room. */
void mcp__task_begin(struct mcp_flight *flight);
/* The handler of a task waits for answers: tasks/get tells which. */
void mcp__task_asks(struct mcp_flight *flight);
/* The response to tasks/get, tasks/update, tasks/cancel, appended to reply. True: an error. */
bool mcp__task_answer(struct mcp_loop *loop, const struct mcp_outcome *out, mcp_str principal,
                      struct mcp_buf *reply);
/* Before a client watches tasks: takes out of its watch those that are not its own. */
void mcp__tasks_own(struct mcp_loop *loop, struct mcp_watch *watch, mcp_str principal);
/* Tells who begins to watch how its tasks stand: what happened before is not lost. */
void mcp__tasks_greet(struct mcp_loop *loop, struct mcp_watcher *watcher);
/* The server ends: cancels those that run, nobody could ask for them. */
void mcp__tasks_stop(struct mcp_loop *loop);

#endif
