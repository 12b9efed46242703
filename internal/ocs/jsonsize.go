package ocs

// maxNodes bounds the values and keys of a query string or a body.
const maxNodes = 20_000

// jsonSize is what a JSON text would become, seen before it is decoded.
type jsonSize struct {
	// nodes is the number of values and keys, counted a little too high.
	nodes int
	// depth is the deepest nesting of lists and objects.
	depth int
	// halves tells that a text has half a surrogate pair, which is no character.
	halves bool
}

// fits tells whether a text may be decoded.
func (s jsonSize) fits() bool { return s.nodes <= maxNodes && s.depth <= maxDepth && !s.halves }

// measureJSON looks through text, which need not be valid JSON: it runs first so
// that the decoder never sees one that takes much memory. It stops when the text
// does not fit.
func measureJSON(text []byte) jsonSize {
	size, open := jsonSize{nodes: 1}, 0
	for i := 0; i < len(text) && size.fits(); i++ {
		switch text[i] {
		case '"':
			var halves bool
			i, halves = skipString(text, i+1)
			size.halves = size.halves || halves
		case '{', '[':
			open++
			size.nodes++
			size.depth = max(size.depth, open)
		case '}', ']':
			open--
		case ',', ':':
			size.nodes++
		}
	}
	return size
}

// skipString returns the place of the quotation mark that ends the string whose
// text begins at i, and whether the string has half a surrogate pair.
func skipString(text []byte, i int) (end int, halves bool) {
	for i < len(text) && text[i] != '"' {
		if text[i] != '\\' {
			i++
			continue
		}
		unit, escaped := codeUnit(text[i:])
		switch {
		case !escaped:
			i += 2
		case unit < 0xD800 || unit > 0xDFFF:
			i += len(`\u0000`)
		default:
			low, second := codeUnit(text[min(i+len(`\u0000`), len(text)):])
			if unit > 0xDBFF || !second || low < 0xDC00 || low > 0xDFFF {
				halves = true
			}
			i += len(`\ud83d\ude00`)
			if halves {
				return i, true
			}
		}
	}
	return i, halves
}

// codeUnit reads an escape like \ud83d at the start of text.
func codeUnit(text []byte) (unit int, ok bool) {
	if len(text) < len(`\u0000`) || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		digit := hexDigit(c)
		if digit < 0 {
			return 0, false
		}
		unit = unit<<4 | digit
	}
	return unit, true
}

func hexDigit(c byte) int {
	switch c := lower(c); {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
