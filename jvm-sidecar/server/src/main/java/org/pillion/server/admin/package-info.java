/** What operators ask: their token, and the changes of the model repository. */
package org.pillion.server.admin;
