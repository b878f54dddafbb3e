/* Which cluster and namespace a row belongs to (contract.md section 7). */
#ifndef COST_DATASET_KUBE_H
#define COST_DATASET_KUBE_H

#include <mcp/str.h>

/* Whether a tag key names a cluster or a namespace: by the shipped lists, exactly, else without case
 * and without the prefixes user: and labels/. */
bool cost__kube_cluster_key(mcp_str key);
bool cost__kube_namespace_key(mcp_str key);
/* What a resource id itself says: of a managed control plane (EKS, GKE, AKS) its cluster, of a pod
 * in AWS's split cost allocation its cluster and namespace. Missing where it says nothing. Both
 * point into id. */
void cost__kube_from_resource(mcp_str id, mcp_str *cluster, mcp_str *namespace);
/* Azure's resource group in a resource id, or missing. */
mcp_str cost__resource_group(mcp_str id);

#endif
