/* JSON Schema 2020-12: compiled once, checked often, with messages that say what would be right. */
#ifndef MCP_SCHEMA_H
#define MCP_SCHEMA_H

#include <mcp/arena.h>
#include <mcp/error.h>
#include <mcp/json.h>

struct mcp_schema; /* heap, immutable: any number of threads may check with it at once */

/* text: one JSON Schema, borrowed for the call. Understood: boolean schemas, type, enum, const,
 * allOf, anyOf, oneOf, not, if/then/else, properties, patternProperties, additionalProperties,
 * propertyNames, required, dependentRequired, dependentSchemas, min/maxProperties, items,
 * prefixItems, contains, min/maxContains, min/maxItems, uniqueItems, min/maxLength (code points),
 * pattern, format date, date-time, uri and uuid (asserted), minimum, maximum, exclusiveMinimum,
 * exclusiveMaximum, multipleOf, and $ref within the text ("#", "#/$defs/x"). Annotations and
 * unknown keywords are passed over.
 * NULL with err: MCP_EPARSE (no JSON), MCP_EINVAL (a keyword with a wrong value, one that constrains
 * and is not understood, a $ref to elsewhere, another dialect in $schema), MCP_ENOMEM. The message
 * names the place in the schema. */
struct mcp_schema *mcp_schema_compile(mcp_str text, struct mcp_error *err);
/* NULL is fine. */
void mcp_schema_free(struct mcp_schema *schema);

/* value: of a document that outlives the call. scratch takes unescaped names and strings, nothing
 * when no escape stands in them. An object with one name twice is refused where its members are
 * looked at. err may be NULL.
 * 0; MCP_EINVAL with a message that names the argument by its path (group_by[1]), the rule, what was
 * given (cut to 60 bytes) and a good value where the schema has one; MCP_ETOOBIG when the check
 * needs more steps or goes deeper than is sane. */
int mcp_schema_check(const struct mcp_schema *schema, struct mcp_json value,
                     struct mcp_arena *scratch, struct mcp_error *err);

#endif
