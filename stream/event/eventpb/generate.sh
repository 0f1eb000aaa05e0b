#!/bin/sh
# Makes the Go code of the .proto files here. Needs protoc (Debian: protobuf-compiler); the plugins come from .tools.
set -eu
cd "$(dirname "$0")/../../.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
(cd .tools && GOFLAGS=-mod=mod go build -o "$bin" google.golang.org/protobuf/cmd/protoc-gen-go github.com/planetscale/vtprotobuf/cmd/protoc-gen-go-vtproto)
pb=github.com/netsu/netsu/stream/event/eventpb
PATH="$bin:$PATH" protoc -I . \
  --go_out=. --go_opt=module=github.com/netsu/netsu \
  --go-vtproto_out=. --go-vtproto_opt=module=github.com/netsu/netsu,features=marshal_strict+unmarshal+unmarshal_unsafe+size+pool+equal \
  --go-vtproto_opt=pool=$pb.Block,pool=$pb.Event \
  stream/event/eventpb/event.proto stream/event/eventpb/meter.proto \
  operators/journey/journeypb/journey.proto operators/ledger/ledgerpb/ledger.proto
