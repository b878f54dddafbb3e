# Unit tests, integration tests, corpus replay, fuzzing and benchmarks: each program by its folder.
#
#   tests/unit/**/test_*.c        one program each, linked statically
#   tests/unit/**/*.c (others)    helpers of the tests beside them, in one archive
#   tests/support/fixture_*.c     programs that integration tests start (env MCP_FIXTURES)
#   tests/conformance/fixture_*.c the same, for the official suite; client_*.c: what it tests clients with
#   tests/integration/test_*      executables: python3 (standard library) or sh
#   tests/clients/test_*          executables; tests/clients/NAME/ is the program of a client
#   tests/fuzz/fuzz_NAME.c        LLVMFuzzerTestOneInput; corpus in tests/fuzz/corpus/NAME/
#   tests/bench/bench_*.c         programs in $(BUILD)/tests/bench; tests/bench/run.* drives them

TESTS := $(BUILD)/tests
UNIT_SRC := $(sort $(shell find tests/unit -name 'test_*.c' 2>/dev/null))
UNIT_HELPERS := $(sort $(shell find tests/unit -name '*.c' ! -name 'test_*.c' 2>/dev/null) \
                $(filter-out tests/support/replay.c tests/support/failalloc.c tests/support/fixture_%,$(wildcard tests/support/*.c)))
FIXTURE_SRC := $(wildcard tests/support/fixture_*.c tests/conformance/fixture_*.c \
               tests/conformance/client_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/bench_*.c)

# T="mcp/base cost/model/test_money": a subset by path prefix below tests/unit.
T ?=
unit_picked := $(sort $(if $(T),$(foreach t,$(T),$(filter tests/unit/$(t:tests/unit/%=%)%,$(UNIT_SRC))),$(UNIT_SRC)))
unit_bin = $(patsubst tests/unit/%.c,$(TESTS)/unit/%,$(1))
TEST_OBJ := $(call obj_of,$(UNIT_SRC) $(UNIT_HELPERS) $(FIXTURE_SRC) $(FUZZ_SRC) $(BENCH_SRC))
ALL_OBJ += $(TEST_OBJ)

$(LIB)/libtests.a: $(call obj_of,$(UNIT_HELPERS))
	$(archive)

# A test links its own folder and the layers below, which proves that the folder needs no more.
# Whatever is not named here links everything.
below_mcp/base := mcp/base
below_mcp/proto := mcp/base mcp/proto
below_mcp/auth := mcp/base mcp/proto mcp/auth
below_mcp/net := mcp/base mcp/proto mcp/net
below_cost/model := mcp/base mcp/proto cost/model
below_cost/forecast := $(below_cost/model) cost/forecast
below_cost/dataset := $(below_cost/model) mcp/net cost/dataset
below_cost/cache := $(below_cost/model) mcp/net cost/cache
below_cost/demo := $(below_cost/model) cost/demo
PARTS := $(sort $(foreach p,mcp/base mcp/proto mcp/auth mcp/net cost/model cost/forecast cost/dataset cost/cache cost/demo,$(below_$(p))))
part_of = $(LIB)/part/$(subst /,-,$(1)).a
define part
$(call part_of,$(1)): $(call obj_of,$(wildcard common/$(1)/*.c)) $(if $(filter mcp/net,$(1)),$(LLHTTP_OBJ))
	$$(archive)
endef
$(foreach p,$(PARTS),$(eval $(call part,$(p))))

TEST_LIBS = $(CMOCKA_LIBS) $(LIBS_COST) $(LIBS_MCP) $(LIBS_LATE)
everything := $(LATE_OBJ) $(LIB)/libcost.a $(LIB)/libmcp.a
folder_of = $(patsubst tests/unit/%/,%,$(dir $(1)))
unit_libs = $(if $(below_$(call folder_of,$(1))),$(foreach p,$(below_$(call folder_of,$(1))),$(call part_of,$(p))) \
            $(if $(filter cost/model,$(below_$(call folder_of,$(1)))),$(OBJ)/gen/schemas.o),$(everything))
define unit
$(call unit_bin,$(1)): $(call obj_of,$(1)) $(LIB)/libtests.a $(call unit_libs,$(1))
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(q)$$(CC) $$(LDFLAGS_BIN) -o $$@ -Wl,--start-group $$^ -Wl,--end-group $$(TEST_LIBS)
endef
$(foreach s,$(UNIT_SRC),$(eval $(call unit,$(s))))

# Unit tests of a server's own files (tests/unit/mcp-aws/...) link its objects except main.c.
define server_unit
$(foreach s,$(filter tests/unit/$(1)/%,$(UNIT_SRC)),$(call unit_bin,$(s))): \
  $(call obj_of,$(filter-out %/main.c,$(wildcard $(1)/*.c)))
endef
$(foreach s,$(SERVERS),$(if $(filter tests/unit/$(s)/%,$(UNIT_SRC)),$(eval $(call server_unit,$(s)))))

need_cmocka = $(if $(CMOCKA_LIBS),,$(error missing library cmocka. Run: make deps))

.PHONY: unit-tests
unit-tests: $(call unit_bin,$(unit_picked))

.PHONY: check-unit
check-unit: $(call unit_bin,$(unit_picked)) ## unit tests; T="mcp/base cost" runs a part
	$(need_cmocka)
	@$(PYTHON) tests/support/run.py --label unit --strip $(TESTS)/unit/ $(call unit_bin,$(unit_picked))

# ---- programs for integration tests and benchmarks -------------------------------------------
define program
$(TESTS)/$(1:tests/%.c=%): $(call obj_of,$(1)) $(everything)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(q)$$(CC) $$(LDFLAGS_BIN) -o $$@ -Wl,--start-group $$^ -Wl,--end-group $$(LIBS_COST) $$(LIBS_MCP) $$(LIBS_LATE)
endef
bare := $(addprefix tests/bench/bench_,ceiling.c server.c start.c)
$(foreach s,$(FIXTURE_SRC) $(filter-out $(bare),$(BENCH_SRC)),$(eval $(call program,$(s))))

# What is measured as a program of its own has nothing linked that it does not use.
define bare_program
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(q)$(CC) $(LDFLAGS_BIN) -o $@ $(filter %.o,$^) $(bare_libs)
endef
$(TESTS)/bench/bench_ceiling: bare_libs = $(LLHTTP_LIBS) $(LIBS_MCP)
$(TESTS)/bench/bench_ceiling: $(OBJ)/tests/bench/bench_ceiling.o $(LLHTTP_OBJ)
	$(bare_program)
$(TESTS)/bench/bench_server: bare_libs = -L$(LIB) -lmcp -Wl,-rpath,$(abspath $(LIB))
$(TESTS)/bench/bench_server: $(OBJ)/tests/bench/bench_server.o $(LIB)/libmcp.so $(LIB)/libmcp-late.so
	$(bare_program)
$(TESTS)/bench/bench_start: bare_libs =
$(TESTS)/bench/bench_start: $(OBJ)/tests/bench/bench_start.o
	$(bare_program)
FIXTURES := $(FIXTURE_SRC:tests/%.c=$(TESTS)/%)

# The same programs with allocations that fail on order.
define torture
$(TESTS)/support/torture_$(1): $(2) $(OBJ)/tests/support/failalloc.o $(everything)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(q)$$(CC) $$(LDFLAGS_BIN) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc -o $$@ $$^ \
	  $$(LIBS_COST) $$(LIBS_MCP) $$(LIBS_LATE)
FIXTURES += $(TESTS)/support/torture_$(1)
endef
$(eval $(call torture,echo,$(call obj_of,tests/support/fixture_echo.c)))
$(eval $(call torture,aws,$(call obj_of,$(wildcard mcp-aws/*.c))))
ALL_OBJ += $(OBJ)/tests/support/failalloc.o
BENCHES := $(BENCH_SRC:tests/%.c=$(TESTS)/%)

.PHONY: fixtures
fixtures: $(FIXTURES)

test_env = MCP_BIN=$(abspath $(BIN)) MCP_FIXTURES=$(abspath $(TESTS))/support MCP_BUILD=$(abspath $(BUILD)) \
           MCP_STAGE=$(STAGE)$(PREFIX) MCP_PREFIX=$(PREFIX) MCP_SAN=$(SAN) MCP_SHARED=$${MCP_SHARED:-$(abspath ../shared)}

# T=name: a part, as for unit tests.
integration_picked := $(sort $(foreach t,$(or $(T),test_),$(filter tests/integration/$(t)% tests/integration/test_$(t)%,\
    $(shell find tests/integration -maxdepth 1 -name 'test_*' -perm -u+x -type f 2>/dev/null))))
.PHONY: check-integration
check-integration: all $(FIXTURES) stage ## whole servers over stdio, HTTP and the command line
	@$(test_env) $(PYTHON) tests/support/run.py --label integration --timeout 300 \
	  --strip tests/integration/ $(integration_picked)

# ---- corpora: the fuzz targets replayed without clang ----------------------------------------
define fuzz_program
$(TESTS)/$(1:tests/%.c=%): $(call obj_of,$(1)) $(if $(filter fuzz,$(SAN)),,$(OBJ)/tests/support/replay.o) $(LIB)/libtests.a $(everything)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(q)$$(CC) $$(LDFLAGS_BIN) $(if $(filter fuzz,$(SAN)),-fsanitize=fuzzer) -o $$@ \
	  -Wl,--start-group $$^ -Wl,--end-group $$(LIBS_COST) $$(LIBS_MCP) $$(LIBS_LATE)
endef
$(foreach s,$(FUZZ_SRC),$(eval $(call fuzz_program,$(s))))
FUZZERS := $(FUZZ_SRC:tests/%.c=$(TESTS)/%)
ALL_OBJ += $(OBJ)/tests/support/replay.o

.PHONY: fuzzers
fuzzers: $(FUZZERS)

.PHONY: check-corpus
check-corpus: $(FUZZERS) ## every fuzz target over its corpus
	@sh tests/support/corpus.sh $(TESTS)/fuzz $(FUZZ_SRC)

# What is freed need not be kept for long where one input is all that lives.
FUZZ_ASAN := quarantine_size_mb=8:malloc_context_size=6:detect_leaks=1
SECONDS ?= 30
fuzz_names := $(if $(T),$(T),$(FUZZ_SRC:tests/fuzz/fuzz_%.c=%))
.PHONY: fuzz
fuzz: ## libFuzzer (clang-14): T=name picks targets, SECONDS=n each
	@command -v clang-14 >/dev/null || { echo 'clang-14 is missing. Run: make deps-fuzz'; exit 1; }
	@$(MAKE) SAN=fuzz BUILD=$(if $(filter build/%,$(BUILD)),build/fuzz,$(BUILD)-fuzz) T= \
	  FUZZ_RUN='$(fuzz_names)' SECONDS=$(SECONDS) fuzz-run

.PHONY: fuzz-run
fuzz-run: $(FUZZERS)
	@for n in $(FUZZ_RUN); do \
	  mkdir -p $(BUILD)/corpus/$$n tests/fuzz/corpus/$$n; echo "fuzz $$n for $(SECONDS) s"; \
	  d=; [ ! -f tests/fuzz/$$n.dict ] || d=-dict=tests/fuzz/$$n.dict; \
	  ASAN_OPTIONS=$(FUZZ_ASAN) $(TESTS)/fuzz/fuzz_$$n -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 \
	    -print_final_stats=1 -artifact_prefix=$(BUILD)/corpus/$$n- $$d \
	    $(BUILD)/corpus/$$n tests/fuzz/corpus/$$n || exit 1; \
	done

# ---- benchmarks ------------------------------------------------------------------------------
.PHONY: bench
bench: all $(BENCHES) $(FIXTURES) ## measure: programs in tests/bench, side by side in one run
	@$(test_env) MCP_BENCH=$(abspath $(TESTS))/bench sh -c 'set -e; n=0; \
	  for r in tests/bench/run.sh tests/bench/run*.py; do [ -f "$$r" ] || continue; n=1; \
	    case "$$r" in *.py) $(PYTHON) "$$r" $(BENCH_ARGS) ;; *) sh "$$r" $(BENCH_ARGS) ;; esac; done; \
	  [ $$n = 1 ] || for b in $(BENCHES); do echo "== $$b"; "$$b"; done'

MINUTES ?= 15
.PHONY: soak
soak: all $(FIXTURES) ## MINUTES=15 of mixed load at 80 connections: flat memory, no lost answer
	@$(test_env) $(PYTHON) tests/soak/soak.py --minutes $(MINUTES)

# SECONDS and ROUNDS of each measurement: BENCH_ARGS="1 9".
.PHONY: bench-peers
bench-peers: $(BENCHES) ## measure libmcp beside the official SDKs (Rust, Go, Python, Node, each from its registry)
	@$(test_env) MCP_BENCH=$(abspath $(TESTS))/bench $(PYTHON) tests/bench/peers/run.py $(BENCH_ARGS)

# ---- what must install from package registries: apart from `make check` ----------------------
.PHONY: conformance conformance-server conformance-client
conformance: ## the official MCP suite (Node 22, npm), both sides
	@$(MAKE) conformance-server
	@$(MAKE) conformance-client
conformance-server: all $(FIXTURES) ## its server scenarios; CONFORMANCE_ARGS=2026-07-28 picks a revision
	@$(test_env) $(PYTHON) tests/conformance/run.py $(CONFORMANCE_ARGS)
conformance-client: all $(FIXTURES) ## its client scenarios for life cycle and tools
	@$(test_env) $(PYTHON) tests/conformance/run_client.py $(CONFORMANCE_ARGS)

clients_picked := $(sort $(foreach t,$(or $(T),test_),$(filter tests/clients/$(t)% tests/clients/test_$(t)%,\
    $(shell find tests/clients -maxdepth 1 -name 'test_*' -perm -u+x -type f 2>/dev/null))))
.PHONY: check-clients
check-clients: all $(FIXTURES) ## real clients and SDKs (npm, pip, Go, cargo; throw-away HOME); T=name runs a part
	@$(test_env) $(PYTHON) tests/support/run.py --label clients --timeout 900 --jobs 1 --strip tests/clients/ \
	  $(clients_picked)

.PHONY: check-all
check-all: ## check, conformance and check-clients
	@$(MAKE) check
	@$(MAKE) conformance
	@$(MAKE) check-clients
