/* Calls that became tasks: what a client may ask about them later, kept in memory within limits. */
#ifndef MCP_PROTO_TASK_H
#define MCP_PROTO_TASK_H

#include "mcp/proto/registry.h"
#include "mcp/proto/watch.h"

#include <mcp/buf.h>

#define MCP_TASK_ID_LEN 32 /* 128 random bits in hexadecimal */

enum mcp_task_status {
    MCP_TASK_WORKING,
    MCP_TASK_INPUT,
    /* The end: it does not change any more. */
    MCP_TASK_COMPLETED,
    MCP_TASK_FAILED,
    MCP_TASK_CANCELLED,
};

struct mcp_question;

struct mcp_task {
    char id[MCP_TASK_ID_LEN + 1];
    enum mcp_task_status status;
    int64_t created_s, updated_s; /* of 1970 */
    uint64_t until_ms; /* monotonic; kept until then at least */
    char *principal; /* owned, as the next one */
    size_t principal_len;
    char *outcome; /* "result":{...} or "error":{...}; NULL: none */
    size_t outcome_len;
    void *live; /* the transport's record of the call; NULL: at its end */
    struct mcp_task *next;
};

/* The store; all of it belongs to the loop thread. Another store would have these functions. */
struct mcp_tasks;

/* max: tasks at once; max_bytes: of all outcomes. NULL without memory. */
struct mcp_tasks *mcp__tasks_new(size_t max, size_t max_bytes);
void mcp__tasks_free(struct mcp_tasks *tasks);
/* A working task with the id made of random (16 bytes). MCP_EBUSY: no room, MCP_ENOMEM. */
int mcp__task_add(struct mcp_tasks *tasks, const unsigned char random[16], mcp_str principal,
                  int64_t wall_s, uint64_t now_ms, struct mcp_task **out);
/* NULL when it is unknown, too old, or another principal's. */
struct mcp_task *mcp__task_find(struct mcp_tasks *tasks, mcp_str id, mcp_str principal,
                                uint64_t now_ms);
/* All of them by their next, or NULL. */
const struct mcp_task *mcp__tasks_first(const struct mcp_tasks *tasks);
/* Its end, with its outcome: a member of JSON, missing when it was cancelled. One that finds no room
 * makes it a failure. */
void mcp__task_end(struct mcp_tasks *tasks, struct mcp_task *task, enum mcp_task_status status,
                   mcp_str outcome, int64_t wall_s);

/* The responses: that a call became this task, and tasks/get. questions: those of MCP_TASK_INPUT. */
void mcp__task_created(struct mcp_buf *out, const struct mcp_registry *registry, mcp_str id,
                       const struct mcp_task *task);
void mcp__task_got(struct mcp_buf *out, const struct mcp_registry *registry, mcp_str id,
                   const struct mcp_task *task, const struct mcp_question *questions);
/* notifications/tasks: the whole task, to who watches it. */
void mcp__task_note(struct mcp_buf *out, const struct mcp_task *task,
                    const struct mcp_question *questions, const struct mcp_watch *watch);
/* The empty answer to tasks/update and tasks/cancel. */
void mcp__task_ack(struct mcp_buf *out, const struct mcp_registry *registry, mcp_str id);

#endif
