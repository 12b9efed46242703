// Package archtest holds the rules of the house as tests: which package may import
// which, where the clock and the status numbers are, and that no package keeps
// mutable state in variables. It parses the sources and runs nothing of them.
//
// To change a rule, change its row in rules_test.go together with docs/design.md.
package archtest
