package talk

// MaxListed is how many entries a list in one request may have.
const MaxListed = 1000

// Unique returns the texts, each where it came first.
func Unique(texts []string) []string {
	seen := make(map[string]bool, len(texts))
	var out []string
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out
}
