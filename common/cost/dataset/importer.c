/* Rows into slices: finding each row's slice, the bounded waiting room, the catalogue at the end. */
#include "importer.h"
#include "derive.h"
#include "store.h"

#include <mcp/clock.h>
#include <mcp/date.h>

#include <stdlib.h>

#define TEXT_LIMIT ((size_t)64 << 30) /* distinct texts; the machine's memory ends before */

int cost__idmap_set(struct cost__idmap *m, uint32_t id, uint32_t value)
{
    if (id >= m->size) {
        uint32_t size = m->size == 0 ? 64 : m->size;
        uint32_t *values;

        while (size <= id)
            size *= 2;
        values = realloc(m->values, size * sizeof(*values));
        if (values == NULL)
            return MCP_ENOMEM;
        memset(values + m->size, 0, (size - m->size) * sizeof(*values));
        m->values = values;
        m->size = size;
    }
    m->values[id] = value + 1;
    return 0;
}

int cost__importer_init(struct cost__importer *imp, sqlite3 *db,
                        const struct cost_import_options *options, struct mcp_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc;

    *imp = (struct cost__importer){ .db = db, .options = options, .now = mcp_clock_now() };
    mcp_buf_init(&imp->fold, (size_t)1 << 20);
    imp->arena = mcp_arena_new((size_t)64 << 10, TEXT_LIMIT);
    imp->combos = cost__combos_new();
    if (imp->arena == NULL || imp->combos == NULL || cost__stage_init(&imp->stage) != 0 ||
        cost__tagsets_init(&imp->tags, imp->arena) != 0) {
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
        goto out;
    }
    imp->sources.arena = imp->accounts.arena = imp->unmapped.arena = imp->arena;
    rc = cost__slice_writer_init(&imp->writer, db, &imp->stage, imp->combos, err);
    for (int c = 0; rc == 0 && c < COST_N_COLS; c++) {
        imp->dicts[c].arena = imp->arena;
        if (c != COST_COL_TAGS)
            rc = cost__dict_load(&imp->dicts[c], db, c, err);
    }
    if (rc == 0)
        rc = cost__tagsets_load(&imp->tags, db, err);
    if (rc == 0) {
        stmt = cost__store_prepare(db, "SELECT coalesce(max(id),0) FROM slice", err);
        rc = stmt == NULL ? MCP_EIO : cost__store_step(stmt, err);
        if (rc == 1) {
            imp->next_slice = sqlite3_column_int64(stmt, 0) + 1;
            rc = 0;
        }
    }
out:
    sqlite3_finalize(stmt);
    if (rc != 0)
        cost__importer_release(imp);
    return rc;
}

void cost__importer_release(struct cost__importer *imp)
{
    struct cost__idmap *maps[] = {
        &imp->family_of_issuer, &imp->family_of_seller,
        &imp->account_fold,     &imp->resource_group,
        &imp->resource_cluster, &imp->resource_namespace,
        &imp->set_cluster,      &imp->set_namespace,
        &imp->charge,           &imp->words,
    };

    for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++)
        free(maps[i]->values);
    for (size_t i = 0; i < imp->n_slices; i++) {
        cost__slice_release(imp->slices[i]);
        free(imp->slices[i]);
    }
    free(imp->slices);
    free(imp->slice_index);
    free(imp->periods);
    for (int c = 0; c < COST_N_COLS; c++)
        cost__dict_release(&imp->dicts[c]);
    cost__dict_release(&imp->sources);
    cost__dict_release(&imp->accounts);
    cost__dict_release(&imp->unmapped);
    cost__tagsets_release(&imp->tags);
    cost__slice_writer_release(&imp->writer);
    cost__stage_release(&imp->stage);
    cost__combos_free(imp->combos);
    mcp_buf_release(&imp->fold);
    mcp_arena_free(imp->arena);
    *imp = (struct cost__importer){ 0 };
}

mcp_str cost__importer_text(const struct cost__importer *imp, enum cost_col col, uint32_t id)
{
    return cost__dict_get(&imp->dicts[col], id);
}

mcp_str cost__slice_source(const struct cost__importer *imp, const struct cost__slice *s)
{
    return cost__dict_get(&imp->sources, s->source);
}

