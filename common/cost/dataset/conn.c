/* Connections of a snapshot: pooled, one user at a time, cancelled by their thread's watch. */
#include "snapshot_internal.h"
#include "store.h"

#include <stdlib.h>

#define MAX_IDLE 4
#define OPS_BETWEEN_LOOKS 1000

static const char *const sql_texts[COST__N_SQL] = {
    [COST__SQL_DICT_TEXT] = "SELECT text FROM dict WHERE col=? AND id=?",
    [COST__SQL_DICT_ALL] = "SELECT id, text FROM dict WHERE col=? ORDER BY id LIMIT ?",
    [COST__SQL_DICT_FIND] = "SELECT id, text FROM dict WHERE col=? AND text=? COLLATE NOCASE",
    [COST__SQL_NAME] = "SELECT name FROM name WHERE col=? AND id=?",
    [COST__SQL_NAME_ALL] = "SELECT id, name FROM name WHERE col=?",
    [COST__SQL_NAME_FIND] = "SELECT id, name FROM name WHERE col=? AND name=? COLLATE NOCASE",
    [COST__SQL_BLOCK] = "SELECT data FROM block WHERE id=?",
    [COST__SQL_BLOCK_LIST] = "SELECT slice, kind, day_min, day_max, id FROM block"
                             " INDEXED BY block_slice ORDER BY slice, kind, day_min, day_max, id",
    [COST__SQL_SLICE_FACTS] = "SELECT days, projects FROM slice_facts WHERE slice=?",
    [COST__SQL_TAG_KEY_FIND] = "SELECT id FROM tag_key WHERE text=?",
    [COST__SQL_TAG_KEYS] = "SELECT text FROM tag_key ORDER BY id",
    [COST__SQL_TAG_KEY] = "SELECT text FROM tag_key WHERE id=?",
    [COST__SQL_TAG_VALUE] = "SELECT text FROM tag_value WHERE id=?",
    [COST__SQL_TAGSETS] = "SELECT first, n, data FROM tagset ORDER BY first",
    [COST__SQL_TAGSET_OF] = "SELECT first, n, data FROM tagset WHERE first<=? ORDER BY first DESC"
                            " LIMIT 1",
};

/* What the thread that waits in SQLite is told about its call's end. */
static _Thread_local bool (*watch)(void *ctx);
static _Thread_local void *watch_ctx;

void cost__snapshot_watch(bool (*cancelled)(void *ctx), void *ctx)
{
    watch = cancelled;
    watch_ctx = ctx;
}

static int on_progress(void *unused)
{
    (void)unused;
    return watch != NULL && watch(watch_ctx);
}

void cost__conn_free(struct cost__conn *conn)
{
    if (conn == NULL)
        return;
    for (size_t i = 0; i < COST__N_SQL; i++)
        sqlite3_finalize(conn->stmts[i]);
    sqlite3_close(conn->db);
    free(conn);
}

int cost__conn_take(struct cost_snapshot *snap, struct cost__conn **out, struct mcp_error *err)
{
    struct cost__conn *conn;
    int rc;

    pthread_mutex_lock(&snap->lock);
    conn = snap->idle;
    if (conn != NULL) {
        snap->idle = conn->next;
        snap->n_idle--;
    }
    pthread_mutex_unlock(&snap->lock);
    if (conn == NULL) {
        conn = calloc(1, sizeof(*conn));
        if (conn == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "out of memory");
        rc = cost__store_open_fd(snap->fd, &conn->db, err);
        if (rc != 0) {
            free(conn);
            return rc;
        }
        sqlite3_progress_handler(conn->db, OPS_BETWEEN_LOOKS, on_progress, NULL);
    }
    conn->next = NULL;
    *out = conn;
    return 0;
}

void cost__conn_give(struct cost_snapshot *snap, struct cost__conn *conn)
{
    if (conn == NULL)
        return;
    pthread_mutex_lock(&snap->lock);
    if (snap->n_idle < MAX_IDLE) {
        conn->next = snap->idle;
        snap->idle = conn;
        snap->n_idle++;
        conn = NULL;
    }
    pthread_mutex_unlock(&snap->lock);
    cost__conn_free(conn);
}

sqlite3_stmt *cost__conn_stmt(struct cost__conn *conn, enum cost__sql sql, struct mcp_error *err)
{
    if (conn->stmts[sql] == NULL)
        conn->stmts[sql] = cost__store_prepare(conn->db, sql_texts[sql], err);
    else
        sqlite3_reset(conn->stmts[sql]);
    return conn->stmts[sql];
}
