/* What is decided before the body of an HTTP request: Host, Origin, route, method, auth, size. */
#include "mcp/net/http.h"
#include "mcp/proto/param_header.h"

#define RPC_HTTP (-32000) /* refusals that have no code of their own */

static mcp_str path_of(const struct mcp_http_conn *conn, mcp_str *query)
{
    mcp_str path = MCP_STR_NULL;

    *query = mcp__fields_target(&conn->fields);
    if (!mcp_str_cut(query, '?', &path))
        *query = MCP_STR("");
    return path;
}

/* "host" allows any port, "host:port" that one. */
static bool host_listed(const struct mcp_serve_config *config, mcp_str value, mcp_str host)
{
    for (size_t i = 0; i < config->n_allowed_hosts; i++) {
        if (mcp_str_eq_nocase(config->allowed_hosts[i], value) ||
            mcp_str_eq_nocase(config->allowed_hosts[i], host))
            return true;
    }
    return false;
}

static bool host_allowed(const struct mcp_http_conn *conn)
{
    mcp_str value = mcp__fields_get(&conn->fields, MCP_FIELD_HOST);
    mcp_str host;

    if (!mcp__host_split(value, &host) || mcp_str_find(value, '/') != value.len)
        return false;
    return mcp__host_is_loopback(host) || host_listed(&conn->http->loop->config, value, host);
}

/* Absent is fine: only browsers send it. */
static bool origin_allowed(const struct mcp_http_conn *conn)
{
    const struct mcp_serve_config *config = &conn->http->loop->config;
    mcp_str value = mcp__fields_get(&conn->fields, MCP_FIELD_ORIGIN);
    mcp_str host, rest = value;

    if (mcp_str_is_null(value))
        return true;
    for (size_t i = 0; i < config->n_allowed_origins; i++) {
        if (mcp_str_eq_nocase(config->allowed_origins[i], value))
            return true;
    }
    if (!mcp_str_cut_prefix_nocase(&rest, MCP_STR("http://")) &&
        !mcp_str_cut_prefix_nocase(&rest, MCP_STR("https://")))
        return false;
    return conn->http->loopback && mcp_str_find(rest, '/') == rest.len &&
           mcp__host_split(rest, &host) && mcp__host_is_loopback(host);
}

void mcp__http_put_cors(struct mcp_http_conn *conn, struct mcp_buf *out)
{
    mcp_str origin = mcp__fields_get(&conn->fields, MCP_FIELD_ORIGIN);

    if (mcp_str_is_null(origin) || !origin_allowed(conn))
        return;
    mcp_buf_z(out, "Access-Control-Allow-Origin: ");
    mcp_buf_str(out, origin);
    mcp_buf_z(out, "\r\nVary: Origin\r\n"
                   "Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate\r\n");
}

/* What a browser asks before it sends; the headers of the tools' arguments are part of it. */
static void answer_preflight(struct mcp_http_conn *conn, bool close)
{
    const struct mcp_registry *registry = conn->http->loop->serve->registry;
    struct mcp_buf lines;
    struct mcp_http_answer answer = { .status = 204, .close = close };

    mcp_buf_init(&lines, (size_t)16 << 10);
    mcp_buf_z(&lines, "Allow: GET, POST, DELETE, OPTIONS\r\n");
    if (!mcp_str_is_null(mcp__fields_get(&conn->fields, MCP_FIELD_ORIGIN))) {
        mcp_buf_z(&lines, "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n"
                          "Access-Control-Max-Age: 600\r\n"
                          "Access-Control-Allow-Headers: Authorization, Content-Type, "
                          "Last-Event-ID, MCP-Protocol-Version, Mcp-Method, Mcp-Name, "
                          "Mcp-Session-Id, Traceparent, X-Request-ID");
        for (size_t i = 0; i < registry->n_tools; i++) {
            const struct mcp_param_headers *headers = registry->tools[i].headers;

            for (size_t k = 0; headers != NULL && k < headers->count; k++) {
                mcp_buf_z(&lines, ", Mcp-Param-");
                mcp_buf_str(&lines, headers->items[k].name);
            }
        }
        mcp_buf_z(&lines, "\r\n");
    }
    answer.headers = mcp_buf_view(&lines);
    mcp__http_answer(conn, &answer);
    mcp_buf_release(&lines);
}

