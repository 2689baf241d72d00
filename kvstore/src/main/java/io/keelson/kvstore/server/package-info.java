/**
 * The server: flags, start and stop, listeners, and the services of the etcd v3 API.
 *
 * <p>A request comes in on a Netty event loop, is parsed there once ({@link io.keelson.kvstore.server.RawRequest}),
 * checked, and either proposed ({@link io.keelson.kvstore.server.Proposals}) with the bytes it came in, or read at a read
 * point ({@link io.keelson.kvstore.server.ReadPoints}) on a reader thread. The answer goes out as the bytes that the
 * store made, behind a header ({@link io.keelson.kvstore.server.Headers}), without becoming objects again. Event loops
 * never wait.
 */
@NullMarked
package io.keelson.kvstore.server;

import org.jspecify.annotations.NullMarked;
