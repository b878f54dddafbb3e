/* One fingerprint for all queries of the same meaning. */
#include <cost/query.h>

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Everything goes into the hash with its length, so that no two texts run into each other. */
static void add_text(XXH3_state_t *h, mcp_str s)
{
    uint64_t len = mcp_str_is_null(s) ? UINT64_MAX : s.len;

    XXH3_128bits_update(h, &len, sizeof(len));
    if (s.len > 0)
        XXH3_128bits_update(h, s.ptr, s.len);
}

static void add_int(XXH3_state_t *h, int64_t v)
{
    XXH3_128bits_update(h, &v, sizeof(v));
}

static int by_value(const void *a, const void *b)
{
    return mcp_str_cmp(*(const mcp_str *)a, *(const mcp_str *)b);
}

static int key_order(const struct cost_key_spec *a, const struct cost_key_spec *b)
{
    return a->dim != b->dim ? (int)a->dim - (int)b->dim : mcp_str_cmp(a->tag_key, b->tag_key);
}

static void add_filter(XXH3_state_t *h, const struct cost_filter *f)
{
    mcp_str sorted[COST_MAX_VALUES];
    size_t n = f->n_values;

    add_int(h, f->key.dim);
    add_text(h, f->key.tag_key);
    add_int(h, f->negate);
    add_int(h, f->null_listed);
    if (n > 0)
        memcpy(sorted, f->values, n * sizeof(sorted[0]));
    qsort(sorted, n, sizeof(sorted[0]), by_value);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !mcp_str_eq(sorted[i], sorted[i - 1]))
            add_text(h, sorted[i]);
    }
    add_int(h, -1);
}

/* In an order of their own: the caller's has no meaning. */
static void add_filters(XXH3_state_t *h, const struct cost_query *q)
{
    const struct cost_filter *sorted[COST_MAX_FILTERS];
    size_t n = 0;

    for (; n < q->n_filters; n++) {
        size_t at = n;

        for (; at > 0 && key_order(&q->filters[n].key, &sorted[at - 1]->key) < 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &q->filters[n];
    }
    add_int(h, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        add_filter(h, sorted[i]);
}

static int64_t length(mcp_str s)
{
    return mcp_str_is_null(s) ? -1 : (int64_t)s.len;
}

static void add_bytes(XXH3_state_t *h, mcp_str s)
{
    if (s.len > 0)
        XXH3_128bits_update(h, s.ptr, s.len);
}

/* All numbers first, among them the lengths of the texts that follow. */
void cost_query_digest(const struct cost_query *q, unsigned char out[COST_DIGEST_BYTES])
{
    const bool compares = q->compare != COST_COMPARE_NONE;
    const mcp_str texts[] = { q->method, q->category, q->resource_type };
    const size_t n_texts = sizeof(texts) / sizeof(texts[0]);
    const int64_t numbers[] = {
        q->tool,
        q->range.start,
        q->range.end,
        q->asked.start,
        q->asked.end,
        q->period_defaulted,
        q->granularity,
        q->series_total_only,
        q->metric,
        q->basis,
        compares,
        compares ? q->compared.start : 0,
        compares ? q->compared.end : 0,
        q->bridge,
        q->confidence_pct,
        q->has_min_savings,
        (int64_t)q->n_keys,
        length(texts[0]),
        length(texts[1]),
        length(texts[2]),
    };
    int64_t keys[2 * COST_MAX_KEYS];
    XXH3_state_t h;
    XXH128_canonical_t bytes;

    for (size_t i = 0; i < q->n_keys; i++) {
        keys[2 * i] = q->keys[i].dim;
        keys[2 * i + 1] = length(q->keys[i].tag_key);
    }
    XXH3_128bits_reset(&h);
    XXH3_128bits_update(&h, numbers, sizeof(numbers));
    XXH3_128bits_update(&h, keys, 2 * q->n_keys * sizeof(keys[0]));
    for (size_t i = 0; i < q->n_keys; i++)
        add_bytes(&h, q->keys[i].tag_key);
    for (size_t i = 0; i < n_texts; i++)
        add_bytes(&h, texts[i]);
    add_filters(&h, q);
    if (q->has_min_savings)
        XXH3_128bits_update(&h, &q->min_savings, sizeof(q->min_savings));
    XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(&h));
    memcpy(out, bytes.digest, COST_DIGEST_BYTES);
}

void cost_query_digest_hex(const struct cost_query *q, char out[2 * COST_DIGEST_BYTES + 1])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[COST_DIGEST_BYTES];

    cost_query_digest(q, bytes);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        out[2 * i] = hex[bytes[i] >> 4];
        out[2 * i + 1] = hex[bytes[i] & 15];
    }
    out[2 * COST_DIGEST_BYTES] = '\0';
}
