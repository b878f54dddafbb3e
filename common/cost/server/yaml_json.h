/* Turns one YAML document into JSON text, so that it is checked and read like all other input. */
#ifndef COST_SERVER_YAML_JSON_H
#define COST_SERVER_YAML_JSON_H

#include <mcp/buf.h>
#include <mcp/error.h>

/* Plain scalars that are JSON numbers, true, false or null stay that, digit for digit; everything
 * else is a string. Aliases, tags, several documents and duplicate keys are refused. The output is
 * appended to json; its cap and 64 levels bound the work. err: file and line. */
int cost__yaml_json(mcp_str yaml, mcp_str file, struct mcp_buf *json, struct mcp_error *err);

#endif
