# The server in an image of its own: one static binary and the certificates it
# needs for TLS. Built by scripts/image (make image), which names the version.

# The builder runs on the machine's own architecture and compiles for the target's.
ARG BUILDER=docker.io/library/golang:1.26-alpine
FROM --platform=$BUILDPLATFORM $BUILDER AS build
WORKDIR /src
COPY . .

# Where modules come from, if not from where Go looks by itself.
ARG GOPROXY=
ARG GOSUMDB=
ARG GONOSUMDB=
ARG GOFLAGS=

ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ARG COMMIT=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -tags nethttpomithttp2 \
    -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT" -o /out/tictac ./cmd/tictac
RUN mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/tictac /tictac
COPY --from=build --chown=65532:65532 /out/data /data

ARG VERSION=dev
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="tictac" \
      org.opencontainers.image.description="Real-time tic-tac-toe for two people in two places" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"

USER 65532:65532
ENV TICTAC_STORE=sqlite:/data/tictac.db
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["/tictac", "healthcheck"]
ENTRYPOINT ["/tictac"]
