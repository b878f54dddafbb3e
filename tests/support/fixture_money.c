/* Answers lines "OP A [B]" about money, for the comparison with another decimal arithmetic. */
#include <cost/money.h>

#include <stdio.h>
#include <stdlib.h>

static void say(const char *text)
{
    puts(text);
}

static void answer(const char *op, mcp_str a, mcp_str b)
{
    struct cost_money x, y = COST_MONEY_ZERO;
    char text[COST_MONEY_TEXT];
    uint64_t rounded = 0;
    int rc = cost_money_parse(a, &x, &rounded);

    if (rc == 0 && (strcmp(op, "add") == 0 || strcmp(op, "share") == 0 || strcmp(op, "pct") == 0))
        rc = cost_money_parse(b, &y, NULL);
    if (rc == 0 && strcmp(op, "add") == 0)
        rc = cost_money_add(&x, y);
    if (rc < 0) {
        say(mcp_err_name((enum mcp_err)rc));
        return;
    }
    if (strcmp(op, "round") == 0) {
        cost_money_format_rounded(x, (int)strtol(b.ptr, NULL, 10), text);
        say(text);
    } else if (strcmp(op, "share") == 0) {
        say(cost_money_share(x, y, text) ? text : "null");
    } else if (strcmp(op, "pct") == 0) {
        say(cost_money_percent(x, y, text) ? text : "null");
    } else {
        cost_money_format(x, text);
        printf("%s %llu\n", text, (unsigned long long)rounded);
    }
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    while ((n = getline(&line, &size, stdin)) > 0) {
        mcp_str rest = mcp_str_n(line, (size_t)n - 1), op, a;

        line[n - 1] = '\0';
        mcp_str_cut(&rest, ' ', &op);
        mcp_str_cut(&rest, ' ', &a);
        line[op.len] = '\0';
        answer(line, a, rest);
    }
    free(line);
    return 0;
}