mcp_str cost__slice_provider(const struct cost__importer *imp, const struct cost__slice *s)
{
    return cost__dict_get(&imp->dicts[COST_COL_PROVIDER], s->provider);
}

mcp_str cost__slice_account(const struct cost__importer *imp, const struct cost__slice *s)
{
    return cost__dict_get(&imp->dicts[COST_COL_BILLING_ACCOUNT], s->account);
}

mcp_str cost__slice_account_fold(const struct cost__importer *imp, const struct cost__slice *s)
{
    return cost__dict_get(&imp->accounts, s->account_fold);
}

/* ---- slices ---- */

struct slice_key {
    uint32_t source, provider, account_fold;
    int32_t period_start;
};

static size_t key_hash(const struct slice_key *k)
{
    uint64_t h = ((uint64_t)k->source << 32 | k->provider) * 0x9e3779b97f4a7c15u;

    h ^= ((uint64_t)k->account_fold << 32 | (uint32_t)k->period_start) * 0xd6e8feb86659fd93u;
    return (size_t)(h ^ h >> 31);
}

static bool has_key(const struct cost__slice *s, const struct slice_key *k)
{
    return s->source == k->source && s->provider == k->provider &&
           s->account_fold == k->account_fold && s->period_start == k->period_start;
}

static struct slice_key key_of(const struct cost__slice *s)
{
    return (struct slice_key){ s->source, s->provider, s->account_fold, s->period_start };
}

static int slices_grow(struct cost__importer *imp)
{
    size_t size = imp->slices_size == 0 ? 32 : imp->slices_size * 2, mask = size * 2 - 1;
    struct cost__slice **slices = realloc(imp->slices, size * sizeof(struct cost__slice *));
    uint32_t *index;

    if (slices == NULL)
        return MCP_ENOMEM;
    imp->slices = slices;
    index = calloc(size * 2, sizeof(*index));
    if (index == NULL)
        return MCP_ENOMEM;
    free(imp->slice_index);
    imp->slice_index = index;
    imp->slices_size = size;
    for (size_t i = 0; i < imp->n_slices; i++) {
        struct slice_key k = key_of(slices[i]);
        size_t at = key_hash(&k) & mask;

        while (index[at] != 0)
            at = (at + 1) & mask;
        index[at] = (uint32_t)(i + 1);
    }
    return 0;
}

static int find_slice(struct cost__importer *imp, const struct slice_key *k,
                      struct cost__slice **out)
{
    size_t at, mask;
    struct cost__slice *s;

    if (imp->n_slices == imp->slices_size && slices_grow(imp) != 0)
        return MCP_ENOMEM;
    mask = imp->slices_size * 2 - 1;
    at = key_hash(k) & mask;
    while (imp->slice_index[at] != 0 && !has_key(imp->slices[imp->slice_index[at] - 1], k))
        at = (at + 1) & mask;
    if (imp->slice_index[at] == 0) {
        s = calloc(1, sizeof(*s));
        if (s == NULL)
            return MCP_ENOMEM;
        s->source = k->source;
        s->provider = k->provider;
        s->account_fold = k->account_fold;
        s->period_start = k->period_start;
        s->id = imp->next_slice++;
        s->keep_cells = imp->options->partial;
        imp->slices[imp->n_slices] = s;
        imp->slice_index[at] = (uint32_t)++imp->n_slices;
    }
    *out = imp->slices[imp->slice_index[at] - 1];
    return 0;
}

struct cost__slice *cost__importer_slice(struct cost__importer *imp, uint32_t source,
                                         uint32_t provider, uint32_t account_fold,
                                         int32_t period_start)
{
    const struct slice_key k = { source, provider, account_fold, period_start };
    struct cost__slice *s = NULL;

    return find_slice(imp, &k, &s) == 0 ? s : NULL;
}

/* Adds; when the waiting room is full, the slice with the most waiting rows goes first. */
static int add_to_slice(struct cost__importer *imp, struct cost__slice *s,
                        const struct cost__fact *f, struct mcp_error *err)
{
    int rc = cost__slice_add(s, &imp->stage, imp->combos, f, imp->now);

    if (rc == MCP_MISS) {
        struct cost__slice *most = s;

        for (size_t i = 0; i < imp->n_slices; i++) {
            if (imp->slices[i]->waiting.n > most->waiting.n)
                most = imp->slices[i];
        }
        rc = cost__slice_flush(most, &imp->writer, err);
        if (rc == 0)
            rc = cost__slice_add(s, &imp->stage, imp->combos, f, imp->now);
    }
    if (rc == 0 && s->waiting.n == COST_BLOCK_ROWS)
        rc = cost__slice_flush(s, &imp->writer, err);
    if (rc == MCP_ENOMEM)
        mcp_error_set(err, MCP_ENOMEM, "out of memory");
    return rc;
}

