/**
 * V2, ranking and health over gRPC: the library's messages and calls, translated to and from {@code
 * inference}.
 */
package org.pillion.server.grpc;
