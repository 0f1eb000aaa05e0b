package ingest

import (
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// comment reads {"kind": "comment"|"retract", "text", "lang", "role", "reply_to", "retracts"}.
func (d *Decoder) comment() {
	e := &d.event
	switch kind := d.top.get(fKind); {
	case kind.shape == absent || kind.shape == text && string(kind.b) == "comment":
		e.Kind = eventpb.Kind_KIND_COMMENT
	case kind.shape == text && string(kind.b) == "retract":
		e.Kind = eventpb.Kind_KIND_RETRACT
	default:
		d.fail(UnknownKind, fKind, "comment or retract", kind)
		return
	}
	d.common()
	e.AccountCreatedMs = d.time(&d.top, fAccountCreated)
	if e.ShowId == "" {
		d.requiredID(fShowID)
	}
	if e.Kind == eventpb.Kind_KIND_RETRACT {
		d.refer(d.requiredID(fRetracts))
		return
	}
	if t := d.top.get(fText); t.shape == absent {
		d.fail(MissingField, fText, "a string (which may be empty)", t)
	}
	e.Text = d.free(fText, maxTextBytes)
	e.Lang = d.word(fLang)
	e.Role = d.role()
	if id := d.id(fReplyTo); id != "" {
		d.refer(id)
	}
}

// refer sets the reference to another event by its id.
func (d *Decoder) refer(eventID string) {
	var h event.ID
	if d.bad == nil {
		h = d.hasher.Event(bytesOf(eventID))
	}
	d.event.RefHi, d.event.RefLo = h.Hi, h.Lo
}

func (d *Decoder) role() eventpb.Role {
	t := d.top.get(fRole)
	if t.shape == absent {
		return eventpb.Role_ROLE_UNSPECIFIED
	}
	if t.shape == text {
		switch string(t.b) {
		case "":
			return eventpb.Role_ROLE_UNSPECIFIED
		case "viewer":
			return eventpb.Role_ROLE_VIEWER
		case "esol":
			return eventpb.Role_ROLE_ESOL
		case "brand":
			return eventpb.Role_ROLE_BRAND
		case "moderator":
			return eventpb.Role_ROLE_MODERATOR
		}
	}
	d.fail(BadField, fRole, "viewer, esol, brand or moderator", t)
	return eventpb.Role_ROLE_UNSPECIFIED
}
