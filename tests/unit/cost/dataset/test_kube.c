/* Clusters and namespaces from tags and resource ids; Azure's resource groups. */
#include "cost/dataset/kube.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void keys_are_known_in_their_spellings(void **state)
{
    (void)state;
    assert_true(cost__kube_cluster_key(MCP_STR("aws:eks:cluster-name")));
    assert_true(cost__kube_cluster_key(MCP_STR("goog-k8s-cluster-name")));
    assert_true(cost__kube_cluster_key(MCP_STR("labels/goog-k8s-cluster-name")));
    assert_true(cost__kube_cluster_key(MCP_STR("AKS-Managed-Cluster-Name")));
    assert_false(cost__kube_cluster_key(MCP_STR("cluster")));
    assert_true(cost__kube_namespace_key(MCP_STR("aws:eks:namespace")));
    assert_true(cost__kube_namespace_key(MCP_STR("k8s-namespace")));
    assert_true(cost__kube_namespace_key(MCP_STR("user:kubernetes_namespace")));
    assert_false(cost__kube_namespace_key(MCP_STR("namespace")));
}

static const struct {
    const char *id, *cluster, *namespace;
} resources[] = {
    { "arn:aws:eks:us-east-1:123456789012:cluster/shop", "shop", NULL },
    { "arn:aws:eks:us-east-1:123456789012:pod/shop/web/pod-1/uid", "shop", "web" },
    { "arn:aws:eks:us-east-1:123456789012:nodegroup/shop/ng/uid", "shop", NULL },
    { "arn:aws:ec2:us-east-1:123456789012:instance/i-1", NULL, NULL },
    { "arn:aws:eks", NULL, NULL },
    { "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/"
      "aks1",
      "aks1", NULL },
    { "/subscriptions/s/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/"
      "aks1/x",
      "aks1", NULL },
    { "//container.googleapis.com/projects/p/locations/l/clusters/gke1", "gke1", NULL },
    { "//container.googleapis.com/projects/p/zones/z/clusters/gke1/k8s/namespaces/ns", "gke1",
      "ns" },
    { "//compute.googleapis.com/projects/p/zones/z/instances/i", NULL, NULL },
    { "", NULL, NULL },
};

static void resource_ids_name_their_cluster(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(resources) / sizeof(*resources); i++) {
        mcp_str cluster, namespace;

        cost__kube_from_resource(mcp_str_z(resources[i].id), &cluster, &namespace);
        if (!mcp_str_eq(cluster, mcp_str_z(resources[i].cluster)) ||
            !mcp_str_eq(namespace, mcp_str_z(resources[i].namespace)))
            fail_msg("%s", resources[i].id);
    }
}

static void azure_ids_name_their_resource_group(void **state)
{
    (void)state;
    assert_true(
        mcp_str_eq(cost__resource_group(MCP_STR("/subscriptions/s/resourcegroups/Dev/providers/x")),
                   MCP_STR("Dev")));
    assert_true(mcp_str_eq(cost__resource_group(MCP_STR("/subscriptions/s/resourceGroups/Dev")),
                           MCP_STR("Dev")));
    assert_true(mcp_str_is_null(cost__resource_group(MCP_STR("/subscriptions/s"))));
    assert_true(mcp_str_is_null(cost__resource_group(MCP_STR("arn:aws:x/resourceGroups/y"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_known_in_their_spellings),
        cmocka_unit_test(resource_ids_name_their_cluster),
        cmocka_unit_test(azure_ids_name_their_resource_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
