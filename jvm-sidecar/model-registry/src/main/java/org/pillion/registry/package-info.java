/** The model repository on disk: read, verified, warmed and swapped in atomically. No network. */
package org.pillion.registry;
