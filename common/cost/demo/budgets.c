/* The demo's budgets, in the form of a budgets file: one of each way that a budget can stand. */
#include <cost/demo.h>

const char cost_demo_budgets[] =
    "budgets:\n"
    "  - {name: All of AWS, amount: 20000, currency: USD, period: monthly,\n"
    "     filters: {provider: [aws]},\n"
    "     thresholds: [{type: actual, at: 0.8}, {type: forecasted, at: 1.0}]}\n"
    "  - {name: Azure without tax, amount: 6000, currency: USD, period: monthly,\n"
    "     filters: {provider: [azure]}, exclude: [Tax],\n"
    "     thresholds: [{type: actual, at: 0.9}, {type: forecasted, at: 1.0, probability: 0.5}]}\n"
    "  - {name: Google Cloud this quarter, amount: 12000, currency: USD, period: quarterly,\n"
    "     filters: {provider: [gcp]}, thresholds: [{type: actual, at: 0.5}]}\n"
    "  - {name: EU web, amount: 9000, currency: EUR, period: yearly, fiscal_start: 4,\n"
    "     filters: {provider: [gcp]}, thresholds: [{type: forecasted, at: 1.0}]}\n";
