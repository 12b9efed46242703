package auth_test

import (
	"net/http"
	"testing"

	"parley/internal/secret"
	"parley/internal/store"
)

func BenchmarkIdentify(b *testing.B) {
	f := newFixture(b)
	costly, err := secret.NewHasher(secret.Options{}).Hash(b.Context(), "alice-pw")
	f.must(err)
	f.change("alice", func(a *store.Account) { a.PasswordHash = costly })
	app := f.appPassword("alice")
	value := f.id(request(basic("alice", "alice-pw"))).Cookie.Value
	for name, change := range map[string][]func(*http.Request){
		"guest":               {},
		"cookie":              {cookie(value)},
		"app password":        {basic("alice", app)},
		"app password cookie": {basic("alice", app), cookie(value)},
		"remembered password": {basic("alice", "alice-pw"), cookie(value)},
	} {
		b.Run(name, func(b *testing.B) {
			r := request(change...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Identify(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
