package gateway

import (
	"bytes"
)

// wooPing is what WooCommerce sends when a webhook is saved, without a signature: webhook_id=NUMBER. It wants a 2xx, or the
// webhook is not saved.
func wooPing(d *delivery) bool {
	id, ok := bytes.CutPrefix(d.body, []byte("webhook_id="))
	return ok && len(id) > 0 && len(id) < 20 && len(bytes.Trim(id, "0123456789")) == 0
}
