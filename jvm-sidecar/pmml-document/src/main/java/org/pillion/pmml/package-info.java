/** Reading of untrusted documents, element by element, without an object tree. */
package org.pillion.pmml;
