/* One option's value: from text into its field, and back into text. */
#include "options_internal.h"

#include <mcp/json_writer.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int refuse(struct mcp__opt_why *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(struct mcp__opt_why *why, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (vsnprintf(why->text, sizeof(why->text), fmt, ap) < 0)
        why->text[0] = '\0';
    va_end(ap);
    return -1;
}

static void *field(const struct mcp_opt *opt, void *target)
{
    return (char *)target + opt->offset;
}

static const void *field_const(const struct mcp_opt *opt, const void *target)
{
    return (const char *)target + opt->offset;
}

static int parse_bool(mcp_str text, bool *out, struct mcp__opt_why *why)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {
        { "true", true },   { "yes", true }, { "on", true },   { "1", true },
        { "false", false }, { "no", false }, { "off", false }, { "0", false },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (mcp_str_eq_nocase(text, mcp_str_z(words[i].word))) {
            *out = words[i].value;
            return 0;
        }
    }
    return refuse(why, "must be true or false, not \"%.*s\"", MCP_STR_ARG(mcp_str_head(text, 40)));
}

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit units_ms[] = {
    { "ms", 1 },      { "s", 1000 },    { "m", 60000 },
    { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
};

static const struct unit units_bytes[] = {
    { "", 1 },          { "b", 1 },           { "k", 1 << 10 },   { "ki", 1 << 10 },
    { "kib", 1 << 10 }, { "m", 1 << 20 },     { "mi", 1 << 20 },  { "mib", 1 << 20 },
    { "g", 1 << 30 },   { "gi", 1 << 30 },    { "gib", 1 << 30 }, { "kb", 1000 },
    { "mb", 1000000 },  { "gb", 1000000000 },
};

/* Digits, then a unit; 0 alone needs none. */
static int parse_united(mcp_str text, const struct unit *units, size_t n_units, const char *example,
                        int64_t *out, struct mcp__opt_why *why)
{
    size_t digits = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    mcp_str number, name;
    int64_t value;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    number = mcp_str_n(text.ptr, digits);
    name = digits < text.len ? mcp_str_trim(mcp_str_n(text.ptr + digits, text.len - digits))
                             : MCP_STR("");
    if (mcp_str_int64(number, &value) < 0)
        return refuse(why, "must be like %s, not \"%.*s\"", example,
                      MCP_STR_ARG(mcp_str_head(text, 40)));
    if (value == 0 && name.len == 0) {
        *out = 0;
        return 0;
    }
    for (size_t i = 0; i < n_units; i++) {
        if (!mcp_str_eq_nocase(name, mcp_str_z(units[i].name)))
            continue;
        if (__builtin_mul_overflow(value, units[i].factor, out))
            return refuse(why, "is too large");
        return 0;
    }
    if (name.len == 0)
        return refuse(why, "needs a unit: %s", example);
    return refuse(why, "must be like %s, not \"%.*s\"", example,
                  MCP_STR_ARG(mcp_str_head(text, 40)));
}

static int parse_number(const struct mcp_opt *opt, mcp_str text, int64_t *out,
                        struct mcp__opt_why *why)
{
    int64_t value = 0;

    if (opt->type == MCP_OPT_MS) {
        if (parse_united(text, units_ms, sizeof(units_ms) / sizeof(units_ms[0]), "20s, 500ms or 5m",
                         &value, why) < 0)
            return -1;
    } else if (opt->type == MCP_OPT_BYTES) {
        if (parse_united(text, units_bytes, sizeof(units_bytes) / sizeof(units_bytes[0]),
                         "4MiB, 64k or 1000", &value, why) < 0)
            return -1;
    } else if (mcp_str_int64(text, &value) < 0) {
        return refuse(why, "must be a whole number, not \"%.*s\"",
                      MCP_STR_ARG(mcp_str_head(text, 40)));
    }
    if ((opt->min != 0 || opt->max != 0) && (value < opt->min || value > opt->max)) {
        struct mcp_buf lo, hi;
        struct mcp_opt row = *opt;

        row.offset = 0;
        mcp_buf_init(&lo, 64);
        mcp_buf_init(&hi, 64);
        mcp__opt_format(&row, &opt->min, &lo);
        mcp__opt_format(&row, &opt->max, &hi);
        refuse(why, "must be from %.*s to %.*s, not %.*s", MCP_STR_ARG(mcp_buf_view(&lo)),
               MCP_STR_ARG(mcp_buf_view(&hi)), MCP_STR_ARG(mcp_str_head(text, 40)));
        mcp_buf_release(&lo);
        mcp_buf_release(&hi);
        return -1;
    }
    *out = value;
    return 0;
}

static int parse_enum(const struct mcp_opt *opt, mcp_str text, int *out, struct mcp__opt_why *why)
{
    mcp_str rest = mcp_str_z(opt->words), word;
    bool more = true;

    for (int i = 0; more; i++) {
        more = mcp_str_cut(&rest, '|', &word);
        if (mcp_str_eq_nocase(word, text)) {
            *out = i;
            return 0;
        }
    }
    return refuse(why, "must be one of %s, not \"%.*s\"", opt->words,
                  MCP_STR_ARG(mcp_str_head(text, 40)));
}

static int parse_port(mcp_str text, int *out)
{
    int64_t value;

    if (text.len > 5 || mcp_str_int64(text, &value) < 0 || value < 0 || value > 65535)
        return -1;
    *out = (int)value;
    return 0;
}

/* [HOST:]PORT with an IPv6 host in brackets; "true" and "" are --http without a value. */
static int parse_http(mcp_str text, struct mcp_arena *arena, struct mcp_opt_bind *out,
                      struct mcp__opt_why *why)
{
    struct mcp_opt_bind bind = { .set = true, .host = MCP_STR_NULL, .port = -1 };
    mcp_str host = MCP_STR_NULL, port = text;
    bool on = true;

    if (text.len == 0 || mcp_str_eq_nocase(text, MCP_STR("true")) ||
        mcp_str_eq_nocase(text, MCP_STR("false"))) {
        on = !mcp_str_eq_nocase(text, MCP_STR("false"));
        bind.set = on;
        *out = bind;
        return 0;
    }
    for (size_t i = text.len; i > 0; i--) {
        if (text.ptr[i - 1] == ':') {
            host = mcp_str_n(text.ptr, i - 1);
            port = mcp_str_n(text.ptr + i, text.len - i);
            break;
        }
    }
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = mcp_str_n(host.ptr + 1, host.len - 2);
    else if (mcp_str_find(host, ':') < host.len)
        host = MCP_STR(""); /* an IPv6 address without brackets */
    if (parse_port(port, &bind.port) < 0 || (!mcp_str_is_null(host) && host.len == 0))
        return refuse(why, "must be PORT, HOST:PORT or [IPV6]:PORT, not \"%.*s\"",
                      MCP_STR_ARG(mcp_str_head(text, 60)));
    bind.host = mcp_arena_str(arena, host);
    *out = bind;
    return 0;
}

static int parse_path(mcp_str text, bool expand, struct mcp_arena *arena, mcp_str *out,
                      struct mcp__opt_why *why)
{
    const char *home = getenv("HOME");

    if (expand && mcp__opt_expand(text, arena, &text, why) < 0)
        return -1;
    if (mcp_str_eq(text, MCP_STR("~")) || mcp_str_starts(text, MCP_STR("~/"))) {
        if (home == NULL || home[0] == '\0')
            return refuse(why, "begins with ~ but HOME is not set");
        *out = mcp_arena_printf(arena, "%s%.*s", home, (int)(text.len - 1), text.ptr + 1);
        return 0;
    }
    *out = mcp_arena_str(arena, text);
    return 0;
}

/* The array doubles at each power of two, so that adding one by one stays linear. */
static int append(struct mcp_opt_list *list, mcp_str item, struct mcp_arena *arena,
                  struct mcp__opt_why *why)
{
    size_t n = list->count;
    mcp_str *items;

    if ((n & (n - 1)) == 0) {
        items = mcp_arena_try_array(arena, n == 0 ? 1 : 2 * n, sizeof(*items));
        if (items == NULL)
            return refuse(why, "has too many values");
        if (n > 0)
            memcpy(items, list->items, n * sizeof(*items));
        list->items = items;
    }
    items = (mcp_str *)(uintptr_t)list->items; /* ours: made above, const for the readers only */
    items[n] = mcp_arena_str(arena, item);
    list->count = n + 1;
    return 0;
}

int mcp__opt_parse(const struct mcp_opt *opt, void *target, mcp_str text, bool expand,
                   struct mcp_arena *arena, struct mcp__opt_why *why)
{
    void *at = field(opt, target);

    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
        return refuse(why, "holds a NUL byte");
    switch (opt->type) {
    case MCP_OPT_BOOL:
        return parse_bool(text, at, why);
    case MCP_OPT_INT:
    case MCP_OPT_BYTES:
    case MCP_OPT_MS:
        return parse_number(opt, text, at, why);
    case MCP_OPT_STR:
        *(mcp_str *)at = mcp_arena_str(arena, mcp_str_is_null(text) ? MCP_STR("") : text);
        return 0;
    case MCP_OPT_PATH:
        return parse_path(text, expand, arena, at, why);
    case MCP_OPT_ENUM:
        return parse_enum(opt, text, at, why);
    case MCP_OPT_LIST:
        return append(at, text, arena, why);
    case MCP_OPT_HTTP:
        return parse_http(text, arena, at, why);
    case MCP_OPT_SKIP:
        break;
    }
    return refuse(why, "takes no value");
}

int mcp__opt_parse_list(const struct mcp_opt *opt, void *target, mcp_str text,
                        struct mcp_arena *arena, struct mcp__opt_why *why)
{
    mcp_str item;
    bool more = true;

    while (more) {
        more = mcp_str_cut(&text, ',', &item);
        item = mcp_str_trim(item);
        if (item.len > 0 && mcp__opt_parse(opt, target, item, false, arena, why) < 0)
            return -1;
    }
    return 0;
}

void mcp__opt_clear(const struct mcp_opt *opt, void *target)
{
    if (opt->type == MCP_OPT_LIST)
        *(struct mcp_opt_list *)field(opt, target) = (struct mcp_opt_list){ NULL, 0 };
}

/* The largest unit that divides the value. */
static void format_united(int64_t value, const struct unit *units, size_t n, struct mcp_buf *out)
{
    const struct unit *best = &units[0];

    for (size_t i = 0; i < n; i++) {
        if (value != 0 && value % units[i].factor == 0 && units[i].factor > best->factor)
            best = &units[i];
    }
    mcp_buf_printf(out, "%" PRId64 "%s", value / best->factor, value == 0 ? "" : best->name);
}

static void format_word(const struct mcp_opt *opt, int index, struct mcp_buf *out)
{
    mcp_str rest = mcp_str_z(opt->words), word = MCP_STR_NULL;
    bool more = true;

    for (int i = 0; more && i <= index; i++)
        more = mcp_str_cut(&rest, '|', &word);
    mcp_buf_str(out, word);
}

static void format_http(const struct mcp_opt_bind *bind, struct mcp_buf *out)
{
    bool v6 = mcp_str_find(bind->host, ':') < bind->host.len;

    if (!bind->set || bind->port < 0) {
        mcp_buf_z(out, bind->set ? "true" : "false");
        return;
    }
    if (bind->host.len == 0) {
        mcp_buf_int(out, bind->port);
        return;
    }
    mcp_buf_printf(out, "\"%s%.*s%s:%d\"", v6 ? "[" : "", MCP_STR_ARG(bind->host), v6 ? "]" : "",
                   bind->port);
}

/* A double quoted YAML scalar; JSON's string form is one, but "${" would be replaced again. */
static void format_str(mcp_str text, struct mcp_buf *out)
{
    struct mcp_buf raw;

    mcp_buf_init(&raw, 2 * text.len + 16);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '$' && i + 1 < text.len && text.ptr[i + 1] == '{')
            mcp_buf_char(&raw, '$');
        mcp_buf_char(&raw, text.ptr[i]);
    }
    mcp_json_quote(out, mcp_str_is_null(mcp_buf_view(&raw)) ? MCP_STR("") : mcp_buf_view(&raw));
    mcp_buf_release(&raw);
}

