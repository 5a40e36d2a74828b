# Two images from one build: `service` for the roles that only talk to Kafka and the database, and `evaluator`, which
# holds the compilers and the sandbox as well.

FROM rust:1.95-slim-bookworm AS build
# librdkafka is compiled from source, with TLS.
RUN apt-get update && apt-get install -y --no-install-recommends \
        g++ libssl-dev make perl pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked \
        -p producer -p evaluator -p results-sink -p analytics -p tribunal \
    && mkdir /out \
    && cp target/release/producer target/release/evaluator target/release/results-sink \
        target/release/analytics target/release/tribunal /out/

FROM debian:bookworm-slim AS base
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tribunal
COPY --chmod=755 deploy/healthy.sh /usr/local/bin/healthy

FROM base AS service
COPY --from=build /out/producer /out/results-sink /out/analytics /out/tribunal /usr/local/bin/
USER tribunal

# Not a user without privileges: it makes namespaces, mounts and control groups. What it runs for strangers gets a user,
# a root and a filter of its own; docker-compose.yml names each capability with its reason.
FROM base AS evaluator
RUN mkdir -p /usr/share/man/man1 \
    && apt-get update && apt-get install -y --no-install-recommends \
        gcc g++ python3 openjdk-17-jdk-headless golang-go nodejs rustc mount \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/evaluator /out/tribunal /usr/local/bin/
COPY --chmod=755 deploy/evaluator-entrypoint.sh /usr/local/bin/evaluator-entrypoint
ENTRYPOINT ["evaluator-entrypoint"]
CMD ["evaluator", "run"]
