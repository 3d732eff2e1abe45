ARG BASE=node:24-slim

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json build.ts ./
COPY src ./src
COPY packages/embedded-postgres-service ./packages/embedded-postgres-service
RUN npm run build
# The embedded PostgreSQL stays out: a container has a database beside it. It is our only optional dependency, and is
# removed by name, because `--omit=optional` would also take the native parts of @node-rs/argon2 and @node-rs/bcrypt.
# The npm package `node` is a devDependency and leaves with the others: the base image brings Node.
RUN npm pkg delete optionalDependencies && npm prune --omit=dev

FROM ${BASE}
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY docs/*.md ./docs/
USER node
EXPOSE 3000
# Alive, not ready: a database that is away is no reason to restart the service.
HEALTHCHECK --interval=10s --timeout=3s --start-period=40s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# A smaller young generation: an auth service is idle for most of its life, and need not hold on to memory meanwhile.
CMD ["node", "--max-semi-space-size=8", "dist/main.js"]
