/* get_costs as JSON: the original shape first, then the evidence. */
#include <cost/writer.h>

#include "bridge.h"
#include "put.h"

struct writing {
    struct mcp_jsonw w;
    const struct cost_result *r;
    mcp_str dimension; /* all keys in one text */
    mcp_str names[COST_MAX_KEYS];
    bool mixed; /* several currencies */
};

static bool compares(const struct writing *x)
{
    return x->r->query.compare != COST_COMPARE_NONE;
}

/* previous, change, change_pct; cost unknown: change is too. */
static int put_change(struct writing *x, const struct cost_measure *cost,
                      struct cost_money previous, struct mcp_error *err)
{
    struct cost_money change = cost->sum;
    char text[COST_MONEY_TEXT];

    if (cost_money_sub(&change, previous) < 0)
        return mcp_error_set(err, MCP_ERANGE, "A change is beyond 1.7e20.");
    cost__put_money(&x->w, "previous", previous);
    if (cost_measure_is_null(cost)) {
        mcp_jsonw_knull(&x->w, "change");
        mcp_jsonw_knull(&x->w, "change_pct");
        return 0;
    }
    cost__put_money(&x->w, "change", change);
    if (cost_money_percent(change, previous, text))
        mcp_jsonw_kraw(&x->w, "change_pct", mcp_str_z(text));
    else
        mcp_jsonw_knull(&x->w, "change_pct");
    return 0;
}

/* A project mixes a dozen units: more than a few tell nothing, and they would fill the answer. */
#define UNITS_SHOWN 4

