/** Tensors of V2, and how they become columns. */
package org.pillion.server.tensor;
