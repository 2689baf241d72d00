package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Answers {@code /} and {@code /index.html}: at which paths there is something, {@code {"paths": […]}} in the order of the alphabet. */
final class PathIndex implements Handler {
    private final Supplier<List<String>> paths;

    PathIndex(Supplier<List<String>> paths) {
        this.paths = paths;
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        ObjectNode index = Json.object();
        ArrayNode list = index.putArray("paths");
        new TreeSet<>(paths.get()).forEach(list::add);
        return ApiResponse.of(200, "application/json", Json.encodePretty(index));
    }
}
