# The checks of `make check`: each prints its count, tests/support/check.sh adds them up.

CHECKS := $(if $(SAN),,src format headers layers abi hardening start) unit corpus integration

.PHONY: check
check: ## all checks; SAN=asan or SAN=tsan runs the tests under a sanitizer; WERROR=1 in the gate
	@$(MAKE) all unit-tests fuzzers fixtures
	@MAKE='$(MAKE)' sh tests/support/check.sh '$(BUILD)' $(CHECKS:%=check-%)

.PHONY: check-src
check-src: ## banned calls, sizes, first lines (house rules)
	@$(PYTHON) tools/check_src.py

.PHONY: check-layers
check-layers: $(MCP_OBJ) $(LATE_OBJ) $(COST_OBJ) $(foreach s,$(SERVERS_BUILT),$(call obj_of,$(wildcard $(s)/*.c))) ## the layer order, by includes and by symbols
	@$(PYTHON) tools/check_layers.py --obj $(OBJ) $(filter %.o,$^)

# Installed headers see nothing but each other and libc.
installed_headers := $(wildcard common/include/mcp/*.h common/include/cost/*.h)
internal_headers := $(wildcard common/mcp/*/*.h common/cost/*/*.h mcp-*/*.h)
header_flags = $(CSTD) $(filter-out -Werror,$(WARN)) -Werror
.PHONY: check-headers
check-headers: $(GEN)/schemas.h ## each header compiles alone
	@$(PYTHON) tools/check_headers.py --cc '$(CC)' \
	  --installed-flags '$(header_flags) -Icommon/include' \
	  --internal-flags '$(header_flags) $(INCLUDES) $(LLHTTP_CFLAGS) $(PKG_CFLAGS)' \
	  $(installed_headers) $(internal_headers)

c_files := $(shell find common mcp-* tools tests -name '*.[ch]' -not -path '*/node_modules/*' 2>/dev/null | sort)
CLANG_FORMAT ?= clang-format-14
.PHONY: check-format
check-format: | $(BUILD) ## the C files are as clang-format 14 leaves them
	@if ! command -v $(CLANG_FORMAT) >/dev/null; then \
	  echo '  SKIPPED: $(CLANG_FORMAT) is not installed, so the format was NOT checked'; \
	  echo 'format: 0 passed, 0 failed, 1 skipped'; exit 0; fi; \
	printf '%s\n' $(c_files) | xargs -P2 -n40 $(CLANG_FORMAT) --dry-run -Werror 2>&1 | \
	  sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: error:.*/\1/p' | sort -u > $(BUILD)/format.bad; \
	bad=$$(wc -l < $(BUILD)/format.bad); sed 's/$$/: run make format/; s/^/  /' $(BUILD)/format.bad; \
	echo "format: $$(($(words $(c_files)) - bad)) passed, $$bad failed, 0 skipped"; [ $$bad -eq 0 ]

# The list is the promise to programs that were built before: see what differs, then `make abi`.
abi_tool = $(PYTHON) tools/check_abi.py --cc '$(CC)' --flags '$(CSTD) -Icommon/include' \
  --library $(LIB)/libmcp.so --list common/mcp/libmcp.abi common/include/mcp/*.h
.PHONY: check-abi abi
check-abi: $(LIB)/libmcp.so ## symbols, prototypes and layouts of libmcp are those of libmcp.abi
	@$(abi_tool)
abi: $(LIB)/libmcp.so ## write libmcp.abi anew, for a change that is meant
	@$(abi_tool) --write

.PHONY: check-start
check-start: all ## no program starts with libcurl or libcrypto, nor maps them for a simple answer
	@MCP_BUILD=$(abspath $(BUILD)) $(PYTHON) tests/support/check_start.py $(if $(STATIC),--static,$(LIB)/libmcp.so) \
	  $(SERVERS:%=$(BIN)/%)

.PHONY: check-hardening
check-hardening: all ## PIE/PIC, RELRO, bound at start, stack protector, FORTIFY, CET, no stray search path
	@sh tests/support/check_hardening.sh $(SERVERS_BUILT:%=$(BIN)/%) $(LIB)/libmcp.so $(LIB)/libmcp-late.so \
	  $(LIB)/libmcp.a $(LIB)/libcost.a

$(BUILD):
	@mkdir -p $@
