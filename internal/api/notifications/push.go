package notifications

import (
	"errors"

	"parley/internal/auth"
	"parley/internal/notify"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// pushKey is the key of the server that apps give to their push service.
type pushKey struct {
	VAPID string `json:"vapid"`
}

// pushMessage says in words what became of a request.
type pushMessage struct {
	Message string `json:"message"`
}

func (a *API) getPushKey(c *ocs.Call) (any, error) {
	key, err := a.notify.ServerKey(c.Context())
	return pushKey{key}, err
}

func appOf(c *ocs.Call) notify.App {
	return notify.App{UserID: c.Caller().UserID, AppPassword: c.Identity.AppPassword}
}

type subscribeParams struct {
	Endpoint string `param:"endpoint;required"`
	Key      string `param:"uaPublicKey;required"`
	Secret   string `param:"auth;required"`
	AppTypes string `param:"appTypes;required"`
}

func (a *API) subscribeToPush(c *ocs.Call, in subscribeParams) (any, error) {
	if err := a.auth.Protection().Allow(auth.LimitPushRequests, c.Caller()); err != nil {
		return nil, err
	}
	created, err := a.notify.Subscribe(c.Context(), appOf(c), notify.Subscription{
		Endpoint: in.Endpoint, Key: in.Key, Secret: in.Secret, AppTypes: in.AppTypes,
	})
	if created {
		c.Status = ocs.StatusCreated
	}
	return nil, explained(err)
}

type activateParams struct {
	Token string `param:"activationToken;required"`
}

func (a *API) activatePush(c *ocs.Call, in activateParams) (any, error) {
	activated, err := a.notify.Activate(c.Context(), appOf(c), in.Token)
	if activated {
		c.Status = ocs.StatusAccepted
	}
	return nil, explained(err)
}

func (a *API) unsubscribeFromPush(c *ocs.Call) (any, error) {
	found, err := a.notify.Unsubscribe(c.Context(), appOf(c))
	if found {
		c.Status = ocs.StatusAccepted
	}
	return nil, explained(err)
}

func (a *API) testPush(c *ocs.Call) (any, error) {
	if err := a.auth.Protection().Allow(auth.LimitPushRequests, c.Caller()); err != nil {
		return nil, err
	}
	n, err := a.notify.TestPush(c.Context(), c.Caller())
	if err != nil {
		return nil, err
	}
	if n == 0 {
		err := talk.Fail(talk.Invalid, "no app gets push notifications")
		return nil, &ocs.DataError{Kind: talk.Invalid, Data: pushMessage{"None of your apps gets push notifications from this server"}, Err: err}
	}
	return pushMessage{"A push notification is on its way to each of your apps"}, nil
}

// explained gives a failure its reason as a message, where apps read it.
func explained(err error) error {
	if e, ok := errors.AsType[*talk.Error](err); ok && e.Kind == talk.Invalid {
		return &ocs.DataError{Kind: talk.Invalid, Data: pushMessage{e.Reason}, Err: err}
	}
	return withoutData(err)
}
