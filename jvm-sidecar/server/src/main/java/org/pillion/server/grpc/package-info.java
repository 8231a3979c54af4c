/**
 * V2 over gRPC: unary calls over HTTP/2, and the few message types they carry, read and written
 * without generated code.
 */
package org.pillion.server.grpc;
