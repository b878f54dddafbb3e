/* Calls that became tasks: what a client may ask about them later, kept in memory within limits. */
#include "mcp/proto/task.h"

#include "mcp/proto/ask.h"

#include <mcp/date.h>
#include <mcp/json_writer.h>

#include <stdlib.h>

#define TTL_MS 3600000
#define POLL_MS 1000

struct mcp_tasks {
    size_t max, count;
    size_t max_bytes, bytes; /* of outcomes */
    struct mcp_task *first; /* owned; newest first */
};

struct mcp_tasks *mcp__tasks_new(size_t max, size_t max_bytes)
{
    struct mcp_tasks *tasks = calloc(1, sizeof(*tasks));

    if (tasks == NULL)
        return NULL;
    tasks->max = max;
    tasks->max_bytes = max_bytes;
    return tasks;
}

static void destroy(struct mcp_tasks *tasks, struct mcp_task *task)
{
    tasks->bytes -= task->outcome_len;
    tasks->count--;
    free(task->principal);
    free(task->outcome);
    free(task);
}

void mcp__tasks_free(struct mcp_tasks *tasks)
{
    if (tasks == NULL)
        return;
    while (tasks->first != NULL) {
        struct mcp_task *task = tasks->first;

        tasks->first = task->next;
        destroy(tasks, task);
    }
    free(tasks);
}

static void sweep(struct mcp_tasks *tasks, uint64_t now_ms)
{
    struct mcp_task **at = &tasks->first;

    while (*at != NULL) {
        struct mcp_task *task = *at;

        if (task->live != NULL || now_ms < task->until_ms) {
            at = &task->next;
            continue;
        }
        *at = task->next;
        destroy(tasks, task);
    }
}

int mcp__task_add(struct mcp_tasks *tasks, const unsigned char random[16], mcp_str principal,
                  int64_t wall_s, uint64_t now_ms, struct mcp_task **out)
{
    static const char hex[] = "0123456789abcdef";
    struct mcp_task *task;

    sweep(tasks, now_ms);
    if (tasks->count >= tasks->max)
        return MCP_EBUSY;
    task = calloc(1, sizeof(*task));
    if (task == NULL)
        return MCP_ENOMEM;
    task->principal = malloc(principal.len + 1);
    if (task->principal == NULL) {
        free(task);
        return MCP_ENOMEM;
    }
    if (principal.len > 0)
        memcpy(task->principal, principal.ptr, principal.len);
    task->principal_len = principal.len;
    for (size_t i = 0; i < 16; i++) {
        task->id[2 * i] = hex[random[i] >> 4];
        task->id[2 * i + 1] = hex[random[i] & 15];
    }
    task->created_s = task->updated_s = wall_s;
    task->until_ms = now_ms + TTL_MS;
    task->next = tasks->first;
    tasks->first = task;
    tasks->count++;
    *out = task;
    return 0;
}

struct mcp_task *mcp__task_find(struct mcp_tasks *tasks, mcp_str id, mcp_str principal,
                                uint64_t now_ms)
{
    sweep(tasks, now_ms);
    for (struct mcp_task *task = tasks->first; task != NULL; task = task->next) {
        if (mcp_str_eq(mcp_str_z(task->id), id) &&
            mcp_str_eq(mcp_str_n(task->principal, task->principal_len), principal))
            return task;
    }
    return NULL;
}

const struct mcp_task *mcp__tasks_first(const struct mcp_tasks *tasks)
{
    return tasks->first;
}

