/* Cuts an answer to one page: whole groups or items, from the end. */
#include <cost/writer.h>

#define CURSOR_CHARS 400 /* a sealed cursor, in JSON and in the text */
#define BUFFER_BYTES ((size_t)8 << 20)

/* What one noun must offer to be cut. */
struct pages {
    void *noun;
    size_t (*count)(const void *noun); /* groups or items on the page */
    int (*keep)(void *noun, size_t n, struct mcp_error *err);
    int (*write)(const void *noun, struct cost_page *page, struct mcp_error *err);
};

void cost_page_init(struct cost_page *page)
{
    mcp_buf_init(&page->json, BUFFER_BYTES);
    mcp_buf_init(&page->text, BUFFER_BYTES);
    page->age_at = 0;
}

void cost_page_release(struct cost_page *page)
{
    mcp_buf_release(&page->json);
    mcp_buf_release(&page->text);
}

/* JSON and text as they stand, in characters of the answer (the text is a JSON string there). */
static int measure(const struct pages *p, struct cost_page *page, size_t *chars,
                   struct mcp_error *err)
{
    const struct mcp_buf *text = &page->text;
    int rc;

    mcp_buf_clear(&page->json);
    mcp_buf_clear(&page->text);
    rc = p->write(p->noun, page, err);
    if (rc < 0)
        return rc;
    *chars = page->json.len + text->len + CURSOR_CHARS;
    for (size_t i = 0; i < text->len; i++)
        *chars += text->ptr[i] == '\n' || text->ptr[i] == '"' || text->ptr[i] == '\\';
    return 0;
}

/* *chars: what is left. Done when it fits or one item is left. */
static int shrink(const struct pages *p, size_t most, struct cost_page *page, size_t *chars,
                  struct mcp_error *err)
{
    int rc = measure(p, page, chars, err);

    while (rc == 0 && *chars > most && p->count(p->noun) > 1) {
        size_t n = p->count(p->noun), fewer = n * most / *chars;

        /* What every answer holds is counted with the items, so this cuts too little, not too much;
         * the last items are the small ones, so at least one must go each time. */
        if (fewer >= n)
            fewer = n - 1;
        rc = p->keep(p->noun, fewer < 1 ? 1 : fewer, err);
        if (rc == 0)
            rc = measure(p, page, chars, err);
    }
    return rc;
}

/* ---- get_costs ---- */

static size_t costs_count(const void *noun)
{
    const struct cost_result *r = noun;
    size_t most = 0;

    for (size_t i = 0; i < r->n_blocks; i++)
        most = r->blocks[i].n_groups > most ? r->blocks[i].n_groups : most;
    return most;
}

static int costs_keep(void *noun, size_t n, struct mcp_error *err)
{
    struct cost_result *r = noun;

    for (size_t i = 0; i < r->n_blocks; i++) {
        struct cost_block_result *b = &r->blocks[i];

        for (; b->n_groups > n; b->n_groups--) {
            const struct cost_group *g = &b->groups[b->n_groups - 1];
            struct cost_money *half =
                g->cost.sum.units < 0 ? &b->other_negative : &b->other_positive;

            if (cost_money_add(&b->other_cost, g->cost.sum) < 0 ||
                cost_money_add(half, g->cost.sum) < 0 ||
                cost_money_add(&b->other_previous, g->previous) < 0)
                return mcp_error_set(err, MCP_ERANGE, "A sum is beyond 1.7e20.");
            b->other_groups++;
        }
    }
    return 0;
}

static int costs_write(const void *noun, struct cost_page *page, struct mcp_error *err)
{
    int rc = cost_write_costs(noun, &page->json, &page->age_at, err);

    return rc < 0 ? rc : cost_text_costs(noun, 0, &page->text, err);
}

static bool has_group_series(const struct cost_result *r)
{
    return r->query.granularity != COST_TOTAL && !r->query.series_total_only;
}

