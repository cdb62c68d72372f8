// Package deploy is the way to AWS: stack.yaml is the stack, pipeline.yaml what
// brings new versions to it, and the commands are those of the Makefile. Its
// tests hold the templates to the rules that docs/deploy.md tells.
package deploy