static struct mcp_http_head head_of(const struct mcp_http_conn *conn)
{
    const struct mcp_http_fields *f = &conn->fields;
    struct mcp_http_head head = {
        .method = mcp_str_z(llhttp_method_name((llhttp_method_t)conn->parser.method)),
        .host = mcp__fields_get(f, MCP_FIELD_HOST),
        .origin = mcp__fields_get(f, MCP_FIELD_ORIGIN),
        .authorization = mcp__fields_get(f, MCP_FIELD_AUTHORIZATION),
        .request_id = mcp__fields_get(f, MCP_FIELD_REQUEST_ID),
        .traceparent = mcp__fields_get(f, MCP_FIELD_TRACEPARENT),
        .loopback = conn->peer_loopback,
    };

    head.path = path_of(conn, &head.query);
    return head;
}

static void reply_init(struct mcp_http_reply *reply)
{
    memset(reply, 0, sizeof(*reply));
    mcp_buf_init(&reply->headers, (size_t)8 << 10);
    mcp_buf_init(&reply->body, (size_t)4 << 20);
}

static void reply_release(struct mcp_http_reply *reply)
{
    mcp_buf_release(&reply->headers);
    mcp_buf_release(&reply->body);
}

/* 0, or 1: refused. */
static int authorize(struct mcp_http_conn *conn, bool close)
{
    struct mcp_serve *serve = conn->http->loop->serve;
    struct mcp_http_head head;
    struct mcp_http_reply reply;
    int rc;

    mcp_buf_clear(&conn->principal);
    if (serve->authorize == NULL)
        return 0;
    head = head_of(conn);
    reply_init(&reply);
    rc = serve->authorize(serve->ctx, &head, &conn->principal, &reply);
    if (rc != 0) {
        bool denied = rc == MCP_EDENIED;

        mcp__count(&serve->counters.auth_refused, 1);
        mcp_buf_char(&reply.headers, '\0');
        mcp__http_refuse(conn, denied ? 403 : 401, RPC_HTTP, denied ? "Forbidden" : "Unauthorized",
                         reply.headers.ptr, close);
    }
    reply_release(&reply);
    return rc != 0;
}

static void serve_route(struct mcp_http_conn *conn, const struct mcp_route *route, bool close)
{
    struct mcp_http_head head = head_of(conn);
    struct mcp_http_reply reply;
    struct mcp_http_answer answer = { .n_parts = 1, .close = close };
    mcp_str body;

    if (conn->parser.method != HTTP_GET && conn->parser.method != HTTP_HEAD) {
        mcp__http_refuse(conn, 405, RPC_HTTP, "Method Not Allowed", "Allow: GET, HEAD\r\n", close);
        return;
    }
    reply_init(&reply);
    route->serve(conn->http->loop->serve->ctx, &head, &reply);
    body = mcp_buf_view(&reply.body);
    answer.status = reply.status != 0 ? reply.status : 200;
    answer.content_type = reply.content_type != NULL ? reply.content_type : "application/json";
    answer.parts = &body;
    answer.headers = mcp_buf_view(&reply.headers);
    mcp__http_answer(conn, &answer);
    reply_release(&reply);
}

static const struct mcp_route *find_route(const struct mcp_serve *serve, mcp_str path)
{
    for (size_t i = 0; i < serve->n_routes; i++) {
        if (mcp_str_eq(path, mcp_str_z(serve->routes[i].path)))
            return &serve->routes[i];
    }
    return NULL;
}

static bool is_json(mcp_str content_type)
{
    mcp_str media;

    if (mcp_str_eq(content_type, MCP_STR("application/json"))) /* nearly always */
        return true;
    mcp_str_cut(&content_type, ';', &media);
    return mcp_str_eq_nocase(mcp_str_trim(media), MCP_STR("application/json"));
}

