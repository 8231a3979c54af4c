/**
 * A host's view of a model: ranks candidates and scores records, wherever the engine runs.
 *
 * <p>No parameter, return value or component is null unless its documentation says so.
 */
package org.pillion.ranker;
