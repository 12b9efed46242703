package conversation_test

func promoteTopic() topic {
	return topic{"promote", "POST /room/{token}/moderators", []apiCase{
		{versions: inAll, status: 200, name: "member", when: "a member becomes a moderator", by: moderator, with: named(member), want: "null",
			after: becomesSaying(member, 2, "moderator_promoted")},
		{versions: inAll, status: 200, name: "guest", when: "a guest becomes a guest moderator", by: moderator, with: named(guest), want: "null",
			after: becomesSaying(guest, 6, "guest_moderator_promoted")},
		{versions: inAll, status: 200, name: "e-mail guest", when: "an e-mail guest becomes a guest moderator", by: guestModerator,
			with: named(emailGuest), want: "null", after: becomes(emailGuest, 6)},
		{versions: inV4, status: 200, name: "permissions", when: "permissions of one's own are forgotten by it", by: moderator,
			before: permitted(member, "set", 4), with: named(member), want: "null", after: mayNow(0, 254)},
		{versions: inV3, status: 200, name: "attendee id", when: "v3 knows `attendeeId` as well", by: moderator, with: byID(member), want: "[]",
			after: becomes(member, 2)},
		{versions: inV4, status: 200, name: "self-joined", when: "a self-joined user becomes a moderator", by: moderator,
			with: named(selfJoined), want: "null", after: becomes(selfJoined, 2)},
		{versions: inOld, status: 400, name: "self-joined", when: "a self-joined user is no ordinary user", by: moderator, with: named(selfJoined), want: "[]"},
		{versions: inAll, status: 400, name: "moderator", when: "the target is a moderator already", by: owner, with: named(moderator), want: "null"},
		{versions: inAll, status: 400, name: "guest moderator", when: "the target is a guest moderator already", by: owner, with: named(guestModerator), want: "null"},
		{versions: inAll, status: 400, name: "owner", when: "the target is the owner", by: moderator, with: named(owner), want: "null"},
		{versions: inIDs, status: 400, name: "group", when: "the target is a group", by: moderator, before: (*stage).addGroup, with: byRow("group"), want: "null"},
		{versions: inV4, status: 400, name: "nobody named", when: "`attendeeId` is missing", by: moderator, want: `{"error":"attendeeId"}`},
		{versions: inAll, status: 403, name: "member", when: "the caller is no moderator", by: member, with: named(selfJoined), want: "[]"},
		{versions: inAll, status: 403, name: "oneself", when: "the caller names themselves", by: moderator, with: named(moderator), want: "null"},
		{versions: inAll, status: 404, name: "conversation", when: "there is no such conversation", by: moderator,
			before: elsewhere, with: named(member), want: "[]"},
		{versions: inAll, status: 404, name: "participant", when: "there is no such participant", by: moderator, with: nobody, want: "null"},
		{versions: inOld, status: 404, name: "nobody named", when: "nobody is named", by: moderator, want: "[]"},
	}}
}

func demoteTopic() topic {
	return topic{"demote", "DELETE /room/{token}/moderators", []apiCase{
		{versions: inAll, status: 200, name: "moderator", when: "a moderator becomes a member", by: owner, with: named(moderator), want: "null",
			after: becomesSaying(moderator, 3, "moderator_demoted")},
		{versions: inAll, status: 200, name: "guest moderator", when: "a guest moderator becomes a guest", by: moderator, with: named(guestModerator),
			want: "null", after: becomesSaying(guestModerator, 4, "guest_moderator_demoted")},
		{versions: inV3, status: 200, name: "attendee id", when: "v3 knows `attendeeId` as well", by: owner, with: byID(moderator), want: "[]",
			after: becomes(moderator, 3)},
		{versions: inAll, status: 400, name: "member", when: "the target is a member", by: moderator, with: named(member), want: "null"},
		{versions: inAll, status: 400, name: "guest", when: "the target is a guest", by: moderator, with: named(guest), want: "null"},
		{versions: inAll, status: 400, name: "owner", when: "the target is the owner", by: moderator, with: named(owner), want: "null"},
		{versions: inIDs, status: 400, name: "group", when: "the target is a group", by: moderator, before: (*stage).addGroup, with: byRow("group"), want: "null"},
		{versions: inV4, status: 400, name: "nobody named", when: "`attendeeId` is missing", by: moderator, want: `{"error":"attendeeId"}`},
		{versions: inAll, status: 403, name: "member", when: "the caller is no moderator", by: member, with: named(moderator), want: "[]"},
		{versions: inAll, status: 403, name: "oneself", when: "a moderator names themselves", by: moderator, with: named(moderator), want: "null"},
		{versions: inAll, status: 403, name: "guest moderator", when: "a guest moderator names themselves", by: guestModerator,
			with: named(guestModerator), want: "null"},
		{versions: inAll, status: 404, name: "conversation", when: "there is no such conversation", by: owner,
			before: elsewhere, with: named(moderator), want: "[]"},
		{versions: inAll, status: 404, name: "participant", when: "there is no such participant", by: moderator, with: nobody, want: "null"},
		{versions: inOld, status: 404, name: "nobody named", when: "nobody is named", by: moderator, want: "[]"},
	}}
}
