package client_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"parley/client"
)

// A bot that answers whoever says hello.
func Example() {
	ctx, token := context.Background(), os.Getenv("TALK_CONVERSATION")
	bot, err := client.New(client.Options{
		Address: "https://talk.example.org", User: "greeter", Password: os.Getenv("TALK_APP_PASSWORD"),
	})
	if err != nil {
		log.Fatal(err)
	}
	room, err := bot.Conversation(ctx, token)
	if err != nil {
		log.Fatal(err)
	}
	for m, err := range bot.Messages(ctx, token, room.LastID()) {
		if err != nil {
			log.Fatal(err)
		}
		if m.System == "" && m.ActorID != "greeter" && m.Plain() == "hello" {
			if _, err := bot.Send(ctx, token, client.Draft{Text: "Hello, " + m.ActorDisplayName, ReplyTo: m.ID}); err != nil {
				log.Print(err)
			}
		}
	}
}

func ExampleClient_Create() {
	alice, err := client.New(client.Options{Address: "http://127.0.0.1:8080", User: "alice", Password: "alice-demo"})
	if err != nil {
		log.Fatal(err)
	}
	room, err := alice.Create(context.Background(), client.NewConversation{Type: client.Public, Name: "Plans"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(room.Token)
}

func ExampleClient_Events() {
	alice, err := client.New(client.Options{Address: "http://127.0.0.1:8080", User: "alice", Password: "alice-demo"})
	if err != nil {
		log.Fatal(err)
	}
	for e, err := range alice.Events(context.Background(), client.EventOptions{}) {
		switch {
		case err != nil:
			log.Fatal(err)
		case e.Type == client.EventMissed:
			log.Print("there was more: load everything again")
		case e.Message != nil:
			fmt.Println(e.Token, e.Type, e.Message.Plain())
		default:
			fmt.Println(e.Token, e.Type)
		}
	}
}
