package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aquasecurity/trivy-db/pkg/db"
	"github.com/aquasecurity/trivy-db/pkg/ecosystem"
	"github.com/aquasecurity/trivy-db/pkg/metadata"
	"github.com/aquasecurity/trivy-db/pkg/types"
	"github.com/aquasecurity/trivy-db/pkg/vulnsrc/bucket"
	"github.com/aquasecurity/trivy-db/pkg/vulnsrc/vulnerability"
	bolt "go.etcd.io/bbolt"
)

// The publisher's database is due a day after it was made.
const validFor = 24 * time.Hour

var languages = map[string]struct {
	ecosystem ecosystem.Type
	source    string
	newBucket func(types.DataSource) (bucket.DataSourceBucket, error)
}{
	"npm":   {ecosystem.Npm, "npm", bucket.NewNpm},
	"pip":   {ecosystem.Pip, "pip", bucket.NewPyPI},
	"maven": {ecosystem.Maven, "Maven", bucket.NewMaven},
	"go":    {ecosystem.Go, "Go", bucket.NewGo},
}

var debianSource = types.DataSource{
	ID:   vulnerability.Debian,
	Name: "Debian Security Tracker",
	URL:  "https://salsa.debian.org/security-tracker-team/security-tracker",
}

// writeDatabase makes each entry in a transaction of its own: where one touches two buckets, bbolt writes them in the order of a Go map,
// and the same advisories would give other bytes each time.
func writeDatabase(file advisoryFile, folder string) error {
	if err := db.Init(folder, db.WithBoltOptions(&bolt.Options{NoSync: true})); err != nil {
		return err
	}
	for _, one := range file.Advisories {
		if err := put(db.Config{}, one); err != nil {
			return fmt.Errorf("%s: %w", one.ID, err)
		}
	}
	return errors.Join(db.Config{}.Connection().Sync(), db.Close())
}

func put(config db.Config, one advisory) error {
	name, source, err := target(one)
	if err != nil {
		return err
	}
	content := one.content()
	for _, entry := range []func(*bolt.Tx) error{
		func(tx *bolt.Tx) error { return config.PutDataSource(tx, name, source) },
		func(tx *bolt.Tx) error {
			return config.PutAdvisory(tx, []string{name, one.packageName()}, one.ID, &content)
		},
		func(tx *bolt.Tx) error { return config.PutVulnerability(tx, one.ID, one.details(source.ID)) },
		func(tx *bolt.Tx) error { return config.PutVulnerabilityID(tx, one.ID) },
	} {
		if err := config.Connection().Update(entry); err != nil {
			return err
		}
	}
	return nil
}

// target is the bucket of an advisory, by the name that Trivy looks for, and whose advisory it is.
func target(one advisory) (string, types.DataSource, error) {
	language, found := languages[one.Ecosystem]
	if !found {
		return bucket.NewDebian(strings.TrimPrefix(one.Ecosystem, "debian ")).Name(), debianSource, nil
	}
	source := types.DataSource{
		ID:   vulnerability.GHSA,
		Name: "GitHub Security Advisory " + language.source,
		URL:  "https://github.com/advisories?query=type%3Areviewed+ecosystem%3A" + strings.ToLower(language.source),
	}
	made, err := language.newBucket(source)
	if err != nil {
		return "", source, err
	}
	return made.Name(), source, nil
}

func (one advisory) packageName() string {
	if language, found := languages[one.Ecosystem]; found {
		return vulnerability.NormalizePkgName(language.ecosystem, one.Package)
	}
	return one.Package
}

func (one advisory) content() types.Advisory {
	if _, found := languages[one.Ecosystem]; found {
		made := types.Advisory{VendorIDs: one.Aliases}
		for _, part := range one.Affected {
			made.VulnerableVersions = append(made.VulnerableVersions, part.Range)
			if part.Fixed != "" {
				made.PatchedVersions = append(made.PatchedVersions, part.Fixed)
			}
		}
		return made
	}
	made := types.Advisory{VendorIDs: one.Aliases, FixedVersion: one.Fixed}
	if one.Fixed == "" {
		made.Status = types.StatusAffected
	}
	made.Severity, _ = types.NewSeverity(one.Severity)
	return made
}

func (one advisory) details(source types.SourceID) types.Vulnerability {
	made := types.Vulnerability{
		Title: one.Title, CweIDs: one.CWEs, References: one.references(),
		Severity: cmp.Or(one.Severity, one.NVD), VendorSeverity: types.VendorSeverity{},
	}
	for id, name := range map[types.SourceID]string{source: one.Severity, vulnerability.NVD: one.NVD} {
		if severity, err := types.NewSeverity(name); err == nil {
			made.VendorSeverity[id] = severity
		}
	}
	if one.CVSS != nil {
		scored := source
		if one.Severity == "" {
			scored = vulnerability.NVD
		}
		made.CVSS = types.VendorCVSS{scored: {V3Score: one.CVSS.Score, V3Vector: one.CVSS.Vector}}
	}
	if !one.Published.IsZero() {
		made.PublishedDate = &one.Published
	}
	return made
}

func (one advisory) references() []string {
	found := []string{"https://nvd.nist.gov/vuln/detail/" + one.ID}
	for _, alias := range one.Aliases {
		if strings.HasPrefix(alias, "GHSA-") {
			found = append(found, "https://github.com/advisories/"+alias)
		}
	}
	if _, language := languages[one.Ecosystem]; !language {
		found = append(found, "https://security-tracker.debian.org/tracker/"+one.ID)
	}
	return found
}

// writeFacts dates the database, and says beside it that it is a sample: Trivy reads metadata.json, writes it anew with what it knows,
// and leaves other files alone.
func writeFacts(file advisoryFile, folder string) error {
	dates := metadata.Metadata{Version: db.SchemaVersion, UpdatedAt: file.UpdatedAt, NextUpdate: file.UpdatedAt.Add(validFor), DownloadedAt: file.UpdatedAt}
	if err := metadata.NewClient(folder).Update(dates); err != nil {
		return err
	}
	text, err := json.MarshalIndent(map[string]any{
		"sample": true, "advisories": len(file.Advisories), "updatedAt": file.UpdatedAt,
		"note": "A handful of real advisories to show a gate red and green. Not a security statement.",
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "sample.json"), append(text, '\n'), 0o644)
}
