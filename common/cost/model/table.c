/* Tables: aligned for a terminal, or with bars between the cells for a model. */
#include "text.h"

#define GAP 2
#define COLUMN_MIN 8 /* a text column is not cut below this */

/* ---- characters ---- */

/* The next code point; a broken byte counts as itself. */
static uint32_t next_char(mcp_str s, size_t *at)
{
    unsigned char b = (unsigned char)s.ptr[*at];
    size_t n = b < 0x80 ? 1 : b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : b >= 0xc0 ? 2 : 1;
    uint32_t c = n == 1 ? b : b & (0xffu >> (n + 1));

    if (*at + n > s.len)
        n = 1;
    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s.ptr[*at + i] & 0x3f);
    *at += n;
    return c;
}

static unsigned char_width(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {
        { 0x1100, 0x115f }, { 0x2e80, 0xa4cf },   { 0xac00, 0xd7a3 },
        { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
        { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff }, { 0x20000, 0x3fffd },
    };

    if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || c == 0xfeff)
        return 0;
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
        if (c >= wide[i].first && c <= wide[i].last)
            return 2;
    }
    return 1;
}

unsigned cost__text_width(mcp_str s)
{
    unsigned width = 0;

    for (size_t at = 0; at < s.len;)
        width += char_width(next_char(s, &at));
    return width;
}

mcp_str cost__text_cut(struct mcp_arena *arena, mcp_str s, unsigned columns)
{
    unsigned width = 0;
    size_t end = 0;

    if (cost__text_width(s) <= columns)
        return s;
    for (size_t at = 0; at < s.len; end = at) {
        size_t next = at;

        width += char_width(next_char(s, &next));
        if (width + 1 > columns)
            break;
        at = next;
    }
    return mcp_arena_printf(arena, "%.*s\xe2\x80\xa6", (int)end, s.ptr);
}

/* C0, DEL and C1 controls. */
static bool is_control(mcp_str s, size_t at)
{
    unsigned char b = (unsigned char)s.ptr[at];

    return b < 0x20 || b == 0x7f ||
           (b == 0xc2 && at + 1 < s.len && (unsigned char)s.ptr[at + 1] < 0xa0);
}

void cost__text_safe(struct mcp_buf *out, mcp_str s)
{
    size_t from = 0;

    for (size_t at = 0; at < s.len; at++) {
        if (!is_control(s, at))
            continue;
        mcp_buf_put(out, s.ptr + from, at - from);
        mcp_buf_char(out, ' ');
        at += (unsigned char)s.ptr[at] == 0xc2;
        from = at + 1;
    }
    if (from < s.len)
        mcp_buf_put(out, s.ptr + from, s.len - from);
}

static mcp_str cleaned(struct mcp_arena *arena, mcp_str s)
{
    mcp_str copy = MCP_STR_NULL;
    char *to = NULL;

    for (size_t at = 0; at < s.len; at++) {
        if (!is_control(s, at))
            continue;
        if (to == NULL) {
            copy = mcp_arena_str(arena, s);
            to = mcp_arena_alloc(arena, s.len + 1);
            memcpy(to, copy.ptr, s.len);
        }
        to[at] = ' ';
        if ((unsigned char)s.ptr[at] == 0xc2)
            to[++at] = ' ';
    }
    return to == NULL ? s : mcp_str_n(to, s.len);
}

/* ---- tables ---- */

void cost__table_init(struct cost__table *t, struct mcp_arena *arena, unsigned width)
{
    *t = (struct cost__table){ .arena = arena, .width = width };
}

void cost__table_cell(struct cost__table *t, mcp_str text)
{
    if (t->n == t->size) {
        size_t size = t->size == 0 ? 64 : t->size * 2;
        mcp_str *cells = mcp_arena_alloc(t->arena, size * sizeof(*cells));

        if (t->n > 0)
            memcpy(cells, t->cells, t->n * sizeof(*cells));
        t->cells = cells;
        t->size = size;
    }
    t->cells[t->n++] = cleaned(t->arena, text);
}

void cost__table_column(struct cost__table *t, const char *title, bool right)
{
    MCP_BUG_ON(t->n_columns == COST__TABLE_COLUMNS || t->n != t->n_columns);
    t->right[t->n_columns++] = right;
    cost__table_cell(t, mcp_str_z(title));
}

static void print_plain(const struct cost__table *t, struct mcp_buf *out)
{
    for (size_t i = 0; i < t->n; i++) {
        if (i % t->n_columns > 0)
            mcp_buf_z(out, " | ");
        mcp_buf_str(out, t->cells[i]);
        if (i % t->n_columns == t->n_columns - 1)
            mcp_buf_char(out, '\n');
    }
}

/* Each column as wide as its widest cell, then the widest text columns narrower until all fit. */
static void choose_widths(const struct cost__table *t, unsigned widths[COST__TABLE_COLUMNS])
{
    unsigned total = (unsigned)(t->n_columns - 1) * GAP;

    for (size_t c = 0; c < t->n_columns; c++) {
        widths[c] = 0;
        for (size_t i = c; i < t->n; i += t->n_columns) {
            unsigned w = cost__text_width(t->cells[i]);

            widths[c] = w > widths[c] ? w : widths[c];
        }
        total += widths[c];
    }
    while (total > t->width) {
        size_t widest = t->n_columns;

        for (size_t c = 0; c < t->n_columns; c++) {
            if (!t->right[c] && widths[c] > COLUMN_MIN &&
                (widest == t->n_columns || widths[c] > widths[widest]))
                widest = c;
        }
        if (widest == t->n_columns)
            return; /* amounts are never cut */
        widths[widest]--;
        total--;
    }
}

static void pad(struct mcp_buf *out, unsigned n)
{
    while (n-- > 0)
        mcp_buf_char(out, ' ');
}

void cost__table_print(const struct cost__table *t, struct mcp_buf *out)
{
    unsigned widths[COST__TABLE_COLUMNS];

    if (t->width == 0) {
        print_plain(t, out);
        return;
    }
    choose_widths(t, widths);
    for (size_t i = 0; i < t->n; i++) {
        size_t c = i % t->n_columns;
        bool last = c == t->n_columns - 1;
        mcp_str cell = cost__text_cut(t->arena, t->cells[i], widths[c]);
        unsigned space = widths[c] - cost__text_width(cell);

        if (t->right[c])
            pad(out, space);
        mcp_buf_str(out, cell);
        if (!t->right[c] && !last)
            pad(out, space);
        if (!last) {
            pad(out, GAP);
            continue;
        }
        /* Empty cells leave no blanks at a line's end. */
        while (out->len > 0 && out->ptr[out->len - 1] == ' ')
            out->len--;
        mcp_buf_char(out, '\n');
    }
}