void mcp__opt_format(const struct mcp_opt *opt, const void *target, struct mcp_buf *out)
{
    static const struct unit bytes[] = {
        { "", 1 },
        { "KiB", 1 << 10 },
        { "MiB", 1 << 20 },
        { "GiB", 1 << 30 },
    };
    static const struct unit ms[] = {
        { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }
    };
    const void *at = field_const(opt, target);
    const struct mcp_opt_list *list = at;

    switch (opt->type) {
    case MCP_OPT_BOOL:
        mcp_buf_z(out, *(const bool *)at ? "true" : "false");
        break;
    case MCP_OPT_INT:
        mcp_buf_int(out, *(const int64_t *)at);
        break;
    case MCP_OPT_BYTES:
        format_united(*(const int64_t *)at, bytes, sizeof(bytes) / sizeof(bytes[0]), out);
        break;
    case MCP_OPT_MS:
        format_united(*(const int64_t *)at, ms, sizeof(ms) / sizeof(ms[0]), out);
        break;
    case MCP_OPT_STR:
    case MCP_OPT_PATH:
        format_str(*(const mcp_str *)at, out);
        break;
    case MCP_OPT_ENUM:
        format_word(opt, *(const int *)at, out);
        break;
    case MCP_OPT_LIST:
        mcp_buf_char(out, '[');
        for (size_t i = 0; i < list->count; i++) {
            mcp_buf_z(out, i == 0 ? "" : ", ");
            format_str(list->items[i], out);
        }
        mcp_buf_char(out, ']');
        break;
    case MCP_OPT_HTTP:
        format_http(at, out);
        break;
    case MCP_OPT_SKIP:
        break;
    }
}

