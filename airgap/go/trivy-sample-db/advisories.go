package main

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/aquasecurity/trivy-db/pkg/types"
	"go.yaml.in/yaml/v3"
)

type advisoryFile struct {
	Version    int
	UpdatedAt  time.Time `yaml:"updatedAt"`
	Advisories []advisory
}

type advisory struct {
	ID        string
	Aliases   []string
	Ecosystem string
	Package   string
	Severity  string
	NVD       string
	CVSS      *score
	CWEs      []string
	Title     string
	Published time.Time
	Affected  []affected
	Fixed     string
}

type score struct {
	Score  float64
	Vector string
}

type affected struct {
	Range string
	Fixed string
}

var debianRelease = regexp.MustCompile(`^debian \d+$`)

// parse tells everything that is wrong at once, each with its place.
func parse(content []byte) (advisoryFile, error) {
	var file advisoryFile
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return file, err
	}
	var problems []error
	if file.Version != 1 {
		problems = append(problems, fmt.Errorf("version: expected 1, got %d", file.Version))
	}
	if file.UpdatedAt.IsZero() {
		problems = append(problems, errors.New("updatedAt: expected the date of the advisories, as in 2026-11-20T00:00:00Z"))
	}
	if len(file.Advisories) == 0 {
		problems = append(problems, errors.New("advisories: expected some; with none every scan would be clean"))
	}
	for i, one := range file.Advisories {
		for _, problem := range one.problems() {
			problems = append(problems, fmt.Errorf("advisories[%d] %s: %s", i, one.ID, problem))
		}
	}
	return file, errors.Join(problems...)
}

func (one advisory) problems() []string {
	var found []string
	for _, text := range [][2]string{{"id", one.ID}, {"package", one.Package}, {"title", one.Title}} {
		if text[1] == "" {
			found = append(found, text[0]+": expected a text")
		}
	}
	for _, severity := range []string{one.Severity, one.NVD} {
		if _, err := types.NewSeverity(severity); severity != "" && err != nil {
			found = append(found, fmt.Sprintf("severity: expected LOW, MEDIUM, HIGH or CRITICAL, got %q", severity))
		}
	}
	if one.Severity == "" && one.NVD == "" {
		found = append(found, "severity: expected one, or nvd: the one of NVD")
	}
	_, language := languages[one.Ecosystem]
	switch {
	case !language && !debianRelease.MatchString(one.Ecosystem):
		found = append(found, fmt.Sprintf("ecosystem: expected npm, pip, maven, go or a release as in \"debian 12\", got %q", one.Ecosystem))
	case language && len(one.Affected) == 0:
		found = append(found, "affected: expected ranges of versions")
	case !language && len(one.Affected) > 0:
		found = append(found, "affected: Debian has no ranges; write the first version that is not affected as fixed")
	}
	for _, part := range one.Affected {
		if part.Range == "" {
			found = append(found, "affected: expected a range, as in \"< 1.2.6\"")
		}
	}
	return found
}
