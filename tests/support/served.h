/* A small server with one of everything, whose handlers never wait: for the fuzz targets. */
#ifndef TESTS_SERVED_H
#define TESTS_SERVED_H

struct mcp_registry;
struct mcp_sealer;

/* Tools (one with x-mcp-header, one that always fails), resources and a template, prompts with
 * completion, lists of two items a page. Made once; ends the program when it cannot be. */
const struct mcp_registry *test_served(void);
/* Seals nothing: what is sealed is the text itself, so that hostile bytes get behind the seal. */
extern const struct mcp_sealer test_no_seal;

#endif
