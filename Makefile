# What a newcomer needs: `make demo` to see it, `make test` to check it. Everything else is cargo.

LIUHEN := target/release/liuhen

.PHONY: help demo build test bench lint fuzz

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/'

demo: build ## build once, fill a node with generated casework, serve it on 127.0.0.1:7878
	./$(LIUHEN) demo

build: ## the release binary
	cargo build --release --locked --package liuhen

test: ## every test; installs what tests alone need, and says so
	./scripts/test

bench: build ## measure against the targets of docs/benchmarks.md
	LIUHEN_COMMIT=$$(git rev-parse --short HEAD) ./$(LIUHEN) bench all

lint: ## formatting, clippy without warnings, the rules of the repository
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo xtask tidy

fuzz: ## each parser of untrusted bytes for a minute (SECONDS_EACH=60)
	./scripts/fuzz
