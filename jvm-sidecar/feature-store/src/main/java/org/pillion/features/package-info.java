/** Items of feature versions, from the online store into memory. */
package org.pillion.features;
