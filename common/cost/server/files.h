/* The file source: answers from the embedded dataset of imported FOCUS files, or of the demo. */
#ifndef COST_SERVER_FILES_H
#define COST_SERVER_FILES_H

#include <cost/dataset.h>
#include <cost/tools.h>

/* Which dataset: exactly one of path, data, demo is set; none: nothing is configured, and every
 * call says so. All borrowed. */
struct cost__files_options {
    const struct cost_server_spec *spec;
    mcp_str path; /* --dataset, or the default dataset where it exists */
    const mcp_str *data; /* --data */
    size_t n_data;
    bool demo;
    const struct cost_grace *grace; /* NULL: as a dataset has it */
};

struct cost__files;
struct cost__files *cost__files_new(const struct cost__files_options *options);
void cost__files_free(struct cost__files *files);
/* The source's functions, with ctx = files. */
void cost__files_source(struct cost__files *files, struct cost_source *out);

/* For doctor: the state of the dataset, built when it must be. Release it. */
int cost__files_snapshot(struct cost__files *files, struct mcp_call *call,
                         struct cost_snapshot **snap, struct mcp_error *err);

/* get_forecast over a snapshot (file_forecast.c): history, model, what is known already. */
int cost__files_forecast(struct cost_snapshot *snap, const struct cost_scope *scope,
                         const struct cost_query *query, struct mcp_arena *arena,
                         struct cost_forecast_result *out, struct mcp_error *err);

#endif
