/* Servers for the tests of the client: our own over stdio, and a legacy one that misbehaves. */
#include "actor.h"

#include "tools.h"

#include "mcp/net/serve.h"
#include "mcp/proto/registry.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char *act;
static char cancelled[64]; /* the id of the last request that was cancelled */

static void nap(long ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };

    nanosleep(&t, NULL);
}

static int serve(void)
{
    struct mcp_serve server = { .registry = test_registry() };

    return mcp__serve_stdio(&server, NULL);
}

static void put(const char *text, size_t n)
{
    while (n > 0) {
        ssize_t w = write(1, text, n);

        if (w <= 0)
            _exit(9);
        text += w;
        n -= (size_t)w;
    }
}

static void put_z(const char *text)
{
    put(text, strlen(text));
}

static void put_text(const char *id, const char *text)
{
    char line[2048];

    snprintf(line, sizeof(line),
             "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"content\":[{\"type\":\"text\",\"text\":"
             "\"%s\"}]}}\n",
             id, text);
    put_z(line);
}

static void put_error(const char *id, int code, const char *message)
{
    char line[512];

    snprintf(line, sizeof(line),
             "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,\"message\":\"%s\",\"data\":"
             "{\"why\":\"because\"}}}\n",
             id, code, message);
    put_z(line);
}

static bool read_line(char *line, size_t size)
{
    size_t n = 0;

    while (n + 1 < size && read(0, line + n, 1) == 1) {
        if (line[n++] != '\n')
            continue;
        line[n] = '\0';
        return true;
    }
    return false;
}

/* Asks the client two things and answers with what it says. */
static void ask_back(const char *id)
{
    char first[1024], second[1024], both[2048], text[2048];
    size_t n = 0;

    put_z("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\n"
          "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"sampling/createMessage\",\"params\":{}}\n");
    if (!read_line(first, sizeof(first)) || !read_line(second, sizeof(second)))
        _exit(8);
    snprintf(both, sizeof(both), "%s%s", first, second);
    for (const char *p = both; *p != '\0'; p++) {
        if (*p != '"' && *p != '\n')
            text[n++] = *p;
    }
    text[n] = '\0';
    put_text(id, text);
}

static void put_huge(const char *id)
{
    char head[64];
    static char xs[65536];

    memset(xs, 'x', sizeof(xs));
    snprintf(head, sizeof(head), "{\"jsonrpc\":\"2.0\",\"id\":%s,\"x\":\"", id);
    put_z(head);
    for (int i = 0; i < 32; i++)
        put(xs, sizeof(xs));
    put_z("\"}\n");
}

static void drip(const char *id)
{
    char line[256];

    snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"content\":[]}}\r\n",
             id);
    for (const char *p = line; *p != '\0'; p++)
        put(p, 1);
}

static void progress(const char *id)
{
    char line[512];

    snprintf(line, sizeof(line),
             "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
             "\"progressToken\":999,\"progress\":7}}\n"
             "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
             "\"progressToken\":%s,\"progress\":0.5,\"total\":2,\"message\":\"half\"}}\n",
             id);
    put_z(line);
    nap(50);
    put_text(id, "done");
}

/* Each tool is one way of bad manners. */
static void call(const char *id, const char *tool)
{
    char other[128];

    if (strcmp(tool, "garbage") == 0) {
        put_z("Server is ready!\n\n\r\n{\"jsonrpc\":\"2.0\",\"id\":\n[1,2]\n\xff\xfe\n{}\nnull\n");
        put_text(id, "after garbage");
    } else if (strcmp(tool, "wrong_ids") == 0) {
        put_text("4711", "wrong");
        snprintf(other, sizeof(other), "\"%s\"", id);
        put_text(other, "wrong");
        snprintf(other, sizeof(other), "%s.0", id);
        put_text(other, "wrong");
        put_text("null", "wrong");
        put_text(id, "right");
    } else if (strcmp(tool, "twice") == 0) {
        put_text(id, "first");
        put_text(id, "second");
    } else if (strcmp(tool, "neither") == 0) {
        snprintf(other, sizeof(other), "{\"jsonrpc\":\"2.0\",\"id\":%s}\n", id);
        put_z(other);
    } else if (strcmp(tool, "refused") == 0) {
        put_error(id, -32602, "Unknown tool: refused");
    } else if (strcmp(tool, "huge") == 0) {
        put_huge(id);
    } else if (strcmp(tool, "exit") == 0) {
        _exit(7);
    } else if (strcmp(tool, "crash") == 0) {
        raise(SIGKILL);
    } else if (strcmp(tool, "closes") == 0) {
        close(1);
        nap(20000);
    } else if (strcmp(tool, "asks") == 0) {
        ask_back(id);
    } else if (strcmp(tool, "drip") == 0) {
        drip(id);
    } else if (strcmp(tool, "progress") == 0) {
        progress(id);
    } else if (strcmp(tool, "cancelled") == 0) {
        put_text(id, cancelled);
    } else if (strcmp(tool, "env") == 0) {
        snprintf(other, sizeof(other), "%s|%s|%s", getenv("GIVEN") != NULL ? "given" : "",
                 getenv("PATH") != NULL ? "path" : "", getenv("SECRET") != NULL ? "leak" : "");
        put_text(id, other);
    } else if (strcmp(tool, "silence") != 0) {
        put_text(id, tool);
    }
}

