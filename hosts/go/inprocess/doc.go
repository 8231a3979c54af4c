// Package inprocess scores in a JVM inside this process: a batch in one call, without a sidecar.
//
// It needs cgo, a JDK 17 or later, and the build tag pillion_jvm; without the tag it has nothing but this text. The JDK's headers
// are found by CGO_CFLAGS, and libjvm is loaded when the JVM starts:
//
//	CGO_CFLAGS="-I$JAVA_HOME/include -I$JAVA_HOME/include/linux" go build -tags pillion_jvm
//
// HotSpot installs signal handlers that would run on a goroutine's small stack, where the first recovered nil dereference ends the
// process. [Start] has them run on the stack that Go keeps for signals.
package inprocess