int cost__importer_carry(struct cost__importer *imp, struct cost__slice *slice,
                         const struct cost__fact *fact, struct mcp_error *err)
{
    return add_to_slice(imp, slice, fact, err);
}

int cost__importer_add(struct cost__importer *imp, struct cost__fact *f,
                       const struct cost__row_place *place, const char **why, struct mcp_error *err)
{
    struct slice_key k;
    struct cost__slice *s = imp->last;
    int rc;

    *why = NULL;
    f->day = mcp_instant_date(place->charge_start);
    f->second = (uint32_t)(place->charge_start - (int64_t)f->day * 86400);
    if (place->charge_end < place->charge_start ||
        place->charge_end - place->charge_start > UINT32_MAX) {
        *why = "ChargePeriodEnd is before ChargePeriodStart or more than a century behind it";
        return MCP_EDATA;
    }
    f->length = (uint32_t)(place->charge_end - place->charge_start);
    f->charge_end = place->charge_end;
    rc = cost__derive(imp, f, why);
    if (rc == MCP_ENOMEM)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    if (rc != 0)
        return rc;
    k = (struct slice_key){ .provider = f->ids[COST_COL_PROVIDER],
                            .period_start = mcp_instant_date(place->billing_start) };
    if (cost__derive_slice(imp, f, place->source, &k.source, &k.account_fold) != 0)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    if (s == NULL || !has_key(s, &k)) {
        if (find_slice(imp, &k, &s) != 0)
            return mcp_error_set(err, MCP_ENOMEM, "out of memory");
        imp->last = s;
    }
    if (s->rows_new == 0) {
        s->account = f->ids[COST_COL_BILLING_ACCOUNT];
        s->period_end = place->billing_end == INT64_MIN ? mcp_date_month_end(k.period_start)
                                                        : mcp_instant_date(place->billing_end - 1);
        if (s->period_end < k.period_start)
            s->period_end = k.period_start;
    }
    rc = add_to_slice(imp, s, f, err);
    if (rc == MCP_ERANGE)
        *why = "a sum of amounts leaves the range of +-1.7e20";
    if (rc != 0)
        return rc;
    s->rows_new++;
    imp->rows++;
    if (cost__slice_from_file(s, imp->file) != 0)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    return 0;
}

int cost__importer_period(struct cost__importer *imp, mcp_str issuer, int32_t period_start,
                          bool closed)
{
    char slug[64];
    const char *known = cost_provider_family(issuer);
    mcp_str family = mcp_str_z(known);

    if (known == NULL)
        family = mcp_str_n(slug, cost_provider_slug(issuer, slug));
    family = mcp_arena_str(imp->arena, family);
    if (imp->n_periods == imp->periods_size) {
        size_t size = imp->periods_size == 0 ? 16 : imp->periods_size * 2;
        struct cost__period_status *periods = realloc(imp->periods, size * sizeof(*periods));

        if (periods == NULL)
            return MCP_ENOMEM;
        imp->periods = periods;
        imp->periods_size = size;
    }
    imp->periods[imp->n_periods++] = (struct cost__period_status){ family, period_start, closed };
    return 0;
}

int cost__importer_finish(struct cost__importer *imp, struct mcp_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < imp->n_slices; i++) {
        struct cost__slice *s = imp->slices[i];

        rc = cost__slice_finish(s, &imp->writer, cost__slice_source(imp, s),
                                cost__slice_provider(imp, s), cost__slice_account(imp, s),
                                cost__slice_account_fold(imp, s), imp->now, err);
    }
    for (int c = 0; rc == 0 && c < COST_N_COLS; c++) {
        if (c != COST_COL_TAGS)
            rc = cost__dict_save(&imp->dicts[c], imp->db, c, err);
    }
    if (rc == 0)
        rc = cost__tagsets_save(&imp->tags, imp->db, err);
    return rc;
}
