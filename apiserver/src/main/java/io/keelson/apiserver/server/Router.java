package io.keelson.apiserver.server;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Leads a request to whoever answers it: resources to their handler, everything else by the beginning of its path. A
 * beginning stands for itself and for all that lies below it, but {@code /} and pages for themselves alone.
 */
final class Router implements Handler {
    private final Handler resources;
    private final Map<String, Handler> roots;

    Router(Handler resources, Map<String, Handler> roots) {
        this.resources = resources;
        this.roots = new LinkedHashMap<>(roots);
    }

    @Override
    public ApiResponse handle(ApiRequest request) throws InterruptedException {
        if (request.info().resourceRequest()) {
            return resources.handle(request);
        }
        String path = request.info().path();
        for (Map.Entry<String, Handler> root : roots.entrySet()) {
            String begin = root.getKey();
            boolean alone = begin.equals("/") || begin.endsWith(".html");
            if (path.equals(begin) || (!alone && path.startsWith(begin + "/"))) {
                return root.getValue().handle(request);
            }
        }
        throw ApiException.noSuchResource();
    }
}
