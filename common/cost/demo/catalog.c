/* The fixed lists behind the synthetic bills, but for the meters. */
#include "catalog.h"

const struct demo_account cost__demo_accounts[DEMO_N_ACCOUNTS] = {
    [DEMO_AWS] = { "aws", "AWS", "Amazon Web Services, Inc.", "Amazon Web Services, Inc.",
                   "100000000001", "Example Group", "USD", "AWS Account", 70 },
    [DEMO_AZURE] = { "azure", "Microsoft", "Microsoft", "Microsoft", "8000001",
                     "Example Group (EA)", "USD", "Subscription", 0 },
    [DEMO_GCP] = { "gcp", "Google Cloud", "Google Cloud", "Google Cloud", "01A2B3-C4D5E6-F70819",
                   "Example Group", "USD", "Project", 0 },
    [DEMO_GCP_EU] = { "gcp", "Google Cloud", "Google Cloud", "Google Cloud", "02B3C4-D5E6F7-081920",
                      "Example Group Europe", "EUR", "Project", 190 },
    [DEMO_ORACLE] = { "oracle", "Oracle", "Oracle", "Oracle", "20200001", "Example Group", "USD",
                      "Compartment", 0 },
};

const struct demo_project cost__demo_projects[] = {
    { DEMO_AWS, "200000000011", "platform-prod", "prod" },
    { DEMO_AWS, "200000000012", "platform-staging", "staging" },
    { DEMO_AWS, "200000000013", "data-prod", "prod" },
    { DEMO_AWS, "200000000014", "shared-services", "prod" },
    { DEMO_AWS, "200000000015", "sandbox", "dev" },
    { DEMO_AZURE, "00000000-0000-4000-8000-000000000101", "web-prod", "prod" },
    { DEMO_AZURE, "00000000-0000-4000-8000-000000000102", "web-test", "test" },
    { DEMO_AZURE, "00000000-0000-4000-8000-000000000103", "analytics-prod", "prod" },
    { DEMO_GCP, "ml-prod-4711", "ml-prod", "prod" },
    { DEMO_GCP, "ml-dev-4712", "ml-dev", "dev" },
    { DEMO_GCP, "warehouse-4713", "warehouse", "prod" },
    { DEMO_GCP_EU, "web-eu-prod-4721", "web-eu-prod", "prod" },
    { DEMO_GCP_EU, "web-eu-test-4722", "web-eu-test", "test" },
    { DEMO_ORACLE, "ocid1.compartment.oc1..example0backup0", "backup", "prod" },
};
const size_t cost__demo_n_projects = sizeof(cost__demo_projects) / sizeof(cost__demo_projects[0]);

const struct demo_region cost__demo_regions[] = {
    { DEMO_AWS, "us-east-1", "US East (N. Virginia)" },
    { DEMO_AWS, "us-west-2", "US West (Oregon)" },
    { DEMO_AWS, "eu-west-1", "EU (Ireland)" },
    { DEMO_AZURE, "eastus", "US East" },
    { DEMO_AZURE, "westeurope", "EU West" },
    { DEMO_GCP, "us-central1", "Iowa" },
    { DEMO_GCP, "us-east4", "Northern Virginia" },
    { DEMO_GCP_EU, "europe-west3", "Frankfurt" },
    { DEMO_ORACLE, NULL, "us-sanjose-1" },
};
const size_t cost__demo_n_regions = sizeof(cost__demo_regions) / sizeof(cost__demo_regions[0]);

