package imitations_test
var webParticipant, webMessage keys
