# mcp-gcp against BigQuery: an emulator that executes the SQL, built once into ~/.cache/mcp-cost, and a
# contract double for what emulators do not do. Needs Go for the first build, else it skips, loudly.
.PHONY: check-bigquery
check-bigquery: $(BIN)/mcp-gcp ## mcp-gcp against a BigQuery emulator and the contract double (Go, once)
	@$(test_env) $(PYTHON) tests/support/run.py --label bigquery --timeout 1200 --strip tests/bigquery/ \
	  $(sort $(foreach t,$(or $(T),test_),$(filter tests/bigquery/$(t)% tests/bigquery/test_$(t)%,\
	    $(shell find tests/bigquery -maxdepth 1 -name 'test_*' -perm -u+x -type f 2>/dev/null))))

# Its benchmark and its fuzz target read rows with the server's own objects.
$(TESTS)/bench/bench_gcp $(TESTS)/fuzz/fuzz_bigquery: $(call obj_of,$(filter-out %/main.c,$(wildcard mcp-gcp/*.c)))