void mcp__task_end(struct mcp_tasks *tasks, struct mcp_task *task, enum mcp_task_status status,
                   mcp_str outcome, int64_t wall_s)
{
    task->live = NULL;
    task->status = status;
    task->updated_s = wall_s;
    if (outcome.len == 0)
        return;
    if (outcome.len <= tasks->max_bytes - tasks->bytes)
        task->outcome = malloc(outcome.len);
    if (task->outcome == NULL) {
        task->status = MCP_TASK_FAILED;
        return;
    }
    memcpy(task->outcome, outcome.ptr, outcome.len);
    task->outcome_len = outcome.len;
    tasks->bytes += outcome.len;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void put_fields(struct mcp_jsonw *w, const struct mcp_task *task)
{
    static const char *const words[] = {
        [MCP_TASK_WORKING] = "working",     [MCP_TASK_INPUT] = "input_required",
        [MCP_TASK_COMPLETED] = "completed", [MCP_TASK_FAILED] = "failed",
        [MCP_TASK_CANCELLED] = "cancelled",
    };
    char created[MCP_INSTANT_LEN + 1], updated[MCP_INSTANT_LEN + 1];

    mcp_instant_format(task->created_s, created);
    mcp_instant_format(task->updated_s, updated);
    mcp_jsonw_kz(w, "taskId", task->id);
    mcp_jsonw_kz(w, "status", words[task->status]);
    mcp_jsonw_kz(w, "createdAt", created);
    mcp_jsonw_kz(w, "lastUpdatedAt", updated);
    mcp_jsonw_kint(w, "ttlMs", TTL_MS);
    mcp_jsonw_kint(w, "pollIntervalMs", POLL_MS);
}

static void open_result(struct mcp_jsonw *w, struct mcp_buf *out, mcp_str id, const char *type)
{
    mcp_jsonw_init(w, out);
    mcp_jsonw_object(w);
    mcp_jsonw_kz(w, "jsonrpc", "2.0");
    mcp_jsonw_kraw(w, "id", id);
    mcp_jsonw_kobject(w, "result");
    mcp_jsonw_kz(w, "resultType", type);
}

/* The members that end every result. server_info is a whole member, as an outcome is. */
static void close_result(struct mcp_buf *out, const struct mcp_registry *registry, mcp_str outcome)
{
    if (outcome.len > 0)
        mcp_buf_char(out, ',');
    mcp_buf_str(out, outcome);
    mcp_buf_z(out, ",\"_meta\":{");
    mcp_buf_str(out, registry->server_info);
    mcp_buf_z(out, "}}}");
}

void mcp__task_created(struct mcp_buf *out, const struct mcp_registry *registry, mcp_str id,
                       const struct mcp_task *task)
{
    struct mcp_jsonw w;

    open_result(&w, out, id, "task");
    put_fields(&w, task);
    close_result(out, registry, MCP_STR(""));
}

static mcp_str outcome_of(const struct mcp_task *task)
{
    if (task->status == MCP_TASK_FAILED && task->outcome == NULL)
        return MCP_STR("\"error\":{\"code\":-32603,\"message\":\"there was no room to keep the "
                       "result\"}");
    return mcp_str_n(task->outcome, task->outcome_len);
}

static void put_state(struct mcp_jsonw *w, const struct mcp_task *task,
                      const struct mcp_question *questions)
{
    put_fields(w, task);
    if (task->status != MCP_TASK_INPUT)
        return;
    mcp_jsonw_kobject(w, "inputRequests");
    mcp__ask_list(w, questions, true);
    mcp_jsonw_end(w);
}

void mcp__task_got(struct mcp_buf *out, const struct mcp_registry *registry, mcp_str id,
                   const struct mcp_task *task, const struct mcp_question *questions)
{
    struct mcp_jsonw w;

    open_result(&w, out, id, "complete");
    put_state(&w, task, questions);
    close_result(out, registry, outcome_of(task));
}

void mcp__task_note(struct mcp_buf *out, const struct mcp_task *task,
                    const struct mcp_question *questions, const struct mcp_watch *watch)
{
    mcp_str outcome = outcome_of(task);
    struct mcp_jsonw w;

    mcp__watch_open_note(&w, out, "notifications/tasks");
    put_state(&w, task, questions);
    if (outcome.len > 0)
        mcp_buf_char(out, ',');
    mcp_buf_str(out, outcome);
    mcp__watch_close_note(watch, &w);
}

void mcp__task_ack(struct mcp_buf *out, const struct mcp_registry *registry, mcp_str id)
{
    struct mcp_jsonw w;

    open_result(&w, out, id, "complete");
    close_result(out, registry, MCP_STR(""));
}
