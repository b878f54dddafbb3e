/* A query under construction: its text, which holds no outside value, and its named parameters. */
#include "sql.h"

#include <mcp/date.h>
#include <mcp/json_writer.h>

#include <stdarg.h>

static void release(void *buf)
{
    mcp_buf_release(buf);
}

static struct mcp_buf *buffer(struct mcp_arena *arena)
{
    struct mcp_buf *buf = MCP_ARENA_NEW(arena, struct mcp_buf);

    mcp_buf_init(buf, GCP_SQL_MAX_BYTES);
    mcp_arena_defer(arena, release, buf);
    return buf;
}

void gcp_sql_init(struct gcp_sql *sql, struct mcp_arena *arena)
{
    *sql = (struct gcp_sql){ .arena = arena, .text = buffer(arena), .params = buffer(arena) };
}

void gcp_sql_put(struct gcp_sql *sql, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    mcp_buf_vprintf(sql->text, fmt, ap);
    va_end(ap);
}

/* {"name":..,"parameterType":{"type":TYPE},"parameterValue":{"value":..}}; scalars are strings. */
static void scalar(struct gcp_sql *sql, const char *name, const char *type, mcp_str value)
{
    struct mcp_jsonw w;

    if (sql->params->len > 0)
        mcp_buf_char(sql->params, ',');
    mcp_jsonw_init(&w, sql->params);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "name", name);
    mcp_jsonw_kobject(&w, "parameterType");
    mcp_jsonw_kz(&w, "type", type);
    mcp_jsonw_end(&w);
    mcp_jsonw_kobject(&w, "parameterValue");
    if (!mcp_str_is_null(value))
        mcp_jsonw_kstr(&w, "value", value);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}

void gcp_sql_date(struct gcp_sql *sql, const char *name, int32_t day)
{
    char text[MCP_DATE_LEN + 1];

    mcp_date_format(day, text);
    scalar(sql, name, "DATE", mcp_str_n(text, MCP_DATE_LEN));
}

void gcp_sql_int(struct gcp_sql *sql, const char *name, int64_t value)
{
    scalar(sql, name, "INT64", mcp_arena_printf(sql->arena, "%lld", (long long)value));
}

void gcp_sql_string(struct gcp_sql *sql, const char *name, mcp_str value)
{
    scalar(sql, name, "STRING", value);
}

void gcp_sql_strings(struct gcp_sql *sql, const char *name, const mcp_str *values, size_t n)
{
    struct mcp_jsonw w;

    if (sql->params->len > 0)
        mcp_buf_char(sql->params, ',');
    mcp_jsonw_init(&w, sql->params);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "name", name);
    mcp_jsonw_kraw(&w, "parameterType",
                   MCP_STR("{\"type\":\"ARRAY\",\"arrayType\":{\"type\":\"STRING\"}}"));
    mcp_jsonw_kobject(&w, "parameterValue");
    mcp_jsonw_karray(&w, "arrayValues");
    for (size_t i = 0; i < n; i++) {
        mcp_jsonw_object(&w);
        mcp_jsonw_kstr(&w, "value", values[i]);
        mcp_jsonw_end(&w);
    }
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}

int gcp_sql_error(const struct gcp_sql *sql, struct mcp_error *err)
{
    int rc = mcp_buf_error(sql->text);

    if (rc == 0)
        rc = mcp_buf_error(sql->params);
    if (rc < 0) {
        mcp_error_set(err, (enum mcp_err)rc, "the query is longer than BigQuery takes (1 MiB)");
        mcp_error_next(err, "Use fewer filter values.");
    }
    return rc;
}

/* ---- identifiers ---- */

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

/* my-project-1, or the older example.com:my-project. */
bool gcp_is_project(mcp_str s)
{
    mcp_str domain, rest = s;

    if (mcp_str_cut(&rest, ':', &domain)) {
        if (domain.len == 0 || domain.len > 253)
            return false;
        for (size_t i = 0; i < domain.len; i++) {
            char c = domain.ptr[i];

            if (!is_lower(c) && !is_digit(c) && c != '.' && c != '-')
                return false;
        }
        s = rest;
    }
    if (s.len < 4 || s.len > 30 || !is_lower(s.ptr[0]) || s.ptr[s.len - 1] == '-')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_lower(s.ptr[i]) && !is_digit(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    }
    return true;
}

static bool is_name(mcp_str s, bool dashes)
{
    if (s.len == 0 || s.len > 1024)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_word(s.ptr[i]) && !(dashes && s.ptr[i] == '-'))
            return false;
    }
    return true;
}

bool gcp_is_dataset(mcp_str s)
{
    return is_name(s, false);
}

bool gcp_is_table(mcp_str s)
{
    return is_name(s, true);
}
