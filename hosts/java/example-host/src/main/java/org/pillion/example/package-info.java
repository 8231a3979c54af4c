/**
 * A service with the routes of Pillion's shim, as an example of how a Java host is put together.
 */
package org.pillion.example;
