package signal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/signal"
	"parley/internal/store/deliveries"
	"parley/internal/talktest"
)

// TestNobodyWaitsForASignalingServer: requests take as long while it hangs as while it is well.
func TestNobodyWaitsForASignalingServer(t *testing.T) {
	eachBeside(t, func(b *beside) {
		const requests, hangs = 12, 15 * time.Second
		alice := b.As("alice")
		alice.Post(b.room() + "/participants/active").OK()
		alice.Post(b.call()).OK()
		measure := func() (least, all time.Duration) {
			least = time.Hour
			for n := range requests {
				began := time.Now()
				alice.Put(b.call(), p{"flags": 1 + 2*(n%2)}).OK()
				took := time.Since(began)
				least, all = min(least, took), all+took
			}
			return least, all
		}
		b.settles(time.Second)
		well, _ := measure()
		b.settles(time.Second)
		b.other.Slow.Store(int64(hangs))
		hanging, all := measure()
		b.other.Slow.Store(0)
		if ratio := float64(hanging) / float64(well); ratio > 5 || all > hangs {
			b.t.Errorf("requests take %.1f times as long (%v, %v while all is well), %v together", ratio, hanging, well, all)
		}
	})
}

// TestRestartAmongDeliveries: what a server could not tell before it ended is told by the one
// that comes after it, in order and once.
func TestRestartAmongDeliveries(t *testing.T) {
	for name, trouble := range map[string]func(*talktest.SignalingServer){
		"refused":   func(s *talktest.SignalingServer) { s.Status.Store(http.StatusBadGateway) },
		"under way": func(s *talktest.SignalingServer) { s.Slow.Store(int64(time.Minute)) },
	} {
		for _, d := range talktest.Databases() {
			t.Run(name+" "+d.Name, func(t *testing.T) {
				other, url, token := talktest.StartSignaling(t), d.URL(t), ""
				t.Run("before", func(t *testing.T) {
					s := talktest.Start(t, talktest.On(url), other.Option)
					alice := s.As("alice")
					token = alice.Post("v4/room", p{"roomType": 3, "roomName": "Team"}).Created().Text("token")
					other.Types(token, 2)
					trouble(other)
					asked := other.Asked.Load()
					alice.Post("v4/room/" + token + "/participants/active").OK()
					alice.Post("v4/call/" + token).OK()
					alice.Put("v4/call/"+token, p{"flags": 3}).OK()
					alice.Delete("v4/call/"+token, p{"all": true}).OK()
					for range 2000 {
						if other.Asked.Load() > asked {
							return
						}
						time.Sleep(5 * time.Millisecond)
					}
					t.Error("nothing was tried")
				})
				other.Status.Store(0)
				other.Slow.Store(0)
				b := &beside{Server: talktest.Start(t, talktest.On(url), other.Option), t: t, other: other, token: token}
				b.settles(2 * time.Second)
				b.expect("afterwards", "incall message incall incall message")
			})
		}
	}
}

// TestOutageTooLong: nobody is told of a call by what happened long ago, and a conversation that
// was deleted meanwhile is gone and nothing else.
func TestOutageTooLong(t *testing.T) {
	eachBeside(t, func(b *beside) {
		alice := b.As("alice")
		b.other.Status.Store(http.StatusBadGateway)
		alice.Post(b.room() + "/participants/active").OK()
		alice.Post(b.call()).OK()
		alice.Delete(b.call(), p{"all": true}).OK()
		alice.Put(b.room(), p{"roomName": "New"}).OK()
		b.Advance(11 * time.Minute)
		alice.Put(b.room()+"/description", p{"description": "newer"}).OK()
		b.other.Status.Store(0)
		b.settles(time.Second)
		b.expect("after eleven minutes", "update message")

		b.other.Status.Store(http.StatusBadGateway)
		alice.Post("v1/chat/"+b.token, p{"message": "x"}).Created()
		alice.Put(b.room(), p{"roomName": "Newest"}).OK()
		alice.Delete(b.room()).OK()
		b.Advance(2 * time.Minute) // too long for news of the chat
		b.other.Status.Store(0)
		b.settles(time.Second)
		if told := b.other.Take(b.token, 1); len(told) != 1 || told[0].Type != "delete" {
			b.t.Errorf("of what is deleted it was told %v", told)
		}
	})
}

// TestOneConversationDelaysNoOther: while one message is under way, those about other
// conversations are told.
func TestOneConversationDelaysNoOther(t *testing.T) {
	eachBeside(t, func(b *beside) {
		alice := b.As("alice")
		second := alice.Post("v4/room", p{"roomType": 3, "roomName": "Second"}).Created().Text("token")
		b.other.Types(second, 2)
		b.settles(time.Second)
		b.other.Slow.Store(int64(20 * time.Second))
		asked := b.other.Asked.Load()
		alice.Put(b.room(), p{"roomName": "New"}).OK()
		b.AwaitQueue(signal.Kind, "it is under way", func(deliveries.State) bool { return b.other.Asked.Load() > asked })
		b.other.Slow.Store(0)
		began := time.Now()
		alice.Put("v4/room/"+second, p{"roomName": "New"}).OK()
		if got := b.other.Types(second, 2); !strings.HasPrefix(got, "update message") || time.Since(began) > 5*time.Second {
			b.t.Errorf("the other one: %s after %v", got, time.Since(began))
		}
	})
}
