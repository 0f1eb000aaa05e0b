package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// deliver is a sender of the house's own events to a gateway, until ctx ends: the panels of the gateway are about deliveries.
// That it is refused is for the panels to show. It brings one order of no show and no amount again and again, which counts
// nowhere: a comment would make a room, and one that then falls silent.
func deliver(ctx context.Context, gateway, tokenFile string) {
	for pause(ctx) {
		token, err := os.ReadFile(tokenFile)
		if err != nil {
			continue // the demo is not there yet; if it never is, the panels say so
		}
		event := fmt.Sprintf(`{"topic":"orders","value":{"order_id":"check","version":1,"status":"created","time":%d}}`,
			time.Now().UnixMilli())
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, gateway+"/v1/ingest/events", strings.NewReader(event))
		if err != nil {
			fmt.Fprintln(os.Stderr, "delivering:", err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
		}
	}
}
