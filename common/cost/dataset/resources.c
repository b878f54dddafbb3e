/* get_resources over a snapshot: cost, first and last day, and attributes of each resource. */
#include "costs.h"
#include "filter.h"
#include "freshness.h"
#include "kubernetes.h"
#include "names.h"
#include "row_view.h"

#include <stdlib.h>

#define MAX_RESOURCES 1500000
#define DAY 86400

/* What a row says of its resource besides the cost; the latest row wins. */
static const enum cost_col attributes[] = { COST_COL_RESOURCE_TYPE, COST_COL_REGION,
                                            COST_COL_PROJECT,       COST_COL_SERVICE,
                                            COST_COL_PROVIDER,      COST_COL_TAGS };
enum { ATTR_TYPE, ATTR_REGION, ATTR_PROJECT, ATTR_SERVICE, ATTR_PROVIDER, ATTR_TAGS, N_ATTRS };

/* A resource in one currency. A row with an AllocatedResourceId belongs to that one, whose parent
 * is the row's ResourceId: so each cost shows once. */
struct item {
    uint32_t id, currency;
    uint32_t parent; /* id of COST_COL_RESOURCE, of allocated ones */
    bool allocated; /* id is one of COST_COL_ALLOCATED_RESOURCE */
    uint32_t attr[N_ATTRS];
    int32_t first, last;
    uint64_t rows, unknown;
    __int128 sum;
};

struct listing {
    struct cost_view view;
    struct cost_query *query;
    struct cost_resources *out;
    struct mcp_arena *arena;
    struct cost_preds preds;
    struct cost_row_view rows;
    struct item *items; /* owned, heap */
    size_t n, size;
    uint32_t *table; /* owned, heap */
    size_t table_size;
    struct cost_resource_total *totals; /* in arena, by currency id */
    uint64_t *total_rows;
    size_t n_totals;
};

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

static size_t hash_of(uint32_t id, uint32_t currency, bool allocated)
{
    struct cost_cell_key key = { { (uint64_t)currency << 32 | id, allocated } };

    return cost__key_hash(&key);
}

static int grow(struct listing *l)
{
    size_t size = l->size == 0 ? 256 : l->size * 2, table_size = size * 2;
    struct item *items;
    uint32_t *table;

    if (l->n == MAX_RESOURCES)
        return MCP_ETOOBIG;
    items = realloc(l->items, size * sizeof(*items));
    if (items == NULL)
        return MCP_ENOMEM;
    l->items = items;
    table = calloc(table_size, sizeof(*table));
    if (table == NULL)
        return MCP_ENOMEM;
    for (size_t i = 0; i < l->n; i++) {
        size_t at = hash_of(items[i].id, items[i].currency, items[i].allocated) & (table_size - 1);

        while (table[at] != 0)
            at = (at + 1) & (table_size - 1);
        table[at] = (uint32_t)i + 1;
    }
    free(l->table);
    l->table = table;
    l->table_size = table_size;
    l->size = size;
    return 0;
}

static struct item *item_of(struct listing *l, uint32_t id, uint32_t currency, bool allocated)
{
    size_t at;

    if (l->n == l->size && grow(l) < 0)
        return NULL;
    at = hash_of(id, currency, allocated) & (l->table_size - 1);
    for (; l->table[at] != 0; at = (at + 1) & (l->table_size - 1)) {
        struct item *item = &l->items[l->table[at] - 1];

        if (item->id == id && item->currency == currency && item->allocated == allocated)
            return item;
    }
    l->items[l->n] = (struct item){ .id = id,
                                    .currency = currency,
                                    .allocated = allocated,
                                    .first = INT32_MAX,
                                    .last = INT32_MIN };
    l->table[at] = (uint32_t)l->n + 1;
    return &l->items[l->n++];
}

static uint32_t listing_cols(void)
{
    uint32_t cols = COST_COL_BIT(COST_COL_RESOURCE) | COST_COL_BIT(COST_COL_ALLOCATED_RESOURCE) |
                    COST_COL_BIT(COST_COL_CURRENCY);

    for (size_t i = 0; i < N_ATTRS; i++)
        cols |= COST_COL_BIT(attributes[i]);
    return cols;
}

static int listing_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                         struct cost_block *block, struct mcp_error *err)
{
    struct listing *l = ctx;

    (void)kind;
    return cost__row_view_open(&l->rows, slice, block, listing_cols(), l->query->metric, err);
}

/* The row's cost into the currency's total; the currency's id, or -1. */
static int64_t add_total(struct listing *l, uint32_t row, bool named, __int128 v)
{
    uint32_t currency = cost__row_id(&l->rows, COST_COL_CURRENCY, row);
    struct cost_resource_total *t;

    if (currency >= l->n_totals)
        return -1;
    t = &l->totals[currency];
    l->total_rows[currency]++;
    if (cost_money_add(&t->cost, (struct cost_money){ v }) < 0 ||
        (!named && cost_money_add(&t->without_resource, (struct cost_money){ v }) < 0))
        return -1;
    return currency;
}

