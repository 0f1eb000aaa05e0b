package livemeter

import (
	"fmt"
	"slices"
	"testing"
)

// A topic in a basis is another subscription than the topic; it is asked for in that basis again each time, one with a model once
// the feed is live, for before it cannot be known which governs.
func TestABasisIsAskedForAgain(t *testing.T) {
	yen := Sub{Topic: "show/S1", Basis: Basis{Currency: "JPY"}}
	perform(t, Config{}, []Sub{{Topic: "show/S1"}, yen}, func(s *stage) {
		s.run()
		if err := s.client.Subscribe(yen); err == nil {
			t.Error("subscribed twice in one basis")
		}
		c := s.conn(1)
		c.asks() // hello
		c.welcome()
		if got := c.asks(); got != `[{"id":1,"t":"sub","topic":"show/S1"},{"basis":{"currency":"JPY"},"id":2,"t":"sub","topic":"show/S1"}]` {
			t.Errorf("it asked %s", got)
		}
		c.says(`{"t":"ack","id":1,"sub":7,"topic":"show/S1","keys":{}}`)
		c.says(`{"t":"err","id":2,"code":"TOO_MANY_BASES"}`)
		if got := c.asks(); got != `[{"basis":{"currency":"JPY"},"id":3,"t":"sub","topic":"show/S1"}]` {
			t.Errorf("refused for want of room, it asked %s", got)
		}
		c.says(`{"t":"hb","n":1,"state":"catching_up","cursor":"e0:A"}`)
		if err := s.client.Subscribe(Sub{Topic: "campaign/c", Basis: Basis{Model: "linear"}}); err != nil {
			t.Fatal(err)
		}
		if got := c.asks(); got != `null` {
			t.Errorf("of a feed that does not know yet, it asked %s", got)
		}
		c.says(`{"t":"hb","n":2,"state":"live","cursor":"e0:A"}`)
		if got := c.asks(); got != `[{"basis":{"model":"linear"},"id":4,"t":"sub","topic":"campaign/c"}]` {
			t.Errorf("of a live feed, it asked %s", got)
		}
		c.says(`{"t":"ack","id":4,"sub":9,"topic":"campaign/c","keys":{}}`)
		c.says(`{"t":"err","sub":9,"code":"BASIS_CHANGED","message":"m"}`)
		var told []string
		for _, u := range s.updates {
			if u.Kind != Changed {
				told = append(told, fmt.Sprint(u.Kind, u.Sub.Topic, u.Sub.Basis.Model, u.Reason))
			}
		}
		if want := []string{"5campaign/clinearBASIS_CHANGED"}; !slices.Equal(told, want) {
			t.Errorf("the user was told %v, want %v", told, want)
		}
		s.stop()
		<-c.gone
	})
}
