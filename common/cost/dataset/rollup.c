/* Rollups: the rows of a slice added up over the columns that a question rarely needs. */
#include "rollup.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define GIVE_UP_FROM 65536u /* groups; below, a rollup may be as large as its rows */
#define N_KINDS (COST_N_BLOCK_KINDS - 1)

/* What all kinds share. */
#define COMMON_COLUMNS                                                                             \
    COST_COL_PROVIDER, COST_COL_SERVICE_PROVIDER, COST_COL_PUBLISHER, COST_COL_INVOICE_ISSUER,     \
        COST_COL_BILLING_ACCOUNT, COST_COL_INVOICE, COST_COL_SERVICE, COST_COL_SERVICE_CATEGORY,   \
        COST_COL_SERVICE_SUBCATEGORY, COST_COL_CHARGE_CATEGORY, COST_COL_CHARGE_CLASS,             \
        COST_COL_CHARGE_FREQUENCY, COST_COL_PRICING_CATEGORY, COST_COL_COMMITMENT_STATUS,          \
        COST_COL_CURRENCY, COST_COL_UNIT

static const enum cost_col common_columns[] = { COMMON_COLUMNS };
#define N_COMMON (sizeof(common_columns) / sizeof(*common_columns))

static const enum cost_col service_columns[] = { COMMON_COLUMNS, COST_N_COLS };
static const enum cost_col account_columns[] = { COMMON_COLUMNS, COST_COL_PROJECT, COST_N_COLS };
static const enum cost_col region_columns[] = { COMMON_COLUMNS, COST_COL_REGION, COST_N_COLS };
static const enum cost_col facts_columns[] = {
    COST_COL_PROVIDER,
    COST_COL_SERVICE_PROVIDER,
    COST_COL_PUBLISHER,
    COST_COL_INVOICE_ISSUER,
    COST_COL_BILLING_ACCOUNT,
    COST_COL_INVOICE,
    COST_COL_PROJECT,
    COST_COL_REGION,
    COST_COL_SERVICE,
    COST_COL_SERVICE_CATEGORY,
    COST_COL_SERVICE_SUBCATEGORY,
    COST_COL_SKU,
    COST_COL_RESOURCE,
    COST_COL_RESOURCE_TYPE,
    COST_COL_RESOURCE_GROUP,
    COST_COL_CHARGE_CATEGORY,
    COST_COL_CHARGE_CLASS,
    COST_COL_CHARGE_FREQUENCY,
    COST_COL_PRICING_CATEGORY,
    COST_COL_COMMITMENT,
    COST_COL_COMMITMENT_STATUS,
    COST_COL_COMMITMENT_TYPE,
    COST_COL_CLUSTER,
    COST_COL_NAMESPACE,
    COST_COL_CURRENCY,
    COST_COL_UNIT,
    COST_COL_ALLOCATED_RESOURCE,
    COST_COL_IDLE_METER,
    COST_COL_TAGS,
    COST_N_COLS,
};
_Static_assert(sizeof(facts_columns) / sizeof(*facts_columns) == COST_N_COLS + 1,
               "every column is in the facts");

/* kind -> its columns, and the one that it has beyond the common ones. */
static const struct kind {
    const enum cost_col *columns;
    enum cost_col extra; /* COST_N_COLS: none */
} kinds[COST_N_BLOCK_KINDS] = {
    [COST_FACTS] = { facts_columns, COST_N_COLS },
    [COST_ROLLUP_SERVICE] = { service_columns, COST_N_COLS },
    [COST_ROLLUP_ACCOUNT] = { account_columns, COST_COL_PROJECT },
    [COST_ROLLUP_REGION] = { region_columns, COST_COL_REGION },
};

const enum cost_col *cost__rollup_columns(enum cost_block_kind kind)
{
    return kinds[kind].columns;
}

bool cost__rollup_has(enum cost_block_kind kind, enum cost_col col)
{
    for (const enum cost_col *c = kinds[kind].columns; *c != COST_N_COLS; c++) {
        if (*c == col)
            return true;
    }
    return false;
}

