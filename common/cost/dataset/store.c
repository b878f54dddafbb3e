/* The SQLite file of a dataset: its schema, opening it for change, and short statements. */
#include "store.h"

#include <stdarg.h>
#include <string.h>

/* Steps from an empty file; step i leads to version i + 1. A file of an older version gets the
 * steps it lacks, inside the import's copy. */
static const char *const steps[STORE_VERSION] = {
    /* Small, read whole at the first look. */
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE slice(id INTEGER PRIMARY KEY, source TEXT NOT NULL, provider TEXT NOT NULL,"
    " account TEXT, account_fold TEXT NOT NULL, period_start INTEGER NOT NULL,"
    " period_end INTEGER NOT NULL, day_min INTEGER NOT NULL, day_max INTEGER NOT NULL,"
    " short_end INTEGER, ended_end INTEGER, delivered_at INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " rollups INTEGER NOT NULL, ledger BLOB NOT NULL);"
    "CREATE TABLE period_status(family TEXT NOT NULL, period_start INTEGER NOT NULL,"
    " closed INTEGER NOT NULL, PRIMARY KEY(family, period_start)) WITHOUT ROWID;"
    /* By slice. days: sums by day; projects: freshness by project; usage_days: a bitmap. */
    "CREATE TABLE slice_facts(slice INTEGER PRIMARY KEY, days BLOB NOT NULL,"
    " projects BLOB NOT NULL, usage_days BLOB NOT NULL);"
    "CREATE TABLE block(id INTEGER PRIMARY KEY, slice INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " day_min INTEGER NOT NULL, day_max INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " data BLOB NOT NULL);"
    "CREATE INDEX block_slice ON block(slice, kind, day_min, day_max);"
    /* Dictionaries: found by id, and by text without case. */
    "CREATE TABLE dict(col INTEGER NOT NULL, id INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY(col, id)) WITHOUT ROWID;"
    "CREATE INDEX dict_text ON dict(col, text COLLATE NOCASE);"
    "CREATE TABLE name(col INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL,"
    " period INTEGER NOT NULL, PRIMARY KEY(col, id)) WITHOUT ROWID;"
    "CREATE INDEX name_text ON name(col, name COLLATE NOCASE);"
    "CREATE TABLE tag_key(id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE tag_value(id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE tagset(first INTEGER PRIMARY KEY, n INTEGER NOT NULL, data BLOB NOT NULL);"
    /* What was delivered. */
    "CREATE TABLE file(id INTEGER PRIMARY KEY, hash BLOB NOT NULL, size INTEGER NOT NULL,"
    " name TEXT NOT NULL, rows INTEGER NOT NULL, slices INTEGER NOT NULL, sketch BLOB NOT NULL,"
    " delivered_at INTEGER NOT NULL);"
    "CREATE INDEX file_size ON file(size);"
    "CREATE TABLE slice_file(slice INTEGER NOT NULL, file INTEGER NOT NULL,"
    " PRIMARY KEY(slice, file)) WITHOUT ROWID;"
    "CREATE TABLE missing_column(family TEXT NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY(family, name)) WITHOUT ROWID;"
    "CREATE TABLE unmapped(family TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;",
};

int cost__store_failed(sqlite3 *db, const char *what, struct mcp_error *err)
{
    int code = db == NULL ? SQLITE_NOMEM : sqlite3_errcode(db) & 0xff;

    switch (code) {
    case SQLITE_NOMEM:
        return mcp_error_set(err, MCP_ENOMEM, "out of memory while trying to %s", what);
    case SQLITE_INTERRUPT:
        return mcp_error_set(err, MCP_ECANCELLED, "cancelled");
    case SQLITE_FULL:
        mcp_error_word(err, MCP_EIO, "disk_full", "the disk is full: cannot %s", what);
        return mcp_error_next(err, "Free some space and run the command again");
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return mcp_error_word(err, MCP_EDATA, "bad_dataset",
                              "the file is damaged, or no dataset at all");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return mcp_error_word(err, MCP_EIO, "not_writable", "cannot %s: %s", what,
                              sqlite3_errmsg(db));
    case SQLITE_IOERR:
        /* The system's own reason says more than "disk I/O error". */
        mcp_error_word(err, MCP_EIO, "not_writable", "cannot %s: %s", what,
                       sqlite3_system_errno(db) != 0 ? strerror(sqlite3_system_errno(db))
                                                     : sqlite3_errmsg(db));
        return mcp_error_next(err, "Check the disk and its limits, then run the command again");
    default:
        return mcp_error_set(err, MCP_EIO, "cannot %s: %s", what, sqlite3_errmsg(db));
    }
}

int cost__store_exec(sqlite3 *db, const char *sql, struct mcp_error *err)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return cost__store_failed(db, "write the dataset", err);
    return 0;
}

sqlite3_stmt *cost__store_prepare(sqlite3 *db, const char *sql, struct mcp_error *err)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
        cost__store_failed(db, "read the dataset", err);
        return NULL;
    }
    return stmt;
}

