/* The ceiling: the least that libuv, llhttp and jsmn must do to answer one tools/call over HTTP. */

/* One read; llhttp over the head without looking at any header; the body copied, cut into tokens
 * without a check, its id found; the head printed, the answer copied behind it as a server does that
 * makes each anew; one write. The bytes out are those of the server beside it, headers included. It
 * knows no Host, era, method, schema, cache, limit or timeout. */
#include <llhttp.h>
#include <uv.h>

#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REQUEST 8192
#define MAX_TOKENS 128
#define PREFIX "{\"jsonrpc\":\"2.0\",\"id\":"

/* The body's bytes behind the id, read once from the file given: as many as ours sends. */
static char *tail;
static size_t tail_len;

struct conn {
    uv_tcp_t tcp;
    llhttp_t parser;
    char in[MAX_REQUEST];
    char body[MAX_REQUEST];
    size_t body_len;
    char *out;
};

static void on_closed(uv_handle_t *handle)
{
    struct conn *c = handle->data;

    free(c->out);
    free(c);
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct conn *c = parser->data;

    if (c->body_len + len > sizeof(c->body))
        return HPE_USER;
    memcpy(c->body + c->body_len, at, len);
    c->body_len += len;
    return 0;
}

/* Tokens, the method's name looked at, the id copied, one write. */
static int on_complete(llhttp_t *parser)
{
    struct conn *c = parser->data;
    jsmntok_t tokens[MAX_TOKENS];
    jsmn_parser json;
    const char *id = "null";
    int id_len = 4, n, head;
    uv_buf_t buf;

    jsmn_init(&json);
    n = jsmn_parse(&json, c->body, c->body_len, tokens, MAX_TOKENS);
    for (int i = 1; i + 1 < n; i++) {
        int len = tokens[i].end - tokens[i].start;

        if (tokens[i].parent == 0 && len == 2 && memcmp(c->body + tokens[i].start, "id", 2) == 0) {
            id = c->body + tokens[i + 1].start;
            id_len = tokens[i + 1].end - tokens[i + 1].start;
        }
    }
    c->body_len = 0;
    head = snprintf(
        c->out, 256,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n" PREFIX
        "%.*s",
        sizeof(PREFIX) - 1 + (size_t)id_len + tail_len, id_len, id);
    memcpy(c->out + head, tail, tail_len);
    buf = uv_buf_init(c->out, (unsigned)((size_t)head + tail_len));
    return uv_try_write((uv_stream_t *)&c->tcp, &buf, 1) == (int)buf.len ? 0 : HPE_USER;
}

static const llhttp_settings_t settings = { .on_body = on_body,
                                            .on_message_complete = on_complete };

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct conn *c = handle->data;

    (void)size;
    *buf = uv_buf_init(c->in, sizeof(c->in));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct conn *c = stream->data;

    if (n < 0 || (n > 0 && llhttp_execute(&c->parser, buf->base, (size_t)n) != HPE_OK))
        uv_close((uv_handle_t *)stream, on_closed);
}

static void on_connection(uv_stream_t *server, int status)
{
    struct conn *c = calloc(1, sizeof(*c));

    if (status < 0 || c == NULL || (c->out = malloc(tail_len + 512)) == NULL)
        abort();
    uv_tcp_init(server->loop, &c->tcp);
    c->tcp.data = c;
    uv_accept(server, (uv_stream_t *)&c->tcp);
    uv_tcp_nodelay(&c->tcp, 1);
    llhttp_init(&c->parser, HTTP_REQUEST, &settings);
    c->parser.data = c;
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

static int read_tail(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL)
        return -1;
    tail = malloc(1 << 20);
    tail_len = tail == NULL ? 0 : fread(tail, 1, 1 << 20, f);
    fclose(f);
    return tail_len > 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct sockaddr_storage address;
    int size = sizeof(address);
    struct sockaddr_in any;
    uv_tcp_t server;

    if (argc != 2 || read_tail(argv[1]) < 0) {
        fprintf(stderr, "usage: bench_ceiling FILE   (the body behind the id)\n");
        return 2;
    }
    uv_tcp_init(uv_default_loop(), &server);
    uv_ip4_addr("127.0.0.1", 0, &any);
    if (uv_tcp_bind(&server, (const struct sockaddr *)&any, 0) < 0 ||
        uv_listen((uv_stream_t *)&server, 511, on_connection) < 0)
        return 1;
    uv_tcp_getsockname(&server, (struct sockaddr *)&address, &size);
    fprintf(stderr, "{\"message\":\"listening\",\"url\":\"http://127.0.0.1:%d/mcp\"}\n",
            ntohs(((struct sockaddr_in *)&address)->sin_port));
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