const struct demo_commitment cost__demo_commitments[] = {
    { DEMO_AWS,
      "arn:aws:savingsplans::200000000014:savingsplan/7c0f5a10-0000-4000-8000-000000000001",
      "Compute Savings Plan 1yr", "Compute Savings Plans", "Spend", "EC2-BOX-M6I-XLARGE", 3,
      138600000, 3, false, 0, false },
    { DEMO_AWS, "arn:aws:rds:us-east-1:200000000014:ri:ri-2026-0001", "db.r6g.large 1yr upfront",
      "Reserved Instance", "Usage", "RDS-INSTANCE-R6G-LARGE", 3, 169000000, 2, true, 12, false },
    { DEMO_AZURE,
      "/providers/Microsoft.Capacity/reservationOrders/7c0f5a10-0000-4000-8000-000000000002",
      "D4s v5 1yr monthly", "Reservation", "Usage", "AZ-VM-D4S-V5", 0, 121500000, 3, false, 0,
      true },
    { DEMO_GCP, "projects/ml-prod-4711/regions/us-central1/commitments/n2-cores", "N2 cores 1yr",
      "Committed use discount", "Usage", "GCP-N2-CORE", 0, 119123000, 2, false, 0, false },
};
const size_t cost__demo_n_commitments =
    sizeof(cost__demo_commitments) / sizeof(cost__demo_commitments[0]);

#define OTHER "Other", "Other (Other)"
#define MGMT "Management and Governance"

