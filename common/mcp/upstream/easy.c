/* One transfer as libcurl sees it: its options, its callbacks, and what its end means. */
#include "mcp/upstream/easy.h"

#include "mcp/proto/call_internal.h"
#include "mcp/upstream/room.h"
#include "mcp/upstream/stream.h"

#include <mcp/clock.h>
#include <mcp/version.h>

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/socket.h>

#define HEAD_MAX ((size_t)64 << 10) /* all header lines of one answer */
#define ROOM_STEP ((size_t)16 << 10)

static void heard(struct mcp__transfer *t)
{
    atomic_store(&t->last_ms, mcp_clock_mono_ms());
}

static void reached(struct mcp__transfer *t, enum mcp__phase phase)
{
    heard(t);
    if (atomic_load(&t->phase) < (int)phase)
        atomic_store(&t->phase, (int)phase);
}

static bool grow(char **bytes, size_t *size, size_t want, size_t step)
{
    size_t bigger = *size < step ? step : *size;
    char *moved;

    if (want <= *size)
        return true;
    while (bigger < want)
        bigger *= 2;
    moved = realloc(*bytes, bigger);
    if (moved == NULL)
        return false;
    *bytes = moved;
    *size = bigger;
    return true;
}

/* They are counted before they are kept, so that what all transfers hold together never passes the
 * limit; without room this one stands still until there is. */
static size_t keep(struct mcp__transfer *t, const char *bytes, size_t n)
{
    size_t received = atomic_load(&t->received), want, step;

    if (n > t->max_body_bytes - received) {
        t->outcome = MCP__OUT_TOOBIG;
        return 0;
    }
    want = t->answer_len + n;
    if (want > t->taken) {
        step = want + ROOM_STEP <= t->max_body_bytes ? want + ROOM_STEP : t->max_body_bytes;
        if (!mcp__room_take(step - t->taken)) {
            atomic_store(&t->paused, true);
            return CURL_WRITEFUNC_PAUSE;
        }
        t->taken = step;
    }
    if (!grow(&t->answer, &t->answer_size, want, 4096)) {
        t->outcome = MCP__OUT_NOMEM;
        return 0;
    }
    memcpy(t->answer + t->answer_len, bytes, n);
    t->answer_len = want;
    atomic_store(&t->received, received + n);
    return n;
}

/* Unpacked bytes. */
static size_t on_body(char *bytes, size_t size, size_t n, void *ctx)
{
    struct mcp__transfer *t = ctx;
    struct mcp_call *call = t->group->call;
    size_t kept;

    (void)size; /* always 1 */
    reached(t, MCP__PHASE_ANSWER);
    pthread_mutex_lock(&call->lock);
    t->streaming = t->head_done ? t->streaming : mcp__stream_begins(t);
    t->head_done = true;
    kept = keep(t, bytes, n);
    if (t->streaming)
        mcp__stream_wake(t);
    pthread_mutex_unlock(&call->lock);
    return kept;
}

/* One header line; the status line of each answer (100 Continue, then 200) begins anew. */
static size_t on_header(char *bytes, size_t size, size_t n, void *ctx)
{
    struct mcp__transfer *t = ctx;

    (void)size;
    reached(t, MCP__PHASE_ANSWER);
    if (t->head_done)
        return n; /* trailers */
    if (mcp_str_starts(mcp_str_n(bytes, n), MCP_STR("HTTP/")))
        t->head_len = 0;
    if (n > HEAD_MAX - t->head_len) {
        t->outcome = MCP__OUT_TOOBIG;
        return 0;
    }
    if (!grow(&t->head, &t->head_size, t->head_len + n, 1024)) {
        t->outcome = MCP__OUT_NOMEM;
        return 0;
    }
    memcpy(t->head + t->head_len, bytes, n);
    t->head_len += n;
    return n;
}

/* Right before the request goes out: connected, TLS done. */
static int on_request(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
    (void)ip;
    (void)local_ip;
    (void)port;
    (void)local_port;
    reached(ctx, MCP__PHASE_SENT);
    return CURL_PREREQFUNC_OK;
}

static CURLcode set_method(CURL *easy, const struct mcp__transfer *t)
{
    static const char *const names[] = { [MCP_GET] = "GET",
                                         [MCP_POST] = "POST",
                                         [MCP_PUT] = "PUT",
                                         [MCP_DELETE] = "DELETE",
                                         [MCP_HEAD] = "HEAD" };
    CURLcode rc = CURLE_OK;

    if (t->method == MCP_HEAD)
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (t->method == MCP_POST || t->method == MCP_PUT || t->body_len > 0) {
        /* A body of known length, sent from t's own copy. */
        rc = curl_easy_setopt(easy, CURLOPT_POST, 1L);
        if (rc == CURLE_OK)
            rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
        if (rc == CURLE_OK)
            rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->body == NULL ? "" : t->body);
    }
    if (rc == CURLE_OK && t->method != MCP_GET && t->method != MCP_POST)
        rc = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, names[t->method]);
    else if (rc == CURLE_OK && t->method == MCP_GET && t->body_len > 0)
        rc = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, names[MCP_GET]);
    return rc;
}

