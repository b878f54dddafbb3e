/* JSON members that the four answers share. */
#include "put.h"

#include <cost/writer.h>
#include <mcp/date.h>

/* What changes when an answer comes out of a cache. */
static const char age_fresh[] = "\"cached\":false,\"age_s\":0";
static const char age_cached[] = "\"cached\":true,\"age_s\":";

void cost__put_amount(struct mcp_jsonw *w, struct cost_money m)
{
    char text[COST_MONEY_TEXT];

    mcp_jsonw_raw(w, mcp_str_n(text, cost_money_format(m, text)));
}

void cost__put_money(struct mcp_jsonw *w, const char *key, struct cost_money m)
{
    char text[COST_MONEY_TEXT];

    mcp_jsonw_kraw(w, key, mcp_str_n(text, cost_money_format(m, text)));
}

void cost__put_measure(struct mcp_jsonw *w, const char *key, const struct cost_measure *m)
{
    if (cost_measure_is_null(m))
        mcp_jsonw_knull(w, key);
    else
        cost__put_money(w, key, m->sum);
}

void cost__put_money_text(struct mcp_jsonw *w, const char *key, struct cost_money m)
{
    char text[COST_MONEY_TEXT];

    mcp_jsonw_kstr(w, key, mcp_str_n(text, cost_money_format(m, text)));
}

void cost__put_date(struct mcp_jsonw *w, const char *key, int32_t day)
{
    char text[MCP_DATE_LEN + 1];

    mcp_date_format(day, text);
    mcp_jsonw_kstr(w, key, mcp_str_n(text, MCP_DATE_LEN));
}

void cost__put_range(struct mcp_jsonw *w, const char *key, const struct cost_range *r)
{
    mcp_jsonw_kobject(w, key);
    cost__put_date(w, "start", r->start);
    cost__put_date(w, "end", r->end);
    mcp_jsonw_end(w);
}

void cost__put_some(struct mcp_jsonw *w, const char *key, mcp_str s)
{
    if (!mcp_str_is_null(s))
        mcp_jsonw_kstr(w, key, s);
}

void cost__put_list(struct mcp_jsonw *w, const char *key, const mcp_str *list, size_t n)
{
    mcp_jsonw_karray(w, key);
    for (size_t i = 0; i < n; i++)
        mcp_jsonw_str(w, list[i]);
    mcp_jsonw_end(w);
}

void cost__put_time_period(struct mcp_jsonw *w, const struct cost_result *r)
{
    const struct cost_query *q = &r->query;

    mcp_jsonw_kobject(w, "time_period");
    cost__put_date(w, "start", q->range.start);
    cost__put_date(w, "end", q->range.end);
    cost__put_date(w, "end_exclusive", q->range.end + 1);
    mcp_jsonw_kz(w, "granularity", cost_granularity_name(q->granularity));
    mcp_jsonw_kstr(w, "timezone", r->timezone);
    cost__put_date(w, "today", q->today);
    if (q->period_defaulted)
        mcp_jsonw_kbool(w, "period_defaulted", true);
    if (q->cut_to_data || q->widened)
        cost__put_range(w, "asked", &q->asked);
    if (q->compare != COST_COMPARE_NONE)
        cost__put_range(w, "compared", &q->compared);
    mcp_jsonw_end(w);
}

static void put_day(struct mcp_jsonw *w, int32_t day)
{
    char text[MCP_DATE_LEN + 1];

    mcp_date_format(day, text);
    mcp_jsonw_str(w, day == INT32_MIN ? MCP_STR_NULL : mcp_str_n(text, MCP_DATE_LEN));
}

