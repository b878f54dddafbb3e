# Third-party libraries: found by pkg-config, installed by `make deps`.

.PHONY: deps
deps: ## install what Debian 12 or 13 must have to build and test (apt)
	@sh tools/deps.sh '$(LLHTTP_DIR)'

# llhttp: Debian 13 packages the library; Debian 12 only ships its C inside node-llhttp, which
# `make deps` unpacks here without installing Node.
# `sudo make install` must find what `make deps` of the user behind it left.
home := $(or $(if $(SUDO_USER),$(shell getent passwd '$(SUDO_USER)' | cut -d: -f6)),$(HOME))
LLHTTP_CACHE := $(or $(XDG_CACHE_HOME),$(if $(home),$(home)/.cache),$(CURDIR)/build/deps)
LLHTTP_DIR ?= $(LLHTTP_CACHE)/mcp-cost/llhttp

# These goals work on a machine that has nothing but make.
no_deps := deps deps-fuzz help clean check-clean format check-format uninstall
NEED_DEPS := $(if $(MAKECMDGOALS),$(filter-out $(no_deps),$(MAKECMDGOALS)),all)

PKGS_MCP := libuv yaml-0.1 libpcre2-8 libxxhash
PKGS_COST := sqlite3 yaml-0.1 zlib libxxhash libpcre2-8 libcjson libuv
PKGS_LATE := libcurl libcrypto

ifneq ($(NEED_DEPS),)
PKGS_ALL := $(sort $(PKGS_MCP) $(PKGS_COST) $(PKGS_LATE))
pkgs_missing := $(shell for p in $(PKGS_ALL); do \
    $(PKG_CONFIG) --exists $$p 2>/dev/null || echo $$p; done)
ifneq ($(strip $(pkgs_missing)),)
$(error missing libraries: $(strip $(pkgs_missing)). Run: make deps)
endif
ifneq ($(shell $(PKG_CONFIG) --exists libllhttp && echo yes),)
LLHTTP_LIBS := $(shell $(PKG_CONFIG) --libs libllhttp)
LLHTTP_CFLAGS := $(shell $(PKG_CONFIG) --cflags libllhttp)
else ifneq ($(wildcard $(LLHTTP_DIR)/llhttp.c),)
LLHTTP_CFLAGS := -isystem $(LLHTTP_DIR)
LLHTTP_OBJ := $(patsubst $(LLHTTP_DIR)/%.c,$(OBJ)/llhttp/%.o,$(wildcard $(LLHTTP_DIR)/*.c))
else ifneq ($(wildcard /usr/include/llhttp.h),)
LLHTTP_LIBS := -lllhttp
else
$(error missing llhttp (looked for libllhttp and $(LLHTTP_DIR)). Run: make deps)
endif
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS_ALL))
LIBS_MCP := $(shell $(PKG_CONFIG) --libs $(PKGS_MCP)) $(LLHTTP_LIBS) -lm
LIBS_COST := $(shell $(PKG_CONFIG) --libs $(PKGS_COST)) -lm
LIBS_LATE := $(shell $(PKG_CONFIG) --libs $(PKGS_LATE))
CMOCKA_CFLAGS := $(shell $(PKG_CONFIG) --cflags cmocka 2>/dev/null)
CMOCKA_LIBS := $(shell $(PKG_CONFIG) --libs cmocka 2>/dev/null)
endif

.PHONY: deps-fuzz
deps-fuzz: deps ## also clang-14 with libFuzzer, for `make fuzz`
	@sh tools/deps.sh '$(LLHTTP_DIR)' clang-14 libclang-rt-14-dev
