package feed

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// answersTo are the server's frames that answer a client's, beside err.
var answersTo = map[string][]string{
	"hello": {"welcome"}, "sub": {"ack"}, "tune": {"ack"}, "unsub": {"ack"}, "watch": {"ack"}, "unwatch": {"ack"},
	"explain": {"explanation"}, "ping": {"pong"},
}

// asyncAPI is the document: each frame is a message, with its schema, and with examples of the transcripts.
func asyncAPI() any {
	examples := map[string]map[string][][]byte{"client": frameExamples('<'), "server": frameExamples('>')}
	messages, operations := fact{}, fact{}
	onFeed, onStream := fact{}, fact{}
	var sent []any
	for _, p := range promises {
		side, _, framed := strings.Cut(p.name, "-")
		if !framed {
			continue
		}
		ref := fact{"$ref": "#/components/messages/" + p.name}
		messages[p.name] = message(p, examples[side][p.t])
		onFeed[p.name] = ref
		if side == "server" {
			sent = append(sent, fact{"$ref": "#/channels/feed/messages/" + p.name})
			if p.t != "pong" && p.t != "explanation" && p.t != "watch" {
				onStream[p.name] = ref
			}
			continue
		}
		var replies []any
		for _, t := range append(slices.Clone(answersTo[p.t]), "err") {
			replies = append(replies, fact{"$ref": "#/channels/feed/messages/server-" + t})
		}
		operations[p.t] = fact{
			"action": "receive", "channel": fact{"$ref": "#/channels/feed"}, "summary": published()[p.name]["description"],
			"messages": []any{fact{"$ref": "#/channels/feed/messages/" + p.name}},
			"reply":    fact{"channel": fact{"$ref": "#/channels/feed"}, "messages": replies},
		}
	}
	var streamed []any
	for _, p := range promises {
		if onStream[p.name] != nil {
			streamed = append(streamed, fact{"$ref": "#/channels/stream/messages/" + p.name})
		}
	}
	operations["say"] = fact{
		"action": "send", "channel": fact{"$ref": "#/channels/feed"}, "messages": sent,
		"summary": "what the server says: the documents that are subscribed to, their events and corrections, and answers",
	}
	operations["stream"] = fact{
		"action": "send", "channel": fact{"$ref": "#/channels/stream"}, "messages": streamed,
		"summary": "the same without a websocket, for topics that are named in the query",
	}
	return fact{
		"asyncapi": "3.0.0",
		"info": fact{
			"title": "livemeter.v1", "version": schemaVersion,
			"description": "Live meters of shows, ESOLs, campaigns and brands. One JSON object a text frame; t says which. Fields are " +
				"added to what the server says, and never renamed or taken away; a client's frame with a field that the server does not " +
				"know is refused.",
		},
		"defaultContentType": asJSON,
		"servers": fact{"here": fact{
			"host": "{host}", "protocol": "wss", "variables": fact{"host": fact{"default": "localhost:8080"}},
			"description": "where this document is served; ws on a loopback address",
			"security":    []any{fact{"$ref": "#/components/securitySchemes/token"}},
		}},
		"channels": fact{
			"feed": fact{
				"address": "/v1/feed", "messages": onFeed,
				"description": "a websocket; the subprotocol livemeter.v1.json may be offered. Close codes 4000 to 4499, 1001, 1006, 1012 and " +
					"1013: connect again, with backoff and jitter. Others: do not, the client is wrong.",
			},
			"stream": fact{
				"address": "/v1/stream", "messages": onStream,
				"description": "GET over HTTP: server-sent events where Accept names text/event-stream, else a frame a line. /v1/openapi.json " +
					"has its parameters.",
			},
		},
		"operations": operations,
		"components": fact{
			"messages": messages,
			"securitySchemes": fact{"token": fact{
				"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
				"description": "asked for where the port has keys: as a header, as the subprotocol bearer.TOKEN, or in the first hello",
			}},
		},
	}
}

func message(p promised, examples [][]byte) fact {
	s := published()[p.name]
	m := fact{
		"name": p.t, "title": p.t, "contentType": asJSON,
		"payload": fact{
			"schemaFormat": "application/schema+json;version=2020-12", "schema": fact{"$ref": "schema/" + p.name + ".json"},
		},
	}
	if about := s["description"]; about != nil {
		m["summary"] = about
	}
	var all []any
	for _, text := range examples {
		var payload map[string]any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&payload); err != nil {
			panic("cannot happen: an example that is valid does not decode: " + err.Error())
		}
		all = append(all, fact{"payload": payload})
	}
	if len(all) > 0 {
		m["examples"] = all
	}
	return m
}

func TestTheAsyncAPIDocumentIsWhatTheCodeSays(t *testing.T) {
	contractFile(t, "asyncapi.json", indented(t, asyncAPI()))
	for _, p := range promises {
		if side, _, framed := strings.Cut(p.name, "-"); framed {
			from := byte('<')
			if side == "server" {
				from = '>'
			}
			if len(frameExamples(from)[p.t]) == 0 {
				t.Errorf("no transcript has a %s of the %s", p.t, side)
			}
		}
	}
	for kind := range answersTo {
		if clientFields[kind] == nil {
			t.Errorf("a client has no %s", kind)
		}
	}
}

// Every frame of a transcript is valid, but for those of the client that are answered by an err.
func TestTheTranscriptsAreValid(t *testing.T) {
	for _, line := range transcriptLines() {
		if !bytes.HasPrefix(line, []byte("> {\"t\":")) {
			continue
		}
		if err := validFrame("server", line[2:]); err != nil {
			t.Error(err)
		}
	}
}
