# Installing: the servers, both libraries, their headers, pkg-config files, the guide and the manual pages.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
BINDIR ?= $(PREFIX)/bin
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/mcp-cost
INSTALL ?= install

# Where ld.so looks by itself no path is written into the programs.
install_rpath = $(if $(filter /usr/lib /usr/lib/%-linux-gnu /lib,$(LIBDIR)),,-Wl,-rpath,'$$ORIGIN/$(shell \
    realpath -m --relative-to='$(BINDIR)' '$(LIBDIR)')')
installed_servers := $(SERVERS_BUILT:%=$(BUILD)/install/%)

define install_server
$(BUILD)/install/$(1): $(call obj_of,$(wildcard $(1)/*.c)) $(server_deps) $(BUILD)/install/.paths
	$$(call say,LD,$$@)
	$$(q)$$(CC) $$(LDFLAGS_BIN) -o $$@ $(call obj_of,$(wildcard $(1)/*.c)) \
	  $$(subst -Wl$$(comma)-rpath$$(comma)'$$(RPATH)',$$(install_rpath),$$(server_libs))
endef
$(foreach s,$(SERVERS_BUILT),$(eval $(call install_server,$(s))))

$(BUILD)/install/.paths: FORCE
	@mkdir -p $(@D)
	@echo '$(BINDIR) $(LIBDIR)' | cmp -s - $@ || echo '$(BINDIR) $(LIBDIR)' > $@
.PHONY: FORCE
FORCE:

# libmcp links the shared library, libmcp-static the archive with the companion in it.
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
PC_FILES := $(BUILD)/libmcp.pc $(BUILD)/libmcp-static.pc
$(PC_FILES): $(BUILD)/%.pc: tools/%.pc.in common/include/mcp/version.h $(BUILD)/install/.paths
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@LIBDIR@|$(call below_prefix,$(LIBDIR))|' \
	  -e 's|@INCLUDEDIR@|$(call below_prefix,$(INCLUDEDIR))|' \
	  -e 's|@PKGS_MCP@|$(PKGS_MCP)|; s|@PKGS_LATE@|$(PKGS_LATE)|; s|@LIBS@|$(LLHTTP_LIBS) -lm -pthread|' $< > $@

# Manual pages: section 3 from the headers' contracts, section 1 from what the servers' --help says.
MAN := $(BUILD)/man
$(MAN)/mcp.3: $(wildcard common/include/mcp/*.h tools/man_*.py tools/mdoc.py) docs/libmcp.md $(SERVERS_BUILT:%=$(BIN)/%)
	$(call say,MAN,$(MAN))
	@rm -rf $(MAN)
	@export SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null)}; \
	  $(PYTHON) tools/man_headers.py --guide docs/libmcp.md $(MAN) common/include/mcp/*.h && \
	  $(PYTHON) tools/man_server.py $(MAN) $(SERVERS_BUILT:%=$(BIN)/%)
.PHONY: man
man: $(MAN)/mcp.3 ## manual pages of libmcp and the servers, in BUILD/man

.PHONY: install
install: all man $(installed_servers) $(PC_FILES) ## DESTDIR, PREFIX=/usr/local, LIBDIR, BINDIR, INCLUDEDIR, MANDIR, DOCDIR
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/mcp $(DESTDIR)$(INCLUDEDIR)/cost \
	  $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(DOCDIR)
	$(if $(installed_servers),$(INSTALL) -m 755 $(installed_servers) $(DESTDIR)$(BINDIR)/)
	$(foreach l,libmcp libmcp-late,$(INSTALL) -m 644 $(LIB)/$(l).so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/$(l).so.$(VERSION) && \
	  ln -sf $(l).so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(l).so.$(SOVERSION) &&) \
	ln -sf libmcp.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libmcp.so
	$(INSTALL) -m 644 $(LIB)/libmcp.a $(LIB)/libcost.a $(DESTDIR)$(LIBDIR)/
	$(INSTALL) -m 644 common/include/mcp/*.h $(DESTDIR)$(INCLUDEDIR)/mcp/
	$(INSTALL) -m 644 common/include/cost/*.h $(GEN)/schemas.h $(DESTDIR)$(INCLUDEDIR)/cost/
	$(INSTALL) -m 644 $(PC_FILES) $(DESTDIR)$(LIBDIR)/pkgconfig/
	$(INSTALL) -m 644 $(SERVERS_BUILT:%=$(MAN)/%.1) $(DESTDIR)$(MANDIR)/man1/
	$(INSTALL) -m 644 $(MAN)/*.3 $(DESTDIR)$(MANDIR)/man3/
	$(INSTALL) -m 644 docs/*.md $(DESTDIR)$(DOCDIR)/
	$(if $(DESTDIR),,ldconfig 2>/dev/null || true)

.PHONY: uninstall
uninstall: ## removes what install put there (the same variables)
	rm -f $(SERVERS:%=$(DESTDIR)$(BINDIR)/%)
	rm -f $(foreach l,libmcp libmcp-late,$(DESTDIR)$(LIBDIR)/$(l).so $(DESTDIR)$(LIBDIR)/$(l).so.$(SOVERSION) \
	  $(DESTDIR)$(LIBDIR)/$(l).so.$(VERSION)) $(DESTDIR)$(LIBDIR)/libmcp.a $(DESTDIR)$(LIBDIR)/libcost.a
	rm -f $(PC_FILES:$(BUILD)/%=$(DESTDIR)$(LIBDIR)/pkgconfig/%)
	rm -f $(SERVERS:%=$(DESTDIR)$(MANDIR)/man1/%.1) $(DESTDIR)$(MANDIR)/man3/mcp.3 $(DESTDIR)$(MANDIR)/man3/mcp_*.3
	rm -rf $(DESTDIR)$(INCLUDEDIR)/mcp $(DESTDIR)$(INCLUDEDIR)/cost $(DESTDIR)$(DOCDIR)

# What the tests look at: everything as it would be installed, and one server that needs no library of ours.
STAGE := $(abspath $(BUILD))/stage
.PHONY: stage
stage: all man $(installed_servers) $(PC_FILES) $(BUILD)/static/mcp-forecast
	@rm -rf $(STAGE)
	@$(MAKE) install DESTDIR=$(STAGE) >/dev/null
$(BUILD)/static/mcp-forecast: $(call obj_of,$(wildcard mcp-forecast/*.c)) $(static_deps)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(q)$(CC) $(LDFLAGS_BIN) -o $@ $(call obj_of,$(wildcard mcp-forecast/*.c)) $(static_libs)
