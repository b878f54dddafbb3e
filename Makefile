# Builds libmcp, libcost and the six servers: plain GNU make, sources found by folder.
#
# Variables: BUILD=dir  SAN=asan|tsan  WERROR=1  STATIC=1  LTO=1  V=1  PREFIX DESTDIR LIBDIR
# Variants build side by side (build/release, build/asan, ...); only the default one fills bin/.

# `make demo` on two cores should use both; an explicit -j wins. (make 4.3 does not show -j in
# MAKEFLAGS while it reads this, so its own command line is asked.)
ifeq ($(MAKELEVEL),0)
ifeq ($(filter -j% --jobs%,$(shell tr '\0' ' ' </proc/$$PPID/cmdline 2>/dev/null)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# ---- variant ---------------------------------------------------------------------------------
variant := $(or $(SAN),release)$(if $(STATIC),-static)$(if $(LTO),-lto)
BUILD ?= build/$(variant)
ifeq ($(BUILD),build/release)
BIN := bin
RPATH := $$ORIGIN/../build/release/lib
else
BIN := $(BUILD)/bin
RPATH := $$ORIGIN/../lib
endif
OBJ := $(BUILD)/obj
LIB := $(BUILD)/lib
GEN := $(BUILD)/gen

version_of = $(shell sed -n 's/^.define MCP_VERSION_$(1) *"*\([0-9.]*\)"*$$/\1/p' common/include/mcp/version.h)
VERSION := $(call version_of,STR)
SOVERSION := $(call version_of,MAJOR).$(call version_of,MINOR)

comma := ,

# ---- tools and flags -------------------------------------------------------------------------
ifeq ($(origin CC),default)
CC := gcc
endif
AR_CMD := $(if $(LTO),gcc-ar,ar)
HOSTCC ?= gcc
PYTHON ?= python3
PKG_CONFIG ?= pkg-config

# Under the sanitizers gcc warns of conversions and values of its own instrumentation. (Rows of test
# tables may end early, see flags_of.)
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
        -Wformat=2 -Wwrite-strings -Wcast-qual -Wundef -Wimplicit-fallthrough -Werror=implicit-function-declaration \
        $(if $(SAN),-Wno-sign-conversion $(if $(filter fuzz,$(SAN)),,-Wno-maybe-uninitialized -Wno-format-truncation)) $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong -fstack-clash-protection \
          $(if $(filter x86_64 i%86,$(shell uname -m)),-fcf-protection)
ifeq ($(SAN),)
OPT := -O2 -g -D_FORTIFY_SOURCE=3
else ifeq ($(SAN),asan)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
else ifeq ($(SAN),tsan)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
else ifeq ($(SAN),fuzz)
OPT := -O2 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
       -fno-sanitize-recover=undefined -DMCP_FUZZ
CC := clang-14
HARDEN := -fstack-protector-strong
else
$(error SAN is asan, tsan or fuzz, not $(SAN))
endif
# The sanitizers replace dlopen by a function of their own library, which hides whose RUNPATH
# counts; the old RPATH of the program is asked in every case.
san_link := $(if $(SAN),-Wl$(comma)--disable-new-dtags)

CSTD := -std=c11 -D_GNU_SOURCE -pthread
CFLAGS_ALL = $(CSTD) -fPIC $(OPT) $(HARDEN) $(WARN) $(if $(LTO),-flto=auto) $(CFLAGS)
LDFLAGS_ALL = $(OPT) $(HARDEN) -pthread -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed \
              $(if $(LTO),-flto=auto) $(LDFLAGS)
LDFLAGS_BIN = $(LDFLAGS_ALL) -pie $(san_link) $(if $(fat_lto),-fno-lto)
LDFLAGS_SO = $(LDFLAGS_ALL) -shared -Wl,-z,defs -Wl,-Bsymbolic-functions

q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-7s %s\n' $(1) '$(2)')

# ---- sources ---------------------------------------------------------------------------------
SERVERS := mcp-gcp mcp-aws mcp-azure mcp-opencost mcp-forecast mcp-policy
MCP_LAYERS := base proto net client server
MCP_SRC := $(sort $(wildcard $(MCP_LAYERS:%=common/mcp/%/*.c)) $(wildcard common/mcp/upstream/late.c))
LATE_SRC := $(sort $(wildcard common/mcp/auth/*.c) \
            $(filter-out common/mcp/upstream/late.c,$(wildcard common/mcp/upstream/*.c)))
COST_SRC := $(sort $(wildcard common/cost/*/*.c))
SCHEMAS := $(sort $(wildcard schemas/*.json schemas/*/*.json))
SERVERS_BUILT := $(strip $(foreach s,$(SERVERS),$(if $(wildcard $(s)/*.c),$(s))))

obj_of = $(patsubst %.c,$(OBJ)/%.o,$(1))
MCP_OBJ := $(call obj_of,$(MCP_SRC))
LATE_OBJ := $(call obj_of,$(LATE_SRC))
COST_OBJ := $(call obj_of,$(COST_SRC)) $(OBJ)/gen/schemas.o

include make/deps.mk

# ---- which flags a file gets -----------------------------------------------------------------
# libmcp is compiled with default visibility and narrowed by its map: the companion needs a few
# internal functions of it, and unit tests all of them. Calls inside stay direct all the same.
INCLUDES := -Icommon/include -Icommon -I$(GEN)
INC_SERVER := -Icommon/include -I$(GEN)
# libmcp.so is optimised as a whole (3 % of a tools/call); programs that link objects or the archive get
# ordinary code, and are linked as quickly as ever.
ifneq ($(NEED_DEPS),)
so_lto := $(if $(SAN)$(LTO),,$(shell $(CC) -flto=auto -ffat-lto-objects -xc -c -o /dev/null /dev/null 2>/dev/null && echo -flto=auto))
endif
fat_lto := $(if $(so_lto),$(so_lto) -ffat-lto-objects)
flags_mcp := -fvisibility=default -fno-semantic-interposition $(INCLUDES) $(LLHTTP_CFLAGS)
flags_of = $(strip \
  $(if $(filter common/mcp/%,$(1)),$(flags_mcp) $(if $(filter $(MCP_SRC),$(1)),$(fat_lto)), \
  $(if $(filter common/cost/%,$(1)),-fvisibility=hidden $(INCLUDES), \
  $(if $(filter mcp-%,$(1)),-fvisibility=hidden $(INC_SERVER), \
  -fvisibility=hidden $(INCLUDES) $(LLHTTP_CFLAGS) -I. -Itests/support $(CMOCKA_CFLAGS) -Wno-missing-field-initializers))) \
  $(PKG_CFLAGS))

.PHONY: all
all: libs $(SERVERS_BUILT:%=$(BIN)/%) ## build the libraries and the servers (bin/)

.PHONY: libs
libs: $(if $(MCP_SRC),$(LIB)/libmcp.so $(LIB)/libmcp.a) \
      $(if $(LATE_SRC),$(LIB)/libmcp-late.so) $(LIB)/libcost.a

# A change of flags rebuilds what they made.
flags_now := $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(flags_mcp) $(fat_lto) $(PKG_CFLAGS)
FLAGS_STAMP := $(BUILD)/.flags
ifneq ($(NEED_DEPS),)
ifneq ($(strip $(file < $(FLAGS_STAMP))),$(strip $(flags_now)))
$(shell mkdir -p $(BUILD))
$(file > $(FLAGS_STAMP),$(flags_now))
endif
endif

$(OBJ)/%.o: %.c $(FLAGS_STAMP)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(q)$(CC) $(CFLAGS_ALL) $(call flags_of,$<) -MMD -MP -c -o $@ $<

# llhttp's generated C is not ours to warn about.
$(OBJ)/llhttp/%.o: $(LLHTTP_DIR)/%.c $(FLAGS_STAMP)
	$(call say,CC,llhttp/$*.c)
	@mkdir -p $(@D)
	$(q)$(CC) -w -std=c11 -fPIC -fvisibility=hidden $(OPT) $(HARDEN) $(if $(LTO),-flto=auto) \
	  $(fat_lto) $(LLHTTP_CFLAGS) -c -o $@ $<

# ---- generated schemas -----------------------------------------------------------------------
$(BUILD)/tools/embed: tools/embed.c $(wildcard tools/embed_*.c tools/*.h)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(q)$(HOSTCC) -std=c11 -D_GNU_SOURCE -O1 -g $(WARN) -o $@ $(filter %.c,$^)

# The list of files is a prerequisite too: a removed schema must disappear from the table.
SCHEMAS_STAMP := $(BUILD)/.schemas
ifneq ($(NEED_DEPS),)
schemas_now := schemas: $(SCHEMAS)
ifneq ($(strip $(file < $(SCHEMAS_STAMP))),$(strip $(schemas_now)))
$(file > $(SCHEMAS_STAMP),$(schemas_now))
endif
endif
$(GEN)/schemas.c: $(BUILD)/tools/embed $(SCHEMAS) $(SCHEMAS_STAMP)
	$(call say,EMBED,$@)
	@mkdir -p $(@D)/cost
	$(q)$(BUILD)/tools/embed schemas $(GEN) $(SCHEMAS)
$(GEN)/schemas.h: $(GEN)/schemas.c ;
$(OBJ)/gen/schemas.o: $(GEN)/schemas.c $(FLAGS_STAMP)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(q)$(CC) $(CFLAGS_ALL) -fvisibility=hidden $(INCLUDES) -MMD -MP -c -o $@ $<

# ---- libraries -------------------------------------------------------------------------------
# A source that went away must leave the libraries too.
SOURCES_STAMP := $(BUILD)/.sources
ifneq ($(NEED_DEPS),)
sources_now := sources: $(MCP_SRC) $(LATE_SRC) $(COST_SRC)
ifneq ($(strip $(file < $(SOURCES_STAMP))),$(strip $(sources_now)))
$(file > $(SOURCES_STAMP),$(sources_now))
endif
endif

define archive
	$(call say,AR,$@)
	@mkdir -p $(@D)
	@rm -f $@
	$(q)$(AR_CMD) rcs $@ $(filter %.o,$^)
endef

# The archive holds the companion too; whoever wants it says -u mcp_late_table.
$(LIB)/libmcp.a: $(MCP_OBJ) $(LATE_OBJ) $(LLHTTP_OBJ) $(SOURCES_STAMP)
	$(archive)
	$(if $(fat_lto),$(q)objcopy -R '.gnu.lto_*' -R '.gnu.debuglto_*' $@)
$(LIB)/libcost.a: $(COST_OBJ) $(SOURCES_STAMP)
	$(archive)

$(LIB)/libmcp.so.$(SOVERSION): $(MCP_OBJ) $(LLHTTP_OBJ) common/mcp/libmcp.map $(SOURCES_STAMP)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(q)$(CC) $(LDFLAGS_SO) $(so_lto) -Wl,-soname,libmcp.so.$(SOVERSION) -Wl,-rpath,'$$ORIGIN' \
	  -Wl,--version-script,common/mcp/libmcp.map -o $@ $(filter %.o,$^) $(LIBS_MCP)
$(LIB)/libmcp-late.so.$(SOVERSION): $(LATE_OBJ) $(LIB)/libmcp.so common/mcp/libmcp-late.map $(SOURCES_STAMP)
	$(call say,LD,$@)
	$(q)$(CC) $(LDFLAGS_SO) -Wl,-soname,libmcp-late.so.$(SOVERSION) -Wl,-rpath,'$$ORIGIN' \
	  -Wl,--version-script,common/mcp/libmcp-late.map -o $@ $(LATE_OBJ) -L$(LIB) -lmcp $(LIBS_LATE)
$(LIB)/libmcp.so $(LIB)/libmcp-late.so: %.so: %.so.$(SOVERSION)
	$(q)ln -sf $(<F) $@

# ---- servers ---------------------------------------------------------------------------------
# Shared by default: libcurl and libcrypto cost 5 ms of every start and are opened when needed.
# STATIC=1: one program of libmcp, the companion and libcost; system libraries stay shared.
static_deps := $(LIB)/libcost.a $(LIB)/libmcp.a
static_libs = -Wl,-u,mcp_late_table $(static_deps) $(LIBS_COST) $(LIBS_LATE) $(LIBS_MCP)
ifeq ($(STATIC),)
server_libs = $(LIB)/libcost.a -L$(LIB) -lmcp -Wl,-rpath,'$(RPATH)' $(LIBS_COST) $(LIBS_MCP)
server_deps := $(LIB)/libcost.a $(if $(MCP_SRC),$(LIB)/libmcp.so) $(if $(LATE_SRC),$(LIB)/libmcp-late.so)
else
server_libs = $(static_libs)
server_deps := $(static_deps)
endif

define server
$(BIN)/$(1): $(call obj_of,$(wildcard $(1)/*.c)) $(server_deps)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(q)$$(CC) $$(LDFLAGS_BIN) -o $$@ $(call obj_of,$(wildcard $(1)/*.c)) $$(server_libs)
ALL_OBJ += $(call obj_of,$(wildcard $(1)/*.c))
endef
ALL_OBJ := $(MCP_OBJ) $(LATE_OBJ) $(COST_OBJ)
$(foreach s,$(SERVERS_BUILT),$(eval $(call server,$(s))))

.PHONY: $(SERVERS)
$(foreach s,$(SERVERS),$(eval $(s): $$(if $$(wildcard $(s)/*.c),$$(BIN)/$(s))))

include make/test.mk
include make/bigquery.mk
include make/check.mk
include make/dev.mk
include make/install.mk

# The generated header must be there before anything that may include it is compiled.
$(filter-out $(MCP_OBJ) $(LATE_OBJ) $(OBJ)/gen/schemas.o,$(ALL_OBJ)): | $(GEN)/schemas.h

-include $(ALL_OBJ:.o=.d)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z_.-]+:.*## ' Makefile make/*.mk | sort | \
	  sed -E 's/^([a-z_.-]+):[^#]*## (.*)/  \1\t\2/' | expand -t 24
	@echo
	@sed -n 's/^# Variables: /Variables: /p' Makefile
