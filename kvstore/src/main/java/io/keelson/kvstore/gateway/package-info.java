/**
 * What the server says over plain HTTP: the JSON form of the API, health, versions and metrics.
 *
 * <p>Requests come from {@code server.net} as {@link io.keelson.kvstore.gateway.HttpExchange}s, over HTTP/1.1 or HTTP/2
 * alike. The JSON gateway calls the same gRPC services as everybody else, over a channel inside the process, so that
 * checks and permissions are in one place.
 */
@NullMarked
package io.keelson.kvstore.gateway;

import org.jspecify.annotations.NullMarked;