static CURLcode set_security(CURL *easy, const struct mcp__transfer *t)
{
    const char *ca_file = getenv("SSL_CERT_FILE");
    CURLcode rc;

    /* Without a folder of certificates the bundle is parsed once for the multi and kept: 37 ms
     * become 0.7 from the second connection on. */
    rc = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (rc == CURLE_OK && ca_file != NULL && ca_file[0] != '\0')
        rc = curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, t->plain_http ? "http" : "https");
    /* Redirects are followed by the worker, who knows what may be sent on. */
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    /* Plain HTTP goes to this machine or its metadata server: no proxy could reach those. */
    if (rc == CURLE_OK && t->plain_http)
        rc = curl_easy_setopt(easy, CURLOPT_PROXY, "");
    return rc;
}

static CURLcode set_times(CURL *easy, const struct mcp__transfer *t, uint64_t now_ms)
{
    uint64_t left = t->until_ms > now_ms ? t->until_ms - now_ms : 1;
    CURLcode rc;

    rc = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)t->connect_timeout_ms);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A name server that hangs must not hold this thread when the transfer is dropped. */
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    /* libcurl repeats any request that broke on a reused connection before an answer began. */
    if (rc == CURLE_OK && t->own_connection)
        rc = curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    /* Requests to one host share one HTTP/2 connection instead of racing to open many. */
    if (rc == CURLE_OK && !t->plain_http)
        rc = curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    return rc;
}

static CURLcode set_callbacks(CURL *easy, struct mcp__transfer *t)
{
    CURLcode rc;

    rc = curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->curl_error);
    return rc;
}

void *mcp__easy_new(struct mcp__transfer *t, uint64_t now_ms)
{
    CURL *easy = curl_easy_init();
    CURLcode rc;

    if (easy == NULL)
        return NULL;
    rc = curl_easy_setopt(easy, CURLOPT_URL, t->url);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_USERAGENT, "libmcp/" MCP_VERSION_STR);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    /* A length that is said to be too large is not even begun. HEAD only tells it. */
    if (rc == CURLE_OK && t->method != MCP_HEAD)
        rc = curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->max_body_bytes);
    if (rc == CURLE_OK)
        rc = set_method(easy, t);
    if (rc == CURLE_OK)
        rc = set_security(easy, t);
    if (rc == CURLE_OK)
        rc = set_times(easy, t, now_ms);
    if (rc == CURLE_OK)
        rc = set_callbacks(easy, t);
    if (rc != CURLE_OK) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    reached(t, MCP__PHASE_CONNECT);
    return easy;
}

static void note_reason(struct mcp__transfer *t, CURLcode rc)
{
    const char *words = t->curl_error[0] != '\0' ? t->curl_error : curl_easy_strerror(rc);
    mcp_str cut = mcp_str_head(mcp_str_z(words), sizeof(t->reason) - 1);

    memcpy(t->reason, cut.ptr, cut.len);
    t->reason[cut.len] = '\0';
}

/* libcurl 7.88 takes no more than the announced bytes off a connection whose head came alone, and
 * does not look for others before it uses it again: they would begin the next answer. Shut down, it
 * is seen to be dead. Over TLS and HTTP/2 bytes may wait that belong there. */
static void drop_excess(const struct mcp__transfer *t)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    char byte;

    if (t->plain_http && curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
        fd != CURL_SOCKET_BAD && recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
        shutdown(fd, SHUT_RDWR);
}

enum mcp__outcome mcp__easy_outcome(struct mcp__transfer *t, int result)
{
    CURLcode rc = (CURLcode)result;
    bool sent = atomic_load(&t->phase) >= MCP__PHASE_SENT;
    long status = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->status = (int)status;
    drop_excess(t);
    if (rc == CURLE_OK)
        return status > 0 ? MCP__OUT_OK : MCP__OUT_BROKEN;
    note_reason(t, rc);
    switch (rc) {
    case CURLE_WRITE_ERROR: /* ours: on_body and on_header say why */
        return t->outcome == MCP__OUT_OK ? MCP__OUT_BROKEN : t->outcome;
    case CURLE_FILESIZE_EXCEEDED:
        return MCP__OUT_TOOBIG;
    case CURLE_OUT_OF_MEMORY:
        return MCP__OUT_NOMEM;
    case CURLE_OPERATION_TIMEDOUT:
        /* libcurl has one code for both; the attempt's own end comes later than connecting's. */
        return !sent && mcp_clock_mono_ms() + 20 < t->until_ms ? MCP__OUT_NO_CONNECTION
                                                               : MCP__OUT_TIMEOUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
        return MCP__OUT_TLS;
    default:
        return sent ? MCP__OUT_BROKEN : MCP__OUT_NO_CONNECTION;
    }
}
