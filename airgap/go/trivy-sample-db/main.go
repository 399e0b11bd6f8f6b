// Makes a vulnerability database in Trivy's format (trivy-db, schema 2) out of a file of advisories, with Trivy's own code for it.
// The same file always gives the same bytes.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: trivy-sample-db ADVISORIES.yaml FOLDER")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build(source, folder string) error {
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	advisories, err := parse(content)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if err := os.RemoveAll(filepath.Join(folder, "trivy.db")); err != nil {
		return err
	}
	if err := writeDatabase(advisories, folder); err != nil {
		return err
	}
	return writeFacts(advisories, folder)
}
