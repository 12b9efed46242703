// Package web serves the pages that people open in a browser. They work without
// scripts and load nothing from elsewhere.
package web
