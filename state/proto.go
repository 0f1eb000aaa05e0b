package state

import "fmt"

// Message is what vtprotobuf generates for a message.
type Message interface {
	SizeVT() int
	MarshalToSizedBufferVTStrict([]byte) (int, error)
	UnmarshalVT([]byte) error
}

// Proto is the codec of a protobuf message: one byte of schema version, then the message. So a value is never empty (a
// nil value means "gone"), and state that a newer fold has written is refused rather than misread.
func Proto[M any, P interface {
	*M
	Message
}](version byte) Codec[P] {
	return Codec[P]{
		Encode: func(m P) []byte {
			b := make([]byte, 1+m.SizeVT())
			b[0] = version
			if _, err := m.MarshalToSizedBufferVTStrict(b[1:]); err != nil {
				panic("cannot happen: a message with groups or a wrong size: " + err.Error())
			}
			return b
		},
		Decode: func(b []byte) (P, error) {
			if len(b) == 0 || b[0] == 0 || b[0] > version {
				return nil, fmt.Errorf("schema version of %d bytes is not one of 1 to %d", len(b), version)
			}
			m := P(new(M))
			if err := m.UnmarshalVT(b[1:]); err != nil {
				return nil, err
			}
			return m, nil
		},
	}
}