/* Header once, rows as arrays: slices would otherwise take a sixth of a default answer. */
static void put_slices(struct mcp_jsonw *w, const struct cost_result *r)
{
    static const char columns[] =
        "[\"source\",\"provider\",\"billing_account\",\"start\",\"end\",\"data_through\","
        "\"complete\",\"closed\"]";

    mcp_jsonw_kobject(w, "slices");
    mcp_jsonw_kraw(w, "columns", mcp_str_n(columns, sizeof(columns) - 1));
    mcp_jsonw_karray(w, "rows");
    for (size_t i = 0; i < r->n_slices && i < 5; i++) {
        const struct cost_slice_info *s = &r->slices[i];

        mcp_jsonw_array(w);
        mcp_jsonw_str(w, s->source);
        mcp_jsonw_str(w, s->provider);
        mcp_jsonw_str(w, s->billing_account);
        put_day(w, s->period_start);
        put_day(w, s->period_end);
        put_day(w, s->data_through);
        mcp_jsonw_bool(w, s->complete);
        if (s->closed < 0)
            mcp_jsonw_null(w);
        else
            mcp_jsonw_bool(w, s->closed != 0);
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
    mcp_jsonw_end(w);
    mcp_jsonw_kint(w, "slices_total", (int64_t)r->slices_total);
}

static void put_freshness(struct mcp_jsonw *w, const struct cost_result *r)
{
    mcp_jsonw_kobject(w, "freshness");
    mcp_jsonw_key(w, MCP_STR("data_through"));
    put_day(w, r->has_data_through ? r->data_through : INT32_MIN);
    if (r->exported_at > 0) {
        char text[MCP_INSTANT_LEN + 1];

        mcp_instant_format(r->exported_at, text);
        mcp_jsonw_kz(w, "exported_at", text);
    }
    if (r->n_freshness > 1) {
        mcp_jsonw_kobject(w, "providers");
        for (size_t i = 0; i < r->n_freshness; i++) {
            mcp_jsonw_key(w, r->freshness[i].provider);
            put_day(w, r->freshness[i].data_through);
        }
        mcp_jsonw_end(w);
    }
    if (r->n_slices > 0)
        put_slices(w, r);
    if (r->has_available)
        cost__put_range(w, "available", &r->available);
    mcp_jsonw_end(w);
}

static void put_source(struct mcp_jsonw *w, const struct cost_result *r, size_t *age_at)
{
    struct cost_money price;

    mcp_jsonw_kobject(w, "source");
    mcp_jsonw_kstr(w, "backend", r->backend);
    cost__put_some(w, "native_metric", r->native_metric);
    mcp_jsonw_kint(w, "requests", (int64_t)r->requests);
    if (cost_money_parse(r->price_usd, &price, NULL) == 0)
        cost__put_money(w, "price_usd", price);
    else
        mcp_jsonw_knull(w, "price_usd");
    mcp_jsonw_kint(w, "bytes_scanned", (int64_t)r->bytes_scanned);
    if (age_at != NULL)
        *age_at = w->buf->len + 1; /* behind the comma */
    mcp_jsonw_kbool(w, "cached", false);
    mcp_jsonw_kint(w, "age_s", 0);
    mcp_jsonw_end(w);
}

static void put_warnings(struct mcp_jsonw *w, const struct cost_result *r)
{
    mcp_jsonw_karray(w, "warnings");
    for (size_t i = 0; i < r->n_warnings; i++) {
        const struct cost_warning *x = &r->warnings[i];

        mcp_jsonw_object(w);
        mcp_jsonw_kz(w, "code", x->code);
        mcp_jsonw_kstr(w, "text", x->text);
        if (x->next.len > 0)
            mcp_jsonw_kstr(w, "next", x->next);
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
}

void cost__put_tail(struct mcp_jsonw *w, const struct cost_result *r, size_t *age_at)
{
    put_freshness(w, r);
    put_source(w, r, age_at);
    mcp_jsonw_kobject(w, "scope");
    cost__put_list(w, "providers", r->providers, r->n_providers);
    if (r->n_contains > 0)
        cost__put_list(w, "contains", r->contains, r->n_contains);
    if (r->n_overlaps > 0)
        cost__put_list(w, "overlaps_with", r->overlaps_with, r->n_overlaps);
    mcp_jsonw_end(w);
    put_warnings(w, r);
    mcp_jsonw_kstr(w, "next_cursor", r->next_cursor);
}

void cost_age_split(mcp_str json, size_t age_at, struct mcp_arena *arena, mcp_str *head,
                    mcp_str *tail)
{
    size_t fresh = sizeof(age_fresh) - 1;

    MCP_BUG_ON(age_at > json.len || json.len - age_at < fresh ||
               memcmp(json.ptr + age_at, age_fresh, fresh) != 0);
    *head = mcp_arena_printf(arena, "%.*s%s", (int)age_at, json.ptr, age_cached);
    *tail = mcp_str_n(json.ptr + age_at + fresh, json.len - age_at - fresh);
}

void cost__period_text(int64_t start, enum cost_granularity g, char out[COST__PERIOD_TEXT])
{
    if (g == COST_HOURLY) {
        mcp_instant_format(start, out);
        return;
    }
    mcp_date_format(mcp_instant_date(start), out);
    if (g == COST_MONTHLY)
        out[7] = '\0';
}

mcp_str cost__key_name(const struct cost_key_spec *spec, struct mcp_arena *arena)
{
    if (spec->dim == COST_DIM_TAG)
        return mcp_arena_printf(arena, "tag:%.*s", MCP_STR_ARG(spec->tag_key));
    return mcp_str_z(cost_dim_name(spec->dim));
}

mcp_str cost__key_text(const struct cost_key *keys, size_t n, bool label, struct mcp_arena *arena,
                       bool *labelled)
{
    mcp_str text = MCP_STR("(all)");
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        mcp_str one = keys[i].value;

        if (mcp_str_is_null(one)) {
            one = MCP_STR("(none)");
        } else if (label && one.len == 0) {
            one = MCP_STR("\"\""); /* an empty value is one, too */
        } else if (label && keys[i].label.len > 0 && !mcp_str_eq(keys[i].label, one)) {
            one = keys[i].label;
            any = true;
        }
        text = i == 0 ? one
                      : mcp_arena_printf(arena, "%.*s / %.*s", MCP_STR_ARG(text), MCP_STR_ARG(one));
    }
    if (labelled != NULL)
        *labelled = any;
    return text;
}

int cost__put_done(const struct mcp_buf *buf, struct mcp_error *err)
{
    int rc = mcp_buf_error(buf);

    if (rc < 0)
        mcp_error_set(err, (enum mcp_err)rc, "The answer is too long for its buffer.");
    return rc;
}
