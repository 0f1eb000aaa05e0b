package eventpb_test

import (
	"testing"

	"github.com/netsu/netsu/stream/event/eventpb"
)

func TestRoom(t *testing.T) {
	final, open := &eventpb.RoomView{Pane: 1}, &eventpb.RoomView{Pane: 2}
	for _, c := range []struct {
		name   string
		room   *eventpb.Room
		onAir  bool
		newest *eventpb.RoomView
	}{
		{"none", nil, false, nil},
		{"one of which nothing is said", &eventpb.Room{}, false, nil},
		{"on the air", &eventpb.Room{State: eventpb.RoomState_ROOM_STATE_ON_AIR, Final: final, Provisional: open}, true, open},
		{"idle", &eventpb.Room{State: eventpb.RoomState_ROOM_STATE_IDLE, Final: final}, true, final},
		{"ended", &eventpb.Room{State: eventpb.RoomState_ROOM_STATE_ENDED, Final: final}, false, final},
	} {
		if got := c.room.OnAir(); got != c.onAir {
			t.Errorf("%s: on the air %v", c.name, got)
		}
		if got := c.room.Newest(); got != c.newest {
			t.Errorf("%s: the newest view is %v", c.name, got)
		}
	}
}
