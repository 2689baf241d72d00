package io.keelson.kvstore.gateway;

/** Answers HTTP requests. Called on an event loop; must not block. */
@FunctionalInterface
public interface HttpHandler {
    void handle(HttpExchange exchange);
}
