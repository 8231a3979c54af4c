package features

import (
	"hash/crc32"
	"strconv"

	"pillion.example/pillion"
)

// Global is the popularity list of everybody.
const Global = "global"

const (
	active     = "active"
	lastBatch  = "batch"
	bucketBits = 5
	itemTags   = 64
)

func decimal(number int64) string { return strconv.FormatInt(number, 10) }

// place returns the bucket of a user, and the user's field in it.
func place(user pillion.ID, buckets int64) (bucket int64, field string) {
	if user.IsText() {
		return int64(crc32.ChecksumIEEE([]byte(user.Text))) % buckets, user.Text
	}
	return user.Number >> bucketBits, decimal(user.Number & (1<<bucketBits - 1))
}

func bucketKey(kind string, version, bucket int64) string {
	return kind + decimal(version) + ":{" + decimal(bucket) + "}"
}

func usersKey(version, bucket int64) string { return bucketKey("u", version, bucket) }

func seenKey(version, bucket int64) string { return bucketKey("s", version, bucket) }

func batchKey(version, run, bucket int64) string {
	return "r" + decimal(version) + "." + decimal(run) + ":{" + decimal(bucket) + "}"
}

func itemKey(version, number int64) string {
	return "i" + decimal(version) + ":{" + decimal(number%itemTags) + "}:" + decimal(number)
}

func itemKeys(version int64, numbers []int64) []string {
	keys := make([]string, len(numbers))
	for at, number := range numbers {
		keys[at] = itemKey(version, number)
	}
	return keys
}

func metaKey(version int64) string { return "meta" + decimal(version) }

func batchMetaKey(version int64) string { return "batch" + decimal(version) }

func idsKey(version int64) string { return "ids" + decimal(version) }

func namesKey(version int64) string { return "names" + decimal(version) }

func popularityKey(version int64, segment string) string {
	return "pop" + decimal(version) + ":" + segment
}