static bool name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

int mcp__opt_expand(mcp_str text, struct mcp_arena *arena, mcp_str *out, struct mcp__opt_why *why)
{
    struct mcp_buf buf;
    int rc = -1;

    if (mcp_str_find(text, '$') == text.len) {
        *out = text;
        return 0;
    }
    mcp_buf_init(&buf, MCP__OPT_FILE_MAX);
    for (size_t i = 0; i < text.len; i++) {
        mcp_str rest = mcp_str_n(text.ptr + i, text.len - i);
        size_t end = mcp_str_find(rest, '}');
        char name[MCP__OPT_NAME_MAX];
        const char *value;

        if (mcp_str_starts(rest, MCP_STR("$${"))) {
            mcp_buf_z(&buf, "${");
            i += 2;
            continue;
        }
        if (!mcp_str_starts(rest, MCP_STR("${"))) {
            mcp_buf_char(&buf, text.ptr[i]);
            continue;
        }
        if (end == rest.len || end == 2 || end - 2 >= sizeof(name)) {
            refuse(why, "has a ${ that does not name a variable (write $${ for a plain ${)");
            goto out;
        }
        memcpy(name, rest.ptr + 2, end - 2);
        name[end - 2] = '\0';
        for (size_t k = 0; name[k] != '\0'; k++) {
            if (!name_char(name[k])) {
                refuse(why, "names \"%s\", which is no variable's name (write $${ for a plain ${)",
                       name);
                goto out;
            }
        }
        value = getenv(name);
        if (value == NULL) {
            refuse(why, "needs the environment variable %s, which is not set", name);
            goto out;
        }
        mcp_buf_z(&buf, value);
        i += end;
    }
    if (mcp_buf_error(&buf) < 0) {
        refuse(why, "is too long");
        goto out;
    }
    *out = mcp_arena_str(arena, mcp_buf_view(&buf));
    if (mcp_str_is_null(*out))
        *out = MCP_STR("");
    rc = 0;
out:
    mcp_buf_release(&buf);
    return rc;
}
