// Package pilliontest has what tests of a host need: a fake sidecar, and a runner of verification sets.
package pilliontest
