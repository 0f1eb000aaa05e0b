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
// That it is refused is for the panels to show.
func deliver(ctx context.Context, gateway, tokenFile string) {
	for n := 0; pause(ctx); n++ {
		token, err := os.ReadFile(tokenFile)
		if err != nil {
			continue // the demo is not there yet; if it never is, the panels say so
		}
		event := fmt.Sprintf(`{"topic":"comments","value":{"event_id":"check/%d","time":%d,"show_id":"check","text":"hi"}}`, n,
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