static bool add_row(struct listing *l, struct item *item, uint32_t row, bool null, __int128 v)
{
    int32_t day = cost__row_day(&l->rows, row);

    item->rows++;
    item->unknown += null;
    if (day < item->first)
        item->first = day;
    if (day >= item->last) {
        item->last = day;
        for (size_t i = 0; i < N_ATTRS; i++) {
            uint32_t id = cost__row_id(&l->rows, attributes[i], row);

            if (id != 0)
                item->attr[i] = id;
        }
        if (item->allocated)
            item->parent = cost__row_id(&l->rows, COST_COL_RESOURCE, row);
    }
    return __builtin_add_overflow(item->sum, v, &item->sum);
}

static int listing_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct listing *l = ctx;

    for (size_t i = 0; i < n; i++) {
        uint32_t allocated = cost__row_id(&l->rows, COST_COL_ALLOCATED_RESOURCE, rows[i]);
        uint32_t id =
            allocated != 0 ? allocated : cost__row_id(&l->rows, COST_COL_RESOURCE, rows[i]);
        bool null = cost__column_null(&l->rows.cost, rows[i]);
        struct item *item;
        int64_t currency;
        __int128 v = 0;

        if (!null && cost__column_at(&l->rows.cost, rows[i], &v))
            return overflow(err);
        currency = add_total(l, rows[i], id != 0, v);
        if (currency < 0)
            return overflow(err);
        if (id == 0)
            continue;
        item = item_of(l, id, (uint32_t)currency, allocated != 0);
        if (item == NULL) {
            mcp_error_set(err, MCP_ETOOBIG, "more than %d resources", MAX_RESOURCES);
            return mcp_error_next(err, "Filter by project, service or region.");
        }
        if (add_row(l, item, rows[i], null, v))
            return overflow(err);
    }
    return 0;
}

