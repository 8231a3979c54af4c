package main

import "io"

// linear is a sum of products and an intercept.
type linear struct {
	intercept    float64
	coefficients []float64
}

func readModel(file io.Reader, p *plan) model {
	return &linear{readArray(file)[0], readArray(file)}
}

func (m *linear) score(p *plan, out []float64) {
	margin := dot(p.feature, m.coefficients, p.fused && p.isDense()) + m.intercept
	if p.rule == logisticRule {
		logistic(margin, out)
	} else {
		out[0] = margin
	}
}