/* One group's series is longer than a page: a page never cuts periods. */
static int refuse_series(const struct cost_result *r, size_t chars, size_t page,
                         struct mcp_error *err)
{
    enum cost_granularity g = r->query.granularity;
    size_t days = (size_t)(r->query.range.end - r->query.range.start) + 1;
    size_t fits = chars == 0 ? 0 : days * page / chars;

    mcp_error_word(err, MCP_EREFUSED, "series_too_long",
                   "The %s series of one group takes %zu characters; a page holds %zu and never "
                   "cuts periods.",
                   cost_granularity_name(g), chars, page);
    if (g == COST_MONTHLY)
        return mcp_error_next(err, "Use granularity TOTAL, or at most %zu days.", fits);
    return mcp_error_next(err, "Use granularity %s, or at most %zu days.",
                          g == COST_HOURLY ? "DAILY" : "MONTHLY", fits);
}

int cost_costs_fit(struct cost_result *r, size_t page_chars, struct cost_page *page,
                   struct mcp_error *err)
{
    struct pages p = { r, costs_count, costs_keep, costs_write };
    size_t most = page_chars == 0 ? COST_PAGE_CHARS : page_chars, chars = 0;
    int rc = shrink(&p, most, page, &chars, err);

    if (rc == 0 && chars > most && has_group_series(r))
        rc = refuse_series(r, chars, most, err);
    return rc;
}

size_t cost_costs_next(const struct cost_result *r)
{
    for (size_t i = 0; i < r->n_blocks; i++) {
        if (r->blocks[i].other_groups > 0)
            return r->query.offset + costs_count(r);
    }
    return 0;
}

/* ---- get_recommendations ---- */

static size_t recommendations_count(const void *noun)
{
    return ((const struct cost_recommendations *)noun)->n_items;
}

static int recommendations_keep(void *noun, size_t n, struct mcp_error *err)
{
    (void)err;
    ((struct cost_recommendations *)noun)->n_items = n;
    return 0;
}

static int recommendations_write(const void *noun, struct cost_page *page, struct mcp_error *err)
{
    int rc = cost_write_recommendations(noun, &page->json, &page->age_at, err);

    return rc < 0 ? rc : cost_text_recommendations(noun, 0, &page->text, err);
}

int cost_recommendations_fit(struct cost_recommendations *r, size_t page_chars,
                             struct cost_page *page, struct mcp_error *err)
{
    struct pages p = { r, recommendations_count, recommendations_keep, recommendations_write };
    size_t chars;

    return shrink(&p, page_chars == 0 ? COST_PAGE_CHARS : page_chars, page, &chars, err);
}

size_t cost_recommendations_next(const struct cost_recommendations *r)
{
    size_t next = r->offset + r->n_items;

    return next < r->items_total ? next : 0;
}

/* ---- get_resources ---- */

static size_t resources_count(const void *noun)
{
    return ((const struct cost_resources *)noun)->n_items;
}

static int resources_keep(void *noun, size_t n, struct mcp_error *err)
{
    (void)err;
    ((struct cost_resources *)noun)->n_items = n;
    return 0;
}

static int resources_write(const void *noun, struct cost_page *page, struct mcp_error *err)
{
    int rc = cost_write_resources(noun, &page->json, &page->age_at, err);

    return rc < 0 ? rc : cost_text_resources(noun, 0, &page->text, err);
}

int cost_resources_fit(struct cost_resources *r, size_t page_chars, struct cost_page *page,
                       struct mcp_error *err)
{
    struct pages p = { r, resources_count, resources_keep, resources_write };
    size_t chars;

    return shrink(&p, page_chars == 0 ? COST_PAGE_CHARS : page_chars, page, &chars, err);
}

size_t cost_resources_next(const struct cost_resources *r)
{
    size_t next = r->offset + r->n_items;

    return next < r->items_total ? next : 0;
}