/* ---- combinations ---- */

struct combo {
    uint32_t ids[N_COMMON];
};

struct cost__combos {
    struct combo *rows; /* owned */
    uint32_t n, size;
    uint32_t *index; /* owned: row + 1, twice size */
    uint32_t last;
};

struct cost__combos *cost__combos_new(void)
{
    return calloc(1, sizeof(struct cost__combos));
}

void cost__combos_free(struct cost__combos *c)
{
    if (c == NULL)
        return;
    free(c->rows);
    free(c->index);
    free(c);
}

static int combos_grow(struct cost__combos *c)
{
    uint32_t size = c->size == 0 ? 64 : c->size * 2, mask = size * 2 - 1;
    struct combo *rows = realloc(c->rows, size * sizeof(*rows));
    uint32_t *index;

    if (rows == NULL)
        return MCP_ENOMEM;
    c->rows = rows;
    index = calloc((size_t)size * 2, sizeof(*index));
    if (index == NULL)
        return MCP_ENOMEM;
    free(c->index);
    c->index = index;
    c->size = size;
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t at = (uint32_t)XXH3_64bits(&rows[i], sizeof(rows[i])) & mask;

        while (index[at] != 0)
            at = (at + 1) & mask;
        index[at] = i + 1;
    }
    return 0;
}

static int combo_of(struct cost__combos *c, const struct cost__fact *f, uint32_t *out)
{
    struct combo key;
    uint32_t at;

    for (size_t i = 0; i < N_COMMON; i++)
        key.ids[i] = f->ids[common_columns[i]];
    if (c->n > 0 && memcmp(&c->rows[c->last], &key, sizeof(key)) == 0) {
        *out = c->last;
        return 0;
    }
    if (c->n == c->size && combos_grow(c) != 0)
        return MCP_ENOMEM;
    at = (uint32_t)XXH3_64bits(&key, sizeof(key)) & (c->size * 2 - 1);
    while (c->index[at] != 0 && memcmp(&c->rows[c->index[at] - 1], &key, sizeof(key)) != 0)
        at = (at + 1) & (c->size * 2 - 1);
    if (c->index[at] == 0) {
        c->rows[c->n] = key;
        c->index[at] = ++c->n;
    }
    *out = c->last = c->index[at] - 1;
    return 0;
}

/* ---- groups ---- */

struct group {
    uint32_t combo, extra, flags;
    int32_t day;
    uint64_t rows;
    struct cost_money sum[COST_N_ROW_NUMS];
    struct cost_money
        lacking[COST_N_METRICS]; /* billed of the rows whose metric is null; [0] unused */
    uint64_t unknown[COST_N_METRICS];
};

struct groups {
    struct group *rows; /* owned */
    uint32_t n, size;
    uint32_t *index; /* owned: row + 1, twice size */
    bool given_up;
};

struct cost__rollups {
    struct groups kinds[N_KINDS]; /* kind - 1 */
    uint8_t decimals[COST_N_ROW_NUMS];
    uint64_t rows;
};

struct cost__rollups *cost__rollups_new(void)
{
    return calloc(1, sizeof(struct cost__rollups));
}

static void groups_release(struct groups *g)
{
    free(g->rows);
    free(g->index);
    *g = (struct groups){ 0 };
}

void cost__rollups_free(struct cost__rollups *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < N_KINDS; i++)
        groups_release(&r->kinds[i]);
    free(r);
}

static uint32_t group_hash(uint32_t combo, uint32_t extra, uint32_t flags, int32_t day)
{
    uint64_t h = ((uint64_t)combo << 32 | extra) * 0x9e3779b97f4a7c15u;

    h ^= ((uint64_t)flags << 32 | (uint32_t)day) * 0xd6e8feb86659fd93u;
    return (uint32_t)(h ^ h >> 32);
}

