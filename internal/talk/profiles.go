package talk

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// EmailScope is the field that says who may know the e-mail address of an account,
// and ScopePrivate its value for nobody else.
const (
	EmailScope   = "emailScope"
	ScopePrivate = "v2-private"
)

// maxProfileText is the length of a part of a profile, in characters.
const maxProfileText = 1000

// The forms of parts of profiles that are more than words.
var (
	handleForm   = regexp.MustCompile(`^@?[A-Za-z0-9_]{1,30}$`)
	fediverse    = regexp.MustCompile(`^@?[A-Za-z0-9_.-]+@[\pL\pN.-]+(:[0-9]{1,5})?$`)
	languageForm = regexp.MustCompile(`^([a-z]{2,3})([_-][A-Za-z0-9]{2,8}){0,3}(@[a-z]{2,10})?$`)
	quotaForm    = regexp.MustCompile(`^([0-9]{1,15})(?:\.([0-9]{1,3}))? ?(?:([KMGTP])(?:I?B)?|B)?$`)
)

// languages are the codes of two letters that ISO 639-1 knows.
var languages = strings.Fields(`aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da
	de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it
	iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne
	ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv
	sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu`)

// profileForms check the parts of profiles that have a form. Empty values remove
// a part and are not checked.
var profileForms = map[string]func(string) bool{
	"phone":           func(v string) bool { _, ok := ParsePhone(v); return ok },
	"website":         validWebsite,
	"twitter":         handleForm.MatchString,
	"bluesky":         func(v string) bool { return validDomain(strings.TrimPrefix(v, "@")) },
	"fediverse":       fediverse.MatchString,
	"profile_enabled": func(v string) bool { return slices.Contains([]string{"0", "1", "true", "false"}, v) },
	"language":        validLanguage,
	"locale":          validLanguage,
	"quota":           func(v string) bool { _, ok := ParseQuota(v); return ok },
}

// ValidProfileField reports whether a part of a profile may have the value.
func ValidProfileField(name, value string) bool {
	if utf8.RuneCountInString(value) > maxProfileText {
		return false
	}
	check, ok := profileForms[name]
	return value == "" || !ok || check(value)
}

// validWebsite accepts addresses of the web, also without their scheme.
func validWebsite(value string) bool {
	if !strings.Contains(value, "://") {
		value = "https://" + value
	}
	u, err := url.Parse(value)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.Contains(u.Host, " ")
}

// validLanguage accepts languages with a region or a variant, such as de_DE.
func validLanguage(value string) bool {
	m := languageForm.FindStringSubmatch(value)
	return m != nil && (len(m[1]) == 3 || slices.Contains(languages, m[1]))
}

// UnlimitedQuota is the quota of accounts without any limit.
const UnlimitedQuota = -3

// ParseQuota reads the storage that an account may use, like "5 GB", "none" or
// "default", and returns it in bytes.
func ParseQuota(text string) (bytes int64, ok bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if text == "" || text == "NONE" || text == "DEFAULT" || text == strconv.Itoa(UnlimitedQuota) {
		return UnlimitedQuota, true
	}
	m := quotaForm.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	number, err := strconv.ParseFloat(m[1]+"."+m[2]+"0", 64)
	if err != nil {
		return 0, false
	}
	if m[3] != "" {
		number *= float64(int64(1) << (10 * (1 + strings.Index("KMGTP", m[3]))))
	}
	return int64(number), number < 1<<62
}
