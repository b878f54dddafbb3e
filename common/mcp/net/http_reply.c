/* Printing HTTP answers: one head, the parts of the body behind it, handed over in one go. */
#include "mcp/net/http.h"
#include "mcp/proto/jsonrpc.h"

#include <mcp/log.h>

#define MAX_PARTS 16
#define HEAD_BYTES ((size_t)4 << 10)

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 417, "Expectation Failed" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Status";
}

static bool is_request_id(mcp_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < 0x21 || s.ptr[i] > 0x7e)
            return false;
    }
    return s.len >= 1 && s.len <= 128;
}

static void put_status(struct mcp_buf *head, int status)
{
    if (status == 200) {
        mcp_buf_str(head, MCP_STR("HTTP/1.1 200 OK\r\n"));
        return;
    }
    mcp_buf_str(head, MCP_STR("HTTP/1.1 "));
    mcp_buf_int(head, status);
    mcp_buf_char(head, ' ');
    mcp_buf_z(head, reason_of(status));
    mcp_buf_str(head, MCP_STR("\r\n"));
}

/* A 204 has no body and no length; a stream has neither, but chunks where HTTP/1.1 allows. */
static void put_framing(struct mcp_http_conn *conn, const struct mcp_http_answer *a, size_t len,
                        struct mcp_buf *head)
{
    if (a->content_type != NULL) {
        mcp_buf_str(head, MCP_STR("Content-Type: "));
        mcp_buf_z(head, a->content_type);
        mcp_buf_str(head, MCP_STR("\r\n"));
    }
    if (a->stream) {
        mcp_buf_str(head, MCP_STR("Cache-Control: no-cache, no-transform\r\n"
                                  "X-Accel-Buffering: no\r\n"));
        if (conn->parser.http_minor == 1)
            mcp_buf_str(head, MCP_STR("Transfer-Encoding: chunked\r\n"));
    } else if (a->status != 204) {
        mcp_buf_str(head, MCP_STR("Content-Length: "));
        mcp_buf_int(head, (int64_t)len);
        mcp_buf_str(head, MCP_STR("\r\n"));
    }
}

static void put_head(struct mcp_http_conn *conn, const struct mcp_http_answer *a, size_t len)
{
    struct mcp_buf *head = &conn->http->head;
    mcp_str request_id = mcp__fields_get(&conn->fields, MCP_FIELD_REQUEST_ID);

    mcp_buf_clear(head);
    put_status(head, a->status);
    put_framing(conn, a, len, head);
    if (!conn->keep_alive)
        mcp_buf_str(head, MCP_STR("Connection: close\r\n"));
    else if (conn->parser.http_minor == 0)
        mcp_buf_str(head, MCP_STR("Connection: keep-alive\r\n"));
    if (a->session_id.len > 0) {
        mcp_buf_str(head, MCP_STR("Mcp-Session-Id: "));
        mcp_buf_str(head, a->session_id);
        mcp_buf_str(head, MCP_STR("\r\n"));
    }
    if (is_request_id(request_id)) {
        mcp_buf_str(head, MCP_STR("X-Request-ID: "));
        mcp_buf_str(head, request_id);
        mcp_buf_str(head, MCP_STR("\r\n"));
    }
    mcp__http_put_cors(conn, head);
    mcp_buf_str(head, a->headers);
    mcp_buf_str(head, MCP_STR("\r\n"));
}

static uv_buf_t buf_of(mcp_str s)
{
    uv_buf_t buf;

    buf.len = s.len;
    memcpy(&buf.base, &s.ptr, sizeof(buf.base)); /* written, never changed */
    return buf;
}

static void write_parts(struct mcp_http_conn *conn, const mcp_str *parts, size_t n)
{
    struct mcp_buf *head = &conn->http->head;
    uv_buf_t bufs[MAX_PARTS + 1];
    unsigned used = 1;

    MCP_BUG_ON(n > MAX_PARTS);
    if (head->failed)
        return;
    bufs[0] = buf_of(mcp_buf_view(head));
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len > 0)
            bufs[used++] = buf_of(parts[i]);
    }
    conn->io->write(conn->io_ctx, bufs, used);
}

void mcp__http_answer(struct mcp_http_conn *conn, const struct mcp_http_answer *answer)
{
    struct mcp_serve *serve = conn->http->loop->serve;
    bool head_only = conn->parser.method == HTTP_HEAD;
    size_t len = 0;

    if (conn->answered)
        return;
    conn->answered = true;
    for (size_t i = 0; i < answer->n_parts; i++)
        len += answer->parts[i].len;
    if (answer->close || conn->http->loop->stopping ||
        (answer->stream && conn->parser.http_minor == 0))
        conn->keep_alive = false;
    put_head(conn, answer, len);
    write_parts(conn, answer->parts, head_only ? 0 : answer->n_parts);
    mcp__count(&serve->counters.http_status[answer->status / 100 % 6], 1);
    mcp_info("http request",
             MCP_KV_Z("method", llhttp_method_name((llhttp_method_t)conn->parser.method)),
             MCP_KV_STR("target", mcp__fields_target(&conn->fields)),
             MCP_KV_INT("status", answer->status),
             MCP_KV_STR("request_id", mcp__fields_get(&conn->fields, MCP_FIELD_REQUEST_ID)), );
    if (answer->close) {
        conn->phase = MCP_HTTP_CLOSING;
        conn->io->finish(conn->io_ctx);
    }
}

void mcp__http_answer_json(struct mcp_http_conn *conn, int status, mcp_str json)
{
    const struct mcp_http_answer answer = {
        .status = status,
        .content_type = "application/json",
        .parts = &json,
        .n_parts = 1,
    };

    mcp__http_answer(conn, &answer);
}

void mcp__http_refuse(struct mcp_http_conn *conn, int status, int code, const char *message,
                      const char *headers, bool close)
{
    struct mcp_buf body;
    mcp_str text;
    struct mcp_http_answer answer = {
        .status = status,
        .content_type = "application/json",
        .parts = &text,
        .n_parts = 1,
        .headers = mcp_str_z(headers),
        .close = close,
    };

    mcp_buf_init(&body, HEAD_BYTES);
    mcp__rpc_error(&body, MCP_STR_NULL, code, mcp_str_z(message), MCP_STR_NULL);
    text = mcp_buf_view(&body);
    mcp__http_answer(conn, &answer);
    mcp_buf_release(&body);
}
