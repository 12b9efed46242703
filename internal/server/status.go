package server

import (
	"encoding/json"
	"net/http"
)

// platformStatus is the answer of status.php which clients ask for
// before they know anything else: they compare the first number of the version with
// what they need.
type platformStatus struct {
	Installed       bool   `json:"installed"`
	Maintenance     bool   `json:"maintenance"`
	NeedsDBUpgrade  bool   `json:"needsDbUpgrade"`
	Upgrade         bool   `json:"upgrade"`
	Version         string `json:"version"`
	VersionString   string `json:"versionstring"`
	Edition         string `json:"edition"`
	ProductName     string `json:"productname"`
	ExtendedSupport bool   `json:"extendedSupport"`
}

// status answers /status.php, also to pages of other origins.
func status(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	// A client that hangs up needs no answer.
	_ = json.NewEncoder(w).Encode(platformStatus{
		Installed: true, Version: "32.0.1.2", VersionString: "32.0.1", ProductName: "parley",
	})
}
