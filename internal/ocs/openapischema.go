package ocs

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// schemas makes JSON schemas of examples. Structs become components, which
// schemas refer to.
type schemas struct {
	components Object
	// vague are examples of types that are vague by themselves.
	vague    map[reflect.Type]any
	glossary Glossary
}

// of returns the schema of values like the example.
func (s *schemas) of(example any) Object {
	switch e := example.(type) {
	case nil:
		return Object{}
	case OneOf:
		return s.anyOf(e)
	case ByName:
		return Object{"type": "object", "additionalProperties": s.of(e.Example)}
	case Object:
		members := make(Fields, 0, len(e))
		for _, name := range slices.Sorted(maps.Keys(e)) {
			members = append(members, Field{name, e[name]})
		}
		return s.members(members)
	case Fields:
		return s.members(e)
	}
	return s.ofValue(reflect.ValueOf(example))
}

func (s *schemas) anyOf(examples OneOf) Object {
	options := make([]Object, len(examples))
	for i, e := range examples {
		options[i] = s.of(e)
	}
	return Object{"anyOf": options}
}

// members returns the schema of an object with these members, which is open
// when there are none.
func (s *schemas) members(all Fields) Object {
	if len(all) == 0 {
		return Object{"type": "object"}
	}
	properties, required := Object{}, []string{}
	for _, f := range all {
		example := f.Value
		if m, ok := example.(MayBeAbsent); ok {
			example = m.Example
		} else {
			required = append(required, f.Name)
		}
		properties[f.Name] = s.of(example)
		if example == nil {
			properties[f.Name] = Object{"type": "null"}
		}
	}
	return structure(properties, required)
}

func structure(properties Object, required []string) Object {
	out := Object{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// ofValue returns the schema of values of the same type; the value itself counts
// only where the type is vague.
func (s *schemas) ofValue(v reflect.Value) Object {
	t := v.Type()
	if example, ok := s.vague[t]; ok && v.IsZero() {
		if reflect.TypeOf(example) != t {
			return s.of(example)
		}
		v = reflect.ValueOf(example)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.ofValue(reflect.Zero(t.Elem())))
	case reflect.Interface:
		return s.of(v.Interface())
	case reflect.Slice:
		return Object{"type": "array", "items": s.ofType(t.Elem())}
	case reflect.Map:
		return Object{"type": "object", "additionalProperties": s.ofType(t.Elem())}
	case reflect.Struct:
		return s.component(v)
	}
	return Object{"type": scalar(t)}
}

func (s *schemas) ofType(t reflect.Type) Object {
	if t.Kind() == reflect.Interface {
		return Object{}
	}
	return s.ofValue(reflect.Zero(t))
}

// component refers to the schema of a struct, which is made when it is met for
// the first time.
func (s *schemas) component(v reflect.Value) Object {
	name := componentName(v.Type())
	if _, known := s.components[name]; !known {
		s.components[name] = Object{} // for structs that contain themselves
		properties, required := s.fields(v, Object{}, nil)
		s.explain(name, properties)
		s.components[name] = structure(properties, required)
	}
	return Object{"$ref": "#/components/schemas/" + name}
}

// explain describes the members of a component that the glossary knows for it, or
// that mean the same everywhere.
func (s *schemas) explain(name string, properties Object) {
	for member, schema := range properties {
		term, own := s.glossary.of(name, member)
		if o, ok := schema.(Object); ok && term.Text != "" && (own || term.Example == nil) {
			o["description"] = term.Text
		}
	}
}

// componentName is the name of the type with a capital letter.
func componentName(t reflect.Type) string {
	first, size := utf8.DecodeRuneInString(t.Name())
	return string(unicode.ToUpper(first)) + t.Name()[size:]
}

// fields adds what encoding/json writes of a struct. The members of an embedded
// pointer may be absent all together.
func (s *schemas) fields(v reflect.Value, properties Object, required []string) (Object, []string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Pointer:
			s.fields(reflect.Zero(f.Type.Elem()), properties, nil)
		case f.Anonymous:
			properties, required = s.fields(v.Field(i), properties, required)
		case !f.IsExported():
		default:
			properties[name] = s.ofField(v.Field(i), option)
			if option != "omitempty" {
				required = append(required, name)
			}
		}
	}
	return properties, required
}

// ofField returns the schema of a member; one that is left out is never null.
func (s *schemas) ofField(v reflect.Value, option string) Object {
	if option == "omitempty" && v.Kind() == reflect.Pointer {
		return s.ofValue(reflect.Zero(v.Type().Elem()))
	}
	return s.ofValue(v)
}

// nullable lets a schema take null too.
func nullable(schema Object) Object {
	if t, ok := schema["type"].(string); ok {
		schema["type"] = []string{t, "null"}
		return schema
	}
	return Object{"anyOf": []Object{schema, {"type": "null"}}}
}

// scalar names the type of a single value.
func scalar(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	default:
		return "integer"
	}
}

// ofParam returns the schema of a parameter.
func (s *schemas) ofParam(f *paramField) Object {
	t := f.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	schema := s.ofType(t)
	if t == textOrIntType {
		delete(schema, "type") // a list of types is something that few generators know
		schema["anyOf"] = []Object{{"type": "string"}, {"type": "integer"}}
	}
	if f.hasDefault {
		value := reflect.New(t).Elem()
		assign(value, f.fallback)
		schema["default"] = value.Interface()
	}
	if len(f.names) > 1 {
		schema["description"] = "Also called " + strings.Join(f.names[1:], ", ") + "."
	}
	return schema
}
