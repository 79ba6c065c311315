# stands for postgres:18: the server that standalone embeds, and as much of the official image's entry as docker-compose.yml uses
FROM debian:bookworm-slim
COPY postgres /usr/local
COPY node /usr/local/bin/node
COPY postgres.sh /usr/local/bin/entry
COPY pg_isready.cjs /usr/local/bin/pg_isready
RUN useradd --system --uid 999 postgres && ldconfig && chmod 0755 /usr/local/bin/entry /usr/local/bin/pg_isready
ENTRYPOINT ["/usr/local/bin/entry"]
