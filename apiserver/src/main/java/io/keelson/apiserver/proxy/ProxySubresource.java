package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.rest.ResourceHandler;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code nodes/proxy}, {@code pods/proxy} and {@code services/proxy}: any request, passed on to what stands behind
 * the object, under the path that follows {@code proxy}.
 */
final class ProxySubresource implements ResourceHandler.SubresourceHandler {
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

    private final String options;
    private final Finder finder;
    private final Forwarding forwarding;
    private final ConnectAdmission admission;

    /** What a name in a path stands for. */
    @FunctionalInterface
    interface Finder {
        /** @throws ApiException if there is no such object, or nothing behind it that may be connected to */
        Found find(String namespace, String name) throws InterruptedException, BackendException;
    }

    /** @param address what the host of the destination stands for; null if that is left to a proxy */
    record Found(Destination destination, @Nullable InetAddress address) {}

    /** @param options their kind, {@code PodProxyOptions} for example */
    ProxySubresource(String options, Finder finder, Forwarding forwarding, ConnectAdmission admission) {
        this.options = options;
        this.finder = finder;
        this.forwarding = forwarding;
        this.admission = admission;
    }

    @Override
    public ApiResponse handle(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        if (!METHODS.contains(request.method())) {
            throw ApiException.methodNotAllowed();
        }
        String rest = request.info().rest();
        String path = request.info().path();
        ObjectNode asked = Json.object();
        if (!rest.isEmpty()) {
            asked.put("path", rest);
        }
        admission.admit(request, resource, options, asked);
        boolean upgrade = !Forwarding.upgradeOf(request).isEmpty();
        if (rest.isEmpty() && !upgrade) {
            // So that relative links of the page lead below it.
            String query = ProxyPath.query(request.query().raw());
            return new ApiResponse.Whole(301, Map.of("Location", ProxyPath.escape(path) + "/" + query), List.of());
        }
        String target = ProxyPath.escape(rest.isEmpty() ? "/" : rest);
        Found found;
        try {
            found = finder.find(request.info().namespace(), request.info().name());
        } catch (BackendException e) {
            throw Forwarding.unreachable(e, upgrade);
        }
        String prefix = path.endsWith(rest) ? path.substring(0, path.length() - rest.length()) : path;
        String host = request.headers().first("Host");
        Links links = new Links(
                host == null ? "" : host,
                ProxyPath.escape(prefix),
                found.destination().authority());
        return forwarding.forward(
                request,
                new Forwarding.Way(
                        found.destination(),
                        found.address(),
                        target + ProxyPath.query(request.query().raw()),
                        Map.of("X-Forwarded-Uri", List.of(ProxyPath.escape(prefix) + target)),
                        false,
                        links,
                        CONNECT_MAX,
                        Duration.ZERO,
                        false,
                        (why, upgrading) -> {
                            throw Forwarding.unreachable(why, upgrading);
                        }));
    }
}
