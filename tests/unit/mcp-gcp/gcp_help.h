/* For tests of mcp-gcp: a scripted HTTP server on loopback, and calls without a transport. */
#ifndef TEST_GCP_HELP_H
#define TEST_GCP_HELP_H

#include "mcp-gcp/live.h"

/* What is answered to a path that begins so; the first row that fits and has answers left. */
struct gcp_script {
    const char *path;
    int status;
    const char *headers; /* whole lines with CRLF, or NULL */
    const char *body;
    int times; /* so often; 0: always */
};

struct gcp_server;
/* rows ends with a NULL path and outlives the server. What fits no row is answered 404. */
struct gcp_server *gcp_server_new(struct gcp_script *rows);
void gcp_server_free(struct gcp_server *s);
/* "http://127.0.0.1:PORT" */
const char *gcp_server_url(const struct gcp_server *s);
/* How many requests began with this path so far; the whole text of the last one in static storage. */
unsigned gcp_server_count(struct gcp_server *s, const char *path);
const char *gcp_server_last(struct gcp_server *s);

/* A live source with a user's login whose every endpoint is a server of this script; rows must answer
 * "/token". Change config before the first call. */
struct gcp_rig {
    struct gcp_server *server;
    struct gcp_config config;
    struct gcp gcp;
    struct mcp_call *call;
};
#define GCP_TOKEN_ROW                                                                              \
    {                                                                                              \
        "/token", 200, NULL, "{\"access_token\":\"t\",\"expires_in\":3599}", 0                     \
    }
void gcp_rig_begin(struct gcp_rig *rig, struct gcp_script *rows);
void gcp_rig_end(struct gcp_rig *rig);

/* The lines of a doctor: "ok text", "FAIL text". */
struct gcp_lines {
    char text[64][512];
    size_t n;
};
struct cost_report gcp_lines_report(struct gcp_lines *lines);
/* The line that begins so, or NULL. */
const char *gcp_lines_find(const struct gcp_lines *lines, const char *start);

struct mcp_call *gcp_call(void);
void gcp_call_end(struct mcp_call *call);

/* A file in a temporary folder with this content; its path in static storage, four at a time. */
const char *gcp_file(const char *name, const char *content);
void gcp_files_remove(void);

#endif
