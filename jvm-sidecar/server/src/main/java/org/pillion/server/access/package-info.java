/** Who may call over TCP, and how the way there is protected: TLS, client certificates, tokens. */
package org.pillion.server.access;
