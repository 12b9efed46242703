package ocs

import (
	"net/http"
	"testing"
)

func TestHeader(t *testing.T) {
	tests := []struct {
		key, value, name, want string
	}{
		{"OCS-APIRequest", "true", "OCS-APIRequest", "true"},
		{"ocs-apirequest", "true", "OCS-APIRequest", "true"},
		{"OCS_APIREQUEST", "true", "OCS-APIRequest", "true"},
		{"TALK_SIPBRIDGE_RANDOM", "r", "Talk-SipBridge-Random", "r"},
		{"Talk_Sipbridge-Random", "r", "Talk-SipBridge-Random", ""},
		{"Talk_Sipbridge_Rando", "r", "Talk-SipBridge-Random", ""},
		{"Talk_Sipbridge_Randon", "r", "Talk-SipBridge-Random", ""},
		{"OCS_APIREQUEST", "", "OCS-APIRequest", ""},
		{"requesttoken", "t", "requesttoken", "t"},
		{"Accept", "x", "OCS-APIRequest", ""},
	}
	for _, tt := range tests {
		h := make(http.Header)
		h.Set(tt.key, tt.value)
		if got := header(h, tt.name); got != tt.want {
			t.Errorf("%s: %s read as %s = %q, want %q", tt.key, tt.value, tt.name, got, tt.want)
		}
	}
}

func TestHeaderPrefersDashes(t *testing.T) {
	h := http.Header{"Ocs_apirequest": {"under"}, "Ocs-Apirequest": {"dash"}, "Empty": nil}
	if got := header(h, "OCS-APIRequest"); got != "dash" {
		t.Errorf("got %q, want dash", got)
	}
	h.Set("OCS-APIRequest", "")
	if got := header(h, "OCS-APIRequest"); got != "under" {
		t.Errorf("got %q, want under", got)
	}
}

func TestHeaderWithoutValues(t *testing.T) {
	if got := header(http.Header{"Ocs_apirequest": nil}, "OCS-APIRequest"); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}