static void put_quantities(struct mcp_jsonw *w, const struct cost_quantity *q, size_t n)
{
    if (n == 1) {
        cost__put_money(w, "usage_quantity", q[0].sum);
        mcp_jsonw_kstr(w, "usage_unit", q[0].unit);
        return;
    }
    mcp_jsonw_knull(w, "usage_quantity");
    mcp_jsonw_knull(w, "usage_unit");
    if (n == 0)
        return;
    mcp_jsonw_karray(w, "units");
    for (size_t i = 0; i < n && i < UNITS_SHOWN; i++) {
        mcp_jsonw_array(w);
        mcp_jsonw_str(w, q[i].unit);
        cost__put_amount(w, q[i].sum);
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
    if (n > UNITS_SHOWN)
        mcp_jsonw_kint(w, "units_total", (int64_t)n);
}

static bool is_none(const struct writing *x, const struct cost_group *g)
{
    for (size_t i = 0; i < x->r->query.n_keys; i++) {
        if (!mcp_str_is_null(g->keys[i].value))
            return false;
    }
    return x->r->query.n_keys > 0;
}

static void put_keys(struct writing *x, const struct cost_group *g)
{
    mcp_str provider = MCP_STR_NULL;
    bool own = false;

    mcp_jsonw_kobject(&x->w, "keys");
    for (size_t i = 0; i < x->r->query.n_keys; i++) {
        mcp_jsonw_key(&x->w, x->names[i]);
        mcp_jsonw_str(&x->w, g->keys[i].value);
        if (!mcp_str_is_null(g->keys[i].provider))
            provider = g->keys[i].provider;
        own = own || x->r->query.keys[i].dim == COST_DIM_PROVIDER;
    }
    if (!own)
        cost__put_some(&x->w, "provider", provider);
    mcp_jsonw_end(&x->w);
}

static int put_row(struct writing *x, const struct cost_block_result *b, const struct cost_group *g,
                   struct mcp_error *err)
{
    struct mcp_jsonw *w = &x->w;
    const struct cost_query *q = &x->r->query;
    char share[COST_MONEY_TEXT];
    bool labelled;
    mcp_str label = cost__key_text(g->keys, q->n_keys, true, x->r->arena, &labelled);
    int rc = 0;

    mcp_jsonw_object(w);
    mcp_jsonw_kstr(w, "dimension", x->dimension);
    mcp_jsonw_kstr(w, "value", cost__key_text(g->keys, q->n_keys, false, x->r->arena, NULL));
    cost__put_measure(w, "cost", &g->cost);
    if (x->mixed)
        mcp_jsonw_kstr(w, "currency", b->currency);
    put_quantities(w, g->quantities, g->n_quantities);
    put_keys(x, g);
    mcp_jsonw_kz(w, "kind", is_none(x, g) ? "none" : "group");
    if (labelled)
        mcp_jsonw_kstr(w, "label", label);
    if (!x->mixed && !cost_measure_is_null(&g->cost) &&
        cost_money_share(g->cost.sum, b->total.sum, share))
        mcp_jsonw_kraw(w, "share", mcp_str_z(share));
    else
        mcp_jsonw_knull(w, "share");
    if (q->metric != COST_EFFECTIVE && g->effective.rows > 0 &&
        (cost_measure_is_null(&g->effective) || cost_money_cmp(g->effective.sum, g->cost.sum) != 0))
        cost__put_measure(w, "effective", &g->effective);
    if (g->cost.rows_unknown > 0) {
        mcp_jsonw_kint(w, "rows_unknown", (int64_t)g->cost.rows_unknown);
        cost__put_money(w, "unknown_billed", g->cost.unknown_billed);
    }
    if (compares(x))
        rc = put_change(x, &g->cost, g->previous, err);
    mcp_jsonw_end(w);
    return rc;
}

static int put_breakdown(struct writing *x, struct mcp_error *err)
{
    int rc = 0;

    mcp_jsonw_karray(&x->w, "breakdown");
    for (size_t i = 0; rc == 0 && i < x->r->n_blocks; i++) {
        const struct cost_block_result *b = &x->r->blocks[i];

        for (size_t k = 0; rc == 0 && k < b->n_groups; k++)
            rc = put_row(x, b, &b->groups[k], err);
    }
    mcp_jsonw_end(&x->w);
    return rc;
}

/* ---- series ---- */

static bool any_provider(const struct cost_result *r)
{
    for (size_t i = 0; i < r->n_blocks; i++) {
        for (size_t k = 0; k < r->blocks[i].n_groups; k++) {
            for (size_t j = 0; j < r->query.n_keys; j++) {
                if (!mcp_str_is_null(r->blocks[i].groups[k].keys[j].provider))
                    return true;
            }
        }
    }
    return false;
}

static void put_points(struct writing *x, const struct cost_block_result *b,
                       const struct cost_point *points, const struct cost_group *g, bool provider)
{
    struct mcp_jsonw *w = &x->w;

    for (size_t i = 0; points != NULL && i < b->n_buckets; i++) {
        char period[COST__PERIOD_TEXT];
        mcp_str p = MCP_STR_NULL;

        if (!points[i].any)
            continue;
        cost__period_text(points[i].start, x->r->query.granularity, period);
        mcp_jsonw_array(w);
        mcp_jsonw_str(w, mcp_str_z(period));
        for (size_t k = 0; g != NULL && k < x->r->query.n_keys; k++) {
            mcp_jsonw_str(w, g->keys[k].value);
            if (!mcp_str_is_null(g->keys[k].provider))
                p = g->keys[k].provider;
        }
        if (provider)
            mcp_jsonw_str(w, p);
        cost__put_amount(w, points[i].cost);
        if (x->mixed)
            mcp_jsonw_str(w, b->currency);
        mcp_jsonw_end(w);
    }
}

/* Buckets without rows are left out: their cost is not known to be 0. */
static void put_series(struct writing *x)
{
    const struct cost_query *q = &x->r->query;
    bool groups = !q->series_total_only, provider = groups && any_provider(x->r);
    struct mcp_jsonw *w = &x->w;

    if (q->granularity == COST_TOTAL)
        return;
    mcp_jsonw_kobject(w, "series");
    mcp_jsonw_karray(w, "columns");
    mcp_jsonw_str(w, MCP_STR("period"));
    for (size_t i = 0; groups && i < q->n_keys; i++)
        mcp_jsonw_str(w, x->names[i]);
    if (provider)
        mcp_jsonw_str(w, MCP_STR("provider"));
    mcp_jsonw_str(w, MCP_STR("cost"));
    if (x->mixed)
        mcp_jsonw_str(w, MCP_STR("currency"));
    mcp_jsonw_end(w);
    mcp_jsonw_karray(w, "rows");
    for (size_t i = 0; i < x->r->n_blocks; i++) {
        const struct cost_block_result *b = &x->r->blocks[i];

        if (!groups)
            put_points(x, b, b->points, NULL, false);
        for (size_t k = 0; groups && k < b->n_groups; k++)
            put_points(x, b, b->groups[k].points, &b->groups[k], provider);
    }
    mcp_jsonw_end(w);
    mcp_jsonw_end(w);
}

/* ---- one currency's evidence ---- */

static void put_totals(struct writing *x, const struct cost_block_result *b)
{
    struct mcp_jsonw *w = &x->w;

    mcp_jsonw_kobject(w, "totals");
    cost__put_measure(w, "billed", &b->totals[COST_BILLED]);
    cost__put_measure(w, "effective", &b->totals[COST_EFFECTIVE]);
    cost__put_money(w, "tax", b->tax);
    cost__put_money(w, "credits", b->credits);
    cost__put_money(w, "adjustments", b->adjustments);
    if (x->r->query.metric == COST_LIST || x->r->query.metric == COST_CONTRACTED) {
        cost__put_measure(w, "list", &b->totals[COST_LIST]);
        cost__put_measure(w, "contracted", &b->totals[COST_CONTRACTED]);
        mcp_jsonw_kbool(w, "not_for_savings", true);
    }
    mcp_jsonw_end(w);
}

/* A part of the total: where nothing of that is known, nothing is of its parts. */
static void put_part(struct mcp_jsonw *w, const char *key, const struct cost_block_result *b,
                     struct cost_money part)
{
    if (cost_measure_is_null(&b->total))
        mcp_jsonw_knull(w, key);
    else
        cost__put_money(w, key, part);
}

static void put_rest(struct writing *x, const struct cost_block_result *b)
{
    struct mcp_jsonw *w = &x->w;

    mcp_jsonw_kobject(w, "other");
    mcp_jsonw_kint(w, "groups", (int64_t)b->other_groups);
    put_part(w, "cost", b, b->other_cost);
    put_part(w, "positive", b, b->other_positive);
    put_part(w, "negative", b, b->other_negative);
    if (compares(x))
        cost__put_money(w, "previous", b->other_previous);
    mcp_jsonw_end(w);
    mcp_jsonw_kobject(w, "before");
    mcp_jsonw_kint(w, "groups", (int64_t)b->before_groups);
    put_part(w, "cost", b, b->before_cost);
    if (compares(x))
        cost__put_money(w, "previous", b->before_previous);
    mcp_jsonw_end(w);
}

static void put_check(struct writing *x, const struct cost_block_result *b)
{
    struct mcp_jsonw *w = &x->w;

    mcp_jsonw_kobject(w, "check");
    cost__put_money_text(w, "total", b->total.sum);
    cost__put_money_text(w, "parts", b->parts_total);
    cost__put_money_text(w, "other", b->other_cost);
    cost__put_money_text(w, "none", b->none_cost);
    mcp_jsonw_kz(w, "residual", "0"); /* cost_result_check has seen to it */
    mcp_jsonw_kz(w, "path", b->check_path);
    mcp_jsonw_end(w);
}

static void put_chain(struct mcp_jsonw *w, const char *name, const struct cost__chain *chain)
{
    mcp_jsonw_kobject(w, name);
    for (size_t i = 0; i < chain->n; i++) {
        if (chain->steps[i].known)
            cost__put_money(w, chain->steps[i].name, chain->steps[i].amount);
        else
            mcp_jsonw_knull(w, chain->steps[i].name);
    }
    mcp_jsonw_end(w);
}

static void put_text_number(struct mcp_jsonw *w, const char *key, bool known, const char *text)
{
    if (known)
        mcp_jsonw_kraw(w, key, mcp_str_z(text));
    else
        mcp_jsonw_knull(w, key);
}

static int put_bridge(struct writing *x, const struct cost_block_result *b, struct mcp_error *err)
{
    struct mcp_jsonw *w = &x->w;
    struct cost__bridge bridge;
    int rc = cost__bridge_build(&b->bridge, &bridge, err);

    if (rc < 0)
        return rc;
    mcp_jsonw_kobject(w, "bridge");
    put_chain(w, "invoice", &bridge.invoice);
    put_chain(w, "accrual", &bridge.accrual);
    put_chain(w, "link", &bridge.link);
    mcp_jsonw_kobject(w, "of_which_refunds");
    cost__put_money(w, "billed", bridge.refunds_billed);
    cost__put_money(w, "effective", bridge.refunds_effective);
    mcp_jsonw_end(w);
    if (b->n_credit_types > 0) {
        mcp_jsonw_kobject(w, "credits_by_type");
        for (size_t i = 0; i < b->n_credit_types; i++) {
            mcp_jsonw_key(w, b->credit_types[i].type);
            cost__put_amount(w, b->credit_types[i].amount);
        }
        mcp_jsonw_end(w);
    }
    mcp_jsonw_kobject(w, "commitments");
    put_text_number(w, "coverage", bridge.has_coverage, bridge.coverage);
    put_text_number(w, "utilisation", bridge.has_utilisation, bridge.utilisation);
    mcp_jsonw_end(w);
    mcp_jsonw_end(w);
    return 0;
}

static int put_tags(struct writing *x, const struct cost_block_result *b, struct mcp_error *err)
{
    struct mcp_jsonw *w = &x->w;
    struct cost_money whole = b->tagged;
    char text[COST_MONEY_TEXT];

    if (!b->has_tag_split)
        return 0;
    if (cost_money_add(&whole, b->untagged) < 0)
        return mcp_error_set(err, MCP_ERANGE, "A sum is beyond 1.7e20.");
    mcp_jsonw_kobject(w, "tags");
    cost__put_money(w, "tagged", b->tagged);
    cost__put_money(w, "untagged", b->untagged);
    cost__put_money(w, "untaggable", b->untaggable);
    put_text_number(w, "coverage", cost_money_share(b->tagged, whole, text), text);
    mcp_jsonw_end(w);
    return 0;
}

static int put_block(struct writing *x, const struct cost_block_result *b, struct mcp_error *err)
{
    struct mcp_jsonw *w = &x->w;
    int rc = 0;

    if (compares(x))
        rc = put_change(x, &b->total, b->previous_total, err);
    if (b->is_virtual)
        mcp_jsonw_kbool(w, "virtual", true);
    put_totals(x, b);
    put_rest(x, b);
    put_check(x, b);
    if (rc == 0 && x->r->query.bridge)
        rc = put_bridge(x, b, err);
    if (rc == 0)
        rc = put_tags(x, b, err);
    if (b->total.rows_unknown > 0) {
        mcp_jsonw_kint(w, "rows_unknown", (int64_t)b->total.rows_unknown);
        cost__put_money(w, "unknown_billed", b->total.unknown_billed);
    }
    mcp_jsonw_kobject(w, "spanning");
    mcp_jsonw_kint(w, "rows", (int64_t)b->spanning_rows);
    put_part(w, "cost", b, b->spanning_cost);
    mcp_jsonw_end(w);
    if (b->later_rows > 0) {
        mcp_jsonw_kobject(w, "later_billing_periods");
        mcp_jsonw_kint(w, "rows", (int64_t)b->later_rows);
        put_part(w, "cost", b, b->later_cost);
        mcp_jsonw_end(w);
    }
    return rc;
}

static int put_currencies(struct writing *x, struct mcp_error *err)
{
    int rc = 0;

    mcp_jsonw_karray(&x->w, "currencies");
    for (size_t i = 0; rc == 0 && i < x->r->n_blocks; i++) {
        const struct cost_block_result *b = &x->r->blocks[i];

        mcp_jsonw_object(&x->w);
        mcp_jsonw_kstr(&x->w, "currency", b->currency);
        cost__put_measure(&x->w, "total_cost", &b->total);
        rc = put_block(x, b, err);
        mcp_jsonw_end(&x->w);
    }
    mcp_jsonw_end(&x->w);
    return rc;
}

static void put_variants(struct writing *x)
{
    struct mcp_jsonw *w = &x->w;

    if (x->r->n_tag_variants == 0)
        return;
    mcp_jsonw_karray(w, "tag_key_variants");
    for (size_t i = 0; i < x->r->n_tag_variants; i++) {
        const struct cost_tag_variant *v = &x->r->tag_variants[i];

        mcp_jsonw_object(w);
        mcp_jsonw_kstr(w, "key", v->key);
        mcp_jsonw_kstr(w, "currency", v->currency);
        cost__put_money(w, "cost", v->cost);
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
}

static void prepare(struct writing *x)
{
    const struct cost_query *q = &x->r->query;

    x->mixed = x->r->n_blocks > 1;
    x->dimension = MCP_STR("");
    for (size_t i = 0; i < q->n_keys; i++) {
        x->names[i] = cost__key_name(&q->keys[i], x->r->arena);
        x->dimension = i == 0
                           ? x->names[0]
                           : mcp_arena_printf(x->r->arena, "%.*s, %.*s", MCP_STR_ARG(x->dimension),
                                              MCP_STR_ARG(x->names[i]));
    }
}

int cost_write_costs(const struct cost_result *r, struct mcp_buf *json, size_t *age_at,
                     struct mcp_error *err)
{
    struct writing x = { .r = r };
    struct mcp_jsonw *w = &x.w;
    const struct cost_block_result *only = r->n_blocks == 1 ? &r->blocks[0] : NULL;
    int rc = cost_result_check(r, err);

    if (rc < 0)
        return rc;
    prepare(&x);
    mcp_jsonw_init(w, json);
    mcp_jsonw_object(w);
    mcp_jsonw_kstr(w, "provider", r->provider);
    mcp_jsonw_kstr(w, "currency", only != NULL ? only->currency : MCP_STR_NULL);
    cost__put_time_period(w, r);
    if (only != NULL)
        cost__put_measure(w, "total_cost", &only->total);
    else
        mcp_jsonw_knull(w, "total_cost");
    rc = put_breakdown(&x, err);
    mcp_jsonw_kz(w, "metric", cost_metric_name(r->query.metric));
    mcp_jsonw_kz(w, "basis", r->query.basis == COST_INVOICE ? "invoice" : "usage");
    put_series(&x);
    if (rc == 0 && only != NULL)
        rc = put_block(&x, only, err);
    if (rc == 0 && x.mixed)
        rc = put_currencies(&x, err);
    put_variants(&x);
    cost__put_tail(w, r, age_at);
    mcp_jsonw_end(w);
    return rc < 0 ? rc : cost__put_done(json, err);
}
