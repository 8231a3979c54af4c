package pillion_test

import (
	"testing"

	"pillion.example/pillion"
)

func TestAnAnswerWithoutItemsSaysWhy(t *testing.T) {
	for _, one := range []struct {
		ranked pillion.Ranked
		reason string
	}{
		{pillion.Ranked{}, "no_candidates"},
		{pillion.Ranked{Candidates: 2, Unscored: 2}, "no_scores"},
		{pillion.Ranked{Candidates: 2, Unscored: 1, Items: make([]pillion.RankedItem, 1)}, ""},
	} {
		if reason := one.ranked.Reason(); reason != one.reason {
			t.Errorf("%+v gives %q, not %q", one.ranked, reason, one.reason)
		}
	}
}
