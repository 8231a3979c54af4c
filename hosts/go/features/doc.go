// Package features reads the online store: its layout, a user's features in one trip, and a snapshot of items and popularity
// in memory and on disk.
//
// The layout is that of docs/store-layout.md, which Python's writer writes and which golden bytes hold every reader to.
package features
