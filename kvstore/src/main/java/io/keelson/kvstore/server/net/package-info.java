/**
 * Listeners for clients. One port speaks gRPC, HTTP/1.1 and HTTP/2, each natively: the first bytes of a connection tell
 * HTTP/1.1 from HTTP/2, and on an HTTP/2 connection the content type of each stream tells gRPC from everything else. A
 * gRPC call meets nothing of this but one comparison of its content type.
 */
@NullMarked
package io.keelson.kvstore.server.net;

import org.jspecify.annotations.NullMarked;
