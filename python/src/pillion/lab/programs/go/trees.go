package main

import "io"

type node struct {
	feature     int // −1 of a leaf
	left, right int // of a leaf, left is its number
	first       int // of its categories, −1 where it has a threshold
	count       float64
	threshold   float64
}

// trees are trees in arrays of nodes: boosted ones and forests.
type trees struct {
	weights     []float64
	roots       []int
	nodes       []node
	goesLeft    []float64
	values      []float64
	predictions []float64
}

func readModel(file io.Reader, p *plan) model {
	m := &trees{weights: readArray(file), roots: readInts(file)}
	features, thresholds := readInts(file), readArray(file)
	left, right := readInts(file), readInts(file)
	first, count := readInts(file), readArray(file)
	for i := range features {
		m.nodes = append(m.nodes, node{features[i], left[i], right[i], first[i], count[i], thresholds[i]})
	}
	m.goesLeft, m.values = readArray(file), readArray(file)
	m.predictions = make([]float64, len(m.roots))
	return m
}

func (m *trees) leaf(tree int, feature []float64) int {
	at := &m.nodes[m.roots[tree]]
	for at.feature >= 0 {
		value := feature[at.feature]
		left := value <= at.threshold
		if at.first >= 0 {
			left = value < at.count && m.goesLeft[at.first+int(value)] != 0
		}
		if left {
			at = &m.nodes[at.left]
		} else {
			at = &m.nodes[at.right]
		}
	}
	return at.left
}

func (m *trees) score(p *plan, out []float64) {
	if p.rule == votes {
		for class := range out {
			out[class] = 0
		}
		for tree := range m.roots {
			leaf := m.leaf(tree, p.feature)
			for class, share := range m.values[leaf*len(out) : (leaf+1)*len(out)] {
				out[class] += share
			}
		}
		sum := 0.0
		for _, share := range out {
			sum += share
		}
		for class := range out {
			out[class] /= sum
		}
		return
	}
	for tree := range m.roots {
		m.predictions[tree] = m.values[m.leaf(tree, p.feature)]
	}
	if p.rule == mean {
		sum := 0.0
		for _, prediction := range m.predictions {
			sum += prediction
		}
		out[0] = sum / float64(len(m.roots))
		return
	}
	margin := dot(m.predictions, m.weights, p.fused)
	if p.rule == boostedLogistic {
		logistic(2*margin, out)
	} else {
		out[0] = margin
	}
}
