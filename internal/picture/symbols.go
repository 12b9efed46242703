package picture

import (
	"fmt"
	"html"
	"strings"
)

// Symbol is what a picture of a conversation shows that has none of its own.
type Symbol string

// The symbols, as paths in a square of 24.
const (
	People  Symbol = "M8 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 8 11Zm8 0a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM2 18.6c0-3 2.7-5.2 6-5.2s6 2.2 6 5.2v.8H2v-.8Zm13.4.8h6.6v-.8c0-3-2.7-5.2-6-5.2-.8 0-1.5.1-2.2.4 1.5 1.2 1.6 2.9 1.6 5.600Z"
	Link    Symbol = "M10.6 13.400a1 1 0 0 1 0-1.400l3.5-3.500a3 3 0 0 1 4.2 4.200l-1.7 1.7 1.4 1.4 1.7-1.700a5 5 0 0 0-7-7L9.2 10.600a3 3 0 0 0 0 4.200l1.4-1.400Zm2.8-2.8-1.4 1.400a1 1 0 0 1 0 0l-3.5 3.500a3 3 0 0 1-4.2-4.200L6 9.6 4.6 8.2 2.9 9.900a5 5 0 0 0 7 7l3.5-3.500a3 3 0 0 0 0-2.800Z"
	Person  Symbol = "M12 11.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 8c0-3.6 3.6-6 8-6s8 2.4 8 6v1H4v-1Z"
	Phone   Symbol = "M6.6 3h3.200l1.4 4.4-2 1.600a12 12 0 0 0 5.8 5.800l1.6-2L21 14.200v3.200C21 19.4 19.4 21 17.4 21 9.5 21 3 14.5 3 6.6 3 4.6 4.6 3 6.6 3Z"
	Mail    Symbol = "M3 5.500h18v13H3v-13Zm2 2v.6l7 4.6 7-4.600v-.6H5Zm14 9v-6l-7 4.6-7-4.600v6h14Z"
	Event   Symbol = "M7 3v2H4v16h16V5h-3V3h-2v2H9V3H7Zm-1 7h12v9H6v-9Z"
	Padlock Symbol = "M7 10V8a5 5 0 0 1 10 0v2h1.500v10.500h-13V10H7Zm2 0h6V8a3 3 0 0 0-6 0v2Z"
)

// colours behind and of symbols, in light and dark surroundings.
const (
	lightBack, lightFront = "#dbe4ee", "#22405f"
	darkBack, darkFront   = "#26333f", "#c9d8e6"
)

// OfSymbol draws a symbol.
func OfSymbol(s Symbol, dark bool) Picture {
	back, front := lightBack, lightFront
	if dark {
		back, front = darkBack, darkFront
	}
	return svg(back, fmt.Sprintf(`<g transform="translate(128 128) scale(10.667)"><path fill="%s" d="%s"/></g>`, front, s))
}

// OfEmoji draws an emoji on a colour of six hexadecimal digits, "" for the usual one.
func OfEmoji(emoji, colour string, dark bool) Picture {
	back := lightBack
	switch {
	case colour != "" && strings.Trim(colour, "0123456789abcdefABCDEF") == "":
		back = "#" + colour
	case dark:
		back = darkBack
	}
	return svg(back, `<text x="50%" y="330" text-anchor="middle" font-size="220" font-family="'Noto Color Emoji','Apple Color Emoji','Segoe UI Emoji',sans-serif">`+
		html.EscapeString(emoji)+`</text>`)
}

func svg(back, inside string) Picture {
	return Picture{SVG, []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" viewBox="0 0 512 512"><rect width="100%" height="100%" fill="` + back + `"/>` +
		inside + `</svg>`)}
}
