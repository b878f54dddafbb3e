/* /metrics: the counters of the transports in Prometheus' text format. */
#include "mcp/server/metrics.h"

#include <mcp/clock.h>
#include <mcp/log.h>

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

/* One family with a single value, a row per member of struct mcp_counters. */
static const struct row {
    const char *name;
    const char *type;
    const char *help;
    size_t offset;
} rows[] = {
#define ROW(member, metric, kind, text)                                                            \
    {                                                                                              \
        .name = (metric), .type = (kind), .help = (text),                                          \
        .offset = offsetof(struct mcp_counters, member)                                            \
    }
    ROW(auth_refused, "mcp_auth_refused_total", "counter", "Requests refused for their caller."),
    ROW(bytes_in, "mcp_received_bytes_total", "counter", "Bytes taken in."),
    ROW(bytes_out, "mcp_sent_bytes_total", "counter", "Bytes sent."),
    ROW(calls_fast, "mcp_calls_fast_total", "counter", "Tool calls answered on the loop."),
    ROW(calls_running, "mcp_calls_running", "gauge", "Tool calls running or waiting for a worker."),
    ROW(connections, "mcp_connections_total", "counter", "Connections accepted."),
    ROW(connections_open, "mcp_connections_open", "gauge", "Open connections."),
    ROW(connections_refused, "mcp_connections_refused_total", "counter",
        "Connections over max_connections."),
    ROW(late_answers, "mcp_late_answers_total", "counter",
        "Handlers that came back after their call was answered without them."),
    ROW(overloads, "mcp_overloads_total", "counter", "Calls refused because the queue was full."),
    ROW(progress_sent, "mcp_progress_sent_total", "counter", "Progress notifications sent."),
    ROW(rpc_errors, "mcp_rpc_errors_total", "counter", "JSON-RPC errors answered."),
    ROW(sessions_open, "mcp_sessions_open", "gauge", "Open sessions of the older revisions."),
    ROW(workers, "mcp_workers", "gauge", "Worker threads."),
#undef ROW
};

static uint64_t load(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void family(struct mcp_buf *out, const char *name, const char *type, const char *help)
{
    mcp_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Names of methods, tools and servers are our own; a quote in one would still not break out. */
static void label(struct mcp_buf *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            mcp_buf_char(out, '\\');
        mcp_buf_char(out, *value);
    }
}

static void calls(const struct mcp_counters *c, struct mcp_buf *out)
{
    family(out, "mcp_calls_total", "counter", "Tool calls that ended.");
    mcp_buf_printf(out, "mcp_calls_total{outcome=\"ok\"} %" PRIu64 "\n", load(&c->calls_ok));
    mcp_buf_printf(out, "mcp_calls_total{outcome=\"error\"} %" PRIu64 "\n", load(&c->calls_error));
    mcp_buf_printf(out, "mcp_calls_total{outcome=\"cancelled\"} %" PRIu64 "\n",
                   load(&c->calls_cancelled));
    family(out, "mcp_calls_seconds_total", "counter", "Time the ended tool calls took together.");
    mcp_buf_printf(out, "mcp_calls_seconds_total %" PRIu64 ".%03" PRIu64 "\n",
                   load(&c->calls_ms) / 1000, load(&c->calls_ms) % 1000);
}

/* Resident pages, or -1; a read of /proc does not block. */
static int64_t resident_pages(void)
{
    char text[128];
    ssize_t n = -1;
    mcp_str rest, size, resident;
    int64_t pages;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
    }
    if (n <= 0)
        return -1;
    rest = mcp_str_n(text, (size_t)n);
    mcp_str_cut(&rest, ' ', &size);
    mcp_str_cut(&rest, ' ', &resident);
    return mcp_str_int64(resident, &pages) == 0 ? pages : -1;
}

static void process(const struct mcp__metrics *m, struct mcp_buf *out)
{
    uint64_t up_ms = mcp_clock_mono_ms() - m->start_ms;
    int64_t pages = resident_pages();

    family(out, "mcp_build_info", "gauge", "The server and its version.");
    mcp_buf_z(out, "mcp_build_info{name=\"");
    label(out, m->name);
    mcp_buf_z(out, "\",version=\"");
    label(out, m->version);
    mcp_buf_z(out, "\"} 1\n");
    family(out, "mcp_uptime_seconds", "gauge", "Time since the start.");
    mcp_buf_printf(out, "mcp_uptime_seconds %" PRIu64 ".%03" PRIu64 "\n", up_ms / 1000,
                   up_ms % 1000);
    family(out, "mcp_log_dropped_total", "counter", "Log lines that stderr did not take.");
    mcp_buf_printf(out, "mcp_log_dropped_total %" PRIu64 "\n", mcp_log_dropped());
    if (pages >= 0) {
        family(out, "process_resident_memory_bytes", "gauge", "Resident memory.");
        mcp_buf_printf(out, "process_resident_memory_bytes %" PRId64 "\n",
                       pages * sysconf(_SC_PAGESIZE));
    }
}

void mcp__metrics_write(const struct mcp__metrics *m, struct mcp_buf *out)
{
    const struct mcp_counters *c = &m->serve->counters;

    process(m, out);
    calls(c, out);
    family(out, "mcp_messages_total", "counter", "JSON-RPC messages by method.");
    for (size_t i = 0; i < MCP_N_COUNT_METHODS; i++) {
        mcp_buf_z(out, "mcp_messages_total{method=\"");
        label(out, mcp__count_method_names[i]);
        mcp_buf_printf(out, "\"} %" PRIu64 "\n", load(&c->methods[i]));
    }
    family(out, "mcp_http_responses_total", "counter", "HTTP answers by class of status.");
    for (size_t i = 1; i < sizeof(c->http_status) / sizeof(c->http_status[0]); i++)
        mcp_buf_printf(out, "mcp_http_responses_total{code=\"%zuxx\"} %" PRIu64 "\n", i,
                       load(&c->http_status[i]));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        family(out, rows[i].name, rows[i].type, rows[i].help);
        mcp_buf_printf(out, "%s %" PRIu64 "\n", rows[i].name,
                       load((const void *)((const char *)c + rows[i].offset)));
    }
}

void mcp__metrics_serve(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply)
{
    (void)head;
    reply->status = 200;
    reply->content_type = "text/plain; version=0.0.4; charset=utf-8";
    mcp__metrics_write(ctx, &reply->body);
}