/* The last steps of a POST that is going to be read. */
static int check_post(struct mcp_http_conn *conn, bool has_body)
{
    mcp_str expect = mcp__fields_get(&conn->fields, MCP_FIELD_EXPECT);

    if (!is_json(mcp__fields_get(&conn->fields, MCP_FIELD_CONTENT_TYPE))) {
        mcp__http_refuse(conn, 415, RPC_HTTP,
                         "Unsupported Media Type: Content-Type must be application/json", NULL,
                         has_body);
        return 1;
    }
    if (conn->fields.known[MCP_FIELD_CONTENT_LENGTH].seen &&
        conn->parser.content_length > conn->http->loop->config.max_body_bytes) {
        mcp__http_refuse(conn, 413, mcp_err_rpc(MCP_ETOOBIG), "the body is larger than allowed",
                         NULL, true);
        return 1;
    }
    if (mcp_str_is_null(expect))
        return 0;
    if (!mcp_str_eq_nocase(expect, MCP_STR("100-continue"))) {
        mcp__http_refuse(conn, 417, RPC_HTTP, "Expectation Failed", NULL, has_body);
        return 1;
    }
    if (has_body && conn->parser.http_minor == 1) {
        char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        uv_buf_t buf = uv_buf_init(go_on, sizeof(go_on) - 1);

        conn->io->write(conn->io_ctx, &buf, 1);
    }
    return 0;
}

/* mcp_path itself, after Host and Origin. */
static int route_mcp(struct mcp_http_conn *conn, bool has_body)
{
    switch (conn->parser.method) {
    case HTTP_OPTIONS:
        answer_preflight(conn, has_body);
        return 1;
    case HTTP_POST:
        if (authorize(conn, has_body) != 0)
            return 1;
        return check_post(conn, has_body);
    case HTTP_GET:
    case HTTP_DELETE:
        return authorize(conn, has_body);
    default:
        mcp__http_refuse(conn, 405, RPC_HTTP, "Method Not Allowed",
                         "Allow: GET, POST, DELETE, OPTIONS\r\n", has_body);
        return 1;
    }
}

/* The parser takes any list that ends in chunked, and an empty one for none. */
static bool framing_allowed(const struct mcp_http_conn *conn)
{
    mcp_str coding = mcp__fields_get(&conn->fields, MCP_FIELD_TRANSFER_ENCODING);

    return mcp_str_is_null(coding) ||
           (conn->parser.http_minor == 1 && mcp_str_eq_nocase(coding, MCP_STR("chunked")));
}

int mcp__http_route(struct mcp_http_conn *conn, bool has_body)
{
    struct mcp_serve *serve = conn->http->loop->serve;
    mcp_str query, path = path_of(conn, &query);
    bool is_mcp = mcp_str_eq(path, mcp_str_z(conn->http->loop->config.mcp_path));
    const struct mcp_route *route = is_mcp ? NULL : find_route(serve, path);

    if (conn->fields.twice != NULL) {
        mcp__http_refuse(conn, 400, RPC_HTTP, "a header stands twice that may stand once", NULL,
                         true);
        return 1;
    }
    if (!framing_allowed(conn)) {
        mcp__http_refuse(conn, 501, RPC_HTTP, "Transfer-Encoding may only be chunked", NULL, true);
        return 1;
    }
    if (route != NULL && route->open) {
        serve_route(conn, route, has_body);
        return 1;
    }
    if (mcp_str_is_null(mcp__fields_get(&conn->fields, MCP_FIELD_HOST)) || path.len == 0 ||
        path.ptr[0] != '/') {
        mcp__http_refuse(conn, 400, RPC_HTTP, "Bad Request: Host and a path are needed", NULL,
                         has_body);
        return 1;
    }
    if (!host_allowed(conn)) {
        mcp__http_refuse(conn, 403, RPC_HTTP, "Forbidden: this Host is not in allowed_hosts", NULL,
                         has_body);
        return 1;
    }
    if (!origin_allowed(conn)) {
        mcp__http_refuse(conn, 403, RPC_HTTP, "Forbidden: this Origin is not in allowed_origins",
                         NULL, has_body);
        return 1;
    }
    if (is_mcp)
        return route_mcp(conn, has_body);
    if (route == NULL) {
        mcp__http_refuse(conn, 404, RPC_HTTP, "Not Found", NULL, has_body);
        return 1;
    }
    if (authorize(conn, has_body) == 0)
        serve_route(conn, route, has_body);
    return 1;
}
