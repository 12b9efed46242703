package ocs

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// paramField is one parameter of an endpoint, read from the tags of its struct:
//
//	param:"method,mode"      name and aliases; the first one present wins
//	param:"state;required"   absence is an error
//	default:"users"          the value of an absent parameter, as form text
type paramField struct {
	names      []string // the documented name first
	typ        reflect.Type
	required   bool
	fallback   string
	hasDefault bool
	index      []int // for reflect.Value.FieldByIndex
}

// plans caches planOf by type; it only ever holds facts about the program.
var plans sync.Map // reflect.Type → []paramField

// planOf lists the parameters of the struct type t in the order of its fields,
// embedded structs included. Tags that make no sense are a mistake in the
// program and panic. The result is shared: do not change it.
func planOf(t reflect.Type) []paramField {
	if known, ok := plans.Load(t); ok {
		return known.([]paramField)
	}
	plan := appendFields(nil, t, nil)
	plans.Store(t, plan)
	return plan
}

func appendFields(plan []paramField, t reflect.Type, parent []int) []paramField {
	for i := range t.NumField() {
		f := t.Field(i)
		// A copy: appending to parent in place would let siblings share it.
		index := append(append([]int(nil), parent...), i)
		tag, tagged := f.Tag.Lookup("param")
		switch {
		case tagged:
			plan = append(plan, fieldOf(t, f, tag, index))
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			plan = appendFields(plan, f.Type, index)
		}
	}
	return plan
}

func fieldOf(t reflect.Type, f reflect.StructField, tag string, index []int) paramField {
	names, option, _ := strings.Cut(tag, ";")
	fallback, hasDefault := f.Tag.Lookup("default")
	field := paramField{
		names:      strings.Split(names, ","),
		typ:        f.Type,
		required:   option == "required",
		fallback:   fallback,
		hasDefault: hasDefault,
		index:      index,
	}
	switch {
	case names == "" || option != "" && !field.required:
		panic(fmt.Sprintf("ocs: %s.%s: bad tag param:%q", t, f.Name, tag))
	case !f.IsExported() || !assignable(f.Type):
		panic(fmt.Sprintf("ocs: %s.%s: a %s cannot be a parameter", t, f.Name, f.Type))
	case hasDefault && !assign(reflect.New(f.Type).Elem(), fallback):
		panic(fmt.Sprintf("ocs: %s.%s: bad default %q", t, f.Name, fallback))
	}
	return field
}

// bind fills the struct that dst points to. Fields of absent parameters get
// their default or stay as they are. The error is a *paramError that names the
// first unusable parameter by its documented name.
func (p params) bind(dst any) error {
	if p.broken != "" {
		return &paramError{Name: p.broken}
	}
	target := reflect.ValueOf(dst).Elem()
	for _, field := range planOf(target.Type()) {
		if !field.bind(target.FieldByIndex(field.index), p.values) {
			return &paramError{Name: field.names[0]}
		}
	}
	return nil
}

func (f *paramField) bind(target reflect.Value, values map[string]any) bool {
	for _, name := range f.names {
		if v, ok := values[name]; ok {
			return assign(target, v)
		}
	}
	if f.hasDefault {
		return assign(target, f.fallback)
	}
	return !f.required
}
