package main

import (
	"io"
	"math"
)

// multinomial is a sum of products and an intercept for each class, then the softmax.
type multinomial struct{ intercepts, coefficients []float64 }

func readModel(file io.Reader, p *plan) model {
	return &multinomial{readArray(file), readArray(file)}
}

func (m *multinomial) score(p *plan, out []float64) {
	inLanes, n := p.fused && p.isDense(), len(p.feature)
	largest, sum := math.Inf(-1), 0.0
	for class := range out {
		out[class] = dot(p.feature, m.coefficients[class*n:(class+1)*n], inLanes) + m.intercepts[class]
		if out[class] > largest {
			largest = out[class]
		}
	}
	for class := range out {
		out[class] = math.Exp(out[class] - largest)
		sum += out[class]
	}
	share := 1 / sum
	for class := range out {
		out[class] *= share
	}
}
