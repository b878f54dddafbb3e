/* Which cluster and namespace a row belongs to (contract.md section 7). */
#include "kube.h"

static const char *const cluster_keys[] = {
    "aws:eks:cluster-name",         "eks:cluster-name",      "eks:eks-cluster-name",
    "alpha.eksctl.io/cluster-name", "goog-k8s-cluster-name", "k8s-cluster-name",
    "aks-managed-cluster-name",     "kubernetes_cluster",    "kubernetes-cluster",
    "kubernetes_cluster_name",      "k8s.cluster.name",      "oke-cluster-name",
};

static const char *const namespace_keys[] = {
    "aws:eks:namespace",    "eks:namespace",
    "k8s-namespace",        "k8s.namespace.name",
    "goog-k8s-namespace",   "kubernetes_namespace",
    "kubernetes-namespace", "kubernetes_namespace_name",
    "aks-namespace",
};

static bool listed(mcp_str key, const char *const *list, size_t n)
{
    key = mcp_str_trim(key);
    if (!mcp_str_cut_prefix_nocase(&key, MCP_STR("user:")))
        (void)mcp_str_cut_prefix_nocase(&key, MCP_STR("labels/"));
    for (size_t i = 0; i < n; i++) {
        if (mcp_str_eq_nocase(key, mcp_str_z(list[i])))
            return true;
    }
    return false;
}

bool cost__kube_cluster_key(mcp_str key)
{
    return listed(key, cluster_keys, sizeof(cluster_keys) / sizeof(*cluster_keys));
}

bool cost__kube_namespace_key(mcp_str key)
{
    return listed(key, namespace_keys, sizeof(namespace_keys) / sizeof(*namespace_keys));
}

/* Behind the first occurrence of part without case: true, and *rest is what follows. */
static bool behind(mcp_str s, mcp_str part, mcp_str *rest)
{
    for (size_t i = 0; i + part.len <= s.len; i++) {
        if (mcp_str_eq_nocase(mcp_str_n(s.ptr + i, part.len), part)) {
            *rest = mcp_str_n(s.ptr + i + part.len, s.len - i - part.len);
            return true;
        }
    }
    return false;
}

static mcp_str segment(mcp_str *rest)
{
    mcp_str head;

    (void)mcp_str_cut(rest, '/', &head);
    return head.len == 0 ? MCP_STR_NULL : head;
}

void cost__kube_from_resource(mcp_str id, mcp_str *cluster, mcp_str *namespace)
{
    mcp_str rest = id;

    *cluster = *namespace = MCP_STR_NULL;
    if (mcp_str_cut_prefix_nocase(&rest, MCP_STR("arn:"))) {
        /* arn:aws:eks:REGION:ACCOUNT:cluster/NAME, ...:pod/CLUSTER/NAMESPACE/POD/UID and
         * ...:nodegroup/CLUSTER/..., fargateprofile/CLUSTER/..., addon/CLUSTER/... */
        mcp_str part, service;

        if (!mcp_str_cut(&rest, ':', &part) || !mcp_str_cut(&rest, ':', &service) ||
            !mcp_str_eq_nocase(service, MCP_STR("eks")) || !mcp_str_cut(&rest, ':', &part) ||
            !mcp_str_cut(&rest, ':', &part) || !mcp_str_cut(&rest, '/', &part))
            return;
        *cluster = segment(&rest);
        if (mcp_str_eq_nocase(part, MCP_STR("pod")))
            *namespace = segment(&rest);
        return;
    }
    if (behind(id, MCP_STR("/Microsoft.ContainerService/managedClusters/"), &rest)) {
        *cluster = segment(&rest);
        return;
    }
    if (behind(id, MCP_STR("container.googleapis.com/"), &rest) &&
        behind(rest, MCP_STR("clusters/"), &rest)) {
        *cluster = segment(&rest);
        if (mcp_str_cut_prefix_nocase(&rest, MCP_STR("k8s/namespaces/")))
            *namespace = segment(&rest);
    }
}

mcp_str cost__resource_group(mcp_str id)
{
    mcp_str rest;

    if (!mcp_str_starts(id, MCP_STR("/")) || !behind(id, MCP_STR("/resourceGroups/"), &rest))
        return MCP_STR_NULL;
    return segment(&rest);
}
