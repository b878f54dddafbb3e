/* What a row does not say itself: its provider family, cluster, namespace, resource group, flags. */
#ifndef COST_DATASET_DERIVE_H
#define COST_DATASET_DERIVE_H

#include "importer.h"

/* Fills the derived ids, charge, kubernetes and flags of the fact. MCP_EDATA with why (static
 * text), MCP_ENOMEM.
 *
 * COST_COL_CLUSTER and COST_COL_NAMESPACE, where the row does not bring them: of the first cluster
 * (namespace) key in the effective tags; else what AllocatedResourceId says; else what ResourceId
 * says, so that a managed control plane's row (arn:aws:eks:...:cluster/NAME, .../managedClusters/
 * NAME, container.googleapis.com/.../clusters/NAME) has its cluster and no namespace. A row is part
 * of Kubernetes' scope when either is set. */
int cost__derive(struct cost__importer *imp, struct cost__fact *fact, const char **why);
/* enum cost_charge of a row's ChargeCategory id, COST_N_CHARGES when it is none. */
uint32_t cost__derive_charge(struct cost__importer *imp, uint32_t id);
/* The slice's source (--source, else the manifest's, else the family) and folded account. */
int cost__derive_slice(struct cost__importer *imp, const struct cost__fact *fact,
                       mcp_str manifest_source, uint32_t *source, uint32_t *account_fold);

#endif
