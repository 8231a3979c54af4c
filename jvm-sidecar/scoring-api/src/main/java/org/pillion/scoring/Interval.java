package org.pillion.scoring;

/**
 * A range of valid values of a continuous field.
 *
 * @param left lower bound; negative infinity for none
 * @param leftClosed whether the lower bound itself is valid
 * @param right upper bound; positive infinity for none
 * @param rightClosed whether the upper bound itself is valid
 */
public record Interval(double left, boolean leftClosed, double right, boolean rightClosed) {}
