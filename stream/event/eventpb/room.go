package eventpb

// OnAir tells whether the show goes on, be it with a pause; false of no room.
func (x *Room) OnAir() bool {
	s := x.GetState()
	return s == RoomState_ROOM_STATE_ON_AIR || s == RoomState_ROOM_STATE_IDLE
}

// Newest is the room as people look at it: provisional, or final where nothing is open; nil of no room.
func (x *Room) Newest() *RoomView {
	if v := x.GetProvisional(); v != nil {
		return v
	}
	return x.GetFinal()
}
