# For people at work on the tree: formatting, analysis, the editor's compile commands, fresh roots.

.PHONY: demo
demo: $(if $(wildcard mcp-forecast/*.c),$(BIN)/mcp-forecast,all) ## build, then ask what the demo data cost this month
	@echo; echo '$$ $(BIN)/mcp-forecast call get_costs --demo'
	@$(BIN)/mcp-forecast call get_costs --demo

.PHONY: format
format: ## rewrite our C files with clang-format 14
	@$(CLANG_FORMAT) -i $(c_files)

# From make's own knowledge: no wrapper, nothing is built.
define compile_entry
{"directory":"$(CURDIR)","file":"$(1)","command":"$(CC) $(subst ",\",$(CFLAGS_ALL) $(call flags_of,$(1))) -c -o $(call obj_of,$(1)) $(1)"},

endef
all_sources := $(MCP_SRC) $(LATE_SRC) $(COST_SRC) $(foreach s,$(SERVERS_BUILT),$(wildcard $(s)/*.c)) \
               $(UNIT_SRC) $(UNIT_HELPERS) $(FIXTURE_SRC) $(FUZZ_SRC) $(BENCH_SRC)
.PHONY: compile_commands.json
compile_commands.json: $(GEN)/schemas.h ## for clangd and clang-tidy
	$(file > $(BUILD)/compile_commands.txt,$(foreach s,$(all_sources),$(call compile_entry,$(s))))
	@{ echo '['; sed 's/^ *//; /^$$/d' $(BUILD)/compile_commands.txt | sed '$$s/,$$//'; echo ']'; } > $@
	@echo '$@: $(words $(all_sources)) files'

# gcc 12 sees leaks through arenas and values as unset that another function set; the sanitizers
# watch those two better.
ANALYZE := -O1 -Werror -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value
# -fanalyzer works only when it really compiles: -fsyntax-only analyses nothing.
analyze_sources := $(MCP_SRC) $(LATE_SRC) $(COST_SRC) $(foreach s,$(SERVERS_BUILT),$(wildcard $(s)/*.c))
ANALYZED := $(patsubst %.c,$(BUILD)/analyze/%.ok,$(analyze_sources))
$(BUILD)/analyze/%.ok: %.c | $(GEN)/schemas.h
	$(call say,ANALYZE,$<)
	@mkdir -p $(@D)
	$(q)gcc $(CFLAGS_ALL) $(call flags_of,$<) $(ANALYZE) -c -o /dev/null $<
	@touch $@
.PHONY: analyze
analyze: $(ANALYZED) ## gcc -fanalyzer over every source, cppcheck where it is installed
	@if command -v cppcheck >/dev/null; then \
	  cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --suppress=missingIncludeSystem \
	    --enable=warning,portability -j2 $(INCLUDES) $(analyze_sources); \
	else echo 'SKIPPED: cppcheck is not installed'; fi

.PHONY: tidy
tidy: compile_commands.json ## clang-tidy with .clang-tidy, where it is installed
	@command -v clang-tidy-14 >/dev/null || { echo 'clang-tidy-14 is missing: apt-get install clang-tidy-14'; exit 1; }
	clang-tidy-14 -p . --quiet $(analyze_sources)

.PHONY: check-clean
check-clean: ## README's two commands in bare Debian 12 and 13 roots (root, network); SUITE=trixie for one
	@for s in $(or $(SUITE),bookworm trixie); do SUITE=$$s sh tools/check_clean.sh || exit 1; done

.PHONY: clean
clean: ## remove build/ and bin/
	rm -rf build bin compile_commands.json
