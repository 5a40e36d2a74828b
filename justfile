# One recipe per task; `just` lists them.

_list:
    @just --list

# Judge every jury submission of problems/ in one process
demo *OPTIONS:
    ./demo {{OPTIONS}}

# Everything that continuous integration checks; with NAME only the tests whose name contains it
test *NAME:
    ./test {{NAME}}

# The sandbox on cgroup v2, in a virtual machine; with FILTER only its tests whose names contain it
cgroup-v2 *FILTER:
    sandbox/tests/on-cgroup-v2 {{FILTER}}

# Format the code
format:
    cargo fmt --all

# The lints alone
lint:
    cargo clippy --workspace --all-targets --features evaluator/hooks -- -D warnings

# Licences and sources of all dependencies (needs cargo-deny)
deny:
    cargo deny check licenses bans sources

# Judge the jury submissions of one package and compare: just verify lanterns
verify PROBLEM:
    cargo run -q -p evaluator -- verify problems/{{PROBLEM}}

# Write the test data of all example problems anew; nothing may change
problem-data:
    for package in problems/*/; do (cd "$package" && python3 generators/cases.py); done
    git diff --exit-code --stat problems

# A benchmark by name, as JSON lines
bench NAME *OPTIONS:
    cargo run --release -p bench --features hooks -- {{NAME}} {{OPTIONS}} --json

# The whole product under faults for so many seconds, and a checker at the end; OPTIONS such as --seed 7
campaign SECONDS="240" *OPTIONS:
    cargo run --release -p bench --features hooks -- campaign --seconds {{SECONDS}} {{OPTIONS}}

# Try every language here and write the README's table of them
language-table:
    cargo run -q -p evaluator -- languages --write README.md

# The Debian packages and jars that the tests need
prerequisites:
    bash -c 'set -euo pipefail; source deploy/prerequisites.sh; need_rust; need_toolchains; need_test_languages; need_test_servers'

# Write the table of all metrics in docs/metrics.md
metrics-table:
    TRIBUNAL_WRITE_METRICS=1 cargo test -q --workspace --features evaluator/hooks --test metrics
