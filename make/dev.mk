# For people at work on the tree: cleaning, formatting, analysis, the editor's compile commands.

.PHONY: clean
clean: ## remove build/ and bin/
	rm -rf build bin compile_commands.json
