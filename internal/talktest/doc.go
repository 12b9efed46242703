// Package talktest is the test kit: real databases for the tests of all other
// packages. Only tests import it.
package talktest
