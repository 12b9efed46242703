// Package ocs is the OCS protocol: it finds the row of a route table for a request,
// runs the checks of the row, hands the parameters to the handler, and writes what it
// returns.
//
// Everything peculiar to the protocol lives here and nowhere else: the two entry
// points /ocs/v1.php and /ocs/v2.php, the envelope in JSON and XML, the PHP-flavoured
// way in which clients send parameters, the status numbers, and the OpenAPI document.
// The package knows no endpoint; what it asks of the use cases comes as functions.
package ocs