/* true when the line was a probe, and answered. */
static bool probe(const char *id)
{
    if (strcmp(act, "silent") == 0)
        return true;
    if (strcmp(act, "dies") == 0)
        _exit(3);
    if (strcmp(act, "old") == 0)
        put_z(
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"eh?\"}}\n");
    else if (strcmp(act, "future") == 0)
        put_z(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32022,\"message\":\"no\",\"data\":"
            "{\"supported\":[\"2099-01-01\"],\"requested\":\"2026-07-28\"}}}\n");
    else if (strcmp(act, "mixed") == 0)
        put_z("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\","
              "\"capabilities\":"
              "{},\"supportedVersions\":[\"2099-01-01\",\"2025-06-18\"]}}\n");
    else
        put_error(id, -32601, "Method not found");
    return true;
}

static void initialize(const char *id)
{
    const char *version = strcmp(act, "old") == 0   ? "2024-11-05"
                          : strcmp(act, "odd") == 0 ? "2031-01-01"
                                                    : "2025-06-18";
    char line[512];

    snprintf(
        line, sizeof(line),
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"protocolVersion\":\"%s\",\"capabilities\":"
        "{\"tools\":{}},\"serverInfo\":{\"name\":\"actor\",\"version\":\"9\"},"
        "\"instructions\":\"be good\"}}\n",
        id, version);
    put_z(line);
}

/* Pages of two tools each; the cursor "round" leads to itself. */
static void list(const char *id, mcp_str cursor)
{
    static const char tool[] = "{\"name\":\"%s\",\"inputSchema\":{\"type\":\"object\"}}";
    const char *name = "a", *next = ",\"nextCursor\":\"\"";
    char line[1024], def[128];

    if (!mcp_str_is_null(cursor) && cursor.len == 0) {
        name = "b";
        next = strcmp(act, "mixed") == 0 ? ",\"nextCursor\":\"round\"" : "";
    } else if (!mcp_str_is_null(cursor)) {
        next = ",\"nextCursor\":\"round\"";
    }
    snprintf(def, sizeof(def), tool, name);
    snprintf(
        line, sizeof(line),
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"tools\":[%s,{\"name\":\"no schema\"}]%s}}\n",
        id, def, next);
    put_z(line);
}

static void handle(mcp_str line, struct mcp_arena *arena)
{
    struct mcp_json root, params;
    mcp_str method, id;
    const char *id_z;

    if (mcp_json_parse(arena, line, NULL, &root, NULL) < 0)
        _exit(4);
    method = mcp_json_get_str(root, MCP_STR("method"), arena);
    params = mcp_json_get(root, MCP_STR("params"));
    id = mcp_json_raw(mcp_json_get(root, MCP_STR("id")));
    id_z = mcp_str_is_null(id) ? "null" : mcp_arena_str(arena, id).ptr;
    if (mcp_str_eq(method, MCP_STR("server/discover")))
        probe(id_z);
    else if (mcp_str_eq(method, MCP_STR("initialize")))
        initialize(id_z);
    else if (mcp_str_eq(method, MCP_STR("tools/list")))
        list(id_z, mcp_json_get_str(params, MCP_STR("cursor"), arena));
    else if (mcp_str_eq(method, MCP_STR("tools/call")))
        call(id_z,
             mcp_json_get_str(params, MCP_STR("name"), arena).ptr == NULL
                 ? ""
                 : mcp_arena_str(arena, mcp_json_get_str(params, MCP_STR("name"), arena)).ptr);
    else if (mcp_str_eq(method, MCP_STR("notifications/cancelled")))
        snprintf(cancelled, sizeof(cancelled), "%.*s",
                 MCP_STR_ARG(mcp_json_raw(mcp_json_get(params, MCP_STR("requestId")))));
    else if (!mcp_str_is_null(id))
        put_error(id_z, -32601, "Method not found");
}

int actor_main(int argc, char **argv)
{
    static char line[1 << 20];
    struct mcp_arena *arena;

    if (argc < 2 || strncmp(argv[1], "--act=", 6) != 0)
        return -1;
    act = argv[1] + 6;
    if (strcmp(act, "late") == 0)
        nap(300);
    if (strcmp(act, "serve") == 0 || strcmp(act, "late") == 0)
        return serve();
    if (strcmp(act, "nothing") == 0)
        return 3;
    if (strcmp(act, "deaf") == 0)
        signal(SIGTERM, SIG_IGN);
    arena = mcp_arena_new(0, 0);
    while (read_line(line, sizeof(line))) {
        handle(mcp_str_n(line, strlen(line) - 1), arena);
        mcp_arena_reset(arena);
    }
    while (strcmp(act, "deaf") == 0)
        nap(1000);
    mcp_arena_free(arena);
    return 0;
}

struct mcp_client_options actor_options(const char *name)
{
    static char argument[64];
    static const char *argv[] = { "/proc/self/exe", argument, NULL };

    snprintf(argument, sizeof(argument), "--act=%s", name);
    return (struct mcp_client_options){ .argv = argv };
}
