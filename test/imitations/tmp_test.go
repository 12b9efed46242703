package imitations_test
var iosRoom, iosMessage, webParticipant, webMessage keys
