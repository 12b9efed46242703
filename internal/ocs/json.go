package ocs

import "encoding/json"

// Object is a JSON object whose keys are data, not structure.
type Object = map[string]any

// Fields is a JSON object that keeps the order of its members, for answers that
// are made from a table. Without members it is an empty list, as PHP writes it.
type Fields []Field

// Field is a member of an object.
type Field struct {
	Name  string
	Value any
}

// MarshalJSON implements [json.Marshaler].
func (f Fields) MarshalJSON() ([]byte, error) {
	if len(f) == 0 {
		return []byte("[]"), nil
	}
	out := []byte("{")
	for i, member := range f {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(member.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(member.Value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// MayDecode tells whether a JSON text is small and shallow enough to be decoded.
func MayDecode(text []byte) bool { return measureJSON(text).fits() }

// Optional returns nil for the zero value, which is null on the wire.
func Optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
