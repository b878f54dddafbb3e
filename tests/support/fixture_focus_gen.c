/* Prints synthetic FOCUS CSV: fixture_focus_gen --rows N --seed S --last-day D --months M --family F */
#include <cost/demo.h>
#include <mcp/date.h>

#include <stdio.h>
#include <stdlib.h>

struct arguments {
    struct cost_demo_options options;
    mcp_str family; /* only this provider family, or missing */
};

static int usage(void)
{
    fputs("usage: fixture_focus_gen [--rows N] [--seed S] [--last-day YYYY-MM-DD] [--months M]\n"
          "                         [--family aws|azure|gcp|oracle] > FILE.csv\n",
          stderr);
    return 2;
}

static int parse(int argc, char **argv, struct arguments *out)
{
    struct mcp_civil day = { 2026, 11, 20 };
    out->options.last_day = mcp_date_from_civil(day);
    for (int i = 1; i + 1 < argc; i += 2) {
        mcp_str value = mcp_str_z(argv[i + 1]);
        int64_t number = 0;
        bool is_number = mcp_str_int64(value, &number) == 0 && number >= 0;
        if (strcmp(argv[i], "--family") == 0)
            out->family = value;
        else if (strcmp(argv[i], "--last-day") == 0) {
            if (mcp_date_parse(value, &out->options.last_day) != 0)
                return -1;
        } else if (!is_number)
            return -1;
        else if (strcmp(argv[i], "--rows") == 0)
            out->options.rows = (uint64_t)number;
        else if (strcmp(argv[i], "--seed") == 0)
            out->options.seed = (uint64_t)number;
        else if (strcmp(argv[i], "--months") == 0 && number <= 60)
            out->options.months = (int)number;
        else
            return -1;
    }
    return argc % 2 == 1 ? 0 : -1;
}

static int flush(struct mcp_buf *buf)
{
    size_t n = fwrite(buf->ptr, 1, buf->len, stdout);
    int rc = mcp_buf_error(buf) != 0 || n != buf->len ? -1 : 0;
    mcp_buf_clear(buf);
    return rc;
}

int main(int argc, char **argv)
{
    struct arguments args = { .family = MCP_STR_NULL };
    struct cost_row row;
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    int rc = 0;
    if (parse(argc, argv, &args) != 0)
        return usage();
    struct cost_demo *demo = cost_demo_new(&args.options);
    mcp_buf_init(&buf, 1 << 20);
    cost_demo_csv_header(&buf);
    while (demo != NULL && rc == 0 && (rc = cost_demo_next(demo, &row, &err)) > 0) {
        rc = 0;
        if (args.family.len > 0 && !mcp_str_eq(args.family, row.text[COST_COL_PROVIDER]))
            continue;
        cost_demo_csv_row(&row, &buf);
        if (buf.len > 900000)
            rc = flush(&buf);
    }
    if (demo == NULL || rc < 0 || flush(&buf) != 0 || fflush(stdout) != 0) {
        fprintf(stderr, "fixture_focus_gen: cannot write: %s\n", err.message);
        rc = 1;
    }
    mcp_buf_release(&buf);
    cost_demo_free(demo);
    return rc == 0 ? 0 : 1;
}