static int groups_grow(struct groups *g)
{
    uint32_t size = g->size == 0 ? 64 : g->size * 2, mask = size * 2 - 1;
    struct group *rows = realloc(g->rows, size * sizeof(*rows));
    uint32_t *index;

    if (rows == NULL)
        return MCP_ENOMEM;
    g->rows = rows;
    index = calloc((size_t)size * 2, sizeof(*index));
    if (index == NULL)
        return MCP_ENOMEM;
    free(g->index);
    g->index = index;
    g->size = size;
    for (uint32_t i = 0; i < g->n; i++) {
        const struct group *r = &rows[i];
        uint32_t at = group_hash(r->combo, r->extra, r->flags, r->day) & mask;

        while (index[at] != 0)
            at = (at + 1) & mask;
        index[at] = i + 1;
    }
    return 0;
}

static int group_of(struct groups *g, const struct cost__fact *f, uint32_t combo, uint32_t extra,
                    struct group **out)
{
    uint32_t at, mask;

    if (g->n == g->size && groups_grow(g) != 0)
        return MCP_ENOMEM;
    mask = g->size * 2 - 1;
    at = group_hash(combo, extra, f->flags, f->day) & mask;
    for (; g->index[at] != 0; at = (at + 1) & mask) {
        struct group *r = &g->rows[g->index[at] - 1];

        if (r->combo == combo && r->day == f->day && r->flags == f->flags && r->extra == extra) {
            *out = r;
            return 0;
        }
    }
    g->rows[g->n] =
        (struct group){ combo, extra, f->flags, f->day, 0, { { 0 } }, { { 0 } }, { 0 } };
    *out = &g->rows[g->n];
    g->index[at] = ++g->n;
    return 0;
}

static int group_add(struct group *g, const struct cost__fact *f)
{
    int over = 0;

    g->rows++;
    for (size_t i = 0; i < COST_NUM_QUANTITY; i++)
        over |= __builtin_add_overflow(g->sum[i].units, f->num[i].units, &g->sum[i].units);
    if (f->charge == COST_CHARGE_USAGE)
        over |=
            __builtin_add_overflow(g->sum[COST_NUM_QUANTITY].units, f->num[COST_NUM_QUANTITY].units,
                                   &g->sum[COST_NUM_QUANTITY].units);
    if (f->nulls != 0) {
        for (size_t i = 0; i < COST_N_METRICS; i++) {
            if ((f->nulls >> i & 1) == 0)
                continue;
            g->unknown[i]++;
            over |= __builtin_add_overflow(g->lacking[i].units, f->num[COST_BILLED].units,
                                           &g->lacking[i].units);
        }
    }
    return over ? MCP_ERANGE : 0;
}

int cost__rollups_add(struct cost__rollups *r, struct cost__combos *combos,
                      const struct cost__fact *f)
{
    uint32_t combo;
    int rc = combo_of(combos, f, &combo);

    if (rc != 0)
        return rc;
    r->rows++;
    for (size_t i = 0; i < COST_N_ROW_NUMS; i++) {
        if (f->decimals[i] > r->decimals[i])
            r->decimals[i] = f->decimals[i];
    }
    for (size_t k = 0; k < N_KINDS; k++) {
        struct groups *g = &r->kinds[k];
        enum cost_col extra = kinds[k + 1].extra;
        struct group *group;

        if (g->given_up)
            continue;
        rc = group_of(g, f, combo, extra == COST_N_COLS ? 0 : f->ids[extra], &group);
        if (rc == 0)
            rc = group_add(group, f);
        if (rc != 0)
            return rc;
        if (g->n > GIVE_UP_FROM && g->n > r->rows / 2) {
            groups_release(g);
            g->given_up = true;
        }
    }
    return 0;
}

bool cost__rollups_worth(const struct cost__rollups *r, enum cost_block_kind kind, uint64_t rows)
{
    const struct groups *g = &r->kinds[kind - 1];

    return !g->given_up && g->n > 0 && g->n <= rows / 4;
}

