/* Checks each line of stdin, one JSON value, against the JSON Schema in the file named first. */
#include <mcp/schema.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_SCHEMA (1024 * 1024)

static struct mcp_schema *load(const char *path)
{
    static char text[MAX_SCHEMA];
    struct mcp_error err = { 0 };
    struct mcp_schema *schema = NULL;
    FILE *file = fopen(path, "re");
    size_t n;

    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return NULL;
    }
    n = fread(text, 1, sizeof(text), file);
    if (n < sizeof(text))
        schema = mcp_schema_compile(mcp_str_n(text, n), &err);
    if (schema == NULL)
        fprintf(stderr, "%s: %s\n", path, err.message);
    fclose(file);
    return schema;
}

/* "ok", or what is wrong, on a line of its own. */
static int check(const struct mcp_schema *schema, mcp_str line)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    struct mcp_json value;
    int rc = arena == NULL ? MCP_ENOMEM : mcp_json_parse(arena, line, NULL, &value, &err);

    if (rc == 0)
        rc = mcp_schema_check(schema, value, arena, &err);
    puts(rc == 0 ? "ok" : err.message);
    mcp_arena_free(arena);
    return rc;
}

int main(int argc, char **argv)
{
    struct mcp_schema *schema = argc == 2 ? load(argv[1]) : NULL;
    char *line = NULL;
    size_t size = 0;
    int status = 0;
    ssize_t n;

    if (schema == NULL)
        return 2;
    while ((n = getline(&line, &size, stdin)) > 0) {
        if (check(schema, mcp_str_n(line, (size_t)n)) < 0)
            status = 1;
    }
    free(line);
    mcp_schema_free(schema);
    return status;
}