/* resource_type as one more filter. */
static int filter_type(struct listing *l, struct mcp_error *err)
{
    uint32_t limit = cost__dict_count(l->view.snap, COST_COL_RESOURCE_TYPE) + 1;
    uint64_t *bits = cost__bits_new(l->arena, limit);
    const uint32_t *ids;
    size_t n, n_names;
    const mcp_str *names;
    int rc;

    if (mcp_str_is_null(l->query->resource_type))
        return 0;
    if (bits == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the filters");
    rc = cost__names_find(&l->view, COST_DIM_RESOURCE_TYPE, l->query->resource_type, &ids, &n, err);
    if (rc < 0)
        return rc;
    if (n == 0) {
        rc = cost__names_all(&l->view, COST_COL_RESOURCE_TYPE, &names, &n_names, err);
        if (rc < 0)
            return rc;
        cost_result_unknown_value(l->view.result, "resource_type", l->query->resource_type, names,
                                  n_names);
    }
    for (size_t i = 0; i < n; i++)
        cost__bit_set(bits, ids[i]);
    return cost__preds_add(&l->preds, COST_COL_RESOURCE_TYPE, bits, limit, err);
}

static enum cost_col id_col(const struct item *item)
{
    return item->allocated ? COST_COL_ALLOCATED_RESOURCE : COST_COL_RESOURCE;
}

static int tie(void *ctx, size_t a, size_t b)
{
    const struct listing *l = ctx;
    const struct item *ia = &l->items[a], *ib = &l->items[b];
    mcp_str ta, tb;

    if (cost__dict_text(l->view.snap, id_col(ia), ia->id, &ta, NULL) < 0 ||
        cost__dict_text(l->view.snap, id_col(ib), ib->id, &tb, NULL) < 0)
        return 0;
    return mcp_str_cmp(ta, tb);
}

static int text(const struct listing *l, enum cost_col col, uint32_t id, mcp_str *out,
                struct mcp_error *err)
{
    *out = MCP_STR_NULL;
    return id == 0 ? 0 : cost__dict_text(l->view.snap, col, id, out, err);
}

static int show(struct listing *l, const struct item *item, struct cost_resource *out,
                struct mcp_error *err)
{
    mcp_str *texts[] = { [ATTR_TYPE] = &out->type,
                         [ATTR_REGION] = &out->region,
                         [ATTR_PROJECT] = &out->project,
                         [ATTR_SERVICE] = &out->service,
                         [ATTR_PROVIDER] = &out->provider };
    int rc = text(l, id_col(item), item->id, &out->id, err);

    if (rc == 0)
        rc = cost__dict_label(l->view.snap, id_col(item), item->id, &out->name, err);
    for (size_t i = 0; rc == 0 && i < ATTR_TAGS; i++)
        rc = text(l, attributes[i], item->attr[i], texts[i], err);
    if (rc == 0 && item->attr[ATTR_TAGS] != 0)
        rc = cost__tag_set(l->view.snap, item->attr[ATTR_TAGS], l->arena, &out->tags, &out->n_tags,
                           err);
    if (rc == 0)
        rc = text(l, COST_COL_RESOURCE, item->parent, &out->parent, err);
    if (rc == 0)
        rc = text(l, COST_COL_CURRENCY, item->currency, &out->currency, err);
    out->has_cost = item->unknown < item->rows;
    out->cost = (struct cost_money){ item->sum };
    out->first_seen = item->first;
    out->last_seen = item->last;
    return rc;
}

/* The currencies that occur, most rows first; ids[] gets them in that order. */
static int show_totals(struct listing *l, uint32_t *ids, struct mcp_error *err)
{
    struct cost_resource_total *shown =
        mcp_arena_alloc(l->arena, (l->n_totals + 1) * sizeof(*shown));
    size_t n = 0;

    for (uint32_t c = 0; c < l->n_totals; c++) {
        size_t at = n;

        if (l->total_rows[c] == 0)
            continue;
        for (; at > 0 && l->total_rows[ids[at - 1]] < l->total_rows[c]; at--)
            ids[at] = ids[at - 1];
        ids[at] = c;
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        int rc = text(l, COST_COL_CURRENCY, ids[i], &l->totals[ids[i]].currency, err);

        if (rc < 0)
            return rc;
        shown[i] = l->totals[ids[i]];
    }
    l->out->totals = shown;
    l->out->n_totals = n;
    return 0;
}

/* The page: by cost within each currency, currency after currency. */
static int page(struct listing *l, struct mcp_error *err)
{
    size_t limit = l->query->limit > 0 ? (size_t)l->query->limit : COST_DEFAULT_LIMIT;
    size_t offset = l->query->offset < l->n ? l->query->offset : l->n, done = 0;
    size_t n_page = l->n - offset < limit ? l->n - offset : limit;
    struct cost_resource *items = mcp_arena_try_array(l->arena, n_page + 1, sizeof(*items));
    struct cost_rank_item *order = calloc(l->n + 1, sizeof(*order));
    uint32_t *ids = mcp_arena_alloc(l->arena, (l->n_totals + 1) * sizeof(*ids));
    int rc = show_totals(l, ids, err);

    if (rc == 0 && (items == NULL || order == NULL))
        rc = mcp_error_set(err, MCP_ENOMEM, "no memory for the page");
    for (size_t c = 0; rc == 0 && c < l->out->n_totals; c++) {
        size_t n = 0;

        for (size_t i = 0; i < l->n; i++) {
            if (l->items[i].currency == ids[c])
                order[n++] = (struct cost_rank_item){ { l->items[i].sum }, i };
        }
        if (done + n > offset && done < offset + n_page)
            cost_rank(order, n, tie, l);
        for (size_t i = 0; rc == 0 && i < n; i++) {
            size_t at = done + i;

            if (at >= offset && at < offset + n_page)
                rc = show(l, &l->items[order[i].index], &items[at - offset], err);
        }
        done += n;
    }
    l->out->items = items;
    l->out->n_items = n_page;
    l->out->items_total = l->n;
    l->out->offset = offset;
    free(order);
    return rc;
}

static int list(struct listing *l, struct mcp_error *err)
{
    struct cost_scan_sink sink = { .block = listing_block, .rows = listing_rows, .ctx = l };
    struct cost_scan scan = { .snap = l->view.snap,
                              .scope = l->view.scope,
                              .preds = &l->preds,
                              .range = l->query->range,
                              .cols = listing_cols(),
                              .facts = true };
    int rc;

    l->n_totals = cost__dict_count(l->view.snap, COST_COL_CURRENCY) + 1;
    l->totals = mcp_arena_try_array(l->arena, l->n_totals, sizeof(*l->totals));
    l->total_rows = mcp_arena_try_array(l->arena, l->n_totals, sizeof(*l->total_rows));
    if (l->totals == NULL || l->total_rows == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the totals");
    rc = cost__scan_run(&scan, &sink, err);
    if (rc == 0)
        rc = page(l, err);
    if (rc < 0)
        return rc;
    cost__costs_cut(&l->view, l->query);
    return l->out->n_totals > 0 ? 0 : cost__costs_no_data(&l->view, l->query, err);
}

int cost_dataset_resources(struct cost_snapshot *snap, const struct cost_scope *scope,
                           const struct cost_query *query, struct mcp_arena *arena,
                           struct cost_resources *out, struct mcp_error *err)
{
    struct listing *l = MCP_ARENA_NEW(arena, struct listing);
    int rc;

    *out = (struct cost_resources){ 0 };
    cost_result_init(&out->base, arena, query);
    out->base.generation = mcp_arena_str(arena, cost_snapshot_generation(snap));
    l->query = &out->base.query;
    l->out = out;
    l->arena = arena;
    rc = cost__view_init(&l->view, snap, scope, &out->base, err);
    if (rc == 0)
        rc = cost__kubernetes_check(&l->view, l->query, err);
    if (rc == 0)
        rc = cost__filters_resolve(&l->view, l->query, &l->preds, err);
    if (rc == 0)
        rc = filter_type(l, err);
    if (rc == 0)
        rc = list(l, err);
    if (rc == 0)
        rc = cost__freshness_fill(&l->view, &l->preds, l->query, err);
    free(l->items);
    free(l->table);
    return rc;
}