const struct demo_fee cost__demo_fees[] = {
    { .account = DEMO_AWS,
      .charge = "Purchase",
      .frequency = "Recurring",
      .service = "AWS Support (Business)",
      .category = "Management and Governance",
      .subcategory = "Support",
      .words = "AWS Support (Business), monthly fee",
      .project = -1,
      .amount_micro = 350000000,
      .day = 1,
      .every = 1,
      .whole_month = true },
    { .account = DEMO_AWS,
      .charge = "Purchase",
      .frequency = "Recurring",
      .service = "Example Observability",
      .category = MGMT,
      .subcategory = "Observability",
      .words = "Seats, monthly",
      .seller = "Example Observability",
      .project = 3,
      .amount_micro = 240500000,
      .day = 3,
      .every = 1,
      .whole_month = false },
    { .account = DEMO_AWS,
      .charge = "Purchase",
      .frequency = "One-Time",
      .service = "Amazon Registrar",
      .category = "Networking",
      .subcategory = "Other (Networking)",
      .words = "Registration of a domain",
      .project = 3,
      .amount_micro = 39000000,
      .day = 12,
      .every = 7,
      .phase = 2 },
    { .account = DEMO_AWS,
      .charge = "Credit",
      .frequency = "One-Time",
      .service = "Amazon Elastic Compute Cloud",
      .category = "Compute",
      .subcategory = "Virtual Machines",
      .words = "Promotional credit",
      .project = -1,
      .amount_micro = -152340000,
      .vary_pm = 300,
      .day = 5,
      .every = 1 },
    { .account = DEMO_AWS,
      .charge = "Usage",
      .frequency = "Usage-Based",
      .service = "Amazon Elastic Compute Cloud",
      .category = "Compute",
      .subcategory = "Virtual Machines",
      .words = "Refund of an interrupted service",
      .sku = "EC2-BOX-M6I-XLARGE",
      .project = 0,
      .amount_micro = -18432000,
      .vary_pm = 200,
      .day = 9,
      .every = 2,
      .phase = 0 },
    { .account = DEMO_AWS,
      .charge = "Usage",
      .charge_class = "Correction",
      .frequency = "Usage-Based",
      .service = "Amazon Simple Storage Service",
      .category = "Storage",
      .subcategory = "Object Storage",
      .words = "Correction of an earlier bill",
      .sku = "S3-TIMED-STORAGE",
      .project = 2,
      .amount_micro = -7250500,
      .vary_pm = 400,
      .day = 20,
      .every = 1,
      .previous = true },
    { .account = DEMO_AZURE,
      .charge = "Purchase",
      .frequency = "Recurring",
      .service = "Azure DevOps",
      .category = "Developer Tools",
      .subcategory = "Developer Platforms",
      .words = "User seats, monthly",
      .project = 0,
      .amount_micro = 96000000,
      .day = 1,
      .every = 1,
      .whole_month = true },
    { .account = DEMO_AZURE,
      .charge = "Purchase",
      .frequency = "One-Time",
      .service = "Azure Marketplace",
      .category = OTHER,
      .words = "Image licence, perpetual",
      .seller = "Example Images",
      .project = 2,
      .amount_micro = 480000000,
      .day = 2,
      .every = 1,
      .last_month = true },
    { .account = DEMO_AZURE,
      .charge = "Usage",
      .charge_class = "Correction",
      .frequency = "Usage-Based",
      .service = "Virtual Machines",
      .category = "Compute",
      .subcategory = "Virtual Machines",
      .words = "Correction of an earlier bill",
      .sku = "AZ-VM-D4S-V5",
      .project = 0,
      .amount_micro = 4567800,
      .vary_pm = 500,
      .day = 27,
      .every = 1,
      .previous = true },
    { .account = DEMO_AZURE,
      .charge = "Credit",
      .frequency = "One-Time",
      .service = "Storage Accounts",
      .category = "Storage",
      .subcategory = "Object Storage",
      .words = "Service level credit",
      .project = 1,
      .amount_micro = -35250000,
      .day = 6,
      .every = 3,
      .phase = 1 },
    { .account = DEMO_GCP,
      .charge = "Credit",
      .frequency = "One-Time",
      .service = "Compute Engine",
      .category = "Compute",
      .subcategory = "Virtual Machines",
      .words = "Promotion",
      .project = 0,
      .amount_micro = -61999900,
      .vary_pm = 250,
      .day = 4,
      .every = 1 },
    { .account = DEMO_GCP,
      .charge = "Usage",
      .frequency = "Usage-Based",
      .service = "BigQuery",
      .category = "Analytics",
      .subcategory = "Data Warehouses",
      .words = "Refund of a failed query",
      .sku = "GCP-BQ-ANALYSIS",
      .project = 2,
      .amount_micro = -3125000,
      .vary_pm = 300,
      .day = 14,
      .every = 2,
      .phase = 1 },
    { .account = DEMO_GCP,
      .charge = "Adjustment",
      .frequency = "One-Time",
      .service = "Invoice",
      .category = OTHER,
      .words = "Rounding",
      .project = -1,
      .amount_micro = 13400,
      .vary_pm = 900,
      .day = 0,
      .every = 1 },
    { .account = DEMO_GCP_EU,
      .charge = "Credit",
      .frequency = "One-Time",
      .service = "Cloud Run",
      .category = "Compute",
      .subcategory = "Serverless Compute",
      .words = "Free tier",
      .project = 0,
      .amount_micro = -19870000,
      .vary_pm = 200,
      .day = 7,
      .every = 1 },
    { .account = DEMO_GCP_EU,
      .charge = "Adjustment",
      .frequency = "One-Time",
      .service = "Invoice",
      .category = OTHER,
      .words = "Rounding",
      .project = -1,
      .amount_micro = -8100,
      .vary_pm = 900,
      .day = 0,
      .every = 2 },
};
const size_t cost__demo_n_fees = sizeof(cost__demo_fees) / sizeof(cost__demo_fees[0]);

const char *const cost__demo_namespaces[] = { "web",        "api",         "batch",
                                              "monitoring", "kube-system", NULL };

const struct demo_meter *cost__demo_meter_find(mcp_str sku)
{
    for (size_t i = 0; i < cost__demo_n_meters; i++)
        if (mcp_str_eq(sku, mcp_str_z(cost__demo_meters[i].sku)))
            return &cost__demo_meters[i];
    return NULL;
}

const struct demo_project *cost__demo_project_of(enum demo_account_id account, unsigned index)
{
    unsigned n = 0;
    size_t first = 0;
    for (size_t i = cost__demo_n_projects; i-- > 0;)
        if (cost__demo_projects[i].account == account) {
            n++;
            first = i;
        }
    return n == 0 ? NULL : &cost__demo_projects[first + index % n];
}

const struct demo_region *cost__demo_region_of(enum demo_account_id account, unsigned index)
{
    unsigned n = 0;
    size_t first = 0;
    for (size_t i = cost__demo_n_regions; i-- > 0;)
        if (cost__demo_regions[i].account == account) {
            n++;
            first = i;
        }
    return n == 0 ? NULL : &cost__demo_regions[first + index % n];
}
