// Package ocs is the OCS/REST face of parley: it turns HTTP requests into calls
// of the use cases and their results into the answers that Talk clients expect.
//
// Everything peculiar to the wire lives here and nowhere else: the two entry
// points /ocs/v1.php and /ocs/v2.php, the envelope in JSON and XML, and the
// PHP-flavoured way in which clients send parameters.
package ocs
