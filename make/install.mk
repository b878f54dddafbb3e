# Installing: the servers, both libraries, their headers and libmcp.pc.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
BINDIR ?= $(PREFIX)/bin
INCLUDEDIR ?= $(PREFIX)/include
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

$(BUILD)/libmcp.pc: tools/libmcp.pc.in common/include/mcp/version.h $(BUILD)/install/.paths
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|' \
	  -e 's|@REQUIRES_PRIVATE@|$(PKGS_MCP)|; s|@LIBS_PRIVATE@|$(LLHTTP_LIBS) -lm -pthread|' $< > $@

.PHONY: install
install: all $(installed_servers) $(BUILD)/libmcp.pc ## DESTDIR, PREFIX=/usr/local, LIBDIR, BINDIR, INCLUDEDIR
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/mcp $(DESTDIR)$(INCLUDEDIR)/cost
	$(if $(installed_servers),$(INSTALL) -m 755 $(installed_servers) $(DESTDIR)$(BINDIR)/)
	$(foreach l,libmcp libmcp-late,$(INSTALL) -m 644 $(LIB)/$(l).so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/$(l).so.$(VERSION) && \
	  ln -sf $(l).so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(l).so.$(SOVERSION) &&) \
	ln -sf libmcp.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libmcp.so
	$(INSTALL) -m 644 $(LIB)/libmcp.a $(LIB)/libmcp-late.a $(LIB)/libcost.a $(DESTDIR)$(LIBDIR)/
	$(INSTALL) -m 644 common/include/mcp/*.h $(DESTDIR)$(INCLUDEDIR)/mcp/
	$(INSTALL) -m 644 common/include/cost/*.h $(GEN)/schemas.h $(DESTDIR)$(INCLUDEDIR)/cost/
	$(INSTALL) -m 644 $(BUILD)/libmcp.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	$(if $(DESTDIR),,ldconfig 2>/dev/null || true)

.PHONY: uninstall
uninstall: ## removes what install put there (the same variables)
	rm -f $(SERVERS:%=$(DESTDIR)$(BINDIR)/%)
	rm -f $(foreach l,libmcp libmcp-late,$(DESTDIR)$(LIBDIR)/$(l).so $(DESTDIR)$(LIBDIR)/$(l).so.$(SOVERSION) \
	  $(DESTDIR)$(LIBDIR)/$(l).so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(l).a) $(DESTDIR)$(LIBDIR)/libcost.a
	rm -f $(DESTDIR)$(LIBDIR)/pkgconfig/libmcp.pc
	rm -rf $(DESTDIR)$(INCLUDEDIR)/mcp $(DESTDIR)$(INCLUDEDIR)/cost