/* ---- writing ---- */

/* One value of a group for a number column; whole counts as money units. */
static struct cost_money value_of(const struct group *g, enum cost_num num)
{
    const __int128 one = 1000000000000000000;

    if (num < COST_N_ROW_NUMS)
        return g->sum[num];
    if (num == COST_NUM_ROWS)
        return (struct cost_money){ (__int128)g->rows * one };
    if (num < COST_NUM_LACKING_EFFECTIVE)
        return (struct cost_money){ (__int128)g->unknown[num - COST_NUM_UNKNOWN_BILLED] * one };
    return g->lacking[num - COST_NUM_LACKING_EFFECTIVE + COST_EFFECTIVE];
}

static int decimals_of(const struct cost__rollups *r, enum cost_num num)
{
    if (num < COST_N_ROW_NUMS)
        return r->decimals[num];
    return num < COST_NUM_LACKING_EFFECTIVE ? 0 : r->decimals[COST_NUM_BILLED];
}

struct scratch {
    uint32_t ids[COST_BLOCK_ROWS];
    struct cost_money nums[COST_BLOCK_ROWS];
};

static int write_block(const struct cost__rollups *r, enum cost_block_kind kind,
                       const struct cost__combos *combos, const struct group *rows, uint32_t n,
                       struct cost_block_encoder *enc, struct scratch *s, mcp_str *blob)
{
    cost__block_begin(enc, kind, n);
    for (size_t c = 0; c < COST_N_COLS; c++) {
        size_t at = 0;

        while (at < N_COMMON && common_columns[at] != c)
            at++;
        if (at == N_COMMON && kinds[kind].extra != c)
            continue;
        for (uint32_t i = 0; i < n; i++)
            s->ids[i] = at == N_COMMON ? rows[i].extra : combos->rows[rows[i].combo].ids[at];
        cost__block_put_ids(enc, (enum cost_col)c, s->ids);
    }
    for (size_t m = 0; m < COST_N_NUMS; m++) {
        for (uint32_t i = 0; i < n; i++)
            s->nums[i] = value_of(&rows[i], (enum cost_num)m);
        cost__block_put_nums(enc, (enum cost_num)m, s->nums, decimals_of(r, (enum cost_num)m),
                             NULL);
    }
    for (uint32_t i = 0; i < n; i++)
        s->ids[i] = (uint32_t)rows[i].day;
    cost__block_put_days(enc, s->ids);
    for (uint32_t i = 0; i < n; i++)
        s->ids[i] = rows[i].flags;
    cost__block_put_flags(enc, s->ids);
    return cost__block_end(enc, blob);
}

int cost__rollups_write(const struct cost__rollups *r, enum cost_block_kind kind,
                        const struct cost__combos *combos, struct cost_block_encoder *enc,
                        int (*write)(void *ctx, enum cost_block_kind kind, mcp_str blob,
                                     int32_t day_min, int32_t day_max, uint32_t rows),
                        void *ctx)
{
    const struct groups *g = &r->kinds[kind - 1];
    struct scratch *s = malloc(sizeof(*s));
    int rc = 0;

    if (s == NULL)
        return MCP_ENOMEM;
    for (uint32_t from = 0; rc == 0 && from < g->n; from += COST_BLOCK_ROWS) {
        uint32_t n = g->n - from < COST_BLOCK_ROWS ? g->n - from : COST_BLOCK_ROWS;
        int32_t min = g->rows[from].day, max = min;
        mcp_str blob;

        for (uint32_t i = 1; i < n; i++) {
            min = g->rows[from + i].day < min ? g->rows[from + i].day : min;
            max = g->rows[from + i].day > max ? g->rows[from + i].day : max;
        }
        rc = write_block(r, kind, combos, &g->rows[from], n, enc, s, &blob);
        if (rc == 0)
            rc = write(ctx, kind, blob, min, max, n);
    }
    free(s);
    return rc;
}
