package org.pillion.scoring.pmml.tree;

import java.util.List;
import org.pillion.scoring.pmml.predicate.Predicate;

/**
 * {@code Node}.
 *
 * @param children empty for a leaf
 * @param outcome position of the node's score among the tree's, or -1 for none
 * @param defaultChild position among the children of the one for unknown predicates, or -1
 */
record TreeNode(Predicate predicate, List<TreeNode> children, int outcome, int defaultChild) {
  boolean isLeaf() {
    return children.isEmpty();
  }
}
