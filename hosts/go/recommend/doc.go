// Package recommend is the data plane of a host: it fetches the user, has the sidecar rank items, and answers from the
// degradation ladder where either is late or down.
//
// [Recommender.Recommend] never fails for want of a dependency. Its answer says which rung gave it and why:
//
//	reason                       meaning
//	(empty)                      an online answer about a known user
//	unknown_user                 the store does not know the user; the model was asked where it allows that
//	no_candidates                nothing is left to rank without the seen and the unknown items
//	no_snapshot                  no feature version was ever read, so there is nothing to answer with
//	no_scores                    the model gave no candidate a score
//	computed_ahead               the project file has what was computed ahead come first
//	overloaded                   as many requests as may ask store and sidecar are under way
//	deadline_exceeded            the time was up before the model had answered
//	store_unreachable, store_timeout, store_breaker_open, store_busy, store
//	                             the store gave nothing
//	corrupt_record               what the store gave is not what was written there
//	sidecar_unreachable, sidecar_timeout, sidecar_breaker_open, sidecar_busy, sidecar, sidecar_untrusted
//	                             the sidecar gave nothing
//	sidecar_refused              the sidecar works, but declined this request
//	sidecar_lacks_items          likewise: it does not have the items of the feature version in memory
//	unexpected_error             something failed in a way that nobody foresaw; the log has it
//
// The words are those of the Python package pillion.recommend, and tests hold both to the same answers.
package recommend
