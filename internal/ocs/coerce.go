package ocs

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	stringListType = reflect.TypeFor[[]string]()
	stringMapType  = reflect.TypeFor[map[string][]string]()
	objectType     = reflect.TypeFor[map[string]any]()
	textOrIntType  = reflect.TypeFor[TextOrInt]()
)

// TextOrInt is a parameter that the protocol declares as a text or an integer; an
// integer is kept as its decimal digits.
type TextOrInt string

// assignable tells whether a field of type t can take a parameter.
func assignable(t reflect.Type) bool {
	if t == stringListType || t == stringMapType || t == objectType {
		return true
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	kind := t.Kind()
	return kind == reflect.String || kind == reflect.Bool || kind >= reflect.Int && kind <= reflect.Uint64
}

// assign coerces v, one of the types listed at params, to the type of dst. It
// returns false when the coercion table has no answer.
func assign(dst reflect.Value, v any) bool {
	switch dst.Kind() {
	case reflect.Pointer:
		target := reflect.New(dst.Type().Elem())
		dst.Set(target)
		return assign(target.Elem(), v)
	case reflect.String:
		s, ok := v.(string)
		if n, isNumber := v.(json.Number); isNumber && dst.Type() == textOrIntType {
			s = n.String()
			ok = strings.Trim(s[signLen(s):], "0123456789") == ""
		}
		dst.SetString(s)
		return ok && isText(s)
	case reflect.Bool:
		dst.SetBool(toBool(v))
		return true
	case reflect.Slice, reflect.Map:
		return assignArray(dst, v)
	default:
		setInt(dst, ToInt(v))
		return true
	}
}

// setInt stores n in an integer of any size, saturating at its bounds.
func setInt(dst reflect.Value, n int64) {
	bits := dst.Type().Bits()
	if dst.CanUint() {
		highest := uint64(math.MaxUint64) >> (64 - bits)
		dst.SetUint(min(uint64(max(n, 0)), highest))
		return
	}
	highest := int64(math.MaxInt64) >> (64 - bits)
	dst.SetInt(min(max(n, -highest-1), highest))
}

// ToInt is the integer cast of PHP: text counts up to its first non-numeric
// character, fractions are cut, an array is 1 unless empty.
func ToInt(v any) int64 {
	switch v := v.(type) {
	case string:
		return LeadingInt(v)
	case json.Number:
		return LeadingInt(v.String())
	case bool:
		if v {
			return 1
		}
		return 0
	default:
		return int64(min(arrayLen(v), 1))
	}
}

// LeadingInt reads the number at the start of s; 0 if there is none.
func LeadingInt(s string) int64 {
	s = strings.TrimLeft(s, " \t\n\r\v\f")
	whole, all := numericPrefix(s)
	if whole == all {
		// On overflow ParseInt returns the nearest bound, on no digits 0.
		n, _ := strconv.ParseInt(s[:whole], 10, 64)
		return n
	}
	f, _ := strconv.ParseFloat(s[:all], 64)
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	default:
		return int64(f)
	}
}

// numericPrefix returns how many bytes at the start of s are an integer, and
// how many are a number when fraction and exponent are counted in.
func numericPrefix(s string) (whole, all int) {
	sign := signLen(s)
	whole = sign + digitsLen(s[sign:])
	all = whole
	mantissa := whole - sign
	if strings.HasPrefix(s[all:], ".") {
		fraction := digitsLen(s[all+1:])
		mantissa += fraction
		all += 1 + fraction
	}
	if mantissa == 0 {
		return 0, 0
	}
	if all < len(s) && (s[all] == 'e' || s[all] == 'E') {
		sign := signLen(s[all+1:])
		if exponent := digitsLen(s[all+1+sign:]); exponent > 0 {
			all += 1 + sign + exponent
		}
	}
	return whole, all
}

func signLen(s string) int {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return 1
	}
	return 0
}

func digitsLen(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// toBool is truthiness as PHP sees it, with one exception that clients rely on:
// the exact text "false" is false. "False", "no" and "off" are true.
func toBool(v any) bool {
	switch v := v.(type) {
	case string:
		return v != "" && v != "0" && v != "false"
	case json.Number:
		f, _ := v.Float64()
		return f != 0
	case bool:
		return v
	default:
		return arrayLen(v) > 0
	}
}

func arrayLen(v any) int {
	switch v := v.(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	default:
		return 0
	}
}

// assignArray fills one of the three array types; scalars have no place there.
func assignArray(dst reflect.Value, v any) bool {
	var result any
	var ok bool
	switch dst.Type() {
	case stringListType:
		result, ok = toStrings(v)
	case stringMapType:
		result, ok = toStringMap(v)
	default:
		result, ok = toObject(v)
	}
	if ok {
		dst.Set(reflect.ValueOf(result))
	}
	return ok
}

// toStrings takes the values of a list, or of an object in the order of its
// keys. Numbers and booleans become text, null is left out.
func toStrings(v any) ([]string, bool) {
	items, ok := listOf(v)
	texts := make([]string, 0, len(items))
	for _, item := range items {
		if item == nil {
			continue
		}
		text, isScalar := scalarText(item)
		ok = ok && isScalar && isText(text)
		texts = append(texts, text)
	}
	return texts, ok
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "1", true
		}
		return "", true
	default:
		return "", false
	}
}

func toStringMap(v any) (map[string][]string, bool) {
	object, ok := toObject(v)
	lists := make(map[string][]string, len(object))
	for key, item := range object {
		if item == nil {
			continue
		}
		list, isList := toStrings(item)
		ok = ok && isList && isText(key)
		lists[key] = list
	}
	return lists, ok
}

// toObject takes an object as it is and a list as an object with the keys
// 0…n-1: PHP clients write an empty object as [].
func toObject(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, isCleanTree(v)
	case []any:
		object := make(map[string]any, len(v))
		for i, item := range v {
			object[strconv.Itoa(i)] = item
		}
		return object, isCleanTree(v)
	default:
		return nil, false
	}
}

// listOf returns the items of an array; those of an object in the order of its
// keys, numbers first.
func listOf(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.SortFunc(keys, compareKeys)
		items := make([]any, 0, len(v))
		for _, key := range keys {
			items = append(items, v[key])
		}
		return items, true
	default:
		return nil, false
	}
}

func compareKeys(a, b string) int {
	n, errA := strconv.Atoi(a)
	m, errB := strconv.Atoi(b)
	switch {
	case errA == nil && errB == nil:
		return cmp.Or(cmp.Compare(n, m), cmp.Compare(a, b))
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	default:
		return cmp.Compare(a, b)
	}
}

// isCleanTree tells whether every key and every text below v is proper text.
func isCleanTree(v any) bool {
	switch v := v.(type) {
	case string:
		return isText(v)
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !isCleanTree(item) })
	case map[string]any:
		for key, item := range v {
			if !isText(key) || !isCleanTree(item) {
				return false
			}
		}
	}
	return true
}

// isText rejects what databases and clients choke on: broken UTF-8 and NUL.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
