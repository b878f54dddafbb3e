/* For tests of mcp-gcp: a scripted HTTP server on loopback, and calls without a transport. */
#include "gcp_help.h"

#include "mcp-gcp/zone.h"
#include "mcp/proto/call_internal.h"

#include <cost/result_cache.h>

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_REQUEST 65536
#define MAX_PATHS 256

struct gcp_server {
    int fd;
    char url[64];
    struct gcp_script *rows;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    char paths[MAX_PATHS][256];
    unsigned n_paths;
    char last[MAX_REQUEST];
};

static size_t length_of(const char *head)
{
    const char *at = strcasestr(head, "\r\nContent-Length:");

    return at == NULL ? 0 : strtoul(at + 17, NULL, 10);
}

/* One whole request, NUL-terminated; false at the end of the connection. */
static bool receive(int fd, char *out)
{
    size_t n = 0, want = SIZE_MAX;

    while (n < want && n + 1 < MAX_REQUEST) {
        ssize_t got = recv(fd, out + n, MAX_REQUEST - 1 - n, 0);
        const char *end;

        if (got <= 0)
            return false;
        n += (size_t)got;
        out[n] = '\0';
        end = strstr(out, "\r\n\r\n");
        if (end != NULL)
            want = (size_t)(end + 4 - out) + length_of(out);
    }
    return true;
}

static void note(struct gcp_server *s, const char *request)
{
    const char *path = strchr(request, ' ');
    size_t n = path == NULL ? 0 : strcspn(path + 1, " ");

    pthread_mutex_lock(&s->lock);
    snprintf(s->last, sizeof(s->last), "%s", request);
    if (n > 0 && s->n_paths < MAX_PATHS)
        snprintf(s->paths[s->n_paths++], sizeof(s->paths[0]), "%.*s", (int)n, path + 1);
    pthread_mutex_unlock(&s->lock);
}

static struct gcp_script *row_of(struct gcp_server *s, const char *request)
{
    const char *path = strchr(request, ' ') + 1;

    for (struct gcp_script *r = s->rows; r->path != NULL; r++) {
        if (strncmp(path, r->path, strlen(r->path)) == 0 && r->times >= 0) {
            if (r->times > 0 && --r->times == 0)
                r->times = -1;
            return r;
        }
    }
    return NULL;
}

static void answer(int fd, const struct gcp_script *row)
{
    char out[MAX_REQUEST];
    const char *body = row == NULL || row->body == NULL ? "" : row->body;
    int n = snprintf(out, sizeof(out), "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n%s",
                     row == NULL ? 404 : row->status,
                     row == NULL || row->headers == NULL ? "" : row->headers, strlen(body), body);

    if (n > 0)
        send(fd, out, (size_t)n, MSG_NOSIGNAL);
}

/* One connection after the other: a test asks one thing at a time. */
static void *serve(void *ctx)
{
    struct gcp_server *s = ctx;
    static char request[MAX_REQUEST];
    int fd;

    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        while (receive(fd, request)) {
            note(s, request);
            answer(fd, row_of(s, request));
            break; /* the next request comes on a connection of its own */
        }
        close(fd);
    }
    return NULL;
}

struct gcp_server *gcp_server_new(struct gcp_script *rows)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct gcp_server *s = calloc(1, sizeof(*s));
    socklen_t len = sizeof(at);

    MCP_BUG_ON(s == NULL);
    s->rows = rows;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MCP_BUG_ON(bind(s->fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(s->fd, 64) < 0 ||
               getsockname(s->fd, (struct sockaddr *)&at, &len) < 0);
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(at.sin_port));
    pthread_mutex_init(&s->lock, NULL);
    MCP_BUG_ON(pthread_create(&s->thread, NULL, serve, s) != 0);
    return s;
}

void gcp_server_free(struct gcp_server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

const char *gcp_server_url(const struct gcp_server *s)
{
    return s->url;
}

unsigned gcp_server_count(struct gcp_server *s, const char *path)
{
    unsigned n = 0;

    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < s->n_paths; i++)
        n += strncmp(s->paths[i], path, strlen(path)) == 0;
    pthread_mutex_unlock(&s->lock);
    return n;
}

const char *gcp_server_last(struct gcp_server *s)
{
    static char last[MAX_REQUEST];

    pthread_mutex_lock(&s->lock);
    memcpy(last, s->last, sizeof(last));
    pthread_mutex_unlock(&s->lock);
    return last;
}

void gcp_rig_begin(struct gcp_rig *rig, struct gcp_script *rows)
{
    char text[512];

    *rig = (struct gcp_rig){ .server = gcp_server_new(rows) };
    snprintf(text, sizeof(text),
             "{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s\","
             "\"refresh_token\":\"r\",\"token_uri\":\"%s/token\"}",
             gcp_server_url(rig->server));
    rig->config.credentials_file = mcp_str_z(gcp_file("user.json", text));
    rig->config.timezone = GCP_ZONE_UTC;
    rig->config.max_bytes_query = INT64_C(10) << 30;
    rig->config.price_per_tib_usd = MCP_STR("6.25");
    for (int i = 0; i < GCP_N_SERVICES; i++)
        rig->config.endpoints[i] = mcp_str_z(gcp_server_url(rig->server));
    rig->gcp = (struct gcp){ .config = &rig->config,
                             .creds = gcp_credentials_new(&rig->config),
                             .billing = gcp_billing_new(&rig->config),
                             .cache = cost_result_cache_new((size_t)4 << 20) };
    rig->call = gcp_call();
}

void gcp_rig_end(struct gcp_rig *rig)
{
    gcp_call_end(rig->call);
    cost_result_cache_free(rig->gcp.cache);
    gcp_billing_free(rig->gcp.billing);
    gcp_credentials_free(rig->gcp.creds);
    gcp_server_free(rig->server);
}

static void note_line(void *ctx, enum cost_mark mark, mcp_str text)
{
    static const char *const marks[] = { "ok", "warn", "FAIL" };
    struct gcp_lines *lines = ctx;

    MCP_BUG_ON(lines->n == 64);
    snprintf(lines->text[lines->n++], sizeof(lines->text[0]), "%s %.*s", marks[mark],
             MCP_STR_ARG(text));
}

struct cost_report gcp_lines_report(struct gcp_lines *lines)
{
    lines->n = 0;
    return (struct cost_report){ note_line, lines };
}

const char *gcp_lines_find(const struct gcp_lines *lines, const char *start)
{
    for (size_t i = 0; i < lines->n; i++) {
        if (strncmp(lines->text[i], start, strlen(start)) == 0)
            return lines->text[i];
    }
    return NULL;
}

struct mcp_call *gcp_call(void)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));

    MCP_BUG_ON(call == NULL);
    return call;
}

void gcp_call_end(struct mcp_call *call)
{
    mcp__call_unref(call);
}

static char folder[32];
static char files[8][64];
static unsigned n_files;

const char *gcp_file(const char *name, const char *content)
{
    char *path = files[n_files++ % 8];
    FILE *f;

    if (folder[0] == 0) {
        snprintf(folder, sizeof(folder), "/tmp/mcp-gcp-XXXXXX");
        MCP_BUG_ON(mkdtemp(folder) == NULL);
    }
    snprintf(path, sizeof(files[0]), "%s/%s", folder, name);
    f = fopen(path, "w");
    MCP_BUG_ON(f == NULL || fputs(content, f) < 0 || fclose(f) != 0);
    return path;
}

void gcp_files_remove(void)
{
    for (unsigned i = 0; i < n_files && i < 8; i++)
        unlink(files[i]);
    rmdir(folder);
}
