# Every target is one command; the scripts say what they do before they do it.

# Where `make up` serves: make up PORT=8090
PORT ?= 8080
export PORT

.PHONY: up down test check bench bench-build

up: ## install what is missing, build, start the server with two demo households
	@scripts/up

down: ## stop the server that `make up` started
	@scripts/down

test: ## install what the tests need and run all of them
	@scripts/test

check: ## formatting, lints, tests: what CI runs
	@scripts/check

bench: ## print the figures that matter
	@scripts/bench

bench-build: ## measure a clean and an incremental build, in a folder of its own
	@scripts/bench-build