int cost__store_bind(sqlite3_stmt *stmt, const char *types, ...)
{
    va_list ap;
    int rc = SQLITE_OK;

    sqlite3_reset(stmt);
    va_start(ap, types);
    for (int i = 0; types[i] != '\0'; i++) {
        if (types[i] == 'i') {
            rc |= sqlite3_bind_int64(stmt, i + 1, va_arg(ap, int64_t));
        } else {
            mcp_str s = va_arg(ap, mcp_str);

            if (mcp_str_is_null(s))
                rc |= sqlite3_bind_null(stmt, i + 1);
            else if (types[i] == 's')
                rc |= sqlite3_bind_text64(stmt, i + 1, s.ptr, s.len, SQLITE_STATIC, SQLITE_UTF8);
            else
                rc |= sqlite3_bind_blob64(stmt, i + 1, s.ptr, s.len, SQLITE_STATIC);
        }
    }
    va_end(ap);
    return rc == SQLITE_OK ? 0 : MCP_ENOMEM;
}

int cost__store_run(sqlite3_stmt *stmt, struct mcp_error *err)
{
    int rc = sqlite3_step(stmt);

    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        rc = cost__store_failed(sqlite3_db_handle(stmt), "write the dataset", err);
    else
        rc = 0;
    sqlite3_reset(stmt);
    return rc;
}

int cost__store_step(sqlite3_stmt *stmt, struct mcp_error *err)
{
    int rc = sqlite3_step(stmt);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc == SQLITE_DONE)
        rc = 0;
    else
        rc = cost__store_failed(sqlite3_db_handle(stmt), "read the dataset", err);
    sqlite3_reset(stmt);
    return rc;
}

mcp_str cost__store_text(sqlite3_stmt *stmt, int i)
{
    const unsigned char *p = sqlite3_column_text(stmt, i);

    return mcp_str_n((const char *)p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, i));
}

mcp_str cost__store_blob(sqlite3_stmt *stmt, int i)
{
    const void *p = sqlite3_column_blob(stmt, i);

    return mcp_str_n(p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, i));
}

static int pragma(sqlite3 *db, const char *sql, int64_t *out, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__store_prepare(db, sql, err);
    int rc;

    if (stmt == NULL)
        return MCP_EDATA;
    rc = cost__store_step(stmt, err);
    if (rc == 1) {
        *out = sqlite3_column_int64(stmt, 0);
        rc = 0;
    }
    sqlite3_finalize(stmt);
    return rc;
}

/* The schema's version; 0 with application 0 is an empty file. */
static int versions(sqlite3 *db, int64_t *application, int64_t *version, struct mcp_error *err)
{
    int rc = pragma(db, "PRAGMA application_id", application, err);

    return rc != 0 ? rc : pragma(db, "PRAGMA user_version", version, err);
}

static int newer(int64_t version, struct mcp_error *err)
{
    mcp_error_word(err, MCP_EDATA, "newer_dataset",
                   "the dataset has schema version %lld, this program knows up to %d",
                   (long long)version, STORE_VERSION);
    return mcp_error_next(err, "Use a newer release of this program, or another --dataset file");
}

int cost__store_check(sqlite3 *db, mcp_str path, struct mcp_error *err)
{
    int64_t application = 0, version = 0;
    int rc = versions(db, &application, &version, err);

    if (rc != 0)
        return rc;
    if (application != STORE_APPLICATION)
        return mcp_error_word(err, MCP_EDATA, "bad_dataset", "%.*s is no dataset",
                              MCP_STR_ARG(path));
    if (version > STORE_VERSION)
        return newer(version, err);
    if (version < STORE_VERSION) {
        mcp_error_word(err, MCP_EDATA, "old_dataset",
                       "%.*s has schema version %lld, this program reads %d", MCP_STR_ARG(path),
                       (long long)version, STORE_VERSION);
        return mcp_error_next(err, "Run import with any delivery: it brings the file up to date");
    }
    return 0;
}

static int migrate(sqlite3 *db, struct mcp_error *err)
{
    int64_t application = 0, version = 0;
    int rc = versions(db, &application, &version, err);
    char sql[96];

    if (rc == 0 && version > STORE_VERSION)
        return newer(version, err);
    if (rc == 0 && application != STORE_APPLICATION) {
        int64_t tables = 0;

        rc = pragma(db, "SELECT count(*) FROM sqlite_master", &tables, err);
        if (rc == 0 && (tables != 0 || version != 0 || application != 0))
            return mcp_error_word(err, MCP_EDATA, "bad_dataset",
                                  "the file is an SQLite database, but no dataset");
    }
    for (; rc == 0 && version < STORE_VERSION; version++)
        rc = cost__store_exec(db, steps[version], err);
    sqlite3_snprintf(sizeof(sql), sql, "PRAGMA application_id=%d; PRAGMA user_version=%d",
                     STORE_APPLICATION, STORE_VERSION);
    return rc != 0 ? rc : cost__store_exec(db, sql, err);
}

int cost__store_open(const char *path, sqlite3 **out, struct mcp_error *err)
{
    sqlite3 *db = NULL;
    int rc;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        rc = cost__store_failed(db, "open the dataset's copy", err);
        sqlite3_close(db);
        return rc;
    }
    rc = cost__store_exec(db,
                          "PRAGMA page_size=16384; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                          "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-2048; BEGIN",
                          err);
    if (rc == 0)
        rc = migrate(db, err);
    if (rc != 0) {
        sqlite3_close(db);
        return rc;
    }
    *out = db;
    return 0;
}
